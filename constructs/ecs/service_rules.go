package ecs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
	"awscontainers/internal/sgrule"
)

// waitForRules lets the service wait for the rules between its security groups and those of its load balancers: without them the
// first tasks fail their health checks, and a stack that is deleted would take the rules away from tasks that still have clients.
func (s *Service) waitForRules(balancers []balancerGroup) {
	if len(balancers) == 0 {
		return
	}
	tasks := addNew(nil, s.Service.Connections())
	if rules := s.rulesBetween(balancers, tasks); len(rules) > 0 {
		s.Service.Node().DefaultChild().Node().AddDependency(rules...)
	}
}

// balancerGroup is a security group of a load balancer, and how many children it had before the service: each question to the CDK
// takes a fifth of a millisecond, and a load balancer's group has a rule for each of its services.
type balancerGroup struct {
	awsec2.ISecurityGroup
	before int
}

// balancerGroups is asked before the service's tasks are registered, which adds the rules.
func (e *Exposure) balancerGroups() (balancers []balancerGroup) {
	var groups []awsec2.ISecurityGroup
	for i := range e.Alb {
		groups = addNew(groups, e.Alb[i].listener().Connections())
	}
	for i := range e.Nlb {
		groups = addNew(groups, e.Nlb[i].LoadBalancer.Connections())
	}
	if e.Gateway != nil {
		for _, g := range e.Gateway.Gateways {
			groups = append(groups, g.groups...)
		}
	}
	for _, group := range groups {
		balancers = append(balancers, balancerGroup{group, len(*group.Node().Children())})
	}
	return balancers
}

func addNew(groups []awsec2.ISecurityGroup, connections awsec2.Connections) []awsec2.ISecurityGroup {
	for _, group := range *connections.SecurityGroups() {
		if !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	return groups
}

// rulesBetween finds the rules by which load balancers reach tasks. The CDK makes them below either group, also for another service
// with the same groups. Rules in other stacks are left out: the service's stack waits for those stacks if it refers to their groups,
// and might else be what they wait for.
func (s *Service) rulesBetween(balancers []balancerGroup, tasks []awsec2.ISecurityGroup) (rules []constructs.IDependable) {
	groups := make([]balancerGroup, 0, len(balancers)+len(tasks))
	from := make([]string, len(balancers))
	for i, balancer := range balancers {
		groups, from[i] = append(groups, balancer), *balancer.SecurityGroupId()
	}
	for _, group := range tasks {
		groups = append(groups, balancerGroup{group, 0})
	}
	to := idsOf(tasks)
	isIn := func(ids []string, id *string) bool { return id != nil && slices.Contains(ids, *id) }
	stack := *awscdk.Stack_Of(s).Node().Path()
	for _, group := range groups {
		if *awscdk.Stack_Of(group.ISecurityGroup).Node().Path() != stack {
			continue
		}
		children := *group.Node().Children()
		if len(children) > group.before {
			children = children[group.before:]
		} // else its rules are those of another service with the same groups
		for _, child := range children {
			switch r := sgrule.Of(child).(type) {
			case awsec2.CfnSecurityGroupIngress:
				if isIn(to, r.GroupId()) && isIn(from, r.SourceSecurityGroupId()) {
					rules = append(rules, s.onlyRule(r, "in", *r.SourceSecurityGroupId()))
				}
			case awsec2.CfnSecurityGroupEgress:
				if isIn(from, r.GroupId()) && isIn(to, r.DestinationSecurityGroupId()) {
					rules = append(rules, s.onlyRule(r, "out", *r.DestinationSecurityGroupId()))
				}
			}
		}
	}
	return rules
}

// rule is a rule of either direction as the CDK has it.
type rule interface {
	awscdk.CfnElement
	GroupId() *string
	IpProtocol() *string
	FromPort() *float64
	ToPort() *float64
}

// onlyRule returns the rule that is in effect for one that the CDK made: another one of the stack, if that says the same. The CDK takes
// two imports of one group for two groups, such as those of two listeners of an existing load balancer, and EC2 refuses the second of
// two equal rules. The logical ID names the groups instead of the import, which may go while the rule stays: CloudFormation would
// create the rule under its new ID before it deletes the old one.
func (s *Service) onlyRule(made rule, direction, peerId string) constructs.IConstruct {
	groupId := *made.GroupId()
	if invalid.IsToken(groupId) && invalid.IsToken(peerId) {
		return made // groups of this app, which are one construct each
	}
	stack := awscdk.Stack_Of(s)
	// A rule for all traffic has no ports.
	ports := fmt.Sprint(*made.IpProtocol(), " ", opt.Value(made.FromPort()), "-", opt.Value(made.ToPort()))
	name := ids.Named(stack, "Rule", direction, groupId, peerId, ports)
	only := sgrule.Find(stack, name)
	if only == nil {
		made.OverrideLogicalId(new(strings.ReplaceAll(name, "-", "")))
		sgrule.Stand(stack, name, made)
		return made
	}
	if *only.Node().Path() != *made.Node().Path() {
		sgrule.Replace(made, only)
	}
	return only
}

func idsOf(groups []awsec2.ISecurityGroup) []string {
	found := make([]string, len(groups))
	for i, group := range groups {
		found[i] = *group.SecurityGroupId()
	}
	return found
}
