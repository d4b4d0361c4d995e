package settings

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
)

// The keys with which a stack costs less while it is idle.

// natGateways reads the number of NAT gateways of the new VPC, for a stack that can't do without one. Its props refuse none, and say why.
func (r *reader) natGateways() network.NatGateways {
	return r.natGatewaysOf(key{
		Default: string(r.profile.natGateways), Doc: "the NAT gateways of the new VPC: one, or one in each zone; `per-az` in `prod`",
	}, network.NatSingle, network.NatPerAz)
}

// fewerNatGateways is natGateways for a stack that can do without one, because its tasks may have public addresses. The text says what
// reaches the tasks there: "only its load balancer".
func (r *reader) fewerNatGateways(what string) network.NatGateways {
	n := r.natGatewaysOf(key{
		Default: string(r.profile.natGateways),
		Doc: "the NAT gateways of the new VPC: one, one in each zone, or none, which gives tasks public addresses, at which " + what +
			" can reach them; `per-az` in `prod`",
	}, network.NatSingle, network.NatPerAz, network.NatNone)
	if n != network.NatNone {
		return n
	}
	text := fmt.Sprintf("%s is none, so the tasks have public IP addresses; their security group lets in %s. They open connections to the "+
		"internet directly, each from its own address", r.whole("natGateways"), what)
	if r.profile.isProd() {
		r.warn("public-tasks", text)
	} else {
		r.note(text)
	}
	return n
}

// natGatewaysOf reads one of the values, or none, which is for the stack to judge.
func (r *reader) natGatewaysOf(k key, values ...network.NatGateways) network.NatGateways {
	k.Name = "natGateways"
	k.Check = func(field, value string, bad *invalid.Problems) {
		if value != string(network.NatNone) {
			oneOf(values...)(field, value, bad)
		}
	}
	if r.vpcId != "" && r.isSet(k.Name) {
		r.bad.Add(r.whole(k.Name), "must not be set together with vpcId, whose NAT gateways exist").Advise("remove one of them")
	}
	return network.NatGateways(r.textOf(k, "one of "+strings.Join(plain(values), ", ")))
}

// insightsModes are the values of the key containerInsights.
var insightsModes = map[string]awsecs.ContainerInsights{
	"off": awsecs.ContainerInsights_DISABLED, "standard": awsecs.ContainerInsights_ENABLED, "enhanced": awsecs.ContainerInsights_ENHANCED,
}

const insightsDoc = "what CloudWatch measures in the cluster, paid by the metric: `off`, `standard`, or `enhanced`, which adds each task " +
	"and container; "

// containerInsights reads how closely CloudWatch monitors the stack's cluster.
func (r *reader) containerInsights() awsecs.ContainerInsights {
	k := key{Default: "standard", Doc: insightsDoc + "`enhanced` in `prod`"}
	if r.profile.isProd() {
		k.Default = "enhanced"
	}
	return r.insightsOf(k)
}

// briefInsights is containerInsights for tasks that end within minutes: each would have metrics that cost more than the task.
func (r *reader) briefInsights() awsecs.ContainerInsights {
	return r.insightsOf(key{
		Default: "standard", Doc: insightsDoc + "`standard` in `prod` too, because each task would have its own metrics",
	})
}

func (r *reader) insightsOf(k key) awsecs.ContainerInsights {
	k.Name = "containerInsights"
	return insightsModes[r.choice(k, "off", "standard", "enhanced")]
}
