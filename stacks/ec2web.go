package stacks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
	"awscontainers/internal/check"
)

// Ec2WebSettings are the choices of the stack Ec2Web.
type Ec2WebSettings struct {
	// Image is what to run: a web server, for the processor of the instances. Required.
	Image string
	// Port is what it listens on; above 1023 it need not run as root. Default: 8080.
	Port int
	// HealthCheckPath is what the load balancer asks for. Default: "/".
	HealthCheckPath string
	// WritablePaths are the directories that it must be able to write; nothing else of its file system is writable. Default:
	// "/tmp".
	WritablePaths []string
	// CertificateArn turns HTTP into HTTPS. Default: none.
	CertificateArn string
	// AlarmEmail gets alarms. Default: nobody; then Dev has no alarms.
	AlarmEmail string

	// InstanceTypes are what instances may be, of one processor architecture. Default: t3.medium.
	InstanceTypes []string
	// MachineImage is their operating system. Default: platform.AmazonLinux2023.
	MachineImage platform.OperatingSystem
	// NetworkMode is awsecs.NetworkMode_AWS_VPC, or _BRIDGE to have more tasks on an instance. Default: AWS_VPC.
	NetworkMode awsecs.NetworkMode
	// SpotWeight is the web service's share of Spot instances against one of On-Demand. Default: 0, none.
	SpotWeight int
	// SpotMaxCapacity is the greatest number of Spot instances. To do without them again, first deploy with SpotWeight 0, for ECS does
	// not let go of capacity that a service uses. Default: 0, none.
	SpotMaxCapacity int
	// ImageId holds the instances at one AMI. Default: none, each deployment takes AWS's newest and first replaces the instances.
	ImageId string
	// ManagedTerminationProtection never ends an instance that has tasks, and makes the stack harder to delete. Default: false.
	ManagedTerminationProtection bool
}

// ec2Web reads the keys of the stack.
func (r *reader) ec2Web() Ec2WebSettings {
	return Ec2WebSettings{
		Image: r.text("Ec2Web.image", "public.ecr.aws/nginx/nginx-unprivileged:stable", "the image of a web server, for the processor of the instances", nil),
		Port:  r.number("Ec2Web.port", webPort, 1, 65535, "the port that the image listens on"),
		HealthCheckPath: r.text("Ec2Web.healthCheckPath", "/",
			"what the load balancer asks for; 200 is healthy", nil),
		WritablePaths: r.list("Ec2Web.writablePaths", defaultWritable,
			"the directories that the image must be able to write, separated by commas; all else is read-only", nil),
		CertificateArn: r.text("Ec2Web.certificateArn", "", "an ACM certificate in the same Region, for HTTPS", nil),
		AlarmEmail:     r.text("Ec2Web.alarmEmail", "", "who gets a mail when something is wrong; in `dev` it also turns the alarms on", nil),
		InstanceTypes: r.list("Ec2Web.instanceTypes", defaultInstanceType,
			"what instances may be, separated by commas, of one processor architecture; `t4g.medium` for Arm", nil),
		MachineImage: platform.OperatingSystem(r.text("Ec2Web.machineImage", string(platform.AmazonLinux2023), "their operating system: `AMAZON_LINUX_2023` or `BOTTLEROCKET`",
			isOneOf(string(platform.AmazonLinux2023), string(platform.Bottlerocket)))),
		NetworkMode: awsecs.NetworkMode(r.text("Ec2Web.networkMode", string(awsecs.NetworkMode_AWS_VPC),
			"`AWS_VPC`, each task with an address of its own, or `BRIDGE`, more tasks on an instance, behind its ports",
			isOneOf(string(awsecs.NetworkMode_AWS_VPC), string(awsecs.NetworkMode_BRIDGE)))),
		SpotWeight: r.number("Ec2Web.spotWeight", 0, 0, 1000, "the web service's share of Spot instances against one of On-Demand"),
		SpotMaxCapacity: r.number("Ec2Web.spotMaxCapacity", 0, 0, 1000,
			"the greatest number of Spot instances; to do without them again, first deploy with `Ec2Web.spotWeight` 0"),
		ImageId: r.text("Ec2Web.imageId", "", "an AMI to hold the instances at; otherwise each deployment takes the newest, and first replaces the instances",
			fits(check.IsImageId, "ami-0123456789abcdef0")),
		ManagedTerminationProtection: r.flag("Ec2Web.managedTerminationProtection",
			"instances with tasks never end; the stack is then deleted by more than one command"),
	}
}

// Ec2WebProps are what NewEc2Web needs.
type Ec2WebProps struct {
	Common
	Ec2WebSettings
}

const (
	defaultInstanceType = "t3.medium"
	// workerImage is the AWS CLI, for x86 and Arm.
	workerImage = "public.ecr.aws/aws-cli/aws-cli:latest"
	// beat writes the time into the table $1, as far as the task role allows.
	beat = `while true; do aws dynamodb put-item --table-name "$1" --item "{\"id\":{\"S\":\"heartbeat\"},\"at\":{\"S\":\"$(date -u +%FT%TZ)\"}}" && echo written; sleep 60; done`
)

// NewEc2Web is a web service and a worker on EC2 instances, the first behind an Application Load Balancer that faces the internet. The
// worker may write a table, the web service may read it, and the instances may do neither. It panics with *invalid.Error when the
// props are wrong.
func NewEc2Web(scope constructs.Construct, id string, props *Ec2WebProps) awscdk.Stack {
	var p Ec2WebProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())
	stack := newStack(scope, id, "Web service and worker on EC2 instances, behind an Application Load Balancer", p.Common)
	vpc := newVpc(stack, p.Common)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	onDemand := ecs.NewEc2Capacity(stack, "OnDemand", p.capacity(cluster, p.Profile.minInstances(), p.Profile.maxInstances(), false))
	shares := []ecs.CapacityProviderStrategy{{CapacityProvider: onDemand.Provider(), Base: p.Profile.minTasks(), Weight: 1}}
	if p.SpotMaxCapacity > 0 {
		spot := ecs.NewEc2Capacity(stack, "Spot", p.capacity(cluster, 0, p.SpotMaxCapacity, true))
		if p.SpotWeight > 0 {
			shares = append(shares, ecs.CapacityProviderStrategy{CapacityProvider: spot.Provider(), Weight: p.SpotWeight})
		}
	}
	alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", p.loadBalancer(vpc))

	web := p.newTask(stack, "Task", onDemand, ecs.Container{
		Name:          "web",
		Image:         registry.FromRegistry(p.Image),
		PortMappings:  []ecs.PortMapping{{ContainerPort: p.Port}},
		WritablePaths: writable(p.WritablePaths),
	})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
		Cluster:  cluster,
		Task:     web,
		Capacity: shares,
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{
			LoadBalancer: alb,
			Priority:     100,
			Conditions:   elb.Conditions{PathPatterns: []string{"/*"}},
			HealthCheck:  elb.TargetHealthCheck{Path: p.HealthCheckPath},
		}}},
		Deployment: ecs.Deployment{RollbackOnErrors: p.Profile == Prod},
		Scaling: &ecs.Scaling{
			MinCapacity:                 p.Profile.minTasks(),
			MaxCapacity:                 p.Profile.maxTasks(),
			TargetCpuUtilizationPercent: 60,
		},
	})
	table := p.newTable(stack)
	worker := p.newTask(stack, "WorkerTask", onDemand, ecs.Container{
		Name: "worker", Image: registry.FromRegistry(workerImage),
		EntryPoint: []string{"sh", "-c"}, Command: []string{beat, "sh", *table.TableName()},
		InitProcess: true, // the shell would not hear SIGTERM as process 1
	})
	working := ecs.NewService(stack, "Worker", &ecs.ServiceProps{Cluster: cluster, Task: worker, Capacity: shares[:1]})

	// Two tasks on the same instances, each with its own permissions.
	table.Grant(web.TaskRole, jsii.String("dynamodb:GetItem"))
	table.Grant(worker.TaskRole, jsii.String("dynamodb:PutItem"))

	p.operate(stack, service, working)
	output.New(stack, "Url", alb.Url())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "ServiceName", service.Name())
	output.New(stack, "LogGroupName", *web.LogGroup.LogGroupName())
	output.New(stack, "WorkerLogGroupName", *worker.LogGroup.LogGroupName())
	output.New(stack, "TableName", *table.TableName())
	output.New(stack, "TableArn", *table.TableArn())
	output.New(stack, "TaskRoleArn", *web.TaskRole.RoleArn())
	output.New(stack, "WorkerTaskRoleArn", *worker.TaskRole.RoleArn())
	output.New(stack, "AutoScalingGroupName", *onDemand.AutoScalingGroup.Ref())
	output.New(stack, "CapacityProviderName", *onDemand.CapacityProvider.Ref())
	output.New(stack, "AccessLogBucketName", *alb.AccessLogBucket.BucketName())
	return stack
}

func (p *Ec2WebProps) setDefaults() {
	if p.Port == 0 {
		p.Port = webPort
	}
	if p.WritablePaths == nil {
		p.WritablePaths = []string{defaultWritable}
	}
	p.InstanceTypes = slices.Clone(p.InstanceTypes)
	if p.InstanceTypes == nil {
		p.InstanceTypes = []string{defaultInstanceType}
	}
	if p.NetworkMode == "" {
		p.NetworkMode = awsecs.NetworkMode_AWS_VPC
	}
}

func (p *Ec2WebProps) validate() error {
	var bad invalid.Problems
	if p.SpotWeight > 0 && p.SpotMaxCapacity == 0 {
		bad.Add("SpotWeight", "%d has no Spot capacity; give SpotMaxCapacity, the greatest number of Spot instances", p.SpotWeight)
	}
	return bad.Err()
}

func (p *Ec2WebProps) capacity(cluster *ecs.Cluster, least, most int, spot bool) *ecs.Ec2CapacityProps {
	return &ecs.Ec2CapacityProps{
		Cluster:                      cluster,
		InstanceTypes:                p.InstanceTypes,
		OperatingSystem:              p.MachineImage,
		ImageId:                      p.ImageId,
		MinCapacity:                  least,
		MaxCapacity:                  most,
		Spot:                         spot,
		ManagedTerminationProtection: p.ManagedTerminationProtection,
	}
}

func (p *Ec2WebProps) loadBalancer(vpc awsec2.IVpc) *elb.ApplicationLoadBalancerProps {
	return &elb.ApplicationLoadBalancerProps{
		Vpc: vpc, InternetFacing: true, CertificateArn: p.CertificateArn, DeletionProtection: p.Profile.protected(),
	}
}

func (p *Ec2WebProps) newTask(stack awscdk.Stack, id string, capacity *ecs.Ec2Capacity, container ecs.Container) *ecs.Task {
	return ecs.NewTask(stack, id, &ecs.TaskProps{
		Compatibility:   awsecs.Compatibility_EC2,
		NetworkMode:     p.NetworkMode,
		CpuArchitecture: capacity.CpuArchitecture,
		Containers:      []ecs.Container{container},
		LogRetention:    p.Profile.logRetention(),
		RemovalPolicy:   p.Profile.removalPolicy(),
	})
}

func (p *Ec2WebProps) newTable(stack awscdk.Stack) awsdynamodb.Table {
	return awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey:                     &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:                      awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:                       awsdynamodb.TableEncryption_DEFAULT,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
		RemovalPolicy:                    p.Profile.removalPolicy(),
		DeletionProtection:               jsii.Bool(p.Profile.protected()),
	})
}

// operate adds what tells how the services are: in Prod always, in Dev when somebody wants to know.
func (p *Ec2WebProps) operate(stack awscdk.Stack, web, worker *ecs.Service) {
	if p.Profile == Prod && p.CertificateArn == "" {
		warnOfPlainHTTP(stack, "Ec2Web serves plain HTTP to the internet; give Ec2Web.certificateArn")
	}
	if !p.Profile.watched(p.AlarmEmail) {
		return
	}
	alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: web, Emails: emails(p.AlarmEmail)})
	ecs.NewAlarms(stack, "WorkerAlarms", &ecs.AlarmsProps{Service: worker, Topic: alarms.Topic})
	ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{web, worker}})
	output.New(stack, "AlarmTopicArn", alarms.Topic.Arn())
}
