package awscontainers

import rego.v1

# rule: AWSC-EVENTS-001
# title: A rule's ECS target has no role
# reason: EventBridge runs a task with the target's role alone: it refuses the target ("RoleArn is required for target"), and the stack rolls back.
# page: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html
violation contains make_diag_at("AWSC-EVENTS-001", "ERROR", start.starter, path, message) if {
	some start in starts
	start.service == "events"
	keys := array.concat(start.keys, ["RoleArn"])
	absent(start.starter, keys)
	# The API describes a role of the rule itself as one for its targets, too.
	absent(start.starter, ["RoleArn"])
	path := dotted(keys)
	message := sprintf(
		"rule %v starts an ECS task, but its target has no RoleArn; give it a role that lets events.amazonaws.com run the task (ecs:RunTask) and pass its roles on (iam:PassRole)",
		[start.starter],
	)
}

# rule: AWSC-EVENTS-002
# title: The role with which a rule or schedule starts a task may not be assumed by EventBridge
# reason: No task starts, and nothing says so but the metric of failed invocations and the dead-letter queue.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
violation contains make_diag_at("AWSC-EVENTS-002", "ERROR", role, "Properties.AssumeRolePolicyDocument", message) if {
	some start in starts
	role := start_role(start)
	denied(role, ["AssumeRolePolicyDocument"], start.service, "sts:AssumeRole")
	message := sprintf(
		"%v %v starts tasks with role %v, whose trust policy does not let %v.amazonaws.com assume it; allow that service sts:AssumeRole",
		[start.kind, start.starter, role, start.service],
	)
}

# rule: AWSC-EVENTS-003
# title: The role with which a rule or schedule starts a task may not run it
# reason: No task starts, and nothing says so but the metric of failed invocations and the dead-letter queue.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
violation contains make_diag_at("AWSC-EVENTS-003", "ERROR", role, "Properties.Policies", message) if {
	some start in starts
	role := start_role(start)
	role_without(role, "ecs:RunTask", start_resource(start))
	message := sprintf(
		"role %v, with which %v %v starts tasks, does not allow ecs:RunTask on task definition %v; allow it on that ARN, or on those of all its revisions (task-definition/FAMILY:*)",
		[role, start.kind, start.starter, start_name(start)],
	)
}

start_role(start) := refers(property(start.starter, array.concat(start.keys, ["RoleArn"])), "AWS::IAM::Role")

start_task(start) := refers(property(start.starter, task_keys(start)), "AWS::ECS::TaskDefinition")

task_keys(start) := array.concat(start.keys, ["EcsParameters", "TaskDefinitionArn"])

start_resource(start) := task_resource(start_task(start))

start_resource(start) := anything if not start_task(start)

start_name(start) := start_task(start)

start_name(start) := "of its target" if not start_task(start)

# rule: AWSC-EVENTS-004
# title: The role with which a rule or schedule starts a task may not pass on the task's roles
# reason: ECS refuses each start (iam:PassRole is denied), and nothing says so but the metric of failed invocations and the dead-letter queue.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
violation contains make_diag_at("AWSC-EVENTS-004", severity, role, "Properties.Policies", message) if {
	some start in starts
	role := start_role(start)
	task := start_task(start)
	not replaces_roles(start)
	missing := {key: passed |
		some key in ["ExecutionRoleArn", "TaskRoleArn"]
		passed := refers(property(task, [key]), "AWS::IAM::Role")
		role_without(role, "iam:PassRole", role_resource(passed))
	}
	count(missing) > 0
	refused := {sprintf("%v %v", [key, passed]) | some key, passed in missing}
	severity := passing_severity(task, object.keys(missing))
	message := sprintf(
		"role %v, with which %v %v starts task definition %v, may not pass on its roles (%v); allow iam:PassRole on them",
		[role, start.kind, start.starter, task, listed(refused)],
	)
}

# AWS's page asks for both roles. The CDK's own targets leave out the task role where the task does not run on Fargate, and are used so.
passing_severity(task, keys) := "WARN" if {
	keys == {"TaskRoleArn"}
	not requires_fargate(task)
}

passing_severity(_, keys) := "ERROR" if "ExecutionRoleArn" in keys

passing_severity(task, keys) := "ERROR" if {
	not "ExecutionRoleArn" in keys
	requires_fargate(task)
}

# True if the input of a target may give the task other roles: it names some, or is unknown as a whole.
replaces_roles(start) if {
	input_values := [property(start.starter, array.concat(start.keys, [key])) | some key in ["Input", "InputPath", "InputTransformer"]]
	regex.match(`RoleArn|__conditional|"__dynamic":"[^JS]`, json.marshal(input_values))
}

# rule: AWSC-EVENTS-005
# title: A rule or schedule starts a task without the network configuration that it needs, or with one that it cannot use
# reason: ECS refuses each start: tasks of network mode awsvpc, and so all on Fargate, need subnets, and others take none.
# page: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html
violation contains make_diag_at("AWSC-EVENTS-005", "ERROR", start.starter, path, message) if {
	some start in starts
	keys := network_keys(start)
	absent(start.starter, keys)
	needs := needs_of_subnets(start)
	count(needs) > 0
	path := dotted(keys)
	message := sprintf(
		"%v %v starts a task that needs subnets (%v), but has no network configuration; add EcsParameters.%v with Subnets",
		[start.kind, start.starter, listed(needs), concat(".", network_key[start.service])],
	)
}

violation contains make_diag_at("AWSC-EVENTS-005", "ERROR", start.starter, path, message) if {
	some start in starts
	keys := network_keys(start)
	# Not a condition, which may well depend on the same thing as the mode.
	subnets := list(start.starter, array.concat(keys, ["Subnets"]))
	count(subnets) > 0
	task := start_task(start)
	mode := network_mode(task)
	mode in {"bridge", "host", "none"}
	path := dotted(keys)
	message := sprintf(
		"%v %v gives a network configuration to task definition %v, whose network mode is %v; leave it out, or use network mode awsvpc",
		[start.kind, start.starter, task, mode],
	)
}

network_keys(start) := array.concat(array.concat(start.keys, ["EcsParameters"]), network_key[start.service])

# The two services do not spell it alike.
network_key := {
	"events": ["NetworkConfiguration", "AwsVpcConfiguration"],
	"scheduler": ["NetworkConfiguration", "AwsvpcConfiguration"],
}

needs_of_subnets(start) := fargate_of(start) | {need |
	task := start_task(start)
	network_mode(task) == "awsvpc"
	need := sprintf("network mode awsvpc of task definition %v", [task])
}

# What puts a task on Fargate.
fargate_of(start) := launch_type | providers if {
	keys := array.concat(start.keys, ["EcsParameters"])
	launch_type := {"launch type FARGATE" | literal(start.starter, array.concat(keys, ["LaunchType"])) == "FARGATE"}
	strategy := array.concat(keys, ["CapacityProviderStrategy"])
	providers := {sprintf("capacity provider %v", [provider]) |
		some i, _ in list(start.starter, strategy)
		provider := literal(start.starter, array.concat(strategy, [i, "CapacityProvider"]))
		provider in fargate_providers
	}
}

# rule: AWSC-EVENTS-006
# title: A rule waits for events of a bucket that sends none to EventBridge
# reason: The rule never matches: a bucket tells EventBridge of its objects only if its notifications are switched on for it.
# page: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
violation contains make_diag_at("AWSC-EVENTS-006", "ERROR", bucket, path, message) if {
	whole_template
	some bucket, rules in awaited_buckets
	keys := ["NotificationConfiguration", "EventBridgeConfiguration"]
	silent_bucket(bucket, keys)
	not exported(bucket)
	not notified_by_code(bucket)
	path := dotted(keys)
	message := sprintf(
		"bucket %v sends no events to EventBridge, but rules (%v) wait for them; set NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled to true",
		[bucket, listed(rules)],
	)
}

# The CDK's custom resource replaces all notifications that the bucket has, also what its own property says of EventBridge.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
violation contains make_diag_at("AWSC-EVENTS-006", "ERROR", notifier, path, message) if {
	some bucket, rules in awaited_buckets
	some notifier in resources_of_type("Custom::S3BucketNotifications")
	refers(property(notifier, ["BucketName"]), "AWS::S3::Bucket") == bucket
	literal(notifier, ["Managed"]) in [true, "true"]
	keys := ["NotificationConfiguration", "EventBridgeConfiguration"]
	absent(notifier, keys)
	path := dotted(keys)
	message := sprintf(
		"%v replaces the notifications of bucket %v, and with them those to EventBridge, for which rules (%v) wait; give the bucket EventBridgeEnabled",
		[notifier, bucket, listed(rules)],
	)
}

silent_bucket(bucket, keys) if absent(bucket, keys)

silent_bucket(bucket, keys) if literal(bucket, array.concat(keys, ["EventBridgeEnabled"])) in [false, "false"]

# True if a custom resource may set the bucket's notifications, as the CDK's does. The one that empties it does not.
notified_by_code(bucket) if {
	some ref in input.resources[bucket].incomingRefs
	type := input.resources[ref.source].resourceType
	regex.match(`^(Custom::|AWS::CloudFormation::CustomResource$|AWS::CloudFormation::Stack$)`, type)
	type != "Custom::S3AutoDeleteObjects"
}

# The buckets whose own events rules name, with the rules.
awaited_buckets[bucket] contains name if {
	some name in resources_of_type("AWS::Events::Rule")
	pattern_sources[name] == {"aws.s3"}
	some value in list(name, bucket_keys)
	bucket := refers(value, "AWS::S3::Bucket")
}

bucket_keys := ["EventPattern", "detail", "bucket", "name"]

# rule: AWSC-EVENTS-007
# title: A rule's pattern asks for a field that no such event has
# reason: The rule never matches, or that part of it: a field that a pattern names must be in the event, spelled in the same way.
# page: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
violation contains make_diag_at("AWSC-EVENTS-007", "ERROR", name, "Properties.EventPattern", message) if {
	some name, fields in pattern_fields
	unknown := {sprintf("%v (%v)", [field.path, advice(name, field)]) |
		some field in fields
		not field.key in known_keys(name, field.parent)
		not expects_nothing(field.value)
	}
	count(unknown) > 0
	message := sprintf(
		"the event pattern of rule %v asks for what its events do not have: %v",
		[name, concat("; ", sort(unknown))],
	)
}

# How the field is written, if it is only spelled otherwise; else what there is.
advice(name, field) := sprintf("write %v", [listed(spelled_alike(name, field))]) if count(spelled_alike(name, field)) > 0

advice(name, field) := sprintf("there are %v", [listed(known_keys(name, field.parent))]) if count(spelled_alike(name, field)) == 0

spelled_alike(name, field) := {key | some key in known_keys(name, field.parent); plain(key) == plain(field.key)}

plain(key) := lower(replace(replace(key, "-", ""), "_", ""))

# What matches where the field is missing.
expects_nothing(value) if regex.match(`"exists": ?false`, json.marshal(value))

# The fields of each pattern that are judged: all at the top, and in the detail of events that are known.
pattern_fields[name] contains field if {
	some name, fields in level_1
	some field in fields
}

pattern_fields[name] contains field if {
	some levels in [level_2, level_3, level_4]
	some name, fields in levels
	some field in fields
	known_keys(name, field.parent)
}

# The keys that there may be below a field. Undefined where that is not known.
known_keys(_, "") := {
	"account", "detail", "detail-type", "id", "region", "replay-name", "resources", "source", "time", "version",
}

known_keys(name, parent) := keys if {
	shapes := [shape | some shape in pattern_shapes[name]; object.get(shape, parent, null) != null]
	count(shapes) > 0
	keys := {key | some shape in shapes; some key in shape[parent]}
}

# What the events that a pattern is for consist of. Undefined unless all of them are known.
pattern_shapes[name] := shapes if {
	some name, given in pattern_sources
	count(given) == 1
	some source in given
	types := known_strings(name, ["EventPattern", "detail-type"])
	shapes := [event_shapes[source][type] | some type in types]
	count(shapes) == count(types)
}

# The sources that each pattern names. Undefined unless all are known.
pattern_sources[name] := given if {
	some name in resources_of_type("AWS::Events::Rule")
	given := known_strings(name, ["EventPattern", "source"])
}

# A list of strings that are all written out, as a set. Undefined for any other, and if there is none.
known_strings(name, keys) := values if {
	elements := list(name, keys)
	values := {value | some i, _ in elements; value := literal(name, array.concat(keys, [i])); is_string(value)}
	count(elements) > 0
	every i, _ in elements {
		is_string(literal(name, array.concat(keys, [i])))
	}
}

# The fields of patterns, level by level: Rego has no recursion. Four are as many as the shapes below have.
level_1[name] := fields if {
	some name in resources_of_type("AWS::Events::Rule")
	pattern := property(name, ["EventPattern"])
	fields := fields_of(pattern, "")
}

level_2[name] := fields if {
	some name, above in level_1
	fields := fields_below(above)
}

level_3[name] := fields if {
	some name, above in level_2
	fields := fields_below(above)
}

level_4[name] := fields if {
	some name, above in level_3
	fields := fields_below(above)
}

fields_below(above) := {field | some upper in above; some field in fields_of(upper.value, upper.path)}

# The fields of an object, those in the branches of "$or" among them.
fields_of(object, path) := {{"key": key, "parent": path, "path": trim_prefix(sprintf("%v.%v", [path, key]), "."), "value": value} |
	some branch in branches(branches({object}))
	some key, value in branch
	# One with a dot may be a path.
	not regex.match(`^(__|Fn::|\$or$)|\.`, key)
}

branches(objects) := {object | some object in objects; is_object(object)} | {branch |
	some object in objects
	is_object(object)
	is_array(object["$or"])
	some branch in object["$or"]
	is_object(branch)
}

# What the documentation shows of the events, with all that is optional: for each known field that has fields, which these
# are. What is below any other is not judged.
event_shapes := {
	"aws.ecs": {
		"ECS Container Instance State Change": instance_event,
		"ECS Deployment State Change": service_event,
		"ECS Service Action": service_event,
		"ECS Task State Change": task_event,
	},
	"aws.s3": {type: object_event |
		some type in [
			"Object Access Tier Changed", "Object ACL Updated", "Object Created", "Object Deleted", "Object Restore Completed",
			"Object Restore Expired", "Object Restore Initiated", "Object Storage Class Changed", "Object Tags Added",
			"Object Tags Deleted",
		]
	},
}

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
object_event := {
	"detail": {
		"bucket", "deletion-type", "destination-access-tier", "destination-storage-class", "event-version", "object", "reason",
		"request-id", "requester", "restore-expiry-time", "source-ip-address", "source-storage-class", "version",
	},
	"detail.bucket": {"name"},
	"detail.object": {"etag", "key", "sequencer", "size", "version-id"},
}

# It resembles what DescribeTasks gives.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
task_event := {
	"detail": {
		"attachments", "attributes", "availabilityZone", "availabilityZoneId", "capacityProviderName", "clusterArn", "connectivity",
		"connectivityAt", "containerInstanceArn", "containers", "cpu", "createdAt", "desiredStatus", "enableExecuteCommand",
		"ephemeralStorage", "executionStoppedAt", "fargateEphemeralStorage", "group", "healthStatus", "inferenceAccelerators",
		"lastStatus", "launchType", "memory", "overrides", "platformFamily", "platformVersion", "pullStartedAt", "pullStoppedAt",
		"startedAt", "startedBy", "stopCode", "stoppedAt", "stoppedReason", "stoppingAt", "tags", "taskArn",
		"taskDefinitionArn", "updatedAt", "version",
	},
	"detail.attachments": attachment,
	"detail.containers": {
		"containerArn", "cpu", "exitCode", "gpuIds", "healthStatus", "image", "imageDigest", "lastStatus", "managedAgents", "memory",
		"memoryReservation", "name", "networkBindings", "networkInterfaces", "reason", "runtimeId", "taskArn",
	},
	"detail.containers.networkInterfaces": {"attachmentId", "ipv6Address", "privateIpv4Address"},
}

attachment := {"details", "id", "status", "type"}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html
instance_event := {
	"detail": {
		"accountType", "agentConnected", "agentUpdateStatus", "attachments", "attributes", "capacityProviderName", "clusterArn",
		"containerInstanceArn", "ec2InstanceId", "healthStatus", "pendingTasksCount", "registeredAt", "registeredResources",
		"remainingResources", "runningTasksCount", "status", "statusReason", "tags", "updatedAt", "version", "versionInfo",
	},
	"detail.attachments": attachment,
	"detail.versionInfo": {"agentHash", "agentVersion", "dockerVersion"},
}

# Both kinds report on deployments by now, and the examples of neither are complete; so the fields of both, and of what
# DescribeServiceDeployments gives.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
service_event := {"detail": {
	"alarms", "capacityProviderArns", "clusterArn", "containerInstanceArns", "containerPort", "createdAt", "deploymentCircuitBreaker",
	"deploymentConfiguration", "deploymentId", "desiredCount", "ec2InstanceIds", "eventName", "eventType", "finishedAt", "lifecycleStage",
	"reason", "rollback", "service", "serviceArn", "serviceDeploymentArn", "serviceName", "serviceRegistryArns",
	"serviceRevisionArn", "sourceServiceRevisions", "startedAt", "status", "statusReason", "stoppedAt", "targetGroupArns", "targets",
	"targetServiceRevision", "taskArns", "taskSetArns", "updatedAt", "version",
}}

# rule: AWSC-EVENTS-008
# title: A task may write the objects whose creation starts it
# reason: An endless loop: each object that a task writes starts the next task, until somebody sees the bill.
# page: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
violation contains make_diag_at("AWSC-EVENTS-008", severity, loop.start.starter, "Properties.EventPattern", message) if {
	some loop in loops
	severity := loop_severity(loop)
	message := sprintf(
		"rule %v starts task definition %v on each new object of bucket %v under \"%v\", where its task role %v may write objects (\"%v\", by %v); let the task write to another bucket or prefix",
		[loop.start.starter, loop.task, loop.bucket, loop.prefix, loop.role, loop.grant.written, loop.grant.policy],
	)
}

# All that the task may write there starts it.
loop_severity(loop) := "ERROR" if {
	loop.sure == "yes"
	startswith(loop.grant.prefix, loop.prefix)
}

loop_severity(loop) := "WARN" if {
	loop.sure == "no"
	startswith(loop.grant.prefix, loop.prefix)
}

# Some of it does.
loop_severity(loop) := "WARN" if {
	loop.grant.known
	startswith(loop.prefix, loop.grant.prefix)
	loop.prefix != loop.grant.prefix
}

loops contains loop if {
	some start in starts
	some heard in created_objects[start.starter]
	task := start_task(start)
	not replaces_roles(start)
	role := refers(property(task, ["TaskRoleArn"]), "AWS::IAM::Role")
	some grant in write_grants[role]
	grant.bucket == heard.bucket
	exists_with(grant.policy, start.starter)
	loop := {"start": start, "task": task, "role": role, "bucket": heard.bucket, "prefix": heard.prefix, "sure": heard.sure, "grant": grant}
}

# The buckets of this template, and the prefixes in them, of which each new object surely matches a rule.
created_objects[name] contains heard if {
	some name, given in pattern_sources
	"aws.s3" in given
	setting(name, ["State"], "ENABLED") in {"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
	hears_creation(name)
	# Whatever else a pattern asks for may leave out what the task writes.
	keys_at(name, ["EventPattern"]) - {"account", "detail", "detail-type", "region", "source"} == set()
	keys_at(name, ["EventPattern", "detail"]) - {"bucket", "object"} == set()
	some value in list(name, bucket_keys)
	bucket := refers(value, "AWS::S3::Bucket")
	some sure, prefixes in {"yes": heard_prefixes(name), "no": perhaps_heard(name)}
	some prefix in prefixes
	heard := {"bucket": bucket, "prefix": prefix, "sure": sure}
}

keys_at(name, keys) := object.keys(property(name, keys)) if is_object(property(name, keys))

hears_creation(name) if "Object Created" in known_strings(name, ["EventPattern", "detail-type"])

hears_creation(name) if absent(name, ["EventPattern", "detail-type"])

heard_prefixes(name) := {""} if absent(name, ["EventPattern", "detail", "object"])

heard_prefixes(name) := prefixes if {
	keys_at(name, ["EventPattern", "detail", "object"]) == {"key"}
	keys := ["EventPattern", "detail", "object", "key"]
	prefixes := {prefix |
		some i, element in list(name, keys)
		is_object(element)
		object.keys(element) == {"prefix"}
		prefix := literal(name, array.concat(keys, [i, "prefix"]))
		is_string(prefix)
	}
}

# With a suffix, what the task writes may end otherwise.
perhaps_heard(name) := {prefix |
	keys := ["EventPattern", "detail", "object", "key"]
	some i, element in list(name, keys)
	is_object(element)
	object.keys(element) == {"wildcard"}
	pattern := literal(name, array.concat(keys, [i, "wildcard"]))
	is_string(pattern)
	prefix := split(pattern, "*")[0]
	not contains(prefix, `\`)
}

# Where in buckets of this template the roles of tasks surely may write, by which policy. Undefined for a role to which
# something may be denied.
write_grants[role] contains grant if {
	some role in task_roles
	absent(role, ["PermissionsBoundary"])
	every document in role_documents(role) {
		denies_nothing(document)
	}
	some document in role_documents(role)
	not guess_within(document.name, document.keys)
	some statement in policy_statements(property(document.name, array.concat(document.keys, ["Statement"])))
	statement.Effect == "Allow"
	not statement.Condition
	some action in strings(statement.Action)
	lower(action) in {"s3:putobject", "s3:putobject*", "s3:put*", "s3:*"}
	some pattern in statement_resources(statement)
	written := written_to(pattern)
	grant := object.union(written, {"policy": document.name})
}

task_roles contains role if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	role := refers(property(task, ["TaskRoleArn"]), "AWS::IAM::Role")
}

role_documents(role) := own | attached if {
	own := {{"name": role, "keys": ["Policies", i, "PolicyDocument"]} | some i, _ in list(role, ["Policies"])}
	attached := {{"name": policy, "keys": ["PolicyDocument"]} | some policy in attached_policies(role)}
}

denies_nothing(document) if {
	statements := policy_statements(property(document.name, array.concat(document.keys, ["Statement"])))
	every statement in statements {
		statement.Effect == "Allow"
	}
}

# The bucket of this template and the prefix in it that an ARN names. The prefix is known if it ends in what the ARN says.
written_to(pattern) := {"bucket": bucket, "prefix": prefix, "written": key, "known": known} if {
	found := regex.find_all_string_submatch_n(bucket_arn, partly_known(pattern), 1)
	bucket := found[0][1]
	input.resources[bucket].resourceType == "AWS::S3::Bucket"
	key := found[0][2]
	prefix := before_wildcard(unguessed(key))
	known := key in {prefix, concat("", [prefix, "*"])}
}

# Join:{ref:Bucket}/results/*, Join:arn:aws:s3:::{ref:Bucket}/results/*.
bucket_arn := `^Join:(?:arn:[^:]*:s3:::)?\{(?:part|ref):([A-Za-z0-9]+)\}/(.*)$`

# rule: AWSC-EVENTS-009
# title: A rule sends to a topic whose key EventBridge may not use
# reason: EventBridge fails to publish and nobody hears of the event, which only the metric of failed invocations shows.
# page: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
violation contains make_diag_at("AWSC-EVENTS-009", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, rules in rule_topics
	managed_key(topic, "sns")
	message := sprintf(
		"rules (%v) send to topic %v, which is encrypted with alias/aws/sns, a key whose policy nobody can change to admit EventBridge; use a key of your own that lets events.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(rules), topic],
	)
}

violation contains make_diag_at("AWSC-EVENTS-009", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, rules in rule_topics
	key := key_of(property(topic, ["KmsMasterKeyId"]))
	missing := key_refusals(key, "events")
	count(missing) > 0
	message := sprintf(
		"rules (%v) send to topic %v, but the policy of its key %v does not let EventBridge use it (%v); allow events.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(rules), topic, key, listed(missing)],
	)
}

# rule: AWSC-EVENTS-010
# title: A rule sends to a topic that does not let EventBridge publish
# reason: Nobody hears of the event: a topic admits EventBridge only if its policy says so, and a topic without one does not.
# page: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
violation contains make_diag_at("AWSC-EVENTS-010", "ERROR", topic, "Properties", message) if {
	whole_template
	some topic, rules in rule_topics
	not in_custom_resource(topic)
	not exported(topic)
	every policy in policies_near(topic, topic_policy_types) {
		publishing_denied(policy, "events")
	}
	message := sprintf(
		"rules (%v) send to topic %v, whose policies (%v) do not let EventBridge publish there; allow events.amazonaws.com sns:Publish in an AWS::SNS::TopicPolicy",
		[listed(rules), topic, listed(policies_near(topic, topic_policy_types))],
	)
}

topic_policy_types := {"AWS::SNS::TopicInlinePolicy", "AWS::SNS::TopicPolicy"}

# The policies that refer to a topic or queue in any way, and those that may be for it because it has a name of its own.
policies_near(name, types) := {policy |
	some type in types
	some policy in resources_of_type(type)
	not for_others(policy, name)
}

for_others(policy, name) if {
	some keys in [["Queues"], ["Topics"]]
	kind := input.resources[name].resourceType
	names := references(policy, keys, kind)
	not name in names
}

for_others(policy, name) if {
	some key in ["Queue", "TopicArn"]
	refers(property(policy, [key]), input.resources[name].resourceType) != name
}

# The topics that rules surely send to without a role, which would be asked instead, with the rules.
rule_topics[topic] contains name if {
	some name in resources_of_type("AWS::Events::Rule")
	some i, _ in list(name, ["Targets"])
	topic := refers(property(name, ["Targets", i, "Arn"]), "AWS::SNS::Topic")
	absent(name, ["Targets", i, "RoleArn"])
	absent(name, ["RoleArn"])
}

# rule: AWSC-EVENTS-011
# title: A dead-letter queue does not accept what a rule or schedule fails to deliver
# reason: The failed event is lost, and so is the only trace of why nothing started.
# page: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
violation contains make_diag_at("AWSC-EVENTS-011", "ERROR", queue, "Properties", message) if {
	whole_template
	some queue, rules in rule_queues
	not in_custom_resource(queue)
	not exported(queue)
	every policy in policies_near(queue, queue_policy_types) {
		denied(policy, ["PolicyDocument"], "events", "sqs:SendMessage")
	}
	message := sprintf(
		"queue %v is the dead-letter queue of rules (%v), but its policies (%v) do not let EventBridge send there; allow events.amazonaws.com sqs:SendMessage in an AWS::SQS::QueuePolicy",
		[queue, listed(rules), listed(policies_near(queue, queue_policy_types))],
	)
}

# A schedule sends with its role; the queue needs no policy for it.
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
violation contains make_diag_at("AWSC-EVENTS-011", "ERROR", role, "Properties.Policies", message) if {
	some schedule in resources_of_type("AWS::Scheduler::Schedule")
	queue := refers(property(schedule, ["Target", "DeadLetterConfig", "Arn"]), "AWS::SQS::Queue")
	role := refers(property(schedule, ["Target", "RoleArn"]), "AWS::IAM::Role")
	# A queue may also admit the role by its own policy, as one that only denies plain HTTP does not.
	every policy in policies_near(queue, queue_policy_types) {
		policy_without(policy, ["PolicyDocument"], "sqs:SendMessage", anything)
	}
	role_without(role, "sqs:SendMessage", queue_resource(queue))
	message := sprintf(
		"role %v of schedule %v may not send to its dead-letter queue %v; allow it sqs:SendMessage on that queue",
		[role, schedule, queue],
	)
}

queue_policy_types := {"AWS::SQS::QueueInlinePolicy", "AWS::SQS::QueuePolicy"}

# rule: AWSC-EVENTS-012
# title: A rule's dead-letter queue is encrypted with a key that EventBridge may not use
# reason: The failed event is lost, and so is the only trace of why nothing started.
# page: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
violation contains make_diag_at("AWSC-EVENTS-012", "ERROR", queue, "Properties.KmsMasterKeyId", message) if {
	some queue, rules in rule_queues
	managed_key(queue, "sqs")
	message := sprintf(
		"queue %v is the dead-letter queue of rules (%v), but is encrypted with alias/aws/sqs, a key whose policy nobody can change to admit EventBridge; use a key of your own that lets events.amazonaws.com kms:Decrypt and kms:GenerateDataKey*, or SqsManagedSseEnabled",
		[queue, listed(rules)],
	)
}

violation contains make_diag_at("AWSC-EVENTS-012", "ERROR", queue, "Properties.KmsMasterKeyId", message) if {
	some queue, rules in rule_queues
	key := key_of(property(queue, ["KmsMasterKeyId"]))
	missing := key_refusals(key, "events")
	count(missing) > 0
	message := sprintf(
		"queue %v is the dead-letter queue of rules (%v), but the policy of its key %v does not let EventBridge use it (%v); allow events.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[queue, listed(rules), key, listed(missing)],
	)
}

# The queues of this template to which targets of rules surely send what fails, with the rules.
rule_queues[queue] contains name if {
	some name in resources_of_type("AWS::Events::Rule")
	some i, _ in list(name, ["Targets"])
	queue := refers(property(name, ["Targets", i, "DeadLetterConfig", "Arn"]), "AWS::SQS::Queue")
}

# What starts tasks: the ECS targets of rules, and schedules.
starts contains start if {
	some name in resources_of_type("AWS::Events::Rule")
	some i, _ in list(name, ["Targets"])
	starts_task(name, ["Targets", i])
	start := {"kind": "rule", "service": "events", "starter": name, "keys": ["Targets", i]}
}

starts contains start if {
	some name in resources_of_type("AWS::Scheduler::Schedule")
	starts_task(name, ["Target"])
	start := {"kind": "schedule", "service": "scheduler", "starter": name, "keys": ["Target"]}
}

starts_task(name, keys) if {
	parameters := property(name, array.concat(keys, ["EcsParameters"]))
	is_object(parameters)
	not opaque(parameters)
}
