package eks

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/describe"
	"awscontainers/constructs/internal/policy"
	"awscontainers/constructs/invalid"
)

// PodRoleProps describe what pods may do in AWS.
type PodRoleProps struct {
	// Cluster is where they run. Required.
	Cluster *Cluster
	// Namespace and ServiceAccount say which pods: those in the namespace whose spec names the service account. A service account has one
	// role. Required.
	Namespace, ServiceAccount string
}

// PodRole is a role that the pods of a service account have, by EKS Pod Identity: nothing of it stands in Kubernetes, and the
// service account may come later.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
type PodRole struct {
	constructs.Construct
	// Role is what grants take: table.GrantReadData(podRole.Role).
	Role awsiam.Role
}

const podIdentity = "pods.eks.amazonaws.com"

// NewPodRole makes a role for pods. It panics with *invalid.Error when the props are wrong.
func NewPodRole(scope constructs.Construct, id string, props *PodRoleProps) *PodRole {
	var p PodRoleProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())

	r := &PodRole{}
	constructs.NewConstruct_Override(r, scope, &id)
	// Only for these pods: EKS says for which it asks, by tags.
	// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
	// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
	these := &map[string]any{"StringEquals": map[string]any{
		"aws:RequestTag/eks-cluster-arn":            p.Cluster.Cluster.ClusterArn(),
		"aws:RequestTag/kubernetes-namespace":       p.Namespace,
		"aws:RequestTag/kubernetes-service-account": p.ServiceAccount,
	}}
	r.Role = awsiam.NewRole(r, jsii.String("Role"), &awsiam.RoleProps{
		Description: describe.Of("Pods of "+p.Namespace+"/"+p.ServiceAccount+",", *r.Node().Path()),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String(podIdentity), &awsiam.ServicePrincipalOpts{Conditions: these}),
	})
	r.Role.AssumeRolePolicy().AddStatements(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: policy.Principal(podIdentity), Actions: jsii.Strings("sts:TagSession"), Conditions: these,
	}))
	awseksv2.NewCfnPodIdentityAssociation(r, jsii.String("Association"), &awseksv2.CfnPodIdentityAssociationProps{
		ClusterName: p.Cluster.Cluster.ClusterName(), Namespace: &p.Namespace, ServiceAccount: &p.ServiceAccount, RoleArn: r.Role.RoleArn(),
	})
	return r
}

// RoleArn is the role's ARN, for an output.
func (r *PodRole) RoleArn() *string { return r.Role.RoleArn() }

// PodRole gives the role of a service account's pods, and makes it, below the cluster, when it is first asked for:
// table.GrantReadData(cluster.PodRole("shop", "api")). It panics with *invalid.Error when these are no names.
func (c *Cluster) PodRole(namespace, serviceAccount string) awsiam.Role {
	id := "PodRole-" + namespace + ":" + serviceAccount
	if c.podRoles[id] == nil {
		if c.podRoles == nil {
			c.podRoles = map[string]awsiam.Role{}
		}
		c.podRoles[id] = NewPodRole(c, id, &PodRoleProps{Cluster: c, Namespace: namespace, ServiceAccount: serviceAccount}).Role
	}
	return c.podRoles[id]
}

var (
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
	dnsLabel     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	dnsSubdomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
)

func (p *PodRoleProps) validate() error {
	var bad invalid.Problems
	if p.Cluster == nil || p.Cluster.Cluster == nil {
		bad.Add("Cluster", "is missing; make it with eks.NewCluster")
	}
	if !invalid.IsToken(p.Namespace) && !dnsLabel.MatchString(p.Namespace) {
		bad.Add("Namespace", "%q is no name of a namespace; use up to 63 small letters, digits and hyphens", p.Namespace)
	}
	if !invalid.IsToken(p.ServiceAccount) && !dnsSubdomain.MatchString(p.ServiceAccount) {
		bad.Add("ServiceAccount", "%q is no name of a service account; use up to 253 small letters, digits, hyphens and dots", p.ServiceAccount)
	}
	return bad.Err()
}
