package test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/test/cdktest"
)

const oidcSecretArn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3"

func anOidc() *elb.Oidc {
	return &elb.Oidc{Issuer: "https://login.example.com", AuthorizationEndpoint: "https://login.example.com/authorize",
		TokenEndpoint: "https://login.example.com/token", UserInfoEndpoint: "https://login.example.com/userinfo", ClientId: "shop",
		ClientSecretArn: oidcSecretArn}
}

// identityProvider is the way out to one.
var identityProvider = map[string]any{"CidrIp": "0.0.0.0/0", "Description": "Identity provider", "FromPort": 443.0, "IpProtocol": "tcp",
	"ToPort": 443.0}

// A rule authenticates first and forwards then, and the load balancer reaches the identity provider, and the tasks as ever.
func TestRulesAuthenticate(t *testing.T) {
	for name, c := range map[string]struct {
		authenticate *elb.Authenticate
		want         map[string]any
	}{
		"OIDC": {&elb.Authenticate{Oidc: anOidc(), OnUnauthenticatedRequest: elbv2.UnauthenticatedAction_DENY, Scope: "openid email",
			SessionCookieName: "Shop", SessionTimeout: time.Hour, RequestExtraParams: map[string]string{"prompt": "login"}},
			map[string]any{"Type": "authenticate-oidc", "Order": 1.0, "AuthenticateOidcConfig": map[string]any{
				"Issuer": "https://login.example.com", "AuthorizationEndpoint": "https://login.example.com/authorize",
				"TokenEndpoint": "https://login.example.com/token", "UserInfoEndpoint": "https://login.example.com/userinfo", "ClientId": "shop",
				"ClientSecret":             "{{resolve:secretsmanager:" + oidcSecretArn + ":SecretString:::}}",
				"OnUnauthenticatedRequest": "deny", "Scope": "openid email", "SessionCookieName": "Shop", "SessionTimeout": 3600.0,
				"AuthenticationRequestExtraParams": map[string]any{"prompt": "login"},
			}}},
		"Cognito": {&elb.Authenticate{Cognito: &elb.Cognito{
			UserPoolArn:      "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123",
			UserPoolClientId: "client", UserPoolDomain: "shop"}},
			map[string]any{"Type": "authenticate-cognito", "Order": 1.0, "AuthenticateCognitoConfig": map[string]any{
				"UserPoolArn":      "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123",
				"UserPoolClientId": "client", "UserPoolDomain": "shop",
			}}},
		"JWT": {&elb.Authenticate{Jwt: &elb.Jwt{Issuer: "shop", JwksEndpoint: "https://login.example.com/keys",
			AdditionalClaims: []elb.JwtClaim{{Name: "aud", Format: elb.JwtClaimString, Values: []string{"api"}}}}},
			map[string]any{"Type": "jwt-validation", "Order": 1.0, "JwtValidationConfig": map[string]any{
				"Issuer": "shop", "JwksEndpoint": "https://login.example.com/keys",
				"AdditionalClaims": []any{map[string]any{"Name": "aud", "Format": "single-string", "Values": []any{"api"}}},
			}}},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t, nil)
			ecs.NewService(shop.stack, "Service", &ecs.ServiceProps{Cluster: shop.cluster, Task: newTask(shop.stack),
				Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: shop.alb, Authenticate: c.authenticate,
					Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}}})
			tpl, warnings := cdktest.SynthAnnotated(t, shop.stack)
			assert.Empty(t, warnings)
			rule := tpl.Only("AWS::ElasticLoadBalancingV2::ListenerRule")
			assert.Equal(t, c.want, rule.Get("Actions.0"))
			assert.Equal(t, "forward", rule.Get("Actions.1.Type"))
			assert.Equal(t, 2.0, rule.Get("Actions.1.Order"))
			assert.Same(t, tpl.Only("AWS::ElasticLoadBalancingV2::TargetGroup"), rule.Ref("Actions.1.TargetGroupArn"))
			group := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer").Ref("SecurityGroups.0")
			assert.Equal(t, []any{identityProvider}, group.Get("SecurityGroupEgress"))
			cdktest.Has(t, tpl.Only("AWS::EC2::SecurityGroupEgress"), map[string]any{"FromPort": 8080.0, "ToPort": 8080.0})
			assert.True(t, tpl.Only("AWS::ECS::Service").ComesAfter(rule))
		})
	}
}

// The default action of a listener has the time of a session as a text, a rule as a number: CloudFormation's schemas differ.
func TestDefaultActionsAuthenticate(t *testing.T) {
	shop := newShop(t, nil)
	ecs.NewService(shop.stack, "Service", &ecs.ServiceProps{Cluster: shop.cluster, Task: newTask(shop.stack),
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: shop.alb,
			Authenticate: &elb.Authenticate{Oidc: anOidc(), SessionTimeout: time.Hour}}}}})
	tpl, warnings := cdktest.SynthAnnotated(t, shop.stack)
	assert.Empty(t, warnings)
	listener := tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Https/")
	cdktest.Has(t, listener, map[string]any{
		"DefaultActions.0.Type": "authenticate-oidc", "DefaultActions.0.Order": 1.0,
		"DefaultActions.0.AuthenticateOidcConfig.SessionTimeout": "3600",
		"DefaultActions.1.Type":                                  "forward", "DefaultActions.1.Order": 2.0,
	})
	assert.Equal(t, "redirect", tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Http/").Get("DefaultActions.0.Type"),
		"a door beside the one that is locked")
}

// A rule that answers by itself can ask who asks, and a secret of the app is a reference too.
func TestOtherRulesAuthenticate(t *testing.T) {
	shop := newShop(t, nil)
	secret := awssecretsmanager.NewSecret(shop.stack, jsii.String("Secret"), nil)
	oidc := anOidc()
	oidc.ClientSecretArn, oidc.ClientSecretKey = *secret.SecretArn(), "client_secret"
	elb.NewListenerRule(shop.stack, "Rule", &elb.ListenerRuleProps{LoadBalancer: shop.alb, Authenticate: &elb.Authenticate{Oidc: oidc},
		Conditions: elb.Conditions{PathPatterns: []string{"/*"}}, FixedResponse: &elb.FixedResponse{StatusCode: 200, MessageBody: "Hello"}})
	tpl := cdktest.Synth(t, shop.stack)
	rule := tpl.Only("AWS::ElasticLoadBalancingV2::ListenerRule")
	assert.Equal(t, "fixed-response", rule.Get("Actions.1.Type"))
	assert.Equal(t, map[string]any{"Fn::Join": []any{"", []any{"{{resolve:secretsmanager:",
		map[string]any{"Ref": tpl.Only("AWS::SecretsManager::Secret").Id}, ":SecretString:client_secret::}}"}}},
		rule.Get("Actions.0.AuthenticateOidcConfig.ClientSecret"))
}

// Users come back to a path of the load balancer's. It must not fit a rule that lets nobody in, or that is open.
func TestUsersComeBackToARuleThatKnowsThem(t *testing.T) {
	authenticate := func() *elb.Authenticate { return &elb.Authenticate{Oidc: anOidc()} }
	rule := func(priority int, a *elb.Authenticate, paths ...string) elb.ListenerRuleProps {
		return elb.ListenerRuleProps{Authenticate: a, Priority: priority, Conditions: elb.Conditions{PathPatterns: paths},
			FixedResponse: &elb.FixedResponse{StatusCode: 200}}
	}
	posts := rule(1, authenticate(), "/*")
	posts.Conditions.HttpRequestMethods = []string{"POST"}
	all := rule(0, authenticate())
	for name, c := range map[string]struct {
		rules []elb.ListenerRuleProps
		warns int
	}{
		"one path":                 {[]elb.ListenerRuleProps{rule(1, authenticate(), "/app/*")}, 1},
		"one path, open elsewhere": {[]elb.ListenerRuleProps{rule(1, authenticate(), "/app/*"), rule(2, nil, "/*")}, 1},
		"posts":                    {[]elb.ListenerRuleProps{posts}, 1},
		"all paths":                {[]elb.ListenerRuleProps{rule(1, authenticate(), "/*")}, 0},
		"the path":                 {[]elb.ListenerRuleProps{rule(1, authenticate(), "/app/*", "/oauth2/idpresponse")}, 0},
		"another rule":             {[]elb.ListenerRuleProps{rule(1, authenticate(), "/app/*"), rule(2, authenticate(), "/oauth2/*")}, 0},
		"the default action":       {[]elb.ListenerRuleProps{rule(1, authenticate(), "/app/*"), all}, 0},
		"another provider": {[]elb.ListenerRuleProps{rule(1, authenticate(), "/app/*"), rule(2, &elb.Authenticate{
			SessionCookieName: "Pool", Cognito: &elb.Cognito{UserPoolClientId: "c", UserPoolDomain: "shop",
				UserPoolArn: "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123"}}, "/oauth2/*")}, 1},
		"tokens": {[]elb.ListenerRuleProps{rule(1, &elb.Authenticate{Jwt: &elb.Jwt{Issuer: "i", JwksEndpoint: "https://a.b/c"}}, "/app/*")}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t, nil)
			for i := range c.rules {
				c.rules[i].LoadBalancer = shop.alb
				elb.NewListenerRule(shop.stack, string(rune('A'+i)), &c.rules[i])
			}
			_, warnings := cdktest.SynthAnnotated(t, shop.stack)
			require.Len(t, warnings, c.warns)
			for _, warning := range warnings {
				assert.Contains(t, warning, "/Test/A: Users come back from signing in to /oauth2/idpresponse, which no rule fits")
			}
		})
	}
}

// An internal load balancer reaches the identity provider by a NAT gateway, or not at all.
func TestLoadBalancersWithoutAWayToTheIdentityProvider(t *testing.T) {
	for subnets, want := range map[network.SubnetType]int{network.Isolated: 1, network.Private: 0} {
		stack := cdktest.Stack(t)
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{IsolatedSubnets: true}).Vpc
		alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc, Subnets: subnets,
			CertificateArn: certificateArn})
		elb.NewListenerRule(stack, "Rule", &elb.ListenerRuleProps{LoadBalancer: alb, Authenticate: &elb.Authenticate{Oidc: anOidc()},
			Conditions: elb.Conditions{PathPatterns: []string{"/*"}}, FixedResponse: &elb.FixedResponse{StatusCode: 200}})
		_, warnings := cdktest.SynthAnnotated(t, stack)
		assert.Len(t, warnings, want, subnets)
		if want > 0 {
			assert.Contains(t, warnings[0], "/Test/Rule: The load balancer is in isolated subnets")
		}
	}
}

// The security group of an imported listener is opened where it can be: without egress of its own by a rule of the stack.
func TestImportedListenersReachTheIdentityProvider(t *testing.T) {
	for allowsAll, want := range map[bool]int{true: 0, false: 1} {
		stack := cdktest.Stack(t)
		group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"),
			&awsec2.SecurityGroupImportOptions{AllowAllOutbound: &allowsAll})
		listener := elb.ListenerFrom(stack, "Listener", &elb.ListenerAttributes{Protocol: elbv2.ApplicationProtocol_HTTPS, Port: 443,
			Listener: elbv2.ApplicationListener_FromApplicationListenerAttributes(stack, jsii.String("Imported"),
				&elbv2.ApplicationListenerAttributes{SecurityGroup: group,
					ListenerArn: jsii.String("arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/x/0123456789abcdef/0123456789abcdef")})})
		for i, name := range []string{"One", "Two"} {
			elb.NewListenerRule(stack, name, &elb.ListenerRuleProps{Listener: listener, Authenticate: &elb.Authenticate{Oidc: anOidc()},
				Priority: i + 1, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}, FixedResponse: &elb.FixedResponse{StatusCode: 200}})
		}
		tpl := cdktest.Synth(t, stack)
		assert.Len(t, tpl.All("AWS::EC2::SecurityGroupEgress"), want)
		for _, rule := range tpl.All("AWS::EC2::SecurityGroupEgress") {
			cdktest.Has(t, rule, map[string]any{"GroupId": "sg-0123456789abcdef0", "FromPort": 443.0, "CidrIp": "0.0.0.0/0"})
		}
	}
}

// Elastic Load Balancing takes only rules that forward in front of gRPC.
func TestRulesForGrpcDontAuthenticate(t *testing.T) {
	shop := newShop(t, nil)
	group := elb.NewTargetGroup(shop.stack, "Calls", &elb.TargetGroupProps{
		Vpc: shop.cluster.Vpc(), ProtocolVersion: elbv2.ApplicationProtocolVersion_GRPC,
	})
	assert.Equal(t, []string{*shop.stack.Node().Path() + "/Rule: Authenticate is not compatible with ProtocolVersion GRPC, whose rules " +
		"can only forward; remove one of them, and authenticate in the service"}, cdktest.Refused(t, func() {
		elb.NewListenerRule(shop.stack, "Rule", &elb.ListenerRuleProps{
			LoadBalancer: shop.alb, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}, Authenticate: &elb.Authenticate{Oidc: anOidc()},
			Forward: []elb.WeightedTargetGroup{{TargetGroup: group, Weight: 1}},
		})
	}))
}
