// Package stacks holds the reference architectures, one file each. Start with [NewFargateWeb], a web service on Fargate; read
// a file from top to bottom, use it as it is, or copy it: each file imports only the constructs and compiles on its own.
//
//	app := awscdk.NewApp(nil)
//	stacks.NewFargateWeb(app, "Shop", &stacks.FargateWebProps{Image: "public.ecr.aws/nginx/nginx-unprivileged:stable"})
//	app.Synth(nil)
//
// Each stack deploys on its own. Its props are plain values that say what the stack does; the package settings sets them from
// the context keys of the app in this repository.
//
// Protect is off until you set it, and you set it once the first deployment has succeeded. If a first deployment fails,
// CloudFormation deletes what it has created so far. It can't delete a load balancer, table or cluster with deletion protection, and
// the stack ends in ROLLBACK_FAILED. Nor can the CDK's CLI replace a failed stack that has termination protection, which it turns on
// before it creates the stack. Until then nothing is lost: a stack that has never succeeded holds no data, and what holds data
// afterwards has the deletion policy RetainExceptOnCreate.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
package stacks
