package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3notifications"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

func newRun(stack awscdk.Stack) *ecs.Run {
	return ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: newCluster(stack), Task: newTask(stack)})
}

func newBucket(stack awscdk.Stack) awss3.Bucket {
	return awss3.NewBucket(stack, jsii.String("Bucket"), nil)
}

func TestTaskRuleForObjects(t *testing.T) {
	stack := cdktest.Stack(t)
	events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{Run: newRun(stack), S3: &events.S3Objects{Bucket: newBucket(stack)}})
	tpl := cdktest.Synth(t, stack)

	bucket := tpl.Only("AWS::S3::Bucket")
	assert.Equal(
		t, true, bucket.Get("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"),
		"the bucket keeps its events to itself",
	)
	assert.Empty(t, tpl.All("AWS::Lambda::Function"))
	rule := tpl.Only("AWS::Events::Rule")
	assert.Nil(t, rule.Get("EventBusName"), "S3 sends to the default bus")
	assert.Equal(t, "ENABLED", rule.Get("State"))
	assert.Same(t, tpl.Only("AWS::ECS::Cluster"), rule.Ref("Targets.0.Arn"))
	assert.Same(t, tpl.At("AWS::IAM::Role", "/Rule/"), rule.Ref("Targets.0.RoleArn"))
	assert.Same(t, tpl.Only("AWS::ECS::TaskDefinition"), rule.Ref("Targets.0.EcsParameters.TaskDefinitionArn"))
	parameters := rule.Get("Targets.0.EcsParameters").(map[string]any)
	delete(parameters, "TaskDefinitionArn")
	group := tpl.Only("AWS::EC2::SecurityGroup")
	assert.Equal(t, map[string]any{
		"TaskCount": 1.0, "EnableECSManagedTags": true, "PropagateTags": "TASK_DEFINITION",
		"CapacityProviderStrategy": []any{map[string]any{"CapacityProvider": "FARGATE", "Weight": 1.0}},
		"NetworkConfiguration": map[string]any{"AwsVpcConfiguration": map[string]any{
			"AssignPublicIp": "DISABLED", "Subnets": []any{"subnet-00000000000000003", "subnet-00000000000000004"},
			"SecurityGroups": []any{map[string]any{"Fn::GetAtt": []any{group.Id, "GroupId"}}},
		}},
	}, parameters)
	assert.Nil(t, group.Get("SecurityGroupIngress"), "nobody has to reach the task")

	assert.Equal(t, map[string]any{"MaximumEventAgeInSeconds": 3600.0, "MaximumRetryAttempts": 185.0}, rule.Get("Targets.0.RetryPolicy"))
	queue := tpl.Only("AWS::SQS::Queue")
	assert.Same(t, queue, rule.Ref("Targets.0.DeadLetterConfig.Arn"))
	assert.Equal(t, true, queue.Get("SqsManagedSseEnabled"))
	assert.Equal(t, 1209600.0, queue.Get("MessageRetentionPeriod"))
	letters := tpl.Only("AWS::SQS::QueuePolicy")
	assert.Same(t, queue, letters.Ref("Queues.0"))
	statements := cdktest.List(letters.Get("PolicyDocument.Statement"))
	require.Len(t, statements, 2)
	assert.Equal(t, "Deny", cdktest.Dig(statements[0], "Effect"))
	assert.Equal(t, map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
		"Resource":  map[string]any{"Fn::GetAtt": []any{queue.Id, "Arn"}},
		"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": map[string]any{"Fn::GetAtt": []any{rule.Id, "Arn"}}}},
	}, statements[1])
	alarm := tpl.Only("AWS::CloudWatch::Alarm")
	assert.Same(t, queue, tpl.Follow(alarm.Get("Dimensions.0.Value")))
	cdktest.Has(t, alarm, map[string]any{
		"MetricName":         "ApproximateNumberOfMessagesVisible",
		"Threshold":          1.0,
		"ComparisonOperator": "GreaterThanOrEqualToThreshold",
		"TreatMissingData":   "notBreaching",
	})

	assert.Equal(t, map[string]map[string]string{"web": {"BUCKET": aBucket, "KEY": "incoming/a b+c.jpg", "SEQUENCER": "617f08299329d189"}},
		variablesFor(t, rule, objectCreated(aBucket, "incoming/a b+c.jpg")))
	p := pattern(t, rule)
	assert.True(t, cdktest.Matches(t, p, objectCreated(aBucket, "any")))
	assert.False(t, cdktest.Matches(t, p, objectCreated("another", "any")))
	deleted := objectCreated(aBucket, "any")
	deleted["detail-type"] = "Object Deleted"
	assert.False(t, cdktest.Matches(t, p, deleted))
}

// Whoever may name objects must not be able to say what the container runs.
func TestKeysWithQuotesStayKeys(t *testing.T) {
	stack := cdktest.Stack(t)
	events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{Run: newRun(stack), S3: &events.S3Objects{Bucket: newBucket(stack)}})
	rule := cdktest.Synth(t, stack).Only("AWS::Events::Rule")
	key := `x"}],"command":["sh","-c","curl evil"],"environment":[{"name":"A","value":"\`
	assert.Equal(t, key, variablesFor(t, rule, objectCreated(aBucket, key))["web"]["KEY"])
	assert.NotContains(t, cdktest.Transform(t, rule.Get("Targets.0"), objectCreated(aBucket, key)), `"command":[`)
}

func TestS3ObjectsByMeaning(t *testing.T) {
	for name, c := range map[string]struct {
		objects events.S3Objects
		yes, no []string
	}{
		"prefix": {
			events.S3Objects{KeyPrefix: "incoming/"}, []string{"incoming/", "incoming/a", "incoming/a/b.jpg"},
			[]string{"results/a", "Incoming/a", "x/incoming/a"},
		},
		"suffix": {events.S3Objects{KeySuffix: ".jpg"}, []string{"a.jpg", "x/y.jpg", ".jpg"}, []string{"a.jpeg", "a.jpg.gz", "a.JPG"}},
		"both": {events.S3Objects{KeyPrefix: "in/", KeySuffix: ".jpg"}, []string{"in/a.jpg", "in/.jpg", "in/x/y.jpg"},
			[]string{"in/a.png", "out/a.jpg", "in/a.jpg.gz", "a.jpg", "in/"}},
		"a backslash is one": {events.S3Objects{KeyPrefix: `a\b/`, KeySuffix: ".txt"}, []string{`a\b/c.txt`}, []string{"ab/c.txt", `a\\b/c.txt`}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			c.objects.Bucket = newBucket(stack)
			events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{Run: newRun(stack), S3: &c.objects})
			p := pattern(t, cdktest.Synth(t, stack).Only("AWS::Events::Rule"))
			for _, key := range c.yes {
				assert.True(t, cdktest.Matches(t, p, objectCreated(aBucket, key)), key)
			}
			for _, key := range c.no {
				assert.False(t, cdktest.Matches(t, p, objectCreated(aBucket, key)), key)
			}
		})
	}
}

const ecsArn = "arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:"

// mayStart is what a role needs to start one task in one cluster.
func mayStart(task, cluster *cdktest.Resource) []cdktest.Grant {
	return []cdktest.Grant{
		cdktest.Allow("ecs:RunTask").On(ecsArn + "task-definition/" + task.Get("Family").(string) + ":*").If(inCluster(cluster)),
		cdktest.Allow("ecs:TagResource").On(cdktest.Arn(ecsArn, "task/", cluster, "/*")).
			If(map[string]any{"StringEquals": map[string]any{"ecs:CreateAction": "RunTask"}}),
		cdktest.Allow("iam:PassRole").On(task.Ref("TaskRoleArn"), task.Ref("ExecutionRoleArn")).
			If(map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}),
	}
}

func inCluster(cluster *cdktest.Resource) map[string]any {
	return map[string]any{"ArnEquals": map[string]any{"ecs:cluster": cluster}}
}

// assumedBy is what cdktest.AssumedBy says of a role that a service may assume for some resources of the account.
func assumedBy(service, resources string) []string {
	name, _, _ := strings.Cut(service, ".")
	return []string{service + ` if {"ArnLike":{"aws:SourceArn":"arn:<AWS::Partition>:` + name + `:<AWS::Region>:<AWS::AccountId>:` +
		resources +
		`"},"StringEquals":{"aws:SourceAccount":"<AWS::AccountId>"}}`}
}

func TestRolesOfATaskRule(t *testing.T) {
	stack := cdktest.Stack(t)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), &awss3.BucketProps{EncryptionKey: awskms.NewKey(stack, jsii.String("Key"), nil)})
	events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{
		Run: newRun(stack), S3: &events.S3Objects{Bucket: bucket, KeyPrefix: "incoming/", OutputPrefix: "results/"},
	})
	tpl := cdktest.Synth(t, stack)
	task := tpl.Only("AWS::ECS::TaskDefinition")
	starter := tpl.Only("AWS::Events::Rule").Ref("Targets.0.RoleArn")
	cdktest.MayExactly(t, starter, mayStart(task, tpl.Only("AWS::ECS::Cluster"))...)
	assert.Equal(t, assumedBy("events.amazonaws.com", "rule/*"), cdktest.AssumedBy(t, starter), "rules of other accounts could take the role")

	objects := tpl.Only("AWS::S3::Bucket")
	cdktest.MayExactly(t, task.Ref("TaskRoleArn"), // read what starts it, write its results
		cdktest.Allow("s3:GetObject").On(cdktest.Arn(objects, "/incoming/*")),
		cdktest.Allow("s3:PutObject").On(cdktest.Arn(objects, "/results/*")),
		cdktest.Allow("kms:Decrypt", "kms:GenerateDataKey").On(tpl.Only("AWS::KMS::Key")),
	)
}

// Before the first start, all is there that a task needs; backwards, nothing is taken from tasks as long as new ones may start.
func TestWhatStartsTasksWaitsForWhatTheyNeed(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Volumes: []ecs.Volume{{Name: "files", Efs: &ecs.EfsVolume{FileSystem: files}}},
		Containers: []ecs.Container{{
			Name: "job", Image: registry.FromRegistry(publicImage),
			MountPoints: []ecs.MountPoint{{SourceVolume: "files", ContainerPath: "/files"}},
		}},
	})
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}), Task: task})
	events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{Run: run, Pattern: events.Pattern{Source: []any{"shop"}}})
	events.NewSchedule(stack, "Schedule", &events.ScheduleProps{Run: run, ScheduleExpression: "rate(1 hour)"})
	tpl := cdktest.Synth(t, stack)
	door := tpl.Only("AWS::EC2::SecurityGroupIngress")
	assert.Same(t, tpl.At("AWS::EC2::SecurityGroup", "/Run/"), door.Ref("SourceSecurityGroupId"), "the task cannot reach its files")
	for path, starter := range map[string]*cdktest.Resource{
		"/Rule/": tpl.Only("AWS::Events::Rule"), "/Schedule/": tpl.Only("AWS::Scheduler::Schedule"),
	} {
		before := []*cdktest.Resource{door, tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations"), tpl.At("AWS::IAM::Policy", "/TaskRole/"),
			tpl.At("AWS::IAM::Policy", "/ExecutionRole/"), tpl.At("AWS::IAM::Policy", path)}
		before = append(before, tpl.All("AWS::EFS::MountTarget")...)
		for _, subnet := range subnets(tpl, "Private") {
			before = append(before, defaultRoute(t, tpl, subnet))
		}
		for _, r := range before {
			assert.True(t, starter.ComesAfter(r), "%s: %s", path, r.Path())
		}
	}
}

func TestTaskRuleWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil)
	queue := awssqs.NewQueue(stack, jsii.String("Mine"), nil)
	topic := notify.TopicFrom(
		stack, "Topic",
		&notify.TopicAttributes{Topic: awssns.Topic_FromTopicArn(
			stack, jsii.String("Ours"), jsii.String("arn:aws:sns:eu-west-1:111122223333:on-call"),
		)},
	)
	attempts := 0
	rule := events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{
		Run: ecs.NewRun(stack, "Run", &ecs.RunProps{
			Cluster: newCluster(stack), Task: newTask(stack), TaskCount: 3, Subnets: network.Public, AssignPublicIp: true,
			SecurityGroups: []awsec2.ISecurityGroup{group},
			Capacity: []ecs.CapacityProviderStrategy{
				{CapacityProvider: ecs.Fargate, Base: 1, Weight: 1}, {CapacityProvider: ecs.FargateSpot, Weight: 4},
			},
		}),
		Pattern: events.Pattern{
			Source: []any{"shop"}, DetailType: []any{"Order"}, Account: []any{"111122223333"}, Region: []any{"eu-west-1"},
			Resources: []any{map[string]any{"prefix": "arn:"}},
			Detail: map[string]any{"state": []string{"paid"}, "sum": []any{map[string]any{"numeric": []any{">", 0}}},
				"$or": []any{map[string]any{"kind": []any{"book"}}, map[string]any{"rush": []any{true}}}},
		},
		EventBus: awsevents.NewEventBus(stack, jsii.String("Bus"), nil),
		ContainerOverrides: []events.ContainerOverride{{
			ContainerName: "web", Command: []string{
				"work", events.Field("detail.order.id"),
			}, Cpu: 128, MemoryLimitMiB: 256, MemoryReservationMiB: 128,
			Environment: map[string]string{"KIND": events.Field("detail.kind"), "FIRST": events.Field(
				"detail.items[0].name",
			), "SUM": events.NumberField("detail.sum"),
				"RULE": "by <aws.events.rule-name>", "QUEUE": *queue.QueueUrl()},
		}},
		RetryAttempts: &attempts, MaximumEventAge: 5 * time.Minute, DeadLetterQueue: queue, AlarmTopic: topic, Disabled: true, RuleName: "orders",
	})
	require.NotNil(t, new(rule.Arn()))
	tpl := cdktest.Synth(t, stack)

	r := tpl.Only("AWS::Events::Rule")
	cdktest.Has(t, r, map[string]any{
		"Name":  "orders",
		"State": "DISABLED",
	})
	assert.Same(t, tpl.Only("AWS::Events::EventBus"), r.Ref("EventBusName"))
	detail := map[string]any{
		"state": "paid", "sum": 12.5, "kind": "book", "order": map[string]any{"id": `4"2`}, "items": []any{map[string]any{"name": "Go"}},
	}
	order := map[string]any{
		"source": "shop", "detail-type": "Order", "account": "111122223333", "region": "eu-west-1", "resources": []any{"arn:aws:x"},
		"detail": detail,
	}
	assert.True(t, cdktest.Matches(t, r.Get("EventPattern"), order))
	detail["kind"] = "pen"
	assert.False(t, cdktest.Matches(t, r.Get("EventPattern"), order))
	detail["rush"] = true
	assert.True(t, cdktest.Matches(t, r.Get("EventPattern"), order))

	target := r.Get("Targets.0").(map[string]any)
	text, _ := cdktest.Dig(target, "InputTransformer.InputTemplate.Fn::Join").([]any)
	require.NotNil(t, text)
	parts := text[1].([]any)
	require.Len(t, parts, 3)
	assert.Same(t, tpl.Only("AWS::SQS::Queue"), tpl.Follow(parts[1]))
	// As CloudFormation and EventBridge fill it in.
	target["InputTransformer"].(map[string]any)["InputTemplate"] = strings.ReplaceAll(
		parts[0].(string)+"https://queue"+parts[2].(string), "<aws.events.rule-name>", "orders",
	)
	assert.JSONEq(t, `{"containerOverrides":[{"name":"web","command":["work","4\"2"],"cpu":128,"memory":256,"memoryReservation":128,
		"environment":[
		{"name":"FIRST","value":"Go"},{"name":"KIND","value":"pen"},{"name":"QUEUE","value":"https://queue"},
		{"name":"RULE","value":"by orders"},{"name":"SUM","value":"12.5"}]}]}`,
		cdktest.Transform(t, target, order))
	parameters := target["EcsParameters"].(map[string]any)
	assert.Equal(t, 3.0, parameters["TaskCount"])
	assert.Equal(t, []any{
		map[string]any{"Base": 1.0, "CapacityProvider": "FARGATE", "Weight": 1.0},
		map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 4.0},
	},
		parameters["CapacityProviderStrategy"])
	assert.Equal(t, map[string]any{
		"AssignPublicIp": "ENABLED", "SecurityGroups": []any{"sg-0123456789abcdef0"},
		"Subnets": []any{"subnet-00000000000000001", "subnet-00000000000000002"},
	},
		cdktest.Dig(parameters, "NetworkConfiguration.AwsVpcConfiguration"))
	assert.Equal(t, map[string]any{"MaximumEventAgeInSeconds": 300.0, "MaximumRetryAttempts": 0.0}, target["RetryPolicy"])
	assert.Contains(t, tpl.Only("AWS::SQS::Queue").Path(), "/Mine/", "a queue was made beside the caller's")
	assert.Same(t, tpl.Only("AWS::SQS::Queue"), tpl.Only("AWS::SQS::QueuePolicy").Ref("Queues.0"))
	assert.Equal(t, []any{"arn:aws:sns:eu-west-1:111122223333:on-call"}, tpl.Only("AWS::CloudWatch::Alarm").Get("AlarmActions"))
	assert.Empty(t, tpl.All("AWS::EC2::SecurityGroup"))
}

func TestTaskRuleWithoutFieldsOfTheEvent(t *testing.T) {
	stack := cdktest.Stack(t)
	run := newRun(stack)
	p := events.Pattern{Source: []any{"shop"}}
	events.NewTaskRule(stack, "Nothing", &events.TaskRuleProps{Run: run, Pattern: p})
	events.NewTaskRule(
		stack, "Plain",
		&events.TaskRuleProps{Run: run, Pattern: p, ContainerOverrides: []events.ContainerOverride{{Command: []string{"work"}}}},
	)
	tpl := cdktest.Synth(t, stack)
	nothing := tpl.At("AWS::Events::Rule", "/Nothing/")
	assert.Equal(t, "{}", nothing.Get("Targets.0.Input"), "ECS refuses a whole event for overrides")
	assert.Nil(t, nothing.Get("Targets.0.InputTransformer"))
	plain := tpl.At("AWS::Events::Rule", "/Plain/")
	assert.JSONEq(t, `{"containerOverrides":[{"name":"web","command":["work"]}]}`, plain.Get("Targets.0.Input").(string))
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroup"), 1, "one run, one group")
}

// Tasks on instances: capacity providers of EC2, a launch type, network modes without a network configuration.
func TestRunsOnInstances(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	newCapacity(stack, "Instances", cluster, nil)
	bridge := ecs.NewRun(stack, "Bridge", &ecs.RunProps{
		Cluster: cluster, Task: ec2Task(stack, "BridgeTask", awsecs.NetworkMode_BRIDGE),
		PlacementStrategies: []ecs.PlacementStrategy{{Type: "binpack", Field: "memory"}, {Type: "random"}},
		PlacementConstraints: []ecs.PlacementConstraint{
			{Type: "distinctInstance"}, {Type: "memberOf", Expression: "attribute:ecs.instance-type =~ t3.*"},
		},
	})
	theirs := ecs.ClusterFrom(stack, "Existing", awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Theirs"), &awsecs.ClusterAttributes{
		ClusterName: jsii.String("theirs"), Vpc: cluster.Cluster.Vpc(), HasEc2Capacity: jsii.Bool(true),
	}))
	launched := ecs.NewRun(stack, "Launched", &ecs.RunProps{Cluster: theirs, Task: ec2Task(stack, "LaunchedTask", awsecs.NetworkMode_AWS_VPC)})
	p := events.Pattern{Source: []any{"shop"}}
	events.NewTaskRule(stack, "BridgeRule", &events.TaskRuleProps{Run: bridge, Pattern: p})
	events.NewTaskRule(stack, "LaunchedRule", &events.TaskRuleProps{Run: launched, Pattern: p})
	events.NewSchedule(stack, "BridgeSchedule", &events.ScheduleProps{Run: bridge, ScheduleExpression: "rate(1 day)"})
	events.NewSchedule(stack, "LaunchedSchedule", &events.ScheduleProps{Run: launched, ScheduleExpression: "rate(1 day)"})
	tpl := cdktest.Synth(t, stack)

	assert.Empty(t, bridge.SecurityGroups)
	strategies := []any{map[string]any{"Type": "binpack", "Field": "memory"}, map[string]any{"Type": "random"}}
	rule, schedule := tpl.At("AWS::Events::Rule", "/BridgeRule/"), tpl.At("AWS::Scheduler::Schedule", "/BridgeSchedule/")
	assert.Equal(t, strategies, rule.Get("Targets.0.EcsParameters.PlacementStrategies"))
	assert.Equal(t, strategies, schedule.Get("Target.EcsParameters.PlacementStrategy"))
	for starter, parameters := range map[*cdktest.Resource]any{
		rule: rule.Get("Targets.0.EcsParameters"), schedule: schedule.Get("Target.EcsParameters"),
	} {
		assert.Nil(t, cdktest.Dig(parameters, "NetworkConfiguration"), "ECS refuses one in bridge mode")
		assert.Equal(t, "AWS::ECS::CapacityProvider", tpl.Follow(cdktest.Dig(parameters, "CapacityProviderStrategy.0.CapacityProvider")).Type)
		assert.Equal(t, []any{
			map[string]any{"Type": "distinctInstance"},
			map[string]any{"Type": "memberOf", "Expression": "attribute:ecs.instance-type =~ t3.*"},
		},
			cdktest.Dig(parameters, "PlacementConstraints"))
		assert.True(
			t, starter.ComesAfter(tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations")),
			"deleting the stack gets stuck on a provider in use",
		)
	}
	for _, parameters := range []any{
		tpl.At("AWS::Events::Rule", "/LaunchedRule/").Get("Targets.0.EcsParameters"),
		tpl.At("AWS::Scheduler::Schedule", "/LaunchedSchedule/").Get("Target.EcsParameters"),
	} {
		assert.Equal(t, "EC2", cdktest.Dig(parameters, "LaunchType"))
		assert.Nil(t, cdktest.Dig(parameters, "CapacityProviderStrategy"))
		for _, spelling := range []string{"AwsVpcConfiguration", "AwsvpcConfiguration"} {
			assert.Nil(t, cdktest.Dig(parameters, "NetworkConfiguration."+spelling+".AssignPublicIp"), "tasks on instances get no public address")
		}
	}
}

func TestRunsOnManagedInstances(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	ecs.NewManagedInstances(stack, "Managed", &ecs.ManagedInstancesProps{Cluster: cluster})
	task := ecs.NewTask(
		stack, "Task", &ecs.TaskProps{Compatibility: awsecs.Compatibility_MANAGED_INSTANCES, Containers: []ecs.Container{web()}},
	)
	events.NewTaskRule(
		stack, "Rule",
		&events.TaskRuleProps{
			Run: ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: task}), Pattern: events.Pattern{Source: []any{"shop"}},
		},
	)
	tpl := cdktest.Synth(t, stack)
	rule := tpl.Only("AWS::Events::Rule")
	assert.Same(t, tpl.Only("AWS::ECS::CapacityProvider"), rule.Ref("Targets.0.EcsParameters.CapacityProviderStrategy.0.CapacityProvider"))
	assert.Nil(t, rule.Get("Targets.0.EcsParameters.LaunchType"))
	assert.Nil(t, rule.Get("Targets.0.EcsParameters.NetworkConfiguration.AwsVpcConfiguration.AssignPublicIp"))
	assert.NotEmpty(t, rule.Get("Targets.0.EcsParameters.NetworkConfiguration.AwsVpcConfiguration.Subnets"))
	assert.True(t, rule.ComesAfter(tpl.Only("AWS::ECS::CapacityProvider")))
}

// What a task is told of its object stays, whatever else it is told.
func TestOverridesBesideAnObject(t *testing.T) {
	stack := cdktest.Stack(t)
	task := ecs.NewTask(
		stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web(), {Name: "log", Image: registry.FromRegistry(publicImage)}}},
	)
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: newCluster(stack), Task: task})
	objects := &events.S3Objects{Bucket: newBucket(stack)}
	mine := []events.ContainerOverride{{
		Command:     []string{"x"},
		Environment: map[string]string{"KEY": "mine", "ETAG": events.Field("detail.object.etag"), "SIZE": events.S3Size},
	}}
	events.NewTaskRule(stack, "First", &events.TaskRuleProps{Run: run, S3: objects, ContainerOverrides: mine})
	events.NewTaskRule(
		stack, "Other",
		&events.TaskRuleProps{
			Run: run, S3: objects, ContainerOverrides: []events.ContainerOverride{{ContainerName: "log", Command: []string{"x"}}},
		},
	)
	assert.Len(t, mine[0].Environment, 3, "the caller's map was changed")
	tpl := cdktest.Synth(t, stack)
	event := objectCreated(aBucket, "a")
	assert.Equal(t, map[string]map[string]string{"web": {
		"BUCKET": aBucket, "KEY": "mine", "SEQUENCER": "617f08299329d189", "ETAG": "b1946ac92492d2347c6235b4d2611184", "SIZE": "5",
	}},
		variablesFor(t, tpl.At("AWS::Events::Rule", "/First/"), event))
	assert.Equal(t, map[string]map[string]string{"log": {}, "web": {"BUCKET": aBucket, "KEY": "a", "SEQUENCER": "617f08299329d189"}},
		variablesFor(t, tpl.At("AWS::Events::Rule", "/Other/"), event))
}

// The function with which the CDK sets other notifications replaces all that there are.
func TestBucketsWithOtherNotifications(t *testing.T) {
	for name, after := range map[string]bool{"before": false, "after": true} {
		stack := cdktest.Stack(t)
		bucket, queue := newBucket(stack), awssqs.NewQueue(stack, jsii.String("Queue"), nil)
		notify := func() {
			bucket.AddEventNotification(awss3.EventType_OBJECT_REMOVED, awss3notifications.NewSqsDestination(queue))
		}
		if !after {
			notify()
		}
		events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{Run: newRun(stack), S3: &events.S3Objects{Bucket: bucket}})
		if after {
			notify()
		}
		assert.Equal(
			t, map[string]any{},
			cdktest.Synth(t, stack).Only("Custom::S3BucketNotifications").Get("NotificationConfiguration.EventBridgeConfiguration"), name,
		)
	}
}

func TestBucketsMadeElsewhere(t *testing.T) {
	stack := cdktest.Stack(t)
	bucket := awss3.Bucket_FromBucketName(stack, jsii.String("Theirs"), jsii.String("theirs"))
	rule := events.NewTaskRule(
		stack, "Rule", &events.TaskRuleProps{Run: newRun(stack), S3: &events.S3Objects{Bucket: bucket, KeyPrefix: "in/"}},
	)
	var told []*constructs.MetadataEntry
	for _, entry := range *rule.Node().Metadata() {
		if strings.HasPrefix(*entry.Type, "aws:cdk:") && *entry.Type != "aws:cdk:creationStack" { // not where it was created
			told = append(told, entry)
		}
	}
	require.Len(t, told, 1)
	assert.Contains(t, told[0].Data, "must send its events to EventBridge already")
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, []any{"theirs"}, tpl.Only("AWS::Events::Rule").Get("EventPattern.detail.bucket.name"))
	assert.Empty(t, tpl.All("AWS::S3::Bucket"))
}

// A queue of one's own with a key of one's own: who puts dead letters there may encrypt them.
func TestDeadLettersWithAKey(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{EncryptionMasterKey: key})
	run := newRun(stack)
	events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{Run: run, Pattern: events.Pattern{Source: []any{"shop"}}, DeadLetterQueue: queue})
	events.NewSchedule(stack, "Schedule", &events.ScheduleProps{Run: run, ScheduleExpression: "rate(1 hour)", DeadLetterQueue: queue})
	tpl := cdktest.Synth(t, stack)
	assert.Contains(t, cdktest.List(tpl.Only("AWS::KMS::Key").Get("KeyPolicy.Statement")), map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"}, "Action": []any{
			"kms:Decrypt", "kms:GenerateDataKey*",
		}, "Resource": "*",
	})
	cdktest.May(t, tpl.Only("AWS::Scheduler::Schedule").Ref("Target.RoleArn"),
		cdktest.Allow("kms:Decrypt", "kms:GenerateDataKey*").On(tpl.Only("AWS::KMS::Key")),
		cdktest.Allow("sqs:SendMessage").On(tpl.Only("AWS::SQS::Queue")),
	)
}

// What EventBridge knows by itself is filled in, also where nothing of the event is asked for.
func TestPredefinedVariablesAlone(t *testing.T) {
	stack := cdktest.Stack(t)
	events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{Run: newRun(stack), Pattern: events.Pattern{Source: []any{"shop"}},
		ContainerOverrides: []events.ContainerOverride{{Command: []string{"by <aws.events.rule-arn>"}}}})
	target := cdktest.Synth(t, stack).Only("AWS::Events::Rule").Get("Targets.0")
	assert.Nil(t, cdktest.Dig(target, "Input"), "the task would get the letters")
	assert.Contains(t, cdktest.Dig(target, "InputTransformer.InputTemplate"), "<aws.events.rule-arn>")
}

// Stacks that share a task, a bucket, a queue: none waits for one that waits for it.
func TestTaskRulesAcrossStacks(t *testing.T) {
	app := cdktest.App(t)
	shared, own := awscdk.NewStack(app, jsii.String("Shared"), nil), awscdk.NewStack(app, jsii.String("Own"), nil)
	queue := awssqs.NewQueue(shared, jsii.String("Queue"), nil)
	run := newRun(shared)
	bucket := newBucket(own)
	events.NewTaskRule(
		own, "Rule", &events.TaskRuleProps{Run: run, S3: &events.S3Objects{Bucket: bucket, KeyPrefix: "in/"}, DeadLetterQueue: queue},
	)
	events.NewSchedule(own, "Schedule", &events.ScheduleProps{Run: run, ScheduleExpression: "rate(1 hour)", DeadLetterQueue: queue})
	notify.NewTopic(own, "Topic", &notify.TopicProps{Queues: []awssqs.IQueue{queue}})
	theirs, ours := cdktest.Synth(t, shared), cdktest.Synth(t, own)

	letters := cdktest.List(theirs.Only("AWS::SQS::QueuePolicy").Get("PolicyDocument.Statement"))
	assert.Equal(
		t, map[string]any{"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*"},
		cdktest.Dig(letters[0], "Condition.ArnLike.aws:SourceArn"),
	)
	policy := ours.At("AWS::IAM::Policy", "/Rule/Objects/")
	cdktest.MayExactly(t, policy, cdktest.Allow("s3:GetObject").On(cdktest.Arn(ours.Only("AWS::S3::Bucket"), "/in/*")))
	assert.Contains(t, fmt.Sprint(policy.Get("Roles")), "TaskRole", "of the other stack")
	assert.True(t, ours.Only("AWS::Events::Rule").ComesAfter(policy), "the first task may not read its object yet")
}

func TestTaskRuleWithARoleThatNobodyCanChange(t *testing.T) {
	stack := cdktest.Stack(t)
	role := awsiam.Role_FromRoleArn(
		stack, jsii.String("Role"), jsii.String("arn:aws:iam::111122223333:role/task"),
		&awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false)},
	)
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()}, TaskRole: role})
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: newCluster(stack), Task: task})
	events.NewTaskRule(
		stack, "Rule",
		&events.TaskRuleProps{
			Run: run, S3: &events.S3Objects{Bucket: awss3.Bucket_FromBucketName(stack, jsii.String("Theirs"), jsii.String("theirs"))},
		},
	)
	_, warnings := cdktest.SynthAnnotated(t, stack)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "/Test/Rule: The task role can't be changed here; allow it elsewhere: s3:GetObject on arn:")
}

// A task definition of another app starts like one of this app, if it says who it is.
func TestTaskRuleForAnExistingTask(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	existing := func(id string, role awsiam.IRole) *ecs.Run {
		definition := awsecs.TaskDefinition_FromTaskDefinitionAttributes(stack, jsii.String(id+"Definition"), &awsecs.TaskDefinitionAttributes{
			TaskDefinitionArn: jsii.String("arn:aws:ecs:us-west-2:111122223333:task-definition/report:7"),
			NetworkMode:       awsecs.NetworkMode_AWS_VPC, TaskRole: role,
		})
		cluster := ecs.ClusterFrom(stack, id+"Cluster", awsecs.Cluster_FromClusterAttributes(stack, jsii.String(
			id+"Imported",
		), &awsecs.ClusterAttributes{
			ClusterName: jsii.String("jobs"), Vpc: vpc,
		}))
		return ecs.NewRun(stack, id, &ecs.RunProps{Cluster: cluster, Task: ecs.TaskFrom(stack, id+"Task", &ecs.TaskAttributes{
			TaskDefinition: definition, ContainerNames: []string{"report", "log"},
		})})
	}
	role := awsiam.Role_FromRoleName(stack, jsii.String("Role"), jsii.String("report"), nil)
	objects := &events.S3Objects{Bucket: newBucket(stack), KeyPrefix: "in/"}
	run := existing("Run", role)
	events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{Run: run, S3: objects})
	events.NewSchedule(stack, "Schedule", &events.ScheduleProps{Run: run, ScheduleExpression: "rate(1 hour)", PreventOverlap: true,
		ContainerOverrides: []events.ContainerOverride{{ContainerName: "log", Command: []string{"x"}}}})
	assert.Equal(t, []string{
		"Test/Nobody: S3 requires a task whose TaskRole is known, because the task must be allowed to read the objects; " +
			"import the task definition with its TaskRole",
	}, cdktest.Refused(t, func() {
		events.NewTaskRule(stack, "Nobody", &events.TaskRuleProps{Run: existing("Roleless", nil), S3: objects})
	}))
	tpl := cdktest.Synth(t, stack)
	rule := tpl.Only("AWS::Events::Rule")
	assert.Equal(t, map[string]map[string]string{"report": {"BUCKET": aBucket, "KEY": "in/a", "SEQUENCER": "617f08299329d189"}},
		variablesFor(t, rule, objectCreated(aBucket, "in/a")))
	assert.Equal(t, "arn:aws:ecs:us-west-2:111122223333:task-definition/report:7", rule.Get("Targets.0.EcsParameters.TaskDefinitionArn"))
}
