package rules_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/rules"
	"awscontainers/internal/cdkpackage"
)

const (
	engineModule = "@aws/cloudformation-validate"
	noListener   = "target group Targets is the target of no listener; name it in the default actions of a listener or in the " +
		"actions of a listener rule, or remove it"
	noContainer = `service Service sends traffic to container "app", which is not among those of task definition Task (web); ` +
		"name one of these"
)

// On the engine of an installed aws-cdk-lib, which goes before another. The assembly is the CDK's own, less what nothing reads: stages,
// a nested stack without paths in its template, and acknowledgements of a resource and of a stage.
func TestCheckTemplatesAndAssemblies(t *testing.T) {
	t.Parallel()
	engine, err := cdkpackage.Engine()
	require.NoError(t, err)
	project := newProject(t)
	project.install(t, "aws-cdk-lib/node_modules/"+engineModule, engine)
	project.installFake(t)
	project.write(t, "node_modules/aws-cdk-lib/package.json", `{"name": "aws-cdk-lib", "exports": {"./package.json": "./package.json"}}`)

	got := project.check(t, "good.json", "bad.yaml", "assembly", "assembly/manifest.json")
	assert.Equal(t, []string{
		"bad.yaml:8: ERROR AWSC-SERVICE-001 Service: " + noContainer,
		"assembly/assembly-Prod/ProdWebF45B1510.template.json:3: ERROR AWSC-ELB-001 Prod/Web/Targets: " + noListener,
		"assembly/Web.template.json:3: ERROR AWSC-ELB-001 Web/Targets: " + noListener,
		"assembly/WebNestedE626D9E5.nested.template.json:3: ERROR AWSC-ELB-001 Web/Nested/Targets: " + noListener,
		"4 errors, 0 warnings, 2 acknowledged in 6 templates",
	}, strings.Split(strings.TrimSpace(got.stdout), "\n"))
	assert.Empty(t, got.stderr)
	assert.Equal(t, 1, got.code)
}

// What a template finds in the stand-in of the engine.
const (
	fails  = `{"Resources": {"A": {}}, "Answer": {"diagnostics": [` + found + `]}}`
	warns  = `{"Resources": {"A": {}}, "Answer": {"diagnostics": [{"source": "CUSTOM", "ruleId": "AWSC-EFS-001", "severity": "WARN"}]}}`
	others = `{"Resources": {"A": {}}, "Answer": {"diagnostics": [{"source": "SCHEMA", "ruleId": "E3002", "severity": "ERROR"}]}}`
	found  = `{"source": "CUSTOM", "ruleId": "AWSC-ELB-001", "severity": "ERROR", "message": "m", "startLine": 7,
		"propertyPath": "Properties.B", "entity": {"entityType": "Resource", "logicalId": "A", "resourceType": "AWS::A::A"}}`
)

func TestCheckExitCodes(t *testing.T) {
	t.Parallel()
	project := newProject(t)
	project.installFake(t)
	project.write(t, "fails.json", fails)
	project.write(t, "warns.json", warns)
	project.write(t, "others.json", others)
	project.write(t, "empty.json", `{}`)
	project.write(t, "broken.json",
		`{"Answer": {"diagnostics": [{"severity": "FATAL", "message": "JSON parse error", "startLine": 3}], "status": "ERROR"}}`)
	project.write(t, "throws.json", `{"Answer": {"throws": "undefined function"}}`)
	project.write(t, "partly.json", `{"Resources": {"A": {}}, "Answer": {"status": "ANALYSIS_INCOMPLETE"}}`)
	project.write(t, "directory/file", "")
	for _, test := range []struct {
		args string
		code int
		want string // in one of the outputs
	}{
		{"good.json", 0, "0 errors, 0 warnings in 1 template\n"},
		{"others.json", 0, "0 errors, 0 warnings in 1 template\n"},
		{"warns.json", 0, "0 errors, 1 warning in 1 template\n"},
		{"fails.json warns.json", 1, "1 error, 1 warning in 2 templates\n"},
		{"fails.json fails.json", 1, "1 error, 0 warnings in 1 template\n"},
		{"warns.json --fail-on warning", 1, "WARNING AWSC-EFS-001"},
		{"--fail-on never fails.json", 0, "fails.json:7: ERROR AWSC-ELB-001 A: m\n"},
		{"--ignore AWSC-ELB-001 --ignore AWSC-EFS-001 fails.json warns.json", 0, "0 errors, 0 warnings in 2 templates\n"},
		{"--help", 0, "Usage: node check.mjs"},

		{"", 2, "Name a template"},
		{"absent.json", 2, "absent.json: no such file or directory\n"},
		{"directory", 2, "directory: is not a cloud assembly, because it has no manifest.json; name template files\n"},
		{"empty.json", 2, "empty.json: is not a template: it has no resources\n"},
		{"broken.json fails.json", 2, "broken.json:3: is not a template: JSON parse error\n"},
		{"throws.json", 2, "throws.json: a rule failed: undefined function\n"},
		{"partly.json", 2, "partly.json: the engine did not finish (ANALYSIS_INCOMPLETE)\n"},
		{"--fail-on fatal good.json", 2, `--fail-on: must be error, warning or never; got "fatal"`},
		{"--ignore AWSC-ELB-999 good.json", 2, `--ignore: there is no rule "AWSC-ELB-999"`},
		{"--json --sarif good.json", 2, "--json: is not compatible with --sarif\n"},
		{"--unknown good.json", 2, "--unknown"},
	} {
		got := project.check(t, strings.Fields(test.args)...)
		assert.Equal(t, test.code, got.code, "%s\n%s%s", test.args, got.stdout, got.stderr)
		assert.Contains(t, got.stdout+got.stderr, test.want, test.args)
		if test.code == 2 {
			assert.NotContains(t, got.stderr, "    at ", "%s: a stack trace", test.args)
		}
	}
}

// The engine that npm has, which is older than the CDK's.
func TestCheckOnAnOlderEngine(t *testing.T) {
	t.Parallel()
	project := newProject(t)
	project.installFake(t)
	project.environment = append(project.environment, "ENGINE_API=validateStandard")
	project.write(t, "fails.json", fails)
	assert.Contains(t, project.check(t, "fails.json").stdout, "fails.json:7: ERROR AWSC-ELB-001 A: m\n")
}

// The engine may be installed beside the rules only.
func TestCheckFromAnotherDirectory(t *testing.T) {
	t.Parallel()
	project := newProject(t)
	project.installFake(t)
	project.write(t, "fails.json", fails)
	project.cwd = "assembly/assembly-Prod"
	assert.Contains(t, project.check(t, "../../fails.json").stdout, "../../fails.json:7: ERROR AWSC-ELB-001 A: m\n")
	project.cwd = t.TempDir()
	got := project.check(t, "--sarif", filepath.Join(project.dir, "fails.json"))
	assert.Contains(t, got.stdout, `"uri": "file://`)
}

func TestCheckWithoutAnEngine(t *testing.T) {
	t.Parallel()
	got := newProject(t).check(t, "good.json")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.stderr, "npm install --save-dev "+engineModule+"\n")
	assert.NotContains(t, got.stderr, "    at ", "a stack trace")
}

func TestCheckPrintsJSON(t *testing.T) {
	t.Parallel()
	project := newProject(t)
	project.installFake(t)
	project.write(t, "fails.json", fails)
	got := project.check(t, "--json", "fails.json", "good.json")
	assert.JSONEq(t, `{"templates": ["fails.json", "good.json"], "acknowledged": [], "findings": [{
		"file": "fails.json", "line": 7, "level": "error", "rule": "AWSC-ELB-001", "logicalId": "A", "resourceType": "AWS::A::A",
		"property": "Properties.B", "message": "m", "title": "No listener forwards to a target group",
		"page": "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html"
	}]}`, got.stdout)
	assert.Equal(t, "1 error, 0 warnings in 2 templates\n", got.stderr)
}

// The rules are those of the pack, with what Go says of them.
func TestCheckPrintsSARIF(t *testing.T) {
	t.Parallel()
	project := newProject(t)
	project.installFake(t)
	project.write(t, "my templates/fails.json", fails)
	got := project.check(t, "--sarif", "my templates/fails.json")
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Rules []struct {
						ID, HelpURI                       string
						ShortDescription, FullDescription struct{ Text string }
					}
				}
			}
			Results json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &log))
	assert.Equal(t, "2.1.0", log.Version)
	require.Len(t, log.Runs, 1)
	described := map[string]rules.Rule{}
	at := -1
	for i, r := range log.Runs[0].Tool.Driver.Rules {
		described[r.ID] = rules.Rule{Id: r.ID, Title: r.ShortDescription.Text, Reason: r.FullDescription.Text, Page: r.HelpURI}
		if r.ID == "AWSC-ELB-001" {
			at = i
		}
	}
	want := map[string]rules.Rule{}
	for _, r := range rules.All() {
		want[r.Id] = r
	}
	assert.Equal(t, want, described)
	index, err := json.Marshal(at)
	require.NoError(t, err)
	assert.JSONEq(t, `[{"ruleId": "AWSC-ELB-001", "ruleIndex": `+string(index)+`, "level": "error", "message": {"text": "m"}, "locations": [{
		"physicalLocation": {"artifactLocation": {"uri": "my%20templates/fails.json"}, "region": {"startLine": 7}},
		"logicalLocations": [{"fullyQualifiedName": "A", "kind": "resource"}]
	}]}]`, string(log.Runs[0].Results))
}

// project is a directory with a copy of the rules and of the test data, as somebody has it who uses no Go.
type project struct {
	dir         string
	cwd         string // from dir, or absolute
	environment []string
}

func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{dir: t.TempDir(), environment: os.Environ()}
	require.NoError(t, os.CopyFS(filepath.Join(p.dir, "rules"), os.DirFS("../../constructs/rules")))
	for _, name := range []string{"good.json", "bad.yaml"} {
		content, err := os.ReadFile(filepath.Join("testdata", "check", name))
		require.NoError(t, err)
		p.write(t, name, string(content))
	}
	require.NoError(t, os.CopyFS(filepath.Join(p.dir, "assembly"), os.DirFS("testdata/check/assembly")))
	return p
}

func (p *project) write(t *testing.T, name, content string) {
	t.Helper()
	file := filepath.Join(p.dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
}

// install makes a directory an npm package of the project.
func (p *project) install(t *testing.T, name, directory string) {
	t.Helper()
	absolute, err := filepath.Abs(directory)
	require.NoError(t, err)
	link := filepath.Join(p.dir, "node_modules", filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(link), 0o750))
	require.NoError(t, os.Symlink(absolute, link))
}

// installFake installs a stand-in of the engine, as npm installs the engine by itself.
func (p *project) installFake(t *testing.T) {
	t.Helper()
	p.install(t, engineModule, "testdata/check/engine")
}

// checked is what the command prints, and its exit code.
type checked struct {
	stdout, stderr string
	code           int
}

func (p *project) check(t *testing.T, args ...string) checked {
	t.Helper()
	cmd := exec.Command("node", append([]string{filepath.Join(p.dir, "rules", "check.mjs")}, args...)...)
	cmd.Dir, cmd.Env = filepath.Join(p.dir, p.cwd), p.environment
	if filepath.IsAbs(p.cwd) {
		cmd.Dir = p.cwd
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return checked{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}
