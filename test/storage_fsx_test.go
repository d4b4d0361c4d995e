package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/storage"
	"awscontainers/internal/peer"
	"awscontainers/test/cdktest"
)

// passages are the rules between security groups, into one and out of one: "tcp 988-988 from A to B".
func passages(tpl *cdktest.Template) (in, out []string) {
	name := func(r *cdktest.Resource, path string) string {
		if id, named := r.Get(path).(string); named {
			return id
		}
		return strings.Split(r.Ref(path).Path(), "/")[1]
	}
	for _, r := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		in = append(in, fmt.Sprintf("%v %v-%v from %s to %s", r.Get("IpProtocol"), r.Get("FromPort"), r.Get("ToPort"),
			name(r, "SourceSecurityGroupId"), name(r, "GroupId")))
	}
	for _, r := range tpl.All("AWS::EC2::SecurityGroupEgress") {
		out = append(out, fmt.Sprintf("%v %v-%v from %s to %s", r.Get("IpProtocol"), r.Get("FromPort"), r.Get("ToPort"), name(r, "GroupId"),
			name(r, "DestinationSecurityGroupId")))
	}
	return in, out
}

func TestLustreWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	files := storage.NewLustre(stack, "Files", &storage.LustreProps{Vpc: importedVpc(stack)})
	for name, value := range map[string]*string{"Id": new(files.Id()), "Dns": new(files.DnsName()), "Mount": new(files.MountName())} {
		output.New(stack, name, *value)
	}
	tpl := cdktest.Synth(t, stack)

	system, group := tpl.Only("AWS::FSx::FileSystem"), tpl.Only("AWS::EC2::SecurityGroup")
	assert.Equal(t, "LUSTRE", system.Get("FileSystemType"))
	assert.Equal(t, "2.15", system.Get("FileSystemTypeVersion"))
	assert.Equal(t, "SSD", system.Get("StorageType"))
	assert.Equal(t, 1200.0, system.Get("StorageCapacity"))
	assert.Equal(t, map[string]any{
		"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": 125.0, "DataCompressionType": "NONE", "AutomaticBackupRetentionDays": 7.0,
		"CopyTagsToBackups": true,
	}, system.Get("LustreConfiguration"))
	assert.Nil(t, system.Get("KmsKeyId"), "not AWS's own key")
	assert.Equal(t, []any{"subnet-00000000000000003"}, system.Get("SubnetIds"), "the first private subnet")
	assert.Same(t, group, system.Ref("SecurityGroupIds.0"))
	assert.Equal(t, []any{map[string]any{"Key": "Name", "Value": "Test/Files"}}, system.Get("Tags"))

	// Nobody comes in but the servers themselves, without whose rules FSx refuses the file system.
	in, out := passages(tpl)
	among := []string{"tcp 988-988 from Files to Files", "tcp 1018-1023 from Files to Files"}
	assert.ElementsMatch(t, among, in)
	assert.ElementsMatch(t, among, out)
	assert.Nil(t, group.Get("SecurityGroupIngress"))
	assert.Equal(t, "255.255.255.255/32", group.Get("SecurityGroupEgress.0.CidrIp"), "nothing else goes out")
	for _, kind := range []string{"AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"} {
		for _, rule := range tpl.All(kind) {
			assert.Contains(t, system.Dependencies(), rule.Id, "FSx refuses servers that do not reach each other")
			assert.Equal(t, "RetainExceptOnCreate", rule.DeletionPolicy, "files that stay can no longer be used")
		}
	}
	for _, r := range []*cdktest.Resource{system, group} {
		assert.Equal(t, "RetainExceptOnCreate", r.DeletionPolicy, "%s", r.Path())
		assert.Equal(t, "Retain", r.UpdateReplacePolicy, "%s", r.Path())
	}
}

func TestLustreWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	storage.NewLustre(stack, "Older", &storage.LustreProps{
		Vpc: vpc, Subnets: network.Public, DeploymentType: storage.LustrePersistent1, StorageCapacityGiB: 4800, PerUnitThroughput: 200,
		DataCompression:            true,
		WeeklyMaintenanceStartTime: "7:02:30", BackupRetentionDays: 30, DailyBackupStartTime: "05:00", EncryptionKey: key,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY, FileSystemName: "older",
	})
	data := awss3.Bucket_FromBucketName(stack, jsii.String("Bucket"), jsii.String("data"))
	linked := storage.NewLustre(stack, "Linked", &storage.LustreProps{
		Vpc: vpc, Subnet: (*vpc.PrivateSubnets())[1], DeploymentType: storage.LustreScratch2, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		DataRepositories: []storage.LustreDataRepository{
			{Bucket: data, FileSystemPath: "/all"},
			{Bucket: data, FileSystemPath: "/team_results"}, // its id is not that of the next
			{Bucket: data, Prefix: "team/results", FileSystemPath: "/team/results",
				AutoImport: []storage.LustreEvent{storage.LustreNew, storage.LustreChanged}, AutoExport: []storage.LustreEvent{storage.LustreDeleted}},
		},
	})
	// Clients: one that lets all out, one that is shut, one asked for twice; and one of another stack.
	open := awsec2.NewSecurityGroup(stack, jsii.String("Open"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(true)})
	shut := awsec2.NewSecurityGroup(stack, jsii.String("Shut"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(false)})
	before := slices.Concat(linked.AllowFrom(open), linked.AllowFrom(shut), linked.AllowFrom(open))
	require.Len(t, before, 3)
	waiting := awscdk.NewCfnResource(stack, jsii.String("Waiting"),
		&awscdk.CfnResourceProps{Type: jsii.String("AWS::CloudFormation::WaitConditionHandle")})
	waiting.Node().AddDependency(before...)
	// Two on one security group of the caller's, which both servers and clients have.
	own := awsec2.NewSecurityGroup(stack, jsii.String("Own"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(true)})
	for _, id := range []string{"First", "Second"} {
		files := storage.NewLustre(stack, id, &storage.LustreProps{Vpc: vpc, SecurityGroup: own, DisableBackups: true})
		files.AllowFrom(own)
	}
	tpl := cdktest.Synth(t, stack)

	older := tpl.At("AWS::FSx::FileSystem", "/Older/")
	assert.Equal(t, map[string]any{
		"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 200.0, "DataCompressionType": "LZ4", "AutomaticBackupRetentionDays": 30.0,
		"CopyTagsToBackups":             true,
		"DailyAutomaticBackupStartTime": "05:00", "WeeklyMaintenanceStartTime": "7:02:30",
	}, older.Get("LustreConfiguration"))
	assert.Equal(t, 4800.0, older.Get("StorageCapacity"))
	assert.Same(t, tpl.Only("AWS::KMS::Key"), older.Ref("KmsKeyId"))
	assert.Equal(t, []any{"subnet-00000000000000001"}, older.Get("SubnetIds"))
	assert.Equal(t, "older", older.Get("Tags.0.Value"))
	assert.Equal(t, "Delete", older.DeletionPolicy)
	assert.Equal(t, "Delete", older.Ref("SecurityGroupIds.0").DeletionPolicy)

	scratch := tpl.At("AWS::FSx::FileSystem", "/Linked/")
	assert.Equal(t, map[string]any{"DeploymentType": "SCRATCH_2", "DataCompressionType": "NONE"}, scratch.Get("LustreConfiguration"),
		"FSx refuses the rest")
	assert.Equal(t, []any{"subnet-00000000000000004"}, scratch.Get("SubnetIds"))
	all, results := tpl.At("AWS::FSx::DataRepositoryAssociation", "/Repository_all"),
		tpl.At("AWS::FSx::DataRepositoryAssociation", "/Repository_team_results")
	for _, link := range []*cdktest.Resource{all, results} {
		assert.Same(t, scratch, link.Ref("FileSystemId"))
		assert.Equal(t, true, link.Get("BatchImportMetaDataOnCreate"), "nothing of the bucket would show")
		assert.Equal(t, "Delete", link.DeletionPolicy)
	}
	assert.Equal(t, "/all", all.Get("FileSystemPath"))
	assert.Equal(t, "s3://data", all.Get("DataRepositoryPath"))
	assert.Nil(t, all.Get("S3"))
	assert.Equal(t, "/team/results", results.Get("FileSystemPath"))
	assert.Equal(t, "s3://data/team/results", results.Get("DataRepositoryPath"))
	assert.Equal(t, map[string]any{
		"AutoImportPolicy": map[string]any{"Events": []any{"NEW", "CHANGED"}}, "AutoExportPolicy": map[string]any{"Events": []any{"DELETED"}},
	}, results.Get("S3"))

	// Both directions, on both sides, once.
	in, out := passages(tpl)
	var wantIn, wantOut []string
	for _, ports := range []string{"tcp 988-988", "tcp 1018-1023"} {
		for _, id := range []string{"Older", "Linked", "Own"} {
			wantIn = append(wantIn, ports+" from "+id+" to "+id)
		}
		wantOut = append(wantOut, ports+" from Older to Older", ports+" from Linked to Linked")
		for _, id := range []string{"Open", "Shut"} {
			wantIn = append(wantIn, ports+" from "+id+" to Linked", ports+" from Linked to "+id)
			wantOut = append(wantOut, ports+" from Linked to "+id)
		}
		wantOut = append(wantOut, ports+" from Shut to Linked")
	}
	assert.ElementsMatch(t, wantIn, in)
	assert.ElementsMatch(t, wantOut, out)
	assert.Len(t, tpl.At("AWS::CloudFormation::WaitConditionHandle", "/Waiting").Dependencies(), 4*2+3*2,
		"what mounts would come before the doors are open")
	for _, id := range []string{"/First/", "/Second/"} {
		system := tpl.At("AWS::FSx::FileSystem", id)
		assert.Equal(t, 0.0, system.Get("LustreConfiguration.AutomaticBackupRetentionDays"))
		assert.Same(t, tpl.At("AWS::EC2::SecurityGroup", "/Own/"), system.Ref("SecurityGroupIds.0"))
		assert.Len(t, system.Dependencies(), 2, "the rules of the group that it shares")
	}
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroup"), 5, "a group beside the caller's own")
}

// EC2 refuses the second of two equal rules: file systems may share a group, and a group of the account may be imported several times.
func TestRulesOfFilesAreAddedOnce(t *testing.T) {
	const server, client = "sg-0000000000000000a", "sg-0000000000000000b"
	group := func(scope awscdk.Stack, id, groupId string) awsec2.ISecurityGroup {
		return awsec2.SecurityGroup_FromSecurityGroupId(scope, &id, &groupId,
			&awsec2.SecurityGroupImportOptions{AllowAllOutbound: jsii.Bool(false)})
	}
	nfs := func(scope awscdk.Stack, id string) *storage.EfsFileSystem {
		return storage.EfsFileSystemFrom(scope, id, &storage.EfsFileSystemAttributes{FileSystemId: "fs-0123456789abcdef0",
			SecurityGroupIds: []string{server}})
	}
	for name, c := range map[string]struct {
		build   func(scope awscdk.Stack, vpc awsec2.IVpc)
		in, out []string
	}{
		"one task mounts two existing file systems": {func(scope awscdk.Stack, vpc awsec2.IVpc) {
			props := filesTask(&ecs.EfsVolume{FileSystem: nfs(scope, "A")})
			props.Volumes = append(props.Volumes, ecs.Volume{Name: "more", Efs: &ecs.EfsVolume{FileSystem: nfs(scope, "B")}})
			cluster := ecs.NewCluster(scope, "Cluster", &ecs.ClusterProps{Vpc: vpc})
			ecs.NewService(scope, "Service", &ecs.ServiceProps{Cluster: cluster, Task: ecs.NewTask(scope, "Task", props)})
		}, []string{"tcp 2049-2049 from Service to " + server}, nil},
		"a client that was imported twice": {func(scope awscdk.Stack, _ awsec2.IVpc) {
			for _, id := range []string{"A", "B"} {
				nfs(scope, id).AllowFrom(group(scope, "Client"+id, client))
			}
		}, []string{"tcp 2049-2049 from " + client + " to " + server}, []string{"tcp 2049-2049 from " + client + " to " + server}},
		"existing Lustre": {func(scope awscdk.Stack, vpc awsec2.IVpc) {
			machines := awsec2.NewSecurityGroup(scope, jsii.String("Machines"), &awsec2.SecurityGroupProps{Vpc: vpc})
			for _, id := range []string{"A", "B"} {
				storage.LustreFrom(scope, id, &storage.LustreAttributes{FileSystemId: "fs-0123456789abcdef0", MountName: "fsx",
					SecurityGroupId: server}).AllowFrom(machines)
			}
		}, []string{"tcp 988-988 from Machines to " + server, "tcp 988-988 from " + server + " to Machines",
			"tcp 1018-1023 from Machines to " + server, "tcp 1018-1023 from " + server + " to Machines"}, nil},
		"new Lustre with a group of the caller's": {func(scope awscdk.Stack, vpc awsec2.IVpc) {
			own := awsec2.NewSecurityGroup(scope, jsii.String("Own"), &awsec2.SecurityGroupProps{Vpc: vpc})
			machines := awsec2.NewSecurityGroup(scope, jsii.String("Machines"), &awsec2.SecurityGroupProps{Vpc: vpc})
			for _, id := range []string{"A", "B"} {
				storage.NewLustre(scope, id, &storage.LustreProps{Vpc: vpc, SecurityGroup: own}).AllowFrom(machines)
			}
		}, []string{"tcp 988-988 from Own to Own", "tcp 1018-1023 from Own to Own", "tcp 988-988 from Machines to Own",
			"tcp 988-988 from Own to Machines", "tcp 1018-1023 from Machines to Own", "tcp 1018-1023 from Own to Machines"}, nil},
		"new Lustre with two imports of one group": {func(scope awscdk.Stack, vpc awsec2.IVpc) {
			for _, id := range []string{"A", "B"} {
				own := awsec2.SecurityGroup_FromSecurityGroupId(scope, jsii.String("Own"+id), jsii.String(server), nil)
				storage.NewLustre(scope, id, &storage.LustreProps{Vpc: vpc, SecurityGroup: own})
			}
		}, []string{"tcp 988-988 from " + server + " to " + server, "tcp 1018-1023 from " + server + " to " + server}, nil},
		"new ONTAP with a group of the caller's": {func(scope awscdk.Stack, vpc awsec2.IVpc) {
			own := awsec2.NewSecurityGroup(scope, jsii.String("Own"), &awsec2.SecurityGroupProps{Vpc: vpc})
			machines := awsec2.NewSecurityGroup(scope, jsii.String("Machines"), &awsec2.SecurityGroupProps{Vpc: vpc})
			for _, id := range []string{"A", "B"} {
				storage.NewOntap(scope, id, &storage.OntapProps{Vpc: vpc, SecurityGroup: own, SvmName: "svm", StorageCapacityGiB: 1024,
					DeploymentType: storage.OntapSingleAz1}).AllowFrom(machines, storage.OntapIscsi)
			}
		}, []string{"tcp 3260-3260 from Machines to Own"}, nil},
		"Connections after AllowFrom": {func(scope awscdk.Stack, vpc awsec2.IVpc) {
			shut := awsec2.NewSecurityGroup(scope, jsii.String("Shut"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(false)})
			files := storage.NewEfsFileSystem(scope, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
			files.AllowFrom(shut)
			files.Connections().AllowDefaultPortFrom(shut, nil)
			shut.Connections().AllowToDefaultPort(files, nil)
		}, []string{"tcp 2049-2049 from Shut to Files"}, []string{"tcp 2049-2049 from Shut to Files"}},
		"Connections before AllowFrom": {func(scope awscdk.Stack, vpc awsec2.IVpc) {
			shut := group(scope, "Shut", client)
			files := storage.NewEfsFileSystem(scope, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
			files.Connections().AllowDefaultPortFrom(shut, nil)
			files.AllowFrom(shut)
		}, []string{"tcp 2049-2049 from " + client + " to Files"}, []string{"tcp 2049-2049 from " + client + " to Files"}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			c.build(stack, importedVpc(stack))
			in, out := passages(cdktest.Synth(t, stack))
			assert.ElementsMatch(t, c.in, in)
			assert.ElementsMatch(t, c.out, out)
		})
	}
}

// A security group that was imported as immutable gets no rule, as everywhere in the CDK.
func TestImmutableGroupsKeepTheirRules(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	immutable := func(id, groupId string) awsec2.ISecurityGroup {
		return awsec2.SecurityGroup_FromSecurityGroupId(stack, &id, &groupId,
			&awsec2.SecurityGroupImportOptions{Mutable: jsii.Bool(false), AllowAllOutbound: jsii.Bool(false)})
	}
	client := immutable("Client", "sg-0000000000000000b")
	storage.NewLustre(stack, "Theirs", &storage.LustreProps{Vpc: vpc, SecurityGroup: immutable("Servers", "sg-0000000000000000a")}).
		AllowFrom(client)
	storage.LustreFrom(stack, "Lustre", &storage.LustreAttributes{FileSystemId: "fs-0123456789abcdef0", MountName: "fsx",
		SecurityGroupId: "sg-0000000000000000c"}).AllowFrom(client)
	in, out := passages(cdktest.Synth(t, stack))
	assert.ElementsMatch(t, []string{"tcp 988-988 from sg-0000000000000000b to sg-0000000000000000c",
		"tcp 1018-1023 from sg-0000000000000000b to sg-0000000000000000c"}, in)
	assert.Empty(t, out)
}

func TestOntapWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	files := storage.NewOntap(stack, "Files", &storage.OntapProps{Vpc: vpc})
	nodes := awsec2.NewSecurityGroup(stack, jsii.String("Nodes"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(false)})
	others := awsec2.NewSecurityGroup(stack, jsii.String("Others"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(true)})
	for _, endpoint := range []storage.OntapEndpoint{storage.OntapNfs, storage.OntapNfs, storage.OntapIscsi, storage.OntapManagement} {
		require.Len(t, files.AllowFrom(nodes, endpoint), 1)
	}
	files.AllowFrom(others, storage.OntapManagement)
	for name, value := range map[string]*string{"Nfs": new(files.NfsDnsName()), "Iscsi": new(files.IscsiDnsName()),
		"Management": new(files.ManagementDnsName())} {
		output.New(stack, name, *value)
	}
	tpl := cdktest.Synth(t, stack)

	system, svm := tpl.Only("AWS::FSx::FileSystem"), tpl.Only("AWS::FSx::StorageVirtualMachine")
	assert.Equal(t, "ONTAP", system.Get("FileSystemType"))
	servers := tpl.Follow(system.Get("SecurityGroupIds.0"))
	assert.Equal(t, "255.255.255.255/32", servers.Get("SecurityGroupEgress.0.CidrIp"), "servers that only answer send nothing out")
	assert.Equal(t, "SSD", system.Get("StorageType"))
	assert.Equal(t, 1024.0, system.Get("StorageCapacity"))
	config := system.Get("OntapConfiguration").(map[string]any)
	password := config["FsxAdminPassword"]
	delete(config, "FsxAdminPassword")
	assert.Equal(t, map[string]any{
		"DeploymentType": "SINGLE_AZ_1", "HAPairs": 1.0, "ThroughputCapacityPerHAPair": 128.0, "AutomaticBackupRetentionDays": 30.0,
		"DiskIopsConfiguration": map[string]any{"Mode": "AUTOMATIC"},
	}, config)
	assert.Equal(t, []any{"subnet-00000000000000003"}, system.Get("SubnetIds"))
	assert.Same(t, system, svm.Ref("FileSystemId"), "CloudFormation would delete the file system first")
	assert.Equal(t, "svm", svm.Get("Name"))
	assert.Equal(t, "UNIX", svm.Get("RootVolumeSecurityStyle"))

	// Passwords are made by Secrets Manager, and the template only says where they are.
	for _, c := range []struct {
		id, user string
		value    any
	}{{"/FsxAdminSecret/", "fsxadmin", password}, {"/SvmAdminSecret/", "vsadmin", svm.Get("SvmAdminPassword")}} {
		secret := tpl.At("AWS::SecretsManager::Secret", c.id)
		assert.Equal(t, map[string]any{
			"SecretStringTemplate": fmt.Sprintf(`{"username":%q}`, c.user), "GenerateStringKey": "password", "PasswordLength": 32.0,
			"ExcludePunctuation": true,
		}, secret.Get("GenerateSecretString"))
		assert.Nil(t, secret.Get("SecretString"))
		parts := cdktest.Dig(c.value, "Fn::Join.1").([]any)
		assert.Equal(t, "{{resolve:secretsmanager:", parts[0])
		assert.Same(t, secret, tpl.Follow(parts[1]))
		assert.Equal(t, ":SecretString:password::}}", parts[2])
	}

	in, out := passages(tpl)
	var ways []string
	for _, ports := range []string{
		"tcp 111-111", "udp 111-111", "tcp 635-635", "udp 635-635", "tcp 2049-2049", "udp 2049-2049", "tcp 4045-4046", "udp 4045-4046", // NFS
		"tcp 3260-3260", "tcp 443-443", "tcp 22-22",
	} {
		ways = append(ways, ports+" from Nodes to Files")
	}
	assert.ElementsMatch(t, append([]string{"tcp 443-443 from Others to Files", "tcp 22-22 from Others to Files"}, ways...), in)
	assert.ElementsMatch(t, ways, out, "what the nodes' own group does not let out")

	for _, r := range []*cdktest.Resource{system, svm, tpl.At("AWS::EC2::SecurityGroup", "/Files/"),
		tpl.At("AWS::SecretsManager::Secret", "/FsxAdminSecret/"), tpl.At("AWS::SecretsManager::Secret", "/SvmAdminSecret/")} {
		assert.Equal(t, "RetainExceptOnCreate", r.DeletionPolicy, "%s", r.Path())
		assert.Equal(t, "Retain", r.UpdateReplacePolicy, "%s", r.Path())
	}

	for name, prefix := range map[string]string{"Nfs": "", "Iscsi": "iscsi.", "Management": ""} {
		parts := cdktest.Dig(tpl.Outputs[name], "Value.Fn::Join.1").([]any)
		if prefix != "" {
			require.Equal(t, prefix, parts[0])
			parts = parts[1:]
		}
		assert.Same(t, svm, tpl.Follow(parts[0]), name)
		assert.Equal(t, ".", parts[1])
		assert.Same(t, system, tpl.Follow(parts[2]), name)
		assert.Equal(t, []any{".fsx.", map[string]any{"Ref": "AWS::Region"}, ".", map[string]any{"Ref": "AWS::URLSuffix"}}, parts[3:], name)
	}
}

func TestOntapInTwoZones(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	own := awsec2.NewSecurityGroup(stack, jsii.String("Own"), &awsec2.SecurityGroupProps{Vpc: vpc})
	storage.NewOntap(stack, "Files", &storage.OntapProps{
		Vpc: vpc, DeploymentType: storage.OntapMultiAz2, StorageCapacityGiB: 2048, ThroughputCapacityPerHaPair: 768, Iops: 10000,
		EndpointIpAddressRange: "198.19.10.0/26", SecurityGroup: own, SvmName: "team", EncryptionKey: key, FileSystemName: "shared",
		WeeklyMaintenanceStartTime: "7:02:30", BackupRetentionDays: 7, DailyBackupStartTime: "05:00",
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	imported := importedVpc(stack)
	storage.NewOntap(stack, "Named", &storage.OntapProps{
		Vpc: imported, DeploymentType: storage.OntapMultiAz1, RouteTableIds: []string{"rtb-01234567"}, DisableBackups: true, SecurityGroup: own,
	})
	// An imported VPC does not know its route tables.
	assert.Equal(t, []string{"Test/Unknown: RouteTableIds is required with a VPC whose subnets' route tables are not known; " +
		"set it to the route tables of all subnets that clients are in"},
		cdktest.Refused(t, func() {
			storage.NewOntap(stack, "Unknown", &storage.OntapProps{Vpc: imported, DeploymentType: storage.OntapMultiAz1})
		}))
	tpl := cdktest.Synth(t, stack)

	system := tpl.At("AWS::FSx::FileSystem", "/Files/")
	config := system.Get("OntapConfiguration").(map[string]any)
	for field, want := range map[string]any{
		"DeploymentType": "MULTI_AZ_2", "ThroughputCapacityPerHAPair": 768.0,
		"DiskIopsConfiguration":  map[string]any{"Mode": "USER_PROVISIONED", "Iops": 10000.0},
		"EndpointIpAddressRange": "198.19.10.0/26", "WeeklyMaintenanceStartTime": "7:02:30", "AutomaticBackupRetentionDays": 7.0,
		"DailyAutomaticBackupStartTime": "05:00",
	} {
		assert.Equal(t, want, config[field], field)
	}
	assert.Equal(t, 2048.0, system.Get("StorageCapacity"))
	assert.Same(t, tpl.Only("AWS::KMS::Key"), system.Ref("KmsKeyId"))
	assert.Same(t, tpl.At("AWS::EC2::SecurityGroup", "/Own/"), system.Ref("SecurityGroupIds.0"))
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroup"), 1, "a group beside the caller's own")
	for _, kind := range []string{"AWS::FSx::FileSystem", "AWS::FSx::StorageVirtualMachine"} {
		assert.Equal(t, "Delete", tpl.At(kind, "/Files/").DeletionPolicy)
	}
	assert.Equal(t, "team", tpl.At("AWS::FSx::StorageVirtualMachine", "/Files/").Get("Name"))

	// The servers in two zones, and routes to them from all private subnets, whose tables FSx may change.
	require.Len(t, system.Get("SubnetIds"), 2)
	first, second := system.Ref("SubnetIds.0"), system.Ref("SubnetIds.1")
	assert.NotEqual(t, first.Get("AvailabilityZone"), second.Get("AvailabilityZone"))
	assert.Same(t, first, system.Ref("OntapConfiguration.PreferredSubnetId"))
	tag := map[string]any{"Key": "AmazonFSx", "Value": "ManagedByAmazonFSx"}
	var tables []string
	for i := range cdktest.List(config["RouteTableIds"]) {
		table := system.Ref(fmt.Sprintf("OntapConfiguration.RouteTableIds.%d", i))
		assert.Contains(t, table.Get("Tags"), tag, "FSx could not delete the file system")
		tables = append(tables, table.Id)
	}
	assert.Len(t, tables, 2)
	for _, table := range tpl.All("AWS::EC2::RouteTable") {
		if !slices.Contains(tables, table.Id) {
			assert.NotContains(t, table.Get("Tags"), tag, "%s", table.Path())
		}
	}

	named := tpl.At("AWS::FSx::FileSystem", "/Named/")
	assert.Equal(t, []any{"rtb-01234567"}, named.Get("OntapConfiguration.RouteTableIds"))
	assert.Equal(t, 0.0, named.Get("OntapConfiguration.AutomaticBackupRetentionDays"))
	assert.Equal(t, []any{"subnet-00000000000000003", "subnet-00000000000000004"}, named.Get("SubnetIds"))
}

func TestFsxThatExists(t *testing.T) {
	stack := cdktest.Stack(t)
	group := awsec2.NewSecurityGroup(stack, jsii.String("Nodes"),
		&awsec2.SecurityGroupProps{Vpc: importedVpc(stack), AllowAllOutbound: jsii.Bool(false)})
	lustre := func(id string, immutable bool, dns string) *storage.Lustre {
		return storage.LustreFrom(stack, id, &storage.LustreAttributes{
			FileSystemId: "fs-0123456789abcdef0", MountName: "a1b2c3d4", DnsName: dns, SecurityGroupId: "sg-0000000000000000" + id[len(id)-1:],
			ImmutableSecurityGroup: immutable,
		})
	}
	files := lustre("Lustre1", false, "")
	files.AllowFrom(group)
	lustre("Lustre2", true, "files.example.com").AllowFrom(group)
	ontap := storage.OntapFrom(stack, "Ontap3", &storage.OntapAttributes{
		FileSystemId: "fs-0123456789abcdef0", SvmId: "svm-0123456789abcdef0", SvmName: "svm", SecurityGroupId: "sg-00000000000000003",
		SvmAdminSecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf", ImmutableSecurityGroup: true,
	})
	ontap.AllowFrom(group, storage.OntapIscsi)
	assert.Equal(t, "fs-0123456789abcdef0", files.Id())
	assert.Equal(t, "a1b2c3d4", files.MountName())
	assert.Equal(t, "fs-0123456789abcdef0", ontap.Id())
	assert.Equal(t, "svm-0123456789abcdef0", ontap.SvmId())
	assert.Equal(t, "svm", ontap.SvmName())
	assert.Equal(t, "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf", *ontap.SvmAdminSecret.SecretArn())
	dns, err := json.Marshal(stack.Resolve([]*string{new(files.DnsName()), new(ontap.IscsiDnsName())}))
	require.NoError(t, err)
	assert.Contains(t, string(dns), `"fs-0123456789abcdef0.fsx."`)
	assert.Contains(t, string(dns), `"iscsi.svm-0123456789abcdef0.fs-0123456789abcdef0.fsx."`)
	tpl := cdktest.Synth(t, stack)

	assert.Equal(t, map[string]int{"AWS::EC2::SecurityGroup": 1, "AWS::EC2::SecurityGroupIngress": 2 + 2 + 2,
		"AWS::EC2::SecurityGroupEgress": 2 + 2 + 1}, tpl.Count())
	in, out := passages(tpl)
	for _, ports := range []string{"tcp 988-988", "tcp 1018-1023"} {
		assert.Contains(t, in, ports+" from Nodes to sg-00000000000000001")
		assert.NotContains(t, in, ports+" from Nodes to sg-00000000000000002", "a group that is to stay as it is")
		assert.Contains(t, in, ports+" from sg-00000000000000002 to Nodes")
		assert.Contains(t, out, ports+" from Nodes to sg-00000000000000002")
	}
	assert.NotContains(t, in, "tcp 3260-3260 from Nodes to sg-00000000000000003")
	assert.Contains(t, out, "tcp 3260-3260 from Nodes to sg-00000000000000003")
}

// A cluster's nodes and the files in stacks of their own: rules must not make them wait for each other.
func TestFsxInSeveralStacks(t *testing.T) {
	app := cdktest.App(t)
	base := awscdk.NewStack(app, jsii.String("Base"), nil)
	vpc := importedVpc(base)
	group := awsec2.NewSecurityGroup(base, jsii.String("Nodes"), &awsec2.SecurityGroupProps{Vpc: vpc})
	storageStack := awscdk.NewStack(app, jsii.String("Storage"), nil)
	files := storage.NewLustre(storageStack, "Files", &storage.LustreProps{Vpc: vpc})
	shared := storage.NewOntap(storageStack, "Shared", &storage.OntapProps{Vpc: vpc})
	user := awscdk.NewStack(app, jsii.String("User"), nil)
	nodes := peer.Groups{Scope: user, SecurityGroups: []awsec2.ISecurityGroup{group}}
	files.AllowFrom(nodes)
	shared.AllowFrom(nodes, storage.OntapNfs)
	tpl := cdktest.Synth(t, user)
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupIngress"), 4+8, "the rules belong to the stack that waits for both already")
}

// File systems and clients that share security groups of a third stack: the first client's stack has the rules of both, and the second
// client, whose mounts would hang without them, waits for that stack.
func TestFsxSharesRulesAmongStacks(t *testing.T) {
	app := cdktest.App(t)
	stack := func(id string) awscdk.Stack { return awscdk.NewStack(app, &id, nil) }
	base, data, first, second := stack("Base"), stack("Data"), stack("First"), stack("Second")
	vpc := importedVpc(base)
	server := awsec2.NewSecurityGroup(base, jsii.String("Server"), &awsec2.SecurityGroupProps{Vpc: vpc})
	client := awsec2.NewSecurityGroup(base, jsii.String("Client"), &awsec2.SecurityGroupProps{Vpc: vpc})
	for _, user := range []awscdk.Stack{first, second} {
		files := storage.NewLustre(data, *user.StackName(), &storage.LustreProps{Vpc: vpc, SecurityGroup: server})
		rules := files.AllowFrom(peer.Groups{Scope: user, SecurityGroups: []awsec2.ISecurityGroup{client}})
		awscdk.NewCfnWaitConditionHandle(user, jsii.String("Mount"), nil).Node().AddDependency(rules...)
	}
	assert.Len(t, cdktest.Synth(t, first).All("AWS::EC2::SecurityGroupIngress"), 4)
	assert.Empty(t, cdktest.Synth(t, second).All("AWS::EC2::SecurityGroupIngress"), "EC2 refuses the same rule twice")
	var before []string
	for _, dependency := range *second.Dependencies() {
		before = append(before, *dependency.StackName())
	}
	assert.Contains(t, before, "First", "the second stack's mounts would hang until the first is deployed")
}

// A construct of the CDK takes a file system as one of its own, and the file system takes it.
func TestFsxIsConnectable(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	nodes := awsec2.NewSecurityGroup(stack, jsii.String("Nodes"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(false)})
	lustre := storage.LustreFrom(stack, "Lustre", &storage.LustreAttributes{
		FileSystemId: "fs-0123456789abcdef0", MountName: "a1b2c3d4", SecurityGroupId: "sg-00000000000000001",
	})
	ontap := storage.NewOntap(stack, "Ontap", &storage.OntapProps{Vpc: vpc})
	nodes.Connections().AllowTo(lustre, awsec2.Port_Tcp(jsii.Number(988)), nil)
	nodes.Connections().AllowTo(ontap, awsec2.Port_Tcp(jsii.Number(22)), nil)
	assert.Equal(t, "Test/Lustre", *lustre.Node().Path())
	assert.Equal(t, []string{`Test/Ontap: AllowFrom: endpoint must be "nfs", "iscsi" or "management"; got "smb"`},
		cdktest.Refused(t, func() { ontap.AllowFrom(nodes, "smb") }))
	for name, missing := range map[string]func(){
		"Lustre": func() { storage.LustreFrom(stack, "Nothing", nil) },
		"Ontap":  func() { storage.OntapFrom(stack, "Nothing", nil) },
	} {
		assert.Contains(t, cdktest.Refused(t, missing),
			`Test/Nothing: FileSystemId is required: a file system ID such as "fs-0123456789abcdef0"`, name)
	}
	in, _ := passages(cdktest.Synth(t, stack))
	assert.ElementsMatch(t, []string{"tcp 988-988 from Nodes to sg-00000000000000001", "tcp 22-22 from Nodes to Ontap"}, in)
}
