package stacks

import (
	"slices"
	"strings"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
)

// Names are the stacks, in the order of the README. They are part of the interface: renaming one replaces it.
var Names = []string{"FargateWeb"}

// Settings is the app's context, typed and checked.
type Settings struct {
	Profile    Profile
	VpcId      string
	Stacks     []string
	Tags       map[string]string
	FargateWeb FargateWebSettings
}

// ContextKey is a key of the context that the app knows.
type ContextKey struct {
	Key, Default, Meaning string
}

// ContextKeys are all keys that the app knows. The table in README.md is checked against them.
func ContextKeys() []ContextKey {
	r := reader{values: map[string]any{}}
	r.settings()
	return r.known
}

// ReadContext reads the settings from the app's context. It returns an *invalid.Error that names every unknown key, wrong
// type and bad value at once. The CDK's own keys are left alone. A stack's keys may be given as an object under the stack's
// name (cdk.json) or with a dot (-c FargateWeb.image=...), which wins.
func ReadContext(context map[string]any) (Settings, error) {
	r := reader{values: map[string]any{}}
	for key, value := range context {
		switch object, isObject := value.(map[string]any); {
		case value == nil, isCdkKey(key) && !ofStack(key):
		case slices.Contains(Names, key) && isObject:
			for name, v := range object {
				if _, dotted := context[key+"."+name]; !dotted {
					r.values[key+"."+name] = v
				}
			}
		case slices.Contains(Names, key):
			r.bad.Add(key, `%v is no object; write {"image": "..."} in cdk.json or -c %s.image=...`, value, key)
		default:
			r.values[key] = value
		}
	}
	settings := r.settings()
	r.refuseUnknown()
	slices.SortStableFunc(r.bad, func(a, b invalid.Problem) int { return strings.Compare(a.Field, b.Field) })
	if len(r.bad) > 0 {
		return settings, &invalid.Error{Path: "context", Problems: r.bad}
	}
	return settings, nil
}

// settings reads every key there is. This is the one place that names them.
func (r *reader) settings() Settings {
	s := Settings{
		Profile: Profile(r.text("profile", string(Dev), "`dev`: small and destroyable; `prod`: at least two of everything, data kept",
			isOneOf(string(Dev), string(Prod)))),
		Stacks: r.list("stacks", strings.Join(Names, ","), "the stacks to build, separated by commas", isOneOf(Names...)),
		VpcId: r.text("vpcId", "", "an existing VPC with public and private subnets; needs credentials to look it up",
			fits(network.IsVpcId, "vpc-0123456789abcdef0")),
		Tags: r.pairs("tags", "", "tags beside `Project` and `Profile` for what can be tagged: an object in cdk.json, or `-c tags=Owner=me,CostCenter=42`"),
	}
	s.FargateWeb = FargateWebSettings{
		Image: r.text("FargateWeb.image", "public.ecr.aws/nginx/nginx-unprivileged:stable",
			"the image of a web server", nil),
		Port:            r.number("FargateWeb.port", webPort, 1, 65535, "the port that the image listens on"),
		HealthCheckPath: r.text("FargateWeb.healthCheckPath", "/", "what the load balancer asks for; 200 is healthy", nil),
		WritablePaths: r.list("FargateWeb.writablePaths", defaultWritable,
			"the directories that the image must be able to write, separated by commas; all else is read-only", nil),
		CertificateArn: r.text("FargateWeb.certificateArn", "", "an ACM certificate in the same Region, for HTTPS", nil),
		DomainName:     r.text("FargateWeb.domainName", "", "the name of the site, for HTTPS and a DNS record; needs the hosted zone", nil),
		HostedZoneId: r.text("FargateWeb.hostedZoneId", "", "the public Route 53 zone of the domain",
			fits(ecs.IsHostedZoneId, "Z0123456789ABCDEFGHIJ")),
		HostedZoneName: r.text("FargateWeb.hostedZoneName", "", "the name of that zone, `example.com`", nil),
		AlarmEmail:     r.text("FargateWeb.alarmEmail", "", "who gets a mail when tasks fail; nobody by default", nil),
	}
	return s
}

// isCdkKey tells keys of the CDK and its CLI, which are none of ours: feature flags, look-ups, paths.
func isCdkKey(key string) bool {
	return strings.ContainsAny(key, ":/@") || key == "cli-telemetry" || key == "acknowledged-issue-numbers"
}

// ofStack tells keys that begin with a stack's name: "FargateWeb/image" is a slip, not a key of the CDK.
func ofStack(key string) bool {
	return slices.ContainsFunc(Names, func(name string) bool { return strings.HasPrefix(key, name) })
}
