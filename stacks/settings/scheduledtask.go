package settings

import (
	"time"

	"awscontainers/internal/schedule"
	"awscontainers/stacks"
)

func scheduledTask(r *reader) stacks.ScheduledTaskProps {
	command := commandKey
	command.Doc = "the command that the container runs, its words separated by commas; with `image` or `directory` the default is the " +
		"image's own"
	if !r.isSet("image") && !r.isSet("directory") {
		command.Default = "date" // the image's own is a shell
	}
	p := stacks.ScheduledTaskProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.fewerNatGateways("nothing"),
		ContainerInsights:     r.briefInsights(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		RuntimeMonitoring:     r.runtimeMonitoring,
		Alarms:                r.profile.alarms,

		Image:                     r.image(key{Name: "image", Default: shellImage, Doc: "the image that runs, for x86"}),
		ImageCredentialsSecretArn: r.text(imageCredentialsKey),
		Directory:                 r.text(directoryKey),
		WritablePaths:             r.list(writablePathsKey),
		Command:                   r.words(command),
		Environment:               r.variables(environmentKey),
		SecretArns:                r.secrets(),
		Cpu:                       r.cpu("256"),
		MemoryLimitMiB:            r.memory(),
		ScheduleExpression: r.text(key{
			Name: "scheduleExpression", Default: "rate(1 hour)",
			Doc: "when: `cron(0 3 * * ? *)`, `rate(15 minutes)` or `at(2027-01-31T08:00:00)`", Check: schedule.Check,
		}),
		TimeZone: r.text(key{Name: "timeZone", Default: "UTC", Doc: "the time zone of the schedule: `Europe/Berlin`", Check: schedule.CheckZone}),
		FlexibleTimeWindow: time.Minute * time.Duration(r.integer(key{
			Name: "flexibleTimeWindowMinutes", Default: "0", Prop: "FlexibleTimeWindow",
			Doc: "by how many minutes the start may be delayed, at random; 0 for on time",
		}, 0, 1440)),
		StartDate: r.date(key{Name: "startDate", Doc: "when the schedule begins: `2027-01-31T00:00:00Z`; remove it once that has passed"}),
		EndDate:   r.date(key{Name: "endDate", Doc: "when it ends: `2027-12-31T00:00:00Z`"}),
		PreventOverlap: r.flag(key{
			Name: "preventOverlap", Doc: "nothing starts while an earlier run has not ended, by means of a state machine",
		}),
		AlarmEmails: r.taskAlarmEmails(),
	}
	r.noteZones(onFargate)
	return p
}
