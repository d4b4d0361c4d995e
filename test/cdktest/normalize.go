package cdktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// normalized returns the template's text without what changes although nobody changes the app. It is exact about what it replaces: a
// digest or a secret looks like an asset's hash.
func (tpl *Template) normalized(t testing.TB) string {
	t.Helper()
	raw := tpl.Raw
	raw = replaceAt(raw, "<CDK bootstrap version>", "Rules", "CheckBootstrapVersion")
	raw = replaceAt(raw, "<CDK metadata>", "Resources", "CDKMetadata", "Properties", "Analytics")
	raw = replaceAt(raw, "<CDK metadata>", "Conditions", "CDKMetadataAvailable")
	text := string(raw)
	for _, version := range tpl.All("AWS::Lambda::Version") {
		// The CDK hashes the function into the logical ID of its version, the asset's hash included.
		if id := currentVersion.FindStringSubmatch(version.Id); id != nil {
			text = strings.ReplaceAll(text, version.Id, id[1]+"<hash>")
		}
	}
	for hash, name := range tpl.assetNames(text) {
		text = strings.ReplaceAll(text, hash, "<"+name+">")
	}
	return tpl.withNested(t, text)
}

// withNested adds the templates of nested stacks, which the text knows by their hashes, by their logical IDs.
func (tpl *Template) withNested(t testing.TB, text string) string {
	t.Helper()
	var inner []string
	for _, r := range tpl.All("AWS::CloudFormation::Stack") {
		if nested := r.nested(t); nested != nil {
			lines := strings.ReplaceAll(strings.TrimSpace(nested.normalized(t)), "\n", "\n  ")
			inner = append(inner, fmt.Sprintf("\n  %q: %s", r.Id, lines))
		}
	}
	if len(inner) == 0 {
		return text
	}
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "}"))
	return text + ",\n \"NestedStacks\": {" + strings.Join(inner, ",") + "\n }\n}\n"
}

var currentVersion = regexp.MustCompile(`^(.*CurrentVersion[0-9A-F]{8})[0-9a-f]{32}$`)

// assetNames returns what to call each asset whose hash a text contains: by its directory, which shows if assets are swapped; by the
// construct that owns it if it is the CDK's own; with a number, in the order of the text, if others have the same name.
func (tpl *Template) assetNames(text string) map[string]string {
	used := slices.DeleteFunc(slices.Clone(tpl.assets), func(a asset) bool { return !strings.Contains(text, a.hash) })
	if len(used) == 0 {
		return nil
	}
	slices.SortFunc(used, func(a, b asset) int { return strings.Index(text, a.hash) - strings.Index(text, b.hash) })
	directories := tpl.assetDirectories()
	byName := map[string][]asset{}
	for _, a := range used {
		name := "asset"
		if directory := directories[a.hash]; directory != "" {
			name += " " + directory
		} else if a.name != "" {
			name += " of " + a.name
		}
		byName[name] = append(byName[name], a)
	}
	names := map[string]string{}
	for name, assets := range byName {
		for i, a := range assets {
			names[a.hash] = name
			if len(assets) > 1 {
				names[a.hash] = fmt.Sprintf("%s %d", name, i+1)
			}
		}
	}
	return names
}

// assetDirectories returns the directory or file of each asset of the app by its hash, relative to the test's directory. Those outside
// the Go module, such as the CDK's own, are left out: they are elsewhere on each machine.
func (tpl *Template) assetDirectories() map[string]string {
	directories := map[string]string{}
	module, here := moduleDirectory()
	if tpl.app == nil || module == "" {
		return directories
	}
	for _, construct := range *tpl.app.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		staging, isStaging := construct.(awscdk.AssetStaging)
		if !isStaging {
			continue
		}
		source := *staging.SourcePath()
		if below, err := filepath.Rel(module, source); err != nil || !filepath.IsLocal(below) {
			continue
		}
		relative, err := filepath.Rel(here, source)
		if hash := *staging.AssetHash(); err == nil && directories[hash] == "" {
			directories[hash] = filepath.ToSlash(relative)
		}
	}
	return directories
}

// moduleDirectory returns the directory of the nearest go.mod and the current one.
func moduleDirectory() (module, here string) {
	here, err := os.Getwd()
	if err != nil {
		return "", ""
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, here
		}
		if dir == filepath.Dir(dir) {
			return "", here
		}
	}
}

// replaceAt replaces the value at a path of a JSON text by a string, and leaves everything else as it is written.
func replaceAt(raw []byte, with string, path ...string) []byte {
	start, end := find(raw, path)
	if end == 0 {
		return raw
	}
	return slices.Concat(raw[:start], []byte(asText(with)), raw[end:])
}

// find returns where the value at a path of a JSON text begins and ends, or zeros.
func find(raw []byte, path []string) (start, end int) {
	if len(path) == 0 {
		return 0, len(raw)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return 0, 0
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return 0, 0
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return 0, 0
		}
		if key == path[0] {
			at := int(decoder.InputOffset()) - len(value)
			if start, end = find(value, path[1:]); end > 0 {
				start, end = at+start, at+end
			}
			return start, end
		}
	}
	return 0, 0
}
