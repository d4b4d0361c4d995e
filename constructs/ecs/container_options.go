package ecs

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// RestartPolicy restarts a container in its task when it exits, essential or not: faster than a new task, which also has a new address.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
type RestartPolicy struct {
	// AttemptPeriod is how long the container must have run before it is restarted, whole seconds from 1 to 30 minutes: one that exits
	// earlier isn't. Default: 5 minutes.
	AttemptPeriod time.Duration
	// IgnoredExitCodes are exit codes after which it isn't restarted, up to 50, each from 0 to 255: 0 for a program that ends by
	// itself. Default: none.
	IgnoredExitCodes []int
}

const (
	minAttemptPeriod, maxAttemptPeriod = time.Minute, 30 * time.Minute
	maxIgnoredExitCodes                = 50
	maxExitCode                        = 255
)

func (r *RestartPolicy) validate() error {
	var bad invalid.Problems
	check.Seconds("AttemptPeriod", r.AttemptPeriod, minAttemptPeriod, maxAttemptPeriod, &bad)
	check.MaxLen("IgnoredExitCodes", len(r.IgnoredExitCodes), maxIgnoredExitCodes, &bad)
	for i, code := range r.IgnoredExitCodes {
		check.Range(check.Index("IgnoredExitCodes", i), code, 0, maxExitCode, &bad)
		refuseRepeated("IgnoredExitCodes", r.IgnoredExitCodes, i, &bad)
	}
	return bad.Err()
}

// refuseRepeated is check.Once for numbers, of which 0 is one.
func refuseRepeated(field string, numbers []int, i int, bad *invalid.Problems) {
	if first := slices.Index(numbers, numbers[i]); first < i {
		bad.Add(check.Index(field, i), "must not repeat %s", check.Index(field, first)).Given(numbers[i])
	}
}

func (r *RestartPolicy) render(options *awsecs.ContainerDefinitionOptions) {
	if r == nil {
		return
	}
	options.EnableRestartPolicy = jsii.Bool(true)
	options.RestartAttemptPeriod = opt.Duration(r.AttemptPeriod)
	if len(r.IgnoredExitCodes) > 0 {
		codes := make([]*float64, len(r.IgnoredExitCodes))
		for i, code := range r.IgnoredExitCodes {
			codes[i] = jsii.Number(code)
		}
		options.RestartIgnoredExitCodes = &codes
	}
}

// SystemControl is a parameter of the kernel, as `docker run --sysctl` takes it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html
type SystemControl struct {
	// Namespace is the parameter: one that begins with "net." or "fs.mqueue.", or one of those for shared memory and messages such as
	// "kernel.shmmax". In network mode AWS_VPC those of the network hold for all containers of the task, and only one container may have
	// them; in HOST mode there are none. Required.
	Namespace string
	// Value is its value. Required.
	Value string
}

var (
	ipcControls = []string{
		"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni",
		"kernel.shm_rmid_forced",
	}
	controlName = regexp.MustCompile(`^(net|fs\.mqueue)(\.[a-zA-Z0-9_-]+)+$`)
)

func (s *SystemControl) isOfNetwork() bool { return strings.HasPrefix(s.Namespace, "net.") }

func (c *Container) controlsNetwork() bool {
	return slices.ContainsFunc(c.SystemControls, func(s SystemControl) bool { return s.isOfNetwork() })
}

func systemControls(controls []SystemControl) *[]*awsecs.SystemControl {
	if len(controls) == 0 {
		return nil
	}
	rendered := make([]*awsecs.SystemControl, len(controls))
	for i := range controls {
		rendered[i] = &awsecs.SystemControl{Namespace: &controls[i].Namespace, Value: &controls[i].Value}
	}
	return &rendered
}

// EnvironmentFile is a file of variables in Amazon S3, a line VARIABLE=VALUE each. Values with spaces or quotation marks have them as they
// are. Everybody who may read the object reads them: for secrets, use Secrets. The execution role may read just this object; an object
// that changes reaches tasks that start afterwards.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
type EnvironmentFile struct {
	// Bucket is where the file is. Required.
	Bucket awss3.IBucket
	// Key is its object key, which ends in ".env". Required.
	Key string
}

// maxEnvironmentFiles is the limit of a task.
const maxEnvironmentFiles = 10

func (t *Task) environmentFiles(c *Container) *[]awsecs.EnvironmentFile {
	if len(c.EnvironmentFiles) == 0 {
		return nil
	}
	files := make([]awsecs.EnvironmentFile, len(c.EnvironmentFiles))
	for i := range c.EnvironmentFiles {
		f := &c.EnvironmentFiles[i]
		files[i] = awsecs.EnvironmentFile_FromBucket(f.Bucket, &f.Key, nil)
		t.allowObject(f.Bucket, f.Key)
	}
	return &files
}

// allowObject lets the execution role read one object, which the CDK leaves to the caller.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
func (t *Task) allowObject(bucket awss3.IBucket, key string) {
	for _, statement := range []struct{ action, resource *string }{
		{jsii.String("s3:GetObject"), bucket.ArnForObjects(&key)},
		{jsii.String("s3:GetBucketLocation"), bucket.BucketArn()},
	} {
		t.ExecutionRole.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: &[]*string{statement.action}, Resources: &[]*string{statement.resource},
		}))
	}
	if encryptionKey := bucket.EncryptionKey(); encryptionKey != nil {
		encryptionKey.GrantDecrypt(t.ExecutionRole)
	}
}

var capabilities = []awsecs.Capability{
	awsecs.Capability_ALL, awsecs.Capability_AUDIT_CONTROL, awsecs.Capability_AUDIT_WRITE, awsecs.Capability_BLOCK_SUSPEND,
	awsecs.Capability_CHOWN, awsecs.Capability_DAC_OVERRIDE, awsecs.Capability_DAC_READ_SEARCH, awsecs.Capability_FOWNER,
	awsecs.Capability_FSETID, awsecs.Capability_IPC_LOCK, awsecs.Capability_IPC_OWNER, awsecs.Capability_KILL, awsecs.Capability_LEASE,
	awsecs.Capability_LINUX_IMMUTABLE, awsecs.Capability_MAC_ADMIN, awsecs.Capability_MAC_OVERRIDE, awsecs.Capability_MKNOD,
	awsecs.Capability_NET_ADMIN, awsecs.Capability_NET_BIND_SERVICE, awsecs.Capability_NET_BROADCAST, awsecs.Capability_NET_RAW,
	awsecs.Capability_SETFCAP, awsecs.Capability_SETGID, awsecs.Capability_SETPCAP, awsecs.Capability_SETUID, awsecs.Capability_SYS_ADMIN,
	awsecs.Capability_SYS_BOOT, awsecs.Capability_SYS_CHROOT, awsecs.Capability_SYS_MODULE, awsecs.Capability_SYS_NICE,
	awsecs.Capability_SYS_PACCT, awsecs.Capability_SYS_PTRACE, awsecs.Capability_SYS_RAWIO, awsecs.Capability_SYS_RESOURCE,
	awsecs.Capability_SYS_TIME, awsecs.Capability_SYS_TTY_CONFIG, awsecs.Capability_SYSLOG, awsecs.Capability_WAKE_ALARM,
}

// addedCapabilities are AddCapabilities, and what Neuron needs.
func (c *Container) addedCapabilities() []awsecs.Capability {
	added := c.AddCapabilities
	if len(c.NeuronDevices) > 0 && !slices.Contains(added, awsecs.Capability_IPC_LOCK) {
		added = append(slices.Clone(added), awsecs.Capability_IPC_LOCK)
	}
	return added
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-inference-task-def.html
func (c *Container) addDevices(linux awsecs.LinuxParameters) {
	for _, n := range c.NeuronDevices {
		device := "/dev/neuron" + strconv.Itoa(n)
		linux.AddDevices(&awsecs.Device{
			HostPath: &device, ContainerPath: &device,
			Permissions: &[]awsecs.DevicePermission{awsecs.DevicePermission_READ, awsecs.DevicePermission_WRITE},
		})
	}
}

// validateOptions judges what few containers have.
func (c *Container) validateOptions(p *TaskProps, longest time.Duration, bad *invalid.Problems) {
	check.Seconds("StartTimeout", c.StartTimeout, minStopTimeout, longest, bad)
	if c.Logging != nil {
		bad.Nest("Logging", c.Logging.validate(p))
	}
	if c.RestartPolicy != nil {
		bad.Nest("RestartPolicy", c.RestartPolicy.validate())
	}
	if c.InitProcess && c.OwnInit {
		bad.Add("OwnInit", "must not be set together with InitProcess").Advise("remove one of them")
	}
	c.validateCapabilities(p, bad)
	c.validateControls(p, bad)
	for i, f := range c.EnvironmentFiles {
		field := check.Index("EnvironmentFiles", i)
		if f.Bucket == nil {
			bad.Add(field+".Bucket", "is required")
		}
		switch {
		case f.Key == "":
			bad.Add(field+".Key", `is required: an object key that ends in ".env"`)
		case !invalid.IsToken(f.Key) && path.Ext(f.Key) != ".env":
			bad.Add(field+".Key", `must end in ".env"`).Given(f.Key)
		}
	}
	for i, w := range c.WritablePaths {
		for j, option := range w.MountOptions {
			if !isMountOption(option) {
				bad.Add(check.Index("WritablePaths", i)+"."+check.Index("MountOptions", j),
					`must be an option of tmpfs that ECS takes, such as "exec", "uid=101" or "mode=1770"`).Given(option)
			}
		}
	}
	for i, n := range c.NeuronDevices {
		check.Min(check.Index("NeuronDevices", i), n, 0, bad)
		refuseRepeated("NeuronDevices", c.NeuronDevices, i, bad)
	}
	if len(c.NeuronDevices) > 0 && !p.runsOnlyOn(onEc2) {
		bad.Add("NeuronDevices", "requires Compatibility %q", awsecs.Compatibility_EC2).Given(p.Compatibility)
	}
}

func (c *Container) validateCapabilities(p *TaskProps, bad *invalid.Problems) {
	for i, added := range c.AddCapabilities {
		field := check.Index("AddCapabilities", i)
		check.RequiredKnown(field, added, capabilities, bad)
		check.Once("AddCapabilities", c.AddCapabilities, i, bad)
		if p.runsOn(onFargate) && slices.Contains(capabilities, added) && added != awsecs.Capability_SYS_PTRACE {
			bad.Add(field, "must be %q on Fargate", awsecs.Capability_SYS_PTRACE).Given(added)
		}
		if c.DropCapabilities && added == awsecs.Capability_ALL {
			bad.Add(field, "must not be all of what DropCapabilities drops").Given(added).Advise("remove one of them")
		}
	}
}

func (c *Container) validateControls(p *TaskProps, bad *invalid.Problems) {
	var seen []string
	for i, s := range c.SystemControls {
		field := check.Index("SystemControls", i)
		switch {
		case s.Namespace == "":
			bad.Add(field+".Namespace", `is required, such as "net.core.somaxconn"`)
		case !slices.Contains(ipcControls, s.Namespace) && !controlName.MatchString(s.Namespace):
			bad.Add(field+".Namespace", `must begin with "net." or "fs.mqueue.", or be one of %s`, check.OneOf(ipcControls)).Given(s.Namespace)
		case s.isOfNetwork() && p.NetworkMode == awsecs.NetworkMode_HOST:
			bad.Add(field+".Namespace", "must not be of the network in NetworkMode %q, which is the instance's", p.NetworkMode).Given(s.Namespace)
		case slices.Contains(seen, s.Namespace):
			bad.Add(field+".Namespace", "must be set only once").Given(s.Namespace)
		}
		seen = append(seen, s.Namespace)
		if s.Value == "" {
			bad.Add(field+".Value", "is required")
		}
	}
}

var (
	// Options without a value: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html
	mountOptions = []string{
		"defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync", "remount", "mand", "nomand",
		"atime", "noatime", "diratime", "nodiratime", "bind", "rbind", "unbindable", "runbindable", "private", "rprivate", "shared", "rshared",
		"slave", "rslave", "relatime", "norelatime", "strictatime", "nostrictatime",
	}
	// Those with one, as Linux has it: https://man7.org/linux/man-pages/man5/tmpfs.5.html
	mountOptionWithValue = regexp.MustCompile(`^(mode=[0-7]{3,4}|(uid|gid|nr_inodes)=\d+|nr_blocks=\d+[kmg]?|mpol=[a-z]+(:[\d,-]+)?)$`)
)

func isMountOption(option string) bool {
	return slices.Contains(mountOptions, option) || mountOptionWithValue.MatchString(option)
}

// setMountOptions writes the options into the template, because the CDK knows none with a value.
func (t *Task) setMountOptions() {
	for i, c := range t.props.Containers {
		for j, w := range c.WritablePaths {
			if len(w.MountOptions) > 0 {
				t.override(fmt.Sprintf("ContainerDefinitions.%d.LinuxParameters.Tmpfs.%d.MountOptions", i, j), w.MountOptions)
			}
		}
	}
}

// addInit runs an init process where ECS Exec's sessions can be.
func (t *Task) addInit() {
	for i, c := range t.props.Containers {
		if !t.isExisting && c.WritableRootFilesystem && !c.OwnInit && !c.InitProcess && c.Name != routerName {
			t.override(fmt.Sprintf("ContainerDefinitions.%d.LinuxParameters.InitProcessEnabled", i), true)
		}
	}
}

func (t *Task) override(property string, value any) {
	t.TaskDefinition.Node().DefaultChild().(awscdk.CfnResource).AddPropertyOverride(&property, value)
}

// validateTaskOptions judges what containers have together.
func (p *TaskProps) validateTaskOptions(bad *invalid.Problems) {
	files, network := 0, ""
	for i := range p.Containers {
		c, field := &p.Containers[i], check.Index("Containers", i)
		files += len(c.EnvironmentFiles)
		if c.controlsNetwork() && p.NetworkMode == awsecs.NetworkMode_AWS_VPC {
			if network != "" {
				bad.Add(field+".SystemControls",
					"must not be of the network, as those of container %q are: the container that starts last would decide", network).
					Advise("set them in one container: they hold for all of the task")
			}
			network = c.Name
		}
		if c.StartTimeout != 0 && !p.isWaitedFor(c.Name) {
			bad.Add(field+".StartTimeout", "requires another container that DependsOn this one").Given(c.StartTimeout)
		}
		p.validateRestart(c, field, bad)
	}
	if files > maxEnvironmentFiles {
		bad.Add("Containers", "must not have more than %d EnvironmentFiles in total", maxEnvironmentFiles).Given(files)
	}
}

func (p *TaskProps) isWaitedFor(name string) bool {
	return slices.ContainsFunc(p.Containers, func(c Container) bool {
		return slices.ContainsFunc(c.DependsOn, func(d ContainerDependency) bool { return d.ContainerName == name })
	})
}

// validateRestart refuses to wait for the end of a container that doesn't end.
func (p *TaskProps) validateRestart(c *Container, field string, bad *invalid.Problems) {
	for j, d := range c.DependsOn {
		for _, other := range p.Containers {
			if other.Name != d.ContainerName || other.RestartPolicy == nil || slices.Contains(other.RestartPolicy.IgnoredExitCodes, 0) {
				continue
			}
			if d.Condition == awsecs.ContainerDependencyCondition_COMPLETE || d.Condition == awsecs.ContainerDependencyCondition_SUCCESS {
				bad.Add(field+"."+check.Index("DependsOn", j)+".Condition", "requires 0 in RestartPolicy.IgnoredExitCodes of container %q, "+
					"which otherwise starts again when it is done", other.Name).Given(d.Condition)
			}
		}
	}
}

// noteUsers advises what the task definition doesn't say of users.
// https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
func (t *Task) noteUsers() {
	for i := range t.props.Containers {
		c := &t.props.Containers[i]
		built, isBuilt := c.Image.DockerfileUser()
		switch {
		case c.User == "" && isBuilt && isRoot(built):
			annotate.NoteWithId(t, "user-"+c.Name, fmt.Sprintf("Neither container %q nor its Dockerfile names a user other than root, so that it "+
				"runs as that of its base image. Add USER to the Dockerfile or set User of the container, and DropCapabilities", c.Name))
		case c.User != "" && !invalid.IsToken(c.User) && !isRoot(c.User) && !c.DropCapabilities && len(c.AddCapabilities) == 0:
			annotate.NoteWithId(t, "capabilities-"+c.Name, fmt.Sprintf("Container %q runs as %q, who needs none of Docker's default Linux "+
				"capabilities unless the image says otherwise. Set DropCapabilities", c.Name, c.User))
		}
	}
}

func isRoot(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "" || name == "0" || name == "root"
}
