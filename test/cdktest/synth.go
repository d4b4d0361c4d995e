package cdktest

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"
)

// Synth synthesizes the stack's app and returns the stack's template. The stack may be in a Stage, or be a NestedStack.
//
// It fails the test if the synth fails, if a validator of the app finds an error, or if a construct of the app has an error or warning
// annotation, which the CDK's own assertions overlook. An app is synthesized once: for its second stack Synth reads what is there, and
// it fails the test if constructs were added in between.
func Synth(t testing.TB, stack awscdk.Stack) *Template {
	t.Helper()
	tpl, annotations := SynthAnnotated(t, stack)
	if len(annotations) > 0 {
		require.FailNow(t, "the app must have no error and warning annotations", "%s", strings.Join(annotations, "\n"))
	}
	return tpl
}

// SynthAnnotated is Synth for an app whose annotations are the point of the test. It returns its errors and warnings, sorted, each with
// its construct path: "/Test/Service: The image has no tag".
func SynthAnnotated(t testing.TB, stack awscdk.Stack) (*Template, []string) {
	t.Helper()
	require.NotNil(t, stack, "stack")
	root, isStage := stack.Node().Root().(awscdk.Stage)
	require.True(t, isStage, "the stack is not in an app")
	errors := slices.DeleteFunc(synthesize(t, root, false), func(f Finding) bool { return f.Severity == "warning" })
	if len(errors) > 0 {
		require.FailNow(t, "the templates must be valid", "%s", linesOf(errors))
	}
	stage := root
	for _, scope := range *stack.Node().Scopes() {
		if s, isStage := scope.(awscdk.Stage); isStage {
			stage = s
		}
	}
	var annotations []string
	for _, f := range readAssembly(t, *root.Outdir()).annotations {
		annotations = append(annotations, "/"+f.Path+": "+f.Text)
	}
	slices.Sort(annotations)
	dir := *stage.Outdir()
	raw, err := os.ReadFile(filepath.Join(dir, templateFile(t, dir, stack)))
	require.NoError(t, err)
	tpl := Parse(t, raw)
	tpl.app, tpl.stack, tpl.assets = root, *stack.StackName(), assetsOf(t, dir)
	return tpl, slices.Compact(annotations)
}

// templateFile returns the name of the stack's template in a cloud assembly's directory.
func templateFile(t testing.TB, dir string, stack awscdk.Stack) string {
	t.Helper()
	if stack.NestedStackParent() != nil {
		return *stack.TemplateFile() // the manifest doesn't list it
	}
	id := *stack.ArtifactId()
	file := readManifest(t, dir).Artifacts[id].Properties.TemplateFile
	require.NotEmpty(t, file, "%s has no stack %q", filepath.Join(dir, "manifest.json"), id)
	return file
}

// manifest is the part of a cloud assembly's manifest.json that the package reads.
type manifest struct {
	Artifacts map[string]struct {
		Type       string
		Properties struct {
			TemplateFile, DirectoryName, File string
		}
		Metadata               map[string][]struct{ Type, Data any }
		AdditionalMetadataFile string
	}
}

func readManifest(t testing.TB, dir string) (m manifest) {
	t.Helper()
	readJSON(t, filepath.Join(dir, "manifest.json"), &m)
	return m
}

// assembly is what a cloud assembly says, those of its stages included.
type assembly struct {
	annotations []Finding // errors and warnings
	assets      []string  // files that list assets
}

func readAssembly(t testing.TB, dir string) (a assembly) {
	t.Helper()
	for _, artifact := range readManifest(t, dir).Artifacts {
		switch artifact.Type {
		case "cdk:cloud-assembly":
			nested := readAssembly(t, filepath.Join(dir, artifact.Properties.DirectoryName))
			a.annotations = append(a.annotations, nested.annotations...)
			a.assets = append(a.assets, nested.assets...)
		case "cdk:asset-manifest":
			a.assets = append(a.assets, filepath.Join(dir, artifact.Properties.File))
		}
		if artifact.AdditionalMetadataFile != "" {
			readJSON(t, filepath.Join(dir, artifact.AdditionalMetadataFile), &artifact.Metadata)
		}
		for path, entries := range artifact.Metadata {
			for _, e := range entries {
				if kind, _ := strings.CutPrefix(plain(e.Type), "aws:cdk:"); kind == "error" || kind == "warning" {
					a.annotations = append(a.annotations, Finding{
						Rule: "annotation", Severity: kind, Path: strings.TrimPrefix(path, "/"), Text: plain(e.Data),
					})
				}
			}
		}
	}
	return a
}

// asset is a file or image that the CDK uploads for the app.
type asset struct {
	hash   string
	name   string // of its construct
	nested []byte // the template of a nested stack
}

// assetsOf lists the assets in a cloud assembly's directory, ordered by hash.
func assetsOf(t testing.TB, dir string) (assets []asset) {
	t.Helper()
	type entry struct {
		DisplayName string
		Source      struct{ Path string }
	}
	for _, file := range readAssembly(t, dir).assets {
		var list struct{ Files, DockerImages map[string]entry }
		readJSON(t, file, &list)
		for hash, e := range list.Files {
			a := asset{hash: hash, name: e.DisplayName}
			if strings.HasSuffix(e.Source.Path, ".nested.template.json") {
				raw, err := os.ReadFile(filepath.Join(filepath.Dir(file), e.Source.Path))
				require.NoError(t, err)
				a.nested = raw
			}
			assets = append(assets, a)
		}
		for hash, e := range list.DockerImages {
			assets = append(assets, asset{hash: hash, name: e.DisplayName})
		}
	}
	byHash := func(a, b asset) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.name, b.name)) }
	slices.SortFunc(assets, byHash)
	return slices.CompactFunc(assets, func(a, b asset) bool { return a.hash == b.hash })
}
