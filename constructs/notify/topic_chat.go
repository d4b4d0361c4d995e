package notify

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awschatbot"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/describe"
	"awscontainers/internal/ids"
)

// SlackChannel is a channel of a Slack workspace that somebody has authorized in the console of Amazon Q Developer in chat applications,
// once for each account; to a private channel its app must be invited.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/slack-setup.html
type SlackChannel struct {
	// WorkspaceId is the workspace's id, "T0123ABCDEF". Required.
	WorkspaceId string
	// ChannelId is the channel's id, "C0123ABCDEF": the end of the link that Slack copies. Required.
	ChannelId string
}

// TeamsChannel is a channel of a team that somebody has authorized likewise.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/teams-setup.html
type TeamsChannel struct {
	// TenantId is the id of the organization in Microsoft Entra, "01234567-89ab-cdef-0123-456789abcdef". Required.
	TenantId string
	// TeamId is that of the team, of the same form. Required.
	TeamId string
	// ChannelId is the channel's id as it stands in the link to it, "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2". Required.
	ChannelId string
}

// chatService is the service that writes to chats, under its name of old.
const chatService = "chatbot.amazonaws.com"

// chat lets Amazon Q Developer in chat applications write what comes to the chat topic, and nobody in the chats do anything.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html
func (t *Topic) chat(p *TopicProps) {
	// What people may do from the chat, and not needed to write there: nothing.
	role := awsiam.NewRole(t, jsii.String("ChatRole"), &awsiam.RoleProps{
		Description: describe.Of("Chat channels of", *t.Node().Path()),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String(chatService), nil),
	})
	topic := t.ChatTopic.TopicArn()
	// Without a guardrail it would be AdministratorAccess.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html
	guardrails := &[]*string{jsii.String("arn:" + *awscdk.Stack_Of(t).Partition() + ":iam::aws:policy/AWSDenyAll")}
	for i, c := range p.Slack {
		id := "Slack" + ids.Suffix(i)
		awschatbot.NewCfnSlackChannelConfiguration(t, &id, &awschatbot.CfnSlackChannelConfigurationProps{
			ConfigurationName: configurationName(t, id), IamRoleArn: role.RoleArn(), SnsTopicArns: &[]any{topic}, GuardrailPolicies: guardrails,
			SlackWorkspaceId: jsii.String(c.WorkspaceId), SlackChannelId: jsii.String(c.ChannelId), LoggingLevel: jsii.String("ERROR"),
		})
	}
	for i, c := range p.Teams {
		id := "Teams" + ids.Suffix(i)
		awschatbot.NewCfnMicrosoftTeamsChannelConfiguration(t, &id, &awschatbot.CfnMicrosoftTeamsChannelConfigurationProps{
			ConfigurationName: configurationName(t, id), IamRoleArn: role.RoleArn(), SnsTopicArns: &[]*string{topic}, GuardrailPolicies: guardrails,
			TeamsTenantId: jsii.String(c.TenantId), TeamId: jsii.String(c.TeamId), TeamsChannelId: jsii.String(c.ChannelId), LoggingLevel: jsii.String("ERROR"),
		})
	}
}

// configurationName is required, and unique in the account, for all Regions.
// https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
func configurationName(scope constructs.Construct, id string) *string {
	name := awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(80), Separator: jsii.String("-")})
	return jsii.String(*name + "-" + id + "-" + *awscdk.Stack_Of(scope).Region())
}
