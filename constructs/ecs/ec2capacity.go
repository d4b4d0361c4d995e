package ecs

import (
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/internal/describe"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/peer"
	"awscontainers/internal/source"
	"awscontainers/internal/tagging"
)

// Ec2CapacityProps describe EC2 instances that run a cluster's tasks: an Auto Scaling group and its capacity provider. A cluster does not
// let go of a provider that a service uses, and another construct id makes another provider: move the services and deploy, then
// remove the old one and deploy again.
type Ec2CapacityProps struct {
	// Cluster is where the instances belong, made by NewCluster in the same stack, before its daemons. Required.
	Cluster *Cluster
	// InstanceTypes are what instances may be, of one processor architecture and with GPUs all or none: "m7g.large". The more
	// there are, of much the same size, the more likely AWS has one, of Spot above all. Required without InstanceRequirements.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html
	InstanceTypes []string
	// InstanceRequirements select the types by their hardware, in place of InstanceTypes. Each instance must have room for each task,
	// because ECS doesn't choose which type comes next: set the minimums accordingly. Default: none.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/create-mixed-instances-group-attribute-based-instance-type-selection.html
	InstanceRequirements *InstanceRequirements
	// OperatingSystem is platform.AmazonLinux2023 or platform.Bottlerocket. Which variant of it (Arm, GPU, Neuron) follows from
	// InstanceTypes or InstanceRequirements. Default: platform.AmazonLinux2023.
	OperatingSystem platform.OperatingSystem
	// ImageId is the AMI of the instances, "ami-0123456789abcdef0": one of AWS's, to decide yourself when instances are replaced, as is
	// recommended in production, or one of your own with that operating system and the agent of ECS. Default: AWS's newest whenever the
	// stack is deployed; a new one replaces the instances, a few at a time, and ECS moves the tasks.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
	ImageId string
	// UserData are further lines, of shell for AmazonLinux2023, of TOML for Bottlerocket. Whoever may read the instances'
	// attributes reads them: never put a secret here. Up to 15 KiB. Default: none.
	UserData []string

	// MinSize is the minimum number of instances. Default: 0; then the first task waits until one has started.
	MinSize int
	// MaxSize is the maximum number of instances, up to the 5,000 of a cluster. Required.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	MaxSize int
	// TargetCapacityPercent is how much of the instances tasks should fill, 1 to 100 %: below 100 some stand by for tasks to
	// come. Default: 100.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html
	TargetCapacityPercent int
	// Spot takes spare instances for less, which AWS takes back with two minutes' notice; tasks are then moved. Make one
	// capacity On-Demand and one Spot, and share a service's tasks out by Weight. Default: false.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/spot-instance-draining-linux-container.html
	Spot bool
	// ManagedTerminationProtection keeps an instance until its tasks have ended, for work that must not start again. Services don't need
	// it, because their tasks move before an instance ends. While it is on, the deletion of the stack hangs, and so does the rollback of
	// a first deployment that fails, because ECS doesn't remove the protection. Turn it on after the first deployment. Default: false.
	// https://github.com/aws/containers-roadmap/issues/2862
	ManagedTerminationProtection bool
	// MaxInstanceLifetime is when an instance is replaced whatever happens, by one with the AMI of the last deployment: whole seconds
	// from 1 to 365 days; 0 is never. Default: 14 days.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
	MaxInstanceLifetime *time.Duration
	// WarmPool keeps stopped instances that start in less time than new ones. Only with platform.AmazonLinux2023, and not with Spot.
	// Default: none.
	WarmPool *WarmPool
	// DetailedMonitoring measures instances each minute instead of each five, charged by the metric. Default: false.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-detailed-monitoring.html
	DetailedMonitoring bool

	// Subnets are network.Private, network.Public, where instances get public addresses, or network.Isolated, which takes the
	// endpoints of network.EcsInstanceEndpoints. Default: network.Private.
	Subnets network.SubnetType
	// SecurityGroups replace the instances' own security group. Default: a new one that lets everything out and nothing in.
	SecurityGroups []awsec2.ISecurityGroup
	// DiskSizeGiB is the size of the disk for images and containers in GiB, 30 to 16384. It is encrypted. Default: 30.
	DiskSizeGiB int
	// Volumes are further EBS volumes of each instance, up to 11, deleted with it. Only with platform.AmazonLinux2023, because Bottlerocket
	// has one volume for data, of DiskSizeGiB. Default: none.
	Volumes []InstanceVolume
	// Role is what the agent on the instances may do. Default: a new role with what the agent of this cluster and sessions of
	// Systems Manager need, on Bottlerocket with the images of its host containers, and nothing that tasks need: those have roles of
	// their own.
	Role awsiam.IRole
}

// Ec2Capacity is capacity of EC2 instances that run a cluster's tasks. ECS starts and ends them as the tasks need.
type Ec2Capacity struct {
	constructs.Construct
	// CapacityProvider starts as many instances as tasks need.
	CapacityProvider awsecs.CfnCapacityProvider
	// AutoScalingGroup holds the instances.
	AutoScalingGroup awsautoscaling.CfnAutoScalingGroup
	// LaunchTemplate sets how the instances start.
	LaunchTemplate awsec2.CfnLaunchTemplate
	// Role is the identity of the ECS agent. Tasks can't take it, except those in host network mode and those TrustedWithHost.
	Role awsiam.IRole
	// SecurityGroups are those of the instances, and so of tasks in bridge and host network mode.
	SecurityGroups []awsec2.ISecurityGroup
	// CpuArchitecture is that of the instances, for TaskProps.CpuArchitecture.
	CpuArchitecture platform.CpuArchitecture

	path            string
	name            CapacityProvider
	hasGpus         bool
	hasNeuron       bool
	isSpot          bool
	maxInstances    int
	memoryMiB       int // of which a task must use less; of the largest instance, or with requirements the smallest; 0 if unknown
	cpu             int // CPU units that a task may use, 0 if unknown
	operatingSystem platform.OperatingSystem
	subnets         network.SubnetType
	connectable     peer.Connectable
}

var _ awsec2.IConnectable = (*Ec2Capacity)(nil)

// NewEc2Capacity creates EC2 capacity for a cluster and associates it. It panics with *invalid.Error if the props are invalid.
func NewEc2Capacity(scope constructs.Construct, id string, props *Ec2CapacityProps) *Ec2Capacity {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn(scope))

	e := &Ec2Capacity{
		Role: p.Role, SecurityGroups: p.SecurityGroups, CpuArchitecture: p.instances().CpuArchitecture(),
		hasGpus: p.haveGpus(), hasNeuron: p.instances().Accelerator == instancetype.Neuron,
		isSpot: p.Spot, maxInstances: p.MaxSize, cpu: p.InstanceRequirements.cpu(),
		memoryMiB: p.maxMemoryMiB(), operatingSystem: p.OperatingSystem, subnets: p.Subnets,
	}
	source.Create(e, scope, id)
	e.path = *e.Node().Path()
	if len(e.SecurityGroups) == 0 {
		e.SecurityGroups = []awsec2.ISecurityGroup{newInstanceGroup(e, e.path, p.Cluster)}
	}
	if e.Role == nil {
		e.Role = newInstanceRole(e, e.path, p.Cluster, p.OperatingSystem)
	}
	instancetype.WarnOfOneSpotType(e, p.Spot, p.InstanceTypes)
	e.LaunchTemplate = e.launchTemplate(&p)
	e.AutoScalingGroup = e.autoScalingGroup(&p)
	p.WarmPool.addTo(e)
	p.warnOfStoppedUserData(e)
	e.AutoScalingGroup.Node().AddDependency(e.Role, p.Cluster.internetDependency(p.Subnets)) // what an instance needs to find its cluster
	if p.Subnets == network.Isolated {
		e.AutoScalingGroup.Node().AddDependency(p.Cluster.Vpc()) // with its endpoints
	}
	e.CapacityProvider = e.capacityProvider(&p)
	e.name = CapacityProvider(*e.CapacityProvider.Ref())
	p.Cluster.associate(e)
	return e
}

// Name returns the name of the capacity provider.
func (e *Ec2Capacity) Name() string { return string(e.name) }

// Provider returns the capacity provider for CapacityProviderStrategy.CapacityProvider; "", which a service refuses, for nil.
func (e *Ec2Capacity) Provider() CapacityProvider {
	if e == nil {
		return ""
	}
	return e.name
}

// Connections returns the network connections of the instances, and so of tasks in bridge and host network mode.
func (e *Ec2Capacity) Connections() awsec2.Connections {
	return e.connectable.Of(e, e.SecurityGroups, "")
}

func newInstanceGroup(scope constructs.Construct, path string, cluster *Cluster) awsec2.ISecurityGroup {
	return awsec2.NewSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              cluster.Vpc(),
		Description:      describe.Of("Instances of", path),
		AllowAllOutbound: jsii.Bool(true),
	})
}

// launchTemplate makes instances whose credentials stay with the agent: the metadata service answers no further than the instance
// itself, which containers in bridge mode are not, and the agent keeps those in awsvpc mode from it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-roles.html
func (e *Ec2Capacity) launchTemplate(p *Ec2CapacityProps) awsec2.CfnLaunchTemplate {
	profile := awsiam.NewCfnInstanceProfile(e, jsii.String("InstanceProfile"), &awsiam.CfnInstanceProfileProps{
		Roles: &[]interface{}{e.Role.RoleName()},
	})
	groups := make([]*string, len(e.SecurityGroups))
	for i, group := range e.SecurityGroups {
		groups[i] = group.SecurityGroupId()
	}
	data := &awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty{
		ImageId:             e.imageId(p),
		IamInstanceProfile:  &awsec2.CfnLaunchTemplate_IamInstanceProfileProperty{Arn: profile.AttrArn()},
		UserData:            p.userData(*p.Cluster.Cluster.ClusterName()),
		BlockDeviceMappings: p.blockDevices(),
		MetadataOptions: &awsec2.CfnLaunchTemplate_MetadataOptionsProperty{
			HttpTokens: jsii.String("required"), HttpPutResponseHopLimit: jsii.Number(1),
		},
		SecurityGroupIds: &groups,
	}
	if len(p.InstanceTypes) > 0 {
		data.InstanceType = &p.InstanceTypes[0]
	}
	if p.DetailedMonitoring {
		data.Monitoring = &awsec2.CfnLaunchTemplate_MonitoringProperty{Enabled: jsii.Bool(true)}
	}
	if p.Subnets == network.Public {
		data.SecurityGroupIds = nil
		data.NetworkInterfaces = []any{&awsec2.CfnLaunchTemplate_NetworkInterfaceProperty{
			DeviceIndex: jsii.Number(0), AssociatePublicIpAddress: jsii.Bool(true), Groups: &groups,
		}}
	}
	template := awsec2.NewCfnLaunchTemplate(e, jsii.String("LaunchTemplate"), &awsec2.CfnLaunchTemplateProps{LaunchTemplateData: data})
	tagging.Launched(e, template)
	return template
}

// blockDevices are Amazon Linux's one volume, and Bottlerocket's two: the system itself, and what containers need.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-bottlerocket.html
func (p *Ec2CapacityProps) blockDevices() []any {
	volume := func(device string, size int) any {
		return &awsec2.CfnLaunchTemplate_BlockDeviceMappingProperty{
			DeviceName: &device,
			Ebs: &awsec2.CfnLaunchTemplate_EbsProperty{
				VolumeSize: jsii.Number(size), VolumeType: jsii.String("gp3"), Encrypted: jsii.Bool(true), DeleteOnTermination: jsii.Bool(true),
			},
		}
	}
	if p.OperatingSystem == platform.Bottlerocket {
		return []any{volume("/dev/xvda", bottlerocketSystemGiB), volume("/dev/xvdb", p.DiskSizeGiB)}
	}
	devices := []any{volume("/dev/xvda", p.DiskSizeGiB)}
	for i, v := range p.Volumes {
		devices = append(devices, volume(deviceName(i), v.SizeGiB))
	}
	return devices
}

// bottlerocketSystemGiB is room for the system, of which the AMI has 2 GiB; it is named here to be encrypted.
const bottlerocketSystemGiB = 4

func (e *Ec2Capacity) autoScalingGroup(p *Ec2CapacityProps) awsautoscaling.CfnAutoScalingGroup {
	overrides := make([]any, len(p.InstanceTypes))
	for i := range p.InstanceTypes {
		overrides[i] = &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateOverridesProperty{InstanceType: &p.InstanceTypes[i]}
	}
	strategy := "prioritized"
	if r := p.InstanceRequirements; r != nil {
		overrides = []any{&awsautoscaling.CfnAutoScalingGroup_LaunchTemplateOverridesProperty{InstanceRequirements: r.forGroup()}}
		strategy = "lowest-price" // they have no order
	}
	onDemand, lifetime := 100, p.MaxInstanceLifetime.Seconds()
	if p.Spot {
		onDemand = 0
	}
	var subnets []interface{}
	for _, subnet := range p.Subnets.Of(p.Cluster.Vpc()) {
		subnets = append(subnets, subnet.SubnetId())
	}
	props := &awsautoscaling.CfnAutoScalingGroupProps{
		MinSize:           jsii.String(strconv.Itoa(p.MinSize)),
		MaxSize:           jsii.String(strconv.Itoa(p.MaxSize)),
		VpcZoneIdentifier: &subnets,
		MixedInstancesPolicy: &awsautoscaling.CfnAutoScalingGroup_MixedInstancesPolicyProperty{
			LaunchTemplate: &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateProperty{
				LaunchTemplateSpecification: &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateSpecificationProperty{
					LaunchTemplateId: e.LaunchTemplate.Ref(), Version: e.LaunchTemplate.AttrLatestVersionNumber(),
				},
				Overrides: overrides,
			},
			InstancesDistribution: &awsautoscaling.CfnAutoScalingGroup_InstancesDistributionProperty{
				OnDemandPercentageAboveBaseCapacity: jsii.Number(onDemand),
				OnDemandAllocationStrategy:          &strategy,
				SpotAllocationStrategy:              jsii.String("price-capacity-optimized"),
			},
		},
		// A new instance comes before an old one goes, whatever the reason.
		InstanceMaintenancePolicy: &awsautoscaling.CfnAutoScalingGroup_InstanceMaintenancePolicyProperty{
			MinHealthyPercentage: jsii.Number(100), MaxHealthyPercentage: jsii.Number(maxHealthyInstances),
		},
		// AWS often tells minutes before the two minutes' notice that a Spot instance is at risk: its replacement starts then.
		// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-rebalancing.html
		CapacityRebalance:                &p.Spot,
		NewInstancesProtectedFromScaleIn: &p.ManagedTerminationProtection,
		// ECS puts it there, and CloudFormation would take it away with the next change of tags.
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
		Tags: &[]*awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty{{
			Key: jsii.String("AmazonECSManaged"), Value: jsii.String("true"), PropagateAtLaunch: jsii.Bool(true),
		}},
	}
	if lifetime > 0 {
		props.MaxInstanceLifetime = jsii.Number(lifetime)
	}
	group := awsautoscaling.NewCfnAutoScalingGroup(e, jsii.String("AutoScalingGroup"), props)
	group.CfnOptions().SetUpdatePolicy(refreshInstances(p.ManagedTerminationProtection))
	// The linter, as of 1.51, does not know the policy, which is of July 2026.
	group.AddMetadata(jsii.String("cfn-lint"), map[string]any{"config": map[string]any{"ignore_checks": []string{"E3016"}}})
	nag.Suppress(group, "CdkNagValidationFailure", "EC26 cannot read the launch template, a reference; its volumes are encrypted")
	nag.Suppress(group, "AwsSolutions-AS3",
		"The number of instances follows that of the tasks, which have alarms; a notice of each change would be noise")
	return group
}

// maxHealthyInstances is how many instances there may be while some are replaced, in percent of those that should be: a tenth more
// at a time, at least one.
const maxHealthyInstances = 110

// refreshInstances replaces them when how they start has changed; ECS moves the tasks first.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
func refreshInstances(protected bool) *awscdk.CfnUpdatePolicy {
	preferences := &awscdk.CfnAutoScalingInstanceRefreshPreferences{
		MinHealthyPercentage: jsii.Number(100), MaxHealthyPercentage: jsii.Number(maxHealthyInstances),
	}
	if protected {
		// It would wait for an hour and fail, for services do not end. ECS waits for the tasks by its own lifecycle hook.
		preferences.ScaleInProtectedInstances = jsii.String("Refresh")
	}
	return &awscdk.CfnUpdatePolicy{AutoScalingInstanceRefresh: &awscdk.CfnAutoScalingInstanceRefresh{
		Strategy: jsii.String("Rolling"), Preferences: preferences,
	}}
}

func (e *Ec2Capacity) capacityProvider(p *Ec2CapacityProps) awsecs.CfnCapacityProvider {
	protection := "DISABLED"
	if p.ManagedTerminationProtection {
		protection = "ENABLED"
	}
	return awsecs.NewCfnCapacityProvider(e, jsii.String("CapacityProvider"), &awsecs.CfnCapacityProviderProps{
		Name: providerName(e),
		AutoScalingGroupProvider: &awsecs.CfnCapacityProvider_AutoScalingGroupProviderProperty{
			AutoScalingGroupArn: e.AutoScalingGroup.Ref(),
			ManagedScaling: &awsecs.CfnCapacityProvider_ManagedScalingProperty{
				Status: jsii.String("ENABLED"), TargetCapacity: jsii.Number(p.TargetCapacityPercent),
			},
			ManagedDraining:              jsii.String("ENABLED"),
			ManagedTerminationProtection: &protection,
		},
	})
}

// providerName is nil, so that CloudFormation makes a name, unless that would begin with the stack's and the stack's with what ECS
// keeps to itself.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
func providerName(scope constructs.Construct) *string {
	if !reservedName.MatchString(*awscdk.Stack_Of(scope).StackName()) {
		return nil
	}
	return jsii.String("cp-" + *awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{
		MaxLength: jsii.Number(200), AllowedSpecialCharacters: jsii.String("-_"),
	}))
}
