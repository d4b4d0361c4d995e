// Package notify brings alarms and failures to people: an encrypted topic with email, HTTPS, queue, Slack and Microsoft
// Teams subscribers, and alarms that go there. Start with [NewTopic], or [TopicFrom] for a topic that exists already, and
// pass the result as Topic to the alarms and alerts of the other packages.
package notify
