package elb

import "github.com/aws/constructs-go/constructs/v10"

// find returns a construct of this package, anywhere in the app of a scope, or nil. What is known of a listener must not depend on
// which of two constructs stands for it. It walks the whole app, some 20 ms for each 1,000 constructs, and is for what is imported.
func find[T constructs.IConstruct](scope constructs.Construct, is func(T) bool) (found T) {
	for _, c := range *scope.Node().Root().Node().FindAll(constructs.ConstructOrder_PREORDER) {
		if t, isT := c.(T); isT && is(t) {
			return t
		}
	}
	return found
}
