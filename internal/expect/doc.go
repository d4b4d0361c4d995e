// Package expect holds assertions that the tests of several packages share. Start with [Problems].
package expect
