package cdktest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// shopStack is a stack as Go programs often have it: the CDK's, embedded.
type shopStack struct {
	awscdk.Stack
}

// The stack's template is found by the manifest, whatever the names and wherever the stack.
func TestSynthFindsTheTemplate(t *testing.T) {
	app := cdktest.App(t)
	env := &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")}
	stage := awscdk.NewStage(app, new("Prod"), &awscdk.StageProps{Env: env})
	inner := awscdk.NewStage(stage, new("Inner"), nil)
	stacks := map[string]awscdk.Stack{
		"plain":           awscdk.NewStack(app, new("Plain"), nil),
		"named otherwise": awscdk.NewStack(app, new("Id"), &awscdk.StackProps{StackName: new("shop-prod"), Env: env}),
		"in a stage":      awscdk.NewStack(stage, new("Shop"), &awscdk.StackProps{StackName: new("shop")}),
		"in a stage's":    awscdk.NewStack(inner, new("Shop"), nil),
	}
	embedded := &shopStack{Stack: awscdk.NewStack(app, new("Embedded"), nil)}
	nested := awscdk.NewNestedStack(stacks["in a stage"], new("Nested"), nil)
	stacks["nested"] = nested
	for name, stack := range stacks {
		awssqs.NewCfnQueue(stack, new("Queue"), &awssqs.CfnQueueProps{QueueName: new(strings.ReplaceAll(name, "'", ""))})
	}
	awssqs.NewCfnQueue(embedded.Stack, new("Queue"), &awssqs.CfnQueueProps{QueueName: new("embedded")})
	for name, stack := range stacks {
		assert.Equal(t, strings.ReplaceAll(name, "'", ""), cdktest.Synth(t, stack).Only("AWS::SQS::Queue").Get("QueueName"))
	}
	assert.Equal(t, "embedded", cdktest.Synth(t, embedded).Only("AWS::SQS::Queue").Get("QueueName"))
	assert.Equal(t, "nested", cdktest.Synth(t,
		stacks["in a stage"]).Only("AWS::CloudFormation::Stack").Nested().Only("AWS::SQS::Queue").Get("QueueName"))
}

func TestSynthAgain(t *testing.T) {
	stack := cdktest.Stack(t)
	assert.Equal(t, "Test", *stack.StackName())
	awssqs.NewQueue(stack, new("Queue"), nil)
	first := cdktest.Synth(t, stack)
	assert.Equal(t, string(first.Raw), string(cdktest.Synth(t, stack).Raw))
	awssqs.NewQueue(stack, new("Late"), nil)
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Synth(t, stack) }), "the construct tree was modified after the first synthesis")
}

func TestSynthFails(t *testing.T) {
	stack := cdktest.Stack(t)
	queue := awssqs.NewCfnQueue(stack, new("Queue"), nil)
	awscdk.Annotations_Of(queue).AddWarning(new("slow"))
	awscdk.Annotations_Of(stack).AddWarningV2(new("shop:b"), new("careful"), nil)
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Synth(t, stack) }), "/Test/Queue: slow")
	tpl, annotations := cdktest.SynthAnnotated(t, stack)
	assert.Equal(t, []string{"/Test/Queue: slow", "/Test: careful [ack: shop:b]"}, annotations)
	assert.Equal(t, "Queue", tpl.Only("AWS::SQS::Queue").Id)

	broken := cdktest.Stack(t)
	awscdk.NewCfnOutput(broken, new("Far"), &awscdk.CfnOutputProps{Value: awssqs.NewQueue(cdktest.Stack(t), new("Queue"), nil).QueueArn()})
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Synth(t, broken) }), "the synth failed")
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Synth(t, nil) }), "stack")
}

func TestAppHasTheContextOfItsProject(t *testing.T) {
	write := func(file, content string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	}
	context := func(key string) any { return cdktest.App(t, map[string]any{"own": "test"}).Node().TryGetContext(&key) }
	dir := t.TempDir()
	write(dir+"/cdk.json", `{"context": {"size": "above"}}`)
	write(dir+"/repository/.git/HEAD", "")
	write(dir+"/repository/shop/internal/x", "")
	t.Chdir(dir + "/repository/shop/internal")
	assert.Nil(t, context("size"), "of another project")
	write(dir+"/repository/cdk.json", `{"app": "go run .", "context": {"size": "large", "own": "json", "both": "json"}}`)
	write(dir+"/repository/cdk.context.json", `{"both": "lookup", "vpc": "vpc-1"}`)
	for key, want := range map[string]any{"size": "large", "own": "test", "both": "json", "vpc": "vpc-1"} {
		assert.Equal(t, want, context(key), key)
	}
	write(dir+"/repository/shop/cdk.json", `{}`)
	assert.Nil(t, context("size"), "the nearest counts")
	write(dir+"/repository/shop/cdk.json", `{`)
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.App(t) }), "cdk.json")
}

// A function whose code is another directory's differs, although nobody sees what is in it.
func TestSwappedAssetsShow(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("go.mod", []byte("module shop\n"), 0o600))
	code := func(dir, text string) {
		require.NoError(t, os.MkdirAll(dir, 0o700))
		require.NoError(t, os.WriteFile(dir+"/index.py", []byte(text), 0o600))
	}
	here, err := os.Getwd() // the CDK's process is elsewhere
	require.NoError(t, err)
	synth := func(first, second string) *cdktest.Template {
		stack := cdktest.Stack(t)
		for i, dir := range []string{first, second} {
			awslambda.NewFunction(stack, &[]string{"First", "Second"}[i],
				&awslambda.FunctionProps{Runtime: awslambda.Runtime_PYTHON_3_13(), Handler: new("index.handler"),
					Code: awslambda.Code_FromAsset(new(here+"/"+dir), nil)}).CurrentVersion()
		}
		return cdktest.Synth(t, stack)
	}
	code("code/resize", "1")
	code("code/sort", "2")
	writeOld(t, "a.json", synth("code/resize", "code/sort"))
	code("code/resize", "3")
	assert.True(t, cdktest.Snapshot(t, synth("code/resize", "code/sort"), "a.json"), "other code")
	said := failure(t, func(t testing.TB) { cdktest.Snapshot(t, synth("code/sort", "code/resize"), "a.json") })
	assert.Contains(t, said, `-     "S3Key": "<asset code/resize>.zip"`)
	assert.NotEmpty(t, failure(t, func(t testing.TB) { cdktest.Snapshot(t, synth("code/sort", "code/sort"), "a.json") }))
}

// What the CDK writes for grants, in one stack and across two.
func TestRolesOfTheCDK(t *testing.T) {
	app := cdktest.App(t, map[string]any{"@aws-cdk/core:defaultCrossStackReferences": "weak"}) // where there is no cdk.json
	files, shop := awscdk.NewStack(app, new("Files"), nil), awscdk.NewStack(app, new("Shop"), nil)
	bucket := awss3.NewBucket(files, new("Bucket"), nil)
	queue := awssqs.NewQueue(shop, new("Queue"), nil)
	role := awsiam.NewRole(shop, new("Role"), &awsiam.RoleProps{
		AssumedBy:       awsiam.NewServicePrincipal(new("ecs-tasks.amazonaws.com"), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(new("AmazonSSMManagedInstanceCore"))},
	})
	bucket.GrantPut(role, new("in/*"))
	queue.GrantSendMessages(role)
	tpl := cdktest.Synth(t, shop)
	one, b := tpl.Only("AWS::IAM::Role"), cdktest.Synth(t, files).Only("AWS::S3::Bucket")
	cdktest.MayExactly(t, one,
		cdktest.Allow("s3:PutObject", "s3:PutObjectLegalHold", "s3:PutObjectRetention", "s3:PutObjectTagging",
			"s3:PutObjectVersionTagging", "s3:Abort*").On(cdktest.Arn(b, "/in/*")),
		cdktest.Allow("sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl").On(tpl.Only("AWS::SQS::Queue")),
		cdktest.ManagedPolicies("AmazonSSMManagedInstanceCore"),
	)
	assert.Equal(t, []string{"ecs-tasks.amazonaws.com"}, cdktest.AssumedBy(t, one))
}
