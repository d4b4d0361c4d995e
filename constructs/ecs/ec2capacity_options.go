package ecs

import (
	"fmt"
	"path"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/platform"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// WarmPool holds instances that have started once and are stopped. When tasks need instances, these start in less time than new ones, and
// ECS counts them only then. Until then they cost their volumes. The pool is refilled, and replaced with the other instances.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-warm-pool.html
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
type WarmPool struct {
	// MinSize is the minimum number of instances in the pool, however many are in use. Default: 0.
	MinSize int
	// MaxPreparedInstances is the maximum number of instances in the pool and in use together, up to MaxSize: the pool has as many as are
	// not in use. Default: MaxSize.
	MaxPreparedInstances int
}

// InstanceVolume is an EBS volume of an instance, encrypted, of type gp3.
type InstanceVolume struct {
	// SizeGiB is the size in GiB, 1 to 16384. Required.
	// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
	SizeGiB int
	// MountPath is the directory of the instance on which it is mounted, with a new XFS file system: "/data". An instance on which that
	// fails doesn't join the cluster. Tasks mount it by HostSourcePath of a Volume, and write there if TrustedWithHost. Default: none; your
	// UserData mounts it.
	MountPath string
}

// maxVolumes are as many as there are names for devices.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
const maxVolumes = 11

var mountPath = regexp.MustCompile(`^/[A-Za-z0-9._/-]+$`)

// addTo creates the pool of a group. The option to return instances to it is not for ECS.
func (w *WarmPool) addTo(e *Ec2Capacity) {
	if w == nil {
		return
	}
	awsautoscaling.NewCfnWarmPool(e, jsii.String("WarmPool"), &awsautoscaling.CfnWarmPoolProps{
		AutoScalingGroupName:     e.AutoScalingGroup.Ref(),
		MinSize:                  opt.Number(w.MinSize),
		MaxGroupPreparedCapacity: opt.Number(w.MaxPreparedInstances),
		PoolState:                jsii.String("Stopped"),
	})
}

func (p *Ec2CapacityProps) validateWarmPool(bad *invalid.Problems) {
	if p.WarmPool == nil {
		return
	}
	const field = "WarmPool"
	if p.Spot {
		bad.Add(field, "must not be set together with Spot, which can't be stopped").Advise("remove it, or make another capacity On-Demand")
	}
	if p.OperatingSystem == platform.Bottlerocket {
		// https://github.com/bottlerocket-os/bottlerocket/issues/4888
		bad.Add(field, "requires OperatingSystem %q, because instances with Bottlerocket would join the cluster from the pool",
			platform.AmazonLinux2023).Given(p.OperatingSystem)
	}
	check.Min(field+".MinSize", p.WarmPool.MinSize, 0, bad)
	check.Min(field+".MaxPreparedInstances", p.WarmPool.MaxPreparedInstances, 0, bad)
	if p.MaxSize > 0 {
		check.NotGreater(field+".MinSize", p.WarmPool.MinSize, "MaxSize", p.MaxSize, bad)
		check.NotGreater(field+".MaxPreparedInstances", p.WarmPool.MaxPreparedInstances, "MaxSize", p.MaxSize, bad)
	}
	for i, v := range p.Volumes {
		if v.MountPath != "" {
			bad.Add(check.Index("Volumes", i)+".MountPath", "must not be set together with WarmPool, whose instances may be stopped while they "+
				"format volumes").Given(v.MountPath)
		}
	}
}

// warnOfStoppedUserData says that a pool doesn't wait for user data, which a restarted instance doesn't run again.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html#warm-pools-limitations
func (p *Ec2CapacityProps) warnOfStoppedUserData(e *Ec2Capacity) {
	if p.WarmPool != nil && len(p.UserData) > 0 {
		annotate.Warning(e, "warm-pool-user-data", "EC2 Auto Scaling stops an instance when it enters the WarmPool, without waiting for its "+
			"UserData, which doesn't run again; build what takes time into an AMI of your own (ImageId)")
	}
}

func (p *Ec2CapacityProps) validateVolumes(bad *invalid.Problems) {
	if len(p.Volumes) > 0 && p.OperatingSystem == platform.Bottlerocket {
		bad.Add("Volumes", "requires OperatingSystem %q, because Bottlerocket mounts only its own volume for data", platform.AmazonLinux2023).
			Given(p.OperatingSystem).Advise("raise DiskSizeGiB instead")
	}
	check.MaxLen("Volumes", len(p.Volumes), maxVolumes, bad)
	mounted := map[string]int{}
	for i, v := range p.Volumes {
		field := check.Index("Volumes", i)
		check.Range(field+".SizeGiB", v.SizeGiB, 1, maxDiskGiB, bad)
		clean := path.Clean(v.MountPath)
		first, isTaken := mounted[clean]
		switch {
		case v.MountPath == "":
			continue
		case !mountPath.MatchString(v.MountPath) || isPowerful(clean):
			bad.Add(field+".MountPath", `must be an absolute path outside the system's directories, such as "/data"`).Given(v.MountPath)
		case isTaken:
			bad.Add(field+".MountPath", "must not repeat %s.MountPath", check.Index("Volumes", first)).Given(v.MountPath)
		}
		mounted[clean] = i
	}
}

// deviceName is what EC2 recommends for further volumes, /dev/sdf to /dev/sdp.
func deviceName(i int) string { return fmt.Sprintf("/dev/sd%c", 'f'+i) }

// mountVolumes formats and mounts volumes, on an instance's first start; fstab mounts them on others. Instances name devices in their own
// way, so a volume is known by its size, and by being neither formatted nor an instance store. Volumes of one size are alike.
// https://docs.aws.amazon.com/ebs/latest/userguide/nvme-ebs-volumes.html
func (p *Ec2CapacityProps) mountVolumes() (lines []string) {
	for _, v := range p.Volumes {
		if v.MountPath != "" {
			lines = append(lines, fmt.Sprintf("mount_volume %d %s || systemctl mask --now ecs", v.SizeGiB, path.Clean(v.MountPath)))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return append([]string{
		"mount_volume() {",
		"  for try in $(seq 60); do",
		"    for disk in $(lsblk -bdnpo NAME,SIZE,TYPE | awk -v size=$(($1 * 1073741824)) '$2 == size && $3 == \"disk\" {print $1}'); do",
		`      grep -qs "Instance Storage" "/sys/block/${disk##*/}/device/model" && continue`,
		`      blkid -p "$disk" >/dev/null && continue`,
		`      mkfs.xfs -q "$disk" && mkdir -p "$2" || return 1`,
		`      echo "UUID=$(blkid -p -s UUID -o value "$disk") $2 xfs defaults,nofail 0 2" >>/etc/fstab`,
		`      mount "$2"`,
		"      return",
		"    done",
		"    sleep 1",
		"  done",
		"  return 1",
		"}",
	}, lines...)
}

// cpu is what a task may use on each instance, in CPU units, 0 if that isn't known.
func (r *InstanceRequirements) cpu() int {
	if r == nil {
		return 0
	}
	return r.MinVCpus * cpuUnits
}

// sizedBy names the prop that makes the instances larger.
func (e *Ec2Capacity) sizedBy() string {
	if e.cpu > 0 {
		return "InstanceRequirements"
	}
	return "InstanceTypes"
}
