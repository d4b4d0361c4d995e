package waf

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// https://docs.aws.amazon.com/waf/latest/APIReference/API_IPSet.html
const maxAddresses = 10000

// The names of the rules that judge where a request comes from, in the order in which they are tried.
const (
	trustedCidrs     = "TrustedCidrs"
	blockedCidrs     = "BlockedCidrs"
	allowedCidrs     = "AllowedCidrs"
	blockedCountries = "BlockedCountries"
	allowedCountries = "AllowedCountries"
)

// addressLists are the lists that judge a request by its address, by the name of their field, in the order of the rules.
func (p *WebAclProps) addressLists() []addressList {
	return []addressList{
		{trustedCidrs, p.TrustedCidrs}, {blockedCidrs, p.BlockedCidrs}, {allowedCidrs, p.AllowedCidrs},
		{blockedCountries, p.BlockedCountries}, {allowedCountries, p.AllowedCountries},
	}
}

type addressList struct {
	field  string
	values []string
}

func (p *WebAclProps) validateLists(bad *invalid.Problems) {
	checkCidrs(trustedCidrs, p.TrustedCidrs, bad)
	checkCidrs(blockedCidrs, p.BlockedCidrs, bad)
	checkCidrs(allowedCidrs, p.AllowedCidrs, bad)
	checkCountries(blockedCountries, p.BlockedCountries, bad)
	checkCountries(allowedCountries, p.AllowedCountries, bad)
	if len(p.BlockedCountries) > 0 && len(p.AllowedCountries) > 0 {
		bad.Add(blockedCountries, "must not be set together with AllowedCountries, which blocks all other countries").
			Given(p.BlockedCountries).Advise("remove one of them")
	}
	for _, list := range p.addressLists() {
		if p.IgnoreClientAddress && len(list.values) > 0 {
			bad.Add(list.field, "must not be set together with IgnoreClientAddress, because it judges requests by client address").
				Given(list.values).Advise("remove one of them")
		}
	}
}

// checkCidrs accepts ranges of both kinds, as AWS WAF does: all but /0.
func checkCidrs(field string, cidrs []string, bad *invalid.Problems) {
	for i, cidr := range cidrs {
		at := check.Index(field, i)
		prefix, err := netip.ParsePrefix(cidr)
		switch {
		case err != nil:
			bad.Add(at, `must be an IPv4 or IPv6 range such as "203.0.113.0/24" or "2001:db8::/32"`).Given(cidr)
		case prefix.Bits() == 0:
			bad.Add(at, "must not be all addresses").Given(cidr)
		case prefix != prefix.Masked():
			bad.Add(at, "must have zeros after its first %d bits", prefix.Bits()).Given(cidr).Advise("write %s", prefix.Masked())
		default:
			check.Once(field, cidrs, i, bad)
		}
	}
	check.MaxLen(field, len(cidrs), maxAddresses, bad)
}

// listRules gives the rules of the lists, and makes their IP sets below the scope.
func (p *WebAclProps) listRules(scope constructs.Construct) (rules []awswafv2.CfnWebACL_RuleProperty) {
	add := func(name string, action *awswafv2.CfnWebACL_RuleActionProperty, statement *awswafv2.CfnWebACL_StatementProperty) {
		rules = append(rules, awswafv2.CfnWebACL_RuleProperty{Name: &name, Action: action, Statement: statement})
	}
	if len(p.TrustedCidrs) > 0 {
		allow := &awswafv2.CfnWebACL_RuleActionProperty{Allow: map[string]any{}}
		add(trustedCidrs, allow, p.from(scope, trustedCidrs, p.TrustedCidrs))
	}
	if len(p.BlockedCidrs) > 0 {
		add(blockedCidrs, p.block(), p.from(scope, blockedCidrs, p.BlockedCidrs))
	}
	if len(p.AllowedCidrs) > 0 {
		add(allowedCidrs, p.block(), not(p.from(scope, allowedCidrs, p.AllowedCidrs)))
	}
	if len(p.BlockedCountries) > 0 {
		add(blockedCountries, p.block(), in(p.BlockedCountries))
	}
	if len(p.AllowedCountries) > 0 {
		add(allowedCountries, p.block(), not(in(p.AllowedCountries)))
	}
	return rules
}

// block is the action of rules that block, which only count with CountOnly.
func (p *WebAclProps) block() *awswafv2.CfnWebACL_RuleActionProperty {
	if p.CountOnly {
		return &awswafv2.CfnWebACL_RuleActionProperty{Count: map[string]any{}}
	}
	return &awswafv2.CfnWebACL_RuleActionProperty{Block: map[string]any{}}
}

// from matches requests from ranges. An IP set has addresses of one kind.
func (p *WebAclProps) from(scope constructs.Construct, field string, cidrs []string) *awswafv2.CfnWebACL_StatementProperty {
	byKind := map[string][]string{}
	for _, cidr := range cidrs {
		kind := "IPV6"
		if netip.MustParsePrefix(cidr).Addr().Is4() {
			kind = "IPV4"
		}
		byKind[kind] = append(byKind[kind], cidr)
	}
	var either []any
	for _, kind := range []string{"IPV4", "IPV6"} {
		if len(byKind[kind]) == 0 {
			continue
		}
		set := awswafv2.NewCfnIPSet(scope, jsii.String(field+kind), &awswafv2.CfnIPSetProps{
			Addresses: opt.Strings(byKind[kind]), IpAddressVersion: jsii.String(kind), Scope: jsii.String(p.scope()),
		})
		either = append(either, &awswafv2.CfnWebACL_StatementProperty{
			IpSetReferenceStatement: &awswafv2.CfnWebACL_IPSetReferenceStatementProperty{Arn: set.AttrArn()},
		})
	}
	if len(either) == 1 {
		return either[0].(*awswafv2.CfnWebACL_StatementProperty)
	}
	return &awswafv2.CfnWebACL_StatementProperty{OrStatement: &awswafv2.CfnWebACL_OrStatementProperty{Statements: &either}}
}

// in matches requests from countries.
func in(codes []string) *awswafv2.CfnWebACL_StatementProperty {
	return &awswafv2.CfnWebACL_StatementProperty{
		GeoMatchStatement: &awswafv2.CfnWebACL_GeoMatchStatementProperty{CountryCodes: opt.Strings(codes)},
	}
}

func not(statement *awswafv2.CfnWebACL_StatementProperty) *awswafv2.CfnWebACL_StatementProperty {
	return &awswafv2.CfnWebACL_StatementProperty{NotStatement: &awswafv2.CfnWebACL_NotStatementProperty{Statement: statement}}
}
