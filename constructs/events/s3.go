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

// S3Objects are objects that land in a bucket, however they come: put, posted, copied or uploaded in parts.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
type S3Objects struct {
	// Bucket is where they land. One that is made here is told to send its events to EventBridge; the owner of another must do so, beside the
	// notifications that it has: aws s3api get-bucket-notification-configuration, add "EventBridgeConfiguration": {}, put it back. Required.
	Bucket awss3.IBucket
	// KeyPrefix is what their keys begin with, "incoming/". Default: any key.
	KeyPrefix string
	// KeySuffix is what they end with, ".jpg". Default: any key.
	KeySuffix string
	// OutputPrefix is where in the same bucket the task writes, "results/". It must not overlap KeyPrefix: each object written there
	// would start the next task. Default: the task may not write to the bucket.
	OutputPrefix string
}

// The fields of an object's event.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
const (
	S3Bucket = "<detail.bucket.name>"
	S3Key    = "<detail.object.key>" // as it is, not encoded for URLs
	S3Size   = "<number:detail.object.size>"
	// S3Sequencer tells which of two events of one key is the later: events may come twice, and out of order.
	S3Sequencer = "<detail.object.sequencer>"
)

// maxKey is how long a key may be, in bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
const maxKey = 1024

func (o *S3Objects) validate() error {
	var bad invalid.Problems
	if o.Bucket == nil {
		bad.Add("Bucket", "is missing; give the bucket in which the objects land")
	}
	for _, k := range []struct{ field, text string }{{"KeyPrefix", o.KeyPrefix}, {"KeySuffix", o.KeySuffix}, {"OutputPrefix", o.OutputPrefix}} {
		switch {
		case invalid.IsToken(k.text):
		case len(k.text) > maxKey:
			bad.Add(k.field, "is %d bytes; a key has %d at most", len(k.text), maxKey)
		case strings.HasPrefix(k.text, "s3://") || strings.HasPrefix(k.text, "/") && k.field != "KeySuffix":
			bad.Add(k.field, `%q is no beginning of a key, which has neither bucket nor slash before it; write it as "incoming/"`, k.text)
		case strings.Contains(k.text, "*"):
			bad.Add(k.field, `%q has a wildcard; it is compared as it is, so leave the "*" out`, k.text)
		}
	}
	if o.OutputPrefix != "" && overlap(o.KeyPrefix, o.OutputPrefix) {
		bad.Add("OutputPrefix", "%q overlaps KeyPrefix %q, so that each object which the task writes would start another task, for ever; let them differ, as in %q and %q",
			o.OutputPrefix, o.KeyPrefix, "incoming/", "results/")
	}
	return bad.Err()
}

// overlap tells whether a key may begin with both.
func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

func (o *S3Objects) pattern() Pattern {
	detail := map[string]any{"bucket": map[string]any{"name": []any{o.Bucket.BucketName()}}}
	if o.KeyPrefix != "" || o.KeySuffix != "" {
		detail["object"] = map[string]any{"key": []any{o.key()}}
	}
	return Pattern{Source: []any{"aws.s3"}, DetailType: []any{"Object Created"}, Detail: detail}
}

// key is one matcher: two for the same field would be alternatives.
func (o *S3Objects) key() map[string]any {
	switch {
	case o.KeySuffix == "":
		return map[string]any{"prefix": o.KeyPrefix}
	case o.KeyPrefix == "":
		return map[string]any{"suffix": o.KeySuffix}
	default:
		return map[string]any{"wildcard": literally(o.KeyPrefix) + "*" + literally(o.KeySuffix)}
	}
}

// literally takes what means something in a wildcard for what it is.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func literally(text string) string { return strings.ReplaceAll(text, `\`, `\\`) }

// send tells the bucket to send its events to EventBridge, in its own property: the CDK's EventBridgeEnabled would do it by a Lambda
// function. Where there is that function already, for other notifications, it is told too, or it would take the setting away again.
func (o *S3Objects) send(t *TaskRule) {
	bucket, ours := o.Bucket.Node().DefaultChild().(awss3.CfnBucket)
	if !ours {
		annotate.Note(t, "The bucket is made elsewhere, and must be told there to send its events to EventBridge; "+
			"aws s3api get-bucket-notification-configuration shows whether it does")
		return
	}
	bucket.AddPropertyOverride(jsii.String("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"), true)
	awscdk.Aspects_Of(t).Add(&otherNotifications{bucket: o.Bucket}, nil)
}

// otherNotifications looks when all is made, for they may come later.
type otherNotifications struct {
	bucket awss3.IBucket
	told   bool
}

// Visit is for the CDK.
func (n *otherNotifications) Visit(constructs.IConstruct) {
	if !n.told && n.bucket.Node().TryFindChild(jsii.String("Notifications")) != nil {
		n.bucket.EnableEventBridgeNotification()
	}
	n.told = true
}

// grant lets the task read the objects that start it, and write its own, and gives what the rule should wait for. A role of another stack
// gets a policy of this one: in that stack, a policy would have to wait for the bucket, which may wait for it.
func (o *S3Objects) grant(t *TaskRule, role awsiam.IRole) (before []constructs.IDependable) {
	statements := []awsiam.PolicyStatement{o.allow("s3:GetObject", o.KeyPrefix)}
	actions := []string{"kms:Decrypt"}
	if o.OutputPrefix != "" {
		statements, actions = append(statements, o.allow("s3:PutObject", o.OutputPrefix)), append(actions, "kms:GenerateDataKey")
	}
	key := o.Bucket.EncryptionKey()
	if key != nil {
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: &[]*string{key.KeyArn()}}))
	}
	const why = "The objects below the prefixes that start the task and that it writes, whatever their names"
	if *awscdk.Stack_Of(role).Node().Path() != *awscdk.Stack_Of(t).Node().Path() {
		own := awsiam.NewPolicy(t, jsii.String("Objects"), &awsiam.PolicyProps{Roles: &[]awsiam.IRole{role}, Statements: &statements})
		nag.Suppress(own, "AwsSolutions-IAM5", why)
		return append(before, own)
	}
	var needs []string
	for _, s := range statements {
		role.AddToPrincipalPolicy(s)
		needs = append(needs, strings.Join(texts(s.Actions()), ", ")+" on "+strings.Join(texts(s.Resources()), ", "))
	}
	// The CDK says that it has added a statement to a role which it may not change, too. A role has its policy by one name, an imported one by
	// the other.
	for _, name := range []string{"DefaultPolicy", "Policy"} {
		if policy := role.Node().TryFindChild(jsii.String(name)); policy != nil {
			nag.Suppress(policy, "AwsSolutions-IAM5", why)
			return nil
		}
	}
	annotate.Warning(t, "no-grant", "The task role cannot be changed here, so that it must be allowed elsewhere to "+strings.Join(needs, "; "))
	return nil
}

func (o *S3Objects) allow(action, prefix string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(action), Resources: &[]*string{o.Bucket.ArnForObjects(jsii.String(prefix + "*"))},
	})
}

func texts(list *[]*string) []string {
	out := make([]string, len(*list))
	for i, s := range *list {
		out[i] = *s
	}
	return out
}
