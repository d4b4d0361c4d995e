package settings

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
)

// The reader refuses what a value shows by itself. What only a stack or a construct can judge, it says in the words of its props:
// "FargateWeb/Alarms: Emails[0] must be …". The key to blame is found by experiment: it is the one that makes the problem go away
// when it is left out, tried first where its value is the one that the problem shows. It then stays out, so that the stack gets
// further and shows its next problem, until it builds. All this happens only once something was refused.

// joined returns problems, whose fields are keys, as errors of one line each, sorted by key and joined; nil for none.
func joined(bad invalid.Problems) error {
	sorted := slices.Clone(bad)
	slices.SortStableFunc(sorted, func(a, b invalid.Problem) int { return strings.Compare(a.Field, b.Field) })
	var errs []error
	for i, p := range sorted {
		if slices.Contains(sorted[:i], p) {
			continue // two stacks or services say the same of one key
		}
		path := p.Field
		p.Field = ""
		errs = append(errs, &invalid.Error{Path: path, Problems: []invalid.Problem{p}})
	}
	return errors.Join(errs...)
}

// trial finds out whether a stack can be built.
type trial func(name string, c configured) outcome

// outcome is what a trial came to. The zero value is a stack without problems.
type outcome struct {
	refused *invalid.Error
	// isBuilt reports whether the construct with a path was built before another one refused its props; nil if none was.
	isBuilt func(path string) bool
	// isBroken is true after a panic other than a refusal.
	isBroken bool
}

// validated is the trial without a construct: the problems that the props of a stack show by themselves.
func validated(name string, c configured) (o outcome) {
	var refused *invalid.Error
	if errors.As(c.validate(), &refused) {
		o.refused = &invalid.Error{Path: name, Problems: refused.Problems}
	}
	return o
}

// mistakes returns all problems of the context, those that the reader found and those of the stacks, each under the key to change.
func (r *reader) mistakes(names []string, try trial) invalid.Problems {
	bad, refused := slices.Clone(r.bad), map[string]bool{}
	for _, p := range bad {
		for name := range r.values { // of a pair, the problem's is "tags.Owner"
			if name == p.Field || strings.HasPrefix(p.Field, name+".") {
				refused[name] = true
			}
		}
	}
	for _, name := range names {
		s := &search{typed: r, stack: name, try: try, out: maps.Clone(refused), tried: map[string]attempted{}}
		if !slices.ContainsFunc(r.keys, func(k Key) bool { return s.isIn(k.Name) && (stackOf(k.Name) == name || isOfNetwork(k.Name)) }) {
			continue // nothing that the stack could refuse, and building it would take a while
		}
		s.run()
		bad = append(bad, s.found...)
	}
	return bad
}

// isOfNetwork reports whether a key of the app is one that constructs judge.
func isOfNetwork(name string) bool { return name == "vpcId" || name == "availabilityZones" }

// search finds the mistakes in the keys of one stack.
type search struct {
	typed *reader
	stack string
	try   trial
	out   map[string]bool // the keys that are left out, because their mistakes are known
	found invalid.Problems
	tried map[string]attempted // by the keys that were tried
}

// attempted is what came of an attempt.
type attempted struct {
	refusals []refusal
	outcome  outcome
}

// refusal is a problem, with the path of the construct that has it; without a path it is the reader's, and its field a key.
type refusal struct {
	path string
	invalid.Problem
}

// attempt reads the keys and tries the stack, without the keys that are out, and without others. It tries the same keys once.
func (s *search) attempt(without ...string) (refusals []refusal, o outcome) {
	values := maps.Clone(s.typed.values)
	maps.DeleteFunc(values, func(name string, _ any) bool { return s.out[name] || slices.Contains(without, name) })
	keys := strings.Join(slices.Sorted(maps.Keys(values)), " ")
	if a, isTried := s.tried[keys]; isTried {
		return a.refusals, a.outcome
	}
	defer func() { s.tried[keys] = attempted{refusals, o} }()
	r := &reader{values: values, account: s.typed.account, region: s.typed.region}
	o = s.try(s.stack, r.settings().stacks[s.stack])
	for _, p := range r.bad {
		if stackOf(p.Field) == s.stack {
			refusals = append(refusals, refusal{"", p})
		}
	}
	if o.refused != nil {
		for _, p := range o.refused.Problems {
			refusals = append(refusals, refusal{o.refused.Path, p})
		}
	}
	return refusals, o
}

func (s *search) run() {
	for {
		refusals, o := s.attempt()
		culprits := map[string]bool{}
		for _, p := range refusals {
			names := s.culprits(p, o)
			for _, name := range names {
				culprits[name] = true
			}
			if s.isConsequence(p) {
				continue
			}
			if len(names) == 0 {
				names = []string{""}
			}
			for _, name := range names {
				s.found = append(s.found, s.inKeys(p, name))
			}
		}
		if len(culprits) == 0 {
			return
		}
		maps.Copy(s.out, culprits)
	}
}

// culprits finds the key without which a problem goes away, or the keys that it names if it takes all of them; none if nothing helps.
func (s *search) culprits(p refusal, now outcome) []string {
	if p.path == "" {
		if s.isIn(p.Field) {
			return []string{p.Field}
		}
		return nil
	}
	var hidden []string
	for _, name := range s.suspects(p) {
		refusals, then := s.attempt(name)
		switch {
		case then.isBroken || slices.ContainsFunc(refusals, p.isSame):
		case then.refused != nil && then.refused.Path != p.path && now.isBuilt != nil && now.isBuilt(then.refused.Path):
			hidden = append(hidden, name) // it stopped earlier, and shows nothing of what comes later
		default:
			return []string{name}
		}
	}
	named := slices.DeleteFunc(s.keysIn(p.Field+" "+p.Wanted+" "+p.Fix), func(name string) bool { return !s.isIn(name) })
	for _, name := range hidden {
		if s.shows(p, name) || slices.Contains(named, name) {
			return []string{name}
		}
	}
	if len(named) > 1 {
		if refusals, then := s.attempt(named...); !then.isBroken && !slices.ContainsFunc(refusals, p.isSame) {
			return named
		}
	}
	return nil
}

// figures are what a text says of values, which may differ when it says the same again.
var figures = regexp.MustCompile(`\d+|"[^"]*"`)

func (p refusal) isSame(q refusal) bool {
	return p.path == q.path && p.Field == q.Field && figures.ReplaceAllString(p.Wanted, "") == figures.ReplaceAllString(q.Wanted, "")
}

// isIn reports whether a key is set and not out.
func (s *search) isIn(name string) bool { return s.typed.values[name] != nil && !s.out[name] }

// suspects are the keys of the stack that are set, and those of the app, the most likely one first.
func (s *search) suspects(p refusal) (names []string) {
	named, order, rank := s.keyOf(p.Field), map[string]int{}, map[string]int{}
	for i, k := range s.typed.keys {
		name := k.Name
		if !s.isIn(name) || stackOf(name) != s.stack && stackOf(name) != "" {
			continue
		}
		order[name] = i
		names = append(names, name)
		switch isShown := s.shows(p, name); {
		case isShown && name == named:
			rank[name] = 0
		case isShown:
			rank[name] = 1
		case name == named:
			rank[name] = 2
		case stackOf(name) != "":
			rank[name] = 3
		case name != "profile":
			rank[name] = 4
		default:
			rank[name] = 5 // it changes everything
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(rank[a]-rank[b], order[a]-order[b]) })
	return names
}

// shows reports whether a problem shows the value of a key, or an item of it.
func (s *search) shows(p refusal, name string) bool {
	return p.Got != "" && slices.Contains(shown(s.typed.values[name]), p.Got)
}

// shown are the ways in which a problem may show a value.
func shown(value any) (texts []string) {
	var items []string
	switch given := value.(type) {
	case string:
		texts = append(texts, given) // a number, true or false
		items = append(splitList(given), given)
		for _, item := range items {
			name, v, _ := strings.Cut(item, "=")
			items = append(items, strings.TrimSpace(name), strings.TrimSpace(v))
		}
	case []any:
		for _, item := range given {
			items = append(items, written(item))
		}
	case map[string]any:
		for name, item := range given {
			items = append(items, name, written(item))
		}
	default:
		return []string{written(given)}
	}
	for _, item := range items {
		texts = append(texts, fmt.Sprintf("%q", item))
	}
	return append(texts, strings.Join(texts, ", "))
}

// isConsequence reports whether a problem follows from keys that are out: it says what is wrong with their defaults, or what is
// lacking because they are not set.
func (s *search) isConsequence(p refusal) bool {
	for name := range s.out {
		if p.path == "" && slices.Contains(strings.FieldsFunc(p.Wanted+" "+p.Fix, isBetweenKeys), name) {
			return true
		}
	}
	if p.path == "" {
		return false
	}
	if slices.ContainsFunc(s.keysIn(p.Wanted+" "+p.Fix), func(name string) bool { return s.out[name] }) {
		return true
	}
	isOfAnother := slices.ContainsFunc(s.suspects(p), func(name string) bool { return s.shows(p, name) })
	return s.out[s.keyOf(p.Field)] && !isOfAnother
}

func isBetweenKeys(c rune) bool { return strings.ContainsRune(" ,;", c) }
