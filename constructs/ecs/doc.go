// Package ecs runs containers on Amazon ECS. Start with [NewCluster], [NewTask] and [NewService] for a web service or a worker,
// and with [NewRun] for a job that starts, does its work and ends:
//
//	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
//	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: cluster.Vpc(), InternetFacing: true})
//	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
//		Name: "web", Image: registry.FromAsset("./web", nil), PortMappings: []ecs.PortMapping{{ContainerPort: 8080}},
//	}}})
//	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
//		Cluster: cluster, Task: task,
//		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: alb}}},
//		Scaling:  &ecs.Scaling{MaxCapacity: 10, TargetCpuUtilizationPercent: 60},
//	})
//	table.GrantReadData(task)
//	database.Connections().AllowDefaultPortFrom(service, nil)
//
// The package has five ideas, combined freely:
//
//   - A [Task] is a task definition: containers, size, volumes, and two roles, one for the program and one for ECS itself.
//   - Capacity ([CapacityProviderStrategy]) lists the capacity providers that run it: Fargate and Fargate Spot, the EC2 instances of an
//     Auto Scaling group ([NewEc2Capacity]), or instances that ECS manages ([NewManagedInstances]).
//   - [Exposure] is load balancing and service discovery: rules of an Application Load Balancer, listeners of a Network Load Balancer
//     (both of package elb), Service Connect, a name in DNS, or none of them.
//   - [Scaling] is auto scaling by CPU, memory, requests, metrics or schedules.
//   - [Deployment] sets how a [Service] changes: rolling, blue/green, linear or canary, with rollback.
//
// [NewAlarms] and [NewDashboard] monitor services. Package events starts runs by rules and schedules; package express runs web
// services that need only an image. [ClusterFrom], [TaskFrom] and [ServiceFrom] use what exists already.
//
// Invalid props are refused before anything is created: constructors panic with *invalid.Error, which names every problem, and
// the Validate method of each props struct returns the same without Node, except what takes the stack or the cluster's VPC.
package ecs
