package settings

import (
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/registry"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/instancetype"
)

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
	healthCheckPathKey = key{
		Name: "healthCheckPath", Default: "/", Doc: "the path that the load balancer requests; 200 is healthy", Check: check.UrlPath,
	}
	writablePathsKey = key{
		Name: "writablePaths", Default: "/tmp",
		Doc: "the directories that the image can write to, separated by commas; the rest of its file system is read-only",
	}
	certificateKey = key{Name: "certificateArn", Doc: "an ACM certificate in the same Region, for HTTPS", Check: isCertificate}
)

func imageIdKey(doc string) key {
	return key{Name: "imageId", Doc: doc, Check: check.ImageId}
}

// noteImageId says in prod that any deployment may replace the instances.
func (r *reader) noteImageId(isPinned bool) {
	if r.profile.isProd() && !isPinned {
		r.note("Each deployment takes AWS's newest AMI and first replaces the instances; to decide when, set " + r.whole("imageId"))
	}
}

func isImage(field, value string, bad *invalid.Problems) {
	bad.Nest(field, registry.FromRegistry(value).Validate())
}

func isDirectory(field, value string, bad *invalid.Problems) {
	bad.Nest(field, registry.FromAsset(value, nil).Validate())
}

func isCertificate(_, value string, bad *invalid.Problems) { balancer.CheckCertificate(value, bad) }

func isCidr(field, value string, bad *invalid.Problems) { check.Cidrs(field, []string{value}, bad) }

func isPrincipal(field, value string, bad *invalid.Problems) {
	if !check.IsPrincipalArn(value) {
		bad.Add(field, `must be the ARN of an IAM role or user such as "arn:aws:iam::111122223333:role/Developers"`).Given(value)
	}
}

func isInstanceType(field, value string, bad *invalid.Problems) {
	if _, isType := instancetype.Parse(value); !isType {
		bad.Add(field, `must be an EC2 instance type such as "m7g.large"`).Given(value)
	}
}

func isInstanceTypes(field, value string, bad *invalid.Problems) {
	if _, isPattern := instancetype.ParsePattern(value); !isPattern {
		bad.Add(field, `must be an EC2 instance type such as "m7g.large"`).Given(value)
	}
}

// httpsWithoutDomain names the other stacks with an https:// address of AWS's own.
const httpsWithoutDomain = "the stack GatewayServices or ExpressService"
