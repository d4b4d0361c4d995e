package ecs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
)

func TestRunsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *RunProps)
		want   []string
	}{
		"nothing given": {func(p *RunProps) { *p = RunProps{} },
			[]string{"Cluster is required; use ecs.NewCluster or ecs.ClusterFrom", "Task is required; use ecs.NewTask or ecs.TaskFrom"}},
		"cluster of neither constructor": {func(p *RunProps) { p.Cluster = &Cluster{} },
			[]string{"Cluster is required; use ecs.NewCluster or ecs.ClusterFrom"}},
		"task of neither constructor": {func(p *RunProps) { p.Task = &Task{} }, []string{"Task is required; use ecs.NewTask or ecs.TaskFrom"}},
		"too many":                    {func(p *RunProps) { p.TaskCount = 11 }, []string{"TaskCount must be an integer from 1 to 10; got 11"}},
		"fewer than one":              {func(p *RunProps) { p.TaskCount = -1 }, []string{"TaskCount must be an integer from 1 to 10; got -1"}},
		"public address": {func(p *RunProps) { p.AssignPublicIp = true }, []string{
			`AssignPublicIp requires public subnets; got "private"; remove it, or set Subnets to network.Public`}},
		"no public address": {func(p *RunProps) { p.Subnets = "public" }, []string{
			"AssignPublicIp is required in public subnets, because without public addresses tasks can't reach the internet or pull their " +
				"images; set it, or set Subnets to " +
				"network.Private"}},
		"no such subnets": {func(p *RunProps) { p.Subnets = "isolated" }, []string{
			`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"two kinds": {func(p *RunProps) { p.Capacity = []CapacityProviderStrategy{share(Fargate, 1), share("x86", 1)} }, []string{
			`Capacity[1].CapacityProvider must be of the same kind as Capacity[0] (Fargate): all shares must use one kind; got "EC2"`}},
		"no weight": {func(p *RunProps) { p.Capacity = []CapacityProviderStrategy{share(Fargate, 0)} }, []string{
			"Capacity must have a Weight above 0, because otherwise no task can be placed; set Weight of at least one share"}},
		"too many shares": {func(p *RunProps) {
			p.Cluster = existingCluster(anyCluster{})
			for _, provider := range []CapacityProvider{"a", "b", "c", "d", "e", "f", "g"} {
				p.Capacity = append(p.Capacity, share(provider, 1))
			}
			p.Task = ec2Task("", nil)
		}, []string{"Capacity must have at most 6 elements; got 7"}},
		"placement on Fargate": {func(p *RunProps) { p.PlacementStrategies = []PlacementStrategy{{Type: "random"}} }, []string{
			`PlacementStrategies requires EC2 instances, but the tasks run on Fargate; remove it, or set the task's Compatibility to "EC2"`}},
		"network of its own in bridge mode": {func(p *RunProps) {
			p.Task, p.Subnets = ec2Task(awsecs.NetworkMode_BRIDGE, nil), "private"
			p.Capacity = []CapacityProviderStrategy{share("x86", 1)}
		}, []string{`Subnets must not be set in NetworkMode "BRIDGE", where tasks are in their instances' subnets; got "private"`}},
		"copies on one port": {func(p *RunProps) {
			p.Task, p.TaskCount = ec2Task(awsecs.NetworkMode_HOST, nil), 4
			p.Capacity, p.PlacementConstraints = []CapacityProviderStrategy{share("x86", 1)}, []PlacementConstraint{{Type: "distinctInstance"}}
		}, []string{"Capacity must have 4 instances, because each of 4 tasks needs port 8080 on its instance; got 3; raise MaxSize"}},
		"nil group": {func(p *RunProps) { p.SecurityGroups = []awsec2.ISecurityGroup{nil} },
			[]string{"SecurityGroups[0] must be a security group; got nil"}},

		"all well":    {func(*RunProps) {}, nil},
		"ten on Spot": {func(p *RunProps) { p.TaskCount, p.Capacity = 10, []CapacityProviderStrategy{share(FargateSpot, 1)} }, nil},
		"in public":   {func(p *RunProps) { p.Subnets, p.AssignPublicIp = "public", true }, nil},
		"as many as instances": {func(p *RunProps) { // a service would need one more for a deployment
			p.Task, p.TaskCount = ec2Task(awsecs.NetworkMode_HOST, nil), 3
			p.Capacity, p.PlacementConstraints = []CapacityProviderStrategy{share("x86", 1)}, []PlacementConstraint{{Type: "distinctInstance"}}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := RunProps{Cluster: ownCluster(), Task: taskOf(validTask())}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateInCluster()), c.want...)
		})
	}
}
