package eks

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/nag"
)

const (
	// albControllerChart is the version of the chart, and of the controller and its policy: the newest that the CDK knows.
	// https://github.com/aws/eks-charts/tree/master/stable/aws-load-balancer-controller
	albControllerChart     = "3.2.2"
	albControllerNamespace = "kube-system"
	albControllerAccount   = "aws-load-balancer-controller"
)

// albControllerPolicy is what the controller of this version may do; AWS has no managed policy for it. A test compares it with the CDK's.
// https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.2.2/docs/install/iam_policy.json
//
//go:embed albcontroller_policy.json
var albControllerPolicy string

// addAlbController installs the AWS Load Balancer Controller. The CDK's own construct gives it a role by OpenID Connect, which takes
// another function and, without a feature flag, a third; by Pod Identity it takes none.
// https://docs.aws.amazon.com/eks/latest/userguide/lbc-helm.html
func (c *Cluster) addAlbController() {
	pods := NewPodRole(c, "AlbControllerRole", &PodRoleProps{Cluster: c, Namespace: albControllerNamespace, ServiceAccount: albControllerAccount,
		Irsa: c.fargate.coreDns}) // its namespace is then on Fargate, which Pod Identity does not reach
	policy := awsiam.NewCfnPolicy(c, jsii.String("AlbControllerPolicy"), &awsiam.CfnPolicyProps{
		PolicyName: jsii.String(albControllerAccount), PolicyDocument: albControllerDocument(), Roles: &[]*string{pods.Role.RoleName()},
	})
	nag.Suppress(policy, "AwsSolutions-IAM5", "The controller's own policy: it makes load balancers whose names nobody knows before, and changes those with its tag")
	account := map[string]any{"create": true, "name": albControllerAccount}
	if annotations := pods.Annotations(); annotations != nil {
		account["annotations"] = annotations
	}
	chart := awseksv2.NewHelmChart(c, jsii.String("AlbController"), &awseksv2.HelmChartProps{
		Cluster:    c.Cluster,
		Repository: jsii.String("https://aws.github.io/eks-charts"),
		Chart:      jsii.String("aws-load-balancer-controller"),
		Release:    jsii.String("aws-load-balancer-controller"),
		Version:    jsii.String(albControllerChart),
		Namespace:  jsii.String(albControllerNamespace),
		Wait:       jsii.Bool(true),
		Timeout:    awscdk.Duration_Minutes(jsii.Number(10)), // less than the function's, so that it says why
		Values: &map[string]any{
			"clusterName": new(c.Name()),
			// Pods do not reach the instance's metadata, where it would look for these.
			"region":         awscdk.Stack_Of(c).Region(),
			"vpcId":          c.itsVpc.VpcId(),
			"serviceAccount": account,
		},
	})
	// Its pods begin with the role, or never get it; and find AWS by CoreDNS.
	chart.Node().AddDependency(pods, policy)
	for _, addOn := range c.after {
		chart.Node().AddDependency(addOn)
	}
	c.afterNodes(chart)
	c.AlbController = chart
}

// albControllerDocument is the policy in the stack's partition.
func albControllerDocument() map[string]any {
	var document map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(albControllerPolicy, `"arn:aws:`, `"arn:`+*awscdk.Aws_PARTITION()+`:`)), &document); err != nil {
		panic(fmt.Errorf("policy of the AWS Load Balancer Controller: %w", err))
	}
	return document
}
