// Package network creates the VPC that containers run in: public, private and isolated subnets, NAT gateways, endpoints and
// flow logs. Start with [NewVpc]; for a VPC that exists already, use [VpcFrom].
//
//	vpc := network.NewVpc(stack, "Vpc", nil)
//	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc.Vpc})
//
// Every construct of this library takes an awsec2.IVpc, so a VPC of the CDK's own works as well.
package network
