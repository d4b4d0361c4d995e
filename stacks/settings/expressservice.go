package settings

import (
	"awscontainers/constructs/network"
	"awscontainers/internal/fargate"
	"awscontainers/stacks"
)

func expressService(r *reader) stacks.ExpressServiceProps {
	p := stacks.ExpressServiceProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		ContainerInsights:     r.containerInsights(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		RuntimeMonitoring:     r.runtimeMonitoring,
		Alarms:                r.profile.alarms,

		Image:                     r.image(key{Name: "image", Default: webImage, Doc: "the image of a web server, for Linux on x86"}),
		ImageCredentialsSecretArn: r.text(imageCredentialsKey),
		Directory:                 r.text(directoryKey),
		Port:                      r.integer(portKey, 1, maxPort),
		HealthCheckPath:           r.text(healthCheckPathKey),
		Command:                   r.words(commandKey),
		Environment:               r.variables(environmentKey),
		SecretArns:                r.secrets(),
		Internal: r.flag(key{
			Name: "internal", Doc: "tasks and load balancer in private subnets, reached only from the VPC; otherwise the service faces the internet",
		}),
		RequestsPerTask: r.integer(key{
			Name: "requestsPerTask", Doc: "the number of requests per task at which tasks are added; otherwise they are added at 60 % of their CPU",
		}, 1, 65536),
		ServiceName: r.text(key{
			Name: "serviceName", Doc: "the name, from which ECS makes the address; changing it replaces the service",
		}),
	}
	p.OpenTelemetry = r.flag(key{
		Name: "openTelemetry",
		Doc:  "a collector of traces and metrics in each task, whose task definition the stack then creates",
	})
	p.AlarmEmails = r.alarmEmails(alarmsDoc)
	nat := key{
		Default: string(network.NatNone),
		Doc: "the NAT gateways of the new VPC: none, or with `internal`, which requires one, `single` or `per-az`, by default " +
			"that of other stacks",
	}
	if p.Internal {
		nat.Default = string(r.profile.natGateways)
	}
	p.NatGateways = r.natGatewaysOf(nat, network.NatSingle, network.NatPerAz, network.NatNone)
	p.Cpu, p.MemoryLimitMiB = r.cpu("256 in `dev` and 1024 in `prod`"), r.memory()
	if !r.profile.isProd() && p.Cpu == 0 {
		p.Cpu = fargate.CpuFor(p.MemoryLimitMiB, minFargateCpu)
	}
	p.MinTasks, p.MaxTasks = r.tasks("", "")
	r.noteZones(onFargate)
	return p
}
