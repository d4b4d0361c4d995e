package waf

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// WebAclProps lists the rules that a request must pass before it reaches what the web ACL protects. All are optional.
// https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html
type WebAclProps struct {
	// ManagedRuleGroups lists rule groups that AWS keeps up to date, by name, in the order in which they are tried. Default:
	// "AWSManagedRulesAmazonIpReputationList" (not with IgnoreClientAddress), "AWSManagedRulesCommonRuleSet" and
	// "AWSManagedRulesKnownBadInputsRuleSet", which together take 925 of the 1500 capacity units that cost nothing extra. The
	// second blocks bodies above 8 KB.
	// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
	ManagedRuleGroups []string
	// CountRules lists rules of a group that only count, by the group's name: "AWSManagedRulesCommonRuleSet":
	// {"SizeRestrictions_BODY"} lets large bodies pass. Default: none.
	CountRules map[string][]string
	// CountOnly lets every request pass and only counts, to see what would be blocked. It doesn't change Rules. Default: false.
	CountOnly bool
	// RequestsPerFiveMinutes is the number of requests a client address may make in five minutes, 10 to 2000000000.
	// Default: no limit.
	// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
	RequestsPerFiveMinutes int
	// TrustedCidrs are the IPv4 and IPv6 ranges whose requests pass without any of the rules below: those of a monitoring service, for
	// example. Default: none.
	TrustedCidrs []string
	// BlockedCidrs are the ranges whose requests are blocked. Default: none.
	BlockedCidrs []string
	// AllowedCidrs are the only ranges, beside TrustedCidrs, whose requests aren't blocked. Default: all.
	AllowedCidrs []string
	// BlockedCountries are countries whose requests are blocked, by their codes of ISO 3166-1 alpha-2, such as "DE". AWS WAF tells the
	// country by the client's address. Default: none.
	// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-geo-match.html
	BlockedCountries []string
	// AllowedCountries are the only countries whose requests aren't blocked; requests whose country isn't known are blocked too. Not
	// together with BlockedCountries. Default: all.
	AllowedCountries []string
	// Rules are rules of your own, which are tried before all others, in this order. Name and Statement are required, and Action or
	// OverrideAction; leave Priority zero, because the place in the list decides. Default: none.
	Rules []*awswafv2.CfnWebACL_RuleProperty
	// Logs logs the requests. Default: nil, none; samples of the last three hours are always kept.
	Logs *Logs
	// IgnoreClientAddress omits every rule that judges a request by the client's address. Required for an App Runner
	// service with PrivateIngress, which doesn't tell AWS WAF the address. Default: false.
	IgnoreClientAddress bool
	// CloudFront creates the web ACL for CloudFront distributions, in place of regional resources. AWS WAF has these in us-east-1 only,
	// so it requires a stack with that Region. A change replaces the web ACL. Default: false.
	// https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
	CloudFront bool
}

// WebAcl is a web ACL of AWS WAF, which is charged by the rule and the request. It is regional, or for CloudFront.
type WebAcl struct {
	constructs.Construct
	// WebAcl is the CloudFormation resource; nil for a web ACL of WebAclFromArn.
	WebAcl awswafv2.CfnWebACL
	// LogGroup holds the log; nil without Logs, or with a bucket for it.
	LogGroup awslogs.LogGroup

	arn             string
	judgesAddress   bool
	isForCloudFront bool
}

const (
	ipReputation = "AWSManagedRulesAmazonIpReputationList"
	anonymousIps = "AWSManagedRulesAnonymousIpList"
	common       = "AWSManagedRulesCommonRuleSet"
	badInputs    = "AWSManagedRulesKnownBadInputsRuleSet"
)

// The groups that take no settings of their own, unlike those against bots, fraud and denial of service.
var managedRuleGroups = []string{
	"AWSManagedRulesAdminProtectionRuleSet", ipReputation, anonymousIps, common, badInputs, "AWSManagedRulesLinuxRuleSet",
	"AWSManagedRulesPHPRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesUnixRuleSet", "AWSManagedRulesWindowsRuleSet",
	"AWSManagedRulesWordPressRuleSet",
}

// The groups that judge a request by the address it comes from.
var byAddress = []string{ipReputation, anonymousIps}

const (
	rateLimit        = "RateLimit"
	minRate, maxRate = 10, 2000000000
	// https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html
	maxMetricName = 128
)

// NewWebAcl creates a web ACL. It panics with *invalid.Error if the props are invalid.
func NewWebAcl(scope constructs.Construct, id string, props *WebAclProps) *WebAcl {
	p := opt.Value(props)
	invalid.Refuse(scope, id, p.Validate(), p.validateIn(scope), p.Logs.validateIn())

	w := &WebAcl{judgesAddress: p.judgesAddress(), isForCloudFront: p.CloudFront}
	source.Create(w, scope, id)
	w.WebAcl = awswafv2.NewCfnWebACL(w, jsii.String("WebAcl"), &awswafv2.CfnWebACLProps{
		Scope:            jsii.String(p.scope()),
		DefaultAction:    &awswafv2.CfnWebACL_DefaultActionProperty{Allow: map[string]any{}},
		Rules:            p.rules(w),
		VisibilityConfig: visibility(w.metricName()),
	})
	w.arn = *w.WebAcl.AttrArn()
	if p.Logs != nil {
		w.addLogs(*p.Logs)
	}
	return w
}

func (w *WebAcl) metricName() string {
	return *awscdk.Names_UniqueResourceName(w, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(maxMetricName)})
}

// Arn returns the ARN of the web ACL.
func (w *WebAcl) Arn() string { return w.arn }

// JudgesClientAddress is for this library's packages: it reports whether a rule of the web ACL needs the client's address. It is
// false for a web ACL of WebAclFromArn, whose rules are not known.
func (w *WebAcl) JudgesClientAddress() bool { return w.judgesAddress }

// IsForCloudFront reports whether the web ACL is one for CloudFront distributions.
func (w *WebAcl) IsForCloudFront() bool { return w.isForCloudFront }

// Protect associates the web ACL with a regional resource, by its ARN, below the scope. The load balancers of package elb and
// the services of package apprunner call it for their WebAcl; call it for a stage of Amazon API Gateway, for example.
// A CloudFront distribution names its web ACL itself. It panics with *invalid.Error if the ARN is empty, if the scope is nil or has an
// association already, or if the web ACL is for CloudFront.
// https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
func (w *WebAcl) Protect(scope constructs.Construct, resourceArn string) {
	var bad invalid.Problems
	check.NotNil("scope", scope, "the construct below which to create the association", &bad)
	if resourceArn == "" {
		bad.Add("resourceArn", "is required").Advise("pass the ARN of a regional resource")
	}
	id := jsii.String("WebAclAssociation")
	if len(bad) == 0 && scope.Node().TryFindChild(id) != nil {
		bad.Add("scope", "must not have a web ACL association already").Given(scope.Node().Path()).
			Advise("create a construct for each resource, and pass that")
	}
	if w.isForCloudFront {
		bad.Add("resourceArn", "must be protected by a regional web ACL").Given(resourceArn).Advise("create one without CloudFront")
	}
	check.Arguments(w, "Protect", bad)
	awswafv2.NewCfnWebACLAssociation(scope, id, &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: &resourceArn, WebAclArn: &w.arn,
	})
}

// Validate returns all problems of the props, or nil.
func (p *WebAclProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	for i, group := range p.ManagedRuleGroups {
		field := check.Index("ManagedRuleGroups", i)
		if !slices.Contains(managedRuleGroups, group) {
			bad.Add(field, "must be an AWS managed rule group that takes no settings: %s", check.OneOf(managedRuleGroups)).Given(group)
		}
		if p.IgnoreClientAddress && slices.Contains(byAddress, group) {
			bad.Add(field, "must not need client addresses if IgnoreClientAddress is set").Given(group).Advise("remove one of them")
		}
		check.Once("ManagedRuleGroups", p.ManagedRuleGroups, i, &bad)
	}
	for _, group := range slices.Sorted(maps.Keys(p.CountRules)) {
		if !slices.Contains(p.groups(), group) {
			bad.Add("CountRules", "must be groups of ManagedRuleGroups: %s", check.OneOf(p.groups())).Given(group)
		}
	}
	if p.RequestsPerFiveMinutes != 0 {
		check.Range("RequestsPerFiveMinutes", p.RequestsPerFiveMinutes, minRate, maxRate, &bad)
		if p.IgnoreClientAddress {
			bad.Add("RequestsPerFiveMinutes", "must not be set together with IgnoreClientAddress, because it counts requests by client address").
				Given(p.RequestsPerFiveMinutes).Advise("remove one of them")
		}
	}
	p.validateLists(&bad)
	p.validateRules(&bad)
	if p.Logs != nil {
		bad.Nest("Logs", p.Logs.Validate())
	}
	return bad.Err()
}

// validateRules judges the rules of one's own.
func (p *WebAclProps) validateRules(bad *invalid.Problems) {
	var names []string
	for i, rule := range p.Rules {
		field := check.Index("Rules", i)
		if rule == nil {
			bad.Add(field, "must not be nil")
			continue
		}
		switch {
		case opt.Value(rule.Name) == "":
			bad.Add(field+".Name", "is required")
		case slices.Contains(names, *rule.Name), *rule.Name == rateLimit, slices.Contains(p.groups(), *rule.Name),
			slices.ContainsFunc(p.addressLists(), func(l addressList) bool { return l.field == *rule.Name && len(l.values) > 0 }):
			bad.Add(field+".Name", "must not be the name of another rule of the web ACL").Given(*rule.Name)
		default:
			names = append(names, *rule.Name)
		}
		if rule.Statement == nil {
			bad.Add(field+".Statement", "is required")
		}
		if (rule.Action == nil) == (rule.OverrideAction == nil) {
			bad.Add(field, "must have either Action or, for a rule group, OverrideAction")
		}
		if opt.Value(rule.Priority) != 0 {
			bad.Add(field+".Priority", "must be left out, because the place in Rules decides").Given(*rule.Priority)
		}
	}
}

func (p *WebAclProps) groups() []string {
	switch {
	case len(p.ManagedRuleGroups) > 0:
		return p.ManagedRuleGroups
	case p.IgnoreClientAddress:
		return []string{common, badInputs}
	default:
		return []string{ipReputation, common, badInputs}
	}
}

func (p *WebAclProps) judgesAddress() bool {
	return p.RequestsPerFiveMinutes > 0 || slices.ContainsFunc(p.groups(), func(g string) bool { return slices.Contains(byAddress, g) }) ||
		slices.ContainsFunc(p.addressLists(), func(l addressList) bool { return len(l.values) > 0 })
}

// rules come in the order in which AWS WAF tries them: one's own, the lists, and the rate before the groups, because they cost less.
func (p *WebAclProps) rules(scope constructs.Construct) *[]any {
	var rules []any
	add := func(name string, rule awswafv2.CfnWebACL_RuleProperty) {
		rule.Name, rule.Priority, rule.VisibilityConfig = &name, jsii.Number(len(rules)), visibility(name)
		rules = append(rules, &rule)
	}
	for _, rule := range p.Rules {
		given := rule.VisibilityConfig
		add(*rule.Name, *rule)
		if given != nil {
			rules[len(rules)-1].(*awswafv2.CfnWebACL_RuleProperty).VisibilityConfig = given
		}
	}
	for _, rule := range p.listRules(scope) {
		add(*rule.Name, rule)
	}
	if p.RequestsPerFiveMinutes > 0 {
		add(rateLimit, awswafv2.CfnWebACL_RuleProperty{Action: p.block(), Statement: &awswafv2.CfnWebACL_StatementProperty{
			RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{
				AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(p.RequestsPerFiveMinutes),
			},
		}})
	}
	for _, group := range p.groups() {
		override := &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}}
		if p.CountOnly {
			override = &awswafv2.CfnWebACL_OverrideActionProperty{Count: map[string]any{}}
		}
		add(group, awswafv2.CfnWebACL_RuleProperty{OverrideAction: override, Statement: &awswafv2.CfnWebACL_StatementProperty{
			ManagedRuleGroupStatement: &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{
				VendorName: jsii.String("AWS"), Name: &group, RuleActionOverrides: countOverrides(p.CountRules[group]),
			},
		}})
	}
	return &rules
}

func countOverrides(rules []string) any {
	if len(rules) == 0 {
		return nil
	}
	var overrides []any
	for _, rule := range rules {
		overrides = append(overrides, &awswafv2.CfnWebACL_RuleActionOverrideProperty{
			Name: &rule, ActionToUse: &awswafv2.CfnWebACL_RuleActionProperty{Count: map[string]any{}},
		})
	}
	return &overrides
}

// visibility counts in CloudWatch and keeps samples of requests for three hours.
func visibility(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		CloudWatchMetricsEnabled: jsii.Bool(true), SampledRequestsEnabled: jsii.Bool(true), MetricName: &name,
	}
}
