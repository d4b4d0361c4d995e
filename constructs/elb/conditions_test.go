package elb

import (
	"testing"

	"awscontainers/internal/fake"
)

func TestConditionsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		conditions Conditions
		want       []string
	}{
		"too many values, of all kinds": {
			Conditions{PathPatterns: []string{"/a"}, HostHeaders: []string{"a.b"}, HttpRequestMethods: []string{"GET"},
				SourceIps: []string{"10.0.0.0/8"}, HttpHeaders: []HttpHeader{{Name: "X-A", Values: []string{"b"}}},
				QueryStrings: []QueryString{{Value: "c"}}},
			[]string{"must have at most 5 values in total; got 6; split them over two rules"},
		},
		"too many wildcards, of all kinds": {
			Conditions{PathPatterns: []string{"/*/?"}, HostHeaders: []string{"*.b"},
				HttpHeaders: []HttpHeader{{Name: "X-A", Values: []string{"*"}}}, QueryStrings: []QueryString{{Key: "a*", Value: "**"}}},
			[]string{"must have at most 6 wildcards in total; got 7; split them over two rules"},
		},
		"path": {Conditions{PathPatterns: []string{"/", "api"}}, []string{
			`PathPatterns[1] must begin with / or * and have at most 128 letters, digits and _-.$/~"'@:+&*?; got "api"`,
		}},
		"host": {Conditions{HostHeaders: []string{"localhost"}}, []string{
			`HostHeaders[0] must be a host name such as "www.example.com" or "*.example.com"; got "localhost"`,
		}},
		"header": {Conditions{HttpHeaders: []HttpHeader{{Name: "X A", Values: []string{""}}}}, []string{
			`HttpHeaders[0].Name must be the name of a header: 1 to 40 letters, digits and hyphens; got "X A"`,
			`HttpHeaders[0].Values[0] must have 1 to 128 characters; got ""`,
		}},
		"header that is the host, without values": {Conditions{HttpHeaders: []HttpHeader{{Name: "Host"}}}, []string{
			"HttpHeaders[0].Name must not be the header Host; use HostHeaders",
			`HttpHeaders[0].Values is required; set at least one value, "*" for any`,
		}},
		"query": {Conditions{QueryStrings: []QueryString{{Key: "a"}, {Value: "a b"}}}, []string{
			`QueryStrings[0].Value is required; set a value, "*" for any`,
			`QueryStrings[1].Value must have at most 128 letters, digits and _-.$/~"'@:+&()!,;=*?; got "a b"`,
		}},
		"method": {Conditions{HttpRequestMethods: []string{"get"}}, []string{
			`HttpRequestMethods[0] must be an HTTP method in capital letters such as "GET"; got "get"`,
		}},
		"source": {Conditions{SourceIps: []string{"10.0.0.1"}}, []string{
			`SourceIps[0] must be an IPv4 or IPv6 range such as "203.0.113.0/24"; got "10.0.0.1"`,
		}},
		"none": {Conditions{}, nil},
		"all kinds": {Conditions{PathPatterns: []string{"/a_b/*"}, HostHeaders: []string{"a_b.example.com"},
			HttpRequestMethods: []string{"GET"}, SourceIps: []string{"2001:db8::/32"},
			HttpHeaders: []HttpHeader{{Name: "X-Version", Values: []string{"2"}}}}, nil},
		"a query only": {Conditions{QueryStrings: []QueryString{{Key: "version", Value: "2"}}}, nil},
		"tokens": {Conditions{PathPatterns: []string{"${Token[a.1]}"}, HostHeaders: []string{"${Token[b.2]}"},
			SourceIps: []string{"${Token[c.3]}"}}, nil},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.conditions.Validate(), c.want...) })
	}
}
