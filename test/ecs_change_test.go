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
	tpl := synth(t, s.stack)

	service := tpl.only("AWS::ECS::Service")
	deployment := service.get("DeploymentConfiguration")
	assert.Equal(t, []any{"BLUE_GREEN", 15.0}, []any{dig(deployment, "Strategy"), dig(deployment, "BakeTimeInMinutes")})
	assert.Equal(t, map[string]any{"Enable": true, "Rollback": true}, dig(deployment, "DeploymentCircuitBreaker"))
	assert.Nil(t, dig(deployment, "CanaryConfiguration"))
	assert.Nil(t, dig(deployment, "LinearConfiguration"))

	blue := service.ref("LoadBalancers.0.TargetGroupArn")
	green := service.ref("LoadBalancers.0.AdvancedConfiguration.AlternateTargetGroupArn")
	assert.NotSame(t, blue, green)
	assert.Equal(t, blue.Properties, green.Properties)
	production := service.ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule")
	tests := service.ref("LoadBalancers.0.AdvancedConfiguration.TestListenerRule")
	assert.Same(t, tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/Https/"), production.ref("ListenerArn"))
	assert.Same(t, tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/Test/"), tests.ref("ListenerArn"))
	assert.Equal(t, production.get("Conditions"), tests.get("Conditions"))
	for _, rule := range []*resource{production, tests} {
		assert.Equal(t, []any{100.0, 0.0}, weights(tpl, rule.get("Actions.0"), blue, green))
		assert.Contains(t, service.dependsOn(), rule.id)
	}

	role := service.ref("LoadBalancers.0.AdvancedConfiguration.RoleArn")
	assert.Equal(t, "ecs.amazonaws.com", role.get("AssumeRolePolicyDocument.Statement.0.Principal.Service"))
	assert.Equal(t, ":iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers", role.get("ManagedPolicyArns.0.Fn::Join.1.2"))
	assert.Len(t, role.get("ManagedPolicyArns"), 1)
	for _, policy := range tpl.all("AWS::IAM::Policy") {
		assert.NotContains(t, policy.get("Roles"), map[string]any{"Ref": role.id}, "the role may more than AWS's policy says")
	}

	call := dig(deployment, "LifecycleHooks.0")
	assert.Equal(t, "arn:aws:lambda:eu-west-1:111122223333:function:smoke", dig(call, "HookTargetArn"))
	assert.Equal(t, []any{"POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"}, dig(call, "LifecycleStages"))
	caller := tpl.follow(dig(call, "RoleArn"))
	assert.NotSame(t, role, caller)
	assert.Equal(t, "ecs.amazonaws.com", caller.get("AssumeRolePolicyDocument.Statement.0.Principal.Service"))
	policy := tpl.at("AWS::IAM::Policy", "/HookRole/")
	assert.Equal(t, []any{map[string]any{"Effect": "Allow", "Action": "lambda:InvokeFunction",
		"Resource": "arn:aws:lambda:eu-west-1:111122223333:function:smoke"}}, policy.get("PolicyDocument.Statement"))
	assert.Contains(t, service.dependsOn(), policy.id, "the first deployment may not call its hook yet")
}

func TestLinearAndCanary(t *testing.T) {
	s := newShop(t, nil)
	s.service("Linear", ecs.AlbRule{Priority: 10}, func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_LINEAR, StepPercent: 33.3, StepBakeTime: new(time.Duration(0)),
			BakeTime: new(time.Duration(0)), RollbackOnErrors: true}
	})
	s.service("Canary", ecs.AlbRule{Priority: 20}, func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, RollbackOnErrors: true}
	})
	tpl := synth(t, s.stack)
	for service, want := range map[string]map[string]any{
		"Linear": {"Strategy": "LINEAR", "BakeTimeInMinutes": 0.0,
			"LinearConfiguration": map[string]any{"StepPercent": 33.3, "StepBakeTimeInMinutes": 0.0}},
		"Canary": {"Strategy": "CANARY", "BakeTimeInMinutes": 5.0,
			"CanaryConfiguration": map[string]any{"CanaryPercent": 5.0, "CanaryBakeTimeInMinutes": 10.0}},
	} {
		want["MinimumHealthyPercent"], want["MaximumPercent"] = 100.0, 200.0
		// AWS documents the circuit breaker for rolling and blue/green deployments only.
		want["DeploymentCircuitBreaker"] = map[string]any{"Enable": false, "Rollback": false}
		resource := tpl.at("AWS::ECS::Service", "Test/"+service+"/")
		want["Alarms"] = map[string]any{"Enable": true, "Rollback": true, "AlarmNames": []any{
			map[string]any{"Ref": tpl.at("AWS::CloudWatch::Alarm", "Test/"+service+"/RollbackAlarm/").id}}}
		assert.Equal(t, want, resource.get("DeploymentConfiguration"))
		assert.Nil(t, resource.get("LoadBalancers.0.AdvancedConfiguration.TestListenerRule"))
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
	tpl := synth(t, s.stack)

	service := tpl.at("AWS::ECS::Service", "Test/Web/")
	alarms := service.get("DeploymentConfiguration.Alarms")
	assert.Equal(t, []any{true, true}, []any{dig(alarms, "Enable"), dig(alarms, "Rollback")})
	assert.Same(t, tpl.at("AWS::CloudWatch::Alarm", "Test/Own/"), tpl.follow(dig(alarms, "AlarmNames.0")))
	both := tpl.follow(dig(alarms, "AlarmNames.1"))
	assert.NotContains(t, both.dependsOn(), service.id)
	groups := map[*resource]bool{}
	for _, m := range list(both.get("Metrics")) {
		for _, d := range list(dig(m, "MetricStat.Metric.Dimensions")) {
			if dig(d, "Name") == "TargetGroup" {
				groups[tpl.follow(dig(d, "Value"))] = true
			}
		}
	}
	assert.Len(t, groups, 2, "after one deployment the errors are in the other target group")

	one := tpl.at("AWS::ECS::Service", "Test/Plain/").ref("DeploymentConfiguration.Alarms.AlarmNames.0")
	assert.Equal(t, []any{"HTTPCode_Target_5XX_Count", "Sum", 10.0, "GreaterThanOrEqualToThreshold", "notBreaching", 2.0},
		[]any{one.get("MetricName"), one.get("Statistic"), one.get("Threshold"), one.get("ComparisonOperator"), one.get("TreatMissingData"),
			one.get("DatapointsToAlarm")})
	assert.Same(t, groupOf(tpl, "Plain"), tpl.follow(one.get("Dimensions.1.Value")))
}

// Service Connect shifts traffic in its own proxies: without a load balancer there is no group, no rule and no role for them.
func TestCanaryByServiceConnect(t *testing.T) {
	stack := newStack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), Namespace: "internal"})
	hook := awslambda.Function_FromFunctionArn(stack, jsii.String("Hook"), jsii.String("arn:aws:lambda:eu-west-1:111122223333:function:smoke"))
	ecs.NewService(stack, "Api", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "api", 9000),
		Exposure: ecs.Exposure{ServiceConnect: &ecs.ServiceConnect{Services: []ecs.ServiceConnectService{{PortMappingName: "api"}}}},
		Deployment: ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, LifecycleHooks: []ecs.LifecycleHook{{Function: hook,
			Stages: []awsecs.DeploymentLifecycleStage{awsecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT}}}}})
	tpl := synth(t, stack)

	service := tpl.only("AWS::ECS::Service")
	assert.Empty(t, service.get("LoadBalancers"))
	assert.Empty(t, tpl.all("AWS::ElasticLoadBalancingV2::TargetGroup"))
	assert.Equal(t, []any{"CANARY", map[string]any{"CanaryPercent": 5.0, "CanaryBakeTimeInMinutes": 10.0}},
		[]any{service.get("DeploymentConfiguration.Strategy"), service.get("DeploymentConfiguration.CanaryConfiguration")})
	assert.Equal(t, "arn:aws:lambda:eu-west-1:111122223333:function:smoke",
		service.get("DeploymentConfiguration.LifecycleHooks.0.HookTargetArn"))
	assert.Equal(t, true, service.get("ServiceConnectConfiguration.Enabled"))
}

// What the CDK would throw at, once it tracks the metric.
func TestMetricsThatAreNotTracked(t *testing.T) {
	s := newShop(t, nil)
	metric := func(statistic string) awscloudwatch.Metric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("Shop"), MetricName: jsii.String("Waiting"),
			Statistic: &statistic})
	}
	half := awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("m / 2"), UsingMetrics: &map[string]awscloudwatch.IMetric{"m": metric("Sum")}})
	service := func(id string, metrics ...awscloudwatch.IMetric) {
		scaling := &ecs.Scaling{MaxCapacity: 2}
		for i, m := range metrics {
			scaling.TargetMetrics = append(scaling.TargetMetrics, ecs.TargetMetric{Name: fmt.Sprint("M", i), Metric: m, TargetValue: 1})
		}
		s.service(id, ecs.AlbRule{Priority: 1}, func(p *ecs.ServiceProps) { p.Scaling = scaling })
	}
	assert.Equal(t, []string{
		"Test/Web: Scaling.TargetMetrics[0].Metric must not be a math expression, which the CDK doesn't track; publish its result as a " +
			"metric, or use Steps",
		`Test/Web: Scaling.TargetMetrics[1].Metric must have the statistic Average, Minimum, Maximum, SampleCount or Sum; got "p99"`,
	}, refusal(t, func() { service("Web", half, metric("p99"), metric("Average")) }))
	service("Other", metric("avg"), metric("MIN"), metric("max"), metric("n"), metric("Sum"))
	var statistics []any
	for _, policy := range synth(t, s.stack).all("AWS::ApplicationAutoScaling::ScalingPolicy") {
		statistics = append(statistics, policy.get("TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Statistic"))
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
			map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 3.0}}, tpl.only("AWS::ECS::Service").get("CapacityProviderStrategy"))
	})
	// There the instances scale too: by the capacity provider, with what the tasks ask for.
	t.Run("on EC2", func(t *testing.T) {
		s := newShop(t, nil)
		capacity := newCapacity(s.stack, "Capacity", s.cluster, func(p *ecs.Ec2CapacityProps) { p.MinCapacity, p.MaxCapacity = 1, 7 })
		tpl := scalesInEveryWay(t, s, func(p *ecs.ServiceProps) {
			p.Task = ec2Task(s.stack, "OnEc2", awsecs.NetworkMode_BRIDGE)
			p.Capacity = []ecs.CapacityProviderStrategy{{CapacityProvider: capacity.Provider(), Weight: 1}}
		})
		provider := tpl.only("AWS::ECS::Service").ref("CapacityProviderStrategy.0.CapacityProvider")
		assert.Equal(t, map[string]any{"Status": "ENABLED", "TargetCapacity": 100.0}, provider.get("AutoScalingGroupProvider.ManagedScaling"))
		instances := provider.ref("AutoScalingGroupProvider.AutoScalingGroupArn")
		assert.Equal(t, []any{"1", "7", nil}, []any{instances.get("MinSize"), instances.get("MaxSize"), instances.get("DesiredCapacity")})
		association := tpl.only("AWS::ECS::ClusterCapacityProviderAssociations")
		assert.Contains(t, association.get("CapacityProviders"), map[string]any{"Ref": provider.id})
		assert.Same(t, tpl.only("AWS::ECS::Service").ref("Cluster"), association.ref("Cluster"))
	})
}

// scalesInEveryWay makes a service that does, and follows the wiring.
func scalesInEveryWay(t *testing.T, s shop, capacity func(p *ecs.ServiceProps)) *template {
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
	tpl := synth(t, s.stack)

	service, target := tpl.only("AWS::ECS::Service"), tpl.only("AWS::ApplicationAutoScaling::ScalableTarget")
	assert.NotContains(t, service.Properties, "DesiredCount")
	assert.Equal(t, []any{2.0, 10.0, "ecs:service:DesiredCount"},
		[]any{target.get("MinCapacity"), target.get("MaxCapacity"), target.get("ScalableDimension")})
	assert.Same(t, service, tpl.follow(target.get("ResourceId.Fn::Join.1.3")))
	assert.Same(t, service.ref("Cluster"), tpl.follow(target.get("ResourceId.Fn::Join.1.1")))

	tracking := map[string]map[string]any{}
	for _, policy := range tpl.all("AWS::ApplicationAutoScaling::ScalingPolicy") {
		assert.Same(t, target, policy.ref("ScalingTargetId"), policy.path())
		if config, ok := policy.get("TargetTrackingScalingPolicyConfiguration").(map[string]any); ok {
			assert.Equal(t, []any{30.0, 120.0}, []any{config["ScaleOutCooldown"], config["ScaleInCooldown"]})
			kind, _ := dig(config, "PredefinedMetricSpecification.PredefinedMetricType").(string)
			tracking[kind] = config
		}
	}
	assert.Len(t, tracking, 4)
	assert.Equal(t, 50.0, tracking["ECSServiceAverageCPUUtilization"]["TargetValue"])
	assert.Equal(t, 70.0, tracking["ECSServiceAverageMemoryUtilization"]["TargetValue"])
	requests := tracking["ALBRequestCountPerTarget"]
	assert.Equal(t, 600.0, requests["TargetValue"])
	assert.Contains(t, dig(requests, "PredefinedMetricSpecification.ResourceLabel.Fn::Join.1"),
		map[string]any{"Fn::GetAtt": []any{groupOf(tpl, "Web").id, "TargetGroupFullName"}})
	assert.Equal(t, []any{"Shop", "Waiting", 2.5}, []any{dig(tracking[""], "CustomizedMetricSpecification.Namespace"),
		dig(tracking[""], "CustomizedMetricSpecification.MetricName"), tracking[""]["TargetValue"]})

	in, out := tpl.at("AWS::CloudWatch::Alarm", "/Backlog/LowerAlarm/"), tpl.at("AWS::CloudWatch::Alarm", "/Backlog/UpperAlarm/")
	assert.Equal(t, []any{10.0, 3.0, "LessThanThreshold"},
		[]any{in.get("Threshold"), in.get("EvaluationPeriods"), in.get("ComparisonOperator")})
	assert.Equal(t, []any{100.0, 3.0, "GreaterThanOrEqualToThreshold"},
		[]any{out.get("Threshold"), out.get("EvaluationPeriods"), out.get("ComparisonOperator")})
	assert.Equal(t, []any{map[string]any{"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -1.0}},
		in.ref("AlarmActions.0").get("StepScalingPolicyConfiguration.StepAdjustments"))
	grow := out.ref("AlarmActions.0")
	assert.Equal(t, []any{
		map[string]any{"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 900.0, "ScalingAdjustment": 2.0},
		map[string]any{"MetricIntervalLowerBound": 900.0, "ScalingAdjustment": 5.0},
	}, grow.get("StepScalingPolicyConfiguration.StepAdjustments"))
	assert.Equal(t, []any{"ChangeInCapacity", 60.0, "Maximum"}, []any{grow.get("StepScalingPolicyConfiguration.AdjustmentType"),
		grow.get("StepScalingPolicyConfiguration.Cooldown"), grow.get("StepScalingPolicyConfiguration.MetricAggregationType")})
	percent := tpl.at("AWS::CloudWatch::Alarm", "/Percent/UpperAlarm/").ref("AlarmActions.0")
	assert.Equal(t, []any{"PercentChangeInCapacity", 1.0}, []any{percent.get("StepScalingPolicyConfiguration.AdjustmentType"),
		percent.get("StepScalingPolicyConfiguration.MinAdjustmentMagnitude")})

	assert.Equal(t, []any{
		map[string]any{"ScheduledActionName": "Night", "Schedule": "cron(0 22 ? * MON-FRI *)", "Timezone": "Europe/Berlin",
			"ScalableTargetAction": map[string]any{"MinCapacity": 0.0, "MaxCapacity": 0.0}},
		map[string]any{"ScheduledActionName": "Sale", "Schedule": "at(2027-01-31T08:00:00)",
			"ScalableTargetAction": map[string]any{"MinCapacity": 20.0, "MaxCapacity": 20.0}},
	}, target.get("ScheduledActions"))
	return tpl
}

// A worker scales to zero with its queue: below one message a task ends, from one message on tasks start. The CDK's lower alarm would
// fire at one message too, and so undo what the upper one does.
func TestWorkerScalesToZero(t *testing.T) {
	stack := newStack(t)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	steps := func(steps ...ecs.ScalingStep) []ecs.StepScaling {
		return []ecs.StepScaling{{Name: "Queue", Metric: queue.MetricApproximateNumberOfMessagesVisible(nil), Steps: steps}}
	}
	cluster, task := newCluster(stack), newTask(stack)
	worker := func(id string, steps []ecs.StepScaling) {
		ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: task,
			Scaling: &ecs.Scaling{ScaleToZero: true, MaxCapacity: 10, Steps: steps}})
	}
	worker("Even", steps(ecs.ScalingStep{Below: 1, Change: -1}, ecs.ScalingStep{From: 1, Change: 1}))
	// More steps on one side than on the other, which the CDK by itself would divide in the middle.
	worker("Uneven", steps(ecs.ScalingStep{Below: 10, Change: -2}, ecs.ScalingStep{Below: 20, Change: -1}, ecs.ScalingStep{Below: 30, Change: 1},
		ecs.ScalingStep{Below: 40, Change: 2}, ecs.ScalingStep{Change: 3}))
	tpl := synth(t, stack)
	assert.Equal(t, 0.0, tpl.at("AWS::ApplicationAutoScaling::ScalableTarget", "/Even/").get("MinCapacity"))
	for _, want := range []struct {
		service    string
		threshold  float64
		down, over []any
	}{
		{"/Even/", 1, []any{-1.0}, []any{1.0}},
		{"/Uneven/", 20, []any{-1.0, -2.0}, []any{1.0, 2.0, 3.0}},
	} {
		for side, operator := range map[string]string{"LowerAlarm": "LessThanThreshold", "UpperAlarm": "GreaterThanOrEqualToThreshold"} {
			alarm := tpl.at("AWS::CloudWatch::Alarm", want.service+"Service/TaskCount/Target/Queue/"+side)
			assert.Equal(t, operator, alarm.get("ComparisonOperator"), alarm.path())
			assert.Equal(t, want.threshold, alarm.get("Threshold"), alarm.path())
			var changes []any
			for _, step := range list(alarm.ref("AlarmActions.0").get("StepScalingPolicyConfiguration.StepAdjustments")) {
				changes = append(changes, dig(step, "ScalingAdjustment"))
			}
			if side == "LowerAlarm" {
				assert.Equal(t, want.down, changes, alarm.path())
			} else {
				assert.Equal(t, want.over, changes, alarm.path())
			}
		}
	}
}
