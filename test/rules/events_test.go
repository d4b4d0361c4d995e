package rules_test

import (
	"strings"
)

const (
	pathPattern     = "Rule.Properties.EventPattern"
	pathTarget      = "Rule.Properties.Targets.0"
	pathEcs         = pathTarget + ".EcsParameters"
	pathScheduled   = "Schedule.Properties.Target"
	pathTrusted     = ".Properties.AssumeRolePolicyDocument.Statement.0.Principal.Service"
	pathRuleGrants  = "RulePolicy.Properties.PolicyDocument.Statement"
	pathRun         = pathRuleGrants + ".0.Resource"
	pathPass        = pathRuleGrants + ".1.Resource"
	pathWrites      = "TaskPolicy.Properties.PolicyDocument.Statement.1"
	pathWritten     = pathWrites + ".Resource"
	pathAlert       = "Alert.Properties.EventPattern"
	pathNotified    = "Bucket.Properties.NotificationConfiguration"
	pathEventsKey   = "Key.Properties.KeyPolicy.Statement.1"
	pathQueuePolicy = "QueuePolicy.Properties.PolicyDocument.Statement.0"
	pathTopicGrant  = "TopicPolicy.Properties.PolicyDocument.Statement.0"
)

var eventsCases = []ruleCase{
	// No role.
	{
		name:    "TargetWithoutRole",
		changes: map[string]string{pathTarget + ".RoleArn": ""},
		want:    []string{"AWSC-EVENTS-001 Rule"},
	},
	{name: "TargetWithARoleOfTheRule", changes: map[string]string{pathTarget + ".RoleArn": "",
		"Rule.Properties.RoleArn": `{"Fn::GetAtt": ["RuleRole", "Arn"]}`}},
	{name: "TargetWithAnUnknownRole", changes: map[string]string{pathTarget + ".RoleArn": valueUnknown}},
	{name: "TargetWithPerhapsARole", changes: map[string]string{pathTarget + ".RoleArn": valueEither(`"arn:x"`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "TargetThatPerhapsRunsATask", changes: map[string]string{pathTarget + ".RoleArn": "",
		pathEcs: valueEither(`{"TaskDefinitionArn": "x"}`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "TargetConditional", changes: map[string]string{pathTarget: valueEither(`{"Id": "a", "Arn": "b", "EcsParameters": `+
		`{"TaskDefinitionArn": "x"}}`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "TargetOfAnotherKind", changes: map[string]string{pathTarget + ".RoleArn": "", pathEcs: ""}},

	// Whom the role trusts.
	{
		name:    "RoleForEc2",
		changes: map[string]string{"RuleRole" + pathTrusted: `"ec2.amazonaws.com"`},
		want:    []string{"AWSC-EVENTS-002 RuleRole"},
	},
	{
		name:    "RoleOfAScheduleForRules",
		changes: map[string]string{"ScheduleRole" + pathTrusted: `["events.amazonaws.com"]`},
		want:    []string{"AWSC-EVENTS-002 ScheduleRole"},
	},
	{
		name:    "RoleOfARuleForSchedules",
		changes: map[string]string{"RuleRole" + pathTrusted: `"scheduler.amazonaws.com"`},
		want:    []string{"AWSC-EVENTS-002 RuleRole"},
	},
	{name: "RoleForBoth", changes: map[string]string{"RuleRole" + pathTrusted: `["scheduler.amazonaws.com", "events.amazonaws.com"]`}},
	{name: "RoleForUnknown", changes: map[string]string{"RuleRole" + pathTrusted: valueUnknown}},
	{name: "RoleForGuessed", changes: map[string]string{"RuleRole" + pathTrusted: valueGuessed}},

	// What the role may run.
	{
		name:    "RoleThatRunsNothing",
		changes: map[string]string{pathRuleGrants + ".0.Action": `["ecs:StartTask", "ecs:Describe*"]`},
		want:    []string{"AWSC-EVENTS-003 RuleRole"},
	},
	{
		name:    "RoleThatRunsAnotherTask",
		changes: map[string]string{"Other": otherTask, pathRun: `{"Ref": "Other"}`},
		want:    []string{"AWSC-EVENTS-003 RuleRole"},
	},
	{
		name:    "RoleThatRunsTheCluster",
		changes: map[string]string{pathRun: `[{"Fn::GetAtt": ["Cluster", "Arn"]}]`},
		want:    []string{"AWSC-EVENTS-003 RuleRole"},
	},
	{
		name:    "RoleThatRunsAnotherFamily",
		changes: map[string]string{pathRun: taskArn("export:*")},
		want:    []string{"AWSC-EVENTS-003 RuleRole"},
	},
	{
		name:    "RoleThatRunsAFamilyOfALikeName",
		changes: map[string]string{pathRun: taskArn("important-*")},
		want:    []string{"AWSC-EVENTS-003 RuleRole"},
	},
	{
		name: "RoleThatRunsNoRevision",
		changes: map[string]string{pathRun: `{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":ecs:", {"Ref": "AWS::Region"}, ":", ` +
			`{"Ref": "AWS::AccountId"}, ":task-definition/import"]]}`},
		want: []string{"AWSC-EVENTS-003 RuleRole"},
	},
	{
		name:    "RoleThatRunsALambdaFunction",
		changes: map[string]string{pathRun: `"arn:aws:lambda:eu-west-1:111122223333:function:import"`},
		want:    []string{"AWSC-EVENTS-003 RuleRole"},
	},
	{
		name: "RoleOfAScheduleThatRunsAnotherFamily",
		changes: map[string]string{
			"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.0.Resource": taskArn("export:*"),
			"ScheduleRole.Properties.ManagedPolicyArns": `["arn:aws:iam::aws:policy/service-role/` +
				`AmazonECSTaskExecutionRolePolicy"]`,
		},
		want: []string{"AWSC-EVENTS-003 ScheduleRole"},
	},
	{
		name: "RoleThatRunsNothingForATaskOfAnotherTemplate",
		changes: map[string]string{pathRuleGrants + ".0.Action": `"ecs:DescribeTasks"`,
			pathEcs + ".TaskDefinitionArn": `{"Fn::ImportValue": "task"}`},
		want: []string{"AWSC-EVENTS-003 RuleRole"},
	},
	{name: "RoleForATaskOfAnotherTemplate",
		changes: map[string]string{pathRun: taskArn("export:*"), pathEcs + ".TaskDefinitionArn": `{"Fn::ImportValue": "task"}`}},
	{name: "RoleThatRunsAll", changes: map[string]string{pathRun: `"*"`}},
	{name: "RoleThatRunsAllRevisions", changes: map[string]string{pathRun: taskArn("import:*")}},
	{name: "RoleThatRunsOneRevision", changes: map[string]string{pathRun: taskArn("import:7")}},
	{name: "RoleThatRunsFamiliesOfThisKind", changes: map[string]string{pathRun: taskArn("imp*")}},
	{name: "RoleThatRunsAFamilyAndWhatFollows", changes: map[string]string{pathRun: `{"Fn::Join": ["", [{"Ref": "Task"}, "*"]]}`}},
	{name: "RoleThatRunsAGuessedFamily", changes: map[string]string{pathRun: taskArn("${Defaulted}:*")}},
	{name: "RoleThatRunsTheFamiliesOfTheStack", changes: map[string]string{pathRun: taskArn("${AWS::StackName}*")}},
	{name: "RoleThatRunsAnUnknownFamily", changes: map[string]string{pathRun: taskArn("${Param}:*")}},
	{name: "RoleThatRunsAnUnknownTask", changes: map[string]string{pathRun: valueUnknown}},
	{name: "RoleThatRunsAnImportedTask", changes: map[string]string{pathRun: `{"Fn::ImportValue": "task"}`}},
	{name: "RoleThatPerhapsRunsTheTask", changes: map[string]string{"Other": otherTask,
		pathRun: valueEither(`{"Ref": "Task"}`, `{"Ref": "Other"}`)}},
	{name: "RoleThatRunsAFamilyOfUnknownName", changes: map[string]string{pathRun: taskArn("export:*"), "Task.Properties.Family": ""}},
	{name: "RoleThatRunsAFamilyOfGuessedName",
		changes: map[string]string{pathRun: taskArn("export:*"), "Task.Properties.Family": valueGuessed}},
	{name: "RoleByException", changes: map[string]string{pathRuleGrants: `[{"Effect": "Allow", "NotAction": "iam:Create*",
		"Resource": "*"}]`}},
	{name: "RoleByExceptedResource", changes: map[string]string{pathRuleGrants: `[{"Effect": "Allow", "Action": "*", "NotResource": ` +
		`"arn:aws:s3:::b"}]`}},
	{name: "RoleByWildcard", changes: map[string]string{pathRuleGrants: `{"Effect": "Allow", "Action": ["ecs:*", "iam:Pass*"], ` +
		`"Resource": "*"}`}},
	{name: "RoleByManagedPolicy", changes: map[string]string{
		"RulePolicy": "", "RuleRole.Properties.ManagedPolicyArns": `["arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceEventsRole"]`,
	}},
	{name: "RoleByConditionalStatement", changes: map[string]string{pathRuleGrants: `[` +
		valueEither(`{"Effect": "Allow", "Action": "*", "Resource": "*"}`, `{"Ref": "AWS::NoValue"}`) + `]`}},
	{name: "RoleWithAName", changes: map[string]string{"RulePolicy": "", "RuleRole.Properties.RoleName": `"starter"`}},
	{name: "RoleForACustomResource", changes: map[string]string{
		"RulePolicy": "", "Granter": `{"Type": "Custom::Granter", "Properties": {"ServiceToken": "arn", "Role": {"Ref": "RuleRole"}}}`,
	}},
	{name: "RoleImported", changes: map[string]string{pathTarget + ".RoleArn": `"arn:aws:iam::111122223333:role/starter"`}},
	{
		name:    "RoleForAnotherStack",
		changes: map[string]string{"RulePolicy": ""},
		outside: output(`{"Ref": "RuleRole"}`),
	},
	{
		name:    "RoleAndMacro",
		changes: map[string]string{"RulePolicy": ""},
		outside: macro("Grants"),
	},

	// Which roles it may pass on.
	{
		name:    "RoleThatPassesNone",
		changes: map[string]string{pathRuleGrants + ".1.Action": `"iam:GetRole"`},
		want:    []string{"AWSC-EVENTS-004 RuleRole"},
	},
	{
		name:    "RoleThatPassesOnlyTheTaskRole",
		changes: map[string]string{pathPass: `{"Fn::GetAtt": ["TaskRole", "Arn"]}`},
		want:    []string{"AWSC-EVENTS-004 RuleRole"},
	},
	{
		name:    "RoleThatPassesOnlyTheExecutionRole",
		changes: map[string]string{pathPass: `[{"Fn::GetAtt": ["ExecutionRole", "Arn"]}, {"Ref": "Task"}]`},
		want:    []string{"AWSC-EVENTS-004 RuleRole"},
	},
	// As the CDK's own targets do it.
	{name: "RoleThatPassesOnlyTheExecutionRoleToInstances", changes: map[string]string{
		pathPass: `[{"Fn::GetAtt": ["ExecutionRole", "Arn"]}]`,
		"Task.Properties.RequiresCompatibilities": `["EC2"]`,
	}},
	{
		name:    "RoleThatPassesAnArnOfAnotherService",
		changes: map[string]string{pathPass: taskArn("*")},
		want:    []string{"AWSC-EVENTS-004 RuleRole"},
	},
	{
		name: "RoleOfAScheduleThatPassesItself",
		changes: map[string]string{"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.1.Resource": `{"Fn::GetAtt": ["RuleRole", ` +
			`"Arn"]}`},
		want: []string{"AWSC-EVENTS-004 ScheduleRole"},
	},
	{
		name:    "RoleThatPassesNoneAndRunsNone",
		changes: map[string]string{"RulePolicy": ""},
		want:    []string{"AWSC-EVENTS-003 RuleRole", "AWSC-EVENTS-004 RuleRole"},
	},
	{name: "RoleThatPassesByName", changes: map[string]string{pathPass: `"arn:aws:iam::111122223333:role/*"`}},
	{name: "RoleThatPassesByUnknownName", changes: map[string]string{pathPass: `{"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Param}"}`}},
	{name: "RoleThatPassesUnknown", changes: map[string]string{pathPass: valueUnknown}},
	{name: "RoleThatPassesNoneToATaskWithout", changes: map[string]string{
		pathRuleGrants + ".1.Action": `"iam:GetRole"`, "Task.Properties.TaskRoleArn": "", "Task.Properties.ExecutionRoleArn": valueUnknown,
	}},
	{name: "RoleThatPassesNoneButTheInputNamesOthers", changes: map[string]string{
		pathRuleGrants + ".1.Action": `"iam:GetRole"`, pathTarget + ".InputTransformer": "",
		pathTarget + ".Input": `"{\"taskRoleArn\": \"arn:x\", \"executionRoleArn\": \"arn:y\"}"`,
	}},
	{name: "RoleThatPassesNoneButTheInputIsUnknown", changes: map[string]string{
		pathRuleGrants + ".1.Action": `"iam:GetRole"`, pathTarget + ".InputTransformer": "", pathTarget + ".Input": valueUnknown,
	}},

	// Networks.
	{
		name:    "FargateWithoutNetwork",
		changes: map[string]string{pathEcs + ".NetworkConfiguration": "", "Task.Properties.NetworkMode": valueUnknown},
		want:    []string{"AWSC-EVENTS-005 Rule"},
	},
	{
		name: "FargateSpotWithoutNetwork",
		changes: map[string]string{pathScheduled + ".EcsParameters.NetworkConfiguration": "",
			pathScheduled + ".EcsParameters.TaskDefinitionArn": valueUnknown},
		want: []string{"AWSC-EVENTS-005 Schedule"},
	},
	{
		name:    "AwsvpcWithoutNetwork",
		changes: map[string]string{pathEcs + ".NetworkConfiguration": "", pathEcs + ".LaunchType": ""},
		want:    []string{"AWSC-EVENTS-005 Rule"},
	},
	{
		name: "BridgeWithNetwork",
		changes: map[string]string{"Task.Properties.NetworkMode": `"bridge"`, pathEcs + ".LaunchType": `"EC2"`,
			pathScheduled + ".EcsParameters.TaskDefinitionArn": valueUnknown},
		want: []string{"AWSC-EVENTS-005 Rule"},
	},
	{name: "BridgeWithoutNetwork", changes: map[string]string{
		"Task.Properties.NetworkMode": `"bridge"`, pathEcs + ".LaunchType": `"EC2"`, pathEcs + ".NetworkConfiguration": "",
		pathScheduled + ".EcsParameters.TaskDefinitionArn": valueUnknown,
	}},
	{name: "PerhapsFargateWithoutNetwork", changes: map[string]string{
		pathEcs + ".NetworkConfiguration": "", pathEcs + ".LaunchType": valueUnknown, "Task.Properties.NetworkMode": valueUnknown,
	}},
	{name: "FargateWithPerhapsANetwork", changes: map[string]string{
		pathEcs + ".NetworkConfiguration": valueEither(`{"AwsVpcConfiguration": {"Subnets": ["subnet-1"]}}`, `{"Ref": "AWS::NoValue"}`),
	}},
	{name: "PerhapsBridgeWithNetwork", changes: map[string]string{"Task.Properties.NetworkMode": valueEither(`"bridge"`, `"awsvpc"`)}},
	{name: "BridgeWithPerhapsANetwork", changes: map[string]string{
		"Task.Properties.NetworkMode": `"bridge"`,
		pathEcs + ".NetworkConfiguration": valueEither(`{"AwsVpcConfiguration": {"Subnets": ["subnet-1"]}}`,
			`{"Ref": "AWS::NoValue"}`),
		pathScheduled + ".EcsParameters.TaskDefinitionArn": valueUnknown,
	}},

	// Buckets.
	{
		name:    "BucketWithoutEvents",
		changes: map[string]string{pathNotified: ""},
		want:    []string{"AWSC-EVENTS-006 Bucket"},
	},
	{
		name:    "BucketWithOtherNotifications",
		changes: map[string]string{pathNotified: `{"QueueConfigurations": []}`, "Emptier": customOf("Custom::S3AutoDeleteObjects")},
		want:    []string{"AWSC-EVENTS-006 Bucket"},
	},
	{
		name:    "BucketWithEventsSwitchedOff",
		changes: map[string]string{pathNotified + ".EventBridgeConfiguration.EventBridgeEnabled": `false`, pathPattern + ".detail-type": ""},
		want:    []string{"AWSC-EVENTS-006 Bucket"},
	},
	{name: "BucketNotifiedByTheCdk", changes: map[string]string{pathNotified: "", "Notifier": customOf("Custom::S3BucketNotifications")}},
	{
		name: "BucketWhoseEventsAreTakenAway",
		changes: map[string]string{"Notifier": `{"Type": "Custom::S3BucketNotifications",
			"Properties": {"ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:x",
			"BucketName": {"Ref": "Bucket"}, "Managed": true, "NotificationConfiguration": {"QueueConfigurations": []}}}`},
		want: []string{"AWSC-EVENTS-006 Notifier"},
	},
	{name: "BucketWhoseEventsAreAddedTo", changes: map[string]string{"Notifier": `{"Type": "Custom::S3BucketNotifications", "Properties": {
		"ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:x", "BucketName": {"Ref": "Bucket"}, "Managed": false,
			"NotificationConfiguration": {"QueueConfigurations": []}}}`}},
	{name: "BucketWhoseEventsAreSetAgain",
		changes: map[string]string{pathNotified: "", "Notifier": `{"Type": "Custom::S3BucketNotifications", "Properties": {
		"ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:x", "BucketName": {"Ref": "Bucket"}, "Managed": true,
			"NotificationConfiguration": {"EventBridgeConfiguration": {}}}}`}},
	{name: "BucketNotifiedBySomebody", changes: map[string]string{pathNotified: "",
		"Notifier": customOf("AWS::CloudFormation::CustomResource")}},
	{name: "BucketWithConditionalEvents", changes: map[string]string{pathNotified: valueEither(`{"EventBridgeConfiguration": `+
		`{"EventBridgeEnabled": true}}`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "BucketWithUnknownEvents", changes: map[string]string{pathNotified + ".EventBridgeConfiguration.EventBridgeEnabled": valueUnknown}},
	{name: "BucketOfAnotherTemplate", changes: map[string]string{pathNotified: "",
		pathPattern + ".detail.bucket.name": `["ours", {"Ref": "Param"}]`}},
	{name: "BucketWatchedByCloudTrail", changes: map[string]string{
		pathNotified: "", pathPattern: `{"source": ["aws.s3"], "detail-type": ["AWS API Call via CloudTrail"], "detail": ` +
			`{"requestParameters": {"bucketName": [{"Ref": "Bucket"}]}}}`,
	}},
	{name: "BucketInAPatternForAnotherSource", changes: map[string]string{pathNotified: "", pathPattern + ".source": `["aws.s3", "ours"]`}},
	{name: "BucketInAPatternForAnUnknownSource", changes: map[string]string{pathNotified: "", pathPattern + ".source": `[{"Ref": "Param"}]`}},
	{
		name:    "BucketForAnotherStack",
		changes: map[string]string{pathNotified: ""},
		outside: output(`{"Ref": "Bucket"}`),
	},

	// Fields.
	{
		name:    "FieldInLowerCase",
		changes: map[string]string{pathAlert + ".detail.stoppedreason": `["x"]`},
		want:    []string{"AWSC-EVENTS-007 Alert"},
	},
	{
		name:    "FieldOfAnotherEvent",
		changes: map[string]string{pathPattern + ".detail.bucketName": `["x"]`},
		want:    []string{"AWSC-EVENTS-007 Rule"},
	},
	{
		name:    "FieldOfABucketThatItLacks",
		changes: map[string]string{pathPattern + ".detail.bucket.arn": `["x"]`},
		want:    []string{"AWSC-EVENTS-007 Rule"},
	},
	{
		name:    "FieldOfAnObjectByAnotherName",
		changes: map[string]string{pathPattern + ".detail.object.eTag": `[{"prefix": "x"}]`},
		want:    []string{"AWSC-EVENTS-007 Rule"},
	},
	{
		name: "FieldOfAContainerThatItLacks",
		changes: map[string]string{pathAlert +
			".detail.containers": `{"exit-code": [1], "networkInterfaces": {"privateIPv4Address": ["10.0.0.1"]}}`},
		want: []string{"AWSC-EVENTS-007 Alert"},
	},
	{
		name:    "FieldInABranch",
		changes: map[string]string{pathAlert + ".detail.$or": `[{"stoppedReason": ["a"]}, {"$or": [{"exitCode": [1]}, {"startedBy": ["b"]}]}]`},
		want:    []string{"AWSC-EVENTS-007 Alert"},
	},
	{
		name:    "FieldAtTheTop",
		changes: map[string]string{pathPattern: `{"source": ["ours"], "detailType": ["x"]}`},
		want:    []string{"AWSC-EVENTS-007 Rule"},
	},
	{
		name:    "FieldAtTheTopInABranch",
		changes: map[string]string{pathPattern: `{"$or": [{"source": ["ours"]}, {"lastStatus": ["STOPPED"]}]}`},
		want:    []string{"AWSC-EVENTS-007 Rule"},
	},
	{
		name: "FieldOfAServiceEvent",
		changes: map[string]string{pathAlert + ".detail-type": `["ECS Deployment State Change", "ECS Service Action"]`,
			pathAlert + ".detail": `{"eventName": ["SERVICE_DEPLOYMENT_FAILED"], "event": ["x"]}`},
		want: []string{"AWSC-EVENTS-007 Alert"},
	},
	{
		name: "FieldOfAnInstanceEvent",
		changes: map[string]string{pathAlert + ".detail-type": `["ECS Container Instance State Change"]`,
			pathAlert + ".detail": `{"agentConnected": [false], "versionInfo": {"agent": ["1"]}}`},
		want: []string{"AWSC-EVENTS-007 Alert"},
	},
	{name: "FieldsOfTasks", changes: map[string]string{pathAlert +
		".detail": `{"clusterArn": ["a"], "group": [{"prefix": "service:"}], "stopCode": ["b"], "stoppingAt": [{"exists": true}],
		"executionStoppedAt": [{"exists": true}], "availabilityZone": ["c"], "ephemeralStorage": {"sizeInGiB": [20]},
			"overrides": {"containerOverrides": {"name": ["d"], "environment": {"name": ["e"]}}},
		"attachments": {"status": ["f"], "details": {"name": ["g"], "value": ["h"]}}, "containers": {"exitCode": [1],
			"managedAgents": {"lastStatus": ["STOPPED"]}, "networkInterfaces": {"privateIpv4Address": ["i"]}}}`}},
	{name: "FieldsOfObjects", changes: map[string]string{
		pathPattern + ".detail-type": `["Object Created", "Object Deleted"]`, pathPattern + ".detail.reason": `["PutObject"]`,
		pathPattern + ".detail.requester":         `["x"]`,
		pathPattern + ".detail.source-ip-address": `[{"cidr": "10.0.0.0/8"}]`, pathPattern + ".detail.object.version-id": `["x"]`,
		pathPattern + ".detail.deletion-type": `["x"]`,
	}},
	{name: "FieldsAtTheTop", changes: map[string]string{pathPattern: `{"source": ["ours"], "detail-type": ["x"], "account": ["a"],
		"region": ["b"], "resources": ["c"], "id": ["d"],
		"time": ["e"], "version": ["0"], "replay-name": [{"exists": false}], "detail": {"whatever": ["f"], "detail": {"source": ["g"]}}}`}},
	{name: "PatternWithoutDetail", changes: map[string]string{pathPattern + ".detail": ""}},
	{name: "PatternOfOddForm", changes: map[string]string{pathPattern + ".detail": `["x"]`,
		pathAlert: `{"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {"$or": "x"}}`}},
	{name: "PatternOfOddObjects", changes: map[string]string{pathPattern + ".detail.object": `["x"]`,
		pathAlert: `"{\"source\": [\"aws.ecs\"]}"`}},
	{name: "FieldByAPath", changes: map[string]string{pathPattern: `{"source": ["ours"], "detail.state": ["x"]}`}},
	{name: "FieldThatIsToBeMissing", changes: map[string]string{pathAlert + ".detail.stoppedreason": `[{"exists": false}]`}},
	{name: "FieldOfAnUnknownSource", changes: map[string]string{pathAlert + ".source": `["aws.batch"]`,
		pathAlert + ".detail.jobName": `["x"]`}},
	{name: "FieldOfTwoSources", changes: map[string]string{pathAlert + ".source": `["aws.ecs", "ours"]`,
		pathAlert + ".detail.jobName": `["x"]`}},
	{name: "FieldOfAnUnknownType", changes: map[string]string{pathAlert +
		".detail-type": `["ECS Task State Change", "ECS Hook State Change"]`, pathAlert + ".detail.hook": `["x"]`}},
	{name: "FieldOfAnyType", changes: map[string]string{pathAlert + ".detail-type": "", pathAlert + ".detail.hook": `["x"]`}},
	{name: "FieldOfATypeByPrefix", changes: map[string]string{pathAlert + ".detail-type": `[{"prefix": "ECS"}]`,
		pathAlert + ".detail.hook": `["x"]`}},
	{name: "FieldOfAGuessedType", changes: map[string]string{pathAlert + ".detail-type": `["ECS Task State Change", {"Ref": "Defaulted"}]`,
		pathAlert + ".detail.hook": `["x"]`}},
	{name: "FieldsConditional", changes: map[string]string{pathAlert + ".detail": valueEither(`{"stopcode": ["x"]}`, `{"stopCode": ["x"]}`)}},
	{name: "PatternConditional", changes: map[string]string{pathAlert: valueEither(`{"detailType": ["x"]}`, `{"source": ["x"]}`)}},

	// Loops.
	{
		name:    "LoopOverOnePrefix",
		changes: map[string]string{pathWritten: under("/incoming/*")},
		want:    []string{"AWSC-EVENTS-008 Rule"},
	},
	{
		name:    "LoopOverAPrefixBelow",
		changes: map[string]string{pathWritten: `{"Fn::Sub": "${Bucket.Arn}/incoming/done/*"}`},
		want:    []string{"AWSC-EVENTS-008 Rule"},
	},
	{
		name: "LoopOverTheBucket",
		changes: map[string]string{pathPattern + ".detail.object": "", pathPattern + ".detail-type": "",
			pathWritten: `[{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::Sub": "arn:${AWS::Partition}:s3:::${Bucket}/*"}]`},
		want: []string{"AWSC-EVENTS-008 Rule"},
	},
	{
		name: "LoopByAPolicyOfTheRole",
		changes: map[string]string{
			"TaskPolicy": "", pathPattern + ".detail.object.key": `[{"suffix": ".csv"}, {"prefix": "in"}]`,
			"TaskRole.Properties.Policies": `[{"PolicyName": "x", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:*", ` +
				`"Resource": ` + under("/incoming/*") + `}}}]`,
		},
		want: []string{"AWSC-EVENTS-008 Rule"},
	},
	// Only a warning.
	{
		name:    "LoopPerhapsOverAPrefixOfThePrefix",
		changes: map[string]string{pathWritten: under("/*"), pathWrites + ".Action": `"s3:PutObject*"`},
		want:    []string{"AWSC-EVENTS-008 Rule"},
	},
	{name: "LoopOverAnotherBucket", changes: map[string]string{"Results": `{"Type": "AWS::S3::Bucket", "Properties": {}}`,
		pathWritten: `{"Fn::Sub": "${Results.Arn}/*"}`}},
	{name: "LoopOverAnUnknownPrefix", changes: map[string]string{pathWritten: `{"Fn::Sub": "${Bucket.Arn}/${Param}/*"}`}},
	{name: "LoopOverAGuessedPrefix", changes: map[string]string{pathWritten: `{"Fn::Sub": "${Bucket.Arn}/${Defaulted}/*"}`,
		pathPattern + ".detail.object": ""}},
	{name: "LoopOverAPrefixOfTheRegion", changes: map[string]string{pathWritten: `{"Fn::Sub": "${Bucket.Arn}/${AWS::Region}/*"}`,
		pathPattern + ".detail.object.key.0.prefix": `"us-east-1/"`}},
	{name: "LoopOverAPatternOfKeys", changes: map[string]string{pathWritten: under("/*/results/*")}},
	{name: "LoopOverAllBuckets", changes: map[string]string{pathWritten: `"*"`}},
	{
		name:    "LoopPerhapsOverAPrefixAndASuffix",
		changes: map[string]string{pathWritten: under("/incoming/*"), pathPattern + ".detail.object.key": `[{"wildcard": "incoming/*.csv"}]`},
		want:    []string{"AWSC-EVENTS-008 Rule"},
	},
	{name: "NoLoopOverAPrefixAndASuffix", changes: map[string]string{pathWritten: under("/results/*"),
		pathPattern + ".detail.object.key": `[{"wildcard": "incoming/*.csv"}]`}},
	{name: "LoopOverASuffix", changes: map[string]string{pathWritten: under("/*"),
		pathPattern + ".detail.object.key": `[{"suffix": ".csv"}]`}},
	{name: "LoopOverAnUnknownKey", changes: map[string]string{pathWritten: under("/*"),
		pathPattern + ".detail.object.key": `[{"prefix": {"Ref": "Param"}}]`}},
	{name: "LoopOverAGuessedKey", changes: map[string]string{pathWritten: under("/*"),
		pathPattern + ".detail.object.key": `[{"prefix": {"Ref": "Defaulted"}}]`}},
	{name: "LoopOverOtherRequesters", changes: map[string]string{pathWritten: under("/*"),
		pathPattern + ".detail.requester": `[{"anything-but": "x"}]`}},
	{name: "LoopOverLargeObjects", changes: map[string]string{pathWritten: under("/incoming/*"),
		pathPattern + ".detail.object.size": `[{"numeric": [">", 1]}]`}},
	{name: "LoopOverDeletedObjects", changes: map[string]string{pathWritten: under("/incoming/*"),
		pathPattern + ".detail-type": `["Object Deleted"]`}},
	{name: "LoopSwitchedOff", changes: map[string]string{pathWritten: under("/incoming/*"), "Rule.Properties.State": `"DISABLED"`}},
	{name: "LoopByACondition", changes: map[string]string{pathWritten: under("/incoming/*"),
		pathWrites + ".Condition": `{"StringEquals": {"s3:x-amz-acl": "private"}}`}},
	{name: "LoopByAPolicyUnderACondition",
		changes: map[string]string{pathWritten: under("/incoming/*"), "TaskPolicy.Condition": `"Condition"`}},
	{name: "LoopThatIsDenied", changes: map[string]string{
		pathWritten: under("/*"), "TaskPolicy.Properties.PolicyDocument.Statement.0": `{"Effect": "Deny", "Action": "s3:Put*", "Resource": ` +
			under("/incoming/*") + `}`,
	}},
	{name: "LoopWithinBounds", changes: map[string]string{pathWritten: under("/incoming/*"),
		"TaskRole.Properties.PermissionsBoundary": `"arn:aws:iam::111122223333:policy/bounds"`}},
	{name: "LoopOfReading", changes: map[string]string{pathWritten: under("/*"),
		pathWrites + ".Action": `["s3:GetObject", "s3:PutObjectTagging"]`}},
	{name: "LoopWithAnotherRole", changes: map[string]string{
		pathWritten: under("/incoming/*"), pathTarget + ".InputTransformer": "", pathTarget + ".Input": `"{\"taskRoleArn\": \"arn:x\"}"`,
	}},

	// Topics.
	{
		name:    "TopicWithAManagedKey",
		changes: map[string]string{pathKey: `"alias/aws/sns"`},
		want:    []string{"AWSC-EVENTS-009 Topic"},
	},
	{
		name:    "TopicAndQueueWithAKeyForAlarms",
		changes: map[string]string{pathEventsKey + ".Principal.Service": `"cloudwatch.amazonaws.com"`},
		want:    []string{"AWSC-EVENTS-009 Topic", "AWSC-EVENTS-012 Queue"},
	},
	{
		name:    "TopicAndQueueWithAKeyForDecryptOnly",
		changes: map[string]string{pathEventsKey + ".Action": `"kms:Decrypt"`},
		want:    []string{"AWSC-EVENTS-009 Topic", "AWSC-EVENTS-012 Queue"},
	},
	{name: "TopicWithAKeyForAll", changes: map[string]string{pathEventsKey + ".Action": `"kms:*"`,
		pathEventsKey + ".Principal.Service": `["sns.amazonaws.com", "events.amazonaws.com"]`}},
	{name: "TopicWithAKeyForUnknown", changes: map[string]string{pathEventsKey + ".Principal.Service": valueUnknown}},
	{name: "TopicWithAnUnknownKey", changes: map[string]string{pathKey: valueUnknown}},
	{name: "TopicWithAnImportedKey", changes: map[string]string{pathKey: `"alias/ours"`}},
	{name: "TopicWithoutKey", changes: map[string]string{pathKey: ""}},
	{name: "TopicByARole", changes: map[string]string{pathKey: `"alias/aws/sns"`, "TopicPolicy": "",
		"Alert.Properties.Targets.0.RoleArn": `"arn:aws:iam::111122223333:role/publisher"`}},
	{
		name:    "TopicWithoutPolicy",
		changes: map[string]string{"TopicPolicy": ""},
		want:    []string{"AWSC-EVENTS-010 Topic"},
	},
	{
		name:    "TopicForAlarms",
		changes: map[string]string{pathTopicGrant + ".Principal.Service": `"cloudwatch.amazonaws.com"`},
		want:    []string{"AWSC-EVENTS-010 Topic"},
	},
	{
		name: "TopicWithAPolicyForAnother",
		changes: map[string]string{"Second": `{"Type": "AWS::SNS::Topic", "Properties": {}}`,
			"TopicPolicy.Properties.Topics": `[{"Ref": "Second"}]`},
		want: []string{"AWSC-EVENTS-010 Topic"},
	},
	{name: "TopicForEverybody", changes: map[string]string{pathTopicGrant + ".Principal": `"*"`}},
	{name: "TopicForTheAccount", changes: map[string]string{pathTopicGrant +
		".Principal": `{"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}`}},
	{name: "TopicForUnknown", changes: map[string]string{pathTopicGrant + ".Principal.Service": valueUnknown}},
	{name: "TopicWithAnInlinePolicy", changes: map[string]string{"TopicPolicy.Type": `"AWS::SNS::TopicInlinePolicy"`,
		"TopicPolicy.Properties.Topics": "", "TopicPolicy.Properties.TopicArn": `{"Ref": "Topic"}`}},
	{name: "TopicWithAPolicyForUnknown", changes: map[string]string{"TopicPolicy.Properties.Topics": valueUnknown}},
	{name: "TopicWithAPolicyForItsName", changes: map[string]string{"Topic.Properties.TopicName": `"alerts"`,
		"TopicPolicy.Properties.Topics": `[{"Fn::Sub": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:alerts"}]`}},
	{name: "TopicByACustomResource", changes: map[string]string{"TopicPolicy": "",
		"Opener": `{"Type": "Custom::Opener", "Properties": {"ServiceToken": "arn", "Topic": {"Ref": "Topic"}}}`}},
	{name: "TopicConditional", changes: map[string]string{"TopicPolicy": "",
		"Alert.Properties.Targets.0.Arn": valueEither(`{"Ref": "Topic"}`, `"arn:x"`)}},

	// Dead-letter queues.
	{
		name:    "QueueWithoutPolicy",
		changes: map[string]string{"QueuePolicy": ""},
		want:    []string{"AWSC-EVENTS-011 Queue"},
	},
	{
		name:    "QueueForTheAccount",
		changes: map[string]string{pathQueuePolicy + ".Principal": `{"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}`},
		want:    []string{"AWSC-EVENTS-011 Queue"},
	},
	{
		name:    "QueueToRead",
		changes: map[string]string{pathQueuePolicy + ".Action": `["sqs:ReceiveMessage"]`},
		want:    []string{"AWSC-EVENTS-011 Queue"},
	},
	{
		name:    "QueueOfAScheduleThatItsRoleMayNotUse",
		changes: map[string]string{"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.2.Resource": `{"Fn::GetAtt": ["Queue", "Arn"]}`},
		want:    []string{"AWSC-EVENTS-011 ScheduleRole"},
	},
	{
		name: "QueueOfAScheduleByAnotherName",
		changes: map[string]string{
			"Missed.Properties.QueueName":                                            `"missed"`,
			"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.2.Resource": `"arn:aws:sqs:eu-west-1:111122223333:miss"`,
		},
		want: []string{"AWSC-EVENTS-011 ScheduleRole"},
	},
	{name: "QueueOfAScheduleByItsName", changes: map[string]string{
		"Missed.Properties.QueueName": `"missed"`,
		"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.2.Resource": `{"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:` +
			`missed"}`,
	}},
	{name: "QueueOfAScheduleByANameOfTheRegion", changes: map[string]string{
		"Missed.Properties.QueueName":                                            `"missed-eu-west-1"`,
		"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.2.Resource": `{"Fn::Sub": "arn:aws:sqs:*:*:missed-${AWS::Region}"}`,
	}},
	{name: "QueueOfAScheduleByAnyName", changes: map[string]string{
		"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.2.Resource": `"arn:aws:sqs:eu-west-1:` +
			`111122223333:missed"`}},
	{name: "QueueOfAScheduleWithAPolicyForItsRole", changes: map[string]string{
		"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.2.Action": `"sqs:ReceiveMessage"`,
		"MissedPolicy": `{"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Missed"}], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Principal": {"AWS": {"Fn::GetAtt": ["ScheduleRole", "Arn"]}}, "Action": "sqs:SendMessage", "Resource": "*"}]}}}`,
	}},
	{
		name: "QueueOfAScheduleWithAPolicyThatDenies",
		changes: map[string]string{
			"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.2.Action": `"sqs:ReceiveMessage"`,
			"MissedPolicy": `{"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Missed"}], "PolicyDocument": {"Statement": [
				{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}}`,
		},
		want: []string{"AWSC-EVENTS-011 ScheduleRole"},
	},
	{name: "QueueForEverybody", changes: map[string]string{pathQueuePolicy + ".Principal": `{"AWS": "*"}`}},
	{name: "QueueForAll", changes: map[string]string{pathQueuePolicy + ".Action": `"sqs:*"`}},
	{name: "QueueForUnknown", changes: map[string]string{pathQueuePolicy + ".Principal.Service": valueUnknown}},
	{name: "QueueWithAPolicyForUnknown", changes: map[string]string{"QueuePolicy.Properties.Queues": `[{"Ref": "Param"}]`}},
	{name: "QueueWithAnInlinePolicy", changes: map[string]string{"QueuePolicy.Type": `"AWS::SQS::QueueInlinePolicy"`,
		"QueuePolicy.Properties.Queues": "", "QueuePolicy.Properties.Queue": `{"Ref": "Queue"}`}},
	{name: "QueueImported", changes: map[string]string{"QueuePolicy": "",
		pathTarget + ".DeadLetterConfig.Arn": `"arn:aws:sqs:eu-west-1:111122223333:queue"`}},
	{
		name:    "QueueForAnotherStack",
		changes: map[string]string{"QueuePolicy": ""},
		outside: output(`{"Ref": "Queue"}`),
	},
	{
		name:    "QueueWithAManagedKey",
		changes: map[string]string{"Queue.Properties.KmsMasterKeyId": `"alias/aws/sqs"`},
		want:    []string{"AWSC-EVENTS-012 Queue"},
	},
	{name: "QueueWithAnUnknownKey", changes: map[string]string{"Queue.Properties.KmsMasterKeyId": valueUnknown}},
	{name: "QueueWithoutKey", changes: map[string]string{"Queue.Properties.KmsMasterKeyId": ""}},
	{name: "QueueOfAScheduleWithAManagedKey", changes: map[string]string{"Missed.Properties.KmsMasterKeyId": `"alias/aws/sqs"`}},

	// Who assumes the roles with which tasks are started, and others.
	{name: "RoleOfAPipe", changes: map[string]string{"Pipe": pipe(`"RuleRole"`)}, want: []string{"AWSC-EVENTS-002 RuleRole"}},
	{name: "RoleOfAPipeThatRunsNone", changes: map[string]string{
		"Pipe":     pipe(`"PipeRole"`),
		"PipeRole": `{"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ` + trusts("pipes") + `}}`,
	}, want: []string{"AWSC-EVENTS-003 PipeRole", "AWSC-EVENTS-004 PipeRole"}},
	{name: "RoleOfAStateMachine", changes: map[string]string{
		"Machine": stateMachine(`"RuleRole"`),
	}, want: []string{"AWSC-EVENTS-002 RuleRole"}},
	{name: "RoleOfAStateMachineThatRunsNone", changes: map[string]string{
		"Machine":     stateMachine(`"MachineRole"`),
		"MachineRole": `{"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ` + trusts("states") + `}}`,
	}, want: []string{"AWSC-EVENTS-003 MachineRole", "AWSC-EVENTS-004 MachineRole"}},
	{name: "RoleOfAStateMachineByAVariable", changes: map[string]string{
		"Machine": strings.ReplaceAll(stateMachine(`"RuleRole"`), `"]]}}}`, `"]]}, "DefinitionSubstitutions": {"Family": {"Ref": "Task"}}}}`),
		"Machine.Properties.DefinitionString.Fn::Join.1.3": `"${Family}"`,
	}, want: []string{"AWSC-EVENTS-002 RuleRole"}},
	{name: "StateMachineThatRunsWithAnotherRole", changes: map[string]string{
		"Machine": stateMachine(`"RuleRole"`),
		"Machine.Properties.DefinitionString.Fn::Join.1.0": `"{\"States\": {\"Run\": {\"Credentials\": {\"RoleArn\": \"arn\"}, ` +
			`\"Resource\": \"arn:"`,
	}, want: []string{"AWSC-ROLE-001 RuleRole"}},
	{name: "RoleByTheTextOfItsArn", changes: map[string]string{
		pathScheduled + ".RoleArn": `{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${RuleRole}"}`,
	}, want: []string{"AWSC-EVENTS-002 RuleRole", "AWSC-EVENTS-011 RuleRole"}},
	{
		name:    "RoleThatPassesAnotherByTheTextOfItsArn",
		changes: map[string]string{pathPass: `{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${TaskRole}"}`},
		want:    []string{"AWSC-EVENTS-004 RuleRole"},
	},
	{name: "RoleByAVariableThatMayMeanAnother", changes: map[string]string{
		pathTarget + ".RoleArn": `{"Fn::Sub": ["${ScheduleRole}", {"ScheduleRole": {"Fn::If": ["Condition", {"Fn::GetAtt": ` +
			`["ScheduleRole", "Arn"]}, {"Fn::GetAtt": ["RuleRole", "Arn"]}]}}]}`,
	}},
	{name: "StateMachineOfTwoDefinitions", changes: map[string]string{
		"Machine": stateMachine(`"RuleRole"`), "Machine.Properties.Definition": `{"States": {}}`,
	}, want: []string{"AWSC-ROLE-001 RuleRole"}},
	{name: "StateMachineOfTwoTasksOfAFamily", changes: map[string]string{
		"Machine": stateMachine(`"RuleRole"`), "Other": otherTask, "Another": otherTask,
		"Machine.Properties.DefinitionString": `"{\"States\": {\"Run\": {\"Resource\": \"arn:aws:states:::ecs:runTask\", ` +
			`\"Parameters\": {\"TaskDefinition\": \"export\"}}}}"`,
	}, want: []string{"AWSC-ROLE-001 RuleRole"}},
	{name: "StateMachineOfWhatIsNoState", changes: map[string]string{
		"Machine": stateMachine(`"RuleRole"`), "Machine.Properties.Definition": `{"States": "none"}`,
	}, want: []string{"AWSC-ROLE-001 RuleRole"}},
	{name: "RoleOfAScheduleForAStateMachine", changes: map[string]string{
		"Daily": `{"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 day)",
			"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "arn:aws:states:eu-west-1:111122223333:stateMachine:x",
				"RoleArn": {"Fn::GetAtt": ["RuleRole", "Arn"]}}}}`,
	}, want: []string{"AWSC-ROLE-001 RuleRole"}},
	{name: "RoleOfARuleForAStateMachine", changes: map[string]string{
		"Daily": `{"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [{"Id": "a",
			"Arn": "arn:aws:states:eu-west-1:111122223333:stateMachine:x", "RoleArn": {"Fn::GetAtt": ["ScheduleRole", "Arn"]}}]}}`,
	}, want: []string{"AWSC-ROLE-001 ScheduleRole"}},

	// Which containers' settings are changed.
	{
		name: "OverrideOfNoContainer",
		changes: map[string]string{
			pathTarget + ".InputTransformer.InputTemplate": `"{\"containerOverrides\": [{\"name\": \"app\", \"command\": [<key>]}]}"`,
		},
		want: []string{"AWSC-EVENTS-013 Rule"},
	},
	{
		name:    "ScheduledOverrideOfNoContainer",
		changes: map[string]string{pathScheduled + ".Input": `"{\"containerOverrides\": [{\"name\": \"import\"}, {\"name\": \"app\"}]}"`},
		want:    []string{"AWSC-EVENTS-013 Schedule"},
	},
	{
		name: "OverrideInATextWithReferences",
		changes: map[string]string{pathScheduled + ".Input": `{"Fn::Sub": "{\"containerOverrides\": [{\"name\": \"app\", \"command\": ` +
			`[\"${Bucket}\"]}]}"}`},
		want: []string{"AWSC-EVENTS-013 Schedule"},
	},
	{name: "OverrideOfAnUnknownContainer", changes: map[string]string{
		pathScheduled + ".Input": `{"Fn::Sub": "{\"containerOverrides\": [{\"name\": \"${Param}\"}]}"}`}},
	{name: "OverrideOfAContainerThatTheEventNames", changes: map[string]string{
		pathTarget + ".InputTransformer.InputTemplate": `"{\"containerOverrides\": [{\"name\": \"<key>\"}, {\"name\": \"a<key>\"}]}"`}},
	{name: "OverrideOfAGuessedContainer", changes: map[string]string{
		pathScheduled + ".Input": `{"Fn::Sub": "{\"containerOverrides\": [{\"name\": \"${AWS::StackName}-web\"}]}"}`}},
	{name: "OverrideOfAContainerThatAMacroMayAdd", changes: map[string]string{
		pathScheduled + ".Input": `"{\"containerOverrides\": [{\"name\": \"app\"}]}"`}, outside: macro("Sidecars")},
	{name: "OverrideOfNone", changes: map[string]string{pathScheduled + ".Input": `"{\"cpu\": \"512\"}"`}},
	{name: "OverrideOfAnUnknownTask", changes: map[string]string{
		pathScheduled + ".Input":                                                 `"{\"containerOverrides\": [{\"name\": \"app\"}]}"`,
		pathScheduled + ".EcsParameters.TaskDefinitionArn":                       `"arn:aws:ecs:eu-west-1:111122223333:task-definition/other:1"`,
		"ScheduleRole.Properties.Policies.0.PolicyDocument.Statement.0.Resource": `"*"`,
	}},

	// Fields beside alternatives and within them.
	{
		name: "PatternWithAFieldBesideOr",
		changes: map[string]string{
			pathAlert: `{"source": ["aws.ecs"], "detail": {"group": ["a"], "$or": [{"group": ["b"]}, {"lastStatus": ["STOPPED"]}]}}`,
		},
		want: []string{"AWSC-EVENTS-014 Alert"},
	},
	{
		name: "PatternWithAFieldOfAnObjectBesideOr",
		changes: map[string]string{pathAlert: `{"source": ["aws.ecs"], "detail": {"group": ["a"]},
			"$or": [{"detail": {"lastStatus": ["STOPPED"]}}, {"detail": {"group": [{"prefix": "b"}]}}]}`},
		want: []string{"AWSC-EVENTS-014 Alert"},
	},
	{
		name: "PatternWithAFieldBesideAnOrWithinAnOr",
		changes: map[string]string{pathAlert: `{"source": ["aws.ecs"], "$or": [{"account": ["1"]},
			{"region": ["eu-west-1"], "$or": [{"region": ["us-east-1"]}, {"account": ["2"]}]}]}`},
		want: []string{"AWSC-EVENTS-014 Alert"},
	},
	{name: "PatternWithAFieldInEachBranch", changes: map[string]string{
		pathAlert: `{"source": ["aws.ecs"], "detail": {"lastStatus": ["STOPPED"], "containers": {"name": ["a"]}, "$or": [{"group": ["b"],
			"containers": {"exitCode": [{"anything-but": [0]}]}}, {"group": ["c"]}]}}`,
	}},
	{name: "PatternWithAnUnknownOr", changes: map[string]string{
		pathAlert: `{"source": ["aws.ecs"], "detail": {"group": ["a"], "$or": {"Ref": "Param"}}}`,
	}},
	{name: "PatternUnknown", changes: map[string]string{pathAlert: valueUnknown}},
}

const otherTask = `{"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "export", "ContainerDefinitions": []}}`

// taskArn is the ARN of a task definition in the stack's account and Region.
func taskArn(name string) string {
	return `{"Fn::Sub": "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/` + name + `"}`
}

// under is the ARN of keys in the bucket, as the CDK writes it.
func under(keys string) string {
	return `{"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "` + keys + `"]]}`
}

// customOf is a custom resource for the bucket.
func customOf(kind string) string {
	return strings.ReplaceAll(`{"Type": "KIND", "Properties": {"ServiceToken": "arn", "BucketName": {"Ref": "Bucket"}}}`, "KIND", kind)
}

// trusts is a trust policy for one service.
func trusts(service string) string {
	return `{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "` + service + `.amazonaws.com"}}]}`
}

// pipe starts the task from a queue.
func pipe(role string) string {
	return `{"Type": "AWS::Pipes::Pipe", "Properties": {"RoleArn": {"Fn::GetAtt": [` + role + `, "Arn"]},
		"Source": {"Fn::GetAtt": ["Queue", "Arn"]}, "Target": {"Fn::GetAtt": ["Cluster", "Arn"]}, "TargetParameters": {"EcsTaskParameters": {
			"TaskDefinitionArn": {"Ref": "Task"}, "LaunchType": "FARGATE",
			"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}}}}}}`
}

// stateMachine starts the task by its definition's text.
func stateMachine(role string) string {
	return `{"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": {"Fn::GetAtt": [` + role + `, "Arn"]},
		"DefinitionString": {"Fn::Join": ["", ["{\"StartAt\": \"Run\", \"States\": {\"Run\": {\"Type\": \"Task\", ` +
		`\"End\": true, \"Resource\": \"arn:", {"Ref": "AWS::Partition"}, ":states:::ecs:runTask.sync\", ` +
		`\"Parameters\": {\"TaskDefinition\": \"", {"Ref": "Task"}, "\"}}}}"]]}}}`
}
