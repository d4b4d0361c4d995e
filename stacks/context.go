package stacks

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

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
		AlarmEmail:     r.text("FargateWeb.alarmEmail", "", "who gets a mail when something is wrong; in `dev` it also turns the alarms on", nil),
		ApiImage:       r.text("FargateWeb.apiImage", "", "a second service behind the same load balancer, at `/api/*`, which the first reaches as `http://api:<port>`", nil),
		ApiPort:        r.number("FargateWeb.apiPort", webPort, 1, 65535, "the port that it listens on"),
		ApiHealthCheckPath: r.text("FargateWeb.apiHealthCheckPath", "/",
			"what the load balancer asks it for; 200 is healthy", nil),
		DeploymentStrategy: awsecs.DeploymentStrategy(r.text("FargateWeb.deploymentStrategy", string(awsecs.DeploymentStrategy_ROLLING),
			"how a new version takes over: a few tasks at a time, or by `BLUE_GREEN`, `LINEAR` or `CANARY`, which start it beside the old one and then shift the traffic",
			isOneOf(deploymentStrategies...))),
		TestCidrs: r.list("FargateWeb.testCidrs", "", "who may test a new version before its traffic shifts, at port 8443, or 8081 without HTTPS: `203.0.113.0/24`", nil),
		Waf:       r.flag("FargateWeb.waf", "AWS WAF with AWS's managed rules before the load balancer"),
		ExecuteCommand: r.flag("FargateWeb.executeCommand",
			"sessions of ECS Exec in the containers, whose file systems are then writable"),
		OpenTelemetry: r.flag("FargateWeb.openTelemetry", "a collector of traces and metrics beside the containers"),
	}
	r.belongs("FargateWeb.apiPort", "FargateWeb.apiImage")
	r.belongs("FargateWeb.apiHealthCheckPath", "FargateWeb.apiImage")
	return s
}

var deploymentStrategies = []string{
	string(awsecs.DeploymentStrategy_ROLLING), string(awsecs.DeploymentStrategy_BLUE_GREEN),
	string(awsecs.DeploymentStrategy_LINEAR), string(awsecs.DeploymentStrategy_CANARY),
}

// isCdkKey tells keys of the CDK and its CLI, which are none of ours: feature flags, look-ups, paths.
func isCdkKey(key string) bool {
	return strings.ContainsAny(key, ":/@") || key == "cli-telemetry" || key == "acknowledged-issue-numbers"
}

// ofStack tells keys that begin with a stack's name: "FargateWeb/image" is a slip, not a key of the CDK.
func ofStack(key string) bool {
	return slices.ContainsFunc(Names, func(name string) bool { return strings.HasPrefix(key, name) })
}
