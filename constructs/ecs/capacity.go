package ecs

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/opt"
	"awscontainers/constructs/invalid"
)

// The capacity providers that every cluster has.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
const (
	// Fargate runs tasks without instances to look after.
	Fargate = "FARGATE"
	// FargateSpot runs them on spare capacity for less, and takes it back with two minutes' notice.
	FargateSpot = "FARGATE_SPOT"
)

// CapacityProviderStrategy is a share of a service's tasks: the first Base of them run on the named provider, and of all
// others as many as its Weight says against the other shares.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
type CapacityProviderStrategy struct {
	// CapacityProvider is Fargate, FargateSpot or the name of another provider of the cluster. Required.
	CapacityProvider string
	// Base is the number of tasks that run here before any are shared out, 0 to 100000. Only one share of a service may
	// have one. Default: 0.
	Base int
	// Weight is the share of the remaining tasks, 0 to 1000. Default: 0; at least one share needs more.
	Weight int
}

const (
	maxBase   = 100000
	maxWeight = 1000
)

func validateCapacity(capacity []CapacityProviderStrategy, cluster *Cluster, bad *invalid.Problems) {
	weights, bases := 0, 0
	seen := map[string]bool{}
	for i, c := range capacity {
		field := index("Capacity", i)
		if c.CapacityProvider == "" {
			bad.Add(field+".CapacityProvider", "is empty; use %q, %q or the name of a provider of the cluster", Fargate, FargateSpot)
		}
		if known := cluster.providers(); known != nil && c.CapacityProvider != "" && !slices.Contains(known, c.CapacityProvider) {
			bad.Add(field+".CapacityProvider", "%q is no capacity provider of the cluster; use %s", c.CapacityProvider, oneOf(known))
		}
		if seen[c.CapacityProvider] {
			bad.Add(field+".CapacityProvider", "%q is named twice; give each provider one share", c.CapacityProvider)
		}
		seen[c.CapacityProvider] = true
		if c.Base < 0 || c.Base > maxBase {
			bad.Add(field+".Base", "%d is not a number of tasks; use 0 to %d", c.Base, maxBase)
		}
		if c.Weight < 0 || c.Weight > maxWeight {
			bad.Add(field+".Weight", "%d is not a weight; use 0 to %d", c.Weight, maxWeight)
		}
		weights += c.Weight
		if c.Base > 0 {
			bases++
		}
	}
	if len(capacity) > 0 && weights == 0 {
		bad.Add("Capacity", "has no weight above 0, so that no task could be placed; give at least one share a Weight")
	}
	if bases > 1 {
		bad.Add("Capacity", "has %d shares with a Base; ECS allows one", bases)
	}
}

// renderCapacity is nil for the launch type FARGATE, in a cluster whose capacity providers are not known.
func renderCapacity(capacity []CapacityProviderStrategy, cluster *Cluster) *[]*awsecs.CapacityProviderStrategy {
	if len(capacity) == 0 {
		if cluster.capacityProviders == nil {
			return nil
		}
		capacity = []CapacityProviderStrategy{{CapacityProvider: Fargate, Weight: 1}}
	}
	rendered := make([]*awsecs.CapacityProviderStrategy, len(capacity))
	for i, c := range capacity {
		rendered[i] = &awsecs.CapacityProviderStrategy{
			CapacityProvider: &c.CapacityProvider,
			Base:             opt.Number(c.Base),
			Weight:           jsii.Number(c.Weight),
		}
	}
	return &rendered
}
