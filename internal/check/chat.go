package check

import (
	"regexp"

	"awscontainers/constructs/invalid"
)

var (
	// https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
	// AWS accepts any letters and digits for a channel, but Slack's ids are capitals: a name such as "ops" is not an id.
	slackWorkspaceId = regexp.MustCompile(`^[TE][0-9A-Z]{7,254}$`)
	slackChannelId   = regexp.MustCompile(`^[CGD][0-9A-Z]{7,254}$`)
	// https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateTeamsChannelConfiguration.html
	uuid           = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	teamsChannelId = regexp.MustCompile(`^[a-zA-Z0-9-_=+/.,]*%3[aA][a-zA-Z0-9-_=+/.,]*%40[a-zA-Z0-9-_=+/.,]*$`)
)

// SlackWorkspaceId refuses what is not the ID of a Slack workspace, as well as the empty value.
func SlackWorkspaceId(field, id string, bad *invalid.Problems) {
	Required(field, id, slackWorkspaceId, `the ID of a Slack workspace such as "T0123ABCDEF"`, bad)
}

// SlackChannelId refuses what is not the ID of a Slack channel, as well as the empty value.
func SlackChannelId(field, id string, bad *invalid.Problems) {
	Required(field, id, slackChannelId, `the ID of a Slack channel, not its name, such as "C0123ABCDEF"`, bad)
}

// TeamsId refuses what is not the id of a tenant or a team of Microsoft Teams, as well as the empty value.
func TeamsId(field, id string, bad *invalid.Problems) {
	Required(field, id, uuid, `an ID such as "01234567-89ab-cdef-0123-456789abcdef"`, bad)
}

// TeamsChannelId refuses what is not the id of a channel of Microsoft Teams, as well as the empty value.
func TeamsChannelId(field, id string, bad *invalid.Problems) {
	const wanted = `the ID of a channel, encoded as in the link to it, such as "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"`
	if len(id) > 255 {
		bad.Add(field, "must have at most 255 characters").Given(id)
		return
	}
	Required(field, id, teamsChannelId, wanted, bad)
}

// Emails refuses what is not an email address, and an address named twice.
func Emails(field string, addresses []string, bad *invalid.Problems) {
	for i, address := range addresses {
		Email(Index(field, i), address, bad)
		if address == "" {
			bad.Add(Index(field, i), `must be an email address such as "on-call@example.com"`).Given(address)
		}
		Once(field, addresses, i, bad)
	}
}

// TopicOrEmails is Topic, and Emails for subscribers of the topic that a construct creates unless the caller brings one.
func TopicOrEmails[T any](topic *T, emails []string, bad *invalid.Problems) {
	Topic("Topic", topic, bad)
	if topic != nil && len(emails) > 0 {
		bad.Add("Emails", "must not be set together with Topic").Given(emails).Advise("subscribe them to the topic")
	}
	Emails("Emails", emails, bad)
}
