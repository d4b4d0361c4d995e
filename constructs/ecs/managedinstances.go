package ecs

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/peer"
	"awscontainers/internal/source"
	"awscontainers/internal/subnettype"
	"awscontainers/internal/taskrole"
)

// ManagedInstancesProps describe EC2 instances that ECS itself chooses, starts, patches and ends.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
type ManagedInstancesProps struct {
	// Cluster is where the instances belong, made by NewCluster in the same stack. Required.
	Cluster *Cluster
	// InstanceTypes are what instances may be: "m7g.large", or "m7g.*". For tasks with GPUs, name types that have them: "g5.*". Default:
	// what fits the tasks and costs least, without GPUs.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-types.html
	InstanceTypes []string
	// InstanceRequirements select the types by their hardware, in place of InstanceTypes. Default: none.
	InstanceRequirements *InstanceRequirements
	// Spot takes spare instances for less, which AWS takes back with two minutes' notice. Default: false.
	Spot bool
	// CapacityReservations run the instances in EC2 Capacity Reservations. Not with Spot. Default: none.
	CapacityReservations *CapacityReservations
	// Subnets are network.Private, network.Public or network.Isolated, which takes the endpoints of network.EcsInstanceEndpoints.
	// Default: network.Private.
	Subnets network.SubnetType
	// SecurityGroups replace the instances' own security group. Default: a new one that lets everything out and nothing in.
	SecurityGroups []awsec2.ISecurityGroup
	// DiskSizeGiB is the size of the disk for images and containers in GiB, 30 to 16384. Default: what ECS chooses, 80.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ManagedInstancesStorageConfiguration.html
	DiskSizeGiB int
	// UseLocalStorage keeps images and containers on the instance store volumes of types that have them, such as "m7gd.*", instead of an
	// EBS volume. To have only such types, set MinLocalStorageGB of InstanceRequirements. Default: false.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ManagedInstancesLocalStorageConfiguration.html
	UseLocalStorage bool
	// ScaleInAfter is how long ECS waits before it ends or replaces an instance that is idle or little used: whole seconds, up to an hour.
	// The longer, the more often a new task finds an instance. Default: ECS decides.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InfrastructureOptimization.html
	ScaleInAfter *time.Duration
	// DisableInfrastructureOptimization keeps instances that are idle or little used. Not with ScaleInAfter. Default: false.
	DisableInfrastructureOptimization bool
	// DisableAutoRepair keeps instances whose GPUs or daemons fail. Default: false; ECS replaces them, at most a fifth at a time.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-gpu-auto-repair.html
	DisableAutoRepair bool
	// FipsEnabled lets the instances use cryptographic modules validated under FIPS 140, or not. A change replaces the capacity provider.
	// Default: true in AWS GovCloud (US), false in other Regions.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InstanceLaunchTemplate.html
	FipsEnabled *bool
	// DetailedMonitoring measures instances each minute instead of each five, charged by the metric. Default: false.
	DetailedMonitoring bool
	// InfrastructureRole is what ECS may do to run instances. It must be able to pass InstanceRole to EC2. Default: a new role with
	// the policy that AWS names for it.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
	InfrastructureRole awsiam.IRole
	// InstanceRole is what the agent on the instances may do. Default: a new role that may just act for this cluster.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-profile.html
	InstanceRole awsiam.IRole
}

// ManagedInstances is capacity of EC2 instances that ECS manages for a cluster.
type ManagedInstances struct {
	constructs.Construct
	// CapacityProvider starts as many instances as tasks need.
	CapacityProvider awsecs.CfnCapacityProvider
	// InfrastructureRole is the identity under which ECS runs the instances.
	InfrastructureRole awsiam.IRole
	// InstanceRole is the agent's identity.
	InstanceRole awsiam.IRole
	// SecurityGroups are those of the instances.
	SecurityGroups []awsec2.ISecurityGroup

	path          string
	name          CapacityProvider
	instanceTypes []string
	requirements  *InstanceRequirements
	subnets       network.SubnetType
	connectable   peer.Connectable
}

var _ awsec2.IConnectable = (*ManagedInstances)(nil)

// NewManagedInstances creates capacity that ECS manages. It panics with *invalid.Error if the props are invalid.
func NewManagedInstances(scope constructs.Construct, id string, props *ManagedInstancesProps) *ManagedInstances {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn(scope))

	m := &ManagedInstances{
		InfrastructureRole: p.InfrastructureRole, InstanceRole: p.InstanceRole, SecurityGroups: p.SecurityGroups, subnets: p.Subnets,
		instanceTypes: p.InstanceTypes, requirements: p.InstanceRequirements,
	}
	source.Create(m, scope, id)
	m.path = *m.Node().Path()
	instancetype.WarnOfOneSpotType(m, p.Spot, p.InstanceTypes)
	if len(m.SecurityGroups) == 0 {
		m.SecurityGroups = []awsec2.ISecurityGroup{newInstanceGroup(m, m.path, p.Cluster)}
	}
	if m.InstanceRole == nil {
		m.InstanceRole = newManagedInstanceRole(m, m.path, p.Cluster)
	}
	if m.InfrastructureRole == nil {
		m.InfrastructureRole = newInfrastructureRole(m, m.path, m.InstanceRole, p.CapacityReservations)
	}
	profile := awsiam.NewCfnInstanceProfile(m, jsii.String("InstanceProfile"), &awsiam.CfnInstanceProfileProps{
		Roles: &[]interface{}{m.InstanceRole.RoleName()},
	})
	m.CapacityProvider = awsecs.NewCfnCapacityProvider(m, jsii.String("CapacityProvider"), &awsecs.CfnCapacityProviderProps{
		Name: providerName(m),
		// In place of an association: this kind of provider belongs to one cluster from the start.
		ClusterName: p.Cluster.Cluster.ClusterName(),
		ManagedInstancesProvider: &awsecs.CfnCapacityProvider_ManagedInstancesProviderProperty{
			InfrastructureRoleArn:      m.InfrastructureRole.RoleArn(),
			InstanceLaunchTemplate:     m.launchTemplate(&p, profile),
			PropagateTags:              jsii.String("CAPACITY_PROVIDER"),
			InfrastructureOptimization: p.infrastructureOptimization(),
			AutoRepairConfiguration:    p.autoRepair(),
		},
	})
	// ECS acts under these roles for as long as there are instances, and needs a way out for them.
	m.CapacityProvider.Node().AddDependency(m.InfrastructureRole, m.InstanceRole, p.Cluster.internetDependency(p.Subnets))
	m.name = CapacityProvider(*m.CapacityProvider.Ref())
	p.Cluster.managed = append(p.Cluster.managed, m)
	return m
}

// Name returns the name of the capacity provider.
func (m *ManagedInstances) Name() string { return string(m.name) }

// Provider returns the capacity provider for CapacityProviderStrategy.CapacityProvider; "", which a service refuses, for nil.
func (m *ManagedInstances) Provider() CapacityProvider {
	if m == nil {
		return ""
	}
	return m.name
}

// Connections returns the network connections of the instances.
func (m *ManagedInstances) Connections() awsec2.Connections {
	return m.connectable.Of(m, m.SecurityGroups, "")
}

func (m *ManagedInstances) launchTemplate(
	p *ManagedInstancesProps, profile awsiam.CfnInstanceProfile,
) *awsecs.CfnCapacityProvider_InstanceLaunchTemplateProperty {
	var subnets, groups []*string
	for _, subnet := range p.Subnets.Of(p.Cluster.Vpc()) {
		subnets = append(subnets, subnet.SubnetId())
	}
	for _, group := range m.SecurityGroups {
		groups = append(groups, group.SecurityGroupId())
	}
	template := &awsecs.CfnCapacityProvider_InstanceLaunchTemplateProperty{
		Ec2InstanceProfileArn: profile.AttrArn(),
		NetworkConfiguration: &awsecs.CfnCapacityProvider_ManagedInstancesNetworkConfigurationProperty{
			Subnets: &subnets, SecurityGroups: &groups,
		},
		CapacityOptionType: jsii.String("ON_DEMAND"),
		Monitoring:         jsii.String("BASIC"),
		FipsEnabled:        p.FipsEnabled,
		// The metadata service takes fewer characters in the keys of tags than there may be, such as no "/" and no space.
		// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InstanceLaunchTemplate.html
		InstanceMetadataTagsPropagation: jsii.Bool(false),
	}
	if p.Spot {
		template.CapacityOptionType = jsii.String("SPOT")
	}
	if p.CapacityReservations != nil {
		template.CapacityOptionType = jsii.String("RESERVED")
		template.CapacityReservations = p.CapacityReservations.render()
	}
	if p.DetailedMonitoring {
		template.Monitoring = jsii.String("DETAILED")
	}
	if p.DiskSizeGiB != 0 {
		template.StorageConfiguration = &awsecs.CfnCapacityProvider_ManagedInstancesStorageConfigurationProperty{
			StorageSizeGiB: jsii.Number(p.DiskSizeGiB),
		}
	}
	if p.UseLocalStorage {
		template.LocalStorageConfiguration = &awsecs.CfnCapacityProvider_ManagedInstancesLocalStorageConfigurationProperty{
			UseLocalStorage: jsii.Bool(true),
		}
	}
	if p.InstanceRequirements != nil {
		template.InstanceRequirements = p.InstanceRequirements.forManaged()
	}
	if len(p.InstanceTypes) > 0 {
		template.InstanceRequirements = &awsecs.CfnCapacityProvider_InstanceRequirementsRequestProperty{
			AllowedInstanceTypes: opt.Strings(p.InstanceTypes),
			// Both are required; the types say enough.
			VCpuCount: &awsecs.CfnCapacityProvider_VCpuCountRangeRequestProperty{Min: jsii.Number(1)},
			MemoryMiB: &awsecs.CfnCapacityProvider_MemoryMiBRequestProperty{Min: jsii.Number(1)},
		}
	}
	return template
}

// newInfrastructureRole may pass the role of the instances, whatever its name: AWS's policy alone would have it begin with
// "ecsInstanceRole", and a fixed name keeps CloudFormation from replacing a role.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-profile.html
func newInfrastructureRole(
	scope constructs.Construct, path string, instances awsiam.IRole, reservations *CapacityReservations,
) awsiam.Role {
	const policy = "AmazonECSInfrastructureRolePolicyForManagedInstances"
	role := awsiam.NewRole(scope, jsii.String("InfrastructureRole"), &awsiam.RoleProps{
		Description:     describe.Of("Runs the instances of", path),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String(taskrole.Ecs), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(policy))},
	})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("iam:PassRole"), Resources: &[]*string{instances.RoleArn()},
		Conditions: &map[string]any{"StringLike": map[string]any{"iam:PassedToService": "ec2.*"}},
	}))
	nag.Suppress(role, "AwsSolutions-IAM4", "The policy that AWS names for this role; it follows what ECS needs of EC2",
		"Policy::arn:<AWS::Partition>:iam::aws:policy/"+policy)
	reservations.allow(role)
	return role
}

func (p *ManagedInstancesProps) setDefaults() {
	p.InstanceTypes, p.InstanceRequirements = slices.Clone(p.InstanceTypes), p.InstanceRequirements.withDefaults()
	p.CapacityReservations = p.CapacityReservations.withDefaults()
	opt.Default(&p.Subnets, network.Private)
}

// Validate returns all problems of the props, or nil, except those that only NewManagedInstances finds, in the cluster's stack and
// VPC.
func (p *ManagedInstancesProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *ManagedInstancesProps) validate() error {
	var bad invalid.Problems
	p.Cluster.checkExtensible("Cluster", &bad)
	p.validateInstanceTypes(&bad)
	p.validateLaunch(&bad)
	subnettype.Check("Subnets", p.Subnets, &bad)
	check.NoNil("SecurityGroups", p.SecurityGroups, "a security group", &bad)
	if p.DiskSizeGiB != 0 {
		check.Range("DiskSizeGiB", p.DiskSizeGiB, minDiskGiB, maxDiskGiB, &bad)
	}
	if p.InfrastructureRole != nil && p.InstanceRole == nil {
		bad.Add("InstanceRole", "is required with InfrastructureRole, which must be allowed to pass it")
	}
	return bad.Err()
}

// validateIn judges what takes the stack and the cluster's VPC.
func (p *ManagedInstancesProps) validateIn(scope constructs.Construct) error {
	return p.Cluster.validateCapacityIn(scope, p.Subnets)
}
