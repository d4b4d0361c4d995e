package awscontainers

import rego.v1

# METADATA
# title: A dead-letter queue is of the other kind than its queue, or is that queue itself
# description: SQS refuses a standard queue for the failed messages of a FIFO queue, and the reverse. A queue can't set aside what fails in itself.
# related_resources:
# - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
# custom:
#   id: AWSC-SQS-001
violation contains make_diag_at("AWSC-SQS-001", "ERROR", queue, sqs_dead_letters_path, message) if {
	some queue in resources_of_type("AWS::SQS::Queue")
	kind := sqs_kind(queue)
	target := sqs_dead_letters(queue)
	target.kind != kind
	message := sprintf(
		"%v is a %v queue, but its dead-letter queue %v is a %v queue; use a %v queue for its failed messages",
		[queue, kind, target.name, target.kind, kind],
	)
}

violation contains make_diag_at("AWSC-SQS-001", "ERROR", queue, sqs_dead_letters_path, message) if {
	some queue in resources_of_type("AWS::SQS::Queue")
	sqs_is_its_own(queue)
	message := sprintf("queue %v is its own dead-letter queue; name another queue for its failed messages", [queue])
}

sqs_dead_letters_path := "Properties.RedrivePolicy.deadLetterTargetArn"

sqs_dead_letters_keys := ["RedrivePolicy", "deadLetterTargetArn"]

# The queue for failed messages: one of the template, or a name at the end of an ARN. Undefined if unknown.
sqs_dead_letters(queue) := {"name": target, "kind": sqs_kind(target)} if {
	target := refers(property(queue, sqs_dead_letters_keys), "AWS::SQS::Queue")
}

# The name of a FIFO queue ends in .fifo.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
sqs_dead_letters(queue) := {"name": name, "kind": kind} if {
	name := sqs_named(queue)
	kind := sqs_kind_of_name(name)
}

sqs_named(queue) := name if {
	arn := partly_known(property(queue, sqs_dead_letters_keys))
	not guess_within(queue, sqs_dead_letters_keys)
	regex.match(`^(Join:|Sub:)?arn:.*:sqs:.*:[A-Za-z0-9_-]+(\.fifo)?$`, arn)
	parts := split(arn, ":")
	name := parts[count(parts) - 1]
}

sqs_is_its_own(queue) if refers(property(queue, sqs_dead_letters_keys), "AWS::SQS::Queue") == queue

# A dead-letter queue is in the account and Region of its queue, so that one of the same name is the queue itself.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
sqs_is_its_own(queue) if sqs_named(queue) == literal(queue, ["QueueName"])

sqs_kind(queue) := "FIFO" if setting(queue, ["FifoQueue"], false) == true

sqs_kind(queue) := "standard" if setting(queue, ["FifoQueue"], false) == false

sqs_kind_of_name(name) := "FIFO" if endswith(name, ".fifo")

sqs_kind_of_name(name) := "standard" if not endswith(name, ".fifo")
