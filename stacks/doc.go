// Package stacks holds the reference architectures, one file each. Start with [NewFargateWeb], a web service on Fargate; read
// a file from top to bottom, use it as it is, or copy it: each file imports only the constructs and compiles on its own.
//
//	app := awscdk.NewApp(nil)
//	stacks.NewFargateWeb(app, "Shop", &stacks.FargateWebProps{Image: "public.ecr.aws/nginx/nginx-unprivileged:stable"})
//	app.Synth(nil)
//
// Each stack deploys on its own. Its props are plain values that say what the stack does; the package settings sets them from
// the context keys of the app in this repository.
package stacks
