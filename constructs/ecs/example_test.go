package ecs_test

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/events"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

// A web service on Fargate behind a load balancer that faces the internet.
func ExampleNewService() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Web"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
		alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", &elb.ApplicationLoadBalancerProps{
			Vpc:            vpc,
			InternetFacing: true,
			CertificateArn: "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012",
		})
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
			Name:          "web",
			Image:         registry.FromRegistry("public.ecr.aws/nginx/nginx-unprivileged:stable"),
			PortMappings:  []ecs.PortMapping{{ContainerPort: 8080}},
			WritablePaths: []ecs.WritablePath{{ContainerPath: "/tmp"}},
		}}})
		service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster:  cluster,
			Task:     task,
			Exposure: ecs.AllRequests(alb),
			Scaling:  &ecs.Scaling{MinCapacity: 2, MaxCapacity: 10, TargetCpuUtilizationPercent: 60},
		})
		ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service, Emails: []string{"on-call@example.com"}})
		app.Synth(nil)
	})
}

// A task on Arm with a secret, a table that it alone may write, and a sidecar that must be up first.
func ExampleNewTask() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Worker"), nil)
		token := awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Token"), jsii.String("worker/token"))
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
			CpuArchitecture: platform.Arm64,
			Cpu:             1024,
			MemoryLimitMiB:  2048,
			Containers: []ecs.Container{
				{
					Name:        "worker",
					Image:       registry.FromAsset("./worker", nil),
					Environment: map[string]string{"QUEUE": "jobs"},
					Secrets:     map[string]awsecs.Secret{"TOKEN": awsecs.Secret_FromSecretsManager(token, nil)},
					StopTimeout: 90 * time.Second,
					DependsOn: []ecs.ContainerDependency{
						{ContainerName: "proxy", Condition: awsecs.ContainerDependencyCondition_HEALTHY},
					},
				},
				{
					Name:        "proxy",
					Image:       registry.FromRegistry("public.ecr.aws/docker/library/haproxy:3.2"),
					HealthCheck: &ecs.HealthCheck{Command: []string{"CMD", "haproxy", "-c", "-f", "/usr/local/etc/haproxy/haproxy.cfg"}},
				},
			},
		})
		table := awsdynamodb.NewTableV2(stack, jsii.String("Jobs"), &awsdynamodb.TablePropsV2{
			PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		})
		table.GrantReadWriteData(task.TaskRole)
		app.Synth(nil)
	})
}

// A shop of two services: the site calls the orders by name, a new version of the site is tried on five in a hundred requests
// first, and the number of its tasks follows the requests, the queue and the clock.
func ExampleNewService_twoServices() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc, Namespace: "shop.internal"})
		alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", &elb.ApplicationLoadBalancerProps{
			Vpc: vpc, InternetFacing: true, WebAcl: waf.NewWebAcl(stack, "WebAcl", nil),
		})
		task := func(name string, port int) *ecs.Task {
			return ecs.NewTask(stack, name+"Task", &ecs.TaskProps{Cpu: 512, OpenTelemetry: &ecs.OpenTelemetry{}, Containers: []ecs.Container{{
				Name: name, Image: registry.FromAsset("./"+name, nil),
				PortMappings: []ecs.PortMapping{{ContainerPort: port, Name: name, AppProtocol: ecs.AppProtocolHttp}},
			}}})
		}
		orders := ecs.NewService(stack, "Orders", &ecs.ServiceProps{
			Cluster: cluster, Task: task("orders", 9000),
			Exposure: ecs.Exposure{ServiceConnect: &ecs.ServiceConnect{
				Services: []ecs.ServiceConnectService{{PortMappingName: "orders", Port: 80}}, // http://orders
			}},
		})
		queue := awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("Shop"), MetricName: jsii.String("Waiting")})
		two, ten := 2, 10
		site := ecs.NewService(stack, "Site", &ecs.ServiceProps{
			Cluster: cluster, Task: task("site", 8080),
			Capacity: []ecs.CapacityProviderStrategy{
				{CapacityProvider: ecs.Fargate, Base: 2, Weight: 1}, {CapacityProvider: ecs.FargateSpot, Weight: 3},
			},
			Exposure: ecs.Exposure{
				Alb:            []ecs.AlbRule{{LoadBalancer: alb, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}},
				ServiceConnect: &ecs.ServiceConnect{Calls: []*ecs.Service{orders}},
			},
			Deployment: ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, StepPercent: 5, RollbackOnErrors: true},
			Scaling: &ecs.Scaling{
				MinCapacity: 2, MaxCapacity: 20, TargetCpuUtilizationPercent: 60,
				Steps: []ecs.StepScaling{{Name: "Queue", Metric: queue, Steps: []ecs.ScalingStep{
					{Below: 10, Change: -1}, {From: 10, Below: 100}, {From: 100, Change: 5},
				}}},
				Schedules: []ecs.ScheduledScaling{
					{Name: "Morning", ScheduleExpression: "cron(0 7 ? * MON-FRI *)", TimeZone: "Europe/Berlin", MinCapacity: &ten},
					{Name: "Evening", ScheduleExpression: "cron(0 20 ? * MON-FRI *)", TimeZone: "Europe/Berlin", MinCapacity: &two},
				},
			},
		})
		elb.NewListenerRule(stack, "Moved", &elb.ListenerRuleProps{LoadBalancer: alb, Priority: 1,
			Conditions: elb.Conditions{PathPatterns: []string{"/old/*"}}, Redirect: &elb.Redirect{Path: "/", Permanent: true}})
		alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: site, Emails: []string{"on-call@example.com"}})
		ecs.NewAlarms(stack, "OrdersAlarms", &ecs.AlarmsProps{Service: orders, Topic: alarms.Topic})
		ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{site, orders}})
		app.Synth(nil)
	})
}

// Each release migrates the database, then waits for somebody to continue it, and only then gets requests.
func ExampleApproval() {
	invalid.Exit(func() {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil)
		repository := awsecr.Repository_FromRepositoryName(stack, jsii.String("Repository"), jsii.String("team/web"))
		image := registry.FromDigestParameter(repository, "ImageDigest")
		web := ecs.NewTask(stack, "Task", &ecs.TaskProps{
			Containers: []ecs.Container{{Name: "web", Image: image, PortMappings: []ecs.PortMapping{{ContainerPort: 8080}}}},
		})
		migration := ecs.NewTask(stack, "MigrationTask", &ecs.TaskProps{
			Containers: []ecs.Container{{Name: "migration", Image: image, Command: []string{"npm", "run", "migrate"}}},
		})
		alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", &elb.ApplicationLoadBalancerProps{Vpc: vpc.Vpc})
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc.Vpc}), Task: web,
			Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: alb, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}},
			Deployment: ecs.Deployment{
				Strategy: awsecs.DeploymentStrategy_BLUE_GREEN, RollbackOnErrors: true,
				Migration: &ecs.DeploymentTask{Task: migration, Timeout: 30 * time.Minute},
				Approval:  &ecs.Approval{Timeout: 8 * time.Hour},
			},
		})
	})
}

// The first task, and one in two of the others, on instances of one's own, the rest on spare ones.
func ExampleNewEc2Capacity() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Worker"), nil)
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
		types := []string{"m7g.large", "m6g.large"}
		onDemand := ecs.NewEc2Capacity(stack, "OnDemand", &ecs.Ec2CapacityProps{
			Cluster: cluster, InstanceTypes: types, MinSize: 1, MaxSize: 4,
		})
		spot := ecs.NewEc2Capacity(stack, "Spot", &ecs.Ec2CapacityProps{Cluster: cluster, InstanceTypes: types, MaxSize: 8, Spot: true})
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: cluster,
			Task: ecs.NewTask(stack, "Task", &ecs.TaskProps{
				Compatibility:   awsecs.Compatibility_EC2,
				CpuArchitecture: onDemand.CpuArchitecture,
				Containers:      []ecs.Container{{Name: "worker", Image: registry.FromAsset("./worker", nil)}},
			}),
			Capacity: []ecs.CapacityProviderStrategy{
				{CapacityProvider: onDemand.Provider(), Base: 1, Weight: 1},
				{CapacityProvider: spot.Provider(), Weight: 1},
			},
			DesiredCount: new(4),
		})
		app.Synth(nil)
	})
}

// Instances that ECS chooses and looks after.
func ExampleNewManagedInstances() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Worker"), nil)
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
		ecs.NewManagedInstances(stack, "Managed", &ecs.ManagedInstancesProps{Cluster: cluster})
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: cluster,
			Task: ecs.NewTask(stack, "Task", &ecs.TaskProps{
				Compatibility: awsecs.Compatibility_MANAGED_INSTANCES,
				Containers:    []ecs.Container{{Name: "worker", Image: registry.FromAsset("./worker", nil)}},
			}),
		})
		app.Synth(nil)
	})
}

// A worker that runs only while its queue has messages.
func ExampleNewService_queueWorker() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Worker"), nil)
		queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
			Name: "worker", Image: registry.FromAsset("./worker", nil), Environment: map[string]string{"QUEUE_URL": *queue.QueueUrl()},
		}}})
		queue.GrantConsumeMessages(task)
		service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc}),
			Task:    task,
			Scaling: &ecs.Scaling{ScaleToZero: true, MaxCapacity: 10, Queue: &ecs.QueueScaling{Queue: queue, MessagesPerTask: 20}},
		})
		service.GrantTaskProtection() // for a program that protects its task while it works
		app.Synth(nil)
	})
}

// A task definition that exists already, in a cluster that exists already, run every night.
func ExampleTaskFrom() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Report"), nil)
		role := awsiam.Role_FromRoleName(stack, jsii.String("TaskRole"), jsii.String("report-task"), nil)
		executionRole := awsiam.Role_FromRoleName(stack, jsii.String("ExecutionRole"), jsii.String("report-execution"), nil)
		task := ecs.TaskFrom(stack, "Task", &ecs.TaskAttributes{
			TaskDefinition: awsecs.TaskDefinition_FromTaskDefinitionAttributes(stack, jsii.String("Definition"), &awsecs.TaskDefinitionAttributes{
				TaskDefinitionArn: jsii.String("arn:aws:ecs:eu-west-1:111122223333:task-definition/report:7"),
				NetworkMode:       awsecs.NetworkMode_AWS_VPC, TaskRole: role, ExecutionRole: executionRole,
			}),
			ContainerNames: []string{"report"},
		})
		cluster := ecs.ClusterFrom(stack, "Cluster", awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Existing"),
			&awsecs.ClusterAttributes{
				ClusterName: jsii.String("shop"), Vpc: network.NewVpc(stack, "Vpc", nil).Vpc,
			}))
		run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: task})
		events.NewSchedule(stack, "Nightly", &events.ScheduleProps{Run: run, ScheduleExpression: "cron(0 3 * * ? *)"})
		app.Synth(nil)
	})
}
