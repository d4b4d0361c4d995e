//go:build recipes

package main

import "slices"

// copies are those that TestPackagesCanBeCopiedOut makes. The tests of most run there too.
var copies = []copied{
	{packages: "stacks/settings", files: []string{
		"stacks/settings/testdata/every-key.json", "stacks/objectdigest/Dockerfile", "constructs/eks/albcontroller_policy.json",
	}, commands: slices.Concat(compiles, []string{"go test ./stacks/..."})},
	{packages: "stacks", files: []string{"stacks/fargateweb.go"}, commands: slices.Concat(compiles, []string{"go test ./stacks/..."})},
	{packages: "rules", files: []string{
		"constructs/rules/lib.rego", "constructs/rules/README.md", "constructs/rules/check.mjs", "constructs/rules/rules_test.go",
	}, commands: slices.Concat(compiles, []string{"go test ./..."})},
	{packages: "ecs", files: []string{"constructs/ecs/README.md", "constructs/ecs/example_test.go"},
		commands: slices.Concat(compiles, []string{"go test ./..."})},
	{packages: "constructs/eks, constructs/rules", files: []string{"constructs/eks/storage-ebs.md"},
		commands: slices.Concat(compiles, []string{"go test ./..."})},
	{packages: "cdktest", files: []string{"test/cdktest/doc.go"}, commands: slices.Concat(compiles, []string{"go test ./..."})},
}
