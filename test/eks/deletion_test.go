package eks_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

// storages are the kinds of volumes in a cluster, each with claims, by which order they are created in: the snapshot controller is
// that of whatever asks for it first.
func addStorages(stack awscdk.Stack, cluster *eks.Cluster, reclaim eks.ReclaimPolicy, kinds ...string) {
	vpc := cluster.Cluster.Vpc()
	claim := func(class *eks.StorageClass) {
		eks.NewVolumeClaim(stack, "Claim-"+class.Name, &eks.VolumeClaimProps{Class: class, ClaimName: class.Name, SizeGiB: 1200})
	}
	for _, kind := range kinds {
		switch kind {
		case "EBS", "EBS with snapshots":
			disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster, Snapshots: kind != "EBS",
				EncryptionKey: awskms.NewKey(stack, jsii.String("Key"), nil),
				Classes: []eks.EbsClass{{Name: "gp3", ReclaimPolicy: reclaim},
					{Name: "io2", VolumeType: eks.VolumeIo2, Iops: 100, ReclaimPolicy: reclaim}}})
			claim(disks.Class("gp3"))
			claim(disks.Class("io2"))
		case "EFS":
			files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
			shared := eks.NewEfsStorage(stack, "Efs", &eks.EfsStorageProps{Cluster: cluster, FileSystem: files,
				Classes: []eks.EfsClass{{Name: "efs", ReclaimPolicy: reclaim}},
				Volumes: []eks.EfsVolume{{ClaimName: "shared", AccessPoint: storage.NewEfsAccessPoint(stack, "Shared",
					&storage.EfsAccessPointProps{FileSystem: files})}}})
			claim(shared.Classes[0])
		case "LUSTRE":
			lustre := eks.NewLustreStorage(stack, "Lustre", &eks.LustreStorageProps{Cluster: cluster,
				Classes: []eks.LustreClass{{Name: "lustre", ReclaimPolicy: reclaim}},
				Volumes: []eks.LustreVolume{{ClaimName: "fast", FileSystem: storage.NewLustre(stack, "Fast", &storage.LustreProps{Vpc: vpc})}}})
			claim(lustre.Classes[0])
		case "ONTAP":
			trident := eks.NewOntapStorage(stack, "Trident", &eks.OntapStorageProps{Cluster: cluster,
				FileSystem: storage.NewOntap(stack, "Ontap", &storage.OntapProps{Vpc: vpc}),
				Classes: []eks.OntapClass{{Name: "nas", ReclaimPolicy: reclaim},
					{Name: "san", Protocol: eks.ProtocolIscsi, ReclaimPolicy: reclaim}}})
			claim(trident.Classes[0])
			claim(trident.Classes[1])
		}
	}
}

// Volumes and objects are deleted before what deletes them, however the cluster runs its pods.
func TestVolumesAreDeletedBeforeWhatDeletesThem(t *testing.T) {
	managed := func(stack awscdk.Stack, cluster *eks.Cluster) {
		eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"},
			UserData: eks.IscsiUserData()})
	}
	own := func(change func(p *eks.ClusterProps)) func(stack awscdk.Stack) *eks.Cluster {
		return func(stack awscdk.Stack) *eks.Cluster {
			p := &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc}
			if change != nil {
				change(p)
			}
			return newCluster(stack, "Cluster", p)
		}
	}
	existing := func(change func(a *eks.ClusterAttributes)) func(stack awscdk.Stack) *eks.Cluster {
		return func(stack awscdk.Stack) *eks.Cluster {
			return newExisting(stack, func(a *eks.ClusterAttributes) {
				a.Kubectl = &eks.Kubectl{}
				change(a)
			})
		}
	}
	all := []string{"EBS with snapshots", "EFS", "LUSTRE", "ONTAP"}
	for name, c := range map[string]struct {
		cluster func(stack awscdk.Stack) *eks.Cluster
		nodes   func(stack awscdk.Stack, cluster *eks.Cluster)
		kinds   []string
	}{
		"managed nodes":                {own(nil), managed, all},
		"in another order":             {own(nil), managed, []string{"ONTAP", "LUSTRE", "EFS", "EBS with snapshots"}},
		"without snapshots":            {own(nil), managed, []string{"EBS", "ONTAP"}},
		"with a load balancer's":       {own(func(p *eks.ClusterProps) { p.AlbController = true }), managed, all},
		"over the internet":            {own(func(p *eks.ClusterProps) { p.PublicAccessCidrs = []string{"203.0.113.0/24"} }), managed, all},
		"a version without attributes": {own(func(p *eks.ClusterProps) { p.Version, p.SupportType = "1.33", eks.SupportExtended }), managed, all},
		"Auto Mode": {own(func(p *eks.ClusterProps) { p.AutoMode = true }), nil,
			[]string{"EBS with snapshots", "EFS", "LUSTRE"}},
		"existing":                    {existing(func(a *eks.ClusterAttributes) {}), managed, all},
		"existing of a known version": {existing(func(a *eks.ClusterAttributes) { a.Version = "1.35" }), managed, all},
		"existing in Auto Mode": {existing(func(a *eks.ClusterAttributes) {
			a.AutoMode, a.RoleArn = true, "arn:aws:iam::111122223333:role/Cluster"
		}), nil, []string{"EBS", "EFS"}},
		"self-managed nodes, later": {own(nil), func(s awscdk.Stack, c *eks.Cluster) {
			newSelfManaged(s, "Nodes", c, func(p *eks.SelfManagedNodesProps) { p.UserData = eks.IscsiUserData() })
		}, all},
		"CoreDNS on Fargate": {own(func(p *eks.ClusterProps) { p.AddOns.CoreDnsOnFargate = true }), func(s awscdk.Stack, c *eks.Cluster) {
			managed(s, c)
			eks.NewFargateProfile(s, "Dns", &eks.FargateProfileProps{Cluster: c, Selectors: []eks.FargateSelector{
				{Namespace: "kube-system"}}})
		}, []string{"ONTAP"}},
		"managed nodes beside Fargate's": {own(nil), func(s awscdk.Stack, c *eks.Cluster) {
			managed(s, c)
			eks.NewFargateProfile(s, "Fargate", &eks.FargateProfileProps{Cluster: c, Selectors: []eks.FargateSelector{{Namespace: "web"}}})
		}, all},
	} {
		policies := []eks.ReclaimPolicy{eks.ReclaimDelete}
		if strings.HasPrefix(name, "existing") || name == "managed nodes" {
			policies = append(policies, eks.ReclaimRetain) // by which rules and groups may stay
		}
		for _, reclaim := range policies {
			t.Run(name+", "+string(reclaim), func(t *testing.T) {
				stack := cdktest.Stack(t)
				awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("awscontainers:eks-volume-deletion"), jsii.String("Tested below"))
				cluster := c.cluster(stack)
				addStorages(stack, cluster, reclaim, c.kinds...)
				if c.nodes != nil {
					c.nodes(stack, cluster) // after all that waits for them
				}
				assert.Empty(t, shared.DeletionFaults(cdktest.Synth(t, stack)))
			})
		}
	}
}

// The check sees each of the ways in which it can go wrong.
func TestTooEarlyDeletionsAreFound(t *testing.T) {
	stack := cdktest.Stack(t)
	awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("awscontainers:eks-volume-deletion"), jsii.String("Tested below"))
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := withoutNodes(newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc}))
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"},
		UserData: eks.IscsiUserData()})
	addStorages(stack, cluster, eks.ReclaimDelete, "EBS with snapshots", "LUSTRE", "ONTAP")
	tpl := cdktest.Synth(t, stack)
	require.Empty(t, shared.DeletionFaults(tpl))
	for _, manifest := range tpl.All(cdktest.KubernetesManifest) {
		manifest.DependsOn = nil
	}
	for _, a := range tpl.All("AWS::EKS::Addon") {
		a.DependsOn = nil
	}
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		rule.DeletionPolicy = "RetainExceptOnCreate"
	}
	found := map[string]bool{}
	for _, fault := range shared.DeletionFaults(tpl) {
		found[fault] = true
	}
	for _, want := range []string{
		"Test/Disks/AddOn needs CoreDNS, by which it finds AWS until it is deleted: Test/Cluster/CoreDns",
		"Test/Trident/AddOn needs the kinds of snapshots until it is deleted: Test/Disks/SnapshotController",
		"Test/Disks/AddOn needs nodes until it is deleted: Test/Nodes/Nodegroup",
		"Test/Claim-gp3/Claim/Resource/Default needs what waits for its volume until it is deleted: Test/Disks/Attributes-gp3/Resource/Default",
		"Test/Disks/Attributes-gp3/Resource/Default needs the driver until it is deleted: Test/Disks/AddOn",
	} {
		assert.True(t, found[want], want)
	}
}

// A claim whose volume may be left when the stack is deleted is warned of: one that is deleted with its claim, and for which nothing
// waits.
func TestClaimsWhoseVolumesMayBeLeft(t *testing.T) {
	kinds := []string{"EBS", "EFS", "LUSTRE", "ONTAP"}
	for name, c := range map[string]struct {
		change  func(p *eks.ClusterProps)
		reclaim eks.ReclaimPolicy
		kinds   []string
		warned  []string
	}{
		"nodes":     {nil, eks.ReclaimDelete, kinds, []string{"lustre", "nas", "san"}},
		"retained":  {nil, eks.ReclaimRetain, kinds, nil},
		"Auto Mode": {func(p *eks.ClusterProps) { p.AutoMode = true }, eks.ReclaimDelete, []string{"EBS", "EFS"}, []string{"gp3", "io2"}},
		"1.33": {func(p *eks.ClusterProps) { p.Version, p.SupportType = "1.33", eks.SupportExtended }, eks.ReclaimDelete, []string{"EBS"},
			[]string{"gp3", "io2"}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			props := &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc}
			if c.change != nil {
				c.change(props)
			}
			cluster := withoutNodes(newCluster(stack, "Cluster", props))
			addStorages(stack, cluster, c.reclaim, c.kinds...)
			tpl, annotations := cdktest.SynthAnnotated(t, stack)
			var warned []string
			for _, text := range annotations {
				if m := claimOfWarning.FindStringSubmatch(text); m != nil {
					warned = append(warned, m[1])
				}
			}
			assert.Equal(t, c.warned, warned)
			objects, _ := applied(t, tpl)
			for _, class := range []string{"gp3", "io2", "lustre", "nas", "san", "efs"} {
				claim := objects["PersistentVolumeClaim "+class]
				if claim == nil {
					continue
				}
				waits := (class == "gp3" || class == "io2") && name == "nodes"
				assert.Equal(t, waits, objects["VolumeAttributesClass "+class] != nil, class)
				_, isNamed := claim["spec"].(map[string]any)["volumeAttributesClassName"]
				assert.Equal(t, waits, isNamed, "a driver that can't change volumes refuses the claim %s", class)
			}
		})
	}
}

var claimOfWarning = regexp.MustCompile("delete pvc ([a-z0-9]+) -n default`.*awscontainers:eks-volume-deletion")

func TestCoreDnsCanBeDependedOn(t *testing.T) {
	stack := cdktest.Stack(t)
	assert.Nil(t, newExisting(awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Existing"), nil), nil).CoreDns, "somebody else's")
	assert.Equal(t, "Test/Cluster/CoreDns", *nodeCluster(stack).CoreDns.Node().Path())
	auto := newCluster(stack, "Auto", &eks.ClusterProps{Vpc: network.NewVpc(stack, "Other", nil).Vpc, AutoMode: true})
	assert.Nil(t, auto.CoreDns, "built in")
}

// An existing cluster whose VPC is of this app: the function that deletes objects finds AWS by its routes.
func TestKubectlKeepsItsRoutes(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := eks.ClusterFrom(stack, "Cluster", &eks.ClusterAttributes{ClusterName: "shop", Version: "1.35", Vpc: vpc,
		SecurityGroupId: "sg-0123456789abcdef0", Kubectl: &eks.Kubectl{}})
	eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster})
	tpl := cdktest.Synth(t, stack)
	for _, manifest := range tpl.All(cdktest.KubernetesManifest) {
		for _, kind := range []string{"AWS::EC2::Route", "AWS::EC2::NatGateway", "AWS::EC2::SubnetRouteTableAssociation"} {
			for _, part := range tpl.All(kind) {
				assert.True(t, manifest.ComesAfter(part), "%s needs %s", manifest.Path(), part.Path())
			}
		}
	}
}
