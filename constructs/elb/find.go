package elb

import "github.com/aws/constructs-go/constructs/v10"

// find returns a construct of this package, anywhere in the app of a scope, or nil. What is known of a listener must not depend on
// which of two constructs stands for it.
func find[T constructs.IConstruct](scope constructs.Construct, is func(T) bool) (found T) {
	for _, c := range *scope.Node().Root().Node().FindAll("") {
		if t, isT := c.(T); isT && is(t) {
			return t
		}
	}
	return found
}
