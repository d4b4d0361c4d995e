package lifecycle_test

import "awscontainers/test/cdktest"

const vpcOrigins = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html"

// What CloudFront needs. That a distribution is deleted before its VPC origin, and that before the load balancer, follows from what each
// refers to.
var edgeOrders = []order{
	{
		first: "AWS::EC2::VPCGatewayAttachment", then: "AWS::CloudFront::VpcOrigin",
		when: func(s *stack, attachment, origin *cdktest.Resource) bool {
			return s.share("AWS::EC2::VPC", attachment, origin, "AWS::ElasticLoadBalancingV2::LoadBalancer AWS::EC2::SecurityGroup")
		},
		because: "AWS refuses a VPC origin in a VPC without an internet gateway", page: vpcOrigins,
	},
	{
		first: "AWS::ElasticLoadBalancingV2::LoadBalancer", then: "AWS::CloudFront::Distribution",
		when: func(s *stack, balancer, distribution *cdktest.Resource) bool {
			return s.uses(distribution, balancer, "AWS::CloudFront::VpcOrigin")
		},
		because: "the load balancer of a VPC origin can't be deleted before it", page: vpcOrigins,
	},
	{
		first: "AWS::EC2::SecurityGroupIngress", then: "AWS::CloudFront::Distribution",
		when: func(s *stack, rule, distribution *cdktest.Resource) bool {
			return rule.Get("SourcePrefixListId") != nil && s.share("AWS::EC2::SecurityGroup", rule, distribution,
				"AWS::CloudFront::VpcOrigin AWS::ElasticLoadBalancingV2::LoadBalancer")
		},
		because: "the first requests find no way in", page: vpcOrigins,
	},
}
