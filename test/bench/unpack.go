package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"

	"awscontainers/internal/cdkpackage"
)

// packages are the npm packages of a CDK app, by the Go module that carries each for jsii. A major version is left open:
// go.mod has it.
var packages = map[string]string{
	"aws-cdk-lib":                        `github\.com/aws/aws-cdk-go/awscdk/v2`,
	"constructs":                         `github\.com/aws/constructs-go/constructs/v\d+`,
	"@aws-cdk/asset-awscli-v1":           `github\.com/cdklabs/awscdk-asset-awscli-go/awscliv1/v\d+`,
	"@aws-cdk/asset-node-proxy-agent-v6": `github\.com/cdklabs/awscdk-asset-node-proxy-agent-go/nodeproxyagentv6/v\d+`,
	"@aws-cdk/cloud-assembly-schema":     `github\.com/cdklabs/cloud-assembly-schema-go/awscdkcloudassemblyschema/v\d+`,
}

// unpackCDK makes a node_modules of the very packages that the Go bindings hand to Node, so that both sides run the same
// code and nothing is downloaded.
func unpackCDK(ctx context.Context, nodeModules string) error {
	// What the Go program is built of: go.mod may hold a second major version for the tests.
	used, err := output(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}", goPackage)
	if err != nil {
		return err
	}
	for name, module := range packages {
		line := regexp.MustCompile(`(?m)^` + module + `\t(.+)$`).FindStringSubmatch(used)
		if line == nil {
			return fmt.Errorf("the Go program uses no module %s, which carries %s", module, name)
		}
		if err := cdkpackage.Unpack(line[1], "", filepath.Join(nodeModules, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}
