package settings

import "awscontainers/internal/check"

// The images that stacks run unless others are set.
const (
	webImage   = "public.ecr.aws/nginx/nginx-unprivileged:stable"
	shellImage = "public.ecr.aws/docker/library/busybox:stable"
)

const (
	alarmsDoc     = "the address that alarms are sent to; in `dev` it also turns the alarms on"
	taskAlarmsDoc = "the address that is notified of tasks that fail or can't start"
	maxPort       = 65535
)

// Keys that several stacks have.
var (
	portKey            = key{Name: "port", Default: "8080", Doc: "the port that the image listens on"}
	healthCheckPathKey = key{Name: "healthCheckPath", Default: "/", Doc: "the path that the load balancer requests; 200 is healthy"}
	writablePathsKey   = key{
		Name: "writablePaths", Default: "/tmp",
		Doc: "the directories that the image can write to, separated by commas; the rest of its file system is read-only",
	}
	certificateKey = key{Name: "certificateArn", Doc: "an ACM certificate in the same Region, for HTTPS"}
)

func imageIdKey(doc string) key {
	return key{Name: "imageId", Doc: doc, Check: form{check.IsImageId, `an AMI ID such as "ami-0123456789abcdef0"`}}
}

// noteUnheardAlarms says so if there are alarms that nobody gets.
func (r *reader) noteUnheardAlarms(emails []string) {
	if r.profile.alarms && len(emails) == 0 {
		r.note("Nobody is notified when a task fails; set " + r.whole("alarmEmail") + ", or subscribe to the topic (output TopicArn)")
	}
}
