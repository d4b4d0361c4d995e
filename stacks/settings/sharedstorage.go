package settings

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"

	"awscontainers/stacks"
)

func sharedStorage(r *reader) stacks.SharedStorageProps {
	p := stacks.SharedStorageProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.natGateways(),
		ContainerInsights:     r.containerInsights(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		RuntimeMonitoring:     r.runtimeMonitoring,
		DesiredCount:          r.profile.minTasks,
		MaxInstances:          2,
		DisableBackups:        !r.profile.isProd(), // they would outlive the stack
		Alarms:                r.profile.alarms,

		Image: r.text(key{Name: "image", Default: shellImage, Doc: "the image of both services, with a shell, for Arm", Check: isImage}),
		ImageId: r.text(imageIdKey("an AMI for Arm to pin the instances to; otherwise each deployment takes the newest, and first replaces " +
			"the instances")),
		AlarmEmails: r.alarmEmails(alarmsDoc),
		ThroughputMode: choice(r, key{
			Name: "throughputMode", Default: string(awsefs.ThroughputMode_ELASTIC),
			Doc: "how fast the files are: `ELASTIC`, as needed and paid by use, `BURSTING`, by what is stored, or `PROVISIONED`",
		}, awsefs.ThroughputMode_ELASTIC, awsefs.ThroughputMode_BURSTING, awsefs.ThroughputMode_PROVISIONED),
		ProvisionedThroughputMiBps: r.integer(key{
			Name: "provisionedThroughputMiBps", Default: "0", Doc: "the throughput in MiB per second, with `PROVISIONED`",
		}, 0, 3414),
		TransitionToIADays: r.integer(key{
			Name: "transitionToIADays", Default: "30",
			Doc: "after how many days without a read a file moves to Infrequent Access: 1, 7, 14, 30, 60, 90, 180, 270 or 365; 0 for never",
		}, 0, 365),
	}
	r.noteImageId(p.ImageId != "")
	if r.profile.isProd() {
		p.MinInstances, p.MaxInstances = 2, 4
	}
	// The archive takes ELASTIC throughput, and files that are in Infrequent Access.
	archiveDays := "90"
	if p.ThroughputMode != awsefs.ThroughputMode_ELASTIC || p.TransitionToIADays == 0 || p.TransitionToIADays >= 90 {
		archiveDays = "0"
	}
	p.TransitionToArchiveDays = r.integer(key{
		Name: "transitionToArchiveDays", Default: archiveDays,
		Doc: "after how many days without a read it moves on to Archive; 0 for never, the default without `ELASTIC` or Infrequent Access " +
			"before that",
	}, 0, 365)
	r.noteZones(armOnFargate)
	return p
}
