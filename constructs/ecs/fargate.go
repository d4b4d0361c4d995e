package ecs

import (
	"fmt"
	"slices"

	"awscontainers/internal/check"

	"awscontainers/constructs/invalid"
)

// fargateSize is the memory that Fargate offers beside a number of CPU units: the listed values, or every step from min
// to max.
type fargateSize struct {
	cpu            int
	min, max, step int   // MiB
	only           []int // MiB
}

// fargateSizes are the task sizes of Fargate on Linux.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
var fargateSizes = []fargateSize{
	{cpu: 256, only: []int{512, 1024, 2048}},
	{cpu: 512, min: 1024, max: 4096, step: 1024},
	{cpu: 1024, min: 2048, max: 8192, step: 1024},
	{cpu: 2048, min: 4096, max: 16384, step: 1024},
	{cpu: 4096, min: 8192, max: 30720, step: 1024},
	{cpu: 8192, min: 16384, max: 61440, step: 4096},
	{cpu: 16384, min: 32768, max: 122880, step: 8192},
	{cpu: 32768, only: []int{61440, 122880, 249856}},
}

const defaultFargateCpu = 256

func (s fargateSize) offers(memory int) bool {
	if s.only != nil {
		return slices.Contains(s.only, memory)
	}
	return memory >= s.min && memory <= s.max && (memory-s.min)%s.step == 0
}

func (s fargateSize) least() int {
	if s.only != nil {
		return s.only[0]
	}
	return s.min
}

func (s fargateSize) memory() string {
	if s.only != nil {
		return check.OneOf(s.only)
	}
	return fmt.Sprintf("%d to %d in steps of %d", s.min, s.max, s.step)
}

// leastFargateMemory is the least that goes with a number of CPU units; 0 where Fargate does not offer that number.
func leastFargateMemory(cpu int) int {
	for _, s := range fargateSizes {
		if s.cpu == cpu {
			return s.least()
		}
	}
	return 0
}

// checkFargateSize notes, under the field that holds the memory, a pair that Fargate does not offer.
func checkFargateSize(cpu, memory int, field string, bad *invalid.Problems) {
	i := slices.IndexFunc(fargateSizes, func(s fargateSize) bool { return s.cpu == cpu })
	if i < 0 {
		cpus := make([]int, len(fargateSizes))
		for i, s := range fargateSizes {
			cpus[i] = s.cpu
		}
		bad.Add("Cpu", "%d is not a Fargate size; use %s", cpu, check.OneOf(cpus))
		return
	}
	if !fargateSizes[i].offers(memory) {
		bad.Add(field, "%d does not go with Cpu %d on Fargate; use %s", memory, cpu, fargateSizes[i].memory())
	}
}
