package rules_test

const (
	pathJobs    = "Jobs.Properties"
	pathFailing = pathJobs + ".RedrivePolicy.deadLetterTargetArn"
	pathOrders  = "Orders.Properties"
)

// namedQueue is the ARN of a queue of the stack's account and Region.
func namedQueue(name string) string {
	return `{"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:` + name + `"}`
}

// joinedQueue is the same as the CDK writes it.
func joinedQueue(name string) string {
	return `{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":sqs:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}, ":` +
		name + `"]]}`
}

var sqsCases = []ruleCase{
	{
		name:    "DeadLettersOfAStandardQueueInAFifoQueue",
		changes: map[string]string{pathFailing: `{"Fn::GetAtt": ["FailedOrders", "Arn"]}`},
		want:    []string{"AWSC-SQS-001 Jobs"},
	},
	{
		name:    "DeadLettersOfAFifoQueueInAStandardQueue",
		changes: map[string]string{pathOrders + ".RedrivePolicy.deadLetterTargetArn": `{"Fn::GetAtt": ["Failed", "Arn"]}`},
		want:    []string{"AWSC-SQS-001 Orders"},
	},
	{
		name:    "DeadLettersInANamedFifoQueue",
		changes: map[string]string{pathFailing: namedQueue("failed.fifo")},
		want:    []string{"AWSC-SQS-001 Jobs"},
	},
	{
		name:    "DeadLettersOfAFifoQueueInANamedQueue",
		changes: map[string]string{pathOrders + ".RedrivePolicy.deadLetterTargetArn": joinedQueue("failed")},
		want:    []string{"AWSC-SQS-001 Orders"},
	},
	{
		name:    "DeadLettersInTheQueueItself",
		changes: map[string]string{pathFailing: namedQueue("jobs")},
		want:    []string{"AWSC-SQS-001 Jobs"},
	},
	{
		name:    "DeadLettersInTheQueueItselfJoined",
		changes: map[string]string{pathFailing: joinedQueue("jobs")},
		want:    []string{"AWSC-SQS-001 Jobs"},
	},
	{
		name:    "DeadLettersInTheQueueItselfByArn",
		changes: map[string]string{pathFailing: `"arn:aws:sqs:eu-west-1:111122223333:jobs"`},
		want:    []string{"AWSC-SQS-001 Jobs"},
	},
	{
		name:    "DeadLettersInTheQueueItselfByReference",
		changes: map[string]string{pathFailing: `{"Fn::GetAtt": ["Jobs", "Arn"]}`},
		want:    []string{"AWSC-SQS-001 Jobs"},
	},
	{name: "DeadLettersInANamedQueue", changes: map[string]string{pathFailing: namedQueue("failed")}},
	{name: "DeadLettersInAJoinedQueue", changes: map[string]string{pathFailing: joinedQueue("failed")}},
	{name: "DeadLettersInAQueueNamedLikeALogicalId", changes: map[string]string{pathJobs + ".QueueName": `"Failed"`}},
	{name: "DeadLettersOfAFifoQueueInANamedFifoQueue", changes: map[string]string{
		pathOrders + ".RedrivePolicy.deadLetterTargetArn": namedQueue("failed.fifo"),
	}},
	{name: "DeadLettersInAQueueOfAParameter", changes: map[string]string{
		pathFailing: `{"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Param}"}`,
	}},
	{name: "DeadLettersInAQueueOfAParameterInPart", changes: map[string]string{pathFailing: namedQueue("${Param}.fifo")}},
	{name: "DeadLettersInAQueueOfADefault", changes: map[string]string{
		pathFailing: valueGuessed, "Orders": "", "FailedOrders": "",
	}},
	{name: "DeadLettersImported", changes: map[string]string{pathFailing: `{"Fn::ImportValue": "failed.fifo"}`}},
	{name: "DeadLettersPerhapsFifo", changes: map[string]string{
		pathFailing: valueEither(`{"Fn::GetAtt": ["FailedOrders", "Arn"]}`, `{"Fn::GetAtt": ["Failed", "Arn"]}`),
	}},
	{name: "DeadLettersInAQueueThatIsPerhapsFifo", changes: map[string]string{"Failed.Properties.FifoQueue": valueUnknown}},
	{name: "DeadLettersNowhere", changes: map[string]string{pathJobs + ".RedrivePolicy": ""}},
	{name: "DeadLettersAsText", changes: map[string]string{pathJobs + ".RedrivePolicy": `"{}"`}},
}
