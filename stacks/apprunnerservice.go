package stacks

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

// AppRunnerServiceProps configure the stack of NewAppRunnerService.
type AppRunnerServiceProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets, for VpcAccess and PrivateIngress. It requires Env, to look it up.
	// Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. Default: network.NatSingle; network.NatNone
	// isn't possible with VpcAccess or PrivateIngress, which take private subnets.
	NatGateways network.NatGateways
	// Protect turns on termination protection for the stack.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long the flow logs of the new VPC are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether these logs are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy

	// Image is the image of a web server for x86, of Amazon ECR or ECR Public. Required without Directory and RepositoryUrl.
	Image string
	// Directory is the directory of a Dockerfile, from which `cdk deploy` builds the image, for x86. It is relative to where cdk runs.
	// Required without Image and RepositoryUrl.
	Directory string
	// RepositoryUrl is a source code repository on GitHub or Bitbucket, which App Runner builds in place of Image. Required without
	// Image and Directory.
	RepositoryUrl string
	// ConnectionArn is App Runner's connection to the repository. Required with RepositoryUrl.
	ConnectionArn string
	// Branch is the branch to deploy. Default: "main".
	Branch string
	// SourceDirectory is the directory of the service in the repository. Default: "/".
	SourceDirectory string
	// Runtime is what App Runner builds and runs the source on. Default: what the repository's apprunner.yaml says.
	Runtime apprunner.Runtime
	// BuildCommand builds the source, with Runtime. Default: none.
	BuildCommand string
	// StartCommand starts the service. Required with Runtime; otherwise the default is the image's, or that of apprunner.yaml.
	StartCommand string
	// AutoDeployments deploys each new image with the same tag, or each new commit on the branch. Default: false.
	AutoDeployments bool

	// Port is the port that the service listens on. Default: 8080; with a source without Runtime, what apprunner.yaml says.
	Port int
	// Environment holds variables of the service that everybody who can read its configuration sees. Default: none.
	Environment map[string]string
	// SecretArns holds variables whose values App Runner reads when an instance starts: the complete ARN of a Secrets Manager secret,
	// followed by ":" and a key of its JSON for that key's value, or the ARN of an SSM parameter. Default: none.
	SecretArns map[string]string
	// HealthCheckPath is the path that App Runner requests; 200 is healthy. Default: none; a TCP connection is healthy.
	HealthCheckPath string
	// Cpu is the CPU units of an instance. Default: 1024.
	Cpu int
	// MemoryLimitMiB is the memory of an instance. Default: the least that fits Cpu.
	MemoryLimitMiB int
	// MinInstances and MaxInstances are the minimum and maximum number of instances. Default: 2 and 10.
	MinInstances, MaxInstances int
	// MaxConcurrency is the number of concurrent requests per instance. Default: 100.
	MaxConcurrency int
	// VpcAccess connects the service to the VPC, to reach private resources. Default: false.
	VpcAccess bool
	// PrivateIngress makes the service reachable only from the VPC. Default: false.
	PrivateIngress bool
	// Waf puts AWS WAF with managed rules in front of the service. Default: false.
	Waf bool
	// Tracing allows the service to send traces to AWS X-Ray. Default: false.
	Tracing bool

	// Alarms creates alarms and a topic that they notify. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
}

// NewAppRunnerService creates a stack with a web service on App Runner, from an image or from source code. It panics with
// *invalid.Error if the props are invalid.
func NewAppRunnerService(scope constructs.Construct, id string, props *AppRunnerServiceProps) awscdk.Stack {
	var p AppRunnerServiceProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("Web service on App Runner"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	service := apprunner.NewService(stack, "Service", p.service(stack))

	output.New(stack, "Url", service.Url())
	output.New(stack, "ServiceArn", service.Arn())
	output.New(stack, "ServiceName", service.Name())
	output.New(stack, "ServiceId", *service.Service.AttrServiceId())
	if p.hasAlarms() {
		alarms := apprunner.NewAlarms(stack, "Alarms", &apprunner.AlarmsProps{Service: service, Emails: p.AlarmEmails})
		output.New(stack, "AlarmTopicArn", alarms.TopicArn())
	}
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *AppRunnerServiceProps) Validate() error {
	if p == nil {
		p = &AppRunnerServiceProps{}
	}
	var bad invalid.Problems
	if p.Image == "" && p.Directory == "" && p.RepositoryUrl == "" {
		bad.Add("Image", "is required without Directory and RepositoryUrl")
	}
	if p.Image != "" && p.RepositoryUrl != "" {
		bad.Add("Image", "must not be set together with RepositoryUrl").Given(p.Image).Advise("remove one of them")
	}
	if p.Directory != "" && p.Image+p.RepositoryUrl != "" {
		bad.Add("Directory", "must not be set together with Image or RepositoryUrl").Given(p.Directory).Advise("remove one of them")
	}
	if p.Directory != "" {
		bad.Nest("Directory", registry.FromAsset(p.Directory, nil).Validate())
	}
	if p.RepositoryUrl != "" && p.ConnectionArn == "" {
		bad.Add("ConnectionArn", "is required with RepositoryUrl").Advise("create the connection in the App Runner console")
	}
	if p.RepositoryUrl == "" {
		for _, source := range []struct{ field, value string }{
			{"ConnectionArn", p.ConnectionArn}, {"Branch", p.Branch}, {"SourceDirectory", p.SourceDirectory},
			{"Runtime", string(p.Runtime)}, {"BuildCommand", p.BuildCommand},
		} {
			if source.value != "" {
				bad.Add(source.field, "requires RepositoryUrl").Given(source.value).Advise("set RepositoryUrl or remove %s", source.field)
			}
		}
	}
	if p.RepositoryUrl != "" && p.Runtime == "" {
		if p.Port != 0 {
			bad.Add("Port", "requires Runtime, because otherwise only the repository's apprunner.yaml sets it").Given(p.Port)
		}
		if p.StartCommand != "" {
			bad.Add("StartCommand", "requires Runtime, because otherwise only the repository's apprunner.yaml sets it").Given(p.StartCommand)
		}
	}
	if p.NatGateways == network.NatNone && (p.VpcAccess || p.PrivateIngress) {
		bad.Add("NatGateways", "must not be %q with VpcAccess or PrivateIngress, which take private subnets", network.NatNone)
	}
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	return bad.Err()
}

func (p *AppRunnerServiceProps) setDefaults() {
	p.MinInstances = cmp.Or(p.MinInstances, 2)
	p.MaxInstances = cmp.Or(p.MaxInstances, max(10, p.MinInstances))
}

func (p *AppRunnerServiceProps) hasAlarms() bool { return p.Alarms || len(p.AlarmEmails) > 0 }

func (p *AppRunnerServiceProps) service(stack awscdk.Stack) *apprunner.ServiceProps {
	service := &apprunner.ServiceProps{
		AutoDeployments: p.AutoDeployments,
		StartCommand:    p.StartCommand,
		Port:            p.Port,
		Cpu:             p.Cpu,
		MemoryLimitMiB:  p.MemoryLimitMiB,
		Environment:     p.Environment,
		SecretArns:      p.SecretArns,
		HealthCheckPath: p.HealthCheckPath,
		MinSize:         p.MinInstances,
		MaxSize:         p.MaxInstances,
		MaxConcurrency:  p.MaxConcurrency,
		Tracing:         p.Tracing,
	}
	if p.Image != "" {
		service.Image = registry.FromRegistry(p.Image)
	}
	if p.Directory != "" {
		service.Image = registry.FromAsset(p.Directory, nil)
	}
	if p.RepositoryUrl != "" {
		service.Source = &apprunner.Source{
			RepositoryUrl: p.RepositoryUrl, ConnectionArn: p.ConnectionArn, Branch: p.Branch, SourceDirectory: p.SourceDirectory,
			Runtime: p.Runtime, BuildCommand: p.BuildCommand,
		}
	}
	if p.Waf {
		service.WebAcl = waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{IgnoreClientAddress: p.PrivateIngress})
	}
	if p.VpcAccess || p.PrivateIngress {
		vpc := p.vpc(stack)
		if p.VpcAccess {
			service.Vpc = vpc
		}
		if p.PrivateIngress {
			service.PrivateIngress = &apprunner.PrivateIngress{Vpc: vpc}
		}
	}
	return service
}

func (p *AppRunnerServiceProps) vpc(stack awscdk.Stack) awsec2.IVpc {
	if p.VpcId != "" {
		return network.VpcFromLookup(stack, "Vpc", p.VpcId).Vpc
	}
	return network.NewVpc(stack, "Vpc", &network.VpcProps{
		AvailabilityZoneNames: p.AvailabilityZoneNames,
		NatGateways:           p.NatGateways,
		FlowLogRetention:      p.LogRetention,
		RemovalPolicy:         p.RemovalPolicy,
	}).Vpc
}
