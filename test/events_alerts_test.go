package test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

//go:embed testdata/events/chat-exit.json
var chatOfExit string

func because(stopCode, reason string, containers ...map[string]any) map[string]any {
	detail := map[string]any{"stopCode": stopCode, "stoppedReason": reason}
	if containers != nil {
		detail["containers"] = containers
	}
	return detail
}

// What must notify, and by which rule alone; and what must not.
func TestWhatTaskAlertsTellOf(t *testing.T) {
	ordinary := "Scaling activity initiated by (deployment ecs-svc/8646900195280463695)"
	cases := []struct {
		name, event string
		detail      map[string]any
		want        string // a rule, or "" for none
	}{
		{"an error", taskEvent, ended(container("api", 1, "")), "NonZeroExit"},
		{"a crash", taskEvent, ended(container("api", 139, "")), "NonZeroExit"},
		{"an error, and a sidecar that ECS then stopped", taskEvent, ended(container("log", 143, ""), container("api", 42, "")), "NonZeroExit"},
		{"out of memory", taskEvent, because("EssentialContainerExited", "Essential container in task exited",
			container("api", 137, "OutOfMemoryError: Container killed due to memory usage"), container("log", 143, "")), "OutOfMemory"},
		{"out of memory, as the task has it", taskEvent, because("EssentialContainerExited", "OutOfMemoryError: Container killed due to "+
			"memory usage",
			container("api", 137, "")), "OutOfMemory"},
		{"the same, and a sidecar that fell with it", taskEvent, because("EssentialContainerExited", "OutOfMemoryError: Container killed "+
			"due to memory usage",
			container("api", 137, ""), container("log", 1, "")), "OutOfMemory"},
		{"the load balancer's check", taskEvent, because("ServiceSchedulerInitiated",
			"Task failed ELB health checks in (target-group "+
				"arn:aws:elasticloadbalancing:us-west-2:111122223333:targetgroup/api/7a7a1fcbd0455d4b)", container(
				"api", 137, "",
			)), "HealthCheck"},
		{
			"the container's check", taskEvent,
			because("ServiceSchedulerInitiated", "Task failed container health checks", container("api", 143, "")), "HealthCheck",
		},
		{"no image, on Fargate", taskEvent, because("TaskFailedToStart",
			`CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/team/api:"nope": not `+
				`found`, container(
				"api", nil, "",
			)), "ImagePull"},
		{"no image, on EC2", taskEvent, because("TaskFailedToStart", "Task failed to start",
			container(
				"api", nil, "CannotPullContainerError: Error response from daemon: manifest unknown",
			), container("log", nil, "")), "ImagePull"},
		{"no secret", taskEvent, because("TaskFailedToStart",
			"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed", container(
				"api", nil, "",
			)), "TaskStart"},
		{
			"no start, on EC2", taskEvent,
			because("TaskFailedToStart", "Task failed to start", container("api", 128, "CannotStartContainerError: no such file")),
			"TaskStart",
		},
		{"no start, and no container yet", taskEvent, because("TaskFailedToStart", "Task failed to start", []map[string]any{}...), "TaskStart"},
		{"no start, and no reason", taskEvent, because("TaskFailedToStart", "Task failed to start", container("api", nil, "")), "TaskStart"},
		{"Spot", taskEvent, because("SpotInterruption", "Your Spot Task was interrupted.", container("api", 137, "")), "SpotInterruption"},
		{
			"Spot, as its notice says", taskEvent,
			because("TerminationNotice", "Your Spot Task was interrupted.", container("api", 143, "")), "SpotInterruption",
		},
		{
			"the instance is gone", taskEvent,
			because("TerminationNotice", "Host EC2 (instance i-0123456789abcdef0) terminated.", container("api", nil, "")), "HostTerminated",
		},
		{
			"the instance is ill", taskEvent, because("InfrastructureHealth", "The instance is impaired", container("api", nil, "")),
			"HostTerminated",
		},
		{"a failed deployment", deploymentEvent, map[string]any{"eventType": "ERROR", "eventName": "SERVICE_DEPLOYMENT_FAILED",
			"reason": "ECS deployment circuit breaker: task failed to start."}, "DeploymentFailed"},
		{
			"a deployment that goes back", deploymentEvent,
			map[string]any{"reason": "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/122."}, "DeploymentRolledBack",
		},
		{
			"no room", serviceEvent,
			map[string]any{"eventType": "ERROR", "eventName": "SERVICE_TASK_PLACEMENT_FAILURE", "reason": "RESOURCE:FARGATE"},
			"TaskPlacement",
		},
		{
			"no role", serviceEvent,
			map[string]any{"eventType": "ERROR", "eventName": "SERVICE_TASK_CONFIGURATION_FAILURE", "reason": "ECS was unable to assume the role"},
			"TaskPlacement",
		},
		{"again and again", serviceEvent, map[string]any{"eventType": "WARN", "eventName": "SERVICE_TASK_START_IMPAIRED"}, "ServiceImpaired"},

		{"scale-in, or a deployment's old task", taskEvent, because("ServiceSchedulerInitiated", ordinary, container("api", 0, "")), ""},
		{
			"the same, killed since it did not end in time", taskEvent,
			because("ServiceSchedulerInitiated", ordinary, container("api", 137, ""), container("log", 1, "")), "",
		},
		{"stopped by a person", taskEvent, because("UserInitiated", "Task stopped by user", container("api", 137, "")), ""},
		{"done", taskEvent, ended(container("api", 0, "")), ""},
		{"done, and its sidecars stopped", taskEvent, ended(container("api", 0, ""), container("log", 143, ""), container("proxy", 137, "")), ""},
		{
			"maintenance", taskEvent,
			because(
				"ServiceSchedulerInitiated", "ECS is performing maintenance on the underlying infrastructure hosting the task",
				container("api", 143, ""),
			),
			"",
		},
		{
			"started", taskEvent,
			map[string]any{
				"lastStatus": "RUNNING", "desiredStatus": "RUNNING", "stopCode": nil, "stoppedReason": nil,
				"containers": []any{container("api", nil, "")},
			},
			"",
		},
		{
			"an error, but not stopped yet", taskEvent,
			map[string]any{"lastStatus": "DEPROVISIONING", "containers": []any{container("api", 1, "")}}, "",
		},
		{
			"Spot's notice, two minutes before", taskEvent,
			map[string]any{"lastStatus": "RUNNING", "stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted."}, "",
		},
		{"a deployment begins", deploymentEvent, nil, ""},
		{
			"a deployment is done", deploymentEvent,
			map[string]any{"eventName": "SERVICE_DEPLOYMENT_COMPLETED", "reason": "ECS deployment ecs-svc/123 completed."}, "",
		},
		{"steady", serviceEvent, nil, ""},
		{"scaled", serviceEvent, map[string]any{"eventName": "SERVICE_DESIRED_COUNT_UPDATED"}, ""},
	}
	for where, build := range map[string]func(stack awscdk.Stack) *events.TaskAlertsProps{
		"everywhere": func(awscdk.Stack) *events.TaskAlertsProps { return nil },
		"a cluster": func(stack awscdk.Stack) *events.TaskAlertsProps {
			return &events.TaskAlertsProps{Clusters: []*ecs.Cluster{ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack)})}}
		},
		"a service": func(stack awscdk.Stack) *events.TaskAlertsProps {
			return &events.TaskAlertsProps{Services: []*ecs.Service{alertedService(stack, "api", "log", "proxy")}}
		},
	} {
		stack := cdktest.Stack(t)
		events.NewTaskAlerts(stack, "Alerts", build(stack))
		tpl := cdktest.Synth(t, stack)
		told := map[string]bool{}
		for _, c := range cases {
			event := sampleEvent(t, c.event, c.detail)
			want := []string{"Log"}
			if c.want != "" {
				want = append(want, c.want)
				told[c.want] = true
			}
			assert.ElementsMatch(t, want, matching(t, tpl, event), "%s: %s", where, c.name)
		}
		assert.Len(t, told, len(events.Failures()), "kinds of failure without an event")
		assert.Len(t, tpl.All("AWS::Events::Rule"), len(events.Failures())+1, where)
	}
}

// alertedService is "api" in the cluster "web".
func alertedService(stack awscdk.Stack, containers ...string) *ecs.Service {
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack)})
	return ecs.NewService(stack, "Api", &ecs.ServiceProps{Cluster: cluster, Task: alertedTask(stack, "ApiTask", containers...)})
}

func alertedTask(stack awscdk.Stack, id string, names ...string) *ecs.Task {
	props := &ecs.TaskProps{Family: id}
	for _, name := range names {
		props.Containers = append(props.Containers, ecs.Container{Name: name, Image: registry.FromRegistry(publicImage)})
	}
	return ecs.NewTask(stack, id, props)
}

// The sentences, in full: who reads one knows what happened, where, why, and what to do.
func TestWhatTaskAlertsSay(t *testing.T) {
	stack := cdktest.Stack(t)
	service := alertedService(stack, "api", "log")
	topic := notify.NewTopic(
		stack, "Topic", &notify.TopicProps{Slack: []notify.SlackChannel{{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}}},
	)
	events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{Services: []*ecs.Service{service}, Topic: topic})
	tpl := cdktest.Synth(t, stack)

	exit := notices(t, tpl, "NonZeroExit", sampleEvent(t, taskEvent, ended(container("api", 42, ""), container("log", 143, ""))))
	assert.Equal(t, []string{
		`"A task of service:api in cluster web stopped: a container exited with an error."`,
		`"Reason: Essential container in task exited"`,
		`"Exit codes: [42,143], of containers among [api,log]."`,
		`"Stop code: EssentialContainerExited, at 2027-01-23T17:57:58Z."`,
		`"Task: arn:aws:ecs:us-west-2:111122223333:task/web/c13b4cb40f1f4fe4a2971f76ae5a47ad, of ` +
			`arn:aws:ecs:us-west-2:111122223333:task-definition/api:7."`,
		`"What to do: Read the last lines of the task's log, which say what went wrong before the program ended."`,
		`"https://us-west-2.console.aws.amazon.com/ecs/v2/clusters/web/tasks?region=us-west-2"`,
	}, strings.Split(exit["Topic"], "\n"))
	assert.JSONEq(t, chatOfExit, exit["ChatTopic"])

	// Reasons hold quotes; the chat's JSON must bear them.
	pull := notices(
		t, tpl, "ImagePull",
		sampleEvent(
			t, taskEvent, because("TaskFailedToStart", `CannotPullContainerError: "team/api:nope": not found`, container("api", nil, "")),
		),
	)
	assert.Contains(t, pull["Topic"], `"Reason: CannotPullContainerError: "team/api:nope": not found"`)
	assert.Contains(t, pull["ChatTopic"], `"description": "CannotPullContainerError: \"team/api:nope\": not found"`)

	failed := notices(
		t, tpl, "DeploymentFailed",
		sampleEvent(
			t, deploymentEvent,
			map[string]any{"eventName": "SERVICE_DEPLOYMENT_FAILED", "reason": "ECS deployment circuit breaker: task failed to start."},
		),
	)
	assert.Equal(t, []string{
		`"A deployment of arn:aws:ecs:us-west-2:111122223333:service/web/api failed."`,
		`"Reason: ECS deployment circuit breaker: task failed to start."`,
		`"Deployment: ecs-svc/123, at 2027-05-23T12:31:14Z."`,
		`"What to do: Check why the tasks stopped or which alarm fired, fix the cause, and redeploy."`,
		`"https://us-west-2.console.aws.amazon.com/ecs/v2/clusters/web/services?region=us-west-2"`,
	}, strings.Split(failed["Topic"], "\n"))
	impaired := notices(t, tpl, "ServiceImpaired", sampleEvent(t, serviceEvent, map[string]any{"eventName": "SERVICE_TASK_START_IMPAIRED"}))
	assert.Contains(t, impaired["Topic"], `"Event: SERVICE_TASK_START_IMPAIRED, at 2027-01-19T19:27:22Z."`)
	assert.Contains(t, impaired["ChatTopic"], `"description": "ECS gives none."`)
}

// Of every kind, whatever the event holds: no hole where a value should be, and JSON that a chat can read.
func TestTaskAlertsSayWholeSentences(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := notify.NewTopic(
		stack, "Topic",
		&notify.TopicProps{Teams: []notify.TeamsChannel{{TenantId: teamsTenant, TeamId: teamsTeam, ChannelId: teamsChannel}}},
	)
	events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{Topic: topic})
	tpl := cdktest.Synth(t, stack)
	for rule, event := range map[string]map[string]any{
		"NonZeroExit": sampleEvent(t, taskEvent, ended(container("api", 1, ""))),
		"OutOfMemory": sampleEvent(t, taskEvent, ended(container("api", 137, "OutOfMemoryError: Container killed due to memory usage"))),
		"HealthCheck": sampleEvent(t, taskEvent, because("ServiceSchedulerInitiated", "Task failed container health checks")),
		"ImagePull":   sampleEvent(t, taskEvent, because("TaskFailedToStart", "CannotPullContainerError: a", container("api", nil, ""))),
		"TaskStart": sampleEvent(
			t, taskEvent, because("TaskFailedToStart", "ResourceInitializationError: a", container("api", nil, "")),
		),
		"SpotInterruption": sampleEvent(t, taskEvent, because("SpotInterruption", "Your Spot Task was interrupted.")),
		"HostTerminated":   sampleEvent(t, taskEvent, because("TerminationNotice", "Host EC2 (instance i-0123456789abcdef0) terminated.")),
		"DeploymentFailed": sampleEvent(t, deploymentEvent, map[string]any{"eventName": "SERVICE_DEPLOYMENT_FAILED"}),
		"DeploymentRolledBack": sampleEvent(
			t, deploymentEvent, map[string]any{"reason": "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/122."},
		),
		"TaskPlacement": sampleEvent(
			t, serviceEvent, map[string]any{"eventName": "SERVICE_TASK_PLACEMENT_FAILURE", "reason": "RESOURCE:FARGATE"},
		),
		"ServiceImpaired": sampleEvent(t, serviceEvent, map[string]any{"eventName": "SERVICE_TASK_START_IMPAIRED"}),
	} {
		sent := notices(t, tpl, rule, event)
		assert.True(t, json.Valid([]byte(sent["ChatTopic"])), rule)
		assert.NotRegexp(t, `: ?[",.\n]|  | of [,."]|[<>]`, sent["Topic"], rule)
		for _, part := range []string{"Reason: ", "What to do: ", "https://us-west-2.console.aws.amazon.com/ecs/v2/clusters?region=us-west-2"} {
			assert.Contains(t, sent["Topic"], part, rule)
		}
	}
}

// Clusters, services and tasks narrow what is told; the log keeps everything of the clusters.
func TestTaskAlertsOfSome(t *testing.T) {
	stack := cdktest.Stack(t)
	service, job, two := alertedService(stack, "api"), alertedTask(stack, "job", "work"), alertedTask(stack, "two", "work", "log")
	jobs := ecs.NewCluster(stack, "Jobs", &ecs.ClusterProps{Vpc: service.Cluster().Cluster.Vpc()})
	events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
		Clusters: []*ecs.Cluster{service.Cluster(), jobs}, Services: []*ecs.Service{service}, Tasks: []*ecs.Task{job, two},
		Failures: []events.Failure{events.FailureNonZeroExit, events.FailureOutOfMemory, events.FailureDeploymentFailed},
	})
	tpl := cdktest.Synth(t, stack)

	of := func(group, cluster string, code int, more ...map[string]any) map[string]any {
		name := map[string]string{"service:api": "api"}[group]
		if name == "" {
			name = "work"
		}
		detail := ended(append(more, container(name, code, ""))...)
		detail["group"], detail["clusterArn"] = group, "arn:aws:ecs:us-west-2:111122223333:cluster/"+cluster
		return sampleEvent(t, taskEvent, detail)
	}
	for _, c := range []struct {
		name  string
		event map[string]any
		want  []string
	}{
		{"the service", of("service:api", "web", 1), []string{"Log", "NonZeroExit"}},
		{"another service", of("service:other", "web", 1), []string{"Log"}},
		{"one of the same name elsewhere", of("service:api", "jobs", 1), []string{"Log"}},
		{"the task", of("family:job", "web", 1), []string{"Log", "NonZeroExit"}},
		{"the task in the other cluster", of("family:job", "jobs", 1), []string{"Log", "NonZeroExit2"}},
		{"another cluster", of("family:job", "else", 1), nil},
		{"killed, and it has no other container", of("family:job", "jobs", 137), []string{"Log", "NonZeroExit2"}},
		{"stopped, and it has no other container", of("service:api", "web", 143), []string{"Log", "NonZeroExit"}},
		{"done, and what ECS added is stopped", of("family:job", "jobs", 0, container("aws-guardduty-agent-1", 143, "")), []string{"Log"}},
		{"killed, and another container has the same name elsewhere", of("family:two", "web", 137), []string{"Log"}},
		{"killed or stopped, there is no telling", of("family:two", "jobs", 137, container("log", 0, "")), []string{"Log"}},
		{
			"out of memory, told once",
			sampleEvent(t, taskEvent, ended(container("api", 137, "OutOfMemoryError: Container killed due to memory usage"))),
			[]string{"Log", "OutOfMemory"},
		},
		{
			"its deployment", sampleEvent(t, deploymentEvent, map[string]any{"eventName": "SERVICE_DEPLOYMENT_FAILED"}),
			[]string{"Log", "DeploymentFailed"},
		},
	} {
		assert.ElementsMatch(t, c.want, matching(t, tpl, c.event), c.name)
	}
	other := sampleEvent(t, deploymentEvent, map[string]any{"eventName": "SERVICE_DEPLOYMENT_FAILED"})
	other["resources"] = []any{"arn:aws:ecs:us-west-2:111122223333:service/web/other"}
	assert.Equal(t, []string{"Log"}, matching(t, tpl, other), "another service's deployment")
	other["resources"] = []any{"arn:aws:ecs:us-west-2:111122223333:service/webshop/api"}
	assert.Empty(t, matching(t, tpl, other), "a cluster whose name begins alike")
	assert.Len(t, tpl.All("AWS::Events::Rule"), 6, "no rule for deployments where there is no service")
}

// The log: a rule that keeps events as they are, and just that rule may write.
func TestTaskAlertsKeepEvents(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	alerts := events.NewTaskAlerts(
		stack, "Alerts",
		&events.TaskAlertsProps{LogRetention: awslogs.RetentionDays_ONE_WEEK, EncryptionKey: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY},
	)
	assert.NotNil(t, alerts.LogGroup)
	tpl := cdktest.Synth(t, stack)
	group, rule := tpl.Only("AWS::Logs::LogGroup"), tpl.At("AWS::Events::Rule", "Alerts/Log")
	assert.Equal(t, 7.0, group.Get("RetentionInDays"))
	assert.Equal(t, "Delete", group.DeletionPolicy)
	assert.Same(t, tpl.At("AWS::KMS::Key", "Test/Key/"), group.Ref("KmsKeyId"))
	target := cdktest.List(rule.Get("Targets"))
	require.Len(t, target, 1)
	assert.Nil(t, cdktest.Dig(target[0], "InputTransformer"), "an event that is kept is kept whole")
	assert.Equal(t, []any{"", []any{"arn:", map[string]any{
		"Ref": "AWS::Partition",
	}, ":logs:", map[string]any{"Ref": "AWS::Region"}, ":", map[string]any{"Ref": "AWS::AccountId"}, ":log-group:",
		map[string]any{"Ref": group.Id}}}, cdktest.Dig(target[0], "Arn.Fn::Join"), "the ARN without :*")

	policy := tpl.Only("AWS::Logs::ResourcePolicy")
	var text strings.Builder
	for _, part := range policy.Get("PolicyDocument.Fn::Join").([]any)[1].([]any) {
		if r := tpl.Follow(part); r != nil {
			part = r.Id
		}
		fmt.Fprint(&text, part)
	}
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
			"Action": "logs:CreateLogStream", "Resource": "`+group.Id+`"},
		{"Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
			"Action": "logs:PutLogEvents", "Resource": "`+group.Id+`",
			"Condition": {"ArnEquals": {"aws:SourceArn": "`+rule.Id+`"}}}]}`, text.String())
	assert.Empty(t, tpl.All("AWS::Lambda::Function"))
	assert.Empty(t, tpl.All("AWS::IAM::Role"), "targets with policies of their own take no role")

	stack = cdktest.Stack(t)
	assert.Nil(
		t,
		events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{DisableLog: true, Emails: []string{"on-call@example.com"}}).LogGroup,
	)
	tpl = cdktest.Synth(t, stack)
	assert.Empty(t, tpl.All("AWS::Logs::LogGroup"))
	assert.Empty(t, tpl.All("AWS::Logs::ResourcePolicy"))
	assert.Equal(t, "on-call@example.com", tpl.Only("AWS::SNS::Subscription").Get("Endpoint"))
	for _, rule := range tpl.All("AWS::Events::Rule") {
		assert.Same(t, tpl.Only("AWS::SNS::Topic"), rule.Ref("Targets.0.Arn"))
		assert.Nil(t, rule.Get("Targets.1"), "a chat that nobody has")
		assert.Nil(t, rule.Get("Targets.0.RoleArn"), "AWS: delivery to encrypted topics may then fail")
	}
}

func TestTaskAlertsAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	service := alertedService(stack, "api")
	jobs := ecs.NewCluster(stack, "Jobs", &ecs.ClusterProps{Vpc: service.Cluster().Cluster.Vpc()})
	assert.Equal(t, []string{
		"Test/Alerts: Clusters[0] must be a cluster of one of Services, because Services limits the alerts; " +
			"remove the cluster, or create separate alerts for it",
		"Test/Alerts: Services[0] must belong to one of Clusters; add its cluster, or remove Clusters",
		`Test/Alerts: Failures[0] must be "NON_ZERO_EXIT", "OUT_OF_MEMORY", "HEALTH_CHECK", "IMAGE_PULL", "TASK_START", "SPOT_INTERRUPTION", ` +
			`"HOST_TERMINATED", "DEPLOYMENT_FAILED", "DEPLOYMENT_ROLLED_BACK", "TASK_PLACEMENT" or "SERVICE_IMPAIRED"; got "CRASH"`,
	}, cdktest.Refused(t, func() {
		events.NewTaskAlerts(
			stack, "Alerts",
			&events.TaskAlertsProps{Clusters: []*ecs.Cluster{jobs}, Services: []*ecs.Service{service}, Failures: []events.Failure{"CRASH"}},
		)
	}))
}

// Construct ids of rules are the kinds of failure, in whatever order they are asked for.
func TestRulesKeepTheirNames(t *testing.T) {
	ids := func(failures ...events.Failure) []string {
		stack := cdktest.Stack(t)
		events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{Failures: failures})
		tpl := cdktest.Synth(t, stack)
		return slices.Sorted(maps.Keys(tpl.Resources))
	}
	assert.Equal(t, ids(events.FailureOutOfMemory, events.FailureNonZeroExit), ids(events.FailureNonZeroExit, events.FailureOutOfMemory))
}

// Clusters, services and task definitions of another app have alerts too.
func TestAlertsOnWhatExists(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.ClusterFrom(stack, "Cluster",
		awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Imported"), &awsecs.ClusterAttributes{
			ClusterName: jsii.String("web"), Vpc: importedVpc(stack),
		}))
	service := ecs.ServiceFrom(stack, "Service", &ecs.ServiceAttributes{Cluster: cluster, ServiceName: "api"})
	task := ecs.TaskFrom(stack, "Task", &ecs.TaskAttributes{
		TaskDefinition: awsecs.TaskDefinition_FromTaskDefinitionAttributes(stack, jsii.String("Definition"), &awsecs.TaskDefinitionAttributes{
			TaskDefinitionArn: jsii.String("arn:aws:ecs:us-west-2:111122223333:task-definition/report:7"), NetworkMode: awsecs.NetworkMode_AWS_VPC,
		}),
		ContainerNames: []string{"report"},
	})
	events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
		Clusters: []*ecs.Cluster{cluster}, Services: []*ecs.Service{service}, Tasks: []*ecs.Task{task}, DisableLog: true,
		Failures: []events.Failure{events.FailureNonZeroExit, events.FailureDeploymentFailed},
	})
	tpl := cdktest.Synth(t, stack)
	exit := tpl.At("AWS::Events::Rule", "/NonZeroExit")
	assert.Nil(t, exit.Get("EventPattern.detail.group"), "EventBridge would use this one alone")
	assert.Equal(t, []any{"service:api", "family:report"}, exit.Get("EventPattern.detail.$or.0.group"))
	assert.Equal(t, []any{"family:report"}, exit.Get("EventPattern.detail.$or.1.group"), "the service's containers are not known")
	assert.Equal(t, []any{"report"}, exit.Get("EventPattern.detail.$or.1.containers.name"))
	assert.Equal(t, "arn:aws:ecs:us-west-2:111122223333:service/web/api",
		deployed(t, tpl, tpl.At("AWS::Events::Rule", "/DeploymentFailed").Get("EventPattern.resources.0")))
}
