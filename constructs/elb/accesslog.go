package elb

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/nag"
	"awscontainers/internal/policy"
)

// sendAccessLogs turns the logs on.
func sendAccessLogs(to elbv2.BaseLoadBalancer, bucket awss3.Bucket) {
	to.SetAttribute(jsii.String("access_logs.s3.enabled"), jsii.String("true"))
	to.SetAttribute(jsii.String("access_logs.s3.bucket"), bucket.BucketName())
	// The load balancer tries to write when it is made: the policy must be there by then.
	to.Node().DefaultChild().Node().AddDependency(bucket.Policy())
}

// sendConnectionLogs turns on the logs of connections, which the same service writes under the same path as access logs: their files
// begin with conn_log.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-connection-logging.html
func sendConnectionLogs(to elbv2.ApplicationLoadBalancer, bucket awss3.Bucket) {
	to.SetAttribute(jsii.String("connection_logs.s3.enabled"), jsii.String("true"))
	to.SetAttribute(jsii.String("connection_logs.s3.bucket"), bucket.BucketName())
}

// newAccessLogBucket makes a bucket that load balancers of this account may write their access logs to. It stands
// in for the CDK's LogAccessLogs, which refuses a stack whose Region is open, for it still asks for the account that AWS
// used in each Region before the service principal.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func newAccessLogBucket(scope constructs.Construct, days int) awss3.Bucket {
	bucket := newLogBucket(scope, days)
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:    jsii.Strings("s3:PutObject"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logdelivery.elasticloadbalancing.amazonaws.com"), nil)},
		Resources:  logObjects(scope, bucket),
	}))
	return bucket
}

// allowLogDelivery does for a Network Load Balancer what newAccessLogBucket does for an Application Load Balancer: another
// service of AWS writes, which looks at the bucket first and hands over what it wrote.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
func allowLogDelivery(scope constructs.Construct, bucket awss3.Bucket) {
	delivery := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("delivery.logs.amazonaws.com"), nil)}
	ours := policy.OfThisAccount("logs", "*")
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("s3:GetBucketAcl"), Principals: delivery, Resources: &[]*string{bucket.BucketArn()}, Conditions: ours,
	}))
	written := policy.OfThisAccount("logs", "*")
	(*written)["StringEquals"].(map[string]any)["s3:x-amz-acl"] = "bucket-owner-full-control"
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("s3:PutObject"), Principals: delivery, Resources: logObjects(scope, bucket), Conditions: written,
	}))
}

// logObjects are the objects that load balancers of this account write.
func logObjects(scope constructs.Construct, bucket awss3.Bucket) *[]*string {
	return jsii.Strings(*bucket.ArnForObjects(jsii.String("AWSLogs/" + *awscdk.Stack_Of(scope).Account() + "/*")))
}

// newLogBucket makes a bucket that nobody may write to yet.
func newLogBucket(scope constructs.Construct, days int) awss3.Bucket {
	bucket := awss3.NewBucket(scope, jsii.String("AccessLogs"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED, // the one kind that load balancers can write
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:        jsii.Bool(true),
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Expiration:                          awscdk.Duration_Days(jsii.Number(days)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
		// CloudFormation cannot delete a bucket that holds something, and emptying it would take a Lambda.
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	nag.Suppress(bucket, "AwsSolutions-S1", "The bucket holds access logs itself; logging access to logs would never end")
	return bucket
}
