package network

import (
	"net/netip"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/opt"
)

// ImportedVpcProps name a VPC that exists. Where credentials are at hand, awsec2.Vpc_FromLookup finds all of this out from
// the id alone.
type ImportedVpcProps struct {
	// VpcId is the VPC's id, "vpc-0123456789abcdef0". Required.
	VpcId string
	// CidrBlock is its IPv4 range, to which internal load balancers open themselves. Required.
	CidrBlock string
	// AvailabilityZones are the names of the AZs that the subnets are in. Required.
	AvailabilityZones []string
	// PublicSubnetIds, PrivateSubnetIds and IsolatedSubnetIds are the subnets of each type, as many as AvailabilityZones and
	// in the same order, or none of a type. Default: none.
	PublicSubnetIds, PrivateSubnetIds, IsolatedSubnetIds []string
}

// ImportVpc gives a VPC that exists the form in which constructs take it. Nothing is created. It panics with
// *invalid.Error when the props are wrong.
func ImportVpc(scope constructs.Construct, id string, props *ImportedVpcProps) awsec2.IVpc {
	var p ImportedVpcProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())
	vpc := awsec2.Vpc_FromVpcAttributes(scope, &id, &awsec2.VpcAttributes{
		VpcId:             &p.VpcId,
		VpcCidrBlock:      &p.CidrBlock,
		AvailabilityZones: jsii.Strings(p.AvailabilityZones...),
		PublicSubnetIds:   opt.Strings(p.PublicSubnetIds),
		PrivateSubnetIds:  opt.Strings(p.PrivateSubnetIds),
		IsolatedSubnetIds: opt.Strings(p.IsolatedSubnetIds),
	})
	// The CDK misses the route tables, which only new routes and gateway endpoints would need: nothing here makes any.
	awscdk.Annotations_Of(vpc).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ec2:noSubnetRouteTableId"), nil)
	return vpc
}

// IsVpcId tells whether a text has the form of a VPC's id.
func IsVpcId(id string) bool { return vpcID.MatchString(id) }

var (
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
	vpcID    = regexp.MustCompile(`^vpc-([0-9a-f]{8}|[0-9a-f]{17})$`)
	subnetID = regexp.MustCompile(`^subnet-([0-9a-f]{8}|[0-9a-f]{17})$`)
)

func (p *ImportedVpcProps) validate() error {
	var bad invalid.Problems
	if !invalid.IsToken(p.VpcId) && !IsVpcId(p.VpcId) {
		bad.Add("VpcId", `%q is not the id of a VPC; write it as "vpc-0123456789abcdef0"`, p.VpcId)
	}
	prefix, err := netip.ParsePrefix(p.CidrBlock)
	if !invalid.IsToken(p.CidrBlock) && (err != nil || !prefix.Addr().Is4() || prefix != prefix.Masked()) {
		bad.Add("CidrBlock", "%q is not an IPv4 range; write it as %q", p.CidrBlock, defaultCidr)
	}
	if len(p.AvailabilityZones) == 0 {
		bad.Add("AvailabilityZones", "is empty; name the AZs of the subnets, such as \"eu-west-1a\"")
	}
	checkZones("AvailabilityZones", p.AvailabilityZones, &bad)
	some := false
	for _, subnets := range []struct {
		field string
		ids   []string
	}{
		{"PublicSubnetIds", p.PublicSubnetIds}, {"PrivateSubnetIds", p.PrivateSubnetIds}, {"IsolatedSubnetIds", p.IsolatedSubnetIds},
	} {
		some = some || len(subnets.ids) > 0
		if n := len(subnets.ids); n > 0 && n != len(p.AvailabilityZones) {
			bad.Add(subnets.field, "has %d ids for %d AvailabilityZones; give one for each, in the same order", n, len(p.AvailabilityZones))
		}
		for _, id := range subnets.ids {
			if !invalid.IsToken(id) && !subnetID.MatchString(id) {
				bad.Add(subnets.field, `%q is not the id of a subnet; write it as "subnet-0123456789abcdef0"`, id)
			}
		}
	}
	if !some {
		bad.Add("PrivateSubnetIds", "is empty, and so are PublicSubnetIds and IsolatedSubnetIds; give the subnets of at least one type")
	}
	return bad.Err()
}
