package awscontainers

import rego.v1

# Who sends to whom as a service, without a role: then the topic or queue, and its key, must admit the service.
#   from        the alarm or rule
#   principal   the service that sends for it: "events" for events.amazonaws.com
#   to          the topic or queue
send_ways contains way if {
	some kind in ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"]
	some alarm in resources_of_type(kind)
	setting(alarm, ["ActionsEnabled"], true) == true
	some key in ["AlarmActions", "InsufficientDataActions", "OKActions"]
	some action in list(alarm, [key])
	topic := refers(action, "AWS::SNS::Topic")
	way := {"from": alarm, "principal": "cloudwatch", "to": topic}
}

# A target's role would be asked in place of the topic's policy.
send_ways contains way if {
	some name in resources_of_type("AWS::Events::Rule")
	some i, _ in list(name, ["Targets"])
	topic := refers(property(name, ["Targets", i, "Arn"]), "AWS::SNS::Topic")
	absent(name, ["Targets", i, "RoleArn"])
	absent(name, ["RoleArn"])
	way := {"from": name, "principal": "events", "to": topic}
}

# What a rule fails to deliver. A schedule sends that with its role: see call.rego.
send_ways contains way if {
	some name in resources_of_type("AWS::Events::Rule")
	some i, _ in list(name, ["Targets"])
	queue := refers(property(name, ["Targets", i, "DeadLetterConfig", "Arn"]), "AWS::SQS::Queue")
	way := {"from": name, "principal": "events", "to": queue}
}

# The topics or queues to which a service sends, with those for which it does.
send_to(principal, type) := {to: senders |
	some to in {way.to | some way in send_ways; way.principal == principal}
	input.resources[to].resourceType == type
	senders := {way.from | some way in send_ways; way.principal == principal; way.to == to}
}

# The AWS managed key of SNS or SQS, by its alias or the alias's ARN.
send_by_managed_key(name, service) if {
	key := property(name, ["KmsMasterKeyId"])
	is_string(key)
	regex.match(sprintf(`^(arn:.*:)?alias/aws/%v$`, [service]), key)
	not guess_within(name, ["KmsMasterKeyId"])
}

send_key(value) := refers(value, "AWS::KMS::Key")

send_key(value) := key if {
	alias := refers(value, "AWS::KMS::Alias")
	key := refers(property(alias, ["TargetKeyId"]), "AWS::KMS::Key")
}

# What a service needs to send to an encrypted topic or queue, and the key surely does not let it do.
send_key_refusals(key, service) := missing if {
	whole_template
	not in_custom_resource(key)
	missing := {action | some action in ["kms:Decrypt", "kms:GenerateDataKey*"]; send_key_denied(key, service, action)}
}

# A key without a policy gets one for the account, which does not admit services.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
send_key_denied(key, _, _) if absent(key, ["KeyPolicy"])

send_key_denied(key, service, action) if policy_denied(key, ["KeyPolicy"], service, trim_suffix(action, "*"))

# The resources that set a topic's policy.
send_topic_policies(topic) := {ref.source |
	some ref in input.resources[topic].incomingRefs
	input.resources[ref.source].resourceType in {"AWS::SNS::TopicInlinePolicy", "AWS::SNS::TopicPolicy"}
	regex.match(`^Properties\.Topic(Arn$|s\.)`, value_path(ref))
	not contains(ref.sourcePath, "Fn::If")
}

# True if a topic policy surely does not let a service of the account publish.
send_publishing_denied(policy, service) if {
	not guess_within(policy, ["PolicyDocument"])
	statements := policy_statements(property(policy, ["PolicyDocument", "Statement"]))
	every statement in statements {
		send_refuses_publishing(statement, service)
	}
}

send_refuses_publishing(statement, _) if policy_forbids(statement, "sns:Publish")

# A statement for accounts may admit the account's alarms; one for roles and users does not.
send_refuses_publishing(statement, service) if {
	policy_excludes(statement, service)
	principals := policy_strings(object.get(statement.Principal, "AWS", []))
	every principal in principals {
		regex.match(`:(assumed-role|role|user)/`, principal)
	}
}

send_topic_policy_types := {"AWS::SNS::TopicInlinePolicy", "AWS::SNS::TopicPolicy"}

# The policies that refer to a topic or queue in any way, and those that may be for it because it has a name of its own.
send_policies_near(name, types) := {policy |
	some type in types
	some policy in resources_of_type(type)
	not send_for_others(policy, name)
}

send_for_others(policy, name) if {
	some keys in [["Queues"], ["Topics"]]
	kind := input.resources[name].resourceType
	names := references(policy, keys, kind)
	not name in names
}

send_for_others(policy, name) if {
	some key in ["Queue", "TopicArn"]
	refers(property(policy, [key]), input.resources[name].resourceType) != name
}

send_queue_policy_types := {"AWS::SQS::QueueInlinePolicy", "AWS::SQS::QueuePolicy"}
