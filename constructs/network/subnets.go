package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/vpcid"
)

// SubnetType names the subnets of a VPC that have the same kind of route to the internet.
type SubnetType string

// The types of subnets, as the AWS documentation names them:
// https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html
const (
	// Public subnets have a route to an internet gateway.
	Public SubnetType = "public"
	// Private subnets reach the internet through a NAT gateway and are not reached from it.
	Private SubnetType = "private"
	// Isolated subnets have no route to the internet.
	Isolated SubnetType = "isolated"
)

// Select returns a selection of all subnets of this type, as CDK constructs take it. The empty type stands for Private.
func (s SubnetType) Select() *awsec2.SubnetSelection {
	switch s {
	case Public:
		return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC}
	case Isolated:
		return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED}
	default:
		return &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS}
	}
}

// Of returns the subnets of this type in a VPC. The empty type stands for Private. It panics with *invalid.Error if the VPC is nil.
func (s SubnetType) Of(vpc awsec2.IVpc) []awsec2.ISubnet {
	var bad invalid.Problems
	check.NotNil("vpc", vpc, "the Vpc of network.NewVpc or network.VpcFrom, or a VPC of the CDK", &bad)
	check.Arguments(nil, "SubnetType.Of", bad)
	switch s {
	case Public:
		return *vpc.PublicSubnets()
	case Isolated:
		if vpcid.IsDummy(vpc) {
			return *vpc.PrivateSubnets() // the dummy has no isolated ones, as the real one may
		}
		return *vpc.IsolatedSubnets()
	default:
		return *vpc.PrivateSubnets()
	}
}
