package events

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
)

// notice is what people read: sentences for email, and a custom notification for chats. In both, "<name>" stands for a value
// of the event. Every event that the pattern matches has all of these values: AWS says that a path that leads nowhere leaves
// nothing behind.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
type notice struct {
	title string
	// reason is what ECS says, in any characters. EventBridge does not escape what it puts between quotes, so in a chat's JSON
	// it must be a whole value.
	reason string
	facts  []string
	advice string
	link   string
	thread string // groups notices in a chat
	values map[string]string
}

// text returns lines, each in the quotes that a template of text needs.
func (n *notice) text() (template string, values map[string]string) {
	lines := slices.Concat([]string{n.title, "Reason: " + n.reason}, n.facts, []string{"What to do: " + n.advice, n.link})
	for i := range lines {
		lines[i] = quoted(lines[i])
	}
	return strings.Join(lines, "\n"), n.values
}

// chat returns the custom notification.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
func (n *notice) chat() (template string, values map[string]string) {
	reason := n.reason
	if !strings.HasPrefix(reason, "<") {
		reason = quoted(reason)
	}
	steps := make([]string, 0, len(n.facts)+2)
	for _, step := range slices.Concat([]string{n.advice}, n.facts, []string{n.link}) {
		steps = append(steps, quoted(step))
	}
	return `{"version": "1.0", "source": "custom", "content": {"textType": "client-markdown", "title": ` + quoted(n.title) +
		`, "description": ` + reason + `, "nextSteps": [` + strings.Join(steps, ", ") + `]}, "metadata": {"threadId": ` + quoted(n.thread) +
		`, "summary": ` + quoted(n.title) + `}}`, n.values
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

// Which values of the event say something.
const (
	withExitCodes, withoutExitCodes = true, false
	withReason, withoutReason       = true, false
)

// taskNotice reports a task that stopped. Its group is "service:web", or "family:job" for a task without a service.
func taskNotice(cause, advice string, hasExitCodes bool) func(*alertScope) *notice {
	return func(s *alertScope) *notice {
		n := &notice{
			title:  "A task of <group> in cluster " + s.clusterName() + " stopped: " + cause + ".",
			reason: "<reason>", advice: advice, link: s.link("tasks"), thread: "<group>",
			facts: []string{"Stop code: <code>, at <time>.", "Task: <task>, of <definition>."},
			values: map[string]string{
				"cluster": "$.detail.clusterArn", "group": "$.detail.group", "reason": "$.detail.stoppedReason", "code": "$.detail.stopCode",
				"time": "$.time", "region": "$.region", "task": "$.detail.taskArn", "definition": "$.detail.taskDefinitionArn",
			},
		}
		if hasExitCodes {
			n.facts = slices.Concat([]string{"Exit codes: <exits>, of containers among <containers>."}, n.facts)
			maps.Copy(n.values, map[string]string{"exits": "$.detail.containers[*].exitCode", "containers": "$.detail.containers[*].name"})
		}
		return n
	}
}

// deploymentNotice reports a deployment.
func deploymentNotice(event, advice string) func(*alertScope) *notice {
	return func(s *alertScope) *notice {
		return &notice{
			title:  "A deployment of <service> " + event + ".",
			reason: "<reason>", advice: advice, link: s.link("services"), thread: "<service>",
			facts: []string{"Deployment: <deployment>, at <time>."},
			values: map[string]string{
				"service": "$.resources[0]", "reason": "$.detail.reason", "deployment": "$.detail.deploymentId",
				"time": "$.time", "region": "$.region",
			},
		}
	}
}

// serviceNotice reports what ECS could not do for a service.
func serviceNotice(event string, hasReason bool, advice string) func(*alertScope) *notice {
	return func(s *alertScope) *notice {
		n := &notice{
			title:  "The service <service> " + event + ".",
			reason: "ECS gives none.", advice: advice, link: s.link("services"), thread: "<service>",
			facts:  []string{"Event: <event>, at <time>."},
			values: map[string]string{"service": "$.resources[0]", "event": "$.detail.eventName", "time": "$.time", "region": "$.region"},
		}
		if hasReason {
			n.reason, n.values["reason"] = "<reason>", "$.detail.reason"
		}
		return n
	}
}
