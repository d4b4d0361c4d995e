//go:build recipes

package recipes

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the README of the rules tells somebody without Go, on the engine that npm has, and on the oldest CDK that it names.
func TestCheckWithoutGo(t *testing.T) {
	page, err := os.ReadFile("../../constructs/rules/README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "\n## Use it without Go\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?ms)^```(?:sh)?\n(.*?\n)```$").FindAllStringSubmatch(section, -1)
	require.GreaterOrEqual(t, len(blocks), 3)
	install, check, output := blocks[0][1], blocks[1][1], blocks[2][1]

	for _, install := range []string{install, "npm install --save-dev --save-exact aws-cdk-lib@2.270.0 constructs@10.5.0"} {
		t.Run(strings.Fields(install)[4], func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(filepath.Join(dir, "rules"), os.DirFS("../../constructs/rules")))
			require.NoError(t, os.CopyFS(filepath.Join(dir, "cdk.out"), os.DirFS("../rules/testdata/check/assembly")))
			template, err := os.ReadFile("../rules/testdata/check/bad.yaml")
			require.NoError(t, err)
			writeFile(t, filepath.Join(dir, "template.yaml"), string(template))
			writeFile(t, filepath.Join(dir, "package.json"), `{"private": true}`)
			run(t, dir, install)

			commands := strings.Split(strings.TrimSpace(check), "\n")
			require.Len(t, commands, 2)
			fails := func(command string) string { return run(t, dir, command+` && exit 2 || test "$?" = 1`) }
			assert.Equal(t, output, fails(commands[0]))
			assert.Contains(t, fails(commands[1]), "3 errors, 0 warnings, 2 acknowledged in 4 templates\n")
			run(t, dir, commands[0]+" --fail-on never --sarif > rules.sarif && test -s rules.sarif")
		})
	}
}
