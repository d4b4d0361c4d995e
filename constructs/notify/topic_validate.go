package notify

import (
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
)

// Validate returns all problems of the props, or nil. How a queue is encrypted only NewTopic can judge.
func (p *TopicProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	check.Emails("Emails", p.Emails, &bad)
	for i, address := range p.HttpsEndpoints {
		if isHttpsEndpoint(check.Index("HttpsEndpoints", i), address, &bad) {
			check.Once("HttpsEndpoints", p.HttpsEndpoints, i, &bad)
		}
	}
	check.NoNil("Queues", p.Queues, "an SQS queue", &bad)
	for i := range p.Queues {
		check.OnceObject("Queues", p.Queues, i, &bad)
	}
	for i, c := range p.Slack {
		bad.Nest(check.Index("Slack", i), c.validate())
		check.OnceObject("Slack", p.Slack, i, &bad)
	}
	for i, c := range p.Teams {
		bad.Nest(check.Index("Teams", i), c.validate())
		check.OnceObject("Teams", p.Teams, i, &bad)
	}
	return bad.Err()
}

// validateQueues judges what only the queues' CDK objects tell.
func (p *TopicProps) validateQueues(scope constructs.Construct) error {
	var bad invalid.Problems
	arns := make([]string, len(p.Queues))
	for i, queue := range p.Queues {
		if queue != nil && queue.EncryptionType() == awssqs.QueueEncryption_KMS_MANAGED {
			bad.Add(check.Index("Queues", i),
				"must not be encrypted with alias/aws/sqs, which SNS can't use, so that the queue would receive nothing").
				Advise("use awssqs.QueueEncryption_SQS_MANAGED or a KMS key of your own")
		}
		if queue != nil && invalid.IsMade(scope) {
			arns[i] = ids.Resolved(scope, *queue.QueueArn())
			if first := slices.Index(arns, arns[i]); first < i && p.Queues[first] != queue {
				bad.Add(check.Index("Queues", i), "must not be the queue of Queues[%d], imported again", first).Advise("remove one of them")
			}
		}
	}
	return bad.Err()
}

// Validate returns all problems of the attributes, or nil.
func (a *TopicAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	if a.Topic == nil {
		bad.Add("Topic", "is required").Advise("pass an awssns.ITopic")
	}
	return bad.Err()
}

func (c *SlackChannel) validate() error {
	var bad invalid.Problems
	check.SlackWorkspaceId("WorkspaceId", c.WorkspaceId, &bad)
	check.SlackChannelId("ChannelId", c.ChannelId, &bad)
	return bad.Err()
}

func (c *TeamsChannel) validate() error {
	var bad invalid.Problems
	check.TeamsId("TenantId", c.TenantId, &bad)
	check.TeamsId("TeamId", c.TeamId, &bad)
	check.TeamsChannelId("ChannelId", c.ChannelId, &bad)
	return bad.Err()
}

// isHttpsEndpoint reports whether an address is that of an endpoint that can confirm a subscription, and refuses another. A message
// never shows the password in it.
func isHttpsEndpoint(field, address string, bad *invalid.Problems) bool {
	if invalid.IsToken(address) {
		return true
	}
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Scheme != "https" || parsed.Hostname() == "":
		if err == nil {
			address = parsed.Redacted()
		}
		bad.Add(field, `must be the URL of an HTTPS endpoint such as "https://example.com/hook"`).Given(address)
	case isChatWebhook(parsed.Hostname()):
		bad.Add(field, "must not be the webhook of a chat, which can't confirm an SNS subscription").Given(parsed.Redacted()).
			Advise("set Slack or Teams")
	case parsed.User != nil:
		bad.Add(field, "must not contain a user name or a password, which everyone who can read the template would see").
			Given(parsed.Redacted()).Advise("verify the signature of SNS messages in the endpoint")
	default:
		return true
	}
	return false
}

func isChatWebhook(host string) bool {
	return slices.Contains([]string{"hooks.slack.com", "discord.com"}, host) || strings.HasSuffix(host, ".webhook.office.com")
}
