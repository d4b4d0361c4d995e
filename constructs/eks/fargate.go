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

// fargateState is what a cluster records of Fargate, and of add-ons that can't run there.
type fargateState struct {
	profiles     []*FargateProfile
	logging      *fargateLogging // of all profiles
	runsCoreDns  bool            // whether CoreDNS is to run there
	insightsPath string          // the path of a ContainerInsights, or ""
}

// recordAddOns records what later constructs ask for, and has the whole cluster checked when it is complete.
func (c *Cluster) recordAddOns(a *AddOns) {
	c.fargate.runsCoreDns = a.CoreDnsOnFargate
	// Without this flag the CDK creates the provider of IRSA by a Lambda function. It must be set before the cluster has children.
	c.Node().SetContext(jsii.String("@aws-cdk/aws-eks:useNativeOidcProvider"), true)
	c.Node().AddValidation(&fargateCheck{cluster: c})
}

// isOnFargate reports whether pods of a namespace may run on Fargate.
func (c *Cluster) isOnFargate(namespace string) bool {
	return c != nil && slices.ContainsFunc(c.fargate.profiles, func(p *FargateProfile) bool {
		return slices.ContainsFunc(p.selectors, func(s FargateSelector) bool { return s.matches(namespace) })
	})
}

// isAllOnFargate reports whether all pods of a namespace run there, whatever their labels.
func (c *Cluster) isAllOnFargate(namespace string) bool {
	return slices.ContainsFunc(c.fargate.profiles, func(p *FargateProfile) bool {
		return slices.ContainsFunc(p.selectors, func(s FargateSelector) bool { return s.matches(namespace) && len(s.Labels) == 0 })
	})
}

// isFargateOnly reports whether only Fargate runs pods, as far as is known by now. (In Auto Mode there are no profiles, and an existing
// cluster may have nodes.)
func (c *Cluster) isFargateOnly() bool {
	return c.facts.existing == nil && len(c.fargate.profiles) > 0 && len(c.fargate.profiles) == len(c.deps.nodes)
}

// checkNotOnFargate refuses a cluster in which pods that have their role by EKS Pod Identity might run on Fargate.
func (c *Cluster) checkNotOnFargate(namespace, pods string, bad *invalid.Problems) {
	if c.isOnFargate(namespace) {
		bad.Add("Cluster", "must not have a FargateProfile that selects namespace %q, in which %s would run without a role", namespace, pods).
			Advise("select fewer pods there")
	}
}

// matches reports whether the selector is for pods of a namespace, some or all.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html#fargate-profile-wildcards
func (s *FargateSelector) matches(namespace string) bool {
	if invalid.IsToken(namespace) || invalid.IsToken(s.Namespace) {
		return namespace == s.Namespace
	}
	pattern := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(s.Namespace))
	return regexp.MustCompile("^" + pattern + "$").MatchString(namespace)
}

// fargateCheck checks a whole cluster before it is synthesized: by then it is known what runs its pods.
type fargateCheck struct {
	cluster   *Cluster
	hasWarned bool
}

// Validate returns what would never become ready.
func (v *fargateCheck) Validate() *[]*string {
	var problems []string
	v.warnOfNoNodes()
	f := &v.cluster.fargate
	isThere := v.cluster.isOnFargate(kubeSystem)
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if f.runsCoreDns && isThere && !v.cluster.isAllOnFargate(kubeSystem) {
		add("AddOns.CoreDnsOnFargate requires a FargateProfile for all of namespace %q: with the labels of these selectors, CoreDNS or "+
			"metrics-server finds no place to run; add a selector without labels", kubeSystem)
	}
	if f.runsCoreDns && !isThere {
		add("AddOns.CoreDnsOnFargate requires a FargateProfile for namespace %q; create one, or remove CoreDnsOnFargate", kubeSystem)
	}
	isFargateOnly := v.cluster.isFargateOnly()
	if isFargateOnly && !f.runsCoreDns {
		add("runs pods only on Fargate, where CoreDNS does not run by default; set AddOns.CoreDnsOnFargate or give the cluster nodes")
	}
	if isFargateOnly && f.insightsPath != "" {
		add("runs pods only on Fargate, where the add-on of %s does not run; remove it or give the cluster nodes", f.insightsPath)
	}
	return jsii.Strings(problems...)
}

// warnOfNoNodes warns of a cluster in which nothing runs CoreDNS. It is no error, because nodes may come from elsewhere.
func (v *fargateCheck) warnOfNoNodes() {
	c := v.cluster
	if v.hasWarned || c.facts.autoMode || c.deps.hasUsualNodes || c.fargate.runsCoreDns && c.isAllOnFargate(kubeSystem) {
		return
	}
	for _, child := range *c.Cluster.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		switch child.(type) {
		case awseksv2.CfnNodegroup, awseksv2.CfnFargateProfile, awsautoscaling.CfnAutoScalingGroup: // of the CDK's own constructs
			return
		}
	}
	v.hasWarned = true
	annotate.Warning(c, "no-nodes", "Nothing runs CoreDNS: the deployment would wait for a node until it fails. "+
		"Create ManagedNodes or SelfManagedNodes with at least one node from the start and without taints, or a FargateProfile for "+
		"all of kube-system together with AddOns.CoreDnsOnFargate, or set AutoMode; acknowledge this warning if nodes come from elsewhere")
}

const kubeSystem = "kube-system"
