package awscontainers

import rego.v1

# rule: AWSC-ALARM-001
# title: An alarm sends to a topic whose key CloudWatch may not use
# reason: The alarm goes off and nobody hears of it: CloudWatch fails to publish, which only the alarm's history shows.
# page: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
violation contains make_diag_at("AWSC-ALARM-001", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, alarms in alarm_topics
	managed_key(topic, "sns")
	message := sprintf(
		"alarms (%v) send to topic %v, which is encrypted with alias/aws/sns, a key whose policy nobody can change to admit CloudWatch; use a key of your own that lets cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(alarms), topic],
	)
}

violation contains make_diag_at("AWSC-ALARM-001", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, alarms in alarm_topics
	key := key_of(property(topic, ["KmsMasterKeyId"]))
	missing := key_refusals(key, "cloudwatch")
	count(missing) > 0
	message := sprintf(
		"alarms (%v) send to topic %v, but the policy of its key %v does not let CloudWatch use it (%v); allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(alarms), topic, key, listed(missing)],
	)
}

# The AWS managed key of SNS or SQS, by its alias or the alias's ARN.
managed_key(name, service) if {
	key := property(name, ["KmsMasterKeyId"])
	is_string(key)
	regex.match(sprintf(`^(arn:.*:)?alias/aws/%v$`, [service]), key)
	not guess_within(name, ["KmsMasterKeyId"])
}

key_of(value) := refers(value, "AWS::KMS::Key")

key_of(value) := key if {
	alias := refers(value, "AWS::KMS::Alias")
	key := refers(property(alias, ["TargetKeyId"]), "AWS::KMS::Key")
}

# What a service needs to send to an encrypted topic or queue, and the key surely does not let it do.
key_refusals(key, service) := missing if {
	whole_template
	not in_custom_resource(key)
	missing := {action | some action in ["kms:Decrypt", "kms:GenerateDataKey*"]; key_denied(key, service, action)}
}

# A key without a policy gets one for the account, which does not admit services.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
key_denied(key, _, _) if absent(key, ["KeyPolicy"])

key_denied(key, service, action) if denied(key, ["KeyPolicy"], service, trim_suffix(action, "*"))

# rule: AWSC-ALARM-002
# title: An alarm sends to a topic whose policy does not let CloudWatch publish
# reason: The alarm goes off and nobody hears of it: a topic's own policy replaces the one that admitted the whole account.
# page: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
violation contains make_diag_at("AWSC-ALARM-002", "ERROR", policy, "Properties.PolicyDocument", message) if {
	some topic, alarms in alarm_topics
	whole_template
	not in_custom_resource(topic)
	not exported(topic)
	policies := topic_policies(topic)
	some policy in policies
	exists_with(policy, topic)
	# Another policy may be the one that stays.
	every other in policies {
		publishing_denied(other, "cloudwatch")
	}
	message := sprintf(
		"alarms (%v) send to topic %v, but topic policy %v does not let CloudWatch publish there; allow cloudwatch.amazonaws.com sns:Publish",
		[listed(alarms), topic, policy],
	)
}

# The resources that set a topic's policy.
topic_policies(topic) := {ref.source |
	some ref in input.resources[topic].incomingRefs
	input.resources[ref.source].resourceType in {"AWS::SNS::TopicInlinePolicy", "AWS::SNS::TopicPolicy"}
	regex.match(`^Properties\.Topic(Arn$|s\.)`, value_path(ref))
	not contains(ref.sourcePath, "Fn::If")
}

# True if a topic policy surely does not let a service of the account publish.
publishing_denied(policy, service) if {
	not guess_within(policy, ["PolicyDocument"])
	statements := policy_statements(property(policy, ["PolicyDocument", "Statement"]))
	every statement in statements {
		refuses_publishing(statement, service)
	}
}

refuses_publishing(statement, _) if forbids(statement, "sns:Publish")

# A statement for accounts may admit the account's alarms; one for roles and users does not.
refuses_publishing(statement, service) if {
	excludes(statement, service)
	principals := strings(object.get(statement.Principal, "AWS", []))
	every principal in principals {
		regex.match(`:(assumed-role|role|user)/`, principal)
	}
}

# The topics that alarms surely send to, with the alarms.
alarm_topics[topic] contains alarm if {
	some kind in ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"]
	some alarm in resources_of_type(kind)
	setting(alarm, ["ActionsEnabled"], true) == true
	some key in ["AlarmActions", "InsufficientDataActions", "OKActions"]
	some action in list(alarm, [key])
	topic := refers(action, "AWS::SNS::Topic")
}
