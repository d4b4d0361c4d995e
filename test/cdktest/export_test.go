package cdktest

// For tests of templates without the CDK.
var (
	Diff         = diff
	SnapshotFile = snapshotFile
	DefineUpdate = defineUpdate
)

// WithAssets gives a template assets by hash.
func (tpl *Template) WithAssets(names map[string]string) *Template {
	for hash, name := range names {
		tpl.assets = append(tpl.assets, asset{hash: hash, name: name})
	}
	return tpl
}

// Compare returns the lines of two texts, each with what happens to it before it.
func Compare(a, b []string) (lines []string) {
	for _, e := range compare(a, b) {
		lines = append(lines, string(e.kind)+e.line)
	}
	return lines
}
