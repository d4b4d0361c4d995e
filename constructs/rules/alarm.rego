package awscontainers

import rego.v1

# METADATA
# title: An alarm sends to a topic whose key CloudWatch may not use
# description: "The alarm goes off and nobody hears of it: CloudWatch fails to publish, which only the alarm's history shows."
# related_resources:
# - https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
# custom:
#   id: AWSC-ALARM-001
violation contains make_diag_at("AWSC-ALARM-001", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, alarms in send_to("cloudwatch", "AWS::SNS::Topic")
	send_by_managed_key(topic, "sns")
	message := sprintf(
		"alarms (%v) send to topic %v, which is encrypted with alias/aws/sns, a key whose policy nobody can change to admit CloudWatch; use a key of your own that lets cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(alarms), topic],
	)
}

violation contains make_diag_at("AWSC-ALARM-001", "ERROR", topic, "Properties.KmsMasterKeyId", message) if {
	some topic, alarms in send_to("cloudwatch", "AWS::SNS::Topic")
	key := send_key(property(topic, ["KmsMasterKeyId"]))
	missing := send_key_refusals(key, "cloudwatch")
	count(missing) > 0
	message := sprintf(
		"alarms (%v) send to topic %v, but the policy of its key %v does not let CloudWatch use it (%v); allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*",
		[listed(alarms), topic, key, listed(missing)],
	)
}

# METADATA
# title: An alarm sends to a topic whose policy does not let CloudWatch publish
# description: "The alarm goes off and nobody hears of it: a topic's own policy replaces the one that admitted the whole account."
# related_resources:
# - https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
# custom:
#   id: AWSC-ALARM-002
violation contains make_diag_at("AWSC-ALARM-002", "ERROR", policy, "Properties.PolicyDocument", message) if {
	some topic, alarms in send_to("cloudwatch", "AWS::SNS::Topic")
	whole_template
	not in_custom_resource(topic)
	not exported(topic)
	policies := send_topic_policies(topic)
	some policy in policies
	exists_with(policy, topic)

	# Another policy may be the one that stays.
	every other in policies {
		send_publishing_denied(other, "cloudwatch")
	}
	message := sprintf(
		"alarms (%v) send to topic %v, but topic policy %v does not let CloudWatch publish there; allow cloudwatch.amazonaws.com sns:Publish",
		[listed(alarms), topic, policy],
	)
}
