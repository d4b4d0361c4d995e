package balancer_test

import (
	"fmt"
	"testing"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/fake"
)

// The numbers are part of the interface: another hash would move every rule to another priority, which CloudFormation does one
// by one, into numbers that are still in use.
func TestDerivedPrioritiesStayAsTheyAre(t *testing.T) {
	for path, want := range map[string]int{
		"Stack/Service/ListenerRule":    9769,
		"Stack/Service/ListenerRule2":   49550,
		"Web/Service/ListenerRule":      39394,
		"Prod/Web/Service/ListenerRule": 18646,
	} {
		assert.Equal(t, want, balancer.DerivePriority(path), path)
	}
}

func TestDerivedPrioritiesLeaveRoomForChosenOnes(t *testing.T) {
	seen := map[int]bool{}
	for i := range 10000 {
		priority := balancer.DerivePriority(fmt.Sprintf("Stack/Service%d/ListenerRule", i))
		assert.True(t, priority >= 1000 && priority <= 50000, "%d", priority)
		seen[priority] = true
	}
	assert.Greater(t, len(seen), 8500, "the hash spreads badly") // of 9056 that chance would give
}

func TestRulesThatAreRefused(t *testing.T) {
	paths := func(patterns ...string) balancer.Conditions { return balancer.Conditions{PathPatterns: patterns} }
	rule := func(priority int, conditions balancer.Conditions) balancer.Rule {
		return balancer.NewRule("Stack/New", "Stack/New/ListenerRule", "Stack/New/ListenerRule", priority, conditions)
	}
	all := balancer.NewRule("Stack/New", "Stack/New/ListenerRule", "Stack/New/ListenerRule", 0, balancer.Conditions{IsEmpty: true})
	derived := rule(0, paths()).Priority
	for name, c := range map[string]struct {
		others balancer.Rules
		rule   balancer.Rule
		want   string
	}{
		"chosen and chosen": {balancer.Rules{{Owner: "Stack/Old", Priority: 7}}, rule(7, paths("/a")),
			"Priority is already used on the listener, by Stack/Old; got 7; use another number from 1 to 999, or remove it"},
		"chosen and derived": {balancer.Rules{{Owner: "Stack/Old", Priority: 2000, IsDerived: true}}, rule(2000, paths("/a")),
			"Priority is already used on the listener, by Stack/Old; got 2000; use another number from 1 to 999, or remove it"},
		"derived and chosen": {balancer.Rules{{Owner: "Stack/Old", Priority: derived}}, rule(0, paths("/a")),
			fmt.Sprintf("Priority is required, because the number derived from the construct's path, %d, is already used on the listener, by "+
				"Stack/Old; "+
				"set Priority to a number from 1 to 999", derived)},
		"derived and derived": {balancer.Rules{{Owner: "Stack/Old", Priority: derived, IsDerived: true, Conditions: paths("/b")}}, rule(0,
			paths("/a")),
			fmt.Sprintf("Priority is required, because the number derived from the construct's path, %d, is already used on the listener, by "+
				"Stack/Old; "+
				"set Priority to a number from 1 to 999", derived)},
		"overlap": {balancer.Rules{{Owner: "Stack/Old", Priority: 2000, IsDerived: true, Conditions: paths("/b", "/a*")}}, rule(0, paths("/*b")),
			"Priority is required, because a request can match both this rule and the rule of Stack/Old (paths \"/b\", \"/a*\"), and neither " +
				"has a Priority on " +
				"the listener; " +
				"set Priority, from 1 to 999, on the rule to try first"},
		"two default actions": {balancer.Rules{{Owner: "Stack/Old", IsDefault: true}}, all,
			`Conditions is required, because Stack/Old already gets all requests that match no rule of the listener; ` +
				`set Conditions, such as elb.Conditions{PathPatterns: []string{"/api/*"}}`},
		"the first of several": {balancer.Rules{{Owner: "Stack/One", Priority: 1}, {Owner: "Stack/Two", Priority: 7}, {Owner: "Stack/Three",
			Priority: 7}},
			rule(7, paths()), "Priority is already used on the listener, by Stack/Two; got 7; use another number from 1 to 999, or remove it"},

		"no others":                   {nil, rule(0, paths("/*")), ""},
		"other priorities":            {balancer.Rules{{Priority: 6}, {Priority: 8}}, rule(7, paths("/*")), ""},
		"overlap of a chosen one":     {balancer.Rules{{Priority: 2000, IsDerived: true, Conditions: paths("/*")}}, rule(7, paths("/*")), ""},
		"overlap with a chosen one":   {balancer.Rules{{Priority: 7, Conditions: paths("/*")}}, rule(0, paths("/*")), ""},
		"no overlap":                  {balancer.Rules{{Priority: 2000, IsDerived: true, Conditions: paths("/b")}}, rule(0, paths("/a")), ""},
		"rule beside default action":  {balancer.Rules{{IsDefault: true}}, rule(0, paths("/*")), ""},
		"default action beside rules": {balancer.Rules{{Priority: 2000, IsDerived: true}, {Priority: 1}}, all, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var bad invalid.Problems
			c.others.Check(c.rule, "the listener", &bad)
			if c.want == "" {
				fake.Refused(t, bad.Err())
			} else {
				fake.Refused(t, bad.Err(), c.want)
			}
		})
	}
}

// Each pair of conditions is judged in both orders, and against itself.
func TestConditionsOverlap(t *testing.T) {
	paths := func(patterns ...string) balancer.Conditions { return balancer.Conditions{PathPatterns: patterns} }
	hosts := func(names ...string) balancer.Conditions { return balancer.Conditions{HostHeaders: names} }
	methods := func(names ...string) balancer.Conditions { return balancer.Conditions{HttpRequestMethods: names} }
	ranges := func(cidrs ...string) balancer.Conditions { return balancer.Conditions{SourceIps: cidrs} }
	for _, c := range []struct {
		a, b balancer.Conditions
		want bool
	}{
		{paths("/a"), paths("/a"), true},
		{paths("/a"), paths("/b"), false},
		{paths("/a"), paths("/A"), false}, // a path's case counts
		{paths("/a"), paths("/a/"), false},
		{paths("/a/*"), paths("/a"), false}, // the slash is part of it
		{paths("/a*"), paths("/a"), true},   // "*" may be nothing
		{paths("/a?"), paths("/a"), false},  // "?" may not
		{paths("/a?"), paths("/ab"), true},
		{paths("/a?"), paths("/?b"), true},
		{paths("/a?"), paths("/?bc"), false},
		{paths("/*"), paths("/api/*"), true},
		{paths("*"), paths("/"), true},
		{paths("/api/*"), paths("/web/*"), false},
		{paths("/a*"), paths("/*b"), true}, // "/ab"
		{paths("/a*c"), paths("/ab*"), true},
		{paths("/a*c"), paths("/b*c"), false},
		{paths("/*/x"), paths("/y/*"), true},
		{paths("/*.png"), paths("/*.jpg"), false},
		{paths("/*.png*"), paths("/*.jpg"), true}, // "/.png.jpg"
		{paths("/*a*b*c"), paths("/c*b*a*"), true},
		{paths("/*?"), paths("/"), false},
		{paths("/**"), paths("/"), true},
		{paths("/a", "/b"), paths("/c", "/d"), false},
		{paths("/a", "/b"), paths("/c", "/b"), true},
		{paths("${Token[Path.1]}"), paths("/b"), true}, // it may become anything
		{paths("/a", "${Token[Path.1]}"), paths("/b"), true},

		{hosts("www.example.com"), hosts("WWW.Example.com"), true}, // a host's case does not count
		{hosts("www.example.com"), hosts("api.example.com"), false},
		{hosts("*.example.com"), hosts("api.example.com"), true},
		{hosts("*.example.com"), hosts("example.com"), false},
		{hosts("*.example.com"), hosts("www.example.*"), true},
		{hosts("*.example.com"), hosts("*.example.org"), false},
		{hosts("${Token[Host.1]}"), hosts("example.com"), true},

		{methods("GET"), methods("POST"), false},
		{methods("GET", "HEAD"), methods("POST", "HEAD"), true},
		{methods("GET"), methods("get"), false},

		{ranges("10.0.0.0/8"), ranges("10.1.0.0/16"), true},
		{ranges("10.0.0.0/16"), ranges("10.1.0.0/16"), false},
		{ranges("10.0.0.0/8"), ranges("10.1.2.3/32", "192.0.2.0/24"), true},
		{ranges("10.0.0.0/8", "172.16.0.0/12"), ranges("192.168.0.0/16", "203.0.113.0/24"), false},
		{ranges("0.0.0.0/0"), ranges("::/0"), false}, // a client has an address of one family
		{ranges("2001:db8::/32"), ranges("2001:db8:1::/48"), true},
		{ranges("${Token[Cidr.1]}"), ranges("10.0.0.0/8"), true},
		{ranges("nonsense"), ranges("10.0.0.0/8"), true}, // refused elsewhere

		// One kind that proves it is enough; a kind that only one of them has proves nothing.
		{balancer.Conditions{}, paths("/a"), true},
		{paths("/a"), hosts("www.example.com"), true},
		{balancer.Conditions{PathPatterns: []string{"/*"}, HttpRequestMethods: []string{"GET"}},
			balancer.Conditions{PathPatterns: []string{"/*"}, HttpRequestMethods: []string{"POST"}}, false},
		{balancer.Conditions{PathPatterns: []string{"/*"}, HttpRequestMethods: []string{"GET"}}, paths("/a"), true},
		{balancer.Conditions{PathPatterns: []string{"/a"}, HostHeaders: []string{"a.b"}},
			balancer.Conditions{PathPatterns: []string{"/b"}, HostHeaders: []string{"a.b"}}, false},
		{balancer.Conditions{PathPatterns: []string{"/a"}, HostHeaders: []string{"a.b"}, SourceIps: []string{"10.0.0.0/8"}},
			balancer.Conditions{PathPatterns: []string{"/?"}, HostHeaders: []string{"*.b"}, SourceIps: []string{"10.1.0.0/16"}}, true},
	} {
		assert.Equal(t, c.want, c.a.Overlap(&c.b), "%v and %v", c.a, c.b)
		assert.Equal(t, c.want, c.b.Overlap(&c.a), "%v and %v", c.b, c.a)
		assert.True(t, c.a.Overlap(&c.a), "%v", c.a)
		assert.True(t, c.b.Overlap(&c.b), "%v", c.b)
	}
}

// Patterns of a small alphabet, compared by trying every text of up to six characters: more they need not to meet.
func TestPatternsMeetWhereSomeTextFitsBoth(t *testing.T) {
	patterns := texts("ab*?", 3)
	candidates := texts("ab", 6)
	fits := map[string]map[string]bool{}
	for _, p := range patterns {
		fits[p] = map[string]bool{}
		for _, text := range candidates {
			fits[p][text] = matches(p, text)
		}
	}
	for _, a := range patterns {
		for _, b := range patterns {
			want := false
			for _, text := range candidates {
				want = want || fits[a][text] && fits[b][text]
			}
			first, second := balancer.Conditions{PathPatterns: []string{a}}, balancer.Conditions{PathPatterns: []string{b}}
			assert.Equal(t, want, first.Overlap(&second), "%q and %q", a, b)
		}
	}
}

// texts are all of up to n characters of an alphabet.
func texts(alphabet string, n int) []string {
	all, last := []string{""}, []string{""}
	for range n {
		var longer []string
		for _, text := range last {
			for _, c := range alphabet {
				longer = append(longer, text+string(c))
			}
		}
		all, last = append(all, longer...), longer
	}
	return all
}

func matches(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return matches(pattern[1:], text) || text != "" && matches(pattern, text[1:])
	default:
		return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && matches(pattern[1:], text[1:])
	}
}

func TestListenersOfTwoLoadBalancersAreToldApart(t *testing.T) {
	a, b, unknown := &balancer.Listener{LoadBalancer: "A"}, &balancer.Listener{LoadBalancer: "B"}, &balancer.Listener{}
	assert.True(t, a.IsApartFrom(b))
	for _, pair := range [][2]*balancer.Listener{{a, a}, {a, unknown}, {unknown, a}, {a, nil}, {nil, a}} {
		assert.False(t, pair[0].IsApartFrom(pair[1]))
	}
}

func TestDefaultActionsNeedAListenerOfTheStack(t *testing.T) {
	all := balancer.Rule{Owner: "Stack/Web", IsDefault: true}
	for want, listener := range map[string]balancer.Listener{
		`Conditions is required, because the default action of an imported listener can't be changed; ` +
			`set Conditions, such as elb.Conditions{PathPatterns: []string{"/*"}}`: {Stack: "Stack", IsImported: true},
		`Conditions is required, because the listener is in another stack (Base): without Conditions the two stacks would depend on each ` +
			`other; ` +
			`set Conditions, such as elb.Conditions{PathPatterns: []string{"/*"}}`: {Stack: "Base"},
	} {
		var bad invalid.Problems
		listener.Check(all, "Stack", "the listener", &bad)
		fake.Refused(t, bad.Err(), want)
		bad = nil
		listener.Check(balancer.Rule{Owner: "Stack/Web", Priority: 1}, "Stack", "the listener", &bad)
		fake.Refused(t, bad.Err())
	}
	var bad invalid.Problems
	(&balancer.Listener{Stack: "Stack"}).Check(all, "Stack", "the listener", &bad)
	fake.Refused(t, bad.Err())
}

func TestPortsAreTakenOnce(t *testing.T) {
	var ports balancer.Ports
	var bad invalid.Problems
	ports.Check("Port", 80, &bad)
	ports.Take(80, "Stack/Web")
	ports.Check("Port", 81, &bad)
	fake.Refused(t, bad.Err())
	ports.Check("Port", 80, &bad)
	fake.Refused(t, bad.Err(), fmt.Sprintf("Port must not be the port of Stack/Web on the load balancer; got 80; "+
		"use another port, or Protocol %q for TCP and UDP on one port", elbv2.Protocol_TCP_UDP))
}

func TestOnceIsOnce(t *testing.T) {
	var once balancer.Once
	assert.True(t, once.IsFirst("a"))
	assert.False(t, once.IsFirst("a"))
	assert.True(t, once.IsFirst("b"))
}
