package awscontainers

import rego.v1

# rule: AWSC-ALARM-001
# title: An alarm sends to a topic whose key CloudWatch may not use
# reason: The alarm goes off and nobody hears of it: CloudWatch fails to publish, which only the alarm's history shows.
# page: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
violation contains make_diag_at("AWSC-ALARM-001", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, alarms in alarm_topics
	managed_key(topic)
	message := sprintf(
		"alarms (%v) send to topic %v, which is encrypted with alias/aws/sns, a key whose policy nobody can change to admit CloudWatch; use a key of your own that lets cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(alarms), topic],
	)
}

violation contains make_diag_at("AWSC-ALARM-001", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, alarms in alarm_topics
	key := topic_key(property(topic, ["KmsMasterKeyId"]))
	whole_template
	not in_custom_resource(key)
	missing := {action | some action in ["kms:Decrypt", "kms:GenerateDataKey*"]; key_denied(key, action)}
	count(missing) > 0
	message := sprintf(
		"alarms (%v) send to topic %v, but the policy of its key %v does not let CloudWatch use it (%v); allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(alarms), topic, key, listed(missing)],
	)
}

# The AWS managed key, by its alias or the alias's ARN.
managed_key(topic) if {
	key := property(topic, ["KmsMasterKeyId"])
	is_string(key)
	regex.match(`^(arn:.*:)?alias/aws/sns$`, key)
	not guess_within(topic, ["KmsMasterKeyId"])
}

topic_key(value) := refers(value, "AWS::KMS::Key")

topic_key(value) := key if {
	alias := refers(value, "AWS::KMS::Alias")
	key := refers(property(alias, ["TargetKeyId"]), "AWS::KMS::Key")
}

# A key without a policy gets one for the account, which does not admit services.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
key_denied(key, _) if absent(key, ["KeyPolicy"])

key_denied(key, action) if denied(key, ["KeyPolicy"], "cloudwatch", trim_suffix(action, "*"))

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
		publishing_denied(other)
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
	regex.match(`^Properties\.Topic(Arn$|s\.)`, ref.sourcePath)
	not contains(ref.sourcePath, "Fn::If")
}

publishing_denied(policy) if {
	not guess_within(policy, ["PolicyDocument"])
	statements := policy_statements(property(policy, ["PolicyDocument", "Statement"]))
	every statement in statements {
		refuses_alarms(statement)
	}
}

refuses_alarms(statement) if forbids(statement, "sns:Publish")

# A statement for accounts may admit the account's alarms; one for roles and users does not.
refuses_alarms(statement) if {
	excludes(statement, "cloudwatch")
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
