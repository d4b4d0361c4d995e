package settings

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"awscontainers/constructs/network"
)

// The names of the profiles.
const (
	dev  = "dev"
	prod = "prod"
)

// profile is what a profile decides in several stacks. What it decides in one stack stands in that stack's file here.
type profile struct {
	name          string
	natGateways   network.NatGateways
	alarms        bool
	logRetention  awslogs.RetentionDays
	removalPolicy awscdk.RemovalPolicy
	// The minimum and maximum number of tasks, and of EC2 instances.
	minTasks, maxTasks         int
	minInstances, maxInstances int
}

// profiles lists dev, which is small, cheap and deleted without a trace except for what CloudFormation can't delete, and prod,
// which runs at least two of everything and retains its data. Neither protects anything from deletion: see reader.protect.
var profiles = map[string]profile{
	dev: {
		name:          dev,
		natGateways:   network.NatSingle,
		logRetention:  awslogs.RetentionDays_ONE_WEEK,
		removalPolicy: awscdk.RemovalPolicy_DESTROY,
		minTasks:      1, maxTasks: 2,
		// Two tasks with IP addresses of their own fit a small instance, and a deployment runs three.
		minInstances: 1, maxInstances: 3,
	},
	prod: {
		name:          prod,
		natGateways:   network.NatPerAz,
		alarms:        true,
		logRetention:  awslogs.RetentionDays_SIX_MONTHS,
		removalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
		minTasks:      2, maxTasks: 10,
		minInstances: 2, maxInstances: 10,
	},
}

func (p profile) isProd() bool { return p.name == prod }
