package stacks_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks"
	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

// variant is a stack as some user would have it.
type variant struct {
	// name is the name of the snapshot: that of the stack, and what is special about it after a hyphen.
	name    string
	context map[string]any
	// account and region are where the stack goes. Default: open.
	account, region string
	// stateful are the logical ids of what holds data: a change replaces it, and with it what it holds.
	stateful []string
}

// variants are those of all stacks.
var variants = slices.Concat(
	fargateWebVariants, ec2WebVariants, nlbServiceVariants, gatewayServicesVariants, sharedStorageVariants, registryVariants,
	eventDrivenTaskVariants, scheduledTaskVariants, queueWorkerVariants, taskStateAlertsVariants, eksNodesVariants, eksStorageVariants,
	appRunnerServiceVariants, expressServiceVariants,
)

// variantNamed finds a variant.
func variantNamed(t *testing.T, name string) variant {
	t.Helper()
	i := slices.IndexFunc(variants, func(v variant) bool { return v.name == name })
	require.GreaterOrEqual(t, i, 0, "there is no variant %q", name)
	return variants[i]
}

// stackName is the name of the stack, whatever the variant.
func (v variant) stackName() string {
	name, _, _ := strings.Cut(v.name, "-")
	return name
}

// build builds the stack as the app does, from its context keys.
func (v variant) build(t *testing.T, app awscdk.App, id string) awscdk.Stack {
	t.Helper()
	s, err := settings.Parse(v.context, v.account, v.region)
	require.NoError(t, err)
	switch p := s.Props(v.stackName()).(type) { // tests run elsewhere than cdk
	case *stacks.EventDrivenTaskProps:
		p.Directory = strings.Replace(p.Directory, "stacks/objectdigest", "../../stacks/objectdigest", 1)
	case *stacks.QueueWorkerProps:
		p.Directory = strings.Replace(p.Directory, "stacks/primecount", "../../stacks/primecount", 1)
	}
	return s.New(app, v.stackName(), id)
}

// buildStack builds a stack in an app of its own, from context keys.
func buildStack(t *testing.T, name string, context map[string]any) awscdk.Stack {
	t.Helper()
	return variant{name: name, context: context}.build(t, cdktest.App(t), name)
}

// synth gives the variant's template, made once.
func (v variant) synth(t *testing.T) *cdktest.Template {
	t.Helper()
	if synthesized[v.name] == nil {
		synthesized[v.name] = cdktest.Synth(t, v.build(t, cdktest.App(t), v.stackName()))
	}
	return synthesized[v.name].For(t)
}

var synthesized = map[string]*cdktest.Template{}

// Every stack has a variant without context keys, and is tested by all tests of variants.
func TestEveryStackHasVariants(t *testing.T) {
	for _, name := range settings.Names() {
		assert.Empty(t, variantNamed(t, name).context, name)
	}
	files, err := filepath.Glob("../snapshots/*")
	require.NoError(t, err)
	assert.Len(t, files, len(variants), "a snapshot of no variant")
}

// `make snapshots` writes the snapshots anew; git shows what that does to a stack that runs.
func TestSnapshots(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			tpl := v.synth(t)
			cdktest.Snapshot(t, tpl, "../snapshots/"+v.name+".template.json")
			assert.Equal(t, v.stateful, stateful(tpl), "logical ids of what holds data")
		})
	}
}

// Volumes and Kubernetes objects are deleted before what deletes them, in each variant with a cluster.
func TestVolumesAreDeletedBeforeWhatDeletesThem(t *testing.T) {
	for _, v := range slices.Concat(eksNodesVariants, eksStorageVariants) {
		assert.Empty(t, shared.DeletionFaults(v.synth(t)), v.name)
	}
}

// Security groups let out what is needed. Those that let everything out belong to programs of users, which call whom they like.
func TestSecurityGroupsLetOutWhatIsNeeded(t *testing.T) {
	open := map[string]bool{}
	for _, v := range variants {
		for _, group := range v.synth(t).All("AWS::EC2::SecurityGroup") {
			for _, rule := range cdktest.List(group.Get("SecurityGroupEgress")) {
				if cdktest.Dig(rule, "IpProtocol") == "-1" {
					description, _ := group.Get("GroupDescription").(string)
					words := strings.Fields(description)
					open[words[0]] = true
				}
			}
		}
	}
	assert.Equal(t, []string{"Instances", "Tasks"}, slices.Sorted(maps.Keys(open)), "the first words of descriptions")
}

// The drivers of volumes accept every class, volume and claim.
func TestDriversAcceptTheVolumes(t *testing.T) {
	for _, v := range eksStorageVariants {
		assert.Empty(t, shared.DriverFaults(v.synth(t)), v.name)
	}
}

// stateful gives the sorted logical ids of the resources that hold data, or the addresses that clients keep.
func stateful(tpl *cdktest.Template) (ids []string) {
	for id, r := range tpl.Resources {
		switch r.Type {
		case "AWS::EKS::Cluster",
			"AWS::S3::Bucket",
			"AWS::Logs::LogGroup",
			"AWS::KMS::Key",
			"AWS::DynamoDB::Table",
			"AWS::ECS::Gateway", // with the addresses of its services
			"AWS::EFS::FileSystem",
			"AWS::FSx::FileSystem",
			"AWS::FSx::StorageVirtualMachine",
			"AWS::SecretsManager::Secret",
			"AWS::ECR::Repository",
			"AWS::ECR::PublicRepository":
			ids = append(ids, id)
		case "AWS::SQS::Queue":
			if strings.Contains(r.Path(), "/Jobs/") { // whose messages are somebody's work
				ids = append(ids, id)
			}
		case "AWS::EC2::EIP":
			if strings.Contains(r.Path(), "/ElasticIp") { // that clients know, unlike a NAT gateway's
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// The second is that with cdk-nag, which changes nothing either.
func TestTwoSynthsAreIdentical(t *testing.T) {
	for _, v := range variants {
		assert.True(t, bytes.Equal(v.synth(t).Raw, v.audit(t).template.Raw), v.name)
	}
}

// Whoever copies a construct may have none of the feature flags of this cdk.json.
func TestFeatureFlagsChangeNothing(t *testing.T) {
	for _, v := range variants {
		if v.name != v.stackName() {
			continue // one of each stack says it
		}
		bare := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), TreeMetadata: jsii.Bool(false),
			AnalyticsReporting: jsii.Bool(false), Context: &map[string]any{"aws:cdk:enable-path-metadata": true}})
		with, without := normalized(t, v.synth(t)), normalized(t, cdktest.Synth(t, v.build(t, bare, v.name)))
		assert.Equal(t, slices.Sorted(maps.Keys(with)), slices.Sorted(maps.Keys(without)), v.name)
		for id, properties := range with {
			if without[id] != nil {
				assert.Equal(t, properties, without[id], "%s: %s", v.name, id)
			}
		}
	}
}

// normalized gives the properties of a template's resources in one of the forms that mean the same.
func normalized(t *testing.T, tpl *cdktest.Template) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for id, r := range tpl.Resources {
		p := maps.Clone(r.Properties)
		if p == nil {
			p = map[string]any{}
		}
		switch r.Type {
		case "AWS::ECS::Service":
			if r.Get("DeploymentConfiguration.Alarms.Enable") == false {
				deployment := maps.Clone(p["DeploymentConfiguration"].(map[string]any))
				delete(deployment, "Alarms") // none, and switched off
				p["DeploymentConfiguration"] = deployment
			}
			if len(cdktest.List(p["LoadBalancers"])) == 0 {
				delete(p, "LoadBalancers")
			}
		case "AWS::IAM::Policy":
			p["PolicyDocument"] = cdktest.Permissions(t, r)
		}
		all[id] = p
	}
	return all
}

// The functions that CloudFormation cannot do without: one closes a VPC's default security group, and where there is a
// Kubernetes cluster, two apply objects to it, kubectl and the CDK's framework that calls it. ECS calls another one to migrate.
func TestNoStackHasAnotherLambda(t *testing.T) {
	for _, v := range variants {
		tpl := v.synth(t)
		var want, got []string
		if len(tpl.All("AWS::EC2::VPC")) > 0 {
			want = append(want, "/Custom::VpcRestrictDefaultSGCustomResourceProvider/Handler")
		}
		if len(tpl.All("AWS::EKS::Cluster")) > 0 {
			want = append(
				want,
				"/Cluster/Cluster/KubectlProvider/Handler/Resource",
				"/Cluster/Cluster/KubectlProvider/Provider/framework-onEvent/Resource",
			)
		}
		if v.context["FargateWeb.migrationCommand"] != nil {
			want = append(want, "/Service/Steps/Function/Resource")
		}
		for _, function := range tpl.All("AWS::Lambda::Function") {
			got = append(got, strings.TrimPrefix(function.Path(), v.stackName()))
		}
		assert.ElementsMatch(t, want, got, v.name)
		assert.Empty(t, tpl.All("AWS::CloudFormation::Stack"), "%s: a stack in the stack", v.name)
	}
}

// cdk destroy does not get stuck on instances, in any stack that has them: what uses a capacity provider is deleted before the cluster
// lets go of it, that before the provider, and that before the instances, which nothing leaves protected unless asked to.
func TestStacksWithInstancesAreDeletedInOrder(t *testing.T) {
	checked := 0
	for _, v := range variants {
		tpl := v.synth(t)
		for _, provider := range tpl.All("AWS::ECS::CapacityProvider") {
			checked++
			if provider.Get("ManagedInstancesProvider") != nil { // belongs to its cluster from the start
				for _, service := range tpl.All("AWS::ECS::Service") {
					cdktest.DeletedInOrder(t, service, provider, tpl.Only("AWS::ECS::Cluster"))
				}
				continue
			}
			association := tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations")
			instances := provider.Ref("AutoScalingGroupProvider.AutoScalingGroupArn")
			for _, service := range tpl.All("AWS::ECS::Service") {
				cdktest.DeletedInOrder(t, service, association)
			}
			cdktest.DeletedInOrder(t, association, provider, instances, tpl.Only("AWS::ECS::Cluster"))
			assert.Equal(t, v.name == "Ec2Web-spot", instances.Get("NewInstancesProtectedFromScaleIn"), v.name)
		}
	}
	assert.GreaterOrEqual(t, checked, 5)
}

// Every stack with tasks on Fargate has roles that may pull GuardDuty's agent, and no other stack has.
func TestRuntimeMonitoring(t *testing.T) {
	const agent = "repository/aws-guardduty-agent-fargate"
	roles := map[string]int{"FargateWeb": 2, "NlbService": 1, "GatewayServices": 2, "SharedStorage": 1, "EventDrivenTask": 1,
		"ScheduledTask":   1,
		"QueueWorker":     1,
		"TaskStateAlerts": 1,
		"ExpressService":  1}
	for _, name := range []string{"FargateWeb", "Ec2Web", "NlbService", "GatewayServices", "SharedStorage", "EventDrivenTask", "ScheduledTask",
		"QueueWorker", "TaskStateAlerts",
		"ExpressService"} {
		context := map[string]any{"FargateWeb.apiImage": shared.PublicImage}
		without := cdktest.Synth(t, buildStack(t, name, context))
		assert.NotContains(t, string(without.Raw), agent, name)
		context["runtimeMonitoring"] = true
		with := cdktest.Synth(t, buildStack(t, name, context))
		policies := 0
		for _, policy := range with.All("AWS::IAM::Policy") {
			policies += strings.Count(fmt.Sprint(policy.Properties), agent)
		}
		assert.Equal(t, roles[name], policies, name)
	}
}

// A synth with an account and a Region asks AWS nothing, so that it works without credentials as well.
func TestNoLookUps(t *testing.T) {
	build := func(vpcId string) (missing string, tpl *cdktest.Template) {
		app := cdktest.App(t)
		stack := stacks.NewFargateWeb(app, "FargateWeb", &stacks.FargateWebProps{
			Env: &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")}, VpcId: vpcId, Image: shared.PublicImage,
		})
		tpl = cdktest.Synth(t, stack)
		manifest, err := os.ReadFile(filepath.Join(*app.Outdir(), "manifest.json"))
		require.NoError(t, err)
		_, missing, _ = strings.Cut(string(manifest), `"missing"`)
		return missing, tpl
	}
	missing, _ := build("")
	assert.Empty(t, missing)

	missing, tpl := build("vpc-0123456789abcdef0")
	assert.Contains(t, missing, `"provider": "vpc-provider"`)
	assert.Empty(t, tpl.All("AWS::EC2::VPC"), "one was made beside the one to use")
	assert.Empty(t, tpl.All("AWS::EC2::NatGateway"))
}
