package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/waf"
	"awscontainers/internal/balancer"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/peer"
	"awscontainers/internal/source"
	"awscontainers/internal/taskrole"
)

// GatewayProps are the props of a gateway. AWS can't change InternetFacing, Subnets or GatewayName of a gateway: with the same name, such
// an update fails. Create a second gateway instead; see "Change a gateway" in the README.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-managing.html
type GatewayProps struct {
	// Cluster is the cluster whose services the gateway serves, in the cluster's VPC. A cluster has up to 5 gateways. Required.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AssociateGatewayWithCluster.html
	Cluster *Cluster
	// InternetFacing lets the internet reach the load balancers, in the VPC's public subnets. Default: false, only the VPC reaches them,
	// in the private subnets.
	InternetFacing bool
	// Subnets are the load balancers' subnets: network.Public, and only that, with InternetFacing. They must have every Availability Zone
	// of the services' subnets. Default: network.Private for an internal gateway.
	Subnets network.SubnetType
	// IngressCidrs lists the IPv4 ranges that can connect, at port 443. Default (nil, not an empty list): the internet ("0.0.0.0/0"), or
	// the VPC for an internal gateway.
	IngressCidrs []string
	// WebAcl puts AWS WAF in front of all services of the gateway. Default: nil, none.
	WebAcl *waf.WebAcl
	// TestHeader identifies test requests by a header: during a deployment that shifts traffic, requests with one of its values reach the
	// new version before other requests do. Default: nil, no test requests.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GatewayAlbTestTrafficRules.html
	TestHeader *elb.HttpHeader
	// MaxAlbCount is the maximum number of load balancers that ECS creates for the gateway, 1 or more. ECS creates the first one for the
	// first service, and more as services need them. Default: 10.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HostSharedAlbConfiguration.html
	MaxAlbCount int
	// InfrastructureRole is the role that ECS assumes to manage the load balancers, security groups and certificates. Default: a new role
	// with the policy that AWS names for it, AmazonECSInfrastructureRoleForGatewayHostSharedALB.
	// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRoleForGatewayHostSharedALB.html
	InfrastructureRole awsiam.IRole
	// DeletionProtection prevents the deletion of the gateway, of its load balancers and so of its stack. Turn it on after the first
	// deployment has succeeded: before that, it also blocks the rollback of a deployment that fails. Default: false. (AWS's own default is
	// true.)
	DeletionProtection bool
	// AccessLogRetentionDays is how long access logs are retained in their bucket, 1 day or more. The bucket itself is retained when the
	// stack is deleted: CloudFormation deletes only empty buckets. Default: 90.
	AccessLogRetentionDays int
	// GatewayName is the physical name, unique in the account: up to 255 letters, digits and hyphens. Default: a name derived from the
	// stack's name and the construct's path.
	GatewayName string
}

// Gateway is a gateway of Amazon ECS: Application Load Balancers that ECS creates, shares among services and deletes. Each service has an
// HTTPS address of its own with a certificate that ECS manages. See [GatewayConnector].
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-managing.html
type Gateway struct {
	constructs.Construct
	// Gateway is the resource; nil for a gateway of GatewayFrom.
	Gateway awsecs.CfnGateway
	// Association is the gateway's association with its cluster; nil for a gateway of GatewayFrom.
	Association awsecs.CfnGatewayClusterAssociations
	// InfrastructureRole is the role with which ECS manages the load balancers; nil for a gateway of GatewayFrom.
	InfrastructureRole awsiam.IRole
	// AccessLogBucket holds the access logs; nil for a gateway of GatewayFrom.
	AccessLogBucket awss3.Bucket

	name          string
	cluster       *Cluster
	subnets       network.SubnetType // "" if unknown
	isPublic      bool
	hasTestHeader bool
	groups        []awsec2.ISecurityGroup
	connectable   peer.Connectable
}

var _ awsec2.IConnectable = (*Gateway)(nil)

// gatewayPolicy is the managed policy for the role of a gateway.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRoleForGatewayHostSharedALB.html
const gatewayPolicy = "AmazonECSInfrastructureRoleForGatewayHostSharedALB"

// NewGateway creates a gateway and associates it with a cluster. It panics with *invalid.Error if the props are invalid.
func NewGateway(scope constructs.Construct, id string, props *GatewayProps) *Gateway {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateInVpc())

	g := &Gateway{
		InfrastructureRole: p.InfrastructureRole, cluster: p.Cluster, subnets: p.Subnets, isPublic: p.InternetFacing,
		hasTestHeader: p.TestHeader != nil,
	}
	source.Create(g, scope, id)
	if g.InfrastructureRole == nil {
		g.InfrastructureRole = newGatewayRole(g)
	}
	ingress := p.balancer(p.Cluster.Vpc()).GatewayIngress(g)
	g.AccessLogBucket, g.groups = ingress.AccessLogBucket, []awsec2.ISecurityGroup{ingress.SecurityGroup}
	g.name = p.name(g)
	g.Gateway = awsecs.NewCfnGateway(g, jsii.String("Gateway"), &awsecs.CfnGatewayProps{
		GatewayName:           &g.name,
		InfrastructureRoleArn: g.InfrastructureRole.RoleArn(),
		DeletionProtection:    &p.DeletionProtection,
		PropagateTags:         jsii.String("GATEWAY"),
		Configuration:         &awsecs.CfnGateway_GatewayConfigurationProperty{HostSharedAlb: p.render(&ingress)},
	})
	g.addDependencies(&ingress)
	g.Association = awsecs.NewCfnGatewayClusterAssociations(g, jsii.String("Association"), &awsecs.CfnGatewayClusterAssociationsProps{
		Cluster: jsii.String(p.Cluster.Arn()),
		Gateway: g.Gateway.AttrArn(),
	})
	p.Cluster.gateways = append(p.Cluster.gateways, g)
	return g
}

// newGatewayRole creates the role that AWS asks for, in the form in which AWS writes it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-managing.html
func newGatewayRole(g *Gateway) awsiam.Role {
	role := awsiam.NewRole(g, jsii.String("InfrastructureRole"), &awsiam.RoleProps{
		Description:     describe.Of("Manages the load balancers of", *g.Node().Path()),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String(taskrole.Ecs), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(gatewayPolicy))},
	})
	nag.Suppress(role, "AwsSolutions-IAM4", "The policy that AWS names for this role; it follows what ECS creates for a gateway",
		"Policy::arn:<AWS::Partition>:iam::aws:policy/"+gatewayPolicy)
	return role
}

// name is derived from nothing that a change of the gateway changes: AWS requires one, and a new name is a new gateway.
func (p *GatewayProps) name(g *Gateway) string {
	if p.GatewayName != "" {
		return p.GatewayName
	}
	return *awscdk.Names_UniqueResourceName(g, &awscdk.UniqueResourceNameOptions{
		MaxLength: jsii.Number(maxGatewayName), Separator: jsii.String("-"), AllowedSpecialCharacters: jsii.String("-"),
	})
}

// render writes IpAddressType, of which AWS's default is dual-stack: that needs subnets with IPv6 ranges. Port and protocol are those
// that every gateway has, 443 and HTTPS.
func (p *GatewayProps) render(ingress *balancer.GatewayIngress) *awsecs.CfnGateway_HostSharedAlbConfigurationProperty {
	scheme := "internal"
	if p.InternetFacing {
		scheme = "internet-facing"
	}
	config := &awsecs.CfnGateway_HostSharedAlbConfigurationProperty{
		Scheme:      &scheme,
		HttpDesync:  jsii.String("defensive"),
		MaxAlbCount: opt.Number(p.MaxAlbCount),
		NetworkConfiguration: &awsecs.CfnGateway_GatewayElbNetworkConfigurationProperty{
			Subnets:              ingress.Subnets,
			IpAddressType:        jsii.String("ipv4"),
			InboundSecurityGroup: ingress.SecurityGroup.SecurityGroupId(),
		},
		AccessLogs: &awsecs.CfnGateway_GatewayElbAccessLogConfigurationProperty{
			Destination: &awsecs.CfnGateway_GatewayElbAccessLogDestinationProperty{
				S3: &awsecs.CfnGateway_GatewayElbAccessLogS3DestinationProperty{Bucket: ingress.AccessLogBucket.BucketName()},
			},
		},
	}
	if p.WebAcl != nil {
		config.WebAclArn = jsii.String(p.WebAcl.Arn())
	}
	if h := p.TestHeader; h != nil {
		config.TestTrafficRules = &awsecs.CfnGateway_GatewayAlbTestTrafficRulesProperty{
			Header: &awsecs.CfnGateway_GatewayTestTrafficHeaderProperty{Name: &h.Name, Values: jsii.Strings(h.Values...)},
		}
	}
	return config
}

// addDependencies adds what CloudFormation can't see: ECS creates the load balancers when it deploys a service, and deletes them when the
// last service leaves. By then, and until then, the role needs its policies, the bucket its policy, and the subnets their way to the
// internet.
func (g *Gateway) addDependencies(ingress *balancer.GatewayIngress) {
	before := []constructs.IDependable{g.InfrastructureRole, ingress.AccessLogBucket.Policy()}
	if ingress.Internet != nil {
		before = append(before, ingress.Internet)
	}
	g.Gateway.Node().AddDependency(before...)
}

// GatewayAttributes identify an existing gateway, such as one that a platform team manages.
type GatewayAttributes struct {
	// Cluster is a cluster that the gateway is associated with. Required.
	Cluster *Cluster
	// GatewayName is the gateway's name. Required.
	GatewayName string
	// InternetFacing is set if the gateway's scheme is internet-facing. Default: false, internal.
	InternetFacing bool
	// SecurityGroup is the gateway's inbound security group, which the tasks then admit. Default: none; that the tasks' security groups
	// admit the load balancers is left to ECS.
	SecurityGroup awsec2.ISecurityGroup
	// HasTestHeader is set if the gateway has a header for test requests. Default: false.
	HasTestHeader bool
}

// GatewayFrom uses an existing gateway. Its subnets aren't known, so nothing checks that they cover the services' zones. It panics with
// *invalid.Error if the attributes are invalid.
func GatewayFrom(scope constructs.Construct, id string, attributes *GatewayAttributes) *Gateway {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())
	g := &Gateway{name: a.GatewayName, cluster: a.Cluster, isPublic: a.InternetFacing, hasTestHeader: a.HasTestHeader}
	if a.SecurityGroup != nil {
		g.groups = []awsec2.ISecurityGroup{a.SecurityGroup}
	}
	source.Create(g, scope, id)
	a.Cluster.gateways = append(a.Cluster.gateways, g)
	return g
}

// Name returns the gateway's name.
func (g *Gateway) Name() string { return g.name }

// Arn returns the gateway's ARN.
func (g *Gateway) Arn() string {
	if g.Gateway != nil {
		return *g.Gateway.AttrArn()
	}
	return *awscdk.Stack_Of(g).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ecs"), Resource: jsii.String("gateway"), ResourceName: &g.name,
	})
}

// Connections returns the load balancers' inbound security group. It panics with *invalid.Error for a gateway of GatewayFrom without
// SecurityGroup.
func (g *Gateway) Connections() awsec2.Connections {
	return g.connectable.Of(g, g.groups, "set SecurityGroup of ecs.GatewayAttributes")
}

// accessType is what a connector's filter calls the gateway.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GatewayConnectorFilters.html
func (g *Gateway) accessType() string { return accessType(g.isPublic) }

func accessType(isPublic bool) string {
	if isPublic {
		return "PUBLIC"
	}
	return "PRIVATE"
}
