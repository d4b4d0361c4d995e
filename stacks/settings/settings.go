package settings

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/notify"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
)

// Settings is the context of the app, typed and checked.
type Settings struct {
	// Stacks are the names of the stacks to build.
	Stacks []string

	reader  *reader
	profile profile
	tags    map[string]string
	stacks  map[string]configured // all of the table
}

// Read reads the settings from the app's context, and the account and Region from what the CDK's CLI found out about the
// credentials (CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION). Its errors are those of Parse. If there are any, it tries the stacks in
// an app that is thrown away, so that the errors include what constructs refuse.
func Read(app awscdk.App) (*Settings, error) {
	all := app.Node().GetAllContext(nil)
	context, isObject := all.(map[string]any)
	if !isObject {
		return nil, fmt.Errorf("the context of the app must be an object; got %T", all)
	}
	s := parse(context, os.Getenv("CDK_DEFAULT_ACCOUNT"), os.Getenv("CDK_DEFAULT_REGION"))
	if len(s.reader.mistakes(s.Stacks, validated)) == 0 {
		return s, nil
	}
	try, done := scratch(app)
	defer done()
	return nil, joined(s.reader.mistakes(s.Stacks, try))
}

// Parse reads the settings from a context. Account and Region are where the stacks go; empty ones leave that open. The keys of a
// stack are an object under the stack's name (cdk.json), or have that name and a dot before them (-c FargateWeb.image=...),
// which takes precedence. The CDK's own keys are ignored.
//
// Parse refuses every unknown key, wrong type and invalid value, and what the props of the stacks refuse. Its error is one
// *invalid.Error for each problem, whose path is the key that the user typed, sorted by key and joined by errors.Join: one line
// each. What only constructs refuse is an error of Build.
func Parse(context map[string]any, account, region string) (*Settings, error) {
	s := parse(context, account, region)
	if bad := s.reader.mistakes(s.Stacks, validated); len(bad) > 0 {
		return nil, joined(bad)
	}
	return s, nil
}

func parse(context map[string]any, account, region string) *Settings {
	if account == "" {
		region = "" // without credentials the CLI guesses us-east-1
	}
	r := &reader{account: account, region: region, asked: patternsIn(context)}
	r.flatten(context)
	s := r.settings()
	r.refuseUnknown()
	return s
}

// Keys returns every context key of the app, in the order of the documentation.
func Keys() []Key {
	r := &reader{}
	r.settings()
	return r.keys
}

// settings reads all keys there are.
func (r *reader) settings() *Settings {
	s := &Settings{reader: r, profile: profiles[r.choice(key{
		Name: "profile", Default: dev,
		Doc: "`dev`: small, and deleted with all its data; `prod`: at least two of everything, and data is retained",
	}, dev, prod)]}
	s.Stacks = r.selected(r.list(key{
		Name: "stacks", Default: strings.Join(defaultNames(), ","), Check: oneOf(Names()...),
		Doc: "the stacks of the app, separated by commas. The default leaves out `AppRunnerService`, because App Runner accepts no new " +
			"customers: to use it, add `-c stacks=AppRunnerService` to every command, also to `cdk destroy`",
	}))
	r.vpcId = r.text(key{
		Name: "vpcId", Doc: "an existing VPC with public and private subnets; requires credentials, to look it up",
		Check: check.VpcId,
	})
	if r.vpcId != "" && r.account == "" {
		r.bad.Add("vpcId", "requires an account and a Region to look the VPC up").
			Advise("run cdk with credentials (aws sts get-caller-identity shows whose) and AWS_REGION")
	}
	r.readZones()
	r.protectAll = r.flag(key{
		Name: "protect",
		Doc: "protects the stacks, their load balancers, tables and clusters from deletion. Set it after the first deployment, also in " +
			"`prod`: CloudFormation can't roll back a first deployment that fails if what it has created refuses to be deleted",
	})
	r.runtimeMonitoring = r.flag(key{
		Name: "runtimeMonitoring",
		Doc: "lets GuardDuty Runtime Monitoring, if it is on for the account, add its agent to the tasks on Fargate, whose roles may then " +
			"pull it; otherwise they run unmonitored",
	})
	s.tags = r.tags(key{
		Name: "tags", Doc: "tags of all resources besides `Project` and `Profile`: an object in cdk.json, or `-c tags=Owner=me,CostCenter=42`. " +
			"A change replaces App Runner and Express Mode services, whose URL changes with it",
	})
	r.profile = s.profile
	s.stacks = map[string]configured{}
	for _, d := range table {
		s.stacks[d.name] = d.read(r)
	}
	return s
}

// Build builds the stacks that the settings ask for. If a construct refuses what the settings say, it finds all that the constructs
// of all stacks refuse, and panics with an error such as Parse returns.
func (s *Settings) Build(scope constructs.Construct) {
	for i, name := range s.Stacks {
		refused := refusalOf(func() { s.New(scope, name, name) })
		if refused == nil {
			continue
		}
		try, done := scratch(scope.Node().Root())
		defer done()
		if err := joined(s.reader.mistakes(s.Stacks[i:], try)); err != nil {
			panic(err)
		}
		panic(refused) // not of a key: the props were changed
	}
}

// New builds the stack of a name in the table, asked for or not, under an id. It panics with the *invalid.Error of a construct that
// refuses what the settings say, in terms of its props.
func (s *Settings) New(scope constructs.Construct, name, id string) awscdk.Stack {
	c, isKnown := s.stacks[name]
	if !isKnown {
		panic(fmt.Sprintf("settings: there is no stack %q; there are %s", name, strings.Join(Names(), ", ")))
	}
	stack := c.build(scope, id)
	for _, id := range []string{notify.UnheardNote, eks.NoAccessNote, eks.ZonesNote} {
		annotate.Acknowledge(stack, id) // said below in terms of context keys
	}
	for _, a := range c.annotations {
		if a.id == "" {
			annotate.Note(stack, a.text)
		} else {
			annotate.Warning(stack, a.id, a.text)
		}
	}
	s.tag(stack)
	return stack
}

// Props returns the props of the stack of a name in the table: a pointer such as *stacks.FargateWebProps, through which they can
// be changed before New or Build. It returns nil for an unknown name.
func (s *Settings) Props(name string) any { return s.stacks[name].props }

// Notes says what the profile prod leaves to whoever runs the stacks of the app: protection from deletion, and who gets the alarms. The
// app prints it, because the CLI shows notes of constructs only where no construct has a warning.
func (s *Settings) Notes() (notes []string) {
	var unprotected, unheard []string
	for _, name := range s.Stacks {
		props := reflect.Indirect(reflect.ValueOf(s.Props(name)))
		if s.profile.isProd() && !props.FieldByName("Protect").Bool() {
			unprotected = append(unprotected, name)
		}
		if alarms := props.FieldByName("Alarms"); alarms.IsValid() && alarms.Bool() && props.FieldByName("AlarmEmails").Len() == 0 {
			unheard = append(unheard, name)
		}
	}
	if len(unprotected) > 0 {
		notes = append(notes, "Nothing protects "+strings.Join(unprotected, ", ")+" from deletion yet. Once a stack's first deployment has "+
			"succeeded, set protect=true, or "+unprotected[0]+".protect=true for one stack, and deploy again")
	}
	if len(unheard) > 0 {
		notes = append(notes, "Nobody is notified of alarms in "+strings.Join(unheard, ", ")+"; set "+unheard[0]+".alarmEmail, or subscribe "+
			"to the topic (output AlarmTopicArn or TopicArn)")
	}
	return notes
}

// untagged are resources whose tags the CDK knows and CloudFormation's published schemas don't: cfn-lint refuses them.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html
var untagged = []string{
	"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::CloudWatch::Dashboard",
	"AWS::ApplicationAutoScaling::ScalableTarget",
	// The stack itself, whatever the feature flag "@aws-cdk/core:explicitStackTags": CloudFormation would tag node groups of EKS, too.
	"aws:cdk:stack",
}

// The tags that every stack has.
const (
	projectTag = "Project"
	profileTag = "Profile"
)

// replacedByTags are resources with an address of their own that CloudFormation replaces when one of their tags changes. They don't
// carry the profile, so that another profile isn't another address.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apprunner-service.html#cfn-apprunner-service-tags
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-expressgatewayservice.html
var replacedByTags = []string{"AWS::AppRunner::Service", "AWS::AppRunner::VpcIngressConnection", "AWS::ECS::ExpressGatewayService"}

// tag puts the tags on the stack and every resource in it.
func (s *Settings) tag(stack awscdk.Stack) {
	all := map[string]string{projectTag: "awscontainers", profileTag: s.profile.name}
	maps.Copy(all, s.tags)
	tags := awscdk.Tags_Of(stack)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		exclude := untagged
		if name == profileTag {
			exclude = slices.Concat(untagged, replacedByTags)
		}
		tags.Add(&name, new(all[name]), &awscdk.TagProps{ExcludeResourceTypes: jsii.Strings(exclude...)})
	}
}
