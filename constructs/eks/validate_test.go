package eks

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/platform"
	"awscontainers/internal/fake"
	"awscontainers/internal/instancetype"
)

func TestClusterIsRefused(t *testing.T) {
	const developers = "arn:aws:iam::111122223333:role/Developers"
	for name, c := range map[string]struct {
		change func(p *ClusterProps)
		want   []string
	}{
		"nothing given": {func(p *ClusterProps) { *p = ClusterProps{} }, []string{"Vpc is required; use network.NewVpc or network.VpcFrom"}},
		"one zone": {func(p *ClusterProps) { p.Vpc = fake.Vpc{Private: "aa"} },
			[]string{`Vpc must have private subnets in at least two Availability Zones; got "a"`}},
		"too old for it": {func(p *ClusterProps) { p.Version = "1.32" },
			[]string{`Version must be "1.33", "1.34" or "1.35" without KubectlLayer, because the built-in kubectl 1.34 serves ` +
				`no others; got "1.32"; use one of ` +
				`them or set KubectlLayer`}},
		"too new for it": {func(p *ClusterProps) { p.Version = "1.36" },
			[]string{`Version must be "1.33", "1.34" or "1.35" without KubectlLayer, because the built-in kubectl 1.34 serves ` +
				`no others; got "1.36"; use one of ` +
				`them or set KubectlLayer`}},
		"a patch": {func(p *ClusterProps) { p.Version = "1.35.1" },
			[]string{`Version must be "1.33", "1.34" or "1.35" without KubectlLayer, because the built-in kubectl 1.34 serves ` +
				`no others; got "1.35.1"; use one of ` +
				`them or set KubectlLayer`}},
		"a patch with a layer": {func(p *ClusterProps) { p.Version, p.KubectlLayer = "1.36.1", layerStandIn{} },
			[]string{`Version must be a version of Kubernetes such as "1.36"; got "1.36.1"`}},
		"a short rollback": {func(p *ClusterProps) { p.RollbackTimeout = time.Hour },
			[]string{`RollbackTimeout must be 2 hours to 7 days, in whole minutes; got 1h`}},
		"half a minute": {func(p *ClusterProps) { p.RollbackTimeout = 3*time.Hour + 30*time.Second },
			[]string{`RollbackTimeout must be 2 hours to 7 days, in whole minutes; got 3h0m30s`}},
		"a long rollback": {func(p *ClusterProps) { p.RollbackTimeout = 169 * time.Hour },
			[]string{`RollbackTimeout must be 2 hours to 7 days, in whole minutes; got 169h`}},
		"name": {func(p *ClusterProps) { p.ClusterName = "-shop" },
			[]string{`ClusterName must be 1 to 100 letters, digits, hyphens and underscores, beginning with a letter or digit; got "-shop"`}},
		"endpoint": {func(p *ClusterProps) { p.EndpointAccess = "private" },
			[]string{`EndpointAccess must be "PRIVATE", "PUBLIC_AND_PRIVATE" or "PUBLIC"; got "private"`}},
		"services": {func(p *ClusterProps) { p.ServiceIpv4Cidr = "172.20.0.0/11" },
			[]string{`ServiceIpv4Cidr must be a /24 to /12 range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, such as "172.20.0.0/16"; got ` +
				`"172.20.0.0/11"`}},
		"public services": {func(p *ClusterProps) { p.ServiceIpv4Cidr = "203.0.0.0/16" },
			[]string{`ServiceIpv4Cidr must be a /24 to /12 range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, such as "172.20.0.0/16"; got ` +
				`"203.0.0.0/16"`}},
		"public private range": {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"10.0.0.0/8"} },
			[]string{`PublicAccessCidrs[0] must be a range of public addresses, because EKS refuses others; got "10.0.0.0/8"; use ` +
				`PrivateAccessCidrs for clients in the VPC and in networks connected to it`}},
		"private of public": {func(p *ClusterProps) {
			p.EndpointAccess, p.PublicAccessCidrs, p.PrivateAccessCidrs = EndpointPublic, []string{"203.0.113.0/24"}, []string{"10.0.0.0/16"}
		}, []string{`PrivateAccessCidrs is not compatible with EndpointAccess PUBLIC, which has no private endpoint; got "10.0.0.0/16"; ` +
			`use EndpointAccess PUBLIC_AND_PRIVATE or remove PrivateAccessCidrs`}},
		"private address": {func(p *ClusterProps) { p.PrivateAccessCidrs = []string{"10.0.0.7"} },
			[]string{`PrivateAccessCidrs[0] must be an IPv4 range such as "203.0.113.0/24", or "203.0.113.7/32" for one address; got "10.0.0.7"`}},
		"public to whom": {func(p *ClusterProps) { p.EndpointAccess = EndpointPublic },
			[]string{`PublicAccessCidrs is required with EndpointAccess PUBLIC; list the ranges that may connect, such as "203.0.113.0/24", ` +
				`or "0.0.0.0/0" for all`}},
		"both to whom": {func(p *ClusterProps) { p.EndpointAccess = EndpointPublicAndPrivate },
			[]string{`PublicAccessCidrs is required with EndpointAccess PUBLIC_AND_PRIVATE; list the ranges that may connect, such as ` +
				`"203.0.113.0/24", or "0.0.0.0/0" for all`}},
		"private to ranges": {func(p *ClusterProps) {
			p.EndpointAccess, p.PublicAccessCidrs = EndpointPrivate, []string{"203.0.113.0/24"}
		}, []string{`PublicAccessCidrs is not compatible with EndpointAccess PRIVATE; got "203.0.113.0/24"; use EndpointAccess ` +
			`PUBLIC_AND_PRIVATE or remove PublicAccessCidrs`}},
		"an address": {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"203.0.113.7"} },
			[]string{`PublicAccessCidrs[0] must be an IPv4 range such as "203.0.113.0/24", or "203.0.113.7/32" for one address; got "203.0.113.7"`}},
		"IPv6": {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"2001:db8::/32"} },
			[]string{`PublicAccessCidrs[0] must be an IPv4 range such as "203.0.113.0/24", or "203.0.113.7/32" for one address; got ` +
				`"2001:db8::/32"`}},
		"amid a range": {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"203.0.113.7/24"} },
			[]string{`PublicAccessCidrs[0] must begin at the first address of its range; got "203.0.113.7/24"; use "203.0.113.0/24"`}},
		"a range twice": {func(p *ClusterProps) { p.PublicAccessCidrs = []string{"203.0.113.0/24", "203.0.113.0/24"} },
			[]string{`PublicAccessCidrs[1] must not repeat PublicAccessCidrs[0]; got "203.0.113.0/24"`}},
		"support": {func(p *ClusterProps) { p.SupportType = "LTS" },
			[]string{`SupportType must be "STANDARD" or "EXTENDED"; got "LTS"`}},
		"two load balancers": {func(p *ClusterProps) { p.AutoMode, p.AlbController = true, true },
			[]string{"AlbController must not be set together with AutoMode, which creates load balancers itself; remove one of them"}},
		"one principal twice": {func(p *ClusterProps) {
			p.AccessEntries = []AccessEntry{{PrincipalArn: developers, Policy: PolicyView},
				{PrincipalArn: developers, Policy: PolicyEdit, Namespaces: []string{"shop"}}}
		}, []string{`AccessEntries[1].PrincipalArn must not repeat AccessEntries[0].PrincipalArn, because EKS accepts one access entry for ` +
			`each principal; got "` + developers +
			`"; merge the entries, or use another role for one of them`}},
		"principals": {func(p *ClusterProps) {
			p.AccessEntries = []AccessEntry{
				{PrincipalArn: "arn:aws:sts::111122223333:assumed-role/Developers/me", Policy: PolicyView},
				{PrincipalArn: "Developers", Policy: PolicyView},
				{PrincipalArn: "arn:aws:iam::111122223333:root", Policy: PolicyView}, {Policy: PolicyView},
				{PrincipalArn: "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
					Policy: PolicyView},
			}
		}, []string{
			`AccessEntries[0].PrincipalArn must be the ARN of an IAM role or user, not of a session; got ` +
				`"arn:aws:sts::111122223333:assumed-role/Developers/me"; use the role's, "arn:aws:iam::<account>:role/<name>"`,
			`AccessEntries[1].PrincipalArn must be the ARN of an IAM role or user, such as "` + developers + `"; got "Developers"`,
			`AccessEntries[2].PrincipalArn must be the ARN of an IAM role or user, such as "` + developers +
				`"; got "arn:aws:iam::111122223333:root"`,
			"AccessEntries[3].PrincipalArn is required: the ARN of an IAM role or user",
			`AccessEntries[4].PrincipalArn must not be a service-linked role, for which EKS refuses an access entry; got ` +
				`"arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"; use the role or user ` +
				`that connects`,
		}},
		"policies": {func(p *ClusterProps) {
			p.AccessEntries = []AccessEntry{{PrincipalArn: developers},
				{PrincipalArn: developers + "2", Policy: PolicyClusterAdmin, Namespaces: []string{"shop"}},
				{PrincipalArn: developers + "3", Policy: PolicyEdit, Namespaces: []string{"Shop"}}}
		}, []string{
			`AccessEntries[0].Policy is required: "AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy", "AmazonEKSEditPolicy", ` +
				`"AmazonEKSViewPolicy" or "AmazonEKSAdminViewPolicy"`,
			`AccessEntries[1].Namespaces is not compatible with Policy AmazonEKSClusterAdminPolicy, which applies to the whole cluster; got ` +
				`"shop"; use Policy AmazonEKSAdminPolicy or remove Namespaces`,
			`AccessEntries[2].Namespaces[0] must be up to 63 lowercase letters, digits and hyphens, with "*" for any characters; got "Shop"`,
		}},
		"versions of add-ons": {func(p *ClusterProps) { p.AddOns = AddOns{VpcCniVersion: "1.20.4", MetricsServerVersion: "latest"} }, []string{
			`AddOns.VpcCniVersion must be the version of an add-on, such as "v1.20.4-eksbuild.2"; got "1.20.4"`,
			`AddOns.MetricsServerVersion must be the version of an add-on, such as "v1.20.4-eksbuild.2"; got "latest"`,
		}},
		"add-ons of Auto Mode": {func(p *ClusterProps) {
			p.AutoMode, p.AddOns = true, AddOns{CoreDnsVersion: "v1.12.4-eksbuild.1", PrefixDelegation: true, NetworkPolicy: true,
				CoreDnsOnFargate: true}
		}, []string{
			`AddOns.CoreDnsVersion must not be set together with AutoMode, which has the add-on built in; got "v1.12.4-eksbuild.1"; remove it`,
			"AddOns.PrefixDelegation must not be set together with AutoMode, which has the add-on built in; remove it",
			"AddOns.NetworkPolicy must not be set together with AutoMode, which has the add-on built in; remove it",
			"AddOns.CoreDnsOnFargate must not be set together with AutoMode, which has the add-on built in; remove it",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ClusterProps{Vpc: fake.TwoZones()}
			c.change(&p)
			refusedFor(t, refusal(&p), c.want...)
		})
	}
}

func TestClusterIsTaken(t *testing.T) {
	for name, p := range map[string]ClusterProps{
		"as it is":  {},
		"versions":  {Version: "1.33", SupportType: SupportExtended, AddOns: AddOns{VpcCniVersion: "v1.20.4-eksbuild.2", CoreDnsVersion: token}},
		"everybody": {EndpointAccess: EndpointPublic, PublicAccessCidrs: []string{"0.0.0.0/0"}},
		"to be told": {PublicAccessCidrs: []string{token}, ClusterName: token,
			AccessEntries: []AccessEntry{{PrincipalArn: token, Policy: PolicyView}}},
		"principals": {AccessEntries: []AccessEntry{
			{PrincipalArn: "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
				Policy: PolicyClusterAdmin},
			{PrincipalArn: "arn:aws-cn:iam::111122223333:user/me@example.com", Policy: PolicyAdminView, Namespaces: []string{"team-*", "shop"}},
		}},
		"another kubectl": {Version: "1.36", KubectlLayer: layerStandIn{}, ForceUpgrade: true, RollbackTimeout: 2 * time.Hour},
		"a week":          {RollbackTimeout: 168 * time.Hour},
		"over":            {Version: "1.33"},
		"Auto Mode":       {AutoMode: true, AddOns: AddOns{MetricsServerVersion: "v0.8.0-eksbuild.2"}},
	} {
		t.Run(name, func(t *testing.T) {
			p.Vpc = fake.TwoZones()
			assert.NoError(t, refusal(&p))
		})
	}
}

// The endpoint is public only for whom somebody named.
func TestEndpointByDefault(t *testing.T) {
	for want, p := range map[EndpointAccess]ClusterProps{EndpointPrivate: {},
		EndpointPublicAndPrivate: {PublicAccessCidrs: []string{"203.0.113.0/24"}}} {
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
			"Cluster is required; use eks.NewCluster or eks.ClusterFrom", `InstanceTypes is required: 1 to 20 instance types such as "m7g.large"`,
		}},
		"Auto Mode": {func(p *ManagedNodesProps) { p.Cluster.facts.autoMode = true },
			[]string{"Cluster must not be in Auto Mode, which manages its own nodes; remove AutoMode there, or these nodes"}},
		"too many types": {func(p *ManagedNodesProps) { p.InstanceTypes = manyTypes(21) },
			[]string{"InstanceTypes must have at most 20 elements; got 21"}},
		"two architectures": {func(p *ManagedNodesProps) { p.InstanceTypes[1] = "m7i.large" },
			[]string{`InstanceTypes[1] must be Arm, like "m7g.large", because a node group has one AMI; got "m7i.large"; create a node group ` +
				`for each architecture`}},
		"GPU and none": {func(p *ManagedNodesProps) { p.InstanceTypes[1] = "g5g.xlarge" },
			[]string{`InstanceTypes[1] must have no accelerator, like "m7g.large", because a node group has one AMI; got "g5g.xlarge"; create ` +
				`a node group for each kind`}},
		"no type": {func(p *ManagedNodesProps) { p.InstanceTypes[0] = "large" },
			[]string{`InstanceTypes[0] must be an instance type such as "m7g.large"; got "large"`}},
		"a type twice": {func(p *ManagedNodesProps) { p.InstanceTypes[1] = "m7g.large" },
			[]string{`InstanceTypes[1] must not repeat InstanceTypes[0]; got "m7g.large"`}},
		"system": {func(p *ManagedNodesProps) { p.OperatingSystem = "AL2" },
			[]string{`OperatingSystem must be "AMAZON_LINUX_2023" or "BOTTLEROCKET"; got "AL2"`}},
		"no AMI": {func(p *ManagedNodesProps) {
			p.InstanceTypes, p.OperatingSystem = []string{"inf2.xlarge"}, platform.Bottlerocket
		}, []string{`OperatingSystem must be one for which AWS publishes an AMI for x86 with Neuron; got "BOTTLEROCKET"; use another one ` +
			`or other InstanceTypes`}},
		"least above most": {func(p *ManagedNodesProps) { p.MinSize, p.MaxSize = new(4), 3 },
			[]string{"MinSize must not be greater than MaxSize (3); got 4"}},
		"negative": {func(p *ManagedNodesProps) { p.MinSize = new(-1) }, []string{"MinSize must be 0 or greater; got -1"}},
		"none at most": {func(p *ManagedNodesProps) { p.MinSize, p.MaxSize = new(0), -1 },
			[]string{"MaxSize must be 1 or greater; got -1"}},
		"desired too many": {func(p *ManagedNodesProps) { p.DesiredSize = new(4) },
			[]string{"DesiredSize must be from MinSize (1) to MaxSize (3); got 4"}},
		"desired too few": {func(p *ManagedNodesProps) { p.DesiredSize = new(0) },
			[]string{"DesiredSize must be from MinSize (1) to MaxSize (3); got 0"}},
		"disk": {func(p *ManagedNodesProps) { p.DiskSizeGiB = 8 },
			[]string{"DiskSizeGiB must be an integer from 20 to 16384; got 8"}},
		"subnets": {func(p *ManagedNodesProps) { p.Subnets = "isolated" },
			[]string{`Subnets must be a type of subnets that the VPC has (0 public, 3 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"two kinds of update": {func(p *ManagedNodesProps) { p.MaxUnavailable, p.MaxUnavailablePercentage = 1, 50 },
			[]string{"MaxUnavailablePercentage must not be set together with MaxUnavailable; got 50; remove one of them"}},
		"update of all": {func(p *ManagedNodesProps) { p.MaxUnavailable = 101 },
			[]string{"MaxUnavailable must be an integer from 1 to 100; got 101"}},
		"update of none": {func(p *ManagedNodesProps) { p.MaxUnavailablePercentage = -1 },
			[]string{"MaxUnavailablePercentage must be an integer from 1 to 100; got -1"}},
		"release": {func(p *ManagedNodesProps) { p.AmiRelease = "latest" },
			[]string{`AmiRelease must be "LATEST" or a release of the AMI for AMAZON_LINUX_2023 such as "1.35.7-20260827"; got "latest"`}},
		"release of another system": {func(p *ManagedNodesProps) {
			p.OperatingSystem, p.AmiRelease = platform.Bottlerocket, "1.35.0-20260101z"
		},
			[]string{`AmiRelease must be "LATEST" or a release of the AMI for BOTTLEROCKET such as "1.64.0-0123abcd"; got "1.35.0-20260101z"`}},
		"release of the cluster's version": {func(p *ManagedNodesProps) { p.Version, p.AmiRelease = "1.34", "1.35.2-20260101" },
			[]string{`AmiRelease must be a release for Kubernetes 1.34, the nodes' version; got "1.35.2-20260101"`}},
		"newer than the cluster": {func(p *ManagedNodesProps) { p.Version = "1.36" },
			[]string{`Version must be "1.35", "1.34", "1.33" or "1.32" in a cluster of Kubernetes 1.35; got "1.36"`}},
		"too old for the cluster": {func(p *ManagedNodesProps) { p.Version = "1.31" },
			[]string{`Version must be "1.35", "1.34", "1.33" or "1.32" in a cluster of Kubernetes 1.35; got "1.31"`}},
		"no version": {func(p *ManagedNodesProps) { p.Version = "v1.35" },
			[]string{`Version must be a version of Kubernetes such as "1.35"; got "v1.35"`}},
		"newest of what": {func(p *ManagedNodesProps) {
			p.AmiRelease, p.Cluster.facts.version = AmiReleaseLatest, ""
		}, []string{`AmiRelease requires a version of Kubernetes to look up the newest release; got "LATEST"; set Version here or in ` +
			`eks.ClusterFrom`}},
		"release of another version": {func(p *ManagedNodesProps) { p.AmiRelease = "1.34.2-20260101" },
			[]string{`AmiRelease must be a release for Kubernetes 1.35, the nodes' version; got "1.34.2-20260101"`}},
		"labels": {func(p *ManagedNodesProps) {
			p.Labels = map[string]string{"eks.amazonaws.com/team": "a", "topology.kubernetes.io/zone": "a", "team name": "a", "team": "-"}
		}, []string{
			`Labels must not have keys with the prefix eks.amazonaws.com, which Kubernetes or EKS reserves; got "eks.amazonaws.com/team"; use ` +
				`a prefix of your own, or none`,
			`Labels["team"] must be up to 63 letters, digits and _.-; got "-"`,
			`Labels must have keys such as "team" or "example.com/team"; got "team name"`,
			`Labels must not have keys with the prefix topology.kubernetes.io, which Kubernetes or EKS reserves; got ` +
				`"topology.kubernetes.io/zone"; use a prefix of your own, or none`,
		}},
		"taints": {func(p *ManagedNodesProps) {
			p.Taints = []Taint{{Key: "dedicated"}, {Effect: NoSchedule}, {Key: "a", Value: "a b", Effect: "NO_SCHEDULE"}}
		}, []string{
			`Taints[0].Effect is required: "NoSchedule", "PreferNoSchedule" or "NoExecute"`,
			`Taints[1].Key is required: a name such as "dedicated" or "example.com/dedicated"`,
			`Taints[2].Value must be up to 63 letters, digits and _.-; got "a b"`,
			`Taints[2].Effect must be "NoSchedule", "PreferNoSchedule" or "NoExecute"; got "NO_SCHEDULE"`,
		}},
		"too small for pods": {func(p *ManagedNodesProps) { p.InstanceTypes = []string{"t4g.micro", "t4g.nano"} }, []string{
			`InstanceTypes[0] must be larger: this type has addresses for 4 pods, and the node's own add-ons take 3; got "t4g.micro"; use ` +
				`"t3.medium" or larger`,
			`InstanceTypes[1] must be larger: this type has addresses for 4 pods, and the node's own add-ons take 3; got "t4g.nano"; use ` +
				`"t3.medium" or larger`,
		}},
		"user data": {func(p *ManagedNodesProps) {
			p.OperatingSystem, p.UserData = platform.Bottlerocket, []string{boundary, strings.Repeat("a", 12*1024)}
		}, []string{
			"UserData is not compatible with OperatingSystem BOTTLEROCKET, which has no shell; remove it",
			"UserData must not contain the MIME boundary ==awscontainers-node==",
			"UserData must have at most 12288 bytes, because an instance takes 16384 with what EKS adds; got 12514; keep the script in Amazon " +
				"S3 and fetch it here",
		}},
		"a taint twice": {func(p *ManagedNodesProps) {
			p.Taints = []Taint{{Key: "gpu", Value: "a", Effect: NoSchedule}, {Key: "gpu", Effect: NoExecute},
				{Key: "gpu", Value: "b", Effect: NoSchedule}}
		}, []string{"Taints[2] must not repeat the key and effect of Taints[0], because no kubelet starts with both; remove one of them"}},
		"long taint": {func(p *ManagedNodesProps) {
			p.Taints = []Taint{{Key: "example.com/" + strings.Repeat("a", 52), Effect: NoExecute}}
		},
			[]string{`Taints[0].Key must have at most 63 characters in a managed node group; got "example.com/` + strings.Repeat("a", 52) + `"`}},
		"too many taints": {func(p *ManagedNodesProps) { p.Taints = manyTaints(51) }, []string{"Taints must have at most 50 elements; got 51"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ManagedNodesProps{Cluster: clusterStandIn(), InstanceTypes: []string{"m7g.large", "m6g.large"}}
			c.change(&p)
			refusedFor(t, refusal(&p), c.want...)
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
		"to be told": func(p *ManagedNodesProps) { p.InstanceTypes, p.AmiRelease, p.Version = []string{token}, token, token },
		"at its limits": func(p *ManagedNodesProps) {
			p.InstanceTypes, p.Taints, p.MaxUnavailablePercentage, p.DiskSizeGiB = manyTypes(20), manyTaints(50), 100, 16384
		},
		"labels": func(p *ManagedNodesProps) {
			p.Labels = map[string]string{"team": "", "example.com/team": "a.b_c-d", "node.kubernetes.io/lifecycle": "spot",
				"x.node.kubernetes.io/y": token}
		},
		"iSCSI":    func(p *ManagedNodesProps) { p.UserData = IscsiUserData() },
		"releases": func(p *ManagedNodesProps) { p.AmiRelease = "1.35.2-20261101" },
		"behind":   func(p *ManagedNodesProps) { p.Version, p.AmiRelease, p.ForceUpdate = "1.32", "1.32.9-20260101", true },
		"newest":   func(p *ManagedNodesProps) { p.AmiRelease = AmiReleaseLatest },
		"Bottlerocket": func(p *ManagedNodesProps) {
			p.OperatingSystem, p.AmiRelease = platform.Bottlerocket, "1.50.0-0123abcd"
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := ManagedNodesProps{Cluster: clusterStandIn(), InstanceTypes: []string{"m7g.large", "m6g.large"}}
			change(&p)
			assert.NoError(t, refusal(&p))
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
		os    platform.OperatingSystem
		types instancetype.Type
		want  string
	}{
		{platform.AmazonLinux2023, instancetype.Type{}, "AL2023_x86_64_STANDARD"},
		{platform.AmazonLinux2023, instancetype.Type{Arm: true}, "AL2023_ARM_64_STANDARD"},
		{platform.AmazonLinux2023, instancetype.Type{Accelerator: gpu}, "AL2023_x86_64_NVIDIA"},
		{platform.AmazonLinux2023, instancetype.Type{Arm: true, Accelerator: gpu}, "AL2023_ARM_64_NVIDIA"},
		{platform.AmazonLinux2023, instancetype.Type{Accelerator: neuron}, "AL2023_x86_64_NEURON"},
		{platform.AmazonLinux2023, instancetype.Type{Arm: true, Accelerator: neuron}, ""},
		{platform.Bottlerocket, instancetype.Type{}, "BOTTLEROCKET_x86_64"},
		{platform.Bottlerocket, instancetype.Type{Arm: true}, "BOTTLEROCKET_ARM_64"},
		{platform.Bottlerocket, instancetype.Type{Accelerator: gpu}, "BOTTLEROCKET_x86_64_NVIDIA"},
		{platform.Bottlerocket, instancetype.Type{Arm: true, Accelerator: gpu}, "BOTTLEROCKET_ARM_64_NVIDIA"},
		{platform.Bottlerocket, instancetype.Type{Accelerator: neuron}, ""},
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
			"Cluster is required; use eks.NewCluster or eks.ClusterFrom",
			"Namespace is required: up to 63 lowercase letters, digits and hyphens",
			"ServiceAccount is required: up to 253 lowercase letters, digits, hyphens and dots",
		}},
		"an account that is there": {PodRoleProps{Cluster: clusterStandIn(), Namespace: "shop", ServiceAccount: "default",
			CreateServiceAccount: true}, []string{
			`CreateServiceAccount is not compatible with ServiceAccount "default", which every namespace has; use another ServiceAccount, or ` +
				`annotate that one yourself`,
		}},
		"no names": {PodRoleProps{Cluster: clusterStandIn(), Namespace: "shop.eu", ServiceAccount: "Api"}, []string{
			`Namespace must be up to 63 lowercase letters, digits and hyphens; got "shop.eu"`,
			`ServiceAccount must be up to 253 lowercase letters, digits, hyphens and dots; got "Api"`,
		}},
	} {
		t.Run(name, func(t *testing.T) { refusedFor(t, refusal(&c.props), c.want...) })
	}
	p := PodRoleProps{Cluster: clusterStandIn(), Namespace: "shop", ServiceAccount: "api.v2"}
	assert.NoError(t, refusal(&p))
}

// An entry keeps its id when the list is reordered; ARNs that differ have ids that differ.
func TestIdsOfAccessEntries(t *testing.T) {
	for want, e := range map[string]AccessEntry{
		"Access-111122223333:role.teams.Shop": {PrincipalArn: "arn:aws:iam::111122223333:role/teams/Shop"},
		"Access-111122223333:role.a.b":        {PrincipalArn: "arn:aws:iam::111122223333:role/a/b"},
		"Access-111122223333:role.a%2Eb":      {PrincipalArn: "arn:aws:iam::111122223333:role/a.b"},
		"Access-111122223333:role.a.%2Eb":     {PrincipalArn: "arn:aws:iam::111122223333:role/a/.b"},
		"Access-111122223333:role.a%2E.b":     {PrincipalArn: "arn:aws:iam::111122223333:role/a./b"},
		"Access-111122223333:user.Shop":       {PrincipalArn: "arn:aws:iam::111122223333:user/Shop"},
	} {
		assert.Equal(t, want, (&Cluster{}).entryId(e))
	}
}
