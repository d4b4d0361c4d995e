package lifecycle_test

import (
	"slices"

	"awscontainers/test/cdktest"
)

// orders is the table of what must exist before what. Each part is in a file of its own.
var orders = slices.Concat(networkOrders, ecsOrders, eksOrders, edgeOrders)

// dependsOn is CloudFormation's page with the examples of routes, policies and Auto Scaling groups.
const dependsOn = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html"

const (
	// launches are the types by which a resource refers to the roles and security groups of what it runs.
	launches = "AWS::ECS::TaskDefinition AWS::IAM::InstanceProfile AWS::EC2::LaunchTemplate AWS::StepFunctions::StateMachine"
	services = "AWS::ECS::Service AWS::ECS::ExpressGatewayService"
	// starters are what starts tasks. Of rules, only those that do; see isStarter.
	starters = services + " AWS::Events::Rule AWS::Scheduler::Schedule"
	nodes    = "AWS::EKS::Nodegroup AWS::AutoScaling::AutoScalingGroup AWS::EKS::FargateProfile"
	policies = "AWS::IAM::Policy AWS::IAM::RolePolicy AWS::IAM::ManagedPolicy"
	sgRules  = "AWS::EC2::SecurityGroupIngress AWS::EC2::SecurityGroupEgress"
)

// isStarter tells the rules that start tasks from those that only watch them. Resources of other types are what their type says.
func isStarter(r *cdktest.Resource) bool {
	return r.Type != "AWS::Events::Rule" || slices.ContainsFunc(cdktest.List(r.Get("Targets")), func(target any) bool {
		return cdktest.Dig(target, "EcsParameters") != nil
	})
}

// hasRole holds for the policy of a role that a resource uses, itself or for what it launches.
func hasRole(s *stack, policy, r *cdktest.Resource) bool {
	return isStarter(r) && s.share("AWS::IAM::Role", policy, r, launches)
}
