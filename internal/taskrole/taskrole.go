package taskrole

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/policy"
)

const (
	// EcsTasks is the principal of both of a task's roles.
	EcsTasks = "ecs-tasks.amazonaws.com"
	// Ecs is the principal of the roles that move traffic, call hooks and create infrastructure. AWS documents them without
	// a condition on the account.
	Ecs = "ecs.amazonaws.com"
)

// New creates a task role, the identity of the program. Only ECS tasks of this account may assume it: without the
// condition, ECS could be made to use it for somebody else.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
func New(scope constructs.Construct, path string) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String("TaskRole"), &awsiam.RoleProps{
		Description: describe.Of("Task role of", path),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String(EcsTasks), &awsiam.ServicePrincipalOpts{
			Conditions: policy.OfThisAccount("ecs", "*"),
		}),
	})
}

// NewExecution creates an execution role without permissions: those for an image, a secret and a log group are granted one
// by one.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
func NewExecution(scope constructs.Construct, path string) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String("ExecutionRole"), &awsiam.RoleProps{
		Description: describe.Of("Execution role of", path),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String(EcsTasks), nil),
	})
}

// guardDutyAgent is the repository of the container that GuardDuty adds to tasks on Fargate, in an account of AWS's that differs from
// Region to Region.
// https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-ecr-repository-gdu-agent.html
const guardDutyAgent = "aws-guardduty-agent-fargate"

// AllowGuardDuty lets an execution role pull GuardDuty's agent. A role that the caller brings is for its owner to explain.
// https://docs.aws.amazon.com/guardduty/latest/ug/prereq-runtime-monitoring-ecs-support.html
func AllowGuardDuty(scope constructs.Construct, role awsiam.IRole, isOurs bool) {
	policy.AllowPull(role, guardDutyAgent)
	if isOurs {
		Explain(role, "ecr:GetAuthorizationToken knows no resources, and GuardDuty's agent is in an account that AWS chooses", "Resource::*",
			policy.PulledFrom(scope, guardDutyAgent))
	}
}

// NewLogGroup creates the log group of a task, and lets CloudWatch Logs use the key, if there is one.
func NewLogGroup(
	scope constructs.Construct, retention awslogs.RetentionDays, removal awscdk.RemovalPolicy, key awskms.IKey,
) awslogs.LogGroup {
	group := awslogs.NewLogGroup(scope, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		Retention:     retention,
		RemovalPolicy: removal,
		EncryptionKey: key,
	})
	if key != nil {
		policy.LetLogsUse(scope, key)
	}
	return group
}

// Explain tells cdk-nag the reason for wildcards in the policy of a role, if it has one. A role that the caller brings is
// for its owner to explain.
func Explain(role awsiam.IRole, reason string, appliesTo ...string) {
	if policy := role.Node().TryFindChild(jsii.String("DefaultPolicy")); policy != nil {
		nag.Suppress(policy, "AwsSolutions-IAM5", reason, appliesTo...)
	}
}
