// Package ids makes construct ids.
package ids

import "strconv"

// Suffix tells the ids of a list's constructs apart: the first has none, then come "2", "3" and so on. So adding a second
// element does not rename, and replace, the first.
func Suffix(i int) string {
	if i == 0 {
		return ""
	}
	return strconv.Itoa(i + 1)
}
