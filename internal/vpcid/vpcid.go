package vpcid

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
)

// AreApart reports whether two VPCs are known to be different ones. One that was imported twice, by the same id, is the same; nothing
// is known of nil, or of an imported VPC whose id is a token.
func AreApart(a, b awsec2.IVpc) bool {
	return a != nil && b != nil && *a.VpcId() != *b.VpcId() && isDistinct(a) && isDistinct(b)
}

// isDistinct reports whether a VPC's id stands for just that VPC: one that is made here, or one by its name.
func isDistinct(vpc awsec2.IVpc) bool {
	_, isMade := vpc.(awsec2.Vpc)
	return isMade || !invalid.IsToken(*vpc.VpcId())
}
