package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/describe"
)

// driverAddOn is a CSI driver as EKS installs it: in namespace kube-system, its service accounts with roles by Pod Identity.
// https://docs.aws.amazon.com/eks/latest/userguide/storage.html
type driverAddOn struct {
	driver    *csiDriver
	addOn     string
	version   string
	onFargate string // what to do in a cluster without nodes
	accounts  []driverAccount
	settings  map[string]any // the add-on's configuration
}

// driverAccount is one service account, and what its pods are.
type driverAccount struct {
	id       string // of what is made for it, below the scope
	name     string
	does     string   // for the description of its role
	policies []string // of AWS
}

// newDriver installs a driver, with one role for each of its service accounts. It comes after all nodes, and goes before them: without its
// pods no volume is detached or deleted.
func (c *Cluster) newDriver(scope constructs.Construct, d driverAddOn) (awseksv2.CfnAddon, []awsiam.Role) {
	path := *scope.Node().Path()
	c.rememberDriver(d.driver, path)
	c.needsNodes(path, "the driver of "+d.driver.storage, d.onFargate+", or give the cluster nodes")
	c.fargate.podIdentities = append(c.fargate.podIdentities, podIdentityRole{kubeSystem, path})
	addOn := c.addOnBelow(scope, "AddOn", d.addOn, d.version, d.settings)
	roles := make([]awsiam.Role, len(d.accounts))
	associations := make([]any, len(d.accounts))
	for i, a := range d.accounts {
		c.claim(kubeSystem, a.name, path)
		below := constructs.NewConstruct(scope, &a.id)
		roles[i] = newPodIdentityRole(below, describe.Of(a.does+" of", path), c, kubeSystem, a.name)
		for _, policy := range managedPolicies(a.policies) {
			roles[i].AddManagedPolicy(policy)
		}
		explainManaged(roles[i], a.policies...)
		associations[i] = &awseksv2.CfnAddon_PodIdentityAssociationProperty{RoleArn: roles[i].RoleArn(), ServiceAccount: &a.name}
		addOn.Node().AddDependency(roles[i]) // with all that it may do
	}
	addOn.SetPodIdentityAssociations(associations)
	addOn.Node().AddDependency(c.before...) // among them what gives its pods their roles
	c.afterNodes(addOn)
	if c.AlbController != nil {
		addOn.Node().AddDependency(c.AlbController) // whose webhook is asked about the add-on's Services
	}
	return addOn, roles
}

func managedPolicies(names []string) []awsiam.IManagedPolicy { return *managed(names...) }

// checkDriverPlace notes what keeps a driver's pods from their role, or from running.
func (c *Cluster) checkDriverPlace(driver *csiDriver, accounts []string, version string, bad *invalid.Problems) {
	c.checkDriver(driver, bad)
	if c.onFargate(kubeSystem) {
		bad.Add("Cluster", "has a FargateProfile that takes namespace %q, in which the driver's controller would run without its role; select fewer pods there", kubeSystem)
	}
	for _, account := range accounts {
		if path := c.accounts[kubeSystem+"/"+account]; path != "" && c.storage.drivers[driver.name] == "" {
			bad.Add("Cluster", "has a role for service account %q, the driver's, already, of %s; leave that out", account, path)
		}
	}
	checkAddOnVersion("AddOnVersion", version, bad)
}

// checkAddOnVersion notes a version that no add-on has.
func checkAddOnVersion(field, version string, bad *invalid.Problems) {
	if version != "" && !invalid.IsToken(version) && !addOnVersion.MatchString(version) {
		bad.Add(field, `%q is no version of an add-on; write it as "v1.20.4-eksbuild.2"`, version)
	}
}
