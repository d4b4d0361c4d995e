package storage

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/peer"
)

// portRange is a range of ports as the rule of a security group has it.
type portRange struct {
	protocol string
	from, to int
}

// access is what is open between the security groups of a file system and those of its clients.
type access struct {
	owner       constructs.Construct // the file system
	servers     []awsec2.ISecurityGroup
	isImmutable bool        // the servers' rules are left as they are
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
				rules := constructs.NewDependencyGroup()
				home, name := a.ruleScope(group, server, scope)
				for _, p := range ports {
					a.addRules(rules, home, name, p, passage{from: group, to: server, isToImmutable: a.isImmutable})
					if a.isMutual {
						a.addRules(rules, home, name+"Back", p, passage{from: server, to: group, isFromImmutable: a.isImmutable})
					}
				}
				a.setOpened(key, rules)
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

// ruleScope returns where the rules between two groups stand, and what their ids begin with: below the client's group, where they
// stay what they are when one of several users of that group goes; or below the scope, if the group belongs to a third stack.
// There they would make that stack, which may have the VPC, wait for the file system's.
func (a *access) ruleScope(group, server awsec2.ISecurityGroup, scope constructs.Construct) (constructs.Construct, string) {
	name := *awscdk.Names_NodeUniqueId(server.Node())
	if a.isNear(group, scope) {
		return asConstruct(group), name
	}
	return scope, name + *awscdk.Names_NodeUniqueId(group.Node()) // one of several below the scope
}

// isNear reports whether a group is in the stack of the scope or of the file system.
func (a *access) isNear(group awsec2.ISecurityGroup, scope constructs.Construct) bool {
	of := func(c constructs.IConstruct) string { return *awscdk.Stack_Of(c).Node().Path() }
	stack := of(group)
	return stack == of(scope) || stack == of(a.owner)
}

// passage is a way from one security group to another. The rules of an immutable one are left as they are.
type passage struct {
	from, to                       awsec2.ISecurityGroup
	isFromImmutable, isToImmutable bool
}

// addRules creates the rules of both groups of a passage, as far as it takes them.
func (a *access) addRules(rules constructs.DependencyGroup, home constructs.Construct, name string, p portRange, w passage) {
	id := fmt.Sprintf("%s%s%d", name, p.protocol, p.from)
	description := describe.Of("Files of", *a.owner.Node().Path())
	if !w.isToImmutable {
		rules.Add(awsec2.NewCfnSecurityGroupIngress(home, jsii.String("Into"+id), &awsec2.CfnSecurityGroupIngressProps{
			GroupId: w.to.SecurityGroupId(), SourceSecurityGroupId: w.from.SecurityGroupId(), Description: description,
			IpProtocol: jsii.String(p.protocol), FromPort: jsii.Number(p.from), ToPort: jsii.Number(p.to),
		}))
	}
	if !w.isFromImmutable && !*w.from.AllowAllOutbound() {
		rules.Add(awsec2.NewCfnSecurityGroupEgress(home, jsii.String("OutTo"+id), &awsec2.CfnSecurityGroupEgressProps{
			GroupId: w.from.SecurityGroupId(), DestinationSecurityGroupId: w.to.SecurityGroupId(), Description: description,
			IpProtocol: jsii.String(p.protocol), FromPort: jsii.Number(p.from), ToPort: jsii.Number(p.to),
		}))
	}
}
