package waf_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

// One web ACL that protects a load balancer and an App Runner service.
func ExampleNewWebAcl() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		acl := waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{
			RequestsPerFiveMinutes: 2000,
			CountRules:             map[string][]string{"AWSManagedRulesCommonRuleSet": {"SizeRestrictions_BODY"}},
		})
		elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
			Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, InternetFacing: true, WebAcl: acl,
		})
		apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
			Image: registry.FromRegistry("public.ecr.aws/aws-containers/hello-app-runner:latest"), Port: 8000, WebAcl: acl,
		})
		app.Synth(nil)
	})
}

// A web ACL that exists already.
func ExampleWebAclFromArn() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
			Image: registry.FromRegistry("public.ecr.aws/aws-containers/hello-app-runner:latest"), Port: 8000,
			WebAcl: waf.WebAclFromArn(stack, "WebAcl",
				"arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/01234567-89ab-cdef-0123-456789abcdef"),
		})
		app.Synth(nil)
	})
}

// Addresses, countries, and a log of what was blocked.
func ExampleNewWebAcl_lists() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{
			TrustedCidrs:     []string{"203.0.113.0/24", "2001:db8::/32"}, // pass without the other rules
			BlockedCidrs:     []string{"198.51.100.7/32"},
			AllowedCountries: []string{"DE", "AT", "CH"}, // all others are blocked
			Logs:             &waf.Logs{BlockedOnly: true},
		})
		app.Synth(nil)
	})
}
