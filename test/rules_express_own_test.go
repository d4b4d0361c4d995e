//go:build recipes

package test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/express"
	"awscontainers/constructs/registry"
)

// expressOwnCases are of this library's construct, as the CDK writes it.
var expressOwnCases = []ruleCase{
	{name: "ExpressByConstruct", adjust: func(stack awscdk.Stack) {
		express.NewService(stack, "Web", &express.ServiceProps{Image: registry.FromRegistry(privateImage)})
	}},
	{
		name: "ExpressWithWrongRoles",
		adjust: func(stack awscdk.Stack) {
			role := func(id, service, policy string) awsiam.IRole {
				return awsiam.NewRole(stack, &id, &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(&service, nil),
					ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(policy))}})
			}
			express.NewService(stack, "Web", &express.ServiceProps{
				Image:              registry.FromRegistry(publicImage),
				ExecutionRole:      role("Execution", "ecs.amazonaws.com", "service-role/AmazonECSTaskExecutionRolePolicy"),
				InfrastructureRole: role("Infrastructure", "ecs-tasks.amazonaws.com", "AmazonECSInfrastructureRolePolicyForLoadBalancers"),
			})
		},
		want: []string{"AWSC-EXPRESS-002 Infrastructure/Resource", "AWSC-EXPRESS-003 Infrastructure/Resource", "AWSC-EXPRESS-005 Web/Service"},
	},
}
