package network

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVpcPropsAreRefused(t *testing.T) {
	const endpointName = `must be the last part of an endpoint service name, such as "logs" of com.amazonaws.<region>.logs`
	for name, c := range map[string]struct {
		props VpcProps
		want  string
	}{
		"CIDR that is none": {VpcProps{CidrBlock: "10.0.0.0"}, `CidrBlock must be an IPv4 range such as "10.0.0.0/16"; got "10.0.0.0"`},
		"IPv6 CIDR":         {VpcProps{CidrBlock: "fd00::/16"}, `CidrBlock must be an IPv4 range such as "10.0.0.0/16"; got "fd00::/16"`},
		"CIDR with host bits": {VpcProps{CidrBlock: "10.0.1.0/16"},
			`CidrBlock must begin at the first address of its range; got "10.0.1.0/16"; use "10.0.0.0/16"`},
		"open CIDR": {VpcProps{CidrBlock: "${Token[C.1]}"},
			"CidrBlock must be a literal, not a CDK token, because the subnets' ranges are computed from it"},
		"CIDR too small": {VpcProps{CidrBlock: "10.0.0.0/24"}, `CidrBlock must have a prefix length from /16 to /21; got "10.0.0.0/24"`},
		"CIDR too large": {VpcProps{CidrBlock: "10.0.0.0/8"}, `CidrBlock must have a prefix length from /16 to /21; got "10.0.0.0/8"`},
		"too many AZs":   {VpcProps{AvailabilityZones: 7}, "AvailabilityZones must be an integer from 1 to 6; got 7"},
		"negative AZs":   {VpcProps{AvailabilityZones: -1}, "AvailabilityZones must be an integer from 1 to 6; got -1"},
		"AZs twice over": {VpcProps{AvailabilityZones: 9, AvailabilityZoneNames: []string{"eu-west-1a", "eu-west-1b"}},
			"AvailabilityZones must not be set together with AvailabilityZoneNames; got 9; remove one of them"},
		"AZ named twice": {VpcProps{AvailabilityZoneNames: []string{"eu-west-1a", "eu-west-1a"}},
			`AvailabilityZoneNames[1] must not repeat AvailabilityZoneNames[0]; got "eu-west-1a"`},
		"too many AZ names": {VpcProps{AvailabilityZoneNames: []string{"eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d", "eu-west-1e",
			"eu-west-1f", "eu-west-1g"}},
			"AvailabilityZoneNames must have at most 6 elements; got 7"},
		"unknown NAT gateways": {VpcProps{NatGateways: "two"}, `NatGateways must be "single", "per-az" or "none"; got "two"`},
		"full endpoint name": {VpcProps{InterfaceEndpoints: []string{"com.amazonaws.eu-west-1.logs"}},
			"InterfaceEndpoints[0] " + endpointName + `; got "com.amazonaws.eu-west-1.logs"`},
		"gateway endpoint": {VpcProps{InterfaceEndpoints: []string{"logs", "s3"}},
			`InterfaceEndpoints[1] must not be a service that the VPC reaches through a free gateway endpoint; got "s3"; remove it`},
		"endpoint twice": {VpcProps{InterfaceEndpoints: []string{"logs", "logs"}},
			`InterfaceEndpoints[1] must not repeat InterfaceEndpoints[0]; got "logs"`},
		"endpoints without room": {VpcProps{NatGateways: NatNone, InterfaceEndpoints: []string{"logs"}},
			"InterfaceEndpoints requires private or isolated subnets, but without NAT gateways a VPC has only public ones; set IsolatedSubnets"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.EqualError(t, c.props.Validate(), c.want)
		})
	}
}

func TestVpcPropsAreAccepted(t *testing.T) {
	for name, props := range map[string]VpcProps{
		"zero":     {},
		"smallest": {CidrBlock: "192.168.0.0/21", AvailabilityZones: 6, NatGateways: NatPerAz, IsolatedSubnets: true},
		"isolated": {NatGateways: NatNone, IsolatedSubnets: true, InterfaceEndpoints: EcsTaskEndpoints()},
	} {
		t.Run(name, func(t *testing.T) { assert.NoError(t, props.Validate()) })
	}
}

func TestAZsFollowTheRegion(t *testing.T) {
	for region, want := range map[string]int{"eu-west-1": 3, "us-west-1": 2, "${Token[AWS.Region.4]}": 3} {
		assert.Equal(t, want, (&VpcProps{}).zoneCount(region), region)
	}
	assert.Equal(t, 6, (&VpcProps{AvailabilityZones: 6}).zoneCount("us-west-1"))
}

func TestVpcAttributesAreRefused(t *testing.T) {
	a := VpcAttributes{}
	require.EqualError(t, a.Validate(), `VpcId is required: a VPC ID such as "vpc-0123456789abcdef0"
CidrBlock is required: the IPv4 range of the VPC, such as "10.0.0.0/16"
AvailabilityZones is required: the names of the subnets' Availability Zones, such as "eu-west-1a"
PrivateSubnetIds is required unless PublicSubnetIds or IsolatedSubnetIds is set`)

	a = VpcAttributes{VpcId: "vpc-01234567", CidrBlock: "fd00::/16", AvailabilityZones: []string{"eu-west-1a"},
		PublicSubnetIds: []string{"subnet-01234567"}}
	require.EqualError(t, a.Validate(), `CidrBlock must be an IPv4 range such as "10.0.0.0/16"; got "fd00::/16"`)

	a = VpcAttributes{VpcId: "vpc", CidrBlock: "10.0.0.0/16", AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"},
		PublicSubnetIds: []string{"subnet-1"}}
	assert.EqualError(t, a.Validate(), `VpcId must be a VPC ID such as "vpc-0123456789abcdef0"; got "vpc"
PublicSubnetIds must have one ID for each of AvailabilityZones (2), in the same order; got 1
PublicSubnetIds[0] must be a subnet ID such as "subnet-0123456789abcdef0"; got "subnet-1"`)
}

func TestVpcAttributesAreAccepted(t *testing.T) {
	a := VpcAttributes{
		VpcId: "${Token[a]}", CidrBlock: "${Token[b]}", AvailabilityZones: []string{"eu-west-1a"}, PrivateSubnetIds: []string{"${Token[c]}"},
	}
	assert.NoError(t, a.Validate())
}
