package cdktest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// permission is one action on one resource, or what can't be taken apart that far.
type permission struct {
	deny                bool
	action, target      string // patterns, or "all but a, b"
	conditions          string // as JSON
	managed, unreadable string
}

func (p permission) String() string {
	switch {
	case p.managed != "":
		return "whatever " + p.managed + " allows"
	case p.unreadable != "":
		return "unreadable: " + p.unreadable
	}
	line := "allow "
	if p.deny {
		line = "deny "
	}
	line += p.action + " on " + p.target
	if p.conditions != "" {
		line += " if " + p.conditions
	}
	return line
}

// same takes actions in any case, as IAM does.
func (p permission) same(other permission) bool {
	p.action, other.action = strings.ToLower(p.action), strings.ToLower(other.action)
	return p == other
}

const allBut = "all but "

// covers reports whether the permission includes another one: its patterns match, and no condition narrows it otherwise.
func (p permission) covers(other permission) bool {
	return p.same(other) ||
		p.managed == "" && p.unreadable == "" && p.deny == other.deny && (p.conditions == "" || p.conditions == other.conditions) &&
			matches(strings.ToLower(p.action), strings.ToLower(other.action)) && matches(p.target, other.target)
}

// matches reports whether a pattern of IAM, or "all but" some, includes a text.
func matches(pattern, text string) bool {
	if but, isBut := strings.CutPrefix(pattern, allBut); isBut {
		return !slices.ContainsFunc(strings.Split(but, ", "), func(p string) bool { return matches(p, text) })
	}
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("(?s)^" + expression + "$").MatchString(text)
}

// permissions takes a statement of a policy apart.
func (tpl *Template) permissions(statement any) (all []permission) {
	effect := Dig(statement, "Effect")
	actions, targets := tpl.patterns(statement, "Action"), tpl.patterns(statement, "Resource")
	if effect != "Allow" && effect != "Deny" || actions == nil || targets == nil {
		return []permission{{unreadable: asText(statement)}}
	}
	for _, action := range actions {
		for _, target := range targets {
			all = append(all, permission{deny: effect == "Deny", action: action, target: target, conditions: tpl.conditions(statement)})
		}
	}
	return all
}

// patterns returns the texts of Action, Resource or Principal, or one that says "all but" those of NotAction.
func (tpl *Template) patterns(statement any, key string) (texts []string) {
	for _, value := range List(Dig(statement, key)) {
		texts = append(texts, tpl.spell(value).String())
	}
	if not := List(Dig(statement, "Not"+key)); len(not) > 0 {
		var but []string
		for _, value := range not {
			but = append(but, tpl.spell(value).String())
		}
		slices.Sort(but)
		texts = append(texts, allBut+strings.Join(but, ", "))
	}
	return texts
}

// conditions returns the conditions of a statement as JSON, its references spelled out, or nothing.
func (tpl *Template) conditions(statement any) string {
	conditions := Dig(statement, "Condition")
	if conditions == nil {
		return ""
	}
	return asText(tpl.spelledOut(conditions))
}

// spelledOut replaces texts with references by what they say, and lists of one by their element.
func (tpl *Template) spelledOut(value any) any {
	if s := tpl.text(value); s != nil {
		return s.String()
	}
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			out[key] = tpl.spelledOut(inner)
		}
		return out
	case []any:
		if len(v) == 1 {
			return tpl.spelledOut(v[0])
		}
		var out []any
		for _, inner := range v {
			out = append(out, tpl.spelledOut(inner))
		}
		return out
	case []string:
		return tpl.spelledOut(anys(v))
	default:
		return plain(v)
	}
}

// managed is a managed policy by its ARN or name. Those of AWS are known by the last part of their names.
func managed(arn string) permission {
	if !strings.HasPrefix(arn, "arn:") || strings.Contains(arn, ":iam::aws:policy/") {
		arn = "the AWS managed policy " + arn[strings.LastIndex(arn, "/")+1:]
	}
	return permission{managed: arn}
}

// tidy sorts permissions, those that allow first, and drops repetitions.
func tidy(all []permission) []permission {
	slices.SortFunc(all, func(a, b permission) int { return cmp.Compare(a.String(), b.String()) })
	return slices.CompactFunc(all, permission.same)
}
