package fake

import "github.com/aws/constructs-go/constructs/v10"

// Construct marks a stand-in for one of this library's constructs as made by a constructor: &notify.Topic{Construct: fake.Construct{}}.
type Construct struct{ constructs.Construct }

// Node is part of constructs.Construct.
func (Construct) Node() constructs.Node { return node{} }

type node struct{ constructs.Node }

// Path is part of constructs.Node.
func (node) Path() *string { return new("Stack/Fake") }
