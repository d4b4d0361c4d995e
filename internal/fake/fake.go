package fake

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
)

// Vpc is a VPC that has subnets in the listed zones; the zero value has none.
type Vpc struct {
	awsec2.IVpc
	Public, Private, Isolated string // one letter for each subnet's zone: "ab"
}

// TwoZones is a VPC with public and private subnets in two zones.
func TwoZones() Vpc { return Vpc{Public: "ab", Private: "ab"} }

// VpcId is part of awsec2.IVpc.
func (v Vpc) VpcId() *string { return new("vpc-0123456789abcdef0") }

// PublicSubnets is part of awsec2.IVpc.
func (v Vpc) PublicSubnets() *[]awsec2.ISubnet { return subnets(v.Public) }

// PrivateSubnets is part of awsec2.IVpc.
func (v Vpc) PrivateSubnets() *[]awsec2.ISubnet { return subnets(v.Private) }

// IsolatedSubnets is part of awsec2.IVpc.
func (v Vpc) IsolatedSubnets() *[]awsec2.ISubnet { return subnets(v.Isolated) }

func subnets(zones string) *[]awsec2.ISubnet {
	all := []awsec2.ISubnet{}
	for _, zone := range zones {
		all = append(all, subnet{zone: string(zone)})
	}
	return &all
}

type subnet struct {
	awsec2.ISubnet
	zone string
}

func (s subnet) AvailabilityZone() *string { return &s.zone }

// SecurityGroup is a security group.
type SecurityGroup struct{ awsec2.ISecurityGroup }

// Secret is a secret of a container.
type Secret struct{ awsecs.Secret }
