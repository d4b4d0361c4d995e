package balancer

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"awscontainers/constructs/invalid"
)

// Rule is a rule of a listener of an Application Load Balancer, or its default action.
type Rule struct {
	Owner      string // whose it is: the path of the construct that a user made
	Path       string // the path of the rule's own construct
	Priority   int    // of the default action 0
	IsDerived  bool   // Priority was derived from a path, not chosen
	IsDefault  bool   // the default action
	Conditions Conditions
	Session    Session // the zero value if the rule signs nobody in
}

// Session tells by what a rule signs users in, and in which cookie the load balancer keeps that.
type Session struct{ Provider, Cookie string }

// Conditions are those of a rule's conditions that can prove that a request doesn't fit another rule too. A request has one
// path, one host name, one method and one source; it may repeat a header or a parameter of the query, with other values, so
// that these prove nothing.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HttpHeaderConditionConfig.html
type Conditions struct {
	PathPatterns, HostHeaders, HttpRequestMethods, SourceIps []string
	IsEmpty                                                  bool // no condition at all, also of another kind
}

// Rules are the rules of a listener.
type Rules []Rule

// The range of priorities that are derived from paths. Lower numbers are left to be chosen: their rules come first.
const (
	MaxPriority        = 50000
	minDerivedPriority = 1000
	maxChosenPriority  = minDerivedPriority - 1 // of those that never meet a derived one
)

// DerivePriority gives the priority of a rule that has none. It depends only on the key, the rule's path from the name of its stack
// on, as the rule's logical ID does. So adding or removing a rule changes no other rule's, nor does moving the stack in the app:
// Elastic Load Balancing refuses a priority in use, and CloudFormation changes rules one by one.
func DerivePriority(key string) int {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(key)) // it never fails
	return minDerivedPriority + int(hash.Sum64()%(MaxPriority-minDerivedPriority+1))
}

// NewRule gives the rule of an owner: without a priority it gets one derived from the key. Without conditions it is the listener's
// default action.
func NewRule(owner, path, key string, priority int, conditions Conditions) Rule {
	rule := Rule{Owner: owner, Path: path, Priority: priority, IsDefault: conditions.IsEmpty, Conditions: conditions}
	if priority == 0 && !rule.IsDefault {
		rule.Priority, rule.IsDerived = DerivePriority(key), true
	}
	return rule
}

// Check refuses a rule that can't stand beside the others of the listener, which the text names: "the listener". It doesn't
// see rules that were made without this library, nor those of the same listener in another app: see rule AWSC-ELB-003.
func (r Rules) Check(rule Rule, listener string, bad *invalid.Problems) {
	for _, other := range r {
		switch {
		case rule.IsDefault && other.IsDefault:
			bad.Add("Conditions", "is required, because %s already gets all requests that match no rule of %s", other.Owner, listener).
				Advise(`set Conditions, such as elb.Conditions{PathPatterns: []string{"/api/*"}}`)
		case rule.IsDefault || other.IsDefault:
			continue
		case rule.Priority == other.Priority && rule.IsDerived:
			bad.Add("Priority", "is required, because the number derived from the construct's path, %d, is already used on %s, by %s",
				rule.Priority, listener, other.Owner).Advise("set Priority to a number from 1 to %d", maxChosenPriority)
		case rule.Priority == other.Priority:
			bad.Add("Priority", "is already used on %s, by %s", listener, other.Owner).Given(rule.Priority).
				Advise("use another number from 1 to %d, or remove it", maxChosenPriority)
		case rule.IsDerived && other.IsDerived && rule.Conditions.Overlap(&other.Conditions):
			bad.Add("Priority", "is required, because a request can match both this rule and the rule of %s%s, and neither has a Priority on %s",
				other.Owner, other.Conditions.short(), listener).Advise("set Priority, from 1 to %d, on the rule to try first", maxChosenPriority)
		case rule.IsDerived && other.meetsDerived() && rule.Conditions.Overlap(&other.Conditions):
			bad.Add("Priority", "is required, because a request can match both this rule and the rule of %s%s, whose Priority on %s is %d",
				other.Owner, other.Conditions.short(), listener, other.Priority).Advise("set Priority, here or there, from 1 to %d", maxChosenPriority)
		case other.IsDerived && rule.meetsDerived() && rule.Conditions.Overlap(&other.Conditions):
			bad.Add("Priority", "must be from 1 to %d: a request can match both this rule and the rule of %s%s, which has no Priority on %s",
				maxChosenPriority, other.Owner, other.Conditions.short(), listener).Given(rule.Priority)
		default:
			continue
		}
		return // one conflict is enough to know
	}
}

// CheckSession refuses a rule whose sessions would end those of another one: a browser has one cookie of a name for a host.
func (r Rules) CheckSession(rule Rule, bad *invalid.Problems) {
	for _, other := range r {
		hosts, others := Conditions{HostHeaders: rule.Conditions.HostHeaders}, Conditions{HostHeaders: other.Conditions.HostHeaders}
		isOneCookie := rule.Session.Cookie != "" && rule.Session.Cookie == other.Session.Cookie
		if isOneCookie && rule.Session != other.Session && hosts.Overlap(&others) {
			bad.Add("Authenticate.SessionCookieName", "must not be that of %s, which authenticates in another way under the same names",
				other.Owner).Given(rule.Session.Cookie).Advise("set another name, or authenticate in the same way")
			return
		}
	}
}

// meetsDerived reports whether a chosen priority is among those that are derived: a hash would decide which rule comes first.
func (r *Rule) meetsDerived() bool {
	return !r.IsDerived && !r.IsDefault && r.Priority > maxChosenPriority
}

// SetOwner names the construct whose rule the one at a path is, such as the service that made it.
func (r Rules) SetOwner(path, owner string) {
	for i := range r {
		if r[i].Path == path {
			r[i].Owner = owner
		}
	}
}

// short shows the paths and hosts of a rule in a message, up to three of each: ` (paths "/a", "/b"; hosts "www.example.com")`.
func (c *Conditions) short() string {
	var kinds []string
	for _, kind := range []struct {
		name   string
		values []string
	}{{"path", c.PathPatterns}, {"host", c.HostHeaders}} {
		var shown []string
		for _, value := range kind.values {
			if !invalid.IsToken(value) {
				shown = append(shown, strconv.Quote(value))
			}
		}
		switch n := len(shown); {
		case n == 0:
			continue
		case n > 3:
			shown = append(shown[:3], "...")
			fallthrough
		case n > 1:
			kind.name += "s"
		}
		kinds = append(kinds, kind.name+" "+strings.Join(shown, ", "))
	}
	if len(kinds) == 0 {
		return ""
	}
	return " (" + strings.Join(kinds, "; ") + ")"
}

// With gives the rules and one more, leaving the receiver as it is.
func (r Rules) With(rule Rule) Rules { return append(slices.Clone(r), rule) }
