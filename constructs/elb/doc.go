// Package elb holds the load balancers of Elastic Load Balancing. Start with [NewApplicationLoadBalancer] for HTTP and gRPC, or
// with [NewNetworkLoadBalancer] for TCP, TLS and UDP, and name the result in the Exposure of an ECS service, which adds its own
// listener rules, listeners and target groups.
//
// [NewListenerRule] adds a redirect, a fixed response or shares of requests; [ListenerFrom] takes a listener that you have already;
// [NewTargetGroup], [NewNetworkListener] and [NewNetworkTargetGroup] serve targets other than ECS tasks.
package elb
