//go:build recipes

package main

import "awscontainers/stacks/settings"

// scaffolded are the apps that TestScaffold writes: every stack, and one in each way to get the constructs, with another name.
var scaffolded = append([]wanted{
	{stack: "FargateWeb", name: "Shop", constructs: constructsCopied},
	{stack: "EventDrivenTask", name: "Shop", constructs: constructsReplaced},
}, everyStack()...)

func everyStack() (all []wanted) {
	for _, stack := range settings.Names() {
		all = append(all, wanted{stack: stack, constructs: constructsCopied})
	}
	return all
}
