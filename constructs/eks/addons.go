package eks

import (
	"regexp"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/tagging"
)

// AddOns configure the add-ons that a cluster with nodes needs. Each is installed in EKS's default version, which later deployments
// don't change, or in a version that you pin, such as "v1.20.4-eksbuild.2": `aws eks describe-addon-versions` lists them. Auto Mode
// has all of them built in except metrics-server.
// https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
type AddOns struct {
	// VpcCniVersion pins vpc-cni, which gives pods addresses of the VPC. Default: EKS's default.
	VpcCniVersion string
	// PrefixDelegation gives nodes addresses sixteen at a time, so that more pods fit a node, out of subnets with room for it. Default:
	// false.
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
	// CoreDnsOnFargate lets it run on Fargate, for a cluster without nodes; a FargateProfile must select namespace kube-system.
	// Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/fargate-getting-started.html
	CoreDnsOnFargate bool
	// MetricsServerVersion pins metrics-server, which horizontal autoscaling and `kubectl top` ask. Default: EKS's default.
	MetricsServerVersion string
}

func (a *AddOns) validate(autoMode bool) error {
	var bad invalid.Problems
	const builtIn = "must not be set together with AutoMode, which has the add-on built in"
	for _, v := range []struct {
		field, version string
		isBuiltIn      bool
	}{
		{"VpcCniVersion", a.VpcCniVersion, true}, {"KubeProxyVersion", a.KubeProxyVersion, true},
		{"PodIdentityAgentVersion", a.PodIdentityAgentVersion, true}, {"CoreDnsVersion", a.CoreDnsVersion, true},
		{"MetricsServerVersion", a.MetricsServerVersion, false},
	} {
		if v.version != "" && autoMode && v.isBuiltIn {
			bad.Add(v.field, builtIn).Given(v.version).Advise("remove it")
			continue
		}
		checkAddOnVersion(v.field, v.version, &bad)
	}
	for _, o := range []struct {
		field string
		isSet bool
	}{{"PrefixDelegation", a.PrefixDelegation}, {"NetworkPolicy", a.NetworkPolicy}, {"CoreDnsOnFargate", a.CoreDnsOnFargate}} {
		if autoMode && o.isSet {
			bad.Add(o.field, builtIn).Advise("remove it")
		}
	}
	return bad.Err()
}

// https://docs.aws.amazon.com/eks/latest/userguide/add-ons-identity.html
var addOnVersion = regexp.MustCompile(`^v\d+\.\d+\.\d+-eksbuild\.\d+$`)

// checkAddOnVersion refuses a version that no add-on has. It accepts "", EKS's default.
func checkAddOnVersion(field, version string, bad *invalid.Problems) {
	check.Match(field, version, addOnVersion, `the version of an add-on, such as "v1.20.4-eksbuild.2"`, bad)
}

// minVersion is the oldest version of an add-on that supports something.
type minVersion struct {
	major, minor int
	feature      string // what it supports, as the rest of a sentence: "which ..."
}

// check refuses what is not a version or too old. It accepts "" and tokens.
func (m minVersion) check(field, version string, bad *invalid.Problems) {
	checkAddOnVersion(field, version, bad)
	major, minor, isKnown := parseAddOnVersion(version)
	if isKnown && addOnVersion.MatchString(version) && (major < m.major || major == m.major && minor < m.minor) {
		bad.Add(field, `must be "v%d.%d.0-eksbuild.1" or later, %s`, m.major, m.minor, m.feature).Given(version)
	}
}

var majorMinor = regexp.MustCompile(`^v(\d+)\.(\d+)\.`)

// parseAddOnVersion reads the version of an add-on. One that is not pinned, or a token, is not known.
func parseAddOnVersion(version string) (major, minor int, isKnown bool) {
	m := majorMinor.FindStringSubmatch(version)
	if m == nil {
		return 0, 0, false
	}
	major, _ = strconv.Atoi(m[1])
	minor, _ = strconv.Atoi(m[2])
	return major, minor, true
}

// createAddOns installs the add-ons: those without which no node becomes ready before nodes, and those that need nodes after them, or
// they would be DEGRADED.
// https://docs.aws.amazon.com/eks/latest/userguide/creating-an-add-on.html
func (c *Cluster) createAddOns(a *AddOns) {
	if !c.facts.autoMode {
		c.deps.prerequisites = append(c.deps.prerequisites,
			c.addOn(c, "VpcCni", "vpc-cni", a.VpcCniVersion, c.vpcCni(a)),
			c.addOn(c, "KubeProxy", "kube-proxy", a.KubeProxyVersion, nil),
			c.addOn(c, "PodIdentityAgent", "eks-pod-identity-agent", a.PodIdentityAgentVersion, nil))
		c.CoreDns = c.addOn(c, "CoreDns", "coredns", a.CoreDnsVersion, a.coreDns())
		c.deps.addDependent(c.CoreDns)
	}
	c.deps.addDependent(c.addOn(c, "MetricsServer", "metrics-server", a.MetricsServerVersion, nil))
}

// addOn creates an add-on of the cluster below a construct.
func (c *Cluster) addOn(scope constructs.Construct, id, name, version string, configuration map[string]any) awseksv2.CfnAddon {
	props := &awseksv2.CfnAddonProps{
		ClusterName: c.Cluster.ClusterName(), AddonName: &name, AddonVersion: opt.String(version),
		ResolveConflicts: jsii.String("OVERWRITE"), // changes that were made by hand
	}
	if len(configuration) > 0 {
		props.ConfigurationValues = awscdk.Lazy_String(&configurationValues{awscdk.Stack_Of(scope), configuration}, nil)
	}
	return awseksv2.NewCfnAddon(scope, &id, props)
}

// atSynth is a value in the configuration of an add-on that is only known when the CDK writes the template, such as tags. It is left out if
// it is nil then.
type atSynth func() any

// configurationValues produces the configuration of an add-on.
type configurationValues struct {
	stack  awscdk.Stack
	values map[string]any
}

// Produce is for the CDK.
func (c *configurationValues) Produce() *string {
	known := knownValues(c.values)
	if len(known) == 0 {
		return nil
	}
	return c.stack.ToJsonString(known, nil)
}

// knownValues returns the values without those that turn out to be nil, and without objects that are empty then.
func knownValues(values map[string]any) map[string]any {
	known := map[string]any{}
	for key, value := range values {
		switch v := value.(type) {
		case atSynth:
			if produced := v(); produced != nil {
				known[key] = produced
			}
		case map[string]any:
			if inner := knownValues(v); len(inner) > 0 {
				known[key] = inner
			}
		default:
			known[key] = value
		}
	}
	return known
}

// podAddOn creates an add-on whose pods run on nodes and call AWS: it comes after all nodes, after CoreDNS, by which they find AWS until
// they are deleted, and after the AWS Load Balancer Controller, whose webhooks may be asked about its objects.
func (c *Cluster) podAddOn(scope constructs.Construct, id, name, version string, configuration map[string]any) awseksv2.CfnAddon {
	addOn := c.addOn(scope, id, name, version, configuration)
	addOn.Node().AddDependency(c.deps.prerequisites...) // among them what gives its pods their roles
	c.deps.addDependent(addOn)
	if c.CoreDns != nil {
		addOn.Node().AddDependency(c.CoreDns)
	}
	if c.AlbController != nil {
		addOn.Node().AddDependency(c.AlbController)
	}
	return addOn
}

// https://github.com/aws/amazon-vpc-cni-k8s#cni-configuration-variables
func (c *Cluster) vpcCni(a *AddOns) map[string]any {
	// The launch template of the nodes tags their first network interface; this add-on creates the others.
	env := map[string]any{"ADDITIONAL_ENI_TAGS": atSynth(tagging.Of(c, "AWS::EC2::NetworkInterface").Json)}
	configuration := map[string]any{"env": env}
	if a.PrefixDelegation {
		env["ENABLE_PREFIX_DELEGATION"] = "true"
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
