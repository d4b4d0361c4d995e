package elb

import (
	"net/netip"
	"regexp"
	"strings"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// Conditions describe the requests that a listener rule is for: they fit one value of each kind that is set. All conditions
// together may have five values and six wildcards: "*" stands for any number of characters and "?" for one, except in
// methods and addresses.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
type Conditions struct {
	// PathPatterns are paths, such as "/api/*". Upper and lower case differ. Default: any path.
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
	maxWildcards       = 6
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

// Validate returns all problems of the conditions, or nil.
func (c *Conditions) Validate() error {
	c = opt.NotNil(c)
	var bad invalid.Problems
	values := c.wildcardValues()
	if n := len(values) + len(c.HttpRequestMethods) + len(c.SourceIps); n > maxConditionValues {
		bad.Add("", "must have at most %d values in total", maxConditionValues).Given(n).Advise("split them over two rules")
	}
	wildcards := 0
	for _, v := range values {
		wildcards += strings.Count(v, "*") + strings.Count(v, "?")
	}
	if wildcards > maxWildcards {
		bad.Add("", "must have at most %d wildcards in total", maxWildcards).Given(wildcards).Advise("split them over two rules")
	}
	for i, p := range c.PathPatterns {
		if !invalid.IsToken(p) && !pathPattern.MatchString(p) {
			bad.Add(check.Index("PathPatterns", i), `must begin with / or * and have at most 128 letters, digits and _-.$/~"'@:+&*?`).Given(p)
		}
	}
	for i, h := range c.HostHeaders {
		if !invalid.IsToken(h) && (!hostHeader.MatchString(h) || len(h) > maxConditionLength) {
			bad.Add(check.Index("HostHeaders", i), `must be a host name such as "www.example.com" or "*.example.com"`).Given(h)
		}
	}
	c.validateHeaders(&bad)
	c.validateQueries(&bad)
	for i, m := range c.HttpRequestMethods {
		if !invalid.IsToken(m) && !requestMethod.MatchString(m) {
			bad.Add(check.Index("HttpRequestMethods", i), `must be an HTTP method in capital letters such as "GET"`).Given(m)
		}
	}
	for i, ip := range c.SourceIps {
		if _, err := netip.ParsePrefix(ip); !invalid.IsToken(ip) && err != nil {
			bad.Add(check.Index("SourceIps", i), `must be an IPv4 or IPv6 range such as "203.0.113.0/24"`).Given(ip)
		}
	}
	return bad.Err()
}

func (c *Conditions) validateHeaders(bad *invalid.Problems) {
	for i, h := range c.HttpHeaders {
		field := check.Index("HttpHeaders", i)
		switch {
		case strings.EqualFold(h.Name, "host"):
			bad.Add(field+".Name", "must not be the header Host").Advise("use HostHeaders")
		case h.Name == "":
			bad.Add(field+".Name", "is required: 1 to 40 letters, digits and hyphens")
		case !invalid.IsToken(h.Name) && !headerName.MatchString(h.Name):
			bad.Add(field+".Name", "must be the name of a header: 1 to 40 letters, digits and hyphens").Given(h.Name)
		}
		if len(h.Values) == 0 {
			bad.Add(field+".Values", "is required").Advise(`set at least one value, "*" for any`)
		}
		for j, v := range h.Values {
			if v == "" || len(v) > maxConditionLength && !invalid.IsToken(v) {
				bad.Add(check.Index(field+".Values", j), "must have 1 to %d characters", maxConditionLength).Given(v)
			}
		}
	}
}

func (c *Conditions) validateQueries(bad *invalid.Problems) {
	for i, q := range c.QueryStrings {
		field := check.Index("QueryStrings", i)
		if q.Value == "" {
			bad.Add(field+".Value", "is required").Advise(`set a value, "*" for any`)
		}
		for _, part := range []struct{ field, text string }{{".Key", q.Key}, {".Value", q.Value}} {
			if !invalid.IsToken(part.text) && (!queryText.MatchString(part.text) || len(part.text) > maxConditionLength) {
				bad.Add(field+part.field, `must have at most %d letters, digits and _-.$/~"'@:+&()!,;=*?`, maxConditionLength).Given(part.text)
			}
		}
	}
}

// wildcardValues are the values in which wildcards count.
func (c *Conditions) wildcardValues() []string {
	values := append(append([]string{}, c.PathPatterns...), c.HostHeaders...)
	for _, h := range c.HttpHeaders {
		values = append(values, h.Values...)
	}
	for _, q := range c.QueryStrings {
		values = append(values, q.Key+q.Value) // one value, as the load balancer counts
	}
	return values
}

// isEmpty reports whether the conditions are empty, so that every request fits.
func (c *Conditions) isEmpty() bool {
	return len(c.PathPatterns)+len(c.HostHeaders)+len(c.HttpHeaders)+len(c.QueryStrings)+len(c.HttpRequestMethods)+len(c.SourceIps) == 0
}

// Internal is for this library's packages.
func (c *Conditions) Internal() balancer.Conditions {
	return balancer.Conditions{PathPatterns: c.PathPatterns, HostHeaders: c.HostHeaders, HttpRequestMethods: c.HttpRequestMethods,
		SourceIps: c.SourceIps, IsEmpty: c.isEmpty()}
}

func (c *Conditions) render() *[]elbv2.ListenerCondition {
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
