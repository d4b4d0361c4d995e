package test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
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
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

// userData is a launch template's, with <id> for each reference.
func userData(template *cdktest.Resource) string {
	var text strings.Builder
	for _, part := range cdktest.List(template.Get("LaunchTemplateData.UserData.Fn::Base64.Fn::Join.1")) {
		if literal, ok := part.(string); ok {
			text.WriteString(literal)
			continue
		}
		text.WriteString("<" + template.Template.Follow(part).Type + ">")
	}
	return text.String()
}

func TestEc2CapacityWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	newCapacity(stack, "Capacity", newCluster(stack), nil)
	tpl := cdktest.Synth(t, stack)

	template := launch(tpl, "Capacity")
	data := template.Get("LaunchTemplateData").(map[string]any)
	assert.Equal(t,
		map[string]any{"HttpTokens": "required", "HttpPutResponseHopLimit": 1.0}, data["MetadataOptions"],
		"a container could take the instance's credentials")
	assert.Equal(t, []any{map[string]any{"DeviceName": "/dev/xvda", "Ebs": map[string]any{
		"Encrypted": true, "VolumeType": "gp3", "VolumeSize": 30.0, "DeleteOnTermination": true}}}, data["BlockDeviceMappings"])
	assert.NotContains(t, data, "KeyName", "SSH")
	image := tpl.Parameter(data["ImageId"])
	assert.Equal(t, map[string]any{"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
		"Default": "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"}, image)
	assert.Equal(t, "#!/bin/bash\ncat <<'EOF' >>/etc/ecs/ecs.config\nECS_CLUSTER=<AWS::ECS::Cluster>\nECS_AWSVPC_BLOCK_IMDS=true\n"+
		"ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true\nECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST=true\nECS_DISABLE_PRIVILEGED=true\n"+
		`ECS_AVAILABLE_LOGGING_DRIVERS=["awslogs","fluentd","gelf","journald","json-file","none","splunk","syslog"]`+"\nEOF\n",
		userData(template))
	group := tpl.Follow(cdktest.Dig(data, "SecurityGroupIds.0"))
	assert.Nil(t, group.Get("SecurityGroupIngress"))
	assert.Empty(t, tpl.All("AWS::EC2::SecurityGroupIngress"), "instances can be reached")

	asg := tpl.Only("AWS::AutoScaling::AutoScalingGroup")
	assert.Same(t, template, asg.Ref("MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId"))
	assert.Equal(t, []any{map[string]any{"InstanceType": "m7i.large"},
		map[string]any{"InstanceType": "m6i.large"}}, asg.Get("MixedInstancesPolicy.LaunchTemplate.Overrides"))
	assert.Equal(t, 100.0, asg.Get("MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity"))
	cdktest.Has(t, asg, map[string]any{
		"MinSize":             "0",
		"MaxSize":             "4",
		"MaxInstanceLifetime": 1209600.0,
	})
	assert.Nil(t, asg.Get("DesiredCapacity"), "each deployment would set it anew")
	assert.Equal(t, map[string]any{"AutoScalingInstanceRefresh": map[string]any{"Strategy": "Rolling",
		"Preferences": map[string]any{"MinHealthyPercentage": 100.0, "MaxHealthyPercentage": 110.0}}}, asg.UpdatePolicy,
		"a new AMI would not replace instances")

	provider := tpl.Only("AWS::ECS::CapacityProvider")
	assert.Same(t, asg, provider.Ref("AutoScalingGroupProvider.AutoScalingGroupArn"))
	cdktest.Has(t, provider, map[string]any{
		"AutoScalingGroupProvider.ManagedScaling.Status":         "ENABLED",
		"AutoScalingGroupProvider.ManagedDraining":               "ENABLED",
		"AutoScalingGroupProvider.ManagedScaling.TargetCapacity": 100.0,
	})
	assert.Same(t, provider, tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations").Ref("CapacityProviders.2"))

	// Instances that nothing leaves protected: the group could not be deleted.
	assert.Equal(t, false, asg.Get("NewInstancesProtectedFromScaleIn"))
	assert.Equal(t, false, asg.Get("CapacityRebalance"), "On-Demand instances are never at risk")
	assert.Equal(t, "DISABLED", provider.Get("AutoScalingGroupProvider.ManagedTerminationProtection"))
}

// The agent's role: what acts for one cluster, and nothing that tasks need.
func TestInstanceRole(t *testing.T) {
	stack := cdktest.Stack(t)
	newCapacity(stack, "Capacity", newCluster(stack), nil)
	tpl := cdktest.Synth(t, stack)

	role := tpl.Follow(cdktest.List(tpl.Only("AWS::IAM::InstanceProfile").Get("Roles"))[0])
	assert.Same(t, tpl.Only("AWS::IAM::InstanceProfile"), tpl.Follow(launch(tpl, "").Get("LaunchTemplateData.IamInstanceProfile.Arn")))
	assert.Equal(t, []string{"ec2.amazonaws.com"}, cdktest.AssumedBy(t, role))
	cdktest.MayExactly(t, role, agentMay(tpl.Only("AWS::ECS::Cluster"))...)
}

// A session on Bottlerocket comes in by a container that the instance pulls itself, from a registry of AWS's.
func TestBottlerocketPullsItsHostContainers(t *testing.T) {
	stack := cdktest.Stack(t)
	newCapacity(stack, "Capacity", newCluster(stack), func(p *ecs.Ec2CapacityProps) { p.OperatingSystem = platform.Bottlerocket })
	tpl := cdktest.Synth(t, stack)
	cdktest.MayExactly(t, tpl.At("AWS::IAM::Role", "/Capacity/InstanceRole/"), append(agentMay(tpl.Only("AWS::ECS::Cluster")),
		cdktest.Allow("ecr:GetAuthorizationToken").On("*"),
		cdktest.Allow("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer").
			On("arn:<AWS::Partition>:ecr:<AWS::Region>:*:repository/bottlerocket-*"))...)
}

// agentMay is what the agent on instances of a cluster takes, and sessions.
func agentMay(cluster *cdktest.Resource) []cdktest.Grant {
	return []cdktest.Grant{
		cdktest.Allow("ecs:RegisterContainerInstance", "ecs:DeregisterContainerInstance", "ecs:SubmitAttachmentStateChanges",
			"ecs:SubmitContainerStateChange", "ecs:SubmitTaskStateChange").On(cluster),
		cdktest.Allow("ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState").On("*").
			If(map[string]any{"ArnEquals": map[string]any{"ecs:cluster": cluster}}), // not of other clusters
		cdktest.Allow("ecs:DiscoverPollEndpoint", "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel",
			"ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel").On("*"),
	}
}

func TestEc2CapacityWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	newCapacity(stack, "Full", cluster, func(p *ecs.Ec2CapacityProps) {
		p.InstanceTypes, p.OperatingSystem, p.UserData = []string{"c7g.large", "c6g.large"}, platform.Bottlerocket,
			[]string{"[settings.ntp]", `time-servers = ["169.254.169.123"]`}
		p.MinSize, p.MaxSize, p.TargetCapacityPercent, p.Spot, p.ManagedTerminationProtection = 1, 9, 80, true, true
		p.MaxInstanceLifetime, p.Subnets, p.DiskSizeGiB = new(time.Duration(0)), network.Public, 100
	})
	newCapacity(stack, "Gpu", cluster, func(p *ecs.Ec2CapacityProps) { p.InstanceTypes, p.Spot = []string{"g5.xlarge", "g6.xlarge"}, true })
	tpl := cdktest.Synth(t, stack)

	template := launch(tpl, "Full")
	assert.Equal(t, "/aws/service/bottlerocket/aws-ecs-2/arm64/latest/image_id",
		tpl.Parameter(template.Get("LaunchTemplateData.ImageId"))["Default"])
	assert.Equal(t, "[settings.ecs]\ncluster = \"<AWS::ECS::Cluster>\"\nawsvpc-block-imds = true\nallow-privileged-containers = false\n"+
		`logging-drivers = ["awslogs","fluentd","gelf","journald","json-file","none","splunk","syslog"]`+"\n"+
		"enable-spot-instance-draining = true\n[settings.ntp]\ntime-servers = [\"169.254.169.123\"]\n", userData(template))
	volumes := cdktest.List(template.Get("LaunchTemplateData.BlockDeviceMappings"))
	assert.Len(t, volumes, 2)
	for _, volume := range volumes {
		assert.Equal(t, true, cdktest.Dig(volume, "Ebs.Encrypted"), cdktest.Dig(volume, "DeviceName"))
	}
	cdktest.HasAt(t, volumes[1], map[string]any{
		"DeviceName":     "/dev/xvdb",
		"Ebs.VolumeSize": 100.0,
	})
	nic := template.Get("LaunchTemplateData.NetworkInterfaces.0")
	assert.Equal(t, true, cdktest.Dig(nic, "AssociatePublicIpAddress"))
	assert.Same(t, tpl.At("AWS::EC2::SecurityGroup", "Full"), tpl.Follow(cdktest.Dig(nic, "Groups.0")))
	assert.Nil(t, template.Get("LaunchTemplateData.SecurityGroupIds"), "EC2 takes one or the other")

	asg := tpl.At("AWS::AutoScaling::AutoScalingGroup", "Full")
	cdktest.Has(t, asg, map[string]any{
		"MinSize":                          "1",
		"MaxSize":                          "9",
		"MaxInstanceLifetime":              nil,
		"NewInstancesProtectedFromScaleIn": true,
		"CapacityRebalance":                true, // Spot
		"MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity": 0.0,
	})
	assert.Equal(t, []any{"subnet-00000000000000001", "subnet-00000000000000002"}, asg.Get("VPCZoneIdentifier"))
	assert.Equal(t, "Refresh", cdktest.Dig(asg.UpdatePolicy, "AutoScalingInstanceRefresh.Preferences.ScaleInProtectedInstances"))
	provider := tpl.At("AWS::ECS::CapacityProvider", "Full")
	cdktest.Has(t, provider, map[string]any{
		"AutoScalingGroupProvider.ManagedTerminationProtection":  "ENABLED",
		"AutoScalingGroupProvider.ManagedScaling.TargetCapacity": 80.0,
	})

	assert.Equal(t, "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id",
		tpl.Parameter(launch(tpl, "Gpu").Get("LaunchTemplateData.ImageId"))["Default"])
	assert.Contains(t, userData(launch(tpl, "Gpu")), "\nECS_ENABLE_SPOT_INSTANCE_DRAINING=true\n")
	assert.Len(t, tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations").Get("CapacityProviders"), 4)
}

func TestEc2CapacityOfOnesOwn(t *testing.T) {
	stack := cdktest.Stack(t)
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::111122223333:role/agent"), nil)
	group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil)
	newCapacity(stack, "Capacity", newCluster(stack), func(p *ecs.Ec2CapacityProps) {
		p.Role, p.SecurityGroups, p.ImageId = role, []awsec2.ISecurityGroup{group}, "ami-0123456789abcdef0"
	})
	tpl := cdktest.Synth(t, stack)
	assert.Empty(t, tpl.All("AWS::IAM::Role"))
	assert.Empty(t, tpl.All("AWS::IAM::Policy"))
	assert.Empty(t, tpl.All("AWS::EC2::SecurityGroup"))
	assert.Equal(t, []any{"agent"}, tpl.Only("AWS::IAM::InstanceProfile").Get("Roles"))
	data := launch(tpl, "Capacity").Get("LaunchTemplateData")
	cdktest.HasAt(t, data, map[string]any{
		"ImageId":          "ami-0123456789abcdef0",
		"SecurityGroupIds": []any{"sg-0123456789abcdef0"},
	})
}

func TestCapacityOfAnotherStackIsRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	other := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), nil)
	want := "Other/Capacity: Cluster must be in the same stack, because otherwise the two stacks would depend on each other; got " +
		`"Test"; create the capacity in the cluster's stack`
	assert.Equal(t, []string{want}, cdktest.Refused(t, func() { newCapacity(other, "Capacity", cluster, nil) }))
	assert.Equal(t,
		[]string{want}, cdktest.Refused(t, func() { ecs.NewManagedInstances(other, "Capacity", &ecs.ManagedInstancesProps{Cluster: cluster}) }))
}

// A name that ECS keeps to itself would come from the stack's.
func TestProviderNamesInAStackCalledEcs(t *testing.T) {
	stack := awscdk.NewStack(cdktest.App(t), jsii.String("ecs-shop"), nil)
	newCapacity(stack, "Capacity", newCluster(stack), nil)
	assert.Regexp(t, "^cp-ecs-shop", cdktest.Synth(t, stack).Only("AWS::ECS::CapacityProvider").Get("Name"))
}

// What CloudFormation deletes before what: services, the association, capacity providers, instances, the cluster; and first of all,
// while they can still act, what there is under a role or over a route.
func TestInstancesAreDeletedInOrder(t *testing.T) {
	stack := cdktest.Stack(t)
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
	tpl := cdktest.Synth(t, stack)

	association := tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations")
	provider, instances := tpl.At("AWS::ECS::CapacityProvider", "/Capacity/"), tpl.Only("AWS::AutoScaling::AutoScalingGroup")
	itself := tpl.Only("AWS::ECS::Cluster")
	// No service uses a provider that the cluster no longer has; and a cluster with instances can't be deleted.
	for _, service := range tpl.All("AWS::ECS::Service") {
		cdktest.DeletedInOrder(t, service, association, provider, instances, itself)
	}
	cdktest.DeletedInOrder(t, instances, launch(tpl, "Capacity"))
	assert.True(t, instances.ComesAfter(tpl.At("AWS::IAM::Policy", "/Capacity/InstanceRole/")), "instances could not leave the cluster")
	other := tpl.At("AWS::ECS::CapacityProvider", "/Managed/")
	cdktest.DeletedInOrder(t, tpl.At("AWS::ECS::Service", "/OnManaged/"), other, itself)
	assert.True(t, other.ComesAfter(tpl.At("AWS::IAM::Policy", "/Managed/InfrastructureRole/")), "ECS could not end the instances")
	for _, subnet := range subnets(tpl, "Private") {
		assert.True(t, instances.ComesAfter(defaultRoute(t, tpl, subnet)))
		assert.True(t, other.ComesAfter(defaultRoute(t, tpl, subnet)))
	}
}

func TestManagedInstances(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	ecs.NewManagedInstances(stack, "Plain", &ecs.ManagedInstancesProps{Cluster: cluster})
	full := ecs.NewManagedInstances(stack, "Full", &ecs.ManagedInstancesProps{Cluster: cluster, InstanceTypes: []string{"m7g.*"}, Spot: true,
		Subnets: network.Public, DiskSizeGiB: 200, DetailedMonitoring: true})
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Compatibility: awsecs.Compatibility_FARGATE_AND_MANAGED_INSTANCES,
		CpuArchitecture: platform.Arm64, Containers: []ecs.Container{web()}})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task,
		Capacity: []ecs.CapacityProviderStrategy{{CapacityProvider: full.Provider(), Weight: 1}}})
	tpl := cdktest.Synth(t, stack)

	plain := tpl.At("AWS::ECS::CapacityProvider", "Plain")
	assert.Same(t, tpl.Only("AWS::ECS::Cluster"), plain.Ref("ClusterName"))
	assert.NotContains(t, tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations").Get("CapacityProviders"), map[string]any{"Ref": plain.Id})
	start := plain.Get("ManagedInstancesProvider.InstanceLaunchTemplate")
	cdktest.HasAt(t, start, map[string]any{
		"CapacityOptionType":              "ON_DEMAND",
		"Monitoring":                      "BASIC",
		"InstanceRequirements":            nil,
		"StorageConfiguration":            nil,
		"InstanceMetadataTagsPropagation": false, // of tags such as "team/owner", with which no instance would start
	})
	assert.Nil(t, tpl.Follow(cdktest.Dig(start, "NetworkConfiguration.SecurityGroups.0")).Get("SecurityGroupIngress"))

	// ECS may pass the role of these instances to EC2, and no other.
	role := plain.Ref("ManagedInstancesProvider.InfrastructureRoleArn")
	assert.Equal(t, []string{"ecs.amazonaws.com"}, cdktest.AssumedBy(t, role))
	agent := tpl.Follow(cdktest.List(tpl.Follow(cdktest.Dig(start, "Ec2InstanceProfileArn")).Get("Roles"))[0])
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("AmazonECSInfrastructureRolePolicyForManagedInstances"),
		cdktest.Allow("iam:PassRole").On(agent).If(map[string]any{"StringLike": map[string]any{"iam:PassedToService": "ec2.*"}}))
	own := tpl.Only("AWS::ECS::Cluster")
	cdktest.MayExactly(t, agent,
		cdktest.Allow("ecs:DiscoverPollEndpoint").On("*"),
		cdktest.Allow("ecs:Poll", "ecs:PutSystemLogEvents", "ecs:StartTelemetrySession").On("*").
			If(map[string]any{"ArnEquals": map[string]any{"ecs:cluster": own}}),
		cdktest.Allow("ecs:RegisterContainerInstance", "ecs:SubmitAttachmentStateChanges", "ecs:SubmitTaskStateChange").On(own),
	)

	start = tpl.At("AWS::ECS::CapacityProvider", "Full").Get("ManagedInstancesProvider.InstanceLaunchTemplate")
	cdktest.HasAt(t, start, map[string]any{
		"CapacityOptionType":                        "SPOT",
		"Monitoring":                                "DETAILED",
		"StorageConfiguration.StorageSizeGiB":       200.0,
		"InstanceRequirements.AllowedInstanceTypes": []any{"m7g.*"},
	})
	service := tpl.Only("AWS::ECS::Service")
	assert.Same(t, tpl.At("AWS::ECS::CapacityProvider", "Full"), service.Ref("CapacityProviderStrategy.0.CapacityProvider"))
	assert.Equal(t, []any{"FARGATE", "MANAGED_INSTANCES"}, service.Ref("TaskDefinition").Get("RequiresCompatibilities"))
	assert.Nil(t, service.Get("LaunchType"))
}

func TestManagedInstancesOfOnesOwn(t *testing.T) {
	stack := cdktest.Stack(t)
	role := func(id string) awsiam.IRole {
		return awsiam.Role_FromRoleArn(stack, &id, jsii.String("arn:aws:iam::111122223333:role/"+id), nil)
	}
	group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil)
	ecs.NewManagedInstances(stack, "Managed", &ecs.ManagedInstancesProps{Cluster: newCluster(stack),
		SecurityGroups:     []awsec2.ISecurityGroup{group},
		InfrastructureRole: role("infrastructure"), InstanceRole: role("agent")})
	tpl := cdktest.Synth(t, stack)
	assert.Empty(t, tpl.All("AWS::IAM::Role"))
	assert.Empty(t, tpl.All("AWS::EC2::SecurityGroup"))
	assert.Equal(t, "arn:aws:iam::111122223333:role/infrastructure",
		tpl.Only("AWS::ECS::CapacityProvider").Get("ManagedInstancesProvider.InfrastructureRoleArn"))
}

// On Spot, instances of one type end together; a pattern has several, and On-Demand is not interrupted.
func TestSpotCapacityOfOneType(t *testing.T) {
	for name, c := range map[string]struct {
		types []string
		spot  bool
		want  int // of EC2 capacity and of Managed Instances
	}{
		"one":       {[]string{"m7g.large"}, true, 2},
		"several":   {[]string{"m7g.large", "m6g.large"}, true, 0},
		"On-Demand": {[]string{"m7g.large"}, false, 0},
	} {
		stack := cdktest.Stack(t)
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack)})
		newCapacity(stack, "Ec2", cluster, func(p *ecs.Ec2CapacityProps) { p.InstanceTypes, p.Spot = c.types, c.spot })
		ecs.NewManagedInstances(stack, "Managed", &ecs.ManagedInstancesProps{Cluster: cluster, InstanceTypes: c.types, Spot: c.spot})
		ecs.NewManagedInstances(stack, "Any", &ecs.ManagedInstancesProps{Cluster: cluster, InstanceTypes: []string{"m7g.*"}, Spot: true})
		ecs.NewManagedInstances(stack, "All", &ecs.ManagedInstancesProps{Cluster: cluster, Spot: true})
		_, annotations := cdktest.SynthAnnotated(t, stack)
		assert.Equal(t, c.want, strings.Count(strings.Join(annotations, "\n"), "Spot Instances of one type"), "%s: %q", name, annotations)
	}
}

// The three network modes, each behind the load balancer by what it is reached at.
func TestNetworkModesOnEc2(t *testing.T) {
	stack := cdktest.Stack(t)
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
	tpl := cdktest.Synth(t, stack)

	balancer := tpl.At("AWS::EC2::SecurityGroup", "Alb")
	for mode, want := range map[string]struct {
		mode, target string
		from, to     float64
		groups       []string
	}{
		"AWS_VPC": {"awsvpc", "ip", 8080, 8080, []string{"AWS_VPC/SecurityGroup"}},
		"BRIDGE":  {"bridge", "instance", 32768, 65535, []string{"OnDemand/SecurityGroup", "Spot/SecurityGroup"}},
		"HOST":    {"host", "instance", 8080, 8080, []string{"OnDemand/SecurityGroup"}},
	} {
		service := tpl.At("AWS::ECS::Service", "Test/"+mode+"/")
		task := service.Ref("TaskDefinition")
		cdktest.Has(t, task, map[string]any{
			"NetworkMode":             want.mode,
			"RequiresCompatibilities": []any{"EC2"},
			"RuntimePlatform":         nil,
		}, mode)
		assert.Equal(t, want.target, service.Ref("LoadBalancers.0.TargetGroupArn").Get("TargetType"), mode)
		for _, group := range want.groups {
			found := false
			for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
				if rule.Ref("GroupId") == tpl.At("AWS::EC2::SecurityGroup",
					"Test/"+group) && rule.Get("FromPort") == want.from && rule.Get("ToPort") == want.to {
					assert.Same(t, balancer, rule.Ref("SourceSecurityGroupId"))
					found = true
				}
			}
			assert.True(t, found, "%s: the load balancer cannot reach %s", mode, group)
		}
		assert.Equal(t, mode == "AWS_VPC", service.Get("NetworkConfiguration") != nil, mode)
		assert.Nil(t, service.Get("LaunchType"), mode)
	}
	strategy := tpl.At("AWS::ECS::Service", "Test/BRIDGE/").Get("CapacityProviderStrategy")
	cdktest.HasAt(t, strategy, map[string]any{
		"0.Base":   1.0,
		"0.Weight": 1.0,
		"1.Weight": 3.0,
	})
	assert.Same(t, tpl.At("AWS::ECS::CapacityProvider", "Spot"), tpl.Follow(cdktest.Dig(strategy, "1.CapacityProvider")))
	assert.Equal(t, 0.0, tpl.At("AWS::ECS::Service",
		"Test/BRIDGE/").Ref("TaskDefinition").Get("ContainerDefinitions.0.PortMappings.0.HostPort"))

	host := tpl.At("AWS::ECS::Service", "Test/HOST/")
	assert.Equal(t, []any{map[string]any{"Type": "distinctInstance"},
		map[string]any{"Type": "memberOf", "Expression": "attribute:ecs.instance-type =~ m7i.*"}}, host.Get("PlacementConstraints"))
	assert.Equal(t, []any{map[string]any{"Type": "binpack", "Field": "MEMORY"}, map[string]any{"Type": "spread", "Field": "instanceId"},
		map[string]any{"Type": "binpack", "Field": "CPU"}, map[string]any{"Type": "random"}}, host.Get("PlacementStrategies"))
	assert.Equal(t, "DISABLED", host.Get("AvailabilityZoneRebalancing"), "ECS refuses it where zones do not come first")
	assert.Equal(t, "ENABLED", tpl.At("AWS::ECS::Service", "Test/BRIDGE/").Get("AvailabilityZoneRebalancing"))
}

func TestDaemon(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	newCapacity(stack, "Capacity", cluster, nil)
	agent := ecs.NewTask(stack, "Agent", &ecs.TaskProps{Compatibility: awsecs.Compatibility_EC2, NetworkMode: awsecs.NetworkMode_HOST,
		Volumes: []ecs.Volume{{Name: "logs", HostSourcePath: "/var/log"}},
		Containers: []ecs.Container{{Name: "agent", Image: registry.FromRegistry(publicImage), GpuCount: 0,
			MountPoints: []ecs.MountPoint{{SourceVolume: "logs", ContainerPath: "/host/log", ReadOnly: true}}}}})
	ecs.NewService(stack, "Daemon", &ecs.ServiceProps{Cluster: cluster, Task: agent, Daemon: true})
	service := cdktest.Synth(t, stack).Only("AWS::ECS::Service")
	cdktest.Has(t, service, map[string]any{
		"SchedulingStrategy":       "DAEMON",
		"LaunchType":               "EC2",
		"DesiredCount":             nil,
		"CapacityProviderStrategy": nil,
	})
	cdktest.Has(t, service, map[string]any{
		"DeploymentConfiguration.MaximumPercent":        100.0,
		"DeploymentConfiguration.MinimumHealthyPercent": 0.0,
	})
	// On Fargate it is set; on instances programs would look for it where they must not.
	assert.Equal(t,
		[]any{map[string]any{"Name": "AWS_REGION", "Value": map[string]any{"Ref": "AWS::Region"}}},
		service.Ref("TaskDefinition").Get("ContainerDefinitions.0.Environment"))
	assert.Equal(t,
		[]any{map[string]any{"Name": "logs", "Host": map[string]any{"SourcePath": "/var/log"}}}, service.Ref("TaskDefinition").Get("Volumes"))
}

// A cluster that somebody else made, with instances of its own: nothing is made for them.
func TestServiceOnInstancesOfAnotherCluster(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.ClusterFrom(stack, "Theirs", awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Cluster"), &awsecs.ClusterAttributes{
		ClusterName: jsii.String("theirs"), Vpc: importedVpc(stack)}))
	ecs.NewService(stack, "Type", &ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "Task", "")})
	ecs.NewService(stack, "Provider", &ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "Other", ""),
		Capacity: []ecs.CapacityProviderStrategy{{CapacityProvider: "theirs", Weight: 1}}})
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, "EC2", tpl.At("AWS::ECS::Service", "Type").Get("LaunchType"))
	assert.Equal(t,
		[]any{map[string]any{"CapacityProvider": "theirs", "Weight": 1.0}}, tpl.At("AWS::ECS::Service",
			"Provider").Get("CapacityProviderStrategy"))
	assert.Empty(t, tpl.All("AWS::ECS::ClusterCapacityProviderAssociations"))
	assert.Empty(t, tpl.All("AWS::AutoScaling::AutoScalingGroup"))
}

// The instances of an imported cluster, and of a CDK cluster, let in what their tasks in bridge mode let in.
func TestBridgeModeInAClusterOfTheCdk(t *testing.T) {
	for name, cluster := range map[string]func(stack awscdk.Stack, vpc awsec2.IVpc) awsecs.ICluster{
		"imported": func(stack awscdk.Stack, vpc awsec2.IVpc) awsecs.ICluster {
			group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Instances"), jsii.String("sg-0000000000000000a"), nil)
			return awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Cluster"), &awsecs.ClusterAttributes{
				ClusterName: jsii.String("theirs"), Vpc: vpc, SecurityGroups: &[]awsec2.ISecurityGroup{group}, HasEc2Capacity: jsii.Bool(true)})
		},
		"of the CDK": func(stack awscdk.Stack, vpc awsec2.IVpc) awsecs.ICluster {
			cluster := awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: vpc})
			group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Instances"), jsii.String("sg-0000000000000000a"), nil)
			instances := awsautoscaling.NewAutoScalingGroup(stack, jsii.String("Asg"), &awsautoscaling.AutoScalingGroupProps{
				Vpc: vpc, SecurityGroup: group, InstanceType: awsec2.NewInstanceType(jsii.String("m7i.large")),
				MachineImage: awsec2.MachineImage_GenericLinux(&map[string]*string{"eu-west-1": jsii.String("ami-0123456789abcdef0")}, nil)})
			cluster.AddAsgCapacityProvider(awsecs.NewAsgCapacityProvider(stack, jsii.String("Provider"), &awsecs.AsgCapacityProviderProps{
				AutoScalingGroup: instances}), nil)
			cluster.Connections().AddSecurityGroup(group) // the CDK does so for the deprecated AddCapacity only
			return cluster
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			vpc := importedVpc(stack)
			theirs := ecs.ClusterFrom(stack, "Theirs", cluster(stack, vpc))
			files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
			props := filesTask(&ecs.EfsVolume{FileSystem: files})
			props.Compatibility, props.NetworkMode = awsecs.Compatibility_EC2, awsecs.NetworkMode_BRIDGE
			task := ecs.NewTask(stack, "Task", props)
			alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc})
			database := awsec2.NewSecurityGroup(stack, jsii.String("Database"), &awsec2.SecurityGroupProps{Vpc: vpc})
			service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: theirs, Task: task,
				Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: alb}}}})
			database.Connections().AllowFrom(service, awsec2.Port_Tcp(jsii.Number(3306)), nil)
			run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: theirs, Task: task})
			database.Connections().AllowFrom(run, awsec2.Port_Tcp(jsii.Number(3307)), nil)
			in, _ := passages(cdktest.Synth(t, stack))
			assert.ElementsMatch(t, []string{"tcp 32768-65535 from Alb to sg-0000000000000000a", "tcp 2049-2049 from sg-0000000000000000a to Files",
				"tcp 3306-3306 from sg-0000000000000000a to Database", "tcp 3307-3307 from sg-0000000000000000a to Database"}, in)
		})
	}
}
