package waf

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
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
		"lists": {WebAclProps{
			TrustedCidrs: []string{"203.0.113.7/32", "2001:db8::/32"}, BlockedCidrs: []string{"198.51.100.0/24"},
			AllowedCidrs:     []string{"10.0.0.0/8"},
			BlockedCountries: []string{"AQ", "XK"}, Logs: &Logs{RedactedHeaders: []string{}},
		}, nil},
		"countries": {WebAclProps{AllowedCountries: []string{"DE", "GB"}}, nil},
		"wrong ranges": {WebAclProps{
			TrustedCidrs: []string{"203.0.113.7"}, BlockedCidrs: []string{"0.0.0.0/0", "::/0"}, AllowedCidrs: []string{"10.0.0.1/8", "2001:db8::/32",
				"2001:db8::/32"},
		}, []string{
			`TrustedCidrs[0] must be an IPv4 or IPv6 range such as "203.0.113.0/24" or "2001:db8::/32"; got "203.0.113.7"`,
			`BlockedCidrs[0] must not be all addresses; got "0.0.0.0/0"`, `BlockedCidrs[1] must not be all addresses; got "::/0"`,
			`AllowedCidrs[0] must have zeros after its first 8 bits; got "10.0.0.1/8"; write 10.0.0.0/8`,
			`AllowedCidrs[2] must not repeat AllowedCidrs[1]; got "2001:db8::/32"`}},
		"wrong countries": {WebAclProps{BlockedCountries: []string{"UK", "de", "Germany", "FR", "FR"}}, []string{
			`BlockedCountries[0] must be a country code of ISO 3166-1 alpha-2; that of the United Kingdom is "GB"; got "UK"`,
			`BlockedCountries[1] must be in capitals; got "de"; write DE`,
			`BlockedCountries[2] must be a country code of ISO 3166-1 alpha-2 such as "DE"; got "Germany"`,
			`BlockedCountries[4] must not repeat BlockedCountries[3]; got "FR"`}},
		"both kinds of countries": {WebAclProps{BlockedCountries: []string{"DE"}, AllowedCountries: []string{"FR"}}, []string{
			`BlockedCountries must not be set together with AllowedCountries, which blocks all other countries; got "DE"; remove one of them`}},
		"lists of addresses that are to be ignored": {
			WebAclProps{IgnoreClientAddress: true, AllowedCidrs: []string{"10.0.0.0/8"}, BlockedCountries: []string{"DE"}}, []string{
				"AllowedCidrs must not be set together with IgnoreClientAddress, because it judges requests by client address; " +
					`got "10.0.0.0/8"; remove one of them`,
				"BlockedCountries must not be set together with IgnoreClientAddress, because it judges requests by client address; " +
					`got "DE"; remove one of them`}},
		"rules of one's own": {WebAclProps{Rules: []*awswafv2.CfnWebACL_RuleProperty{
			{Name: new("Mine"), Statement: map[string]any{}, Action: map[string]any{}},
		}}, nil},
		"wrong rules of one's own": {WebAclProps{RequestsPerFiveMinutes: 100, Rules: []*awswafv2.CfnWebACL_RuleProperty{
			nil, {}, {Name: new("RateLimit"), Statement: 1, Action: 1, OverrideAction: 1, Priority: new(2.0)},
		}}, []string{
			"Rules[0] must not be nil", "Rules[1].Name is required", "Rules[1].Statement is required",
			"Rules[1] must have either Action or, for a rule group, OverrideAction",
			`Rules[2].Name must not be the name of another rule of the web ACL; got "RateLimit"`,
			"Rules[2] must have either Action or, for a rule group, OverrideAction",
			"Rules[2].Priority must be left out, because the place in Rules decides; got 2"}},
		"wrong logs": {WebAclProps{Logs: &Logs{
			Retention: "x", RemovalPolicy: "x", RedactedHeaders: []string{"a b", "Cookie", "cookie"},
		}}, []string{
			`Logs.Retention must be a constant of awslogs.RetentionDays such as "ONE_MONTH"; got "x"`,
			`Logs.RemovalPolicy must be "RETAIN_ON_UPDATE_OR_DELETE", "RETAIN" or "DESTROY"; got "x"`,
			`Logs.RedactedHeaders[0] must be the name of a header such as "authorization"; got "a b"`,
			`Logs.RedactedHeaders[2] must not repeat a header; got "cookie"`}},
		"a bucket with another name": {
			WebAclProps{Logs: &Logs{Bucket: bucket{name: "logs"}, Retention: awslogs.RetentionDays_ONE_DAY, RemovalPolicy: "DESTROY"}}, []string{
				`Logs.Bucket must have a name that begins with "aws-waf-logs-"; got "logs"`,
				`Logs.Retention must not be set together with Bucket, which has rules of its own; got "ONE_DAY"; remove one of them`,
				`Logs.RemovalPolicy must not be set together with Bucket; got "DESTROY"; remove one of them`}},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.props.Validate(), c.want...) })
	}
}

type bucket struct {
	awss3.IBucket
	name string
}

func (b bucket) BucketName() *string { return &b.name }

func TestCountries(t *testing.T) {
	assert.Len(t, countries, 250, "ISO has 249, and AWS WAF one more")
	for _, code := range countries {
		assert.Regexp(t, "^[A-Z]{2}$", code)
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
		"a list":                      {WebAclProps{ManagedRuleGroups: []string{common}, AllowedCountries: []string{"DE"}}, true},
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
