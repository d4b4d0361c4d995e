package settings

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/network"
)

// propOf returns a field of a stack's props with a context.
func propOf(t *testing.T, context map[string]any, stack, field string) any {
	t.Helper()
	s, err := Parse(context, "", "")
	require.NoError(t, err)
	return reflect.ValueOf(s.Props(stack)).Elem().FieldByName(field).Interface()
}

func TestNatGatewaysFollowTheProfileAndTheKey(t *testing.T) {
	for _, stack := range []string{
		"FargateWeb", "Ec2Web", "NlbService", "SharedStorage", "EventDrivenTask", "ScheduledTask", "QueueWorker", "EksNodes", "EksStorage",
	} {
		gateways := func(context map[string]any) any { return propOf(t, context, stack, "NatGateways") }
		assert.Equal(t, network.NatSingle, gateways(nil), stack)
		assert.Equal(t, network.NatPerAz, gateways(map[string]any{"profile": "prod"}), stack)
		assert.Equal(t, network.NatPerAz, gateways(map[string]any{stack + ".natGateways": "per-az"}), stack)
		assert.Equal(t, network.NatSingle, gateways(map[string]any{stack + ".natGateways": "single", "profile": "prod"}), stack)
	}
	internal := map[string]any{"ExpressService.internal": true, "ExpressService.natGateways": "per-az"}
	assert.Equal(t, network.NatPerAz, propOf(t, internal, "ExpressService", "NatGateways"))
}

func TestNoNatGatewayWhereTasksNeedOne(t *testing.T) {
	const (
		instances = `: must not be "none": tasks on EC2 instances have no public addresses, and reach the internet only through one`
		nodes     = `: must not be "none": nodes and pods have no public addresses, and reach the internet only through one`
	)
	for name, want := range map[string]string{
		"Ec2Web": instances, "SharedStorage": instances, "EksNodes": nodes, "EksStorage": nodes,
		"ExpressService": `: must not be "none" with internal, whose tasks pull their image through one`,
	} {
		context := map[string]any{name + ".natGateways": "none"}
		if name == "ExpressService" {
			context["ExpressService.internal"] = true
		}
		_, err := Parse(context, "", "")
		require.EqualError(t, err, name+".natGateways"+want, name)
	}
}

func TestNatGatewaysAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		context map[string]any
		want    string
	}{
		"unknown": {map[string]any{"FargateWeb.natGateways": "two"},
			`FargateWeb.natGateways: must be "single", "per-az" or "none"; got "two"`},
		"unknown where none isn't possible": {map[string]any{"Ec2Web.natGateways": "two"},
			`Ec2Web.natGateways: must be "single" or "per-az"; got "two"`},
		"existing VPC": {map[string]any{"FargateWeb.natGateways": "none", "vpcId": "vpc-0123456789abcdef0"},
			"FargateWeb.natGateways: must not be set together with vpcId, whose NAT gateways exist; remove one of them"},
		"Express in public subnets": {map[string]any{"ExpressService.natGateways": "single"},
			`ExpressService.natGateways: must be "none" without internal, whose tasks have public addresses; got "single"`},
	} {
		_, err := Parse(c.context, account, region)
		require.EqualError(t, err, c.want, name)
	}
}

// Who takes the gateways away is told who can reach the tasks then, in prod so that a strict synth fails until it is acknowledged.
func TestTasksWithPublicAddressesAreSaid(t *testing.T) {
	annotationsOf := func(stack string, context map[string]any) (all []annotation) {
		s, err := Parse(context, "", "")
		require.NoError(t, err)
		for _, a := range s.stacks[stack].annotations {
			if strings.Contains(a.text, "natGateways") {
				all = append(all, a)
			}
		}
		return all
	}
	const text = ".natGateways is none, so the tasks have public IP addresses; their security group lets in "
	const after = ". They open connections to the internet directly, each from its own address"
	for stack, reached := range map[string]string{
		"FargateWeb": "only their load balancer", "NlbService": "only their load balancer",
		"EventDrivenTask": "nothing", "ScheduledTask": "nothing", "QueueWorker": "nothing",
	} {
		assert.Empty(t, annotationsOf(stack, nil), stack)
		assert.Empty(t, annotationsOf(stack, map[string]any{stack + ".natGateways": "per-az", "profile": "prod"}), stack)
		none := map[string]any{stack + ".natGateways": "none"}
		assert.Equal(t, []annotation{{"", stack + text + reached + after}}, annotationsOf(stack, none), stack)
		none["profile"] = "prod"
		assert.Equal(t, []annotation{{"public-tasks", stack + text + reached + after}}, annotationsOf(stack, none), stack)
	}
}

func TestContainerInsightsFollowTheProfileAndTheKey(t *testing.T) {
	for stack, inProd := range map[string]awsecs.ContainerInsights{
		"FargateWeb": awsecs.ContainerInsights_ENHANCED, "Ec2Web": awsecs.ContainerInsights_ENHANCED,
		"NlbService": awsecs.ContainerInsights_ENHANCED, "SharedStorage": awsecs.ContainerInsights_ENHANCED,
		"ExpressService": awsecs.ContainerInsights_ENHANCED,
		// Tasks that end within minutes.
		"EventDrivenTask": awsecs.ContainerInsights_ENABLED, "ScheduledTask": awsecs.ContainerInsights_ENABLED,
		"TaskStateAlerts": awsecs.ContainerInsights_ENABLED,
	} {
		insights := func(context map[string]any) any { return propOf(t, context, stack, "ContainerInsights") }
		assert.Equal(t, awsecs.ContainerInsights_ENABLED, insights(nil), stack)
		assert.Equal(t, inProd, insights(map[string]any{"profile": "prod"}), stack)
		for value, want := range map[string]awsecs.ContainerInsights{
			"off": awsecs.ContainerInsights_DISABLED, "standard": awsecs.ContainerInsights_ENABLED, "enhanced": awsecs.ContainerInsights_ENHANCED,
		} {
			assert.Equal(t, want, insights(map[string]any{"profile": "prod", stack + ".containerInsights": value}), stack)
		}
	}
	// Where Container Insights counts the tasks that scaling divides by.
	assert.Equal(t, awsecs.ContainerInsights_ENABLED, propOf(t, map[string]any{"profile": "prod"}, "QueueWorker", "ContainerInsights"))
	_, err := Parse(map[string]any{"QueueWorker.containerInsights": "off"}, "", "")
	require.EqualError(t, err, `QueueWorker.containerInsights: must be "standard" or "enhanced"; got "off"`)
	_, err = Parse(map[string]any{"FargateWeb.containerInsights": "ENHANCED"}, "", "")
	assert.EqualError(t, err,
		`FargateWeb.containerInsights: must be "off", "standard" or "enhanced"; got "ENHANCED"; did you mean "enhanced"?`)
}
