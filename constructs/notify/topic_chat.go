package notify

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awschatbot"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/describe"
	"awscontainers/internal/ids"
	"awscontainers/internal/nag"
)

// SlackChannel is a channel of a Slack workspace. Somebody must have authorized the workspace in the console of Amazon Q
// Developer in chat applications, once for each account, and invited its app to the channel if that is private.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/slack-setup.html
type SlackChannel struct {
	// WorkspaceId is the workspace's id, "T0123ABCDEF". Required.
	WorkspaceId string
	// ChannelId is the channel's id, "C0123ABCDEF": the end of the link that Slack copies. Required.
	ChannelId string
}

// TeamsChannel is a channel of a team of Microsoft Teams. Somebody must have authorized the team in the console of Amazon Q
// Developer in chat applications, once for each account.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/teams-setup.html
type TeamsChannel struct {
	// TenantId is the organization's id in Microsoft Entra, "01234567-89ab-cdef-0123-456789abcdef". Required.
	TenantId string
	// TeamId is the team's id, in the same form. Required.
	TeamId string
	// ChannelId is the channel's id as in the link to it, "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2". Required.
	ChannelId string
}

// chatService is the service principal of Amazon Q Developer in chat applications, which was AWS Chatbot.
const chatService = "chatbot.amazonaws.com"

// addChannels lets Amazon Q Developer in chat applications post what the chat topic carries.
func (t *Topic) addChannels(p *TopicProps) {
	permissions := t.newChatPermissions()
	role := awsiam.NewRole(t, jsii.String("ChatRole"), &awsiam.RoleProps{
		Description:     describe.Of("Chat channels of", *t.Node().Path()),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String(chatService), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{permissions},
	})
	topic := t.ChatTopic.TopicArn()
	// What members may do is the intersection of the role and the guardrails, which by default are AdministratorAccess.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html
	guardrails := &[]*string{permissions.ManagedPolicyArn()}
	for _, c := range p.Slack {
		id := ids.Named(t, "Slack", c.WorkspaceId, c.ChannelId)
		awschatbot.NewCfnSlackChannelConfiguration(t, &id, &awschatbot.CfnSlackChannelConfigurationProps{
			ConfigurationName: configurationName(t, id), IamRoleArn: role.RoleArn(), SnsTopicArns: &[]any{topic}, GuardrailPolicies: guardrails,
			SlackWorkspaceId: &c.WorkspaceId, SlackChannelId: &c.ChannelId, LoggingLevel: jsii.String("ERROR"),
		})
	}
	for _, c := range p.Teams {
		id := ids.Named(t, "Teams", c.TenantId, c.TeamId, c.ChannelId)
		awschatbot.NewCfnMicrosoftTeamsChannelConfiguration(t, &id, &awschatbot.CfnMicrosoftTeamsChannelConfigurationProps{
			ConfigurationName: configurationName(t, id), IamRoleArn: role.RoleArn(), SnsTopicArns: &[]*string{topic}, GuardrailPolicies: guardrails,
			TeamsTenantId: &c.TenantId, TeamId: &c.TeamId, TeamsChannelId: &c.ChannelId, LoggingLevel: jsii.String("ERROR"),
		})
	}
}

// newChatPermissions lets the service read metrics, with which it draws the graph of an alarm, and channel members no more
// than that. It is what AWS calls the minimum usable policy.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-iam-policies.html
func (t *Topic) newChatPermissions() awsiam.ManagedPolicy {
	permissions := awsiam.NewManagedPolicy(t, jsii.String("ChatPermissions"), &awsiam.ManagedPolicyProps{
		Description: describe.Of("Reads metrics for the chat channels of", *t.Node().Path()),
		Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"), Resources: jsii.Strings("*"),
		})},
	})
	nag.Suppress(permissions, "AwsSolutions-IAM5", "Reads metrics and alarms, as AWS's notification permissions for chat applications do")
	return permissions
}

// configurationName is required, and must be unique in the account across Regions.
// https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
func configurationName(scope constructs.Construct, id string) *string {
	name := awscdk.Names_UniqueResourceName(scope, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(80), Separator: jsii.String("-")})
	return jsii.String(*name + "-" + id + "-" + *awscdk.Stack_Of(scope).Region())
}
