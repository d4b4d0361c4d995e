package network_test

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
)

// A VPC over three AZs whose private subnets share one NAT gateway.
func ExampleNewVpc() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Network"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil)
		output.New(stack, "VpcId", vpc.Id())
		app.Synth(nil)
	})
}

// A VPC without a way to the internet, in which ECS tasks run all the same.
func ExampleEcsTaskEndpoints() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Network"), nil)
		network.NewVpc(stack, "Vpc", &network.VpcProps{
			NatGateways:        network.NatNone,
			IsolatedSubnets:    true,
			InterfaceEndpoints: network.EcsTaskEndpoints(),
		})
		app.Synth(nil)
	})
}

// A stack whose props set the number of NAT gateways places its tasks accordingly.
func ExampleNatGateways_TaskSubnets() {
	for _, nat := range []network.NatGateways{network.NatPerAz, network.NatNone} {
		subnets, assignPublicIp := nat.TaskSubnets(), nat == network.NatNone
		fmt.Println(subnets, assignPublicIp)
	}
	// Output:
	// private false
	// public true
}
