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
		"nothing given":  {func(p *RunProps) { *p = RunProps{} }, []string{"Cluster is missing; make it with ecs.NewCluster or ecs.ClusterOf", "Task is missing; make it with ecs.NewTask"}},
		"too many":       {func(p *RunProps) { p.TaskCount = 11 }, []string{"TaskCount 11 is out of range; use 1 to 10"}},
		"fewer than one": {func(p *RunProps) { p.TaskCount = -1 }, []string{"TaskCount -1 is out of range; use 1 to 10"}},
		"public address": {func(p *RunProps) { p.AssignPublicIp = true }, []string{
			"AssignPublicIp is true in private subnets, where a public address leads nowhere; leave it out or use \"public\""}},
		"no public address": {func(p *RunProps) { p.Subnets = "public" }, []string{
			`AssignPublicIp is false in public subnets, from where a task without a public address reaches nothing, not even its image; set it or use "private"`}},
		"no such subnets": {func(p *RunProps) { p.Subnets = "isolated" }, []string{
			`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"`}},
		"two kinds": {func(p *RunProps) { p.Capacity = []CapacityProviderStrategy{share(Fargate, 1), share("x86", 1)} }, []string{
			"Capacity[1].CapacityProvider is EC2, and Capacity[0] is Fargate; ECS takes one kind for a service"}},
		"no weight": {func(p *RunProps) { p.Capacity = []CapacityProviderStrategy{share(Fargate, 0)} }, []string{
			"Capacity has no weight above 0, so that no task could be placed; give at least one share a Weight"}},
		"too many shares": {func(p *RunProps) {
			p.Cluster = ClusterOf(anyCluster{})
			for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
				p.Capacity = append(p.Capacity, share(name, 1))
			}
			p.Task = ec2Task("", nil)
		}, []string{"Capacity has 7 shares; EventBridge takes 6"}},
		"placement on Fargate": {func(p *RunProps) { p.PlacementStrategies = []PlacementStrategy{{Type: "random"}} }, []string{
			`PlacementStrategies takes EC2 instances, and the tasks run on Fargate; leave it out, or give the task Compatibility "EC2"`}},
		"network of its own in bridge mode": {func(p *RunProps) {
			p.Task, p.Subnets = ec2Task(awsecs.NetworkMode_BRIDGE, nil), "private"
			p.Capacity = []CapacityProviderStrategy{share("x86", 1)}
		}, []string{`Subnets "private" say nothing in network mode "BRIDGE", where tasks are where their instances are; leave them out`}},
		"copies on one port": {func(p *RunProps) {
			p.Task, p.TaskCount = ec2Task(awsecs.NetworkMode_HOST, nil), 4
			p.Capacity, p.PlacementConstraints = []CapacityProviderStrategy{share("x86", 1)}, []PlacementConstraint{{Type: "distinctInstance"}}
		}, []string{"Capacity has at most 3 instances for 4 copies of the task, each of which takes port 8080 of one for itself; raise MaxCapacity"}},
		"nil group": {func(p *RunProps) { p.SecurityGroups = []awsec2.ISecurityGroup{nil} }, []string{"SecurityGroups[0] is nil; leave it out or give a security group"}},

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
			assertProblems(t, p.validate(), c.want...)
		})
	}
}
