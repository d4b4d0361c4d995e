package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"awscontainers/constructs/network"
)

// Profile is how much a stack costs and how much it keeps. Constructs know nothing of profiles: this file turns one into
// props.
type Profile string

// The profiles.
const (
	// Dev is small, cheap and deleted without a trace, but for what CloudFormation cannot delete.
	Dev Profile = "dev"
	// Prod has at least two of everything, keeps its data and does not let itself be deleted by accident.
	Prod Profile = "prod"
)

func (p Profile) natGateways() network.NatGateways {
	if p == Prod {
		return network.NatPerAz
	}
	return network.NatSingle
}

func (p Profile) removalPolicy() awscdk.RemovalPolicy {
	if p == Prod {
		return awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	return awscdk.RemovalPolicy_DESTROY
}

func (p Profile) logRetention() awslogs.RetentionDays {
	if p == Prod {
		return awslogs.RetentionDays_SIX_MONTHS
	}
	return awslogs.RetentionDays_ONE_WEEK
}

func (p Profile) minTasks() int {
	if p == Prod {
		return 2
	}
	return 1
}

func (p Profile) maxTasks() int {
	if p == Prod {
		return 10
	}
	return 2
}

func (p Profile) minInstances() int { return p.minTasks() }

func (p Profile) maxInstances() int {
	if p == Prod {
		return 10
	}
	return 3 // two tasks with an address of their own fit a small instance, and a deployment takes three
}

// watched tells whether there are alarms and dashboards: in Prod always, in Dev when somebody wants to know.
func (p Profile) watched(alarmEmail string) bool { return p == Prod || alarmEmail != "" }

// protected tells whether stacks and load balancers refuse to be deleted.
func (p Profile) protected() bool { return p == Prod }
