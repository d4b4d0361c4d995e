package eks

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/platform"
	"awscontainers/internal/instancetype"
)

func validSelfManaged() SelfManagedNodesProps {
	return SelfManagedNodesProps{
		Cluster:       clusterStandIn(),
		InstanceTypes: []string{"m7g.large", "m6g.large"},
	}
}

func TestImageParameters(t *testing.T) {
	const al2023, bottlerocket = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/", "/aws/service/bottlerocket/aws-k8s-1.35"
	gpu, neuron := instancetype.Gpu, instancetype.Neuron
	for _, c := range []struct {
		os    platform.OperatingSystem
		types instancetype.Type
		want  string
	}{
		{platform.AmazonLinux2023, instancetype.Type{}, al2023 + "x86_64/standard/recommended/image_id"},
		{platform.AmazonLinux2023, instancetype.Type{Arm: true}, al2023 + "arm64/standard/recommended/image_id"},
		{platform.AmazonLinux2023, instancetype.Type{Accelerator: gpu}, al2023 + "x86_64/nvidia/recommended/image_id"},
		{platform.AmazonLinux2023, instancetype.Type{Arm: true, Accelerator: gpu}, al2023 + "arm64/nvidia/recommended/image_id"},
		{platform.AmazonLinux2023, instancetype.Type{Accelerator: neuron}, al2023 + "x86_64/neuron/recommended/image_id"},
		{platform.AmazonLinux2023, instancetype.Type{Arm: true, Accelerator: neuron}, ""},
		{platform.Bottlerocket, instancetype.Type{}, bottlerocket + "/x86_64/latest/image_id"},
		{platform.Bottlerocket, instancetype.Type{Arm: true}, bottlerocket + "/arm64/latest/image_id"},
		{platform.Bottlerocket, instancetype.Type{Accelerator: gpu}, bottlerocket + "-nvidia/x86_64/latest/image_id"},
		{platform.Bottlerocket, instancetype.Type{Arm: true, Accelerator: gpu}, bottlerocket + "-nvidia/arm64/latest/image_id"},
		{platform.Bottlerocket, instancetype.Type{Accelerator: neuron}, ""},
	} {
		assert.Equal(t, c.want, amiParameter(c.os, "1.35", c.types, amiId), "%s %v", c.os, c.types)
	}
	// https://github.com/terraform-aws-modules/terraform-aws-eks/blob/v21.19.0/modules/eks-managed-node-group/main.tf
	arm := instancetype.Type{Arm: true}
	assert.Equal(t, al2023+"arm64/standard/recommended/release_version", amiParameter(platform.AmazonLinux2023, "1.35", arm, amiRelease))
	assert.Equal(t, bottlerocket+"/arm64/latest/image_version", amiParameter(platform.Bottlerocket, "1.35", arm, amiRelease))
}

// The range of services is never that of the VPC, and CoreDNS is at its tenth address.
func TestServiceCidrs(t *testing.T) {
	for vpc, want := range map[string]string{
		"10.0.0.0/16": "172.20.0.0/16", "172.31.0.0/16": "172.20.0.0/16", "172.20.0.0/16": "10.100.0.0/16", "172.20.128.0/20": "10.100.0.0/16",
		"172.16.0.0/12": "10.100.0.0/16", "10.100.0.0/16": "172.20.0.0/16", "": "172.20.0.0/16",
	} {
		assert.Equal(t, want, defaultServiceCidr(vpc).String(), "beside %s", vpc)
	}
	assert.Equal(t, "172.20.0.10", dnsAddress(netip.MustParsePrefix("172.20.0.0/16")).String())
}

func TestSelfManagedNodesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *SelfManagedNodesProps)
		want   []string
	}{
		"nothing given": {func(p *SelfManagedNodesProps) { *p = SelfManagedNodesProps{} }, []string{
			"Cluster is required; use eks.NewCluster or eks.ClusterFrom", `InstanceTypes is required: 1 to 40 instance types such as "m7g.large"`}},
		"Auto Mode": {func(p *SelfManagedNodesProps) { p.Cluster.facts.autoMode = true }, []string{
			"Cluster must not be in Auto Mode, which manages its own nodes; remove AutoMode there, or these nodes"}},
		"two architectures": {func(p *SelfManagedNodesProps) { p.InstanceTypes[1] = "m7i.large" }, []string{
			`InstanceTypes[1] must be Arm, like "m7g.large", because a node group has one AMI; got "m7i.large"; create a node group for each ` +
				`architecture`}},
		"GPUs and none": {func(p *SelfManagedNodesProps) { p.InstanceTypes = []string{"m7i.large", "g5.xlarge"} }, []string{
			`InstanceTypes[1] must have no accelerator, like "m7i.large", because a node group has one AMI; got "g5.xlarge"; create a node ` +
				`group for each kind`}},
		"no type": {func(p *SelfManagedNodesProps) { p.InstanceTypes[1] = "large" },
			[]string{`InstanceTypes[1] must be an instance type such as "m7g.large"; got "large"`}},
		"system": {func(p *SelfManagedNodesProps) { p.OperatingSystem = "AL2" },
			[]string{`OperatingSystem must be "AMAZON_LINUX_2023" or "BOTTLEROCKET"; got "AL2"`}},
		"no AMI": {func(p *SelfManagedNodesProps) {
			p.InstanceTypes, p.OperatingSystem = []string{"inf2.xlarge"}, platform.Bottlerocket
		}, []string{
			`OperatingSystem must be one for which AWS publishes an AMI for x86 with Neuron; got "BOTTLEROCKET"; use another one or other ` +
				`InstanceTypes`}},
		"own AMI without an architecture": {func(p *SelfManagedNodesProps) { p.ImageId = "ami-0123456789abcdef0" }, []string{
			`CpuArchitecture is required with ImageId, because the ID does not show it: "X86_64" or "ARM64"`}},
		"own AMI of the other architecture": {func(p *SelfManagedNodesProps) {
			p.ImageId, p.CpuArchitecture = "ami-0123456789abcdef0", platform.X86_64
		}, []string{
			`CpuArchitecture must be "ARM64", the architecture of InstanceTypes; got "X86_64"; use other InstanceTypes or another AMI`}},
		"no architecture": {func(p *SelfManagedNodesProps) { p.CpuArchitecture = "amd64" },
			[]string{`CpuArchitecture must be "X86_64" or "ARM64"; got "amd64"`}},
		"no id of an AMI": {func(p *SelfManagedNodesProps) { p.ImageId, p.CpuArchitecture = "al2023", platform.Arm64 }, []string{
			`ImageId must be the ID of an AMI, such as "ami-0123456789abcdef0"; got "al2023"`}},
		"On-Demand and Spot": {func(p *SelfManagedNodesProps) {
			p.OnDemandBaseCapacity, p.OnDemandPercentageAboveBaseCapacity = -1, new(101)
		}, []string{"OnDemandBaseCapacity must be 0 or greater; got -1",
			"OnDemandPercentageAboveBaseCapacity must be an integer from 0 to 100; got 101"}},
		"sizes out of order": {func(p *SelfManagedNodesProps) { p.MinSize, p.MaxSize, p.DesiredSize = new(4), 3, new(5) }, []string{
			"MinSize must not be greater than MaxSize (3); got 4"}},
		"negative sizes": {func(p *SelfManagedNodesProps) { p.MinSize, p.MaxSize, p.MaxBatchSize = new(-1), -1, -1 }, []string{
			"MinSize must be 0 or greater; got -1", "MaxSize must be 1 or greater; got -1", "MaxBatchSize must be 1 or greater; got -1"}},
		"all in service": {func(p *SelfManagedNodesProps) { p.MinInstancesInService = new(3) }, []string{
			"MinInstancesInService must be less than MaxSize (3), because otherwise an update couldn't replace a node; got 3"}},
		"less than none in service": {func(p *SelfManagedNodesProps) { p.MinInstancesInService = new(-1) },
			[]string{"MinInstancesInService must be 0 or greater; got -1"}},
		"disk": {func(p *SelfManagedNodesProps) { p.DiskSizeGiB = 8 },
			[]string{"DiskSizeGiB must be an integer from 20 to 16384; got 8"}},
		"subnets": {func(p *SelfManagedNodesProps) { p.Subnets = "database" }, []string{
			`Subnets must be "public", "private" or "isolated"; got "database"`}},
		"groups": {func(p *SelfManagedNodesProps) { p.SecurityGroups = make([]awsec2.ISecurityGroup, 5) }, []string{
			"SecurityGroups must have at most 4 elements, because EC2 accepts 5 and one is the cluster's; got 5",
			"SecurityGroups[0] must be a security group; got nil",
			"SecurityGroups[1] must be a security group; got nil", "SecurityGroups[2] must be a security group; got nil",
			"SecurityGroups[3] must be a security group; got nil", "SecurityGroups[4] must be a security group; got nil"}},
		"reserved label": {func(p *SelfManagedNodesProps) { p.Labels = map[string]string{"kubernetes.io/role": "web"} }, []string{
			`Labels must not have keys with the prefix kubernetes.io, which Kubernetes or EKS reserves; got "kubernetes.io/role"; use a ` +
				`prefix of your own, or none`}},
		"label that ends its quotes": {func(p *SelfManagedNodesProps) { p.Labels = map[string]string{"team": `a"b`} }, []string{
			`Labels["team"] must be up to 63 letters, digits and _.-; got "a\"b"`}},
		"taint without effect": {func(p *SelfManagedNodesProps) { p.Taints = []Taint{{Key: "dedicated"}} }, []string{
			`Taints[0].Effect is required: "NoSchedule", "PreferNoSchedule" or "NoExecute"`}},
		"newer than the cluster": {func(p *SelfManagedNodesProps) { p.Version = "1.36" }, []string{
			`Version must be "1.35", "1.34", "1.33" or "1.32" in a cluster of Kubernetes 1.35; got "1.36"`}},
		"version of an AMI": {func(p *SelfManagedNodesProps) {
			p.Version, p.ImageId, p.CpuArchitecture = "1.34", "ami-0123456789abcdef0", platform.Arm64
		}, []string{`Version must not be set together with ImageId, which has its own; got "1.34"; remove one of them`}},
		"pods": {func(p *SelfManagedNodesProps) { p.MaxPods = 251 }, []string{"MaxPods must be an integer from 1 to 250; got 251"}},
		"too much user data": {func(p *SelfManagedNodesProps) { p.UserData = []string{strings.Repeat("#", 16*1024)} }, []string{
			"UserData must have at most 16384 bytes with the generated part; got 21110; keep the script in Amazon S3 and fetch it here"}},
		"settings twice": {func(p *SelfManagedNodesProps) {
			p.OperatingSystem, p.UserData = platform.Bottlerocket, []string{"[settings.ntp]\n[settings.kubernetes]",
				"[ settings.kubernetes.node-labels ] # mine", "[settings.kubernetes.static-pods]"}
		}, []string{`UserData must not repeat a generated table in line 2, because TOML accepts each table only once; got ` +
			`"[settings.kubernetes]"; use Labels, Taints and MaxPods`,
			`UserData must not repeat a generated table in line 3, because TOML accepts each table only once; got "[ ` +
				`settings.kubernetes.node-labels ] # mine"; use Labels, Taints and MaxPods`}},
		"boundary": {func(p *SelfManagedNodesProps) { p.UserData = []string{"--" + boundary + "--"} }, []string{
			`UserData must not contain the MIME boundary in line 1; got "--==awscontainers-node==--"`}},
		"entry of a new role": {func(p *SelfManagedNodesProps) { p.HasAccessEntry = true }, []string{
			"HasAccessEntry requires Role, because a new role has no access entry; set Role or remove HasAccessEntry"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validSelfManaged()
			c.change(&p)
			refusedFor(t, refusal(&p), c.want...)
		})
	}
}

func TestSelfManagedNodesAreTaken(t *testing.T) {
	for name, change := range map[string]func(p *SelfManagedNodesProps){
		"as they are":  func(*SelfManagedNodesProps) {},
		"behind":       func(p *SelfManagedNodesProps) { p.Version = "1.32" },
		"none at all":  func(p *SelfManagedNodesProps) { p.MinSize, p.MaxSize = new(0), 1 },
		"one for good": func(p *SelfManagedNodesProps) { p.MinSize, p.MaxSize = new(1), 1 },
		"own AMI": func(p *SelfManagedNodesProps) {
			p.InstanceTypes, p.ImageId, p.CpuArchitecture = []string{"trn1.2xlarge"}, "ami-0123456789abcdef0", platform.X86_64
			p.OperatingSystem = platform.Bottlerocket
		},
		"own AMI that comes later": func(p *SelfManagedNodesProps) { p.ImageId, p.CpuArchitecture = "${Token[Ami.1]}", platform.Arm64 },
		"type that comes later": func(p *SelfManagedNodesProps) {
			p.InstanceTypes, p.CpuArchitecture = []string{"${Token[Type.1]}"}, platform.Arm64
		},
		"the same architecture": func(p *SelfManagedNodesProps) { p.CpuArchitecture = platform.Arm64 },
		"user data":             func(p *SelfManagedNodesProps) { p.UserData = []string{strings.Repeat("#", 11*1024)} },
		"role of other nodes":   func(p *SelfManagedNodesProps) { p.Role, p.HasAccessEntry = struct{ awsiam.IRole }{}, true },
	} {
		t.Run(name, func(t *testing.T) {
			p := validSelfManaged()
			change(&p)
			assert.NoError(t, refusal(&p))
		})
	}
}

// As many nodes stay as there are, as far as CloudFormation takes that.
func TestMinInstancesInServiceByDefault(t *testing.T) {
	for _, c := range []struct {
		min, desired *int
		max, want    int
	}{
		{nil, nil, 0, 1}, {new(2), nil, 0, 2}, {new(5), nil, 0, 5}, {new(2), new(4), 6, 4}, {new(3), nil, 3, 2}, {new(1), nil, 1, 0},
	} {
		p := validSelfManaged()
		p.MinSize, p.DesiredSize, p.MaxSize = c.min, c.desired, c.max
		require.NoError(t, refusal(&p))
		assert.Equal(t, c.want, *p.MinInstancesInService, "%+v", c)
	}
}

func TestPropsOfSelfManagedNodesAreNotChanged(t *testing.T) {
	p := validSelfManaged()
	given := p
	p.setDefaults()
	p.InstanceTypes[0] = "changed"
	assert.Equal(t, "m7g.large", given.InstanceTypes[0])
}
