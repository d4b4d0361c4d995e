package awscontainers

import rego.v1

# Who names whom: a setting of a resource that must be the name of something in a task definition.
#   by, keys   the resource and the setting
#   what       what is named: "container", "container port", "volume"
#   given      the name
#   task       the task definition
#   names      what there is there, all of it
name_uses contains use if {
	some service, task in service_tasks
	some i, _ in list(service, ["LoadBalancers"])
	keys := ["LoadBalancers", i, "ContainerName"]
	given := literal(service, keys)
	names := every_literal(task, ["ContainerDefinitions"], "Name")
	use := {"by": service, "keys": keys, "what": "container", "given": given, "task": task, "names": {n | some n in names}}
}

name_uses contains use if {
	some service, task in service_tasks
	some i, _ in list(service, ["LoadBalancers"])
	name := literal(service, ["LoadBalancers", i, "ContainerName"])
	keys := ["LoadBalancers", i, "ContainerPort"]
	given := number(literal(service, keys))
	some c, _ in list(task, ["ContainerDefinitions"])
	literal(task, ["ContainerDefinitions", c, "Name"]) == name

	# Undefined for a container that maps a range of ports.
	ports := every_literal(task, ["ContainerDefinitions", c, "PortMappings"], "ContainerPort")
	names := {number(port) | some port in ports}
	use := {"by": service, "keys": keys, "what": "container port", "given": given, "task": task, "names": names, "container": name}
}

name_uses contains use if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	names := every_literal(task, ["Volumes"], "Name")
	some c, _ in list(task, ["ContainerDefinitions"])
	some m, _ in list(task, ["ContainerDefinitions", c, "MountPoints"])
	keys := ["ContainerDefinitions", c, "MountPoints", m, "SourceVolume"]
	given := literal(task, keys)
	use := {
		"by": task, "keys": keys, "what": "volume", "given": given, "task": task, "names": {n | some n in names},
		"container": task_container(task, c),
	}
}

# The containers whose settings a rule, schedule or pipe changes for the tasks that it starts.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
name_uses contains use if {
	some run in run_all
	some place in name_override_places(run)
	some override in name_overrides(place)
	task := run_task(run)
	names := every_literal(task, ["ContainerDefinitions"], "Name")
	use := {"by": run.name, "keys": place.keys, "what": "container", "given": override.name, "task": task, "names": {n | some n in names}}
}

name_override_places(run) := [{"name": run.name, "keys": keys} |
	run.kind in {"pipe", "rule", "schedule"}
	some keys in [run.places.input.keys, array.concat(run.places.overrides.keys, ["InputTemplate"])]
]

# A text may have variables in it, "<key>", that become JSON only with an event.
name_overrides(place) := overrides if {
	text := regex.replace(trim_prefix(partly_known(property(place.name, place.keys)), "Join:"), `<[A-Za-z0-9_.-]+>`, "0.0")
	not guess_within(place.name, place.keys)
	json.is_valid(text)
	parsed := json.unmarshal(text)
	is_array(parsed.containerOverrides)
	overrides := [override | some override in parsed.containerOverrides; regex.match(`^[A-Za-z0-9_-]+$`, override.name); policy_unguessed(override.name) == override.name]
}

# The uses whose name surely is not there.
name_unknown contains use if {
	some use in name_uses
	not use.given in use.names
}
