package stacks

import (
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// Names are the stacks, in the order of the README. They are part of the interface: renaming one replaces it.
var Names = []string{"FargateWeb", "Ec2Web", "NlbService", "SharedStorage", "Registry", "EventDrivenTask", "ScheduledTask", "TaskStateAlerts", "EksNodes", "EksStorage", "AppRunnerService", "ExpressService"}

// Settings is the app's context, typed and checked.
type Settings struct {
	Profile          Profile
	VpcId            string
	Stacks           []string
	Tags             map[string]string
	FargateWeb       FargateWebSettings
	Ec2Web           Ec2WebSettings
	NlbService       NlbServiceSettings
	SharedStorage    SharedStorageSettings
	Registry         RegistrySettings
	EventDrivenTask  EventDrivenTaskSettings
	ScheduledTask    ScheduledTaskSettings
	TaskStateAlerts  TaskStateAlertsSettings
	EksNodes         EksNodesSettings
	EksStorage       EksStorageSettings
	AppRunnerService AppRunnerServiceSettings
	ExpressService   ExpressServiceSettings
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

// settings reads every key there is: those of a stack are named in the stack's own file.
func (r *reader) settings() Settings {
	s := Settings{
		Profile: Profile(r.text("profile", string(Dev), "`dev`: small and destroyable; `prod`: at least two of everything, data kept",
			isOneOf(string(Dev), string(Prod)))),
		Stacks: r.list("stacks", strings.Join(Names, ","), "the stacks to build, separated by commas", isOneOf(Names...)),
		VpcId: r.text("vpcId", "", "an existing VPC with public and private subnets; needs credentials to look it up",
			fits(check.IsVpcId, "vpc-0123456789abcdef0")),
		Tags: r.pairs("tags", "", "tags beside `Project` and `Profile` for what can be tagged: an object in cdk.json, or `-c tags=Owner=me,CostCenter=42`"),
	}
	s.FargateWeb = r.fargateWeb()
	s.Ec2Web = r.ec2Web()
	s.NlbService = r.nlbService()
	s.SharedStorage = r.sharedStorage()
	s.Registry = r.registry()
	s.EventDrivenTask = r.eventDrivenTask()
	s.ScheduledTask = r.scheduledTask()
	s.TaskStateAlerts = r.taskStateAlerts()
	s.EksNodes = r.eksNodes()
	s.EksStorage = r.eksStorage()
	s.AppRunnerService = r.appRunnerService()
	s.ExpressService = r.expressService()
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
