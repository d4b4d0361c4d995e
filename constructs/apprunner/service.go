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
	"awscontainers/internal/secretarn"
	"awscontainers/internal/source"
)

// ServiceProps configures a web service on App Runner. Image or Source is required; everything else is optional.
type ServiceProps struct {
	// ServiceName is the physical name: 4 to 40 letters, digits, hyphens and underscores. Default: CloudFormation generates one, so
	// that the service can be replaced.
	ServiceName string

	// Image is the image to run, for x86: from public ECR, from private ECR, or built from a Dockerfile. Required without Source;
	// default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/service-source-image.html
	Image registry.Image
	// Source is the code to build and run. Required without Image; default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/service-source-code.html
	Source *Source
	// AutoDeployments deploys each change of the branch, or of the image under its tag in private ECR of the same account. Default:
	// false, the service changes with the template, or by `aws apprunner start-deployment`.
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-deploy.html
	AutoDeployments bool
	// StartCommand starts the program. Required with Source.Runtime; default: the image's own.
	StartCommand string

	// Port is the port that the program listens on, 1 to 65535. Default: 8080.
	Port int
	// Cpu is an instance's CPU in units, of which 1024 are a vCPU: 256, 512, 1024, 2048 or 4096. Default: 1024.
	// https://docs.aws.amazon.com/apprunner/latest/dg/architecture.html
	Cpu int
	// MemoryLimitMiB is an instance's memory: 512 or 1024 with 256 CPU units, 1024 with 512, 2048, 3072 or 4096 with 1024, 4096 or
	// 6144 with 2048, 8192, 10240 or 12288 with 4096. Default: 1024 with up to 512 CPU units, else twice the CPU units.
	MemoryLimitMiB int
	// Environment holds plain variables, which everybody who may describe the service can read. Names that begin with AWSAPPRUNNER
	// are reserved. Default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/env-variable.html
	Environment map[string]string
	// Secrets holds variables whose values are read when an instance starts, from Secrets Manager (awsecs.Secret_FromSecretsManager)
	// or the SSM Parameter Store (awsecs.Secret_FromSsmParameter). The instance role may then read these, and use their keys.
	// Default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/env-variable-manage.html
	Secrets map[string]awsecs.Secret
	// SecretArns are secrets like these by ARN: the complete ARN of a Secrets Manager secret, followed by ":" and a key of its JSON for
	// that key's value, "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3:password", or the ARN of an SSM parameter. The
	// instance role may then get just these values. If a customer managed KMS key encrypts one, its key policy must allow the role to
	// decrypt. Default: none.
	SecretArns map[string]string
	// InstanceRole is the program's role, which tasks.apprunner.amazonaws.com must be able to assume. Default: a new role without
	// permissions, to which you grant some: bucket.GrantRead(service, nil).
	// https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html
	InstanceRole awsiam.IRole
	// AccessRole pulls from private ECR; build.apprunner.amazonaws.com must be able to assume it. Default: for images of private ECR
	// a new role, which may pull from the one repository.
	AccessRole awsiam.IRole

	// HealthCheckPath is the path that App Runner requests from an instance; 200 is healthy. Default: none, a TCP connection is
	// enough.
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-configure-healthcheck.html
	HealthCheckPath string
	// HealthCheck sets how often App Runner checks, and what it makes of the answers. Default: see its fields.
	HealthCheck HealthCheck

	// MinSize is the minimum number of instances. Those without requests cost their memory only. Default: 1.
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-autoscaling.html
	MinSize int
	// MaxSize is the maximum number of instances. Default: 25.
	MaxSize int
	// MaxConcurrency is the number of simultaneous requests to an instance at which App Runner adds another, 1 to 200. Default: 100.
	MaxConcurrency int
	// AutoScalingConfigurationArn is a scaling configuration that exists already, in place of these three: an account may have few
	// in a Region, and services can share one. Default: a new one for a service that sets one of the three, else the account's
	// default.
	AutoScalingConfigurationArn string

	// Vpc is a VPC whose private resources the program reaches, by a VPC connector. All that the program sends then goes through the
	// VPC, except App Runner's own pulls, logs and secrets. Default: none, the program reaches the internet only.
	// https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html
	Vpc awsec2.IVpc
	// Subnets are the connector's. From public ones, the service reaches the VPC but not the internet. Default: network.Private.
	Subnets network.SubnetType
	// SecurityGroups replace the connector's own, which allows all outbound traffic. Default: a new one.
	SecurityGroups []awsec2.ISecurityGroup
	// VpcConnectorArn is a connector that exists already, in place of Vpc. Default: none.
	VpcConnectorArn string
	// PrivateIngress makes the service reachable from a VPC only. Default: none, it is reached from the internet.
	// https://docs.aws.amazon.com/apprunner/latest/dg/network-pl.html
	PrivateIngress *PrivateIngress

	// EncryptionKey encrypts App Runner's copy of the image or source, and the service's logs. Another key replaces the service.
	// Default: a key of AWS.
	// https://docs.aws.amazon.com/apprunner/latest/dg/security-data-protection-encryption.html
	EncryptionKey awskms.IKey
	// WebAcl puts AWS WAF in front of the service. With PrivateIngress it must not judge client addresses, which App Runner
	// doesn't pass on: see waf.WebAclProps.IgnoreClientAddress. Default: none.
	// https://docs.aws.amazon.com/apprunner/latest/dg/waf.html
	WebAcl *waf.WebAcl
	// Tracing lets the program send traces to AWS X-Ray, with the AWS Distro for OpenTelemetry in it. Default: false.
	// https://docs.aws.amazon.com/apprunner/latest/dg/monitor-xray.html
	Tracing bool
}

// HealthCheck sets how App Runner finds out whether an instance works.
// https://docs.aws.amazon.com/apprunner/latest/api/API_HealthCheckConfiguration.html
type HealthCheck struct {
	// Interval is the time between two checks, 1 to 20 s. Default: 5 s.
	Interval time.Duration
	// Timeout is the maximum time for an answer, 1 to 20 s. Default: 2 s.
	Timeout time.Duration
	// HealthyThreshold is the number of consecutive good answers that make an instance healthy, 1 to 20. Default: 1.
	HealthyThreshold int
	// UnhealthyThreshold is the number of consecutive bad answers that make it unhealthy, 1 to 20. Default: 5.
	UnhealthyThreshold int
}

// Service is a web service on App Runner. Grant permissions to it, table.GrantReadData(service), and with Vpc let it connect:
// database.Connections().AllowDefaultPortFrom(service, nil).
type Service struct {
	constructs.Construct
	// Service is the CloudFormation resource.
	Service awsapprunner.CfnService
	// InstanceRole is the program's role.
	InstanceRole awsiam.IRole
	// AccessRole pulls the image; nil where nothing has to be granted for that.
	AccessRole awsiam.IRole
	// Endpoint is where the VPC of PrivateIngress reaches the service; nil without one.
	Endpoint awsec2.IInterfaceVpcEndpoint

	connections awsec2.Connections // of the VPC connector
	ingress     awsapprunner.CfnVpcIngressConnection
}

var (
	_ awsec2.IConnectable = (*Service)(nil)
	_ awsiam.IGrantable   = (*Service)(nil)
)

// The services that assume the roles.
// https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html
const (
	builder  = "build.apprunner.amazonaws.com"
	instance = "tasks.apprunner.amazonaws.com"
)

// availabilityNote is printed by every synth, as information: accounts that have services may go on creating them.
const availabilityNote = "AWS App Runner has accepted no new customers since 30 April 2026, and gets no new features. " +
	"If you have no service there yet, use ECS Express Mode: the props of express.NewService have the same names " +
	"(https://docs.aws.amazon.com/apprunner/latest/dg/apprunner-availability-change.html)"

// NewService creates a service. It panics with *invalid.Error if the props are invalid.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	p := opt.Value(props)
	invalid.Refuse(scope, id, p.Validate(), p.validateIn(scope))
	p.setDefaults()

	s := &Service{InstanceRole: p.InstanceRole, AccessRole: p.AccessRole}
	source.Create(s, scope, id)
	annotate.Note(s, availabilityNote)
	p.Image.WarnIfEmpty(s)
	if s.InstanceRole == nil {
		s.InstanceRole = s.newRole("InstanceRole", instance, "What the program may do")
	}
	p.Secrets = secretarn.Join(p.Secrets, p.SecretArns)
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		p.Secrets[name].GrantRead(s.InstanceRole)
	}
	s.checkSecretNames(&p)
	cdk := &awsapprunner.CfnServiceProps{
		ServiceName:                 opt.String(p.ServiceName),
		SourceConfiguration:         s.sourceConfiguration(&p),
		InstanceConfiguration:       p.instanceConfiguration(s.InstanceRole),
		HealthCheckConfiguration:    p.healthCheckConfiguration(),
		AutoScalingConfigurationArn: s.autoScalingConfigurationArn(&p),
		NetworkConfiguration:        s.networkConfiguration(&p),
		ObservabilityConfiguration:  s.observabilityConfiguration(&p),
	}
	if p.EncryptionKey != nil {
		cdk.EncryptionConfiguration = &awsapprunner.CfnService_EncryptionConfigurationProperty{KmsKey: p.EncryptionKey.KeyArn()}
	}
	s.Service = awsapprunner.NewCfnService(s, jsii.String("Service"), cdk)
	// A deployment before the policies of its roles fails: it may not pull the image or read the secrets.
	s.Service.Node().AddDependency(s.InstanceRole)
	if s.AccessRole != nil {
		s.Service.Node().AddDependency(s.AccessRole)
	}
	s.addPrivateIngress(&p)
	if p.WebAcl != nil {
		p.WebAcl.Protect(s, *s.Service.AttrServiceArn())
	}
	return s
}

// checkSecretNames refuses secrets that App Runner would not find, once they are granted, and warns of those that it may not find.
func (s *Service) checkSecretNames(p *ServiceProps) {
	var bad invalid.Problems
	secretarn.CheckNames("Secrets", p.Secrets, s.InstanceRole, &bad)
	secretarn.Warn(s, secretarn.Arns(p.Secrets)...)
	invalid.Panic(*s.Node().Path(), bad)
}

// Url returns the service's HTTPS URL: on the internet, or in the VPC of PrivateIngress.
func (s *Service) Url() string {
	host := s.Service.AttrServiceUrl()
	if s.ingress != nil {
		host = s.ingress.AttrDomainName()
	}
	return "https://" + *host
}

// Arn returns the service's ARN.
func (s *Service) Arn() string { return *s.Service.AttrServiceArn() }

// Name returns the service's name, which only its ARN tells if CloudFormation has generated it.
func (s *Service) Name() string {
	return *awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("/"), s.Service.AttrServiceArn(), nil))
}

// GrantPrincipal returns the instance role's principal, so that the service can be granted permissions:
// queue.GrantSendMessages(service).
func (s *Service) GrantPrincipal() awsiam.IPrincipal { return s.InstanceRole.GrantPrincipal() }

// Connections returns the network connections of the VPC connector, by which the program reaches a VPC:
// database.Connections().AllowDefaultPortFrom(service, nil). It panics with *invalid.Error without Vpc: then no security group is
// known.
func (s *Service) Connections() awsec2.Connections {
	if s.connections == nil {
		invalid.Panic(*s.Node().Path(), invalid.Problems{{
			Wanted: "has no known security groups for Connections", Fix: "set Vpc, or use the security groups of the VPC connector",
		}})
	}
	return s.connections
}

func (s *Service) newRole(id, service, what string) awsiam.Role {
	return awsiam.NewRole(s, &id, &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(&service, nil), Description: jsii.String(what),
	})
}

// sourceConfiguration is the image, with the permission to pull it, or the code.
func (s *Service) sourceConfiguration(p *ServiceProps) *awsapprunner.CfnService_SourceConfigurationProperty {
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
		suppressWildcard(s.AccessRole, p.AccessRole == nil,
			"ecr:GetAuthorizationToken supports no resources; the pull itself is granted on the one repository")
		source.AuthenticationConfiguration = &awsapprunner.CfnService_AuthenticationConfigurationProperty{AccessRoleArn: s.AccessRole.RoleArn()}
	}
	source.ImageRepository = image
	return source
}

// suppressWildcard records for cdk-nag why the policy of a role that this package creates has "*".
func suppressWildcard(role awsiam.IRole, isNew bool, reason string) {
	if policy := role.Node().TryFindChild(jsii.String("DefaultPolicy")); isNew && policy != nil {
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

func (p *ServiceProps) instanceConfiguration(role awsiam.IRole) *awsapprunner.CfnService_InstanceConfigurationProperty {
	return &awsapprunner.CfnService_InstanceConfigurationProperty{
		Cpu: jsii.String(fmt.Sprint(p.Cpu)), Memory: jsii.String(fmt.Sprint(p.MemoryLimitMiB)), InstanceRoleArn: role.RoleArn(),
	}
}

func (p *ServiceProps) healthCheckConfiguration() *awsapprunner.CfnService_HealthCheckConfigurationProperty {
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

// autoScalingConfigurationArn returns nil for the account's default. A configuration can't be changed: CloudFormation creates
// another, and then deletes the first.
func (s *Service) autoScalingConfigurationArn(p *ServiceProps) *string {
	if !p.hasOwnScaling() {
		return opt.String(p.AutoScalingConfigurationArn)
	}
	return awsapprunner.NewCfnAutoScalingConfiguration(s, jsii.String("AutoScaling"), &awsapprunner.CfnAutoScalingConfigurationProps{
		MinSize: jsii.Number(p.MinSize), MaxSize: jsii.Number(p.MaxSize), MaxConcurrency: jsii.Number(p.MaxConcurrency),
	}).AttrAutoScalingConfigurationArn()
}

// observabilityConfiguration lets the program send traces, by actions that support no resources.
// https://docs.aws.amazon.com/apprunner/latest/dg/monitor-xray.html
func (s *Service) observabilityConfiguration(p *ServiceProps) any {
	if !p.Tracing {
		return nil
	}
	s.InstanceRole.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
			"xray:GetSamplingStatisticSummaries"),
		Resources: jsii.Strings("*"),
	}))
	suppressWildcard(s.InstanceRole, p.InstanceRole == nil, "The actions that send traces to X-Ray support no resources")
	vendor := &awsapprunner.CfnObservabilityConfiguration_TraceConfigurationProperty{Vendor: jsii.String("AWSXRAY")}
	return &awsapprunner.CfnService_ServiceObservabilityConfigurationProperty{
		ObservabilityEnabled: jsii.Bool(true),
		ObservabilityConfigurationArn: awsapprunner.NewCfnObservabilityConfiguration(s, jsii.String("Observability"),
			&awsapprunner.CfnObservabilityConfigurationProps{TraceConfiguration: vendor}).AttrObservabilityConfigurationArn(),
	}
}
