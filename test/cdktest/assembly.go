package cdktest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"
)

// ReadTemplate reads the template of a stack in a cloud assembly's directory.
func ReadTemplate(t *testing.T, dir, stack string) *Template {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, stack+".template.json"))
	require.NoError(t, err)
	tpl := &Template{t: t, Raw: raw}
	require.NoError(t, json.Unmarshal(raw, tpl))
	for id, r := range tpl.Resources {
		r.Id, r.Template = id, tpl
	}
	return tpl
}

// ReadAnnotations returns the error and warning annotations in a cloud assembly's directory, each with its construct path.
func ReadAnnotations(t *testing.T, dir string) (found []string) {
	t.Helper()
	type entry struct {
		Type string
		Data any
	}
	var manifest struct {
		Artifacts map[string]struct {
			Metadata               map[string][]entry
			AdditionalMetadataFile string
		}
	}
	readJSON(t, filepath.Join(dir, "manifest.json"), &manifest)
	for _, artifact := range manifest.Artifacts {
		if artifact.AdditionalMetadataFile != "" {
			readJSON(t, filepath.Join(dir, artifact.AdditionalMetadataFile), &artifact.Metadata)
		}
		for path, entries := range artifact.Metadata {
			for _, e := range entries {
				if e.Type == "aws:cdk:error" || e.Type == "aws:cdk:warning" {
					text, _ := e.Data.(string)
					found = append(found, path+": "+text)
				}
			}
		}
	}
	return found
}

// Finding is what a validator says about one construct.
type Finding struct{ Rule, Path, Description string }

// Findings returns what the validators found in a synthesized app. It fails the test if a validator itself failed.
func Findings(t *testing.T, app awscdk.App) (found []Finding) {
	t.Helper()
	var report struct {
		PluginReports []struct {
			Metadata   struct{ Error string }
			Violations []struct {
				RuleName, Description string
				ViolatingConstructs   []struct{ ConstructPath string }
			}
		}
	}
	readJSON(t, filepath.Join(*app.Outdir(), "validation-report.json"), &report)
	for _, plugin := range report.PluginReports {
		require.Empty(t, plugin.Metadata.Error, "the validator itself failed, most likely on an error in a rule")
		for _, v := range plugin.Violations {
			for _, c := range v.ViolatingConstructs {
				found = append(found, Finding{v.RuleName, c.ConstructPath, v.Description})
			}
		}
	}
	return found
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into), "%s", file)
}
