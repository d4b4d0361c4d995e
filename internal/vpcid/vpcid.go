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
	return isMade || !invalid.IsToken(*vpc.VpcId()) && !IsDummy(vpc)
}

// IsDummy reports whether the CDK made a VPC up, because its CLI is yet to look the real one up: it synthesizes once without, and
// nothing but the lookup comes of it. To refuse what doesn't fit the dummy would be to refuse it for ever. A nil VPC is none.
// https://docs.aws.amazon.com/cdk/v2/guide/context.html
func IsDummy(vpc awsec2.IVpc) bool { return vpc != nil && *vpc.VpcId() == dummyId }

// dummyId is DUMMY_VPC_PROPS of aws-cdk-lib/aws-ec2/lib/vpc.ts.
const dummyId = "vpc-12345"
