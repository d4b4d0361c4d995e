package express

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/internal/fake"
)

func TestServicesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ServiceProps)
		want   []string
	}{
		"no image": {func(p *ServiceProps) { p.Image = registry.Image{} },
			[]string{"Image is empty; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"}},
		"a port": {func(p *ServiceProps) { p.Port = 65536 }, []string{"Port 65536 is not a port; use 1 to 65535"}},
		"no such CPU": {func(p *ServiceProps) { p.Cpu = 300 },
			[]string{"Cpu 300 is not a Fargate size; use 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768"}},
		"a pair not offered": {func(p *ServiceProps) { p.Cpu, p.MemoryMiB = 256, 4096 },
			[]string{"MemoryMiB 4096 does not go with Cpu 256 on Fargate; use 512, 1024 or 2048"}},
		"a secret that is also a variable": {func(p *ServiceProps) {
			p.Environment, p.Secrets = map[string]string{"KEY": "x"}, map[string]awsecs.Secret{"KEY": fake.Secret{}}
		}, []string{`Environment "KEY" is also one of the Secrets; give the variable one value, the secret if it is one`}},
		"no secret": {func(p *ServiceProps) { p.Secrets = map[string]awsecs.Secret{"KEY": nil} },
			[]string{`Secrets "KEY" is nil; use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter`}},
		"names of variables": {func(p *ServiceProps) { p.Environment = map[string]string{"A=B": "x"} },
			[]string{`Environment "A=B" is no name of a variable; use one or more characters, none of them =`}},
		"a path": {func(p *ServiceProps) { p.HealthCheckPath = "health" },
			[]string{`HealthCheckPath "health" is no path; begin it with / and use up to 1024 characters, none of them blank`}},
		"a path with a port, as CloudFormation's own default has it": {func(p *ServiceProps) { p.HealthCheckPath = "HTTP:80/ping" },
			[]string{`HealthCheckPath "HTTP:80/ping" is no path; begin it with / and use up to 1024 characters, none of them blank`}},
		"min above max": {func(p *ServiceProps) { p.MinSize, p.MaxSize = 3, 2 },
			[]string{"MinSize 3 is more than MaxSize 2; lower it or raise MaxSize"}},
		"sizes": {func(p *ServiceProps) { p.MinSize, p.MaxSize = -1, 5001 },
			[]string{"MinSize -1 is out of range; use 1 to 5000", "MaxSize 5001 is out of range; use 1 to 5000"}},
		"a metric": {func(p *ServiceProps) { p.ScalingMetric = "CPU" },
			[]string{`ScalingMetric "CPU" is unknown; use AVERAGE_CPU, AVERAGE_MEMORY or REQUEST_COUNT_PER_TARGET`}},
		"percent": {func(p *ServiceProps) { p.ScalingTargetValue = 101 },
			[]string{"ScalingTargetValue 101 is out of range; use 1 to 100 percent"}},
		"percent of memory": {func(p *ServiceProps) { p.ScalingMetric, p.ScalingTargetValue = AverageMemory, -1 },
			[]string{"ScalingTargetValue -1 is out of range; use 1 to 100 percent"}},
		"how many requests": {func(p *ServiceProps) { p.ScalingMetric = RequestCountPerTarget },
			[]string{"ScalingTargetValue is missing; say how many requests a task is to get, 1 to 65536"}},
		"too many requests": {func(p *ServiceProps) {
			p.ScalingMetric, p.ScalingTargetValue = RequestCountPerTarget, 65537
		},
			[]string{"ScalingTargetValue 65537 is out of range; use 1 to 65536 requests"}},
		"an empty cluster": {func(p *ServiceProps) { p.Cluster = &ecs.Cluster{} },
			[]string{"Cluster is empty; make it with ecs.NewCluster or ecs.ClusterOf, or leave it out for the account's default cluster"}},
		"no such subnets": {func(p *ServiceProps) { p.Subnets = network.Isolated },
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"`}},
		"unknown subnets": {func(p *ServiceProps) { p.Subnets = "dmz" },
			[]string{`Subnets must be "public", "private" or "isolated"; got "dmz"`}},
		"one zone": {func(p *ServiceProps) { p.Vpc = fake.Vpc{Public: "aa"} },
			[]string{`Subnets "public" are in 1 zone, and a load balancer stands in two at least; use a VPC with subnets in more zones, all of which the service then gets`}},
		"a network without a VPC": {func(p *ServiceProps) {
			p.Vpc, p.Subnets, p.SecurityGroups = nil, network.Private, []awsec2.ISecurityGroup{fake.SecurityGroup{}}
		}, []string{
			`Subnets "private" are of no VPC; give Vpc, or leave them out for the public subnets of the account's default VPC`,
			"SecurityGroups are of no VPC; give Vpc, in which they are",
		}},
		"no group": {func(p *ServiceProps) { p.SecurityGroups = []awsec2.ISecurityGroup{nil} },
			[]string{"SecurityGroups[0] is nil; leave it out or give a security group"}},
		"a name": {func(p *ServiceProps) { p.ServiceName = "my service" },
			[]string{`ServiceName "my service" is no name for ECS; use 1 to 255 letters, digits, hyphens and underscores`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ServiceProps{Image: registry.FromRegistry("nginx:stable"), Vpc: fake.TwoZones()}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestServicesThatAreTaken(t *testing.T) {
	for name, change := range map[string]func(*ServiceProps){
		"the default VPC":                func(p *ServiceProps) { p.Vpc = nil },
		"a path with a query":            func(p *ServiceProps) { p.HealthCheckPath = "/up?full=no" },
		"a path known later":             func(p *ServiceProps) { p.HealthCheckPath = "${Token[TOKEN.1]}" },
		"the largest":                    func(p *ServiceProps) { p.Cpu, p.MemoryMiB, p.MinSize = 32768, 249856, 5000 },
		"more than the default at least": func(p *ServiceProps) { p.MinSize = 21 },
		"requests": func(p *ServiceProps) {
			p.ScalingMetric, p.ScalingTargetValue = RequestCountPerTarget, 65536
		},
		"a cluster by its ARN, in the default VPC": func(p *ServiceProps) {
			p.Vpc, p.Cluster = nil, ecs.ClusterOf(arnCluster{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := ServiceProps{Image: registry.FromRegistry("nginx:stable"), Vpc: fake.TwoZones()}
			change(&p)
			p.setDefaults()
			require.NoError(t, p.validate())
		})
	}
}

func TestServiceTakesTheVpcOfItsCluster(t *testing.T) {
	p := ServiceProps{Cluster: ecs.ClusterOf(anyCluster{})}
	p.setDefaults()
	assert.Equal(t, fake.TwoZones(), p.Vpc)
	assert.Equal(t, network.Public, p.Subnets)
}

type anyCluster struct{ awsecs.ICluster }

func (anyCluster) Vpc() awsec2.IVpc { return fake.TwoZones() }

// arnCluster was imported by its ARN, without a VPC.
type arnCluster struct{ awsecs.ICluster }

func (arnCluster) Vpc() awsec2.IVpc {
	panic("vpc is not available for a Cluster imported using fromClusterArn()")
}

// assertProblems compares the problems of a refusal.
func assertProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	var got []string
	if err != nil {
		got = strings.Split(err.Error(), "\n")
	}
	assert.Equal(t, want, got)
}
