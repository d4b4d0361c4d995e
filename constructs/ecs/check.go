package ecs

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
)

// index is the name of a slice's element, as Go spells it.
func index(field string, i int) string {
	return fmt.Sprintf("%s[%d]", field, i)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}

// ecsName is what ECS takes as the name of a cluster, service, family, container or volume.
var ecsName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// checkName accepts the empty name, which lets CloudFormation make one.
func checkName(field, name string, bad *invalid.Problems) {
	if name != "" && !invalid.IsToken(name) && !ecsName.MatchString(name) {
		bad.Add(field, "%q is no name for ECS; use 1 to 255 letters, digits, hyphens and underscores", name)
	}
}

func checkPort(field string, port int, bad *invalid.Problems) {
	if port < 1 || port > 65535 {
		bad.Add(field, "%d is not a port; use 1 to 65535", port)
	}
}

// checkSeconds accepts 0, the default, and whole seconds from least to most: AWS knows nothing finer here.
func checkSeconds(field string, d, least, most time.Duration, bad *invalid.Problems) {
	if d == 0 {
		return
	}
	if d < least || d > most || d%time.Second != 0 {
		bad.Add(field, "%v is out of range; use whole seconds from %v to %v", d, least, most)
	}
}

func checkGroups(groups []awsec2.ISecurityGroup, bad *invalid.Problems) {
	for i, group := range groups {
		if group == nil {
			bad.Add(index("SecurityGroups", i), "is nil; leave it out or give a security group")
		}
	}
}

// setDefault fills in what was left out.
func setDefault[T comparable](field *T, otherwise T) {
	var zero T
	if *field == zero {
		*field = otherwise
	}
}

// suffix tells the construct ids of a list apart: the first has none.
func suffix(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprint(i + 1)
}

// Ptr is for the few props in which zero is a choice and not the default: BakeTime: ecs.Ptr(15 * time.Minute).
func Ptr[T any](v T) *T { return &v }
