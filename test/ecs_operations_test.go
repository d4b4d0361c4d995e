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
)

// named is a task whose one port others may reach by name.
func named(stack awscdk.Stack, name string, port int) *ecs.Task {
	return ecs.NewTask(stack, name+"Task", &ecs.TaskProps{Cpu: 512, Containers: []ecs.Container{{
		Name: name, Image: registry.FromRegistry(publicImage), PortMappings: []ecs.PortMapping{{ContainerPort: port, Name: name,
			AppProtocol: "http"}},
	}}})
}

// One service calls another by name: namespace, alias, the way in, and the order in which they are deployed.
func TestServiceConnect(t *testing.T) {
	stack := newStack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), Namespace: "prod.internal"})
	api := ecs.NewService(stack, "Api", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "api", 9000), Exposure: ecs.Exposure{
		ServiceConnect: &ecs.ServiceConnect{Services: []ecs.ServiceConnectService{{
			PortMappingName: "api", DnsName: "orders", Port: 80, PerRequestTimeout: 5 * time.Second, IdleTimeout: time.Minute,
		}}}}})
	ecs.NewService(stack, "Web", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "web", 8080), Exposure: ecs.Exposure{
		ServiceConnect: &ecs.ServiceConnect{Calls: []*ecs.Service{api}}}})
	assert.Equal(t, []string{
		`Test/Other: Exposure.ServiceConnect.Services[0].DnsName must not be the alias of Test/Api, in the same namespace; got "orders:80"`,
	}, refusal(t, func() {
		ecs.NewService(stack, "Other", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "other", 9000), Exposure: ecs.Exposure{
			ServiceConnect: &ecs.ServiceConnect{Services: []ecs.ServiceConnectService{{PortMappingName: "other", DnsName: "orders", Port: 80}}}}})
	}))
	tpl := synth(t, stack)

	namespace := tpl.only("AWS::ServiceDiscovery::PrivateDnsNamespace")
	assert.Equal(t, []any{"prod.internal", "vpc-0123456789abcdef0"}, []any{namespace.get("Name"), namespace.get("Vpc")})
	assert.Same(t, namespace, tpl.only("AWS::ECS::Cluster").ref("ServiceConnectDefaults.Namespace"))
	server, client := tpl.at("AWS::ECS::Service", "Test/Api/"), tpl.at("AWS::ECS::Service", "Test/Web/")
	for _, service := range []*resource{server, client} {
		assert.Same(t, namespace, service.ref("ServiceConnectConfiguration.Namespace"), "by its name, another VPC's may be meant")
		assert.Equal(t, true, service.get("ServiceConnectConfiguration.Enabled"))
		assert.Same(t, service.ref("TaskDefinition").ref("ContainerDefinitions.0.LogConfiguration.Options.awslogs-group"),
			service.ref("ServiceConnectConfiguration.LogConfiguration.Options.awslogs-group"))
	}
	assert.Equal(t, []any{map[string]any{
		"PortName": "api", "DiscoveryName": "api", "ClientAliases": []any{map[string]any{"DnsName": "orders", "Port": 80.0}},
		"Timeout": map[string]any{"PerRequestTimeoutSeconds": 5.0, "IdleTimeoutSeconds": 60.0},
	}}, server.get("ServiceConnectConfiguration.Services"))
	assert.Equal(t, "http", server.ref("TaskDefinition").get("ContainerDefinitions.0.PortMappings.0.AppProtocol"))
	assert.Empty(t, client.get("ServiceConnectConfiguration.Services"))
	assert.Contains(t, client.dependsOn(), server.id, "the caller's proxy would not know the name")

	in := tpl.only("AWS::EC2::SecurityGroupIngress")
	assert.Same(t, server.ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0"), in.ref("GroupId"))
	assert.Same(t, client.ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0"), in.ref("SourceSecurityGroupId"))
	assert.Equal(t, []any{9000.0, 9000.0}, []any{in.get("FromPort"), in.get("ToPort")}, "the container's port, whatever callers call")
}

// Caller and called may stand in two stacks: the caller's then needs the other's, and not each the other.
func TestServiceConnectAcrossStacks(t *testing.T) {
	stack := newStack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), Namespace: "internal"})
	api := ecs.NewService(stack, "Api", &ecs.ServiceProps{Cluster: cluster, Task: named(stack, "api", 9000), Exposure: ecs.Exposure{
		ServiceConnect: &ecs.ServiceConnect{Services: []ecs.ServiceConnectService{{PortMappingName: "api"}}}}})
	web := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Web"), nil)
	closed := awsec2.NewSecurityGroup(web, jsii.String("Closed"), &awsec2.SecurityGroupProps{Vpc: importedVpc(web),
		AllowAllOutbound: jsii.Bool(false)})
	ecs.NewService(web, "Web", &ecs.ServiceProps{Cluster: cluster, Task: named(web, "web", 8080),
		SecurityGroups: []awsec2.ISecurityGroup{closed},
		Exposure:       ecs.Exposure{ServiceConnect: &ecs.ServiceConnect{Calls: []*ecs.Service{api}}}})
	synth(t, stack)

	assert.Empty(t, readTemplate(t, *awscdk.App_Of(stack).Outdir(), "Test").all("AWS::EC2::SecurityGroupIngress"))
	tpl := readTemplate(t, *awscdk.App_Of(stack).Outdir(), "Web")
	in, out := tpl.only("AWS::EC2::SecurityGroupIngress"), tpl.only("AWS::EC2::SecurityGroupEgress")
	assert.Same(t, tpl.only("AWS::EC2::SecurityGroup"), in.ref("SourceSecurityGroupId"))
	assert.Same(t, tpl.only("AWS::EC2::SecurityGroup"), out.ref("GroupId"))
	assert.Equal(t, []any{9000.0, 9000.0}, []any{in.get("FromPort"), out.get("FromPort")})
	assert.Equal(t, in.get("GroupId"), out.get("DestinationSecurityGroupId"), "the way in and the way out lead to two services")
	assert.Contains(t, dig(in.get("GroupId"), "Fn::GetStackOutput.OutputName"), "ApiSecurityGroup")
}

// Names are held by the service that has them, whether it is found by Service Connect or in DNS.
func TestNamesInCloudMapAreTakenOnce(t *testing.T) {
	stack := newStack(t)
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
		}, refusal(t, func() { service("Again"+owner[5:], ecs.Exposure{ServiceDiscovery: &ecs.ServiceDiscovery{Name: name}}) }))
	}
}

func TestServiceDiscovery(t *testing.T) {
	stack := newStack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), Namespace: "internal"})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure: ecs.Exposure{ServiceDiscovery: &ecs.ServiceDiscovery{Name: "db", DnsTtl: 10 * time.Second}}})
	assert.NotNil(t, service.CloudMapService)
	tpl := synth(t, stack)
	entry := tpl.only("AWS::ServiceDiscovery::Service")
	assert.Equal(t, "db", entry.get("Name"))
	assert.Equal(t, []any{map[string]any{"TTL": 10.0, "Type": "A"}}, entry.get("DnsConfig.DnsRecords"))
	assert.Same(t, tpl.only("AWS::ServiceDiscovery::PrivateDnsNamespace"), entry.ref("NamespaceId"))
	assert.Same(t, entry, tpl.only("AWS::ECS::Service").ref("ServiceRegistries.0.RegistryArn"))
}

// Sessions are encrypted with a key of their own and kept in a log group that it encrypts too.
func TestExecuteCommand(t *testing.T) {
	stack := newStack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack), ExecuteCommand: &ecs.ExecuteCommand{
		LogRetention: awslogs.RetentionDays_ONE_YEAR, RemovalPolicy: awscdk.RemovalPolicy_DESTROY}})
	task := func(id string) *ecs.Task {
		container := web()
		container.WritableRootFilesystem = true
		return ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{container}})
	}
	ecs.NewService(stack, "Open", &ecs.ServiceProps{Cluster: cluster, Task: task("OpenTask"), ExecuteCommand: true})
	ecs.NewService(stack, "Closed", &ecs.ServiceProps{Cluster: cluster, Task: task("ClosedTask")})
	tpl := synth(t, stack)

	config := tpl.only("AWS::ECS::Cluster").get("Configuration.ExecuteCommandConfiguration")
	key, logs := tpl.only("AWS::KMS::Key"), tpl.at("AWS::Logs::LogGroup", "/ExecuteCommandLogGroup/")
	assert.Equal(t, "OVERRIDE", dig(config, "Logging"))
	assert.Same(t, key, tpl.follow(dig(config, "KmsKeyId")))
	assert.Same(t, logs, tpl.follow(dig(config, "LogConfiguration.CloudWatchLogGroupName")))
	assert.Equal(t, true, dig(config, "LogConfiguration.CloudWatchEncryptionEnabled"))
	assert.Same(t, key, logs.ref("KmsKeyId"))
	assert.Equal(t, []any{365.0, "Delete", "Delete"}, []any{logs.get("RetentionInDays"), logs.DeletionPolicy, key.DeletionPolicy})
	requireLogsMayUse(t, key)

	assert.Equal(t, true, tpl.at("AWS::ECS::Service", "Test/Open/").get("EnableExecuteCommand"))
	assert.Nil(t, tpl.at("AWS::ECS::Service", "Test/Closed/").get("EnableExecuteCommand"))
	may := allowed(t, tpl.at("AWS::IAM::Role", "OpenTask/TaskRole"))
	assert.Equal(t, []*resource{key}, may["kms:Decrypt"])
	assert.Equal(t, []*resource{nil}, may["ssmmessages:OpenDataChannel"])
	assert.Empty(t, allowed(t, tpl.at("AWS::IAM::Role", "ClosedTask/TaskRole")))
}

func requireLogsMayUse(t *testing.T, key *resource) {
	t.Helper()
	statement := key.get("KeyPolicy.Statement.1")
	require.Equal(t, []any{"logs.", map[string]any{"Ref": "AWS::Region"}, ".amazonaws.com"}, dig(statement, "Principal.Service.Fn::Join.1"))
	require.Equal(t,
		[]any{"kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"}, dig(statement, "Action"))
	require.Equal(t, map[string]any{"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"},
		dig(statement, "Condition.ArnLike.kms:EncryptionContext:aws:logs:arn"), "log groups of other accounts may use the key")
}

func TestLogsWithAKey(t *testing.T) {
	stack := newStack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	for _, id := range []string{"One", "Two"} {
		ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{web()}, LogEncryptionKey: key})
	}
	ecs.NewTask(stack, "Imported", &ecs.TaskProps{Containers: []ecs.Container{web()}, LogEncryptionKey: awskms.Key_FromKeyArn(stack,
		jsii.String("TheirKey"), jsii.String("arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"))})
	tpl := synth(t, stack)
	made := tpl.only("AWS::KMS::Key")
	assert.Same(t, made, tpl.at("AWS::Logs::LogGroup", "Test/One/").ref("KmsKeyId"))
	assert.Same(t, made, tpl.at("AWS::Logs::LogGroup", "Test/Two/").ref("KmsKeyId"))
	assert.Contains(t, tpl.at("AWS::Logs::LogGroup", "Test/Imported/").get("KmsKeyId"), "arn:aws:kms:eu-west-1")
	requireLogsMayUse(t, made)
	assert.Len(t, made.get("KeyPolicy.Statement"), 2, "the same permission twice")
}

func TestOpenTelemetry(t *testing.T) {
	stack := newStack(t)
	image := registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/collector:1")
	ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()},
		OpenTelemetry: &ecs.OpenTelemetry{Image: &image, MetricNamespace: "Shop", MemoryReservationMiB: 128}})
	tpl := synth(t, stack)

	task, logs := tpl.only("AWS::ECS::TaskDefinition"), tpl.only("AWS::Logs::LogGroup")
	assert.Equal(t, "web", task.get("ContainerDefinitions.0.Name"), "the first container is the one that load balancers mean")
	collector := task.get("ContainerDefinitions.1")
	for key, want := range map[string]any{
		"Name": "otel-collector", "Essential": false, "ReadonlyRootFilesystem": true, "MemoryReservation": 128.0,
		"Image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/collector:1",
	} {
		assert.Equal(t, want, dig(collector, key), key)
	}
	assert.Equal(t, "AOT_CONFIG_CONTENT", dig(collector, "Environment.0.Name"))
	parts := dig(collector, "Environment.0.Value.Fn::Join.1").([]any)
	assert.Same(t, logs, tpl.follow(parts[1]))
	var config struct {
		Exporters map[string]map[string]any
		Service   struct {
			Pipelines map[string]map[string][]string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(fmt.Sprint(parts[0], "logs", parts[2])), &config), "the collector cannot read its configuration")
	assert.Equal(t, []any{"Shop", "logs"}, []any{config.Exporters["awsemf"]["namespace"], config.Exporters["awsemf"]["log_group_name"]})
	assert.Equal(t, []string{"awsxray"}, config.Service.Pipelines["traces"]["exporters"])
	assert.Equal(t, []string{"awsemf"}, config.Service.Pipelines["metrics"]["exporters"])

	may := allowed(t, tpl.at("AWS::IAM::Role", "/TaskRole/"))
	assert.Equal(t, []*resource{logs}, may["logs:PutLogEvents"], "metrics go to the task's own log group alone")
	assert.Equal(t, []*resource{nil}, may["xray:PutTraceSegments"])
	assert.Len(t, may, 7)
}

// Alarms of a service whose traffic moves between two target groups watch both, whichever is empty.
func TestAlarmsOfAServiceThatShifts(t *testing.T) {
	s := newShop(t, nil)
	service := s.service("Web", ecs.AlbRule{Priority: 1}, func(p *ecs.ServiceProps) {
		p.Deployment.Strategy = awsecs.DeploymentStrategy_BLUE_GREEN
	})
	ecs.NewAlarms(s.stack, "Alarms", &ecs.AlarmsProps{Service: service})
	tpl := synth(t, s.stack)
	for name, want := range map[string]string{
		"NoHealthyTask": "blue + green", "UnhealthyTasks": "blue + green", "Errors": "blue + green", "Latency": "MAX([blue, green])",
	} {
		var expressions []any
		for _, m := range list(tpl.at("AWS::CloudWatch::Alarm", "/Alarms/"+name+"/").get("Metrics")) {
			if e := dig(m, "Expression"); e != nil {
				expressions = append(expressions, e)
			}
		}
		assert.Equal(t, []any{want}, expressions, name)
	}
}

func TestAlarmsOfAWorker(t *testing.T) {
	stack := newStack(t)
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
	tpl := synth(t, stack)

	topic := tpl.only("AWS::SNS::Topic")
	assert.Empty(t, tpl.all("AWS::SNS::Subscription"))
	var names []string
	for _, alarm := range tpl.all("AWS::CloudWatch::Alarm") {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(alarm.path(), "Test/"), "/Resource"))
		assert.Same(t, topic, alarm.ref("AlarmActions.0"))
	}
	slices.Sort(names)
	assert.Equal(t,
		[]string{"Alarms/BelowDesired", "Alarms/Cpu", "Alarms/Memory", "OtherAlarms/BelowDesired", "OtherAlarms/Cpu", "OtherAlarms/Memory",
			"UnseenAlarms/Cpu", "UnseenAlarms/Memory"}, names, "nobody counts the tasks of a cluster without Container Insights")
	assert.NotContains(t, fmt.Sprint(tpl.only("AWS::CloudWatch::Dashboard").get("DashboardBody")), "TaskCount")
	cpu := tpl.at("AWS::CloudWatch::Alarm", "/Alarms/Cpu/")
	assert.Equal(t, []any{"AWS/ECS", "CPUUtilization", 95.0}, []any{cpu.get("Namespace"), cpu.get("MetricName"), cpu.get("Threshold")})
	assert.Same(t, tpl.at("AWS::ECS::Cluster", "Test/Cluster/"), tpl.follow(cpu.get("Dimensions.0.Value")))
	assert.Same(t, tpl.at("AWS::ECS::Service", "Test/Worker/"), tpl.follow(cpu.get("Dimensions.1.Value")))
	assert.Equal(t, 70.0, tpl.at("AWS::CloudWatch::Alarm", "/Alarms/Memory/").get("Threshold"))
	below := tpl.at("AWS::CloudWatch::Alarm", "Test/Alarms/BelowDesired/")
	assert.Equal(t, []any{1.0, 10.0, "notBreaching"},
		[]any{below.get("Threshold"), below.get("DatapointsToAlarm"), below.get("TreatMissingData")})
	assert.Equal(t, "desired - running", below.get("Metrics.0.Expression"))
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
				MinCapacity: new(0), MaxCapacity: new(0)}}}
		}},
	}
	for i, c := range cases {
		service := s.service(fmt.Sprint("Service", i), ecs.AlbRule{Priority: i + 1}, c.change)
		ecs.NewAlarms(s.stack, fmt.Sprint("Alarms", i), &ecs.AlarmsProps{Service: service})
	}
	tpl := synth(t, s.stack)
	for i, c := range cases {
		alarm := tpl.at("AWS::CloudWatch::Alarm", fmt.Sprintf("/Alarms%d/NoHealthyTask/", i))
		assert.Equal(t, c.missing, alarm.get("TreatMissingData"), "%d", i)
	}
}

// The dashboard is JSON that CloudWatch can read once the names are filled in.
func TestDashboard(t *testing.T) {
	s := newShop(t, nil)
	web := s.service("Web", ecs.AlbRule{Priority: 1}, func(p *ecs.ServiceProps) {
		p.Deployment.Strategy = awsecs.DeploymentStrategy_BLUE_GREEN
	})
	worker := ecs.NewService(s.stack, "Worker", &ecs.ServiceProps{Cluster: s.cluster, Task: newTask(s.stack)})
	ecs.NewDashboard(s.stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{web, worker}, DashboardName: "shop"})
	tpl := synth(t, s.stack)

	board := tpl.only("AWS::CloudWatch::Dashboard")
	assert.Equal(t, "shop", board.get("DashboardName"))
	var text strings.Builder
	for _, part := range board.get("DashboardBody.Fn::Join.1").([]any) {
		if plain, ok := part.(string); ok {
			text.WriteString(plain)
			continue
		}
		target := tpl.follow(part)
		if target != nil {
			text.WriteString(target.id)
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
	assert.Equal(t, groupOf(tpl, "Web").id, body.Widgets[1].Properties.Metrics[0][5])
	assert.Equal(t, tpl.at("AWS::ECS::Service", "Test/Worker/").id, body.Widgets[7].Properties.Metrics[0][5])
}

// Alarms reach people: metric, alarm, topic, subscription, and a key that CloudWatch may use.
func TestAlarms(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: cluster.Cluster.Vpc()})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{
			{LoadBalancer: alb, Priority: 1, Conditions: elb.Conditions{PathPatterns: []string{"/a/*"}}},
			{LoadBalancer: alb, Priority: 2, Conditions: elb.Conditions{PathPatterns: []string{"/b/*"}}},
		}},
	})
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service, Emails: []string{"on-call@example.com"}})
	tpl := synth(t, stack)

	topic := tpl.only("AWS::SNS::Topic")
	first, second := tpl.at("AWS::ElasticLoadBalancingV2::TargetGroup", "/Service/TargetGroup/"),
		tpl.at("AWS::ElasticLoadBalancingV2::TargetGroup", "/TargetGroup2/")
	metrics := map[any]int{}
	for _, alarm := range tpl.all("AWS::CloudWatch::Alarm") {
		metrics[alarm.get("MetricName")]++
		group := first
		if strings.Contains(alarm.path(), "2/") {
			group = second
		}
		assert.Same(t, topic, alarm.ref("AlarmActions.0"))
		assert.Same(t, topic, alarm.ref("OKActions.0"))
		for _, d := range list(alarm.get("Dimensions")) {
			if dig(d, "Name") == "TargetGroup" {
				assert.Same(t, group, tpl.follow(dig(d, "Value")))
			}
		}
	}
	assert.Equal(t, map[any]int{
		"HealthyHostCount": 2, "UnHealthyHostCount": 2, "HTTPCode_Target_5XX_Count": 2, "TargetResponseTime": 2, "HTTPCode_ELB_5XX_Count": 1,
		"CPUUtilization": 1, "MemoryUtilization": 1, nil: 1, // the last is computed from two
	}, metrics, "four a target group, one a load balancer, three a service")
	down := tpl.at("AWS::CloudWatch::Alarm", "/NoHealthyTask/")
	assert.Equal(t, []any{"LessThanThreshold", 1.0, "breaching"},
		[]any{down.get("ComparisonOperator"), down.get("Threshold"), down.get("TreatMissingData")}, "a site that is down raises no alarm")
	assert.Contains(t, down.dependsOn(), tpl.only("AWS::ECS::Service").id, "it goes off before the first task is up")

	mail := tpl.only("AWS::SNS::Subscription")
	assert.Equal(t, []any{"email", "on-call@example.com"}, []any{mail.get("Protocol"), mail.get("Endpoint")})
	assert.Same(t, topic, mail.ref("TopicArn"))
}
