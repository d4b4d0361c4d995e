package ecs

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// validateOrder notes start-up orders that ECS refuses or that never come to an end.
func (p *TaskProps) validateOrder(byName map[string]*Container, bad *invalid.Problems) {
	for i := range p.Containers {
		c := &p.Containers[i]
		for j, d := range c.DependsOn {
			field := check.Index("Containers", i) + "." + check.Index("DependsOn", j)
			other := byName[d.ContainerName]
			switch {
			case d.ContainerName == c.Name:
				bad.Add(field+".ContainerName", "%q is the container itself, which would wait for ever; name another one", d.ContainerName)
				continue
			case other == nil:
				bad.Add(field+".ContainerName", "%q is no container of the task; use %s", d.ContainerName, check.OneOf(slices.Sorted(maps.Keys(byName))))
				continue
			}
			switch d.Condition {
			case "", awsecs.ContainerDependencyCondition_START:
			case awsecs.ContainerDependencyCondition_HEALTHY:
				if other.HealthCheck == nil {
					bad.Add(field+".Condition", "HEALTHY needs a HealthCheck of container %q; give it one or wait for START", d.ContainerName)
				}
			case awsecs.ContainerDependencyCondition_COMPLETE, awsecs.ContainerDependencyCondition_SUCCESS:
				if !other.NonEssential {
					bad.Add(field+".Condition", "%s waits for the end of container %q, which would end the task; set its NonEssential", d.Condition, d.ContainerName)
				}
			default:
				bad.Add(field+".Condition", "%q is unknown; use %s", d.Condition, check.OneOf(conditions))
			}
		}
	}
	if cycle := findCycle(p.Containers, byName); cycle != nil {
		bad.Add("Containers", "wait for each other in a circle and would never start: %s", strings.Join(cycle, " -> "))
	}
}

// findCycle gives the names along a circle of two containers or more, beginning and ending with the same one, or nil.
func findCycle(containers []Container, byName map[string]*Container) []string {
	done := map[string]bool{}
	var visit func(name string, trail []string) []string
	visit = func(name string, trail []string) []string {
		if at := slices.Index(trail, name); at >= 0 {
			return append(trail[at:], name)
		}
		if done[name] {
			return nil
		}
		trail = append(trail, name)
		for _, d := range byName[name].DependsOn {
			if d.ContainerName == name || byName[d.ContainerName] == nil {
				continue // refused above
			}
			if cycle := visit(d.ContainerName, trail); cycle != nil {
				return cycle
			}
		}
		done[name] = true
		return nil
	}
	for _, c := range containers {
		if cycle := visit(c.Name, nil); cycle != nil {
			return cycle
		}
	}
	return nil
}
