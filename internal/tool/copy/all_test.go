//go:build recipes

package main

// copies are those that TestPackagesCanBeCopiedOut makes: also some whose tests run there.
var copies = []copied{
	{packages: "stacks/settings", files: []string{"stacks/objectdigest/Dockerfile", "constructs/eks/albcontroller_policy.json"},
		commands: []string{"go test ./stacks/..."}},
	{packages: "stacks", files: []string{"stacks/fargateweb.go"}, commands: []string{"go test ./stacks/..."}},
	{packages: "rules", files: []string{"constructs/rules/lib.rego", "constructs/rules/README.md"}, commands: []string{"go test ./..."}},
	{packages: "ecs", files: []string{"constructs/ecs/README.md", "constructs/ecs/example_test.go"}, commands: []string{"go test ./..."}},
	{packages: "constructs/eks, constructs/rules", files: []string{"constructs/eks/storage-ebs.md"}, commands: []string{"go test ./..."}},
	{packages: "cdktest", files: []string{"test/cdktest/doc.go"}, commands: []string{"go test ./..."}},
}
