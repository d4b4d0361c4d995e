package clock

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// Key is the context key of the day, such as "2026-11-30", that Today returns instead of the present one. It is for tests, and for CI that
// must say the same of a commit on any day: the only context that constructs read.
const Key = "awscontainers:today"

// Today returns the day on which the app is synthesized. Nothing may be refused by it: an existing stack must be deployed and destroyed on
// any day.
func Today(scope constructs.Construct) time.Time {
	if text, isText := scope.Node().TryGetContext(new(Key)).(string); isText {
		day, err := time.Parse(time.DateOnly, text)
		if err == nil {
			return day
		}
		problem := "The context key " + Key + ` must be a day such as "2026-11-30"; got "` + text + `"`
		awscdk.Annotations_Of(scope).AddWarningV2(new(Key), &problem, nil)
	}
	return time.Now()
}
