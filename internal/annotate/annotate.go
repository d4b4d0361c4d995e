package annotate

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// Warning adds a warning, which fails `cdk synth --strict` until it is acknowledged by its id:
// awscdk.Annotations_Of(scope).AcknowledgeWarning. The id gets the prefix "awscontainers:".
func Warning(scope constructs.IConstruct, id, text string) {
	id = "awscontainers:" + id
	awscdk.Annotations_Of(scope).AddWarningV2(&id, &text, nil)
}

// Note adds information, which the CDK prints and which fails nothing.
func Note(scope constructs.IConstruct, text string) {
	awscdk.Annotations_Of(scope).AddInfo(&text)
}

// NoteWithId is Note with an id, by which it can be acknowledged, so that it isn't printed: by Acknowledge, or in an app of one's own
// by awscdk.Annotations_Of(scope).AcknowledgeInfo. The id gets the prefix "awscontainers:".
func NoteWithId(scope constructs.IConstruct, id, text string) {
	id = "awscontainers:" + id
	awscdk.Annotations_Of(scope).AddInfoV2(&id, &text)
}

// Acknowledge drops a note or a warning from a construct and everything below it.
func Acknowledge(scope constructs.IConstruct, id string) {
	id = "awscontainers:" + id
	awscdk.Annotations_Of(scope).AcknowledgeInfo(&id, nil)
	awscdk.Annotations_Of(scope).AcknowledgeWarning(&id, nil)
}

// WhenComplete calls a function once the app has all its constructs and tags, before templates are written. Annotations that depend on
// what is added later, such as access entries, are made there.
func WhenComplete(scope constructs.IConstruct, call func()) {
	scope.Node().AddValidation(&completed{call: call})
}

// completed is a validation that finds nothing.
type completed struct {
	call   func()
	isDone bool
}

// Validate is for the CDK.
func (c *completed) Validate() *[]*string {
	if !c.isDone {
		c.isDone = true
		c.call()
	}
	return &[]*string{}
}
