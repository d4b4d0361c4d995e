package awscontainers

import rego.v1

# What policy documents let a service do. Anything unusual counts as allowed: NotAction, NotPrincipal, Fn::If, a
# statement with conditions.

# True if the policy of a resource surely lets a service ("ecs-tasks") not do something ("sts:AssumeRole").
denied(name, keys, service, action) if {
	not guess_within(name, keys)
	statements := policy_statements(property(name, array.concat(keys, ["Statement"])))
	every statement in statements {
		refuses(statement, service, action)
	}
}

policy_statements(value) := value if is_array(value)

policy_statements(value) := [value] if {
	is_object(value)
	not opaque(value)
}

# True if a statement surely does not let the service do it.
refuses(statement, _, action) if forbids(statement, action)

refuses(statement, service, _) if excludes(statement, service)

# True if a statement surely lets nobody do it.
forbids(statement, _) if statement.Effect == "Deny"

forbids(statement, action) if {
	patterns := strings(statement.Action)
	every pattern in patterns {
		not covers(pattern, action)
	}
}

# True if an action as a policy writes it covers another; all that begins like one with a wildcard is covered.
covers(pattern, action) if lower(pattern) == lower(action)

covers(pattern, action) if {
	regex.match(wildcard, pattern)
	startswith(lower(action), lower(before_wildcard(pattern)))
}

# True if a statement is surely for others than the service.
excludes(statement, service) if {
	is_object(statement.Principal)
	not opaque(statement.Principal)
	services := strings(object.get(statement.Principal, "Service", []))
	every name in services {
		not startswith(name, concat("", [service, "."]))
		name != "*"
	}
	not everybody(object.get(statement.Principal, "AWS", []))
}

everybody(principal) if principal == "*"

everybody(principal) if {
	is_array(principal)
	"*" in principal
}

# A string or a list of strings as a list. Undefined if any of it is unknown.
strings(value) := [value] if is_string(value)

strings(value) := value if {
	is_array(value)
	every element in value {
		is_string(element)
	}
}

# True if a role surely does not allow an action on a resource: neither by its own policies nor by those attached. One with a
# name of its own may have more attached by that name.
role_without(role, action, resource) if {
	whole_template
	absent(role, ["RoleName"])
	not exported(role)
	not in_custom_resource(role)
	every i, _ in list(role, ["ManagedPolicyArns"]) {
		managed_without(role, ["ManagedPolicyArns", i], action, resource)
	}
	every i, _ in list(role, ["Policies"]) {
		policy_without(role, ["Policies", i, "PolicyDocument"], action, resource)
	}
	every policy in attached_policies(role) {
		policy_without(policy, ["PolicyDocument"], action, resource)
	}
}

# True if a policy document surely does not allow an action on a resource.
policy_without(name, keys, action, resource) if {
	not guess_within(name, keys)
	statements := policy_statements(property(name, array.concat(keys, ["Statement"])))
	every statement in statements {
		withholds(statement, action, resource)
	}
}

withholds(statement, action, _) if forbids(statement, action)

withholds(statement, _, resource) if {
	resource != anything
	patterns := statement_resources(statement)
	every pattern in patterns {
		misses(pattern, resource)
	}
}

# What a statement is about. Undefined for NotResource, and where the list as a whole is unknown.
statement_resources(statement) := statement.Resource if is_array(statement.Resource)

statement_resources(statement) := [statement.Resource] if not is_array(statement.Resource)

# A resource as policies name it: the service in its ARN, and how the last part of the ARN begins; all of it, if complete.
anything := {}

task_resource(task) := {"id": task, "service": "ecs", "begins": begins, "complete": false} if {
	begins := concat("", ["task-definition/", task_family(task)])
}

# The revision comes after the family. A name that the template does not give is known after the deployment only.
task_family(task) := sprintf("%v:", [literal(task, ["Family"])])

task_family(task) := "" if not literal(task, ["Family"])

role_resource(role) := {"id": role, "service": "iam", "begins": "role/", "complete": false}

queue_resource(queue) := {"id": queue, "service": "sqs", "begins": literal(queue, ["QueueName"]), "complete": true}

queue_resource(queue) := {"id": queue, "service": "sqs", "begins": "", "complete": false} if not literal(queue, ["QueueName"])

# True if what a statement is about is surely not a resource: another resource of this template, or another ARN. The account
# and the Region of an ARN do not count, because the engine guesses them.
misses(pattern, resource) if {
	other := pattern.__ref
	other != resource.id
	pattern.__kind in {"getatt:Arn", "resource"}
	type := input.resources[other].resourceType
	startswith(type, "AWS::")
	# What these give may be anything.
	not startswith(type, "AWS::CloudFormation::")
}

misses(pattern, resource) if {
	arn := arn_of(pattern)
	arn.service != resource.service
	not regex.match(wildcard, arn.service)
}

misses(pattern, resource) if {
	arn := arn_of(pattern)
	not may_name(arn.name, resource)
}

wildcard := `[*?]`

# The service and the last part of an ARN; what is unknown in it is a wildcard. Undefined for anything else.
arn_of(pattern) := {"service": parts[1], "name": parts[2]} if {
	text := unguessed(trim_prefix(partly_known(pattern), "Join:"))
	found := regex.find_all_string_submatch_n(`^arn:[^:]*:([^:]*):[^:]*:[^:]*:(.+)$`, text, 1)
	parts := found[0]
}

# A text with a wildcard for each part that the engine does not know, or puts in the place of the stack's name and id, its
# Region and its account.
unguessed(text) := regex.replace(text, `\{[^}]*\}|teststack|us-east-1|123456789012|51af3dc0|da77|11e4|872e|1234567db123`, "*")

# True if a name with wildcards may be that of a resource.
may_name(name, resource) if {
	regex.match(wildcard, name)
	startswith(resource.begins, before_wildcard(name))
}

may_name(name, resource) if {
	resource.complete == false
	startswith(before_wildcard(name), resource.begins)
}

may_name(name, resource) if name == resource.begins

before_wildcard(text) := regex.split(wildcard, text)[0]

# True for a managed policy of this template without the action, and for those of AWS that are known to be without.
managed_without(name, keys, action, resource) if {
	policy := refers(property(name, keys), "AWS::IAM::ManagedPolicy")
	policy_without(policy, ["PolicyDocument"], action, resource)
}

managed_without(name, keys, action, _) if {
	arn := property(name, keys)
	is_string(arn)
	not guess_within(name, keys)
	regex.match(`^arn:[^:]+:iam::aws:policy/`, arn)
	policy := regex.replace(arn, `^.*/`, "")
	policy in policies_without[action]
}

# Managed policies of AWS for instances, tasks and nodes, of which none allows these actions, and one that is easily mistaken for the
# one that does.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
policies_without := {
	"ecs:RegisterContainerInstance": policies_for_instances,
	"ecs:RunTask": policies_for_instances,
	"iam:PassRole": policies_for_instances,
	"sqs:SendMessage": policies_for_instances,
	"ec2:AssignIpv6Addresses": policies_for_nodes - {"AmazonEKS_CNI_Policy"},
	"ec2:AssignPrivateIpAddresses": policies_for_nodes - {"AmazonEKS_CNI_Policy"},
	"ec2:CreateVolume": policies_for_nodes - {"AmazonEBSCSIDriverPolicy"},
	"ecr:BatchGetImage": policies_for_nodes - {"AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly"},
	"eks-auth:AssumeRoleForPodIdentity": policies_for_nodes - {"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEKSWorkerNodePolicy"},
	"elasticfilesystem:CreateAccessPoint": policies_for_nodes - {"AmazonEFSCSIDriverPolicy"},
	"elasticloadbalancing:CreateLoadBalancer": policies_not_for_express,
	"fsx:CreateFileSystem": policies_for_nodes,
	"logs:PutLogEvents": policies_for_nodes - {"CloudWatchAgentServerPolicy"},
	"s3:ListBucket": policies_for_nodes - {"AmazonS3ReadOnlyAccess"},
}

policies_for_instances := {
	"AmazonEC2ContainerRegistryPullOnly",
	"AmazonEC2ContainerRegistryReadOnly",
	"AmazonEC2ContainerServiceRole",
	"AmazonECSTaskExecutionRolePolicy",
	"AmazonElasticFileSystemClientReadWriteAccess",
	"AmazonS3ReadOnlyAccess",
	"AmazonSSMManagedInstanceCore",
	"AWSXRayDaemonWriteAccess",
	"CloudWatchAgentServerPolicy",
}

# Those for nodes of EKS. Each action above is taken out for the policies that do allow it.
policies_for_nodes := {
	"AmazonEBSCSIDriverPolicy",
	"AmazonEC2ContainerRegistryPullOnly",
	"AmazonEC2ContainerRegistryReadOnly",
	"AmazonEFSCSIDriverPolicy",
	"AmazonEKSWorkerNodeMinimalPolicy",
	"AmazonEKSWorkerNodePolicy",
	"AmazonEKS_CNI_Policy",
	"AmazonS3ReadOnlyAccess",
	"AmazonSSMManagedInstanceCore",
	"AWSXRayDaemonWriteAccess",
	"AWSXrayWriteOnlyAccess",
	"CloudWatchAgentServerPolicy",
}

# The policies of this template that name a role as one of theirs.
attached_policies(role) := {ref.source |
	some ref in input.resources[role].incomingRefs
	input.resources[ref.source].resourceType in {"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"}
	regex.match(`^Properties\.Role(s|Name)`, ref.sourcePath)
}
