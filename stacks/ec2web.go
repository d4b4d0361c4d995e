package stacks

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
)

// Ec2WebProps configure the stack of NewEc2Web.
type Ec2WebProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets. It requires Env, to look it up. Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. Default: network.NatSingle; network.NatNone
	// isn't possible, because tasks on EC2 instances have no public addresses.
	NatGateways network.NatGateways
	// ContainerInsights sets how closely CloudWatch monitors the cluster: see ecs.ClusterProps. Default:
	// awsecs.ContainerInsights_ENHANCED.
	ContainerInsights awsecs.ContainerInsights
	// Protect turns on termination protection for the stack and deletion protection for the load balancer and the table.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs and the table are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy

	// Image is the image of a web server, for the processor architecture of the instances. Required without Directory and ImageRepository.
	Image string
	// ImageCredentialsSecretArn is the complete ARN of a secret with the user name and the password of the registry of Image, as
	// {"username": "...", "password": "..."}. It requires Image. Default: none.
	ImageCredentialsSecretArn string
	// Directory is the directory of a Dockerfile, from which `cdk deploy` builds the image, for that architecture. It is relative to where
	// cdk runs. Required without Image and ImageRepository.
	Directory string
	// ImageRepository is the name of an ECR repository in the stack's account and Region that exists already. Which of its images runs
	// is the stack's parameter ImageDigest, which a pipeline changes and a deployment of the stack keeps: see
	// registry.FromDigestParameter. Required without Image and Directory.
	ImageRepository string
	// Port is the port that the image listens on. Above 1023 it doesn't have to run as root. Default: 8080.
	Port int
	// HealthCheckPath is the path that the load balancer requests; 200 is healthy. Default: "/".
	HealthCheckPath string
	// WritablePaths are the directories that the image can write to; the rest of its file system is read-only. Default: "/tmp".
	WritablePaths []string
	// Command is the command that the web container runs. Default: the image's own.
	Command []string
	// Environment holds variables of the web container that everybody who can read its task definition sees. Default: none.
	Environment map[string]string
	// SecretArns holds variables whose values ECS reads when a task starts: the complete ARN of a Secrets Manager secret, followed by ":"
	// and a key of its JSON for that key's value, or the ARN of an SSM parameter. Default: none.
	SecretArns map[string]string
	// Cpu and MemoryLimitMiB are what a task of the web service takes of its instance, in CPU units, 1024 to a vCPU, and MiB. An instance
	// must have as much. Default: 256 CPU units and 512 MiB.
	Cpu, MemoryLimitMiB int
	// CertificateArn is an ACM certificate for HTTPS. Default: none; the site then serves plain HTTP.
	CertificateArn string
	// MinTasks and MaxTasks are the minimum and maximum number of tasks of the web service. Default: 2 and 10, or what the other allows.
	MinTasks, MaxTasks int

	// InstanceTypes are the EC2 instance types, all of one processor architecture. Default: t3.medium; with ManagedInstances, what ECS
	// chooses.
	InstanceTypes []string
	// InstanceVCpus selects the instance types by their hardware, in place of InstanceTypes: each has at least as many vCPUs, and
	// InstanceMemoryMiB of memory in MiB. Default: 0, and 2048 for each of the vCPUs.
	InstanceVCpus, InstanceMemoryMiB int
	// CpuArchitecture is the processor architecture with InstanceVCpus or ManagedInstances. Default: platform.X86_64.
	CpuArchitecture platform.CpuArchitecture
	// GpuCount is the number of GPUs of its instance that each task of the web service has to itself. It requires instance types with GPUs,
	// or ManagedInstances with InstanceVCpus. Default: 0.
	GpuCount int
	// ManagedInstances lets ECS choose, start, patch and end the instances, for a fee, in place of an Auto Scaling group: without
	// MinInstances and MaxInstances, an AMI and Spot. Choose it for a new stack, because ECS keeps capacity that services use.
	// Default: false.
	ManagedInstances bool
	// OperatingSystem is the operating system of the instances. Default: platform.AmazonLinux2023.
	OperatingSystem platform.OperatingSystem
	// ImageId pins the AMI of the instances, as is recommended in production. Default: none; each deployment takes the newest AMI and first
	// replaces the instances.
	ImageId string
	// WarmPool keeps MaxInstances minus the running On-Demand instances stopped, which start in less time than new ones and cost their
	// volumes until then. Default: false.
	WarmPool bool
	// DetailedMonitoring measures instances each minute instead of each five, for a charge. Default: false.
	DetailedMonitoring bool
	// NetworkMode is awsecs.NetworkMode_AWS_VPC, or _BRIDGE to run more tasks on an instance. Default: AWS_VPC.
	NetworkMode awsecs.NetworkMode
	// MinInstances and MaxInstances are the minimum and maximum number of On-Demand instances. Default: 2 and 10.
	MinInstances, MaxInstances int
	// MaxSpotInstances is the maximum number of Spot instances. Before you remove it again, deploy with SpotWeight 0: ECS keeps
	// capacity that a service uses. Default: 0, none.
	MaxSpotInstances int
	// SpotWeight is the web service's number of tasks on Spot instances for each one on On-Demand instances. It requires
	// MaxSpotInstances. Default: 0.
	SpotWeight int
	// ManagedTerminationProtection keeps instances that run tasks, which makes the stack harder to delete. Requires Protect.
	// Default: false.
	ManagedTerminationProtection bool

	// RollbackOnErrors rolls a deployment back if too many of its requests fail. Default: false.
	RollbackOnErrors bool
	// RollbackErrorPercent is the percentage of failed requests to a target group that rolls a deployment back, 0.1 to 100. It requires
	// RollbackOnErrors. Default: 5.
	RollbackErrorPercent float64
	// RollbackMinRequests is the number of requests in five minutes that RollbackErrorPercent refers to when there are fewer. It requires
	// the same. Default: 50.
	RollbackMinRequests int
	// Alarms creates alarms, a topic that they notify, and a dashboard. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
}

const (
	// The AWS CLI, for x86 and Arm.
	ec2WebWorkerImage = "public.ecr.aws/aws-cli/aws-cli:latest"
	// Writes the time into the table $1 every minute.
	ec2WebWorkerScript = `while true; do ` +
		`aws dynamodb put-item --table-name "$1" --item "{\"id\":{\"S\":\"heartbeat\"},\"at\":{\"S\":\"$(date -u +%FT%TZ)\"}}"` +
		` && echo written; sleep 60; done`
)

// NewEc2Web creates a stack with a web service and a worker on EC2 instances, the web service behind an internet-facing
// Application Load Balancer. The worker's role may write to a table, the web service's may read it, and that of the instances
// may do neither. It panics with *invalid.Error if the props are invalid.
func NewEc2Web(scope constructs.Construct, id string, props *Ec2WebProps) awscdk.Stack {
	var p Ec2WebProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("Web service and worker on EC2 instances, behind an Application Load Balancer"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	vpc := p.vpc(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc, ContainerInsights: p.ContainerInsights})
	capacity := p.newCapacity(stack, cluster)
	alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", &elb.ApplicationLoadBalancerProps{
		Vpc: vpc, InternetFacing: true, CertificateArn: p.CertificateArn, DeletionProtection: p.Protect,
	})

	webTask := ecs.NewTask(stack, "Task", p.webTask(capacity, p.image(stack)))
	web := ecs.NewService(stack, "Service", p.webService(cluster, webTask, capacity.shares, alb))
	table := p.newTable(stack)
	workerTask := ecs.NewTask(stack, "WorkerTask", p.task(capacity, ecs.Container{
		Name: "worker", Image: registry.FromRegistry(ec2WebWorkerImage),
		EntryPoint: []string{"sh", "-c"}, Command: []string{ec2WebWorkerScript, "sh", *table.TableName()},
		InitProcess: true, // a shell as process 1 ignores SIGTERM
	}))
	worker := ecs.NewService(stack, "Worker", &ecs.ServiceProps{Cluster: cluster, Task: workerTask, Capacity: capacity.shares[:1]})

	// Two tasks on the same instances, each with its own permissions.
	table.Grant(webTask.TaskRole, jsii.String("dynamodb:GetItem"))
	table.Grant(workerTask.TaskRole, jsii.String("dynamodb:PutItem"))

	if p.hasAlarms() {
		p.addMonitoring(stack, web, worker)
	}
	output.New(stack, "Url", alb.Url())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "ServiceName", web.Name())
	output.New(stack, "LogGroupName", *webTask.LogGroup.LogGroupName())
	output.New(stack, "WorkerLogGroupName", *workerTask.LogGroup.LogGroupName())
	output.New(stack, "TableName", *table.TableName())
	output.New(stack, "TableArn", *table.TableArn())
	output.New(stack, "TaskRoleArn", *webTask.TaskRole.RoleArn())
	output.New(stack, "WorkerTaskRoleArn", *workerTask.TaskRole.RoleArn())
	if capacity.group != "" {
		output.New(stack, "AutoScalingGroupName", capacity.group)
	}
	output.New(stack, "CapacityProviderName", string(capacity.shares[0].CapacityProvider))
	output.New(stack, "AccessLogBucketName", *alb.AccessLogBucket.BucketName())
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *Ec2WebProps) Validate() error {
	if p == nil {
		p = &Ec2WebProps{}
	}
	var bad invalid.Problems
	if p.ImageCredentialsSecretArn != "" && p.Image == "" {
		bad.Add("ImageCredentialsSecretArn", "requires Image")
	}
	if p.Image == "" && p.Directory == "" && p.ImageRepository == "" {
		bad.Add("Image", "is required without Directory and ImageRepository")
	}
	if p.ImageRepository != "" && (p.Image != "" || p.Directory != "") {
		bad.Add("ImageRepository", "must not be set together with Image or Directory").Given(p.ImageRepository).Advise("remove one of them")
	}
	if p.Image != "" && p.Directory != "" {
		bad.Add("Directory", "must not be set together with Image").Given(p.Directory).Advise("remove one of them")
	}
	if p.Directory != "" {
		bad.Nest("Directory", registry.FromAsset(p.Directory, nil).Validate())
	}
	if p.MaxTasks != 0 && p.MinTasks > p.MaxTasks {
		bad.Add("MinTasks", "must not be greater than MaxTasks (%d)", p.MaxTasks).Given(p.MinTasks)
	}
	if p.SpotWeight > 0 && p.MaxSpotInstances == 0 {
		bad.Add("SpotWeight", "requires MaxSpotInstances").Given(p.SpotWeight)
	}
	if p.ManagedTerminationProtection && !p.Protect {
		bad.Add("ManagedTerminationProtection", "requires Protect, because a first deployment that fails can't delete the instances").
			Advise("set both once the first deployment has succeeded")
	}
	if p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q: tasks on EC2 instances have no public addresses, and reach the internet only through one",
			network.NatNone)
	}
	p.validateInstances(&bad)
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	return bad.Err()
}

func (p *Ec2WebProps) validateInstances(bad *invalid.Problems) {
	if p.InstanceMemoryMiB > 0 && p.InstanceVCpus == 0 {
		bad.Add("InstanceMemoryMiB", "requires InstanceVCpus").Given(p.InstanceMemoryMiB)
	}
	if p.InstanceVCpus > 0 && len(p.InstanceTypes) > 0 {
		bad.Add("InstanceVCpus", "must not be set together with InstanceTypes").Given(p.InstanceVCpus).Advise("remove one of them")
	}
	if p.WarmPool && p.OperatingSystem == platform.Bottlerocket && !p.ManagedInstances {
		bad.Add("WarmPool", "requires OperatingSystem %q, because instances with Bottlerocket would join the cluster from the pool",
			platform.AmazonLinux2023).Given(p.OperatingSystem)
	}
	if p.CpuArchitecture != "" && p.InstanceVCpus == 0 && !p.ManagedInstances {
		bad.Add("CpuArchitecture", "requires InstanceVCpus or ManagedInstances, because InstanceTypes have one").Given(p.CpuArchitecture).
			Advise(`remove it, and use InstanceTypes such as "t4g.medium" for Arm`)
	}
	if !p.ManagedInstances {
		return
	}
	for _, other := range []struct {
		field string
		isSet bool
	}{
		{"OperatingSystem", p.OperatingSystem == platform.Bottlerocket}, {"NetworkMode", p.NetworkMode == awsecs.NetworkMode_BRIDGE},
		{"ImageId", p.ImageId != ""}, {"WarmPool", p.WarmPool}, {"MaxSpotInstances", p.MaxSpotInstances > 0},
		{"ManagedTerminationProtection", p.ManagedTerminationProtection},
	} {
		if other.isSet {
			bad.Add(other.field, "must not be set together with ManagedInstances, which ECS starts and ends itself").Advise("remove it")
		}
	}
}

func (p *Ec2WebProps) setDefaults() {
	p.Port = cmp.Or(p.Port, 8080)
	p.MinTasks = cmp.Or(p.MinTasks, min(2, cmp.Or(p.MaxTasks, 2)))
	p.MaxTasks = cmp.Or(p.MaxTasks, max(10, p.MinTasks))
	p.MinInstances = cmp.Or(p.MinInstances, 2)
	p.MaxInstances = cmp.Or(p.MaxInstances, max(10, p.MinInstances))
	p.NetworkMode = cmp.Or(p.NetworkMode, awsecs.NetworkMode_AWS_VPC)
	if p.WritablePaths == nil {
		p.WritablePaths = []string{"/tmp"}
	}
	if p.InstanceTypes == nil && p.InstanceVCpus == 0 && !p.ManagedInstances {
		p.InstanceTypes = []string{"t3.medium"}
	}
	p.CpuArchitecture = cmp.Or(p.CpuArchitecture, platform.X86_64)
}

func (p *Ec2WebProps) hasAlarms() bool { return p.Alarms || len(p.AlarmEmails) > 0 }

func (p *Ec2WebProps) vpc(stack awscdk.Stack) awsec2.IVpc {
	if p.VpcId != "" {
		return network.VpcFromLookup(stack, "Vpc", p.VpcId).Vpc
	}
	return network.NewVpc(stack, "Vpc", &network.VpcProps{
		AvailabilityZoneNames: p.AvailabilityZoneNames,
		NatGateways:           p.NatGateways,
		FlowLogRetention:      p.LogRetention,
		RemovalPolicy:         p.RemovalPolicy,
	}).Vpc
}

// ec2WebCapacity is what the services run on.
type ec2WebCapacity struct {
	compatibility   awsecs.Compatibility
	cpuArchitecture platform.CpuArchitecture
	shares          []ecs.CapacityProviderStrategy // of the web service; the first is On-Demand
	group           string                         // the name of the Auto Scaling group, if there is one
}

// newCapacity creates the instances, On-Demand and optionally Spot.
func (p *Ec2WebProps) newCapacity(stack awscdk.Stack, cluster *ecs.Cluster) ec2WebCapacity {
	if p.ManagedInstances {
		return p.newManagedInstances(stack, cluster)
	}
	props := ecs.Ec2CapacityProps{
		Cluster:                      cluster,
		InstanceTypes:                p.InstanceTypes,
		InstanceRequirements:         p.requirements(),
		OperatingSystem:              p.OperatingSystem,
		ImageId:                      p.ImageId,
		DetailedMonitoring:           p.DetailedMonitoring,
		ManagedTerminationProtection: p.ManagedTerminationProtection,
	}
	onDemandProps := props
	onDemandProps.MinSize, onDemandProps.MaxSize = p.MinInstances, p.MaxInstances
	if p.WarmPool {
		onDemandProps.WarmPool = &ecs.WarmPool{}
	}
	onDemand := ecs.NewEc2Capacity(stack, "OnDemand", &onDemandProps)
	shares := []ecs.CapacityProviderStrategy{{CapacityProvider: onDemand.Provider(), Base: p.MinTasks, Weight: 1}}
	if p.MaxSpotInstances > 0 {
		props.Spot, props.MaxSize = true, p.MaxSpotInstances
		spot := ecs.NewEc2Capacity(stack, "Spot", &props)
		if p.SpotWeight > 0 {
			shares = append(shares, ecs.CapacityProviderStrategy{CapacityProvider: spot.Provider(), Weight: p.SpotWeight})
		}
	}
	return ec2WebCapacity{
		compatibility: awsecs.Compatibility_EC2, cpuArchitecture: onDemand.CpuArchitecture, shares: shares,
		group: *onDemand.AutoScalingGroup.Ref(),
	}
}

// newManagedInstances creates instances that ECS manages.
func (p *Ec2WebProps) newManagedInstances(stack awscdk.Stack, cluster *ecs.Cluster) ec2WebCapacity {
	requirements := p.requirements()
	if requirements != nil && p.GpuCount > 0 {
		requirements.Gpus = &ecs.GpuRequirements{MinCount: p.GpuCount}
	}
	managed := ecs.NewManagedInstances(stack, "Managed", &ecs.ManagedInstancesProps{
		Cluster: cluster, InstanceTypes: p.InstanceTypes, InstanceRequirements: requirements, DetailedMonitoring: p.DetailedMonitoring,
	})
	return ec2WebCapacity{
		compatibility: awsecs.Compatibility_MANAGED_INSTANCES, cpuArchitecture: p.CpuArchitecture,
		shares: []ecs.CapacityProviderStrategy{{CapacityProvider: managed.Provider(), Weight: 1}},
	}
}

// requirements select instance types by their hardware, if that is asked for.
func (p *Ec2WebProps) requirements() *ecs.InstanceRequirements {
	if p.InstanceVCpus == 0 {
		return nil
	}
	return &ecs.InstanceRequirements{
		CpuArchitecture: p.CpuArchitecture, MinVCpus: p.InstanceVCpus, Burstable: true,
		MinMemoryMiB: cmp.Or(p.InstanceMemoryMiB, p.InstanceVCpus*2048),
	}
}

// image is the one that is given, built, or chosen by a pipeline.
func (p *Ec2WebProps) image(stack awscdk.Stack) registry.Image {
	switch {
	case p.Image != "":
		image := registry.FromRegistry(p.Image)
		if p.ImageCredentialsSecretArn != "" {
			image = image.WithCredentialsArn(p.ImageCredentialsSecretArn)
		}
		return image
	case p.Directory != "":
		return registry.FromAsset(p.Directory, nil)
	}
	repository := awsecr.Repository_FromRepositoryName(stack, jsii.String("ImageRepository"), &p.ImageRepository)
	return registry.FromDigestParameter(repository, "ImageDigest")
}

func (p *Ec2WebProps) webTask(capacity ec2WebCapacity, image registry.Image) *ecs.TaskProps {
	task := p.task(capacity, ecs.Container{
		Name:          "web",
		Image:         image,
		PortMappings:  []ecs.PortMapping{{ContainerPort: p.Port}},
		WritablePaths: p.writablePaths(),
		GpuCount:      p.GpuCount,
		Command:       p.Command,
		Environment:   p.Environment,
		SecretArns:    p.SecretArns,
	})
	task.Cpu, task.MemoryLimitMiB = p.Cpu, p.MemoryLimitMiB
	return task
}

func (p *Ec2WebProps) task(capacity ec2WebCapacity, container ecs.Container) *ecs.TaskProps {
	return &ecs.TaskProps{
		Compatibility:   capacity.compatibility,
		NetworkMode:     p.NetworkMode,
		CpuArchitecture: capacity.cpuArchitecture,
		Containers:      []ecs.Container{container},
		LogRetention:    p.LogRetention,
		RemovalPolicy:   p.RemovalPolicy,
	}
}

func (p *Ec2WebProps) writablePaths() (paths []ecs.WritablePath) {
	for _, path := range p.WritablePaths {
		paths = append(paths, ecs.WritablePath{ContainerPath: path})
	}
	return paths
}

func (p *Ec2WebProps) webService(
	cluster *ecs.Cluster, task *ecs.Task, shares []ecs.CapacityProviderStrategy, alb *elb.ApplicationLoadBalancer,
) *ecs.ServiceProps {
	return &ecs.ServiceProps{
		Cluster:  cluster,
		Task:     task,
		Capacity: shares,
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{
			LoadBalancer: alb,
			Priority:     100,
			Conditions:   elb.Conditions{PathPatterns: []string{"/*"}},
			HealthCheck:  elb.TargetHealthCheck{Path: p.HealthCheckPath},
		}}},
		Deployment: ecs.Deployment{RollbackOnErrors: p.RollbackOnErrors,
			ErrorRate: ecs.ErrorRate{Percent: p.RollbackErrorPercent, MinRequests: p.RollbackMinRequests}},
		Scaling: &ecs.Scaling{MinCapacity: p.MinTasks, MaxCapacity: p.MaxTasks, TargetCpuUtilizationPercent: 60},
	}
}

func (p *Ec2WebProps) newTable(stack awscdk.Stack) awsdynamodb.Table {
	return awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:  awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:   awsdynamodb.TableEncryption_DEFAULT,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		RemovalPolicy:      p.RemovalPolicy,
		DeletionProtection: &p.Protect,
	})
}

// addMonitoring creates the alarms of both services, with one topic, and their dashboard.
func (p *Ec2WebProps) addMonitoring(stack awscdk.Stack, web, worker *ecs.Service) {
	alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: web, Emails: p.AlarmEmails})
	ecs.NewAlarms(stack, "WorkerAlarms", &ecs.AlarmsProps{Service: worker, Topic: alarms.Topic})
	ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{web, worker}})
	output.New(stack, "AlarmTopicArn", alarms.TopicArn())
}
