package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	jsii "github.com/aws/jsii-runtime-go/runtime"
	kubectl "github.com/cdklabs/awscdk-kubectl-go/kubectlv34/v2/jsii"
)

// What kubectl 1.34 may serve: a minor version older and one newer.
// https://kubernetes.io/releases/version-skew-policy/#kubectl
var servedVersions = []string{"1.33", "1.34", "1.35"}

const defaultVersion = "1.35"

// jsiiProxy_KubectlLayer stands in for the module's own Go class, which does not compile against this version of the CDK. jsii asks for
// a name that begins so.
type jsiiProxy_KubectlLayer struct{ awslambda.LayerVersion } //nolint:revive,staticcheck

// newKubectlLayer holds kubectl and helm, for the function that applies Kubernetes objects.
func newKubectlLayer(scope constructs.Construct, id string) awslambda.LayerVersion {
	kubectl.Initialize()
	layer := jsiiProxy_KubectlLayer{}
	jsii.Create("@aws-cdk/lambda-layer-kubectl-v34.KubectlV34Layer", []any{scope, id}, &layer)
	return layer.LayerVersion
}
