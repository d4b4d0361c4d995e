package rules_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the helpers answer about a template with everything that runs containers, as constructs/rules/relations.md tells it. Rules
// about tasks then hold for all that start them.
func TestRelations(t *testing.T) {
	content, err := os.ReadFile("testdata/relations.json")
	require.NoError(t, err)
	var resources map[string]any
	require.NoError(t, json.Unmarshal(content, &resources))
	var rows []string
	for _, f := range findings(t, map[string]any{"Resources": resources}) {
		if relation, ok := strings.CutPrefix(f.Rule, "TEST-"); ok {
			rows = append(rows, relation+": "+f.Message)
		}
	}
	slices.Sort(rows)
	assert.Equal(t, []string{
		"assume: AppRunner access role AccessRole for build.apprunner sts:AssumeRole",
		"assume: AppRunner instance role InstanceRole for tasks.apprunner sts:AssumeRole",
		"assume: Express execution role ExecutionRole for ecs-tasks sts:AssumeRole",
		"assume: Express infrastructure role InfrastructureRole for ecs sts:AssumeRole",
		"assume: Machine role MachineRole for states sts:AssumeRole",
		"assume: Pipe role PipeRole for pipes sts:AssumeRole",
		"assume: Rule target role RuleRole for events sts:AssumeRole",
		"assume: Schedule target role ScheduleRole for scheduler sts:AssumeRole",
		"assume: Service load balancer role InfrastructureRole for ecs sts:AssumeRole",
		"assume: Task execution role ExecutionRole for ecs-tasks sts:AssumeRole",
		"assume: Task task role TaskRole for ecs-tasks sts:AssumeRole",
		"call: InfrastructureRole elasticloadbalancing:CreateLoadBalancer for Express service Express",
		"call: MachineRole ecs:RunTask for state machine Machine",
		"call: MachineRole iam:PassRole for state machine Machine",
		"call: PipeRole ecs:RunTask for pipe Pipe",
		"call: PipeRole iam:PassRole for pipe Pipe",
		"call: RuleRole ecs:RunTask for rule Rule",
		"call: RuleRole iam:PassRole for rule Rule",
		"call: ScheduleRole ecs:RunTask for schedule Schedule",
		"call: ScheduleRole iam:PassRole for schedule Schedule",
		"call: ScheduleRole sqs:SendMessage for schedule Schedule",
		"name: Rule container web of web",
		"name: Service container port 80 of 80",
		"name: Service container web of web",
		"name: Task volume files of files",
		"order: Service after Association",
		"order: Service after Mount",
		"order: Set after Mount",
		"pass: pipe Pipe passes ExecutionRole ExecutionRoleArn of Task",
		"pass: pipe Pipe passes TaskRole TaskRoleArn of Task",
		"pass: rule Rule passes ExecutionRole ExecutionRoleArn of Task",
		"pass: rule Rule passes TaskRole TaskRoleArn of Task",
		"pass: schedule Schedule passes ExecutionRole ExecutionRoleArn of Task",
		"pass: schedule Schedule passes TaskRole TaskRoleArn of Task",
		"pass: state machine Machine passes ExecutionRole ExecutionRoleArn of Task",
		"pass: state machine Machine passes TaskRole TaskRoleArn of Task",
		"reach: Balancer BalancerGroup to Service TaskGroup 80",
		"reach: Pipe TaskGroup to Mount FilesGroup 2049",
		"reach: Rule TaskGroup to Mount FilesGroup 2049",
		"reach: Schedule TaskGroup to Mount FilesGroup 2049",
		"reach: Service TaskGroup to Mount FilesGroup 2049",
		"reach: Set TaskGroup to Mount FilesGroup 2049",
		"run: App Runner service AppRunner subnets=SubnetB groups=TaskGroup",
		"run: Express service Express subnets=SubnetA groups=TaskGroup on=Express Mode",
		"run: pipe Pipe task=Task subnets=SubnetA+SubnetB groups=TaskGroup on=launch type FARGATE",
		"run: rule Rule task=Task subnets=SubnetA+SubnetB groups=TaskGroup on=launch type FARGATE",
		"run: schedule Schedule task=Task subnets=SubnetA+SubnetB groups=TaskGroup on=launch type FARGATE",
		"run: service Outside",
		"run: service Service task=Task subnets=SubnetA+SubnetB groups=TaskGroup on=capacity provider FARGATE_SPOT",
		"run: state machine Machine task=Task",
		"run: task set Set task=Task subnets=SubnetA+SubnetB groups=TaskGroup on=launch type FARGATE",
		"send: Alarm to Topic as cloudwatch",
		"send: Rule to Queue as events",
		"send: Rule to Topic as events",
	}, rows)
}
