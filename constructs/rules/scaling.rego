package awscontainers

import rego.v1

# METADATA
# title: A service's desired count lies outside the limits of its scaling
# description: Each deployment puts the service there, and scaling leaves it there until an alarm moves it the right way.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
# custom:
#   id: AWSC-SCALING-001
violation contains make_diag_at("AWSC-SCALING-001", "ERROR", service, "Properties.DesiredCount", message) if {
	some service, targets in scaling_targets
	tasks := number(literal(service, ["DesiredCount"]))
	some target in targets
	limits := scaling_limits(target)
	scaling_outside(tasks, limits)
	message := sprintf(
		"service %v has a DesiredCount of %v, but scalable target %v allows %v to %v; leave DesiredCount out, so that scaling decides it",
		[service, tasks, target, limits.min, limits.max],
	)
}

# METADATA
# title: A service that is scaled automatically has a fixed desired count
# description: Each deployment sets the number of tasks back to it, and so takes away at a busy hour what scaling has added.
# related_resources:
# - https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
# custom:
#   id: AWSC-SCALING-002
violation contains make_diag_at("AWSC-SCALING-002", "WARN", service, "Properties.DesiredCount", message) if {
	some service, targets in scaling_targets
	tasks := number(literal(service, ["DesiredCount"]))
	every target in targets {
		not scaling_fixed_at(tasks, target)
	}
	message := sprintf(
		"service %v has a fixed DesiredCount of %v, which each deployment sets again, although it is scaled (%v); leave DesiredCount out, which keeps the number of tasks as it is",
		[service, tasks, listed(targets)],
	)
}

# True for what AWSC-SCALING-001 reports, and for limits that leave no choice.
scaling_fixed_at(tasks, target) if scaling_outside(tasks, scaling_limits(target))

scaling_fixed_at(_, target) if {
	limits := scaling_limits(target)
	limits.min == limits.max
}

scaling_outside(tasks, limits) if tasks < limits.min

scaling_outside(tasks, limits) if tasks > limits.max

# Undefined if unknown, or if scheduled actions change them.
scaling_limits(target) := {"min": min, "max": max} if {
	min := number(literal(target, ["MinCapacity"]))
	max := number(literal(target, ["MaxCapacity"]))
	list(target, ["ScheduledActions"]) == []
}

# The scalable targets that surely name each ECS service.
scaling_targets[ref.target] contains target if {
	some target in scaling_task_targets
	some ref in scaling_refs_of_id(target)
	not contains(ref.sourcePath, "Fn::If")
	input.resources[ref.target].resourceType == "AWS::ECS::Service"
	exists_with(target, ref.target)
}

# The scalable targets that are for the tasks of ECS services.
scaling_task_targets contains target if {
	some target in resources_of_type("AWS::ApplicationAutoScaling::ScalableTarget")
	literal(target, ["ScalableDimension"]) == "ecs:service:DesiredCount"
}

# METADATA
# title: A scalable target for ECS tasks names no service
# description: "Application Auto Scaling refuses it, or scales nothing: it knows a service as service/CLUSTER/SERVICE, by their names."
# related_resources:
# - https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
# custom:
#   id: AWSC-SCALING-003
violation contains make_diag_at("AWSC-SCALING-003", "ERROR", target, "Properties.ResourceId", message) if {
	some target in scaling_task_targets
	given := literal(target, ["ResourceId"])
	is_string(given)
	not regex.match(`^service/[^/]+/[^/]+$`, given)
	message := sprintf(
		"scalable target %v has ResourceId \"%v\", which names no service; write service/CLUSTER/SERVICE with both names, also for the cluster \"default\"",
		[target, given],
	)
}

violation contains make_diag_at("AWSC-SCALING-003", "ERROR", target, "Properties.ResourceId", message) if {
	some target in scaling_task_targets
	stranger := scaling_last_name(target, [scaling_joined_last, scaling_part_last])

	# A Sub may have a variable of its own by the resource's name: then it most likely refers to something else, too.
	every ref in scaling_refs_of_id(target) {
		scaling_is_no_service(ref.target)
	}
	message := sprintf(
		"scalable target %v has %v (%v) where its ResourceId must name a service; join \"service/\", the cluster's name, \"/\" and the Name of an AWS::ECS::Service",
		[target, stranger, input.resources[stranger].resourceType],
	)
}

violation contains make_diag_at("AWSC-SCALING-003", "ERROR", target, "Properties.ResourceId", message) if {
	some target in scaling_task_targets
	service := scaling_last_name(target, [scaling_joined_last])
	input.resources[service].resourceType == "AWS::ECS::Service"
	kinds := {ref.kind | some ref in scaling_refs_of_id(target); ref.target == service}
	kinds == {"Ref"}
	message := sprintf(
		"scalable target %v has the ARN of service %v in its ResourceId, which takes names; use Fn::GetAtt with Name instead of Ref",
		[target, service],
	)
}

violation contains make_diag_at("AWSC-SCALING-003", "ERROR", target, "Properties.ResourceId", message) if {
	some target in scaling_task_targets
	whole := property(target, ["ResourceId"]).__ref
	startswith(input.resources[whole].resourceType, "AWS::ECS::")
	message := sprintf(
		"scalable target %v has nothing but %v as its ResourceId; join \"service/\", the cluster's name, \"/\" and the Name of an AWS::ECS::Service",
		[target, whole],
	)
}

# The references in a scalable target's ResourceId.
scaling_refs_of_id(target) := [ref |
	some ref in input.resources[target].outgoingRefs
	startswith(ref.sourcePath, "Properties.ResourceId")
]

scaling_is_no_service(name) if {
	regex.match(`^AWS::(ECS::(CapacityProvider|Cluster|TaskDefinition|TaskSet)|EC2::.+|ElasticLoadBalancingV2::.+|IAM::.+)$`, input.resources[name].resourceType)
}

# The resource that a ResourceId refers to, and to nothing else, after its last slash. See spelling.rego on the text.
scaling_last_name(target, patterns) := id if {
	text := property(target, ["ResourceId"]).__dynamic
	is_string(text)
	some pattern in patterns
	regex.match(pattern, text)
	id := regex.find_all_string_submatch_n(pattern, text, 1)[0][1]
}

scaling_joined_last := `^Join:.*/\{ref:([A-Za-z0-9]+)\}$`

scaling_part_last := `^Join:.*/\{part:([A-Za-z0-9]+)\}$`

# METADATA
# title: No alarm calls a step scaling policy
# description: "It never scales anything: unlike target tracking, step scaling makes no alarms of its own."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-stepscaling.html
# custom:
#   id: AWSC-SCALING-004
violation contains make_diag_at("AWSC-SCALING-004", "ERROR", policy, "", message) if {
	some kind in ["AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::AutoScaling::ScalingPolicy"]
	some policy in resources_of_type(kind)
	literal(policy, ["PolicyType"]) == "StepScaling"
	whole_template

	# Anything else that refers to the policy may be, or make, an alarm.
	every ref in input.resources[policy].incomingRefs {
		scaling_never_calls(ref)
	}
	message := sprintf(
		"step scaling policy %v is the action of no alarm that has its actions enabled; name it in the AlarmActions of an AWS::CloudWatch::Alarm, or remove it",
		[policy],
	)
}

scaling_never_calls(ref) if ref.kind == "DependsOn"

scaling_never_calls(ref) if {
	scaling_is_alarm(ref.source)
	literal(ref.source, ["ActionsEnabled"]) == false
}

scaling_never_calls(ref) if {
	scaling_is_alarm(ref.source)
	not regex.match(`^Properties\.(AlarmActions|InsufficientDataActions|OKActions)`, ref.sourcePath)
}

scaling_is_alarm(name) if input.resources[name].resourceType in {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
