package peer

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
)

// Connectable makes a construct with security groups an awsec2.IConnectable. It returns one object forever: the CDK notes on it
// which of two constructs adds the rules of both, and would recurse without end over two of ours otherwise.
type Connectable struct{ connections awsec2.Connections }

// Of returns the connections of the groups that the first call names. It panics with *invalid.Error without any, because a rule
// that no group gets would do nothing unseen; the fix says what to do about it.
func (c *Connectable) Of(scope constructs.Construct, groups []awsec2.ISecurityGroup, fix string) awsec2.Connections {
	if len(groups) == 0 {
		invalid.Panic(*scope.Node().Path(), invalid.Problems{{
			Wanted: "has no known security groups for Connections", Fix: fix,
		}})
	}
	if c.connections == nil {
		c.connections = awsec2.NewConnections(&awsec2.ConnectionsProps{SecurityGroups: &groups})
	}
	return c.connections
}
