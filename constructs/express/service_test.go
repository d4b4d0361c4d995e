package express

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/internal/fake"
)

// Props are judged without Node, the zero value too.
func TestValidateWorksWithoutNode(t *testing.T) {
	t.Setenv("PATH", "")
	require.Error(t, (&ServiceProps{}).Validate())
	p := ServiceProps{Image: registry.FromRegistry("nginx:stable"), Subnets: network.Private}
	require.NoError(t, p.Validate())
	assert.Empty(t, p.Port, "Validate changed the props")
}

func TestServicesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ServiceProps)
		want   []string
	}{
		"no image": {func(p *ServiceProps) { p.Image = registry.Image{} },
			[]string{"Image is required; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"}},
		"a port": {func(p *ServiceProps) { p.Port = 65536 }, []string{"Port must be an integer from 1 to 65535; got 65536"}},
		"no such CPU": {func(p *ServiceProps) { p.Cpu = 300 },
			[]string{"Cpu must be a Fargate size: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768; got 300"}},
		"a pair not offered": {func(p *ServiceProps) { p.Cpu, p.MemoryLimitMiB = 256, 4096 },
			[]string{"MemoryLimitMiB must be 512, 1024 or 2048 with Cpu 256 on Fargate; got 4096; set Cpu to 512"}},
		"a secret that is also a variable": {func(p *ServiceProps) {
			p.Environment, p.Secrets = map[string]string{"KEY": "x"}, map[string]awsecs.Secret{"KEY": fake.Secret{}}
		}, []string{`Environment must not have a variable that Secrets has too; got "KEY"; keep it in only one of them: in Secrets if it is ` +
			`a secret`}},
		"a secret by name": {func(p *ServiceProps) { p.SecretArns = map[string]string{"KEY": "arn:aws:s3:::bucket"} },
			[]string{`SecretArns["KEY"] must be the complete ARN of a Secrets Manager secret such as ` +
				`"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3", followed by ":" and a key of its JSON for that key's value, or ` +
				`the ARN of an SSM parameter; got "arn:aws:s3:::bucket"`}},
		"no secret": {func(p *ServiceProps) { p.Secrets = map[string]awsecs.Secret{"KEY": nil} },
			[]string{`Secrets must have secrets of awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter; got nil for "KEY"`}},
		"names of variables": {func(p *ServiceProps) { p.Environment = map[string]string{"A=B": "x"} },
			[]string{`Environment must have names of one or more characters without =; got "A=B"`}},
		"a path": {func(p *ServiceProps) { p.HealthCheckPath = "health" },
			[]string{`HealthCheckPath must begin with / and have at most 1024 characters without spaces; got "health"`}},
		"a path with a port, as CloudFormation's own default has it": {func(p *ServiceProps) { p.HealthCheckPath = "HTTP:80/ping" },
			[]string{`HealthCheckPath must begin with / and have at most 1024 characters without spaces; got "HTTP:80/ping"`}},
		"min above max": {func(p *ServiceProps) { p.MinSize, p.MaxSize = 3, 2 },
			[]string{"MinSize must not be greater than MaxSize (2); got 3"}},
		"sizes": {func(p *ServiceProps) { p.MinSize, p.MaxSize = -1, 5001 },
			[]string{"MinSize must be an integer from 1 to 5000; got -1", "MaxSize must be an integer from 1 to 5000; got 5001"}},
		"a metric": {func(p *ServiceProps) { p.ScalingMetric = "CPU" },
			[]string{`ScalingMetric must be "AVERAGE_CPU", "AVERAGE_MEMORY" or "REQUEST_COUNT_PER_TARGET"; got "CPU"`}},
		"percent": {func(p *ServiceProps) { p.ScalingTargetValue = 101 },
			[]string{"ScalingTargetValue must be an integer from 1 to 100; got 101"}},
		"percent of memory": {func(p *ServiceProps) { p.ScalingMetric, p.ScalingTargetValue = AverageMemory, -1 },
			[]string{"ScalingTargetValue must be an integer from 1 to 100; got -1"}},
		"how many requests": {func(p *ServiceProps) { p.ScalingMetric = RequestCountPerTarget },
			[]string{"ScalingTargetValue is required with ScalingMetric REQUEST_COUNT_PER_TARGET: the requests for each task, 1 to 65536"}},
		"too many requests": {func(p *ServiceProps) {
			p.ScalingMetric, p.ScalingTargetValue = RequestCountPerTarget, 65537
		},
			[]string{"ScalingTargetValue must be an integer from 1 to 65536; got 65537"}},
		"no such subnets": {func(p *ServiceProps) { p.Subnets = network.Isolated },
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"unknown subnets": {func(p *ServiceProps) { p.Subnets = "dmz" },
			[]string{`Subnets must be "public", "private" or "isolated"; got "dmz"`}},
		"one zone": {func(p *ServiceProps) { p.Vpc = fake.Vpc{Public: "aa"} },
			[]string{"Subnets must be in at least two Availability Zones, as a load balancer requires; got 1"}},
		"a network without a VPC": {func(p *ServiceProps) {
			p.Vpc, p.Subnets, p.SecurityGroups = nil, network.Private, []awsec2.ISecurityGroup{fake.SecurityGroup{}}
		}, []string{
			`Subnets requires Vpc; got "private"; remove it for the public subnets of the account's default VPC`,
			"SecurityGroups requires Vpc",
		}},
		"no group": {func(p *ServiceProps) { p.SecurityGroups = []awsec2.ISecurityGroup{nil} },
			[]string{"SecurityGroups[0] must be a security group; got nil"}},
		"a name": {func(p *ServiceProps) { p.ServiceName = "my service" },
			[]string{`ServiceName must be 1 to 255 letters, digits, hyphens and underscores; got "my service"`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ServiceProps{Image: registry.FromRegistry("nginx:stable"), Vpc: fake.TwoZones()}
			c.change(&p)
			p.setDefaults()
			p.setVpc()
			var bad invalid.Problems
			bad.Nest("", p.validate())
			bad.Nest("", p.validateInVpc())
			assertProblems(t, bad.Err(), c.want...)
		})
	}
}

func TestServicesThatAreTaken(t *testing.T) {
	for name, change := range map[string]func(*ServiceProps){
		"the default VPC":                func(p *ServiceProps) { p.Vpc = nil },
		"a path with a query":            func(p *ServiceProps) { p.HealthCheckPath = "/up?full=no" },
		"a path known later":             func(p *ServiceProps) { p.HealthCheckPath = "${Token[TOKEN.1]}" },
		"the largest":                    func(p *ServiceProps) { p.Cpu, p.MemoryLimitMiB, p.MinSize = 32768, 249856, 5000 },
		"more than the default at least": func(p *ServiceProps) { p.MinSize = 21 },
		"requests": func(p *ServiceProps) {
			p.ScalingMetric, p.ScalingTargetValue = RequestCountPerTarget, 65536
		},
		"a cluster by its ARN, in the default VPC": func(p *ServiceProps) {
			p.Vpc, p.Cluster = nil, &ecs.Cluster{Construct: fake.Construct{}, Cluster: arnCluster{}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := ServiceProps{Image: registry.FromRegistry("nginx:stable"), Vpc: fake.TwoZones()}
			change(&p)
			p.setDefaults()
			p.setVpc()
			require.NoError(t, p.validate())
			require.NoError(t, p.validateInVpc())
		})
	}
}

func TestServiceTakesTheVpcOfItsCluster(t *testing.T) {
	p := ServiceProps{Cluster: &ecs.Cluster{Construct: fake.Construct{}, Cluster: anyCluster{}}}
	p.setVpc()
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

// An image of a private registry is accepted with its credentials, which are judged.
func TestImagesWithCredentials(t *testing.T) {
	image := registry.FromRegistry("ghcr.io/acme/private:1.0")
	p := ServiceProps{Image: image.WithCredentialsArn("arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3")}
	require.NoError(t, p.Validate())
	p.Image = image.WithCredentialsArn("")
	require.EqualError(t, p.Validate(), "Image.Credentials must be a secret of Secrets Manager; got none")
}

func TestAlarmsAreRefused(t *testing.T) {
	require.EqualError(t, (&AlarmsProps{CpuUtilizationPercent: 101}).Validate(),
		"Service is required; use express.NewService\nCpuUtilizationPercent must be an integer from 1 to 100; got 101")
}
