package eks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/aws/jsii-runtime-go/runtime"
	kubectl "github.com/cdklabs/awscdk-kubectl-go/kubectlv34/v2/jsii"

	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/tagging"
)

// jsiiProxy_KubectlLayer replaces the Go class of the module kubectlv34, which does not compile with awscdk 2.277 (nor with 2.270):
// its package jsii, which loads the layer, does. jsii requires this prefix of the type's name.
type jsiiProxy_KubectlLayer struct{ awslambda.LayerVersion } //nolint:revive // the name that jsii asks for

// kubectlLayer returns the given layer with kubectl and Helm, for the function that applies Kubernetes objects, or creates one.
func kubectlLayer(scope constructs.Construct, given awslambda.ILayerVersion) awslambda.ILayerVersion {
	if given != nil {
		return given
	}
	kubectl.Initialize()
	layer := jsiiProxy_KubectlLayer{}
	runtime.Create("@aws-cdk/lambda-layer-kubectl-v34.KubectlV34Layer", []any{scope, "KubectlLayer"}, &layer)
	return layer.LayerVersion
}

// managedLogGroups is the CDK's flag for log groups of functions that are in the template, and are deleted with it.
const managedLogGroups = "@aws-cdk/aws-lambda:useCdkManagedLogGroup"

// kubectlFunctions are the paths, in the CDK's provider, of the function that applies objects and of the one that calls it.
var kubectlFunctions = [][]string{{"Handler"}, {"Provider", "framework-onEvent"}}

func descendant(of constructs.IConstruct, path ...string) constructs.IConstruct {
	for _, id := range path {
		of = of.Node().FindChild(jsii.String(id))
	}
	return of
}

// newKubectlSecurityGroup creates the security group of the function that applies Kubernetes objects. In the cluster security
// group, as the CDK has it, the function would reach every port of every node; and the network interfaces that AWS Lambda keeps for
// a while would hold that group when the cluster is deleted, so that EKS would leave it behind, and with it the VPC.
//
// The function reaches only HTTPS: the Kubernetes API, the APIs of AWS, and the repositories of charts. No rule limits the VPC's own
// DNS server; a VPC that was made elsewhere may have others.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
func newKubectlSecurityGroup(c *Cluster, vpc awsec2.IVpc) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(c, jsii.String("KubectlSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: vpc, Description: describe.Of("kubectl of", *c.Node().Path()), AllowAllOutbound: jsii.Bool(false),
	})
	anywhere := awsec2.Peer_AnyIpv4()
	group.AddEgressRule(anywhere, awsec2.Port_Tcp(jsii.Number(443)), jsii.String("Kubernetes and AWS APIs, charts"), nil)
	if _, isOwn := vpc.Node().DefaultChild().(awsec2.CfnVPC); !isOwn {
		group.AddEgressRule(anywhere, awsec2.Port_Tcp(jsii.Number(53)), jsii.String("DNS servers of the VPC"), nil)
		group.AddEgressRule(anywhere, awsec2.Port_Udp(jsii.Number(53)), jsii.String("DNS servers of the VPC"), nil)
	}
	return group
}

// allowKubectl lets the function reach the Kubernetes API.
func (c *Cluster) allowKubectl(group awsec2.ISecurityGroup) awsec2.CfnSecurityGroupIngress {
	return awsec2.NewCfnSecurityGroupIngress(c, jsii.String("FromKubectl"), &awsec2.CfnSecurityGroupIngressProps{
		GroupId: c.Cluster.ClusterSecurityGroupId(), SourceSecurityGroupId: group.SecurityGroupId(), IpProtocol: jsii.String("tcp"),
		FromPort: jsii.Number(443), ToPort: jsii.Number(443), Description: jsii.String("Kubernetes API from kubectl"),
	})
}

// configureKubectl lets the function reach the API, and keeps its logs like the control plane's. All that the CDK applies waits for
// both, and is deleted before them: AWS Lambda would create the log groups again, without retention.
func (p *ClusterProps) configureKubectl(c *Cluster, group awsec2.SecurityGroup) {
	barrier := descendant(c.Cluster, "KubectlReadyBarrier").(awscdk.CfnResource)
	tagging.Resource(barrier, awscdk.TagType_MAP)
	barrier.Node().AddDependency(c.allowKubectl(group))
	retention := c.LogGroup.Node().DefaultChild().(awslogs.CfnLogGroup).RetentionInDays()
	provider := descendant(c.Cluster, "KubectlProvider")
	barrier.Node().AddDependency(configureKubectlLogs(provider, retention, p.RemovalPolicy)...)
	suppressKubectlFindings(provider, nil)
}

// configureKubectlLogs sets the retention of the logs of the provider's functions, and returns their log groups.
func configureKubectlLogs(
	provider constructs.IConstruct, retention *float64, policy awscdk.RemovalPolicy,
) (groups []constructs.IDependable) {
	for _, path := range kubectlFunctions {
		logs := descendant(provider, slices.Concat(path, []string{"LogGroup", "Resource"})...).(awslogs.CfnLogGroup)
		logs.SetRetentionInDays(retention)
		logs.ApplyRemovalPolicy(policy, nil)
		groups = append(groups, logs)
	}
	return groups
}

// suppressKubectlFindings tells cdk-nag what the provider may do and why. The role is an existing one of the function that applies
// objects, nil if the function has a new one.
func suppressKubectlFindings(provider constructs.IConstruct, role awsiam.IRole) {
	const reason = "The CDK's function that applies Kubernetes objects: it logs, and is in the VPC"
	for _, path := range kubectlFunctions {
		nag.Suppress(descendant(provider, path...), "AwsSolutions-L1", "The CDK chooses the runtime and updates it with its releases")
		if path[0] != "Handler" || role == nil {
			nag.Suppress(descendant(provider, slices.Concat(path, []string{"ServiceRole"})...), "AwsSolutions-IAM4", reason)
		}
	}
	nag.Suppress(descendant(provider, "Provider", "framework-onEvent", "ServiceRole", "DefaultPolicy"), "AwsSolutions-IAM5",
		"Any version of the one function that it calls")
}
