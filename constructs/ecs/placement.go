package ecs

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// PlacementStrategy sets how ECS chooses among instances for a task. Several strategies apply in their order.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
type PlacementStrategy struct {
	// Type is PlacementSpread, PlacementBinpack or PlacementRandom. Required.
	Type PlacementStrategyType
	// Field is what to spread over, SpreadByZone, SpreadByInstance or another attribute of instances, or what to fill,
	// BinpackByCpu or BinpackByMemory. Default: none, only for PlacementRandom; required otherwise.
	Field string
}

// PlacementStrategyType is a way to choose among instances.
type PlacementStrategyType string

// The ways to choose among instances.
const (
	// PlacementSpread places tasks evenly over the values of Field.
	PlacementSpread PlacementStrategyType = "spread"
	// PlacementBinpack places tasks on as few instances as have the CPU or memory.
	PlacementBinpack PlacementStrategyType = "binpack"
	// PlacementRandom places tasks at random.
	PlacementRandom PlacementStrategyType = "random"
)

// The fields of placement strategies that are used most.
const (
	// SpreadByZone spreads tasks over Availability Zones.
	SpreadByZone = "attribute:ecs.availability-zone"
	// SpreadByInstance spreads tasks over instances.
	SpreadByInstance = "instanceId"
	// BinpackByCpu leaves as little CPU unused as possible.
	BinpackByCpu = "cpu"
	// BinpackByMemory leaves as little memory unused as possible.
	BinpackByMemory = "memory"
)

// PlacementConstraint is a condition that an instance must meet to run a task.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html
type PlacementConstraint struct {
	// Type is PlacementDistinctInstance or PlacementMemberOf. Required.
	Type PlacementConstraintType
	// Expression is a query such as "attribute:ecs.instance-type =~ m7g.*". Default: none; required for PlacementMemberOf.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
	Expression string
}

// PlacementConstraintType is a kind of condition.
type PlacementConstraintType string

// The kinds of conditions.
const (
	// PlacementDistinctInstance places each task of the service on another instance.
	PlacementDistinctInstance PlacementConstraintType = "distinctInstance"
	// PlacementMemberOf places tasks on instances for which Expression holds.
	PlacementMemberOf PlacementConstraintType = "memberOf"
)

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
const (
	maxStrategies  = 5
	maxConstraints = 10
)

// spreadsFirst reports whether the strategies let ECS keep the zones in balance: without any, it spreads tasks over them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
func spreadsFirst(strategies []PlacementStrategy, constraints []PlacementConstraint) bool {
	if slices.ContainsFunc(constraints, func(c PlacementConstraint) bool { return strings.Contains(c.Expression, "ecs.availability-zone") }) {
		return false
	}
	return len(strategies) == 0 || strategies[0] == PlacementStrategy{Type: PlacementSpread, Field: SpreadByZone}
}

func validatePlacement(strategies []PlacementStrategy, constraints []PlacementConstraint, bad *invalid.Problems) {
	if len(strategies) > maxStrategies {
		bad.Add("PlacementStrategies", "must have at most %d elements", maxStrategies).Given(len(strategies))
	}
	if len(constraints) > maxConstraints {
		bad.Add("PlacementConstraints", "must have at most %d elements", maxConstraints).Given(len(constraints))
	}
	for i := range strategies {
		bad.Nest(check.Index("PlacementStrategies", i), strategies[i].validate())
	}
	for i := range constraints {
		bad.Nest(check.Index("PlacementConstraints", i), constraints[i].validate())
	}
}

func (s *PlacementStrategy) validate() error {
	var bad invalid.Problems
	attribute := func(field string) bool {
		return field == SpreadByInstance || field == "host" || strings.HasPrefix(field, "attribute:") || invalid.IsToken(field)
	}
	switch {
	case s.Type == PlacementSpread && s.Field == "":
		bad.Add("Field", "is required with Type %q", s.Type).Advise("use ecs.SpreadByZone or ecs.SpreadByInstance")
	case s.Type == PlacementSpread && !attribute(s.Field):
		bad.Add("Field", "must be %q or an attribute such as %q", SpreadByInstance, SpreadByZone).Given(s.Field)
	case s.Type == PlacementBinpack && s.Field == "":
		bad.Add("Field", "is required with Type %q: %q or %q", s.Type, BinpackByCpu, BinpackByMemory)
	case s.Type == PlacementBinpack && s.Field != BinpackByCpu && s.Field != BinpackByMemory:
		bad.Add("Field", "must be %q or %q with Type %q", BinpackByCpu, BinpackByMemory, s.Type).Given(s.Field)
	case s.Type == PlacementRandom && s.Field != "":
		bad.Add("Field", "must not be set with Type %q", s.Type).Given(s.Field)
	}
	known := []PlacementStrategyType{PlacementSpread, PlacementBinpack, PlacementRandom}
	check.RequiredKnown("Type", s.Type, known, &bad)
	return bad.Err()
}

func (c *PlacementConstraint) validate() error {
	var bad invalid.Problems
	switch {
	case c.Type == PlacementDistinctInstance && c.Expression != "":
		bad.Add("Expression", "must not be set with Type %q", c.Type).Given(c.Expression)
	case c.Type == PlacementMemberOf && c.Expression == "":
		bad.Add("Expression", `is required with Type %q, such as "attribute:ecs.instance-type =~ m7g.*"`, c.Type)
	}
	known := []PlacementConstraintType{PlacementDistinctInstance, PlacementMemberOf}
	check.RequiredKnown("Type", c.Type, known, &bad)
	return bad.Err()
}

func placementStrategies(strategies []PlacementStrategy) *[]awsecs.PlacementStrategy {
	var rendered []awsecs.PlacementStrategy
	for _, s := range strategies {
		switch {
		case s.Type == PlacementSpread:
			rendered = append(rendered, awsecs.PlacementStrategy_SpreadAcross(&s.Field))
		case s.Type == PlacementRandom:
			rendered = append(rendered, awsecs.PlacementStrategy_Randomly())
		case s.Field == BinpackByCpu:
			rendered = append(rendered, awsecs.PlacementStrategy_PackedByCpu())
		default:
			rendered = append(rendered, awsecs.PlacementStrategy_PackedByMemory())
		}
	}
	return &rendered
}

func placementConstraints(constraints []PlacementConstraint) *[]awsecs.PlacementConstraint {
	var rendered []awsecs.PlacementConstraint
	for _, c := range constraints {
		if c.Type == PlacementDistinctInstance {
			rendered = append(rendered, awsecs.PlacementConstraint_DistinctInstances())
			continue
		}
		rendered = append(rendered, awsecs.PlacementConstraint_MemberOf(jsii.String(c.Expression)))
	}
	return &rendered
}
