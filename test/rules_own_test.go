//go:build recipes

package test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsschedulertargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/events"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/storage"
)

const privateImage = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2"

// ownCases are stacks of this library's constructs, as the CDK writes them: the rules must understand that form, too.
var ownCases = []ruleCase{
	{name: "IsolatedWithEndpoints", adjust: isolated(privateImage, network.EcsTaskEndpoints()...)},
	{name: "IsolatedSessionsWithEndpoints", adjust: isolatedSessions(network.EcsTaskEndpoints()...)},
	{
		name:   "IsolatedSessionsWithoutTheirKey",
		adjust: isolatedSessions("ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "ssmmessages"),
		want:   []string{"AWSC-NETWORK-001 Service/Service/Service"},
	},
	{name: "IsolatedInstancesWithEndpoints", adjust: isolatedInstances(network.EcsInstanceEndpoints()...)},
	{
		name:   "IsolatedInstancesWithoutTheAgents",
		adjust: isolatedInstances(network.EcsTaskEndpoints()...),
		want:   []string{"AWSC-NETWORK-002 Capacity/AutoScalingGroup"},
	},
	{name: "OnInstances", adjust: func(stack awscdk.Stack) { newOnInstances(stack) }},
	{
		name:   "OnInstancesBroken",
		adjust: func(stack awscdk.Stack) { newOnInstances(stack).broken() },
		want: []string{
			"AWSC-CAPACITY-002 Service/Service/Service", "AWSC-CAPACITY-003 Capacity/AutoScalingGroup",
			"AWSC-CAPACITY-004 Capacity/AutoScalingGroup",
			"AWSC-CAPACITY-005 Capacity/InstanceRole/Resource", "AWSC-EFS-005 Service/Service/Service", "AWSC-SERVICE-005 OnFargate/Service/Service",
		},
	},
	{
		name:   "IsolatedWithPublicImage",
		adjust: isolated(publicImage, network.EcsTaskEndpoints()...),
		want:   []string{"AWSC-NETWORK-001 Service/Service/Service"},
	},
	{
		name:   "IsolatedWithoutEndpoints",
		adjust: isolated(privateImage, "ecr.api", "ecr.dkr"),
		want:   []string{"AWSC-NETWORK-001 Service/Service/Service"},
	},
	{
		name: "ScaledAndFixedByHand",
		adjust: func(stack awscdk.Stack) {
			service := shifting(stack, awsecs.DeploymentStrategy_ROLLING)
			service.Service.Node().DefaultChild().(awsecs.CfnService).SetDesiredCount(jsii.Number(3))
		},
		want: []string{"AWSC-SCALING-002 Service/Service/Service"},
	},
	{
		name: "BlueGreenWithoutItsRole",
		adjust: func(stack awscdk.Stack) {
			service := shifting(stack, awsecs.DeploymentStrategy_BLUE_GREEN)
			service.Service.Node().DefaultChild().(awsecs.CfnService).AddPropertyDeletionOverride(jsii.String("LoadBalancers.0." +
				"AdvancedConfiguration.RoleArn"))
		},
		want: []string{"AWSC-DEPLOYMENT-003 Service/Service/Service"},
	},
	{name: "Canary", adjust: func(stack awscdk.Stack) { shifting(stack, awsecs.DeploymentStrategy_CANARY) }},
	{name: "DefaultAction", adjust: func(stack awscdk.Stack) {
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
		alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc, InternetFacing: true})
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}), Task: newTask(stack), Exposure: ecs.AllRequests(alb),
			Scaling: &ecs.Scaling{MaxCapacity: 4, TargetRequestsPerMinute: 600},
		})
	}},
	{
		name: "PriorityTwiceByHand",
		adjust: func(stack awscdk.Stack) {
			service := shifting(stack, awsecs.DeploymentStrategy_ROLLING)
			elbv2.NewApplicationListenerRule(stack, jsii.String("ByHand"), &elbv2.ApplicationListenerRuleProps{
				Listener: listenerOf(stack), Priority: jsii.Number(10),
				Conditions:   &[]elbv2.ListenerCondition{elbv2.ListenerCondition_PathPatterns(jsii.Strings("/x"))},
				TargetGroups: &[]elbv2.IApplicationTargetGroup{service.TargetGroups[0].TargetGroup},
			})
		},
		want: []string{"AWSC-ELB-003 Service/ListenerRule/ListenerRule/Resource"},
	},
	{
		name:   "InstancesAndFilesByTheCdkAlone",
		adjust: plainCdk,
		want: []string{
			"AWSC-CAPACITY-002 Service/Service", "AWSC-CAPACITY-004 Launch/Resource", "AWSC-EFS-003 Service/Service", "AWSC-EFS-005 Service/Service",
		},
	},
	{name: "StartedByTheCdkAlone", adjust: func(stack awscdk.Stack) { newStarted(stack) }},
	{
		name:   "StartedByTheCdkAloneBroken",
		adjust: func(stack awscdk.Stack) { newStarted(stack).broken() },
		want: []string{
			"AWSC-EVENTS-002 ScheduleRole/Resource", "AWSC-EVENTS-003 Task/EventsRole/Resource", "AWSC-EVENTS-004 Task/EventsRole/Resource",
			"AWSC-EVENTS-005 Rule/Resource", "AWSC-EVENTS-007 Alert/Resource", "AWSC-EVENTS-008 Rule/Resource", "AWSC-EVENTS-009 Topic/Resource",
			"AWSC-EVENTS-010 Topic/Resource", "AWSC-EVENTS-011 Queue/Resource",
		},
	},
	{
		// The CDK passes the task role on for Fargate alone.
		name: "StartedOnInstancesByTheCdkAlone",
		adjust: func(stack awscdk.Stack) {
			task := awsecs.NewEc2TaskDefinition(stack, jsii.String("Task"), nil)
			task.AddContainer(jsii.String("job"), &awsecs.ContainerDefinitionOptions{
				Image: awsecs.ContainerImage_FromRegistry(jsii.String(publicImage), nil), MemoryLimitMiB: jsii.Number(128),
			})
			cluster := awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Cluster"),
				&awsecs.ClusterAttributes{ClusterName: jsii.String("theirs"), Vpc: importedVpc(stack), HasEc2Capacity: jsii.Bool(true)})
			awsevents.NewRule(stack, jsii.String("Rule"), &awsevents.RuleProps{
				EventPattern: &awsevents.EventPattern{Source: jsii.Strings("shop")},
				Targets: &[]awsevents.IRuleTarget{awseventstargets.NewEcsTask(&awseventstargets.EcsTaskProps{Cluster: cluster,
					TaskDefinition: task})},
			})
		},
	},
	{name: "StartedByOurs", adjust: func(stack awscdk.Stack) { newOurs(stack) }},
	{
		name:   "StartedByOursBroken",
		adjust: func(stack awscdk.Stack) { newOurs(stack).broken() },
		want: []string{
			"AWSC-EVENTS-001 Rule/Rule", "AWSC-EVENTS-003 Schedule/Role/Resource", "AWSC-EVENTS-004 Schedule/Role/Resource",
			"AWSC-EVENTS-005 Schedule/Schedule",
			"AWSC-EVENTS-006 Bucket/Resource", "AWSC-EVENTS-008 Rule/Rule", "AWSC-EVENTS-011 Schedule/Role/Resource",
			"AWSC-EVENTS-011 Rule/DeadLetters/Resource",
		},
	},
}

// ours is the same by this library's constructs.
type ours struct {
	bucket   awss3.Bucket
	run      *ecs.Run
	rule     *events.TaskRule
	schedule *events.Schedule
}

func newOurs(stack awscdk.Stack) ours {
	o := ours{bucket: newBucket(stack), run: newRun(stack)}
	o.rule = events.NewTaskRule(stack, "Rule",
		&events.TaskRuleProps{Run: o.run, S3: &events.S3Objects{Bucket: o.bucket, KeyPrefix: "incoming/", OutputPrefix: "results/"}})
	o.schedule = events.NewSchedule(stack, "Schedule", &events.ScheduleProps{Run: o.run, ScheduleExpression: "rate(1 hour)"})
	events.NewSchedule(stack, "Guarded", &events.ScheduleProps{Run: o.run, ScheduleExpression: "rate(1 hour)", PreventOverlap: true})
	return o
}

// broken is what somebody's escape hatches and grants make of it.
func (o ours) broken() {
	o.bucket.GrantPut(o.run.Task.TaskRole, jsii.String("incoming/*"))
	o.bucket.Node().DefaultChild().(awss3.CfnBucket).AddPropertyDeletionOverride(jsii.String("NotificationConfiguration"))
	o.rule.Rule.AddPropertyDeletionOverride(jsii.String("Targets.0.RoleArn"))
	o.rule.DeadLetterQueue.Node().TryRemoveChild(jsii.String("Policy"))
	o.schedule.Role.Node().TryRemoveChild(jsii.String("DefaultPolicy"))
	o.schedule.Schedule.AddPropertyDeletionOverride(jsii.String("Target.EcsParameters.NetworkConfiguration"))
}

// onInstances is files shared by a service on instances and one on Fargate, with what may be broken in them.
type onInstances struct {
	capacity         *ecs.Ec2Capacity
	files            *storage.EfsFileSystem
	service, fargate *ecs.Service
}

func newOnInstances(stack awscdk.Stack) onInstances {
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	o := onInstances{
		capacity: newCapacity(stack, "Capacity", cluster, func(p *ecs.Ec2CapacityProps) { p.ManagedTerminationProtection = true }),
		files:    storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc}),
	}
	service := func(id string, compatibility awsecs.Compatibility) *ecs.Service {
		task := filesTask(&ecs.EfsVolume{FileSystem: o.files})
		task.Compatibility = compatibility
		return ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: ecs.NewTask(stack, id+"Task", task)})
	}
	o.service, o.fargate = service("Service", awsecs.Compatibility_EC2), service("OnFargate", awsecs.Compatibility_FARGATE)
	return o
}

// broken is what somebody's escape hatches make of it.
func (o onInstances) broken() {
	o.capacity.AutoScalingGroup.SetNewInstancesProtectedFromScaleIn(jsii.Bool(false))
	o.capacity.AutoScalingGroup.AddPropertyOverride(jsii.String("MixedInstancesPolicy.LaunchTemplate.Overrides.1.InstanceType"), "m6g.large")
	o.capacity.Role.Node().TryRemoveChild(jsii.String("DefaultPolicy"))
	service := o.service.Service.Node().DefaultChild().(awsecs.CfnService)
	service.AddDeletionOverride(jsii.String("DependsOn"))
	o.fargate.Service.Node().DefaultChild().(awsecs.CfnService).SetSchedulingStrategy(jsii.String("DAEMON"))
}

// plainCdk is an EC2 service with an EFS file system as the CDK makes them without this library, which awaits nothing and
// opens nothing; the AMI is for another processor.
func plainCdk(stack awscdk.Stack) {
	vpc := importedVpc(stack)
	cluster := awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: vpc})
	group := awsautoscaling.NewAutoScalingGroup(stack, jsii.String("Group"), &awsautoscaling.AutoScalingGroupProps{
		Vpc: vpc,
		LaunchTemplate: awsec2.NewLaunchTemplate(stack, jsii.String("Launch"), &awsec2.LaunchTemplateProps{
			InstanceType: awsec2.NewInstanceType(jsii.String("m7i.large")), UserData: awsec2.UserData_ForLinux(nil),
			MachineImage: awsecs.EcsOptimizedImage_AmazonLinux2023(awsecs.AmiHardwareType_ARM, nil),
			Role: awsiam.NewRole(stack, jsii.String("Role"),
				&awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil)}),
			SecurityGroup: awsec2.NewSecurityGroup(stack, jsii.String("Instances"), &awsec2.SecurityGroupProps{Vpc: vpc}),
		}),
	})
	provider := awsecs.NewAsgCapacityProvider(stack, jsii.String("Provider"), &awsecs.AsgCapacityProviderProps{AutoScalingGroup: group})
	cluster.AddAsgCapacityProvider(provider, nil)

	files := awsefs.NewFileSystem(stack, jsii.String("Files"), &awsefs.FileSystemProps{Vpc: vpc})
	task := awsecs.NewEc2TaskDefinition(stack, jsii.String("Task"), &awsecs.Ec2TaskDefinitionProps{NetworkMode: awsecs.NetworkMode_AWS_VPC})
	task.AddVolume(&awsecs.Volume{Name: jsii.String("data"),
		EfsVolumeConfiguration: &awsecs.EfsVolumeConfiguration{FileSystemId: files.FileSystemId()}})
	task.AddContainer(jsii.String("web"), &awsecs.ContainerDefinitionOptions{
		Image: awsecs.ContainerImage_FromRegistry(jsii.String(publicImage), nil), MemoryLimitMiB: jsii.Number(128),
	})
	awsecs.NewEc2Service(stack, jsii.String("Service"), &awsecs.Ec2ServiceProps{
		Cluster: cluster, TaskDefinition: task,
		CapacityProviderStrategies: &[]*awsecs.CapacityProviderStrategy{{CapacityProvider: provider.CapacityProviderName(),
			Weight: jsii.Number(1)}},
	})
}

// started is a task that the CDK's own targets start on objects and by the hour, and an alert of it.
type started struct {
	stack        awscdk.Stack
	bucket       awss3.Bucket
	task         awsecs.FargateTaskDefinition
	rule, alert  awsevents.Rule
	scheduleRole awsiam.Role
	topic        awssns.Topic
	queue        awssqs.Queue
}

func newStarted(stack awscdk.Stack) started {
	vpc := importedVpc(stack)
	cluster := awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: vpc})
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	s := started{
		stack: stack,
		bucket: awss3.NewBucket(stack, jsii.String("Bucket"),
			&awss3.BucketProps{EventBridgeEnabled: jsii.Bool(true), AutoDeleteObjects: jsii.Bool(true),
				RemovalPolicy: awscdk.RemovalPolicy_DESTROY}),
		task: awsecs.NewFargateTaskDefinition(stack, jsii.String("Task"), nil),
		scheduleRole: awsiam.NewRole(stack, jsii.String("ScheduleRole"),
			&awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), nil)}),
		topic: awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{MasterKey: key}),
		queue: awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{EncryptionMasterKey: key}),
	}
	key.GrantEncryptDecrypt(awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil))
	s.task.AddContainer(jsii.String("import"), &awsecs.ContainerDefinitionOptions{
		Image:   awsecs.ContainerImage_FromRegistry(jsii.String(publicImage), nil),
		Logging: awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{StreamPrefix: jsii.String("import")}),
	})
	s.bucket.GrantRead(s.task.TaskRole(), "incoming/*")
	s.bucket.GrantPut(s.task.TaskRole(), jsii.String("results/*"))

	s.rule = awsevents.NewRule(stack, jsii.String("Rule"), &awsevents.RuleProps{
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings("aws.s3"), DetailType: jsii.Strings("Object Created"), Detail: &map[string]any{
			"bucket": map[string]any{"name": []any{s.bucket.BucketName()}},
			"object": map[string]any{"key": []any{map[string]any{"prefix": "incoming/"}}},
		}},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewEcsTask(&awseventstargets.EcsTaskProps{Cluster: cluster, TaskDefinition: s.task,
			DeadLetterQueue: s.queue})},
	})
	awsscheduler.NewSchedule(stack, jsii.String("Schedule"), &awsscheduler.ScheduleProps{
		Schedule: awsscheduler.ScheduleExpression_Rate(awscdk.Duration_Hours(jsii.Number(1))),
		Target: awsschedulertargets.NewEcsRunFargateTask(cluster, &awsschedulertargets.FargateTaskProps{
			TaskDefinition: s.task, DeadLetterQueue: awssqs.NewQueue(stack, jsii.String("Missed"), nil), Role: s.scheduleRole}),
	})
	s.alert = awsevents.NewRule(stack, jsii.String("Alert"), &awsevents.RuleProps{
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings("aws.ecs"), DetailType: jsii.Strings("ECS Task State Change"),
			Detail: &map[string]any{
				"clusterArn": []any{cluster.ClusterArn()}, "lastStatus": []any{"STOPPED"},
				"containers": map[string]any{"exitCode": []any{map[string]any{"anything-but": 0}}},
			}},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSnsTopic(s.topic, nil)},
	})
	return s
}

// broken is what somebody's escape hatches make of it.
func (s started) broken() {
	s.task.Node().FindChild(jsii.String("EventsRole")).Node().TryRemoveChild(jsii.String("DefaultPolicy"))
	s.topic.Node().TryRemoveChild(jsii.String("Policy"))
	s.queue.Node().TryRemoveChild(jsii.String("Policy"))
	s.bucket.GrantWrite(s.task.TaskRole(), "incoming/*", nil)
	s.rule.Node().DefaultChild().(awsevents.CfnRule).AddPropertyDeletionOverride(jsii.String("Targets.0.EcsParameters.NetworkConfiguration"))
	s.alert.Node().DefaultChild().(awsevents.CfnRule).AddPropertyOverride(jsii.String("EventPattern.detail.stopcode"), []string{"x"})
	s.topic.Node().DefaultChild().(awssns.CfnTopic).SetKmsMasterKeyId(jsii.String("alias/aws/sns"))
	s.scheduleRole.Node().DefaultChild().(awsiam.CfnRole).AddPropertyOverride(jsii.String("AssumeRolePolicyDocument.Statement.0.Principal."+
		"Service"), "events.amazonaws.com")
}

func isolated(image string, endpoints ...string) func(stack awscdk.Stack) {
	return func(stack awscdk.Stack) {
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2, NatGateways: network.NatNone,
			IsolatedSubnets: true, InterfaceEndpoints: endpoints}).Vpc
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}),
			Task:    ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: registry.FromRegistry(image)}}}),
			Subnets: network.Isolated,
		})
	}
}

// isolatedSessions is a service with ECS Exec in isolated subnets with interface endpoints.
func isolatedSessions(endpoints ...string) func(stack awscdk.Stack) {
	return func(stack awscdk.Stack) {
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2, NatGateways: network.NatNone,
			IsolatedSubnets: true, InterfaceEndpoints: endpoints}).Vpc
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc, ExecuteCommand: &ecs.ExecuteCommand{}}),
			Task: ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
				Name: "web", Image: registry.FromRegistry(privateImage), WritableRootFilesystem: true,
			}}}),
			Subnets: network.Isolated, ExecuteCommand: true,
		})
	}
}

// isolatedInstances are instances of a cluster in isolated subnets with interface endpoints.
func isolatedInstances(endpoints ...string) func(stack awscdk.Stack) {
	return func(stack awscdk.Stack) {
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2, NatGateways: network.NatNone,
			IsolatedSubnets: true, InterfaceEndpoints: endpoints}).Vpc
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
		ecs.NewEc2Capacity(stack, "Capacity", &ecs.Ec2CapacityProps{
			Cluster: cluster, InstanceTypes: []string{"m7g.large"}, MaxSize: 2, Subnets: network.Isolated,
		})
	}
}

// shifting is a service behind a load balancer, at priority 10, that scales and has alarms.
func shifting(stack awscdk.Stack, strategy awsecs.DeploymentStrategy) *ecs.Service {
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc, InternetFacing: true})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
		Cluster:    ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}),
		Task:       newTask(stack),
		Exposure:   ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: alb, Priority: 10, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}},
		Scaling:    &ecs.Scaling{MaxCapacity: 4, TargetCpuUtilizationPercent: 60},
		Deployment: ecs.Deployment{Strategy: strategy, RollbackOnErrors: true},
	})
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service})
	return service
}

func listenerOf(stack awscdk.Stack) elbv2.IApplicationListener {
	http := stack.Node().FindChild(jsii.String("Alb")).Node().FindChild(jsii.String("Http"))
	return http.Node().FindChild(jsii.String("Listener")).(elbv2.ApplicationListener)
}
