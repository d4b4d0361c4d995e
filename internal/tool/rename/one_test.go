//go:build !recipes

package main

// paths are those that TestRename gives a module. `make test-recipes` takes more.
func paths(string) []string { return []string{"example.com/a/b/c/v2"} }
