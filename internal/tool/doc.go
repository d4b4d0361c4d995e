// Package tool holds what the commands for this repository share: they copy its packages into another module, or rename its
// own. Start with [Find], which finds the checkout, and [NewTarget], a directory that is written completely or not at all.
package tool
