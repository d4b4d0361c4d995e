package storage

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// portRange is a range of ports as the rule of a security group has it.
type portRange struct {
	protocol string
	from, to int
}

// String is what the CDK writes for the ports in the id of a rule.
func (p portRange) String() string {
	text := fmt.Sprint(p.from)
	if p.to != p.from {
		text += fmt.Sprint("-", p.to)
	}
	if p.protocol == "udp" {
		text = "UDP " + text
	}
	return text
}

// end is a security group at either end of a passage.
type end struct {
	awsec2.ISecurityGroup
	uniqueId  string // of the construct
	key       string // the group's ID if it is known at synthesis, and else uniqueId
	isMutable bool
	sendsAll  bool
}

func newEnd(group awsec2.ISecurityGroup) end {
	e := end{ISecurityGroup: group, uniqueId: *group.UniqueId(), key: *group.SecurityGroupId(), isMutable: isMutable(group),
		sendsAll: *group.AllowAllOutbound()}
	if invalid.IsToken(e.key) {
		e.key = e.uniqueId
	}
	return e
}

// hasKnownId reports whether the group was imported by its ID, as it can be several times.
func (e *end) hasKnownId() bool { return e.key != e.uniqueId }

// isMutable reports whether a group takes rules. A group that was imported with Mutable false doesn't say so: it ignores them.
func isMutable(group awsec2.ISecurityGroup) bool {
	node := group.Node()
	if node.DefaultChild() != nil {
		return true // created here
	}
	before := len(*node.Children())
	group.AddIngressRule(awsec2.Peer_Ipv4(jsii.String("192.0.2.1/32")), awsec2.Port_AllTraffic(), nil, nil) // an address for examples
	children := *node.Children()
	if len(children) == before {
		return false
	}
	node.TryRemoveChild(children[before].Node().Id())
	return true
}

// passage is the way between the security groups of a client and of a file system.
type passage struct {
	client, server end
	home           constructs.Construct // of its rules: the client's group, or a stack
	isInStack      bool                 // home is a stack
	description    *string
	rules          []passageRule
}

// passageRule is a rule of a passage. Other passages may share it.
type passageRule struct {
	constructs.IConstruct
	isNew bool
}

// open lets the client in, and if it is mutual also the servers in at the client. It returns what a mount should wait for.
func (w *passage) open(isMutual bool, ports []portRange) constructs.IDependable {
	for _, p := range ports {
		w.allow(&w.client, &w.server, p)
		if isMutual {
			w.allow(&w.server, &w.client, p)
		}
	}
	return w.dependable()
}

func (w *passage) dependable() constructs.IDependable {
	group := constructs.NewDependencyGroup()
	for _, r := range w.rules {
		group.Add(r.IConstruct)
	}
	return group
}

// allow adds the rules of both groups, as far as they take them.
func (w *passage) allow(from, to *end, p portRange) {
	protocol, first, last := jsii.String(p.protocol), jsii.Number(p.from), jsii.Number(p.to)
	if to.isMutable {
		w.add(to, from, "from", p, func(id string) constructs.IConstruct {
			return awsec2.NewCfnSecurityGroupIngress(w.home, &id, &awsec2.CfnSecurityGroupIngressProps{
				GroupId: to.SecurityGroupId(), SourceSecurityGroupId: from.SecurityGroupId(), Description: w.description,
				IpProtocol: protocol, FromPort: first, ToPort: last,
			})
		})
	}
	if from.isMutable && !from.sendsAll {
		w.add(from, to, "to", p, func(id string) constructs.IConstruct {
			return awsec2.NewCfnSecurityGroupEgress(w.home, &id, &awsec2.CfnSecurityGroupEgressProps{
				GroupId: from.SecurityGroupId(), DestinationSecurityGroupId: to.SecurityGroupId(), Description: w.description,
				IpProtocol: protocol, FromPort: first, ToPort: last,
			})
		})
	}
}

// add adds a rule of a group unless it exists: EC2 refuses the second of two. The rules of another file system have the same ids. Those
// of Connections stand below the group itself; where ours does not, an empty construct takes its id, so that the CDK adds none.
func (w *passage) add(group, peer *end, word string, p portRange, create func(id string) constructs.IConstruct) {
	id, theirs := w.idOf(group, peer, word, p), jsii.String(fmt.Sprintf("%s %s:%s", word, peer.uniqueId, p))
	rule, taken := w.home.Node().TryFindChild(&id), group.Node().TryFindChild(theirs)
	if rule == nil {
		rule = taken
	}
	isNew := rule == nil
	if isNew {
		rule = create(id)
	}
	w.rules = append(w.rules, passageRule{rule, isNew})
	if taken == nil && group.Node().TryFindChild(theirs) == nil {
		constructs.NewConstruct(asConstruct(group.ISecurityGroup), theirs)
	}
}

// idOf is the id of a rule below home. Below the client's group it is the CDK's own.
func (w *passage) idOf(group, peer *end, word string, p portRange) string {
	switch {
	case w.isInStack:
		return fmt.Sprintf("%s %s %s:%s", map[string]string{"from": "Into", "to": "Out of"}[word]+" "+group.key, word, peer.key, p)
	case group == &w.client:
		return fmt.Sprintf("%s %s:%s", word, peer.key, p)
	default:
		return fmt.Sprintf("%s:%s %s", group.key, p, map[string]string{"from": "to", "to": "from"}[word])
	}
}
