package events

import (
	"maps"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
)

// notice is what people read: sentences for mail, and for chats a custom notification. In both, "<name>" stands for a value out of the event.
// All of these are in each event that the pattern lets through: AWS says that a path that leads nowhere leaves nothing behind.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
type notice struct {
	title string
	// reason is what ECS says, which may hold any characters: EventBridge does not escape what it puts between quotes, so that in a chat's JSON
	// it may only stand for a whole value.
	reason string
	facts  []string
	do     string
	link   string
	thread string // what belongs together in a chat
	values map[string]string
}

// text are lines, each in the quotes that a text needs.
func (n *notice) text() (template string, values map[string]string) {
	lines := append([]string{n.title, "Reason: " + n.reason}, n.facts...)
	lines = append(lines, "What to do: "+n.do, n.link)
	for i := range lines {
		lines[i] = quoted(lines[i])
	}
	return strings.Join(lines, "\n"), n.values
}

// chat is the custom notification.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
func (n *notice) chat() (template string, values map[string]string) {
	reason := n.reason
	if !strings.HasPrefix(reason, "<") {
		reason = quoted(reason)
	}
	steps := make([]string, 0, len(n.facts)+2)
	for _, step := range append(append([]string{n.do}, n.facts...), n.link) {
		steps = append(steps, quoted(step))
	}
	return `{"version": "1.0", "source": "custom", "content": {"textType": "client-markdown", "title": ` + quoted(n.title) +
		`, "description": ` + reason + `, "nextSteps": [` + strings.Join(steps, ", ") + `]}, "metadata": {"threadId": ` + quoted(n.thread) +
		`, "summary": ` + quoted(n.title) + `}}`, n.values
}

// quoted is for texts of ours, in which there is nothing to escape.
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

// Whether the exit codes of a stopped task say something, and there are any.
const (
	exits   = true
	noExits = false
)

// stopped tells of a task. Its group is "service:web", or "family:job" for one that belongs to no service.
func stopped(why, do string, withExits bool) func(*watched) *notice {
	return func(w *watched) *notice {
		n := &notice{
			title:  "A task of <group> in cluster " + w.name() + " stopped: " + why + ".",
			reason: "<reason>", do: do, link: w.link("tasks"), thread: "<group>",
			facts: []string{"Stop code: <code>, at <time>.", "Task: <task>, of <definition>."},
			values: map[string]string{
				"cluster": "$.detail.clusterArn", "group": "$.detail.group", "reason": "$.detail.stoppedReason", "code": "$.detail.stopCode",
				"time": "$.time", "region": "$.region", "task": "$.detail.taskArn", "definition": "$.detail.taskDefinitionArn",
			},
		}
		if withExits {
			n.facts = append([]string{"Exit codes: <exits>, of containers among <containers>."}, n.facts...)
			maps.Copy(n.values, map[string]string{"exits": "$.detail.containers[*].exitCode", "containers": "$.detail.containers[*].name"})
		}
		return n
	}
}

// deployed tells of a deployment.
func deployed(what, do string) func(*watched) *notice {
	return func(w *watched) *notice {
		return &notice{
			title:  "A deployment of <service> " + what + ".",
			reason: "<reason>", do: do, link: w.link("services"), thread: "<service>",
			facts: []string{"Deployment: <deployment>, at <time>."},
			values: map[string]string{
				"service": "$.resources[0]", "reason": "$.detail.reason", "deployment": "$.detail.deploymentId", "time": "$.time", "region": "$.region",
			},
		}
	}
}

// acted tells of something that ECS did or could not do for a service.
func acted(what string, withReason bool, do string) func(*watched) *notice {
	return func(w *watched) *notice {
		n := &notice{
			title:  "The service <service> " + what + ".",
			reason: "ECS gives none.", do: do, link: w.link("services"), thread: "<service>",
			facts:  []string{"Event: <event>, at <time>."},
			values: map[string]string{"service": "$.resources[0]", "event": "$.detail.eventName", "time": "$.time", "region": "$.region"},
		}
		if withReason {
			n.reason, n.values["reason"] = "<reason>", "$.detail.reason"
		}
		return n
	}
}

// name is that of the cluster: a path of an event gives a whole ARN, of which nothing can be cut.
func (w *watched) name() string {
	if w.cluster == nil {
		return "<cluster>"
	}
	return *w.cluster.Cluster.ClusterName()
}

// link is the console's page of the cluster's tasks or services, in AWS's commercial Regions.
func (w *watched) link(page string) string {
	console := "https://<region>.console.aws.amazon.com/ecs/v2/clusters"
	if w.cluster == nil {
		return console + "?region=<region>"
	}
	return console + "/" + w.name() + "/" + page + "?region=<region>"
}
