package settings

import (
	"awscontainers/constructs/apprunner"
	"awscontainers/stacks"
)

func appRunnerService(r *reader) stacks.AppRunnerServiceProps {
	p := stacks.AppRunnerServiceProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.profile.natGateways,
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		MinInstances:          r.profile.minTasks,
		MaxInstances:          r.profile.maxTasks,
		Alarms:                r.profile.alarms,

		RepositoryUrl: r.text(key{
			Name: "repositoryUrl", Doc: "the source code to build in place of an image, `https://github.com/owner/repository` or of Bitbucket",
		}),
		ConnectionArn:   r.text(key{Name: "connectionArn", Doc: "App Runner's connection to it, created in the console"}),
		Branch:          r.text(key{Name: "branch", Default: "main", Doc: "the branch of the source code"}),
		SourceDirectory: r.text(key{Name: "sourceDirectory", Default: "/", Doc: "the directory of the service in it"}),
		Runtime: apprunner.Runtime(r.text(key{
			Name: "runtime",
			Doc: "what to build and run the source on: `NODEJS_22`, `PYTHON_311`, `CORRETTO_11` or `CORRETTO_8`; otherwise its `apprunner.yaml` " +
				"says it",
		})),
		BuildCommand: r.text(key{Name: "buildCommand", Doc: "the command that builds it, with the runtime"}),
	}
	image, port := "public.ecr.aws/aws-containers/hello-app-runner:latest", "8000"
	if p.RepositoryUrl != "" {
		image = ""
		if p.Runtime == "" {
			port = ""
		}
	}
	p.Image = r.image(key{Name: "image", Default: image, Doc: "the image of a web server, for x86, of Amazon ECR or ECR Public"})
	p.Directory = r.text(directoryKey)
	p.AutoDeployments = r.flag(key{
		Name: "autoDeployments", Doc: "deploys each new commit on the branch, or each new image with the tag in private ECR of the same account",
	})
	p.StartCommand = r.text(key{
		Name: "startCommand", Doc: "the command that starts it; otherwise the image's own, or that of `apprunner.yaml`",
	})
	p.Port = r.integer(key{Name: "port", Default: port, Doc: "the port that it listens on; with `apprunner.yaml`, that says it"}, 1, maxPort)
	p.Environment, p.SecretArns = r.variables(environmentKey), r.secrets()
	r.appRunnerInstances(&p)
	for _, name := range []string{"connectionArn", "branch", "sourceDirectory", "runtime", "buildCommand"} {
		r.requires(name, "repositoryUrl")
	}
	if p.RepositoryUrl == "" {
		p.Branch, p.SourceDirectory = "", ""
	}
	if p.VpcAccess {
		r.noteConnectorZones()
	}
	return p
}

// appRunnerInstances reads what the service runs on, and how it is reached and watched.
func (r *reader) appRunnerInstances(p *stacks.AppRunnerServiceProps) {
	p.HealthCheckPath = r.text(key{Name: "healthCheckPath", Default: "/", Doc: "the path that App Runner requests; 200 is healthy"})
	p.Cpu = r.integer(key{
		Name: "cpu", Default: "1024", Doc: "the CPU units of an instance: 256, 512, 1024, 2048 or 4096",
	}, 256, 4096)
	p.MemoryLimitMiB = r.integer(key{
		Name: "memoryMiB", Prop: "MemoryLimitMiB",
		Doc: "the memory of an instance, one of the sizes for its CPU; otherwise 1024 for up to 512 CPU units, and twice the CPU units " +
			"for more",
	}, 512, 12288)
	p.MaxConcurrency = r.integer(key{
		Name: "maxConcurrency", Default: "100", Doc: "the number of concurrent requests per instance",
	}, 1, 200)
	p.VpcAccess = r.flag(key{Name: "vpcAccess", Doc: "the service reaches private resources of a VPC, by a VPC connector"})
	p.PrivateIngress = r.flag(key{Name: "privateIngress", Doc: "the service is reached only from a VPC, not from the internet"})
	p.Waf = r.flag(key{Name: "waf", Doc: "AWS WAF with managed rules in front of the service"})
	p.Tracing = r.flag(key{Name: "tracing", Doc: "the service may send traces to AWS X-Ray, if it contains OpenTelemetry"})
	p.AlarmEmails = r.alarmEmails(alarmsDoc)
}
