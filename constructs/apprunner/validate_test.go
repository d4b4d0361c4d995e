package apprunner

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces"

	"awscontainers/constructs/notify"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
	"awscontainers/internal/fake"
)

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	anyRepository struct {
		awsecr.IRepository
		account string
	}
	anyRole     struct{ awsiam.IRole }
	anyEndpoint struct {
		awsec2.IInterfaceVpcEndpoint
	}
)

func (r anyRepository) Env() *interfaces.ResourceEnvironment {
	return &interfaces.ResourceEnvironment{Account: &r.account, Region: &r.account}
}

const (
	secretArn       = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3"
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
		*p = ServiceProps{
			Source:       &Source{RepositoryUrl: "https://github.com/example/shop", ConnectionArn: connection, Runtime: NodeJs22},
			StartCommand: "node server.js",
		}
		change(p)
	}
}

func TestServicePropsAreValidated(t *testing.T) {
	const (
		inYaml = " requires Source.Runtime, because otherwise the repository's apprunner.yaml sets it; set Source.Runtime, or set it in " +
			"apprunner.yaml"
		repository = `Source.RepositoryUrl must be the URL of a GitHub or Bitbucket repository such as ` +
			`"https://github.com/owner/repository"; got `
		runtimes = `Source.Runtime must be "NODEJS_22", "PYTHON_311", "CORRETTO_11" or "CORRETTO_8"; got `
		ended    = ", because support for this runtime ended on 1 December 2025"
		byTag    = "AutoDeployments requires an image with a tag, because an image with a digest, or one that is built here, never changes; " +
			"remove it, or use an image with a tag"
	)
	for name, c := range map[string]struct {
		change func(p *ServiceProps)
		want   []string
	}{
		"zero": {func(p *ServiceProps) { *p = ServiceProps{} }, []string{
			"Image is required without Source; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset, or set Source"}},
		"both": {code(image(public)), []string{"Source must not be set together with Image; remove one of them"}},
		"name": {func(p *ServiceProps) { p.ServiceName = "web" }, []string{
			`ServiceName must be 4 to 40 letters, digits, hyphens and underscores that begin with a letter or digit; got "web"`}},

		// Images.
		"another registry": {image("nginx:stable"), []string{
			`Image must be in public.ecr.aws or private ECR, or be built by registry.FromAsset; got "nginx:stable"`}},
		"host for FIPS": {image("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/web:1"), []string{
			`Image must have an ECR host such as "111122223333.dkr.ecr.eu-west-1.amazonaws.com", the only form that App Runner supports; ` +
				`got "111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/web:1"`}},
		"role for a public image": {func(p *ServiceProps) { p.AccessRole = anyRole{} }, []string{
			"AccessRole must not be set for a public image, because it pulls from private ECR; remove it"}},
		"automatic, public": {func(p *ServiceProps) { p.AutoDeployments = true }, []string{
			"AutoDeployments is not supported for images in public ECR, which App Runner doesn't watch; remove it, or copy the image to " +
				"private ECR"}},
		"automatic, by digest": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromRegistry(
				"111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@sha256:"+strings.Repeat("a", 64),
			)
		}, []string{byTag}},
		"automatic, built": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromAsset("../../test/testdata/web", nil)
		}, []string{byTag}},

		// Source.
		"empty source": {func(p *ServiceProps) { *p = ServiceProps{Source: &Source{}} }, []string{
			`Source.RepositoryUrl is required: the URL of a GitHub or Bitbucket repository such as "https://github.com/owner/repository"`,
			"Source.ConnectionArn is required: the ARN of a connection; create one in the App Runner console and complete its handshake"}},
		"GitLab": {code(func(p *ServiceProps) { p.Source.RepositoryUrl = "https://gitlab.com/example/shop" }), []string{
			repository + `"https://gitlab.com/example/shop"`}},
		"clone address": {code(func(p *ServiceProps) { p.Source.RepositoryUrl = "https://github.com/example/shop.git" }), []string{
			repository + `"https://github.com/example/shop.git"`}},
		"connection of another service": {code(func(p *ServiceProps) {
			p.Source.ConnectionArn = "arn:aws:codeconnections:eu-west-1:111122223333:connection/01234567-89ab-cdef-0123-456789abcdef"
		}), []string{"Source.ConnectionArn must be an App Runner connection, not one of codeconnections; got " +
			`"arn:aws:codeconnections:eu-west-1:111122223333:connection/01234567-89ab-cdef-0123-456789abcdef"; create one in the App ` +
			"Runner console"}},
		"no connection": {code(func(p *ServiceProps) {
			p.Source.ConnectionArn = "arn:aws:apprunner:eu-west-1:111122223333:service/web/1"
		}), []string{
			`Source.ConnectionArn must be the ARN of a connection such as "` + connection +
				`"; got "arn:aws:apprunner:eu-west-1:111122223333:service/web/1"`}},
		"relative directory": {code(func(p *ServiceProps) { p.Source.SourceDirectory = "./web" }), []string{
			`Source.SourceDirectory must begin with /; got "./web"; use "/web"`}},
		"no such runtime": {code(func(p *ServiceProps) { p.Source.Runtime = "nodejs22" }), []string{runtimes + `"nodejs22"`}},
		"retired runtime": {
			code(func(p *ServiceProps) { p.Source.Runtime = "NODEJS_18" }), []string{runtimes + `"NODEJS_18"; use "NODEJS_22"` + ended},
		},
		"retired language": {
			code(func(p *ServiceProps) { p.Source.Runtime = "GO_1" }), []string{runtimes + `"GO_1"; build an image and set Image` + ended},
		},
		"nothing to start": {code(func(p *ServiceProps) { p.StartCommand = "" }), []string{
			`StartCommand is required with Source.Runtime: the command that starts the program, such as "node server.js"`}},
		"role for source": {code(func(p *ServiceProps) { p.AccessRole = anyRole{} }), []string{
			"AccessRole must not be set together with Source, because it pulls images; remove it"}},
		"configured twice": {code(func(p *ServiceProps) {
			p.Source.Runtime, p.Source.BuildCommand, p.Port = "", "npm ci", 3000
			p.Environment, p.Secrets = map[string]string{"A": "1"}, map[string]awsecs.Secret{"B": fake.Secret{}}
			p.SecretArns = map[string]string{"C": secretArn}
		}), []string{
			"Source.BuildCommand requires Runtime, because otherwise the repository's apprunner.yaml sets the build; " +
				`got "npm ci"; set Runtime, or set the build in apprunner.yaml`,
			"StartCommand" + inYaml, "Port" + inYaml, "Environment" + inYaml, "Secrets" + inYaml, "SecretArns" + inYaml}},

		// Instances.
		"port":          {func(p *ServiceProps) { p.Port = 70000 }, []string{"Port must be an integer from 1 to 65535; got 70000"}},
		"negative port": {func(p *ServiceProps) { p.Port = -1 }, []string{"Port must be an integer from 1 to 65535; got -1"}},
		"CPU":           {func(p *ServiceProps) { p.Cpu = 300 }, []string{"Cpu must be 256, 512, 1024, 2048 or 4096; got 300"}},
		"memory": {
			func(p *ServiceProps) { p.Cpu, p.MemoryLimitMiB = 512, 2048 }, []string{"MemoryLimitMiB must be 1024 with Cpu 512; got 2048"},
		},
		"memory with the default": {func(p *ServiceProps) { p.MemoryLimitMiB = 1024 }, []string{
			"MemoryLimitMiB must be 2048, 3072 or 4096 with Cpu 1024; got 1024"}},
		"reserved names": {func(p *ServiceProps) {
			p.Environment, p.Secrets = map[string]string{"AWSAPPRUNNER_X": "1", "A=B": ""}, map[string]awsecs.Secret{"awsapprunner": fake.Secret{}}
			p.SecretArns = map[string]string{"AwsAppRunner_Y": secretArn}
		}, []string{
			`Environment must have names of one or more characters without =; got "A=B"`,
			`Environment must not have names that begin with AWSAPPRUNNER, which App Runner reserves; got "AWSAPPRUNNER_X"`,
			`Secrets must not have names that begin with AWSAPPRUNNER, which App Runner reserves; got "awsapprunner"`,
			`SecretArns must not have names that begin with AWSAPPRUNNER, which App Runner reserves; got "AwsAppRunner_Y"`}},
		"variable and secret": {func(p *ServiceProps) {
			p.Environment, p.Secrets = map[string]string{"PASSWORD": "x"}, map[string]awsecs.Secret{"PASSWORD": fake.Secret{}, "KEY": nil}
		}, []string{
			`Environment must not have a variable that Secrets has too; got "PASSWORD"; keep it in only one of them: in Secrets if it is a secret`,
			`Secrets must have secrets of awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter; got nil for "KEY"`}},

		// Health and scaling.
		"health check": {func(p *ServiceProps) {
			p.HealthCheckPath = "health"
			p.HealthCheck = HealthCheck{Interval: 21 * time.Second, Timeout: 500 * time.Millisecond, HealthyThreshold: 21, UnhealthyThreshold: -1}
		}, []string{
			`HealthCheckPath must begin with /; got "health"; use "/health"`,
			"HealthCheck.Interval must be whole seconds from 1s to 20s; got 21s", "HealthCheck.Timeout must be whole seconds from 1s to 20s; " +
				"got 500ms",
			"HealthCheck.HealthyThreshold must be an integer from 1 to 20; got 21", "HealthCheck.UnhealthyThreshold must be an integer from 1 " +
				"to 20; got -1"}},
		"concurrency": {
			func(p *ServiceProps) { p.MaxConcurrency = 201 }, []string{"MaxConcurrency must be an integer from 1 to 200; got 201"},
		},
		"no concurrency": {
			func(p *ServiceProps) { p.MaxConcurrency = -1 }, []string{"MaxConcurrency must be an integer from 1 to 200; got -1"},
		},
		"min above max": {func(p *ServiceProps) { p.MinSize, p.MaxSize = 5, 2 }, []string{"MinSize must not be greater than MaxSize " +
			"(2); got 5"}},
		"min above default": {func(p *ServiceProps) { p.MinSize = 26 }, []string{"MinSize must not be greater than MaxSize (25); got 26"}},
		"negative sizes": {func(p *ServiceProps) { p.MinSize, p.MaxSize = -1, -1 }, []string{
			"MinSize must be 1 or greater; got -1", "MaxSize must be 1 or greater; got -1"}},
		"scaling twice": {func(p *ServiceProps) { p.MinSize, p.AutoScalingConfigurationArn = 2, "arn:aws:apprunner:x" }, []string{
			"AutoScalingConfigurationArn must not be set together with MinSize, MaxSize or MaxConcurrency, for which a configuration is created; " +
				"remove it or the others",
			`AutoScalingConfigurationArn must be the ARN of an App Runner scaling configuration; got "arn:aws:apprunner:x"`}},

		// Network.
		"public subnets": {func(p *ServiceProps) {
			p.Vpc, p.Subnets = fake.TwoZones(), "public"
			p.PrivateIngress = &PrivateIngress{Vpc: fake.TwoZones(), Subnets: "public"}
		}, nil},
		"unknown subnets": {func(p *ServiceProps) { p.Vpc, p.Subnets = fake.TwoZones(), "internal" }, []string{
			`Subnets must be "public", "private" or "isolated"; got "internal"`}},
		"connector without a VPC": {func(p *ServiceProps) { p.Subnets, p.SecurityGroups = "private", []awsec2.ISecurityGroup{nil} }, []string{
			`Subnets requires Vpc; got "private"`, "SecurityGroups requires Vpc", "SecurityGroups[0] must be a security group; got nil"}},
		"two connectors": {func(p *ServiceProps) { p.Vpc, p.VpcConnectorArn = fake.TwoZones(), "vpcconnector/x" }, []string{
			`VpcConnectorArn must be the ARN of a VPC connector of App Runner; got "vpcconnector/x"`,
			"VpcConnectorArn must not be set together with Vpc, which creates a connector; remove one of them"}},
		"private without a VPC": {func(p *ServiceProps) { p.PrivateIngress = &PrivateIngress{} }, []string{
			"PrivateIngress.Vpc is required: the VPC that reaches the service"}},
		"private from anywhere": {func(p *ServiceProps) {
			p.PrivateIngress = &PrivateIngress{Vpc: fake.TwoZones(), IngressCidrs: []string{"10.0.0.1/8"}, Endpoint: anyEndpoint{}}
		}, []string{
			"PrivateIngress.Endpoint must not be set together with Subnets or IngressCidrs, which are for a new endpoint; remove Endpoint or " +
				"the others",
			`PrivateIngress.IngressCidrs[0] must begin at the first address of its range; got "10.0.0.1/8"; use "10.0.0.0/8"`}},
		"web ACL in a VPC": {func(p *ServiceProps) {
			p.PrivateIngress, p.WebAcl = &PrivateIngress{Vpc: fake.TwoZones()}, &waf.WebAcl{Construct: fake.Construct{}}
		}, nil},

		"least":                    {func(*ServiceProps) {}, nil},
		"automatic":                {func(p *ServiceProps) { p.AutoDeployments, p.Image = true, registry.FromRegistry(private) }, nil},
		"from another account":     {image("444455556666.dkr.ecr.eu-west-1.amazonaws.com/web:1"), nil},
		"from a Dockerfile":        {func(p *ServiceProps) { p.Image = registry.FromAsset("../../test/testdata/web", nil) }, nil},
		"configured here":          {code(func(p *ServiceProps) { p.Port, p.Environment = 3000, map[string]string{"A": "1"} }), nil},
		"configured in repository": {code(func(p *ServiceProps) { p.Source.Runtime, p.StartCommand = "", "" }), nil},
		"Bitbucket":                {code(func(p *ServiceProps) { p.Source.RepositoryUrl = "https://bitbucket.org/example/shop" }), nil},
		"known when deployed": {code(func(p *ServiceProps) {
			p.ServiceName, p.HealthCheckPath, p.VpcConnectorArn = unknown, unknown, unknown
			p.Source.ConnectionArn, p.Source.RepositoryUrl, p.AutoScalingConfigurationArn = unknown, unknown, unknown
		}), nil},
		"edges": {func(p *ServiceProps) {
			p.Port, p.Cpu, p.MemoryLimitMiB, p.MinSize, p.MaxSize, p.MaxConcurrency = 65535, 4096, 12288, 3, 3, 200
			p.HealthCheck = HealthCheck{Interval: time.Second, Timeout: 20 * time.Second, HealthyThreshold: 1, UnhealthyThreshold: 20}
			p.Vpc, p.SecurityGroups = fake.TwoZones(), []awsec2.ISecurityGroup{fake.SecurityGroup{}}
			p.PrivateIngress = &PrivateIngress{Vpc: fake.TwoZones(), IngressCidrs: []string{"10.0.0.0/8"}}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := ServiceProps{Image: registry.FromRegistry(public)}
			c.change(&p)
			fake.Refused(t, p.Validate(), c.want...)
		})
	}
}

// What depends on the account, the Region and the VPC.
func TestServicesAreValidatedInTheirPlace(t *testing.T) {
	const (
		elsewhere    = "arn:aws:apprunner:us-east-1:111122223333:connection/github"
		otherAccount = `AutoDeployments is not supported for images in another account, which App Runner doesn't watch; got "444455556666"; ` +
			`remove it`
	)
	for name, c := range map[string]struct {
		change func(p *ServiceProps)
		want   []string
	}{
		"connection of another Region": {code(func(p *ServiceProps) { p.Source.ConnectionArn = elsewhere }), []string{
			`Source.ConnectionArn must be in the account and Region of the service, 111122223333 in eu-west-1; got "` + elsewhere + `"`}},
		"connection": {code(func(*ServiceProps) {}), nil},
		"automatic, another account": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromRegistry("444455556666.dkr.ecr.eu-west-1.amazonaws.com/web:1")
		}, []string{otherAccount}},
		"automatic, repository of another account": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromEcrRepository(anyRepository{account: "444455556666"}, "prod")
		}, []string{otherAccount}},
		"automatic, own repository": {func(p *ServiceProps) {
			p.AutoDeployments, p.Image = true, registry.FromEcrRepository(anyRepository{account: unknown}, "prod")
		}, nil},
		"no private subnets": {func(p *ServiceProps) {
			p.Vpc, p.PrivateIngress = fake.Vpc{Public: "a"}, &PrivateIngress{Vpc: fake.Vpc{Public: "a"}, Subnets: "isolated"}
		}, []string{
			`Subnets must be a type of subnets that the VPC has (1 public, 0 private, 0 isolated); got "private"; ` +
				`use a VPC with private subnets such as network.NewVpc makes`,
			`PrivateIngress.Subnets must be a type of subnets that the VPC has (1 public, 0 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps`}},
		"private subnets": {func(p *ServiceProps) { p.Vpc = fake.Vpc{Private: "a"} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := ServiceProps{Image: registry.FromRegistry(public)}
			c.change(&p)
			fake.Refused(t, p.validatePlace(account, region), c.want...)
			fake.Refused(t, p.Validate())
		})
	}
	p := ServiceProps{Source: &Source{ConnectionArn: elsewhere}}
	fake.Refused(t, p.validatePlace(unknown, unknown))
	fake.Refused(t, p.validateIn(nil))
}

// The defaults are something that App Runner offers.
func TestDefaultsAreValid(t *testing.T) {
	for cpu := range memories {
		p := ServiceProps{Image: registry.FromRegistry(public), Cpu: cpu}
		p.setDefaults()
		fake.Refused(t, p.Validate())
	}
}

func TestAlarmsPropsAreValidated(t *testing.T) {
	fake.Refused(t, (&AlarmsProps{}).Validate(), "Service is required; use apprunner.NewService")
	fake.Refused(t, (&AlarmsProps{Service: &Service{Construct: fake.Construct{}}, Emails: []string{"on-call@example.com"}}).Validate())
	fake.Refused(t, (&AlarmsProps{
		Topic: &notify.Topic{Construct: fake.Construct{}}, Emails: []string{"me"}, ErrorsPerMinute: -1, ResponseTime: -1,
		CpuUtilizationPercent:    101,
		MemoryUtilizationPercent: -1,
	}).Validate(),
		"Service is required; use apprunner.NewService",
		`Emails must not be set together with Topic; got "me"; subscribe them to the topic`,
		`Emails[0] must be an email address such as "on-call@example.com"; got "me"`,
		"ErrorsPerMinute must be 1 or greater; got -1", "ResponseTime must be 1ms or longer; got -1ns",
		"CpuUtilizationPercent must be an integer from 1 to 100; got 101", "MemoryUtilizationPercent must be an integer from 1 to 100; got -1")
}
