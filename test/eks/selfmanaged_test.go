package eks_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/test/cdktest"
)

func newSelfManaged(stack awscdk.Stack, id string, cluster *eks.Cluster, change func(p *eks.SelfManagedNodesProps)) *eks.SelfManagedNodes {
	p := eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large", "m6g.large"}}
	if change != nil {
		change(&p)
	}
	return eks.NewSelfManagedNodes(stack, id, &p)
}

// newEksShop is a cluster, in a VPC of its own unless one is given: the CDK warns of subnets that it cannot tag.
func newEksShop(stack awscdk.Stack, vpc awsec2.IVpc) *eks.Cluster {
	if vpc == nil {
		vpc = network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	}
	return withoutNodes(newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc, ClusterName: "shop"}))
}

func intPtr(n int) *int { return &n }

// joinData is the user data of the launch template below a path, as EC2 would get it, with what only CloudFormation knows made up:
// "<Type.Attribute>".
func joinData(t *testing.T, tpl *cdktest.Template, path string) string {
	t.Helper()
	var text strings.Builder
	var write func(value any)
	write = func(value any) {
		if literal, ok := value.(string); ok {
			text.WriteString(literal)
			return
		}
		if join, ok := cdktest.Dig(value, "Fn::Join").([]any); ok {
			require.Empty(t, join[0])
			for _, part := range join[1].([]any) {
				write(part)
			}
			return
		}
		att, ok := cdktest.Dig(value, "Fn::GetAtt").([]any)
		require.True(t, ok, "%v in user data", value)
		switch made := tpl.Resources[att[0].(string)].Type + "." + att[1].(string); made {
		case "AWS::EKS::Cluster.Endpoint":
			text.WriteString(endpoint)
		case "AWS::EKS::Cluster.CertificateAuthorityData":
			text.WriteString(certificate)
		default:
			require.Fail(t, "unknown attribute", made)
		}
	}
	write(launch(tpl, path).Get("LaunchTemplateData.UserData.Fn::Base64"))
	return text.String()
}

const (
	endpoint    = "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
	certificate = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="
)

// nodeConfig is all that nodeadm takes; what is not here it refuses, for it decodes strictly.
// https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/api/
type nodeConfig struct {
	APIVersion string         `yaml:"apiVersion"`
	Kind       string         `yaml:"kind"`
	Metadata   map[string]any `yaml:"metadata"`
	Spec       struct {
		Cluster struct {
			Name                 string `yaml:"name"`
			APIServerEndpoint    string `yaml:"apiServerEndpoint"`
			CertificateAuthority string `yaml:"certificateAuthority"`
			CIDR                 string `yaml:"cidr"`
			EnableOutpost        *bool  `yaml:"enableOutpost"`
			ID                   string `yaml:"id"`
		} `yaml:"cluster"`
		Containerd struct {
			Config          string         `yaml:"config"`
			BaseRuntimeSpec map[string]any `yaml:"baseRuntimeSpec"`
		} `yaml:"containerd"`
		Instance struct {
			LocalStorage struct {
				Strategy       string   `yaml:"strategy"`
				MountPath      string   `yaml:"mountPath"`
				DisabledMounts []string `yaml:"disabledMounts"`
			} `yaml:"localStorage"`
		} `yaml:"instance"`
		Kubelet struct {
			Config map[string]any `yaml:"config"`
			Flags  []string       `yaml:"flags"`

			MaxPodsExpression string `yaml:"maxPodsExpression"`
		} `yaml:"kubelet"`
		FeatureGates map[string]bool `yaml:"featureGates"`
	} `yaml:"spec"`
}

// parseMultipart reads user data for Amazon Linux as nodeadm and cloud-init do.
func parseMultipart(t *testing.T, text string) (config nodeConfig, scripts []string) {
	t.Helper()
	message, err := mail.ReadMessage(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, "1.0", message.Header.Get("MIME-Version"))
	kind, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/mixed", kind)
	parts, configs := multipart.NewReader(message.Body, params["boundary"]), 0
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		content, err := io.ReadAll(part)
		require.NoError(t, err)
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		require.NoError(t, err)
		switch kind {
		case "application/node.eks.aws":
			configs++
			config = parseNodeConfig(t, content)
		case "text/x-shellscript":
			scripts = append(scripts, string(content))
		default:
			require.Fail(t, "unknown part", kind)
		}
	}
	require.Equal(t, 1, configs, "parts for nodeadm")
	return config, scripts
}

func parseNodeConfig(t *testing.T, content []byte) nodeConfig {
	t.Helper()
	config, err := decodeNodeConfig(content)
	require.NoError(t, err)
	assert.Equal(t, "node.eks.aws/v1alpha1", config.APIVersion)
	assert.Equal(t, "NodeConfig", config.Kind)
	return config
}

func decodeNodeConfig(content []byte) (config nodeConfig, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&config); err != nil {
		return config, err
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return config, fmt.Errorf("more than one document: %w", err)
	}
	// What nodeadm asks for: https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/api/validation.go
	cluster := config.Spec.Cluster
	if cluster.Name == "" || cluster.APIServerEndpoint == "" || cluster.CIDR == "" {
		return config, errors.New("not all of the cluster")
	}
	if certificate, err := base64.StdEncoding.DecodeString(cluster.CertificateAuthority); err != nil || len(certificate) == 0 {
		return config, fmt.Errorf("certificateAuthority is no base64: %w", err)
	}
	_, err = netip.ParsePrefix(cluster.CIDR)
	return config, err
}

// A proof that cannot fail is none.
func TestNodeConfigsAreReadStrictly(t *testing.T) {
	const whole = "spec:\n  cluster: {name: shop, apiServerEndpoint: https://a, certificateAuthority: Yg==, cidr: 10.0.0.0/8}\n"
	_, err := decodeNodeConfig([]byte(whole))
	require.NoError(t, err)
	for _, broken := range []string{
		strings.Replace(whole, "name:", "clusterName:", 1), strings.Replace(whole, "Yg==", "<b>", 1), strings.Replace(whole, "/8", "", 1),
		strings.Replace(whole, "cidr: 10.0.0.0/8", "id: a", 1), whole + "  kubelet: {flags: --node-labels=a=b}\n", whole + "kubelet: {}\n",
		whole + "---\na: b\n", "\t" + whole,
	} {
		_, err := decodeNodeConfig([]byte(broken))
		assert.Error(t, err, broken)
	}
}

// bottlerocketSettings are those of Kubernetes that are written here.
// https://bottlerocket.dev/en/os/latest/#/api/settings/kubernetes/
type bottlerocketSettings struct {
	Settings struct {
		Kubernetes struct {
			ClusterName        string              `toml:"cluster-name"`
			APIServer          string              `toml:"api-server"`
			ClusterCertificate string              `toml:"cluster-certificate"`
			ClusterDNSIP       string              `toml:"cluster-dns-ip"`
			MaxPods            int                 `toml:"max-pods"`
			NodeLabels         map[string]string   `toml:"node-labels"`
			NodeTaints         map[string][]string `toml:"node-taints"`
		} `toml:"kubernetes"`
		Ntp map[string]any `toml:"ntp"` // the user's
	} `toml:"settings"`
}

func parseBottlerocket(t *testing.T, text string) (s bottlerocketSettings) {
	t.Helper()
	known, err := toml.Decode(text, &s)
	require.NoError(t, err)
	require.Empty(t, known.Undecoded(), "unknown settings")
	return s
}

func TestSelfManagedNodesWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	newSelfManaged(stack, "Nodes", newEksShop(stack, nil), nil)
	tpl := cdktest.Synth(t, stack)
	cluster := tpl.Only("AWS::EKS::Cluster")

	template := launch(tpl, "Nodes")
	data := template.Get("LaunchTemplateData").(map[string]any)
	assert.Equal(t, map[string]any{"HttpTokens": "required", "HttpPutResponseHopLimit": 1.0, "HttpEndpoint": "enabled"},
		data["MetadataOptions"], "pods could take the node's credentials")
	assert.Equal(t, []any{map[string]any{"DeviceName": "/dev/xvda", "Ebs": map[string]any{
		"Encrypted": true, "VolumeType": "gp3", "VolumeSize": 30.0, "DeleteOnTermination": true}}}, data["BlockDeviceMappings"])
	assert.NotContains(t, data, "KeyName", "SSH")
	assert.Equal(t, map[string]any{"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
		"Default": "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/arm64/standard/recommended/image_id"}, tpl.Parameter(data["ImageId"]))

	asg := tpl.Only("AWS::AutoScaling::AutoScalingGroup")
	assert.Same(t, template, asg.Ref("MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId"))
	assert.Equal(t, []any{map[string]any{"InstanceType": "m7g.large"}, map[string]any{"InstanceType": "m6g.large"}},
		asg.Get("MixedInstancesPolicy.LaunchTemplate.Overrides"))
	assert.Equal(t, map[string]any{"OnDemandBaseCapacity": 0.0, "OnDemandPercentageAboveBaseCapacity": 100.0,
		"OnDemandAllocationStrategy": "prioritized",
		"SpotAllocationStrategy":     "price-capacity-optimized"}, asg.Get("MixedInstancesPolicy.InstancesDistribution"))
	cdktest.Has(t, asg, map[string]any{
		"MinSize":         "1",
		"MaxSize":         "3",
		"DesiredCapacity": nil,
	})
	assert.ElementsMatch(t, subnets(tpl, "Private"), []*cdktest.Resource{asg.Ref("VPCZoneIdentifier.0"), asg.Ref("VPCZoneIdentifier.1")})
	assert.Equal(t, []any{map[string]any{"Key": "kubernetes.io/cluster/shop", "Value": "owned", "PropagateAtLaunch": true}}, asg.Get("Tags"))
	assert.Equal(t, map[string]any{"AutoScalingRollingUpdate": map[string]any{"MinInstancesInService": 1.0, "MaxBatchSize": 1.0,
		"PauseTime": "PT5M", "WaitOnResourceSignals": false,
		"SuspendProcesses": []any{"HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"}}},
		asg.UpdatePolicy, "a new AMI would not replace nodes")

	config, scripts := parseMultipart(t, joinData(t, tpl, "Nodes"))
	assert.Empty(t, scripts)
	assert.Equal(t, "shop", config.Spec.Cluster.Name)
	assert.Equal(t, "shop", cluster.Get("Name"))
	assert.Equal(t, endpoint, config.Spec.Cluster.APIServerEndpoint)
	assert.Equal(t, certificate, config.Spec.Cluster.CertificateAuthority)
	assert.Equal(t, cluster.Get("KubernetesNetworkConfig.ServiceIpv4Cidr"), config.Spec.Cluster.CIDR,
		"the node would look for CoreDNS elsewhere")
	assert.Equal(t, "172.20.0.0/16", config.Spec.Cluster.CIDR)
	assert.Empty(t, config.Spec.Kubelet)
}

// What lets nodes in: a role that EC2 may take, known to the cluster as that of nodes, in the security group that the control plane is in.
func TestSelfManagedNodesAreLetIn(t *testing.T) {
	stack := cdktest.Stack(t)
	newSelfManaged(stack, "Nodes", newEksShop(stack, nil), nil)
	tpl := cdktest.Synth(t, stack)
	cluster := tpl.Only("AWS::EKS::Cluster")

	profile := tpl.Follow(launch(tpl, "Nodes").Get("LaunchTemplateData.IamInstanceProfile.Arn"))
	require.Equal(t, "AWS::IAM::InstanceProfile", profile.Type)
	role := profile.Ref("Roles.0")
	assert.Equal(t, []string{"ec2.amazonaws.com"}, cdktest.AssumedBy(t, role))
	var policies []string
	for _, policy := range cdktest.List(role.Get("ManagedPolicyArns")) {
		policies = append(policies, fmt.Sprint(cdktest.Dig(policy, "Fn::Join.1.2")))
	}
	assert.Equal(t, []string{":iam::aws:policy/AmazonEKSWorkerNodePolicy", ":iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
		":iam::aws:policy/AmazonEKS_CNI_Policy"}, policies)

	entry := tpl.At("AWS::EKS::AccessEntry", "Nodes")
	assert.Equal(t, "EC2_LINUX", entry.Get("Type"))
	assert.Same(t, role, entry.Ref("PrincipalArn"))
	assert.Same(t, cluster, entry.Ref("ClusterName"))
	for _, not := range []string{"AccessPolicies", "KubernetesGroups", "Username"} {
		assert.Nil(t, entry.Get(not), "EKS refuses %s for nodes", not)
	}
	assert.Equal(t, "API", cluster.Get("AccessConfig.AuthenticationMode"), "access entries would say nothing")

	// EKS gives this group a rule that lets in all that comes from it, and one that lets everything out, and puts the control plane into it.
	groups := cdktest.List(launch(tpl, "Nodes").Get("LaunchTemplateData.SecurityGroupIds"))
	require.Len(t, groups, 1)
	assert.Equal(t, map[string]any{"Fn::GetAtt": []any{cluster.Id, "ClusterSecurityGroupId"}}, groups[0])
	assert.Nil(t, cluster.Get("ResourcesVpcConfig.ClusterSecurityGroupId"))
}

func TestSelfManagedNodesWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newEksShop(stack, nil)
	group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil)
	everything := func(p *eks.SelfManagedNodesProps) {
		p.OnDemandBaseCapacity, p.OnDemandPercentageAboveBaseCapacity = 1, intPtr(25)
		p.MinSize, p.MaxSize, p.DesiredSize, p.MinInstancesInService, p.MaxBatchSize = intPtr(2), 9, intPtr(4), intPtr(3), 2
		p.DiskSizeGiB, p.Subnets, p.SecurityGroups, p.MaxPods = 100, network.Public, []awsec2.ISecurityGroup{group}, 110
		p.Labels = map[string]string{"team": "shop", "example.com/tier": "batch", "empty": ""}
		p.Taints = []eks.Taint{{Key: "dedicated", Value: "batch", Effect: eks.NoSchedule},
			{Key: "dedicated", Value: "batch", Effect: eks.NoExecute}, {Key: "example.com/slow", Effect: eks.PreferNoSchedule}}
		p.UserData = []string{"echo 'one: \"two\"'", "--", "sysctl -w vm.max_map_count=262144"}
	}
	newSelfManaged(stack, "Linux", cluster, everything)
	newSelfManaged(stack, "Rocket", cluster, func(p *eks.SelfManagedNodesProps) {
		everything(p)
		p.OperatingSystem, p.UserData = platform.Bottlerocket, []string{"[settings.ntp]", `time-servers = ["169.254.169.123"]`}
	})
	newSelfManaged(stack, "Gpu", cluster, func(p *eks.SelfManagedNodesProps) { p.InstanceTypes = []string{"g5.xlarge"} })
	newSelfManaged(stack, "PlainRocket", cluster, func(p *eks.SelfManagedNodesProps) { p.OperatingSystem = platform.Bottlerocket })
	tpl := cdktest.Synth(t, stack)

	asg := tpl.At("AWS::AutoScaling::AutoScalingGroup", "Linux")
	cdktest.Has(t, asg, map[string]any{
		"MinSize":         "2",
		"MaxSize":         "9",
		"DesiredCapacity": "4",
	})
	cdktest.Has(t, asg, map[string]any{
		"MixedInstancesPolicy.InstancesDistribution.OnDemandBaseCapacity":                1.0,
		"MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity": 25.0,
	})
	cdktest.HasAt(t, asg.UpdatePolicy, map[string]any{
		"AutoScalingRollingUpdate.MinInstancesInService": 3.0,
		"AutoScalingRollingUpdate.MaxBatchSize":          2.0,
	})
	assert.ElementsMatch(t, subnets(tpl, "Public"), []*cdktest.Resource{asg.Ref("VPCZoneIdentifier.0"), asg.Ref("VPCZoneIdentifier.1")})

	nic := launch(tpl, "Linux").Get("LaunchTemplateData.NetworkInterfaces.0")
	assert.Equal(t, true, cdktest.Dig(nic, "AssociatePublicIpAddress"))
	assert.Equal(t, []any{map[string]any{"Fn::GetAtt": []any{tpl.Only("AWS::EKS::Cluster").Id, "ClusterSecurityGroupId"}},
		"sg-0123456789abcdef0"}, cdktest.Dig(nic, "Groups"))
	assert.Nil(t, launch(tpl, "Linux").Get("LaunchTemplateData.SecurityGroupIds"), "EC2 takes one or the other")

	config, scripts := parseMultipart(t, joinData(t, tpl, "/Linux/"))
	assert.Equal(t, "110", config.Spec.Kubelet.MaxPodsExpression, "nodeadm would reserve memory for fewer pods")
	assert.Empty(t, config.Spec.Kubelet.Config)
	assert.Equal(t, []string{"--node-labels=empty=,example.com/tier=batch,team=shop",
		"--register-with-taints=dedicated=batch:NoSchedule,dedicated=batch:NoExecute,example.com/slow=:PreferNoSchedule"},
		config.Spec.Kubelet.Flags)
	assert.Equal(t, []string{"#!/bin/bash\necho 'one: \"two\"'\n--\nsysctl -w vm.max_map_count=262144"}, scripts)

	assert.Equal(t, "/aws/service/bottlerocket/aws-k8s-1.35/arm64/latest/image_id",
		tpl.Parameter(launch(tpl, "/Rocket/").Get("LaunchTemplateData.ImageId"))["Default"])
	disks := launch(tpl, "/Rocket/").Get("LaunchTemplateData.BlockDeviceMappings")
	cdktest.HasAt(t, disks, map[string]any{
		"1.DeviceName":     "/dev/xvdb",
		"1.Ebs.VolumeSize": 100.0,
		"1.Ebs.Encrypted":  true,
		"0.Ebs.Encrypted":  true,
	})
	rocket := parseBottlerocket(t, joinData(t, tpl, "/Rocket/")).Settings
	assert.Equal(t, "shop", rocket.Kubernetes.ClusterName)
	assert.Equal(t, endpoint, rocket.Kubernetes.APIServer)
	assert.Equal(t, certificate, rocket.Kubernetes.ClusterCertificate)
	assert.Equal(t, "172.20.0.10", rocket.Kubernetes.ClusterDNSIP)
	assert.Equal(t, 110, rocket.Kubernetes.MaxPods)
	assert.Equal(t, map[string]string{"team": "shop", "example.com/tier": "batch", "empty": ""}, rocket.Kubernetes.NodeLabels)
	assert.Equal(t, map[string][]string{"dedicated": {"batch:NoSchedule", "batch:NoExecute"}, "example.com/slow": {":PreferNoSchedule"}},
		rocket.Kubernetes.NodeTaints)
	assert.Equal(t, map[string]any{"time-servers": []any{"169.254.169.123"}}, rocket.Ntp)
	plain := parseBottlerocket(t, joinData(t, tpl, "/PlainRocket/")).Settings
	assert.Equal(t, "shop", plain.Kubernetes.ClusterName)
	assert.True(t, reflect.ValueOf(plain.Kubernetes.NodeTaints).IsZero() && plain.Kubernetes.MaxPods == 0)

	assert.Equal(t, "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/nvidia/recommended/image_id",
		tpl.Parameter(launch(tpl, "/Gpu/").Get("LaunchTemplateData.ImageId"))["Default"])
	assert.Len(t, tpl.All("AWS::EKS::AccessEntry"), 4+1, "one for each role, and that of what applies Kubernetes objects")
}

func TestSelfManagedNodesOfOnesOwn(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newEksShop(stack, nil)
	before := len(synthesizedRoles(t))
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::111122223333:role/nodes"), nil)
	own := func(p *eks.SelfManagedNodesProps) {
		p.Role, p.ImageId, p.CpuArchitecture = role, "ami-0123456789abcdef0", platform.Arm64
	}
	first := newSelfManaged(stack, "First", cluster, own)
	second := newSelfManaged(stack, "Second", cluster, func(p *eks.SelfManagedNodesProps) { own(p); p.HasAccessEntry = true })
	assert.NotNil(t, first.AccessEntry)
	assert.Nil(t, second.AccessEntry, "EKS takes one for a role")
	second.AutoScalingGroup.Node().AddDependency(first.AccessEntry)
	tpl := cdktest.Synth(t, stack)
	assert.Len(t, tpl.All("AWS::IAM::Role"), before, "a role beside the one given")
	assert.Equal(t, []any{"nodes"}, tpl.At("AWS::IAM::InstanceProfile", "First").Get("Roles"))
	entry := tpl.At("AWS::EKS::AccessEntry", "First")
	assert.Equal(t, "arn:aws:iam::111122223333:role/nodes", entry.Get("PrincipalArn"))
	assert.Equal(t, "ami-0123456789abcdef0", launch(tpl, "First").Get("LaunchTemplateData.ImageId"))
	for id := range tpl.Parameters {
		assert.NotContains(t, id, "SsmParameterValue", "an AMI is looked up beside the one given")
	}
	assert.True(t, tpl.At("AWS::AutoScaling::AutoScalingGroup", "Second").ComesAfter(entry))
}

// synthesizedRoles are those of a cluster without nodes.
func synthesizedRoles(t *testing.T) []*cdktest.Resource {
	t.Helper()
	stack := cdktest.Stack(t)
	newEksShop(stack, nil)
	return cdktest.Synth(t, stack).All("AWS::IAM::Role")
}

// The range of services is one that the VPC does not have, also where the VPC is made beside the cluster.
func TestServiceCidrBesideTheVpc(t *testing.T) {
	for cidr, want := range map[string][2]string{"10.0.0.0/16": {"172.20.0.0/16", "172.20.0.10"},
		"172.20.0.0/16": {"10.100.0.0/16", "10.100.0.10"}} {
		stack := cdktest.Stack(t)
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2, CidrBlock: cidr}).Vpc
		cluster := newEksShop(stack, vpc)
		newSelfManaged(stack, "Linux", cluster, nil)
		newSelfManaged(stack, "Rocket", cluster, func(p *eks.SelfManagedNodesProps) { p.OperatingSystem = platform.Bottlerocket })
		tpl := cdktest.Synth(t, stack)
		assert.Equal(t, want[0], tpl.Only("AWS::EKS::Cluster").Get("KubernetesNetworkConfig.ServiceIpv4Cidr"))
		config, _ := parseMultipart(t, joinData(t, tpl, "/Linux/"))
		assert.Equal(t, want[0], config.Spec.Cluster.CIDR)
		assert.Equal(t, want[1], parseBottlerocket(t, joinData(t, tpl, "/Rocket/")).Settings.Kubernetes.ClusterDNSIP)
	}
}

// A range of one's own reaches the nodes.
func TestServiceCidrOfOnesOwn(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	newSelfManaged(stack, "Nodes", newCluster(stack, "Own", &eks.ClusterProps{Vpc: vpc, ServiceIpv4Cidr: "192.168.4.0/24"}), nil)
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, "192.168.4.0/24", tpl.Only("AWS::EKS::Cluster").Get("KubernetesNetworkConfig.ServiceIpv4Cidr"))
	config, _ := parseMultipart(t, joinData(t, tpl, "Nodes"))
	assert.Equal(t, "192.168.4.0/24", config.Spec.Cluster.CIDR)
}

func TestServiceCidrInTheVpcIsRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	assert.Equal(t, []string{`Test/Own: ServiceIpv4Cidr must not overlap the VPC's range 10.0.0.0/16; got "10.0.128.0/20"`},
		cdktest.Refused(t, func() {
			newCluster(stack, "Own", &eks.ClusterProps{Vpc: vpc, ServiceIpv4Cidr: "10.0.128.0/20"})
		}))
}

// A VPC whose range nobody tells.
func TestServiceCidrBesideAnUnknownVpc(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{VpcId: jsii.String("vpc-0123456789abcdef0"),
		AvailabilityZones:          jsii.Strings("eu-west-1a", "eu-west-1b"),
		PrivateSubnetIds:           jsii.Strings("subnet-00000000000000001", "subnet-00000000000000002"),
		PrivateSubnetRouteTableIds: jsii.Strings("rtb-00000000000000001", "rtb-00000000000000002")})
	newSelfManaged(stack, "Nodes", newEksShop(stack, vpc), nil)
	tpl, _ := cdktest.SynthAnnotated(t, stack) // its subnets are to be tagged by hand
	config, _ := parseMultipart(t, joinData(t, tpl, "Nodes"))
	assert.Equal(t, "172.20.0.0/16", config.Spec.Cluster.CIDR)
}

// Nodes come when they can join: after the add-ons that make them ready, their entry, their role and their route; and go before these.
func TestSelfManagedNodesComeInOrder(t *testing.T) {
	stack := cdktest.Stack(t)
	newSelfManaged(stack, "Nodes", newEksShop(stack, nil), nil)
	tpl := cdktest.Synth(t, stack)

	nodes := tpl.Only("AWS::AutoScaling::AutoScalingGroup")
	for _, need := range []*cdktest.Resource{tpl.Only("AWS::EKS::Cluster"), tpl.At("AWS::EKS::AccessEntry", "Nodes"),
		tpl.At("AWS::IAM::Role", "/Nodes/"),
		tpl.Only("AWS::IAM::InstanceProfile"), launch(tpl, "Nodes"), tpl.At("AWS::EKS::Addon", "VpcCni"),
		tpl.At("AWS::EKS::Addon", "KubeProxy"), tpl.At("AWS::EKS::Addon", "PodIdentityAgent")} {
		cdktest.CreatedInOrder(t, need, nodes)
	}
	for _, subnet := range subnets(tpl, "Private") {
		assert.True(t, nodes.ComesAfter(defaultRoute(t, tpl, subnet)), "no way to images and the API")
	}
	for _, later := range []string{"CoreDns", "MetricsServer"} {
		assert.True(t, tpl.At("AWS::EKS::Addon", later).ComesAfter(nodes), "%s would come up DEGRADED", later)
	}
}

// Without a way out they come after the VPC's endpoints.
func TestSelfManagedNodesInIsolatedSubnets(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2, IsolatedSubnets: true,
		InterfaceEndpoints: []string{"sts"}}).Vpc
	newSelfManaged(stack, "Nodes", newEksShop(stack, vpc), func(p *eks.SelfManagedNodesProps) { p.Subnets = network.Isolated })
	tpl := cdktest.Synth(t, stack)
	nodes := tpl.Only("AWS::AutoScaling::AutoScalingGroup")
	for _, endpoint := range tpl.All("AWS::EC2::VPCEndpoint") {
		assert.True(t, nodes.ComesAfter(endpoint), endpoint.Path())
	}
	assert.NotEmpty(t, tpl.All("AWS::EC2::VPCEndpoint"))
}

func TestSelfManagedNodesAreRefusedWithTheirPath(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newEksShop(stack, nil)
	assert.Equal(t, []string{
		"Test/Nodes: MinSize must not be greater than MaxSize (3); got 4",
		`Test/Nodes: Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"; ` +
			`set IsolatedSubnets of network.VpcProps, or use network.Private`,
	}, cdktest.Refused(t, func() {
		newSelfManaged(stack, "Nodes", cluster,
			func(p *eks.SelfManagedNodesProps) { p.Subnets, p.MinSize, p.MaxSize = network.Isolated, intPtr(4), 3 })
	}))
	assert.Empty(t, stack.Node().TryFindChild(jsii.String("Nodes")))
}
