package settings

import (
	"awscontainers/stacks"
)

// The program of the stack, from where cdk runs.
const objectDigest = "stacks/objectdigest"

func eventDrivenTask(r *reader) stacks.EventDrivenTaskProps {
	directory := directoryKey
	if !r.isSet("image") {
		directory.Default = objectDigest
	}
	p := stacks.EventDrivenTaskProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.fewerNatGateways("nothing"),
		ContainerInsights:     r.briefInsights(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		RuntimeMonitoring:     r.runtimeMonitoring,
		VersionedBucket:       r.profile.isProd(),
		Alarms:                r.profile.alarms,

		Image: r.text(key{
			Name: "image", Doc: "the image that runs for each object, for Arm; otherwise `deploy` builds `EventDrivenTask.directory`",
			Check: isImage,
		}),
		ImageCredentialsSecretArn: r.text(imageCredentialsKey),
		Directory:                 r.text(directory),
		WritablePaths:             r.list(writablePathsKey),
		Command:                   r.words(commandKey),
		Environment:               r.variables(environmentKey),
		SecretArns:                r.secrets(),
		Cpu:                       r.cpu("256"),
		MemoryLimitMiB:            r.memory(),
		KeyPrefix:                 r.text(key{Name: "keyPrefix", Default: "incoming/", Doc: "what the keys of the objects begin with"}),
		KeySuffix:                 r.text(key{Name: "keySuffix", Doc: "what they end with, such as `.jpg`"}),
		AlarmEmails:               r.taskAlarmEmails(),
	}
	r.noteZones(armOnFargate)
	return p
}
