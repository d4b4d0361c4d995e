package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/network"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

func TestVpcWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	network.NewVpc(stack, "Network", nil)
	tpl := cdktest.Synth(t, stack)

	assert.Equal(t, "10.0.0.0/16", tpl.Only("AWS::EC2::VPC").Get("CidrBlock"))
	assert.Len(t, subnets(tpl, "Public"), 3)
	assert.Len(t, subnets(tpl, "Private"), 3)
	assert.Empty(t, subnets(tpl, "Isolated"))
	for _, subnet := range tpl.All("AWS::EC2::Subnet") {
		assert.Equal(t, false, subnet.Get("MapPublicIpOnLaunch"), "%s hands out public addresses unasked", subnet.Path())
	}
	nat := tpl.Only("AWS::EC2::NatGateway")
	for _, subnet := range subnets(tpl, "Private") {
		assert.Same(t, nat, defaultRoute(t, tpl, subnet).Ref("NatGatewayId"))
	}
	for _, subnet := range subnets(tpl, "Public") {
		assert.Equal(t, "AWS::EC2::InternetGateway", defaultRoute(t, tpl, subnet).Ref("GatewayId").Type)
	}

	endpoints := tpl.All("AWS::EC2::VPCEndpoint")
	assert.Len(t, endpoints, 2, "gateway endpoints, for S3 and DynamoDB")
	for _, endpoint := range endpoints {
		assert.Equal(t, "Gateway", endpoint.Get("VpcEndpointType"))
		assert.Len(t, endpoint.Get("RouteTableIds"), 6, "route tables of %s", endpoint.Path())
	}

	flows := tpl.Only("AWS::EC2::FlowLog")
	assert.Equal(t, "ALL", flows.Get("TrafficType"))
	assert.Same(t, tpl.Only("AWS::EC2::VPC"), flows.Ref("ResourceId"))
	group := flows.Ref("LogGroupName")
	assert.Equal(t, 30.0, group.Get("RetentionInDays"))
	assert.Equal(t, "RetainExceptOnCreate", group.DeletionPolicy)
	cdktest.MayExactly(t, flows.Ref("DeliverLogsPermissionArn"),
		shared.MayLog(group))

	assert.Same(t, tpl.Only("AWS::EC2::VPC"), tpl.Only("Custom::VpcRestrictDefaultSG").Ref("DefaultSecurityGroupId"))
	assert.Len(t, tpl.All("AWS::Lambda::Function"), 1, "only the one that closes the default security group")
}

func TestVpcWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	network.NewVpc(stack, "Network", &network.VpcProps{
		CidrBlock:          "10.64.0.0/18",
		AvailabilityZones:  2,
		NatGateways:        network.NatPerAz,
		IsolatedSubnets:    true,
		InterfaceEndpoints: network.EcsTaskEndpoints(),
		FlowLogRetention:   awslogs.RetentionDays_ONE_DAY,
		RemovalPolicy:      awscdk.RemovalPolicy_DESTROY,
	})
	tpl := cdktest.Synth(t, stack)

	gateways := map[*cdktest.Resource]bool{}
	for _, subnet := range subnets(tpl, "Private") {
		gateways[defaultRoute(t, tpl, subnet).Ref("NatGatewayId")] = true
	}
	assert.Len(t, gateways, 2, "a NAT gateway an AZ")
	for _, subnet := range subnets(tpl, "Isolated") {
		assert.Nil(t, defaultRoute(t, tpl, subnet), "an isolated subnet has a way out")
	}
	group := tpl.Only("AWS::Logs::LogGroup")
	assert.Equal(t, 1.0, group.Get("RetentionInDays"))
	assert.Equal(t, "Delete", group.DeletionPolicy)

	var interfaces int
	for _, endpoint := range tpl.All("AWS::EC2::VPCEndpoint") {
		if endpoint.Get("VpcEndpointType") != "Interface" {
			continue
		}
		interfaces++
		assert.Equal(t, true, endpoint.Get("PrivateDnsEnabled"))
		assert.Len(t, endpoint.Get("SubnetIds"), 2)
		assert.Contains(t, endpoint.Ref("SubnetIds.0").Path(), "Isolated")
		guard := endpoint.Ref("SecurityGroupIds.0")
		assert.Len(t, guard.Get("SecurityGroupIngress"), 1)
		assert.Equal(t, 443.0, guard.Get("SecurityGroupIngress.0.FromPort"))
		assert.Equal(t, 443.0, guard.Get("SecurityGroupIngress.0.ToPort"))
		assert.Same(t, tpl.Only("AWS::EC2::VPC"), guard.Ref("SecurityGroupIngress.0.CidrIp"))
	}
	assert.Equal(t, len(network.EcsTaskEndpoints()), interfaces)
}

func TestVpcWithoutNat(t *testing.T) {
	stack := cdktest.Stack(t)
	network.NewVpc(stack, "Network", &network.VpcProps{NatGateways: network.NatNone, IsolatedSubnets: true})
	tpl := cdktest.Synth(t, stack)
	assert.Empty(t, tpl.All("AWS::EC2::NatGateway"))
	assert.Empty(t, subnets(tpl, "Private"))
	assert.Len(t, subnets(tpl, "Isolated"), 3)
}

// A subnet whose CIDR changes is replaced, with all that stands in it.
func TestIsolatedSubnetsLeaveTheOthersWhereTheyAre(t *testing.T) {
	cidrs := func(isolated bool) map[string]any {
		stack := cdktest.Stack(t)
		network.NewVpc(stack, "Network", &network.VpcProps{IsolatedSubnets: isolated})
		found := map[string]any{}
		for _, subnet := range cdktest.Synth(t, stack).All("AWS::EC2::Subnet") {
			found[subnet.Path()] = subnet.Get("CidrBlock")
		}
		return found
	}
	after := cidrs(true)
	for path, cidr := range cidrs(false) {
		assert.Equal(t, cidr, after[path], path)
	}
}

func TestExistingVpcMakesNothing(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	tpl := cdktest.Synth(t, stack)
	assert.Empty(t, tpl.Resources)
	assert.Equal(t, "vpc-0123456789abcdef0", *vpc.VpcId())
	existing := network.VpcFrom(stack, "Existing", &network.VpcAttributes{
		VpcId: "vpc-0123456789abcdef0", CidrBlock: "10.0.0.0/16", AvailabilityZones: []string{"eu-west-1a"},
		PrivateSubnetIds: []string{"subnet-00000000000000003"},
	})
	assert.Equal(t, "Test/Existing", *existing.Node().Path(), "it is no construct")
	assert.Equal(t, "vpc-0123456789abcdef0", existing.Id())
	assert.Len(t, network.Private.Of(existing.Vpc), 1)
	lines := cdktest.Refused(t, func() { network.VpcFrom(stack, "Other", &network.VpcAttributes{VpcId: "x"}) })
	assert.Equal(t, `Test/Other: VpcId must be a VPC ID such as "vpc-0123456789abcdef0"; got "x"`, lines[0])
	assert.Len(t, cdktest.Refused(t, func() { network.VpcFrom(stack, "Nothing", nil) }), 4)
	assert.Equal(t, []string{"Lost: scope must not be nil"}, cdktest.Refused(t, func() { network.NewVpc(nil, "Lost", nil) }))
}

func TestVpcIsRefusedWithItsPath(t *testing.T) {
	stack := cdktest.Stack(t)
	lines := cdktest.Refused(t, func() {
		network.NewVpc(stack, "Network", &network.VpcProps{AvailabilityZones: 9, NatGateways: "many"})
	})
	assert.Equal(t, []string{
		"Test/Network: AvailabilityZones must be an integer from 1 to 6; got 9",
		`Test/Network: NatGateways must be "single", "per-az" or "none"; got "many"`,
	}, lines)
	assert.Empty(t, *stack.Node().Children(), "something was made before the refusal")
}
