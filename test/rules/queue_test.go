package rules_test

const (
	pathBacklog   = "Backlog.Properties"
	pathConfig    = pathBacklog + ".TargetTrackingScalingPolicyConfiguration"
	pathPerTask   = pathConfig + ".CustomizedMetricSpecification.Metrics.0.Expression"
	pathRunning   = pathConfig + ".CustomizedMetricSpecification.Metrics.1.MetricStat.Metric"
	pathCounted   = pathRunning + ".Dimensions.1.Value"
	pathCountedIn = pathRunning + ".Dimensions.0.Value"
	pathWaiting   = "Waiting.Properties.Metrics.1.MetricStat.Metric"
	pathSettings  = "Cluster.Properties.ClusterSettings"
	pathZero      = "Target.Properties.MinCapacity"

	nameOfWeb = `{"Fn::GetAtt": ["Web", "Name"]}`
)

// fromZero lets a service without the step that starts its first task scale to zero.
func fromZero(changes map[string]string) map[string]string {
	all := map[string]string{pathZero: `0`, "First": "", "Waiting": ""}
	for path, value := range changes {
		all[path] = value
	}
	return all
}

// counted is target tracking of a count of tasks, without an expression.
func counted(cluster, service string) map[string]string {
	return map[string]string{pathConfig: `{"TargetValue": 5, "CustomizedMetricSpecification": {"Namespace": "ECS/ContainerInsights", ` +
		`"MetricName": "PendingTaskCount", "Statistic": "Average", "Dimensions": [{"Name": "ClusterName", "Value": ` + cluster + `}, ` +
		`{"Name": "ServiceName", "Value": ` + service + `}]}}`}
}

var queueCases = []ruleCase{
	// The service and the cluster whose tasks count.
	{
		name:    "BacklogOfAnotherService",
		changes: map[string]string{pathCounted: nameOfWeb},
		want:    []string{"AWSC-SCALING-005 Backlog"},
	},
	{
		name:    "BacklogOfAnotherServiceByName",
		changes: map[string]string{pathCounted: `"web"`, "Worker.Properties.ServiceName": `"worker"`},
		want:    []string{"AWSC-SCALING-005 Backlog"},
	},
	{
		name:    "CountOfTheTasksOfAnotherService",
		changes: counted(`{"Ref": "Cluster"}`, nameOfWeb),
		want:    []string{"AWSC-SCALING-005 Backlog"},
	},
	{
		name:    "WaitingForAnotherService",
		changes: map[string]string{pathWaiting + ".Dimensions.1.Value": nameOfWeb},
		want:    []string{"AWSC-SCALING-005 Waiting"},
	},
	{
		name:    "BacklogInAnotherCluster",
		changes: map[string]string{pathCountedIn: `{"Ref": "OtherCluster"}`},
		want:    []string{"AWSC-SCALING-005 Backlog"},
	},
	{
		name:    "WaitingInAnotherCluster",
		changes: map[string]string{pathWaiting + ".Dimensions.0.Value": `{"Ref": "OtherCluster"}`},
		want:    []string{"AWSC-SCALING-005 Waiting"},
	},
	{name: "CountOfItsOwnTasks", changes: counted(`{"Ref": "Cluster"}`, `{"Fn::GetAtt": ["Worker", "Name"]}`)},
	{name: "BacklogByName", changes: map[string]string{pathCounted: `"worker"`, "Worker.Properties.ServiceName": `"worker"`}},
	{name: "BacklogByAGeneratedName", changes: map[string]string{pathCounted: `"worker"`}},
	{name: "BacklogByAParameter", changes: map[string]string{pathCounted: valueUnknown, "Worker.Properties.ServiceName": `"worker"`}},
	{name: "BacklogByADefault", changes: map[string]string{pathCounted: valueGuessed, "Worker.Properties.ServiceName": `"worker"`}},
	{name: "BacklogConditional", changes: map[string]string{pathCounted: valueEither(nameOfWeb, `{"Fn::GetAtt": ["Worker", "Name"]}`)}},
	{name: "BacklogOfAnotherMetric", changes: map[string]string{pathCounted: nameOfWeb, pathRunning + ".MetricName": `"CpuUtilized"`}},
	{name: "BacklogInAnotherNamespace", changes: map[string]string{pathCounted: nameOfWeb, pathRunning + ".Namespace": `"Own"`}},
	{name: "BacklogWithoutAService", changes: map[string]string{pathRunning + ".Dimensions": `[{"Name": "ClusterName", "Value": ` +
		`{"Ref": "Cluster"}}]`}},
	{name: "BacklogComparedWithAnotherService", changes: map[string]string{
		pathConfig + ".CustomizedMetricSpecification.Metrics.2.MetricStat.Metric": `{"Namespace": "ECS/ContainerInsights", "MetricName": ` +
			`"RunningTaskCount", "Dimensions": [{"Name": "ClusterName", "Value": {"Ref": "Cluster"}}, {"Name": "ServiceName", "Value": ` +
			nameOfWeb + `}]}`,
	}},
	{name: "StepsByTheTasksOfAnotherService", changes: map[string]string{
		pathWaiting + ".Dimensions.1.Value":                        nameOfWeb,
		"Waiting.Properties.Metrics.2.MetricStat.Metric.Namespace": `"Own"`,
	}},
	{name: "AlarmOfAnotherServiceThatScalesNothing", changes: map[string]string{
		pathWaiting + ".Dimensions.1.Value": nameOfWeb, "Waiting.Properties.AlarmActions": `[]`,
		"Waiting.Properties.OKActions": `[{"Ref": "First"}]`,
	}},
	{name: "BacklogOfAnUnknownTarget", changes: map[string]string{pathCounted: nameOfWeb, "Target.Properties.ResourceId": valueUnknown}},
	{name: "BacklogInAnImportedCluster", changes: map[string]string{
		pathCountedIn: `{"Ref": "OtherCluster"}`, "Worker.Properties.Cluster": valueUnknown,
	}},

	// Who counts them.
	{
		name:    "BacklogWithoutContainerInsights",
		changes: map[string]string{pathSettings: `[{"Name": "containerInsights", "Value": "disabled"}]`},
		want:    []string{"AWSC-SCALING-006 Backlog", "AWSC-SCALING-006 Waiting"},
	},
	{
		name:    "BacklogWithContainerInsightsOfTheAccount",
		changes: map[string]string{pathSettings: ""},
		want:    []string{"AWSC-SCALING-006 Backlog", "AWSC-SCALING-006 Waiting"},
	},
	{
		name:    "BacklogWithNoSettings",
		changes: map[string]string{pathSettings: `[]`, "Waiting": "", "First": ""},
		want:    []string{"AWSC-SCALING-006 Backlog"},
	},
	{name: "BacklogWithUnknownInsights", changes: map[string]string{pathSettings + ".0.Value": valueUnknown}},
	{name: "BacklogWithInsightsOfADefault", changes: map[string]string{pathSettings + ".0.Value": `{"Ref": "Insights"}`},
		outside: parameter("Insights", "String", "disabled")},
	{name: "BacklogWithAnUnknownSetting", changes: map[string]string{pathSettings + ".0.Name": valueUnknown}},
	{name: "BacklogWithUnknownSettings", changes: map[string]string{pathSettings: valueEither(`[]`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "BacklogWithEnhancedInsights", changes: map[string]string{pathSettings + ".0.Value": `"enhanced"`}},
	{name: "OtherClusterWithoutContainerInsights", changes: map[string]string{"OtherCluster.Properties.ClusterSettings": ""}},

	// From zero.
	{
		name:    "FromZeroByDivision",
		changes: fromZero(nil),
		want:    []string{"AWSC-SCALING-007 Backlog"},
	},
	{
		name:    "FromZeroByDivisionOfASum",
		changes: fromZero(map[string]string{pathPerTask: `"(visible + inFlight)/running"`}),
		want:    []string{"AWSC-SCALING-007 Backlog"},
	},
	{
		name:    "FromZeroInText",
		changes: fromZero(map[string]string{pathZero: `"0"`}),
		want:    []string{"AWSC-SCALING-007 Backlog"},
	},
	{name: "FromZeroWithAStep", changes: map[string]string{pathZero: `0`}},
	{name: "FromOneByDivision", changes: fromZero(map[string]string{pathZero: `1`})},
	{name: "FromZeroPerhaps", changes: fromZero(map[string]string{pathZero: valueUnknown})},
	{name: "FromZeroGuarded", changes: fromZero(map[string]string{pathPerTask: `"IF(running > 0, visible / running, visible)"`})},
	{name: "FromZeroFilled", changes: fromZero(map[string]string{pathPerTask: `"visible / FILL(running, 1)"`})},
	{name: "FromZeroByProduct", changes: fromZero(map[string]string{pathPerTask: `"visible - 10 * running"`})},
	{name: "FromZeroByTheQueue", changes: fromZero(map[string]string{pathPerTask: `"running / visible"`})},
	{name: "FromZeroByAnUnknownExpression", changes: fromZero(map[string]string{pathPerTask: valueUnknown})},
	{name: "FromZeroBySchedule", changes: fromZero(map[string]string{
		"Target.Properties.ScheduledActions": `[{"ScheduledActionName": "day", "Schedule": "rate(1 day)", ` +
			`"ScalableTargetAction": {"MinCapacity": 1}}]`,
	})},
	{name: "FromZeroBySomethingElse", changes: fromZero(map[string]string{
		"Starter": `{"Type": "Custom::Starter", "Properties": {"ServiceToken": "arn", "Target": {"Ref": "Target"}}}`,
	})},
	{name: "FromZeroByAPolicyOfTheSameName", changes: fromZero(map[string]string{
		"Starter": `{"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": {"PolicyName": "other", "PolicyType": ` +
			`"TargetTrackingScaling", "ResourceId": {"Fn::Sub": "service/${Cluster}/${Worker.Name}"}, "ServiceNamespace": "ecs", ` +
			`"ScalableDimension": "ecs:service:DesiredCount"}}`,
	})},
	{name: "FromZeroByAMacro", changes: fromZero(nil), outside: macro("Scaling")},
}
