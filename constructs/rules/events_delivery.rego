package awscontainers

import rego.v1

# METADATA
# title: A rule sends to a topic whose key EventBridge may not use
# description: EventBridge fails to publish and nobody hears of the event, which only the metric of failed invocations shows.
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
# custom:
#   id: AWSC-EVENTS-009
violation contains make_diag_at("AWSC-EVENTS-009", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, rules in send_to("events", "AWS::SNS::Topic")
	send_by_managed_key(topic, "sns")
	message := sprintf(
		"rules (%v) send to topic %v, which is encrypted with alias/aws/sns, a key whose policy nobody can change to admit EventBridge; use a key of your own that lets events.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(rules), topic],
	)
}

violation contains make_diag_at("AWSC-EVENTS-009", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, rules in send_to("events", "AWS::SNS::Topic")
	key := send_key(property(topic, ["KmsMasterKeyId"]))
	missing := send_key_refusals(key, "events")
	count(missing) > 0
	message := sprintf(
		"rules (%v) send to topic %v, but the policy of its key %v does not let EventBridge use it (%v); allow events.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(rules), topic, key, listed(missing)],
	)
}

# METADATA
# title: A rule sends to a topic that does not let EventBridge publish
# description: "Nobody hears of the event: a topic admits EventBridge only if its policy says so, and a topic without one does not."
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
# custom:
#   id: AWSC-EVENTS-010
violation contains make_diag_at("AWSC-EVENTS-010", "ERROR", topic, "Properties", message) if {
	whole_template
	some topic, rules in send_to("events", "AWS::SNS::Topic")
	not in_custom_resource(topic)
	not exported(topic)
	every policy in send_policies_near(topic, send_topic_policy_types) {
		send_publishing_denied(policy, "events")
	}
	message := sprintf(
		"rules (%v) send to topic %v, whose policies (%v) do not let EventBridge publish there; allow events.amazonaws.com sns:Publish in an AWS::SNS::TopicPolicy",
		[listed(rules), topic, listed(send_policies_near(topic, send_topic_policy_types))],
	)
}

# METADATA
# title: A dead-letter queue does not accept what a rule or schedule fails to deliver
# description: The failed event is lost, and so is the only trace of why nothing started.
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
# custom:
#   id: AWSC-EVENTS-011
violation contains make_diag_at("AWSC-EVENTS-011", "ERROR", queue, "Properties", message) if {
	whole_template
	some queue, rules in send_to("events", "AWS::SQS::Queue")
	not in_custom_resource(queue)
	not exported(queue)
	every policy in send_policies_near(queue, send_queue_policy_types) {
		policy_denied(policy, ["PolicyDocument"], "events", "sqs:SendMessage")
	}
	message := sprintf(
		"queue %v is the dead-letter queue of rules (%v), but its policies (%v) do not let EventBridge send there; allow events.amazonaws.com sqs:SendMessage in an AWS::SQS::QueuePolicy",
		[queue, listed(rules), listed(send_policies_near(queue, send_queue_policy_types))],
	)
}

# A schedule sends with its role; the queue needs no policy for it.
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
violation contains make_diag_at("AWSC-EVENTS-011", "ERROR", role, "Properties.Policies", message) if {
	some need in call_refused
	need.action == "sqs:SendMessage"
	schedule := need.by
	role := need.role
	queue := need.queue

	# A queue may also admit the role by its own policy, as one that only denies plain HTTP does not.
	every policy in send_policies_near(queue, send_queue_policy_types) {
		policy_without(policy, ["PolicyDocument"], "sqs:SendMessage", policy_anything)
	}
	message := sprintf(
		"role %v of schedule %v may not send to its dead-letter queue %v; allow it sqs:SendMessage on that queue",
		[role, schedule, queue],
	)
}

# METADATA
# title: A rule's dead-letter queue is encrypted with a key that EventBridge may not use
# description: The failed event is lost, and so is the only trace of why nothing started.
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
# custom:
#   id: AWSC-EVENTS-012
violation contains make_diag_at("AWSC-EVENTS-012", "ERROR", queue, "Properties.KmsMasterKeyId", message) if {
	some queue, rules in send_to("events", "AWS::SQS::Queue")
	send_by_managed_key(queue, "sqs")
	message := sprintf(
		"queue %v is the dead-letter queue of rules (%v), but is encrypted with alias/aws/sqs, a key whose policy nobody can change to admit EventBridge; use a key of your own that lets events.amazonaws.com kms:Decrypt and kms:GenerateDataKey*, or SqsManagedSseEnabled",
		[queue, listed(rules)],
	)
}

violation contains make_diag_at("AWSC-EVENTS-012", "ERROR", queue, "Properties.KmsMasterKeyId", message) if {
	some queue, rules in send_to("events", "AWS::SQS::Queue")
	key := send_key(property(queue, ["KmsMasterKeyId"]))
	missing := send_key_refusals(key, "events")
	count(missing) > 0
	message := sprintf(
		"queue %v is the dead-letter queue of rules (%v), but the policy of its key %v does not let EventBridge use it (%v); allow events.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[queue, listed(rules), key, listed(missing)],
	)
}
