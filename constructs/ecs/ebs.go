package ecs

import (
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/taskrole"
)

// EbsVolume is a disk that ECS creates for each task of a service, attaches, and deletes with the task: room for what a task works on, not
// for what must last. It is always encrypted. A task has at most one. Containers may write there as root, or as the User that the container
// names. It is new and empty, or filled from a snapshot; on EC2 it takes instances built on Nitro with an ECS-optimized AMI, and on
// Fargate a zone other than use1-az3.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ebs-volumes.html
type EbsVolume struct {
	// SizeGiB is its size: 1 to 16384 for gp2 and gp3, 4 to 16384 for io1 and io2, 125 to 16384 for st1 and sc1, 1 to 1024 for standard.
	// Required without SnapshotId. Default: the snapshot's.
	SizeGiB int
	// SnapshotId is a snapshot to fill it from, "snap-0123456789abcdef0", without partitions. Default: none, it is empty.
	SnapshotId string
	// VolumeInitializationRateMiB is how many MiB a second are read from the snapshot, 100 to 300, which is charged. Default: as
	// blocks are first read.
	VolumeInitializationRateMiB int
	// VolumeType is awsec2.EbsDeviceVolumeType_GP3 or another; _STANDARD only on EC2. Default: GP3.
	VolumeType awsec2.EbsDeviceVolumeType
	// Iops are the operations a second: 3000 to 16000 for gp3, 100 to 64000 for io1, 100 to 256000 for io2; these two need it. For each GiB
	// there are at most 500 with gp3 beyond the first 3000, 50 with io1, and 1000 with io2. What a task on Fargate reaches depends on its
	// CPU. Default: 3000 for gp3.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ebs-fargate-performance-limits.html
	Iops int
	// ThroughputMiB is what gp3 reads and writes a second, 125 to 1000 MiB, and at most a quarter of Iops. Default: 125.
	ThroughputMiB int
	// FileSystemType is awsecs.FileSystemType_XFS, _EXT4 or _EXT3, that of the snapshot if there is one. Default: XFS.
	FileSystemType awsecs.FileSystemType
	// EncryptionKey encrypts it; the role may then use the key for that. A key of another stack must let IAM policies decide, as the
	// default policy does. Default: the account's key for EBS.
	EncryptionKey awskms.IKey
	// Role is the infrastructure role by which ECS creates and attaches the disk. Default: a new one with the policy that AWS names for it.
	Role awsiam.IRole
}

// iopsPerGiB and IOPS for each MiB a second of throughput are ratios beyond which EC2 creates no volume.
type ebsLimits struct{ minGiB, maxGiB, minIops, maxIops, iopsPerGiB int }

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceManagedEBSVolumeConfiguration.html
// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
// https://docs.aws.amazon.com/ebs/latest/userguide/provisioned-iops.html
var ebsTypes = map[awsec2.EbsDeviceVolumeType]ebsLimits{
	awsec2.EbsDeviceVolumeType_GP2:      {1, 16384, 0, 0, 0},
	awsec2.EbsDeviceVolumeType_GP3:      {1, 16384, defaultIops, 16000, 500},
	awsec2.EbsDeviceVolumeType_IO1:      {4, 16384, 100, 64000, 50},
	awsec2.EbsDeviceVolumeType_IO2:      {4, 16384, 100, 256000, 1000},
	awsec2.EbsDeviceVolumeType_ST1:      {125, 16384, 0, 0, 0},
	awsec2.EbsDeviceVolumeType_SC1:      {125, 16384, 0, 0, 0},
	awsec2.EbsDeviceVolumeType_STANDARD: {1, 1024, 0, 0, 0},
}

var (
	ebsTypeNames = []awsec2.EbsDeviceVolumeType{
		awsec2.EbsDeviceVolumeType_GP2, awsec2.EbsDeviceVolumeType_GP3, awsec2.EbsDeviceVolumeType_IO1, awsec2.EbsDeviceVolumeType_IO2,
		awsec2.EbsDeviceVolumeType_SC1, awsec2.EbsDeviceVolumeType_ST1, awsec2.EbsDeviceVolumeType_STANDARD,
	}
	ebsFileSystems = []awsecs.FileSystemType{awsecs.FileSystemType_XFS, awsecs.FileSystemType_EXT4, awsecs.FileSystemType_EXT3}
	snapshotId     = regexp.MustCompile(`^snap-(?:[0-9a-f]{8}|[0-9a-f]{17})$`)
)

const (
	minThroughputMiB, maxThroughputMiB         = 125, 1000
	minInitializationMiB, maxInitializationMiB = 100, 300
	defaultIops                                = 3000 // which gp3 has at any size
	iopsPerMiB                                 = 4
	ebsPolicy                                  = "service-role/AmazonECSInfrastructureRolePolicyForVolumes"
)

func (v *EbsVolume) volumeType() awsec2.EbsDeviceVolumeType {
	if v.VolumeType == "" {
		return awsec2.EbsDeviceVolumeType_GP3
	}
	return v.VolumeType
}

func (v *EbsVolume) validate(p *TaskProps) error {
	var bad invalid.Problems
	kind := v.volumeType()
	limits, isKnown := ebsTypes[kind]
	check.Known("VolumeType", v.VolumeType, ebsTypeNames, &bad)
	check.Known("FileSystemType", v.FileSystemType, ebsFileSystems, &bad)
	check.Match("SnapshotId", v.SnapshotId, snapshotId, `the ID of a snapshot such as "snap-0123456789abcdef0"`, &bad)
	if isKnown {
		v.validateNumbers(kind, limits, &bad)
	}
	if kind == awsec2.EbsDeviceVolumeType_STANDARD && p.runsOn(onFargate) {
		bad.Add("VolumeType", "must not be %q on Fargate", kind).Given(v.VolumeType)
	}
	if v.VolumeInitializationRateMiB != 0 {
		check.Range("VolumeInitializationRateMiB", v.VolumeInitializationRateMiB, minInitializationMiB, maxInitializationMiB, &bad)
		if v.SnapshotId == "" {
			bad.Add("VolumeInitializationRateMiB", "requires SnapshotId").Given(v.VolumeInitializationRateMiB)
		}
	}
	if _, isAlias := v.EncryptionKey.(awskms.IAlias); isAlias {
		bad.Add("EncryptionKey", "must be a key, not an alias, because the role is granted the key")
	}
	return bad.Err()
}

func (v *EbsVolume) validateNumbers(kind awsec2.EbsDeviceVolumeType, limits ebsLimits, bad *invalid.Problems) {
	if v.SizeGiB != 0 || v.SnapshotId == "" {
		check.Range("SizeGiB", v.SizeGiB, limits.minGiB, limits.maxGiB, bad)
	}
	isProvisioned := kind == awsec2.EbsDeviceVolumeType_IO1 || kind == awsec2.EbsDeviceVolumeType_IO2
	switch {
	case limits.maxIops == 0 && v.Iops != 0:
		bad.Add("Iops", "requires VolumeType %s", check.OneOfQuoted([]awsec2.EbsDeviceVolumeType{
			awsec2.EbsDeviceVolumeType_GP3, awsec2.EbsDeviceVolumeType_IO1, awsec2.EbsDeviceVolumeType_IO2,
		})).Given(v.Iops)
	case v.Iops != 0 || isProvisioned:
		before := len(*bad)
		check.Range("Iops", v.Iops, limits.minIops, limits.maxIops, bad)
		if most := max(v.SizeGiB*limits.iopsPerGiB, limits.minIops); len(*bad) == before && v.SizeGiB > 0 && v.Iops > most {
			bad.Add("Iops", "must be at most %d for each GiB of SizeGiB, %d in total", limits.iopsPerGiB, most).Given(v.Iops).
				Advise("lower it, or raise SizeGiB")
		}
	}
	if v.ThroughputMiB == 0 {
		return
	}
	check.Range("ThroughputMiB", v.ThroughputMiB, minThroughputMiB, maxThroughputMiB, bad)
	if kind != awsec2.EbsDeviceVolumeType_GP3 {
		bad.Add("ThroughputMiB", "requires VolumeType %q", awsec2.EbsDeviceVolumeType_GP3).Given(v.ThroughputMiB)
		return
	}
	if iops := max(v.Iops, defaultIops); v.ThroughputMiB <= maxThroughputMiB && v.ThroughputMiB*iopsPerMiB > iops {
		bad.Add("ThroughputMiB", "must be at most a quarter of Iops (%d)", iops).Given(v.ThroughputMiB).Advise("lower it, or raise Iops")
	}
}

func (p *TaskProps) validateEbs(bad *invalid.Problems) {
	first := -1
	for i, v := range p.Volumes {
		if v.Ebs == nil {
			continue
		}
		field := check.Index("Volumes", i) + ".Ebs"
		bad.Nest(field, v.Ebs.validate(p))
		if v.Efs != nil || v.HostSourcePath != "" {
			bad.Add(field, "must not be set together with Efs or HostSourcePath").Advise("use two volumes")
		}
		if first >= 0 {
			bad.Add(field, "must be set for only one volume of a task, and %s has it", check.Index("Volumes", first))
		}
		isMounted := slices.ContainsFunc(p.Containers, func(c Container) bool {
			return slices.ContainsFunc(c.MountPoints, func(m MountPoint) bool { return m.SourceVolume == v.Name })
		})
		if !isMounted {
			bad.Add(field, "requires a container with MountPoints of the volume")
		}
		first = i
	}
}

// ebs returns the task's volume that ECS creates, or nil.
func (t *Task) ebs() *Volume {
	for i := range t.props.Volumes {
		if t.props.Volumes[i].Ebs != nil {
			return &t.props.Volumes[i]
		}
	}
	return nil
}

// addVolumeRole creates the role by which ECS creates and attaches the disk.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
func (t *Task) addVolumeRole() {
	volume := t.ebs()
	if volume == nil {
		return
	}
	v := volume.Ebs
	t.VolumeRole = v.Role
	if t.VolumeRole == nil {
		t.VolumeRole = awsiam.NewRole(t, jsii.String("VolumeRole"), &awsiam.RoleProps{
			Description:     describe.Of("Attaches volumes to", *t.Node().Path()),
			AssumedBy:       awsiam.NewServicePrincipal(jsii.String(taskrole.Ecs), nil),
			ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(ebsPolicy))},
		})
		nag.Suppress(t.VolumeRole, "AwsSolutions-IAM4", "The policy that AWS names for this role: it is limited to volumes that ECS creates",
			"Policy::arn:<AWS::Partition>:iam::aws:policy/"+ebsPolicy)
	}
	if v.EncryptionKey != nil {
		for _, statement := range volumeKeyStatements(v.EncryptionKey) {
			t.VolumeRole.AddToPrincipalPolicy(statement)
		}
	}
}

// volumeKeyStatements are what a role needs so that EBS encrypts volumes with a key.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
func volumeKeyStatements(key awskms.IKey) []awsiam.PolicyStatement {
	resources := &[]*string{key.KeyArn()}
	return []awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:   jsii.Strings("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
			Resources: resources,
		}),
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("kms:CreateGrant"), Resources: resources,
			Conditions: &map[string]any{"Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}}, // only EBS
		}),
	}
}

// attachVolume lets ECS create the task's disk, tagged as the service is.
func (s *Service) attachVolume() {
	volume := s.Task.ebs()
	if volume == nil {
		return
	}
	v := volume.Ebs
	config := &awsecs.ServiceManagedEBSVolumeConfiguration{
		Role:           s.Task.VolumeRole,
		Encrypted:      jsii.Bool(true),
		KmsKeyId:       v.EncryptionKey,
		SnapShotId:     opt.String(v.SnapshotId),
		VolumeType:     v.volumeType(),
		Iops:           opt.Number(v.Iops),
		Throughput:     opt.Number(v.ThroughputMiB),
		FileSystemType: v.FileSystemType,
		TagSpecifications: &[]*awsecs.EBSTagSpecification{{
			PropagateTags: awsecs.EbsPropagatedTagSource_SERVICE,
		}},
	}
	if v.SizeGiB != 0 {
		config.Size = awscdk.Size_Gibibytes(jsii.Number(v.SizeGiB))
	}
	if v.VolumeInitializationRateMiB != 0 {
		config.VolumeInitializationRate = awscdk.Size_Mebibytes(jsii.Number(v.VolumeInitializationRateMiB))
	}
	s.Service.AddVolume(awsecs.NewServiceManagedVolume(s, jsii.String("Volume"), &awsecs.ServiceManagedVolumeProps{
		Name: &volume.Name, ManagedEBSVolume: config,
	}))
	// With its policy, without which ECS may not use the key.
	s.Service.Node().DefaultChild().Node().AddDependency(s.Task.VolumeRole)
}

// validateVolume refuses instances that ECS attaches no volumes to. Bottlerocket's AMIs are not among those that AWS names.
func (p *ServiceProps) validateVolume(bad *invalid.Problems) {
	if p.Task.ebs() == nil {
		return
	}
	if p.Daemon {
		// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
		bad.Add("Daemon", "must not be set with a Task that has a volume with Ebs, which ECS attaches only to other services").
			Advise("remove Daemon, or give the instances the volume with Volumes of Ec2Capacity")
	}
	for _, e := range p.ec2Capacities() {
		if e.operatingSystem == platform.Bottlerocket {
			bad.Add("Capacity", "must not have instances with %s, such as %s, because AWS names only its Amazon ECS-optimized AMIs for "+
				"volumes with Ebs", platform.Bottlerocket, e.path).Advise("use %s", platform.AmazonLinux2023)
		}
	}
}

// validateNoVolume refuses runs with a disk, which EventBridge and Scheduler can't ask for.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EcsParameters.html
func (p *RunProps) validateNoVolume(bad *invalid.Problems) {
	if p.Task != nil && p.Task.ebs() != nil {
		bad.Add("Task", "must not have a volume with Ebs, because rules and schedules can't configure one").
			Advise("set EphemeralStorageGiB, or use a volume with Efs")
	}
}
