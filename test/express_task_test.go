package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/express"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

// mainContainer is a container that an Express service can send requests to.
func mainContainer() ecs.Container {
	return ecs.Container{Name: "Main", Image: registry.FromRegistry(publicImage),
		PortMappings: []ecs.PortMapping{{Name: "http", ContainerPort: 8080}}}
}

// With a task definition of one's own, the service has nothing that belongs in one, and waits for its roles.
func TestExpressServiceWithATask(t *testing.T) {
	stack := cdktest.Stack(t)
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Containers: []ecs.Container{mainContainer()}, CpuArchitecture: platform.Arm64, OpenTelemetry: &ecs.OpenTelemetry{},
	})
	service := express.NewService(stack, "Web", &express.ServiceProps{Task: task, HealthCheckPath: "/up", MaxSize: 3})
	awss3.NewBucket(stack, jsii.String("Data"), nil).GrantRead(service, nil)
	tpl := cdktest.Synth(t, stack)

	s, definition := tpl.Only(expressType), tpl.Only("AWS::ECS::TaskDefinition")
	assert.Same(t, definition, s.Ref("TaskDefinitionArn"))
	for _, other := range []string{"PrimaryContainer", "Cpu", "Memory", "ExecutionRoleArn", "TaskRoleArn"} {
		assert.Nil(t, s.Get(other), "ECS refuses %s beside a task definition", other)
	}
	cdktest.Has(t, s, map[string]any{"HealthCheckPath": "/up", "ScalingTarget.MaxTaskCount": 3.0})
	assert.Len(t, tpl.All("AWS::IAM::Role"), 3, "a role that nothing uses")
	assert.Same(t, task.LogGroup, service.LogGroup)
	cdktest.May(t, definition.Ref("TaskRoleArn"), cdktest.Allow("s3:GetObject*").On(cdktest.Arn(tpl.Only("AWS::S3::Bucket"), "/*")))
	for _, role := range tpl.All("AWS::IAM::Role") {
		assert.Contains(t, s.Dependencies(), role.Id, "%s is made too late", role.Path())
	}
}

func TestTasksThatExpressServicesRefuse(t *testing.T) {
	const useEcs = "; use ecs.NewService"
	for name, c := range map[string]struct {
		change func(stack awscdk.Stack, p *ecs.TaskProps)
		want   []string
	}{
		"name": {func(_ awscdk.Stack, p *ecs.TaskProps) { p.Containers[0].Name = "web" },
			[]string{`Test/Web: Task must have a container named "Main", which gets the requests; got "web"`}},
		"no port": {func(_ awscdk.Stack, p *ecs.TaskProps) { p.Containers[0].PortMappings = nil },
			[]string{`Test/Web: Task must have one port mapping with a Name, by TCP, in its container "Main"`}},
		"port without a name": {func(_ awscdk.Stack, p *ecs.TaskProps) { p.Containers[0].PortMappings[0].Name = "" },
			[]string{`Test/Web: Task must have one port mapping with a Name, by TCP, in its container "Main"`}},
		"two ports": {func(_ awscdk.Stack, p *ecs.TaskProps) {
			p.Containers[0].PortMappings = append(p.Containers[0].PortMappings, ecs.PortMapping{Name: "admin", ContainerPort: 9000})
		}, []string{`Test/Web: Task must have one port mapping with a Name, by TCP, in its container "Main"`}},
		"EC2": {func(_ awscdk.Stack, p *ecs.TaskProps) { p.Compatibility = awsecs.Compatibility_EC2 },
			[]string{`Test/Web: Task must be able to run on Fargate, the only capacity of Express Mode; got "EC2"`}},
		"EFS": {func(stack awscdk.Stack, p *ecs.TaskProps) {
			files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: newCluster(stack).Vpc()})
			p.Volumes = []ecs.Volume{{Name: "files", Efs: &ecs.EfsVolume{FileSystem: files}}}
			p.Containers[0].MountPoints = []ecs.MountPoint{{SourceVolume: "files", ContainerPath: "/files"}}
		}, []string{"Test/Web: Task must not mount EFS file systems, because only ECS knows the security group of Express Mode's tasks" +
			useEcs}},
		"EBS": {func(_ awscdk.Stack, p *ecs.TaskProps) {
			p.Volumes = []ecs.Volume{{Name: "disk", Ebs: &ecs.EbsVolume{SizeGiB: 10}}}
			p.Containers[0].MountPoints = []ecs.MountPoint{{SourceVolume: "disk", ContainerPath: "/disk"}}
		}, []string{"Test/Web: Task must not have EBS volumes, which Express Mode does not attach" + useEcs}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			p := ecs.TaskProps{Containers: []ecs.Container{mainContainer()}}
			c.change(stack, &p)
			task := ecs.NewTask(stack, "Task", &p)
			assert.Equal(t, c.want, cdktest.Refused(t, func() { express.NewService(stack, "Web", &express.ServiceProps{Task: task}) }))
		})
	}
}

func TestExpressServiceRefusesWhatItsTaskHas(t *testing.T) {
	stack := cdktest.Stack(t)
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{mainContainer()}})
	const other = " must not be set together with Task, which has its own; set it in ecs.TaskProps"
	assert.Equal(t, []string{
		"Test/Web: Image" + other, "Test/Web: Port" + other, "Test/Web: Cpu" + other, "Test/Web: RuntimeMonitoring" + other,
	}, cdktest.Refused(t, func() {
		express.NewService(stack, "Web", &express.ServiceProps{
			Task: task, Image: registry.FromRegistry(publicImage), Port: 80, Cpu: 256, RuntimeMonitoring: true,
		})
	}))
	assert.Equal(t, []string{"Test/Unmade: Task must be created by ecs.NewTask or ecs.TaskFrom"},
		cdktest.Refused(t, func() { express.NewService(stack, "Unmade", &express.ServiceProps{Task: &ecs.Task{}}) }))
}

// The execution role may read the credentials of a private registry, and nothing else that is secret.
func TestExpressServiceWithCredentials(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3"
	stack := cdktest.Stack(t)
	express.NewService(stack, "Web", &express.ServiceProps{Image: registry.FromRegistry("ghcr.io/acme/private:1.0").WithCredentialsArn(arn)})
	tpl := cdktest.Synth(t, stack)
	s := tpl.Only(expressType)
	assert.Equal(t, arn, s.Get("PrimaryContainer.RepositoryCredentials.CredentialsParameter"))
	assert.Equal(t, "ghcr.io/acme/private:1.0", s.Get("PrimaryContainer.Image"))
	cdktest.MayExactly(t, s.Ref("ExecutionRoleArn"),
		cdktest.Allow("logs:CreateLogStream", "logs:PutLogEvents").On(tpl.Only("AWS::Logs::LogGroup")),
		cdktest.Allow("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret").On(arn))
}

// Alarms watch the load balancer and the service that ECS creates, by names in what it returns.
func TestExpressAlarms(t *testing.T) {
	stack := cdktest.Stack(t)
	service := express.NewService(stack, "Web", &express.ServiceProps{Image: registry.FromRegistry(publicImage), Cluster: newCluster(stack)})
	topic := notify.NewTopic(stack, "OnCall", nil)
	express.NewAlarms(stack, "Alarms", &express.AlarmsProps{Service: service, Topic: topic, ErrorsPerMinute: 50})
	tpl := cdktest.Synth(t, stack)

	s := tpl.Only(expressType)
	watched := map[string]float64{}
	for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
		assert.Same(t, tpl.Only("AWS::SNS::Topic"), alarm.Ref("AlarmActions.0"), "nobody hears of %s", alarm.Path())
		name, _ := alarm.Get("MetricName").(string)
		watched[name], _ = alarm.Get("Threshold").(float64)
		assert.True(t, alarm.Refers(s), "%s watches something else", alarm.Path())
	}
	assert.Equal(t, map[string]float64{
		"HTTPCode_Target_5XX_Count": 50, "HTTPCode_ELB_5XX_Count": 50, "TargetResponseTime": 2, "CPUUtilization": 85, "MemoryUtilization": 90,
		"": 1, // fewer tasks than desired, an expression
	}, watched)
	attribute := func(name string) map[string]any { return map[string]any{"Fn::GetAtt": []any{s.Id, name}} }
	assert.Equal(t, []any{map[string]any{"Name": "LoadBalancer", "Value": map[string]any{"Fn::Select": []any{1.0, map[string]any{
		"Fn::Split": []any{":loadbalancer/", attribute("ECSManagedResourceArns.IngressPath.LoadBalancerArn")}}}}}},
		tpl.At("AWS::CloudWatch::Alarm", "/Errors/").Get("Dimensions"), "app/<name>/<id>")
	assert.Equal(t, map[string]any{"Fn::Select": []any{2.0, map[string]any{"Fn::Split": []any{"/", attribute("ServiceArn")}}}},
		tpl.At("AWS::CloudWatch::Alarm", "/Cpu/").Get("Dimensions.1.Value"), "service/<cluster>/<name>")

	pattern := tpl.Only("AWS::Events::Rule").Get("EventPattern").(map[string]any)
	pattern["resources"] = []any{"arn:service"} // a reference
	event := func(name, reason string) map[string]any {
		return map[string]any{"source": "aws.ecs", "detail-type": "ECS Deployment State Change", "resources": []any{"arn:service"},
			"detail": map[string]any{"eventName": name, "reason": reason}}
	}
	assert.True(t, cdktest.Matches(t, pattern, event("SERVICE_DEPLOYMENT_FAILED", "tasks failed to start.")))
	assert.True(t, cdktest.Matches(t, pattern, event("SERVICE_DEPLOYMENT_IN_PROGRESS", "Rolling back: alarm detected.")))
	assert.False(t, cdktest.Matches(t, pattern, event("SERVICE_DEPLOYMENT_IN_PROGRESS", "Service deployment in progress.")))
	assert.False(t, cdktest.Matches(t, pattern, event("SERVICE_DEPLOYMENT_COMPLETED", "")))
}

func TestExpressAlarmsTakeACluster(t *testing.T) {
	stack := cdktest.Stack(t)
	service := express.NewService(stack, "Web", &express.ServiceProps{Image: registry.FromRegistry(publicImage)})
	assert.Equal(t, []string{
		"Test/Alarms: Service must have a Cluster, whose metrics the alarms watch; set Cluster in express.ServiceProps",
	}, cdktest.Refused(t, func() { express.NewAlarms(stack, "Alarms", &express.AlarmsProps{Service: service}) }))
}
