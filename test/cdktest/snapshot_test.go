package cdktest_test

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// template is a template with a setting, as the CDK indents it.
func template(t testing.TB, size string) *cdktest.Template {
	t.Helper()
	return cdktest.Parse(t, []byte(`{
 "Resources": {
  "Service": {
   "Type": "AWS::ECS::Service",
   "Properties": {
    "DesiredCount": `+size+`
   }
  }
 }
}`))
}

func update(t *testing.T, value bool) {
	t.Helper()
	text := map[bool]string{true: "true", false: "false"}[value]
	require.NoError(t, flag.Set("update", text))
	t.Cleanup(func() { _ = flag.Set("update", "false") })
}

// writeOld writes a snapshot as an earlier run has.
func writeOld(t *testing.T, file string, tpl *cdktest.Template) {
	t.Helper()
	update(t, true)
	assert.True(t, cdktest.Snapshot(t, tpl, file))
	update(t, false)
	before := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(file, before, before))
}

func TestSnapshot(t *testing.T) {
	t.Chdir(t.TempDir())
	said := failure(t, func(t testing.TB) { cdktest.Snapshot(t, template(t, "2")) })
	assert.Equal(t, "There is no snapshot "+filepath.Join("testdata", "TestSnapshot.json")+" yet. To write it, run:\n\n"+
		"\tgo test . -run '^TestSnapshot$' -update\n\nThen read it and commit it.\n", said)
	assert.NoDirExists(t, "testdata", "written unasked")

	writeOld(t, "testdata/TestSnapshot.json", template(t, "2"))
	assert.True(t, cdktest.Snapshot(t, template(t, "2")))
	written, err := os.ReadFile("testdata/TestSnapshot.json")
	require.NoError(t, err)
	assert.Equal(t, string(template(t, "2").Raw)+"\n", string(written))
	require.NoError(t, os.WriteFile("testdata/TestSnapshot.json", []byte(strings.ReplaceAll(string(written), "\n", "\r\n")), 0o600))
	assert.True(t, cdktest.Snapshot(t, template(t, "2")), "as Git checks it out on Windows")

	said = failure(t, func(t testing.TB) { cdktest.Snapshot(t, template(t, "3")) })
	assert.Contains(t, said, filepath.Join("testdata", "TestSnapshot.json")+" (-) is not what the test has now (+):\n\n"+
		"@@ line 6: Resources.Service (AWS::ECS::Service).Properties @@\n")
	assert.Contains(t, said, "\n-    \"DesiredCount\": 2\n+    \"DesiredCount\": 3\n")
	assert.Contains(t, said, "If you mean the change, run:\n\n\tgo test . -run '^TestSnapshot$' -update")
}

func TestSnapshotUpdates(t *testing.T) {
	t.Chdir(t.TempDir())
	writeOld(t, "testdata/TestSnapshotUpdates.json", template(t, "2"))
	update(t, true)
	assert.True(t, cdktest.Updating())
	assert.True(t, cdktest.Snapshot(t, template(t, "3")), "the change is meant")
	assert.True(t, cdktest.Snapshot(t, template(t, "3")))
	said := failure(t, func(t testing.TB) { cdktest.Snapshot(t, template(t, "4")) })
	assert.Contains(t, said, "was written by this run already, with other content", "two snapshots of one name")
	assert.True(t, cdktest.Snapshot(t, template(t, "4"), "testdata/other.json"))
	update(t, false)
	assert.False(t, cdktest.Updating())
	assert.True(t, cdktest.Snapshot(t, template(t, "3")))
	assert.True(t, cdktest.Snapshot(t, template(t, "4"), "testdata/other.json"))
	t.Setenv("UPDATE_SNAPSHOTS", "1")
	assert.True(t, cdktest.Updating(), "without the flag")
}

func TestSnapshotOfAText(t *testing.T) {
	t.Chdir(t.TempDir())
	update(t, true)
	assert.True(t, cdktest.SnapshotText(t, "# Keys\n\n- a"))
	update(t, false)
	assert.FileExists(t, "testdata/TestSnapshotOfAText.txt")
	assert.True(t, cdktest.SnapshotText(t, "# Keys\n\n- a\n"))
	said := failure(t, func(t testing.TB) { cdktest.SnapshotText(t, "# Keys\n\n- b\n", "testdata/TestSnapshotOfAText.txt") })
	assert.Contains(t, said, "@@ line 3 @@\n # Keys\n \n-- a\n+- b\n")
}

// Each test and subtest has a file of its own, whatever its name.
func TestSnapshotFiles(t *testing.T) {
	for test, file := range map[string]string{
		"TestShop":             "testdata/TestShop.json",
		"TestShop/two_zones":   "testdata/TestShop/two_zones.json",
		"TestShop/a#01":        "testdata/TestShop/a#01.json",
		"TestShop/a:b":         "testdata/TestShop/a%3Ab.json",
		"TestShop/a*b":         "testdata/TestShop/a%2Ab.json",
		"TestShop/größe=L":     "testdata/TestShop/größe=L.json",
		"TestShop/../../x":     "testdata/TestShop/%2E%2E/%2E%2E/x.json",
		"TestShop/100%":        "testdata/TestShop/100%25.json",
		`TestShop/C:\x"<>|?\t`: `testdata/TestShop/C%3A%5Cx%22%3C%3E%7C%3F%5Ct.json`,
	} {
		assert.Equal(t, filepath.FromSlash(file), cdktest.SnapshotFile(test)+".json")
	}
	t.Chdir(t.TempDir())
	update(t, true)
	assert.Empty(t, failureNamed(t, "TestShop/two zones", func(t testing.TB) { cdktest.Snapshot(t, template(t, "1")) }))
	assert.FileExists(t, "testdata/TestShop/two%20zones.json")
	assert.NotEmpty(t, failure(t, func(t testing.TB) { cdktest.Snapshot(t, template(t, "1"), "a", "b") }))
	assert.NotEmpty(t, failure(t, func(t testing.TB) { cdktest.Snapshot(t, nil) }))
	require.NoError(t, os.MkdirAll("testdata/folder.json", 0o700))
	assert.NotEmpty(t, failure(t, func(t testing.TB) { cdktest.Snapshot(t, template(t, "1"), "testdata/folder.json") }))
}

// A package that has a flag -update of its own keeps it.
func TestTheFlagIsDefinedOnce(t *testing.T) {
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	theirs := flags.String("update", "", "theirs")
	cdktest.DefineUpdate(flags)
	require.NoError(t, flags.Parse([]string{"-update=all"}))
	assert.Equal(t, "all", *theirs)
	flags = flag.NewFlagSet("test", flag.ContinueOnError)
	cdktest.DefineUpdate(flags)
	require.NoError(t, flags.Parse([]string{"-update"}))
	assert.Equal(t, "true", flags.Lookup("update").Value.String())
}

const (
	hashA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	hashB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	hashC = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
)

// What is left out of a snapshot, and what only looks like it.
func TestWhatASnapshotLeavesOut(t *testing.T) {
	t.Chdir(t.TempDir())
	raw := `{"Resources": {
 "F": {"Type": "AWS::Lambda::Function", "Properties": {"S3Key": "` + hashA + `.zip", "Url": "x/y:` + hashB + `"}},
 "G": {"Type": "AWS::Lambda::Function", "Properties": {"S3Key": "` + hashA + `.zip", "Secret": "` + hashC + `"}},
 "FCurrentVersion0A1B2C3D0123456789abcdef0123456789abcdef": {"Type": "AWS::Lambda::Version"},
 "DeploymentCurrentVersion0A1B2C3D0123456789abcdef0123456789abcdef": {"Type": "AWS::ApiGateway::Deployment"},
 "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:H4sIAAAA"}, "Condition": "CDKMetadataAvailable"}
},
"Outputs": {"V": {"Value": {"Ref": "FCurrentVersion0A1B2C3D0123456789abcdef0123456789abcdef"}}},
"Conditions": {"CDKMetadataAvailable": {"Fn::Or": ["a", "b"]}, "Other": {"Fn::Or": []}},
"Parameters": {"BootstrapVersion": {"Default": "/cdk-bootstrap/hnb659fds/version"}},
"Rules": {"CheckBootstrapVersion": {"Assertions": [["1", "2", "<3>"]]}, "Other": {"Assertions": []}}}`
	update(t, true)
	cdktest.Snapshot(t, cdktest.Parse(t, []byte(raw)).WithAssets(map[string]string{hashA: "F/Code", hashB: "Image"}), "a.json")
	got, err := os.ReadFile("a.json")
	require.NoError(t, err)
	want := strings.NewReplacer(
		hashA, "<asset of F/Code>", hashB, "<asset of Image>", `"v2:deflate64:H4sIAAAA"`, `"<CDK metadata>"`,
		`{"Fn::Or": ["a", "b"]}`, `"<CDK metadata>"`, `{"Assertions": [["1", "2", "<3>"]]}`, `"<CDK bootstrap version>"`,
		`"FCurrentVersion0A1B2C3D0123456789abcdef0123456789abcdef`, `"FCurrentVersion0A1B2C3D<hash>`,
	).Replace(raw)
	assert.Equal(t, want+"\n", string(got))
}

// A nested stack's template is an asset: without it, no change inside would show.
func TestSnapshotsHaveNestedStacks(t *testing.T) {
	t.Chdir(t.TempDir())
	synth := func(queue string) *cdktest.Template {
		stack := cdktest.Stack(t)
		middle := awscdk.NewNestedStack(stack, new("Middle"), nil)
		inner := awscdk.NewNestedStack(middle, new("Inner"), nil)
		awssqs.NewCfnQueue(middle, new("Queue"), nil)
		awssqs.NewCfnQueue(inner, new("Queue"), &awssqs.CfnQueueProps{QueueName: &queue})
		return cdktest.Synth(t, stack)
	}
	writeOld(t, "a.json", synth("first"))
	raw, err := os.ReadFile("a.json")
	require.NoError(t, err)
	assert.True(t, json.Valid(raw), string(raw))
	assert.True(t, cdktest.Snapshot(t, synth("first"), "a.json"))
	said := failure(t, func(t testing.TB) { cdktest.Snapshot(t, synth("second"), "a.json") })
	assert.Regexp(t, `@@ line \d+: NestedStacks\.Middle\w+\.NestedStacks\.Inner\w+\.Resources\.Queue \(AWS::SQS::Queue\)\.Properties @@`, said)
	assert.Contains(t, said, `"QueueName": "second"`)
}

// Assets whose names don't tell them apart are numbered, so that it shows which are the same.
func TestAssetsAreNumbered(t *testing.T) {
	t.Chdir(t.TempDir())
	names := map[string]string{hashA: "", hashB: "", hashC: "Own"}
	tpl := func(first, second, third string) *cdktest.Template {
		return cdktest.Parse(t, []byte(`{"Outputs": {"O": {"Value": ["`+first+`", "`+second+`", "`+third+`", "`+hashC+`"]}}}`)).WithAssets(names)
	}
	writeOld(t, "a.json", tpl(hashB, hashA, hashB))
	got, err := os.ReadFile("a.json")
	require.NoError(t, err)
	assert.Contains(t, string(got), `["<asset 1>", "<asset 2>", "<asset 1>", "<asset of Own>"]`)
	assert.True(t, cdktest.Snapshot(t, tpl(hashA, hashB, hashA), "a.json"), "other content, the same places")
	assert.NotEmpty(t, failure(t, func(t testing.TB) { cdktest.Snapshot(t, tpl(hashA, hashB, hashB), "a.json") }), "another place")
	assert.NotEmpty(t, failure(t, func(t testing.TB) { cdktest.Snapshot(t, tpl(hashA, hashA, hashA), "a.json") }), "one for all")
}

func TestDiff(t *testing.T) {
	before := "{\n \"a\": {\n  \"Type\": \"T\",\n  \"list\": [\n   1,\n   2,\n   3\n  ]\n },\n \"b\": {},\n \"c\": {},\n \"d\": {},\n " +
		"\"e\": {}\n}"
	after := strings.NewReplacer("   2,\n", "", " \"e\": {}\n", " \"e\": {},\n \"f\": {}\n").Replace(before)
	assert.Equal(t, `@@ line 6: a (T).list @@
   "Type": "T",
   "list": [
    1,
-   2,
    3
   ]
  },
@@ line 13 @@
  "b": {},
  "c": {},
  "d": {},
- "e": {}
+ "e": {},
+ "f": {}
 }
`, cdktest.Diff(before, after))
	assert.Equal(t, "\n", cdktest.Diff(before, before))
	assert.Contains(t, cdktest.Diff("", "a"), "-\n+a\n")
}

// Each line of both texts is in the comparison, in its order.
func TestComparisonsAreComplete(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func() (lines []string) {
		for range random.IntN(12) {
			lines = append(lines, string(rune('a'+random.IntN(6))))
		}
		return lines
	}
	for range 5000 {
		a, b := text(), text()
		var before, after []string
		for _, e := range cdktest.Compare(a, b) {
			if e[0] != '+' {
				before = append(before, e[1:])
			}
			if e[0] != '-' {
				after = append(after, e[1:])
			}
		}
		require.Equal(t, a, before)
		require.Equal(t, b, after)
	}
}

// Long texts with nothing in common take no time, and don't fill the screen.
func TestDiffOfDifferentTexts(t *testing.T) {
	started := time.Now()
	said := cdktest.Diff(strings.Repeat("a\nb\n", 20_000), strings.Repeat("c\n", 40_000))
	assert.Less(t, time.Since(started), 10*time.Second, "1.6 billion pairs of lines")
	assert.Contains(t, said, "... and 79801 lines more\n")
	assert.Less(t, strings.Count(said, "\n"), 210)
}
