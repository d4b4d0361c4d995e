package ecs

import (
	"regexp"
	"strings"
)

// instanceType is what the name of an EC2 instance type tells: series, generation, attributes and size, as in m7gd.large.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
type instanceType struct {
	architecture CpuArchitecture
	accelerator  accelerator
	memoryMiB    int // 0 where the name does not tell
}

// accelerator is hardware that takes drivers of its own, and so an AMI of its own.
type accelerator string

const (
	gpu    accelerator = "GPU"
	neuron accelerator = "Neuron"
)

var instanceTypeName = regexp.MustCompile(`^([a-z]+)(\d+)([a-z0-9-]*)\.(nano|micro|small|medium|large|\d*xlarge|metal(?:-\d+xl)?)$`)

// burstable is the memory of the series t, the one small enough for tasks not to fit, in MiB.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html
var burstable = map[string]int{"nano": 512, "micro": 1024, "small": 2048, "medium": 4096, "large": 8192, "xlarge": 16384, "2xlarge": 32768}

// gpuSeries are the series with NVIDIA GPUs, but for those with an "a" among their attributes, whose GPUs are AMD's.
var gpuSeries = map[string]bool{"p": true, "g": true, "gr": true}

var neuronSeries = map[string]bool{"inf": true, "trn": true}

// parseInstanceType reads a name; ok is false for what is none.
func parseInstanceType(name string) (t instanceType, ok bool) {
	m := instanceTypeName.FindStringSubmatch(name)
	if m == nil || m[1] == "mac" {
		return t, false
	}
	series, attributes := m[1], m[3]
	if series == "t" {
		t.memoryMiB = burstable[m[4]]
	}
	t.architecture = X86_64
	// "g" among the attributes stands for AWS's Graviton processors, or for NVIDIA's Grace; a1 is the first of them.
	if series == "a" || strings.Contains(attributes, "g") {
		t.architecture = Arm64
	}
	switch {
	case neuronSeries[series]:
		t.accelerator = neuron
	case gpuSeries[series] && !strings.Contains(attributes, "a"):
		t.accelerator = gpu
	}
	return t, true
}

// allowedTypes is a name, or the beginning of several, as Managed Instances take it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InstanceRequirementsRequest.html
var allowedTypes = regexp.MustCompile(`^[a-z]+\d+[a-z0-9-]*\.(nano|micro|small|medium|large|\d*xlarge|metal(-\d+xl)?|\*)$`)
