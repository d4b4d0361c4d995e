//go:build recipes

package rules_test

// everySpelling is true if TestRulesUnderstandEverySpelling gives each case in every spelling.
const everySpelling = true
