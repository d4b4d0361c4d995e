package eks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

func newFsxShop(t *testing.T) (awscdk.Stack, *eks.Cluster, *storage.Lustre, *storage.Ontap) {
	t.Helper()
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := withoutNodes(newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc}))
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"},
		UserData: eks.IscsiUserData()})
	return stack, cluster, storage.NewLustre(stack, "Fast", &storage.LustreProps{Vpc: vpc}), storage.NewOntap(stack, "Ontap",
		&storage.OntapProps{Vpc: vpc})
}

// statements are those of the inline policies of a role.
func statements(tpl *cdktest.Template, role *cdktest.Resource) (all []map[string]any) {
	for _, policy := range tpl.All("AWS::IAM::Policy") {
		for _, user := range cdktest.List(policy.Get("Roles")) {
			if tpl.Follow(user) != role {
				continue
			}
			for _, s := range cdktest.List(policy.Get("PolicyDocument.Statement")) {
				all = append(all, s.(map[string]any))
			}
		}
	}
	return all
}

// The driver of Lustre changes and deletes just what it made; nodes and servers reach each other, and nothing else does.
func TestLustreStorage(t *testing.T) {
	stack, cluster, fast, _ := newFsxShop(t)
	eks.NewLustreStorage(stack, "Lustre", &eks.LustreStorageProps{
		Cluster: cluster, Classes: []eks.LustreClass{{Name: "lustre", DataCompression: true, BackupRetentionDays: 7}},
		Volumes: []eks.LustreVolume{{FileSystem: fast, ClaimName: "fast"}},
	})
	tpl := cdktest.Synth(t, stack)

	addOn := tpl.At("AWS::EKS::Addon", "/Lustre/")
	assert.Equal(t, "aws-fsx-csi-driver", addOn.Get("AddonName"))
	assert.Equal(t, "fsx-csi-controller-sa", addOn.Get("PodIdentityAssociations.0.ServiceAccount"))
	role := addOn.Ref("PodIdentityAssociations.0.RoleArn")
	require.NotNil(t, role)
	assert.Nil(t, role.Get("ManagedPolicyArns"))
	actions := map[any]any{}
	for _, s := range statements(tpl, role) {
		for _, action := range cdktest.List(s["Action"]) {
			actions[action] = s["Condition"]
		}
	}
	asked := map[string]any{"Null": map[string]any{"aws:RequestTag/CSIVolumeName": "false"}}
	own := map[string]any{"Null": map[string]any{"aws:ResourceTag/CSIVolumeName": "false"}}
	assert.Equal(t, map[any]any{
		"fsx:DescribeFileSystems": nil, "fsx:CreateFileSystem": asked, "fsx:TagResource": own, "fsx:UpdateFileSystem": own,
		"fsx:DeleteFileSystem":        own,
		"iam:CreateServiceLinkedRole": map[string]any{"StringEquals": map[string]any{"iam:AWSServiceName": "fsx.amazonaws.com"}},
	}, actions)

	class := tpl.At("Custom::AWSCDK-EKS-KubernetesResource", "/Lustre/Class-lustre")
	object := class.Objects()[0]
	assert.Equal(t, "fsx.csi.aws.com", object["provisioner"])
	assert.Equal(t, "Delete", object["reclaimPolicy"])
	assert.Equal(t, "Immediate", object["volumeBindingMode"])
	assert.Equal(t, []any{"flock"}, object["mountOptions"])
	parameters := object["parameters"].(map[string]any)
	for key, want := range map[string]string{"deploymentType": "PERSISTENT_2", "perUnitStorageThroughput": "125",
		"dataCompressionType": "LZ4", "automaticBackupRetentionDays": "7",
		"fileSystemTypeVersion": "2.15"} {
		assert.Equal(t, want, parameters[key], key)
	}
	assert.True(t, class.ComesAfter(addOn) && addOn.ComesAfter(role) && addOn.ComesAfter(tpl.Only("AWS::EKS::Nodegroup")))

	// Every ingress of the group that its file systems get is Lustre's, from nodes or from itself.
	group, nodes := tpl.At("AWS::EC2::SecurityGroup", "/Lustre/SecurityGroup"), tpl.Only("AWS::EKS::Cluster")
	from := map[*cdktest.Resource][]any{}
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		if rule.Ref("GroupId") == group {
			source := rule.Ref("SourceSecurityGroupId")
			from[source] = append(from[source], []any{rule.Get("FromPort"), rule.Get("ToPort"), rule.Get("IpProtocol")})
			assert.True(t, class.ComesAfter(rule))
		}
	}
	ports := []any{[]any{988.0, 988.0, "tcp"}, []any{1018.0, 1023.0, "tcp"}}
	assert.Len(t, from, 2)
	assert.ElementsMatch(t, ports, from[group])
	assert.ElementsMatch(t, ports, from[nodes])

	volume := tpl.At("Custom::AWSCDK-EKS-KubernetesResource", "/Lustre/Volume-default:fast")
	spec := volume.Objects()[0]["spec"].(map[string]any)
	assert.Equal(t, "Retain", spec["persistentVolumeReclaimPolicy"])
	assert.Empty(t, spec["storageClassName"])
	assert.Equal(t, []any{"ReadWriteMany"}, spec["accessModes"])
	assert.Equal(t, map[string]any{"namespace": "default", "name": "fast"}, spec["claimRef"])
	claim := volume.Objects()[1]["spec"].(map[string]any)
	assert.Equal(t, "default.fast", claim["volumeName"])
	assert.Empty(t, claim["storageClassName"])
	assert.True(t, volume.ComesAfter(tpl.At("AWS::FSx::FileSystem", "/Fast/")) && volume.ComesAfter(addOn))
}

// A driver of volumes that are there makes, changes and deletes none.
func TestLustreStorageWithoutClasses(t *testing.T) {
	stack, cluster, fast, _ := newFsxShop(t)
	eks.NewLustreStorage(stack, "Lustre",
		&eks.LustreStorageProps{Cluster: cluster, Volumes: []eks.LustreVolume{{FileSystem: fast, ClaimName: "fast", ReadOnly: true}}})
	tpl := cdktest.Synth(t, stack)
	got := statements(tpl, tpl.At("AWS::EKS::Addon", "/Lustre/").Ref("PodIdentityAssociations.0.RoleArn"))
	require.Len(t, got, 1)
	assert.Equal(t, "fsx:DescribeFileSystems", got[0]["Action"])
	objects, _ := applied(t, tpl)
	volume := objects["PersistentVolume default.fast"]["spec"].(map[string]any)
	assert.Equal(t, []any{"ReadWriteMany"}, volume["accessModes"], "the driver refuses ReadOnlyMany")
	assert.Equal(t, []any{"flock", "ro"}, volume["mountOptions"])
}

// Trident's controller makes volumes on this file system alone and reads one secret; its operator looks.
func TestOntapStorage(t *testing.T) {
	stack, cluster, _, ontap := newFsxShop(t)
	eks.NewOntapStorage(stack, "Trident", &eks.OntapStorageProps{Cluster: cluster, FileSystem: ontap, Classes: []eks.OntapClass{
		{Name: "nas", Default: true}, {Name: "san", Protocol: eks.ProtocolIscsi, ReclaimPolicy: eks.ReclaimRetain},
	}})
	disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster, Snapshots: true, Classes: []eks.EbsClass{{Name: "gp3"}}})
	assert.Equal(t, "Test/Trident/SnapshotController", *disks.SnapshotAddOn.Node().Path())
	tpl := cdktest.Synth(t, stack)

	addOn := tpl.At("AWS::EKS::Addon", "/Trident/AddOn")
	cdktest.Has(t, addOn, map[string]any{
		"AddonName":               "netapp_trident-operator",
		"PodIdentityAssociations": nil,
	})
	secret := tpl.At("AWS::SecretsManager::Secret", "/SvmAdminSecret")
	look := []any{"fsx:DescribeFileSystems", "fsx:DescribeStorageVirtualMachines", "fsx:DescribeVolumes"}
	for account, want := range map[string][]any{
		"trident-controller": append([]any{"fsx:CreateVolume", "fsx:UpdateVolume", "fsx:DeleteVolume", "fsx:RestoreVolumeFromSnapshot",
			"fsx:TagResource", "fsx:UntagResource",
			"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}, look...),
		"trident-operator": look,
	} {
		var association *cdktest.Resource
		for _, a := range tpl.All("AWS::EKS::PodIdentityAssociation") {
			if a.Get("ServiceAccount") == account {
				association = a
			}
		}
		require.NotNil(t, association, account)
		assert.Equal(t, "trident", association.Get("Namespace"))
		assert.True(t, addOn.ComesAfter(association), "pods that start before it have no role")
		var actions []any
		for _, s := range statements(tpl, association.Ref("RoleArn")) {
			actions = append(actions, cdktest.List(s["Action"])...)
			switch cdktest.List(s["Action"])[0] {
			case "fsx:DescribeFileSystems":
				assert.Equal(t, "*", s["Resource"])
			case "fsx:CreateVolume":
				for _, resource := range cdktest.List(s["Resource"]) {
					parts := resource.(map[string]any)["Fn::Join"].([]any)[1].([]any)
					assert.Contains(t, parts, map[string]any{"Ref": tpl.At("AWS::FSx::FileSystem", "/Ontap/").Id})
				}
			default:
				assert.Same(t, secret, tpl.Follow(s["Resource"]))
			}
		}
		assert.ElementsMatch(t, want, actions, account)
	}

	opened := map[float64]bool{}
	server := tpl.At("AWS::EC2::SecurityGroup", "/Ontap/SecurityGroup")
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		if rule.Ref("GroupId") == server {
			assert.Same(t, tpl.Only("AWS::EKS::Cluster"), rule.Ref("SourceSecurityGroupId"))
			opened[rule.Get("FromPort").(float64)] = true
		}
	}
	assert.Equal(t, map[float64]bool{111: true, 635: true, 2049: true, 4045: true, 3260: true, 443: true, 22: true}, opened)

	// Trident makes a class of snapshots, whose kind this brings; the driver of EBS takes the same.
	snapshots := tpl.At("AWS::EKS::Addon", "/Trident/SnapshotController")
	assert.Equal(t, "snapshot-controller", snapshots.Get("AddonName"))
	for name, want := range map[string]map[string]any{
		"nas": {"storageDriverName": "ontap-nas", "reclaimPolicy": "Delete", "csi.storage.k8s.io/fstype": nil},
		"san": {"storageDriverName": "ontap-san", "reclaimPolicy": "Retain", "csi.storage.k8s.io/fstype": "ext4"},
	} {
		class := tpl.At("Custom::AWSCDK-EKS-KubernetesResource", "/Trident/Class-"+name)
		object := class.Objects()[0]
		parameters := object["parameters"].(map[string]any)
		assert.Equal(t, "csi.trident.netapp.io", object["provisioner"])
		assert.Equal(t, want["reclaimPolicy"], object["reclaimPolicy"])
		for _, key := range []string{"storageDriverName", "csi.storage.k8s.io/fstype"} {
			assert.Equal(t, want[key], parameters[key], key)
		}
		assert.True(t, class.ComesAfter(addOn) && class.ComesAfter(snapshots) && class.ComesAfter(tpl.Only("AWS::FSx::StorageVirtualMachine")))
	}
}

// Without a class by iSCSI its port stays shut, and the other way round.
func TestOntapStorageOpensWhatClassesNeed(t *testing.T) {
	for protocol, want := range map[eks.OntapProtocol][2]bool{eks.ProtocolNfs: {true, false}, eks.ProtocolIscsi: {false, true}} {
		stack, cluster, _, ontap := newFsxShop(t)
		eks.NewOntapStorage(stack, "Trident",
			&eks.OntapStorageProps{Cluster: cluster, FileSystem: ontap, Classes: []eks.OntapClass{{Name: "a", Protocol: protocol}}})
		var got [2]bool
		for _, rule := range cdktest.Synth(t, stack).All("AWS::EC2::SecurityGroupIngress") {
			got[0] = got[0] || rule.Get("FromPort") == 2049.0
			got[1] = got[1] || rule.Get("FromPort") == 3260.0
		}
		assert.Equal(t, want, got, protocol)
	}
}

// Where nothing but Fargate runs pods, neither driver does.
func TestFsxOnFargateAlone(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := withoutNodes(newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc}))
	eks.NewLustreStorage(stack, "Lustre", &eks.LustreStorageProps{Cluster: cluster, Classes: []eks.LustreClass{{Name: "lustre"}}})
	eks.NewOntapStorage(stack, "Trident",
		&eks.OntapStorageProps{Cluster: cluster, FileSystem: storage.NewOntap(stack, "Ontap", &storage.OntapProps{Vpc: vpc}),
			Classes: []eks.OntapClass{{Name: "nas"}}})
	eks.NewFargateProfile(stack, "Fargate", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "web"}}})
	for driver, path := range map[string]string{"FSx for Lustre": "Test/Lustre", "FSx for NetApp ONTAP": "Test/Trident"} {
		want := "runs pods only on Fargate, and the driver of " + driver + " of " + path + " requires nodes; remove it or give the cluster nodes"
		var texts []string
		for _, problem := range *cluster.Node().Validate() {
			texts = append(texts, *problem)
		}
		assert.Contains(t, texts, want)
	}
}

// What file systems that stay have, stays; what names the cluster security group goes, or EKS could not delete that group.
func TestLustreClassThatRetains(t *testing.T) {
	for policy, want := range map[eks.ReclaimPolicy]string{eks.ReclaimDelete: "", eks.ReclaimRetain: "RetainExceptOnCreate"} {
		stack, cluster, _, _ := newFsxShop(t)
		eks.NewLustreStorage(stack, "Lustre",
			&eks.LustreStorageProps{Cluster: cluster, Classes: []eks.LustreClass{{Name: "lustre", ReclaimPolicy: policy}}})
		tpl := cdktest.Synth(t, stack)
		group := tpl.At("AWS::EC2::SecurityGroup", "/Lustre/SecurityGroup")
		assert.Equal(t, want, group.DeletionPolicy)
		for _, rule := range slices.Concat(tpl.All("AWS::EC2::SecurityGroupIngress"), tpl.All("AWS::EC2::SecurityGroupEgress")) {
			if !strings.HasPrefix(rule.Path(), "Test/Lustre/") {
				continue
			}
			if strings.Contains(rule.Path(), "AmongServers") {
				assert.Equal(t, want, rule.DeletionPolicy, rule.Path())
			} else {
				assert.Empty(t, rule.DeletionPolicy, rule.Path())
			}
		}
	}
}

// The version of a controller that is there already would say nothing.
func TestSnapshotControllerIsOne(t *testing.T) {
	stack, cluster, _, ontap := newFsxShop(t)
	eks.NewOntapStorage(stack, "Trident",
		&eks.OntapStorageProps{Cluster: cluster, FileSystem: ontap, Classes: []eks.OntapClass{{Name: "nas"}}})
	assert.Equal(t,
		[]string{`Test/Disks: SnapshotAddOnVersion must not be set after Test/Trident has installed the snapshot controller; got ` +
			`"v8.4.0-eksbuild.1"; create this construct first`}, cdktest.Refused(t, func() {
			eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster, Snapshots: true, SnapshotAddOnVersion: "v8.4.0-eksbuild.1"})
		}))
}

// FSx offers disks of up to six pairs of servers.
func TestIscsiOfManyPairs(t *testing.T) {
	stack, cluster, _, _ := newFsxShop(t)
	for pairs, want := range map[int][]string{
		6: nil, 7: {`Test/Trident7: Classes[0].Protocol must be "NFS" with a FileSystem of more than 6 HaPairs; got "ISCSI"`},
	} {
		fs := storage.NewOntap(stack, fmt.Sprintf("Pairs%d", pairs),
			&storage.OntapProps{Vpc: cluster.Cluster.Vpc(), DeploymentType: storage.OntapSingleAz2, HaPairs: pairs})
		trident := func() {
			eks.NewOntapStorage(stack, fmt.Sprintf("Trident%d", pairs),
				&eks.OntapStorageProps{Cluster: cluster, FileSystem: fs, Classes: []eks.OntapClass{{Name: "san", Protocol: eks.ProtocolIscsi}}})
		}
		if want == nil {
			assert.NotPanics(t, trident)
			continue
		}
		problems := cdktest.Refused(t, trident)
		assert.Subset(t, problems, want)
	}
}

// Disks by iSCSI that no node can use are warned of, also where the nodes come later.
func TestNodesWithoutIscsi(t *testing.T) {
	withTools := eks.IscsiUserData()
	for name, c := range map[string]struct {
		protocol eks.OntapProtocol
		nodes    func(stack awscdk.Stack, cluster *eks.Cluster)
		isSaid   bool
	}{
		"without": {eks.ProtocolIscsi, func(s awscdk.Stack, c *eks.Cluster) {
			eks.NewManagedNodes(s, "Nodes", &eks.ManagedNodesProps{Cluster: c, InstanceTypes: []string{"m7g.large"}, UserData: []string{"echo"}})
			newSelfManaged(s, "Own", c, nil)
		}, true},
		"files only": {eks.ProtocolNfs, func(s awscdk.Stack, c *eks.Cluster) {
			eks.NewManagedNodes(s, "Nodes", &eks.ManagedNodesProps{Cluster: c, InstanceTypes: []string{"m7g.large"}})
		}, false},
		"some with": {eks.ProtocolIscsi, func(s awscdk.Stack, c *eks.Cluster) {
			eks.NewManagedNodes(s, "Nodes", &eks.ManagedNodesProps{Cluster: c, InstanceTypes: []string{"m7g.large"}})
			newSelfManaged(s, "Own", c, func(p *eks.SelfManagedNodesProps) { p.UserData = withTools })
		}, false},
		"an AMI of one's own": {eks.ProtocolIscsi, func(s awscdk.Stack, c *eks.Cluster) {
			newSelfManaged(s, "Own", c, func(p *eks.SelfManagedNodesProps) {
				p.ImageId, p.CpuArchitecture = "ami-0123456789abcdef0", platform.Arm64
			})
		}, false},
		"no nodes yet": {eks.ProtocolIscsi, func(awscdk.Stack, *eks.Cluster) {}, false},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
			cluster := withoutNodes(newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc}))
			eks.NewOntapStorage(stack, "Trident", &eks.OntapStorageProps{Cluster: cluster, FileSystem: storage.NewOntap(stack, "Ontap",
				&storage.OntapProps{Vpc: vpc}), Classes: []eks.OntapClass{{Name: "a", Protocol: c.protocol}}})
			c.nodes(stack, cluster)
			_, annotations := cdktest.SynthAnnotated(t, stack)
			assert.Equal(t, c.isSaid, strings.Contains(strings.Join(annotations, "\n"), "awscontainers:no-iscsi-tools"), annotations)
		})
	}
}
