package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/ids"
	"awscontainers/internal/peer"
)

// access is what is open between the security groups of a file system and those of its clients.
type access struct {
	owner       constructs.Construct // the file system
	servers     []awsec2.ISecurityGroup
	isMutual    bool        // the servers connect to the clients too
	defaultPort awsec2.Port // nil where one port does not suffice
	connections awsec2.Connections
	opened      map[string]constructs.IDependable
}

// connectable is the awsec2.IConnectable side of the file system.
func (a *access) connectable() awsec2.Connections {
	if a.connections == nil {
		a.connections = awsec2.NewConnections(&awsec2.ConnectionsProps{SecurityGroups: &a.servers, DefaultPort: a.defaultPort})
	}
	return a.connections
}

// allowFrom lets a client in at the ports, and if it is mutual also the servers in at the same ports of the client. It returns what a
// mount should wait for. A second call for the same groups and purpose adds nothing: EC2 refuses a rule that exists already.
func (a *access) allowFrom(client awsec2.IConnectable, purpose string, ports ...portRange) (before []constructs.IDependable) {
	var bad invalid.Problems
	check.NotNil("client", client, "a service, a cluster, an instance or a security group", &bad)
	check.Arguments(a.owner, "AllowFrom", bad)
	scope := a.scopeOf(client)
	for _, group := range *client.Connections().SecurityGroups() {
		for _, server := range a.servers {
			key := accessKey(purpose, group, server)
			if a.opened[key] == nil {
				a.setOpened(key, a.newPassage(group, server, scope).open(a.isMutual, ports))
			}
			before = append(before, a.opened[key])
		}
	}
	return before
}

func accessKey(purpose string, client, server awsec2.ISecurityGroup) string {
	return purpose + " " + *client.SecurityGroupId() + " " + *server.SecurityGroupId()
}

func (a *access) setOpened(key string, rules constructs.IDependable) {
	if a.opened == nil {
		a.opened = map[string]constructs.IDependable{}
	}
	a.opened[key] = rules
}

// newPassage prepares the rules between two groups. They stand below the client's group, where they stay what they are when one of
// several users of that group goes; or below the scope's stack, if the group belongs to a third stack, which may have the VPC and
// would wait for the file system's, or if several imports may stand for it.
func (a *access) newPassage(group, server awsec2.ISecurityGroup, scope constructs.Construct) *passage {
	w := &passage{client: newEnd(group), server: newEnd(server), description: describe.Of("Files of", *a.owner.Node().Path())}
	if w.client.hasKnownId() || !a.isNear(group, scope) {
		w.home, w.isInStack = awscdk.Stack_Of(scope), true
	} else {
		w.home = asConstruct(group)
	}
	return w
}

// scopeOf is where the rules for a client can stand: the client, if it is a construct.
func (a *access) scopeOf(client awsec2.IConnectable) constructs.Construct {
	switch c := client.(type) {
	case peer.Groups:
		return c.Scope
	case constructs.Construct:
		return c
	case constructs.IConstruct:
		return asConstruct(c)
	default:
		return a.owner
	}
}

// asConstruct is for what is a construct to the CDK, which the Go interface of existing resources does not say.
func asConstruct(c constructs.IConstruct) (construct constructs.Construct) {
	jsii.UnsafeCast(c, &construct)
	return construct
}

// isNear reports whether a group is in the stack of the scope or of the file system.
func (a *access) isNear(group awsec2.ISecurityGroup, scope constructs.Construct) bool {
	stack := ids.StackPath(group)
	return stack == ids.StackPath(scope) || stack == ids.StackPath(a.owner)
}
