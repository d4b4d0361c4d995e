package events

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
	"awscontainers/internal/nag"
)

// S3Objects selects objects that arrive in a bucket, however they get there: put, posted, copied or uploaded in parts.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
type S3Objects struct {
	// Bucket is where the objects arrive. A bucket of this app is changed to send its events to EventBridge. The owner of any
	// other must do so, next to the notifications that it has: aws s3api get-bucket-notification-configuration, add
	// "EventBridgeConfiguration": {}, put it back. Required.
	Bucket awss3.IBucket
	// KeyPrefix is the beginning of their keys, "incoming/". Default: any key.
	KeyPrefix string
	// KeySuffix is the end of their keys, ".jpg". Default: any key.
	KeySuffix string
	// OutputPrefix is where in the same bucket the task writes, "results/". It must not overlap KeyPrefix: each object written
	// there would start the next task. Default: the task may not write to the bucket.
	OutputPrefix string
}

// The fields of an object's event.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
const (
	// S3Bucket is the bucket's name.
	S3Bucket = "<detail.bucket.name>"
	// S3Key is the object's key, not encoded for URLs.
	S3Key = "<detail.object.key>"
	// S3Size is the object's size in bytes.
	S3Size = "<number:detail.object.size>"
	// S3Sequencer tells which of two events of one key is the later one: events may arrive twice, and out of order.
	S3Sequencer = "<detail.object.sequencer>"
)

// maxKey is the maximum length of a key in bytes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
const maxKey = 1024

func (o *S3Objects) validate() error {
	var bad invalid.Problems
	if o.Bucket == nil {
		bad.Add("Bucket", "is required")
	}
	checkKeyPart("KeyPrefix", o.KeyPrefix, &bad)
	checkKeyPart("KeySuffix", o.KeySuffix, &bad)
	checkKeyPart("OutputPrefix", o.OutputPrefix, &bad)
	switch {
	case o.OutputPrefix == "":
	case o.KeyPrefix == "":
		bad.Add("KeyPrefix", "is required with OutputPrefix, because each object that the task writes would start another task").
			Advise(`use separate prefixes such as "incoming/" and "results/"`)
	case hasCommonKey(o.KeyPrefix, o.OutputPrefix):
		bad.Add("OutputPrefix", "must not overlap KeyPrefix %q, because each object that the task writes would start another task", o.KeyPrefix).
			Given(o.OutputPrefix).Advise(`use separate prefixes such as "incoming/" and "results/"`)
	}
	return bad.Err()
}

func checkKeyPart(field, text string, bad *invalid.Problems) {
	switch {
	case invalid.IsToken(text):
	case len(text) > maxKey:
		bad.Add(field, "must have at most %d bytes", maxKey).Given(len(text))
	case strings.HasPrefix(text, "s3://") || strings.HasPrefix(text, "/") && field != "KeySuffix":
		bad.Add(field, `must be part of an object key, without the bucket and a leading slash, such as "incoming/"`).Given(text)
	case strings.Contains(text, "*"):
		bad.Add(field, "must not contain *, because it is compared literally").Given(text).Advise("remove the *")
	}
}

// hasCommonKey reports whether a key may begin with both prefixes.
func hasCommonKey(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

func (o *S3Objects) pattern() Pattern {
	detail := map[string]any{"bucket": map[string]any{"name": []any{o.Bucket.BucketName()}}}
	if o.KeyPrefix != "" || o.KeySuffix != "" {
		detail["object"] = map[string]any{"key": []any{o.key()}}
	}
	return Pattern{Source: []any{"aws.s3"}, DetailType: []any{"Object Created"}, Detail: detail}
}

// key is one matcher: two for the same field would be alternatives.
func (o *S3Objects) key() any {
	switch {
	case o.KeySuffix == "":
		return prefix(o.KeyPrefix)
	case o.KeyPrefix == "":
		return suffix(o.KeySuffix)
	default:
		return wildcard(escaped(o.KeyPrefix) + "*" + escaped(o.KeySuffix))
	}
}

// escaped makes a wildcard match a text literally.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func escaped(text string) string { return strings.ReplaceAll(text, `\`, `\\`) }

// enableEvents makes the bucket send its events to EventBridge, by its own property: the CDK's EventBridgeEnabled would do it by
// a Lambda function. Where that function exists already, for other notifications, it is told too, or it would undo the setting.
func (o *S3Objects) enableEvents(t *TaskRule) {
	bucket, isOfThisApp := o.Bucket.Node().DefaultChild().(awss3.CfnBucket)
	if !isOfThisApp {
		annotate.Note(t, "The bucket is not part of this app, and must send its events to EventBridge already; "+
			"aws s3api get-bucket-notification-configuration shows whether it does")
		return
	}
	bucket.AddPropertyOverride(jsii.String("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"), true)
	awscdk.Aspects_Of(t).Add(&otherNotifications{bucket: o.Bucket}, nil)
}

// otherNotifications looks at the finished tree, because the function may come later.
type otherNotifications struct {
	bucket awss3.IBucket
	isDone bool
}

// Visit is for the CDK.
func (n *otherNotifications) Visit(constructs.IConstruct) {
	if !n.isDone && n.bucket.Node().TryFindChild(jsii.String("Notifications")) != nil {
		n.bucket.EnableEventBridgeNotification()
	}
	n.isDone = true
}

// grant lets the task read the objects that start it, and write its own, and returns what the rule depends on. A role of another
// stack gets a policy of this one: in that stack, a policy would depend on the bucket, which may depend on it.
func (o *S3Objects) grant(t *TaskRule, role awsiam.IRole) (dependencies []constructs.IDependable) {
	statements := []awsiam.PolicyStatement{o.allow("s3:GetObject", o.KeyPrefix)}
	actions := []string{"kms:Decrypt"}
	if o.OutputPrefix != "" {
		statements, actions = append(statements, o.allow("s3:PutObject", o.OutputPrefix)), append(actions, "kms:GenerateDataKey")
	}
	key := o.Bucket.EncryptionKey()
	if key != nil {
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings(actions...), Resources: &[]*string{key.KeyArn()},
		}))
	}
	const why = "The objects below the prefixes that start the task and that it writes, whatever their names"
	if *awscdk.Stack_Of(role).Node().Path() != *awscdk.Stack_Of(t).Node().Path() {
		own := awsiam.NewPolicy(t, jsii.String("Objects"), &awsiam.PolicyProps{Roles: &[]awsiam.IRole{role}, Statements: &statements})
		nag.Suppress(own, "AwsSolutions-IAM5", why)
		return append(dependencies, own)
	}
	var needs []string
	for _, s := range statements {
		role.AddToPrincipalPolicy(s)
		needs = append(needs, strings.Join(values(s.Actions()), ", ")+" on "+strings.Join(values(s.Resources()), ", "))
	}
	// The CDK also reports success for a role that it may not change, which gets no policy.
	for _, child := range *role.Node().Children() {
		if policy, ok := child.(awsiam.Policy); ok {
			nag.Suppress(policy, "AwsSolutions-IAM5", why)
			return nil
		}
	}
	annotate.Warning(t, "no-grant", "The task role can't be changed here; allow it elsewhere: "+strings.Join(needs, "; "))
	return nil
}

func (o *S3Objects) allow(action, prefix string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(action), Resources: &[]*string{o.Bucket.ArnForObjects(jsii.String(prefix + "*"))},
	})
}

func values(list *[]*string) []string {
	out := make([]string, len(*list))
	for i, s := range *list {
		out[i] = *s
	}
	return out
}
