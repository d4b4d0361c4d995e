package network

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
)

func TestVpcPropsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		props VpcProps
		want  string
	}{
		"CIDR that is none":      {VpcProps{CidrBlock: "10.0.0.0"}, `CidrBlock "10.0.0.0" is not an IPv4 range; write it as "10.0.0.0/16"`},
		"IPv6 CIDR":              {VpcProps{CidrBlock: "fd00::/16"}, `CidrBlock "fd00::/16" is not an IPv4 range; write it as "10.0.0.0/16"`},
		"CIDR with host bits":    {VpcProps{CidrBlock: "10.0.1.0/16"}, `CidrBlock "10.0.1.0/16" has bits set behind its mask; use "10.0.0.0/16"`},
		"CIDR too small":         {VpcProps{CidrBlock: "10.0.0.0/24"}, `CidrBlock "10.0.0.0/24" has the mask /24; use /16 to /21`},
		"CIDR too large":         {VpcProps{CidrBlock: "10.0.0.0/8"}, `CidrBlock "10.0.0.0/8" has the mask /8; use /16 to /21`},
		"too many AZs":           {VpcProps{AvailabilityZones: 7}, "AvailabilityZones 7 is not a number of Availability Zones; use 1 to 6"},
		"AZs twice over":         {VpcProps{AvailabilityZones: 2, AvailabilityZoneNames: []string{"a", "b"}}, `AvailabilityZones 2 stands beside AvailabilityZoneNames ["a" "b"]; give one of them`},
		"AZ named twice":         {VpcProps{AvailabilityZoneNames: []string{"a", "a"}}, `AvailabilityZoneNames "a" at index 1 is empty or named twice; name each zone once`},
		"too many AZ names":      {VpcProps{AvailabilityZoneNames: []string{"a", "b", "c", "d", "e", "f", "g"}}, "AvailabilityZoneNames are 7; use up to 6"},
		"negative AZs":           {VpcProps{AvailabilityZones: -1}, "AvailabilityZones -1 is not a number of Availability Zones; use 1 to 6"},
		"unknown NAT gateways":   {VpcProps{NatGateways: "two"}, `NatGateways "two" is unknown; use "single", "per-az" or "none"`},
		"full endpoint name":     {VpcProps{InterfaceEndpoints: []string{"com.amazonaws.eu-west-1.logs"}}, `InterfaceEndpoints name "com.amazonaws.eu-west-1.logs" at index 0 is not the last part of an endpoint service's name; write "logs" for com.amazonaws.<region>.logs`},
		"gateway endpoint":       {VpcProps{InterfaceEndpoints: []string{"s3"}}, `InterfaceEndpoints name "s3", which the VPC always reaches by a free gateway endpoint; leave it out`},
		"endpoint twice":         {VpcProps{InterfaceEndpoints: []string{"logs", "logs"}}, `InterfaceEndpoints name "logs" twice; name each service once`},
		"endpoints without room": {VpcProps{NatGateways: NatNone, InterfaceEndpoints: []string{"logs"}}, "InterfaceEndpoints have no subnets to stand in: without NAT gateways there are only public subnets; set IsolatedSubnets"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.EqualError(t, c.props.validate(), c.want)
		})
	}
}

func TestVpcPropsAreTaken(t *testing.T) {
	for name, props := range map[string]VpcProps{
		"zero":     {},
		"smallest": {CidrBlock: "192.168.0.0/21", AvailabilityZones: 6, NatGateways: NatPerAz, IsolatedSubnets: true},
		"isolated": {NatGateways: NatNone, IsolatedSubnets: true, InterfaceEndpoints: EcsTaskEndpoints()},
	} {
		t.Run(name, func(t *testing.T) { assert.NoError(t, props.validate()) })
	}
}

func TestAZsFollowTheRegion(t *testing.T) {
	for region, want := range map[string]int{"eu-west-1": 3, "us-west-1": 2, "${Token[AWS.Region.4]}": 3} {
		p := VpcProps{}
		p.setDefaults(region)
		assert.Equal(t, want, p.AvailabilityZones, region)
	}
}

func TestImportedVpcPropsAreRefused(t *testing.T) {
	p := ImportedVpcProps{}
	require.EqualError(t, p.validate(), `VpcId "" is not the id of a VPC; write it as "vpc-0123456789abcdef0"
CidrBlock "" is not an IPv4 range; write it as "10.0.0.0/16"
AvailabilityZones is empty; name the AZs of the subnets, such as "eu-west-1a"
PrivateSubnetIds is empty, and so are PublicSubnetIds and IsolatedSubnetIds; give the subnets of at least one type`)

	p = ImportedVpcProps{VpcId: "vpc-01234567", CidrBlock: "fd00::/16", AvailabilityZones: []string{"a"}, PublicSubnetIds: []string{"subnet-01234567"}}
	require.EqualError(t, p.validate(), `CidrBlock "fd00::/16" is not an IPv4 range; write it as "10.0.0.0/16"`)

	p = ImportedVpcProps{VpcId: "vpc-01234567", CidrBlock: "10.0.0.0/16", AvailabilityZones: []string{"a", "b"}, PublicSubnetIds: []string{"subnet-1"}}
	assert.EqualError(t, p.validate(), `PublicSubnetIds has 1 ids for 2 AvailabilityZones; give one for each, in the same order
PublicSubnetIds "subnet-1" is not the id of a subnet; write it as "subnet-0123456789abcdef0"`)
}

func TestImportedVpcPropsAreTaken(t *testing.T) {
	p := ImportedVpcProps{VpcId: "${Token[a]}", CidrBlock: "${Token[b]}", AvailabilityZones: []string{"a"}, PrivateSubnetIds: []string{"${Token[c]}"}}
	assert.NoError(t, p.validate())
}

type anyVpc struct{ awsec2.IVpc }

func (anyVpc) PublicSubnets() *[]awsec2.ISubnet   { return &[]awsec2.ISubnet{nil} }
func (anyVpc) PrivateSubnets() *[]awsec2.ISubnet  { return &[]awsec2.ISubnet{} }
func (anyVpc) IsolatedSubnets() *[]awsec2.ISubnet { return &[]awsec2.ISubnet{} }

func TestSubnetTypesAreChecked(t *testing.T) {
	for _, c := range []struct {
		subnets SubnetType
		vpc     awsec2.IVpc
		want    string
	}{
		{Public, anyVpc{}, ""},
		{Isolated, nil, ""},
		{"dmz", nil, `Subnets "dmz" is unknown; use "public", "private" or "isolated"`},
		{"", anyVpc{}, `Subnets "private" asks for subnets that the VPC does not have; it has 1 public, 0 private and 0 isolated ones`},
		{Isolated, anyVpc{}, `Subnets "isolated" asks for subnets that the VPC does not have; it has 1 public, 0 private and 0 isolated ones`},
	} {
		var bad invalid.Problems
		c.subnets.Check("Subnets", c.vpc, &bad)
		if c.want == "" {
			require.NoError(t, bad.Err())
			continue
		}
		assert.EqualError(t, bad.Err(), c.want)
	}
}
