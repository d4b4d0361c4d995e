package eks

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// hosts is what a cluster remembers of where its pods run, and of who minds.
type hosts struct {
	all           []constructs.IConstruct // nodes and Fargate profiles
	profiles      []*FargateProfile
	logging       *fargateLogging // of all profiles
	coreDns       bool            // whether CoreDNS is to run on Fargate
	insights      string          // the path of a ContainerInsights, "" for none
	podIdentities []podIdentityRole
}

// podIdentityRole is one that Fargate does not reach.
type podIdentityRole struct{ namespace, path string }

// remember notes what later constructs ask, and has the whole looked at when all is made.
func (c *Cluster) remember(a *AddOns) {
	c.hosts.coreDns = a.CoreDnsOnFargate
	// Without this flag the CDK makes the provider of IRSA by a Lambda function. It must stand before anything is below the cluster.
	c.Node().SetContext(jsii.String("@aws-cdk/aws-eks:useNativeOidcProvider"), true)
	c.Node().AddValidation(&hostsCheck{c})
}

// awaitHosts lets an add-on of another construct come after the cluster's own, and after what runs pods, be it made before or later.
func (c *Cluster) awaitHosts(addOn awseksv2.CfnAddon) {
	addOn.Node().AddDependency(c.before...)
	c.afterNodes(addOn)
}

// onFargate tells whether pods of a namespace may run on Fargate.
func (c *Cluster) onFargate(namespace string) bool {
	for _, p := range c.hosts.profiles {
		for _, s := range p.selectors {
			if s.takes(namespace) {
				return true
			}
		}
	}
	return false
}

// takes tells whether the selector is for pods of a namespace, some or all.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html#fargate-profile-wildcards
func (s *FargateSelector) takes(namespace string) bool {
	if invalid.IsToken(namespace) || invalid.IsToken(s.Namespace) {
		return namespace == s.Namespace
	}
	pattern := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(s.Namespace))
	return regexp.MustCompile("^" + pattern + "$").MatchString(namespace)
}

// hostsCheck looks at a whole cluster, before it is synthesized: by then it is known what runs its pods.
type hostsCheck struct{ cluster *Cluster }

// Validate gives what would never come up.
func (v *hostsCheck) Validate() *[]*string {
	var problems []string
	h := &v.cluster.hosts
	fargateOnly := len(h.profiles) > 0 && len(h.profiles) == len(h.all)
	if h.coreDns && !v.cluster.onFargate(kubeSystem) {
		problems = append(problems, fmt.Sprintf("AddOns.CoreDnsOnFargate asks for CoreDNS on Fargate, and no FargateProfile selects its namespace; "+
			"make one with a selector of namespace %q", kubeSystem))
	}
	if fargateOnly && !h.coreDns {
		problems = append(problems, "runs pods on Fargate alone, where CoreDNS does not run unless told so; set AddOns.CoreDnsOnFargate, or give the cluster nodes")
	}
	if fargateOnly && h.insights != "" {
		problems = append(problems, fmt.Sprintf("runs pods on Fargate alone, where the add-on of %s does not run; leave that out, or give the cluster nodes", h.insights))
	}
	return jsii.Strings(problems...)
}

const kubeSystem = "kube-system"
