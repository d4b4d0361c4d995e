package awscontainers

import rego.v1

# METADATA
# title: A rule waits for events of a bucket that sends none to EventBridge
# description: "The rule never matches: a bucket tells EventBridge of its objects only if its notifications are switched on for it."
# related_resources:
# - https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
# custom:
#   id: AWSC-EVENTS-006
violation contains make_diag_at("AWSC-EVENTS-006", "ERROR", bucket, path, message) if {
	whole_template
	some bucket, rules in events_pattern_awaited_buckets
	keys := ["NotificationConfiguration", "EventBridgeConfiguration"]
	events_pattern_silent_bucket(bucket, keys)
	not exported(bucket)
	not events_pattern_notified_by_code(bucket)
	path := dotted(keys)
	message := sprintf(
		"bucket %v sends no events to EventBridge, but rules (%v) wait for them; set NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled to true",
		[bucket, listed(rules)],
	)
}

# The CDK's custom resource replaces all notifications that the bucket has, also what its own property says of EventBridge.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
violation contains make_diag_at("AWSC-EVENTS-006", "ERROR", notifier, path, message) if {
	some bucket, rules in events_pattern_awaited_buckets
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

events_pattern_silent_bucket(bucket, keys) if absent(bucket, keys)

events_pattern_silent_bucket(bucket, keys) if literal(bucket, array.concat(keys, ["EventBridgeEnabled"])) in [false, "false"]

# True if a custom resource may set the bucket's notifications, as the CDK's does. The one that empties it does not.
events_pattern_notified_by_code(bucket) if {
	some ref in input.resources[bucket].incomingRefs
	type := input.resources[ref.source].resourceType
	regex.match(`^(Custom::|AWS::CloudFormation::CustomResource$|AWS::CloudFormation::Stack$)`, type)
	type != "Custom::S3AutoDeleteObjects"
}

# The buckets whose own events rules name, with the rules.
events_pattern_awaited_buckets[bucket] contains name if {
	some name in resources_of_type("AWS::Events::Rule")
	events_pattern_sources[name] == {"aws.s3"}
	some value in list(name, events_pattern_bucket_keys)
	bucket := refers(value, "AWS::S3::Bucket")
}

events_pattern_bucket_keys := ["EventPattern", "detail", "bucket", "name"]

# METADATA
# title: A rule's pattern asks for a field that no such event has
# description: "The rule never matches, or that part of it: a field that a pattern names must be in the event, spelled in the same way."
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
# custom:
#   id: AWSC-EVENTS-007
violation contains make_diag_at("AWSC-EVENTS-007", "ERROR", name, "Properties.EventPattern", message) if {
	some name, fields in events_pattern_fields
	unknown := {sprintf("%v (%v)", [field.path, events_pattern_advice(name, field)]) |
		some field in fields
		not field.key in events_pattern_known_keys(name, field.parent)
		not events_pattern_expects_nothing(field.value)
	}
	count(unknown) > 0
	message := sprintf(
		"the event pattern of rule %v asks for what its events do not have: %v",
		[name, concat("; ", sort(unknown))],
	)
}

# How the field is written, if it is only spelled otherwise; else what there is.
events_pattern_advice(name, field) := sprintf("write %v", [listed(events_pattern_spelled_alike(name, field))]) if count(events_pattern_spelled_alike(name, field)) > 0

events_pattern_advice(name, field) := sprintf("there are %v", [listed(events_pattern_known_keys(name, field.parent))]) if count(events_pattern_spelled_alike(name, field)) == 0

events_pattern_spelled_alike(name, field) := {key | some key in events_pattern_known_keys(name, field.parent); events_pattern_plain(key) == events_pattern_plain(field.key)}

events_pattern_plain(key) := lower(replace(replace(key, "-", ""), "_", ""))

# What matches where the field is missing.
events_pattern_expects_nothing(value) if regex.match(`"exists": ?false`, json.marshal(value))

# The fields of each pattern that are judged: all at the top, and in the detail of events that are known.
events_pattern_fields[name] contains field if {
	some name, fields in events_pattern_level_1
	some field in fields
}

events_pattern_fields[name] contains field if {
	some levels in [events_pattern_level_2, events_pattern_level_3, events_pattern_level_4]
	some name, fields in levels
	some field in fields
	events_pattern_known_keys(name, field.parent)
}

# The keys that there may be below a field. Undefined where that is not known.
events_pattern_known_keys(_, "") := {
	"account", "detail", "detail-type", "id", "region", "replay-name", "resources", "source", "time", "version",
}

events_pattern_known_keys(name, parent) := keys if {
	shapes := [shape | some shape in events_pattern_shapes[name]; object.get(shape, parent, null) != null]
	count(shapes) > 0
	keys := {key | some shape in shapes; some key in shape[parent]}
}

# What the events that a pattern is for consist of. Undefined unless all of them are known.
events_pattern_shapes[name] := shapes if {
	some name, given in events_pattern_sources
	count(given) == 1
	some source in given
	types := known_strings(name, ["EventPattern", "detail-type"])
	shapes := [events_shapes[source][type] | some type in types]
	count(shapes) == count(types)
}

# The sources that each pattern names. Undefined unless all are known.
events_pattern_sources[name] := given if {
	some name in resources_of_type("AWS::Events::Rule")
	given := known_strings(name, ["EventPattern", "source"])
}

# The fields of patterns, level by level: Rego has no recursion. Four are as many as the shapes below have.
events_pattern_level_1[name] := fields if {
	some name in resources_of_type("AWS::Events::Rule")
	pattern := property(name, ["EventPattern"])
	fields := events_pattern_fields_of(pattern, "", [])
}

events_pattern_level_2[name] := fields if {
	some name, above in events_pattern_level_1
	fields := events_pattern_fields_below(above)
}

events_pattern_level_3[name] := fields if {
	some name, above in events_pattern_level_2
	fields := events_pattern_fields_below(above)
}

events_pattern_level_4[name] := fields if {
	some name, above in events_pattern_level_3
	fields := events_pattern_fields_below(above)
}

events_pattern_fields_below(above) := {field |
	some upper in above
	some field in events_pattern_fields_of(upper.value, upper.path, upper.place)
}

# The fields of an object, those in the branches of "$or" among them. A place is a path with the branches in it.
events_pattern_fields_of(object, path, place) := {field |
	some branch in events_pattern_branches(events_pattern_branches({{"object": object, "place": place}}))
	some key, value in branch.object

	# One with a dot may be a path.
	not regex.match(`^(__|Fn::|\$or$)|\.`, key)
	field := {
		"key": key, "parent": path, "path": trim_prefix(sprintf("%v.%v", [path, key]), "."),
		"place": array.concat(branch.place, [key]), "value": value,
	}
}

events_pattern_branches(entries) := {entry | some entry in entries; is_object(entry.object)} | {branch |
	some entry in entries
	is_object(entry.object)
	is_array(entry.object["$or"])
	some i, object in entry.object["$or"]
	is_object(object)
	branch := {"object": object, "place": array.concat(entry.place, ["$or", i])}
}

# METADATA
# title: A pattern names a field both in an alternative of "$or" and beside it
# description: "Of several patterns for one field EventBridge uses only the last, so the rule matches events that it should not."
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
# custom:
#   id: AWSC-EVENTS-014
violation contains make_diag_at("AWSC-EVENTS-014", "ERROR", name, "Properties.EventPattern", message) if {
	some name in resources_of_type("AWS::Events::Rule")
	compared := [field |
		some levels in [events_pattern_level_1, events_pattern_level_2, events_pattern_level_3, events_pattern_level_4]
		some field in levels[name]
		is_array(field.value)
	]
	twice := {field.path |
		some field in compared
		some other in compared
		field.path == other.path
		field.place != other.place
		not events_pattern_in_alternatives(field.place, other.place)
	}
	count(twice) > 0
	message := sprintf(
		"the event pattern of rule %v names fields both in an alternative of \"$or\" and beside it (%v); put them into every alternative instead",
		[name, listed(twice)],
	)
}

# True if two places part where alternatives begin, so that one pattern never has both.
events_pattern_in_alternatives(place, other) if {
	some i, step in place
	i > 0
	step != other[i]
	place[i - 1] == "$or"
	array.slice(place, 0, i) == array.slice(other, 0, i)
}
