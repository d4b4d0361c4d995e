package settings

import (
	"strings"

	"awscontainers/constructs/events"
	"awscontainers/constructs/notify"
	"awscontainers/internal/check"
	"awscontainers/stacks"
)

func taskStateAlerts(r *reader) stacks.TaskStateAlertsProps {
	p := stacks.TaskStateAlertsProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		ContainerInsights:     r.briefInsights(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		RuntimeMonitoring:     r.runtimeMonitoring,

		Image: r.text(key{Name: "image", Default: shellImage, Doc: "the image of the sample task, for x86, with a shell", Check: isImage}),
		AllClusters: r.flag(key{
			Name: "allClusters", Doc: "watches every cluster of the account in the Region, not only that of the stack",
		}),
		Emails: r.list(key{
			Name: "emails", Doc: "the addresses that get a mail of each failure; AWS asks each to confirm",
			Check: check.Email,
		}),
		// The construct refuses what is invalid, and hides passwords.
		HttpsEndpoints: r.list(key{Name: "httpsEndpoints", Doc: "endpoints that get each notice as a POST request, `https://example.com/hook`"}),
		Failures: choices(r, key{
			Name: "failures", Doc: "the failures to notify of, otherwise all: `" + strings.Join(plain(events.Failures()), "`, `") + "`",
		}, events.Failures()...),
	}
	slack := notify.SlackChannel{
		WorkspaceId: r.text(key{
			Name: "slackWorkspaceId", Doc: "the Slack workspace, once authorized in the console of Amazon Q Developer in chat applications",
			Check: check.SlackWorkspaceId,
		}),
		ChannelId: r.text(key{
			Name: "slackChannelId", Doc: "the channel in it", Check: check.SlackChannelId,
		}),
	}
	teams := notify.TeamsChannel{
		TenantId: r.text(key{
			Name: "teamsTenantId", Doc: "the tenant of a team in Microsoft Teams, authorized in the same console", Check: check.TeamsId,
		}),
		TeamId: r.text(key{Name: "teamsTeamId", Doc: "the team", Check: check.TeamsId}),
		ChannelId: r.text(key{
			Name: "teamsChannelId", Doc: "its channel, as in the link to it",
			Check: check.TeamsChannelId,
		}),
	}
	r.requires("slackWorkspaceId", "slackChannelId")
	r.requires("slackChannelId", "slackWorkspaceId")
	r.requires("teamsTenantId", "teamsTeamId")
	r.requires("teamsTeamId", "teamsChannelId")
	r.requires("teamsChannelId", "teamsTenantId")
	if slack.WorkspaceId != "" && slack.ChannelId != "" { // what is lacking is refused above
		p.Slack = []notify.SlackChannel{slack}
	}
	if teams.TenantId != "" && teams.TeamId != "" && teams.ChannelId != "" {
		p.Teams = []notify.TeamsChannel{teams}
	}
	if len(p.Emails)+len(p.HttpsEndpoints)+len(p.Slack)+len(p.Teams) == 0 {
		r.note("Nobody is notified of failures; set " + r.whole("emails") + ", or subscribe to the topic (output TopicArn)")
	}
	r.noteZones(onFargate)
	return p
}
