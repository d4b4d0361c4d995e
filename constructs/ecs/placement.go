package ecs

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// PlacementStrategy is how tasks choose among instances; several are applied in their order.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
type PlacementStrategy struct {
	// Type is "spread", evenly over the values of Field, "binpack", on as few instances as have the Field ("cpu" or "memory"), or
	// "random". Required.
	Type string
	// Field is AvailabilityZone, InstanceId or another attribute of instances for "spread", "cpu" or "memory" for "binpack". Default:
	// none, for "random" alone; required otherwise.
	Field string
}

// What tasks are spread over most.
const (
	// AvailabilityZone is an instance's zone.
	AvailabilityZone = "attribute:ecs.availability-zone"
	// InstanceId is the instance itself.
	InstanceId = "instanceId"
)

// PlacementConstraint is what an instance must fulfil to get a task.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html
type PlacementConstraint struct {
	// Type is "distinctInstance", one task of the service on each instance, or "memberOf", where Expression holds. Required.
	Type string
	// Expression is a query such as "attribute:ecs.instance-type =~ m7g.*". Default: none; required for "memberOf".
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
	Expression string
}

// The types of strategies and constraints.
const (
	spread           = "spread"
	binpack          = "binpack"
	random           = "random"
	distinctInstance = "distinctInstance"
	memberOf         = "memberOf"
)

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
const (
	maxStrategies  = 5
	maxConstraints = 10
)

// spreadsFirst tells whether the strategies let ECS keep the zones in balance: without any, it spreads tasks over them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
func spreadsFirst(strategies []PlacementStrategy, constraints []PlacementConstraint) bool {
	if slices.ContainsFunc(constraints, func(c PlacementConstraint) bool { return strings.Contains(c.Expression, "ecs.availability-zone") }) {
		return false
	}
	return len(strategies) == 0 || strategies[0] == PlacementStrategy{Type: spread, Field: AvailabilityZone}
}

func (p *ServiceProps) validatePlacement(bad *invalid.Problems) {
	if len(p.PlacementStrategies) > maxStrategies {
		bad.Add("PlacementStrategies", "are %d; ECS takes %d of a service", len(p.PlacementStrategies), maxStrategies)
	}
	if len(p.PlacementConstraints) > maxConstraints {
		bad.Add("PlacementConstraints", "are %d; ECS takes %d of a service", len(p.PlacementConstraints), maxConstraints)
	}
	for i, s := range p.PlacementStrategies {
		field := check.Index("PlacementStrategies", i)
		switch s.Type {
		case spread:
			if s.Field == "" {
				bad.Add(field+".Field", "is missing; give what to spread over, such as %q", AvailabilityZone)
			} else if s.Field != InstanceId && s.Field != "host" && !strings.HasPrefix(s.Field, "attribute:") && !invalid.IsToken(s.Field) {
				bad.Add(field+".Field", `%q is nothing to spread over; use %q or an attribute, such as %q`, s.Field, InstanceId, AvailabilityZone)
			}
		case binpack:
			if s.Field != "cpu" && s.Field != "memory" {
				bad.Add(field+".Field", `%q cannot be packed; use "cpu" or "memory"`, s.Field)
			}
		case random:
			if s.Field != "" {
				bad.Add(field+".Field", "%q says nothing beside %q; leave it out", s.Field, random)
			}
		default:
			bad.Add(field+".Type", "%q is unknown; use %q, %q or %q", s.Type, spread, binpack, random)
		}
	}
	for i, c := range p.PlacementConstraints {
		field := check.Index("PlacementConstraints", i)
		switch c.Type {
		case distinctInstance:
			if c.Expression != "" {
				bad.Add(field+".Expression", "%q says nothing beside %q; leave it out", c.Expression, distinctInstance)
			}
		case memberOf:
			if c.Expression == "" {
				bad.Add(field+".Expression", `is missing; write it as "attribute:ecs.instance-type =~ m7g.*"`)
			}
		default:
			bad.Add(field+".Type", "%q is unknown; use %q or %q", c.Type, distinctInstance, memberOf)
		}
	}
}

func placementStrategies(strategies []PlacementStrategy) *[]awsecs.PlacementStrategy {
	var rendered []awsecs.PlacementStrategy
	for _, s := range strategies {
		switch {
		case s.Type == spread:
			rendered = append(rendered, awsecs.PlacementStrategy_SpreadAcross(&s.Field))
		case s.Type == random:
			rendered = append(rendered, awsecs.PlacementStrategy_Randomly())
		case s.Field == "cpu":
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
		if c.Type == distinctInstance {
			rendered = append(rendered, awsecs.PlacementConstraint_DistinctInstances())
			continue
		}
		rendered = append(rendered, awsecs.PlacementConstraint_MemberOf(jsii.String(c.Expression)))
	}
	return &rendered
}
