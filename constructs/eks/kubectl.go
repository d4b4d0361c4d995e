package eks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/aws/jsii-runtime-go/runtime"
	kubectl "github.com/cdklabs/awscdk-kubectl-go/kubectlv34/v2/jsii"

	"awscontainers/internal/nag"
)

// servedVersions are what that kubectl may serve: a minor version older and one newer.
// https://kubernetes.io/releases/version-skew-policy/#kubectl
var servedVersions = []string{"1.33", "1.34", "1.35"}

// extendedVersions are those of them whose standard support has ended: 1.33's did on 29 July 2026.
// https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
var extendedVersions = []string{"1.33"}

// InExtendedSupport tells versions that take SupportType Extended.
func InExtendedSupport(version string) bool { return slices.Contains(extendedVersions, version) }

// Versions are those of Kubernetes that a cluster may have.
func Versions() []string { return slices.Clone(servedVersions) }

const kubectlVersion, defaultVersion = "1.34", "1.35"

// jsiiProxy_KubectlLayer replaces the Go class of the module kubectlv34, which does not compile with awscdk 2.277 (nor with 2.270): its
// package jsii, which loads the layer, does. jsii requires this prefix of the type's name.
type jsiiProxy_KubectlLayer struct{ awslambda.LayerVersion } //nolint:revive // the name that jsii asks for

// newKubectlLayer holds kubectl and helm, for the function that applies Kubernetes objects.
func newKubectlLayer(scope constructs.Construct, id string) awslambda.LayerVersion {
	kubectl.Initialize()
	layer := jsiiProxy_KubectlLayer{}
	runtime.Create("@aws-cdk/lambda-layer-kubectl-v34.KubectlV34Layer", []any{scope, id}, &layer)
	return layer.LayerVersion
}

// managedLogGroups is the CDK's flag for log groups of functions that are in the template, and go with it.
const managedLogGroups = "@aws-cdk/aws-lambda:useCdkManagedLogGroup"

// kubectlFunctions are where the CDK's provider has the function that applies objects, and the one that calls it.
var kubectlFunctions = [][]string{{"Handler"}, {"Provider", "framework-onEvent"}}

func descendant(of constructs.IConstruct, path ...string) constructs.IConstruct {
	for _, id := range path {
		of = of.Node().FindChild(jsii.String(id))
	}
	return of
}

// finishKubectl lets it reach the API, and keeps its logs like the control plane's. All that the CDK applies waits for both, and is gone
// before them: AWS Lambda would make the log groups again, for ever.
func (p *ClusterProps) finishKubectl(c *Cluster, group awsec2.SecurityGroup) {
	rule := awsec2.NewCfnSecurityGroupIngress(c, jsii.String("FromKubectl"), &awsec2.CfnSecurityGroupIngressProps{
		GroupId: c.Cluster.ClusterSecurityGroupId(), SourceSecurityGroupId: group.SecurityGroupId(), IpProtocol: jsii.String("tcp"),
		FromPort: jsii.Number(443), ToPort: jsii.Number(443), Description: jsii.String("Kubernetes API from kubectl"),
	})
	barrier := descendant(c.Cluster, "KubectlReadyBarrier")
	barrier.Node().AddDependency(rule)
	retention := c.LogGroup.Node().DefaultChild().(awslogs.CfnLogGroup).RetentionInDays()
	provider := descendant(c.Cluster, "KubectlProvider")
	for _, path := range kubectlFunctions {
		logs := descendant(provider, slices.Concat(path, []string{"LogGroup", "Resource"})...).(awslogs.CfnLogGroup)
		logs.SetRetentionInDays(retention)
		logs.ApplyRemovalPolicy(p.RemovalPolicy, nil)
		barrier.Node().AddDependency(logs)
	}
	explainKubectl(provider)
}

// explainKubectl notes for cdk-nag what the provider may do.
func explainKubectl(provider constructs.IConstruct) {
	const cdks = "The CDK's function that applies Kubernetes objects: it logs, and is in the VPC"
	for _, path := range kubectlFunctions {
		nag.Suppress(descendant(provider, path...), "AwsSolutions-L1", "The runtime is the CDK's, and follows its releases")
		nag.Suppress(descendant(provider, slices.Concat(path, []string{"ServiceRole"})...), "AwsSolutions-IAM4", cdks)
	}
	nag.Suppress(descendant(provider, "Provider", "framework-onEvent", "ServiceRole", "DefaultPolicy"), "AwsSolutions-IAM5", "Any version of the one function that it calls")
}
