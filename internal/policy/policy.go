package policy

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EventBridge is the service principal of Amazon EventBridge.
const EventBridge = "events.amazonaws.com"

// OfThisAccount is a condition for a service that acts for resources of this account, Region and stack's partition only. It is written
// as CloudFormation writes it, which the CDK takes too: to have the CDK write it takes several calls to Node.
func OfThisAccount(service, resource string) *map[string]any {
	return &map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}},
		"ArnLike":      map[string]any{"aws:SourceArn": Arn(service, resource)},
	}
}

// Arn is that of a resource in the stack's own partition, Region and account.
func Arn(service, resource string) map[string]any {
	return map[string]any{"Fn::Sub": "arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + resource}
}

// Principal is a service.
func Principal(service string) *[]awsiam.IPrincipal {
	return &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(&service, nil)}
}

// AllowPull lets a role pull images of AWS's own private repositories, in whichever accounts AWS has them: a name, or a pattern of names.
// Those accounts differ from Region to Region.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-pull-iam.html
func AllowPull(role awsiam.IRole, repositories string) {
	role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ecr:GetAuthorizationToken"), Resources: jsii.Strings("*"), // it knows no resources
	}))
	role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
		Resources: &[]*string{awscdk.Stack_Of(role).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ecr"), Account: jsii.String("*"), Resource: jsii.String("repository"), ResourceName: &repositories,
		})},
	}))
}

// PulledFrom is the resource of AllowPull as cdk-nag names it.
func PulledFrom(scope constructs.Construct, repositories string) string {
	return "Resource::arn:<AWS::Partition>:ecr:" + RegionOf(scope) + ":*:repository/" + repositories
}

// RegionOf is the Region of a scope's stack as cdk-nag names it.
func RegionOf(scope constructs.IConstruct) string {
	region := *awscdk.Stack_Of(scope).Region()
	if *awscdk.Token_IsUnresolved(region) {
		return "<AWS::Region>"
	}
	return region
}

// LetLogsUse lets CloudWatch Logs encrypt the log groups of this account and Region with a key. A key of another stack or
// account must say so itself.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func LetLogsUse(scope constructs.Construct, key awskms.IKey) {
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: Principal("logs." + *awscdk.Stack_Of(scope).Region() + ".amazonaws.com"),
		Actions:    jsii.Strings("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"),
		Resources:  jsii.Strings("*"), // this key: a key policy knows no other
		Conditions: &map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": Arn("logs", "log-group:*")}},
	}), jsii.Bool(true))
}
