package test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
	"awscontainers/test/cdktest"
)

func TestOneWebAclProtectsALoadBalancerAndAnAppRunnerService(t *testing.T) {
	stack := cdktest.Stack(t)
	acl := waf.NewWebAcl(stack, "WebAcl", nil)
	elb.NewApplicationLoadBalancer(
		stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(stack), CertificateArn: certificateArn, WebAcl: acl},
	)
	apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner), WebAcl: acl})
	tpl := cdktest.Synth(t, stack)

	made := tpl.Only("AWS::WAFv2::WebACL")
	protected := map[*cdktest.Resource]bool{}
	for _, association := range tpl.All("AWS::WAFv2::WebACLAssociation") {
		assert.Same(t, made, association.Ref("WebACLArn"))
		protected[association.Ref("ResourceArn")] = true
	}
	assert.Equal(
		t, map[*cdktest.Resource]bool{tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer"): true, tpl.Only("AWS::AppRunner::Service"): true},
		protected,
	)

	var groups []any
	for i, rule := range cdktest.List(made.Get("Rules")) {
		assert.InDelta(t, i, cdktest.Dig(rule, "Priority"), 0)
		assert.Equal(t, map[string]any{"None": map[string]any{}}, cdktest.Dig(rule, "OverrideAction"), "the group's own actions count")
		groups = append(groups, cdktest.Dig(rule, "Statement.ManagedRuleGroupStatement.Name"))
	}
	assert.Equal(
		t, []any{"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}, groups,
	)
}

func TestWebAclFromArn(t *testing.T) {
	const arn = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/01234567-89ab-cdef-0123-456789abcdef"
	stack := cdktest.Stack(t)
	acl := waf.WebAclFromArn(stack, "WebAcl", arn)
	assert.Equal(t, arn, acl.Arn())
	assert.Equal(t, "Test/WebAcl", *acl.Node().Path())
	assert.Nil(t, acl.WebAcl)
	assert.False(t, acl.JudgesClientAddress(), "its rules are not known")
	apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner), WebAcl: acl})
	tpl := cdktest.Synth(t, stack)
	assert.Empty(t, tpl.All("AWS::WAFv2::WebACL"))
	association := tpl.Only("AWS::WAFv2::WebACLAssociation")
	assert.Equal(t, arn, association.Get("WebACLArn"))
	assert.Same(t, tpl.Only("AWS::AppRunner::Service"), association.Ref("ResourceArn"))
}

// What our constructs don't create can be protected too.
func TestWebAclProtectsAnApi(t *testing.T) {
	stack := cdktest.Stack(t)
	api := awsapigateway.NewRestApi(stack, jsii.String("Api"), &awsapigateway.RestApiProps{CloudWatchRole: jsii.Bool(false)})
	api.Root().AddMethod(jsii.String("GET"), nil, nil)
	waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{IgnoreClientAddress: true}).Protect(api, *api.DeploymentStage().StageArn())
	tpl := cdktest.Synth(t, stack)
	assert.Len(t, cdktest.List(tpl.Only("AWS::WAFv2::WebACL").Get("Rules")), 2)
	assert.Same(t, tpl.Only("AWS::WAFv2::WebACL"), tpl.Only("AWS::WAFv2::WebACLAssociation").Ref("WebACLArn"))
}

func TestWebAclsThatAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	assert.Equal(t, []string{"Test/WebAcl: RequestsPerFiveMinutes must be an integer from 10 to 2000000000; got 9"},
		cdktest.Refused(t, func() { waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{RequestsPerFiveMinutes: 9}) }))
	assert.Equal(t, []string{
		"Test/Service: WebAcl must not have rules that need client addresses, which App Runner doesn't pass on with PrivateIngress; " +
			"set IgnoreClientAddress of the web ACL, and limit clients with PrivateIngress.IngressCidrs",
	}, cdktest.Refused(t, func() {
		apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
			Image: registry.FromRegistry(helloAppRunner), WebAcl: waf.NewWebAcl(stack, "Rules", nil),
			PrivateIngress: &apprunner.PrivateIngress{Vpc: importedVpc(stack)},
		})
	}))
}

// A web ACL works where it is, for what it is for.
func TestWebAclsInTheWrongPlace(t *testing.T) {
	const (
		regional = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/01234567-89ab-cdef-0123-456789abcdef"
		global   = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop/01234567-89ab-cdef-0123-456789abcdef"
	)
	paris, open := in(t, "eu-west-3"), cdktest.Stack(t)
	for place, stack := range map[string]awscdk.Stack{"eu-west-3": paris, "no Region": open} {
		assert.Equal(t, []string{"Test/Acl: CloudFront requires a stack with the Region us-east-1, the only one with web ACLs for CloudFront; " +
			`got "` + place + `"; create the web ACL in a stack there, and use waf.WebAclFromArn here`},
			cdktest.Refused(t, func() { waf.NewWebAcl(stack, "Acl", &waf.WebAclProps{CloudFront: true}) }))
	}
	assert.Equal(t, []string{`Test/Acl: arn must be in the stack's Region, eu-west-3; got "` + regional + `"`},
		cdktest.Refused(t, func() { waf.WebAclFromArn(paris, "Acl", regional) }))
	other := "arn:aws:wafv2:us-east-1:444455556666:global/webacl/shop/01234567-89ab-cdef-0123-456789abcdef"
	assert.Equal(t, []string{`Test/Acl: arn must be in the stack's account, 111122223333; got "` + other + `"`},
		cdktest.Refused(t, func() { waf.WebAclFromArn(paris, "Acl", other) }))
	assert.False(t, waf.WebAclFromArn(open, "Regional", regional).IsForCloudFront(), "the stack's Region is open")

	acl := waf.WebAclFromArn(paris, "Global", global)
	assert.True(t, acl.IsForCloudFront())
	const refused = "WebAcl must be a regional web ACL, not one for CloudFront; create it without CloudFront, in the stack's Region"
	assert.Equal(t, []string{"Test/Alb: " + refused}, cdktest.Refused(t, func() {
		elb.NewApplicationLoadBalancer(paris, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(paris), WebAcl: acl})
	}))
	assert.Equal(t, []string{"Test/Service: " + refused}, cdktest.Refused(t, func() {
		apprunner.NewService(paris, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner), WebAcl: acl})
	}))
	assert.Equal(t, []string{
		`Test/Global: Protect: resourceArn must be protected by a regional web ACL; got "arn"; create one without CloudFront`},
		cdktest.Refused(t, func() { acl.Protect(paris, "arn") }))
}

// The rules judge who asks before what is asked, in the order that the props promise.
func TestWebAclRulesByAddress(t *testing.T) {
	stack := cdktest.Stack(t)
	waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{
		TrustedCidrs: []string{"203.0.113.0/24", "2001:db8::/32"},
		BlockedCidrs: []string{"198.51.100.0/24"}, AllowedCidrs: []string{"192.0.2.0/24"},
		AllowedCountries: []string{"DE", "AT"}, RequestsPerFiveMinutes: 100, ManagedRuleGroups: []string{"AWSManagedRulesLinuxRuleSet"},
		Rules: []*awswafv2.CfnWebACL_RuleProperty{{
			Name: new("Labels"), Action: &awswafv2.CfnWebACL_RuleActionProperty{Count: map[string]any{}},
			Statement: &awswafv2.CfnWebACL_StatementProperty{LabelMatchStatement: &awswafv2.CfnWebACL_LabelMatchStatementProperty{
				Key: new("x"), Scope: new("LABEL")}},
		}},
	})
	tpl := cdktest.Synth(t, stack)
	rules := map[string]any{}
	var names []any
	for i, rule := range cdktest.List(tpl.Only("AWS::WAFv2::WebACL").Get("Rules")) {
		assert.InDelta(t, i, cdktest.Dig(rule, "Priority"), 0)
		names = append(names, cdktest.Dig(rule, "Name"))
		rules[cdktest.Dig(rule, "Name").(string)] = rule
	}
	assert.Equal(t, []any{
		"Labels", "TrustedCidrs", "BlockedCidrs", "AllowedCidrs", "AllowedCountries", "RateLimit", "AWSManagedRulesLinuxRuleSet"}, names)

	assert.NotNil(t, cdktest.Dig(rules["TrustedCidrs"], "Action.Allow"), "those who are trusted meet further rules")
	either := cdktest.List(cdktest.Dig(rules["TrustedCidrs"], "Statement.OrStatement.Statements"))
	var kinds []any
	for _, statement := range either {
		set := tpl.Follow(cdktest.Dig(statement, "IPSetReferenceStatement.Arn"))
		assert.Equal(t, "REGIONAL", set.Get("Scope"))
		kinds = append(kinds, set.Get("IPAddressVersion"), set.Get("Addresses"))
	}
	assert.Equal(t, []any{"IPV4", []any{"203.0.113.0/24"}, "IPV6", []any{"2001:db8::/32"}}, kinds, "an IP set has one kind of addresses")
	for name, path := range map[string]string{
		"BlockedCidrs": "Statement.IPSetReferenceStatement.Arn",
		"AllowedCidrs": "Statement.NotStatement.Statement.IPSetReferenceStatement.Arn",
	} {
		assert.NotNil(t, cdktest.Dig(rules[name], "Action.Block"), name)
		assert.Contains(t, tpl.Follow(cdktest.Dig(rules[name], path)).Path(), name)
	}
	assert.Equal(t, []any{"DE", "AT"},
		cdktest.Dig(rules["AllowedCountries"], "Statement.NotStatement.Statement.GeoMatchStatement.CountryCodes"))
}

// CountOnly blocks nobody, whatever the list.
func TestCountOnlyBlocksNobody(t *testing.T) {
	stack := cdktest.Stack(t)
	waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{
		CountOnly: true, BlockedCidrs: []string{"198.51.100.0/24"}, AllowedCidrs: []string{"192.0.2.0/24"}, BlockedCountries: []string{"DE"},
		RequestsPerFiveMinutes: 100,
	})
	for _, rule := range cdktest.List(cdktest.Synth(t, stack).Only("AWS::WAFv2::WebACL").Get("Rules")) {
		assert.Nil(t, cdktest.Dig(rule, "Action.Block"), cdktest.Dig(rule, "Name"))
		assert.Nil(t, cdktest.Dig(rule, "OverrideAction.None"), cdktest.Dig(rule, "Name"))
	}
}

func TestWebAclLogsToCloudWatch(t *testing.T) {
	stack := cdktest.Stack(t)
	acl := waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{Logs: &waf.Logs{BlockedOnly: true, RedactQueryString: true}})
	assert.NotNil(t, acl.LogGroup)
	tpl := cdktest.Synth(t, stack)
	logging, group := tpl.Only("AWS::WAFv2::LoggingConfiguration"), tpl.Only("AWS::Logs::LogGroup")
	assert.Same(t, tpl.Only("AWS::WAFv2::WebACL"), logging.Ref("ResourceArn"))
	assert.Same(t, group, logging.Ref("LogDestinationConfigs.0"))
	destination, err := json.Marshal(logging.Get("LogDestinationConfigs.0"))
	require.NoError(t, err)
	assert.NotContains(t, string(destination), ":*", "AWS WAF refuses an ARN with it")
	name, err := json.Marshal(group.Get("LogGroupName"))
	require.NoError(t, err)
	assert.Contains(t, string(name), `"aws-waf-logs-`, "AWS WAF refuses another name")
	assert.Contains(t, string(name), `"AWS::StackId"`, "another stack has the same name")
	assert.Equal(t, "RetainExceptOnCreate", group.DeletionPolicy)

	assert.Equal(t, []any{
		map[string]any{"SingleHeader": map[string]any{"Name": "authorization"}}, map[string]any{"SingleHeader": map[string]any{"Name": "cookie"}},
		map[string]any{"QueryString": map[string]any{}},
	}, logging.Get("RedactedFields"), "secrets in the log")
	assert.Equal(t, "DROP", logging.Get("LoggingFilter.DefaultBehavior"))
	assert.Equal(t, "BLOCK", logging.Get("LoggingFilter.Filters.0.Conditions.0.ActionCondition.Action"))

	policy := tpl.Only("AWS::Logs::ResourcePolicy")
	cdktest.CreatedInOrder(t, policy, logging)
	document, err := json.Marshal(policy.Get("PolicyDocument"))
	require.NoError(t, err)
	for _, part := range []string{"delivery.logs.amazonaws.com", "logs:PutLogEvents", "aws:SourceAccount", group.Id} {
		assert.Contains(t, string(document), part)
	}
	for _, function := range []string{`\"Fn::`, `\"Ref\"`} {
		assert.NotContains(t, string(document), function, "a function of CloudFormation that nobody evaluates, in a text")
	}
}

func TestWebAclLogsToABucket(t *testing.T) {
	stack := cdktest.Stack(t)
	bucket := awss3.NewBucket(stack, new("Bucket"), &awss3.BucketProps{BucketName: new("aws-waf-logs-shop")})
	waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{Logs: &waf.Logs{Bucket: bucket, RedactedHeaders: []string{}}})
	waf.NewWebAcl(stack, "Other", &waf.WebAclProps{
		Logs: &waf.Logs{Bucket: awss3.Bucket_FromBucketName(stack, new("Imported"), new("aws-waf-logs-other"))},
	})
	tpl := cdktest.Synth(t, stack)
	logging := tpl.At("AWS::WAFv2::LoggingConfiguration", "Test/WebAcl")
	assert.Same(t, tpl.Only("AWS::S3::Bucket"), logging.Ref("LogDestinationConfigs.0"))
	assert.Nil(t, logging.Get("RedactedFields"))
	assert.Empty(t, tpl.All("AWS::Logs::LogGroup"))
	policy := tpl.Only("AWS::S3::BucketPolicy")
	cdktest.CreatedInOrder(t, policy, logging)
	assert.Equal(t, "s3:GetBucketAcl", policy.Get("PolicyDocument.Statement.0.Action"))
	written, err := json.Marshal(policy.Get("PolicyDocument.Statement.1.Condition"))
	require.NoError(t, err)
	assert.Contains(t, string(written), `"s3:x-amz-acl":"bucket-owner-full-control"`)
}

func TestWebAclLogsToAnEncryptedBucket(t *testing.T) {
	stack := cdktest.Stack(t)
	bucket := awss3.NewBucket(stack, new("Bucket"), &awss3.BucketProps{
		BucketName: new("aws-waf-logs-shop"), EncryptionKey: awskms.NewKey(stack, new("Key"), nil),
	})
	waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{Logs: &waf.Logs{Bucket: bucket}})
	policy, err := json.Marshal(cdktest.Synth(t, stack).Only("AWS::KMS::Key").Get("KeyPolicy.Statement.1"))
	require.NoError(t, err)
	for _, part := range []string{"delivery.logs.amazonaws.com", "kms:GenerateDataKey*", "aws:SourceAccount"} {
		assert.Contains(t, string(policy), part, "AWS WAF can't encrypt")
	}
}

// AWS WAF refuses a bucket whose name CloudFormation chooses.
func TestWebAclLogsToABucketWithoutANameAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	bucket := awss3.NewBucket(stack, new("Bucket"), nil)
	assert.Equal(t, []string{
		`Test/WebAcl: Logs.Bucket must have a name that begins with "aws-waf-logs-"; CloudFormation would choose another; set BucketName ` +
			"of the bucket",
	}, cdktest.Refused(t, func() { waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{Logs: &waf.Logs{Bucket: bucket}}) }))
}
