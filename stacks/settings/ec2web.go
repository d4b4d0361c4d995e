package settings

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/platform"
	"awscontainers/stacks"
)

func ec2Web(r *reader) stacks.Ec2WebProps {
	p := stacks.Ec2WebProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.natGateways(),
		ContainerInsights:     r.containerInsights(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		MinInstances:          r.profile.minInstances,
		MaxInstances:          r.profile.maxInstances,
		RollbackOnErrors:      r.profile.isProd(),
		Alarms:                r.profile.alarms,

		Image: r.image(key{
			Name: "image", Default: webImage, Doc: "the image of a web server, for the processor architecture of the instances",
		}),
		ImageCredentialsSecretArn: r.text(imageCredentialsKey),
		Directory:                 r.text(directoryKey),
		ImageRepository:           r.text(imageRepositoryKey),
		Port:                      r.integer(portKey, 1, maxPort),
		HealthCheckPath:           r.text(healthCheckPathKey),
		WritablePaths:             r.list(writablePathsKey),
		Command:                   r.words(commandKey),
		Environment:               r.variables(environmentKey),
		SecretArns:                r.secrets(),
		Cpu: r.integer(key{
			Name: "cpu", Default: "256",
			Doc: "the CPU units, 1024 to a vCPU, that a task of the web service takes of its instance, which must have as many",
		}, 128, 196608),
		MemoryLimitMiB: r.integer(key{
			Name: "memoryMiB", Default: "512", Prop: "MemoryLimitMiB", Doc: "the memory in MiB that it takes of it",
		}, 6, 1<<25),
		CertificateArn: r.text(certificateKey),
		AlarmEmails:    r.alarmEmails(alarmsDoc),
	}
	r.ec2WebInstances(&p)
	p.MinTasks, p.MaxTasks = r.tasks(" of the web service", "; there can be as many On-Demand Instances")
	p.MaxInstances = max(p.MaxInstances, p.MaxTasks) // an instance for each, if they are large
	if r.profile.isProd() && p.CertificateArn == "" {
		r.warn("plain-http", "Ec2Web serves plain HTTP to the internet; set Ec2Web.certificateArn. Without a domain, use FargateWeb with "+
			"FargateWeb.cloudFront, or "+httpsWithoutDomain)
	}
	return p
}

// ec2WebInstances reads what the tasks run on.
func (r *reader) ec2WebInstances(p *stacks.Ec2WebProps) {
	p.InstanceTypes = r.list(key{
		Name: "instanceTypes", Default: "t3.medium",
		Doc:   "the instance types, separated by commas, of one processor architecture; `t4g.medium` for Arm",
		Check: isInstanceType,
	})
	p.OperatingSystem = choice(r, key{
		Name: "operatingSystem", Default: string(platform.AmazonLinux2023),
		Doc: "the operating system of the instances: `AMAZON_LINUX_2023` or `BOTTLEROCKET`",
	}, platform.AmazonLinux2023, platform.Bottlerocket)
	p.NetworkMode = choice(r, key{
		Name: "networkMode", Default: string(awsecs.NetworkMode_AWS_VPC),
		Doc: "`AWS_VPC`, each task with an IP address of its own, or `BRIDGE`, more tasks on an instance, behind its ports",
	}, awsecs.NetworkMode_AWS_VPC, awsecs.NetworkMode_BRIDGE)
	p.SpotWeight = r.integer(key{
		Name: "spotWeight", Default: "0", Doc: "the web service's number of tasks on Spot Instances for each one on On-Demand Instances",
	}, 0, 1000)
	p.MaxSpotInstances = r.integer(key{
		Name: "maxSpotInstances", Default: "0",
		Doc: "the maximum number of Spot Instances; before you remove it again, deploy with `Ec2Web.spotWeight` 0",
	}, 0, 1000)
	p.ImageId = r.text(imageIdKey(
		"an AMI to pin the instances to; otherwise each deployment takes the newest, and first replaces the instances",
	))
	p.ManagedTerminationProtection = r.flag(key{
		Name: "managedTerminationProtection", Doc: "instances that run tasks are kept; deleting the stack then takes more than one command",
	})
}
