package tool

import "regexp"

// folders are the folders of this repository that hold packages.
const folders = `(?:constructs|internal|stacks|test)`

// Rewriter gives the packages of a module, wherever a text names them, another path.
type Rewriter struct {
	packages *regexp.Regexp
	to       string
}

// NewRewriter creates a Rewriter from one module path to another path.
func NewRewriter(from, to string) *Rewriter {
	// What precedes tells an import path from a directory such as ../awscontainers/constructs.
	return &Rewriter{regexp.MustCompile(`(^|[^\w./-])` + regexp.QuoteMeta(from) + `(/` + folders + `\b)`), to}
}

// Rewrite rewrites a text. It leaves everything as it is that isn't an import path: names, identifiers of rules, directories.
func (r *Rewriter) Rewrite(text string) string {
	return r.packages.ReplaceAllString(text, "${1}"+r.to+"${2}") // no module path has a dollar sign
}
