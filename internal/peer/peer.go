package peer

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
)

// Groups is an awsec2.IConnectable of the security groups through which a construct reaches others, such as those of a
// service's instances. AllowFrom of package storage adds rules to the scope's stack if a group is imported or belongs to a third stack.
type Groups struct {
	Scope          constructs.Construct
	SecurityGroups []awsec2.ISecurityGroup
}

// Connections makes Groups an awsec2.IConnectable.
func (g Groups) Connections() awsec2.Connections {
	return awsec2.NewConnections(&awsec2.ConnectionsProps{SecurityGroups: &g.SecurityGroups})
}
