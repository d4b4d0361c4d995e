package notify

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

func (p *TopicProps) Validate() error {
	var bad invalid.Problems
	check.Emails("Emails", p.Emails, &bad)
	for i, address := range p.HttpsEndpoints {
		checkHTTPS(check.Index("HttpsEndpoints", i), address, &bad)
		checkTwice("HttpsEndpoints", p.HttpsEndpoints, i, &bad)
	}
	for i, queue := range p.Queues {
		switch {
		case queue == nil:
			bad.Add(check.Index("Queues", i), "is nil; give a queue, or leave it out")
		case queue.EncryptionType() == awssqs.QueueEncryption_KMS_MANAGED:
			bad.Add(check.Index("Queues", i), "is encrypted with alias/aws/sqs, a key that SNS may not use, so that it would get nothing; use SQS_MANAGED, or a key of your own")
		case slices.Index(p.Queues, queue) < i:
			bad.Add(check.Index("Queues", i), "is named twice; leave one out")
		}
	}
	for i, c := range p.Slack {
		if slices.Index(p.Slack, c) < i {
			bad.Add(check.Index("Slack", i), "is named twice; leave one out")
		}
		bad.Nest(check.Index("Slack", i), c.validate())
	}
	for i, c := range p.Teams {
		if slices.Index(p.Teams, c) < i {
			bad.Add(check.Index("Teams", i), "is named twice; leave one out")
		}
		bad.Nest(check.Index("Teams", i), c.validate())
	}
	return bad.Err()
}

func (c *SlackChannel) validate() error {
	var bad invalid.Problems
	if !invalid.IsToken(c.WorkspaceId) && !check.IsSlackWorkspaceId(c.WorkspaceId) {
		bad.Add("WorkspaceId", `%q is not the id of a workspace; write it as "T0123ABCDEF"`, c.WorkspaceId)
	}
	if !invalid.IsToken(c.ChannelId) && !check.IsSlackChannelId(c.ChannelId) {
		bad.Add("ChannelId", `%q is not the id of a channel, which is not its name; write it as "C0123ABCDEF"`, c.ChannelId)
	}
	return bad.Err()
}

func (c *TeamsChannel) validate() error {
	var bad invalid.Problems
	for _, id := range []struct{ field, value string }{{"TenantId", c.TenantId}, {"TeamId", c.TeamId}} {
		if !invalid.IsToken(id.value) && !check.IsTeamsId(id.value) {
			bad.Add(id.field, `%q has not the right form; write it as "01234567-89ab-cdef-0123-456789abcdef"`, id.value)
		}
	}
	if !invalid.IsToken(c.ChannelId) && !check.IsTeamsChannelId(c.ChannelId) {
		bad.Add("ChannelId", `%q is not the id of a channel, encoded as in the link to it; write it as "19%%3ab6ef35dc342d56ba5654e6fc6d25a071%%40thread.tacv2"`, c.ChannelId)
	}
	return bad.Err()
}

// httpsProblem says what is wrong with the address of an endpoint, as the rest of a sentence that begins with it, or nothing. A password in it
// is no good address either.
func httpsProblem(address string) string {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Scheme != "https" || parsed.Hostname() == "":
		return `is not the address of an HTTPS endpoint; write it as "https://example.com/hook"`
	case slices.Contains([]string{"hooks.slack.com", "discord.com"}, parsed.Hostname()) || strings.HasSuffix(parsed.Hostname(), ".webhook.office.com"):
		return "is the webhook of a chat, which cannot confirm a subscription of SNS; use Slack or Teams"
	case parsed.User != nil:
		return "holds a name or a password, which would stand in the template for everybody to read; have the endpoint check the signature of SNS instead"
	}
	return ""
}

func checkHTTPS(field, address string, bad *invalid.Problems) {
	if invalid.IsToken(address) {
		return
	}
	if problem := httpsProblem(address); problem != "" {
		bad.Add(field, "%s %s", shown(address), problem)
	}
}

// shown is an address without the password in it.
func shown(address string) string {
	if parsed, err := url.Parse(address); err == nil {
		address = parsed.Redacted()
	}
	return fmt.Sprintf("%q", address)
}

func checkTwice(field string, values []string, i int, bad *invalid.Problems) {
	if slices.Index(values, values[i]) < i {
		bad.Add(check.Index(field, i), "%q is named twice; leave one out", values[i])
	}
}
