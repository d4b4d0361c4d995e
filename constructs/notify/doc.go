// Package notify brings alarms and failures to people: an encrypted topic with email, HTTPS, queue, Slack and Microsoft
// Teams subscribers, and alarms that go there. Start with [NewTopic], or [TopicFrom] for a topic that exists already, and
// pass the result as Topic to the alarms and alerts of the other packages. [NewAlarm] creates an alarm of your own.
//
// Constructors panic with *invalid.Error, which lists every problem of the props, before they create anything.
package notify
