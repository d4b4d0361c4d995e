package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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
		tarballs, err := filepath.Glob(filepath.Join(line[1], "jsii", "*.tgz"))
		if err != nil || len(tarballs) != 1 {
			return fmt.Errorf("%s: %d npm packages, not one: %w", line[1], len(tarballs), err)
		}
		if err := untar(tarballs[0], filepath.Join(nodeModules, filepath.FromSlash(name))); err != nil {
			return fmt.Errorf("%s: %w", tarballs[0], err)
		}
	}
	return nil
}

// untar unpacks an npm package: its files lie below one folder, package/.
func untar(tarball, directory string) error {
	file, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		_, name, _ := strings.Cut(header.Name, "/")
		if header.Typeflag != tar.TypeReg || !filepath.IsLocal(name) {
			continue
		}
		if err := writeFile(filepath.Join(directory, filepath.FromSlash(name)), archive); err != nil {
			return err
		}
	}
}

func writeFile(path string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
