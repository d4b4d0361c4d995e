//go:build !recipes

package main

// copies are those that TestPackagesCanBeCopiedOut makes: that of the most packages, and the smallest, which compiles in a second.
// `make test-recipes` makes more, and compiles all.
var copies = []copied{
	{packages: "stacks/settings", files: []string{
		"stacks/settings/testdata/every-key.json", "stacks/objectdigest/Dockerfile", "constructs/eks/albcontroller_policy.json",
	}},
	{packages: "rules", files: []string{
		"constructs/rules/lib.rego", "constructs/rules/README.md", "constructs/rules/check.mjs", "constructs/rules/rules_test.go",
	}, commands: compiles},
}
