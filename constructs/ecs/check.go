package ecs

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"awscontainers/constructs/invalid"
)

// index is the name of a slice's element, as Go spells it.
func index(field string, i int) string {
	return fmt.Sprintf("%s[%d]", field, i)
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
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
