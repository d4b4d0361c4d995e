// Package express runs web services on ECS Express Mode, for which ECS creates the load balancer, the certificate, the
// scaling and the alarms from an image. Start with [NewService]. For everything that Express Mode decides by itself, use
// package ecs.
package express
