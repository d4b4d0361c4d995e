package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/events"
	"awscontainers/test/cdktest"
)

const reportArn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/report:7"

// importTask imports a task definition by its ARN, with the roles that it has.
func importTask(stack awscdk.Stack, attributes awsecs.TaskDefinitionAttributes) awsecs.ITaskDefinition {
	if attributes.TaskDefinitionArn == nil {
		attributes.TaskDefinitionArn = jsii.String(reportArn)
	}
	return awsecs.TaskDefinition_FromTaskDefinitionAttributes(stack, jsii.String("ImportedTask"), &attributes)
}

func importRole(stack awscdk.Stack, name string) awsiam.IRole {
	return awsiam.Role_FromRoleArn(stack, &name, jsii.String("arn:aws:iam::111122223333:role/"+name), nil)
}

func TestDeploymentControllerIsOmitted(t *testing.T) {
	for _, flag := range []bool{false, true} {
		app := cdktest.App(t, map[string]any{"@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker": flag})
		stack := awscdk.NewStack(app, jsii.String("Test"), nil)
		cluster := newCluster(stack)
		newCapacity(stack, "Instances", cluster, nil)
		ecs.NewService(stack, "Fargate", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack)})
		ecs.NewService(stack, "Ec2", &ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "Ec2Task", "")})
		ecs.NewService(stack, "Daemon", &ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "DaemonTask", ""), Daemon: true})
		for _, service := range cdktest.Synth(t, stack).All("AWS::ECS::Service") {
			assert.NotContains(t, service.Properties, "DeploymentController", "%s, flag %v: drift detection reports it falsely", service.Path(),
				flag)
			assert.Equal(t, true, service.Get("DeploymentConfiguration.DeploymentCircuitBreaker.Enable"), service.Path())
		}
	}
}

func TestWhatExistsIsARealConstruct(t *testing.T) {
	stack := cdktest.Stack(t)
	theirs := awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Import"), &awsecs.ClusterAttributes{
		ClusterName: jsii.String("theirs"), Vpc: importedVpc(stack),
	})
	cluster := ecs.ClusterFrom(stack, "Cluster", theirs)
	assert.Equal(t, "Test/Cluster", *cluster.Node().Path())
	assert.Equal(t, "theirs", cluster.Name())
	service := ecs.ServiceFrom(stack, "Service", &ecs.ServiceAttributes{Cluster: cluster, ServiceName: "shop"})
	assert.Equal(t, "Test/Service", *service.Node().Path())
	assert.Equal(t, "shop", service.Name())
	task := ecs.TaskFrom(stack, "Task", &ecs.TaskAttributes{
		TaskDefinition: importTask(stack, awsecs.TaskDefinitionAttributes{NetworkMode: awsecs.NetworkMode_AWS_VPC}),
		ContainerNames: []string{"report", "proxy"},
	})
	assert.Equal(t, "Test/Task", *task.Node().Path())
	assert.Equal(t, reportArn, task.Arn())
	assert.Equal(t, "report", task.Family())
	assert.Equal(t, []string{"report", "proxy"}, task.ContainerNames())
}

func TestWhatExistsIsRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	assert.Equal(t, []string{"Test/Cluster: cluster must not be nil; pass a cluster such as one of awsecs.Cluster_FromClusterAttributes"},
		cdktest.Refused(t, func() { ecs.ClusterFrom(stack, "Cluster", nil) }))
	assert.Equal(t, []string{
		"Test/Service: Cluster is required; use ecs.NewCluster or ecs.ClusterFrom",
		"Test/Service: ServiceName is required: 1 to 255 letters, digits, hyphens and underscores",
	}, cdktest.Refused(t, func() { ecs.ServiceFrom(stack, "Service", nil) }))
	assert.Equal(t, []string{"Test/Task: TaskDefinition is required; use awsecs.TaskDefinition_FromTaskDefinitionAttributes"},
		cdktest.Refused(t, func() { ecs.TaskFrom(stack, "Task", nil) }))

	byArn := importTask(stack, awsecs.TaskDefinitionAttributes{TaskDefinitionArn: jsii.String("arn:aws:ecs:::report"),
		Compatibility: awsecs.Compatibility_EXTERNAL})
	assert.Equal(t, []string{
		`Test/Task: TaskDefinition must run on Fargate, EC2 or Managed Instances; got "EXTERNAL"`,
		"Test/Task: TaskDefinition must have a known NetworkMode; use awsecs.TaskDefinition_FromTaskDefinitionAttributes",
		`Test/Task: TaskDefinition.TaskDefinitionArn must have a family, such as "…:task-definition/web:7"; got "arn:aws:ecs:::report"`,
		"Test/Task: ContainerNames is required for an imported task definition",
	}, cdktest.Refused(t, func() { ecs.TaskFrom(stack, "Task", &ecs.TaskAttributes{TaskDefinition: byArn}) }))

	theCdks := awsecs.NewFargateTaskDefinition(stack, jsii.String("TheCdks"), nil)
	assert.Equal(t, []string{
		`Test/Task: ContainerNames must not be set for a task definition of this app, whose containers are known; got "web"`,
		"Test/Task: TaskDefinition must have a container; call AddContainer before TaskFrom",
	}, cdktest.Refused(t, func() {
		ecs.TaskFrom(stack, "Task", &ecs.TaskAttributes{TaskDefinition: theCdks, ContainerNames: []string{"web"}})
	}))
}

// A task definition that another tool deploys runs on a schedule: whoever starts it may pass its roles.
func TestImportedTaskRuns(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	task := ecs.TaskFrom(stack, "Task", &ecs.TaskAttributes{ContainerNames: []string{"report"},
		TaskDefinition: importTask(stack, awsecs.TaskDefinitionAttributes{
			NetworkMode: awsecs.NetworkMode_AWS_VPC, Compatibility: awsecs.Compatibility_FARGATE,
			TaskRole: importRole(stack, "Report"), ExecutionRole: importRole(stack, "Execution"),
		})})
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: task})
	events.NewSchedule(stack, "Nightly", &events.ScheduleProps{Run: run, ScheduleExpression: "cron(0 3 ? * * *)",
		ContainerOverrides: []events.ContainerOverride{{Command: []string{"report", "--all"}}}})
	assert.Equal(t, []string{
		"Test/Service: Task must not be an imported task definition, because the CDK can't create a service from one; " +
			"use ecs.NewTask, a task definition of this app, or ecs.NewRun",
	}, cdktest.Refused(t, func() { ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task}) }))

	tpl := cdktest.Synth(t, stack)
	schedule := tpl.Only("AWS::Scheduler::Schedule")
	assert.Equal(t, reportArn, schedule.Get("Target.EcsParameters.TaskDefinitionArn"))
	assert.JSONEq(t, `{"containerOverrides": [{"name": "report", "command": ["report", "--all"]}]}`, schedule.Get("Target.Input").(string))
	own := tpl.Only("AWS::ECS::Cluster")
	cdktest.MayExactly(t, schedule.Ref("Target.RoleArn"),
		// ECS refuses to start a task whose roles the starter may not pass.
		cdktest.Allow("iam:PassRole").On("arn:aws:iam::111122223333:role/Report", "arn:aws:iam::111122223333:role/Execution").
			If(map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}),
		cdktest.Allow("ecs:RunTask").On("arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task-definition/report:*").
			If(map[string]any{"ArnEquals": map[string]any{"ecs:cluster": own}}),
		cdktest.Allow("ecs:TagResource").On(cdktest.Arn("arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/", own, "/*")).
			If(map[string]any{"StringEquals": map[string]any{"ecs:CreateAction": "RunTask"}}),
		cdktest.Allow("sqs:SendMessage").On(tpl.Only("AWS::SQS::Queue")),
	)
}

// A task definition of the CDK's own classes serves services too, with the ports that its containers have.
func TestTaskDefinitionOfTheCdkServes(t *testing.T) {
	s := newShop(t, nil)
	definition := awsecs.NewFargateTaskDefinition(s.stack, jsii.String("Definition"),
		&awsecs.FargateTaskDefinitionProps{Family: jsii.String("web")})
	definition.AddContainer(jsii.String("web"), &awsecs.ContainerDefinitionOptions{
		Image: awsecs.ContainerImage_FromRegistry(jsii.String("nginx:stable"), nil),
		PortMappings: &[]*awsecs.PortMapping{
			{ContainerPort: jsii.Number(8080), Name: jsii.String("http"), AppProtocol: awsecs.AppProtocol_Http()},
		},
	})
	task := ecs.TaskFrom(s.stack, "Existing", &ecs.TaskAttributes{TaskDefinition: definition})
	assert.Equal(t, []string{"web"}, task.ContainerNames())
	ecs.NewService(s.stack, "Web", &ecs.ServiceProps{Cluster: s.cluster, Task: task, Exposure: ecs.Exposure{
		Alb: []ecs.AlbRule{{LoadBalancer: s.alb, Priority: 10, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}},
	}})
	tpl := cdktest.Synth(t, s.stack)
	service := tpl.Only("AWS::ECS::Service")
	assert.Equal(t, "web", service.Get("LoadBalancers.0.ContainerName"))
	assert.Equal(t, 8080.0, service.Get("LoadBalancers.0.ContainerPort"))
	assert.Same(t, tpl.Only("AWS::ECS::TaskDefinition"), service.Ref("TaskDefinition"))
}

// Alarms, a dashboard and alerts watch a service that another stack or tool deploys.
func TestExistingServiceIsWatched(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.ClusterFrom(stack, "Cluster", awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Import"), &awsecs.ClusterAttributes{
		ClusterName: jsii.String("theirs"), Vpc: importedVpc(stack),
	}))
	service := ecs.ServiceFrom(stack, "Shop", &ecs.ServiceAttributes{Cluster: cluster, ServiceName: "shop"})
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service, Emails: []string{"on-call@example.com"}})
	ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{service}})
	events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{Clusters: []*ecs.Cluster{cluster}, Services: []*ecs.Service{service}})
	assert.Equal(t, []string{"Test/Shop: has no known security groups for Connections; use the security groups of its tasks or instances"},
		cdktest.Refused(t, func() { service.AllowFrom(awsec2.Peer_AnyIpv4(), 80) }))

	tpl := cdktest.Synth(t, stack)
	assert.Contains(t, tpl.At("AWS::CloudWatch::Alarm", "Alarms/Cpu").Get("Dimensions"),
		map[string]any{"Name": "ServiceName", "Value": "shop"})
	assert.Contains(t, string(tpl.Raw), `:service/theirs/shop`, "the alerts name the service by its ARN")
	assert.NotContains(t, tpl.Count(), "AWS::ECS::Service")
}
