package fargate

import (
	"fmt"
	"slices"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// size lists the memory that Fargate offers with a number of CPU units: the listed values, or every step from min to max.
type size struct {
	cpu            int
	min, max, step int   // MiB
	only           []int // MiB
}

// The task sizes of Fargate on Linux.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
var sizes = []size{
	{cpu: 256, only: []int{512, 1024, 2048}},
	{cpu: 512, min: 1024, max: 4096, step: 1024},
	{cpu: 1024, min: 2048, max: 8192, step: 1024},
	{cpu: 2048, min: 4096, max: 16384, step: 1024},
	{cpu: 4096, min: 8192, max: 30720, step: 1024},
	{cpu: 8192, min: 16384, max: 61440, step: 4096},
	{cpu: 16384, min: 32768, max: 122880, step: 8192},
	{cpu: 32768, only: []int{61440, 122880, 249856}},
}

func (s size) hasMemory(memory int) bool {
	if s.only != nil {
		return slices.Contains(s.only, memory)
	}
	return memory >= s.min && memory <= s.max && (memory-s.min)%s.step == 0
}

func (s size) memory() string {
	if s.only != nil {
		return check.OneOf(s.only)
	}
	return fmt.Sprintf("from %d to %d in steps of %d", s.min, s.max, s.step)
}

// MinMemoryMiB returns the smallest memory that Fargate offers with a number of CPU units, or 0 if it doesn't offer that
// number.
func MinMemoryMiB(cpu int) int {
	for _, s := range sizes {
		switch {
		case s.cpu != cpu:
		case s.only != nil:
			return s.only[0]
		default:
			return s.min
		}
	}
	return 0
}

// CpuFor returns the CPU units for an amount of memory: the default if Fargate offers the memory with it, or if the amount is 0, otherwise
// the fewest that it offers the memory with.
func CpuFor(memory, byDefault int) int {
	isOffered := func(s size) bool { return s.hasMemory(memory) }
	i := slices.IndexFunc(sizes, func(s size) bool { return s.cpu == byDefault && isOffered(s) })
	if i < 0 {
		i = slices.IndexFunc(sizes, isOffered)
	}
	if i < 0 { // CheckSize then names sizes near it
		i = slices.IndexFunc(sizes, func(s size) bool { return s.maxMemory() > memory })
	}
	if memory == 0 || i < 0 {
		return byDefault
	}
	return sizes[i].cpu
}

func (s size) maxMemory() int {
	if s.only != nil {
		return slices.Max(s.only)
	}
	return s.max
}

// CheckSize refuses a pair that Fargate does not offer. The memory's problem goes under its own field.
func CheckSize(cpu, memory int, memoryField string, bad *invalid.Problems) {
	i := slices.IndexFunc(sizes, func(s size) bool { return s.cpu == cpu })
	if i < 0 {
		cpus := make([]int, len(sizes))
		for i, s := range sizes {
			cpus[i] = s.cpu
		}
		bad.Add("Cpu", "must be a Fargate size: %s", check.OneOf(cpus)).Given(cpu)
		return
	}
	if sizes[i].hasMemory(memory) {
		return
	}
	problem := bad.Add(memoryField, "must be %s with Cpu %d on Fargate", sizes[i].memory(), cpu).Given(memory)
	if i := slices.IndexFunc(sizes, func(s size) bool { return s.hasMemory(memory) }); i >= 0 {
		problem.Advise("set Cpu to %d", sizes[i].cpu)
	}
}
