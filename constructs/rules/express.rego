package awscontainers

import rego.v1

# METADATA
# title: An Express service has no infrastructure role, or no execution role
# description: "ECS refuses the service: under the one it makes load balancer and scaling, under the other it starts tasks."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html
# custom:
#   id: AWSC-EXPRESS-001
violation contains make_diag_at("AWSC-EXPRESS-001", "ERROR", service, path, message) if {
	some service in resources_of_type(express_type)
	some key in ["InfrastructureRoleArn", "ExecutionRoleArn"]
	absent(service, [key])
	not express_given_by_task(service, key)
	path := dotted([key])
	message := sprintf("Express service %v has no %v; give it a role that %v may assume", [service, key, express_principals[key]])
}

# A task definition of one's own has the execution role in it.
express_given_by_task(service, "ExecutionRoleArn") if not absent(service, ["TaskDefinitionArn"])

express_type := "AWS::ECS::ExpressGatewayService"

express_principals := {
	"InfrastructureRoleArn": "ecs.amazonaws.com",
	"ExecutionRoleArn": "ecs-tasks.amazonaws.com",
	"TaskRoleArn": "ecs-tasks.amazonaws.com",
}

# METADATA
# title: The infrastructure role of an Express service may not be assumed by ECS
# description: ECS may make neither load balancer nor certificate nor scaling, and the deployment fails or hangs.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
# custom:
#   id: AWSC-EXPRESS-002
violation contains make_diag_at("AWSC-EXPRESS-002", "ERROR", role, "Properties.AssumeRolePolicyDocument", message) if {
	some service in resources_of_type(express_type)
	some use in assume_uses
	use.by == service
	use.principal == "ecs"
	role := use.role
	count(assume_refused(use)) > 0
	message := sprintf(
		"Express service %v has infrastructure role %v, whose trust policy does not let ecs.amazonaws.com assume it; allow that service sts:AssumeRole",
		[service, role],
	)
}

# METADATA
# title: The infrastructure role of an Express service has not the policy that Express Mode needs
# description: ECS may not make the load balancer, and the service never gets its address. Infrastructure roles for other uses have other policies.
# related_resources:
# - https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRoleforExpressGatewayServices.html
# custom:
#   id: AWSC-EXPRESS-003
violation contains make_diag_at("AWSC-EXPRESS-003", "ERROR", role, "Properties.ManagedPolicyArns", message) if {
	some need in call_refused
	need.kind == "Express service"
	service := need.by
	role := need.role
	message := sprintf(
		"Express service %v has infrastructure role %v, which may not make a load balancer; attach the managed policy service-role/%v",
		[service, role, express_policy],
	)
}

express_policy := "AmazonECSInfrastructureRoleforExpressGatewayServices"

# What nobody but the one who makes load balancers may do.
express_action := "elasticloadbalancing:CreateLoadBalancer"

# METADATA
# title: The managed policy for Express Mode is attached by an ARN without its path
# description: IAM knows it as policy/service-role/..., refuses any other ARN, and the stack rolls back.
# related_resources:
# - https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRoleforExpressGatewayServices.html
# custom:
#   id: AWSC-EXPRESS-004
violation contains make_diag_at("AWSC-EXPRESS-004", "ERROR", role, path, message) if {
	some role in resources_of_type("AWS::IAM::Role")
	some i, value in list(role, ["ManagedPolicyArns"])
	is_string(value)
	regex.match(sprintf(`^arn:[^:]+:iam::aws:policy/%v$`, [express_policy]), value)
	path := dotted(["ManagedPolicyArns", i])
	message := sprintf("role %v has the managed policy %v, which is at the path service-role/; write policy/service-role/%v", [role, express_policy, express_policy])
}

# METADATA
# title: The execution or task role of an Express service may not be assumed by ECS tasks
# description: "The deployment hangs: each task fails with \"ECS was unable to assume the role\"."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
# custom:
#   id: AWSC-EXPRESS-005
violation contains make_diag_at("AWSC-EXPRESS-005", "ERROR", service, path, message) if {
	some service in resources_of_type(express_type)
	some use in assume_uses
	use.by == service
	use.principal == "ecs-tasks"
	count(assume_refused(use)) > 0
	path := dotted(use.keys)
	message := sprintf(
		"%v of Express service %v is role %v, whose trust policy does not let ecs-tasks.amazonaws.com assume it; allow that service sts:AssumeRole",
		[use.keys[0], service, use.role],
	)
}

# METADATA
# title: Fargate does not offer this size of CPU and memory to an Express service
# description: ECS cannot register the task definition that it makes of the service ("No Fargate configuration exists for given values").
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
# custom:
#   id: AWSC-EXPRESS-006
violation contains make_diag_at("AWSC-EXPRESS-006", "ERROR", service, "Properties.Cpu", message) if {
	some service in resources_of_type(express_type)
	given := literal(service, ["Cpu"])
	cpu := task_cpu_units(given)
	not cpu in {size.cpu | some size in task_fargate_sizes}
	message := sprintf("Cpu %v of Express service %v is not a Fargate size; use %v", [given, service, joined([size.cpu | some size in task_fargate_sizes])])
}

violation contains make_diag_at("AWSC-EXPRESS-006", "ERROR", service, "Properties.Memory", message) if {
	some service in resources_of_type(express_type)
	cpu := task_cpu_units(literal(service, ["Cpu"]))
	given := literal(service, ["Memory"])
	memory := task_mebibytes(given)
	some size in task_fargate_sizes
	size.cpu == cpu
	not memory in size.memory
	message := sprintf("Memory %v of Express service %v is not offered with Cpu %v on Fargate; use, in MiB, %v", [given, service, cpu, task_memory_choices(size.memory)])
}

# METADATA
# title: An Express service has a task definition and also what belongs in one
# description: "ECS refuses the service: the container, the size and the roles of the task come either from the service or from its task definition."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html
# custom:
#   id: AWSC-EXPRESS-007
violation contains make_diag_at("AWSC-EXPRESS-007", "ERROR", service, path, message) if {
	some service in resources_of_type(express_type)
	express_given(service, "TaskDefinitionArn")
	both := {key |
		some key in ["PrimaryContainer", "Cpu", "Memory", "ExecutionRoleArn", "TaskRoleArn"]
		express_given(service, key)
	}
	count(both) > 0
	path := dotted(["TaskDefinitionArn"])
	message := sprintf(
		"Express service %v has TaskDefinitionArn and also %v, which its task definition has; remove one or the other",
		[service, listed(both)],
	)
}

# True if a property is surely set.
express_given(service, key) if {
	value := property(service, [key])
	value != null
	not express_open(value)
}

express_open(value) if {
	is_object(value)
	some marker in ["__dynamic", "__conditional"]
	marker in object.keys(value)
}

# METADATA
# title: The task definition of an Express service has no container for its requests
# description: ECS sends the requests to the one TCP port with a name in the container Main, and refuses a task definition without it.
# related_resources:
# - https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-expressgatewayservice.html
# custom:
#   id: AWSC-EXPRESS-008
violation contains make_diag_at("AWSC-EXPRESS-008", "ERROR", task, "Properties.ContainerDefinitions", message) if {
	# https://aws.amazon.com/about-aws/whats-new/2026/07/amazon-ecs-express-mode-task-def/
	some service, task in express_tasks
	names := every_literal(task, ["ContainerDefinitions"], "Name")
	not "Main" in names
	message := sprintf(
		"task definition %v of Express service %v has no container Main, but %v; name the container Main that gets the requests",
		[task, service, listed(names)],
	)
}

violation contains make_diag_at("AWSC-EXPRESS-008", "ERROR", task, path, message) if {
	some service, task in express_tasks
	some c, _ in list(task, ["ContainerDefinitions"])
	literal(task, ["ContainerDefinitions", c, "Name"]) == "Main"
	ports := list(task, ["ContainerDefinitions", c, "PortMappings"])
	every i, _ in ports {
		express_useless_port(task, c, i)
	}
	path := dotted(["ContainerDefinitions", c])
	message := sprintf(
		"container Main of task definition %v of Express service %v maps no TCP port with a name; give its port mapping a Name",
		[task, service],
	)
}

express_tasks[service] := task if {
	some service in resources_of_type(express_type)
	task := refers(property(service, ["TaskDefinitionArn"]), "AWS::ECS::TaskDefinition")
}

express_useless_port(task, c, i) if absent(task, ["ContainerDefinitions", c, "PortMappings", i, "Name"])

express_useless_port(task, c, i) if literal(task, ["ContainerDefinitions", c, "PortMappings", i, "Protocol"]) == "udp"
