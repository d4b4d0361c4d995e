package waf

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/fake"
)

func TestWebAclPropsAreValidated(t *testing.T) {
	const groups = "AWSManagedRulesAdminProtectionRuleSet, AWSManagedRulesAmazonIpReputationList, AWSManagedRulesAnonymousIpList, " +
		"AWSManagedRulesCommonRuleSet, AWSManagedRulesKnownBadInputsRuleSet, AWSManagedRulesLinuxRuleSet, AWSManagedRulesPHPRuleSet, " +
		"AWSManagedRulesSQLiRuleSet, AWSManagedRulesUnixRuleSet, AWSManagedRulesWindowsRuleSet or AWSManagedRulesWordPressRuleSet"
	for name, c := range map[string]struct {
		props WebAclProps
		want  []string
	}{
		"zero": {},
		"all": {WebAclProps{
			ManagedRuleGroups:      []string{"AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"},
			CountRules:             map[string][]string{"AWSManagedRulesSQLiRuleSet": {"SQLi_BODY"}},
			RequestsPerFiveMinutes: 2000000000, CountOnly: true,
		}, nil},
		"least": {WebAclProps{RequestsPerFiveMinutes: 10}, nil},
		"counting in a default group": {
			WebAclProps{CountRules: map[string][]string{"AWSManagedRulesCommonRuleSet": {"SizeRestrictions_BODY"}}}, nil,
		},
		"unknown group": {WebAclProps{ManagedRuleGroups: []string{"AWSManagedRulesBotControlRuleSet"}}, []string{
			"ManagedRuleGroups[0] must be an AWS managed rule group that takes no settings: " + groups +
				`; got "AWSManagedRulesBotControlRuleSet"`}},
		"group named twice": {WebAclProps{ManagedRuleGroups: []string{"AWSManagedRulesLinuxRuleSet", "AWSManagedRulesLinuxRuleSet"}}, []string{
			`ManagedRuleGroups[1] must not repeat ManagedRuleGroups[0]; got "AWSManagedRulesLinuxRuleSet"`}},
		"counting in a group that is not there": {WebAclProps{CountRules: map[string][]string{
			"AWSManagedRulesLinuxRuleSet": {"LFI_BODY"},
		}}, []string{
			"CountRules must be groups of ManagedRuleGroups: AWSManagedRulesAmazonIpReputationList, AWSManagedRulesCommonRuleSet or " +
				`AWSManagedRulesKnownBadInputsRuleSet; got "AWSManagedRulesLinuxRuleSet"`}},
		"counting in a group that judges addresses": {
			WebAclProps{IgnoreClientAddress: true, CountRules: map[string][]string{"AWSManagedRulesAmazonIpReputationList": {"X"}}}, []string{
				"CountRules must be groups of ManagedRuleGroups: AWSManagedRulesCommonRuleSet or AWSManagedRulesKnownBadInputsRuleSet; " +
					`got "AWSManagedRulesAmazonIpReputationList"`}},
		"too few requests": {
			WebAclProps{RequestsPerFiveMinutes: 9}, []string{"RequestsPerFiveMinutes must be an integer from 10 to 2000000000; got 9"},
		},
		"negative requests": {
			WebAclProps{RequestsPerFiveMinutes: -1}, []string{"RequestsPerFiveMinutes must be an integer from 10 to 2000000000; got -1"},
		},
		"addresses that are to be ignored": {
			WebAclProps{
				IgnoreClientAddress: true, RequestsPerFiveMinutes: 100, ManagedRuleGroups: []string{"AWSManagedRulesAnonymousIpList"},
			}, []string{
				"ManagedRuleGroups[0] must not need client addresses if IgnoreClientAddress is set; " +
					`got "AWSManagedRulesAnonymousIpList"; remove one of them`,
				"RequestsPerFiveMinutes must not be set together with IgnoreClientAddress, because it counts requests by client address; " +
					"got 100; remove one of them"}},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.props.Validate(), c.want...) })
	}
}

// A private App Runner service refuses what judges addresses.
func TestWhatJudgesClientAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		props WebAclProps
		want  bool
	}{
		"default groups":              {WebAclProps{}, true},
		"no group that does":          {WebAclProps{ManagedRuleGroups: []string{common}}, false},
		"a rate":                      {WebAclProps{ManagedRuleGroups: []string{common}, RequestsPerFiveMinutes: 100}, true},
		"a group that does":           {WebAclProps{ManagedRuleGroups: []string{common, anonymousIps}}, true},
		"default groups, without one": {WebAclProps{IgnoreClientAddress: true}, false},
	} {
		assert.Equal(t, c.want, c.props.judgesAddress(), name)
	}
}

func TestWebAclFromArnRefusesOtherArns(t *testing.T) {
	for arn, want := range map[string]string{
		"": "WebAcl: arn is required: the ARN of a web ACL of AWS WAF",
		"arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/shop/01234567-89ab-cdef-0123-456789abcdef": "WebAcl: arn must be the ARN of a " +
			`web ACL of AWS WAF; got "arn:aws:wafv2:eu-west-1:111122223333:regional/ipset/shop/01234567-89ab-cdef-0123-456789abcdef"`,
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				var refused *invalid.Error
				if assert.ErrorAs(t, err, &refused) {
					assert.Contains(t, refused.Error(), want)
				}
			}()
			WebAclFromArn(nil, "WebAcl", arn)
		}()
	}
}

func TestWebAclsForCloudFrontAreInOneRegion(t *testing.T) {
	const arn = "arn:aws:wafv2:eu-west-1:111122223333:global/webacl/shop/01234567-89ab-cdef-0123-456789abcdef"
	var bad invalid.Problems
	checkPlace(arn, webAclArn.FindStringSubmatch(arn), "eu-west-1", "111122223333", &bad)
	fake.Refused(t, bad.Err(), `arn must be in us-east-1, the only Region with web ACLs for CloudFront; got "`+arn+`"`)
}
