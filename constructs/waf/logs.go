package waf

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
)

// Logs configure the log of the requests that a web ACL inspects.
// https://docs.aws.amazon.com/waf/latest/developerguide/logging.html
type Logs struct {
	// Retention is how long CloudWatch Logs retains the log, one of the periods that it offers. Default: one month.
	Retention awslogs.RetentionDays
	// RemovalPolicy determines whether the log is deleted with the web ACL. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	// which retains it, except that of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
	// Bucket receives the log in place of CloudWatch Logs: one of the same account, whose name begins with "aws-waf-logs-". A bucket of
	// your app, and its EncryptionKey, get the permission for AWS WAF in their policies; what is imported must have it. AWS WAF can't write
	// to a bucket with the key "aws/s3". Default: none.
	// https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html
	Bucket awss3.IBucket
	// RedactedHeaders lists headers whose values the log doesn't show, by name. Default (nil, not an empty list): "authorization" and
	// "cookie".
	RedactedHeaders []string
	// RedactQueryString hides the query strings, which may hold tokens too. Default: false.
	RedactQueryString bool
	// BlockedOnly drops requests that no rule stopped or counted: only those that a rule blocked, counted, or answered with a CAPTCHA or a
	// challenge are logged. Default: false.
	BlockedOnly bool
}

// logName begins the names of what AWS WAF logs to.
const logName = "aws-waf-logs-"

var defaultRedacted = []string{"authorization", "cookie"}

// https://datatracker.ietf.org/doc/html/rfc9110#name-tokens
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

func (l *Logs) setDefaults() {
	if l.Bucket == nil {
		opt.Default(&l.Retention, awslogs.RetentionDays_ONE_MONTH)
		opt.Default(&l.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	}
	if l.RedactedHeaders == nil {
		l.RedactedHeaders = defaultRedacted
	}
}

// Validate returns all problems of the logs, or nil.
func (l *Logs) Validate() error {
	l = opt.NotNil(l)
	var bad invalid.Problems
	check.LogRetention("Retention", l.Retention, &bad)
	check.RemovalPolicy("RemovalPolicy", l.RemovalPolicy, &bad)
	if l.Bucket != nil {
		if name := *l.Bucket.BucketName(); !invalid.IsToken(name) && !strings.HasPrefix(name, logName) {
			bad.Add("Bucket", "must have a name that begins with %q", logName).Given(name)
		}
		if l.Retention != "" {
			bad.Add("Retention", "must not be set together with Bucket, which has rules of its own").Given(l.Retention).Advise("remove one of them")
		}
		if l.RemovalPolicy != "" {
			bad.Add("RemovalPolicy", "must not be set together with Bucket").Given(l.RemovalPolicy).Advise("remove one of them")
		}
	}
	for i, header := range l.RedactedHeaders {
		field := check.Index("RedactedHeaders", i)
		if !headerName.MatchString(header) {
			bad.Add(field, `must be the name of a header such as "authorization"`).Given(header)
		}
		if slices.ContainsFunc(l.RedactedHeaders[:i], func(other string) bool { return strings.EqualFold(other, header) }) {
			bad.Add(field, "must not repeat a header").Given(header)
		}
	}
	return bad.Err()
}

// validateIn judges what a bucket shows only where it stands.
func (l *Logs) validateIn() error {
	var bad invalid.Problems
	if l != nil && l.Bucket != nil {
		resource, isOwn := l.Bucket.Node().DefaultChild().(awss3.CfnBucket)
		if isOwn && awscdk.Stack_Of(l.Bucket).Resolve(resource.BucketName()) == nil {
			bad.Add("Logs.Bucket", "must have a name that begins with %q; CloudFormation would choose another", logName).
				Advise("set BucketName of the bucket")
		}
	}
	return bad.Err()
}

// addLogs makes the log, and tells AWS WAF to write it.
func (w *WebAcl) addLogs(l Logs) {
	l.setDefaults()
	props := &awswafv2.CfnLoggingConfigurationProps{ResourceArn: &w.arn, RedactedFields: l.redacted()}
	if l.BlockedOnly {
		props.LoggingFilter = l.filter()
	}
	var permission constructs.IDependable
	if l.Bucket != nil {
		props.LogDestinationConfigs = &[]any{l.Bucket.BucketArn()}
		permission = l.allowDelivery(w)
	} else {
		props.LogDestinationConfigs, permission = w.newLogGroup(&l)
	}
	logging := awswafv2.NewCfnLoggingConfiguration(w, jsii.String("Logging"), props)
	if permission != nil {
		logging.Node().AddDependency(permission)
	}
}

// newLogGroup makes the log group, whose name must begin as it does, and ends with the ID of the stack, so that another stack, or this one
// when it is created again, doesn't meet the name of a log that was retained.
func (w *WebAcl) newLogGroup(l *Logs) (destinations *[]any, permission constructs.IDependable) {
	const longest = 512 - len(logName) - 37 // CloudWatch Logs, and the ID
	stackId := awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(jsii.String("/"), awscdk.Aws_STACK_ID(), nil))
	unique := *awscdk.Names_UniqueResourceName(w, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(min(longest, maxMetricName))}) +
		"-" + *stackId
	w.LogGroup = awslogs.NewLogGroup(w, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(logName + unique), Retention: l.Retention, RemovalPolicy: l.RemovalPolicy,
	})
	stack := awscdk.Stack_Of(w)
	// Without a policy AWS WAF would write one for all log groups of the account.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
	permission = awslogs.NewCfnResourcePolicy(w, jsii.String("LogPolicy"), &awslogs.CfnResourcePolicyProps{
		PolicyName: jsii.String(unique),
		PolicyDocument: stack.ToJsonString(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"Service": logDelivery}, "Resource": w.LogGroup.LogGroupArn(),
			"Action": []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			// Not policy.OfThisAccount, whose functions of CloudFormation would be text in a text.
			"Condition": map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
				"ArnLike": map[string]any{"aws:SourceArn": stack.FormatArn(&awscdk.ArnComponents{
					Service: jsii.String("logs"), Resource: jsii.String("*"), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
				})},
			},
		}}}, nil),
	})
	// Without the ":*" at the end of what GetAtt gives, which AWS WAF refuses.
	arn := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		ResourceName: w.LogGroup.LogGroupName(),
	})
	return &[]any{arn}, permission
}

// logDelivery is the service that writes logs for others.
const logDelivery = "delivery.logs.amazonaws.com"

// allowDelivery lets AWS WAF write to a bucket of the app. It returns its policy, or nil for a bucket that is imported.
func (l *Logs) allowDelivery(scope constructs.Construct) constructs.IDependable {
	delivery := policy.Principal(logDelivery)
	looks := l.Bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("s3:GetBucketAcl"), Principals: delivery, Resources: &[]*string{l.Bucket.BucketArn()},
		Conditions: policy.OfThisAccount("logs", "*"),
	}))
	written := policy.OfThisAccount("logs", "*")
	(*written)["StringEquals"].(map[string]any)["s3:x-amz-acl"] = "bucket-owner-full-control"
	objects := l.Bucket.ArnForObjects(jsii.String("AWSLogs/" + *awscdk.Stack_Of(scope).Account() + "/*"))
	l.Bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("s3:PutObject"), Principals: delivery, Resources: &[]*string{objects}, Conditions: written,
	}))
	if key := l.Bucket.EncryptionKey(); key != nil {
		// https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:    jsii.Strings("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"),
			Principals: delivery, Resources: jsii.Strings("*"), Conditions: policy.OfThisAccount("logs", "*"),
		}), jsii.Bool(true))
	}
	if !*looks.StatementAdded {
		return nil
	}
	return looks.PolicyDependable
}

func (l *Logs) redacted() *[]any {
	var fields []any
	for _, header := range l.RedactedHeaders {
		fields = append(fields, &awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{
			SingleHeader: map[string]any{"Name": strings.ToLower(header)},
		})
	}
	if l.RedactQueryString {
		fields = append(fields, &awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{QueryString: map[string]any{}})
	}
	if len(fields) == 0 {
		return nil
	}
	return &fields
}

// filter keeps what a rule stopped or counted. It is written as CloudFormation writes it: the CDK hands it on as it is, and the names of
// its own type's fields begin with small letters.
func (l *Logs) filter() map[string]any {
	var conditions []any
	for _, action := range []string{"BLOCK", "CAPTCHA", "CHALLENGE", "COUNT", "EXCLUDED_AS_COUNT"} {
		conditions = append(conditions, map[string]any{"ActionCondition": map[string]any{"Action": action}})
	}
	return map[string]any{
		"DefaultBehavior": "DROP",
		"Filters":         []any{map[string]any{"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": conditions}},
	}
}
