package eks

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/describe"
	"awscontainers/internal/policy"
)

// PodRoleProps describe what pods may do in AWS.
type PodRoleProps struct {
	// Cluster is where they run. Required.
	Cluster *Cluster
	// Namespace and ServiceAccount say which pods: those in the namespace whose spec names the service account. A service account has one
	// role. Required.
	Namespace, ServiceAccount string
	// Irsa gives them the role by IAM roles for service accounts, which reaches pods on Fargate too, rather than by EKS Pod Identity. The
	// service account must then carry Annotations. Default: false, and true where a FargateProfile of the cluster selects the namespace.
	// https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
	Irsa bool
	// CreateServiceAccount applies the service account to the cluster, with its annotations. The namespace must be there by then.
	// Default: false, bring your own.
	CreateServiceAccount bool
}

// PodRole is a role that the pods of a service account have. By EKS Pod Identity nothing of it stands in Kubernetes, and the service
// account may come later. Pods on Fargate, which that does not reach, have it by IAM roles for service accounts (IRSA): the service
// account names the role in an annotation, and STS trusts the tokens that the cluster signs.
// https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html
type PodRole struct {
	constructs.Construct
	// Role is what grants take: table.GrantReadData(podRole.Role). Leave its AssumeRolePolicy alone: by IRSA it is not what is written.
	Role awsiam.Role
	// ServiceAccount is the object in Kubernetes, for what comes after it, or nil without CreateServiceAccount.
	ServiceAccount awseksv2.KubernetesManifest

	irsa bool
}

const (
	podIdentity = "pods.eks.amazonaws.com"
	// https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
	roleAnnotation = "eks.amazonaws.com/role-arn"
)

// NewPodRole makes a role for pods. It panics with *invalid.Error when the props are wrong.
func NewPodRole(scope constructs.Construct, id string, props *PodRoleProps) *PodRole {
	var p PodRoleProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())

	p.Cluster.claim(p.Namespace, p.ServiceAccount, *scope.Node().Path()+"/"+id)
	r := &PodRole{irsa: p.Irsa || p.Cluster.onFargate(p.Namespace)}
	constructs.NewConstruct_Override(r, scope, &id)
	description := describe.Of("Pods of "+p.Namespace+"/"+p.ServiceAccount+",", *r.Node().Path())
	if r.irsa {
		r.Role = newIrsaRole(r, description, &p)
	} else {
		r.Role = newPodIdentityRole(r, description, p.Cluster, p.Namespace, p.ServiceAccount)
		awseksv2.NewCfnPodIdentityAssociation(r, jsii.String("Association"), &awseksv2.CfnPodIdentityAssociationProps{
			ClusterName: p.Cluster.Cluster.ClusterName(), Namespace: &p.Namespace, ServiceAccount: &p.ServiceAccount, RoleArn: r.Role.RoleArn(),
		})
		p.Cluster.fargate.podIdentities = append(p.Cluster.fargate.podIdentities, podIdentityRole{p.Namespace, *r.Node().Path()})
	}
	if p.CreateServiceAccount {
		r.ServiceAccount = r.newServiceAccount(&p)
	}
	return r
}

// claim notes that a service account has its role.
func (c *Cluster) claim(namespace, serviceAccount, path string) {
	if c.accounts == nil {
		c.accounts = map[string]string{}
	}
	c.accounts[namespace+"/"+serviceAccount] = path
}

// newPodIdentityRole makes a role for these pods alone: EKS says for which it asks, by tags.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
func newPodIdentityRole(scope constructs.Construct, description *string, c *Cluster, namespace, serviceAccount string) awsiam.Role {
	these := &map[string]any{"StringEquals": map[string]any{
		"aws:RequestTag/eks-cluster-arn":            c.Cluster.ClusterArn(),
		"aws:RequestTag/kubernetes-namespace":       namespace,
		"aws:RequestTag/kubernetes-service-account": serviceAccount,
	}}
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description: description,
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String(podIdentity), &awsiam.ServicePrincipalOpts{Conditions: these}),
	})
	role.AssumeRolePolicy().AddStatements(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: policy.Principal(podIdentity), Actions: jsii.Strings("sts:TagSession"), Conditions: these,
	}))
	return role
}

// newIrsaRole makes a role for tokens of this service account alone, which the cluster has signed for STS.
// https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
func newIrsaRole(scope constructs.Construct, description *string, p *PodRoleProps) awsiam.Role {
	// One for a cluster, made when it is first asked for, and native: see remember.
	provider := p.Cluster.Cluster.OpenIdConnectProvider()
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description: description, AssumedBy: awsiam.NewOpenIdConnectPrincipal(provider, nil),
	})
	// Who signs is known only when CloudFormation has made the cluster, and stands in the keys of the condition, where a template takes no
	// functions. So the CDK has a Lambda function write them (CfnJson). But the document may be text, and Fn::Sub reaches its keys.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
	issuer := awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("//"), p.Cluster.Cluster.ClusterOpenIdConnectIssuerUrl(), nil))
	role.Node().DefaultChild().(awsiam.CfnRole).SetAssumeRolePolicyDocument(map[string]any{"Fn::Sub": []any{irsaTrust, map[string]any{
		"Provider": provider.OpenIdConnectProviderArn(), "Issuer": issuer, "Namespace": p.Namespace, "ServiceAccount": p.ServiceAccount,
	}}})
	return role
}

const irsaTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",` +
	`"Principal":{"Federated":"${Provider}"},"Condition":{"StringEquals":{"${Issuer}:aud":"sts.amazonaws.com",` +
	`"${Issuer}:sub":"system:serviceaccount:${Namespace}:${ServiceAccount}"}}}]}`

func (r *PodRole) newServiceAccount(p *PodRoleProps) awseksv2.KubernetesManifest {
	metadata := map[string]any{"name": p.ServiceAccount, "namespace": p.Namespace}
	if r.irsa {
		metadata["annotations"] = r.Annotations()
	}
	return awseksv2.NewKubernetesManifest(r, jsii.String("ServiceAccount"), &awseksv2.KubernetesManifestProps{
		Cluster:  p.Cluster.Cluster,
		Manifest: &[]*map[string]any{{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}},
	})
}

// RoleArn is the role's ARN, for an output.
func (r *PodRole) Arn() string { return *r.Role.RoleArn() }

// Annotations are what a service account of your own must carry: none by Pod Identity, the role's ARN by IRSA.
func (r *PodRole) Annotations() map[string]string {
	if !r.irsa {
		return nil
	}
	return map[string]string{roleAnnotation: *r.Role.RoleArn()}
}

// PodRole gives the role of a service account's pods, and makes it, below the cluster, when it is first asked for:
// table.GrantReadData(cluster.PodRole("shop", "api")). In a namespace on Fargate the service account must carry the annotation
// eks.amazonaws.com/role-arn with its ARN; NewPodRole can apply it. It panics with *invalid.Error when these are no names.
func (c *Cluster) PodRole(namespace, serviceAccount string) awsiam.Role {
	id := "PodRole-" + namespace + ":" + serviceAccount
	if invalid.IsToken(id) {
		var bad invalid.Problems
		bad.Add("", "has a name that only the deployment knows, and so no id; use NewPodRole, with one of yours")
		invalid.Refuse(c, "PodRole", bad.Err())
	}
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
	if p.CreateServiceAccount && p.ServiceAccount == "default" {
		bad.Add("CreateServiceAccount", `is for an account that is not there yet, and every namespace has "default"; name another ServiceAccount, or annotate that one yourself`)
	}
	if p.Cluster != nil {
		if path := p.Cluster.accounts[p.Namespace+"/"+p.ServiceAccount]; path != "" {
			bad.Add("ServiceAccount", "%q of namespace %q has the role of %s already, and EKS takes one; use that", p.ServiceAccount, p.Namespace, path)
		}
	}
	if !invalid.IsToken(p.Namespace) && !dnsLabel.MatchString(p.Namespace) {
		bad.Add("Namespace", "%q is no name of a namespace; use up to 63 small letters, digits and hyphens", p.Namespace)
	}
	if !invalid.IsToken(p.ServiceAccount) && !dnsSubdomain.MatchString(p.ServiceAccount) {
		bad.Add("ServiceAccount", "%q is no name of a service account; use up to 253 small letters, digits, hyphens and dots", p.ServiceAccount)
	}
	return bad.Err()
}
