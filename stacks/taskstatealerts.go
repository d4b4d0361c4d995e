package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/internal/check"
)

// TaskStateAlertsSettings are the choices of the stack TaskStateAlerts.
type TaskStateAlertsSettings struct {
	// Image is what the sample task runs before it fails: it needs a shell and must exist for x86. Required.
	Image string
	// AllClusters looks at every cluster of the account in the Region, and not only at the stack's own. Default: false.
	AllClusters bool
	// Failures are the kinds to tell of. Default: all.
	Failures []events.Failure
	// Emails, HttpsEndpoints, Slack and Teams are who is told. Default: nobody; subscribe to the topic.
	Emails, HttpsEndpoints []string
	// Slack are channels of Slack. Default: none.
	Slack []notify.SlackChannel
	// Teams are channels of Microsoft Teams. Default: none.
	Teams []notify.TeamsChannel
}

// taskStateAlerts reads the keys of the stack.
func (r *reader) taskStateAlerts() TaskStateAlertsSettings {
	const key = "TaskStateAlerts."
	var kinds []string
	for _, f := range events.Failures() {
		kinds = append(kinds, string(f))
	}
	s := TaskStateAlertsSettings{
		Image:       r.text(key+"image", "public.ecr.aws/docker/library/busybox:stable", "the image of the sample task, with a shell", nil),
		AllClusters: r.flag(key+"allClusters", "looks at every cluster of the account in the Region, not only at the stack's own"),
		Emails:      r.list(key+"emails", "", "who gets a mail of each failure; AWS asks each to confirm", fits(check.IsEmail, "on-call@example.com")),
		HttpsEndpoints: r.list(key+"httpsEndpoints", "", "endpoints that get each notice by POST, `https://example.com/hook`",
			nil), // the construct refuses them, without saying the password
	}
	for _, kind := range r.list(key+"failures", "", "the failures to tell of, all unless given: `"+strings.Join(kinds, "`, `")+"`", isOneOf(kinds...)) {
		s.Failures = append(s.Failures, events.Failure(kind))
	}
	slack := notify.SlackChannel{
		WorkspaceId: r.text(key+"slackWorkspaceId", "", "the Slack workspace, once authorized in the console of Amazon Q Developer in chat applications", fits(check.IsSlackWorkspaceId, "T0123ABCDEF")),
		ChannelId:   r.text(key+"slackChannelId", "", "the channel in it", fits(check.IsSlackChannelId, "C0123ABCDEF")),
	}
	teams := notify.TeamsChannel{
		TenantId:  r.text(key+"teamsTenantId", "", "the organization of a team in Microsoft Teams, authorized likewise", fits(check.IsTeamsId, "01234567-89ab-cdef-0123-456789abcdef")),
		TeamId:    r.text(key+"teamsTeamId", "", "the team", fits(check.IsTeamsId, "01234567-89ab-cdef-0123-456789abcdef")),
		ChannelId: r.text(key+"teamsChannelId", "", "its channel, as in the link to it", fits(check.IsTeamsChannelId, "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2")),
	}
	for _, pair := range [][2]string{
		{"slackWorkspaceId", "slackChannelId"}, {"slackChannelId", "slackWorkspaceId"}, {"teamsTenantId", "teamsTeamId"}, {"teamsTeamId", "teamsChannelId"}, {"teamsChannelId", "teamsTenantId"},
	} {
		r.belongs(key+pair[0], key+pair[1])
	}
	if slack != (notify.SlackChannel{}) {
		s.Slack = []notify.SlackChannel{slack}
	}
	if teams != (notify.TeamsChannel{}) {
		s.Teams = []notify.TeamsChannel{teams}
	}
	return s
}

// TaskStateAlertsProps are what NewTaskStateAlerts needs.
type TaskStateAlertsProps struct {
	Common
	TaskStateAlertsSettings
}

// sampleScript says what it does before it does it, so that both are in the log.
const sampleScript = `echo "This task fails on purpose, with exit code 42: somebody should be told."; exit 42`

// NewTaskStateAlerts is a topic that tells of tasks, services and deployments that fail, a log of all that happens to them, and a cluster
// with a task that fails as soon as somebody starts it. It panics with *invalid.Error when the props are wrong.
func NewTaskStateAlerts(scope constructs.Construct, id string, props *TaskStateAlertsProps) awscdk.Stack {
	var p TaskStateAlertsProps
	if props != nil {
		p = *props
	}
	stack := newStack(scope, id, "Notices of tasks, services and deployments of Amazon ECS that fail", p.Common)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: newVpc(stack, p.Common)})

	topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{
		Emails: p.Emails, HttpsEndpoints: p.HttpsEndpoints, Slack: p.Slack, Teams: p.Teams,
	})
	alerts := events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
		Clusters:      p.clusters(cluster),
		Failures:      p.Failures,
		Topic:         topic,
		LogRetention:  p.Profile.logRetention(),
		RemovalPolicy: p.Profile.removalPolicy(),
	})

	sample := ecs.NewTask(stack, "Sample", &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name: "sample", Image: registry.FromRegistry(p.Image), Command: []string{"sh", "-c", sampleScript},
		}},
		LogRetention:  p.Profile.logRetention(),
		RemovalPolicy: p.Profile.removalPolicy(),
	})
	// aws events put-events --entries 'Source=awscontainers.sample,DetailType=Fail on purpose,Detail={}'
	starts := events.NewTaskRule(stack, "SampleRule", &events.TaskRuleProps{
		Run:        ecs.NewRun(stack, "SampleRun", &ecs.RunProps{Cluster: cluster, Task: sample}),
		Pattern:    events.Pattern{Source: []any{"awscontainers.sample"}, DetailType: []any{"Fail on purpose"}},
		AlarmTopic: topic,
	})

	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "TopicArn", topic.Arn())
	output.New(stack, "EventLogGroupName", *alerts.LogGroup.LogGroupName())
	output.New(stack, "DeadLetterQueueUrl", *starts.DeadLetterQueue.QueueUrl())
	output.New(stack, "SampleLogGroupName", *sample.LogGroup.LogGroupName())
	return stack
}

func (p *TaskStateAlertsProps) clusters(own *ecs.Cluster) []*ecs.Cluster {
	if p.AllClusters {
		return nil
	}
	return []*ecs.Cluster{own}
}
