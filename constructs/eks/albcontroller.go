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
	"awscontainers/internal/tagging"
)

const (
	// albControllerChart is the version of the chart, and of the controller and its policy: the newest that the CDK knows.
	// https://github.com/aws/eks-charts/tree/master/stable/aws-load-balancer-controller
	albControllerChart   = "3.2.2"
	albControllerAccount = "aws-load-balancer-controller"
)

// albControllerPolicy is what the controller of this version may do: AWS has no managed policy for it. A test compares it with the CDK's.
// https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.2.2/docs/install/iam_policy.json
//
//go:embed albcontroller_policy.json
var albControllerPolicy string

// createAlbController installs the AWS Load Balancer Controller. The CDK's own construct gives it a role by OpenID Connect, which
// takes another function and, without a feature flag, a third; with EKS Pod Identity it takes none.
// https://docs.aws.amazon.com/eks/latest/userguide/lbc-helm.html
func (c *Cluster) createAlbController() {
	role := NewPodRole(c, "AlbControllerRole", &PodRoleProps{Cluster: c, Namespace: kubeSystem, ServiceAccount: albControllerAccount,
		Irsa: c.fargate.runsCoreDns}) // its namespace is then on Fargate, which Pod Identity does not reach
	policy := awsiam.NewCfnPolicy(c, jsii.String("AlbControllerPolicy"), &awsiam.CfnPolicyProps{
		PolicyName: jsii.String(albControllerAccount), PolicyDocument: albControllerDocument(), Roles: &[]*string{role.Role.RoleName()},
	})
	nag.Suppress(policy, "AwsSolutions-IAM5",
		"The controller's documented policy: it creates load balancers whose names are unknown before, and changes only those with its tag")
	account := map[string]any{"create": true, "name": albControllerAccount}
	if annotations := role.Annotations(); annotations != nil {
		account["annotations"] = annotations
	}
	c.AlbController = awseksv2.NewHelmChart(c, jsii.String("AlbController"), &awseksv2.HelmChartProps{
		Cluster:    c.Cluster,
		Repository: jsii.String("https://aws.github.io/eks-charts"),
		Chart:      jsii.String("aws-load-balancer-controller"),
		Release:    jsii.String("aws-load-balancer-controller"),
		Version:    jsii.String(albControllerChart),
		Namespace:  jsii.String(kubeSystem),
		Wait:       jsii.Bool(true),
		Timeout:    awscdk.Duration_Minutes(jsii.Number(10)), // less than the function's, so that the function reports why
		Values: &map[string]any{
			"clusterName": new(c.Name()),
			// Pods can't reach the instance's metadata, where it would look for these.
			"region":         awscdk.Stack_Of(c).Region(),
			"vpcId":          c.facts.vpc.VpcId(),
			"serviceAccount": account,
			"defaultTags":    awscdk.Lazy_Any(tagging.Of(c, "AWS::ElasticLoadBalancingV2::LoadBalancer"), nil),
			// Or each upgrade of the chart would make another certificate, which the old pods don't serve.
			// https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/4605
			"keepTLSSecret": true,
			// The webhook makes the controller the default for Services, and refuses all Services while the controller is not ready.
			// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/nlb/
			"enableServiceMutatorWebhook": false,
		},
	})
	// Its pods start with the role, or never get it; and they find AWS by CoreDNS.
	c.AlbController.Node().AddDependency(role, policy)
	for _, addOn := range c.deps.dependents {
		c.AlbController.Node().AddDependency(addOn)
	}
	c.deps.addDependent(c.AlbController)
}

// albControllerDocument returns the policy in the stack's partition.
func albControllerDocument() map[string]any {
	var document map[string]any
	text := strings.ReplaceAll(albControllerPolicy, `"arn:aws:`, `"arn:`+*awscdk.Aws_PARTITION()+`:`)
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		panic(fmt.Errorf("policy of the AWS Load Balancer Controller: %w", err))
	}
	return document
}
