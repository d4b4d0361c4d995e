package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/describe"
	"awscontainers/internal/peer"
)

// driverAddOn is a CSI driver as EKS installs it: in namespace kube-system, its service accounts with roles by EKS Pod Identity.
// https://docs.aws.amazon.com/eks/latest/userguide/storage.html
type driverAddOn struct {
	driver        *csiDriver
	addOn         string
	version       string
	configuration map[string]any
	fargateAdvice string // what to do in a cluster without nodes
	accounts      []driverAccount
}

// driverAccount is one of a driver's service accounts.
type driverAccount struct {
	id       string // of its constructs, below the scope
	name     string
	purpose  string   // for the description of its role
	policies []string // managed by AWS
}

// newDriver installs a driver, with one role for each of its service accounts. It comes after all nodes and CoreDNS, and is deleted before
// them: without its pods, and the way by which they find AWS, no volume is detached or deleted.
func (c *Cluster) newDriver(scope constructs.Construct, d driverAddOn) (awseksv2.CfnAddon, []awsiam.Role) {
	path := *scope.Node().Path()
	c.storage.addDriver(d.driver, path)
	c.requireNodes(path, "the driver of "+d.driver.storage, d.fargateAdvice+" or give the cluster nodes")
	c.roles.addPodIdentity(kubeSystem, path)
	addOn := c.podAddOn(scope, "AddOn", d.addOn, d.version, d.configuration)
	roles := make([]awsiam.Role, len(d.accounts))
	associations := make([]any, len(d.accounts))
	for i, a := range d.accounts {
		c.roles.assign(kubeSystem, a.name, path)
		below := constructs.NewConstruct(scope, &a.id)
		roles[i] = newPodIdentityRole(below, describe.Of(a.purpose+" of", path), c, kubeSystem, a.name)
		for _, policy := range *managedPolicies(a.policies...) {
			roles[i].AddManagedPolicy(policy)
		}
		suppressManagedPolicies(roles[i], a.policies...)
		associations[i] = &awseksv2.CfnAddon_PodIdentityAssociationProperty{RoleArn: roles[i].RoleArn(), ServiceAccount: &a.name}
		addOn.Node().AddDependency(roles[i]) // with its policies
	}
	addOn.SetPodIdentityAssociations(associations)
	return addOn, roles
}

// peerOf returns the cluster security group, which all nodes have, as a construct reaches others by it: rules are created in the
// stack of that construct.
func (c *Cluster) peerOf(user constructs.Construct) awsec2.IConnectable {
	return peer.Groups{Scope: user, SecurityGroups: []awsec2.ISecurityGroup{c.Cluster.ClusterSecurityGroup()}}
}

// checkDriver refuses a driver that the cluster already has, and what keeps the driver's pods from their roles.
func (c *Cluster) checkDriver(driver *csiDriver, namespace string, accounts []string, bad *invalid.Problems) {
	if c == nil {
		return
	}
	if path := c.storage.drivers[driver.name]; path != "" {
		bad.Add("Cluster", "must not have another driver for %s", driver.storage).Advise("put all classes in %s", path)
		return
	}
	if len(accounts) > 0 {
		c.checkNotOnFargate(namespace, "the driver", bad)
	}
	for _, account := range accounts {
		if path := c.roles.owner(namespace, account); path != "" {
			bad.Add("Cluster", "must not have another role for the driver's service account %q", account).Advise("remove the role of %s", path)
		}
	}
}
