package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// VpcAttributes identify an existing VPC. If credentials are available at synthesis, awsec2.Vpc_FromLookup finds all of this
// by the VPC ID.
type VpcAttributes struct {
	// VpcId is the VPC ID, such as "vpc-0123456789abcdef0". Required.
	VpcId string
	// CidrBlock is its IPv4 range, from which internal load balancers accept connections. Required.
	CidrBlock string
	// AvailabilityZones are the names of the Availability Zones of the subnets. Required.
	AvailabilityZones []string
	// PublicSubnetIds, PrivateSubnetIds and IsolatedSubnetIds are the subnets of each type: one for each of AvailabilityZones,
	// in the same order, or none. At least one type is required. Default: none.
	PublicSubnetIds, PrivateSubnetIds, IsolatedSubnetIds []string
}

// VpcFrom uses an existing VPC. It panics with *invalid.Error if the attributes are invalid.
func VpcFrom(scope constructs.Construct, id string, attributes *VpcAttributes) *Vpc {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())
	v := &Vpc{}
	source.Create(v, scope, id)
	v.Vpc = awsec2.Vpc_FromVpcAttributes(v, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId:             &a.VpcId,
		VpcCidrBlock:      &a.CidrBlock,
		AvailabilityZones: jsii.Strings(a.AvailabilityZones...),
		PublicSubnetIds:   opt.Strings(a.PublicSubnetIds),
		PrivateSubnetIds:  opt.Strings(a.PrivateSubnetIds),
		IsolatedSubnetIds: opt.Strings(a.IsolatedSubnetIds),
	})
	// The CDK misses the route tables, which only new routes and gateway endpoints would need: nothing here makes any.
	awscdk.Annotations_Of(v.Vpc).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ec2:noSubnetRouteTableId"), nil)
	return v
}

// Validate returns all problems of the attributes, or nil.
func (a *VpcAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	check.VpcId("VpcId", a.VpcId, &bad)
	if a.CidrBlock == "" {
		bad.Add("CidrBlock", "is required: the IPv4 range of the VPC, such as %q", defaultCidr)
	}
	check.Cidr("CidrBlock", a.CidrBlock, defaultCidr, &bad)
	if len(a.AvailabilityZones) == 0 {
		bad.Add("AvailabilityZones", `is required: the names of the subnets' Availability Zones, such as "eu-west-1a"`)
	}
	check.Zones("AvailabilityZones", a.AvailabilityZones, &bad)
	none := true
	for _, subnets := range []struct {
		field string
		ids   []string
	}{
		{"PublicSubnetIds", a.PublicSubnetIds}, {"PrivateSubnetIds", a.PrivateSubnetIds}, {"IsolatedSubnetIds", a.IsolatedSubnetIds},
	} {
		n := len(subnets.ids)
		none = none && n == 0
		if n > 0 && n != len(a.AvailabilityZones) && len(a.AvailabilityZones) > 0 {
			bad.Add(subnets.field, "must have one ID for each of AvailabilityZones (%d), in the same order", len(a.AvailabilityZones)).Given(n)
		}
		for i, id := range subnets.ids {
			check.SubnetId(check.Index(subnets.field, i), id, &bad)
			check.Once(subnets.field, subnets.ids, i, &bad)
		}
	}
	if none {
		bad.Add("PrivateSubnetIds", "is required unless PublicSubnetIds or IsolatedSubnetIds is set")
	}
	return bad.Err()
}
