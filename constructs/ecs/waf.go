package ecs

import (
	"maps"
	"slices"

	"awscontainers/internal/check"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// WebAcl are the rules of AWS WAF that requests must pass before they reach a load balancer.
// https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html
type WebAcl struct {
	// ManagedRuleGroups are groups of rules that AWS keeps up to date, by name, in the order in which they are tried. Default:
	// "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet" and "AWSManagedRulesKnownBadInputsRuleSet",
	// which together take 925 of the 1500 capacity units that need no further charge. The second refuses bodies above 8 KB.
	// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
	ManagedRuleGroups []string
	// CountRules are single rules of a group that only count, by the group's name: "AWSManagedRulesCommonRuleSet":
	// {"SizeRestrictions_BODY"} lets large bodies pass. Default: none.
	CountRules map[string][]string
	// CountOnly lets everything pass and only counts, to see what would be refused before it is. Default: false.
	CountOnly bool
	// RequestsPerFiveMinutes is how many requests an address may make in five minutes, 10 to 2000000000. Default: no limit.
	// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
	RequestsPerFiveMinutes int
}

var defaultRuleGroups = []string{
	"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet",
}

// Those that take no settings of their own, as the groups against bots, fraud and denial of service do.
var managedRuleGroups = []string{
	"AWSManagedRulesAdminProtectionRuleSet", "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesAnonymousIpList",
	"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesLinuxRuleSet", "AWSManagedRulesPHPRuleSet",
	"AWSManagedRulesSQLiRuleSet", "AWSManagedRulesUnixRuleSet", "AWSManagedRulesWindowsRuleSet", "AWSManagedRulesWordPressRuleSet",
}

const minRate, maxRate = 10, 2000000000

// https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html
const maxMetricName = 128

func (w *WebAcl) validate() error {
	var bad invalid.Problems
	for i, group := range w.ManagedRuleGroups {
		if !slices.Contains(managedRuleGroups, group) {
			bad.Add("ManagedRuleGroups", "%q is no group of AWS's that needs no settings; use %s", group, check.OneOf(managedRuleGroups))
		}
		if slices.Index(w.ManagedRuleGroups, group) < i {
			bad.Add("ManagedRuleGroups", "name %q twice; name each group once", group)
		}
	}
	for _, group := range slices.Sorted(maps.Keys(w.CountRules)) {
		if !slices.Contains(w.groups(), group) {
			bad.Add("CountRules", "%q is none of the ManagedRuleGroups; use %s", group, check.OneOf(w.groups()))
		}
	}
	if w.RequestsPerFiveMinutes != 0 && (w.RequestsPerFiveMinutes < minRate || w.RequestsPerFiveMinutes > maxRate) {
		bad.Add("RequestsPerFiveMinutes", "%d is out of range; use %d to %d", w.RequestsPerFiveMinutes, minRate, maxRate)
	}
	return bad.Err()
}

// protect puts a web ACL before the load balancer. The CDK has the L1s only.
func (a *ApplicationLoadBalancer) protect(w *WebAcl) {
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
	for _, group := range w.groups() {
		override := &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}}
		if w.CountOnly {
			override = &awswafv2.CfnWebACL_OverrideActionProperty{Count: map[string]any{}}
		}
		add(group, awswafv2.CfnWebACL_RuleProperty{OverrideAction: override, Statement: &awswafv2.CfnWebACL_StatementProperty{
			ManagedRuleGroupStatement: &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{
				VendorName: jsii.String("AWS"), Name: &group, RuleActionOverrides: countOverrides(w.CountRules[group]),
			},
		}})
	}
	a.WebAcl = awswafv2.NewCfnWebACL(a, jsii.String("WebAcl"), &awswafv2.CfnWebACLProps{
		Scope:            jsii.String("REGIONAL"),
		DefaultAction:    &awswafv2.CfnWebACL_DefaultActionProperty{Allow: map[string]any{}},
		Rules:            &rules,
		VisibilityConfig: visible(*awscdk.Names_UniqueResourceName(a, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(maxMetricName)})),
	})
	awswafv2.NewCfnWebACLAssociation(a, jsii.String("WebAclAssociation"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: a.LoadBalancer.LoadBalancerArn(),
		WebAclArn:   a.WebAcl.AttrArn(),
	})
}

func (w *WebAcl) groups() []string {
	if len(w.ManagedRuleGroups) == 0 {
		return defaultRuleGroups
	}
	return w.ManagedRuleGroups
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

// visible counts in CloudWatch and keeps samples of requests for three hours.
func visible(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		CloudWatchMetricsEnabled: jsii.Bool(true), SampledRequestsEnabled: jsii.Bool(true), MetricName: &name,
	}
}
