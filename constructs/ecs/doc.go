// Package ecs runs containers on Amazon ECS. Four ideas, combined freely:
//
//   - a [Task] is what runs: containers, size, volumes, and two roles, one for the program and one for ECS itself;
//   - its capacity ([CapacityProviderStrategy]) is where it runs: shares of Fargate, of [Ec2Capacity], or of [ManagedInstances];
//   - its [Exposure] is how it is reached: by rules of an [ApplicationLoadBalancer], by other services under a name, or not at
//     all;
//   - [Scaling] and [Deployment] are how a [Service] changes over time.
//
// Wrong props are refused before anything is made: constructors panic with *invalid.Error, which names every problem.
package ecs
