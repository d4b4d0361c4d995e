package eks

import (
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
)

// EndpointAccess says from where the Kubernetes API is reached.
// https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
type EndpointAccess string

// The ways to the API.
const (
	// Private is from nodes, pods and PrivateAccessCidrs, in the VPC and what is connected to it.
	Private EndpointAccess = "PRIVATE"
	// PublicAndPrivate is the same, and from PublicAccessCidrs on the internet.
	PublicAndPrivate EndpointAccess = "PUBLIC_AND_PRIVATE"
	// Public is from PublicAccessCidrs alone. The addresses of the NAT gateways must be among them, or no node joins and no Kubernetes object
	// is applied: both leave the VPC to get there.
	Public EndpointAccess = "PUBLIC"
)

// SupportType is what becomes of a cluster when the standard support of its version ends, fourteen months after it came.
// https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html
type SupportType string

// The kinds of support.
const (
	// Standard upgrades the cluster by itself then.
	Standard SupportType = "STANDARD"
	// Extended keeps the version for another year, for more by the hour.
	Extended SupportType = "EXTENDED"
)

// ClusterProps describe a cluster.
type ClusterProps struct {
	// Vpc is where the nodes run, with private subnets in at least two Availability Zones; its public ones are for load balancers. Both are
	// tagged for them, but for those of a VPC that was looked up: the CDK warns of these. Required.
	// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
	Vpc awsec2.IVpc
	// Version is that of Kubernetes: "1.33", "1.34" or "1.35", which the kubectl in use may serve. It is raised one at a time, and never
	// lowered. Default: "1.35".
	// https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
	Version string
	// ClusterName is the physical name: up to 100 letters, digits, hyphens and underscores. Its log group is named after it, and known before
	// the cluster is. Default: one made of the construct's path.
	ClusterName string
	// ServiceIpv4Cidr is the range of Kubernetes services, a /24 to a /12 of a private range, apart from the VPC's and from all that the VPC is connected
	// to. It never changes. Default: "172.20.0.0/16", or "10.100.0.0/16" where the VPC's overlaps that.
	// https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
	ServiceIpv4Cidr string
	// EndpointAccess is from where the Kubernetes API is reached. Default: Private, or with PublicAccessCidrs PublicAndPrivate.
	EndpointAccess EndpointAccess
	// PublicAccessCidrs are who reaches it from the internet, "203.0.113.0/24", beside having an access entry: no private ranges. Default: nobody.
	// https://docs.aws.amazon.com/eks/latest/userguide/config-cluster-endpoint.html
	PublicAccessCidrs []string
	// PrivateAccessCidrs are who reaches it within the VPC and what is connected to it, "10.0.0.0/16" for all of the VPC, beside nodes and pods.
	// Default: nobody.
	// https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
	PrivateAccessCidrs []string
	// AccessEntries are who may use it, and how far. Default: nobody but what applies Kubernetes objects; not even who makes the cluster.
	AccessEntries []AccessEntry
	// SecretsEncryptionKey encrypts Kubernetes secrets before they are stored. Without the key the cluster is lost, so it must outlive it.
	// Who deploys needs kms:DescribeKey and kms:CreateGrant on it. Default: a new key, which RemovalPolicy is for too.
	// https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
	SecretsEncryptionKey awskms.IKey
	// AutoMode lets EKS choose, make and look after the nodes, in place of node groups. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/automode.html
	AutoMode bool
	// AddOns are the add-ons that every cluster needs. Default: see AddOns.
	AddOns AddOns
	// SupportType is Standard or Extended. Default: Standard.
	SupportType SupportType
	// DeletionProtection keeps the cluster from being deleted, also with its stack, until it is taken off. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html
	DeletionProtection bool
	// LogRetention is how long the control plane's logs, of all five kinds, are kept, and those of kubectl. Default: one month.
	// https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
	LogRetention awslogs.RetentionDays
	// RemovalPolicy is what becomes of these logs and of the new key when the stack is deleted. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which keeps them but for those of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
	// AlbController installs the AWS Load Balancer Controller, which makes load balancers for Ingress and Service objects, once there are
	// nodes. Auto Mode has its own. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/aws-load-balancer-controller.html
	AlbController bool
}

// Cluster is an EKS cluster: the control plane, its add-ons, and a function that applies Kubernetes objects.
type Cluster struct {
	constructs.Construct
	// Cluster is what the CDK's own constructs take.
	Cluster awseksv2.Cluster
	// LogGroup holds the control plane's logs.
	LogGroup awslogs.LogGroup
	// AlbController is the AWS Load Balancer Controller, for what comes after it, or nil without.
	AlbController awseksv2.HelmChart

	name, version string
	autoMode      bool
	prefixes      bool // addresses come to nodes sixteen at a time
	services      netip.Prefix
	itsVpc        awsec2.IVpc
	before        []constructs.IDependable         // what nodes wait for
	hosts         []constructs.IDependable         // the nodes
	after         []constructs.IConstruct          // what waits for nodes
	podRoles      map[string]awsiam.Role           // by namespace and service account
	accounts      map[string]string                // the paths of what has the role of a service account
	nodeRoles     map[string]constructs.IConstruct // by the path of a role, the managed nodes that EKS lets in with it
	nodeEntries   map[string]constructs.IConstruct // by the path of a role, the access entry of self-managed nodes with it
	runsPods      bool                             // whether any host takes pods at once that tolerate nothing
	fargate       fargate                          // what runs there
	storage       storageState                     // what keeps files and disks
}

// NewCluster makes a cluster. It panics with *invalid.Error when the props are wrong.
func NewCluster(scope constructs.Construct, id string, props *ClusterProps) *Cluster {
	var p ClusterProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	c := &Cluster{version: p.Version, autoMode: p.AutoMode, prefixes: p.AddOns.PrefixDelegation, itsVpc: p.Vpc}
	constructs.NewConstruct_Override(c, scope, &id)
	c.Node().SetContext(jsii.String(managedLogGroups), true) // whatever cdk.json it lands beside says
	c.remember(&p.AddOns)
	if p.ClusterName == "" {
		p.ClusterName = *awscdk.Names_UniqueResourceName(c, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(100)})
	}
	c.name = p.ClusterName
	c.LogGroup = awslogs.NewLogGroup(c, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		// EKS makes it by this name, for ever, unless it is there.
		LogGroupName: jsii.String("/aws/eks/" + p.ClusterName + "/cluster"), Retention: p.LogRetention, RemovalPolicy: p.RemovalPolicy,
	})
	if p.SecretsEncryptionKey == nil {
		p.SecretsEncryptionKey = awskms.NewKey(c, jsii.String("SecretsKey"), &awskms.KeyProps{
			Description:       describe.Of("Kubernetes secrets of", *c.Node().Path()),
			EnableKeyRotation: jsii.Bool(true),
			RemovalPolicy:     p.RemovalPolicy,
		})
	}
	role := p.newRole(c)
	kubectl := p.newKubectlSecurityGroup(c)
	c.Cluster = awseksv2.NewCluster(c, jsii.String("Cluster"), p.render(c, role, kubectl))
	p.finish(c, kubectl)
	c.fixServiceCidr(p.ServiceIpv4Cidr)
	c.letIn(p.AccessEntries)
	c.addOns(&p.AddOns)
	if p.AlbController {
		c.addAlbController()
	}
	return c
}

// render makes the props of the CDK's cluster.
func (p *ClusterProps) render(c *Cluster, role awsiam.IRole, kubectl awsec2.ISecurityGroup) *awseksv2.ClusterProps {
	props := &awseksv2.ClusterProps{
		Version: awseksv2.KubernetesVersion_Of(&p.Version), ClusterName: &p.ClusterName, Vpc: p.Vpc, Role: role,
		VpcSubnets:           &[]*awsec2.SubnetSelection{network.Private.Select()},
		EndpointAccess:       p.endpoint(),
		SecretsEncryptionKey: p.SecretsEncryptionKey,
		ClusterLogging: &[]awseksv2.ClusterLoggingTypes{awseksv2.ClusterLoggingTypes_API, awseksv2.ClusterLoggingTypes_AUDIT,
			awseksv2.ClusterLoggingTypes_AUTHENTICATOR, awseksv2.ClusterLoggingTypes_CONTROLLER_MANAGER, awseksv2.ClusterLoggingTypes_SCHEDULER},
		DefaultCapacityType:                     awseksv2.DefaultCapacityType_NODEGROUP,
		DefaultCapacity:                         jsii.Number(0),
		BootstrapClusterCreatorAdminPermissions: jsii.Bool(false),
		BootstrapSelfManagedAddons:              jsii.Bool(false), // they come as add-ons, below
		OutputConfigCommand:                     jsii.Bool(false),
		// The one reason for functions here: CloudFormation cannot apply Kubernetes objects.
		KubectlProviderOptions: &awseksv2.KubectlProviderOptions{
			KubectlLayer:   newKubectlLayer(c, "KubectlLayer"),
			PrivateSubnets: p.privateSubnets(),
			SecurityGroups: &[]awsec2.ISecurityGroup{kubectl},
		},
	}
	if p.AutoMode {
		props.DefaultCapacityType, props.DefaultCapacity = awseksv2.DefaultCapacityType_AUTOMODE, nil
		props.Compute = &awseksv2.ComputeConfig{NodeRole: newAutoModeNodeRole(c)}
	}
	return props
}

func (p *ClusterProps) privateSubnets() *[]awsec2.ISubnet {
	subnets := network.Private.Of(p.Vpc)
	return &subnets
}

// newRole makes the control plane's role.
// https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html
func (p *ClusterProps) newRole(c *Cluster) awsiam.Role {
	policies := []string{"AmazonEKSClusterPolicy"}
	role := awsiam.NewRole(c, jsii.String("Role"), &awsiam.RoleProps{
		Description:     describe.Of("Control plane of", *c.Node().Path()),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String("eks.amazonaws.com"), nil),
		ManagedPolicies: managed(policies...),
	})
	if p.AutoMode {
		// The CDK adds these, and sts:TagSession to the trust.
		// https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
		policies = append(policies, "AmazonEKSComputePolicy", "AmazonEKSBlockStoragePolicy", "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy")
	}
	explainManaged(role, policies...)
	return role
}

// newAutoModeNodeRole makes the role of the nodes that EKS makes. The CDK's own may read more of Amazon ECR than pulling takes.
// https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html
func newAutoModeNodeRole(c *Cluster) awsiam.Role {
	policies := []string{"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"}
	role := awsiam.NewRole(c, jsii.String("NodeRole"), &awsiam.RoleProps{
		Description:     describe.Of("Nodes of", *c.Node().Path()),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
		ManagedPolicies: managed(policies...),
	})
	explainManaged(role, policies...)
	return role
}

// newKubectlSecurityGroup is for what applies Kubernetes objects. In the cluster's own, as the CDK has it, it would reach every port of
// every node, and the network interfaces that AWS Lambda keeps for a while would hold that group when the cluster is deleted: EKS would
// leave it behind, and so the VPC.
func (p *ClusterProps) newKubectlSecurityGroup(c *Cluster) awsec2.SecurityGroup {
	return awsec2.NewSecurityGroup(c, jsii.String("KubectlSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: p.Vpc, Description: describe.Of("kubectl of", *c.Node().Path()), AllowAllOutbound: jsii.Bool(true),
	})
}

func managed(names ...string) *[]awsiam.IManagedPolicy {
	policies := make([]awsiam.IManagedPolicy, len(names))
	for i, name := range names {
		policies[i] = awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(name))
	}
	return &policies
}

func explainManaged(role awsiam.IRole, names ...string) {
	for _, name := range names {
		nag.Suppress(role, "AwsSolutions-IAM4", "The policy that AWS names for this role; it follows what EKS needs", "Policy::arn:<AWS::Partition>:iam::aws:policy/"+name)
	}
}

// finish sets what the CDK's cluster has no props for.
func (p *ClusterProps) finish(c *Cluster, kubectl awsec2.SecurityGroup) {
	cluster := c.Cluster.Node().DefaultChild().(awseksv2.CfnCluster)
	// The CDK lists the resources to encrypt, which the schema calls deprecated (W9009): secrets are encrypted without it.
	cluster.AddPropertyDeletionOverride(jsii.String("EncryptionConfig.0.Resources"))
	cluster.SetDeletionProtection(jsii.Bool(p.DeletionProtection))
	cluster.SetUpgradePolicy(&awseksv2.CfnCluster_UpgradePolicyProperty{SupportType: jsii.String(string(p.SupportType))})
	if p.EndpointAccess == Public {
		cluster.AddPropertyOverride(jsii.String("ResourcesVpcConfig.PublicAccessCidrs"), p.PublicAccessCidrs)
	}
	if p.EndpointAccess != Private {
		nag.Suppress(cluster, "AwsSolutions-EKS1", "Asked for, from the given ranges alone; who connects still needs an access entry")
	}
	// Not to the cluster's own security group, which the nodes are in.
	controlPlane := descendant(c.Cluster, "ControlPlaneSecurityGroup").(awsec2.SecurityGroup)
	for _, cidr := range p.PrivateAccessCidrs {
		controlPlane.AddIngressRule(awsec2.Peer_Ipv4(&cidr), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("Kubernetes API from "+cidr), nil)
	}
	// While it is there, nodes and functions need the way out.
	cluster.Node().AddDependency(c.LogGroup, p.Vpc)
	p.finishKubectl(c, kubectl)
}

// endpoint is the CDK's spelling. Its PUBLIC takes no ranges, which finish adds.
func (p *ClusterProps) endpoint() awseksv2.EndpointAccess {
	switch p.EndpointAccess {
	case Public:
		return awseksv2.EndpointAccess_PUBLIC()
	case PublicAndPrivate:
		return awseksv2.EndpointAccess_PUBLIC_AND_PRIVATE().OnlyFrom(*jsii.Strings(p.PublicAccessCidrs...)...)
	default:
		return awseksv2.EndpointAccess_PRIVATE()
	}
}

// Name is the cluster's name, for an output.
func (c *Cluster) Name() string { return *c.Cluster.ClusterName() }

// KubeconfigCommand is what lets kubectl find the cluster, for an output. Who runs it needs an access entry, and a way to the endpoint.
// https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html
func (c *Cluster) KubeconfigCommand() string {
	return "aws eks update-kubeconfig --name " + c.Name() + " --region " + *awscdk.Stack_Of(c).Region()
}

func (c *Cluster) vpc() awsec2.IVpc { return c.itsVpc }

func (p *ClusterProps) setDefaults() {
	if p.Version == "" {
		p.Version = defaultVersion
	}
	if p.EndpointAccess == "" {
		p.EndpointAccess = Private
		if len(p.PublicAccessCidrs) > 0 {
			p.EndpointAccess = PublicAndPrivate
		}
	}
	if p.SupportType == "" {
		p.SupportType = Standard
	}
	if p.LogRetention == "" {
		p.LogRetention = awslogs.RetentionDays_ONE_MONTH
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
}

// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
var clusterName = regexp.MustCompile(`^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$`)

func (p *ClusterProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC in which the nodes run")
	} else if zones := zonesOf(network.Private.Of(p.Vpc)); len(zones) < 2 {
		bad.Add("Vpc", "has private subnets in %d Availability Zones %q; EKS takes two or more", len(zones), zones)
	}
	if !slices.Contains(servedVersions, p.Version) {
		bad.Add("Version", "%q is not served by the kubectl in use, %s; use one of %q", p.Version, kubectlVersion, servedVersions)
	}
	if p.ClusterName != "" && !invalid.IsToken(p.ClusterName) && !clusterName.MatchString(p.ClusterName) {
		bad.Add("ClusterName", "%q is no name of a cluster; use up to 100 letters, digits, hyphens and underscores, and begin with a letter or digit", p.ClusterName)
	}
	if p.ServiceIpv4Cidr != "" {
		checkServiceCidr(p.ServiceIpv4Cidr, p.Vpc, &bad)
	}
	switch p.EndpointAccess {
	case Private:
		if len(p.PublicAccessCidrs) > 0 {
			bad.Add("PublicAccessCidrs", "%q stand beside EndpointAccess %q, which nobody reaches from the internet; leave them out, or use %q", p.PublicAccessCidrs, Private, PublicAndPrivate)
		}
	case Public, PublicAndPrivate:
		if len(p.PublicAccessCidrs) == 0 {
			bad.Add("PublicAccessCidrs", `are missing beside EndpointAccess %q; say who may connect, "203.0.113.0/24", or "0.0.0.0/0" for everybody`, p.EndpointAccess)
		}
	default:
		bad.Add("EndpointAccess", "%q is unknown; use %q, %q or %q", p.EndpointAccess, Private, PublicAndPrivate, Public)
	}
	checkCidrs("PublicAccessCidrs", p.PublicAccessCidrs, &bad)
	for _, cidr := range p.PublicAccessCidrs {
		if prefix, err := netip.ParsePrefix(cidr); err == nil && isReserved(prefix.Addr()) && prefix.Bits() > 0 {
			bad.Add("PublicAccessCidrs", "%q is no range of the internet, and EKS refuses it; for who is in the VPC or connected to it use PrivateAccessCidrs", cidr)
		}
	}
	checkCidrs("PrivateAccessCidrs", p.PrivateAccessCidrs, &bad)
	if p.EndpointAccess == Public && len(p.PrivateAccessCidrs) > 0 {
		bad.Add("PrivateAccessCidrs", "%q stand beside EndpointAccess %q, which has no private endpoint; leave them out, or use %q", p.PrivateAccessCidrs, Public, PublicAndPrivate)
	}
	switch {
	case p.SupportType != Standard && p.SupportType != Extended:
		bad.Add("SupportType", "%q is unknown; use %q or %q", p.SupportType, Standard, Extended)
	case p.SupportType == Standard && InExtendedSupport(p.Version):
		bad.Add("SupportType", "%q has ended for Version %q, which EKS would raise at once; use %q, or a later version", Standard, p.Version, Extended)
	}
	if p.AlbController && p.AutoMode {
		bad.Add("AlbController", "stands beside AutoMode, which makes load balancers by itself; leave it out")
	}
	checkAccess(p.AccessEntries, &bad)
	bad.Nest("AddOns", p.AddOns.validate(p.AutoMode))
	return bad.Err()
}

func checkCidrs(field string, cidrs []string, bad *invalid.Problems) {
	for i, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		switch {
		case invalid.IsToken(cidr):
		case err != nil || !prefix.Addr().Is4():
			bad.Add(field, `%q is no IPv4 range; write a range as "203.0.113.0/24", one address as "203.0.113.7/32"`, cidr)
		case prefix.Masked() != prefix:
			bad.Add(field, "%q does not begin its range; write %q", cidr, prefix.Masked())
		case slices.Index(cidrs, cidr) < i:
			bad.Add(field, "name %q twice", cidr)
		}
	}
}

var carrierGrade = netip.MustParsePrefix("100.64.0.0/10")

func isReserved(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || carrierGrade.Contains(a)
}

// zonesOf gives the AZs of the subnets, each once.
func zonesOf(subnets []awsec2.ISubnet) (zones []string) {
	for _, subnet := range subnets {
		if zone := *subnet.AvailabilityZone(); !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	return zones
}
