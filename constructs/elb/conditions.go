package elb

import (
	"net/netip"
	"regexp"
	"strings"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// AlbConditions are what a request must fit for a listener rule to apply: one value of each kind that is given. At least
// one condition is required; all of them together may have five values and five wildcards. In the values, "*" stands for
// any characters and "?" for one, but for methods and addresses.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
type AlbConditions struct {
	// PathPatterns are paths, such as "/api/*". []string{"/*"} fits every request. Default: any path.
	PathPatterns []string
	// HostHeaders are the names that clients ask for, such as "www.example.com" or "*.example.com". Default: any name.
	HostHeaders []string
	// HttpHeaders are further headers, all of which a request must have. Default: none.
	HttpHeaders []HttpHeader
	// QueryStrings are parameters of the query, of which a request must have one. Default: any query.
	QueryStrings []QueryString
	// HttpRequestMethods are methods, in capitals: "GET". Default: any method.
	HttpRequestMethods []string
	// SourceIps are the clients' addresses as ranges, IPv4 or IPv6, such as "203.0.113.0/24". Behind a proxy they are the
	// proxy's. Default: any address.
	SourceIps []string
}

// HttpHeader is a header that a request must have with one of the values.
type HttpHeader struct {
	// Name is the header's name, up to 40 characters; for the header Host use HostHeaders. Required.
	Name string
	// Values are what it may say. Required: at least one.
	Values []string
}

// QueryString is a parameter of the query, "?key=value".
type QueryString struct {
	// Key is the parameter's name. Default: any.
	Key string
	// Value is what it says. Required.
	Value string
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const (
	maxConditionValues = 5
	maxWildcards       = 5
	maxConditionLength = 128
)

// The form of what a request is compared with.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
var (
	pathPattern   = regexp.MustCompile(`^[/*][A-Za-z0-9_.$/~"'@:+&*?-]{0,127}$`)
	hostHeader    = regexp.MustCompile(`^[A-Za-z0-9_.*?-]{1,120}\.[A-Za-z*?]+$`)
	headerName    = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}$")
	requestMethod = regexp.MustCompile(`^[A-Z_-]{1,40}$`)
	queryText     = regexp.MustCompile(`^[A-Za-z0-9_.$/~"'@:+&()!,;=*?-]*$`)
)

func (c *AlbConditions) Validate() error {
	var bad invalid.Problems
	values := c.wildcardValues()
	n := len(values) + len(c.HttpRequestMethods) + len(c.SourceIps)
	if c.empty() {
		bad.Add("", `are empty; give at least one condition, PathPatterns: []string{"/*"} to fit every request`)
	}
	if n > maxConditionValues {
		bad.Add("", "have %d values; a rule takes %d, so split them over two rules", n, maxConditionValues)
	}
	wildcards := 0
	for _, v := range values {
		wildcards += strings.Count(v, "*") + strings.Count(v, "?")
	}
	if wildcards > maxWildcards {
		bad.Add("", "have %d wildcards; a rule takes %d, so split them over two rules", wildcards, maxWildcards)
	}
	for _, p := range c.PathPatterns {
		if !invalid.IsToken(p) && !pathPattern.MatchString(p) {
			bad.Add("PathPatterns", `%q fits no path; begin it with / or *, and use up to 128 letters, digits and _-.$/~"'@:+&*?`, p)
		}
	}
	for _, h := range c.HostHeaders {
		if !invalid.IsToken(h) && (!hostHeader.MatchString(h) || len(h) > maxConditionLength) {
			bad.Add("HostHeaders", `%q is no host name; write it as "www.example.com" or "*.example.com"`, h)
		}
	}
	c.validateHeaders(&bad)
	c.validateQueries(&bad)
	for _, m := range c.HttpRequestMethods {
		if !invalid.IsToken(m) && !requestMethod.MatchString(m) {
			bad.Add("HttpRequestMethods", `%q is no method; write it in capitals, as "GET"`, m)
		}
	}
	for _, ip := range c.SourceIps {
		if _, err := netip.ParsePrefix(ip); !invalid.IsToken(ip) && err != nil {
			bad.Add("SourceIps", `%q is no range of addresses; write it as "203.0.113.0/24"`, ip)
		}
	}
	return bad.Err()
}

func (c *AlbConditions) validateHeaders(bad *invalid.Problems) {
	for i, h := range c.HttpHeaders {
		field := check.Index("HttpHeaders", i)
		switch {
		case strings.EqualFold(h.Name, "host"):
			bad.Add(field+".Name", "%q is not compared here; use HostHeaders", h.Name)
		case !invalid.IsToken(h.Name) && !headerName.MatchString(h.Name):
			bad.Add(field+".Name", "%q is no name of a header; use 1 to 40 letters, digits and hyphens", h.Name)
		}
		if len(h.Values) == 0 {
			bad.Add(field+".Values", `are empty; give at least one, "*" for any`)
		}
		for _, v := range h.Values {
			if v == "" || len(v) > maxConditionLength && !invalid.IsToken(v) {
				bad.Add(field+".Values", "%q is too short or too long; use 1 to %d characters", v, maxConditionLength)
			}
		}
	}
}

func (c *AlbConditions) validateQueries(bad *invalid.Problems) {
	for i, q := range c.QueryStrings {
		field := check.Index("QueryStrings", i)
		if q.Value == "" {
			bad.Add(field+".Value", `is empty; give one, "*" for any`)
		}
		for _, text := range []string{q.Key, q.Value} {
			if !invalid.IsToken(text) && (!queryText.MatchString(text) || len(text) > maxConditionLength) {
				bad.Add(field, `%q is no part of a query; use up to %d letters, digits and _-.$/~"'@:+&()!,;=*?`, text, maxConditionLength)
			}
		}
	}
}

// wildcardValues are the values in which wildcards count.
func (c *AlbConditions) wildcardValues() []string {
	values := append(append([]string{}, c.PathPatterns...), c.HostHeaders...)
	for _, h := range c.HttpHeaders {
		values = append(values, h.Values...)
	}
	for _, q := range c.QueryStrings {
		values = append(values, q.Key+q.Value) // one value, as the load balancer counts
	}
	return values
}

func (c *AlbConditions) empty() bool {
	return len(c.PathPatterns)+len(c.HostHeaders)+len(c.HttpHeaders)+len(c.QueryStrings)+len(c.HttpRequestMethods)+len(c.SourceIps) == 0
}

func (c *AlbConditions) Cdk() *[]elbv2.ListenerCondition {
	var conditions []elbv2.ListenerCondition
	if len(c.PathPatterns) > 0 {
		conditions = append(conditions, elbv2.ListenerCondition_PathPatterns(jsii.Strings(c.PathPatterns...)))
	}
	if len(c.HostHeaders) > 0 {
		conditions = append(conditions, elbv2.ListenerCondition_HostHeaders(jsii.Strings(c.HostHeaders...)))
	}
	for _, h := range c.HttpHeaders {
		conditions = append(conditions, elbv2.ListenerCondition_HttpHeader(&h.Name, jsii.Strings(h.Values...)))
	}
	if len(c.QueryStrings) > 0 {
		var queries []*elbv2.QueryStringCondition
		for _, q := range c.QueryStrings {
			condition := &elbv2.QueryStringCondition{Value: &q.Value}
			if q.Key != "" {
				condition.Key = &q.Key
			}
			queries = append(queries, condition)
		}
		conditions = append(conditions, elbv2.ListenerCondition_QueryStrings(&queries))
	}
	if len(c.HttpRequestMethods) > 0 {
		conditions = append(conditions, elbv2.ListenerCondition_HttpRequestMethods(jsii.Strings(c.HttpRequestMethods...)))
	}
	if len(c.SourceIps) > 0 {
		conditions = append(conditions, elbv2.ListenerCondition_SourceIps(jsii.Strings(c.SourceIps...)))
	}
	return &conditions
}
