package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

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
