package stacks

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

// TaskStateAlertsProps configure the stack of NewTaskStateAlerts.
type TaskStateAlertsProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public subnets, for the sample task. It requires Env, to look it up. Default: a new VPC without NAT
	// gateways.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// ContainerInsights sets how closely CloudWatch monitors the cluster: see ecs.ClusterProps. Default:
	// awsecs.ContainerInsights_ENABLED.
	ContainerInsights awsecs.ContainerInsights
	// Protect turns on termination protection for the stack.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs are deleted with the stack. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy
	// RuntimeMonitoring lets GuardDuty Runtime Monitoring add its agent to the tasks on Fargate. Default: false.
	RuntimeMonitoring bool

	// Image is the image of the sample task that fails: for x86, with a shell. Required.
	Image string
	// AllClusters watches every cluster of the account in the Region, not only that of the stack. Default: false.
	AllClusters bool
	// Failures are the kinds of failures to notify of. Default: all.
	Failures []events.Failure
	// Emails are the addresses that get a mail of each failure; AWS asks the owner of each address to confirm. Default: none.
	Emails []string
	// HttpsEndpoints are endpoints that get each notice as a POST request. Default: none.
	HttpsEndpoints []string
	// Slack are the Slack channels that get each notice. Default: none.
	Slack []notify.SlackChannel
	// Teams are the Microsoft Teams channels that get each notice. Default: none.
	Teams []notify.TeamsChannel
}

const (
	// Says what it does before it does it, so that both are in the log.
	taskStateAlertsSample = `echo "This task fails on purpose, with exit code 42: somebody should be told."; exit 42`
	// The source and the type of the event that starts the sample task:
	// aws events put-events --entries 'Source=awscontainers.sample,DetailType=Fail on purpose,Detail={}'
	taskStateAlertsSource, taskStateAlertsDetailType = "awscontainers.sample", "Fail on purpose"
)

// NewTaskStateAlerts creates a stack that notifies people of tasks, services and deployments that fail, logs all that happens to
// them, and has a sample task that fails as soon as somebody starts it. It panics with *invalid.Error if the props are invalid.
func NewTaskStateAlerts(scope constructs.Construct, id string, props *TaskStateAlertsProps) awscdk.Stack {
	var p TaskStateAlertsProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("Notices of tasks, services and deployments of Amazon ECS that fail"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{
		Vpc: p.vpc(stack),
		// Only the sample task runs here, for a second: it needs no metrics of its own.
		ContainerInsights: cmp.Or(p.ContainerInsights, awsecs.ContainerInsights_ENABLED),
	})

	topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{
		Emails: p.Emails, HttpsEndpoints: p.HttpsEndpoints, Slack: p.Slack, Teams: p.Teams,
	})
	clusters := []*ecs.Cluster{cluster}
	if p.AllClusters {
		clusters = nil
	}
	alerts := events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
		Clusters:      clusters,
		Failures:      p.Failures,
		Topic:         topic,
		LogRetention:  p.LogRetention,
		RemovalPolicy: p.RemovalPolicy,
	})

	sample := ecs.NewTask(stack, "Sample", &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name: "sample", Image: registry.FromRegistry(p.Image), Command: []string{"sh", "-c", taskStateAlertsSample},
		}},
		LogRetention:      p.LogRetention,
		RemovalPolicy:     p.RemovalPolicy,
		RuntimeMonitoring: p.RuntimeMonitoring,
	})
	starts := events.NewTaskRule(stack, "SampleRule", &events.TaskRuleProps{
		Run: ecs.NewRun(stack, "SampleRun", &ecs.RunProps{
			Cluster: cluster, Task: sample, Subnets: network.Public, AssignPublicIp: true,
		}),
		Pattern:    events.Pattern{Source: []any{taskStateAlertsSource}, DetailType: []any{taskStateAlertsDetailType}},
		AlarmTopic: topic,
	})

	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "TopicArn", topic.Arn())
	output.New(stack, "EventLogGroupName", *alerts.LogGroup.LogGroupName())
	output.New(stack, "DeadLetterQueueUrl", *starts.DeadLetterQueue.QueueUrl())
	output.New(stack, "SampleLogGroupName", *sample.LogGroup.LogGroupName())
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *TaskStateAlertsProps) Validate() error {
	if p == nil {
		p = &TaskStateAlertsProps{}
	}
	var bad invalid.Problems
	if p.Image == "" {
		bad.Add("Image", "is required")
	}
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	return bad.Err()
}

func (p *TaskStateAlertsProps) vpc(stack awscdk.Stack) awsec2.IVpc {
	if p.VpcId != "" {
		return network.VpcFromLookup(stack, "Vpc", p.VpcId).Vpc
	}
	return network.NewVpc(stack, "Vpc", &network.VpcProps{
		AvailabilityZoneNames: p.AvailabilityZoneNames,
		NatGateways:           network.NatNone, // the sample task has a public address for the second that it runs
		FlowLogRetention:      p.LogRetention,
		RemovalPolicy:         p.RemovalPolicy,
	}).Vpc
}
