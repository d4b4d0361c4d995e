//go:build recipes

package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
)

// paths are those that TestRename gives a module: of every form.
func paths(module string) []string {
	return []string{"github.com/them/their-containers", "shop", "example.com/a/b/c/v2", module + "x"}
}

// afterRename is what works after a rename: everything compiles, its guards hold, and the recipes work, each with tests of its own. The
// snapshots show that the templates are the same, tags and all.
var afterRename = []string{
	"go build ./...",
	"go vet -tags recipes ./...",
	"gofmt -l .",
	"go test ./internal/... ./stacks/... ./constructs/rules ./constructs/invalid ./test/recipes",
	"go test -tags recipes ./internal/tool/rename -run ^TestRename$",
	"go test -tags recipes ./internal/tool/copy -run ^TestPackagesCanBeCopiedOut$/^(stacks|rules)$/^settings$",
	"go test -tags recipes ./stacks/scaffold -run ^TestScaffold$/^FargateWeb-copy$",
	"go test -tags recipes ./test/recipes -run ^(TestOwnAppIsTidy|TestStackFilesCanBeCopiedAlone)$",
	"go test ./test ./test/stacks -run Imports|Conventions|Plain|Form|Snapshots|Table|README|Alone|Start|State|Unmade|Tags|Rules",
}

func TestEverythingWorksAfterARename(t *testing.T) {
	dir := newCopy(t)
	_, err := rename(t, dir, "github.com/you/our-containers")
	require.NoError(t, err)
	for _, line := range afterRename {
		out, err := tool.Run(t.Context(), dir, strings.Fields(line)[0], strings.Fields(line)[1:]...)
		require.NoError(t, err, line)
		if strings.HasPrefix(line, "gofmt") {
			require.Empty(t, out, "not formatted")
		}
	}
}
