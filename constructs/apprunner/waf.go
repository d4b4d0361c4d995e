package apprunner

import (
	"slices"

	"awscontainers/internal/check"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// WebAcl are the rules of AWS WAF that requests must pass before they reach a service. Rules of your own are in a web ACL of your own:
// ServiceProps.WebAclArn.
// https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html
type WebAcl struct {
	// ManagedRuleGroups are groups of rules that AWS keeps up to date, by name, in the order in which they are tried. Default:
	// "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet" and "AWSManagedRulesKnownBadInputsRuleSet"; with PrivateIngress
	// without the first, for App Runner does not tell WAF who asks there.
	// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
	ManagedRuleGroups []string
	// CountOnly lets everything pass and only counts, to see what would be refused before it is. Default: false.
	CountOnly bool
	// RequestsPerFiveMinutes is how many requests an address may make in five minutes, 10 to 2000000000; not with PrivateIngress. Default:
	// no limit.
	// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
	RequestsPerFiveMinutes int
}

const ipReputation = "AWSManagedRulesAmazonIpReputationList"

// Those that take no settings of their own, as the groups against bots, fraud and denial of service do.
var managedRuleGroups = []string{
	"AWSManagedRulesAdminProtectionRuleSet", ipReputation, "AWSManagedRulesAnonymousIpList",
	"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesLinuxRuleSet", "AWSManagedRulesPHPRuleSet",
	"AWSManagedRulesSQLiRuleSet", "AWSManagedRulesUnixRuleSet", "AWSManagedRulesWindowsRuleSet", "AWSManagedRulesWordPressRuleSet",
}

// byAddress are the groups that judge a request by the address that it comes from.
var byAddress = []string{ipReputation, "AWSManagedRulesAnonymousIpList"}

const (
	minRate, maxRate = 10, 2000000000
	// https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html
	maxMetricName = 128
)

func (p *ServiceProps) checkWebAcl(bad *invalid.Problems) {
	checkArn("WebAclArn", p.WebAclArn, "a regional web ACL of AWS WAF", webAclArn, bad)
	if p.WebAcl == nil {
		return
	}
	if p.WebAclArn != "" {
		bad.Add("WebAclArn", "stands beside WebAcl, and a service has one; give one of them")
	}
	bad.Nest("WebAcl", p.WebAcl.validate(p.PrivateIngress != nil))
}

func (w *WebAcl) validate(private bool) error {
	var bad invalid.Problems
	for i, group := range w.ManagedRuleGroups {
		switch {
		case !slices.Contains(managedRuleGroups, group):
			bad.Add("ManagedRuleGroups", "%q is no group of AWS's that needs no settings; use %s", group, check.OneOf(managedRuleGroups))
		case slices.Index(w.ManagedRuleGroups, group) < i:
			bad.Add("ManagedRuleGroups", "name %q twice; name each group once", group)
		case private && slices.Contains(byAddress, group):
			bad.Add("ManagedRuleGroups", "name %q, which judges addresses, and with PrivateIngress App Runner tells WAF none; leave it out", group)
		}
	}
	if w.RequestsPerFiveMinutes != 0 && (w.RequestsPerFiveMinutes < minRate || w.RequestsPerFiveMinutes > maxRate) {
		bad.Add("RequestsPerFiveMinutes", "%d is out of range; use %d to %d", w.RequestsPerFiveMinutes, minRate, maxRate)
	}
	if private && w.RequestsPerFiveMinutes != 0 {
		bad.Add("RequestsPerFiveMinutes", "counts by address, and with PrivateIngress App Runner tells WAF none; leave it out, and say in PrivateIngress.IngressCidrs who may connect")
	}
	return bad.Err()
}

// protect puts a web ACL before the service. The CDK has the L1s only.
func (s *Service) protect(p *ServiceProps) {
	arn := &p.WebAclArn
	if p.WebAcl != nil {
		s.WebAcl = s.newWebAcl(p.WebAcl, p.PrivateIngress != nil)
		arn = s.WebAcl.AttrArn()
	}
	if *arn == "" {
		return
	}
	awswafv2.NewCfnWebACLAssociation(s, jsii.String("WebAclAssociation"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: s.Service.AttrServiceArn(), WebAclArn: arn,
	})
}

func (s *Service) newWebAcl(w *WebAcl, private bool) awswafv2.CfnWebACL {
	var rules []any
	add := func(name string, rule awswafv2.CfnWebACL_RuleProperty) {
		rule.Name, rule.Priority, rule.VisibilityConfig = &name, jsii.Number(len(rules)), visible(name)
		rules = append(rules, &rule)
	}
	if w.RequestsPerFiveMinutes > 0 {
		action := &awswafv2.CfnWebACL_RuleActionProperty{Block: map[string]any{}}
		if w.CountOnly {
			action = &awswafv2.CfnWebACL_RuleActionProperty{Count: map[string]any{}}
		}
		add("RateLimit", awswafv2.CfnWebACL_RuleProperty{Action: action, Statement: &awswafv2.CfnWebACL_StatementProperty{
			RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{
				AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(w.RequestsPerFiveMinutes),
			},
		}})
	}
	for _, group := range w.groups(private) {
		override := &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}}
		if w.CountOnly {
			override = &awswafv2.CfnWebACL_OverrideActionProperty{Count: map[string]any{}}
		}
		add(group, awswafv2.CfnWebACL_RuleProperty{OverrideAction: override, Statement: &awswafv2.CfnWebACL_StatementProperty{
			ManagedRuleGroupStatement: &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: &group},
		}})
	}
	return awswafv2.NewCfnWebACL(s, jsii.String("WebAcl"), &awswafv2.CfnWebACLProps{
		Scope:            jsii.String("REGIONAL"),
		DefaultAction:    &awswafv2.CfnWebACL_DefaultActionProperty{Allow: map[string]any{}},
		Rules:            &rules,
		VisibilityConfig: visible(*awscdk.Names_UniqueResourceName(s, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(maxMetricName)})),
	})
}

func (w *WebAcl) groups(private bool) []string {
	switch {
	case len(w.ManagedRuleGroups) > 0:
		return w.ManagedRuleGroups
	case private:
		return []string{"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}
	default:
		return []string{ipReputation, "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}
	}
}

// visible counts in CloudWatch and keeps samples of requests for three hours.
func visible(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		CloudWatchMetricsEnabled: jsii.Bool(true), SampledRequestsEnabled: jsii.Bool(true), MetricName: &name,
	}
}
