package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/peer"
	"awscontainers/internal/taskrole"
)

// RunProps describe a task that starts, does its work and ends.
type RunProps struct {
	// Cluster is where the task belongs. Required.
	Cluster *Cluster
	// Task is what runs. Required.
	Task *Task
	// TaskCount is how many copies each start makes, 1 to 10. Default: 1.
	TaskCount int
	// Capacity is where it runs: up to six shares of the cluster's capacity providers. Default: all of it on Fargate, or for a task that cannot
	// run there on the cluster's one Ec2Capacity or ManagedInstances.
	Capacity []CapacityProviderStrategy
	// PlacementStrategies are how tasks choose among EC2 instances, up to five. Default: ECS chooses.
	PlacementStrategies []PlacementStrategy
	// PlacementConstraints are what an EC2 instance must fulfil, up to ten. Default: none.
	PlacementConstraints []PlacementConstraint
	// Subnets are network.Private, network.Public or network.Isolated. In public subnets AssignPublicIp must be set; in
	// isolated ones the VPC needs the endpoints of network.EcsTaskEndpoints. In bridge and host network mode tasks are where their
	// instances are. Default: network.Private.
	Subnets network.SubnetType
	// AssignPublicIp gives every task a public address, which costs by the hour, on Fargate alone. Default: false.
	AssignPublicIp bool
	// SecurityGroups replace the tasks' own security group. In bridge and host network mode tasks have those of their instances.
	// Default: a new one that lets everything out and nothing in.
	SecurityGroups []awsec2.ISecurityGroup
}

// Run is a task that is started by something else than a service: an event, a schedule, a person. It takes no part in load
// balancing, scaling or deployments, and nothing starts it again when it fails.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/standalone-tasks.html
type Run struct {
	constructs.Construct
	// Task is what runs.
	Task *Task
	// SecurityGroups are those of the tasks: database.Connections().AllowDefaultPortFrom(run.SecurityGroups[0], nil). Empty in bridge
	// and host network mode.
	SecurityGroups []awsec2.ISecurityGroup

	props  RunProps
	before []constructs.IDependable
}

const (
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
	maxTaskCount = 10
	// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EcsParameters.html
	maxShares = 6
)

// NewRun makes what it takes to start a task. It panics with *invalid.Error when the props are wrong.
func NewRun(scope constructs.Construct, id string, props *RunProps) *Run {
	var p RunProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	r := &Run{Task: p.Task, props: p}
	constructs.NewConstruct_Override(r, scope, &id)
	if len(p.SecurityGroups) == 0 && p.Task.awsvpc() {
		p.SecurityGroups = []awsec2.ISecurityGroup{
			awsec2.NewSecurityGroup(r, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
				Vpc:              p.Cluster.Vpc(),
				Description:      describe.Of("Tasks of", *r.Node().Path()),
				AllowAllOutbound: jsii.Bool(true),
			}),
		}
	}
	r.SecurityGroups = p.SecurityGroups
	service := p.asService()
	r.before = service.whatTasksNeed()
	groups, _ := service.mountsThrough()
	for _, f := range p.Task.fileSystems() {
		r.before = append(append(r.before, f.AllowFrom(peer.Groups{Scope: r, SecurityGroups: groups})...), f.FileSystem.MountTargetsAvailable())
	}
	return r
}

// ClusterArn is the cluster's ARN.
func (r *Run) ClusterArn() string { return *r.props.Cluster.Cluster.ClusterArn() }

// Family is what all revisions of the task definition have in common, and the group of its tasks, "family:" before it.
func (r *Run) Family() string { return *r.Task.TaskDefinition.Family() }

// WaitsFor is what must be there before a task can start: its roles with their policies, a way to its image, its files. What starts
// tasks should depend on it.
func (r *Run) WaitsFor() []constructs.IDependable { return r.before }

// RunParameters are what a call of RunTask says of a Run, as plain values, for those who make it: EventBridge, Step Functions, the AWS
// CLI.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
type RunParameters struct {
	// ClusterArn, TaskDefinitionArn and TaskCount are always there.
	ClusterArn, TaskDefinitionArn *string
	TaskCount                     int
	// Capacity has the shares, or is empty, and then LaunchType says "FARGATE" or "EC2".
	Capacity             []CapacityProviderStrategy
	LaunchType           string
	PlacementStrategies  []PlacementStrategy
	PlacementConstraints []PlacementConstraint
	// SubnetIds and SecurityGroupIds are nil in bridge and host network mode, which take no network configuration.
	SubnetIds, SecurityGroupIds *[]*string
	// AssignPublicIp is "ENABLED", "DISABLED", or "" where tasks cannot have public addresses.
	AssignPublicIp string
}

// Parameters are what it takes to start the task.
func (r *Run) Parameters() RunParameters {
	p := RunParameters{
		ClusterArn: new(r.ClusterArn()), TaskDefinitionArn: r.Task.TaskDefinition.TaskDefinitionArn(), TaskCount: r.props.TaskCount,
		Capacity: r.props.Capacity, PlacementStrategies: r.props.PlacementStrategies, PlacementConstraints: r.props.PlacementConstraints,
	}
	service := r.props.asService()
	kind := service.kind()
	if len(p.Capacity) == 0 {
		p.LaunchType = map[capacityKind]string{onFargate: "FARGATE", onEc2: "EC2"}[kind]
	}
	if !r.Task.awsvpc() {
		return p
	}
	p.SubnetIds = r.props.Cluster.Vpc().SelectSubnets(r.props.Subnets.Select()).SubnetIds
	ids := make([]*string, len(r.SecurityGroups))
	for i, group := range r.SecurityGroups {
		ids[i] = group.SecurityGroupId()
	}
	p.SecurityGroupIds = &ids
	if kind == onFargate {
		p.AssignPublicIp = "DISABLED"
		if r.props.AssignPublicIp {
			p.AssignPublicIp = "ENABLED"
		}
	}
	return p
}

// GrantStart lets a role start the task in its cluster, and nothing else: hand just its two roles to just ECS, and tag what it
// starts. It may start every revision: while a deployment replaces one, what comes in between still starts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
func (r *Run) GrantStart(role awsiam.IRole) {
	arnEquals := func(key string, value any) map[string]any {
		return map[string]any{"ArnEquals": map[string]any{key: value}}
	}
	stringEquals := func(key string, value any) map[string]any {
		return map[string]any{"StringEquals": map[string]any{key: value}}
	}
	cluster := new(r.ClusterArn())
	for _, s := range []struct {
		action     string
		resources  []*string
		conditions map[string]any
	}{
		{"ecs:RunTask", []*string{r.anyRevision()}, arnEquals("ecs:cluster", cluster)},
		{"ecs:TagResource", []*string{r.ownTasks()}, stringEquals("ecs:CreateAction", "RunTask")},
		{"iam:PassRole", []*string{r.Task.TaskRole.RoleArn(), r.Task.ExecutionRole.RoleArn()}, stringEquals("iam:PassedToService", taskrole.EcsTasks)},
	} {
		role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings(s.action), Resources: &s.resources, Conditions: &s.conditions,
		}))
	}
}

func (r *Run) anyRevision() *string { return r.arn("task-definition", r.Family()+":*") }

func (r *Run) ownTasks() *string { return r.arn("task", *r.props.Cluster.Cluster.ClusterName()+"/*") }

func (r *Run) arn(resource, name string) *string {
	return awscdk.Stack_Of(r).FormatArn(&awscdk.ArnComponents{Service: jsii.String("ecs"), Resource: &resource, ResourceName: &name})
}

// ExplainStart notes for cdk-nag, on the policy of a role of GrantStart, why it has wildcards.
func (r *Run) ExplainStart(policy constructs.IConstruct) {
	nag.Suppress(policy, "AwsSolutions-IAM5", "Every revision of one task definition, in one cluster, so that what comes during a deployment still starts; tags go to tasks of that cluster alone")
}

// asService is what a service with the same tasks would be, whose checks hold here too.
func (p *RunProps) asService() *ServiceProps {
	return &ServiceProps{
		Cluster: p.Cluster, Task: p.Task, DesiredCount: &p.TaskCount,
		Capacity: p.Capacity, PlacementStrategies: p.PlacementStrategies, PlacementConstraints: p.PlacementConstraints,
		Subnets: p.Subnets, AssignPublicIp: p.AssignPublicIp, SecurityGroups: p.SecurityGroups,
		Deployment: Deployment{MinHealthyPercent: new(0)}, // nothing keeps an old version beside a new one
	}
}

func (p *RunProps) setDefaults() {
	opt.Default(&p.TaskCount, 1)
	if p.Task != nil && p.Task.awsvpc() {
		opt.Default(&p.Subnets, network.Private)
	}
	if len(p.Capacity) == 0 {
		p.Capacity = p.asService().defaultCapacity()
	}
}

func (p *RunProps) validate() error {
	var bad invalid.Problems
	service := p.asService()
	service.validateParts(&bad)
	service.validateCapacity(&bad)
	service.validatePlacement(&bad)
	service.validateEc2(&bad)
	service.validateSubnets(&bad)
	service.validateFiles(&bad)
	check.NoNil("SecurityGroups", p.SecurityGroups, "a security group", &bad)
	if len(p.Capacity) > maxShares {
		bad.Add("Capacity", "has %d shares; EventBridge takes %d", len(p.Capacity), maxShares)
	}
	if p.TaskCount < 1 || p.TaskCount > maxTaskCount {
		bad.Add("TaskCount", "%d is out of range; use 1 to %d", p.TaskCount, maxTaskCount)
	}
	return bad.Err()
}
