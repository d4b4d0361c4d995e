package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

// named is a task whose one port others may reach by name.
func named(stack awscdk.Stack, name string, port int) *ecs.Task {
	return ecs.NewTask(stack, name+"Task", &ecs.TaskProps{Cpu: 512, Containers: []ecs.Container{{
		Name: name, Image: registry.FromRegistry(publicImage), PortMappings: []ecs.PortMapping{{ContainerPort: port, Name: name,
			AppProtocol: ecs.AppProtocolHttp}},
	}}})
}

// One service calls another by name: namespace, alias, the way in, and the order in which they are deployed.
func TestServiceConnect(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), Namespace: "prod.internal"})
	api := ecs.NewService(stack, "Api", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "api", 9000), Exposure: ecs.Exposure{
		ServiceConnect: &ecs.ServiceConnect{Services: []ecs.ServiceConnectService{{
			PortMappingName: "api", DnsName: "orders", Port: 80, PerRequestTimeout: 5 * time.Second, IdleTimeout: time.Minute,
		}}}}})
	ecs.NewService(stack, "Web", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "web", 8080), Exposure: ecs.Exposure{
		ServiceConnect: &ecs.ServiceConnect{Calls: []*ecs.Service{api}}}})
	assert.Equal(t, []string{
		`Test/Other: Exposure.ServiceConnect.Services[0].DnsName must not be the alias of Test/Api, in the same namespace; got "orders:80"`,
	}, cdktest.Refused(t, func() {
		ecs.NewService(stack, "Other", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "other", 9000), Exposure: ecs.Exposure{
			ServiceConnect: &ecs.ServiceConnect{Services: []ecs.ServiceConnectService{{PortMappingName: "other", DnsName: "orders", Port: 80}}}}})
	}))
	tpl := cdktest.Synth(t, stack)

	namespace := tpl.Only("AWS::ServiceDiscovery::PrivateDnsNamespace")
	cdktest.Has(t, namespace, map[string]any{
		"Name": "prod.internal",
		"Vpc":  "vpc-0123456789abcdef0",
	})
	assert.Same(t, namespace, tpl.Only("AWS::ECS::Cluster").Ref("ServiceConnectDefaults.Namespace"))
	server, client := tpl.At("AWS::ECS::Service", "Test/Api/"), tpl.At("AWS::ECS::Service", "Test/Web/")
	for _, service := range []*cdktest.Resource{server, client} {
		assert.Same(t, namespace, service.Ref("ServiceConnectConfiguration.Namespace"), "by its name, another VPC's may be meant")
		assert.Equal(t, true, service.Get("ServiceConnectConfiguration.Enabled"))
		assert.Same(t, service.Ref("TaskDefinition").Ref("ContainerDefinitions.0.LogConfiguration.Options.awslogs-group"),
			service.Ref("ServiceConnectConfiguration.LogConfiguration.Options.awslogs-group"))
	}
	assert.Equal(t, []any{map[string]any{
		"PortName": "api", "DiscoveryName": "api", "ClientAliases": []any{map[string]any{"DnsName": "orders", "Port": 80.0}},
		"Timeout": map[string]any{"PerRequestTimeoutSeconds": 5.0, "IdleTimeoutSeconds": 60.0},
	}}, server.Get("ServiceConnectConfiguration.Services"))
	assert.Equal(t, "http", server.Ref("TaskDefinition").Get("ContainerDefinitions.0.PortMappings.0.AppProtocol"))
	assert.Empty(t, client.Get("ServiceConnectConfiguration.Services"))
	assert.Contains(t, client.Dependencies(), server.Id, "the caller's proxy would not know the name")

	in := tpl.Only("AWS::EC2::SecurityGroupIngress")
	assert.Same(t, server.Ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0"), in.Ref("GroupId"))
	assert.Same(t, client.Ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0"), in.Ref("SourceSecurityGroupId"))
	cdktest.Has(t, in, map[string]any{
		"FromPort": 9000.0,
		"ToPort":   9000.0,
	}, "the container's port, whatever callers call")
}

// Caller and called may stand in two stacks: the caller's then needs the other's, and not each the other.
func TestServiceConnectAcrossStacks(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), Namespace: "internal"})
	api := ecs.NewService(stack, "Api", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "api", 9000), Exposure: ecs.Exposure{
		ServiceConnect: &ecs.ServiceConnect{Services: []ecs.ServiceConnectService{{PortMappingName: "api"}}}}})
	web := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Web"), nil)
	closed := awsec2.NewSecurityGroup(web, jsii.String("Closed"), &awsec2.SecurityGroupProps{Vpc: importedVpc(web),
		AllowAllOutbound: jsii.Bool(false)})
	ecs.NewService(web, "Web", &ecs.ServiceProps{Cluster: cluster, Task: named(web, "web", 8080),
		SecurityGroups: []awsec2.ISecurityGroup{closed},
		Exposure:       ecs.Exposure{ServiceConnect: &ecs.ServiceConnect{Calls: []*ecs.Service{api}}}})
	assert.Empty(t, cdktest.Synth(t, stack).All("AWS::EC2::SecurityGroupIngress"))
	tpl := cdktest.Synth(t, web)
	in, out := tpl.Only("AWS::EC2::SecurityGroupIngress"), tpl.Only("AWS::EC2::SecurityGroupEgress")
	assert.Same(t, tpl.Only("AWS::EC2::SecurityGroup"), in.Ref("SourceSecurityGroupId"))
	assert.Same(t, tpl.Only("AWS::EC2::SecurityGroup"), out.Ref("GroupId"))
	assert.Equal(t, 9000.0, in.Get("FromPort"))
	assert.Equal(t, 9000.0, out.Get("FromPort"))
	assert.Equal(t, in.Get("GroupId"), out.Get("DestinationSecurityGroupId"), "the way in and the way out lead to two services")
	assert.Contains(t, cdktest.Dig(in.Get("GroupId"), "Fn::GetStackOutput.OutputName"), "ApiSecurityGroup")
}

// Names are held by the service that has them, whether it is found by Service Connect or in DNS.
func TestNamesInCloudMapAreTakenOnce(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), Namespace: "internal"})
	service := func(id string, exposure ecs.Exposure) {
		ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: named(stack, strings.ToLower(id), 80), Exposure: exposure})
	}
	service("One", ecs.Exposure{ServiceDiscovery: &ecs.ServiceDiscovery{Name: "db"}})
	service("Two", ecs.Exposure{ServiceConnect: &ecs.ServiceConnect{Services: []ecs.ServiceConnectService{{PortMappingName: "two"}}}})
	for name, owner := range map[string]string{"DB": "Test/One", "two": "Test/Two"} {
		assert.Equal(t, []string{
			`Test/Again` + owner[5:] + `: Exposure.ServiceDiscovery.Name must not be the name in Cloud Map of ` + owner +
				`, in the same namespace; got "` + name + `"`,
		}, cdktest.Refused(t, func() { service("Again"+owner[5:], ecs.Exposure{ServiceDiscovery: &ecs.ServiceDiscovery{Name: name}}) }))
	}
}

func TestServiceDiscovery(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), Namespace: "internal"})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure: ecs.Exposure{ServiceDiscovery: &ecs.ServiceDiscovery{Name: "db", DnsTtl: 10 * time.Second}}})
	assert.NotNil(t, service.CloudMapService)
	tpl := cdktest.Synth(t, stack)
	entry := tpl.Only("AWS::ServiceDiscovery::Service")
	assert.Equal(t, "db", entry.Get("Name"))
	assert.Equal(t, []any{map[string]any{"TTL": 10.0, "Type": "A"}}, entry.Get("DnsConfig.DnsRecords"))
	assert.Same(t, tpl.Only("AWS::ServiceDiscovery::PrivateDnsNamespace"), entry.Ref("NamespaceId"))
	assert.Same(t, entry, tpl.Only("AWS::ECS::Service").Ref("ServiceRegistries.0.RegistryArn"))
}

// Sessions are encrypted with a key of their own and kept in a log group that it encrypts too.
func TestExecuteCommand(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), ExecuteCommand: &ecs.ExecuteCommand{
		LogRetention: awslogs.RetentionDays_ONE_YEAR, RemovalPolicy: awscdk.RemovalPolicy_DESTROY}})
	task := func(id string) *ecs.Task {
		container := web()
		container.WritableRootFilesystem = true
		return ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{container}})
	}
	ecs.NewService(stack, "Open", &ecs.ServiceProps{Cluster: cluster, Task: task("OpenTask"), ExecuteCommand: true})
	ecs.NewService(stack, "Closed", &ecs.ServiceProps{Cluster: cluster, Task: task("ClosedTask")})
	tpl := cdktest.Synth(t, stack)

	config := tpl.Only("AWS::ECS::Cluster").Get("Configuration.ExecuteCommandConfiguration")
	key, logs := tpl.Only("AWS::KMS::Key"), tpl.At("AWS::Logs::LogGroup", "/ExecuteCommandLogGroup/")
	assert.Equal(t, "OVERRIDE", cdktest.Dig(config, "Logging"))
	assert.Same(t, key, tpl.Follow(cdktest.Dig(config, "KmsKeyId")))
	assert.Same(t, logs, tpl.Follow(cdktest.Dig(config, "LogConfiguration.CloudWatchLogGroupName")))
	assert.Equal(t, true, cdktest.Dig(config, "LogConfiguration.CloudWatchEncryptionEnabled"))
	assert.Same(t, key, logs.Ref("KmsKeyId"))
	assert.Equal(t, 365.0, logs.Get("RetentionInDays"))
	assert.Equal(t, "Delete", logs.DeletionPolicy)
	assert.Equal(t, "Delete", key.DeletionPolicy)
	requireLogsMayUse(t, key)
	assert.Len(t, key.Get("KeyPolicy.Statement"), 2, "the account, and CloudWatch Logs for log groups only")

	assert.Equal(t, true, tpl.At("AWS::ECS::Service", "Test/Open/").Get("EnableExecuteCommand"))
	assert.Nil(t, tpl.At("AWS::ECS::Service", "Test/Closed/").Get("EnableExecuteCommand"))
	cdktest.May(t, tpl.At("AWS::IAM::Role", "OpenTask/TaskRole"),
		cdktest.Allow("kms:Decrypt").On(key), cdktest.Allow("ssmmessages:OpenDataChannel").On("*"))
	cdktest.MayExactly(t, tpl.At("AWS::IAM::Role", "ClosedTask/TaskRole"))
}

func requireLogsMayUse(t *testing.T, key *cdktest.Resource) {
	t.Helper()
	statement := key.Get("KeyPolicy.Statement.1")
	require.Equal(t, []any{"logs.", map[string]any{"Ref": "AWS::Region"}, ".amazonaws.com"},
		cdktest.Dig(statement, "Principal.Service.Fn::Join.1"))
	require.Equal(t,
		[]any{"kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"}, cdktest.Dig(statement, "Action"))
	require.Equal(t, map[string]any{"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"},
		cdktest.Dig(statement, "Condition.ArnLike.kms:EncryptionContext:aws:logs:arn"), "log groups of other accounts may use the key")
}

func TestLogsWithAKey(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	for _, id := range []string{"One", "Two"} {
		ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{web()}, EncryptionKey: key})
	}
	ecs.NewTask(stack, "Imported", &ecs.TaskProps{Containers: []ecs.Container{web()}, EncryptionKey: awskms.Key_FromKeyArn(stack,
		jsii.String("TheirKey"), jsii.String("arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"))})
	tpl := cdktest.Synth(t, stack)
	made := tpl.Only("AWS::KMS::Key")
	assert.Same(t, made, tpl.At("AWS::Logs::LogGroup", "Test/One/").Ref("KmsKeyId"))
	assert.Same(t, made, tpl.At("AWS::Logs::LogGroup", "Test/Two/").Ref("KmsKeyId"))
	assert.Contains(t, tpl.At("AWS::Logs::LogGroup", "Test/Imported/").Get("KmsKeyId"), "arn:aws:kms:eu-west-1")
	requireLogsMayUse(t, made)
	assert.Len(t, made.Get("KeyPolicy.Statement"), 2, "the same permission twice")
}

func TestOpenTelemetry(t *testing.T) {
	stack := cdktest.Stack(t)
	image := registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/collector:1")
	ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()},
		OpenTelemetry: &ecs.OpenTelemetry{Image: &image, MetricNamespace: "Shop", MemoryReservationMiB: 128}})
	tpl := cdktest.Synth(t, stack)

	task, logs := tpl.Only("AWS::ECS::TaskDefinition"), tpl.Only("AWS::Logs::LogGroup")
	assert.Equal(t, "web", task.Get("ContainerDefinitions.0.Name"), "the first container is the one that load balancers mean")
	collector := task.Get("ContainerDefinitions.1")
	for key, want := range map[string]any{
		"Name": "otel-collector", "Essential": false, "ReadonlyRootFilesystem": true, "MemoryReservation": 128.0,
		"Image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/collector:1",
	} {
		assert.Equal(t, want, cdktest.Dig(collector, key), key)
	}
	assert.Equal(t, "AOT_CONFIG_CONTENT", cdktest.Dig(collector, "Environment.0.Name"))
	parts := cdktest.Dig(collector, "Environment.0.Value.Fn::Join.1").([]any)
	assert.Same(t, logs, tpl.Follow(parts[1]))
	var config struct {
		Exporters map[string]map[string]any
		Service   struct {
			Pipelines map[string]map[string][]string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(fmt.Sprint(parts[0], "logs", parts[2])), &config), "the collector cannot read its configuration")
	assert.Equal(t, "Shop", config.Exporters["awsemf"]["namespace"])
	assert.Equal(t, "logs", config.Exporters["awsemf"]["log_group_name"])
	assert.Equal(t, []string{"awsxray"}, config.Service.Pipelines["traces"]["exporters"])
	assert.Equal(t, []string{"awsemf"}, config.Service.Pipelines["metrics"]["exporters"])

	// Metrics go to the task's own log group only.
	cdktest.MayExactly(t, tpl.At("AWS::IAM::Role", "/TaskRole/"),
		cdktest.Allow("logs:CreateLogStream", "logs:PutLogEvents").On(logs), mayTrace())
}

// Alarms of a service whose traffic moves between two target groups watch both, whichever is empty.
func TestAlarmsOfAServiceThatShifts(t *testing.T) {
	s := newShop(t, nil)
	service := s.service("Web", ecs.AlbRule{Priority: 1}, func(p *ecs.ServiceProps) {
		p.Deployment.Strategy, p.Deployment.RollbackOnErrors = awsecs.DeploymentStrategy_BLUE_GREEN, true
	})
	ecs.NewAlarms(s.stack, "Alarms", &ecs.AlarmsProps{Service: service})
	tpl := cdktest.Synth(t, s.stack)
	for name, want := range map[string]string{
		"NoHealthyTask": "blue + green", "UnhealthyTasks": "blue + green", "Errors": "blue + green", "Latency": "IF(blue > green, blue, green)",
	} {
		var expressions []any
		for _, m := range cdktest.List(tpl.At("AWS::CloudWatch::Alarm", "/Alarms/"+name+"/").Get("Metrics")) {
			if e := cdktest.Dig(m, "Expression"); e != nil {
				expressions = append(expressions, e)
			}
		}
		assert.Equal(t, []any{want}, expressions, name)
	}
}

func TestAlarmsOfAWorker(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	worker := ecs.NewService(stack, "Worker", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack)})
	first := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: worker, CpuUtilizationPercent: 95, MemoryUtilizationPercent: 70})
	other := ecs.NewService(stack, "Other", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "other", 80)})
	ecs.NewAlarms(stack, "OtherAlarms", &ecs.AlarmsProps{Service: other, Topic: first.Topic})
	blind := ecs.NewCluster(stack, "Blind", &ecs.ClusterProps{Vpc: cluster.Cluster.Vpc(),
		ContainerInsights: awsecs.ContainerInsights_DISABLED})
	unseen := ecs.NewService(stack, "Unseen", &ecs.ServiceProps{Cluster: blind, Task: named(stack, "unseen", 80)})
	ecs.NewAlarms(stack, "UnseenAlarms", &ecs.AlarmsProps{Service: unseen, Topic: first.Topic})
	ecs.NewDashboard(stack, "UnseenDashboard", &ecs.DashboardProps{Services: []*ecs.Service{unseen}})
	tpl := cdktest.Synth(t, stack)

	topic := tpl.Only("AWS::SNS::Topic")
	assert.Empty(t, tpl.All("AWS::SNS::Subscription"))
	var names []string
	for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(alarm.Path(), "Test/"), "/Resource"))
		assert.Same(t, topic, alarm.Ref("AlarmActions.0"))
	}
	slices.Sort(names)
	assert.Equal(t,
		[]string{"Alarms/BelowDesired", "Alarms/Cpu", "Alarms/Memory", "OtherAlarms/BelowDesired", "OtherAlarms/Cpu", "OtherAlarms/Memory",
			"UnseenAlarms/Cpu", "UnseenAlarms/Memory"}, names, "nobody counts the tasks of a cluster without Container Insights")
	assert.NotContains(t, fmt.Sprint(tpl.Only("AWS::CloudWatch::Dashboard").Get("DashboardBody")), "TaskCount")
	cpu := tpl.At("AWS::CloudWatch::Alarm", "/Alarms/Cpu/")
	cdktest.Has(t, cpu, map[string]any{
		"Namespace":  "AWS/ECS",
		"MetricName": "CPUUtilization",
		"Threshold":  95.0,
	})
	assert.Same(t, tpl.At("AWS::ECS::Cluster", "Test/Cluster/"), tpl.Follow(cpu.Get("Dimensions.0.Value")))
	assert.Same(t, tpl.At("AWS::ECS::Service", "Test/Worker/"), tpl.Follow(cpu.Get("Dimensions.1.Value")))
	assert.Equal(t, 70.0, tpl.At("AWS::CloudWatch::Alarm", "/Alarms/Memory/").Get("Threshold"))
	below := tpl.At("AWS::CloudWatch::Alarm", "Test/Alarms/BelowDesired/")
	cdktest.Has(t, below, map[string]any{
		"Threshold":         1.0,
		"DatapointsToAlarm": 10.0,
		"TreatMissingData":  "notBreaching",
	})
	assert.Equal(t, "desired - running", below.Get("Metrics.0.Expression"))
}

// Where there may be no tasks by design, having none is no alarm.
func TestNoAlarmForAServiceAtRest(t *testing.T) {
	s := newShop(t, nil)
	cases := []struct {
		missing string
		change  func(p *ecs.ServiceProps)
	}{
		{"breaching", func(p *ecs.ServiceProps) { p.DesiredCount = new(2) }},
		{"notBreaching", func(p *ecs.ServiceProps) { p.DesiredCount = new(0) }},
		{"notBreaching", func(p *ecs.ServiceProps) {
			p.Scaling = &ecs.Scaling{ScaleToZero: true, MaxCapacity: 2, Schedules: []ecs.ScheduledScaling{{Name: "Day",
				ScheduleExpression: "rate(1 day)", MinCapacity: new(1)}}}
		}},
		{"notBreaching", func(p *ecs.ServiceProps) {
			p.Scaling = &ecs.Scaling{MaxCapacity: 2, Schedules: []ecs.ScheduledScaling{{Name: "Night", ScheduleExpression: "rate(1 day)",
				MinCapacity: new(0), MaxCapacity: new(0)}, {Name: "Day", ScheduleExpression: "rate(1 day)", MinCapacity: new(1), MaxCapacity: new(2)}}}
		}},
	}
	for i, c := range cases {
		service := s.service(fmt.Sprint("Service", i), ecs.AlbRule{Priority: i + 1}, c.change)
		ecs.NewAlarms(s.stack, fmt.Sprint("Alarms", i), &ecs.AlarmsProps{Service: service})
	}
	tpl := cdktest.Synth(t, s.stack)
	for i, c := range cases {
		alarm := tpl.At("AWS::CloudWatch::Alarm", fmt.Sprintf("/Alarms%d/NoHealthyTask/", i))
		assert.Equal(t, c.missing, alarm.Get("TreatMissingData"), "%d", i)
	}
}

// The dashboard is JSON that CloudWatch can read once the names are filled in.
func TestDashboard(t *testing.T) {
	s := newShop(t, nil)
	web := s.service("Web", ecs.AlbRule{Priority: 1}, func(p *ecs.ServiceProps) {
		p.Deployment.Strategy, p.Deployment.RollbackOnErrors = awsecs.DeploymentStrategy_BLUE_GREEN, true
	})
	worker := ecs.NewService(s.stack, "Worker", &ecs.ServiceProps{Cluster: s.cluster, Task: newTask(s.stack)})
	ecs.NewDashboard(s.stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{web, worker}, DashboardName: "shop"})
	tpl := cdktest.Synth(t, s.stack)

	board := tpl.Only("AWS::CloudWatch::Dashboard")
	assert.Equal(t, "shop", board.Get("DashboardName"))
	var text strings.Builder
	for _, part := range board.Get("DashboardBody.Fn::Join.1").([]any) {
		if plain, ok := part.(string); ok {
			text.WriteString(plain)
			continue
		}
		target := tpl.Follow(part)
		if target != nil {
			text.WriteString(target.Id)
			continue
		}
		text.WriteString("x")
	}
	var body struct {
		Widgets []struct {
			Type                string
			X, Y, Width, Height int
			Properties          struct {
				Title, Region string
				Metrics       [][]any
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text.String()), &body))
	var titles []string
	taken := map[[2]int]bool{}
	for _, w := range body.Widgets {
		titles = append(titles, w.Properties.Title)
		for x := w.X; x < w.X+w.Width; x++ {
			require.False(t, taken[[2]int{x, w.Y}], "two widgets in one place")
			taken[[2]int{x, w.Y}] = true
		}
	}
	assert.Equal(t, []string{"", "Requests and errors", "Response time (s)", "Healthy and unhealthy tasks", "CPU and memory (%)", "Tasks",
		"", "CPU and memory (%)", "Tasks"}, titles)
	assert.Len(t, body.Widgets[1].Properties.Metrics, 6, "three of each target group")
	assert.Equal(t, "RequestCount", body.Widgets[1].Properties.Metrics[0][1])
	assert.Equal(t, groupOf(tpl, "Web").Id, body.Widgets[1].Properties.Metrics[0][5])
	assert.Equal(t, tpl.At("AWS::ECS::Service", "Test/Worker/").Id, body.Widgets[7].Properties.Metrics[0][5])
}

// Alarms reach people: metric, alarm, topic, subscription, and a key that CloudWatch may use.
func TestAlarms(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: cluster.Cluster.Vpc()})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{
			{LoadBalancer: alb, Priority: 1, Conditions: elb.Conditions{PathPatterns: []string{"/a/*"}}},
			{Id: "B", LoadBalancer: alb, Priority: 2, Conditions: elb.Conditions{PathPatterns: []string{"/b/*"}}},
		}},
	})
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service, Emails: []string{"on-call@example.com"}})
	tpl := cdktest.Synth(t, stack)

	topic := tpl.Only("AWS::SNS::Topic")
	first, second := tpl.At("AWS::ElasticLoadBalancingV2::TargetGroup", "/Service/TargetGroup/"),
		tpl.At("AWS::ElasticLoadBalancingV2::TargetGroup", "/TargetGroupB/")
	metrics := map[any]int{}
	for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
		metrics[alarm.Get("MetricName")]++
		group := first
		if strings.Contains(alarm.Path(), "B/") {
			group = second
		}
		assert.Same(t, topic, alarm.Ref("AlarmActions.0"))
		assert.Same(t, topic, alarm.Ref("OKActions.0"))
		for _, d := range cdktest.List(alarm.Get("Dimensions")) {
			if cdktest.Dig(d, "Name") == "TargetGroup" {
				assert.Same(t, group, tpl.Follow(cdktest.Dig(d, "Value")))
			}
		}
	}
	assert.Equal(t, map[any]int{
		"HealthyHostCount": 2, "UnHealthyHostCount": 2, "HTTPCode_Target_5XX_Count": 2, "TargetResponseTime": 2, "HTTPCode_ELB_5XX_Count": 1,
		"CPUUtilization": 1, "MemoryUtilization": 1, nil: 1, // the last is computed from two
	}, metrics, "four a target group, one a load balancer, three a service")
	down := tpl.At("AWS::CloudWatch::Alarm", "/NoHealthyTask/")
	cdktest.Has(t, down, map[string]any{
		"ComparisonOperator": "LessThanThreshold",
		"Threshold":          1.0,
		"TreatMissingData":   "breaching",
	}, "a site that is down raises no alarm")
	assert.Contains(t, down.Dependencies(), tpl.Only("AWS::ECS::Service").Id, "it goes off before the first task is up")

	mail := tpl.Only("AWS::SNS::Subscription")
	cdktest.Has(t, mail, map[string]any{
		"Protocol": "email",
		"Endpoint": "on-call@example.com",
	})
	assert.Same(t, topic, mail.Ref("TopicArn"))
}
