package instancetype

import (
	"regexp"
	"strings"

	"awscontainers/constructs/platform"
)

// Type is what the name of an EC2 instance type tells: series, generation, attributes and size, as in m7gd.large.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
type Type struct {
	// Arm tells AWS's Graviton processors, and NVIDIA's Grace, from x86.
	Arm         bool
	Accelerator Accelerator
	MemoryMiB   int // 0 where the name does not tell
}

// Accelerator is hardware that takes drivers of its own, and so an AMI of its own.
type Accelerator string

// The accelerators.
const (
	Gpu    Accelerator = "GPU"
	Neuron Accelerator = "Neuron"
)

// OrNone names it in a sentence.
func (a Accelerator) OrNone() string {
	if a == "" {
		return "no accelerator"
	}
	return string(a)
}

var typeName = regexp.MustCompile(`^([a-z]+)(\d+)([a-z0-9-]*)\.(nano|micro|small|medium|large|\d*xlarge|metal(?:-\d+xl)?)$`)

// burstable is the memory of the series t, the one small enough for tasks not to fit, in MiB.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html
var burstable = map[string]int{"nano": 512, "micro": 1024, "small": 2048, "medium": 4096, "large": 8192, "xlarge": 16384, "2xlarge": 32768}

// gpuSeries are the series with NVIDIA GPUs, but for those with an "a" among their attributes, whose GPUs are AMD's.
var gpuSeries = map[string]bool{"p": true, "g": true, "gr": true}

var neuronSeries = map[string]bool{"inf": true, "trn": true}

// Parse reads a name; ok is false for what is none.
func Parse(name string) (t Type, ok bool) {
	m := typeName.FindStringSubmatch(name)
	if m == nil || m[1] == "mac" {
		return t, false
	}
	series, attributes := m[1], m[3]
	if series == "t" {
		t.MemoryMiB = burstable[m[4]]
	}
	// "g" among the attributes stands for AWS's Graviton processors, or for NVIDIA's Grace; a1 is the first of them.
	t.Arm = series == "a" || strings.Contains(attributes, "g")
	switch {
	case neuronSeries[series]:
		t.Accelerator = Neuron
	case gpuSeries[series] && !strings.Contains(attributes, "a"):
		t.Accelerator = Gpu
	}
	return t, true
}

// CpuArchitecture returns the architecture of the type's processors.
func (t Type) CpuArchitecture() platform.CpuArchitecture {
	if t.Arm {
		return platform.Arm64
	}
	return platform.X86_64
}
