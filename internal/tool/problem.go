package tool

import "fmt"

// Refuse refuses an argument of a command, and says what it must be and what was given instead: `-to: must be a directory; got "x"`.
// Refusals are joined, so that all mistakes are reported in one round.
func Refuse(argument, wanted, given string) error {
	return fmt.Errorf("%s: %s; got %q", argument, wanted, given)
}

// Require refuses an argument that is missing, and says what to set.
func Require(argument, fix string) error {
	return fmt.Errorf("%s: is required; %s", argument, fix)
}
