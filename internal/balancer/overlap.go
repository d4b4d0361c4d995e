package balancer

import (
	"net/netip"
	"strings"

	"awscontainers/constructs/invalid"
)

// Overlap reports whether a request may fit both conditions: whether no kind of condition that both have proves otherwise.
func (c *Conditions) Overlap(other *Conditions) bool {
	return anyPair(c.PathPatterns, other.PathPatterns, patternsMeet) &&
		anyPair(lower(c.HostHeaders), lower(other.HostHeaders), patternsMeet) &&
		anyPair(c.HttpRequestMethods, other.HttpRequestMethods, func(a, b string) bool { return a == b }) &&
		anyPair(c.SourceIps, other.SourceIps, rangesMeet)
}

// anyPair reports whether a value of one list may equal one of the other: if one of the lists is empty, it accepts all; a
// token may become anything.
func anyPair(a, b []string, meet func(a, b string) bool) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	for _, x := range a {
		for _, y := range b {
			if invalid.IsToken(x) || invalid.IsToken(y) || meet(x, y) {
				return true
			}
		}
	}
	return false
}

// lower is for host names, which are compared without regard to case, unlike paths and methods. A token keeps its spelling.
func lower(names []string) []string {
	lowered := make([]string, len(names))
	for i, name := range names {
		lowered[i] = name
		if !invalid.IsToken(name) {
			lowered[i] = strings.ToLower(name)
		}
	}
	return lowered
}

// patternsMeet reports whether some text fits two patterns, in which "*" stands for any number of characters and "?" for
// one. It compares the patterns' tails from the shortest to the longest: meets[i][j] is about a[i:] and b[j:].
func patternsMeet(a, b string) bool {
	meets := make([][]bool, len(a)+1)
	for i := len(a); i >= 0; i-- {
		meets[i] = make([]bool, len(b)+1)
		for j := len(b); j >= 0; j-- {
			inA, inB := i < len(a), j < len(b)
			switch {
			case !inA && !inB:
				meets[i][j] = true
			case inA && a[i] == '*':
				meets[i][j] = meets[i+1][j] || inB && meets[i][j+1]
			case inB && b[j] == '*':
				meets[i][j] = meets[i][j+1] || inA && meets[i+1][j]
			case inA && inB:
				meets[i][j] = (a[i] == b[j] || a[i] == '?' || b[j] == '?') && meets[i+1][j+1]
			}
		}
	}
	return meets[0][0]
}

// rangesMeet reports whether an address lies in two ranges. What is not a range is refused elsewhere.
func rangesMeet(a, b string) bool {
	first, errA := netip.ParsePrefix(a)
	second, errB := netip.ParsePrefix(b)
	return errA != nil || errB != nil || first.Overlaps(second)
}
