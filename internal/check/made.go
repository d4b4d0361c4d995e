package check

import (
	"awscontainers/constructs/invalid"
)

// MadeOrNil returns the construct, or nil if invalid.IsMade is false, so that one that its caller wrote is refused like none.
func MadeOrNil[T any](construct *T) *T {
	if !invalid.IsMade(construct) {
		return nil
	}
	return construct
}

// Made refuses a construct that none of the constructors created. It accepts nil, the default. The text names the constructors:
// "waf.NewWebAcl or waf.WebAclFromArn".
func Made[T any](field string, construct *T, constructors string, bad *invalid.Problems) {
	if construct != nil && !invalid.IsMade(construct) {
		bad.Add(field, "must be created by %s", constructors)
	}
}

// Topic is Made for topics of package notify, which alarms and failures notify.
func Topic[T any](field string, topic *T, bad *invalid.Problems) {
	Made(field, topic, "notify.NewTopic or notify.TopicFrom", bad)
}
