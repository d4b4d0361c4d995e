package test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
)

func newCapacity(stack awscdk.Stack, id string, cluster *ecs.Cluster, change func(p *ecs.Ec2CapacityProps)) *ecs.Ec2Capacity {
	p := ecs.Ec2CapacityProps{Cluster: cluster, InstanceTypes: []string{"m7i.large", "m6i.large"}, MaxCapacity: 4}
	if change != nil {
		change(&p)
	}
	return ecs.NewEc2Capacity(stack, id, &p)
}

// ec2Task runs the web server on instances.
func ec2Task(stack awscdk.Stack, id string, mode awsecs.NetworkMode) *ecs.Task {
	return ecs.NewTask(stack, id, &ecs.TaskProps{Compatibility: awsecs.Compatibility_EC2, NetworkMode: mode,
		Containers: []ecs.Container{web()}})
}

// launch is the data of the launch template below a path.
func launch(tpl *template, path string) *resource { return tpl.at("AWS::EC2::LaunchTemplate", path) }

// userData is a launch template's, with <id> for each reference.
func userData(template *resource) string {
	var text strings.Builder
	for _, part := range list(template.get("LaunchTemplateData.UserData.Fn::Base64.Fn::Join.1")) {
		if literal, ok := part.(string); ok {
			text.WriteString(literal)
			continue
		}
		text.WriteString("<" + template.tpl.follow(part).Type + ">")
	}
	return text.String()
}

func TestEc2CapacityWithDefaults(t *testing.T) {
	stack := newStack(t)
	newCapacity(stack, "Capacity", newCluster(stack), nil)
	tpl := synth(t, stack)

	template := launch(tpl, "Capacity")
	data := template.get("LaunchTemplateData").(map[string]any)
	assert.Equal(t,
		map[string]any{"HttpTokens": "required", "HttpPutResponseHopLimit": 1.0}, data["MetadataOptions"],
		"a container could take the instance's credentials")
	assert.Equal(t, []any{map[string]any{"DeviceName": "/dev/xvda", "Ebs": map[string]any{
		"Encrypted": true, "VolumeType": "gp3", "VolumeSize": 30.0, "DeleteOnTermination": true}}}, data["BlockDeviceMappings"])
	assert.NotContains(t, data, "KeyName", "SSH")
	image := tpl.parameter(data["ImageId"])
	assert.Equal(t, map[string]any{"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
		"Default": "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"}, image)
	assert.Equal(t, "#!/bin/bash\ncat <<'EOF' >>/etc/ecs/ecs.config\nECS_CLUSTER=<AWS::ECS::Cluster>\nECS_AWSVPC_BLOCK_IMDS=true\n"+
		"ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true\nECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST=true\nECS_DISABLE_PRIVILEGED=true\nEOF\n",
		userData(template))
	group := tpl.follow(dig(data, "SecurityGroupIds.0"))
	assert.Nil(t, group.get("SecurityGroupIngress"))
	assert.Empty(t, tpl.all("AWS::EC2::SecurityGroupIngress"), "instances can be reached")

	asg := tpl.only("AWS::AutoScaling::AutoScalingGroup")
	assert.Same(t, template, asg.ref("MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId"))
	assert.Equal(t, []any{map[string]any{"InstanceType": "m7i.large"},
		map[string]any{"InstanceType": "m6i.large"}}, asg.get("MixedInstancesPolicy.LaunchTemplate.Overrides"))
	assert.Equal(t, 100.0, asg.get("MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity"))
	assert.Equal(t, []any{"0", "4", 1209600.0}, []any{asg.get("MinSize"), asg.get("MaxSize"), asg.get("MaxInstanceLifetime")})
	assert.Nil(t, asg.get("DesiredCapacity"), "each deployment would set it anew")
	assert.Equal(t, map[string]any{"AutoScalingInstanceRefresh": map[string]any{"Strategy": "Rolling",
		"Preferences": map[string]any{"MinHealthyPercentage": 100.0, "MaxHealthyPercentage": 110.0}}}, asg.UpdatePolicy,
		"a new AMI would not replace instances")

	provider := tpl.only("AWS::ECS::CapacityProvider")
	assert.Same(t, asg, provider.ref("AutoScalingGroupProvider.AutoScalingGroupArn"))
	assert.Equal(t, []any{"ENABLED", "ENABLED", 100.0}, []any{provider.get("AutoScalingGroupProvider.ManagedScaling.Status"),
		provider.get("AutoScalingGroupProvider.ManagedDraining"), provider.get("AutoScalingGroupProvider.ManagedScaling.TargetCapacity")})
	assert.Same(t, provider, tpl.only("AWS::ECS::ClusterCapacityProviderAssociations").ref("CapacityProviders.2"))

	// Instances that nothing leaves protected: the group could not be deleted.
	assert.Equal(t, false, asg.get("NewInstancesProtectedFromScaleIn"))
	assert.Equal(t, "DISABLED", provider.get("AutoScalingGroupProvider.ManagedTerminationProtection"))
}

// The agent's role: what acts for one cluster, and nothing that tasks need.
func TestInstanceRole(t *testing.T) {
	stack := newStack(t)
	newCapacity(stack, "Capacity", newCluster(stack), nil)
	tpl := synth(t, stack)

	role := tpl.follow(list(tpl.only("AWS::IAM::InstanceProfile").get("Roles"))[0])
	assert.Same(t, tpl.only("AWS::IAM::InstanceProfile"), tpl.follow(launch(tpl, "").get("LaunchTemplateData.IamInstanceProfile.Arn")))
	assert.Equal(t, "ec2.amazonaws.com", role.get("AssumeRolePolicyDocument.Statement.0.Principal.Service"))
	cluster := tpl.only("AWS::ECS::Cluster")
	may := allowed(t, role)
	for _, action := range []string{"ecs:RegisterContainerInstance", "ecs:DeregisterContainerInstance", "ecs:SubmitAttachmentStateChanges",
		"ecs:SubmitContainerStateChange", "ecs:SubmitTaskStateChange"} {
		assert.Equal(t, []*resource{cluster}, may[action], action)
		delete(may, action)
	}
	for _, action := range []string{"ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState", "ecs:DiscoverPollEndpoint",
		"ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
		"ssmmessages:OpenDataChannel"} {
		assert.Contains(t, may, action)
		delete(may, action)
	}
	assert.Empty(t, may, "the agent may do more than it needs")
	poll := tpl.at("AWS::IAM::Policy", "InstanceRole").get("PolicyDocument.Statement.1")
	assert.Equal(t, []any{"ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"}, dig(poll, "Action"))
	assert.Same(t, cluster, tpl.follow(dig(poll, "Condition.ArnEquals.ecs:cluster")), "instances of other clusters")
}

func TestEc2CapacityWithEverything(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	newCapacity(stack, "Full", cluster, func(p *ecs.Ec2CapacityProps) {
		p.InstanceTypes, p.OperatingSystem, p.UserData = []string{"c7g.large"}, platform.Bottlerocket,
			[]string{"[settings.ntp]", `time-servers = ["169.254.169.123"]`}
		p.MinCapacity, p.MaxCapacity, p.TargetCapacityPercent, p.Spot, p.ManagedTerminationProtection = 1, 9, 80, true, true
		p.MaxInstanceLifetime, p.Subnets, p.DiskSizeGiB = new(time.Duration(0)), network.Public, 100
	})
	newCapacity(stack, "Gpu", cluster, func(p *ecs.Ec2CapacityProps) { p.InstanceTypes, p.Spot = []string{"g5.xlarge"}, true })
	tpl := synth(t, stack)

	template := launch(tpl, "Full")
	assert.Equal(t, "/aws/service/bottlerocket/aws-ecs-2/arm64/latest/image_id",
		tpl.parameter(template.get("LaunchTemplateData.ImageId"))["Default"])
	assert.Equal(t, "[settings.ecs]\ncluster = \"<AWS::ECS::Cluster>\"\nawsvpc-block-imds = true\nallow-privileged-containers = false\n"+
		"enable-spot-instance-draining = true\n[settings.ntp]\ntime-servers = [\"169.254.169.123\"]\n", userData(template))
	volumes := list(template.get("LaunchTemplateData.BlockDeviceMappings"))
	assert.Len(t, volumes, 2)
	for _, volume := range volumes {
		assert.Equal(t, true, dig(volume, "Ebs.Encrypted"), dig(volume, "DeviceName"))
	}
	assert.Equal(t, []any{"/dev/xvdb", 100.0}, []any{dig(volumes[1], "DeviceName"), dig(volumes[1], "Ebs.VolumeSize")})
	nic := template.get("LaunchTemplateData.NetworkInterfaces.0")
	assert.Equal(t, true, dig(nic, "AssociatePublicIpAddress"))
	assert.Same(t, tpl.at("AWS::EC2::SecurityGroup", "Full"), tpl.follow(dig(nic, "Groups.0")))
	assert.Nil(t, template.get("LaunchTemplateData.SecurityGroupIds"), "EC2 takes one or the other")

	asg := tpl.at("AWS::AutoScaling::AutoScalingGroup", "Full")
	assert.Equal(t, []any{"1", "9", nil, true, 0.0}, []any{asg.get("MinSize"), asg.get("MaxSize"), asg.get("MaxInstanceLifetime"),
		asg.get("NewInstancesProtectedFromScaleIn"), asg.get("MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity")})
	assert.Equal(t, []any{"subnet-00000000000000001", "subnet-00000000000000002"}, asg.get("VPCZoneIdentifier"))
	assert.Equal(t, "Refresh", dig(asg.UpdatePolicy, "AutoScalingInstanceRefresh.Preferences.ScaleInProtectedInstances"))
	provider := tpl.at("AWS::ECS::CapacityProvider", "Full")
	assert.Equal(t, []any{"ENABLED", 80.0}, []any{provider.get("AutoScalingGroupProvider.ManagedTerminationProtection"),
		provider.get("AutoScalingGroupProvider.ManagedScaling.TargetCapacity")})

	assert.Equal(t, "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id",
		tpl.parameter(launch(tpl, "Gpu").get("LaunchTemplateData.ImageId"))["Default"])
	assert.Contains(t, userData(launch(tpl, "Gpu")), "\nECS_ENABLE_SPOT_INSTANCE_DRAINING=true\n")
	assert.Len(t, tpl.only("AWS::ECS::ClusterCapacityProviderAssociations").get("CapacityProviders"), 4)
}

func TestEc2CapacityOfOnesOwn(t *testing.T) {
	stack := newStack(t)
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::111122223333:role/agent"), nil)
	group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil)
	newCapacity(stack, "Capacity", newCluster(stack), func(p *ecs.Ec2CapacityProps) {
		p.Role, p.SecurityGroups, p.ImageId = role, []awsec2.ISecurityGroup{group}, "ami-0123456789abcdef0"
	})
	tpl := synth(t, stack)
	assert.Empty(t, tpl.all("AWS::IAM::Role"))
	assert.Empty(t, tpl.all("AWS::IAM::Policy"))
	assert.Empty(t, tpl.all("AWS::EC2::SecurityGroup"))
	assert.Equal(t, []any{"agent"}, tpl.only("AWS::IAM::InstanceProfile").get("Roles"))
	data := launch(tpl, "Capacity").get("LaunchTemplateData")
	assert.Equal(t, []any{"ami-0123456789abcdef0", []any{"sg-0123456789abcdef0"}}, []any{dig(data, "ImageId"), dig(data, "SecurityGroupIds")})
}

func TestCapacityOfAnotherStackIsRefused(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	other := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), nil)
	want := `Other/Capacity: Cluster must be in the same stack, or the two stacks depend on each other; got "Test"; create the capacity ` +
		`in the stack of the cluster`
	assert.Equal(t, []string{want}, refusal(t, func() { newCapacity(other, "Capacity", cluster, nil) }))
	assert.Equal(t,
		[]string{want}, refusal(t, func() { ecs.NewManagedInstances(other, "Capacity", &ecs.ManagedInstancesProps{Cluster: cluster}) }))
}

// A name that ECS keeps to itself would come from the stack's.
func TestProviderNamesInAStackCalledEcs(t *testing.T) {
	stack := awscdk.NewStack(newApp(t, nil), jsii.String("ecs-shop"), nil)
	newCapacity(stack, "Capacity", newCluster(stack), nil)
	assert.Regexp(t, "^cp-ecs-shop", synth(t, stack).only("AWS::ECS::CapacityProvider").get("Name"))
}

// What CloudFormation deletes before what: services, the association, capacity providers, instances, the cluster; and first of all,
// while they can still act, what there is under a role or over a route.
func TestInstancesAreDeletedInOrder(t *testing.T) {
	stack := newStack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	capacity := newCapacity(stack, "Capacity", cluster, nil)
	ecs.NewManagedInstances(stack, "Managed", &ecs.ManagedInstancesProps{Cluster: cluster})
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc, InternetFacing: true})
	ecs.NewService(stack, "Web", &ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "Task", ""),
		Capacity: []ecs.CapacityProviderStrategy{{CapacityProvider: capacity.Provider(), Weight: 1}},
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: alb, Priority: 1, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}}})
	ecs.NewService(stack, "Daemon", &ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "Agent", awsecs.NetworkMode_BRIDGE),
		Daemon: true})
	managed := ecs.NewTask(stack, "ManagedTask", &ecs.TaskProps{Compatibility: awsecs.Compatibility_MANAGED_INSTANCES,
		Containers: []ecs.Container{web()}})
	ecs.NewService(stack, "OnManaged", &ecs.ServiceProps{Cluster: cluster, Task: managed})
	tpl := synth(t, stack)

	association := tpl.only("AWS::ECS::ClusterCapacityProviderAssociations")
	provider, instances := tpl.at("AWS::ECS::CapacityProvider", "/Capacity/"), tpl.only("AWS::AutoScaling::AutoScalingGroup")
	itself := tpl.only("AWS::ECS::Cluster")
	for _, service := range tpl.all("AWS::ECS::Service") {
		assert.True(t, service.comesAfter(association), "%s would use a provider that the cluster no longer has", service.path())
	}
	assert.True(t, association.comesAfter(provider))
	assert.True(t, provider.comesAfter(instances))
	assert.True(t, instances.comesAfter(launch(tpl, "Capacity")))
	assert.True(t, instances.comesAfter(itself), "a cluster with instances cannot be deleted")
	for _, order := range [][2]*resource{{itself, association}, {association, tpl.at("AWS::ECS::Service", "/Web/")}, {instances, provider}} {
		assert.False(t, order[0].comesAfter(order[1]), "%s and %s need each other", order[0].path(), order[1].path())
	}
	assert.True(t, instances.comesAfter(tpl.at("AWS::IAM::Policy", "/Capacity/InstanceRole/")), "instances could not leave the cluster")
	other := tpl.at("AWS::ECS::CapacityProvider", "/Managed/")
	assert.True(t, tpl.at("AWS::ECS::Service", "/OnManaged/").comesAfter(other))
	assert.True(t, other.comesAfter(itself))
	assert.True(t, other.comesAfter(tpl.at("AWS::IAM::Policy", "/Managed/InfrastructureRole/")), "ECS could not end the instances")
	for _, subnet := range subnets(tpl, "Private") {
		assert.True(t, instances.comesAfter(defaultRoute(t, tpl, subnet)))
		assert.True(t, other.comesAfter(defaultRoute(t, tpl, subnet)))
	}
}

func TestManagedInstances(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	ecs.NewManagedInstances(stack, "Plain", &ecs.ManagedInstancesProps{Cluster: cluster})
	full := ecs.NewManagedInstances(stack, "Full", &ecs.ManagedInstancesProps{Cluster: cluster, InstanceTypes: []string{"m7g.*"}, Spot: true,
		Subnets: network.Public, DiskSizeGiB: 200, DetailedMonitoring: true})
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Compatibility: awsecs.Compatibility_FARGATE_AND_MANAGED_INSTANCES,
		CpuArchitecture: platform.Arm64, Containers: []ecs.Container{web()}})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task,
		Capacity: []ecs.CapacityProviderStrategy{{CapacityProvider: full.Provider(), Weight: 1}}})
	tpl := synth(t, stack)

	plain := tpl.at("AWS::ECS::CapacityProvider", "Plain")
	assert.Same(t, tpl.only("AWS::ECS::Cluster"), plain.ref("ClusterName"))
	assert.NotContains(t, tpl.only("AWS::ECS::ClusterCapacityProviderAssociations").get("CapacityProviders"), map[string]any{"Ref": plain.id})
	start := plain.get("ManagedInstancesProvider.InstanceLaunchTemplate")
	assert.Equal(t, []any{"ON_DEMAND", "BASIC", nil, nil},
		[]any{dig(start, "CapacityOptionType"), dig(start, "Monitoring"), dig(start, "InstanceRequirements"), dig(start, "StorageConfiguration")})
	assert.Nil(t, tpl.follow(dig(start, "NetworkConfiguration.SecurityGroups.0")).get("SecurityGroupIngress"))

	// ECS may pass the role of these instances to EC2, and no other.
	role := plain.ref("ManagedInstancesProvider.InfrastructureRoleArn")
	assert.Equal(t, "ecs.amazonaws.com", role.get("AssumeRolePolicyDocument.Statement.0.Principal.Service"))
	assert.Equal(t, ":iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances", role.get("ManagedPolicyArns.0.Fn::Join.1.2"))
	pass := tpl.at("AWS::IAM::Policy", "Plain/InfrastructureRole").get("PolicyDocument.Statement.0")
	agent := tpl.follow(list(tpl.follow(dig(start, "Ec2InstanceProfileArn")).get("Roles"))[0])
	assert.Equal(t, "iam:PassRole", dig(pass, "Action"))
	assert.Same(t, agent, tpl.follow(dig(pass, "Resource")))
	may := allowed(t, agent)
	assert.Len(t, may, 7)
	assert.Equal(t, []*resource{tpl.only("AWS::ECS::Cluster")}, may["ecs:RegisterContainerInstance"])

	start = tpl.at("AWS::ECS::CapacityProvider", "Full").get("ManagedInstancesProvider.InstanceLaunchTemplate")
	assert.Equal(t, []any{"SPOT", "DETAILED", 200.0, []any{"m7g.*"}}, []any{dig(start, "CapacityOptionType"), dig(start, "Monitoring"),
		dig(start, "StorageConfiguration.StorageSizeGiB"), dig(start, "InstanceRequirements.AllowedInstanceTypes")})
	service := tpl.only("AWS::ECS::Service")
	assert.Same(t, tpl.at("AWS::ECS::CapacityProvider", "Full"), service.ref("CapacityProviderStrategy.0.CapacityProvider"))
	assert.Equal(t, []any{"FARGATE", "MANAGED_INSTANCES"}, service.ref("TaskDefinition").get("RequiresCompatibilities"))
	assert.Nil(t, service.get("LaunchType"))
}

func TestManagedInstancesOfOnesOwn(t *testing.T) {
	stack := newStack(t)
	role := func(id string) awsiam.IRole {
		return awsiam.Role_FromRoleArn(stack, &id, jsii.String("arn:aws:iam::111122223333:role/"+id), nil)
	}
	group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil)
	ecs.NewManagedInstances(stack, "Managed", &ecs.ManagedInstancesProps{Cluster: newCluster(stack),
		SecurityGroups:     []awsec2.ISecurityGroup{group},
		InfrastructureRole: role("infrastructure"), InstanceRole: role("agent")})
	tpl := synth(t, stack)
	assert.Empty(t, tpl.all("AWS::IAM::Role"))
	assert.Empty(t, tpl.all("AWS::EC2::SecurityGroup"))
	assert.Equal(t, "arn:aws:iam::111122223333:role/infrastructure",
		tpl.only("AWS::ECS::CapacityProvider").get("ManagedInstancesProvider.InfrastructureRoleArn"))
}

// The three network modes, each behind the load balancer by what it is reached at.
func TestNetworkModesOnEc2(t *testing.T) {
	stack := newStack(t)
	vpc := importedVpc(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	onDemand, spot := newCapacity(stack, "OnDemand", cluster, nil), newCapacity(stack, "Spot", cluster, func(p *ecs.Ec2CapacityProps) {
		p.Spot = true
	})
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc, InternetFacing: true})
	for i, mode := range []awsecs.NetworkMode{awsecs.NetworkMode_AWS_VPC, awsecs.NetworkMode_BRIDGE, awsecs.NetworkMode_HOST} {
		p := ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "Task"+string(mode), mode),
			Capacity: []ecs.CapacityProviderStrategy{{CapacityProvider: onDemand.Provider(), Base: 1, Weight: 1},
				{CapacityProvider: spot.Provider(), Weight: 3}},
			Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: alb, Priority: i + 1,
				Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}}}
		if mode == awsecs.NetworkMode_HOST {
			p.PlacementConstraints = []ecs.PlacementConstraint{{Type: "distinctInstance"}, {Type: "memberOf",
				Expression: "attribute:ecs.instance-type =~ m7i.*"}}
			p.PlacementStrategies = []ecs.PlacementStrategy{
				{Type: ecs.PlacementBinpack, Field: ecs.BinpackByMemory}, {Type: ecs.PlacementSpread, Field: ecs.SpreadByInstance},
				{Type: ecs.PlacementBinpack, Field: ecs.BinpackByCpu}, {Type: ecs.PlacementRandom},
			}
			p.Capacity = p.Capacity[:1]
		}
		ecs.NewService(stack, string(mode), &p)
	}
	tpl := synth(t, stack)

	balancer := tpl.at("AWS::EC2::SecurityGroup", "Alb")
	for mode, want := range map[string]struct {
		mode, target string
		from, to     float64
		groups       []string
	}{
		"AWS_VPC": {"awsvpc", "ip", 8080, 8080, []string{"AWS_VPC/SecurityGroup"}},
		"BRIDGE":  {"bridge", "instance", 32768, 65535, []string{"OnDemand/SecurityGroup", "Spot/SecurityGroup"}},
		"HOST":    {"host", "instance", 8080, 8080, []string{"OnDemand/SecurityGroup"}},
	} {
		service := tpl.at("AWS::ECS::Service", "Test/"+mode+"/")
		task := service.ref("TaskDefinition")
		assert.Equal(t, []any{want.mode, []any{"EC2"}, nil},
			[]any{task.get("NetworkMode"), task.get("RequiresCompatibilities"), task.get("RuntimePlatform")}, mode)
		assert.Equal(t, want.target, service.ref("LoadBalancers.0.TargetGroupArn").get("TargetType"), mode)
		for _, group := range want.groups {
			found := false
			for _, rule := range tpl.all("AWS::EC2::SecurityGroupIngress") {
				if rule.ref("GroupId") == tpl.at("AWS::EC2::SecurityGroup",
					"Test/"+group) && rule.get("FromPort") == want.from && rule.get("ToPort") == want.to {
					assert.Same(t, balancer, rule.ref("SourceSecurityGroupId"))
					found = true
				}
			}
			assert.True(t, found, "%s: the load balancer cannot reach %s", mode, group)
		}
		assert.Equal(t, mode == "AWS_VPC", service.get("NetworkConfiguration") != nil, mode)
		assert.Nil(t, service.get("LaunchType"), mode)
	}
	strategy := tpl.at("AWS::ECS::Service", "Test/BRIDGE/").get("CapacityProviderStrategy")
	assert.Equal(t, []any{1.0, 1.0, 3.0}, []any{dig(strategy, "0.Base"), dig(strategy, "0.Weight"), dig(strategy, "1.Weight")})
	assert.Same(t, tpl.at("AWS::ECS::CapacityProvider", "Spot"), tpl.follow(dig(strategy, "1.CapacityProvider")))
	assert.Equal(t, 0.0, tpl.at("AWS::ECS::Service",
		"Test/BRIDGE/").ref("TaskDefinition").get("ContainerDefinitions.0.PortMappings.0.HostPort"))

	host := tpl.at("AWS::ECS::Service", "Test/HOST/")
	assert.Equal(t, []any{map[string]any{"Type": "distinctInstance"},
		map[string]any{"Type": "memberOf", "Expression": "attribute:ecs.instance-type =~ m7i.*"}}, host.get("PlacementConstraints"))
	assert.Equal(t, []any{map[string]any{"Type": "binpack", "Field": "MEMORY"}, map[string]any{"Type": "spread", "Field": "instanceId"},
		map[string]any{"Type": "binpack", "Field": "CPU"}, map[string]any{"Type": "random"}}, host.get("PlacementStrategies"))
	assert.Equal(t, "DISABLED", host.get("AvailabilityZoneRebalancing"), "ECS refuses it where zones do not come first")
	assert.Equal(t, "ENABLED", tpl.at("AWS::ECS::Service", "Test/BRIDGE/").get("AvailabilityZoneRebalancing"))
}

func TestDaemon(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	newCapacity(stack, "Capacity", cluster, nil)
	agent := ecs.NewTask(stack, "Agent", &ecs.TaskProps{Compatibility: awsecs.Compatibility_EC2, NetworkMode: awsecs.NetworkMode_HOST,
		Volumes: []ecs.Volume{{Name: "logs", HostSourcePath: "/var/log"}},
		Containers: []ecs.Container{{Name: "agent", Image: registry.FromRegistry(publicImage), GpuCount: 0,
			MountPoints: []ecs.MountPoint{{SourceVolume: "logs", ContainerPath: "/host/log", ReadOnly: true}}}}})
	ecs.NewService(stack, "Daemon", &ecs.ServiceProps{Cluster: cluster, Task: agent, Daemon: true})
	service := synth(t, stack).only("AWS::ECS::Service")
	assert.Equal(t, []any{"DAEMON", "EC2", nil, nil},
		[]any{service.get("SchedulingStrategy"), service.get("LaunchType"), service.get("DesiredCount"), service.get("CapacityProviderStrategy")})
	assert.Equal(t, []any{100.0, 0.0},
		[]any{service.get("DeploymentConfiguration.MaximumPercent"), service.get("DeploymentConfiguration.MinimumHealthyPercent")})
	// On Fargate it is set; on instances programs would look for it where they must not.
	assert.Equal(t,
		[]any{map[string]any{"Name": "AWS_REGION", "Value": map[string]any{"Ref": "AWS::Region"}}},
		service.ref("TaskDefinition").get("ContainerDefinitions.0.Environment"))
	assert.Equal(t,
		[]any{map[string]any{"Name": "logs", "Host": map[string]any{"SourcePath": "/var/log"}}}, service.ref("TaskDefinition").get("Volumes"))
}

// A cluster that somebody else made, with instances of its own: nothing is made for them.
func TestServiceOnInstancesOfAnotherCluster(t *testing.T) {
	stack := newStack(t)
	cluster := ecs.ClusterFrom(stack, "Theirs", awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Cluster"), &awsecs.ClusterAttributes{
		ClusterName: jsii.String("theirs"), Vpc: importedVpc(stack)}))
	ecs.NewService(stack, "Type", &ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "Task", "")})
	ecs.NewService(stack, "Provider", &ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "Other", ""),
		Capacity: []ecs.CapacityProviderStrategy{{CapacityProvider: "theirs", Weight: 1}}})
	tpl := synth(t, stack)
	assert.Equal(t, "EC2", tpl.at("AWS::ECS::Service", "Type").get("LaunchType"))
	assert.Equal(t,
		[]any{map[string]any{"CapacityProvider": "theirs", "Weight": 1.0}}, tpl.at("AWS::ECS::Service",
			"Provider").get("CapacityProviderStrategy"))
	assert.Empty(t, tpl.all("AWS::ECS::ClusterCapacityProviderAssociations"))
	assert.Empty(t, tpl.all("AWS::AutoScaling::AutoScalingGroup"))
}
