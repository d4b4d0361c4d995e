package rules_test

const (
	pathCount   = "Service.Properties.DesiredCount"
	pathScaling = "Scaling.Properties"
	pathId      = pathScaling + ".ResourceId"
	pathAlarm   = "Alarm.Properties"
)

var scalingCases = []ruleCase{
	// Desired counts.
	{
		name:    "CountBelowTheMinimum",
		changes: map[string]string{pathCount: `1`},
		want:    []string{"AWSC-SCALING-001 Service"},
	},
	{
		name:    "CountAboveTheMaximum",
		changes: map[string]string{pathCount: `"11"`, pathScaling + ".MaxCapacity": `"10"`},
		want:    []string{"AWSC-SCALING-001 Service"},
	},
	{
		name:    "CountOutsideBySub",
		changes: map[string]string{pathCount: `1`, pathId: `{"Fn::Sub": "service/${Cluster}/${Service.Name}"}`},
		want:    []string{"AWSC-SCALING-001 Service"},
	},
	{
		name:    "CountFixed",
		changes: map[string]string{pathCount: `2`},
		want:    []string{"AWSC-SCALING-002 Service"},
	},
	{
		name:    "CountFixedInUnknownLimits",
		changes: map[string]string{pathCount: `1`, pathScaling + ".MinCapacity": valueUnknown},
		want:    []string{"AWSC-SCALING-002 Service"},
	},
	{
		name:    "CountFixedInGuessedLimits",
		changes: map[string]string{pathCount: `1`, pathScaling + ".MinCapacity": valueGuessed},
		want:    []string{"AWSC-SCALING-002 Service"},
	},
	{
		name: "CountFixedInScheduledLimits",
		changes: map[string]string{pathCount: `1`,
			pathScaling + ".ScheduledActions": `[{"ScheduledActionName": "night", "Schedule": "cron(0 20 * * ? *)"}]`},
		want: []string{"AWSC-SCALING-002 Service"},
	},
	{
		name:    "CountFixedUnderOneCondition",
		changes: map[string]string{pathCount: `2`, "Service.Condition": `"Condition"`, "Scaling.Condition": `"Condition"`},
		want:    []string{"AWSC-SCALING-002 Service"},
	},
	{name: "CountFixedWithoutChoice", changes: map[string]string{pathCount: `2`, pathScaling + ".MaxCapacity": `2`}},
	{name: "CountUnknown", changes: map[string]string{pathCount: valueUnknown}},
	{name: "CountGuessed", changes: map[string]string{pathCount: valueGuessed}},
	{name: "CountConditional", changes: map[string]string{pathCount: valueEither(`1`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "CountWithConditionalScaling", changes: map[string]string{pathCount: `1`, "Scaling.Condition": `"Condition"`}},
	{name: "CountOfPerhapsAnotherService", changes: map[string]string{
		pathCount: `1`,
		pathId: `{"Fn::Join": ["", ["service/", {"Ref": "Cluster"}, "/", ` + valueEither(`{"Fn::GetAtt": ["Service", "Name"]}`, `"other"`) +
			`]]}`,
	}},
	{name: "CountOfAnotherService", changes: map[string]string{pathCount: `1`, pathId: `{"Fn::Sub": "service/${Cluster}/other"}`}},
	{name: "CountWithoutScaling", changes: map[string]string{pathCount: `1`, pathScaling + ".ScalableDimension": valueUnknown}},

	// What a scalable target names.
	{
		name:    "TargetOfOneName",
		changes: map[string]string{pathId: `"service/web"`},
		want:    []string{"AWSC-SCALING-003 Scaling"},
	},
	{
		name:    "TargetOfAnArn",
		changes: map[string]string{pathId: `"arn:aws:ecs:eu-west-1:111122223333:service/main/web"`},
		want:    []string{"AWSC-SCALING-003 Scaling"},
	},
	{
		name:    "TargetOfTheClusterTwice",
		changes: map[string]string{pathId: `{"Fn::Join": ["", ["service/", {"Ref": "Cluster"}, "/", {"Ref": "Cluster"}]]}`},
		want:    []string{"AWSC-SCALING-003 Scaling"},
	},
	{
		name: "TargetOfATaskDefinition",
		changes: map[string]string{
			"Task": `{"Type": "AWS::ECS::TaskDefinition", "Properties": {}}`,
			pathId: `{"Fn::Sub": "service/${Cluster}/${Task.TaskDefinitionArn}"}`,
		},
		want: []string{"AWSC-SCALING-003 Scaling"},
	},
	{
		name:    "TargetOfTheArnOfAService",
		changes: map[string]string{pathId: `{"Fn::Join": ["/", ["service", {"Ref": "Cluster"}, {"Ref": "Service"}]]}`},
		want:    []string{"AWSC-SCALING-003 Scaling"},
	},
	{
		name:    "TargetOfTheServiceAlone",
		changes: map[string]string{pathId: `{"Fn::GetAtt": ["Service", "Name"]}`},
		want:    []string{"AWSC-SCALING-003 Scaling"},
	},
	{name: "TargetOfTwoNames", changes: map[string]string{pathId: `"service/default/web"`}},
	{name: "TargetOfANamedServiceInTheCluster",
		changes: map[string]string{pathId: `{"Fn::Join": ["", ["service/", {"Ref": "Cluster"}, "/web"]]}`}},
	{name: "TargetOfAnImportedService", changes: map[string]string{pathId: `{"Fn::Join": ["/", ["service", {"Ref": "Cluster"}, ` +
		`{"Fn::ImportValue": "web"}]]}`}},
	{name: "TargetOfAServiceInAnImportedCluster", changes: map[string]string{pathId: `{"Fn::Sub": "service/${Param}/${Service.Name}"}`}},
	{name: "TargetOfVariablesNamedLikeResources", changes: map[string]string{
		pathId: `{"Fn::Sub": ["service/${C}/${Cluster}", {"C": {"Ref": "Cluster"}, "Cluster": {"Fn::GetAtt": ["Service", "Name"]}}]}`,
	}},
	{name: "TargetOfVariablesFromAnArn", changes: map[string]string{
		pathId: `{"Fn::Sub": ["service/${Cluster}/${Service}", {"Service": {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "Service"}]}]}}]}`,
	}},
	{name: "TargetOfANestedStack", changes: map[string]string{
		"Nested": `{"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com"}}`,
		pathId:   `{"Fn::Join": ["", ["service/", {"Ref": "Cluster"}, "/", {"Fn::GetAtt": ["Nested", "Outputs.Name"]}]]}`,
	}},
	{name: "TargetOfAParameter", changes: map[string]string{pathId: valueUnknown}},
	{name: "TargetOfADefault", changes: map[string]string{pathId: valueGuessed}},
	{name: "TargetOfTheNamesInAnArn", changes: map[string]string{
		pathId: `{"Fn::Join": ["", ["service/", {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Service"}]}]}, "/", {"Fn::Select": [2, ` +
			`{"Fn::Split": ["/", {"Ref": "Service"}]}]}]]}`,
	}},
	{name: "TargetOfACustomResource", changes: map[string]string{
		"Finder": `{"Type": "Custom::Finder", "Properties": {"ServiceToken": "arn"}}`,
		pathId:   `{"Fn::Sub": "service/${Cluster}/${Finder.Name}"}`,
	}},
	{name: "TargetConditional", changes: map[string]string{pathId: valueEither(`"service/web"`, `"service/main/web"`)}},
	{name: "TargetOfAnotherKind", changes: map[string]string{
		pathId: `"table/web"`, pathScaling + ".ServiceNamespace": `"dynamodb"`,
		pathScaling + ".ScalableDimension": `"dynamodb:table:ReadCapacityUnits"`,
	}},

	// Step scaling without an alarm.
	{
		name:    "StepsWithoutAlarm",
		changes: map[string]string{"Alarm": ""},
		want:    []string{"AWSC-SCALING-004 Steps"},
	},
	{
		name:    "StepsOfAnInstanceGroupWithoutAlarm",
		changes: map[string]string{"Alarm": "", "Steps.Type": `"AWS::AutoScaling::ScalingPolicy"`},
		want:    []string{"AWSC-SCALING-004 Steps"},
	},
	{
		name:    "StepsWithoutAction",
		changes: map[string]string{pathAlarm + ".AlarmActions": `[]`, "Alarm.DependsOn": `["Steps"]`},
		want:    []string{"AWSC-SCALING-004 Steps"},
	},
	{
		name:    "StepsOfAnAlarmSwitchedOff",
		changes: map[string]string{pathAlarm + ".ActionsEnabled": `false`},
		want:    []string{"AWSC-SCALING-004 Steps"},
	},
	{name: "StepsOnOk", changes: map[string]string{pathAlarm + ".AlarmActions": "", pathAlarm + ".OKActions": `[{"Ref": "Steps"}]`}},
	{name: "StepsOfACompositeAlarm", changes: map[string]string{
		"Alarm": `{"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "TRUE", "InsufficientDataActions": [{"Ref": ` +
			`"Steps"}]}}`,
	}},
	{name: "StepsOfAConditionalAction", changes: map[string]string{pathAlarm + ".AlarmActions": `[` +
		valueEither(`{"Ref": "Steps"}`, `{"Ref": "AWS::NoValue"}`) + `]`}},
	{name: "StepsOfAnAlarmPerhapsSwitchedOff", changes: map[string]string{pathAlarm + ".ActionsEnabled": valueUnknown}},
	{name: "StepsForACustomResource", changes: map[string]string{
		"Alarm": `{"Type": "Custom::Alarm", "Properties": {"ServiceToken": "arn", "Action": {"Ref": "Steps"}}}`,
	}},
	{
		name:    "StepsForAnotherStack",
		changes: map[string]string{"Alarm": ""},
		outside: output(`{"Ref": "Steps"}`),
	},
	{
		name:    "StepsAndMacro",
		changes: map[string]string{"Alarm": ""},
		outside: macro("Alarms"),
	},
	{name: "StepsPerhaps", changes: map[string]string{"Alarm": "", "Steps.Properties.PolicyType": valueUnknown}},
}
