package express

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/fargate"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

const (
	defaultPort    = 8080
	defaultCpu     = 1024
	defaultMaxSize = 20
	defaultPercent = 60
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxTasks = 5000
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html
	maxRequests = 65536
	minZones    = 2
)

var scalingMetrics = []ScalingMetric{AverageCpu, AverageMemory, RequestCountPerTarget}

func (p *ServiceProps) setDefaults() {
	if p.Task == nil {
		p.setTaskDefaults()
	}
	opt.Default(&p.HealthCheckPath, "/")
	opt.Default(&p.MinSize, 1)
	opt.Default(&p.MaxSize, max(defaultMaxSize, p.MinSize))
	opt.Default(&p.ScalingMetric, AverageCpu)
	if p.ScalingMetric != RequestCountPerTarget {
		opt.Default(&p.ScalingTargetValue, defaultPercent)
	}
}

// setTaskDefaults sets the defaults of the task definition that ECS creates.
func (p *ServiceProps) setTaskDefaults() {
	opt.Default(&p.Port, defaultPort)
	opt.Default(&p.Cpu, fargate.CpuFor(p.MemoryLimitMiB, defaultCpu))
	opt.Default(&p.MemoryLimitMiB, fargate.MinMemoryMiB(p.Cpu))
	opt.Default(&p.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
}

// setVpc sets the defaults that take the CDK's cluster.
func (p *ServiceProps) setVpc() {
	if p.Vpc == nil && invalid.IsMade(p.Cluster) && p.Cluster.Vpc() != nil {
		p.Vpc = p.Cluster.Vpc()
	}
	if p.Vpc != nil {
		opt.Default(&p.Subnets, network.Public)
	}
}

// Validate returns all problems of the props, or nil, except those that only NewService finds, in the VPC.
func (p *ServiceProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *ServiceProps) validate() error {
	var bad invalid.Problems
	check.Made("Task", p.Task, "ecs.NewTask or ecs.TaskFrom", &bad)
	if p.Task != nil {
		p.validateTask(&bad)
	} else {
		bad.Nest("Image", p.Image.Validate())
		check.Port("Port", p.Port, &bad)
		fargate.CheckSize(p.Cpu, p.MemoryLimitMiB, "MemoryLimitMiB", &bad)
		check.Variables(p.Environment, p.Secrets, p.SecretArns, &bad)
		check.LogRetention("LogRetention", p.LogRetention, &bad)
		check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	}
	check.UrlPath("HealthCheckPath", p.HealthCheckPath, &bad)
	p.validateScaling(&bad)
	check.Made("Cluster", p.Cluster, "ecs.NewCluster or ecs.ClusterFrom", &bad)
	subnettype.Check("Subnets", p.Subnets, &bad)
	check.NoNil("SecurityGroups", p.SecurityGroups, "a security group", &bad)
	check.EcsName("ServiceName", p.ServiceName, &bad)
	return bad.Err()
}

// validateTask refuses a task that Express Mode can't run, and the props of the task definition that ECS would create: the API takes
// either these or a task definition.
// https://github.com/hashicorp/terraform-provider-aws/pull/49095
func (p *ServiceProps) validateTask(bad *invalid.Problems) {
	if invalid.IsMade(p.Task) {
		*bad = append(*bad, p.Task.CheckExpress("Task")...)
	}
	for _, other := range []struct {
		field string
		given bool
	}{
		{"Image", !p.Image.IsZero()}, {"Command", len(p.Command) > 0}, {"Port", p.Port != 0}, {"Cpu", p.Cpu != 0},
		{"MemoryLimitMiB", p.MemoryLimitMiB != 0}, {"Environment", len(p.Environment) > 0}, {"Secrets", len(p.Secrets) > 0},
		{"SecretArns", len(p.SecretArns) > 0}, {"TaskRole", p.TaskRole != nil}, {"ExecutionRole", p.ExecutionRole != nil},
		{"LogRetention", p.LogRetention != ""}, {"EncryptionKey", p.EncryptionKey != nil}, {"RemovalPolicy", p.RemovalPolicy != ""},
		{"RuntimeMonitoring", p.RuntimeMonitoring},
	} {
		if other.given {
			bad.Add(other.field, "must not be set together with Task, which has its own").Advise("set it in ecs.TaskProps")
		}
	}
}

func (p *ServiceProps) validateScaling(bad *invalid.Problems) {
	check.Range("MinSize", p.MinSize, 1, maxTasks, bad)
	check.Range("MaxSize", p.MaxSize, 1, maxTasks, bad)
	check.NotGreater("MinSize", p.MinSize, "MaxSize", p.MaxSize, bad)
	switch {
	case !slices.Contains(scalingMetrics, p.ScalingMetric):
		check.Known("ScalingMetric", p.ScalingMetric, scalingMetrics, bad)
	case p.ScalingMetric != RequestCountPerTarget:
		check.Percent("ScalingTargetValue", p.ScalingTargetValue, bad)
	case p.ScalingTargetValue == 0:
		bad.Add("ScalingTargetValue", "is required with ScalingMetric %s: the requests for each task, 1 to %d", p.ScalingMetric, maxRequests)
	default:
		check.Range("ScalingTargetValue", p.ScalingTargetValue, 1, maxRequests, bad)
	}
}

// validateInVpc judges what takes the VPC, and so the CDK. It accepts the account's default VPC, whose public subnets ECS looks up
// by itself.
func (p *ServiceProps) validateInVpc() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		if p.Subnets != "" {
			bad.Add("Subnets", "requires Vpc").Given(p.Subnets).Advise("remove it for the public subnets of the account's default VPC")
		}
		if len(p.SecurityGroups) > 0 {
			bad.Add("SecurityGroups", "requires Vpc")
		}
		return bad.Err()
	}
	subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, &bad)
	if zones := subnettype.Zones(p.Subnets, p.Vpc); len(bad) == 0 && zones < minZones {
		bad.Add("Subnets", "must be in at least two Availability Zones, as a load balancer requires").Given(zones)
	}
	return bad.Err()
}
