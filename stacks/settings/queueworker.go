package settings

import (
	"strconv"
	"time"

	"awscontainers/stacks"
)

// The program of the stack, from where cdk runs.
const primeCount = "stacks/primecount"

func queueWorker(r *reader) stacks.QueueWorkerProps {
	directory := directoryKey
	if !r.isSet("image") {
		directory.Default = primeCount
	}
	minTasks := r.integer(key{
		Name: "minTasks", Default: "0", Doc: "the minimum number of tasks: 0 lets none run while the queue is empty",
	}, 0, maxTasks)
	p := stacks.QueueWorkerProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.fewerNatGateways("nothing"),
		ContainerInsights: insightsModes[r.choice(key{
			Name: "containerInsights", Default: "standard",
			Doc: "what CloudWatch measures in the cluster, paid by the metric: `standard`, which counts the tasks, or `enhanced`, which adds each " +
				"task and container",
		}, "standard", "enhanced")],
		Protect:           r.protect(),
		LogRetention:      r.profile.logRetention,
		RemovalPolicy:     r.profile.removalPolicy,
		RuntimeMonitoring: r.runtimeMonitoring,
		Alarms:            r.profile.alarms,

		Image: r.text(key{
			Name: "image", Doc: "the image that works on the messages, for x86; otherwise `deploy` builds `QueueWorker.directory`", Check: isImage,
		}),
		ImageCredentialsSecretArn: r.text(imageCredentialsKey),
		Directory:                 r.text(directory),
		WritablePaths:             r.list(writablePathsKey),
		Command:                   r.words(commandKey),
		Environment:               r.variables(environmentKey),
		SecretArns:                r.secrets(),
		Cpu:                       r.cpu("256"),
		MemoryLimitMiB:            r.memory(),
		MinTasks:                  minTasks,
		MaxTasks: r.integer(key{
			Name: "maxTasks", Default: strconv.Itoa(max(r.profile.maxTasks, minTasks)),
			Doc: "the maximum number of tasks; " + strconv.Itoa(profiles[prod].maxTasks) + " in `prod`",
		}, 1, maxTasks),
		MessagesPerTask: r.integer(key{
			Name: "messagesPerTask", Default: "10",
			Doc: "the acceptable backlog of a task: the longest acceptable wait divided by the time that it takes for a message",
		}, 1, maxBacklog),
		SpotPercent: new(r.integer(key{
			Name: "spotPercent", Default: "75", Doc: "the share of tasks on Fargate Spot, which costs less and may be interrupted",
		}, 0, 100)),
		VisibilityTimeout: time.Second * time.Duration(r.integer(key{
			Name: "visibilityTimeoutSeconds", Default: "60", Prop: "VisibilityTimeout",
			Doc: "how long a received message is hidden from other tasks; the program extends it while it works, so that it is the delay " +
				"after a crash",
		}, 3, 43200)),
		MaxReceiveCount: r.integer(key{
			Name: "maxReceiveCount", Default: "5", Doc: "how many times a message is received before it goes to the dead-letter queue",
		}, 1, 1000),
		CreateEncryptionKey: r.flag(key{
			Name: "encryptionKey", Prop: "CreateEncryptionKey",
			Doc: "encrypt the queues with a KMS key of this account, which senders need permissions for",
		}),
		AlarmEmails: r.taskAlarmEmails(),
	}
	r.noteZones(onFargate)
	return p
}

// maxBacklog is what a standard queue may have in flight.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const maxBacklog = 120000
