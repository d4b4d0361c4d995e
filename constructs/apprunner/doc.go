// Package apprunner runs a web service on AWS App Runner, from an image or from source code. Start with [NewService]; it creates
// the roles and the scaling configuration, and if you ask for them the connection to a VPC, a private endpoint and traces.
// [NewAlarms] notifies people when the service does badly.
//
//	apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
//		Image: registry.FromRegistry("public.ecr.aws/aws-containers/hello-app-runner:latest"), Port: 8000,
//	})
//
// App Runner has accepted no new customers since 30 April 2026. If you have no service there yet, use ECS Express Mode: the props
// of express.NewService have the same names.
// https://docs.aws.amazon.com/apprunner/latest/dg/apprunner-availability-change.html
//
// Constructors panic with *invalid.Error, which lists every problem of the props, before they create anything.
package apprunner
