package settings

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
)

var (
	// words finds what may be a prop in a message, or the path of one: "Source.Runtime", "Containers[0].Image". It finds quoted texts
	// and Go's functions and types too, which are none.
	words = regexp.MustCompile(`"[^"]*"|\b(?:[a-z]\w*\.)?[A-Z]\w*(?:\[\d+\])?(?:\.[A-Z]\w*(?:\[\d+\])?)*`)
	props = regexp.MustCompile(`\b[A-Z]\w*`)
	// compound matches the name of a prop that is no single word.
	compound = regexp.MustCompile(`^(?:[A-Z][a-z0-9]+){2,}[A-Z]?$`)
	humps    = regexp.MustCompile(`[A-Z][a-z0-9]*`)
	goName   = regexp.MustCompile(`\b[a-z]\w*\.[A-Z]`)
)

// properNames look like props.
var properNames = []string{
	"CloudFormation", "CloudFront", "CloudTrail", "CloudWatch", "CodeDeploy", "EventBridge", "FireLens", "GiB", "GitHub", "GuardDuty", "MiB",
	"OpenTelemetry", "PrivateLink", "TiB",
}

// aliases are what constructs call the props of stacks.
var aliases = map[string]string{
	"MinCapacity": "MinTasks", "MaxCapacity": "MaxTasks", "Emails": "AlarmEmails", "AllowedPrincipals": "EndpointPrincipals",
}

// lookUp returns the whole key that sets a prop in the stack, or "".
func (s *search) lookUp(prop string) string {
	for _, prop := range []string{prop, aliases[prop]} {
		if name, isKey := s.typed.props[s.stack][prop]; isKey {
			return s.stack + "." + name
		}
		if name, isKey := s.typed.props[""][prop]; isKey {
			return name
		}
	}
	return ""
}

// keyOf returns the whole key that the path of a field names, by its last part that is a prop of the stack, or "".
func (s *search) keyOf(path string) string {
	for _, prop := range slices.Backward(props.FindAllString(path, -1)) {
		if name := s.lookUp(prop); name != "" {
			return name
		}
	}
	return ""
}

// keysIn returns the whole keys of the props that a text names.
func (s *search) keysIn(text string) (names []string) {
	for _, word := range words.FindAllString(text, -1) {
		if name := s.keyOf(word); name != "" && !strings.HasPrefix(word, `"`) {
			names = append(names, name)
		}
	}
	return names
}

// translate puts keys in the place of props, and plain words in that of what has no key.
func (s *search) translate(text string) string {
	text = s.ofConstruct().ReplaceAllString(text, "")
	return words.ReplaceAllStringFunc(text, func(word string) string {
		if name := s.keyOf(word); name != "" && !strings.HasPrefix(word, `"`) {
			return strings.TrimPrefix(name, s.stack+".")
		}
		last := props.FindAllString(word, -1)
		if !s.isForGo(word) || len(last) == 0 {
			return word
		}
		return strings.ToLower(strings.Join(humps.FindAllString(last[len(last)-1], -1), " "))
	})
}

// ofConstruct matches " of FargateWeb/Service", which says nothing to those who know only keys.
func (s *search) ofConstruct() *regexp.Regexp {
	return regexp.MustCompile(` of ` + s.stack + `(?:/[\w-]+)+`)
}

// alternatives returns a text without the alternatives that only Go has.
func (s *search) alternatives(text string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(text, ", or "), s.isForGo), ", or ")
}

// isForGo reports whether a text names what has no key, for those who write Go.
func (s *search) isForGo(text string) bool {
	return slices.ContainsFunc(words.FindAllString(text, -1), func(word string) bool {
		isCompound := slices.ContainsFunc(props.FindAllString(word, -1), compound.MatchString)
		isNoProp := strings.HasPrefix(word, `"`) || slices.Contains(properNames, word) || s.keyOf(word) != ""
		return !isNoProp && (isCompound || goName.MatchString(word))
	})
}

// inKeys returns a problem in terms of the keys: under the culprit, or what else names it best.
func (s *search) inKeys(p refusal, culprit string) invalid.Problem {
	if p.path == "" {
		return p.Problem
	}
	named, ofStack := s.keyOf(p.Field), p.path == s.stack
	wanted := cmp.Or(s.alternatives(p.Wanted), p.Wanted)
	q := invalid.Problem{Field: culprit, Wanted: s.translate(wanted), Got: p.Got, Fix: s.translate(s.alternatives(p.Fix))}
	switch {
	case named != "" && ofStack && (culprit == "" || s.isIn(named)), s.isIn(named) && strings.HasPrefix(p.Wanted, "is required"):
		q.Field = named // of the latter, the value is the zero value
	case culprit == "":
		q = p.Problem
		q.Field, q.Wanted = p.path, strings.TrimSpace(p.Field+" "+p.Wanted)
	case named == "" || s.isIn(named) || !ofStack && s.shows(p, culprit):
	default: // what is wrong is not set, because the culprit is
		other := strings.TrimPrefix(named, s.stack+".")
		if why, isRequired := strings.CutPrefix(q.Wanted, "is required"); isRequired {
			q.Wanted = "requires " + other + why[strings.IndexAny(why+",", ",:"):] // without what requires it
			q.Fix = cmp.Or(q.Fix, "set "+other+" or remove "+strings.TrimPrefix(culprit, s.stack+"."))
		} else {
			q.Wanted = "must fit " + other + ", which " + q.Wanted
		}
	}
	return q
}
