//go:build !recipes

package rules_test

// everySpelling is true if TestRulesUnderstandEverySpelling gives each case in every spelling, which takes minutes.
const everySpelling = false
