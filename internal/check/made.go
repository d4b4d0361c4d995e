package check

import (
	"reflect"

	"awscontainers/constructs/invalid"
)

// IsMade reports whether one of this library's constructors created a construct. It is false for nil and for a struct that its
// caller wrote, such as &notify.Topic{}, whose embedded constructs.Construct is nil: its methods would panic.
func IsMade[T any](construct *T) bool {
	return construct != nil && !isUnmade(reflect.ValueOf(construct).Elem())
}

// MadeOrNil returns the construct, or nil if IsMade is false, so that one that its caller wrote is refused like none.
func MadeOrNil[T any](construct *T) *T {
	if !IsMade(construct) {
		return nil
	}
	return construct
}

func isUnmade(v reflect.Value) bool {
	if v.Kind() != reflect.Struct {
		return false
	}
	f, ok := v.Type().FieldByName("Construct")
	return ok && len(f.Index) == 1 && f.Type.Kind() == reflect.Interface && v.FieldByIndex(f.Index).IsNil()
}

// Made refuses a construct that none of the constructors created. It accepts nil, the default. The text names the constructors:
// "waf.NewWebAcl or waf.WebAclFromArn".
func Made[T any](field string, construct *T, constructors string, bad *invalid.Problems) {
	if construct != nil && !IsMade(construct) {
		bad.Add(field, "must be created by %s", constructors)
	}
}

// Topic is Made for topics of package notify, which alarms and failures notify.
func Topic[T any](field string, topic *T, bad *invalid.Problems) {
	Made(field, topic, "notify.NewTopic or notify.TopicFrom", bad)
}
