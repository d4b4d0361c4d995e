package network

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
	"awscontainers/internal/tagging"
)

// NatGateways is the number of NAT gateways that carry the private subnets' traffic to the internet.
type NatGateways string

// The choices of NAT gateways. Each gateway costs by the hour and by the GB and takes one Elastic IP address, of which an
// account has five in a Region: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
const (
	// NatSingle shares one gateway: cheapest, but the loss of its AZ takes the way out from all private subnets.
	NatSingle NatGateways = "single"
	// NatPerAz gives every AZ its own, so that an AZ's failure stays in that AZ.
	NatPerAz NatGateways = "per-az"
	// NatNone makes no gateway and therefore no private subnets: only public and, on request, isolated ones.
	NatNone NatGateways = "none"
)

// TaskSubnets returns the subnets from which tasks on Fargate reach the internet: Private, or Public with NatNone, where each task needs
// a public address: see AssignPublicIp of ecs.ServiceProps and ecs.RunProps. The zero value stands for NatSingle.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
func (n NatGateways) TaskSubnets() SubnetType {
	if n == NatNone {
		return Public
	}
	return Private
}

const (
	defaultCidr = "10.0.0.0/16"
	defaultAzs  = 3
	// us-east-1, the largest Region, has six.
	// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
	maxAzs = 6
	// AWS takes a VPC of /16 to /28. From /22 on, the small subnets below would be too small for a load balancer, which
	// needs a /27 with eight free addresses.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
	minVpcBits, maxVpcBits = 16, 21
	// How many bits smaller than the VPC the subnets are. Fixed sizes in a fixed order keep every subnet's addresses
	// where they are when isolated subnets are asked for later: a changed CIDR would replace the subnet. Six AZs take
	// 6/8 + 6/64 + 6/64 of the VPC.
	privateBits, publicBits, isolatedBits = 3, 6, 6
)

// VpcProps configure a VPC. The zero value is a VPC over three AZs with one NAT gateway.
type VpcProps struct {
	// CidrBlock is the IPv4 range, between /16 and /21. Default: "10.0.0.0/16".
	CidrBlock string
	// AvailabilityZones is the number of AZs, 1 to 6. The zones are the first that Fn::GetAZs names when the stack is
	// deployed. Default: 3; in us-west-1, where Fargate is in two only, 2.
	AvailabilityZones int
	// AvailabilityZoneNames lists the zones to use, in place of AvailabilityZones: "eu-west-1a". You need to know the account's
	// zones; the subnets then stay where they are if AWS ever names the zones in another order. Once deployed, only append: another
	// order, or one fewer at the front, would replace subnets while their address ranges are in use, which AWS refuses. Default:
	// none, see AvailabilityZones.
	AvailabilityZoneNames []string
	// NatGateways is NatSingle, NatPerAz or NatNone. Default: NatSingle.
	NatGateways NatGateways
	// IsolatedSubnets adds subnets without a way to the internet. What runs there reaches AWS by endpoints only: see
	// InterfaceEndpoints. Default: false.
	IsolatedSubnets bool
	// InterfaceEndpoints are the AWS services to reach without leaving the VPC, by the last part of the endpoint service's
	// name: "logs", "ecr.api". EcsTaskEndpoints, EcsInstanceEndpoints, EksNodeEndpoints and EksFargateEndpoints give the sets that these
	// need. They stand in the isolated subnets, or in the private ones if there are none, and each costs by the hour and AZ. Default:
	// none. The gateway endpoints for S3 and DynamoDB are free and always there.
	// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
	InterfaceEndpoints []string
	// FlowLogRetention is how long CloudWatch Logs retains the VPC's flow logs, one of the periods that it offers. Default: one
	// month.
	FlowLogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether the flow logs are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which retains them, except those of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
}

// GuardDutyEndpoint is the interface endpoint to which the agents of GuardDuty Runtime Monitoring report, for InterfaceEndpoints. Set it
// only if you install the agents yourself, on EC2 instances in isolated subnets: where GuardDuty manages its agents, as on Fargate, it
// creates the endpoint itself, and a VPC takes only one.
// https://docs.aws.amazon.com/guardduty/latest/ug/creating-vpc-endpoint-ec2-agent-manually.html
const GuardDutyEndpoint = "guardduty-data"

// LeaveZonesToCloudFormation keeps the CDK from asking AWS which AZs there are, which it does in a stack with account and
// Region as soon as there is a VPC, even one that leaves them to Fn::GetAZs. A synth then needs no credentials, and gives
// the same template everywhere. Call it before the stack has children; a stack without account or Region needs it not.
// It panics with *invalid.Error if the stack is nil.
func LeaveZonesToCloudFormation(stack awscdk.Stack) {
	var bad invalid.Problems
	check.NotNil("stack", stack, "the stack of the VPC", &bad)
	check.Arguments(nil, "LeaveZonesToCloudFormation", bad)
	account, region := *stack.Account(), *stack.Region()
	if invalid.IsToken(account) || invalid.IsToken(region) {
		return
	}
	zones := make([]any, maxAzs)
	for i := range zones {
		zones[i] = zone(i)
	}
	stack.Node().SetContext(jsii.String(fmt.Sprintf("availability-zones:account=%s:region=%s", account, region)), &zones)
}

// zone is the AZ that CloudFormation gives by a number.
func zone(i int) *string {
	return awscdk.Fn_Select(jsii.Number(i), awscdk.Fn_GetAzs(nil))
}

// Vpc is a VPC whose default security group allows no traffic and whose traffic is logged, or an existing VPC of VpcFrom.
type Vpc struct {
	constructs.Construct
	// Vpc is the VPC as this library's and the CDK's own constructs take it. That of NewVpc is an awsec2.Vpc.
	Vpc awsec2.IVpc
}

// NewVpc creates a VPC. It panics with *invalid.Error if the props are invalid.
func NewVpc(scope constructs.Construct, id string, props *VpcProps) *Vpc {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(regionOf(scope)))

	v := &Vpc{}
	source.Create(v, scope, id)
	zones := p.zones(*awscdk.Stack_Of(v).Region())
	v.Vpc = awsec2.NewVpc(v, jsii.String("Vpc"), &awsec2.VpcProps{
		IpAddresses:         awsec2.IpAddresses_Cidr(&p.CidrBlock),
		AvailabilityZones:   jsii.Strings(zones...),
		NatGateways:         jsii.Number(p.natCount(len(zones))),
		SubnetConfiguration: p.subnets(),
		// CloudFormation cannot change the rules of a group that it did not make, so the CDK does it with a Lambda: the
		// one function in a stack of this library. Set here, because a copied construct may meet no feature flag.
		RestrictDefaultSecurityGroup: jsii.Bool(true),
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{
			"S3":       {Service: awsec2.GatewayVpcEndpointAwsService_S3()},
			"DynamoDb": {Service: awsec2.GatewayVpcEndpointAwsService_DYNAMODB()},
		},
	})
	v.tagRestriction()
	v.logFlows(&p)
	v.addEndpoints(&p)
	return v
}

// tagRestriction tags the function that empties the default security group, and its role. All VPCs of a stack share them, so they have
// the stack's tags.
func (v *Vpc) tagRestriction() {
	provider := awscdk.Stack_Of(v).Node().FindChild(jsii.String("Custom::VpcRestrictDefaultSGCustomResourceProvider"))
	for _, id := range []string{"Role", "Handler"} {
		tagging.Resource(provider.Node().FindChild(&id).(awscdk.CfnResource), awscdk.TagType_KEY_VALUE)
	}
}

// Id returns the VPC ID.
func (v *Vpc) Id() string { return *v.Vpc.VpcId() }

// Validate returns all problems of the props, or nil.
func (p *VpcProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate("")
}

// regionOf returns the Region of a construct's stack: a token if it is open, and "" without a construct.
func regionOf(scope constructs.Construct) string {
	if !invalid.IsMade(scope) {
		return ""
	}
	return *awscdk.Stack_Of(scope).Region()
}

// validate takes the Region of the stack, empty or a token where that is open.
func (p *VpcProps) validate(region string) error {
	var bad invalid.Problems
	check.Literal("CidrBlock", p.CidrBlock, "the subnets' ranges are computed from it", &bad)
	check.Cidr("CidrBlock", p.CidrBlock, defaultCidr, &bad)
	prefix, err := netip.ParsePrefix(p.CidrBlock)
	if bits := prefix.Bits(); len(bad) == 0 && err == nil && (bits < minVpcBits || bits > maxVpcBits) {
		bad.Add("CidrBlock", "must have a prefix length from /%d to /%d", minVpcBits, maxVpcBits).Given(p.CidrBlock)
	}
	switch n := len(p.AvailabilityZoneNames); {
	case n > 0 && p.AvailabilityZones != 0:
		bad.Add("AvailabilityZones", "must not be set together with AvailabilityZoneNames").Given(p.AvailabilityZones).
			Advise("remove one of them")
	case n == 0 && p.AvailabilityZones != 0:
		check.Range("AvailabilityZones", p.AvailabilityZones, 1, maxAzs, &bad)
	case n > maxAzs:
		check.MaxLen("AvailabilityZoneNames", n, maxAzs, &bad)
	}
	check.Zones("AvailabilityZoneNames", p.AvailabilityZoneNames, &bad)
	check.ZonesOf(region, "AvailabilityZoneNames", p.AvailabilityZoneNames, &bad)
	check.Known("NatGateways", p.NatGateways, []NatGateways{NatSingle, NatPerAz, NatNone}, &bad)
	check.LogRetention("FlowLogRetention", p.FlowLogRetention, &bad)
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	p.validateEndpoints(&bad)
	return bad.Err()
}

func (p *VpcProps) validateEndpoints(bad *invalid.Problems) {
	if len(p.InterfaceEndpoints) > 0 && p.NatGateways == NatNone && !p.IsolatedSubnets {
		bad.Add("InterfaceEndpoints", "requires private or isolated subnets, but without NAT gateways a VPC has only public ones").
			Advise("set IsolatedSubnets")
	}
	for i, service := range p.InterfaceEndpoints {
		field := check.Index("InterfaceEndpoints", i)
		switch {
		case service == "" || strings.HasPrefix(service, "com.amazonaws."):
			bad.Add(field, `must be the last part of an endpoint service name, such as "logs" of com.amazonaws.<region>.logs`).Given(service)
		case service == "s3" || service == "dynamodb":
			bad.Add(field, "must not be a service that the VPC reaches through a free gateway endpoint").Given(service).Advise("remove it")
		default:
			check.Once("InterfaceEndpoints", p.InterfaceEndpoints, i, bad)
		}
	}
}

func (p *VpcProps) setDefaults() {
	opt.Default(&p.CidrBlock, defaultCidr)
	opt.Default(&p.NatGateways, NatSingle)
	opt.Default(&p.FlowLogRetention, awslogs.RetentionDays_ONE_MONTH)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
}

// zones are the names of the Availability Zones, or what CloudFormation resolves to them. It is asked, and not the CDK's
// look-up, for one template in every account.
func (p *VpcProps) zones(region string) []string {
	if len(p.AvailabilityZoneNames) > 0 {
		return p.AvailabilityZoneNames
	}
	zones := make([]string, p.zoneCount(region))
	for i := range zones {
		zones[i] = *zone(i)
	}
	return zones
}

func (p *VpcProps) zoneCount(region string) int {
	switch {
	case p.AvailabilityZones != 0:
		return p.AvailabilityZones
	case region == "us-west-1":
		// Fargate, and so every pattern here, is in two of its AZs only.
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
		return 2
	default:
		return defaultAzs
	}
}

func (p *VpcProps) natCount(zones int) int {
	switch p.NatGateways {
	case NatPerAz:
		return zones
	case NatNone:
		return 0
	default:
		return 1
	}
}

func (p *VpcProps) subnets() *[]*awsec2.SubnetConfiguration {
	vpcBits := netip.MustParsePrefix(p.CidrBlock).Bits() // validate has parsed it before
	subnets := []*awsec2.SubnetConfiguration{{
		Name:       jsii.String("Public"),
		SubnetType: awsec2.SubnetType_PUBLIC,
		CidrMask:   jsii.Number(vpcBits + publicBits),
		// What needs a public address asks for it; nothing gets one by merely standing here.
		MapPublicIpOnLaunch: jsii.Bool(false),
	}}
	if p.NatGateways != NatNone {
		subnets = append(subnets, &awsec2.SubnetConfiguration{
			Name:       jsii.String("Private"),
			SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS,
			CidrMask:   jsii.Number(vpcBits + privateBits),
		})
	}
	if p.IsolatedSubnets {
		subnets = append(subnets, &awsec2.SubnetConfiguration{
			Name:       jsii.String("Isolated"),
			SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED,
			CidrMask:   jsii.Number(vpcBits + isolatedBits),
		})
	}
	return &subnets
}

func (v *Vpc) logFlows(p *VpcProps) {
	group := awslogs.NewLogGroup(v, jsii.String("FlowLogGroup"), &awslogs.LogGroupProps{
		Retention:     p.FlowLogRetention,
		RemovalPolicy: p.RemovalPolicy,
	})
	// Only for flow logs of this account: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
	stack := awscdk.Stack_Of(v)
	role := awsiam.NewRole(v, jsii.String("FlowLogRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("vpc-flow-logs.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
				"ArnLike": map[string]any{"aws:SourceArn": stack.FormatArn(&awscdk.ArnComponents{
					Service: jsii.String("ec2"), Resource: jsii.String("vpc-flow-log"), ResourceName: jsii.String("*"),
				})},
			},
		}),
	})
	awsec2.NewFlowLog(v, jsii.String("FlowLog"), &awsec2.FlowLogProps{
		ResourceType: awsec2.FlowLogResourceType_FromVpc(v.Vpc),
		Destination:  awsec2.FlowLogDestination_ToCloudWatchLogs(group, role),
	})
}

func (v *Vpc) addEndpoints(p *VpcProps) {
	if len(p.InterfaceEndpoints) == 0 {
		return
	}
	group := awsec2.NewSecurityGroup(v, jsii.String("EndpointSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              v.Vpc,
		Description:      jsii.String("Interface endpoints: HTTPS from the VPC"),
		AllowAllOutbound: jsii.Bool(false),
	})
	group.AddIngressRule(awsec2.Peer_Ipv4(v.Vpc.VpcCidrBlock()), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("HTTPS from the VPC"), nil)
	nag.Suppress(group, "CdkNagValidationFailure", "EC23 cannot read the VPC's CIDR, a reference; the rule is open only to the VPC")
	subnets := &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	if p.IsolatedSubnets {
		subnets.SubnetType = awsec2.SubnetType_PRIVATE_ISOLATED
	}
	for _, service := range p.InterfaceEndpoints {
		// Below the CDK's VPC, so that what depends on it waits for them too.
		v.Vpc.AddInterfaceEndpoint(jsii.String("Endpoint-"+service), &awsec2.InterfaceVpcEndpointOptions{
			Service:        awsec2.NewInterfaceVpcEndpointAwsService(&service, nil, nil, nil),
			Subnets:        subnets,
			SecurityGroups: &[]awsec2.ISecurityGroup{group},
			Open:           jsii.Bool(false),
		})
	}
}
