package ecs

import (
	"path"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/registry"
	"awscontainers/internal/check"
)

// FireLens adds a container to the task that takes the output of those with Logging.Driver LogDriverFireLens and sends it where their
// Options say: to Amazon Data Firehose, Amazon S3, OpenSearch, Datadog and others. It starts before them and ends after them, and the task
// ends with it, because nothing would be logged after that. What it says itself goes to the task's log group. Grant what it writes to to
// the task: stream.GrantPutRecords(task). It takes CPU and memory of the task's.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
type FireLens struct {
	// Image is the router. In isolated subnets it must come from a private ECR. Default:
	// registry.FromRegistry("public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.17"), or none with Type FLUENTD.
	Image *registry.Image
	// Type is awsecs.FirelensLogRouterType_FLUENTBIT or _FLUENTD. Default: FLUENTBIT.
	Type awsecs.FirelensLogRouterType
	// ConfigFile is the absolute path of a configuration in the image, which is added to the one that ECS writes: filters, parsers, more
	// outputs. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html
	ConfigFile string
	// ConfigBucket is where a configuration is in Amazon S3 in place of ConfigFile, only on EC2. The execution role may then read
	// just this object. Default: none.
	ConfigBucket awss3.IBucket
	// ConfigKey is the object key of that configuration. Required with ConfigBucket. Default: none.
	ConfigKey string
	// OmitEcsMetadata leaves the names of the cluster, the task and the task definition out of each record. Default: false.
	OmitEcsMetadata bool
	// Environment are plain variables of the router. Default: none.
	Environment map[string]string
	// WritableRootFilesystem lets the router change its own files, as the init variants of AWS's image do. Default: false, it may write
	// to /tmp, in memory, where Fluent Bit's output to Amazon S3 keeps what it has not sent yet.
	WritableRootFilesystem bool
	// BufferMiB is the size of /tmp without WritableRootFilesystem. Default: 64.
	BufferMiB int
	// MemoryReservationMiB is the memory set aside for it. Default: 64.
	MemoryReservationMiB int
}

const (
	routerName  = "log_router"
	routerImage = "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.17"
	routerMiB   = 64
	// firelensPort is where the router listens, beside a socket.
	firelensPort = 24224
)

var routerTypes = []awsecs.FirelensLogRouterType{awsecs.FirelensLogRouterType_FLUENTBIT, awsecs.FirelensLogRouterType_FLUENTD}

// addRouter appends the router, and lets the containers that need it wait for it. On shutdown the order is reversed.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
func (p *TaskProps) addRouter() {
	if p.FireLens == nil {
		return
	}
	for i := range p.Containers {
		c := &p.Containers[i]
		waits := slices.ContainsFunc(c.DependsOn, func(d ContainerDependency) bool { return d.ContainerName == routerName })
		if c.usesFireLens() && !waits && c.Name != routerName {
			c.DependsOn = append(slices.Clone(c.DependsOn), ContainerDependency{ContainerName: routerName})
		}
	}
	p.Containers = append(p.Containers, p.FireLens.container())
}

// isRouter reports whether a container is the one that FireLens adds.
func (p *TaskProps) isRouter(i int) bool { return p.FireLens != nil && i == len(p.Containers)-1 }

// outputOption is the option that names an output.
func (f *FireLens) outputOption() string {
	if f.Type == awsecs.FirelensLogRouterType_FLUENTD {
		return "@type"
	}
	return "Name"
}

func (f *FireLens) container() Container {
	image := registry.FromRegistry(routerImage)
	if f.Image != nil {
		image = *f.Image
	}
	memory := routerMiB
	if f.MemoryReservationMiB >= minMemoryMiB { // less is refused
		memory = f.MemoryReservationMiB
	}
	c := Container{
		Name:                 routerName,
		Image:                image,
		MemoryReservationMiB: memory,
		Environment:          f.Environment,
		// ECS writes it into the task definition unless it is there, which drift detection would report.
		// https://github.com/aws/containers-roadmap/issues/2122
		User:                   "0",
		WritableRootFilesystem: f.WritableRootFilesystem,
	}
	if !f.WritableRootFilesystem {
		c.WritablePaths = []WritablePath{{ContainerPath: "/tmp", SizeMiB: max(f.BufferMiB, 0)}}
	}
	return c
}

func (p *TaskProps) validateFireLens(bad *invalid.Problems) {
	f := p.FireLens
	if f == nil {
		return
	}
	bad.Nest("FireLens", f.validate(p))
	if !slices.ContainsFunc(p.Containers, func(c Container) bool { return c.usesFireLens() }) {
		bad.Add("FireLens", "requires a container with Logging.Driver %q", LogDriverFireLens)
	}
	for i, c := range p.Containers {
		field := check.Index("Containers", i)
		if p.isRouter(i) {
			continue
		}
		if c.Name == routerName {
			bad.Add(field+".Name", "must not be the name of the router of FireLens").Given(c.Name)
		}
		for j, m := range c.PortMappings {
			if m.ContainerPort == firelensPort || m.HostPort == firelensPort {
				bad.Add(field+"."+check.Index("PortMappings", j)+".ContainerPort", "must not be the port of FireLens").Given(firelensPort)
			}
		}
		for j, d := range c.DependsOn {
			if d.ContainerName == routerName && d.Condition != "" && d.Condition != awsecs.ContainerDependencyCondition_START {
				bad.Add(field+"."+check.Index("DependsOn", j)+".Condition", "must be %q for the router of FireLens",
					awsecs.ContainerDependencyCondition_START).Given(d.Condition).Advise("remove the dependency, which is there anyway")
			}
		}
	}
}

func (f *FireLens) validate(p *TaskProps) error {
	var bad invalid.Problems
	check.Known("Type", f.Type, routerTypes, &bad)
	if f.Type == awsecs.FirelensLogRouterType_FLUENTD && f.Image == nil {
		bad.Add("Image", "is required with Type %q", f.Type)
	}
	switch {
	case f.ConfigFile == "" || invalid.IsToken(f.ConfigFile):
	case !path.IsAbs(f.ConfigFile):
		bad.Add("ConfigFile", "must begin with /").Given(f.ConfigFile)
	case f.Image == nil:
		bad.Add("ConfigFile", "requires Image, which has the file").Given(f.ConfigFile)
	}
	if f.ConfigBucket != nil || f.ConfigKey != "" {
		f.validateBucket(p, &bad)
	}
	if f.MemoryReservationMiB != 0 {
		check.Min("MemoryReservationMiB", f.MemoryReservationMiB, minMemoryMiB, &bad)
	}
	check.Min("BufferMiB", f.BufferMiB, 0, &bad)
	if size := (WritablePath{SizeMiB: f.BufferMiB}).size(); p.MemoryLimitMiB > 0 && size >= p.MemoryLimitMiB && !f.WritableRootFilesystem {
		bad.Add("BufferMiB", "must be smaller than the task's MemoryLimitMiB (%d), because it is in memory", p.MemoryLimitMiB).Given(size)
	}
	if f.BufferMiB != 0 && f.WritableRootFilesystem {
		bad.Add("BufferMiB", "must not be set together with WritableRootFilesystem").Given(f.BufferMiB).Advise("remove one of them")
	}
	return bad.Err()
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_FirelensConfiguration.html
func (f *FireLens) validateBucket(p *TaskProps, bad *invalid.Problems) {
	switch {
	case f.ConfigBucket == nil:
		bad.Add("ConfigBucket", "is required with ConfigKey")
	case f.ConfigKey == "":
		bad.Add("ConfigKey", "is required with ConfigBucket")
	case f.ConfigFile != "":
		bad.Add("ConfigKey", "must not be set together with ConfigFile").Given(f.ConfigKey).Advise("remove one of them")
	case !p.runsOnlyOn(onEc2):
		bad.Add("ConfigKey", "requires Compatibility %q: Fargate takes only files of the image", awsecs.Compatibility_EC2).Given(f.ConfigKey).
			Advise("put the file into an image and set ConfigFile")
	}
}

// newContainer adds a container to the task definition, as FireLens's router if it is that.
func (t *Task) newContainer(c *Container, o *awsecs.ContainerDefinitionOptions) awsecs.ContainerDefinition {
	f := t.props.FireLens
	if f == nil || c.Name != routerName {
		return t.TaskDefinition.AddContainer(&c.Name, o)
	}
	return t.TaskDefinition.AddFirelensLogRouter(&c.Name, &awsecs.FirelensLogRouterDefinitionOptions{
		Image:                  o.Image,
		MemoryReservationMiB:   o.MemoryReservationMiB,
		User:                   o.User,
		Environment:            o.Environment,
		ReadonlyRootFilesystem: o.ReadonlyRootFilesystem,
		Essential:              o.Essential,
		LinuxParameters:        o.LinuxParameters,
		Logging:                o.Logging,
		FirelensConfig:         t.firelens(f),
	})
}

func (t *Task) firelens(f *FireLens) *awsecs.FirelensConfig {
	config := &awsecs.FirelensConfig{
		Type:    awsecs.FirelensLogRouterType_FLUENTBIT,
		Options: &awsecs.FirelensOptions{EnableECSLogMetadata: jsii.Bool(!f.OmitEcsMetadata)},
	}
	if f.Type != "" {
		config.Type = f.Type
	}
	switch {
	case f.ConfigFile != "":
		config.Options.ConfigFileType, config.Options.ConfigFileValue = awsecs.FirelensConfigFileType_FILE, &f.ConfigFile
	case f.ConfigBucket != nil:
		config.Options.ConfigFileType = awsecs.FirelensConfigFileType_S3
		config.Options.ConfigFileValue = f.ConfigBucket.ArnForObjects(&f.ConfigKey)
		t.allowObject(f.ConfigBucket, f.ConfigKey)
	}
	return config
}
