package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// untagged are resources whose tags the CDK knows and CloudFormation's published schemas do not yet: cfn-lint refuses them.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html
var untagged = []string{
	"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::CloudWatch::Dashboard",
}

// The tags that every stack has.
const (
	projectTag = "Project"
	profileTag = "Profile"
)

// Tag puts the app's tags on every resource below scope.
func Tag(scope constructs.Construct, settings Settings) {
	tags := awscdk.Tags_Of(scope)
	add := func(key, value string) {
		tags.Add(&key, &value, &awscdk.TagProps{ExcludeResourceTypes: jsii.Strings(untagged...)})
	}
	add(projectTag, "awscontainers")
	add(profileTag, string(settings.Profile))
	for key, value := range settings.Tags {
		add(key, value)
	}
}
