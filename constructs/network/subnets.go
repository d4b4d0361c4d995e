package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
)

// SubnetType says which of a VPC's subnets something stands in.
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

// Select is the CDK's selection of all subnets of this type.
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

// Check notes, under the field that holds the type, when there is no such type or when the VPC has no such subnets: the
// CDK would say so too, but without the field and only after it has begun to build. The empty type stands for Private. The
// VPC may be nil.
func (s SubnetType) Check(field string, vpc awsec2.IVpc, bad *invalid.Problems) {
	switch s {
	case "":
		s = Private
	case Public, Private, Isolated:
	default:
		bad.Add(field, "%q is unknown; use %q, %q or %q", s, Public, Private, Isolated)
		return
	}
	if vpc == nil || len(s.Of(vpc)) > 0 {
		return
	}
	bad.Add(field, "%q asks for subnets that the VPC does not have; it has %d public, %d private and %d isolated ones",
		s, len(Public.Of(vpc)), len(Private.Of(vpc)), len(Isolated.Of(vpc)))
}

// Of gives the subnets of this type.
func (s SubnetType) Of(vpc awsec2.IVpc) []awsec2.ISubnet {
	switch s {
	case Public:
		return *vpc.PublicSubnets()
	case Isolated:
		return *vpc.IsolatedSubnets()
	default:
		return *vpc.PrivateSubnets()
	}
}
