package cdn

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/nag"
)

// noStandardLogs are Regions with buckets to which CloudFront delivers no standard logs. Newer logs (v2) can't be had instead: their
// delivery must be created in us-east-1, and a stack creates things in its own Region only.
// https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-enable-cloudfront-access-logs.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
var noStandardLogs = []string{"af-south-1", "ap-east-1", "eu-south-1", "me-south-1"}

// newAccessLogBucket makes a bucket that CloudFront may write its access logs to. It needs no policy: when the distribution is created,
// CloudFront adds itself to the bucket's ACL, with the permissions s3:GetBucketAcl and s3:PutBucketAcl of whoever deploys.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
func newAccessLogBucket(scope constructs.Construct, days int) awss3.Bucket {
	bucket := awss3.NewBucket(scope, jsii.String("AccessLogs"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_PREFERRED, // CloudFront refuses a bucket without ACLs
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
