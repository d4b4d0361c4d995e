package eks

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/opt"
)

// AddOns are the add-ons that a cluster of nodes needs, each at EKS's default version when it is made, where it then stays, unless pinned:
// "v1.20.4-eksbuild.2", of those that `aws eks describe-addon-versions` lists. Auto Mode has them built in, but for metrics-server.
// https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
type AddOns struct {
	// VpcCniVersion pins vpc-cni, which gives pods addresses of the VPC. Default: EKS's default.
	VpcCniVersion string
	// PrefixDelegation gives nodes addresses sixteen at a time, so that more pods fit a node, out of subnets with room for it. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html
	PrefixDelegation bool
	// NetworkPolicy enforces Kubernetes network policies, but for pods on Fargate. Default: false, they say nothing.
	// https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html
	NetworkPolicy bool
	// KubeProxyVersion pins kube-proxy. Default: EKS's default.
	KubeProxyVersion string
	// PodIdentityAgentVersion pins eks-pod-identity-agent, which gives pods the credentials of PodRole. Default: EKS's default.
	PodIdentityAgentVersion string
	// CoreDnsVersion pins coredns, by which pods find services. Default: EKS's default.
	CoreDnsVersion string
	// CoreDnsOnFargate lets it run on Fargate, for a cluster without nodes; a FargateProfile must select namespace kube-system. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/fargate-getting-started.html
	CoreDnsOnFargate bool
	// MetricsServerVersion pins metrics-server, which horizontal autoscaling and `kubectl top` ask. Default: EKS's default.
	MetricsServerVersion string
}

// addOnVersion is the form of versions: https://docs.aws.amazon.com/eks/latest/userguide/add-ons-identity.html
var addOnVersion = regexp.MustCompile(`^v\d+\.\d+\.\d+-eksbuild\.\d+$`)

func (a *AddOns) validate(autoMode bool) error {
	var bad invalid.Problems
	for _, v := range []struct {
		field, version string
		builtIn        bool
	}{
		{"VpcCniVersion", a.VpcCniVersion, true}, {"KubeProxyVersion", a.KubeProxyVersion, true}, {"PodIdentityAgentVersion", a.PodIdentityAgentVersion, true},
		{"CoreDnsVersion", a.CoreDnsVersion, true}, {"MetricsServerVersion", a.MetricsServerVersion, false},
	} {
		switch {
		case v.version == "" || invalid.IsToken(v.version):
		case autoMode && v.builtIn:
			bad.Add(v.field, "%q stands beside AutoMode, which has this built in; leave it out", v.version)
		case !addOnVersion.MatchString(v.version):
			bad.Add(v.field, `%q is no version of an add-on; write it as "v1.20.4-eksbuild.2"`, v.version)
		}
	}
	for _, o := range []struct {
		field string
		given bool
	}{{"PrefixDelegation", a.PrefixDelegation}, {"NetworkPolicy", a.NetworkPolicy}, {"CoreDnsOnFargate", a.CoreDnsOnFargate}} {
		if autoMode && o.given {
			bad.Add(o.field, "is for add-ons that AutoMode has built in; leave it out")
		}
	}
	return bad.Err()
}

// addOns makes them: what nodes need to become ready first, what needs nodes after these, or it would come up DEGRADED.
// https://docs.aws.amazon.com/eks/latest/userguide/creating-an-add-on.html
func (c *Cluster) addOns(a *AddOns) {
	if !c.autoMode {
		c.before = append(c.before, c.addOn("VpcCni", "vpc-cni", a.VpcCniVersion, a.vpcCni()), c.addOn("KubeProxy", "kube-proxy", a.KubeProxyVersion, nil),
			c.addOn("PodIdentityAgent", "eks-pod-identity-agent", a.PodIdentityAgentVersion, nil))
		c.afterNodes(c.addOn("CoreDns", "coredns", a.CoreDnsVersion, a.coreDns()))
	}
	c.afterNodes(c.addOn("MetricsServer", "metrics-server", a.MetricsServerVersion, nil))
}

func (c *Cluster) addOn(id, name, version string, configuration map[string]any) awseksv2.CfnAddon {
	return c.addOnBelow(c, id, name, version, configuration)
}

// addOnBelow makes an add-on of the cluster below another construct.
func (c *Cluster) addOnBelow(scope constructs.Construct, id, name, version string, configuration map[string]any) awseksv2.CfnAddon {
	props := &awseksv2.CfnAddonProps{
		ClusterName: c.Cluster.ClusterName(), AddonName: &name, AddonVersion: opt.String(version),
		ResolveConflicts: jsii.String("OVERWRITE"), // what somebody changed by hand
	}
	if len(configuration) > 0 {
		text, err := json.Marshal(configuration)
		if err != nil {
			panic(fmt.Errorf("configuration of add-on %s: %w", name, err))
		}
		props.ConfigurationValues = jsii.String(string(text))
	}
	return awseksv2.NewCfnAddon(scope, &id, props)
}

// https://github.com/aws/amazon-vpc-cni-k8s#cni-configuration-variables
func (a *AddOns) vpcCni() map[string]any {
	configuration := map[string]any{}
	if a.PrefixDelegation {
		configuration["env"] = map[string]any{"ENABLE_PREFIX_DELEGATION": "true"}
	}
	if a.NetworkPolicy {
		configuration["enableNetworkPolicy"] = "true"
	}
	return configuration
}

func (a *AddOns) coreDns() map[string]any {
	if a.CoreDnsOnFargate {
		return map[string]any{"computeType": "Fargate"}
	}
	return nil
}

// host notes something that runs pods: it comes after what it needs to become ready, and what needs it after it.
func (c *Cluster) host(nodes constructs.IConstruct) {
	nodes.Node().AddDependency(c.before...)
	c.hosts = append(c.hosts, nodes)
	for _, pods := range c.after {
		pods.Node().AddDependency(nodes)
	}
}

// rememberNodes notes the role for which EKS makes an access entry.
func (c *Cluster) rememberNodes(role awsiam.IRole, group constructs.IConstruct) {
	if c.nodeRoles == nil {
		c.nodeRoles = map[string]constructs.IConstruct{}
	}
	c.nodeRoles[*role.Node().Path()] = group
}

// rememberEntry notes the access entry that nodes of a role have.
func (c *Cluster) rememberEntry(role awsiam.IRole, entry constructs.IConstruct) {
	if c.nodeEntries == nil {
		c.nodeEntries = map[string]constructs.IConstruct{}
	}
	c.nodeEntries[*role.Node().Path()] = entry
}

// takesPods notes nodes on which CoreDNS can run: some to begin with, without taints that it does not tolerate.
func (c *Cluster) takesPods(size int, taints []Taint) {
	if size > 0 && !slices.ContainsFunc(taints, func(t Taint) bool { return t.Effect != PreferNoSchedule }) {
		c.runsPods = true
	}
}

// afterNodes notes something that is ready only once its pods run: it comes after all nodes, also those that are made later.
func (c *Cluster) afterNodes(pods constructs.IConstruct) {
	pods.Node().AddDependency(c.hosts...)
	c.after = append(c.after, pods)
}
