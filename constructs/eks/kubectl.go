package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/aws/jsii-runtime-go/runtime"
	kubectl "github.com/cdklabs/awscdk-kubectl-go/kubectlv34/v2/jsii"

	"awscontainers/constructs/internal/nag"
)

// servedVersions are what that kubectl may serve: a minor version older and one newer.
// https://kubernetes.io/releases/version-skew-policy/#kubectl
var servedVersions = []string{"1.33", "1.34", "1.35"}

const kubectlVersion, defaultVersion = "1.34", "1.35"

// jsiiProxy_KubectlLayer stands in for the module's own Go class, which does not compile against this version of the CDK. jsii asks for
// a name that begins so.
type jsiiProxy_KubectlLayer struct{ awslambda.LayerVersion } //nolint:revive,staticcheck

// newKubectlLayer holds kubectl and helm, for the function that applies Kubernetes objects.
func newKubectlLayer(scope constructs.Construct, id string) awslambda.LayerVersion {
	kubectl.Initialize()
	layer := jsiiProxy_KubectlLayer{}
	runtime.Create("@aws-cdk/lambda-layer-kubectl-v34.KubectlV34Layer", []any{scope, id}, &layer)
	return layer.LayerVersion
}

// explainKubectl notes for cdk-nag what the CDK's provider may do: a function that applies objects, and one that calls it.
func explainKubectl(provider constructs.IConstruct) {
	find := func(path ...string) constructs.IConstruct {
		child := provider
		for _, id := range path {
			child = child.Node().FindChild(jsii.String(id))
		}
		return child
	}
	const cdks = "The CDK's function that applies Kubernetes objects: it logs, and is in the VPC"
	for _, function := range [][]string{{"Handler"}, {"Provider", "framework-onEvent"}} {
		nag.Suppress(find(function...), "AwsSolutions-L1", "The runtime is the CDK's, and follows its releases")
		nag.Suppress(find(append(function, "ServiceRole")...), "AwsSolutions-IAM4", cdks)
	}
	nag.Suppress(find("Provider", "framework-onEvent", "ServiceRole", "DefaultPolicy"), "AwsSolutions-IAM5", "Any version of the one function that it calls")
}
