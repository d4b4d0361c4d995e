package apprunner

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/registry"
)

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	anyVpc struct {
		awsec2.IVpc
		private int
	}
	anySubnet     struct{ awsec2.ISubnet }
	anyRepository struct {
		awsecr.IRepository
		account string
	}
	anyGroup    struct{ awsec2.ISecurityGroup }
	anyRole     struct{ awsiam.IRole }
	anySecret   struct{ awsecs.Secret }
	anyTopic    struct{ awssns.ITopic }
	anyEndpoint struct {
		awsec2.IInterfaceVpcEndpoint
	}
)

func (r anyRepository) Env() *interfaces.ResourceEnvironment {
	return &interfaces.ResourceEnvironment{Account: &r.account, Region: &r.account}
}

func (v anyVpc) PublicSubnets() *[]awsec2.ISubnet   { return &[]awsec2.ISubnet{anySubnet{}} }
func (v anyVpc) IsolatedSubnets() *[]awsec2.ISubnet { return &[]awsec2.ISubnet{} }
func (v anyVpc) PrivateSubnets() *[]awsec2.ISubnet {
	subnets := make([]awsec2.ISubnet, v.private)
	return &subnets
}

func assertProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	if len(want) == 0 {
		require.NoError(t, err)
		return
	}
	var e *invalid.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, want, strings.Split(e.Error(), "\n"))
}

const (
	account, region = "111122223333", "eu-west-1"
	public          = "public.ecr.aws/aws-containers/hello-app-runner:latest"
	private         = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:prod"
	connection      = "arn:aws:apprunner:eu-west-1:111122223333:connection/github/0123456789abcdef0123456789abcdef"
	unknown         = "${Token[AWS.AccountId.4]}"
)

func image(reference string) func(p *ServiceProps) {
	return func(p *ServiceProps) { p.Image = registry.FromRegistry(reference) }
}

// code is a service from source, configured here, and changed.
func code(change func(p *ServiceProps)) func(p *ServiceProps) {
	return func(p *ServiceProps) {
		*p = ServiceProps{Source: &Source{RepositoryUrl: "https://github.com/example/shop", ConnectionArn: connection, Runtime: NodeJs22}, StartCommand: "node server.js"}
		change(p)
	}
}

func TestServicesAreRefused(t *testing.T) {
	const beside = " stands beside a Source without Runtime, whose apprunner.yaml alone says this; give Source.Runtime, or write it there"
	for name, c := range map[string]struct {
		change func(p *ServiceProps)
		want   []string
	}{
		"neither image nor source": {func(p *ServiceProps) { *p = ServiceProps{} }, []string{
			"Image is missing, and so is Source; give one of them: registry.FromRegistry, registry.FromEcrRepository, registry.FromAsset or &apprunner.Source{}"}},
		"both": {code(image(public)), []string{"Source stands beside Image; give one of them"}},
		"name": {func(p *ServiceProps) { p.ServiceName = "web" }, []string{
			`ServiceName "web" is no name for App Runner; use 4 to 40 letters, digits, hyphens and underscores, a letter or digit first`}},

		// Images.
		"no reference": {image("Web:1"), []string{
			`Image must be an image reference such as "public.ecr.aws/nginx/nginx:stable" (invalid reference format: repository name (library/Web) must be lowercase); got "Web:1"`}},
		"another registry": {image("nginx:stable"), []string{
			`Image "nginx:stable" is in no registry that App Runner pulls from; use one of public.ecr.aws, of private ECR, or registry.FromAsset`}},
		"host for FIPS": {image("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/web:1"), []string{
			`Image "111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/web:1" has a host of ECR that App Runner does not know; use that of the form "111122223333.dkr.ecr.eu-west-1.amazonaws.com"`}},
		"role for a public image": {func(p *ServiceProps) { p.AccessRole = anyRole{} }, []string{"AccessRole pulls from private ECR, and the image is public; leave it out"}},
		"automatic, public": {func(p *ServiceProps) { p.AutoDeployments = true }, []string{
			"AutoDeployments cannot be had for an image of public ECR, which App Runner does not watch; leave it out, or copy the image to private ECR"}},
		"automatic, by digest": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@sha256:"+strings.Repeat("a", 64))
		}, []string{"AutoDeployments waits for a tag that moves, and the image is always the same one; leave it out, or give an image by tag"}},
		"automatic, another account": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromRegistry("444455556666.dkr.ecr.eu-west-1.amazonaws.com/web:1")
		}, []string{"AutoDeployments cannot be had for an image of another account, 444455556666, which App Runner does not watch; leave it out"}},

		"automatic, repository of another account": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromEcrRepository(anyRepository{account: "444455556666"}, "prod")
		}, []string{"AutoDeployments cannot be had for an image of another account, 444455556666, which App Runner does not watch; leave it out"}},
		"automatic, built": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromAsset("../../test/testdata/web", nil)
		}, []string{
			"AutoDeployments waits for a tag that moves, and the image is always the same one; leave it out, or give an image by tag"}},

		// Source.
		"empty source": {func(p *ServiceProps) { *p = ServiceProps{Source: &Source{}} }, []string{
			`Source.RepositoryUrl is empty; write it as "https://github.com/owner/repository"`,
			"Source.ConnectionArn is empty; make a connection in the console of App Runner, complete its handshake and give its ARN"}},
		"GitLab": {code(func(p *ServiceProps) { p.Source.RepositoryUrl = "https://gitlab.com/example/shop" }), []string{
			`Source.RepositoryUrl "https://gitlab.com/example/shop" is no repository of GitHub or Bitbucket; write it as "https://github.com/owner/repository"`}},
		"clone address": {code(func(p *ServiceProps) { p.Source.RepositoryUrl = "https://github.com/example/shop.git" }), []string{
			`Source.RepositoryUrl "https://github.com/example/shop.git" is no repository of GitHub or Bitbucket; write it as "https://github.com/owner/repository"`}},
		"connection of another service": {code(func(p *ServiceProps) {
			p.Source.ConnectionArn = "arn:aws:codeconnections:eu-west-1:111122223333:connection/01234567-89ab-cdef-0123-456789abcdef"
		}), []string{`Source.ConnectionArn "arn:aws:codeconnections:eu-west-1:111122223333:connection/01234567-89ab-cdef-0123-456789abcdef" is of codeconnections, and App Runner takes connections of its own alone; make one in the console of App Runner`}},
		"no connection": {code(func(p *ServiceProps) {
			p.Source.ConnectionArn = "arn:aws:apprunner:eu-west-1:111122223333:service/web/1"
		}), []string{
			`Source.ConnectionArn "arn:aws:apprunner:eu-west-1:111122223333:service/web/1" is not the ARN of a connection; write it as "arn:aws:apprunner:eu-west-1:111122223333:connection/github/0123456789abcdef0123456789abcdef"`}},
		"connection of another Region": {code(func(p *ServiceProps) {
			p.Source.ConnectionArn = "arn:aws:apprunner:us-east-1:111122223333:connection/github"
		}), []string{
			`Source.ConnectionArn "arn:aws:apprunner:us-east-1:111122223333:connection/github" is of account 111122223333 in us-east-1, and the service of 111122223333 in eu-west-1; use a connection of the service's own`}},
		"relative directory": {code(func(p *ServiceProps) { p.Source.SourceDirectory = "./web" }), []string{`Source.SourceDirectory "./web" does not begin with /; write "/web"`}},
		"no such runtime": {code(func(p *ServiceProps) { p.Source.Runtime = "nodejs22" }), []string{
			`Source.Runtime "nodejs22" is no runtime of App Runner; use "NODEJS_22", "PYTHON_311", "CORRETTO_11" or "CORRETTO_8"`}},
		"retired runtime": {code(func(p *ServiceProps) { p.Source.Runtime = "NODEJS_18" }), []string{
			`Source.Runtime "NODEJS_18" is retired since 1 December 2025; use "NODEJS_22"`}},
		"retired language": {code(func(p *ServiceProps) { p.Source.Runtime = "GO_1" }), []string{
			`Source.Runtime "GO_1" is retired since 1 December 2025, with no successor; build an image and give it as Image`}},
		"nothing to start": {code(func(p *ServiceProps) { p.StartCommand = "" }), []string{
			`StartCommand is empty, and a Runtime starts nothing by itself; write what starts the program, such as "node server.js"`}},
		"role for source": {code(func(p *ServiceProps) { p.AccessRole = anyRole{} }), []string{"AccessRole pulls images, and there is a Source; leave it out"}},
		"configured twice": {code(func(p *ServiceProps) {
			p.Source.Runtime, p.Source.BuildCommand, p.Port = "", "npm ci", 3000
			p.Environment, p.Secrets = map[string]string{"A": "1"}, map[string]awsecs.Secret{"B": anySecret{}}
		}), []string{
			`Source.BuildCommand "npm ci" stands without a Runtime, and then the repository's apprunner.yaml says how to build; give Runtime too, or write it there`,
			"StartCommand" + beside, "Port" + beside, "Environment" + beside, "Secrets" + beside}},

		// Instances.
		"port":          {func(p *ServiceProps) { p.Port = 70000 }, []string{"Port 70000 is not a port; use 1 to 65535"}},
		"negative port": {func(p *ServiceProps) { p.Port = -1 }, []string{"Port -1 is not a port; use 1 to 65535"}},
		"CPU":           {func(p *ServiceProps) { p.Cpu = 300 }, []string{"Cpu 300 is no size of App Runner; use 256, 512, 1024, 2048 or 4096"}},
		"memory":        {func(p *ServiceProps) { p.Cpu, p.MemoryMiB = 512, 2048 }, []string{"MemoryMiB 2048 cannot be had with Cpu 512; use 1024"}},
		"memory beside the default": {func(p *ServiceProps) { p.MemoryMiB = 1024 }, []string{
			"MemoryMiB 1024 cannot be had with Cpu 1024; use 2048, 3072 or 4096"}},
		"reserved names": {func(p *ServiceProps) {
			p.Environment, p.Secrets = map[string]string{"AWSAPPRUNNER_X": "1", "A=B": ""}, map[string]awsecs.Secret{"awsapprunner": anySecret{}}
		}, []string{
			`Environment "A=B" is no name of a variable; use one or more characters, none of them =`,
			`Environment "AWSAPPRUNNER_X" begins with AWSAPPRUNNER, which is for App Runner's own variables; choose another name`,
			`Secrets "awsapprunner" begins with AWSAPPRUNNER, which is for App Runner's own variables; choose another name`}},
		"variable and secret": {func(p *ServiceProps) {
			p.Environment, p.Secrets = map[string]string{"PASSWORD": "x"}, map[string]awsecs.Secret{"PASSWORD": anySecret{}, "KEY": nil}
		}, []string{
			`Environment "PASSWORD" is also one of the Secrets; give the variable one value, the secret if it is one`,
			`Secrets "KEY" is nil; use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter`}},

		// Health and scaling.
		"health check": {func(p *ServiceProps) {
			p.HealthCheckPath = "health"
			p.HealthCheck = HealthCheck{Interval: 21 * time.Second, Timeout: 500 * time.Millisecond, HealthyThreshold: 21, UnhealthyThreshold: -1}
		}, []string{
			`HealthCheckPath "health" does not begin with /; write "/health"`,
			"HealthCheck.Interval 21s is out of range; use whole seconds from 1s to 20s",
			"HealthCheck.Timeout 500ms is out of range; use whole seconds from 1s to 20s",
			"HealthCheck.HealthyThreshold 21 is out of range; use 1 to 20",
			"HealthCheck.UnhealthyThreshold -1 is out of range; use 1 to 20"}},
		"concurrency":       {func(p *ServiceProps) { p.MaxConcurrency = 201 }, []string{"MaxConcurrency 201 is out of range; use 1 to 200"}},
		"no concurrency":    {func(p *ServiceProps) { p.MaxConcurrency = -1 }, []string{"MaxConcurrency -1 is out of range; use 1 to 200"}},
		"min above max":     {func(p *ServiceProps) { p.MinSize, p.MaxSize = 5, 2 }, []string{"MinSize 5 is above MaxSize 2; lower it, or raise MaxSize"}},
		"min above default": {func(p *ServiceProps) { p.MinSize = 26 }, []string{"MinSize 26 is above MaxSize 25; lower it, or raise MaxSize"}},
		"negative sizes":    {func(p *ServiceProps) { p.MinSize = -1 }, []string{"MinSize -1 or MaxSize 0 is negative; use 1 or more"}},
		"scaling twice": {func(p *ServiceProps) { p.MinSize, p.AutoScalingConfigurationArn = 2, "arn:aws:apprunner:x" }, []string{
			"AutoScalingConfigurationArn stands beside MinSize, MaxSize or MaxConcurrency, which would make another; give one of them",
			`AutoScalingConfigurationArn "arn:aws:apprunner:x" is not the ARN of a scaling configuration of App Runner`}},

		// Network.
		"public subnets": {func(p *ServiceProps) { p.Vpc, p.Subnets = anyVpc{private: 2}, "public" }, []string{
			`Subnets "public" have no way to the internet for App Runner, whose addresses there are private; use "private" or "isolated"`}},
		"no private subnets": {func(p *ServiceProps) { p.Vpc = anyVpc{} }, []string{
			`Subnets must be a type of subnets that the VPC has (1 public, 0 private, 0 isolated); got "private"`}},
		"connector without a VPC": {func(p *ServiceProps) { p.SecurityGroups = []awsec2.ISecurityGroup{nil} }, []string{
			"Vpc is missing, and Subnets or SecurityGroups are for its connector; give it, or leave them out",
			"SecurityGroups[0] is nil; leave it out or give a security group"}},
		"two connectors": {func(p *ServiceProps) { p.Vpc, p.VpcConnectorArn = anyVpc{private: 2}, "vpcconnector/x" }, []string{
			`VpcConnectorArn "vpcconnector/x" is not the ARN of a VPC connector of App Runner`,
			"VpcConnectorArn stands beside Vpc, for which a connector is made; give one of them"}},
		"private without a VPC": {func(p *ServiceProps) { p.PrivateIngress = &PrivateIngress{} }, []string{
			"PrivateIngress.Vpc is missing; give the VPC that is to reach the service"}},
		"private from anywhere": {func(p *ServiceProps) {
			p.PrivateIngress = &PrivateIngress{Vpc: anyVpc{private: 2}, IngressCidrs: []string{"10.0.0.1/8"}, Endpoint: anyEndpoint{}}
		}, []string{
			"PrivateIngress.Endpoint stands beside Subnets or IngressCidrs, which are for a new one; leave them out",
			`PrivateIngress.IngressCidrs[0] "10.0.0.1/8" is not an IPv4 range; write it as "10.0.0.0/16"`}},

		"all well":  {func(*ServiceProps) {}, nil},
		"automatic": {func(p *ServiceProps) { p.AutoDeployments, p.Image = true, registry.FromRegistry(private) }, nil},
		"automatic, own repository": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromEcrRepository(anyRepository{account: unknown}, "prod")
		}, nil},
		"from another account":     {image("444455556666.dkr.ecr.eu-west-1.amazonaws.com/web:1"), nil},
		"from a Dockerfile":        {func(p *ServiceProps) { p.Image = registry.FromAsset("../../test/testdata/web", nil) }, nil},
		"configured here":          {code(func(p *ServiceProps) { p.Port, p.Environment = 3000, map[string]string{"A": "1"} }), nil},
		"configured in repository": {code(func(p *ServiceProps) { p.Source.Runtime, p.StartCommand = "", "" }), nil},
		"Bitbucket":                {code(func(p *ServiceProps) { p.Source.RepositoryUrl = "https://bitbucket.org/example/shop" }), nil},
		"only the deployment knows": {code(func(p *ServiceProps) {
			p.ServiceName, p.HealthCheckPath, p.VpcConnectorArn = unknown, unknown, unknown
			p.Source.ConnectionArn, p.Source.RepositoryUrl, p.AutoScalingConfigurationArn = unknown, unknown, unknown
		}), nil},
		"edges": {func(p *ServiceProps) {
			p.Port, p.Cpu, p.MemoryMiB, p.MinSize, p.MaxSize, p.MaxConcurrency = 65535, 4096, 12288, 3, 3, 200
			p.HealthCheck = HealthCheck{Interval: time.Second, Timeout: 20 * time.Second, HealthyThreshold: 1, UnhealthyThreshold: 20}
			p.Vpc, p.SecurityGroups, p.PrivateIngress = anyVpc{private: 1}, []awsec2.ISecurityGroup{anyGroup{}}, &PrivateIngress{Vpc: anyVpc{private: 1}, IngressCidrs: []string{"10.0.0.0/8"}}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := ServiceProps{Image: registry.FromRegistry(public)}
			c.change(&p)
			assertProblems(t, p.validate(account, region), c.want...)
		})
	}
}

// What is left out is something that App Runner offers.
func TestDefaultsGoTogether(t *testing.T) {
	for cpu := range memories {
		p := ServiceProps{Image: registry.FromRegistry(public), Cpu: cpu}
		p.setDefaults()
		assertProblems(t, p.validate(account, region))
	}
}

func TestAlarmsAreRefused(t *testing.T) {
	p := AlarmsProps{Topic: &notify.Topic{}, Emails: []string{"me"}, ErrorsPerMinute: -1, ResponseTime: -1, CpuUtilizationPercent: 101, MemoryUtilizationPercent: -1}
	p.setDefaults()
	assertProblems(t, p.validate(),
		"Service is missing; make it with apprunner.NewService",
		`Email "me" stands beside a Topic of your own; subscribe to that, or leave Topic out`,
		`Email "me" is not an e-mail address; write it as "on-call@example.com"`,
		"ErrorsPerMinute -1 is out of range; use 1 or more",
		"ResponseTime -1ns is too short; use 1 ms or more",
		"CpuUtilizationPercent 101 is out of range; use 1 to 100",
		"MemoryUtilizationPercent -1 is out of range; use 1 to 100")
}
