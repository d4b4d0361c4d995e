package test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

// What tests of several subjects use.

// modulePrefix is what the import paths of this module begin with, wherever it is published.
var modulePrefix = strings.TrimSuffix(reflect.TypeFor[ecs.Cluster]().PkgPath(), "constructs/ecs")

// Values that the tests of stacks use too.
const (
	publicImage         = shared.PublicImage
	certificateArn      = shared.CertificateArn
	appRunnerConnection = shared.AppRunnerConnection
	teamsTenant         = shared.TeamsTenant
	teamsTeam           = shared.TeamsTeam
	teamsChannel        = shared.TeamsChannel
	taskEvent           = shared.TaskEvent
	serviceEvent        = shared.ServiceEvent
	deploymentEvent     = shared.DeploymentEvent
	aBucket             = shared.Bucket
)

// Questions that the tests of stacks ask too.
var (
	weights       = shared.Weights
	importedVpc   = shared.ImportedVpc
	subnets       = shared.Subnets
	defaultRoute  = shared.DefaultRoute
	attribute     = shared.Attribute
	launch        = shared.LaunchTemplate
	lifecycle     = shared.Lifecycle
	sampleEvent   = shared.SampleEvent
	container     = shared.StoppedContainer
	ended         = shared.Ended
	matching      = shared.MatchingRules
	deployed      = shared.Deployed
	notices       = shared.Notices
	objectCreated = shared.ObjectCreated
	pattern       = shared.Pattern
	variablesFor  = shared.VariablesFor
)

// tokenParameter is the ARN of the parameter /shop/token of the stack's account.
const tokenParameter = "arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/shop/token"

// mayTrace is what it takes to send traces to X-Ray.
func mayTrace() cdktest.Grant {
	return cdktest.Allow("xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets",
		"xray:PutTelemetryRecords", "xray:PutTraceSegments").On("*")
}

func newCapacity(stack awscdk.Stack, id string, cluster *ecs.Cluster, change func(p *ecs.Ec2CapacityProps)) *ecs.Ec2Capacity {
	p := ecs.Ec2CapacityProps{Cluster: cluster, InstanceTypes: []string{"m7i.large", "m6i.large"}, MaxSize: 4}
	if change != nil {
		change(&p)
	}
	return ecs.NewEc2Capacity(stack, id, &p)
}

// ec2Task runs the web server on instances.
func ec2Task(stack awscdk.Stack, id string, mode awsecs.NetworkMode) *ecs.Task {
	return ecs.NewTask(stack, id, &ecs.TaskProps{Compatibility: awsecs.Compatibility_EC2, NetworkMode: mode,
		Containers: []ecs.Container{web()}})
}

func newCluster(stack awscdk.Stack) *ecs.Cluster {
	return ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack)})
}

func newTask(stack awscdk.Stack) *ecs.Task {
	return ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()}})
}

func web() ecs.Container {
	return ecs.Container{
		Name:         "web",
		Image:        registry.FromRegistry(publicImage),
		PortMappings: []ecs.PortMapping{{ContainerPort: 8080}},
	}
}

func newShop(t *testing.T, change func(p *elb.ApplicationLoadBalancerProps)) shop {
	t.Helper()
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	props := elb.ApplicationLoadBalancerProps{Vpc: cluster.Cluster.Vpc(), InternetFacing: true, CertificateArn: certificateArn}
	if change != nil {
		change(&props)
	}
	return shop{stack, cluster, elb.NewApplicationLoadBalancer(stack, "Alb", &props)}
}
