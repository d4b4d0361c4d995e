package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

func TestOneWebAclProtectsALoadBalancerAndAnAppRunnerService(t *testing.T) {
	stack := newStack(t)
	acl := waf.NewWebAcl(stack, "WebAcl", nil)
	elb.NewApplicationLoadBalancer(
		stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(stack), CertificateArn: certificateArn, WebAcl: acl},
	)
	apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner), WebAcl: acl})
	tpl := synth(t, stack)

	made := tpl.only("AWS::WAFv2::WebACL")
	protected := map[*resource]bool{}
	for _, association := range tpl.all("AWS::WAFv2::WebACLAssociation") {
		assert.Same(t, made, association.ref("WebACLArn"))
		protected[association.ref("ResourceArn")] = true
	}
	assert.Equal(
		t, map[*resource]bool{tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer"): true, tpl.only("AWS::AppRunner::Service"): true},
		protected,
	)

	var groups []any
	for i, rule := range list(made.get("Rules")) {
		assert.InDelta(t, i, dig(rule, "Priority"), 0)
		assert.Equal(t, map[string]any{"None": map[string]any{}}, dig(rule, "OverrideAction"), "the group's own actions count")
		groups = append(groups, dig(rule, "Statement.ManagedRuleGroupStatement.Name"))
	}
	assert.Equal(
		t, []any{"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}, groups,
	)
}

func TestWebAclFromArn(t *testing.T) {
	const arn = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/01234567-89ab-cdef-0123-456789abcdef"
	stack := newStack(t)
	acl := waf.WebAclFromArn(stack, "WebAcl", arn)
	assert.Equal(t, arn, acl.Arn())
	assert.Equal(t, "Test/WebAcl", *acl.Node().Path())
	assert.Nil(t, acl.WebAcl)
	assert.False(t, acl.JudgesClientAddress(), "its rules are not known")
	apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner), WebAcl: acl})
	tpl := synth(t, stack)
	assert.Empty(t, tpl.all("AWS::WAFv2::WebACL"))
	association := tpl.only("AWS::WAFv2::WebACLAssociation")
	assert.Equal(t, arn, association.get("WebACLArn"))
	assert.Same(t, tpl.only("AWS::AppRunner::Service"), association.ref("ResourceArn"))
}

// What our constructs don't create can be protected too.
func TestWebAclProtectsAnApi(t *testing.T) {
	stack := newStack(t)
	api := awsapigateway.NewRestApi(stack, jsii.String("Api"), &awsapigateway.RestApiProps{CloudWatchRole: jsii.Bool(false)})
	api.Root().AddMethod(jsii.String("GET"), nil, nil)
	waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{IgnoreClientAddress: true}).Protect(api, *api.DeploymentStage().StageArn())
	tpl := synth(t, stack)
	assert.Len(t, list(tpl.only("AWS::WAFv2::WebACL").get("Rules")), 2)
	assert.Same(t, tpl.only("AWS::WAFv2::WebACL"), tpl.only("AWS::WAFv2::WebACLAssociation").ref("WebACLArn"))
}

func TestWebAclsThatAreRefused(t *testing.T) {
	stack := newStack(t)
	assert.Equal(t, []string{"Test/WebAcl: RequestsPerFiveMinutes must be an integer from 10 to 2000000000; got 9"},
		refusal(t, func() { waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{RequestsPerFiveMinutes: 9}) }))
	assert.Equal(t, []string{
		"Test/Service: WebAcl must not judge client addresses, which App Runner doesn't pass on with PrivateIngress; " +
			"set IgnoreClientAddress of the web ACL, and limit clients by PrivateIngress.IngressCidrs",
	}, refusal(t, func() {
		apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
			Image: registry.FromRegistry(helloAppRunner), WebAcl: waf.NewWebAcl(stack, "Rules", nil),
			PrivateIngress: &apprunner.PrivateIngress{Vpc: importedVpc(stack)},
		})
	}))
}
