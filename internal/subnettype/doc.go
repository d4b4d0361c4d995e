// Package subnettype holds the validators of props that name a type of subnets, network.SubnetType. Start with [Check].
package subnettype
