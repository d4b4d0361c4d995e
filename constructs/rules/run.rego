package awscontainers

import rego.v1

# Who runs containers. Each has the same shape, so that a rule about tasks holds for all that start them:
#   kind, name   what it is, as a message calls it, and its logical id
#   principal    the service that starts the tasks with a role of the template; none for what ECS and App Runner run by themselves
#   places       where a setting is written: {"subnets": {"name": …, "keys": …}, …}. A kind lacks the settings that it has not.
# relations.md has the table of kinds and settings.
run_all contains run if {
	some type, kind in {"AWS::ECS::Service": "service", "AWS::ECS::TaskSet": "task set"}
	some name in resources_of_type(type)
	vpc := {"service": "AwsvpcConfiguration", "task set": "AwsVpcConfiguration"}[kind]
	places := object.union(run_settings(name, [], vpc), {
		"task": {"name": name, "keys": ["TaskDefinition"]},
		"cluster": {"name": name, "keys": ["Cluster"]},
	})
	run := {"kind": kind, "name": name, "principal": "", "places": places}
}

run_all contains run if {
	some name in resources_of_type("AWS::Events::Rule")
	some i, _ in list(name, ["Targets"])
	keys := ["Targets", i]
	run_has_task(name, array.concat(keys, ["EcsParameters"]))
	run := run_by_eventbridge("rule", "events", name, keys)
}

run_all contains run if {
	some name in resources_of_type("AWS::Scheduler::Schedule")
	run_has_task(name, ["Target", "EcsParameters"])
	run := run_by_eventbridge("schedule", "scheduler", name, ["Target"])
}

run_all contains run if {
	some name in resources_of_type("AWS::Pipes::Pipe")
	keys := ["TargetParameters", "EcsTaskParameters"]
	run_has_task(name, keys)
	places := object.union(run_settings(name, keys, "AwsvpcConfiguration"), {
		"task": {"name": name, "keys": array.concat(keys, ["TaskDefinitionArn"])},
		"cluster": {"name": name, "keys": ["Target"]},
		"role": {"name": name, "keys": ["RoleArn"]},
		"input": {"name": name, "keys": ["TargetParameters", "InputTemplate"]},
		"overrides": {"name": name, "keys": array.concat(keys, ["Overrides"])},
	})
	run := {"kind": "pipe", "name": name, "principal": "pipes", "places": places}
}

# The other settings are in the text of its definition, in which paths do not reach.
run_all contains run if {
	some name, tasks in run_by_states
	some task in tasks
	places := {
		"role": {"name": name, "keys": ["RoleArn"]},
		"input": {"name": name, "keys": ["DefinitionString"]},
		"overrides": {"name": name, "keys": ["Definition"]},
	}
	run := {"kind": "state machine", "name": name, "principal": "states", "places": places, "task": task}
}

run_all contains run if {
	some name in resources_of_type("AWS::ECS::ExpressGatewayService")
	places := {
		"task": {"name": name, "keys": ["TaskDefinitionArn"]},
		"cluster": {"name": name, "keys": ["Cluster"]},
		"subnets": {"name": name, "keys": ["NetworkConfiguration", "Subnets"]},
		"groups": {"name": name, "keys": ["NetworkConfiguration", "SecurityGroups"]},
	}
	run := {"kind": "Express service", "name": name, "principal": "", "places": places}
}

# What its instances reach in a VPC is written in its connector.
run_all contains run if {
	some name in resources_of_type("AWS::AppRunner::Service")
	keys := ["NetworkConfiguration", "EgressConfiguration", "VpcConnectorArn"]
	places := {what: {"name": connector, "keys": [key]} |
		connector := refers(property(name, keys), "AWS::AppRunner::VpcConnector")
		some what, key in {"subnets": "Subnets", "groups": "SecurityGroups"}
	}
	run := {"kind": "App Runner service", "name": name, "principal": "", "places": places}
}

run_has_task(name, keys) if {
	parameters := property(name, keys)
	is_object(parameters)
	not opaque(parameters)
}

# The two services do not spell the network configuration alike.
run_by_eventbridge(kind, principal, name, keys) := run if {
	vpc := {"rule": "AwsVpcConfiguration", "schedule": "AwsvpcConfiguration"}[kind]
	parameters := array.concat(keys, ["EcsParameters"])
	places := object.union(run_settings(name, parameters, vpc), {
		"task": {"name": name, "keys": array.concat(parameters, ["TaskDefinitionArn"])},
		"cluster": {"name": name, "keys": array.concat(keys, ["Arn"])},
		"role": {"name": name, "keys": array.concat(keys, ["RoleArn"])},
		"input": {"name": name, "keys": array.concat(keys, ["Input"])},
		"path": {"name": name, "keys": array.concat(keys, ["InputPath"])},
		"overrides": {"name": name, "keys": array.concat(keys, ["InputTransformer"])},
	})
	run := {"kind": kind, "name": name, "principal": principal, "places": places}
}

# The settings that all which run tasks spell alike.
run_settings(name, keys, vpc) := {what: {"name": name, "keys": array.concat(keys, below)} |
	some what, below in {
		"network": ["NetworkConfiguration", vpc],
		"subnets": ["NetworkConfiguration", vpc, "Subnets"],
		"groups": ["NetworkConfiguration", vpc, "SecurityGroups"],
		"public address": ["NetworkConfiguration", vpc, "AssignPublicIp"],
		"launch type": ["LaunchType"],
		"strategy": ["CapacityProviderStrategy"],
		"platform": ["PlatformVersion"],
	}
}

# The task definitions of this template that each state machine runs.
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
run_by_states[name] contains task if {
	some name in resources_of_type("AWS::StepFunctions::StateMachine")
	states := run_states(name).States
	is_object(states)
	some state in states
	regex.match(`:states:::ecs:runTask(\.sync|\.waitForTaskToken)?$`, state.Resource)

	# Then Step Functions runs it with another role.
	not state.Credentials
	some key in ["Arguments", "Parameters"]
	task := run_named_task(name, state[key].TaskDefinition)
}

run_states(name) := property(name, ["Definition"]) if is_object(property(name, ["Definition"]))

# The text of a Join is JSON too, with a mark in the place of each reference.
run_states(name) := definition if {
	not is_object(property(name, ["Definition"]))
	text := trim_prefix(partly_known(property(name, ["DefinitionString"])), "Join:")
	json.is_valid(text)
	definition := json.unmarshal(text)
}

run_named_task(_, value) := refers(value, "AWS::ECS::TaskDefinition")

run_named_task(_, value) := task if {
	is_string(value)
	regex.match(`^\{(part|ref):[A-Za-z0-9]+\}$`, value)
	task := trim_suffix(split(value, ":")[1], "}")
	input.resources[task].resourceType == "AWS::ECS::TaskDefinition"
}

# By a variable of the definition.
run_named_task(name, value) := refers(property(name, ["DefinitionSubstitutions", variable]), "AWS::ECS::TaskDefinition") if {
	is_string(value)
	regex.match(`^\$\{[A-Za-z0-9_]+\}$`, value)
	variable := trim_suffix(trim_prefix(value, "${"), "}")
}

# By its family, if only one task definition has it.
run_named_task(_, value) := task if {
	is_string(value)
	tasks := {task | some task in resources_of_type("AWS::ECS::TaskDefinition"); literal(task, ["Family"]) == value}
	count(tasks) == 1
	some task in tasks
}

# The value of a setting, and the same for literal(), list() and so on. Undefined for a setting that the kind has not.
run_property(run, what) := property(run.places[what].name, run.places[what].keys)

run_literal(run, what) := literal(run.places[what].name, run.places[what].keys)

run_list(run, what) := list(run.places[what].name, run.places[what].keys)

run_setting(run, what, otherwise) := setting(run.places[what].name, run.places[what].keys, otherwise)

run_references(run, what, type) := references(run.places[what].name, run.places[what].keys, type)

run_absent(run, what) if absent(run.places[what].name, run.places[what].keys)

run_path(run, what) := dotted(run.places[what].keys)

# The task definition, where it is in this template.
run_task(run) := refers(run_property(run, "task"), "AWS::ECS::TaskDefinition")

run_task(run) := run.task

# The role with which a service starts the tasks.
run_role(run) := refers(run_property(run, "role"), "AWS::IAM::Role")

# True if the tasks surely run on Fargate.
run_on_fargate(run) if count(run_fargate_by(run)) > 0

# What puts them there.
run_fargate_by(run) := (type | providers) | express if {
	type := {"launch type FARGATE" | run_literal(run, "launch type") == "FARGATE"}
	providers := {sprintf("capacity provider %v", [provider]) |
		some i, _ in run_list(run, "strategy")
		place := run.places.strategy
		provider := literal(place.name, array.concat(place.keys, [i, "CapacityProvider"]))
		provider in capacity_fargate_providers
	}
	express := {"Express Mode" | run.kind == "Express service"}
}
