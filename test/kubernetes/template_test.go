package kubernetes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// template is a stack's, or a nested stack's.
type template struct {
	Resources  map[string]resource
	Parameters map[string]struct{ Default any }
	Outputs    map[string]struct{ Value any }

	path   string
	nested map[string]*template // by the logical id of the nested stack's resource
	parent *node                // the resource of this nested stack
}

type resource struct {
	Type       string
	Properties map[string]any
	DependsOn  any // an id or a list of them
}

// node is a resource of a stack, or of one nested in it.
type node struct {
	*template
	id string
}

func (n node) String() string { return n.path + ": " + n.id }

func (n node) resource() resource { return n.Resources[n.id] }

// readTemplates gives the stacks of a folder that `cdk synth` wrote, and of the folders in it.
func readTemplates(folder string) (stacks []*template, err error) {
	var nested []string
	err = filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".nested.template.json"):
			nested = append(nested, path)
		case strings.HasSuffix(path, ".template.json"):
			stack, err := readStack(folder, path)
			if err != nil {
				return err
			}
			stacks = append(stacks, stack)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, stack := range stacks {
		for _, n := range stack.nodes() {
			nested = slices.DeleteFunc(nested, func(path string) bool { return path == filepath.Join(folder, n.path) })
		}
	}
	if len(nested) > 0 {
		return nil, fmt.Errorf("no stack has these nested in it: %v", nested)
	}
	return stacks, nil
}

// readStack reads a stack and those nested in it: their files are among its assets, named by the hash in their URL.
func readStack(folder, path string) (*template, error) {
	var assets struct {
		Files map[string]struct{ Source struct{ Path string } }
	}
	list := strings.TrimSuffix(path, ".template.json") + ".assets.json"
	if err := readJSON(list, &assets); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var read func(path string, parent *node) (*template, error)
	read = func(path string, parent *node) (*template, error) {
		stack := &template{nested: map[string]*template{}, parent: parent}
		if err := readJSON(path, stack); err != nil {
			return nil, err
		}
		var err error
		if stack.path, err = filepath.Rel(folder, path); err != nil {
			return nil, err
		}
		for id, r := range stack.Resources {
			if r.Type != nestedType {
				continue
			}
			url, err := json.Marshal(r.Properties["TemplateURL"])
			if err != nil {
				return nil, err
			}
			for hash, file := range assets.Files {
				if strings.Contains(string(url), hash) {
					inner, err := read(filepath.Join(filepath.Dir(path), file.Source.Path), &node{stack, id})
					if err != nil {
						return nil, err
					}
					stack.nested[id] = inner
				}
			}
			if stack.nested[id] == nil {
				return nil, fmt.Errorf("%s: %s: no asset is at the nested stack's URL %s", stack.path, id, url)
			}
		}
		return stack, nil
	}
	return read(path, nil)
}

func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// nodes gives the resources of a stack and of those nested in it, each after what it depends on, as CloudFormation makes
// them.
func (tpl *template) nodes() (ordered []node) {
	seen := map[node]bool{}
	var visit func(n node)
	visit = func(n node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, other := range n.needs() {
			visit(other)
		}
		ordered = append(ordered, n)
	}
	for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
		visit(node{tpl, id})
	}
	return ordered
}

// after gives all that CloudFormation has made before it makes a resource.
func (n node) after() map[node]bool {
	all := map[node]bool{}
	var visit func(n node)
	visit = func(n node) {
		for _, other := range n.needs() {
			if !all[other] {
				all[other] = true
				visit(other)
			}
		}
	}
	visit(n)
	return all
}

// needs gives what a resource names: in its DependsOn and its properties; a nested stack needs all that is in it, and
// what is in it needs what the nested stack names.
func (n node) needs() (others []node) {
	if inner := n.nested[n.id]; inner != nil {
		for _, id := range slices.Sorted(maps.Keys(inner.Resources)) {
			others = append(others, node{inner, id})
		}
	}
	for ; ; n = *n.parent {
		named := map[string]bool{}
		references(map[string]any{"": n.resource().Properties}, named)
		references(dependsOn(n.resource().DependsOn), named)
		for _, id := range slices.Sorted(maps.Keys(named)) {
			if _, ok := n.Resources[id]; ok {
				others = append(others, node{n.template, id})
			}
		}
		if n.parent == nil {
			return others
		}
	}
}

func dependsOn(value any) (refs []any) {
	ids, ok := value.([]any)
	if !ok {
		ids = []any{value}
	}
	for _, id := range ids {
		refs = append(refs, map[string]any{"Ref": id})
	}
	return refs
}

// references collects the logical ids in Ref, Fn::GetAtt and Fn::Sub.
func references(value any, into map[string]bool) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			references(item, into)
		}
	case map[string]any:
		for key, item := range v {
			switch key {
			case "Ref":
				if id, ok := item.(string); ok {
					into[id] = true
				}
			case "Fn::GetAtt":
				if id, _, err := attribute(item); err == nil {
					into[id] = true
				}
			case "Fn::Sub":
				text, variables := substitution(item)
				for _, match := range variable.FindAllStringSubmatch(text, -1) {
					id, _, _ := strings.Cut(match[1], ".")
					into[id] = true
				}
				references(variables, into)
			default:
				references(item, into)
			}
		}
	}
}
