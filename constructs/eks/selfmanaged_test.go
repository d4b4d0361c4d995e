package eks

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/instancetype"
)

func validSelfManaged() SelfManagedNodesProps {
	return SelfManagedNodesProps{
		Cluster:       &Cluster{Cluster: struct{ awseksv2.Cluster }{}, name: "shop", version: "1.35"},
		InstanceTypes: []string{"m7g.large", "m6g.large"},
	}
}

func TestImageParameters(t *testing.T) {
	const al2023, bottlerocket = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/", "/aws/service/bottlerocket/aws-k8s-1.35"
	gpu, neuron := instancetype.Gpu, instancetype.Neuron
	for _, c := range []struct {
		os    OperatingSystem
		types instancetype.Type
		want  string
	}{
		{AmazonLinux2023, instancetype.Type{}, al2023 + "x86_64/standard/recommended/image_id"},
		{AmazonLinux2023, instancetype.Type{Arm: true}, al2023 + "arm64/standard/recommended/image_id"},
		{AmazonLinux2023, instancetype.Type{Accelerator: gpu}, al2023 + "x86_64/nvidia/recommended/image_id"},
		{AmazonLinux2023, instancetype.Type{Arm: true, Accelerator: gpu}, al2023 + "arm64/nvidia/recommended/image_id"},
		{AmazonLinux2023, instancetype.Type{Accelerator: neuron}, al2023 + "x86_64/neuron/recommended/image_id"},
		{AmazonLinux2023, instancetype.Type{Arm: true, Accelerator: neuron}, ""},
		{Bottlerocket, instancetype.Type{}, bottlerocket + "/x86_64/latest/image_id"},
		{Bottlerocket, instancetype.Type{Arm: true}, bottlerocket + "/arm64/latest/image_id"},
		{Bottlerocket, instancetype.Type{Accelerator: gpu}, bottlerocket + "-nvidia/x86_64/latest/image_id"},
		{Bottlerocket, instancetype.Type{Arm: true, Accelerator: gpu}, bottlerocket + "-nvidia/arm64/latest/image_id"},
		{Bottlerocket, instancetype.Type{Accelerator: neuron}, ""},
	} {
		assert.Equal(t, c.want, imageParameter(c.os, "1.35", c.types), "%s %v", c.os, c.types)
	}
}

// The range of services is never that of the VPC, and CoreDNS is at its tenth address.
func TestServiceCidrs(t *testing.T) {
	for vpc, want := range map[string]string{
		"10.0.0.0/16": "172.20.0.0/16", "172.31.0.0/16": "172.20.0.0/16", "172.20.0.0/16": "10.100.0.0/16", "172.20.128.0/20": "10.100.0.0/16",
		"172.16.0.0/12": "10.100.0.0/16", "10.100.0.0/16": "172.20.0.0/16", "": "172.20.0.0/16",
	} {
		assert.Equal(t, want, serviceCidrBeside(vpc).String(), "beside %s", vpc)
	}
	assert.Equal(t, "172.20.0.10", dnsAddress(netip.MustParsePrefix("172.20.0.0/16")).String())
}

func TestSelfManagedNodesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *SelfManagedNodesProps)
		want   []string
	}{
		"nothing given": {func(p *SelfManagedNodesProps) { *p = SelfManagedNodesProps{} }, []string{
			"Cluster is missing; make it with eks.NewCluster", `InstanceTypes are 0; give 1 to 40, such as "m7g.large"`}},
		"Auto Mode": {func(p *SelfManagedNodesProps) { p.Cluster.autoMode = true }, []string{
			"Cluster is in Auto Mode, which makes its nodes by itself; leave AutoMode out there, or these nodes"}},
		"two architectures": {func(p *SelfManagedNodesProps) { p.InstanceTypes[1] = "m7i.large" }, []string{
			`InstanceTypes[1] "m7i.large" is x86, and "m7g.large" is Arm; a node group has one AMI, so make one for each`}},
		"GPUs and none": {func(p *SelfManagedNodesProps) { p.InstanceTypes = []string{"m7i.large", "g5.xlarge"} }, []string{
			`InstanceTypes[1] "g5.xlarge" has GPU, and "m7i.large" has no accelerator; a node group has one AMI, so make one for each`}},
		"no type": {func(p *SelfManagedNodesProps) { p.InstanceTypes[1] = "large" }, []string{`InstanceTypes[1] "large" is no instance type; write it as "m7g.large"`}},
		"system":  {func(p *SelfManagedNodesProps) { p.OperatingSystem = "AL2" }, []string{`OperatingSystem "AL2" is unknown; use "AMAZON_LINUX_2023" or "BOTTLEROCKET"`}},
		"no AMI": {func(p *SelfManagedNodesProps) {
			p.InstanceTypes, p.OperatingSystem = []string{"inf2.xlarge"}, Bottlerocket
		}, []string{
			`OperatingSystem "BOTTLEROCKET" has no AMI for x86 with Neuron; use other InstanceTypes, or an ImageId of your own`}},
		"own AMI without an architecture": {func(p *SelfManagedNodesProps) { p.ImageId = "ami-0123456789abcdef0" }, []string{
			`Architecture is missing beside ImageId "ami-0123456789abcdef0", whose processors cannot be seen; use "x86_64" or "arm64"`}},
		"own AMI of the other architecture": {func(p *SelfManagedNodesProps) { p.ImageId, p.Architecture = "ami-0123456789abcdef0", X86_64 }, []string{
			`Architecture "x86_64" is not that of the InstanceTypes, "arm64"; use others, or another AMI`}},
		"no architecture": {func(p *SelfManagedNodesProps) { p.Architecture = "amd64" }, []string{`Architecture "amd64" is unknown; use "x86_64" or "arm64"`}},
		"no id of an AMI": {func(p *SelfManagedNodesProps) { p.ImageId, p.Architecture = "al2023", Arm64 }, []string{
			`ImageId "al2023" is not the id of an AMI; write it as "ami-0123456789abcdef0"`}},
		"On-Demand and Spot": {func(p *SelfManagedNodesProps) {
			p.OnDemandBaseCapacity, p.OnDemandPercentageAboveBaseCapacity = -1, new(101)
		}, []string{"OnDemandBaseCapacity -1 is negative; use 0 or more", "OnDemandPercentageAboveBaseCapacity 101 is out of range; use 0 to 100"}},
		"sizes out of order": {func(p *SelfManagedNodesProps) { p.MinSize, p.MaxSize, p.DesiredSize = new(4), 3, new(5) }, []string{
			"MinSize 4 is above MaxSize 3; lower it or raise MaxSize", "DesiredSize 5 is not between MinSize 4 and MaxSize 3; change one of them"}},
		"negative sizes": {func(p *SelfManagedNodesProps) { p.MinSize, p.MaxSize, p.MaxBatchSize = new(-1), -1, -1 }, []string{
			"MinSize -1 is negative; use 0 or more", "MaxSize -1 is no number of nodes; use 1 or more", "MaxBatchSize -1 is negative; use 1 or more"}},
		"all in service": {func(p *SelfManagedNodesProps) { p.MinInService = new(3) }, []string{
			"MinInService 3 is not below MaxSize 3, so that an update could replace no node; lower it or raise MaxSize"}},
		"less than none in service": {func(p *SelfManagedNodesProps) { p.MinInService = new(-1) }, []string{"MinInService -1 is negative; use 0 or more"}},
		"disk":                      {func(p *SelfManagedNodesProps) { p.DiskSizeGiB = 8 }, []string{"DiskSizeGiB 8 is out of range; use 20 to 16384"}},
		"subnets": {func(p *SelfManagedNodesProps) { p.Subnets = "database" }, []string{
			`Subnets must be "public", "private" or "isolated"; got "database"`}},
		"groups": {func(p *SelfManagedNodesProps) { p.SecurityGroups = make([]awsec2.ISecurityGroup, 5) }, []string{
			"SecurityGroups are 5; EC2 takes 4 beside the cluster's", "SecurityGroups[0] is nil; leave it out or give a security group",
			"SecurityGroups[1] is nil; leave it out or give a security group", "SecurityGroups[2] is nil; leave it out or give a security group",
			"SecurityGroups[3] is nil; leave it out or give a security group", "SecurityGroups[4] is nil; leave it out or give a security group"}},
		"reserved label": {func(p *SelfManagedNodesProps) { p.Labels = map[string]string{"kubernetes.io/role": "web"} }, []string{
			`Labels "kubernetes.io/role" has the prefix kubernetes.io, which Kubernetes or EKS keeps to itself; use one of your own, or none`}},
		"label that ends its quotes": {func(p *SelfManagedNodesProps) { p.Labels = map[string]string{"team": `a"b`} }, []string{
			`Labels "team" has the value "a\"b"; use up to 63 letters, digits and _.-`}},
		"taint without effect": {func(p *SelfManagedNodesProps) { p.Taints = []Taint{{Key: "dedicated"}} }, []string{
			`Taints[0].Effect is missing, so that the taint would do nothing; use "NoSchedule", "PreferNoSchedule" or "NoExecute"`}},
		"pods": {func(p *SelfManagedNodesProps) { p.MaxPods = 251 }, []string{"MaxPods 251 is out of range; use 1 to 250"}},
		"too much user data": {func(p *SelfManagedNodesProps) { p.UserData = []string{strings.Repeat("#", 16*1024)} }, []string{
			"UserData are 21110 bytes with what joins the node, and an instance takes 16384; keep a script in Amazon S3, and fetch it here"}},
		"settings twice": {func(p *SelfManagedNodesProps) {
			p.OperatingSystem, p.UserData = Bottlerocket, []string{"[settings.ntp]\n[settings.kubernetes]", "[ settings.kubernetes.node-labels ] # mine", "[settings.kubernetes.static-pods]"}
		}, []string{`UserData has "[settings.kubernetes]" in line 2, which stands there already, and TOML takes it once; use Labels, Taints and MaxPods`,
			`UserData has "[ settings.kubernetes.node-labels ] # mine" in line 3, which stands there already, and TOML takes it once; use Labels, Taints and MaxPods`}},
		"boundary": {func(p *SelfManagedNodesProps) { p.UserData = []string{"--" + boundary + "--"} }, []string{
			`UserData has the boundary of its parts in line 1, "--==awscontainers-node==--"; write it otherwise`}},
		"entry of a new role": {func(p *SelfManagedNodesProps) { p.HasAccessEntry = true }, []string{
			"HasAccessEntry is for a Role of other nodes, and a new one has none; leave it out or give the Role"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validSelfManaged()
			c.change(&p)
			p.setDefaults()
			var e *invalid.Error
			require.ErrorAs(t, p.validate(), &e)
			assert.Equal(t, c.want, strings.Split(e.Error(), "\n"))
		})
	}
}

func TestSelfManagedNodesAreTaken(t *testing.T) {
	for name, change := range map[string]func(p *SelfManagedNodesProps){
		"as they are":  func(*SelfManagedNodesProps) {},
		"none at all":  func(p *SelfManagedNodesProps) { p.MinSize, p.MaxSize = new(0), 1 },
		"one for good": func(p *SelfManagedNodesProps) { p.MinSize, p.MaxSize = new(1), 1 },
		"own AMI": func(p *SelfManagedNodesProps) {
			p.InstanceTypes, p.ImageId, p.Architecture = []string{"trn1.2xlarge"}, "ami-0123456789abcdef0", X86_64
			p.OperatingSystem = Bottlerocket
		},
		"own AMI that comes later": func(p *SelfManagedNodesProps) { p.ImageId, p.Architecture = "${Token[Ami.1]}", Arm64 },
		"type that comes later":    func(p *SelfManagedNodesProps) { p.InstanceTypes, p.Architecture = []string{"${Token[Type.1]}"}, Arm64 },
		"the same architecture":    func(p *SelfManagedNodesProps) { p.Architecture = Arm64 },
		"user data":                func(p *SelfManagedNodesProps) { p.UserData = []string{strings.Repeat("#", 11*1024)} },
		"role of other nodes":      func(p *SelfManagedNodesProps) { p.Role, p.HasAccessEntry = struct{ awsiam.IRole }{}, true },
	} {
		t.Run(name, func(t *testing.T) {
			p := validSelfManaged()
			change(&p)
			p.setDefaults()
			assert.NoError(t, p.validate())
		})
	}
}

// As many nodes stay as there are, as far as CloudFormation takes that.
func TestMinInServiceByDefault(t *testing.T) {
	for _, c := range []struct {
		least, desired *int
		most, want     int
	}{
		{nil, nil, 0, 1}, {new(2), nil, 0, 2}, {new(5), nil, 0, 5}, {new(2), new(4), 6, 4}, {new(3), nil, 3, 2}, {new(1), nil, 1, 0},
	} {
		p := validSelfManaged()
		p.MinSize, p.DesiredSize, p.MaxSize = c.least, c.desired, c.most
		p.setDefaults()
		require.NoError(t, p.validate())
		assert.Equal(t, c.want, *p.MinInService, "%+v", c)
	}
}

func TestPropsOfSelfManagedNodesAreNotChanged(t *testing.T) {
	p := validSelfManaged()
	given := p
	p.setDefaults()
	p.InstanceTypes[0] = "changed"
	assert.Equal(t, "m7g.large", given.InstanceTypes[0])
}
