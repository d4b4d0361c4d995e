package stacks_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var fargateWebVariants = []variant{
	{
		name: "FargateWeb",
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-prod",
		context: map[string]any{
			"profile": "prod", "FargateWeb.domainName": "www.example.com", "FargateWeb.hostedZoneId": "Z0123456789ABCDEFGHIJ",
			"FargateWeb.hostedZoneName": "example.com", "FargateWeb.alarmEmail": "on-call@example.com",
		},
		stateful: []string{
			"AlarmsTopicKey8C8D9492", "LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-certificate",
		context: map[string]any{
			"FargateWeb.certificateArn": shared.CertificateArn,
			"FargateWeb.image":          "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2",
		},
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-two",
		context: map[string]any{
			"FargateWeb.apiImage": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/api:2.0", "FargateWeb.apiPort": "9000",
			"FargateWeb.waf": "true", "FargateWeb.openTelemetry": "true", "FargateWeb.alarmEmail": "on-call@example.com",
		},
		stateful: []string{
			"AlarmsTopicKey8C8D9492", "ApiTaskLogGroup4FA20C89", "LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-public",
		context: map[string]any{
			"FargateWeb.natGateways": "none", "FargateWeb.containerInsights": "off", "FargateWeb.alarmEmail": "on-call@example.com",
			"FargateWeb.apiImage": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/api:2.0",
			"FargateWeb.secrets":  "PASSWORD=" + dbSecretArn + ":password", "FargateWeb.executeCommand": "true",
			"FargateWeb.maxFailedTasks": "5", "FargateWeb.deploymentNonce": "2027-01-31",
		},
		stateful: []string{
			"AlarmsTopicKey8C8D9492", "ApiTaskLogGroup4FA20C89", "ClusterExecuteCommandKeyB66A1346",
			"ClusterExecuteCommandLogGroup8FFF2C26", "LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-directory",
		context: map[string]any{
			"FargateWeb.directory": "../testdata/web", "FargateWeb.port": "3000", "FargateWeb.command": "serve", "FargateWeb.memoryMiB": "4096",
			"FargateWeb.secrets": "PASSWORD=" + dbSecretArn + ":password,TOKEN=" + parameterArn, "FargateWeb.minTasks": "3",
		},
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-release",
		context: map[string]any{
			"FargateWeb.imageRepository": "team/web", "FargateWeb.deploymentStrategy": "BLUE_GREEN",
			"FargateWeb.migrationCommand": "npm,run,migrate",
			"FargateWeb.approval":         "true",
		},
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "MigrationTaskLogGroup76420524", "ServiceStepsLogGroup0C43F50D", "TaskLogGroup1B4092C9",
			"VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-registry",
		context: map[string]any{
			"FargateWeb.image": "ghcr.io/acme/private:1.0", "FargateWeb.imageCredentialsSecret": registrySecretArn,
		},
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-names",
		context: map[string]any{
			"FargateWeb.domainName": "www.example.com", "FargateWeb.hostedZoneId": "Z0123456789ABCDEFGHIJ",
			"FargateWeb.hostedZoneName": "example.com", "FargateWeb.alternativeDomainNames": "example.com",
			"FargateWeb.redirectToDomainName": "true", "FargateWeb.additionalCertificateArns": shared.CertificateArn,
			"FargateWeb.securityHeaders": "true", "FargateWeb.connectionLogs": "true", "FargateWeb.healthCheckPort": "8081",
			"FargateWeb.targetProtocol": "HTTPS", "FargateWeb.loadBalancingAlgorithm": "LEAST_OUTSTANDING_REQUESTS",
		},
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-oidc",
		context: oidc.with(map[string]any{
			"FargateWeb.certificateArn": shared.CertificateArn, "FargateWeb.apiImage": shared.PublicImage, "FargateWeb.waf": "true",
			"FargateWeb.natGateways": "none",
		}),
		stateful: []string{
			"ApiTaskLogGroup4FA20C89", "LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-shift",
		context: map[string]any{
			"FargateWeb.deploymentStrategy": "CANARY", "FargateWeb.testCidrs": "203.0.113.0/24", "FargateWeb.executeCommand": "true",
			"FargateWeb.certificateArn": shared.CertificateArn, "profile": "prod", "runtimeMonitoring": "true",
		},
		stateful: []string{
			"AlarmsTopicKey8C8D9492", "ClusterExecuteCommandKeyB66A1346", "ClusterExecuteCommandLogGroup8FFF2C26", "LoadBalancerAccessLogsB27DFC85",
			"TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-cloudfront",
		context: map[string]any{
			"FargateWeb.cloudFront": "true", "FargateWeb.apiImage": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/api:2.0",
		},
		stateful: []string{
			"ApiTaskLogGroup4FA20C89", "DistributionAccessLogs02AD2349", "InternalLoadBalancerAccessLogs75F31FF7", "TaskLogGroup1B4092C9",
			"VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-edge",
		context: map[string]any{
			"FargateWeb.cloudFront": "true", "FargateWeb.waf": "true", "FargateWeb.wafLogs": "true", "FargateWeb.wafBlockedCountries": "AQ",
			"profile": "prod", "FargateWeb.domainName": "www.example.com",
			"FargateWeb.hostedZoneId": "Z0123456789ABCDEFGHIJ", "FargateWeb.hostedZoneName": "example.com",
			"FargateWeb.deploymentStrategy": "CANARY", "FargateWeb.testCidrs": "10.1.0.0/16",
		},
		account: "111122223333", region: "us-east-1",
		stateful: []string{
			"AlarmsTopicKey8C8D9492", "DistributionAccessLogs02AD2349", "InternalLoadBalancerAccessLogs75F31FF7", "TaskLogGroup1B4092C9",
			"VpcFlowLogGroupBF601037", "WebAclLogGroup9469B567",
		},
	},
}

// oidc is an identity provider.
var oidc = contextKeys{
	"FargateWeb.oidcIssuer":                "https://login.example.com",
	"FargateWeb.oidcAuthorizationEndpoint": "https://login.example.com/authorize",
	"FargateWeb.oidcTokenEndpoint":         "https://login.example.com/token",
	"FargateWeb.oidcUserInfoEndpoint":      "https://login.example.com/userinfo",
	"FargateWeb.oidcClientId":              "shop",
	"FargateWeb.oidcClientSecretArn":       "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3",
	"FargateWeb.oidcClientSecretKey":       "client_secret",
}

type contextKeys map[string]any

// with adds more keys.
func (k contextKeys) with(more map[string]any) map[string]any {
	all := maps.Clone(map[string]any(k))
	maps.Copy(all, more)
	return all
}

// Nobody reaches either service without having signed in, and the secret of the load balancer is not in the template.
func TestVisitorsSignIn(t *testing.T) {
	tpl := cdktest.Synth(t, buildStack(t, "FargateWeb", oidc.with(map[string]any{
		"FargateWeb.certificateArn": shared.CertificateArn, "FargateWeb.apiImage": shared.PublicImage,
	})))
	rules := tpl.All("AWS::ElasticLoadBalancingV2::ListenerRule")
	assert.Len(t, rules, 2)
	for _, rule := range rules {
		assert.Equal(t, "HTTPS", rule.Ref("ListenerArn").Get("Protocol"))
		cdktest.Has(t, rule, map[string]any{
			"Actions.0.Type":                                 "authenticate-oidc",
			"Actions.0.Order":                                1.0,
			"Actions.0.AuthenticateOidcConfig.Issuer":        "https://login.example.com",
			"Actions.0.AuthenticateOidcConfig.TokenEndpoint": "https://login.example.com/token",
			"Actions.0.AuthenticateOidcConfig.ClientId":      "shop",
			"Actions.1.Type":                                 "forward",
			"Actions.1.Order":                                2.0,
			"Actions.0.AuthenticateOidcConfig.ClientSecret": "{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:" +
				"oidc-a1b2c3:SecretString:client_secret::}}",
		}, rule.Path())
		want := any(nil)
		if strings.Contains(rule.Path(), "/ApiService/") {
			want = "deny"
		}
		assert.Equal(t, want, rule.Get("Actions.0.AuthenticateOidcConfig.OnUnauthenticatedRequest"), rule.Path())
	}
	for _, listener := range tpl.All("AWS::ElasticLoadBalancingV2::Listener") {
		assert.NotEqual(t, "forward", listener.Get("DefaultActions.0.Type"), "a door beside the one that is locked")
	}
	group := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer").Ref("SecurityGroups.0")
	assert.Contains(t, group.Get("SecurityGroupEgress"), map[string]any{"CidrIp": "0.0.0.0/0", "Description": "Identity provider",
		"FromPort": 443.0, "IpProtocol": "tcp", "ToPort": 443.0}, "the load balancer can't reach the identity provider")
}

// AWS WAF would answer 403 to some who come back from signing in.
func TestSigningInPassesTheLimitsOfAwsWaf(t *testing.T) {
	counted := func(more map[string]any) any {
		more["FargateWeb.waf"], more["FargateWeb.certificateArn"] = "true", shared.CertificateArn
		acl := cdktest.Synth(t, buildStack(t, "FargateWeb", more)).Only("AWS::WAFv2::WebACL")
		assert.Equal(t, "AWSManagedRulesCommonRuleSet", acl.Get("Rules.1.Name"))
		return acl.Get("Rules.1.Statement.ManagedRuleGroupStatement.RuleActionOverrides")
	}
	count := map[string]any{"Count": map[string]any{}}
	assert.Equal(t, []any{
		map[string]any{"Name": "SizeRestrictions_QUERYSTRING", "ActionToUse": count},
		map[string]any{"Name": "SizeRestrictions_Cookie_HEADER", "ActionToUse": count},
	}, counted(oidc.with(nil)))
	assert.Nil(t, counted(map[string]any{}), "without signing in, all rules block")
}

func TestFargateWebStaysSmall(t *testing.T) {
	count := cdktest.Synth(t, buildStack(t, "FargateWeb", nil)).Count()
	total := 0
	for _, n := range count {
		total += n
	}
	// ecs-patterns needs 52. The six beyond them are the flow logs (4) and what it leaves out of the access log (2).
	assert.LessOrEqual(t, total, 58)
	assert.Equal(t, 1, count["AWS::Lambda::Function"], "only the one that closes the default security group")
}

func TestProfilesDiffer(t *testing.T) {
	for profile, want := range map[string]struct {
		nat       int
		min, max  float64
		logs      string
		retention float64
	}{
		"dev":  {1, 1, 2, "Delete", 7},
		"prod": {3, 2, 10, "RetainExceptOnCreate", 180},
	} {
		stack := buildStack(t, "FargateWeb", map[string]any{"profile": profile, "FargateWeb.certificateArn": shared.CertificateArn})
		tpl := cdktest.Synth(t, stack)
		assert.Len(t, tpl.All("AWS::EC2::NatGateway"), want.nat, profile)
		target := tpl.Only("AWS::ApplicationAutoScaling::ScalableTarget")
		cdktest.Has(t, target, map[string]any{
			"MinCapacity": want.min,
			"MaxCapacity": want.max,
		}, profile)
		for _, group := range tpl.All("AWS::Logs::LogGroup") {
			assert.Equal(t, want.logs, group.DeletionPolicy, profile)
			assert.Equal(t, want.retention, group.Get("RetentionInDays"), profile)
		}
	}
}

// The second service: its requests come to it, the first reaches it by name, and both are watched.
func TestFargateWebWithASecondService(t *testing.T) {
	tpl := cdktest.Synth(
		t,
		buildStack(
			t,
			"FargateWeb",
			map[string]any{"FargateWeb.apiImage": shared.PublicImage, "FargateWeb.apiPort": "9000", "FargateWeb.deploymentStrategy": "CANARY",
				"FargateWeb.alarmEmail": "on-call@example.com"},
		),
	)
	web, api := tpl.At("AWS::ECS::Service", "FargateWeb/Service/"), tpl.At("AWS::ECS::Service", "FargateWeb/ApiService/")
	for _, service := range []*cdktest.Resource{web, api} {
		rule := service.Ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule")
		assert.Same(t, tpl.Only("AWS::ElasticLoadBalancingV2::Listener"), rule.Ref("ListenerArn"))
		assert.Equal(t, []any{100.0, 0.0}, shared.Weights(tpl, rule.Get("Actions.0"), service.Ref("LoadBalancers.0.TargetGroupArn"),
			service.Ref("LoadBalancers.0.AdvancedConfiguration.AlternateTargetGroupArn")))
		assert.Equal(t, true, service.Get("DeploymentConfiguration.Alarms.Rollback"), "a canary that nothing ends")
	}
	assert.Equal(
		t,
		[]any{"/api", "/api/*"},
		api.Ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule").Get("Conditions.0.PathPatternConfig.Values"),
	)
	assert.Less(t, api.Ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule").Get("Priority"),
		web.Ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule").Get("Priority"), "the site would take the api's requests")

	assert.Equal(t, []any{map[string]any{"DnsName": "api", "Port": 9000.0}}, api.Get("ServiceConnectConfiguration.Services.0.ClientAliases"))
	assert.Same(t, api.Ref("ServiceConnectConfiguration.Namespace"), web.Ref("ServiceConnectConfiguration.Namespace"))
	assert.Contains(t, web.Dependencies(), api.Id)
	call := tpl.At("AWS::EC2::SecurityGroupIngress", "ApiService/SecurityGroup/from FargateWebService")
	assert.Same(t, web.Ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0"), call.Ref("SourceSecurityGroupId"))
	assert.Equal(t, 9000.0, call.Get("FromPort"))

	watched := map[string]int{}
	for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
		if alarm.Get("AlarmActions") != nil {
			assert.Same(t, tpl.Only("AWS::SNS::Topic"), alarm.Ref("AlarmActions.0"))
			watched[strings.Split(alarm.Path(), "/")[1]]++
		}
	}
	assert.Equal(t, map[string]int{"Alarms": 8, "ApiAlarms": 7}, watched, "the load balancer's own errors are told once")
}

func TestStackIsRefusedWithItsPath(t *testing.T) {
	app := cdktest.App(t)
	env := &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")}
	for id, c := range map[string]struct {
		props *stacks.FargateWebProps
		want  string
	}{
		"Bare": {nil, "Bare: Image is required without Directory and ImageRepository"},
		"Two": {&stacks.FargateWebProps{Image: shared.PublicImage, ImageRepository: "team/web"},
			`Two: ImageRepository must not be set together with Image or Directory; got "team/web"; remove one of them`},
		"NoTests": {&stacks.FargateWebProps{Image: shared.PublicImage, TestCidrs: []string{"203.0.113.0/24"}},
			`NoTests: TestCidrs requires DeploymentStrategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"`},
		"NoVpc": {&stacks.FargateWebProps{Image: shared.PublicImage, VpcId: "nonsense", Env: env},
			`NoVpc/Vpc: vpcId must be a VPC ID such as "vpc-0123456789abcdef0"; got "nonsense"`},
		"Nowhere": {&stacks.FargateWebProps{Image: shared.PublicImage, VpcId: "vpc-0123456789abcdef0"},
			"Nowhere/Vpc: vpcId requires a stack with an account and a Region, where the VPC is looked up; set Env of the stack, or use " +
				"network.VpcFrom"},
	} {
		assert.Equal(t, []string{c.want}, cdktest.Refused(t, func() { stacks.NewFargateWeb(app, id, c.props) }))
	}
}

// In prod, a site without HTTPS is worth a word; a strict synth fails on it until somebody acknowledges it.
func TestProdWarnsOfPlainHTTP(t *testing.T) {
	_, warnings := cdktest.SynthAnnotated(t, buildStack(t, "FargateWeb", map[string]any{"profile": "prod"}))
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "/FargateWeb: FargateWeb serves plain HTTP to the internet")
}

// The thresholds of the stacks' props reach the alarms that end a deployment.
func TestRollbackThresholds(t *testing.T) {
	app := cdktest.App(t)
	for _, stack := range []awscdk.Stack{
		stacks.NewFargateWeb(app, "FargateWeb", &stacks.FargateWebProps{Image: shared.PublicImage,
			RollbackOnErrors: true, RollbackErrorPercent: 1, RollbackMinRequests: 300}),
		stacks.NewEc2Web(app, "Ec2Web", &stacks.Ec2WebProps{Image: shared.PublicImage,
			RollbackOnErrors: true, RollbackErrorPercent: 1, RollbackMinRequests: 300}),
	} {
		tpl := cdktest.Synth(t, stack)
		alarm := tpl.At("AWS::ECS::Service", "Web/Service/").Ref("DeploymentConfiguration.Alarms.AlarmNames.0")
		cdktest.Has(t, alarm, map[string]any{
			"Threshold":            1.0,
			"Metrics.0.Expression": "100 * failed / IF(requests > 300, requests, 300)",
		})
	}
}
