//go:build !recipes

package main

// copies are those that TestPackagesCanBeCopiedOut makes. `make test-recipes` makes more.
var copies = []copied{
	{packages: "stacks/settings", files: []string{
		"stacks/settings/testdata/every-key.json", "stacks/objectdigest/Dockerfile", "constructs/eks/albcontroller_policy.json",
	}},
	{packages: "rules", files: []string{"constructs/rules/lib.rego", "constructs/rules/README.md", "constructs/rules/rules_test.go"}},
}
