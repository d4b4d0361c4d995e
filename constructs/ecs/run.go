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
	"awscontainers/internal/opt"
	"awscontainers/internal/peer"
	"awscontainers/internal/source"
	"awscontainers/internal/taskrole"
)

// RunProps are the props of a Run.
type RunProps struct {
	// Cluster is the cluster that the task runs in. Required.
	Cluster *Cluster
	// Task is the task to run. Required.
	Task *Task
	// TaskCount is how many copies each start creates, 1 to 10. Default: 1.
	TaskCount int
	// Capacity lists the capacity providers that run the tasks, up to six. Default: Fargate, or for a task that can't run there
	// the cluster's one Ec2Capacity or ManagedInstances.
	Capacity []CapacityProviderStrategy
	// PlacementStrategies set how ECS chooses among EC2 instances, up to five. Default: ECS chooses.
	PlacementStrategies []PlacementStrategy
	// PlacementConstraints are conditions that an EC2 instance must meet, up to ten. Default: none.
	PlacementConstraints []PlacementConstraint
	// Subnets are network.Private, network.Public or network.Isolated. In public subnets AssignPublicIp must be set; in
	// isolated ones the VPC needs the endpoints of network.EcsTaskEndpoints. In bridge and host network mode tasks are where
	// their instances are. Default: network.Private.
	Subnets network.SubnetType
	// AssignPublicIp gives every task a public address, which is charged by the hour; only on Fargate. Default: false.
	AssignPublicIp bool
	// SecurityGroups replace the tasks' own security group. In bridge and host network mode tasks have those of their
	// instances. Default: a new one that allows all outbound and no inbound traffic.
	SecurityGroups []awsec2.ISecurityGroup
}

// Run is a job: a task that starts, does its work and ends. Something other than a service starts it: a schedule, an event, a
// state machine, a person. It takes no part in load balancing, scaling or deployments, and nothing restarts it when it fails.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/standalone-tasks.html
type Run struct {
	constructs.Construct
	// Task is the task to run.
	Task *Task
	// SecurityGroups are those of the tasks; empty in bridge and host network mode. See Connections.
	SecurityGroups []awsec2.ISecurityGroup

	props        RunProps
	dependencies []constructs.IDependable
	connectable  peer.Connectable
}

var (
	_ awsec2.IConnectable = (*Run)(nil)
	_ awsiam.IGrantable   = (*Run)(nil)
)

const (
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
	maxTaskCount = 10
	// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EcsParameters.html
	maxShares = 6
)

// NewRun creates what starting a task takes: its security group and the way to its files. It starts nothing by itself: see
// events.NewSchedule and events.NewTaskRule. It panics with *invalid.Error if the props are invalid.
func NewRun(scope constructs.Construct, id string, props *RunProps) *Run {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateInCluster())

	r := &Run{Task: p.Task}
	source.Create(r, scope, id)
	if len(p.SecurityGroups) == 0 && p.Task.usesAwsvpc() {
		p.SecurityGroups = newTaskSecurityGroups(r, p.Cluster)
	}
	r.props, r.SecurityGroups = p, p.SecurityGroups
	service := p.asService()
	r.dependencies = service.taskDependencies()
	groups, _ := service.mountSecurityGroups()
	for _, f := range p.Task.fileSystems() {
		r.dependencies = append(r.dependencies, f.AllowFrom(peer.Groups{Scope: r, SecurityGroups: groups})...)
		r.dependencies = append(r.dependencies, f.FileSystem.MountTargetsAvailable())
	}
	return r
}

// Cluster returns the cluster that the task runs in.
func (r *Run) Cluster() *Cluster { return r.props.Cluster }

// Connections returns the tasks' network connections: database.Connections().AllowDefaultPortFrom(run, nil). In bridge and host
// network mode they are those of the instances of its Capacity.
func (r *Run) Connections() awsec2.Connections {
	groups, _ := r.props.asService().mountSecurityGroups()
	return r.connectable.Of(r, groups, useInstanceGroups)
}

// GrantPrincipal returns the principal of the task's role: bucket.GrantRead(run, nil). The grant holds for whatever runs the same
// Task. To let somebody start the task, see GrantStart.
func (r *Run) GrantPrincipal() awsiam.IPrincipal { return r.Task.GrantPrincipal() }

// Dependencies returns what must exist before a task can start: its roles with their policies, a way to its image, its files.
// A resource that starts tasks should depend on it.
func (r *Run) Dependencies() []constructs.IDependable { return r.dependencies }

// RunParameters are the parameters of a RunTask call for a Run, as plain values, for whatever makes the call: EventBridge, Step
// Functions, the AWS CLI.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
type RunParameters struct {
	// ClusterArn, TaskDefinitionArn and TaskCount are always set.
	ClusterArn, TaskDefinitionArn string
	TaskCount                     int
	// Capacity has the shares, or is empty; then LaunchType is "FARGATE" or "EC2".
	Capacity             []CapacityProviderStrategy
	LaunchType           string
	PlacementStrategies  []PlacementStrategy
	PlacementConstraints []PlacementConstraint
	// SubnetIds and SecurityGroupIds are nil in bridge and host network mode, which take no network configuration.
	SubnetIds, SecurityGroupIds []string
	// AssignPublicIp is "ENABLED", "DISABLED", or "" where tasks can't have public addresses.
	AssignPublicIp string
}

// Parameters returns the parameters of the RunTask call that starts the task.
func (r *Run) Parameters() RunParameters {
	p := RunParameters{
		ClusterArn: r.props.Cluster.Arn(), TaskDefinitionArn: r.Task.Arn(), TaskCount: r.props.TaskCount,
		Capacity: r.props.Capacity, PlacementStrategies: r.props.PlacementStrategies, PlacementConstraints: r.props.PlacementConstraints,
	}
	kind := r.props.asService().kind()
	if len(p.Capacity) == 0 {
		p.LaunchType = map[capacityKind]string{onFargate: "FARGATE", onEc2: "EC2"}[kind]
	}
	if !r.Task.usesAwsvpc() {
		return p
	}
	for _, id := range *r.props.Cluster.Vpc().SelectSubnets(r.props.Subnets.Select()).SubnetIds {
		p.SubnetIds = append(p.SubnetIds, *id)
	}
	for _, group := range r.SecurityGroups {
		p.SecurityGroupIds = append(p.SecurityGroupIds, *group.SecurityGroupId())
	}
	if kind == onFargate {
		p.AssignPublicIp = "DISABLED"
		if r.props.AssignPublicIp {
			p.AssignPublicIp = "ENABLED"
		}
	}
	return p
}

// GrantStart lets a role or a user start the task in its cluster and nothing else: pass its two roles to ECS, and tag what it
// starts. It may start every revision of the task definition, so that starts succeed while a deployment replaces one.
// It panics with *invalid.Error if the grantee is nil.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
func (r *Run) GrantStart(grantee awsiam.IGrantable) awsiam.Grant {
	check.Grantee(r, "GrantStart", grantee)
	condition := func(operator, key string, value any) *map[string]*map[string]any {
		return &map[string]*map[string]any{operator: {key: value}}
	}
	statements := []awsiam.GrantOnPrincipalOptions{{
		Actions: jsii.Strings("ecs:RunTask"), ResourceArns: &[]*string{r.arn("task-definition", r.Task.family+":*")},
		Conditions: condition("ArnEquals", "ecs:cluster", r.props.Cluster.Cluster.ClusterArn()),
	}, {
		Actions: jsii.Strings("ecs:TagResource"), ResourceArns: &[]*string{r.arn("task", r.props.Cluster.Name()+"/*")},
		Conditions: condition("StringEquals", "ecs:CreateAction", "RunTask"),
	}}
	if roles := r.roleArns(); len(roles) > 0 {
		statements = append(statements, awsiam.GrantOnPrincipalOptions{
			Actions: jsii.Strings("iam:PassRole"), ResourceArns: &roles,
			Conditions: condition("StringEquals", "iam:PassedToService", taskrole.EcsTasks),
		})
	}
	var all awsiam.Grant
	for i := range statements {
		statements[i].Grantee = grantee
		grant := awsiam.Grant_AddToPrincipal(&statements[i])
		if all != nil {
			grant = all.Combine(grant)
		}
		all = grant
	}
	return all
}

func (r *Run) roleArns() (arns []*string) {
	for _, role := range []awsiam.IRole{r.Task.TaskRole, r.Task.ExecutionRole} {
		if role != nil {
			arns = append(arns, role.RoleArn())
		}
	}
	return arns
}

func (r *Run) arn(resource, name string) *string {
	return awscdk.Stack_Of(r).FormatArn(&awscdk.ArnComponents{Service: jsii.String("ecs"), Resource: &resource, ResourceName: &name})
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
	p.Cluster, p.Task = check.MadeOrNil(p.Cluster), check.MadeOrNil(p.Task)
	opt.Default(&p.TaskCount, 1)
	if p.Task != nil && p.Task.usesAwsvpc() {
		opt.Default(&p.Subnets, network.Private)
	}
	if len(p.Capacity) == 0 {
		p.Capacity = p.asService().defaultCapacity()
	}
}

// Validate returns all problems of the props, or nil, except those that only NewRun finds, in the cluster's VPC.
func (p *RunProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *RunProps) validate() error {
	var bad invalid.Problems
	service := p.asService()
	service.validateRequired(&bad)
	service.validateTasks(&bad)
	if len(p.Capacity) > maxShares {
		bad.Add("Capacity", "must have at most %d elements", maxShares).Given(len(p.Capacity))
	}
	check.Range("TaskCount", p.TaskCount, 1, maxTaskCount, &bad)
	p.validateNoVolume(&bad)
	return bad.Err()
}

func (p *RunProps) validateInCluster() error {
	var bad invalid.Problems
	service := p.asService()
	service.validateVpc(&bad)
	return bad.Err()
}
