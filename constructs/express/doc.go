// Package express runs web services on ECS Express Mode, which creates the load balancer, the certificate, the auto scaling and
// the alarms from a container image. Start with [NewService]:
//
//	service := express.NewService(stack, "Web", &express.ServiceProps{Image: registry.FromAsset("./web", nil)})
//	table.GrantReadData(service)
//	output.New(stack, "Url", service.Url())
//
// For everything that Express Mode decides by itself, use package ecs. FROM-APP-RUNNER.md compares it with App Runner.
package express
