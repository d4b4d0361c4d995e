package test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks"
	"awscontainers/stacks/settings"
)

// variant is a stack as some user would have it.
type variant struct {
	name  string // of the snapshot
	build func(t *testing.T, app awscdk.App, id string) awscdk.Stack
	// stateful are the logical ids of what holds data: a change replaces it, and with it what it holds.
	stateful []string
}

// variants are those of all stacks.
var variants = slices.Concat(fargateWebVariants, ec2WebVariants, nlbServiceVariants, sharedStorageVariants, registryVariants,
	eventDrivenTaskVariants, scheduledTaskVariants, taskStateAlertsVariants, eksNodesVariants, eksStorageVariants, appRunnerServiceVariants, expressServiceVariants)

var fargateWebVariants = []variant{
	{
		name:  "FargateWeb",
		build: fargateWeb(nil),
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-prod",
		build: fargateWeb(map[string]any{
			"profile": "prod", "FargateWeb.domainName": "www.example.com", "FargateWeb.hostedZoneId": "Z0123456789ABCDEFGHIJ",
			"FargateWeb.hostedZoneName": "example.com", "FargateWeb.alarmEmail": "on-call@example.com",
		}),
		stateful: []string{
			"AlarmsKey3C2381B3", "LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-certificate",
		build: fargateWeb(map[string]any{
			"FargateWeb.certificateArn": certificateArn,
			"FargateWeb.image":          "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2",
		}),
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-two",
		build: fargateWeb(map[string]any{
			"FargateWeb.apiImage": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/api:2.0", "FargateWeb.apiPort": "9000",
			"FargateWeb.waf": "true", "FargateWeb.openTelemetry": "true", "FargateWeb.alarmEmail": "on-call@example.com",
		}),
		stateful: []string{
			"AlarmsKey3C2381B3", "ApiTaskLogGroup4FA20C89", "LoadBalancerAccessLogsB27DFC85", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "FargateWeb-shift",
		build: fargateWeb(map[string]any{
			"FargateWeb.deploymentStrategy": "CANARY", "FargateWeb.testCidrs": "203.0.113.0/24", "FargateWeb.executeCommand": "true",
			"FargateWeb.certificateArn": certificateArn, "profile": "prod",
		}),
		stateful: []string{
			"AlarmsKey3C2381B3", "ClusterExecuteCommandKeyB66A1346", "ClusterExecuteCommandLogGroup8FFF2C26", "LoadBalancerAccessLogsB27DFC85",
			"TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
}

func fargateWeb(context map[string]any) func(*testing.T, awscdk.App, string) awscdk.Stack {
	return builder{name: "FargateWeb", context: context}.build
}

// builder builds a stack as the app does, from its context keys.
type builder struct {
	name    string
	context map[string]any
	// account and region are where the stack goes. Default: open.
	account, region string
}

func (b builder) build(t *testing.T, app awscdk.App, id string) awscdk.Stack {
	t.Helper()
	s, err := settings.Parse(b.context, b.account, b.region)
	require.NoError(t, err)
	if p, isTask := s.Props(b.name).(*stacks.EventDrivenTaskProps); isTask && p.ImageDirectory != "" {
		p.ImageDirectory = "../" + p.ImageDirectory // tests run elsewhere than cdk
	}
	return s.New(app, b.name, id)
}

// stackName is the stack's own, whatever the variant.
func (v variant) stackName() string {
	name, _, _ := strings.Cut(v.name, "-")
	return name
}

// synth gives the variant's template, made once.
func (v variant) synth(t *testing.T) *template {
	t.Helper()
	if synthesized[v.name] == nil {
		synthesized[v.name] = synth(t, v.build(t, newApp(t, nil), v.stackName()))
	}
	return synthesized[v.name]
}

var synthesized = map[string]*template{}

// A snapshot that has changed is to be read: `make snapshots` writes it anew, git shows what that does to a stack that runs.
func TestSnapshots(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			tpl := v.synth(t)
			compareSnapshot(t, v.name+".template.json", assetHash.ReplaceAllString(string(tpl.raw), "<asset hash>"))
			assert.Equal(t, v.stateful, stateful(tpl), "logical ids of what holds data")
		})
	}
}

// assetHash is part of the name of every file asset; a release of the CDK changes it and nothing else.
var assetHash = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

func compareSnapshot(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("snapshots", name)
	if os.Getenv("UPDATE_SNAPSHOTS") != "" {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "write it with `make snapshots`")
	if string(want) == got {
		return
	}
	before, after := changedLines(strings.Split(string(want), "\n"), strings.Split(got, "\n"))
	t.Errorf("%s is no longer what is synthesized. If the change is meant, run `make snapshots` and read the diff of the file.\n"+
		"--- snapshot\n%s\n+++ synthesized\n%s", file, strings.Join(before, "\n"), strings.Join(after, "\n"))
}

// changedLines leaves out what two texts have in common at both ends, and all but a screenful of the rest.
func changedLines(a, b []string) (before, after []string) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	const screen = 15
	return a[:min(len(a), screen)], b[:min(len(b), screen)]
}

// stateful gives the sorted logical ids of the resources that hold data, or the addresses that clients keep.
func stateful(tpl *template) (ids []string) {
	for id, r := range tpl.Resources {
		switch r.Type {
		case "AWS::EKS::Cluster", "AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::KMS::Key", "AWS::DynamoDB::Table", "AWS::EFS::FileSystem", "AWS::FSx::FileSystem", "AWS::FSx::StorageVirtualMachine", "AWS::SecretsManager::Secret", "AWS::ECR::Repository",
			"AWS::ECR::PublicRepository":
			ids = append(ids, id)
		case "AWS::EC2::EIP":
			if strings.Contains(r.path(), "/ElasticIp") { // that clients know, unlike a NAT gateway's
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

func TestTwoSynthsAreIdentical(t *testing.T) {
	for _, v := range variants {
		first := v.synth(t)
		second := synth(t, v.build(t, newApp(t, nil), v.stackName()))
		assert.True(t, bytes.Equal(first.raw, second.raw), v.name)
	}
}

func TestFargateWebStaysSmall(t *testing.T) {
	count := synth(t, fargateWeb(nil)(t, newApp(t, nil), "FargateWeb")).count()
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
		protected string
	}{
		"dev":  {1, 1, 2, "Delete", 7, "false"},
		"prod": {3, 2, 10, "RetainExceptOnCreate", 180, "true"},
	} {
		stack := fargateWeb(map[string]any{"profile": profile, "FargateWeb.certificateArn": certificateArn})(t, newApp(t, nil), "FargateWeb")
		assert.Equal(t, want.protected == "true", *stack.TerminationProtection())
		tpl := synth(t, stack)
		assert.Len(t, tpl.all("AWS::EC2::NatGateway"), want.nat, profile)
		target := tpl.only("AWS::ApplicationAutoScaling::ScalableTarget")
		assert.Equal(t, []any{want.min, want.max}, []any{target.get("MinCapacity"), target.get("MaxCapacity")}, profile)
		for _, group := range tpl.all("AWS::Logs::LogGroup") {
			assert.Equal(t, want.logs, group.DeletionPolicy, profile)
			assert.Equal(t, want.retention, group.get("RetentionInDays"), profile)
		}
		assert.Equal(t, want.protected, attribute(tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer"), "deletion_protection.enabled"), profile)
	}
}

// The second service: its requests come to it, the first reaches it by name, and both are watched.
func TestFargateWebWithASecondService(t *testing.T) {
	tpl := synth(t, fargateWeb(map[string]any{"FargateWeb.apiImage": publicImage, "FargateWeb.apiPort": "9000", "FargateWeb.deploymentStrategy": "CANARY",
		"FargateWeb.alarmEmail": "on-call@example.com"})(t, newApp(t, nil), "FargateWeb"))
	web, api := tpl.at("AWS::ECS::Service", "FargateWeb/Service/"), tpl.at("AWS::ECS::Service", "FargateWeb/ApiService/")
	for _, service := range []*resource{web, api} {
		rule := service.ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule")
		assert.Same(t, tpl.only("AWS::ElasticLoadBalancingV2::Listener"), rule.ref("ListenerArn"))
		assert.Equal(t, []any{100.0, 0.0}, weights(tpl, rule.get("Actions.0"), service.ref("LoadBalancers.0.TargetGroupArn"),
			service.ref("LoadBalancers.0.AdvancedConfiguration.AlternateTargetGroupArn")))
		assert.Equal(t, true, service.get("DeploymentConfiguration.Alarms.Rollback"), "a canary that nothing ends")
	}
	assert.Equal(t, []any{"/api", "/api/*"}, api.ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule").get("Conditions.0.PathPatternConfig.Values"))
	assert.Less(t, api.ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule").get("Priority"),
		web.ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule").get("Priority"), "the site would take the api's requests")

	assert.Equal(t, []any{map[string]any{"DnsName": "api", "Port": 9000.0}}, api.get("ServiceConnectConfiguration.Services.0.ClientAliases"))
	assert.Same(t, api.ref("ServiceConnectConfiguration.Namespace"), web.ref("ServiceConnectConfiguration.Namespace"))
	assert.Contains(t, web.dependsOn(), api.id)
	call := tpl.at("AWS::EC2::SecurityGroupIngress", "ApiService/SecurityGroup/from FargateWebService")
	assert.Same(t, web.ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0"), call.ref("SourceSecurityGroupId"))
	assert.Equal(t, 9000.0, call.get("FromPort"))

	watched := map[string]int{}
	for _, alarm := range tpl.all("AWS::CloudWatch::Alarm") {
		if alarm.get("AlarmActions") != nil {
			assert.Same(t, tpl.only("AWS::SNS::Topic"), alarm.ref("AlarmActions.0"))
			watched[strings.Split(alarm.path(), "/")[1]]++
		}
	}
	assert.Equal(t, map[string]int{"Alarms": 8, "ApiAlarms": 7}, watched, "the load balancer's own errors are told once")
}

func TestStackIsRefusedWithItsPath(t *testing.T) {
	app := newApp(t, nil)
	env := &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")}
	for id, c := range map[string]struct {
		props *stacks.FargateWebProps
		want  string
	}{
		"Bare": {nil, "Bare: Image is required"},
		"NoTests": {&stacks.FargateWebProps{Image: publicImage, TestCidrs: []string{"203.0.113.0/24"}},
			`NoTests: TestCidrs requires DeploymentStrategy BLUE_GREEN, LINEAR or CANARY; got "203.0.113.0/24"`},
		"NoVpc": {&stacks.FargateWebProps{Image: publicImage, VpcId: "nonsense", Env: env},
			`NoVpc/Vpc: VpcId must be a VPC ID such as "vpc-0123456789abcdef0"; got "nonsense"`},
		"Nowhere": {&stacks.FargateWebProps{Image: publicImage, VpcId: "vpc-0123456789abcdef0"},
			"Nowhere/Vpc: VpcId requires a stack with an account and a Region, where the VPC is looked up; set Env of the stack, or use network.VpcFrom"},
	} {
		assert.Equal(t, []string{c.want}, refusal(t, func() { stacks.NewFargateWeb(app, id, c.props) }))
	}
}

// In prod, a site without HTTPS is worth a word; a strict synth fails on it until somebody acknowledges it.
func TestProdWarnsOfPlainHTTP(t *testing.T) {
	_, warnings := synthAnnotated(t, fargateWeb(map[string]any{"profile": "prod"})(t, newApp(t, nil), "FargateWeb"))
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "/FargateWeb: FargateWeb serves plain HTTP to the internet")
}

// Whoever copies a construct may have none of the feature flags of this cdk.json.
func TestFeatureFlagsChangeNothing(t *testing.T) {
	normal := func(tpl *template) map[string]*resource {
		for _, service := range tpl.all("AWS::ECS::Service") {
			deployment := service.get("DeploymentConfiguration").(map[string]any)
			if dig(deployment, "Alarms.Enable") == false {
				delete(deployment, "Alarms") // none, and switched off
			}
			if len(list(service.get("LoadBalancers"))) == 0 {
				delete(service.Properties, "LoadBalancers")
			}
		}
		for _, policy := range tpl.all("AWS::IAM::Policy") {
			policy.Properties["PolicyDocument"] = grants(t, policy)
		}
		return tpl.Resources
	}
	for _, v := range variants {
		if v.name != v.stackName() {
			continue // one of each stack says it
		}
		bare := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), TreeMetadata: jsii.Bool(false),
			AnalyticsReporting: jsii.Bool(false), Context: &map[string]any{"aws:cdk:enable-path-metadata": true}})
		with, without := normal(synth(t, v.build(t, newApp(t, nil), v.name))), normal(synth(t, v.build(t, bare, v.name)))
		assert.Equal(t, slices.Sorted(maps.Keys(with)), slices.Sorted(maps.Keys(without)), v.name)
		for id, r := range with {
			if without[id] != nil {
				assert.Equal(t, r.Properties, without[id].Properties, "%s: %s", v.name, id)
			}
		}
	}
}

// grants are what a policy allows, one action on one resource each, however its statements are put together.
func grants(t *testing.T, policy *resource) (all []string) {
	t.Helper()
	for _, statement := range list(policy.get("PolicyDocument.Statement")) {
		for _, action := range list(dig(statement, "Action")) {
			for _, target := range list(dig(statement, "Resource")) {
				text, err := json.Marshal([]any{dig(statement, "Effect"), action, target, dig(statement, "Condition")})
				require.NoError(t, err)
				all = append(all, string(text))
			}
		}
	}
	slices.Sort(all)
	return all
}

// The functions that CloudFormation cannot do without: one closes a VPC's default security group, and where there is a Kubernetes cluster, two
// apply objects to it, kubectl and the CDK's framework that calls it.
func TestNoStackHasAnotherLambda(t *testing.T) {
	for _, v := range variants {
		tpl := v.synth(t)
		var want, got []string
		if len(tpl.all("AWS::EC2::VPC")) > 0 {
			want = append(want, "/Custom::VpcRestrictDefaultSGCustomResourceProvider/Handler")
		}
		if len(tpl.all("AWS::EKS::Cluster")) > 0 {
			want = append(want, "/Cluster/Cluster/KubectlProvider/Handler/Resource", "/Cluster/Cluster/KubectlProvider/Provider/framework-onEvent/Resource")
		}
		for _, function := range tpl.all("AWS::Lambda::Function") {
			got = append(got, strings.TrimPrefix(function.path(), v.stackName()))
		}
		assert.ElementsMatch(t, want, got, v.name)
		assert.Empty(t, tpl.all("AWS::CloudFormation::Stack"), "%s: a stack in the stack", v.name)
	}
}

// cdk destroy does not get stuck on instances, in any stack that has them: what uses a capacity provider is deleted before the cluster
// lets go of it, that before the provider, and that before the instances, which nothing leaves protected unless asked to.
func TestStacksWithInstancesAreDeletedInOrder(t *testing.T) {
	checked := 0
	for _, v := range variants {
		tpl := v.synth(t)
		for _, provider := range tpl.all("AWS::ECS::CapacityProvider") {
			checked++
			association, instances := tpl.only("AWS::ECS::ClusterCapacityProviderAssociations"), provider.ref("AutoScalingGroupProvider.AutoScalingGroupArn")
			for _, service := range tpl.all("AWS::ECS::Service") {
				assert.True(t, service.comesAfter(association), "%s: %s", v.name, service.path())
			}
			assert.True(t, association.comesAfter(provider), v.name)
			assert.True(t, provider.comesAfter(instances), v.name)
			assert.True(t, instances.comesAfter(tpl.only("AWS::ECS::Cluster")), v.name)
			assert.Equal(t, v.name == "Ec2Web-spot", instances.get("NewInstancesProtectedFromScaleIn"), v.name)
		}
	}
	assert.GreaterOrEqual(t, checked, 5)
}

// A synth with an account and a Region asks AWS nothing, so that it works without credentials as well.
func TestNoLookUps(t *testing.T) {
	build := func(vpcId string) (missing string, tpl *template) {
		app := newApp(t, nil)
		stack := stacks.NewFargateWeb(app, "FargateWeb", &stacks.FargateWebProps{
			Env: &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")}, VpcId: vpcId, Image: publicImage,
		})
		tpl = synth(t, stack)
		manifest, err := os.ReadFile(filepath.Join(*app.Outdir(), "manifest.json"))
		require.NoError(t, err)
		_, missing, _ = strings.Cut(string(manifest), `"missing"`)
		return missing, tpl
	}
	missing, _ := build("")
	assert.Empty(t, missing)

	missing, tpl := build("vpc-0123456789abcdef0")
	assert.Contains(t, missing, `"provider": "vpc-provider"`)
	assert.Empty(t, tpl.all("AWS::EC2::VPC"), "one was made beside the one to use")
	assert.Empty(t, tpl.all("AWS::EC2::NatGateway"))
}
