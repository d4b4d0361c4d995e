package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
)

// connectable makes a construct with security groups an awsec2.IConnectable. It must return one object for ever: the CDK notes on
// it which of two constructs adds the rules of both, and would not come to an end with two.
type connectable struct{ connections awsec2.Connections }

// of returns the connections of the groups that the first call names. It panics without any: a rule that no group gets would do
// nothing, unseen.
func (c *connectable) of(scope constructs.Construct, groups []awsec2.ISecurityGroup) awsec2.Connections {
	if len(groups) == 0 {
		refuse(scope, "has no known security groups for Connections", "use the security groups of its tasks or instances")
	}
	if c.connections == nil {
		c.connections = awsec2.NewConnections(&awsec2.ConnectionsProps{SecurityGroups: &groups})
	}
	return c.connections
}

// refuse panics with *invalid.Error for what a construct can't do.
func refuse(scope constructs.Construct, wanted, fix string) {
	panic(&invalid.Error{Path: *scope.Node().Path(), Problems: []invalid.Problem{{Wanted: wanted, Fix: fix}}})
}
