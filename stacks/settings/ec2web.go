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
	r.noteImageId(p.ImageId != "" || p.ManagedInstances)
	if r.profile.isProd() && p.CertificateArn == "" {
		r.warn("plain-http", "Ec2Web serves plain HTTP to the internet; set Ec2Web.certificateArn. Without a domain, use FargateWeb with "+
			"FargateWeb.cloudFront, or "+httpsWithoutDomain)
	}
	return p
}

// ec2WebInstances reads what the tasks run on.
func (r *reader) ec2WebInstances(p *stacks.Ec2WebProps) {
	r.ec2WebInstanceTypes(p)
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
	p.WarmPool = r.flag(key{
		Name: "warmPool",
		Doc:  "keeps as many On-Demand Instances stopped as there may be more; they start in less time than new ones, and cost their volumes",
	})
	p.DetailedMonitoring = r.flag(key{
		Name: "detailedMonitoring", Doc: "measures instances each minute instead of each five, for a charge",
	})
	p.ManagedTerminationProtection = r.flag(key{
		Name: "managedTerminationProtection", Doc: "instances that run tasks are kept; deleting the stack then takes more than one command",
	})
}

// ec2WebInstanceTypes reads which types the instances may be of, and who chooses.
func (r *reader) ec2WebInstanceTypes(p *stacks.Ec2WebProps) {
	p.InstanceTypes = r.list(key{
		Name: "instanceTypes", Default: "t3.medium",
		Doc: "the instance types, separated by commas, of one processor architecture; `t4g.medium` for Arm. With " +
			"`Ec2Web.managedInstances` also `m7g.*`, and by default what ECS chooses",
		Check: isInstanceTypes,
	})
	p.InstanceVCpus = r.integer(key{
		Name: "instanceVCpus", Default: "0",
		Doc: "selects the instance types by their hardware, instead of `Ec2Web.instanceTypes`: the minimum number of vCPUs",
	}, 0, 448)
	p.InstanceMemoryMiB = r.integer(key{
		Name: "instanceMemoryMiB", Default: "0",
		Doc: "the minimum memory of an instance in MiB, with `Ec2Web.instanceVCpus`; 0 for 2048 for each of them",
	}, 0, 1<<25)
	architecture := choice(r, key{
		Name: "cpuArchitecture", Default: string(platform.X86_64),
		Doc: "the processor architecture, `X86_64` or `ARM64`, with `Ec2Web.instanceVCpus` or `Ec2Web.managedInstances`",
	}, platform.X86_64, platform.Arm64)
	if r.isSet("cpuArchitecture") {
		p.CpuArchitecture = architecture
	}
	p.GpuCount = r.integer(key{
		Name: "gpuCount", Default: "0", Doc: "the number of GPUs that each task of the web service has to itself; requires instances with GPUs",
	}, 0, 16)
	p.ManagedInstances = r.flag(key{
		Name: "managedInstances",
		Doc: "ECS chooses, starts, patches and ends the instances, for a fee, in place of an Auto Scaling group. For a new stack: ECS keeps " +
			"capacity that services use",
	})
	if !r.isSet("instanceTypes") && (p.InstanceVCpus > 0 || p.ManagedInstances) {
		p.InstanceTypes = nil
	}
}
