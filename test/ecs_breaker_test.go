package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

func TestCircuitBreakerAndNonce(t *testing.T) {
	for name, c := range map[string]struct {
		deployment ecs.Deployment
		want       map[string]any
	}{
		"default": {ecs.Deployment{}, map[string]any{"ThresholdConfiguration": nil, "ResetOnHealthyTask": nil, "Rollback": true}},
		"tasks": {ecs.Deployment{CircuitBreaker: ecs.CircuitBreaker{MaxFailedTasks: 1}},
			map[string]any{"ThresholdConfiguration.Type": "COUNT", "ThresholdConfiguration.Value": 1.0, "ResetOnHealthyTask": nil}},
		"percent": {ecs.Deployment{CircuitBreaker: ecs.CircuitBreaker{MaxFailedPercent: 20, CountsAll: true}},
			map[string]any{"ThresholdConfiguration.Type": "BOUNDED_PERCENT", "ThresholdConfiguration.Value": 20.0, "ResetOnHealthyTask": false}},
		"all that fail": {ecs.Deployment{CircuitBreaker: ecs.CircuitBreaker{CountsAll: true}},
			map[string]any{"ThresholdConfiguration.Type": "BOUNDED_PERCENT", "ThresholdConfiguration.Value": 50.0, "ResetOnHealthyTask": false}},
	} {
		stack := cdktest.Stack(t)
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{Name: "a", Image: registry.FromRegistry(publicImage)}}})
		ecs.NewService(stack, "Web", &ecs.ServiceProps{Cluster: newCluster(stack), Task: task, Deployment: c.deployment})
		service := cdktest.Synth(t, stack).Only("AWS::ECS::Service")
		cdktest.HasAt(t, service.Get("DeploymentConfiguration.DeploymentCircuitBreaker"), c.want, name)
		assert.Nil(t, service.Get("ForceNewDeployment"), "%s: a deployment that nobody asked for", name)
	}
	stack := cdktest.Stack(t)
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{Name: "a", Image: registry.FromRegistry(publicImage)}}})
	ecs.NewService(stack, "Web", &ecs.ServiceProps{Cluster: newCluster(stack), Task: task, Deployment: ecs.Deployment{Nonce: "7"}})
	assert.Equal(t, map[string]any{"EnableForceNewDeployment": true, "ForceNewDeploymentNonce": "7"},
		cdktest.Synth(t, stack).Only("AWS::ECS::Service").Get("ForceNewDeployment"))
}

func TestCircuitBreakersAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{Name: "a", Image: registry.FromRegistry(publicImage)}}})
	for name, c := range map[string]struct {
		deployment ecs.Deployment
		want       string
	}{
		"off": {ecs.Deployment{DisableCircuitBreaker: true, CircuitBreaker: ecs.CircuitBreaker{CountsAll: true}},
			"Test/off: Deployment.CircuitBreaker must not be set together with DisableCircuitBreaker; remove one of them"},
		"canary": {ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, CircuitBreaker: ecs.CircuitBreaker{MaxFailedTasks: 5}},
			`Test/canary: Deployment.CircuitBreaker must not be set with Strategy LINEAR or CANARY, which have no circuit breaker; got "CANARY"`},
		"negative": {ecs.Deployment{CircuitBreaker: ecs.CircuitBreaker{MaxFailedTasks: -1}},
			"Test/negative: Deployment.CircuitBreaker.MaxFailedTasks must be 1 or greater; got -1"},
		"both": {ecs.Deployment{CircuitBreaker: ecs.CircuitBreaker{MaxFailedTasks: 5, MaxFailedPercent: 20}},
			"Test/both: Deployment.CircuitBreaker.MaxFailedPercent must not be set together with MaxFailedTasks; got 20; remove one of them"},
	} {
		refused := cdktest.Refused(t, func() {
			ecs.NewService(stack, name, &ecs.ServiceProps{Cluster: cluster, Task: task, Deployment: c.deployment})
		})
		assert.Contains(t, refused, c.want)
	}
}
