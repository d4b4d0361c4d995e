package notice

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// Notice is what people read: sentences for email, and a custom notification for chats. In both, "<name>" stands for a value
// of the event. Every event that the pattern matches has all of these values: AWS says that a path that leads nowhere leaves
// nothing behind.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
type Notice struct {
	Title string
	// Reason is what the service says, in any characters. EventBridge does not escape what it puts between quotes, so in a chat's JSON
	// it must be a whole value.
	Reason string
	Facts  []string
	Advice string
	Link   string
	Thread string            // groups notices in a chat
	Values map[string]string // the paths of values, by name
}

// text returns lines, each in the quotes that a template of text needs.
func (n *Notice) text() (template string, values map[string]string) {
	lines := slices.Concat([]string{n.Title, "Reason: " + n.Reason}, n.Facts, []string{"What to do: " + n.Advice, n.Link})
	for i := range lines {
		lines[i] = quoted(lines[i])
	}
	return strings.Join(lines, "\n"), n.Values
}

// chat returns the custom notification.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
func (n *Notice) chat() (template string, values map[string]string) {
	reason := n.Reason
	if !strings.HasPrefix(reason, "<") {
		reason = quoted(reason)
	}
	steps := make([]string, 0, len(n.Facts)+2)
	for _, step := range slices.Concat([]string{n.Advice}, n.Facts, []string{n.Link}) {
		steps = append(steps, quoted(step))
	}
	return `{"version": "1.0", "source": "custom", "content": {"textType": "client-markdown", "title": ` + quoted(n.Title) +
		`, "description": ` + reason + `, "nextSteps": [` + strings.Join(steps, ", ") + `]}, "metadata": {"threadId": ` + quoted(n.Thread) +
		`, "summary": ` + quoted(n.Title) + `}}`, n.Values
}

// quoted quotes a text of this package, which has nothing to escape.
func quoted(text string) string { return `"` + text + `"` }

func transformer(template string, values map[string]string) *awsevents.CfnRule_InputTransformerProperty {
	paths := map[string]*string{}
	for name, path := range values {
		if strings.Contains(template, "<"+name+">") {
			paths[name] = &path
		}
	}
	return &awsevents.CfnRule_InputTransformerProperty{InputPathsMap: &paths, InputTemplate: &template}
}

// Targets are the targets of a rule that sends a notice to a topic, and to the one that chat channels listen to, which may be nil. They
// take no role: with one, AWS says, delivery to encrypted topics may fail. EventBridge retries for a day what it can't deliver.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
func (n *Notice) Targets(topic, chatTopic awssns.ITopic) []any {
	targets := []any{&awsevents.CfnRule_TargetProperty{
		Id: jsii.String("Topic"), Arn: topic.TopicArn(), InputTransformer: transformer(n.text()),
	}}
	if chatTopic != nil {
		targets = append(targets, &awsevents.CfnRule_TargetProperty{
			Id: jsii.String("ChatTopic"), Arn: chatTopic.TopicArn(), InputTransformer: transformer(n.chat()),
		})
	}
	return targets
}
