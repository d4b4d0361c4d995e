package eks

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/instancetype"
)

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	anyVpc     struct{ awsec2.IVpc }
	oneZoneVpc struct{ anyVpc }
	anySubnet  struct {
		awsec2.ISubnet
		zone string
	}
	anyCluster struct{ awseksv2.Cluster }
)

func (anyVpc) PublicSubnets() *[]awsec2.ISubnet { return &[]awsec2.ISubnet{} }
func (anyVpc) PrivateSubnets() *[]awsec2.ISubnet {
	return &[]awsec2.ISubnet{anySubnet{zone: "a"}, anySubnet{zone: "b"}, anySubnet{zone: "b"}}
}
func (anyVpc) IsolatedSubnets() *[]awsec2.ISubnet { return &[]awsec2.ISubnet{} }
func (oneZoneVpc) PrivateSubnets() *[]awsec2.ISubnet {
	return &[]awsec2.ISubnet{anySubnet{zone: "a"}, anySubnet{zone: "a"}}
}
func (s anySubnet) AvailabilityZone() *string { return &s.zone }

// ownCluster stands for one that NewCluster made.
func ownCluster() *Cluster {
	return &Cluster{Cluster: anyCluster{}, name: "shop", version: "1.35", itsVpc: anyVpc{}}
}

// assertProblems compares the problems of a refusal, each as a user sees it behind the construct path.
func assertProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	var e *invalid.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, want, strings.Split(e.Error(), "\n"))
}

const token = "${Token[TOKEN.42]}"

func TestClusterIsRefused(t *testing.T) {
	const developers = "arn:aws:iam::111122223333:role/Developers"
	for name, c := range map[string]struct {
		change func(p *ClusterProps)
		want   []string
	}{
		"nothing given":        {func(p *ClusterProps) { *p = ClusterProps{} }, []string{"Vpc is missing; give the VPC in which the nodes run"}},
		"one zone":             {func(p *ClusterProps) { p.Vpc = oneZoneVpc{} }, []string{`Vpc has private subnets in 1 Availability Zones ["a"]; EKS takes two or more`}},
		"too old for it":       {func(p *ClusterProps) { p.Version = "1.32" }, []string{`Version "1.32" is not served by the kubectl in use, 1.34; use one of ["1.33" "1.34" "1.35"]`}},
		"too new for it":       {func(p *ClusterProps) { p.Version = "1.36" }, []string{`Version "1.36" is not served by the kubectl in use, 1.34; use one of ["1.33" "1.34" "1.35"]`}},
		"a patch":              {func(p *ClusterProps) { p.Version = "1.35.1" }, []string{`Version "1.35.1" is not served by the kubectl in use, 1.34; use one of ["1.33" "1.34" "1.35"]`}},
		"name":                 {func(p *ClusterProps) { p.ClusterName = "-shop" }, []string{`ClusterName "-shop" is no name of a cluster; use up to 100 letters, digits, hyphens and underscores, and begin with a letter or digit`}},
		"endpoint":             {func(p *ClusterProps) { p.EndpointAccess = "private" }, []string{`EndpointAccess "private" is unknown; use "PRIVATE", "PUBLIC_AND_PRIVATE" or "PUBLIC"`}},
		"services":             {func(p *ClusterProps) { p.ServiceIpv4Cidr = "172.20.0.0/11" }, []string{`ServiceIpv4Cidr "172.20.0.0/11" is no range for services; use a /24 to a /12 of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as "172.20.0.0/16"`}},
		"public services":      {func(p *ClusterProps) { p.ServiceIpv4Cidr = "203.0.0.0/16" }, []string{`ServiceIpv4Cidr "203.0.0.0/16" is no range for services; use a /24 to a /12 of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as "172.20.0.0/16"`}},
		"public private range": {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"10.0.0.0/8"} }, []string{`PublicAccessCidrs "10.0.0.0/8" is no range of the internet, and EKS refuses it; for who is in the VPC or connected to it use PrivateAccessCidrs`}},
		"private of public": {func(p *ClusterProps) {
			p.EndpointAccess, p.PublicAccessCidrs, p.PrivateAccessCidrs = Public, []string{"203.0.113.0/24"}, []string{"10.0.0.0/16"}
		}, []string{`PrivateAccessCidrs ["10.0.0.0/16"] stand beside EndpointAccess "PUBLIC", which has no private endpoint; leave them out, or use "PUBLIC_AND_PRIVATE"`}},
		"private address":      {func(p *ClusterProps) { p.PrivateAccessCidrs = []string{"10.0.0.7"} }, []string{`PrivateAccessCidrs "10.0.0.7" is no IPv4 range; write a range as "203.0.113.0/24", one address as "203.0.113.7/32"`}},
		"public to whom":       {func(p *ClusterProps) { p.EndpointAccess = Public }, []string{`PublicAccessCidrs are missing beside EndpointAccess "PUBLIC"; say who may connect, "203.0.113.0/24", or "0.0.0.0/0" for everybody`}},
		"both to whom":         {func(p *ClusterProps) { p.EndpointAccess = PublicAndPrivate }, []string{`PublicAccessCidrs are missing beside EndpointAccess "PUBLIC_AND_PRIVATE"; say who may connect, "203.0.113.0/24", or "0.0.0.0/0" for everybody`}},
		"private to ranges":    {func(p *ClusterProps) { p.EndpointAccess, p.PublicAccessCidrs = Private, []string{"203.0.113.0/24"} }, []string{`PublicAccessCidrs ["203.0.113.0/24"] stand beside EndpointAccess "PRIVATE", which nobody reaches from the internet; leave them out, or use "PUBLIC_AND_PRIVATE"`}},
		"an address":           {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"203.0.113.7"} }, []string{`PublicAccessCidrs "203.0.113.7" is no IPv4 range; write a range as "203.0.113.0/24", one address as "203.0.113.7/32"`}},
		"IPv6":                 {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"2001:db8::/32"} }, []string{`PublicAccessCidrs "2001:db8::/32" is no IPv4 range; write a range as "203.0.113.0/24", one address as "203.0.113.7/32"`}},
		"amid a range":         {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"203.0.113.7/24"} }, []string{`PublicAccessCidrs "203.0.113.7/24" does not begin its range; write "203.0.113.0/24"`}},
		"a range twice":        {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"203.0.113.0/24", "203.0.113.0/24"} }, []string{`PublicAccessCidrs name "203.0.113.0/24" twice`}},
		"support that is over": {func(p *ClusterProps) { p.Version = "1.33" }, []string{`SupportType "STANDARD" has ended for Version "1.33", which EKS would raise at once; use "EXTENDED", or a later version`}},
		"support":              {func(p *ClusterProps) { p.SupportType = "LTS" }, []string{`SupportType "LTS" is unknown; use "STANDARD" or "EXTENDED"`}},
		"two load balancers":   {func(p *ClusterProps) { p.AutoMode, p.AlbController = true, true }, []string{"AlbController stands beside AutoMode, which makes load balancers by itself; leave it out"}},
		"one principal twice": {func(p *ClusterProps) {
			p.AccessEntries = []AccessEntry{{PrincipalArn: developers, Policy: View}, {PrincipalArn: developers, Policy: Edit, Namespaces: []string{"shop"}}}
		}, []string{`AccessEntries[1].PrincipalArn "` + developers + `" has AccessEntries[0] already, and EKS takes one for a principal; put the two together, or give one to another role`}},
		"principals": {func(p *ClusterProps) {
			p.AccessEntries = []AccessEntry{
				{PrincipalArn: "arn:aws:sts::111122223333:assumed-role/Developers/me", Policy: View}, {PrincipalArn: "Developers", Policy: View},
				{PrincipalArn: "arn:aws:iam::111122223333:root", Policy: View}, {Policy: View},
				{PrincipalArn: "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", Policy: View},
			}
		}, []string{
			`AccessEntries[0].PrincipalArn "arn:aws:sts::111122223333:assumed-role/Developers/me" is a session, which has no entry; give the ARN of its role, arn:aws:iam::<account>:role/<name>`,
			`AccessEntries[1].PrincipalArn "Developers" is no ARN of a role or user; write it as "` + developers + `"`,
			`AccessEntries[2].PrincipalArn "arn:aws:iam::111122223333:root" is no ARN of a role or user; write it as "` + developers + `"`,
			`AccessEntries[3].PrincipalArn "" is no ARN of a role or user; write it as "` + developers + `"`,
			`AccessEntries[4].PrincipalArn "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" is a service-linked role, which has no entry; give the role or user that connects`,
		}},
		"policies": {func(p *ClusterProps) {
			p.AccessEntries = []AccessEntry{{PrincipalArn: developers}, {PrincipalArn: developers + "2", Policy: ClusterAdmin, Namespaces: []string{"shop"}},
				{PrincipalArn: developers + "3", Policy: Edit, Namespaces: []string{"Shop"}}}
		}, []string{
			`AccessEntries[0].Policy "" is unknown; use one of ["AmazonEKSClusterAdminPolicy" "AmazonEKSAdminPolicy" "AmazonEKSEditPolicy" "AmazonEKSViewPolicy" "AmazonEKSAdminViewPolicy"]`,
			`AccessEntries[1].Namespaces ["shop"] narrow AmazonEKSClusterAdminPolicy, which is for the whole cluster; leave them out, or use AmazonEKSAdminPolicy`,
			`AccessEntries[2].Namespaces "Shop" is no name of a namespace; use up to 63 small letters, digits and hyphens, and "*" for any`,
		}},
		"versions of add-ons": {func(p *ClusterProps) { p.AddOns = AddOns{VpcCniVersion: "1.20.4", MetricsServerVersion: "latest"} }, []string{
			`AddOns.VpcCniVersion "1.20.4" is no version of an add-on; write it as "v1.20.4-eksbuild.2"`,
			`AddOns.MetricsServerVersion "latest" is no version of an add-on; write it as "v1.20.4-eksbuild.2"`,
		}},
		"add-ons of Auto Mode": {func(p *ClusterProps) {
			p.AutoMode, p.AddOns = true, AddOns{CoreDnsVersion: "v1.12.4-eksbuild.1", PrefixDelegation: true, NetworkPolicy: true, CoreDnsOnFargate: true}
		}, []string{
			`AddOns.CoreDnsVersion "v1.12.4-eksbuild.1" stands beside AutoMode, which has this built in; leave it out`,
			"AddOns.PrefixDelegation is for add-ons that AutoMode has built in; leave it out",
			"AddOns.NetworkPolicy is for add-ons that AutoMode has built in; leave it out",
			"AddOns.CoreDnsOnFargate is for add-ons that AutoMode has built in; leave it out",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ClusterProps{Vpc: anyVpc{}}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestClusterIsTaken(t *testing.T) {
	for name, p := range map[string]ClusterProps{
		"as it is":   {},
		"versions":   {Version: "1.33", SupportType: Extended, AddOns: AddOns{VpcCniVersion: "v1.20.4-eksbuild.2", CoreDnsVersion: token}},
		"everybody":  {EndpointAccess: Public, PublicAccessCidrs: []string{"0.0.0.0/0"}},
		"to be told": {PublicAccessCidrs: []string{token}, ClusterName: token, AccessEntries: []AccessEntry{{PrincipalArn: token, Policy: View}}},
		"principals": {AccessEntries: []AccessEntry{
			{PrincipalArn: "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef", Policy: ClusterAdmin},
			{PrincipalArn: "arn:aws-cn:iam::111122223333:user/me@example.com", Policy: AdminView, Namespaces: []string{"team-*", "shop"}},
		}},
		"Auto Mode": {AutoMode: true, AddOns: AddOns{MetricsServerVersion: "v0.8.0-eksbuild.2"}},
	} {
		t.Run(name, func(t *testing.T) {
			p.Vpc = anyVpc{}
			p.setDefaults()
			assert.NoError(t, p.validate())
		})
	}
}

// The endpoint is public only for whom somebody named.
func TestEndpointByDefault(t *testing.T) {
	for want, p := range map[EndpointAccess]ClusterProps{Private: {}, PublicAndPrivate: {PublicAccessCidrs: []string{"203.0.113.0/24"}}} {
		p.setDefaults()
		assert.Equal(t, want, p.EndpointAccess)
	}
}

func TestManagedNodesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *ManagedNodesProps)
		want   []string
	}{
		"nothing given": {func(p *ManagedNodesProps) { *p = ManagedNodesProps{} }, []string{
			"Cluster is missing; make it with eks.NewCluster", `InstanceTypes are 0; give 1 to 20, such as "m7g.large"`,
		}},
		"Auto Mode":           {func(p *ManagedNodesProps) { p.Cluster.autoMode = true }, []string{"Cluster is in Auto Mode, which makes its nodes by itself; leave AutoMode out there, or these nodes"}},
		"too many types":      {func(p *ManagedNodesProps) { p.InstanceTypes = manyTypes(21) }, []string{`InstanceTypes are 21; give 1 to 20, such as "m7g.large"`}},
		"two architectures":   {func(p *ManagedNodesProps) { p.InstanceTypes[1] = "m7i.large" }, []string{`InstanceTypes[1] "m7i.large" is x86, and "m7g.large" is Arm; a node group has one AMI, so make one for each`}},
		"GPU and none":        {func(p *ManagedNodesProps) { p.InstanceTypes[1] = "g5g.xlarge" }, []string{`InstanceTypes[1] "g5g.xlarge" has GPU, and "m7g.large" has no accelerator; a node group has one AMI, so make one for each`}},
		"no type":             {func(p *ManagedNodesProps) { p.InstanceTypes[0] = "large" }, []string{`InstanceTypes[0] "large" is no instance type; write it as "m7g.large"`}},
		"a type twice":        {func(p *ManagedNodesProps) { p.InstanceTypes[1] = "m7g.large" }, []string{`InstanceTypes[1] "m7g.large" is named twice`}},
		"system":              {func(p *ManagedNodesProps) { p.OperatingSystem = "AL2" }, []string{`OperatingSystem "AL2" is unknown; use "AMAZON_LINUX_2023" or "BOTTLEROCKET"`}},
		"no AMI":              {func(p *ManagedNodesProps) { p.InstanceTypes, p.OperatingSystem = []string{"inf2.xlarge"}, Bottlerocket }, []string{`OperatingSystem "BOTTLEROCKET" has no AMI for x86 with Neuron; use "AMAZON_LINUX_2023", or other InstanceTypes`}},
		"least above most":    {func(p *ManagedNodesProps) { p.MinSize, p.MaxSize = new(4), 3 }, []string{"MinSize 4 is above MaxSize 3; lower it or raise MaxSize"}},
		"negative":            {func(p *ManagedNodesProps) { p.MinSize = new(-1) }, []string{"MinSize -1 is negative; use 0 or more"}},
		"none at most":        {func(p *ManagedNodesProps) { p.MinSize, p.MaxSize = new(0), -1 }, []string{"MaxSize -1 is no number of nodes; use 1 or more", "MinSize 0 is above MaxSize -1; lower it or raise MaxSize"}},
		"desired too many":    {func(p *ManagedNodesProps) { p.DesiredSize = new(4) }, []string{"DesiredSize 4 is not between MinSize 1 and MaxSize 3; change one of them"}},
		"desired too few":     {func(p *ManagedNodesProps) { p.DesiredSize = new(0) }, []string{"DesiredSize 0 is not between MinSize 1 and MaxSize 3; change one of them"}},
		"disk":                {func(p *ManagedNodesProps) { p.DiskSizeGiB = 8 }, []string{"DiskSizeGiB 8 is out of range; use 20 to 16384"}},
		"subnets":             {func(p *ManagedNodesProps) { p.Subnets = "isolated" }, []string{`Subnets must be a type of subnets that the VPC has (0 public, 3 private, 0 isolated); got "isolated"`}},
		"two kinds of update": {func(p *ManagedNodesProps) { p.MaxUnavailable, p.MaxUnavailablePercentage = 1, 50 }, []string{"MaxUnavailablePercentage 50 stands beside MaxUnavailable 1; give one of them"}},
		"update of all":       {func(p *ManagedNodesProps) { p.MaxUnavailable = 101 }, []string{"MaxUnavailable 101 is out of range; use 1 to 100"}},
		"update of none":      {func(p *ManagedNodesProps) { p.MaxUnavailablePercentage = -1 }, []string{"MaxUnavailablePercentage -1 is out of range; use 1 to 100"}},
		"release":             {func(p *ManagedNodesProps) { p.ReleaseVersion = "latest" }, []string{`ReleaseVersion "latest" is no release of an AMI of AMAZON_LINUX_2023; write it as "1.35.0-20260101", or "1.50.0-0123abcd" of BOTTLEROCKET`}},
		"release of another system": {func(p *ManagedNodesProps) { p.OperatingSystem, p.ReleaseVersion = Bottlerocket, "1.35.0-20260101z" },
			[]string{`ReleaseVersion "1.35.0-20260101z" is no release of an AMI of BOTTLEROCKET; write it as "1.35.0-20260101", or "1.50.0-0123abcd" of BOTTLEROCKET`}},
		"release of another version": {func(p *ManagedNodesProps) { p.ReleaseVersion = "1.34.2-20260101" },
			[]string{`ReleaseVersion "1.34.2-20260101" is for Kubernetes 1.34, and the cluster is 1.35; use one of the cluster's version`}},
		"labels": {func(p *ManagedNodesProps) {
			p.Labels = map[string]string{"eks.amazonaws.com/team": "a", "topology.kubernetes.io/zone": "a", "team name": "a", "team": "-"}
		}, []string{
			`Labels "eks.amazonaws.com/team" has the prefix eks.amazonaws.com, which Kubernetes or EKS keeps to itself; use one of your own, or none`,
			`Labels "team" has the value "-"; use up to 63 letters, digits and _.-`,
			`Labels "team name" is no name of a label; write it as "team" or "example.com/team"`,
			`Labels "topology.kubernetes.io/zone" has the prefix topology.kubernetes.io, which Kubernetes or EKS keeps to itself; use one of your own, or none`,
		}},
		"taints": {func(p *ManagedNodesProps) {
			p.Taints = []Taint{{Key: "dedicated"}, {Effect: NoSchedule}, {Key: "a", Value: "a b", Effect: "NO_SCHEDULE"}}
		}, []string{
			`Taints[0].Effect is missing, so that the taint would do nothing; use "NoSchedule", "PreferNoSchedule" or "NoExecute"`,
			`Taints[1].Key "" is no name of a taint; write it as "dedicated" or "example.com/dedicated"`,
			`Taints[2].Value "a b" is no value of a taint; use up to 63 letters, digits and _.-`,
			`Taints[2].Effect "NO_SCHEDULE" is unknown; use "NoSchedule", "PreferNoSchedule" or "NoExecute"`,
		}},
		"too small for pods": {func(p *ManagedNodesProps) { p.InstanceTypes = []string{"t4g.micro", "t4g.nano"} }, []string{
			`InstanceTypes[0] "t4g.micro" has addresses for 4 pods, of which every node's own add-ons take 3; use "t3.medium" or larger`,
			`InstanceTypes[1] "t4g.nano" has addresses for 4 pods, of which every node's own add-ons take 3; use "t3.medium" or larger`,
		}},
		"user data": {func(p *ManagedNodesProps) {
			p.OperatingSystem, p.UserData = Bottlerocket, []string{boundary, strings.Repeat("a", 12*1024)}
		}, []string{
			`UserData are lines of shell, and BOTTLEROCKET has none; leave them out`,
			`UserData have the boundary of parts, "==awscontainers-node=="; write it otherwise`,
			`UserData are 12514 bytes, and beside what EKS adds an instance takes 12288; keep a script in Amazon S3, and fetch it here`,
		}},
		"a taint twice": {func(p *ManagedNodesProps) {
			p.Taints = []Taint{{Key: "gpu", Value: "a", Effect: NoSchedule}, {Key: "gpu", Effect: NoExecute}, {Key: "gpu", Value: "b", Effect: NoSchedule}}
		}, []string{"Taints[2] has the key and effect of Taints[0], with which no kubelet starts; leave one out"}},
		"long taint": {func(p *ManagedNodesProps) {
			p.Taints = []Taint{{Key: "example.com/" + strings.Repeat("a", 52), Effect: NoExecute}}
		},
			[]string{`Taints[0].Key "example.com/` + strings.Repeat("a", 52) + `" is 64 characters long; EKS takes 63`}},
		"too many taints": {func(p *ManagedNodesProps) { p.Taints = manyTaints(51) }, []string{"Taints are 51; EKS takes 50"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ManagedNodesProps{Cluster: ownCluster(), InstanceTypes: []string{"m7g.large", "m6g.large"}}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestManagedNodesAreTaken(t *testing.T) {
	for name, change := range map[string]func(p *ManagedNodesProps){
		"as it is":   func(*ManagedNodesProps) {},
		"none yet":   func(p *ManagedNodesProps) { p.MinSize = new(0) },
		"ten or so":  func(p *ManagedNodesProps) { p.MinSize = new(10) },
		"one":        func(p *ManagedNodesProps) { p.MinSize, p.MaxSize, p.DesiredSize = new(1), 1, new(1) },
		"GPU":        func(p *ManagedNodesProps) { p.InstanceTypes = []string{"g6.xlarge", "g5.xlarge"} },
		"to be told": func(p *ManagedNodesProps) { p.InstanceTypes, p.ReleaseVersion = []string{token}, token },
		"at its limits": func(p *ManagedNodesProps) {
			p.InstanceTypes, p.Taints, p.MaxUnavailablePercentage, p.DiskSizeGiB = manyTypes(20), manyTaints(50), 100, 16384
		},
		"labels": func(p *ManagedNodesProps) {
			p.Labels = map[string]string{"team": "", "example.com/team": "a.b_c-d", "node.kubernetes.io/lifecycle": "spot", "x.node.kubernetes.io/y": token}
		},
		"iSCSI":        func(p *ManagedNodesProps) { p.UserData = IscsiUserData() },
		"releases":     func(p *ManagedNodesProps) { p.ReleaseVersion = "1.35.2-20261101" },
		"Bottlerocket": func(p *ManagedNodesProps) { p.OperatingSystem, p.ReleaseVersion = Bottlerocket, "1.50.0-0123abcd" },
	} {
		t.Run(name, func(t *testing.T) {
			p := ManagedNodesProps{Cluster: ownCluster(), InstanceTypes: []string{"m7g.large", "m6g.large"}}
			change(&p)
			p.setDefaults()
			assert.NoError(t, p.validate())
		})
	}
}

func manyTypes(n int) (types []string) {
	for i := range n {
		types = append(types, "m"+strings.Repeat("1", i+1)+"g.large")
	}
	return types
}

func manyTaints(n int) (taints []Taint) {
	for i := range n {
		taints = append(taints, Taint{Key: "k" + strings.Repeat("1", i), Effect: NoExecute})
	}
	return taints
}

func TestAmiTypes(t *testing.T) {
	gpu, neuron := instancetype.Gpu, instancetype.Neuron
	for _, c := range []struct {
		os    OperatingSystem
		types instancetype.Type
		want  string
	}{
		{AmazonLinux2023, instancetype.Type{}, "AL2023_x86_64_STANDARD"},
		{AmazonLinux2023, instancetype.Type{Arm: true}, "AL2023_ARM_64_STANDARD"},
		{AmazonLinux2023, instancetype.Type{Accelerator: gpu}, "AL2023_x86_64_NVIDIA"},
		{AmazonLinux2023, instancetype.Type{Arm: true, Accelerator: gpu}, "AL2023_ARM_64_NVIDIA"},
		{AmazonLinux2023, instancetype.Type{Accelerator: neuron}, "AL2023_x86_64_NEURON"},
		{AmazonLinux2023, instancetype.Type{Arm: true, Accelerator: neuron}, ""},
		{Bottlerocket, instancetype.Type{}, "BOTTLEROCKET_x86_64"},
		{Bottlerocket, instancetype.Type{Arm: true}, "BOTTLEROCKET_ARM_64"},
		{Bottlerocket, instancetype.Type{Accelerator: gpu}, "BOTTLEROCKET_x86_64_NVIDIA"},
		{Bottlerocket, instancetype.Type{Arm: true, Accelerator: gpu}, "BOTTLEROCKET_ARM_64_NVIDIA"},
		{Bottlerocket, instancetype.Type{Accelerator: neuron}, ""},
	} {
		assert.Equal(t, c.want, amiType(c.os, c.types), "%s %v", c.os, c.types)
	}
}

func TestPodRoleIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		props PodRoleProps
		want  []string
	}{
		"nothing given": {PodRoleProps{}, []string{
			"Cluster is missing; make it with eks.NewCluster",
			`Namespace "" is no name of a namespace; use up to 63 small letters, digits and hyphens`,
			`ServiceAccount "" is no name of a service account; use up to 253 small letters, digits, hyphens and dots`,
		}},
		"an account that is there": {PodRoleProps{Cluster: ownCluster(), Namespace: "shop", ServiceAccount: "default", CreateServiceAccount: true}, []string{
			`CreateServiceAccount is for an account that is not there yet, and every namespace has "default"; name another ServiceAccount, or annotate that one yourself`,
		}},
		"no names": {PodRoleProps{Cluster: ownCluster(), Namespace: "shop.eu", ServiceAccount: "Api"}, []string{
			`Namespace "shop.eu" is no name of a namespace; use up to 63 small letters, digits and hyphens`,
			`ServiceAccount "Api" is no name of a service account; use up to 253 small letters, digits, hyphens and dots`,
		}},
	} {
		t.Run(name, func(t *testing.T) { assertProblems(t, c.props.validate(), c.want...) })
	}
	p := PodRoleProps{Cluster: ownCluster(), Namespace: "shop", ServiceAccount: "api.v2"}
	assert.NoError(t, p.validate())
}

// An entry keeps its id when the list is reordered; ARNs that differ have ids that differ.
func TestIdsOfAccessEntries(t *testing.T) {
	for want, e := range map[string]AccessEntry{
		"Access-111122223333:role.teams.Shop": {PrincipalArn: "arn:aws:iam::111122223333:role/teams/Shop"},
		"Access-111122223333:role.a.b":        {PrincipalArn: "arn:aws:iam::111122223333:role/a/b"},
		"Access-111122223333:role.a..b":       {PrincipalArn: "arn:aws:iam::111122223333:role/a.b"},
		"Access-111122223333:user.Shop":       {PrincipalArn: "arn:aws:iam::111122223333:user/Shop"},
		"Access8":                             {PrincipalArn: token},
	} {
		assert.Equal(t, want, entryId(e, 7))
	}
}
