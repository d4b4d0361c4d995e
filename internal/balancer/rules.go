package balancer

import (
	"hash/fnv"
	"slices"

	"awscontainers/constructs/invalid"
)

// Rule is a rule of a listener of an Application Load Balancer, or its default action.
type Rule struct {
	Owner      string // whose it is: the path of a construct
	Priority   int    // of the default action 0
	IsDerived  bool   // Priority was derived from a path, not chosen
	IsDefault  bool   // the default action
	Conditions Conditions
}

// Conditions are those of a rule's conditions that can prove that a request doesn't fit another rule too. A request has one
// path, one host name, one method and one source; it may repeat a header or a parameter of the query, with other values, so
// that these prove nothing.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HttpHeaderConditionConfig.html
type Conditions struct {
	PathPatterns, HostHeaders, HttpRequestMethods, SourceIps []string
}

// Rules are the rules of a listener.
type Rules []Rule

// The range of priorities that are derived from paths. Lower numbers are left to be chosen: their rules come first.
const (
	MaxPriority        = 50000
	minDerivedPriority = 1000
)

// DerivePriority gives the priority of a rule that has none. It depends on the path only, so that adding or removing a rule
// changes no other rule's: Elastic Load Balancing refuses a priority in use, and CloudFormation changes rules one by one.
func DerivePriority(path string) int {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(path)) // it never fails
	return minDerivedPriority + int(hash.Sum64()%(MaxPriority-minDerivedPriority+1))
}

// NewRule gives the rule of an owner: without a priority it gets one derived from the path of its construct. Without conditions
// it is the listener's default action.
func NewRule(owner, path string, priority int, isDefault bool, conditions Conditions) Rule {
	rule := Rule{Owner: owner, Priority: priority, IsDefault: isDefault, Conditions: conditions}
	if priority == 0 && !isDefault {
		rule.Priority, rule.IsDerived = DerivePriority(path), true
	}
	return rule
}

// Check refuses a rule that can't stand beside the others of the listener, which the text names: "the listener". It doesn't
// see rules that were made without this library, nor those of the same listener in another app: see rule AWSC-ELB-003.
func (r Rules) Check(rule Rule, listener string, bad *invalid.Problems) {
	for _, other := range r {
		switch {
		case rule.IsDefault && other.IsDefault:
			bad.Add("Conditions", "is required: the default action of %s is that of %s", listener, other.Owner).
				Advise(`set Conditions, such as elb.Conditions{PathPatterns: []string{"/api/*"}}`)
		case rule.IsDefault || other.IsDefault:
			continue
		case rule.Priority == other.Priority && rule.IsDerived:
			bad.Add("Priority", "is required: the number derived from the construct's path, %d, is the priority of %s on %s",
				rule.Priority, other.Owner, listener).Advise("set Priority to a number that no rule of the listener has")
		case rule.Priority == other.Priority:
			bad.Add("Priority", "must not be the priority of %s on %s", other.Owner, listener).Given(rule.Priority)
		case rule.IsDerived && other.IsDerived && rule.Conditions.Overlap(&other.Conditions):
			bad.Add("Priority", "is required: a request may fit both this rule and that of %s, and neither has a Priority on %s",
				other.Owner, listener).Advise("set Priority, from 1 to %d, on the rule to try first", minDerivedPriority-1)
		default:
			continue
		}
		return // one conflict is enough to know
	}
}

// With gives the rules and one more, leaving the receiver as it is.
func (r Rules) With(rule Rule) Rules { return append(slices.Clone(r), rule) }
