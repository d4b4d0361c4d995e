package cdn

import (
	"maps"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// originFacing are the IDs of the managed prefix list com.amazonaws.global.cloudfront.origin-facing by Region, as of 2026-11-30: AWS
// gives it one ID for all accounts of a Region. AWS documents the name and not the IDs; these are the same in all of the public sources
// that were compared, AWS's own samples among them. To check one, or to find another:
//
//	aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing
//
// A VPC origin's requests come from these addresses, or from the security group CloudFront-VPCOrigins-Service-SG, whose ID exists only
// after the VPC origin. They don't come from the VPC's own range: a rule for that lets none of them in.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
// https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
//
// Left out are the Regions of which only one source was found; CloudFront's standard logs can't be delivered to most of them either.
var originFacing = map[string]string{
	"ap-northeast-1": "pl-58a04531",
	"ap-northeast-2": "pl-22a6434b",
	"ap-northeast-3": "pl-31a14458",
	"ap-south-1":     "pl-9aa247f3",
	"ap-southeast-1": "pl-31a34658",
	"ap-southeast-2": "pl-b8a742d1",
	"ca-central-1":   "pl-38a64351",
	"eu-central-1":   "pl-a3a144ca",
	"eu-north-1":     "pl-fab65393",
	"eu-west-1":      "pl-4fa04526",
	"eu-west-2":      "pl-93a247fa",
	"eu-west-3":      "pl-75b1541c",
	"sa-east-1":      "pl-5da64334",
	"us-east-1":      "pl-3b927c52",
	"us-east-2":      "pl-b6a144df",
	"us-west-1":      "pl-4ea04527",
	"us-west-2":      "pl-82a045eb",
}

var prefixListId = regexp.MustCompile(`^pl-([0-9a-f]{8}|[0-9a-f]{17})$`)

// originFacingPrefixList gives the ID for the stack's Region. Where that is open, CloudFormation looks it up in a table of the template,
// and refuses the template, before it creates anything, in a Region that the table lacks.
func originFacingPrefixList(scope constructs.Construct, given string) *string {
	region := awscdk.Stack_Of(scope).Region()
	switch {
	case given != "":
		return &given
	case !invalid.IsToken(*region):
		return new(originFacing[*region])
	}
	ids := map[string]*map[string]any{}
	for region, id := range originFacing {
		ids[region] = &map[string]any{"PrefixListId": id}
	}
	table := awscdk.NewCfnMapping(scope, jsii.String("OriginFacing"), &awscdk.CfnMappingProps{Mapping: &ids})
	return table.FindInMap(region, jsii.String("PrefixListId"), nil)
}

// Regions lists the Regions in which NewDistribution requires neither OriginFacingPrefixListId nor AccessLogBucket.
func Regions() []string { return slices.Sorted(maps.Keys(originFacing)) }
