package test

import (
	"fmt"
	"math"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

func newWorker(t *testing.T, change func(p *ecs.ServiceProps)) (*cdktest.Template, *ecs.Service) {
	t.Helper()
	stack := cdktest.Stack(t)
	p := ecs.ServiceProps{Cluster: newCluster(stack), Task: newTask(stack), Scaling: &ecs.Scaling{
		ScaleToZero: true, MaxCapacity: 5,
		Queue: &ecs.QueueScaling{Queue: awssqs.NewQueue(stack, jsii.String("Queue"), nil), MessagesPerTask: 10},
	}}
	if change != nil {
		change(&p)
	}
	service := ecs.NewService(stack, "Worker", &p)
	return cdktest.Synth(t, stack), service
}

// Each metric of the policy and of the alarm is of this queue, or of this service in this cluster.
func TestQueueScalingReadsItsOwnMetrics(t *testing.T) {
	tpl, _ := newWorker(t, nil)
	policy := tpl.At("AWS::ApplicationAutoScaling::ScalingPolicy", "/QueueBacklog")
	assert.Same(t, tpl.Only("AWS::ApplicationAutoScaling::ScalableTarget"), policy.Ref("ScalingTargetId"))
	const configuration = "TargetTrackingScalingPolicyConfiguration"
	cdktest.Has(t, policy, map[string]any{
		"PolicyType": "TargetTrackingScaling", configuration + ".TargetValue": 10.0,
		configuration + ".ScaleOutCooldown": 300.0, configuration + ".ScaleInCooldown": 300.0,
	})
	for list, id := range map[string]*cdktest.Resource{
		configuration + ".CustomizedMetricSpecification.Metrics": policy,
		"Metrics": tpl.At("AWS::CloudWatch::Alarm", "/QueueFirstMessage/UpperAlarm"),
	} {
		got, results := map[string]any{}, 0
		for i, q := range cdktest.List(id.Get(list)) {
			at := fmt.Sprint(list, ".", i, ".MetricStat.Metric")
			if cdktest.Dig(q, "ReturnData") != false {
				results++
				assert.NotNil(t, cdktest.Dig(q, "Expression"), "what is tracked is no expression")
			}
			switch name := cdktest.Dig(q, "MetricStat.Metric.MetricName"); name {
			case nil:
			case "RunningTaskCount":
				got[name.(string)] = cdktest.Dig(q, "MetricStat.Metric.Namespace")
				for j, d := range cdktest.List(cdktest.Dig(q, "MetricStat.Metric.Dimensions")) {
					want := map[any]*cdktest.Resource{"ClusterName": tpl.Only("AWS::ECS::Cluster"), "ServiceName": tpl.Only("AWS::ECS::Service")}
					assert.Same(t, want[cdktest.Dig(d, "Name")], id.Ref(fmt.Sprint(at, ".Dimensions.", j, ".Value")))
				}
			default:
				got[name.(string)] = cdktest.Dig(q, "MetricStat.Metric.Namespace")
				assert.Same(t, tpl.Only("AWS::SQS::Queue"), id.Ref(at+".Dimensions.0.Value"))
			}
		}
		assert.Equal(t, 1, results, "series that are tracked")
		assert.Equal(t, map[string]any{"ApproximateNumberOfMessagesVisible": "AWS/SQS", "ApproximateNumberOfMessagesNotVisible": "AWS/SQS",
			"RunningTaskCount": "ECS/ContainerInsights"}, got)
	}
}

// Where there is always a task, target tracking is enough.
func TestFirstMessageStartsATaskOnlyFromZero(t *testing.T) {
	for minimum, want := range map[int]int{0: 2, 1: 1} {
		tpl, _ := newWorker(t, func(p *ecs.ServiceProps) { p.Scaling.ScaleToZero, p.Scaling.MinCapacity = minimum == 0, minimum })
		assert.Len(t, tpl.All("AWS::ApplicationAutoScaling::ScalingPolicy"), want, "MinCapacity %d", minimum)
	}
	tpl, _ := newWorker(t, func(p *ecs.ServiceProps) {
		p.Scaling.ScaleToZero = false
		p.Scaling.Schedules = []ecs.ScheduledScaling{{Name: "Night", ScheduleExpression: "cron(0 22 * * ? *)", MinCapacity: new(0)}}
	})
	assert.Len(t, tpl.All("AWS::ApplicationAutoScaling::ScalingPolicy"), 2, "at night there may be no task")
}

func TestQueueScalingIsRefused(t *testing.T) {
	queueIn := func(stack awscdk.Stack, region, account string) awssqs.IQueue {
		return awssqs.Queue_FromQueueArn(stack, jsii.String("Queue"+region+account), jsii.String("arn:aws:sqs:"+region+":"+account+":jobs"))
	}
	for name, c := range map[string]struct {
		change func(p *ecs.ServiceProps, stack awscdk.Stack)
		want   []string
	}{
		"without Container Insights": {func(p *ecs.ServiceProps, stack awscdk.Stack) {
			p.Cluster = ecs.NewCluster(stack, "Blind", &ecs.ClusterProps{Vpc: p.Cluster.Vpc(), ContainerInsights: awsecs.ContainerInsights_DISABLED})
		}, []string{"Home/Worker: Scaling.Queue requires a cluster with Container Insights, which counts the tasks; set ContainerInsights of " +
			"the cluster to awsecs.ContainerInsights_ENABLED or ENHANCED"}},
		"an existing cluster": {func(p *ecs.ServiceProps, stack awscdk.Stack) {
			p.Cluster = ecs.ClusterFrom(stack, "Existing", awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Theirs"),
				&awsecs.ClusterAttributes{ClusterName: jsii.String("theirs"), Vpc: p.Cluster.Vpc()}))
		}, []string{"Home/Worker: Scaling.Queue requires a cluster with Container Insights, which counts the tasks; use a cluster of " +
			"ecs.NewCluster, because whether an existing one has Container Insights isn't known"}},
		"elsewhere": {func(p *ecs.ServiceProps, stack awscdk.Stack) {
			p.Scaling.Queue.Queue = queueIn(stack, "us-east-1", "444455556666")
		}, []string{
			`Home/Worker: Scaling.Queue.Queue must be in the cluster's Region (eu-west-1), where its metrics are read; got "us-east-1"`,
			`Home/Worker: Scaling.Queue.Queue must be in the cluster's account (111122223333), where its metrics are read; got "444455556666"`}},
		"here": {func(p *ecs.ServiceProps, stack awscdk.Stack) {
			p.Scaling.Queue.Queue = queueIn(stack, "eu-west-1", "111122223333")
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			stack := awscdk.NewStack(cdktest.App(t), jsii.String("Home"), &awscdk.StackProps{
				Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-1")}})
			p := ecs.ServiceProps{Cluster: newCluster(stack), Task: newTask(stack), Scaling: &ecs.Scaling{MaxCapacity: 5,
				Queue: &ecs.QueueScaling{Queue: awssqs.NewQueue(stack, jsii.String("Queue"), nil), MessagesPerTask: 10}}}
			c.change(&p, stack)
			if c.want == nil {
				ecs.NewService(stack, "Worker", &p)
				return
			}
			assert.Equal(t, c.want, cdktest.Refused(t, func() { ecs.NewService(stack, "Worker", &p) }))
		})
	}
}

// A math expression of the user's is tracked with all that it is made of, each part once.
func TestTargetMetricMayBeAnExpression(t *testing.T) {
	metric := func(name string) awscloudwatch.IMetric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("Shop"), MetricName: &name,
			DimensionsMap: &map[string]*string{"Kind": jsii.String("jobs")}, Statistic: jsii.String("p90")})
	}
	minute := awscdk.Duration_Minutes(jsii.Number(1))
	tpl, _ := newWorker(t, func(p *ecs.ServiceProps) {
		perTask := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: jsii.String("result / FILL(tasks, 1)"), Period: minute, UsingMetrics: &map[string]awscloudwatch.IMetric{
				"result": awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{Expression: jsii.String("a + b"), Period: minute,
					UsingMetrics: &map[string]awscloudwatch.IMetric{"a": metric("Waiting"), "b": metric("Failed")}}),
				"tasks": metric("Tasks"),
			}})
		p.Scaling = &ecs.Scaling{MaxCapacity: 5, TargetMetrics: []ecs.TargetMetric{{Name: "Jobs", Metric: perTask, TargetValue: 2.5}}}
	})
	policy := tpl.Only("AWS::ApplicationAutoScaling::ScalingPolicy")
	assert.Equal(t, 2.5, policy.Get("TargetTrackingScalingPolicyConfiguration.TargetValue"))
	stat := func(id, name string) map[string]any {
		return map[string]any{"Id": id, "ReturnData": false, "MetricStat": map[string]any{"Stat": "p90", "Metric": map[string]any{
			"Namespace": "Shop", "MetricName": name, "Dimensions": []any{map[string]any{"Name": "Kind", "Value": "jobs"}}}}}
	}
	assert.Equal(t, []any{
		map[string]any{"Id": "result_", "Expression": "result / FILL(tasks, 1)", "ReturnData": true},
		stat("a", "Waiting"), stat("b", "Failed"),
		map[string]any{"Id": "result", "Expression": "a + b", "ReturnData": false},
		stat("tasks", "Tasks"),
	}, policy.Get("TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics"))
}

// Only a task that is told may protect itself, in its own cluster.
func TestTasksMayProtectThemselves(t *testing.T) {
	stack := cdktest.Stack(t)
	service := ecs.NewService(stack, "Worker", &ecs.ServiceProps{Cluster: newCluster(stack), Task: newTask(stack)})
	service.GrantTaskProtection()
	tpl := cdktest.Synth(t, stack)
	cdktest.MayExactly(t, tpl.Only("AWS::ECS::TaskDefinition").Ref("TaskRoleArn"),
		cdktest.Allow("ecs:GetTaskProtection", "ecs:UpdateTaskProtection").On(cdktest.Arn("arn:",
			map[string]any{"Ref": "AWS::Partition"}, ":ecs:", map[string]any{"Ref": "AWS::Region"}, ":",
			map[string]any{"Ref": "AWS::AccountId"}, ":task/",
			tpl.Only("AWS::ECS::Cluster"), "/*")))
	existing := ecs.ServiceFrom(stack, "Existing", &ecs.ServiceAttributes{Cluster: service.Cluster(), ServiceName: "theirs"})
	assert.Equal(t, []string{"Test/Existing: GrantTaskProtection: requires a service of ecs.NewService whose task has a known TaskRole"},
		cdktest.Refused(t, existing.GrantTaskProtection))
}

// AWS's own examples of expressions, with - for a missing value.
func TestMetricMathIsAsDocumented(t *testing.T) {
	none := math.NaN()
	named := map[string]shared.Series{
		"metric1": {30, 20, 0, 0}, "metric2": {20, none, 20, none},
		"c": {1, 1, 0, 0}, "t": {30, none, 0, 0}, "o": {0, 0, 20, none}, "gap": {none, none, none, none},
	}
	for expression, want := range map[string]shared.Series{
		"metric1 < metric2":               {0, 0, 1, 0},
		"metric1 >= 30":                   {1, 0, 0, 0},
		"metric1 > 15 AND metric2 > 15":   {1, 0, 0, 0},
		"IF(c, t, o)":                     {30, 0, 20, none},
		"IF(c, 5, o)":                     {5, 5, 20, none},
		"IF(c, t, 5)":                     {30, 0, 5, 5},
		"IF(gap, t, 5)":                   {none, none, none, none},
		"IF(metric1 < 25, metric1)":       {none, 20, 0, 0},
		"metric1 + metric2":               {50, 20, 20, 0},
		"metric1 / metric2":               {1.5, none, 0, none},
		"gap + 0 * metric1":               {0, 0, 0, 0},
		"0 * gap":                         {none, none, none, none},
		"FILL(metric2, 7)":                {20, 7, 20, 7},
		"FILL(metric2, REPEAT)":           {20, 20, 20, 20},
		"FILL(gap, REPEAT) + 0 * metric2": {0, none, 0, none},
		"(1 + 2) * 3":                     {9, 9, 9, 9},
	} {
		got, err := shared.EvaluateMetricMath(expression, named)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(want), fmt.Sprint(got), expression)
	}
	_, err := shared.EvaluateMetricMath("SEARCH(x)", named)
	assert.Error(t, err)
}
