package apprunner

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapprunner"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
	"awscontainers/internal/annotate"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
)

// ServiceProps describe a web service on App Runner.
type ServiceProps struct {
	// ServiceName is the physical name: 4 to 40 letters, digits, hyphens and underscores. Default: CloudFormation makes one, so that the
	// service can be replaced.
	ServiceName string

	// Image is what to run, for x86: of public ECR, of private ECR, or built from a Dockerfile. Required without Source; default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/service-source-image.html
	Image registry.Image
	// Source is the code to build and run. Required without Image; default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/service-source-code.html
	Source *Source
	// AutoDeployments deploys what is new in the branch, or under the image's tag in private ECR of the same account, as soon as it is there.
	// Default: false, what runs changes with the template, or by `aws apprunner start-deployment`.
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-deploy.html
	AutoDeployments bool
	// StartCommand is what starts the program. Required with Source.Runtime; default: the image's own.
	StartCommand string

	// Port is what the program listens on, 1 to 65535. Default: 8080.
	Port int
	// Cpu is an instance's CPU in units, of which 1024 are a vCPU: 256, 512, 1024, 2048 or 4096. Default: 1024.
	// https://docs.aws.amazon.com/apprunner/latest/dg/architecture.html
	Cpu int
	// MemoryMiB is an instance's memory: 512 or 1024 with 256 CPU units, 1024 with 512, 2048, 3072 or 4096 with 1024, 4096 or 6144 with 2048,
	// 8192, 10240 or 12288 with 4096. Default: 1024 with up to 512 CPU units, else twice the CPU units.
	MemoryMiB int
	// Environment are plain variables: everybody who may describe the service reads them. Names that begin with AWSAPPRUNNER are App Runner's.
	// Default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/env-variable.html
	Environment map[string]string
	// Secrets are variables whose values are fetched when an instance starts, from Secrets Manager (awsecs.Secret_FromSecretsManager) or
	// the SSM Parameter Store (awsecs.Secret_FromSsmParameter). The instance role may then read just these, and use their keys. Default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/env-variable-manage.html
	Secrets map[string]awsecs.Secret
	// InstanceRole is who the program is on AWS; tasks.apprunner.amazonaws.com must be able to assume it. Default: a new one, which may do nothing
	// but what you grant it: bucket.GrantRead(service.InstanceRole, nil).
	// https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html
	InstanceRole awsiam.IRole
	// AccessRole is who pulls from private ECR; build.apprunner.amazonaws.com must be able to assume it. Default: a new one for images of
	// private ECR, which may pull from the one repository.
	AccessRole awsiam.IRole

	// HealthCheckPath is what App Runner asks an instance for; 200 is healthy. Default: none, a TCP connection is enough.
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-configure-healthcheck.html
	HealthCheckPath string
	// HealthCheck says how often it asks and what it makes of the answers. Default: see its fields.
	HealthCheck HealthCheck

	// MinSize is how many instances there are at least. Those without requests cost their memory alone. Default: 1.
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-autoscaling.html
	MinSize int
	// MaxSize is how many instances there are at most. Default: 25.
	MaxSize int
	// MaxConcurrency is how many requests at once an instance takes before there is another, 1 to 200. Default: 100.
	MaxConcurrency int
	// AutoScalingConfigurationArn is a scaling configuration made elsewhere, in place of these three: an account has few of them in a Region, and
	// services can share one. Default: a new one for each service that sets one of the three, else the account's own default.
	AutoScalingConfigurationArn string

	// Vpc is a VPC whose private resources the program reaches, by a VPC connector; all that it sends then goes through the VPC, though not
	// App Runner's own pulls, logs and secrets. Default: none, it reaches the internet alone.
	// https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html
	Vpc awsec2.IVpc
	// Subnets are the connector's: network.Private or network.Isolated. Default: network.Private.
	Subnets network.SubnetType
	// SecurityGroups replace the connector's own, which lets all out. Default: a new one.
	SecurityGroups []awsec2.ISecurityGroup
	// VpcConnectorArn is a connector made elsewhere, in place of Vpc. Default: none.
	VpcConnectorArn string
	// PrivateIngress makes the service reachable from a VPC alone. Default: none, it is reached from the internet.
	// https://docs.aws.amazon.com/apprunner/latest/dg/network-pl.html
	PrivateIngress *PrivateIngress

	// EncryptionKey is a KMS key for the copy of the image or source that App Runner keeps, and for the service's logs. To change it
	// replaces the service. Default: a key of AWS.
	// https://docs.aws.amazon.com/apprunner/latest/dg/security-data-protection-encryption.html
	EncryptionKey awskms.IKey
	// WebAcl puts AWS WAF in front of the service. With PrivateIngress it must not judge client addresses, which App Runner
	// doesn't pass on: see waf.WebAclProps.IgnoreClientAddress. Default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/waf.html
	WebAcl *waf.WebAcl
	// Tracing lets the program send traces to AWS X-Ray, for which it has the AWS Distro for OpenTelemetry in it. Default: false.
	// https://docs.aws.amazon.com/apprunner/latest/dg/monitor-xray.html
	Tracing bool
}

// HealthCheck says how App Runner finds out whether an instance works.
// https://docs.aws.amazon.com/apprunner/latest/api/API_HealthCheckConfiguration.html
type HealthCheck struct {
	// Interval is the time between two checks, 1 to 20 s. Default: 5 s.
	Interval time.Duration
	// Timeout is how long an answer may take, 1 to 20 s. Default: 2 s.
	Timeout time.Duration
	// HealthyThreshold is how many good answers in a row make an instance healthy, 1 to 20. Default: 1.
	HealthyThreshold int
	// UnhealthyThreshold is how many bad ones make it unhealthy, 1 to 20. Default: 5.
	UnhealthyThreshold int
}

// Service is a web service on App Runner.
type Service struct {
	constructs.Construct
	// Service is the CDK's own.
	Service awsapprunner.CfnService
	// InstanceRole is who the program is on AWS, for grants: table.GrantReadData(service.InstanceRole).
	InstanceRole awsiam.IRole
	// AccessRole pulls the image; nil where nothing has to be granted for that.
	AccessRole awsiam.IRole
	// SecurityGroup is the VPC connector's own; nil without Vpc, or with SecurityGroups. What the program is to reach must let it in:
	// database.Connections().AllowDefaultPortFrom(service.SecurityGroup, nil).
	SecurityGroup awsec2.SecurityGroup
	// Endpoint is where the VPC of PrivateIngress reaches the service; nil without one.
	Endpoint awsec2.IInterfaceVpcEndpoint

	ingress awsapprunner.CfnVpcIngressConnection
}

// The services that assume the roles.
// https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html
const (
	builder  = "build.apprunner.amazonaws.com"
	instance = "tasks.apprunner.amazonaws.com"
)

// closed is what every synth says of App Runner: information, for who has services there may go on making them.
const closed = "AWS App Runner has taken no new customers since 30 April 2026, and gets no new features; who has no service there yet uses ECS Express Mode, " +
	"ecs.NewExpressService, whose props are called the same (https://docs.aws.amazon.com/apprunner/latest/dg/apprunner-availability-change.html)"

// NewService makes a service. It panics with *invalid.Error when the props are wrong.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	p := opt.Value(props)
	stack := awscdk.Stack_Of(scope)
	invalid.Refuse(scope, id, p.validate(*stack.Account(), *stack.Region()))
	p.setDefaults()

	s := &Service{InstanceRole: p.InstanceRole, AccessRole: p.AccessRole}
	constructs.NewConstruct_Override(s, scope, &id)
	annotate.Note(s, closed)
	if s.InstanceRole == nil {
		s.InstanceRole = s.newRole("InstanceRole", instance, "What the program may do")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		p.Secrets[name].GrantRead(s.InstanceRole)
	}
	cdk := &awsapprunner.CfnServiceProps{
		ServiceName:                 opt.String(p.ServiceName),
		SourceConfiguration:         s.source(&p),
		InstanceConfiguration:       p.instances(s.InstanceRole),
		HealthCheckConfiguration:    p.healthCheck(),
		AutoScalingConfigurationArn: s.scaling(&p),
		NetworkConfiguration:        s.network(&p),
		ObservabilityConfiguration:  s.observability(&p),
	}
	if p.EncryptionKey != nil {
		cdk.EncryptionConfiguration = &awsapprunner.CfnService_EncryptionConfigurationProperty{KmsKey: p.EncryptionKey.KeyArn()}
	}
	s.Service = awsapprunner.NewCfnService(s, jsii.String("Service"), cdk)
	// A deployment that comes before the policies of its roles fails: the image may not be pulled, the secrets may not be read.
	s.Service.Node().AddDependency(s.InstanceRole)
	if s.AccessRole != nil {
		s.Service.Node().AddDependency(s.AccessRole)
	}
	s.letIn(&p)
	if p.WebAcl != nil {
		p.WebAcl.Protect(s, *s.Service.AttrServiceArn())
	}
	return s
}

// URL is where the service is reached, by HTTPS: from the internet, or from the VPC of PrivateIngress.
func (s *Service) Url() string {
	host := s.Service.AttrServiceUrl()
	if s.ingress != nil {
		host = s.ingress.AttrDomainName()
	}
	return "https://" + *host
}

// ServiceArn is the service's ARN, for an output.
func (s *Service) Arn() string { return *s.Service.AttrServiceArn() }

// ServiceName is its name, which stands in its ARN alone when CloudFormation has made it.
func (s *Service) Name() string {
	return *awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("/"), s.Service.AttrServiceArn(), nil))
}

func (s *Service) newRole(id, service, what string) awsiam.Role {
	return awsiam.NewRole(s, &id, &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(&service, nil), Description: jsii.String(what),
	})
}

// source is the image, with the right to pull it, or the code.
func (s *Service) source(p *ServiceProps) *awsapprunner.CfnService_SourceConfigurationProperty {
	source := &awsapprunner.CfnService_SourceConfigurationProperty{AutoDeploymentsEnabled: &p.AutoDeployments}
	if p.Source != nil {
		source.CodeRepository = p.Source.repository(p)
		source.AuthenticationConfiguration = &awsapprunner.CfnService_AuthenticationConfigurationProperty{ConnectionArn: &p.Source.ConnectionArn}
		return source
	}
	image := &awsapprunner.CfnService_ImageRepositoryProperty{
		ImageRepositoryType: jsii.String("ECR_PUBLIC"),
		ImageConfiguration: &awsapprunner.CfnService_ImageConfigurationProperty{
			Port: jsii.String(fmt.Sprint(p.Port)), StartCommand: opt.String(p.StartCommand),
			RuntimeEnvironmentVariables: p.variables(), RuntimeEnvironmentSecrets: p.secrets(),
		},
	}
	if s.AccessRole == nil && p.Image.Origin().InPrivateEcr {
		s.AccessRole = s.newRole("AccessRole", builder, "Pulls the image")
	}
	uri, repository := p.Image.Resolve(s, "", awsecrassets.Platform_LINUX_AMD64(), s.AccessRole)
	image.ImageIdentifier = &uri
	if repository != nil {
		image.ImageRepositoryType = jsii.String("ECR")
		// With the pull, what AWSAppRunnerServicePolicyForECRAccess allows on every repository.
		// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSAppRunnerServicePolicyForECRAccess.html
		repository.Grant(s.AccessRole, jsii.String("ecr:DescribeImages"))
		explain(s.AccessRole, p.AccessRole == nil, "ecr:GetAuthorizationToken knows no resources; the pull itself is granted on the one repository")
		source.AuthenticationConfiguration = &awsapprunner.CfnService_AuthenticationConfigurationProperty{AccessRoleArn: s.AccessRole.RoleArn()}
	}
	source.ImageRepository = image
	return source
}

// explain notes for cdk-nag why a role of ours has a policy with "*".
func explain(role awsiam.IRole, ours bool, reason string) {
	if policy := role.Node().TryFindChild(jsii.String("DefaultPolicy")); ours && policy != nil {
		nag.Suppress(policy, "AwsSolutions-IAM5", reason, "Resource::*")
	}
}

func (p *ServiceProps) variables() any {
	var pairs []any
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		pairs = append(pairs, &awsapprunner.CfnService_KeyValuePairProperty{Name: &name, Value: jsii.String(p.Environment[name])})
	}
	return orNil(pairs)
}

func (p *ServiceProps) secrets() any {
	var pairs []any
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		pairs = append(pairs, &awsapprunner.CfnService_KeyValuePairProperty{Name: &name, Value: p.Secrets[name].Arn()})
	}
	return orNil(pairs)
}

func orNil(values []any) any {
	if len(values) == 0 {
		return nil
	}
	return &values
}

func (p *ServiceProps) instances(role awsiam.IRole) *awsapprunner.CfnService_InstanceConfigurationProperty {
	return &awsapprunner.CfnService_InstanceConfigurationProperty{
		Cpu: jsii.String(fmt.Sprint(p.Cpu)), Memory: jsii.String(fmt.Sprint(p.MemoryMiB)), InstanceRoleArn: role.RoleArn(),
	}
}

func (p *ServiceProps) healthCheck() *awsapprunner.CfnService_HealthCheckConfigurationProperty {
	check := &awsapprunner.CfnService_HealthCheckConfigurationProperty{
		Protocol:         jsii.String("TCP"),
		Interval:         jsii.Number(p.HealthCheck.Interval.Seconds()),
		Timeout:          jsii.Number(p.HealthCheck.Timeout.Seconds()),
		HealthyThreshold: jsii.Number(p.HealthCheck.HealthyThreshold), UnhealthyThreshold: jsii.Number(p.HealthCheck.UnhealthyThreshold),
	}
	if p.HealthCheckPath != "" {
		check.Protocol, check.Path = jsii.String("HTTP"), &p.HealthCheckPath
	}
	return check
}

// scaling is nil where the account's default decides. A configuration cannot be changed: CloudFormation makes another, and then lets go of the first.
func (s *Service) scaling(p *ServiceProps) *string {
	if !p.scales() {
		return opt.String(p.AutoScalingConfigurationArn)
	}
	return awsapprunner.NewCfnAutoScalingConfiguration(s, jsii.String("AutoScaling"), &awsapprunner.CfnAutoScalingConfigurationProps{
		MinSize: jsii.Number(p.MinSize), MaxSize: jsii.Number(p.MaxSize), MaxConcurrency: jsii.Number(p.MaxConcurrency),
	}).AttrAutoScalingConfigurationArn()
}

// observability lets the program send traces. The actions that this takes know no resources.
// https://docs.aws.amazon.com/apprunner/latest/dg/monitor-xray.html
func (s *Service) observability(p *ServiceProps) any {
	if !p.Tracing {
		return nil
	}
	s.InstanceRole.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
			"xray:GetSamplingStatisticSummaries"),
		Resources: jsii.Strings("*"),
	}))
	explain(s.InstanceRole, p.InstanceRole == nil, "The actions with which X-Ray takes traces know no resources")
	configuration := awsapprunner.NewCfnObservabilityConfiguration(s, jsii.String("Observability"), &awsapprunner.CfnObservabilityConfigurationProps{
		TraceConfiguration: &awsapprunner.CfnObservabilityConfiguration_TraceConfigurationProperty{Vendor: jsii.String("AWSXRAY")},
	})
	return &awsapprunner.CfnService_ServiceObservabilityConfigurationProperty{
		ObservabilityEnabled: jsii.Bool(true), ObservabilityConfigurationArn: configuration.AttrObservabilityConfigurationArn(),
	}
}
