package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/opt"
	"awscontainers/constructs/invalid"
)

// ClusterProps describe a cluster.
type ClusterProps struct {
	// Vpc is where the cluster's tasks run. Required.
	Vpc awsec2.IVpc
	// ClusterName is the physical name. Default: CloudFormation makes one, so that the cluster can be replaced.
	ClusterName string
	// ContainerInsights is how closely CloudWatch watches the cluster, charged by the metric. Default:
	// awsecs.ContainerInsights_ENHANCED, down to the single container.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
	ContainerInsights awsecs.ContainerInsights
}

// Cluster is an ECS cluster whose tasks may run on Fargate and Fargate Spot.
type Cluster struct {
	constructs.Construct
	// Cluster is what the CDK's own constructs take.
	Cluster awsecs.ICluster

	capacityProviders awsecs.CfnClusterCapacityProviderAssociations // nil for a cluster made elsewhere
}

// NewCluster makes a cluster. It panics with *invalid.Error when the props are wrong.
func NewCluster(scope constructs.Construct, id string, props *ClusterProps) *Cluster {
	var p ClusterProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())
	if p.ContainerInsights == "" {
		p.ContainerInsights = awsecs.ContainerInsights_ENHANCED
	}

	c := &Cluster{}
	constructs.NewConstruct_Override(c, scope, &id)
	c.Cluster = awsecs.NewCluster(c, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                 p.Vpc,
		ClusterName:         opt.String(p.ClusterName),
		ContainerInsightsV2: p.ContainerInsights,
	})
	// Made here and not by the CDK, which makes it while synthesizing: nothing could depend on it then, and a service that
	// does not is deleted too late, so that deleting the stack fails on a capacity provider still in use.
	// https://github.com/aws/aws-cdk/issues/19275
	c.capacityProviders = awsecs.NewCfnClusterCapacityProviderAssociations(c, jsii.String("CapacityProviders"),
		&awsecs.CfnClusterCapacityProviderAssociationsProps{
			Cluster:           c.Cluster.ClusterName(),
			CapacityProviders: &[]any{jsii.String(Fargate), jsii.String(FargateSpot)},
			DefaultCapacityProviderStrategy: []any{&awsecs.CfnClusterCapacityProviderAssociations_CapacityProviderStrategyProperty{
				CapacityProvider: jsii.String(Fargate),
				Weight:           jsii.Number(1),
			}},
		})
	return c
}

// ClusterOf takes a cluster that was not made by NewCluster and knows its VPC, as from awsecs.Cluster_FromClusterAttributes. A service in it without Capacity has the launch type FARGATE,
// which every cluster offers. Capacity providers that a service names must be associated with the cluster already, by
// another stack: a CDK cluster of the same stack associates them too late for its services to wait.
func ClusterOf(cluster awsecs.ICluster) *Cluster {
	return &Cluster{Cluster: cluster}
}

// providers are the capacity providers of the cluster; nil where they are not known.
func (c *Cluster) providers() []string {
	if c == nil || c.capacityProviders == nil {
		return nil
	}
	return []string{Fargate, FargateSpot}
}

// Arn is the cluster's ARN, for an output.
func (c *Cluster) Arn() *string { return c.Cluster.ClusterArn() }

func (p *ClusterProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC in which the tasks run")
	}
	checkName("ClusterName", p.ClusterName, &bad)
	return bad.Err()
}
