package awscontainers

import rego.v1

# METADATA
# title: A task may write the objects whose creation starts it
# description: "An endless loop: each object that a task writes starts the next task, until somebody sees the bill."
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
# custom:
#   id: AWSC-EVENTS-008
violation contains make_diag_at("AWSC-EVENTS-008", severity, loop.run.name, "Properties.EventPattern", message) if {
	some loop in events_loop_found
	severity := events_loop_severity(loop)
	message := sprintf(
		"rule %v starts task definition %v on each new object of bucket %v under \"%v\", where its task role %v may write objects (\"%v\", by %v); let the task write to another bucket or prefix",
		[loop.run.name, loop.task, loop.bucket, loop.prefix, loop.role, loop.grant.written, loop.grant.policy],
	)
}

# All that the task may write there starts it.
events_loop_severity(loop) := "ERROR" if {
	loop.sure == "yes"
	startswith(loop.grant.prefix, loop.prefix)
}

events_loop_severity(loop) := "WARN" if {
	loop.sure == "no"
	startswith(loop.grant.prefix, loop.prefix)
}

# Some of it does.
events_loop_severity(loop) := "WARN" if {
	loop.grant.known
	startswith(loop.prefix, loop.grant.prefix)
	loop.prefix != loop.grant.prefix
}

events_loop_found contains loop if {
	some run in run_all
	some heard in events_loop_created_objects[run.name]
	task := run_task(run)
	not call_replaces_roles(run)
	role := refers(property(task, ["TaskRoleArn"]), "AWS::IAM::Role")
	some grant in events_loop_write_grants[role]
	grant.bucket == heard.bucket
	exists_with(grant.policy, run.name)
	loop := {"run": run, "task": task, "role": role, "bucket": heard.bucket, "prefix": heard.prefix, "sure": heard.sure, "grant": grant}
}

# The buckets of this template, and the prefixes in them, of which each new object surely matches a rule.
events_loop_created_objects[name] contains heard if {
	some name, given in events_pattern_sources
	"aws.s3" in given
	setting(name, ["State"], "ENABLED") in {"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
	events_loop_hears_creation(name)

	# Whatever else a pattern asks for may leave out what the task writes.
	keys_at(name, ["EventPattern"]) - {"account", "detail", "detail-type", "region", "source"} == set()
	keys_at(name, ["EventPattern", "detail"]) - {"bucket", "object"} == set()
	some value in list(name, events_pattern_bucket_keys)
	bucket := refers(value, "AWS::S3::Bucket")
	some sure, prefixes in {"yes": events_loop_heard_prefixes(name), "no": events_loop_perhaps_heard(name)}
	some prefix in prefixes
	heard := {"bucket": bucket, "prefix": prefix, "sure": sure}
}

events_loop_hears_creation(name) if "Object Created" in known_strings(name, ["EventPattern", "detail-type"])

events_loop_hears_creation(name) if absent(name, ["EventPattern", "detail-type"])

events_loop_heard_prefixes(name) := {""} if absent(name, ["EventPattern", "detail", "object"])

events_loop_heard_prefixes(name) := prefixes if {
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
events_loop_perhaps_heard(name) := {prefix |
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
events_loop_write_grants[role] contains grant if {
	some role in events_loop_task_roles
	absent(role, ["PermissionsBoundary"])
	every document in policy_documents(role) {
		events_loop_denies_nothing(document)
	}
	some document in policy_documents(role)
	not guess_within(document.name, document.keys)
	some statement in policy_statements(property(document.name, array.concat(document.keys, ["Statement"])))
	statement.Effect == "Allow"
	not statement.Condition
	some action in policy_strings(statement.Action)
	lower(action) in {"s3:putobject", "s3:putobject*", "s3:put*", "s3:*"}
	some pattern in policy_resources(statement)
	written := events_loop_written_to(pattern)
	grant := object.union(written, {"policy": document.name})
}

events_loop_task_roles contains role if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	role := refers(property(task, ["TaskRoleArn"]), "AWS::IAM::Role")
}

events_loop_denies_nothing(document) if {
	statements := policy_statements(property(document.name, array.concat(document.keys, ["Statement"])))
	every statement in statements {
		statement.Effect == "Allow"
	}
}

# The bucket of this template and the prefix in it that an ARN names. The prefix is known if it ends in what the ARN says.
events_loop_written_to(pattern) := {"bucket": bucket, "prefix": prefix, "written": key, "known": known} if {
	found := regex.find_all_string_submatch_n(events_loop_bucket_arn, partly_known(pattern), 1)
	bucket := found[0][1]
	input.resources[bucket].resourceType == "AWS::S3::Bucket"
	key := found[0][2]
	prefix := policy_before_wildcard(policy_unguessed(key))
	known := key in {prefix, concat("", [prefix, "*"])}
}

# Join:{ref:Bucket}/results/*, Join:arn:aws:s3:::{ref:Bucket}/results/*.
events_loop_bucket_arn := `^Join:(?:arn:[^:]*:s3:::)?\{(?:part|ref):([A-Za-z0-9]+)\}/(.*)$`
