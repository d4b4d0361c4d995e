// Package balancer holds what packages elb and ecs know together about load balancers, so that both refuse what Elastic
// Load Balancing would: which rules a listener has, which ports are taken, to whom a target group belongs. Users see
// none of it. Start with [Listener], what is known of an Application Load Balancer's listener.
package balancer
