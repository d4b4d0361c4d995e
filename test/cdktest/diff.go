package cdktest

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

const (
	contextLines = 3
	maxDiffLines = 200
)

// diff compares two texts of indented JSON by their lines. Each block of differences has the path in the document above it.
func diff(before, after string) string {
	a, b := lines(before), lines(after)
	edits := compare(a, b)
	var out []string
	for i := 0; i < len(edits); {
		if edits[i].kind == ' ' {
			i++
			continue
		}
		start, end := i, i
		for j := i; j < len(edits) && j <= end+2*contextLines; j++ {
			if edits[j].kind != ' ' {
				end = j
			}
		}
		out = append(out, "@@ "+place(a, b, edits[start])+" @@")
		i = min(len(edits), end+contextLines+1)
		for _, e := range edits[max(0, start-contextLines):i] {
			out = append(out, string(e.kind)+e.line)
		}
	}
	if more := len(out) - maxDiffLines; more > 0 {
		out = append(out[:maxDiffLines], fmt.Sprintf("... and %d lines more", more))
	}
	return strings.Join(out, "\n") + "\n"
}

func lines(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }

// edit is a line that both texts have (' '), or the first alone ('-'), or the second ('+'), and where it is in each.
type edit struct {
	kind rune
	line string
	a, b int
}

// compare aligns two lists of lines: what is equal at both ends, between them the lines that each list has once, in the order that both
// share, and so on between those. It takes little time for long texts that have nothing in common.
func compare(a, b []string) (edits []edit) {
	return (&comparison{a: a, b: b}).between(0, len(a), 0, len(b))
}

type comparison struct{ a, b []string }

// between aligns the lines from i to endI of a with those from j to endJ of b.
func (c *comparison) between(i, endI, j, endJ int) (edits []edit) {
	for ; i < endI && j < endJ && c.a[i] == c.b[j]; i, j = i+1, j+1 {
		edits = append(edits, edit{' ', c.a[i], i, j})
	}
	same := 0
	for i < endI-same && j < endJ-same && c.a[endI-same-1] == c.b[endJ-same-1] {
		same++
	}
	anchors := c.anchors(i, endI-same, j, endJ-same)
	for _, at := range anchors {
		edits = append(edits, c.between(i, at[0], j, at[1])...)
		edits = append(edits, edit{' ', c.a[at[0]], at[0], at[1]})
		i, j = at[0]+1, at[1]+1
	}
	if len(anchors) > 0 {
		edits = append(edits, c.between(i, endI-same, j, endJ-same)...)
	} else {
		for k := i; k < endI-same; k++ {
			edits = append(edits, edit{'-', c.a[k], k, j})
		}
		for k := j; k < endJ-same; k++ {
			edits = append(edits, edit{'+', c.b[k], endI - same, k})
		}
	}
	for k := same; k > 0; k-- {
		edits = append(edits, edit{' ', c.a[endI-k], endI - k, endJ - k})
	}
	return edits
}

// anchors pairs the lines that each part has once: the longest series of pairs that is in order in both.
func (c *comparison) anchors(i, endI, j, endJ int) (series [][2]int) {
	inA, inB, at := map[string]int{}, map[string]int{}, map[string]int{}
	for _, line := range c.a[i:endI] {
		inA[line]++
	}
	for k, line := range c.b[j:endJ] {
		inB[line]++
		at[line] = j + k
	}
	var pairs [][2]int
	for k, line := range c.a[i:endI] {
		if inA[line] == 1 && inB[line] == 1 {
			pairs = append(pairs, [2]int{i + k, at[line]})
		}
	}
	// ends[n] is the pair that ends a series of n+1 as early in b as possible; before is the pair before each in its series.
	var ends []int
	before := make([]int, len(pairs))
	for k, pair := range pairs {
		n := sort.Search(len(ends), func(n int) bool { return pairs[ends[n]][1] >= pair[1] })
		before[k] = -1
		if n > 0 {
			before[k] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, k)
		} else {
			ends[n] = k
		}
	}
	if len(ends) == 0 {
		return nil
	}
	for k := ends[len(ends)-1]; k >= 0; k = before[k] {
		series = append(series, pairs[k])
	}
	slices.Reverse(series)
	return series
}

// place returns the line of an edit, and the keys around it by the lines' indentation: "line 12: Resources.Web (AWS::ECS::Service)".
func place(a, b []string, e edit) string {
	text, at := b, e.b
	if e.kind == '-' {
		text, at = a, e.a
	}
	var path []string
	depth := indent(text[at])
	for i := at - 1; i >= 0; i-- {
		if indent(text[i]) >= depth {
			continue
		}
		depth = indent(text[i])
		if key, _, isKey := strings.Cut(text[i], `": `); isKey {
			key = strings.TrimLeft(key, ` "`)
			if kind, isType := strings.CutPrefix(strings.TrimSpace(text[i+1]), `"Type": "`); isType && i+1 < at {
				key += " (" + strings.TrimRight(kind, `",`) + ")"
			}
			path = append(path, key)
		}
	}
	slices.Reverse(path)
	where := fmt.Sprintf("line %d", at+1)
	if len(path) > 0 {
		where += ": " + strings.Join(path, ".")
	}
	return where
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
