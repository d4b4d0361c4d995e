package express

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/fargate"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

const (
	defaultExpressPort    = 8080
	defaultExpressCpu     = 1024
	defaultExpressMaxSize = 20
	defaultExpressPercent = 60
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxTasks = 5000
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html
	maxExpressRequests = 65536
	leastExpressZones  = 2
)

var expressMetrics = []ScalingMetric{AverageCpu, AverageMemory, RequestCountPerTarget}

func (p *ServiceProps) setDefaults() {
	opt.Default(&p.Port, defaultExpressPort)
	opt.Default(&p.Cpu, defaultExpressCpu)
	opt.Default(&p.MemoryMiB, fargate.MinMemoryMiB(p.Cpu))
	opt.Default(&p.HealthCheckPath, "/")
	opt.Default(&p.MinSize, 1)
	opt.Default(&p.MaxSize, max(defaultExpressMaxSize, p.MinSize))
	opt.Default(&p.ScalingMetric, AverageCpu)
	if p.ScalingMetric != RequestCountPerTarget {
		opt.Default(&p.ScalingTargetValue, defaultExpressPercent)
	}
	if p.Vpc == nil && p.Cluster != nil && p.Cluster.Cluster != nil && p.Cluster.Vpc() != nil {
		p.Vpc = p.Cluster.Vpc()
	}
	if p.Vpc != nil {
		opt.Default(&p.Subnets, network.Public)
	}
	opt.Default(&p.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
}

func (p *ServiceProps) validate() error {
	var bad invalid.Problems
	bad.Nest("Image", p.Image.Validate())
	check.Port("Port", p.Port, &bad)
	fargate.CheckSize(p.Cpu, p.MemoryMiB, "MemoryMiB", &bad)
	check.Variables(p.Environment, p.Secrets, &bad)
	check.UrlPath("HealthCheckPath", p.HealthCheckPath, &bad)
	p.validateScaling(&bad)
	p.validateNetwork(&bad)
	if p.Cluster != nil && p.Cluster.Cluster == nil {
		bad.Add("Cluster", "is empty; make it with ecs.NewCluster or ecs.ClusterOf, or leave it out for the account's default cluster")
	}
	check.EcsName("ServiceName", p.ServiceName, &bad)
	return bad.Err()
}

func (p *ServiceProps) validateScaling(bad *invalid.Problems) {
	for _, size := range []struct {
		field string
		value int
	}{{"MinSize", p.MinSize}, {"MaxSize", p.MaxSize}} {
		if size.value < 1 || size.value > maxTasks {
			bad.Add(size.field, "%d is out of range; use 1 to %d", size.value, maxTasks)
		}
	}
	if p.MinSize > p.MaxSize {
		bad.Add("MinSize", "%d is more than MaxSize %d; lower it or raise MaxSize", p.MinSize, p.MaxSize)
	}
	switch {
	case !slices.Contains(expressMetrics, p.ScalingMetric):
		bad.Add("ScalingMetric", "%q is unknown; use %s", p.ScalingMetric, check.OneOf(expressMetrics))
	case p.ScalingMetric == RequestCountPerTarget && p.ScalingTargetValue == 0:
		bad.Add("ScalingTargetValue", "is missing; say how many requests a task is to get, 1 to %d", maxExpressRequests)
	case p.ScalingMetric == RequestCountPerTarget && (p.ScalingTargetValue < 1 || p.ScalingTargetValue > maxExpressRequests):
		bad.Add("ScalingTargetValue", "%d is out of range; use 1 to %d requests", p.ScalingTargetValue, maxExpressRequests)
	case p.ScalingMetric != RequestCountPerTarget && (p.ScalingTargetValue < 1 || p.ScalingTargetValue > 100):
		bad.Add("ScalingTargetValue", "%d is out of range; use 1 to 100 percent", p.ScalingTargetValue)
	}
}

// validateNetwork leaves the account's default VPC alone, whose public subnets ECS looks up by itself.
func (p *ServiceProps) validateNetwork(bad *invalid.Problems) {
	check.NoNil("SecurityGroups", p.SecurityGroups, "a security group", bad)
	if p.Vpc == nil {
		if p.Subnets != "" {
			bad.Add("Subnets", "%q are of no VPC; give Vpc, or leave them out for the public subnets of the account's default VPC", p.Subnets)
		}
		if len(p.SecurityGroups) > 0 {
			bad.Add("SecurityGroups", "are of no VPC; give Vpc, in which they are")
		}
		return
	}
	before := len(*bad)
	subnettype.Check("Subnets", p.Subnets, bad)
	subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, bad)
	if zones := elb.ZonesOf(p.Subnets, p.Vpc); len(*bad) == before && zones < leastExpressZones {
		bad.Add("Subnets", "%q are in %d zone, and a load balancer stands in two at least; use a VPC with subnets in more zones, all of which the service then gets", p.Subnets, zones)
	}
}
