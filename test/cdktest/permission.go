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
	when                string // the template's condition without which the policy isn't there
	managed, unreadable string
}

func (p permission) String() string {
	line := "allow "
	switch {
	case p.managed != "":
		line = "whatever " + p.managed + " allows"
	case p.unreadable != "":
		line = "unreadable: " + p.unreadable
	case p.deny:
		line = "deny "
		fallthrough
	default:
		line += p.action + " on " + p.target
	}
	if p.conditions != "" {
		line += " if " + p.conditions
	}
	if p.when != "" {
		line += ", with the template's condition " + p.when
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
		p.managed == "" && p.unreadable == "" && p.when == "" && p.deny == other.deny &&
			(p.conditions == "" || p.conditions == other.conditions) &&
			matches(strings.ToLower(p.action), strings.ToLower(other.action)) && matches(p.target, other.target)
}

// denies reports whether the permission, which denies, concerns any part of what another one allows, under every condition.
func (p permission) denies(other permission) bool {
	return p.deny && !other.deny && p.conditions == "" && p.when == "" &&
		overlaps(strings.ToLower(p.action), strings.ToLower(other.action)) && overlaps(p.target, other.target)
}

// matches reports whether a pattern of IAM, or "all but" some, includes everything that another pattern does.
func matches(pattern, text string) bool {
	if but, isBut := strings.CutPrefix(pattern, allBut); isBut {
		return !slices.ContainsFunc(strings.Split(but, ", "), func(p string) bool { return overlaps(p, text) })
	}
	if strings.HasPrefix(text, allBut) {
		return pattern == "*" // nothing else includes what isn't listed
	}
	expression := strings.NewReplacer(`\*`, ".*", `\?`, "[^*]").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("(?s)^" + expression + "$").MatchString(text)
}

// overlaps reports whether two patterns have any text in common.
func overlaps(a, b string) bool {
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		if but, isBut := strings.CutPrefix(pair[0], allBut); isBut {
			return !slices.ContainsFunc(strings.Split(but, ", "), func(p string) bool { return matches(p, pair[1]) })
		}
	}
	// met[j] says whether the rest of a and b[j:] have a text in common, for one rest after another.
	met := make([]bool, len(b)+1)
	for i := len(a); i >= 0; i-- {
		before := slices.Clone(met) // of a[i+1:]
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				met[j] = true
			case i < len(a) && a[i] == '*':
				met[j] = before[j] || j < len(b) && met[j+1]
			case j < len(b) && b[j] == '*':
				met[j] = met[j+1] || i < len(a) && before[j]
			default:
				met[j] = i < len(a) && j < len(b) && (a[i] == b[j] || a[i] == '?' || b[j] == '?') && before[j+1]
			}
		}
	}
	return met[0]
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
	text := func(value any) string {
		s := tpl.spell(value)
		if key == "Resource" && s.isName() {
			return "the name of " + s.String() // which is no ARN: IAM refuses it
		}
		return s.String()
	}
	for _, value := range List(Dig(statement, key)) {
		texts = append(texts, text(value))
	}
	if not := List(Dig(statement, "Not"+key)); len(not) > 0 {
		var but []string
		for _, value := range not {
			but = append(but, text(value))
		}
		slices.Sort(but)
		texts = append(texts, allBut+strings.Join(but, ", "))
	}
	return texts
}

// conditions returns the conditions of a statement as JSON, its references spelled out, or nothing.
func (tpl *Template) conditions(statement any) string {
	conditions := Dig(statement, "Condition")
	if object, isObject := conditions.(map[string]any); conditions == nil || isObject && len(object) == 0 {
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
	if strings.HasPrefix(arn, "<") { // only the deployment knows it
		return permission{managed: arn}
	}
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
