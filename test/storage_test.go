package test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

func TestFileSystemWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: importedVpc(stack)})
	// What a role is granted must not change what everybody may do.
	files.FileSystem.GrantReadWrite(awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	}))
	tpl := cdktest.Synth(t, stack)

	system := tpl.Only("AWS::EFS::FileSystem")
	assert.Equal(t, true, system.Get("Encrypted"))
	assert.Nil(t, system.Get("KmsKeyId"), "not AWS's own key")
	assert.Equal(t, "generalPurpose", system.Get("PerformanceMode"))
	assert.Equal(t, "elastic", system.Get("ThroughputMode"))
	assert.Equal(t, "ENABLED", system.Get("BackupPolicy.Status"))
	assert.Nil(t, system.Get("LifecyclePolicies"))
	assert.Equal(t, "RetainExceptOnCreate", system.DeletionPolicy)
	assert.Equal(t, "Retain", system.UpdateReplacePolicy)
	assert.Equal(t, []any{map[string]any{
		"Sid": "DenyPlaintext", "Effect": "Deny", "Principal": map[string]any{"AWS": "*"}, "Action": "*",
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}}, system.Get("FileSystemPolicy.Statement"), "a policy that allows something allows it to everybody, and none at all lets everybody in")

	group := tpl.Only("AWS::EC2::SecurityGroup")
	targets := map[any]bool{}
	for _, target := range tpl.All("AWS::EFS::MountTarget") {
		assert.Same(t, system, target.Ref("FileSystemId"))
		assert.Same(t, group, target.Ref("SecurityGroups.0"))
		assert.Len(t, target.Get("SecurityGroups"), 1)
		targets[target.Get("SubnetId")] = true
	}
	assert.Equal(t, map[any]bool{"subnet-00000000000000003": true, "subnet-00000000000000004": true}, targets, "the private subnets")
	assert.Nil(t, group.Get("SecurityGroupIngress"))
	assert.Equal(t, "255.255.255.255/32", group.Get("SecurityGroupEgress.0.CidrIp"), "nothing goes out")
	assert.Empty(t, tpl.All("AWS::EC2::SecurityGroupIngress"), "files that nobody mounts can be reached")
}

func TestFileSystemWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{IsolatedSubnets: true}).Vpc
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{
		Vpc: vpc, Subnets: network.Isolated, EncryptionKey: key, TransitionToIADays: 1, TransitionToArchiveDays: 90,
		TransitionToPrimaryStorageClass: true, DisableBackups: true, RemovalPolicy: awscdk.RemovalPolicy_DESTROY, FileSystemName: "shared",
	})
	provisioned := storage.NewEfsFileSystem(stack, "Provisioned", &storage.EfsFileSystemProps{
		Vpc: vpc, ThroughputMode: awsefs.ThroughputMode_PROVISIONED, ProvisionedThroughputMiBps: 128,
	})
	storage.NewEfsAccessPoint(stack, "Whole", &storage.EfsAccessPointProps{FileSystem: provisioned})
	storage.NewEfsAccessPoint(stack, "User", &storage.EfsAccessPointProps{
		FileSystem: files, Path: "/team/data", PosixUser: &storage.EfsPosixUser{Uid: 1000, Gid: 1001},
	})
	storage.NewEfsAccessPoint(stack, "Owner", &storage.EfsAccessPointProps{
		FileSystem: files, Path: "/team", PosixUser: &storage.EfsPosixUser{Uid: 1, Gid: 2, SecondaryGids: []int{3, 4}},
		CreationInfo: &storage.EfsCreationInfo{OwnerUid: 0, OwnerGid: 3, Permissions: "2770"},
	})
	tpl := cdktest.Synth(t, stack)

	system := tpl.At("AWS::EFS::FileSystem", "/Files/")
	assert.Same(t, tpl.Only("AWS::KMS::Key"), system.Ref("KmsKeyId"))
	assert.Equal(t, []any{
		map[string]any{"TransitionToIA": "AFTER_1_DAY"}, map[string]any{"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
		map[string]any{"TransitionToArchive": "AFTER_90_DAYS"},
	}, system.Get("LifecyclePolicies"))
	assert.Nil(t, system.Get("BackupPolicy"))
	assert.Equal(t, "Delete", system.DeletionPolicy)
	assert.Equal(t, []any{map[string]any{"Key": "Name", "Value": "shared"}}, system.Get("FileSystemTags"))
	var zones int
	for _, target := range tpl.All("AWS::EFS::MountTarget") {
		if target.Ref("FileSystemId") == system {
			zones++
			assert.Contains(t, target.Ref("SubnetId").Path(), "Isolated")
		}
	}
	assert.Equal(t, 3, zones, "a mount target an AZ")

	other := tpl.At("AWS::EFS::FileSystem", "/Provisioned/")
	assert.Equal(t, "provisioned", other.Get("ThroughputMode"))
	assert.Equal(t, 128.0, other.Get("ProvisionedThroughputInMibps"))

	point := func(path string) *cdktest.Resource { return tpl.At("AWS::EFS::AccessPoint", path) }
	assert.Same(t, other, point("/Whole/").Ref("FileSystemId"))
	assert.Equal(t, map[string]any{"Path": "/"}, point("/Whole/").Get("RootDirectory"))
	assert.Nil(t, point("/Whole/").Get("PosixUser"))
	assert.Same(t, system, point("/User/").Ref("FileSystemId"))
	assert.Equal(t, map[string]any{"Uid": "1000", "Gid": "1001"}, point("/User/").Get("PosixUser"))
	assert.Equal(t, map[string]any{
		"Path": "/team/data", "CreationInfo": map[string]any{"OwnerUid": "1000", "OwnerGid": "1001", "Permissions": "0750"},
	}, point("/User/").Get("RootDirectory"))
	assert.Equal(t, map[string]any{"Uid": "1", "Gid": "2", "SecondaryGids": []any{"3", "4"}}, point("/Owner/").Get("PosixUser"))
	assert.Equal(t, map[string]any{
		"Path": "/team", "CreationInfo": map[string]any{"OwnerUid": "0", "OwnerGid": "3", "Permissions": "2770"},
	}, point("/Owner/").Get("RootDirectory"))
}

// A mount target that is renamed is replaced, and EFS takes no second one in a zone.
func TestMountTargetsKeepTheirNames(t *testing.T) {
	ids := func(app awscdk.App) (ids []string) {
		stack := awscdk.NewStack(app, jsii.String("Test"), nil)
		storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: importedVpc(stack)})
		for id, r := range cdktest.Synth(t, stack).Resources {
			ids = append(ids, id+" "+r.Type)
		}
		return ids
	}
	bare := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), TreeMetadata: jsii.Bool(false),
		AnalyticsReporting: jsii.Bool(false)})
	assert.ElementsMatch(t, ids(cdktest.App(t)), ids(bare), "a feature flag of the app renames them")
}

func TestAccessPointsOfOtherFilesAreNamed(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	others := storage.NewEfsFileSystem(stack, "Others", &storage.EfsFileSystemProps{Vpc: vpc})
	point := storage.NewEfsAccessPoint(stack, "Point", &storage.EfsAccessPointProps{FileSystem: files})
	task := ecs.TaskProps{Volumes: []ecs.Volume{{Name: "files", Efs: &ecs.EfsVolume{FileSystem: others, AccessPoint: point}}}}
	require.ErrorContains(t, task.Validate(), `AccessPoint must be one of FileSystem; got "Test/Point"; remove FileSystem, or use`)
	pods := eks.EfsStorageProps{FileSystem: others, Volumes: []eks.EfsVolume{{ClaimName: "files", AccessPoint: point}}}
	assert.ErrorContains(t, pods.Validate(), `AccessPoint must be one of FileSystem; got "Test/Point"`)
}

// A writer and a reader on one access point, and two with one security group of the caller's.
func TestFilesAreMounted(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	point := storage.NewEfsAccessPoint(stack, "Point", &storage.EfsAccessPointProps{
		FileSystem: files, Path: "/data", PosixUser: &storage.EfsPosixUser{Uid: 1000, Gid: 1000},
	})
	root := storage.NewEfsAccessPoint(stack, "Root", &storage.EfsAccessPointProps{FileSystem: files, PosixUser: &storage.EfsPosixUser{}})
	shut := awsec2.NewSecurityGroup(stack, jsii.String("Shut"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(false)})

	service := func(id string, groups []awsec2.ISecurityGroup, readOnly bool, volumes ...*ecs.EfsVolume) {
		container := web()
		task := ecs.TaskProps{}
		for i, v := range volumes {
			name := fmt.Sprintf("files%d", i)
			task.Volumes = append(task.Volumes, ecs.Volume{Name: name, Efs: v})
			container.MountPoints = append(container.MountPoints, ecs.MountPoint{SourceVolume: name, ContainerPath: "/" + name, ReadOnly: readOnly})
		}
		task.Containers = []ecs.Container{container}
		ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: ecs.NewTask(stack, id+"Task", &task), SecurityGroups: groups})
	}
	service("Writer", nil, false, &ecs.EfsVolume{AccessPoint: point})
	service("Reader", nil, true, &ecs.EfsVolume{AccessPoint: point})
	service("Admin", []awsec2.ISecurityGroup{shut}, true, &ecs.EfsVolume{FileSystem: files, RootDirectory: "/team"},
		&ecs.EfsVolume{FileSystem: files, AccessPoint: root, RootAccess: true})
	service("Other", []awsec2.ISecurityGroup{shut}, true, &ecs.EfsVolume{FileSystem: files})
	tpl := cdktest.Synth(t, stack)

	system, access := tpl.Only("AWS::EFS::FileSystem"), tpl.At("AWS::EFS::AccessPoint", "/Point/")
	task := func(id string) *cdktest.Resource { return tpl.At("AWS::ECS::TaskDefinition", "/"+id+"Task/") }
	for _, id := range []string{"Writer", "Reader"} {
		volume := cdktest.Dig(task(id).Get("Volumes.0"), "EFSVolumeConfiguration")
		assert.Same(t, system, tpl.Follow(cdktest.Dig(volume, "FilesystemId")))
		assert.Equal(t, "ENABLED", cdktest.Dig(volume, "TransitEncryption"))
		assert.Equal(t, "ENABLED", cdktest.Dig(volume, "AuthorizationConfig.IAM"))
		assert.Same(t, access, tpl.Follow(cdktest.Dig(volume, "AuthorizationConfig.AccessPointId")))
		assert.Nil(t, cdktest.Dig(volume, "RootDirectory"))
	}
	direct := cdktest.Dig(task("Admin").Get("Volumes.0"), "EFSVolumeConfiguration")
	assert.Equal(t, map[string]any{"IAM": "ENABLED"}, cdktest.Dig(direct, "AuthorizationConfig"))
	assert.Equal(t, "/team", cdktest.Dig(direct, "RootDirectory"))
	assert.Equal(t, "ENABLED", cdktest.Dig(direct, "TransitEncryption"))

	// Roles: just what the volumes take, and by the access point alone where there is one.
	const mount, write, asRoot = "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"
	by := func(point *cdktest.Resource) map[string]any {
		return map[string]any{"StringEquals": map[string]any{"elasticfilesystem:AccessPointArn": point}}
	}
	cdktest.MayExactly(t, task("Writer").Ref("TaskRoleArn"), cdktest.Allow(mount, write).On(system).If(by(access)))
	cdktest.MayExactly(t, task("Reader").Ref("TaskRoleArn"), cdktest.Allow(mount).On(system).If(by(access)))
	cdktest.MayExactly(t, task("Admin").Ref("TaskRoleArn"), cdktest.Allow(mount).On(system),
		cdktest.Allow(mount, asRoot).On(system).If(by(tpl.At("AWS::EFS::AccessPoint", "/Root/"))))

	// Network: port 2049 between just those groups, and once for two services with one group.
	guard := tpl.At("AWS::EC2::SecurityGroup", "/Files/")
	rules := map[string]*cdktest.Resource{}
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		assert.Same(t, guard, rule.Ref("GroupId"), "a door into something else than the files")
		assert.Equal(t, "tcp", rule.Get("IpProtocol"))
		assert.Equal(t, 2049.0, rule.Get("FromPort"))
		assert.Equal(t, 2049.0, rule.Get("ToPort"))
		source := rule.Ref("SourceSecurityGroupId").Path()
		require.Nil(t, rules[source], "EC2 refuses the same rule twice")
		rules[source] = rule
	}
	assert.Len(t, rules, 3)
	out := tpl.Only("AWS::EC2::SecurityGroupEgress")
	assert.Same(t, tpl.At("AWS::EC2::SecurityGroup", "/Shut/"), out.Ref("GroupId"))
	assert.Same(t, guard, out.Ref("DestinationSecurityGroupId"))
	assert.Equal(t, "tcp", out.Get("IpProtocol"))
	assert.Equal(t, 2049.0, out.Get("FromPort"))
	assert.Equal(t, 2049.0, out.Get("ToPort"))

	// Order: what the first task needs comes first.
	for _, id := range []string{"Writer", "Reader", "Admin", "Other"} {
		service := tpl.At("AWS::ECS::Service", "/"+id+"/")
		before := service.Dependencies()
		for _, target := range tpl.All("AWS::EFS::MountTarget") {
			assert.Contains(t, before, target.Id, "%s: its tasks may start where the files cannot be reached yet", id)
		}
		assert.Contains(t, before, tpl.At("AWS::IAM::Policy", "/"+id+"Task/TaskRole/").Id, "%s may not mount yet", id)
		group := service.Ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0")
		assert.Contains(t, before, rules[group.Path()].Id, "%s: the door is shut yet", id)
		if group == out.Ref("GroupId") {
			assert.Contains(t, before, out.Id)
		}
	}
}

// On instances: by the tasks' own groups where they have any, else by the instances', which two services share.
func TestFilesAreMountedOnInstances(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	ecs.NewEc2Capacity(stack, "Instances", &ecs.Ec2CapacityProps{Cluster: cluster, InstanceTypes: []string{"m7i.large"}, MaxSize: 2})
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	for id, mode := range map[string]awsecs.NetworkMode{"Own": awsecs.NetworkMode_AWS_VPC, "First": awsecs.NetworkMode_BRIDGE,
		"Second": awsecs.NetworkMode_BRIDGE} {
		props := filesTask(&ecs.EfsVolume{FileSystem: files})
		props.Compatibility, props.NetworkMode = awsecs.Compatibility_EC2, mode
		ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: ecs.NewTask(stack, id+"Task", props)})
	}
	tpl := cdktest.Synth(t, stack)

	rules := map[string]*cdktest.Resource{}
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		assert.Same(t, tpl.At("AWS::EC2::SecurityGroup", "/Files/"), rule.Ref("GroupId"))
		rules[rule.Ref("SourceSecurityGroupId").Path()] = rule
	}
	own, instances := rules["Test/Own/SecurityGroup/Resource"], rules["Test/Instances/SecurityGroup/Resource"]
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupIngress"), 2, "one for two services on the same instances")
	for id, rule := range map[string]*cdktest.Resource{"Own": own, "First": instances, "Second": instances} {
		require.NotNil(t, rule)
		service := tpl.At("AWS::ECS::Service", "/"+id+"/")
		assert.Contains(t, service.Dependencies(), rule.Id, "%s: the door is shut yet", id)
		for _, target := range tpl.All("AWS::EFS::MountTarget") {
			assert.Contains(t, service.Dependencies(), target.Id)
		}
		volume := service.Ref("TaskDefinition").Get("Volumes.0.EFSVolumeConfiguration")
		assert.Equal(t, "ENABLED", cdktest.Dig(volume, "TransitEncryption"))
		assert.Equal(t, "ENABLED", cdktest.Dig(volume, "AuthorizationConfig.IAM"))
	}
	assert.Contains(t, instances.Path(), "Test/Instances/", "it would go with the first of the services")
}

// Files of one stack, tasks of others, and a VPC with a security group of a fourth: no stack waits for itself.
func TestFilesOfAnotherStack(t *testing.T) {
	app := cdktest.App(t)
	base, data, runs := awscdk.NewStack(app, jsii.String("Base"), nil), awscdk.NewStack(app, jsii.String("Data"), nil),
		awscdk.NewStack(app, jsii.String("Runs"), nil)
	tasks := awscdk.NewStack(app, jsii.String("Tasks"), nil)
	vpc := network.NewVpc(base, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	brought := awsec2.NewSecurityGroup(base, jsii.String("Brought"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(false)})
	files := storage.NewEfsFileSystem(data, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	cluster := ecs.NewCluster(runs, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	own := ecs.NewTask(tasks, "Task", filesTask(&ecs.EfsVolume{FileSystem: files}))
	ecs.NewService(runs, "Own", &ecs.ServiceProps{Cluster: cluster, Task: own})
	ecs.NewService(runs, "Brings", &ecs.ServiceProps{Cluster: cluster, Task: own, SecurityGroups: []awsec2.ISecurityGroup{brought}})
	tpl := cdktest.Synth(t, runs) // a circle of stacks panics
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupIngress"), 2, "the rules stand where the services do")
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupEgress"), 1)
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		assert.Equal(t, "Data", cdktest.Dig(rule.Get("GroupId"), "Fn::GetStackOutput.StackName"), "the group of the files")
		assert.Equal(t, 2049.0, rule.Get("FromPort"))
	}
	var waits []string
	for _, s := range *runs.Dependencies() {
		waits = append(waits, *s.StackName())
	}
	assert.ElementsMatch(t, []string{"Base", "Data", "Tasks"}, waits)
}

// filesTask is a task with a volume that it only reads.
func filesTask(v *ecs.EfsVolume) *ecs.TaskProps {
	container := web()
	container.MountPoints = []ecs.MountPoint{{SourceVolume: "files", ContainerPath: "/files", ReadOnly: true}}
	return &ecs.TaskProps{Containers: []ecs.Container{container}, Volumes: []ecs.Volume{{Name: "files", Efs: v}}}
}

// Files, access point and role of somebody else: nothing is made but the rule and the grant.
func TestFilesOfSomebodyElse(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	files := storage.EfsFileSystemFrom(stack, "Files", &storage.EfsFileSystemAttributes{
		FileSystemId: "fs-0123456789abcdef0", SecurityGroupIds: []string{"sg-0123456789abcdef0", "sg-0123456789abcdef1"},
	})
	shut := storage.EfsFileSystemFrom(stack, "Shut", &storage.EfsFileSystemAttributes{
		FileSystemId: "fs-0123456789abcdef1", SecurityGroupIds: []string{"sg-0123456789abcdef2"}, ImmutableSecurityGroups: true,
		Vpc: vpc, AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"},
	})
	point := storage.EfsAccessPointFrom(stack, "Point",
		&storage.EfsAccessPointAttributes{FileSystem: files, AccessPointId: "fsap-0123456789abcdef0"})
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::111122223333:role/program"), nil)
	props := filesTask(&ecs.EfsVolume{AccessPoint: point})
	props.TaskRole = role
	props.Volumes = append(props.Volumes, ecs.Volume{Name: "shut", Efs: &ecs.EfsVolume{FileSystem: shut}})
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: ecs.NewTask(stack, "Task", props)})
	tpl := cdktest.Synth(t, stack)

	for _, kind := range []string{"AWS::EFS::FileSystem", "AWS::EFS::MountTarget", "AWS::EFS::AccessPoint"} {
		assert.Empty(t, tpl.All(kind), "one was made beside the one to use")
	}
	task := tpl.Only("AWS::ECS::TaskDefinition")
	assert.Equal(t, "fs-0123456789abcdef0", task.Get("Volumes.0.EFSVolumeConfiguration.FilesystemId"))
	assert.Equal(t, "fsap-0123456789abcdef0", task.Get("Volumes.0.EFSVolumeConfiguration.AuthorizationConfig.AccessPointId"))
	group := tpl.Only("AWS::EC2::SecurityGroup")
	var opened []any
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		assert.Same(t, group, rule.Ref("SourceSecurityGroupId"))
		opened = append(opened, rule.Get("GroupId"))
	}
	assert.ElementsMatch(t, []any{"sg-0123456789abcdef0", "sg-0123456789abcdef1"}, opened, "and no rule in a group that is to stay as it is")

	policy := tpl.At("AWS::IAM::Policy", "Test/Role/")
	assert.Equal(t, []any{"program"}, policy.Get("Roles"))
	assert.Equal(t, []any{"elasticfilesystem:ClientMount"}, cdktest.List(policy.Get("PolicyDocument.Statement.0.Action")))
	assert.Contains(t, fmt.Sprint(policy.Get("PolicyDocument.Statement.0.Resource")), ":file-system/fs-0123456789abcdef0")
	assert.Contains(t, fmt.Sprint(policy.Get("PolicyDocument.Statement.0.Condition")), ":access-point/fsap-0123456789abcdef0")
	assert.Contains(t, tpl.Only("AWS::ECS::Service").Dependencies(), policy.Id)
}

func TestFilesAreRefusedWithTheirPath(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	assert.Equal(t, []string{
		"Test/Files: Vpc is required: the VPC of the clients",
		`Test/Files: ThroughputMode must be "ELASTIC", "BURSTING" or "PROVISIONED"; got "fast"`,
	}, cdktest.Refused(t, func() { storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{ThroughputMode: "fast"}) }))
	assert.Equal(t, []string{
		"Test/Point: FileSystem is required; use storage.NewEfsFileSystem or storage.EfsFileSystemFrom",
	}, cdktest.Refused(t, func() { storage.NewEfsAccessPoint(stack, "Point", nil) }))
	assert.Len(t, cdktest.Refused(t, func() { storage.EfsFileSystemFrom(stack, "Imported", nil) }), 2)
	assert.Len(t, cdktest.Refused(t, func() { storage.EfsAccessPointFrom(stack, "ImportedPoint", nil) }), 2)
	assert.Equal(t, []string{"Files: scope must not be nil", "Files: Vpc is required: the VPC of the clients"},
		cdktest.Refused(t, func() { storage.NewEfsFileSystem(nil, "Files", nil) }))

	files := storage.NewEfsFileSystem(stack, "Real", &storage.EfsFileSystemProps{Vpc: vpc})
	root := storage.NewEfsAccessPoint(stack, "Root", &storage.EfsAccessPointProps{FileSystem: files, PosixUser: &storage.EfsPosixUser{Uid: 7}})
	assert.Equal(t, []string{
		"Test/Task: Volumes[0].Efs.RootAccess is required with an AccessPoint whose PosixUser is root: without it EFS treats root as nobody; " +
			"set it, or change the PosixUser",
		`Test/Task: Volumes[0].Efs.RootDirectory must not be set together with AccessPoint, whose Path is the root; got "/x"; set Path of the ` +
			`access point`,
	}, cdktest.Refused(t, func() { ecs.NewTask(stack, "Task", filesTask(&ecs.EfsVolume{AccessPoint: root, RootDirectory: "/x"})) }))

	// Tasks where the files are not.
	service := func(id string, files *storage.EfsFileSystem, vpc awsec2.IVpc) []string {
		cluster := ecs.NewCluster(stack, id+"Cluster", &ecs.ClusterProps{Vpc: vpc})
		task := ecs.NewTask(stack, id+"Task", filesTask(&ecs.EfsVolume{FileSystem: files}))
		return cdktest.Refused(t, func() { ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: task}) })
	}
	made := network.NewVpc(stack, "Made", &network.VpcProps{AvailabilityZones: 2}).Vpc
	assert.Equal(t, []string{"Test/Elsewhere: Task requires a file system in its own VPC, and Test/Real is in another one"},
		service("Elsewhere", files, made))
	oneZone := storage.EfsFileSystemFrom(stack, "OneZone", &storage.EfsFileSystemAttributes{
		FileSystemId: "fs-0123456789abcdef0", SecurityGroupIds: []string{"sg-0123456789abcdef0"}, Vpc: vpc,
		AvailabilityZones: []string{"eu-west-1a"},
	})
	assert.Equal(t, []string{"Test/TwoZones: Task requires mount targets of Test/OneZone in eu-west-1b, where its tasks may start; " +
		"give the file system Subnets in those zones too"},
		service("TwoZones", oneZone, vpc))
}

// A construct of the CDK takes a file system as one of its own, and the file system takes it.
func TestFilesAreConnectable(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	point := storage.NewEfsAccessPoint(stack, "Point", &storage.EfsAccessPointProps{
		FileSystem: files, Path: "/uploads", PosixUser: &storage.EfsPosixUser{Uid: 1000, Gid: 1000},
	})
	machine := awsec2.NewInstance(stack, jsii.String("Machine"), &awsec2.InstanceProps{
		Vpc: vpc, InstanceType: awsec2.NewInstanceType(jsii.String("t4g.small")), AllowAllOutbound: jsii.Bool(false),
		MachineImage: awsec2.MachineImage_GenericLinux(&map[string]*string{"eu-west-1": jsii.String("ami-0123456789abcdef0")}, nil),
	})
	point.GrantReadWrite(machine)
	machine.Instance().Node().AddDependency(files.AllowFrom(machine)...)
	others := awsec2.NewSecurityGroup(stack, jsii.String("Others"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(false)})
	others.Connections().AllowToDefaultPort(files, nil)
	files.Connections().AllowDefaultPortFrom(awsec2.Peer_Ipv4(jsii.String("192.0.2.0/24")), nil)
	assert.Equal(t, []string{"Test/Files: AllowFrom: client must not be nil; pass a service, a cluster, an instance or a security group"},
		cdktest.Refused(t, func() { files.AllowFrom(nil) }))
	tpl := cdktest.Synth(t, stack)

	in, out := passages(tpl)
	assert.ElementsMatch(t, []string{"tcp 2049-2049 from Machine to Files", "tcp 2049-2049 from Others to Files"}, in)
	assert.ElementsMatch(t, in, out, "and out of groups that let nothing out")
	assert.Equal(t, "192.0.2.0/24", tpl.At("AWS::EC2::SecurityGroup", "/Files/").Get("SecurityGroupIngress.0.CidrIp"))
	assert.Equal(t, 2049.0, tpl.At("AWS::EC2::SecurityGroup", "/Files/").Get("SecurityGroupIngress.0.FromPort"))
	rule := tpl.At("AWS::EC2::SecurityGroupIngress", "/Machine/")
	assert.Contains(t, tpl.Only("AWS::EC2::Instance").Dependencies(), rule.Id, "the machine would mount before the way is open")
	cdktest.MayExactly(t, tpl.At("AWS::IAM::Role", "/Machine/"),
		cdktest.Allow("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite").On(tpl.Only("AWS::EFS::FileSystem")).
			If(map[string]any{"StringEquals": map[string]any{"elasticfilesystem:AccessPointArn": tpl.Only("AWS::EFS::AccessPoint")}}))
}
