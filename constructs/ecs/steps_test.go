package ecs

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type object = map[string]any

// stepRun is what the function answered, and what it asked ECS.
type stepRun struct {
	Answers []string
	Asked   []object
	Log     []object
}

func (r *stepRun) asked(name string) (inputs []object) {
	for _, a := range r.Asked {
		if a["name"] == name {
			inputs = append(inputs, a)
		}
	}
	return inputs
}

// callStep calls the function at some minutes, on a fake of ECS that does what the scenario says.
func callStep(t *testing.T, scenario object, calls ...object) *stepRun {
	t.Helper()
	all := object{
		"calls": calls, "hookDetails": `{"step": "Migration", "taskDefinition": "migration:7"}`,
		"environment": object{
			"Migration": `{"container": "migrate", "timeoutMinutes": 10, "runTask": {"cluster": "shop", "launchType": "FARGATE"}}`,
		},
	}
	for name, value := range scenario {
		all[name] = value
	}
	input, err := json.Marshal(all)
	require.NoError(t, err)
	cmd := exec.Command("node", "testdata/steps.cjs")
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &stderr
	output, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	run := &stepRun{}
	require.NoError(t, json.Unmarshal(output, run), string(output))
	return run
}

// at is a call after some minutes.
func at(minute float64) object { return object{"at": minute} }

// ended is a task that stopped: its own container with an exit code, and a sidecar that was killed then.
func ended(minute float64, container object) object {
	container["name"] = "migrate"
	return object{"stopsAt": minute, "stopped": object{
		"stoppedReason": "Essential container in task exited", "containers": []object{{"name": "sidecar", "exitCode": 137}, container},
	}}
}

func TestAStepWaitsForItsTask(t *testing.T) {
	run := callStep(t, ended(2, object{"exitCode": 0}), at(0), at(1), at(2))
	assert.Equal(t, []string{"IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"}, run.Answers)
	started := run.asked("RunTask")
	require.Len(t, started, 1)
	assert.Len(t, started[0]["clientToken"], 64, "more than RunTask takes")
	delete(started[0], "clientToken")
	assert.Equal(t, object{
		"name": "RunTask", "cluster": "shop", "launchType": "FARGATE", "taskDefinition": "migration:7", "startedBy": "Deployment1",
	}, started[0])
	for _, described := range run.asked("DescribeTasks") {
		assert.Equal(t, object{"name": "DescribeTasks", "cluster": "shop", "tasks": []any{"task/1"}}, described)
	}
	assert.Equal(t, "The task succeeded", run.Log[len(run.Log)-1]["message"])
}

func TestAStepFailsWithItsTask(t *testing.T) {
	for name, c := range map[string]struct {
		scenario object
		reason   string
	}{
		"exit code": {ended(1, object{"exitCode": 1}), "Essential container in task exited"},
		"no image":  {ended(1, object{"reason": "CannotPullContainerError"}), "Essential container in task exited"},
		"no container": {object{"stopsAt": 1, "stopped": object{"stoppedReason": "TaskFailedToStart", "containers": []object{}}},
			"TaskFailedToStart"},
		"no details": {object{"stopsAt": 1, "stopped": object{"stoppedReason": "Spot interruption"}}, "Spot interruption"},
	} {
		run := callStep(t, c.scenario, at(0), at(1))
		assert.Equal(t, []string{"IN_PROGRESS", "FAILED"}, run.Answers, name)
		assert.Equal(t, c.reason, run.Log[len(run.Log)-1]["stoppedReason"], name)
	}
}

// Whatever the function remembers, the same deployment starts one task, and finds its result again; the next deployment starts another.
func TestAStepRunsOnceInEachDeployment(t *testing.T) {
	run := callStep(t, ended(3, object{"exitCode": 0}), at(0), object{"at": 1, "forgets": true}, object{"at": 3, "forgets": true}, at(4))
	assert.Equal(t, []string{"IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED", "SUCCEEDED"}, run.Answers)
	tokens := map[any]bool{}
	for _, started := range run.asked("RunTask") {
		tokens[started["clientToken"]] = true
	}
	assert.Len(t, tokens, 1, "two tasks would migrate one database")

	other := object{"at": 1, "forgets": true, "deployment": "arn:aws:ecs:eu-west-1:111122223333:service-deployment/shop/web/Deployment2"}
	run = callStep(t, object{}, at(0), other)
	assert.NotEqual(t, run.asked("RunTask")[0]["clientToken"], run.asked("RunTask")[1]["clientToken"], "the next version is not migrated")
	assert.Equal(t, []any{"task/2"}, run.asked("DescribeTasks")[1]["tasks"])
}

func TestAStepThatTakesTooLongIsStopped(t *testing.T) {
	run := callStep(t, object{}, at(0), at(10), at(10.5))
	assert.Equal(t, []string{"IN_PROGRESS", "IN_PROGRESS", "FAILED"}, run.Answers)
	assert.Equal(t, []object{{"name": "StopTask", "cluster": "shop", "task": "task/1", "reason": "It took more than 10 minutes"}},
		run.asked("StopTask"))
}

// ECS does not find a task at once that it has just started.
func TestAStepLooksForItsTaskAgain(t *testing.T) {
	scenario := ended(1, object{"exitCode": 0})
	scenario["foundAt"] = 1
	run := callStep(t, scenario, at(0), at(1))
	assert.Equal(t, []string{"IN_PROGRESS", "SUCCEEDED"}, run.Answers)
	assert.Len(t, run.asked("RunTask"), 1)
}

func TestAStepWithoutRoomFails(t *testing.T) {
	run := callStep(t, object{"failures": []object{{"reason": "RESOURCE:MEMORY"}}}, at(0))
	assert.Equal(t, []string{"FAILED"}, run.Answers)
	assert.Equal(t, []any{object{"reason": "RESOURCE:MEMORY"}}, run.Log[0]["failures"], "nobody would know why")
	assert.Empty(t, run.asked("DescribeTasks"))
}

// What goes away by itself is tried again; what doesn't ends the deployment at once.
func TestErrorsOfEcs(t *testing.T) {
	busy := []object{
		{"name": "ServerException", "$fault": "server", "$metadata": object{}}, {"name": "ThrottlingException", "$fault": "client"},
		{"name": "TimeoutError", "$metadata": object{"attempts": 3}}, // of the network
	}
	scenario := ended(0, object{"exitCode": 0})
	scenario["errors"] = object{"RunTask": busy}
	run := callStep(t, scenario, at(0), at(1), at(2), at(3))
	assert.Equal(t, []string{"IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"}, run.Answers)

	for _, lasting := range []object{
		{"name": "AccessDeniedException", "$fault": "client", "$metadata": object{"attempts": 1}}, {"name": "TypeError"},
	} {
		run = callStep(t, object{"errors": object{"RunTask": []object{lasting}}}, at(0))
		assert.Equal(t, []string{lasting["name"].(string)}, run.Answers)
	}
}

// ECS gives hookDetails as they are in the service, or as an object.
func TestAStepTakesDetailsAsAnObject(t *testing.T) {
	scenario := ended(1, object{"exitCode": 0})
	scenario["hookDetails"] = object{"step": "Migration", "taskDefinition": "migration:7"}
	assert.Equal(t, []string{"IN_PROGRESS", "SUCCEEDED"}, callStep(t, scenario, at(0), at(1)).Answers)
}

func TestStepsOfDeploymentsAreRefused(t *testing.T) {
	migration := func() *Task {
		p := validTask()
		p.Containers[0].PortMappings = nil
		return taskOf(p)
	}
	for name, c := range map[string]struct {
		deployment Deployment
		want       []string
	}{
		"rolling": {
			Deployment{Migration: &DeploymentTask{Task: migration()}, SmokeTest: &DeploymentTask{Task: migration()}, Approval: &Approval{}},
			[]string{
				`Deployment.Migration requires Strategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"`,
				`Deployment.SmokeTest requires Strategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"`,
				`Deployment.Approval requires Strategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"`,
			},
		},
		"no task": {Deployment{Strategy: "BLUE_GREEN", RollbackOnErrors: true, Migration: &DeploymentTask{}}, []string{
			"Deployment.Migration.Task is required; use ecs.NewTask or ecs.TaskFrom"}},
		"task of no constructor": {Deployment{Strategy: "BLUE_GREEN", RollbackOnErrors: true,
			Migration: &DeploymentTask{Task: &Task{}}}, []string{
			"Deployment.Migration.Task is required; use ecs.NewTask or ecs.TaskFrom"}},
		"container": {Deployment{Strategy: "BLUE_GREEN", RollbackOnErrors: true,
			Migration: &DeploymentTask{Task: migration(), ContainerName: "migrate"}}, []string{
			`Deployment.Migration.ContainerName must be a container of the task: "web"; got "migrate"`}},
		"times": {Deployment{Strategy: "BLUE_GREEN", RollbackOnErrors: true, Approval: &Approval{Timeout: time.Second},
			Migration: &DeploymentTask{Task: migration(), Timeout: 24 * time.Hour}}, []string{
			"Deployment.Migration.Timeout must be whole minutes from 1m to 23h; got 24h",
			"Deployment.Approval.Timeout must be whole minutes from 1m to 33h; got 1s",
		}},
		"longer than CloudFormation waits": {Deployment{Strategy: "CANARY", RollbackOnErrors: true, Approval: &Approval{Timeout: 30 * time.Hour},
			Migration: &DeploymentTask{Task: migration(), Timeout: 3 * time.Hour}}, []string{
			"Deployment must keep the times of Migration, SmokeTest, Approval and the bake times within CloudFormation's limit of 33h; " +
				"got 33h20m; shorten them"}},
		"no test listener": {Deployment{Strategy: "BLUE_GREEN", SmokeTest: &DeploymentTask{Task: migration()}}, []string{
			"Deployment.SmokeTest requires a test listener, because only tasks of services can send requests by Service Connect; " +
				"set TestListener of Exposure.Alb[0] or Exposure.Nlb[0], or TestHeader of the gateways"}},
		"eleven functions": {Deployment{Strategy: "BLUE_GREEN", Migration: &DeploymentTask{Task: migration()},
			LifecycleHooks: slices.Repeat([]LifecycleHook{{anyFunction{}, stages[:1]}}, 10)}, []string{
			"Deployment.LifecycleHooks must have at most 10 elements, including Migration and SmokeTest; got 11"}},
		"a migration is no test": {Deployment{Strategy: "CANARY", Migration: &DeploymentTask{Task: migration()}}, []string{
			"Deployment.Strategy requires RollbackOnErrors, RollbackAlarms, LifecycleHooks, SmokeTest or Approval, because AWS doesn't promise a " +
				`circuit breaker for it; got "CANARY"`}},
		"migration and approval": {Deployment{Strategy: "LINEAR", Migration: &DeploymentTask{Task: migration(), ContainerName: "web"},
			Approval: &Approval{ContinueOnTimeout: true}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Deployment = c.deployment
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateInCluster()), c.want...)
		})
	}
}

// A task that can't run on the service's capacity runs on its own: a smoke test on Fargate, of a service on EC2.
func TestStepsRunOnTheServicesCapacityIfTheyCan(t *testing.T) {
	service := validService()
	p := validTask()
	p.Compatibility, p.NetworkMode = awsecs.Compatibility_EC2, awsecs.NetworkMode_BRIDGE
	service.Task, service.Capacity = taskOf(p), []CapacityProviderStrategy{{CapacityProvider: "existing", Weight: 1}}
	service.Cluster.ec2 = []*Ec2Capacity{{name: "existing"}}
	service.setDefaults()
	run := service.runProps(deploymentStep{DeploymentTask: &DeploymentTask{Task: service.Task}})
	assert.Equal(t, service.Capacity, run.Capacity)
	run = service.runProps(deploymentStep{DeploymentTask: &DeploymentTask{Task: taskOf(validTask())}})
	assert.Empty(t, run.Capacity, "the default: Fargate")
	require.NoError(t, run.Validate())
}

// The caller's props stay as they are.
func TestStepDefaultsAreCopies(t *testing.T) {
	given := Deployment{Migration: &DeploymentTask{}, Approval: &Approval{}}
	d := given
	d.setDefaults(false)
	assert.Equal(t, Deployment{Migration: &DeploymentTask{}, Approval: &Approval{}}, given)
	assert.Equal(t, time.Hour, d.Migration.Timeout)
	assert.Equal(t, 24*time.Hour, d.Approval.Timeout)
}

// ECS stops before each step of LINEAR and CANARY at the stage at which it stops once with BLUE_GREEN.
func TestApprovalIsAskedForOnce(t *testing.T) {
	for _, c := range []struct {
		strategy, want awsecs.DeploymentLifecycleStage
		tests          bool
	}{
		{"BLUE_GREEN", "PRE_PRODUCTION_TRAFFIC_SHIFT", true}, {"BLUE_GREEN", "PRE_PRODUCTION_TRAFFIC_SHIFT", false},
		{"CANARY", "POST_TEST_TRAFFIC_SHIFT", true}, {"LINEAR", "POST_SCALE_UP", false},
	} {
		d := Deployment{Strategy: awsecs.DeploymentStrategy(c.strategy)}
		assert.Equal(t, c.want, d.approvalStage(c.tests), "%s, %v", c.strategy, c.tests)
	}
}
