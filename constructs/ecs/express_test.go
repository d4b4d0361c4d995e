package ecs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
)

func TestExpressServicesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ExpressServiceProps)
		want   []string
	}{
		"no image": {func(p *ExpressServiceProps) { p.Image = registry.Image{} },
			[]string{"Image is empty; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"}},
		"a port": {func(p *ExpressServiceProps) { p.Port = 65536 }, []string{"Port 65536 is not a port; use 1 to 65535"}},
		"no such CPU": {func(p *ExpressServiceProps) { p.Cpu = 300 },
			[]string{"Cpu 300 is not a Fargate size; use 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768"}},
		"a pair not offered": {func(p *ExpressServiceProps) { p.Cpu, p.MemoryMiB = 256, 4096 },
			[]string{"MemoryMiB 4096 does not go with Cpu 256 on Fargate; use 512, 1024 or 2048"}},
		"a secret that is also a variable": {func(p *ExpressServiceProps) {
			p.Environment, p.Secrets = map[string]string{"KEY": "x"}, map[string]awsecs.Secret{"KEY": anySecret{}}
		}, []string{`Environment "KEY" is also one of the Secrets; give the variable one value, the secret if it is one`}},
		"no secret": {func(p *ExpressServiceProps) { p.Secrets = map[string]awsecs.Secret{"KEY": nil} },
			[]string{`Secrets "KEY" is nil; use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter`}},
		"names of variables": {func(p *ExpressServiceProps) { p.Environment = map[string]string{"A=B": "x"} },
			[]string{`Environment "A=B" is no name of a variable; use one or more characters, none of them =`}},
		"a path": {func(p *ExpressServiceProps) { p.HealthCheckPath = "health" },
			[]string{`HealthCheckPath "health" is no path; begin it with / and use up to 1024 characters, none of them blank`}},
		"a path with a port, as CloudFormation's own default has it": {func(p *ExpressServiceProps) { p.HealthCheckPath = "HTTP:80/ping" },
			[]string{`HealthCheckPath "HTTP:80/ping" is no path; begin it with / and use up to 1024 characters, none of them blank`}},
		"min above max": {func(p *ExpressServiceProps) { p.MinSize, p.MaxSize = 3, 2 },
			[]string{"MinSize 3 is more than MaxSize 2; lower it or raise MaxSize"}},
		"sizes": {func(p *ExpressServiceProps) { p.MinSize, p.MaxSize = -1, 5001 },
			[]string{"MinSize -1 is out of range; use 1 to 5000", "MaxSize 5001 is out of range; use 1 to 5000"}},
		"a metric": {func(p *ExpressServiceProps) { p.ScalingMetric = "CPU" },
			[]string{`ScalingMetric "CPU" is unknown; use AVERAGE_CPU, AVERAGE_MEMORY or REQUEST_COUNT_PER_TARGET`}},
		"percent": {func(p *ExpressServiceProps) { p.ScalingTargetValue = 101 },
			[]string{"ScalingTargetValue 101 is out of range; use 1 to 100 percent"}},
		"percent of memory": {func(p *ExpressServiceProps) { p.ScalingMetric, p.ScalingTargetValue = AverageMemory, -1 },
			[]string{"ScalingTargetValue -1 is out of range; use 1 to 100 percent"}},
		"how many requests": {func(p *ExpressServiceProps) { p.ScalingMetric = RequestCountPerTarget },
			[]string{"ScalingTargetValue is missing; say how many requests a task is to get, 1 to 65536"}},
		"too many requests": {func(p *ExpressServiceProps) { p.ScalingMetric, p.ScalingTargetValue = RequestCountPerTarget, 65537 },
			[]string{"ScalingTargetValue 65537 is out of range; use 1 to 65536 requests"}},
		"an empty cluster": {func(p *ExpressServiceProps) { p.Cluster = &Cluster{} },
			[]string{"Cluster is empty; make it with ecs.NewCluster or ecs.ClusterOf, or leave it out for the account's default cluster"}},
		"no such subnets": {func(p *ExpressServiceProps) { p.Subnets = network.Isolated },
			[]string{`Subnets "isolated" asks for subnets that the VPC does not have; it has 2 public, 2 private and 0 isolated ones`}},
		"unknown subnets": {func(p *ExpressServiceProps) { p.Subnets = "dmz" },
			[]string{`Subnets "dmz" is unknown; use "public", "private" or "isolated"`}},
		"one zone": {func(p *ExpressServiceProps) { p.Vpc = oneZoneVpc{} },
			[]string{`Subnets "public" are in 1 zone, and a load balancer stands in two at least; use a VPC with subnets in more zones, all of which the service then gets`}},
		"a network without a VPC": {func(p *ExpressServiceProps) {
			p.Vpc, p.Subnets, p.SecurityGroups = nil, network.Private, []awsec2.ISecurityGroup{struct{ awsec2.ISecurityGroup }{}}
		}, []string{
			`Subnets "private" are of no VPC; give Vpc, or leave them out for the public subnets of the account's default VPC`,
			"SecurityGroups are of no VPC; give Vpc, in which they are",
		}},
		"no group": {func(p *ExpressServiceProps) { p.SecurityGroups = []awsec2.ISecurityGroup{nil} },
			[]string{"SecurityGroups[0] is nil; leave it out or give a security group"}},
		"a name": {func(p *ExpressServiceProps) { p.ServiceName = "my service" },
			[]string{`ServiceName "my service" is no name for ECS; use 1 to 255 letters, digits, hyphens and underscores`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ExpressServiceProps{Image: registry.FromRegistry("nginx:stable"), Vpc: anyVpc{}}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestExpressServicesThatAreTaken(t *testing.T) {
	for name, change := range map[string]func(*ExpressServiceProps){
		"the default VPC":                func(p *ExpressServiceProps) { p.Vpc = nil },
		"a path with a query":            func(p *ExpressServiceProps) { p.HealthCheckPath = "/up?full=no" },
		"a path known later":             func(p *ExpressServiceProps) { p.HealthCheckPath = "${Token[TOKEN.1]}" },
		"the largest":                    func(p *ExpressServiceProps) { p.Cpu, p.MemoryMiB, p.MinSize = 32768, 249856, 5000 },
		"more than the default at least": func(p *ExpressServiceProps) { p.MinSize = 21 },
		"requests":                       func(p *ExpressServiceProps) { p.ScalingMetric, p.ScalingTargetValue = RequestCountPerTarget, 65536 },
		"a cluster by its ARN, in the default VPC": func(p *ExpressServiceProps) {
			p.Vpc, p.Cluster = nil, ClusterOf(arnCluster{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := ExpressServiceProps{Image: registry.FromRegistry("nginx:stable"), Vpc: anyVpc{}}
			change(&p)
			p.setDefaults()
			require.NoError(t, p.validate())
		})
	}
}

func TestExpressServiceTakesTheVpcOfItsCluster(t *testing.T) {
	p := ExpressServiceProps{Cluster: ClusterOf(anyCluster{})}
	p.setDefaults()
	assert.Equal(t, anyVpc{}, p.Vpc)
	assert.Equal(t, network.Public, p.Subnets)
}
