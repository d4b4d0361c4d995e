package settings

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// bundlingStacks is the context key by which the CDK's CLI tells the app what `-e` (`--exclusively`) of synth, deploy, diff, watch and
// import asks for: patterns of names of stacks. Without -e it is "**", and empty for ls, destroy and other commands, which look for
// a stack among all of them.
const bundlingStacks = "aws:cdk:bundling-stacks"

// simplePattern matches the patterns in which * and ? mean the same to the CLI as to path.Match. In others the CLI knows braces,
// negation and more: it then selects from all stacks.
var simplePattern = regexp.MustCompile(`^[\w?-]*(\*[\w?-]+)*\*?$`)

// selected returns those of the stacks that the command asks for with -e, or all of them if it doesn't, or if no name fits: the CLI
// then says so.
func (r *reader) selected(names []string) []string {
	patterns := r.asked
	if len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return !simplePattern.MatchString(p) }) {
		return names
	}
	matches := func(name string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			isMatch, err := path.Match(p, name)
			return err == nil && isMatch
		})
	}
	if fitting := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !matches(name) }); len(fitting) > 0 {
		return fitting
	}
	if known := slices.DeleteFunc(Names(), func(name string) bool { return !matches(name) }); len(known) > 0 {
		r.bad.Add("stacks", "must have %s, which the command asks for", strings.Join(known, ",")).
			Advise("add -c stacks=%s, also to cdk destroy later", strings.Join(known, ","))
	}
	return names
}

// patternsIn reads the patterns of -e from the context.
func patternsIn(context map[string]any) (patterns []string) {
	list, _ := context[bundlingStacks].([]any)
	for _, item := range list {
		if pattern, isText := item.(string); isText {
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}
