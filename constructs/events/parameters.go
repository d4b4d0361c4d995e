package events

import (
	"reflect"

	"awscontainers/constructs/ecs"
)

// parameterNames are the two names that EventBridge and EventBridge Scheduler spell differently.
type parameterNames struct{ vpcConfiguration, placementStrategies string }

var (
	// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html
	ruleParameters = parameterNames{"awsVpcConfiguration", "placementStrategies"}
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EcsParameters.html
	scheduleParameters = parameterNames{"awsvpcConfiguration", "placementStrategy"}
)

// propagateTags gives tasks the tags of their task definition.
const propagateTags = "TASK_DEFINITION"

// ecsParameters returns the parameters of a target that starts the task, as the CDK spells them.
func ecsParameters(run ecs.RunParameters, names parameterNames) map[string]any {
	parameters := map[string]any{
		"taskDefinitionArn": run.TaskDefinitionArn, "taskCount": run.TaskCount, "enableEcsManagedTags": true, "propagateTags": propagateTags,
	}
	if run.LaunchType != "" {
		parameters["launchType"] = run.LaunchType
	}
	if run.SubnetIds != nil {
		parameters["networkConfiguration"] = map[string]any{names.vpcConfiguration: withoutZeros(map[string]any{
			"subnets": run.SubnetIds, "securityGroups": run.SecurityGroupIds, "assignPublicIp": run.AssignPublicIp,
		})}
	}
	for key, list := range map[string][]any{
		"capacityProviderStrategy": each(run.Capacity, func(c ecs.CapacityProviderStrategy) any {
			item := withoutZeros(map[string]any{"capacityProvider": string(c.CapacityProvider), "base": c.Base})
			item["weight"] = c.Weight
			return item
		}),
		names.placementStrategies: each(run.PlacementStrategies, func(s ecs.PlacementStrategy) any {
			return withoutZeros(map[string]any{"type": string(s.Type), "field": s.Field})
		}),
		"placementConstraints": each(run.PlacementConstraints, func(c ecs.PlacementConstraint) any {
			return withoutZeros(map[string]any{"type": string(c.Type), "expression": c.Expression})
		}),
	} {
		if len(list) > 0 {
			parameters[key] = list
		}
	}
	return parameters
}

func each[T any](list []T, f func(T) any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// withoutZeros omits empty strings and zeros.
func withoutZeros(m map[string]any) map[string]any {
	for key, v := range m {
		if reflect.ValueOf(v).IsZero() {
			delete(m, key)
		}
	}
	return m
}
