package registry

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
)

// WarnIfEmpty warns of a service that runs the image from the moment of its creation, if the repository is created by the same stack: it
// is empty then, so the first deployment can't succeed, and the rollback deletes the repository, too.
func (i Image) WarnIfEmpty(service constructs.IConstruct) {
	var bad invalid.Problems
	check.NotNil("service", service, "the construct that runs the image", &bad)
	check.Arguments(nil, "WarnIfEmpty", bad)
	if i.repository == nil || i.repository.Node().DefaultChild() == nil { // an imported repository has no resource
		return
	}
	if deployedWith(i.repository) != deployedWith(service) {
		return
	}
	annotate.Warning(service, "empty-repository", fmt.Sprintf("Runs an image of %s, which the same stack creates and which is empty then: "+
		"the first deployment fails. Create the repository in an earlier stack and push the image, use registry.FromAsset, or begin an ECS "+
		"service with DesiredCount 0", *i.repository.Node().Path()))
}

// deployedWith returns the path of the stack with which a construct is deployed: that around a nested one.
func deployedWith(construct constructs.IConstruct) string {
	stack := awscdk.Stack_Of(construct)
	for stack.NestedStackParent() != nil {
		stack = stack.NestedStackParent()
	}
	return *stack.Node().Path()
}
