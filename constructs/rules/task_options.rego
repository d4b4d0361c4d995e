package awscontainers

import rego.v1

# METADATA
# title: A log driver awsfirelens has no router, or a router has nothing to route
# description: ECS refuses to register the task definition, and the stack rolls back.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
# custom:
#   id: AWSC-TASK-007
violation contains make_diag_at("AWSC-TASK-007", "ERROR", task, path, message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	containers := list(task, ["ContainerDefinitions"])
	some c, _ in containers
	keys := ["ContainerDefinitions", c, "LogConfiguration", "LogDriver"]
	literal(task, keys) == "awsfirelens"
	every i, _ in containers {
		absent(task, ["ContainerDefinitions", i, "FirelensConfiguration"])
	}
	path := dotted(keys)
	message := sprintf(
		"%v of task definition %v logs with awsfirelens, and no container has a FirelensConfiguration; add a log router, or log with awslogs",
		[task_container(task, c), task],
	)
}

violation contains make_diag_at("AWSC-TASK-007", "ERROR", task, path, message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	containers := list(task, ["ContainerDefinitions"])
	some c, _ in containers
	keys := ["ContainerDefinitions", c, "FirelensConfiguration"]
	is_string(literal(task, array.concat(keys, ["Type"])))
	every i, _ in containers {
		task_options_other_driver(task, i)
	}
	path := dotted(keys)
	message := sprintf(
		"%v of task definition %v is a log router, and no container logs with awsfirelens; set that LogDriver, or remove FirelensConfiguration",
		[task_container(task, c), task],
	)
}

# True if a container surely doesn't log through a router.
task_options_other_driver(task, c) if absent(task, ["ContainerDefinitions", c, "LogConfiguration", "LogDriver"])

task_options_other_driver(task, c) if literal(task, ["ContainerDefinitions", c, "LogConfiguration", "LogDriver"]) != "awsfirelens"

# METADATA
# title: A restart policy has a period that ECS doesn't take
# description: ECS refuses to register the task definition, and the stack rolls back.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html
# custom:
#   id: AWSC-TASK-008
violation contains make_diag_at("AWSC-TASK-008", "ERROR", task, path, message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	keys := ["ContainerDefinitions", c, "RestartPolicy", "RestartAttemptPeriod"]
	period := number(literal(task, keys))
	not task_options_period(period)
	path := dotted(keys)
	message := sprintf(
		"RestartAttemptPeriod of %v of task definition %v must be from 60 to 1800 seconds; got %v",
		[task_container(task, c), task, period],
	)
}

task_options_period(period) if {
	period >= 60
	period <= 1800
}

# METADATA
# title: A volume that is configured at launch is configured nowhere, or is no such volume
# description: "ECS refuses the service, or what starts the task fails: whoever starts tasks with such a volume must say what it is."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/configure-ebs-volume.html
# custom:
#   id: AWSC-SERVICE-007
violation contains make_diag_at("AWSC-SERVICE-007", "ERROR", service, "Properties.VolumeConfigurations", message) if {
	some service, task in service_tasks
	given := task_options_configured(service)
	some i, _ in list(task, ["Volumes"])
	literal(task, ["Volumes", i, "ConfiguredAtLaunch"]) == true
	volume := literal(task, ["Volumes", i, "Name"])
	not volume in given
	message := sprintf(
		"service %v runs task definition %v, whose volume \"%v\" is configured at launch; add it to VolumeConfigurations, with its size and role",
		[service, task, volume],
	)
}

violation contains make_diag_at("AWSC-SERVICE-007", "ERROR", service, path, message) if {
	some service, task in service_tasks
	some i, _ in list(service, ["VolumeConfigurations"])
	keys := ["VolumeConfigurations", i, "Name"]
	given := literal(service, keys)
	names := every_literal(task, ["Volumes"], "Name")
	at_launch := {literal(task, ["Volumes", v, "Name"]) |
		some v, _ in list(task, ["Volumes"])
		not absent(task, ["Volumes", v, "ConfiguredAtLaunch"])
		property(task, ["Volumes", v, "ConfiguredAtLaunch"]) != false
	}
	count(names) == count(list(task, ["Volumes"]))
	not given in at_launch
	path := dotted(keys)
	message := sprintf(
		"service %v configures volume \"%v\", which is not one that task definition %v leaves to be configured at launch; set ConfiguredAtLaunch of a volume with this name",
		[service, given, task],
	)
}

violation contains make_diag_at("AWSC-SERVICE-007", "ERROR", run.name, "Properties", message) if {
	some run in run_all
	run.kind in {"pipe", "rule", "schedule"}
	task := run_task(run)
	some i, _ in list(task, ["Volumes"])
	literal(task, ["Volumes", i, "ConfiguredAtLaunch"]) == true
	message := sprintf(
		"%v %v starts task definition %v, which has a volume that is configured at launch, and can't configure it; use another kind of volume",
		[run.kind, run.name, task],
	)
}

# The names of the volumes that a service configures. Undefined if one is unknown.
task_options_configured(service) := configured if {
	names := every_literal(service, ["VolumeConfigurations"], "Name")
	configured := {name | some name in names}
}
