package test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/test/cdktest"
)

func withTests(p *elb.ApplicationLoadBalancerProps) {
	p.TestListener = &elb.TestListener{Port: 8443, IngressCidrs: []string{"203.0.113.0/24"}}
}

// What ECS needs to shift the traffic: two groups alike, the rule that it changes, the one for tests, and a role that may.
func TestBlueGreen(t *testing.T) {
	s := newShop(t, withTests)
	hook := awslambda.Function_FromFunctionArn(s.stack, jsii.String("Hook"),
		jsii.String("arn:aws:lambda:eu-west-1:111122223333:function:smoke"))
	s.service("Web", ecs.AlbRule{Priority: 10, TestListener: s.alb.TestListener, SlowStart: time.Minute}, func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_BLUE_GREEN, BakeTime: new(15 * time.Minute),
			LifecycleHooks: []ecs.LifecycleHook{{Function: hook, Stages: []awsecs.DeploymentLifecycleStage{
				awsecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT, awsecs.DeploymentLifecycleStage_POST_PRODUCTION_TRAFFIC_SHIFT,
			}}}}
	})
	tpl := cdktest.Synth(t, s.stack)

	service := tpl.Only("AWS::ECS::Service")
	deployment := service.Get("DeploymentConfiguration")
	cdktest.HasAt(t, deployment, map[string]any{
		"Strategy":          "BLUE_GREEN",
		"BakeTimeInMinutes": 15.0,
	})
	assert.Equal(t, map[string]any{"Enable": true, "Rollback": true}, cdktest.Dig(deployment, "DeploymentCircuitBreaker"))
	assert.Nil(t, cdktest.Dig(deployment, "CanaryConfiguration"))
	assert.Nil(t, cdktest.Dig(deployment, "LinearConfiguration"))

	blue := service.Ref("LoadBalancers.0.TargetGroupArn")
	green := service.Ref("LoadBalancers.0.AdvancedConfiguration.AlternateTargetGroupArn")
	assert.NotSame(t, blue, green)
	assert.Equal(t, blue.Properties, green.Properties)
	production := service.Ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule")
	tests := service.Ref("LoadBalancers.0.AdvancedConfiguration.TestListenerRule")
	assert.Same(t, tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Https/"), production.Ref("ListenerArn"))
	assert.Same(t, tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Test/"), tests.Ref("ListenerArn"))
	assert.Equal(t, production.Get("Conditions"), tests.Get("Conditions"))
	for _, rule := range []*cdktest.Resource{production, tests} {
		assert.Equal(t, []any{100.0, 0.0}, weights(tpl, rule.Get("Actions.0"), blue, green))
		assert.Contains(t, service.Dependencies(), rule.Id)
	}

	role := service.Ref("LoadBalancers.0.AdvancedConfiguration.RoleArn")
	assert.Equal(t, []string{"ecs.amazonaws.com"}, cdktest.AssumedBy(t, role))
	assert.Equal(t, ":iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers", role.Get("ManagedPolicyArns.0.Fn::Join.1.2"))
	assert.Len(t, role.Get("ManagedPolicyArns"), 1)
	for _, policy := range tpl.All("AWS::IAM::Policy") {
		assert.NotContains(t, policy.Get("Roles"), map[string]any{"Ref": role.Id}, "the role may more than AWS's policy says")
	}

	call := cdktest.Dig(deployment, "LifecycleHooks.0")
	assert.Equal(t, "arn:aws:lambda:eu-west-1:111122223333:function:smoke", cdktest.Dig(call, "HookTargetArn"))
	assert.Equal(t, []any{"POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"}, cdktest.Dig(call, "LifecycleStages"))
	caller := tpl.Follow(cdktest.Dig(call, "RoleArn"))
	assert.NotSame(t, role, caller)
	assert.Equal(t, []string{"ecs.amazonaws.com"}, cdktest.AssumedBy(t, caller))
	policy := tpl.At("AWS::IAM::Policy", "/HookRole/")
	assert.Equal(t, []any{map[string]any{"Effect": "Allow", "Action": "lambda:InvokeFunction",
		"Resource": "arn:aws:lambda:eu-west-1:111122223333:function:smoke"}}, policy.Get("PolicyDocument.Statement"))
	assert.Contains(t, service.Dependencies(), policy.Id, "the first deployment may not call its hook yet")
}

func TestLinearAndCanary(t *testing.T) {
	s := newShop(t, nil)
	s.service("Linear", ecs.AlbRule{Priority: 10}, func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_LINEAR, StepPercent: 33.3, StepBakeTime: new(time.Duration(0)),
			BakeTime: new(3 * time.Minute), RollbackOnErrors: true}
	})
	s.service("Canary", ecs.AlbRule{Priority: 20}, func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, RollbackOnErrors: true}
	})
	tpl := cdktest.Synth(t, s.stack)
	for service, want := range map[string]map[string]any{
		"Linear": {"Strategy": "LINEAR", "BakeTimeInMinutes": 3.0,
			"LinearConfiguration": map[string]any{"StepPercent": 33.3, "StepBakeTimeInMinutes": 0.0}},
		"Canary": {"Strategy": "CANARY", "BakeTimeInMinutes": 5.0,
			"CanaryConfiguration": map[string]any{"CanaryPercent": 5.0, "CanaryBakeTimeInMinutes": 10.0}},
	} {
		want["MinimumHealthyPercent"], want["MaximumPercent"] = 100.0, 200.0
		// AWS documents the circuit breaker for rolling and blue/green deployments only.
		want["DeploymentCircuitBreaker"] = map[string]any{"Enable": false, "Rollback": false}
		resource := tpl.At("AWS::ECS::Service", "Test/"+service+"/")
		want["Alarms"] = map[string]any{"Enable": true, "Rollback": true, "AlarmNames": []any{
			map[string]any{"Ref": tpl.At("AWS::CloudWatch::Alarm", "Test/"+service+"/RollbackAlarm/").Id},
			map[string]any{"Ref": tpl.At("AWS::CloudWatch::Alarm", "Test/"+service+"/AlternateRollbackAlarm/").Id}}}
		assert.Equal(t, want, resource.Get("DeploymentConfiguration"))
		assert.Nil(t, resource.Get("LoadBalancers.0.AdvancedConfiguration.TestListenerRule"))
	}
}

// Alarms that end a deployment must be there before the service, and so must not refer to it.
func TestRollbackOnAlarms(t *testing.T) {
	s := newShop(t, nil)
	own := awscloudwatch.NewAlarm(s.stack, jsii.String("Own"), &awscloudwatch.AlarmProps{
		Metric:    awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("Shop"), MetricName: jsii.String("Orders")}),
		Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1),
	})
	s.service("Web", ecs.AlbRule{Priority: 10}, func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, RollbackOnErrors: true,
			RollbackAlarms: []awscloudwatch.IAlarm{own}}
	})
	s.service("Plain", ecs.AlbRule{Priority: 20}, func(p *ecs.ServiceProps) { p.Deployment.RollbackOnErrors = true })
	tpl := cdktest.Synth(t, s.stack)

	service := tpl.At("AWS::ECS::Service", "Test/Web/")
	alarms := service.Get("DeploymentConfiguration.Alarms")
	cdktest.HasAt(t, alarms, map[string]any{
		"Enable":   true,
		"Rollback": true,
	})
	assert.Same(t, tpl.At("AWS::CloudWatch::Alarm", "Test/Own/"), tpl.Follow(cdktest.Dig(alarms, "AlarmNames.0")))
	groups := map[*cdktest.Resource]bool{}
	for _, name := range []string{"AlarmNames.1", "AlarmNames.2"} {
		alarm := tpl.Follow(cdktest.Dig(alarms, name))
		assert.NotContains(t, alarm.Dependencies(), service.Id)
		for group := range watchedGroups(alarm) {
			groups[group] = true
		}
	}
	assert.Len(t, groups, 2, "after one deployment the errors are in the other target group")

	one := tpl.At("AWS::ECS::Service", "Test/Plain/").Ref("DeploymentConfiguration.Alarms.AlarmNames.0")
	assert.Equal(t, map[*cdktest.Resource]bool{groupOf(tpl, "Plain"): true}, watchedGroups(one))
	assert.Nil(t, tpl.At("AWS::ECS::Service", "Test/Plain/").Get("DeploymentConfiguration.Alarms.AlarmNames.1"))
}

// watchedGroups are the target groups in an alarm's metrics.
func watchedGroups(alarm *cdktest.Resource) map[*cdktest.Resource]bool {
	groups := map[*cdktest.Resource]bool{}
	for _, m := range cdktest.List(alarm.Get("Metrics")) {
		for _, d := range cdktest.List(cdktest.Dig(m, "MetricStat.Metric.Dimensions")) {
			if cdktest.Dig(d, "Name") == "TargetGroup" {
				groups[alarm.Template.Follow(cdktest.Dig(d, "Value"))] = true
			}
		}
	}
	return groups
}

// Service Connect shifts traffic in its own proxies: without a load balancer there is no group, no rule and no role for them.
func TestCanaryByServiceConnect(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), Namespace: "internal"})
	hook := awslambda.Function_FromFunctionArn(stack, jsii.String("Hook"), jsii.String("arn:aws:lambda:eu-west-1:111122223333:function:smoke"))
	ecs.NewService(stack, "Api", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "api", 9000),
		Exposure: ecs.Exposure{ServiceConnect: &ecs.ServiceConnect{Services: []ecs.ServiceConnectService{{PortMappingName: "api"}}}},
		Deployment: ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, LifecycleHooks: []ecs.LifecycleHook{{Function: hook,
			Stages: []awsecs.DeploymentLifecycleStage{awsecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT}}}}})
	tpl := cdktest.Synth(t, stack)

	service := tpl.Only("AWS::ECS::Service")
	assert.Empty(t, service.Get("LoadBalancers"))
	assert.Empty(t, tpl.All("AWS::ElasticLoadBalancingV2::TargetGroup"))
	cdktest.Has(t, service, map[string]any{
		"DeploymentConfiguration.Strategy":            "CANARY",
		"DeploymentConfiguration.CanaryConfiguration": map[string]any{"CanaryPercent": 5.0, "CanaryBakeTimeInMinutes": 10.0},
	})
	assert.Equal(t, "arn:aws:lambda:eu-west-1:111122223333:function:smoke",
		service.Get("DeploymentConfiguration.LifecycleHooks.0.HookTargetArn"))
	assert.Equal(t, true, service.Get("ServiceConnectConfiguration.Enabled"))
}

// What the CDK would throw at, once it tracks the metric.
func TestMetricsThatAreNotTracked(t *testing.T) {
	s := newShop(t, nil)
	metric := func(statistic string) awscloudwatch.Metric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("Shop"), MetricName: jsii.String("Waiting"),
			Statistic: &statistic})
	}
	half := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("m / 2"), UsingMetrics: &map[string]awscloudwatch.IMetric{
			"m": metric("Sum").With(&awscloudwatch.MetricOptions{Region: jsii.String("us-east-1")})}})
	search := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("SUM(SEARCH('{Shop} Waiting', 'Sum'))"), Period: awscdk.Duration_Minutes(jsii.Number(1))})
	service := func(id string, metrics ...awscloudwatch.IMetric) {
		scaling := &ecs.Scaling{MaxCapacity: 2}
		for i, m := range metrics {
			scaling.TargetMetrics = append(scaling.TargetMetrics, ecs.TargetMetric{Name: fmt.Sprint("M", i), Metric: m, TargetValue: 1})
		}
		s.service(id, ecs.AlbRule{Priority: 1}, func(p *ecs.ServiceProps) { p.Scaling = scaling })
	}
	assert.Equal(t, []string{
		"Test/Web: Scaling.TargetMetrics[0].Metric must have a Period of one minute, which is what target tracking reads an expression by; got " +
			`5m; set Period to awscdk.Duration_Minutes(jsii.Number(1))`,
		`Test/Web: Scaling.TargetMetrics[0].Metric must be made of metrics of the service's own account and Region; got "m"`,
		`Test/Web: Scaling.TargetMetrics[1].Metric must not search, because target tracking takes one time series; got ` +
			`"SUM(SEARCH('{Shop} Waiting', 'Sum'))"`,
		`Test/Web: Scaling.TargetMetrics[2].Metric must have the statistic Average, Minimum, Maximum, SampleCount or Sum; got "p99"`,
	}, cdktest.Refused(t, func() { service("Web", half, search, metric("p99"), metric("Average")) }))
	service("Other", metric("avg"), metric("MIN"), metric("max"), metric("n"), metric("Sum"))
	var statistics []any
	for _, policy := range cdktest.Synth(t, s.stack).All("AWS::ApplicationAutoScaling::ScalingPolicy") {
		statistics = append(statistics, policy.Get("TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Statistic"))
	}
	assert.ElementsMatch(t, []any{"Average", "Minimum", "Maximum", "SampleCount", "Sum"}, statistics)
}

// The three kinds of scaling together, each from policy to target to service to cluster.
func TestServiceScalesInEveryWay(t *testing.T) {
	t.Run("on Fargate", func(t *testing.T) {
		tpl := scalesInEveryWay(t, newShop(t, nil), func(p *ecs.ServiceProps) {
			p.Capacity = []ecs.CapacityProviderStrategy{{CapacityProvider: ecs.Fargate, Base: 2, Weight: 1}, {CapacityProvider: ecs.FargateSpot,
				Weight: 3}}
		})
		assert.Equal(t, []any{map[string]any{"CapacityProvider": "FARGATE", "Base": 2.0, "Weight": 1.0},
			map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 3.0}}, tpl.Only("AWS::ECS::Service").Get("CapacityProviderStrategy"))
	})
	// There the instances scale too: by the capacity provider, with what the tasks ask for.
	t.Run("on EC2", func(t *testing.T) {
		s := newShop(t, nil)
		capacity := newCapacity(s.stack, "Capacity", s.cluster, func(p *ecs.Ec2CapacityProps) { p.MinSize, p.MaxSize = 1, 7 })
		tpl := scalesInEveryWay(t, s, func(p *ecs.ServiceProps) {
			p.Task = ec2Task(s.stack, "OnEc2", awsecs.NetworkMode_BRIDGE)
			p.Capacity = []ecs.CapacityProviderStrategy{{CapacityProvider: capacity.Provider(), Weight: 1}}
		})
		provider := tpl.Only("AWS::ECS::Service").Ref("CapacityProviderStrategy.0.CapacityProvider")
		assert.Equal(t, map[string]any{"Status": "ENABLED", "TargetCapacity": 100.0}, provider.Get("AutoScalingGroupProvider.ManagedScaling"))
		instances := provider.Ref("AutoScalingGroupProvider.AutoScalingGroupArn")
		cdktest.Has(t, instances, map[string]any{
			"MinSize":         "1",
			"MaxSize":         "7",
			"DesiredCapacity": nil,
		})
		association := tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations")
		assert.Contains(t, association.Get("CapacityProviders"), map[string]any{"Ref": provider.Id})
		assert.Same(t, tpl.Only("AWS::ECS::Service").Ref("Cluster"), association.Ref("Cluster"))
	})
}

// scalesInEveryWay makes a service that does, and follows the wiring.
func scalesInEveryWay(t *testing.T, s shop, capacity func(p *ecs.ServiceProps)) *cdktest.Template {
	t.Helper()
	queue := awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("Shop"), MetricName: jsii.String("Waiting"),
		Statistic: jsii.String("Maximum"), Period: awscdk.Duration_Minutes(jsii.Number(1))})
	s.service("Web", ecs.AlbRule{Priority: 10}, func(p *ecs.ServiceProps) {
		capacity(p)
		p.Scaling = &ecs.Scaling{
			MinCapacity: 2, MaxCapacity: 10, ScaleOutCooldown: 30 * time.Second, ScaleInCooldown: 2 * time.Minute,
			TargetCpuUtilizationPercent: 50, TargetMemoryUtilizationPercent: 70, TargetRequestsPerMinute: 600,
			TargetMetrics: []ecs.TargetMetric{{Name: "Waiting", Metric: queue, TargetValue: 2.5}},
			Steps: []ecs.StepScaling{{Name: "Backlog", Metric: queue, EvaluationPeriods: 3, Cooldown: time.Minute, Steps: []ecs.ScalingStep{
				{Below: 10, Change: -1}, {From: 10, Below: 100},
				{From: 100, Below: 1000, Change: 2}, {From: 1000, Change: 5},
			}}, {Name: "Percent", Metric: queue, Percent: true, Steps: []ecs.ScalingStep{
				{Below: 5000}, {From: 5000, Change: 50},
			}}},
			Schedules: []ecs.ScheduledScaling{
				{Name: "Night", ScheduleExpression: "cron(0 22 ? * MON-FRI *)", TimeZone: "Europe/Berlin", MinCapacity: new(0), MaxCapacity: new(0)},
				{Name: "Sale", ScheduleExpression: "at(2027-01-31T08:00:00)", MinCapacity: new(20), MaxCapacity: new(20)},
			},
		}
	})
	tpl := cdktest.Synth(t, s.stack)

	service, target := tpl.Only("AWS::ECS::Service"), tpl.Only("AWS::ApplicationAutoScaling::ScalableTarget")
	assert.NotContains(t, service.Properties, "DesiredCount")
	cdktest.Has(t, target, map[string]any{
		"MinCapacity":       2.0,
		"MaxCapacity":       10.0,
		"ScalableDimension": "ecs:service:DesiredCount",
	})
	assert.Same(t, service, tpl.Follow(target.Get("ResourceId.Fn::Join.1.3")))
	assert.Same(t, service.Ref("Cluster"), tpl.Follow(target.Get("ResourceId.Fn::Join.1.1")))

	tracking := map[string]map[string]any{}
	for _, policy := range tpl.All("AWS::ApplicationAutoScaling::ScalingPolicy") {
		assert.Same(t, target, policy.Ref("ScalingTargetId"), policy.Path())
		if config, ok := policy.Get("TargetTrackingScalingPolicyConfiguration").(map[string]any); ok {
			assert.Equal(t, 30.0, config["ScaleOutCooldown"])
			assert.Equal(t, 120.0, config["ScaleInCooldown"])
			kind, _ := cdktest.Dig(config, "PredefinedMetricSpecification.PredefinedMetricType").(string)
			tracking[kind] = config
		}
	}
	assert.Len(t, tracking, 4)
	assert.Equal(t, 50.0, tracking["ECSServiceAverageCPUUtilization"]["TargetValue"])
	assert.Equal(t, 70.0, tracking["ECSServiceAverageMemoryUtilization"]["TargetValue"])
	requests := tracking["ALBRequestCountPerTarget"]
	assert.Equal(t, 600.0, requests["TargetValue"])
	assert.Contains(t, cdktest.Dig(requests, "PredefinedMetricSpecification.ResourceLabel.Fn::Join.1"),
		map[string]any{"Fn::GetAtt": []any{groupOf(tpl, "Web").Id, "TargetGroupFullName"}})
	cdktest.HasAt(t, tracking[""], map[string]any{
		"CustomizedMetricSpecification.Namespace":  "Shop",
		"CustomizedMetricSpecification.MetricName": "Waiting",
	})
	assert.Equal(t, 2.5, tracking[""]["TargetValue"])

	in, out := tpl.At("AWS::CloudWatch::Alarm", "/Backlog/LowerAlarm/"), tpl.At("AWS::CloudWatch::Alarm", "/Backlog/UpperAlarm/")
	cdktest.Has(t, in, map[string]any{
		"Threshold":          10.0,
		"EvaluationPeriods":  3.0,
		"ComparisonOperator": "LessThanThreshold",
	})
	cdktest.Has(t, out, map[string]any{
		"Threshold":          100.0,
		"EvaluationPeriods":  3.0,
		"ComparisonOperator": "GreaterThanOrEqualToThreshold",
	})
	assert.Equal(t, []any{map[string]any{"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -1.0}},
		in.Ref("AlarmActions.0").Get("StepScalingPolicyConfiguration.StepAdjustments"))
	grow := out.Ref("AlarmActions.0")
	assert.Equal(t, []any{
		map[string]any{"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 900.0, "ScalingAdjustment": 2.0},
		map[string]any{"MetricIntervalLowerBound": 900.0, "ScalingAdjustment": 5.0},
	}, grow.Get("StepScalingPolicyConfiguration.StepAdjustments"))
	cdktest.Has(t, grow, map[string]any{
		"StepScalingPolicyConfiguration.AdjustmentType":        "ChangeInCapacity",
		"StepScalingPolicyConfiguration.Cooldown":              60.0,
		"StepScalingPolicyConfiguration.MetricAggregationType": "Maximum",
	})
	percent := tpl.At("AWS::CloudWatch::Alarm", "/Percent/UpperAlarm/").Ref("AlarmActions.0")
	cdktest.Has(t, percent, map[string]any{
		"StepScalingPolicyConfiguration.AdjustmentType":         "PercentChangeInCapacity",
		"StepScalingPolicyConfiguration.MinAdjustmentMagnitude": 1.0,
	})

	assert.Equal(t, []any{
		map[string]any{"ScheduledActionName": "Night", "Schedule": "cron(0 22 ? * MON-FRI *)", "Timezone": "Europe/Berlin",
			"ScalableTargetAction": map[string]any{"MinCapacity": 0.0, "MaxCapacity": 0.0}},
		map[string]any{"ScheduledActionName": "Sale", "Schedule": "at(2027-01-31T08:00:00)",
			"ScalableTargetAction": map[string]any{"MinCapacity": 20.0, "MaxCapacity": 20.0}},
	}, target.Get("ScheduledActions"))
	return tpl
}

// A worker scales to zero with its queue: below one message a task ends, from one message on tasks start. The CDK's lower alarm would
// fire at one message too, and so undo what the upper one does.
func TestWorkerScalesToZero(t *testing.T) {
	stack := cdktest.Stack(t)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	steps := func(steps ...ecs.ScalingStep) []ecs.StepScaling {
		return []ecs.StepScaling{{Name: "Queue", Metric: queue.MetricApproximateNumberOfMessagesVisible(nil), Steps: steps}}
	}
	cluster, task := newCluster(stack), newTask(stack)
	worker := func(id string, toZero bool, steps []ecs.StepScaling) {
		ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: task,
			Scaling: &ecs.Scaling{ScaleToZero: toZero, MaxCapacity: 10, Steps: steps}})
	}
	worker("Even", true, steps(ecs.ScalingStep{Below: 1, Change: -1}, ecs.ScalingStep{From: 1, Change: 1}))
	// More steps on one side than on the other, which the CDK by itself would divide in the middle. From zero they would start nothing.
	worker("Uneven", false, steps(ecs.ScalingStep{Below: 10, Change: -2}, ecs.ScalingStep{Below: 20, Change: -1},
		ecs.ScalingStep{Below: 30, Change: 1},
		ecs.ScalingStep{Below: 40, Change: 2}, ecs.ScalingStep{Change: 3}))
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, 0.0, tpl.At("AWS::ApplicationAutoScaling::ScalableTarget", "/Even/").Get("MinCapacity"))
	for _, want := range []struct {
		service    string
		threshold  float64
		down, over []any
	}{
		{"/Even/", 1, []any{-1.0}, []any{1.0}},
		{"/Uneven/", 20, []any{-1.0, -2.0}, []any{1.0, 2.0, 3.0}},
	} {
		for side, operator := range map[string]string{"LowerAlarm": "LessThanThreshold", "UpperAlarm": "GreaterThanOrEqualToThreshold"} {
			alarm := tpl.At("AWS::CloudWatch::Alarm", want.service+"Service/TaskCount/Target/Queue/"+side)
			assert.Equal(t, operator, alarm.Get("ComparisonOperator"), alarm.Path())
			assert.Equal(t, want.threshold, alarm.Get("Threshold"), alarm.Path())
			var changes []any
			for _, step := range cdktest.List(alarm.Ref("AlarmActions.0").Get("StepScalingPolicyConfiguration.StepAdjustments")) {
				changes = append(changes, cdktest.Dig(step, "ScalingAdjustment"))
			}
			if side == "LowerAlarm" {
				assert.Equal(t, want.down, changes, alarm.Path())
			} else {
				assert.Equal(t, want.over, changes, alarm.Path())
			}
		}
	}
}
