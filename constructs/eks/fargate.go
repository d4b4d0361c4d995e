package eks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
)

// fargate is what a cluster remembers of Fargate, and of who minds.
type fargate struct {
	profiles      []*FargateProfile
	logging       *fargateLogging // of all profiles
	coreDns       bool            // whether CoreDNS is to run there
	insights      string          // the path of a ContainerInsights, "" for none
	podIdentities []podIdentityRole
}

// podIdentityRole is one that Fargate does not reach.
type podIdentityRole struct{ namespace, path string }

// remember notes what later constructs ask, and has the whole looked at when all is made.
func (c *Cluster) remember(a *AddOns) {
	c.fargate.coreDns = a.CoreDnsOnFargate
	// Without this flag the CDK makes the provider of IRSA by a Lambda function. It must stand before anything is below the cluster.
	c.Node().SetContext(jsii.String("@aws-cdk/aws-eks:useNativeOidcProvider"), true)
	c.Node().AddValidation(&fargateCheck{cluster: c})
}

// onFargate tells whether pods of a namespace may run on Fargate.
func (c *Cluster) onFargate(namespace string) bool {
	for _, p := range c.fargate.profiles {
		for _, s := range p.selectors {
			if s.takes(namespace) {
				return true
			}
		}
	}
	return false
}

// allOnFargate tells whether all pods of a namespace do, whatever their labels.
func (c *Cluster) allOnFargate(namespace string) bool {
	return slices.ContainsFunc(c.fargate.profiles, func(p *FargateProfile) bool {
		return slices.ContainsFunc(p.selectors, func(s FargateSelector) bool { return s.takes(namespace) && len(s.Labels) == 0 })
	})
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

// fargateCheck looks at a whole cluster, before it is synthesized: by then it is known what runs its pods.
type fargateCheck struct {
	cluster *Cluster
	warned  bool
}

// Validate gives what would never come up.
func (v *fargateCheck) Validate() *[]*string {
	var problems []string
	v.warnOfNoNodes()
	f := &v.cluster.fargate
	if f.coreDns && v.cluster.onFargate(kubeSystem) && !v.cluster.allOnFargate(kubeSystem) {
		problems = append(problems, fmt.Sprintf("AddOns.CoreDnsOnFargate asks for CoreDNS on Fargate, and the selectors of namespace %q have labels, with which not all of "+
			"CoreDNS and metrics-server finds a place; add one without", kubeSystem))
	}
	fargateOnly := v.cluster.fargateOnly()
	if f.coreDns && !v.cluster.onFargate(kubeSystem) {
		problems = append(problems, fmt.Sprintf("AddOns.CoreDnsOnFargate asks for CoreDNS on Fargate, and no FargateProfile selects its namespace; "+
			"make one with a selector of namespace %q", kubeSystem))
	}
	if fargateOnly && !f.coreDns {
		problems = append(problems, "runs pods on Fargate alone, where CoreDNS does not run unless told so; set AddOns.CoreDnsOnFargate, or give the cluster nodes")
	}
	if fargateOnly && f.insights != "" {
		problems = append(problems, fmt.Sprintf("runs pods on Fargate alone, where the add-on of %s does not run; leave that out, or give the cluster nodes", f.insights))
	}
	return jsii.Strings(problems...)
}

// warnOfNoNodes tells of a cluster in which nothing runs CoreDNS. It is no error, for nodes may come from elsewhere.
func (v *fargateCheck) warnOfNoNodes() {
	c := v.cluster
	if v.warned || c.autoMode || c.runsPods || c.fargate.coreDns && c.allOnFargate(kubeSystem) {
		return
	}
	for _, child := range *c.Cluster.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		switch child.(type) {
		case awseksv2.CfnNodegroup, awseksv2.CfnFargateProfile, awsautoscaling.CfnAutoScalingGroup: // by the CDK's own ways
			return
		}
	}
	v.warned = true
	annotate.Warning(c, noNodes, "Nothing runs CoreDNS: it would wait for a node until the deployment gives up. "+
		"Make ManagedNodes or SelfManagedNodes with at least one node to begin with and no taints, or a FargateProfile of all "+kubeSystem+" with AddOns.CoreDnsOnFargate, or set AutoMode; "+
		"acknowledge this where nodes come from elsewhere")
}

const (
	kubeSystem = "kube-system"
	noNodes    = "no-nodes"
)
