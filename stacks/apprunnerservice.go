package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

// AppRunnerServiceSettings are the choices of the stack AppRunnerService.
type AppRunnerServiceSettings struct {
	// Image is what to run: a web server, for x86, of public or private ECR. Required without RepositoryUrl; not with it.
	Image string
	// AutoDeployments deploys what is new under the tag or in the branch. Default: false.
	AutoDeployments bool
	// RepositoryUrl is the code to build in place of Image, on GitHub or Bitbucket. Default: none.
	RepositoryUrl string
	// ConnectionArn is App Runner's connection to it. Required with RepositoryUrl.
	ConnectionArn string
	// Branch is what to deploy. Default: "main".
	Branch string
	// SourceDirectory is where the service is in the repository. Default: "/".
	SourceDirectory string
	// Runtime is what to build and run on. Default: what the repository's apprunner.yaml says.
	Runtime string
	// BuildCommand and StartCommand build and start it, with Runtime. StartCommand is required then.
	BuildCommand, StartCommand string
	// Port is what it listens on. Default: 8080; not without Runtime, where the repository says it.
	Port int
	// HealthCheckPath is what App Runner asks for. Default: a TCP connection is enough.
	HealthCheckPath string
	// Cpu and MemoryMiB are an instance's. Default: 1024, and what goes with it.
	Cpu, MemoryMiB int
	// MaxConcurrency is how many requests at once an instance takes. Default: 100.
	MaxConcurrency int
	// VpcAccess lets it reach private resources of a VPC. Default: false.
	VpcAccess bool
	// PrivateIngress makes it reachable from a VPC alone. Default: false.
	PrivateIngress bool
	// Waf puts AWS WAF before it. Default: false.
	Waf bool
	// Tracing lets it send traces to AWS X-Ray. Default: false.
	Tracing bool
	// AlarmEmail gets alarms. Default: nobody; then Dev has no alarms.
	AlarmEmail string
}

const helloAppRunner = "public.ecr.aws/aws-containers/hello-app-runner:latest"

// appRunnerService reads the keys of the stack.
func (r *reader) appRunnerService() AppRunnerServiceSettings {
	s := AppRunnerServiceSettings{
		Image:           r.text("AppRunnerService.image", helloAppRunner, "the image of a web server, for x86, of public or private ECR", nil),
		AutoDeployments: r.flag("AppRunnerService.autoDeployments", "deploys by itself what is new in the branch, or under the tag in private ECR of the same account"),
		RepositoryUrl: r.text("AppRunnerService.repositoryUrl", "",
			"the code to build instead of an image, `https://github.com/owner/repository` or of Bitbucket", nil),
		ConnectionArn:   r.text("AppRunnerService.connectionArn", "", "App Runner's connection to it, made in the console", nil),
		Branch:          r.text("AppRunnerService.branch", "main", "the branch of the code", nil),
		SourceDirectory: r.text("AppRunnerService.sourceDirectory", "/", "where the service is in it", nil),
		Runtime: r.text("AppRunnerService.runtime", "",
			"what to build and run the code on: `NODEJS_22`, `PYTHON_311`, `CORRETTO_11` or `CORRETTO_8`; otherwise its `apprunner.yaml` says it", nil),
		BuildCommand:    r.text("AppRunnerService.buildCommand", "", "what builds it, with the runtime", nil),
		StartCommand:    r.text("AppRunnerService.startCommand", "", "what starts it; otherwise the image's own, or `apprunner.yaml`", nil),
		Port:            r.number("AppRunnerService.port", 8000, 1, 65535, "the port that it listens on; with `apprunner.yaml`, that says it"),
		HealthCheckPath: r.text("AppRunnerService.healthCheckPath", "/", "what App Runner asks for; 200 is healthy", nil),
		Cpu:             r.number("AppRunnerService.cpu", 1024, 256, 4096, "an instance's CPU units: 256, 512, 1024, 2048 or 4096"),
		MemoryMiB: r.optionalNumber("AppRunnerService.memoryMiB", 512, 12288,
			"an instance's memory, of what goes with that CPU; 1024 for up to 512 CPU units and twice them for more, unless given"),
		MaxConcurrency: r.number("AppRunnerService.maxConcurrency", 100, 1, 200, "how many requests at once an instance takes"),
		VpcAccess:      r.flag("AppRunnerService.vpcAccess", "it reaches private resources of a VPC, by a VPC connector"),
		PrivateIngress: r.flag("AppRunnerService.privateIngress", "it is reached from a VPC alone, not from the internet"),
		Waf:            r.flag("AppRunnerService.waf", "AWS WAF with AWS's managed rules before it"),
		Tracing:        r.flag("AppRunnerService.tracing", "it may send traces to AWS X-Ray, for which it has OpenTelemetry in it"),
		AlarmEmail:     r.text("AppRunnerService.alarmEmail", "", "who gets a mail when something is wrong; in `dev` it also turns the alarms on", nil),
	}
	for _, key := range []string{"connectionArn", "branch", "sourceDirectory", "runtime", "buildCommand"} {
		r.belongs("AppRunnerService."+key, "AppRunnerService.repositoryUrl")
	}
	// What is not given has no default beside code: that is no image, and may say its port by itself.
	if s.RepositoryUrl != "" && r.values["AppRunnerService.image"] == nil {
		s.Image = ""
	}
	if s.RepositoryUrl != "" && s.Runtime == "" && r.values["AppRunnerService.port"] == nil {
		s.Port = 0
	}
	return s
}

// AppRunnerServiceProps are what NewAppRunnerService needs.
type AppRunnerServiceProps struct {
	Common
	AppRunnerServiceSettings
}

// NewAppRunnerService is a web service on App Runner, from an image or from source. It panics with *invalid.Error when the props are wrong.
func NewAppRunnerService(scope constructs.Construct, id string, props *AppRunnerServiceProps) awscdk.Stack {
	var p AppRunnerServiceProps
	if props != nil {
		p = *props
	}
	stack := newStack(scope, id, "Web service on App Runner", p.Common)
	service := apprunner.NewService(stack, "Service", p.service(stack))

	output.New(stack, "Url", service.Url())
	output.New(stack, "ServiceArn", service.Arn())
	output.New(stack, "ServiceName", service.Name())
	output.New(stack, "ServiceId", *service.Service.AttrServiceId())
	if p.Profile.watched(p.AlarmEmail) {
		alarms := apprunner.NewAlarms(stack, "Alarms", &apprunner.AlarmsProps{Service: service, Emails: emails(p.AlarmEmail)})
		output.New(stack, "AlarmTopicArn", alarms.Topic.Arn())
	}
	return stack
}

func (p *AppRunnerServiceProps) service(stack awscdk.Stack) *apprunner.ServiceProps {
	service := &apprunner.ServiceProps{
		AutoDeployments: p.AutoDeployments,
		StartCommand:    p.StartCommand,
		Port:            p.Port,
		Cpu:             p.Cpu,
		MemoryLimitMiB:  p.MemoryMiB,
		HealthCheckPath: p.HealthCheckPath,
		MinSize:         p.Profile.minTasks(),
		MaxSize:         p.Profile.maxTasks(),
		MaxConcurrency:  p.MaxConcurrency,
		Tracing:         p.Tracing,
	}
	if p.Image != "" {
		service.Image = registry.FromRegistry(p.Image)
	}
	if p.RepositoryUrl != "" {
		service.Source = &apprunner.Source{
			RepositoryUrl: p.RepositoryUrl, ConnectionArn: p.ConnectionArn, Branch: p.Branch, SourceDirectory: p.SourceDirectory,
			Runtime: apprunner.Runtime(p.Runtime), BuildCommand: p.BuildCommand,
		}
	}
	if p.Waf {
		service.WebAcl = waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{IgnoreClientAddress: p.PrivateIngress})
	}
	if p.VpcAccess || p.PrivateIngress {
		vpc := newVpc(stack, p.Common)
		if p.VpcAccess {
			service.Vpc = vpc
		}
		if p.PrivateIngress {
			service.PrivateIngress = &apprunner.PrivateIngress{Vpc: vpc}
		}
	}
	return service
}
