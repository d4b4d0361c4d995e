//go:build recipes

// Package overlap_test runs the state machine of events.Schedule's PreventOverlap on the reference engine of JSONata. It needs what
// package-lock.json names: `make test-recipes` installs it.
package overlap_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// A scenario is what happens around the state machine. Times are in milliseconds.
type scenario struct {
	Starts       int      `json:"starts"`
	Every        int      `json:"every"`
	Late         [2]int   `json:"late"`  // how long after it is due a start comes
	Twice        float64  `json:"twice"` // how often Scheduler starts twice
	Room         [][2]int `json:"room"`  // when the cluster has room
	TaskDuration [2]int   `json:"taskDuration"`
	ListDelay    [2]int   `json:"listDelay"` // how late ListTasks and ListExecutions show what has begun
	Latency      [2]int   `json:"latency"`
	ErrorRate    float64  `json:"errorRate"`
}

const (
	second = 1000
	minute = 60 * second
	hour   = 60 * minute
	seeds  = 8
)

// usual has the delays that AWS is known for, and worse.
func usual() scenario {
	return scenario{
		Starts: 90, Every: minute, Late: [2]int{0, 20 * second}, Twice: 0.05, Room: [][2]int{{35*minute + 7*second, 99 * hour}},
		TaskDuration: [2]int{2 * minute, 20 * minute}, ListDelay: [2]int{0, 25 * second}, Latency: [2]int{30, 1500}, ErrorRate: 0.02,
	}
}

var scenarios = map[string]func(*scenario){
	"each minute":             func(*scenario) {},
	"each minute, short runs": func(s *scenario) { s.TaskDuration = [2]int{5 * second, 2 * minute} },
	"every five minutes":      func(s *scenario) { s.Every, s.Starts = 5*minute, 30 },
	"flexible windows":        func(s *scenario) { s.Every, s.Starts, s.Late = 5*minute, 30, [2]int{0, 15 * minute} },
	"all at once":             func(s *scenario) { s.Every, s.Late = 0, [2]int{0, 2 * minute}; s.Room[0][0] = 0 },
	"all at once, room comes": func(s *scenario) { s.Every, s.Late = 0, [2]int{0, 2 * minute} },
	"room comes and goes": func(s *scenario) {
		s.Room = nil
		for at := 10 * minute; at < 3*hour; at += 11 * minute {
			s.Room = append(s.Room, [2]int{at, at + 90*second})
		}
	},
}

// However starts and room fall, a task never begins while another one runs. And it does begin.
func TestTwoNeverRunAtOnce(t *testing.T) {
	guard := definition(t, 0)
	for name, change := range scenarios {
		s := usual()
		change(&s)
		got := simulate(t, guard, s)
		assert.Zero(t, got.Overlaps, "%s: %+v", name, got)
		assert.Greater(t, got.Started, seeds/2, "%s: %+v", name, got)
		assert.Empty(t, got.Problems, "asl-validator")
	}
}

// Each of the things that prevent it is needed: the simulation sees that one is missing.
func TestTheSimulationSeesWhatIsMissing(t *testing.T) {
	for name, breakIt := range map[string]func(states map[string]any){
		"an execution doesn't wait before it looks for others": func(states map[string]any) {
			states["Begin"].(map[string]any)["Seconds"] = 0
		},
		"also one that isn't the oldest goes on": func(states map[string]any) {
			states["IsThisTheFirst"].(map[string]any)["Default"] = "LookForEarlierRun"
		},
		"an execution ends before its task is listed": func(states map[string]any) {
			states["WaitUntilListed"].(map[string]any)["Seconds"] = 0
		},
		"nobody looks for tasks": func(states map[string]any) {
			states["IsOneRunning"].(map[string]any)["Choices"].([]any)[0].(map[string]any)["Condition"] = "{% false %}"
		},
	} {
		guard := definition(t, 0)
		breakIt(guard["States"].(map[string]any))
		overlaps := 0
		for _, change := range scenarios {
			s := usual()
			change(&s)
			if overlaps = simulate(t, guard, s).Overlaps; overlaps > 0 {
				break
			}
		}
		assert.Positive(t, overlaps, name)
	}
}

// A start that waits a whole day stays below the 25,000 events that the history of an execution may have, and fails in the end.
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
func TestADayWithoutRoom(t *testing.T) {
	s := usual()
	s.Starts, s.Twice, s.Room, s.ErrorRate = 1, 0, [][2]int{}, 0
	got := simulate(t, definition(t, 24*time.Hour), s)
	assert.Equal(t, seeds, got.Failed)
	assert.Greater(t, got.Events, 20_000)
	assert.Less(t, got.Events, 25_000)
}

// definition returns the state machine in the Amazon States Language.
func definition(t *testing.T, age time.Duration) map[string]any {
	t.Helper()
	stack := cdktest.Stack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{Name: "job", Image: registry.FromRegistry(image)}}})
	events.NewSchedule(stack, "Schedule", &events.ScheduleProps{
		Run: ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: task}), ScheduleExpression: "rate(1 minute)", PreventOverlap: true,
		MaximumEventAge: age,
	})
	return shared.StateMachine(t, cdktest.Synth(t, stack).Only("AWS::StepFunctions::StateMachine"))
}

const image = "public.ecr.aws/docker/library/alpine:3"

// result is what simulate.mjs counts, over all seeds.
type result struct {
	Overlaps, Started, Skipped, Failed, Events int
	Problems                                   string
}

func simulate(t *testing.T, guard map[string]any, s scenario) (got result) {
	t.Helper()
	input, err := json.Marshal(map[string]any{"definition": guard, "scenario": s, "seeds": seeds})
	require.NoError(t, err)
	command := exec.Command("node", "simulate.mjs")
	var problems bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(input), &problems
	output, err := command.Output()
	require.NoError(t, err, "%s", problems.String())
	require.NoError(t, json.Unmarshal(output, &got), "%s", output)
	return got
}
