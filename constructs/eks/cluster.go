package eks

import (
	"net/netip"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// EndpointAccess determines who can reach the Kubernetes API.
// https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
type EndpointAccess string

// The kinds of endpoint access.
const (
	// EndpointPrivate lets nodes, pods and PrivateAccessCidrs reach it, in the VPC and in networks connected to the VPC.
	EndpointPrivate EndpointAccess = "PRIVATE"
	// EndpointPublicAndPrivate also lets PublicAccessCidrs reach it from the internet.
	EndpointPublicAndPrivate EndpointAccess = "PUBLIC_AND_PRIVATE"
	// EndpointPublic lets only PublicAccessCidrs reach it. The addresses of the NAT gateways must be among them: nodes, and the function
	// that applies Kubernetes objects, leave the VPC to get there.
	EndpointPublic EndpointAccess = "PUBLIC"
)

// SupportType determines what happens when the standard support of a cluster's version ends, fourteen months after its release.
// https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html
type SupportType string

// The kinds of support.
const (
	// SupportStandard upgrades the cluster automatically.
	SupportStandard SupportType = "STANDARD"
	// SupportExtended keeps the version for another year, at a higher price per hour.
	SupportExtended SupportType = "EXTENDED"
)

// ClusterProps configure a cluster.
type ClusterProps struct {
	// Vpc is where the nodes run, with private subnets in at least two Availability Zones; its public ones are for load balancers. Both are
	// tagged for them, but for those of a VPC that was looked up: the CDK warns of these. Required.
	// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
	Vpc awsec2.IVpc
	// Version is the version of Kubernetes: "1.33", "1.34" or "1.35", or another with KubectlLayer. Raise it one minor version at a time. EKS
	// can go back to the version before for seven days. From 60 days before its support ends, a warning says so. Default: "1.35", the newest
	// that the built-in kubectl 1.34 serves.
	// https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
	Version string
	// KubectlLayer holds kubectl and Helm for the function that applies Kubernetes objects, at /opt/kubectl/kubectl and /opt/helm/helm.
	// kubectl must be of Version, or one minor version older or newer. Name its path and version in the layer's description,
	// "/opt/kubectl/kubectl 1.36.3", so that rules can compare the two. Default: a layer with kubectl 1.34 and Helm 3.
	// https://www.npmjs.com/package/@aws-cdk/lambda-layer-kubectl-v36
	KubectlLayer awslambda.ILayerVersion
	// ForceUpgrade raises Version even if upgrade insights advise against it, such as objects of a Kubernetes API that the new version lacks.
	// Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html
	ForceUpgrade bool
	// RollbackTimeout is the time after which EKS cancels going back to the version before, 2 hours to 7 days in whole minutes. Default:
	// EKS's, 12 hours.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-eks-cluster-rollbackconfig.html
	RollbackTimeout time.Duration
	// ClusterName is the physical name: up to 100 letters, digits, hyphens and underscores. Its log group is named after it, and known before
	// the cluster is. Default: one made of the construct's path.
	ClusterName string
	// ServiceIpv4Cidr is the range of Kubernetes services, a /24 to a /12 of a private range, apart from the VPC's and from all that
	// the VPC is connected to. It never changes. Default: "172.20.0.0/16", or "10.100.0.0/16" where the VPC's overlaps that.
	// https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
	ServiceIpv4Cidr string
	// EndpointAccess determines who can reach the Kubernetes API. Default: EndpointPrivate, or EndpointPublicAndPrivate with
	// PublicAccessCidrs.
	EndpointAccess EndpointAccess
	// PublicAccessCidrs are who reaches it from the internet, "203.0.113.0/24", beside having an access entry: no private ranges.
	// Default: nobody.
	// https://docs.aws.amazon.com/eks/latest/userguide/config-cluster-endpoint.html
	PublicAccessCidrs []string
	// PrivateAccessCidrs are who reaches it within the VPC and what is connected to it, "10.0.0.0/16" for all of the VPC, beside nodes
	// and pods. Default: nobody.
	// https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
	PrivateAccessCidrs []string
	// AccessEntries are who may use it, and how far. Default: nobody but what applies Kubernetes objects; not even who makes the cluster.
	AccessEntries []AccessEntry
	// EncryptionKey encrypts Kubernetes secrets before they are stored. Without the key the cluster is lost, so retain it as long as the
	// cluster. The deploying role needs kms:DescribeKey and kms:CreateGrant on it. Default: a new key, to which RemovalPolicy applies.
	// https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
	EncryptionKey awskms.IKey
	// AutoMode lets EKS choose, make and look after the nodes, in place of node groups. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/automode.html
	AutoMode bool
	// AddOns are the add-ons that every cluster needs. Default: see AddOns.
	AddOns AddOns
	// SupportType is SupportStandard or SupportExtended. Default: SupportStandard.
	SupportType SupportType
	// DeletionProtection keeps the cluster from being deleted, also with its stack, until it is taken off. Turn it on once the first
	// deployment has succeeded: before that it also stops the rollback of one that fails. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html
	DeletionProtection bool
	// LogRetention is how long the control plane's logs, of all five kinds, are kept, and those of kubectl. Default: one month.
	// https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether these logs and the new key are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which retains them except when their initial creation is rolled back.
	RemovalPolicy awscdk.RemovalPolicy
	// AlbController installs the AWS Load Balancer Controller, which creates load balancers for Ingress objects and for Services with
	// loadBalancerClass service.k8s.aws/nlb, once there are nodes. Auto Mode has its own. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/aws-load-balancer-controller.html
	AlbController bool
}

// Cluster is an EKS cluster. One of NewCluster has a control plane, its add-ons, and a function that applies Kubernetes objects; one of
// ClusterFrom already exists.
type Cluster struct {
	constructs.Construct
	// Cluster is the CDK's cluster, which the CDK's own constructs take: an awseksv2.Cluster if NewCluster created it.
	Cluster awseksv2.ICluster
	// LogGroup holds the control plane's logs. It is nil for an existing cluster.
	LogGroup awslogs.LogGroup
	// AlbController is the AWS Load Balancer Controller, so that other constructs can depend on it. It is nil if there is none.
	AlbController awseksv2.HelmChart
	// CoreDns is the add-on by which pods find AWS and each other, so that charts and objects whose pods call AWS when they stop, such as
	// controllers that delete what they created, can depend on it: they are then deleted first. It is nil in Auto Mode, which has it built
	// in, and for an existing cluster.
	CoreDns awseksv2.CfnAddon

	facts       clusterFacts
	connections awsec2.Connections
	deps        dependencyOrder
	roles       serviceAccounts
	nodeRoles   nodeRoles
	fargate     fargateState
	storage     storageState
}

// clusterFacts is what is known of a cluster at synth time.
type clusterFacts struct {
	name, version    string
	vpc              awsec2.IVpc
	serviceCidr      netip.Prefix // the range of Kubernetes services
	autoMode         bool
	prefixDelegation bool
	role             awsiam.IRole       // of the control plane, nil if unknown
	existing         *ClusterAttributes // nil if NewCluster created the cluster
}

var _ awsec2.IConnectable = (*Cluster)(nil)

// NewCluster creates an EKS cluster. It panics with *invalid.Error if the props are invalid.
func NewCluster(scope constructs.Construct, id string, props *ClusterProps) *Cluster {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateVpc())

	c := &Cluster{facts: clusterFacts{version: p.Version, autoMode: p.AutoMode, prefixDelegation: p.AddOns.PrefixDelegation, vpc: p.Vpc}}
	source.Create(c, scope, id)
	c.Node().SetContext(jsii.String(managedLogGroups), true) // whatever the app's cdk.json says
	c.recordAddOns(&p.AddOns)
	if p.ClusterName == "" {
		p.ClusterName = *awscdk.Names_UniqueResourceName(c, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(100)})
	}
	c.facts.name = p.ClusterName
	c.LogGroup = awslogs.NewLogGroup(c, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		// EKS creates a log group of this name, without retention, unless it exists.
		LogGroupName: jsii.String("/aws/eks/" + p.ClusterName + "/cluster"), Retention: p.LogRetention, RemovalPolicy: p.RemovalPolicy,
	})
	if p.EncryptionKey == nil {
		p.EncryptionKey = awskms.NewKey(c, jsii.String("SecretsKey"), &awskms.KeyProps{
			Description:       describe.Of("Kubernetes secrets of", *c.Node().Path()),
			EnableKeyRotation: jsii.Bool(true),
			RemovalPolicy:     p.RemovalPolicy,
		})
	}
	role := p.newRole(c)
	c.facts.role = role
	kubectl := newKubectlSecurityGroup(c, p.Vpc)
	cluster := awseksv2.NewCluster(c, jsii.String("Cluster"), p.render(c, role, kubectl))
	c.Cluster = cluster
	p.applyOverrides(c, kubectl)
	c.setServiceCidr(p.ServiceIpv4Cidr)
	p.warnOfSupportEnd(c)
	p.warnOfEndpoint(c)
	p.noteZones(c)
	annotate.WhenComplete(c.LogGroup, c.warnOfNoAccess)
	c.createAccessEntries(p.AccessEntries)
	c.createAddOns(&p.AddOns)
	if p.AlbController {
		c.createAlbController()
	}
	return c
}

// Name returns the cluster's name.
func (c *Cluster) Name() string { return *c.Cluster.ClusterName() }

// Arn returns the cluster's ARN.
func (c *Cluster) Arn() string { return *c.Cluster.ClusterArn() }

// Connections returns the cluster security group, which the control plane, all nodes and pods on Fargate share. Its default port is that of
// the Kubernetes API, 443. It panics with *invalid.Error for an existing cluster whose SecurityGroupId is unknown.
// https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
func (c *Cluster) Connections() awsec2.Connections {
	if c.connections == nil {
		var bad invalid.Problems
		c.requireAttributes("", &bad, attributeSecurityGroup)
		check.Arguments(c, "Connections", bad)
		c.connections = awsec2.NewConnections(&awsec2.ConnectionsProps{
			SecurityGroups: &[]awsec2.ISecurityGroup{c.Cluster.ClusterSecurityGroup()}, DefaultPort: awsec2.Port_Tcp(jsii.Number(443)),
		})
	}
	return c.connections
}

// KubeconfigCommand returns the command that configures kubectl for the cluster. Whoever runs it needs an access entry and network access
// to the endpoint.
// https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html
func (c *Cluster) KubeconfigCommand() string {
	return "aws eks update-kubeconfig --name " + c.Name() + " --region " + *awscdk.Stack_Of(c).Region()
}
