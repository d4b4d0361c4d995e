package storage

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/sgrule"
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

// direction is the direction of a rule's traffic, in the words of ids.
type direction struct{ word, opposite, title string }

var (
	inbound  = direction{"from", "to", "Into"}
	outbound = direction{"to", "from", "Out of"}
)

// allow adds the rules of both groups, as far as they take them.
func (w *passage) allow(from, to *end, p portRange) {
	if to.isMutable {
		w.add(inbound, to, from, p)
	}
	if from.isMutable && !from.sendsAll {
		w.add(outbound, from, to, p)
	}
}

// add adds a rule of a group unless it exists: EC2 refuses the second of two. The rules of another file system have the same ids. Those
// of Connections stand below the group itself; where ours does not, an empty construct takes its id, so that the CDK adds none, and
// knows ours, on which the mounts of other stacks wait.
func (w *passage) add(d direction, group, peer *end, p portRange) {
	id, theirs := w.idOf(d, group, peer, p), fmt.Sprintf("%s %s:%s", d.word, peer.uniqueId, p)
	rule := sgrule.Find(w.home, id)
	if rule == nil {
		rule = sgrule.Find(group, theirs)
	}
	isNew := rule == nil
	if isNew {
		rule = w.newRule(d, id, group, peer, p)
	}
	w.rules = append(w.rules, passageRule{rule, isNew})
	if sgrule.Find(group, theirs) == nil {
		sgrule.Stand(group.ISecurityGroup, theirs, rule)
	}
}

// idOf is the id of a rule below home: it names the rule's group and its peer, except the one that home is. That is how the CDK names
// rules too.
func (w *passage) idOf(d direction, group, peer *end, p portRange) string {
	switch {
	case w.isInStack:
		return fmt.Sprintf("%s %s %s %s:%s", d.title, group.key, d.word, peer.key, p)
	case group == &w.client:
		return fmt.Sprintf("%s %s:%s", d.word, peer.key, p)
	default:
		return fmt.Sprintf("%s:%s %s", group.key, p, d.opposite)
	}
}

func (w *passage) newRule(d direction, id string, group, peer *end, p portRange) constructs.IConstruct {
	protocol, first, last := jsii.String(p.protocol), jsii.Number(p.from), jsii.Number(p.to)
	if d == inbound {
		return awsec2.NewCfnSecurityGroupIngress(w.home, &id, &awsec2.CfnSecurityGroupIngressProps{
			GroupId: group.SecurityGroupId(), SourceSecurityGroupId: peer.SecurityGroupId(), Description: w.description,
			IpProtocol: protocol, FromPort: first, ToPort: last,
		})
	}
	return awsec2.NewCfnSecurityGroupEgress(w.home, &id, &awsec2.CfnSecurityGroupEgressProps{
		GroupId: group.SecurityGroupId(), DestinationSecurityGroupId: peer.SecurityGroupId(), Description: w.description,
		IpProtocol: protocol, FromPort: first, ToPort: last,
	})
}
