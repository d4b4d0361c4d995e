package instancetype

import (
	"regexp"
	"strconv"
	"strings"
)

// Pattern is the name of an instance type, or of several with asterisks: m7g.large, m7g.*, m6*.*.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-types.html
type Pattern struct {
	series, attributes, size string
	generation               int
	isOpen                   bool // attributes may follow
}

var patternForm = regexp.MustCompile(`^([a-z]+)-?(\d+)([a-z0-9-]*)(\*?)\.(nano|micro|small|medium|large|\d*xlarge|metal(?:-\d+xl)?|\*)$`)

// ParsePattern reads a name with or without asterisks; ok is false for what is none.
func ParsePattern(name string) (p Pattern, ok bool) {
	m := patternForm.FindStringSubmatch(name)
	if m == nil || m[1] == "mac" {
		return p, false
	}
	generation, _ := strconv.Atoi(m[2])
	return Pattern{series: m[1], generation: generation, attributes: m[3], isOpen: m[4] == "*", size: m[5]}, true
}

// MayBe reports whether a type that the pattern stands for can have processors of an architecture.
func (p Pattern) MayBe(arm bool) bool {
	return p.isOpen && p.attributes == "" || arm == (p.series == "a" || strings.Contains(p.attributes, "g"))
}

// MayHaveGpus reports whether a type that the pattern stands for can have NVIDIA GPUs that a container has to itself: G4ad has GPUs of AMD,
// G6f and Gr6f have parts of a GPU.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-gpu-specifying.html
func (p Pattern) MayHaveGpus() bool {
	return gpuSeries[p.series] && (p.isOpen || !strings.Contains(p.attributes, "a") && p.attributes != "f")
}

// HasNoInstanceStore reports whether no type that the pattern stands for has instance store volumes, as far as the name tells: of the
// series for general purpose, compute and memory only those with a "d" have them.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
func (p Pattern) HasNoInstanceStore() bool {
	isPlain := map[string]bool{"m": true, "c": true, "r": true, "t": true}[p.series] && p.generation >= 5
	return (isPlain || p.series == "t") && !p.isOpen && !strings.Contains(p.attributes, "d")
}

// IsTooSmallForEcs reports whether ECS never manages an instance of the size.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-types.html
func (p Pattern) IsTooSmallForEcs() bool { return p.size == "nano" || p.size == "micro" }
