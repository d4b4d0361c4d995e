package eks

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
	"awscontainers/internal/source"
)

// PodRoleProps configure what pods may do in AWS.
type PodRoleProps struct {
	// Cluster is the cluster in which the pods run. Required.
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

// PodRole is an IAM role that the pods of a service account have. Grants take it: table.GrantReadData(podRole). With EKS Pod
// Identity, Kubernetes holds nothing of it, and the service account can come later. Pods on Fargate, which Pod Identity does not
// reach, have it by IAM roles for service accounts (IRSA): the service account names the role in an annotation, and STS trusts the
// tokens that the cluster signs.
// https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html
type PodRole struct {
	constructs.Construct
	// Role is the IAM role. Don't add to its AssumeRolePolicy: with IRSA the template has another one.
	Role awsiam.Role
	// ServiceAccount is the object in Kubernetes, so that other constructs can depend on it. It is nil without CreateServiceAccount.
	ServiceAccount awseksv2.KubernetesManifest

	usesIrsa bool
}

var _ awsiam.IGrantable = (*PodRole)(nil)

const (
	podIdentityService = "pods.eks.amazonaws.com"
	// https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
	roleAnnotation = "eks.amazonaws.com/role-arn"
)

// NewPodRole creates an IAM role for pods. It panics with *invalid.Error if the props are invalid.
func NewPodRole(scope constructs.Construct, id string, props *PodRoleProps) *PodRole {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	cluster := p.Cluster
	r := &PodRole{usesIrsa: p.Irsa}
	source.Create(r, scope, id)
	path := *r.Node().Path()
	cluster.roles.assign(p.Namespace, p.ServiceAccount, path)
	description := describe.Of("Pods of "+p.Namespace+"/"+p.ServiceAccount+",", path)
	if r.usesIrsa {
		r.Role = newIrsaRole(r, description, &p)
	} else {
		r.Role = newPodIdentityRole(r, description, cluster, p.Namespace, p.ServiceAccount)
		awseksv2.NewCfnPodIdentityAssociation(r, jsii.String("Association"), &awseksv2.CfnPodIdentityAssociationProps{
			ClusterName: cluster.Cluster.ClusterName(), Namespace: &p.Namespace, ServiceAccount: &p.ServiceAccount, RoleArn: r.Role.RoleArn(),
		})
		cluster.roles.addPodIdentity(p.Namespace, path)
	}
	if p.CreateServiceAccount {
		r.ServiceAccount = r.newServiceAccount(&p)
	}
	return r
}

// newPodIdentityRole creates a role for pods of this service account only: EKS tags the session with whom it asks for.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
func newPodIdentityRole(scope constructs.Construct, description *string, c *Cluster, namespace, serviceAccount string) awsiam.Role {
	onlyThese := &map[string]any{"StringEquals": map[string]any{
		"aws:RequestTag/eks-cluster-arn":            c.Cluster.ClusterArn(),
		"aws:RequestTag/kubernetes-namespace":       namespace,
		"aws:RequestTag/kubernetes-service-account": serviceAccount,
	}}
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description: description,
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String(podIdentityService), &awsiam.ServicePrincipalOpts{Conditions: onlyThese}),
	})
	role.AssumeRolePolicy().AddStatements(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: policy.Principal(podIdentityService), Actions: jsii.Strings("sts:TagSession"), Conditions: onlyThese,
	}))
	return role
}

// newIrsaRole creates a role for tokens of this service account only, which the cluster has signed for STS.
// https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
func newIrsaRole(scope constructs.Construct, description *string, p *PodRoleProps) awsiam.Role {
	// A cluster has one, which the CDK creates at the first use; as a native resource: see recordAddOns.
	provider := p.Cluster.Cluster.OpenIdConnectProvider()
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description: description, AssumedBy: awsiam.NewOpenIdConnectPrincipal(provider, nil),
	})
	// The issuer is known only when CloudFormation has created the cluster, and it is part of keys of the condition, where a template allows
	// no functions. The CDK has a Lambda function write them (CfnJson). But the document may be text, and Fn::Sub reaches its keys.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
	role.Node().DefaultChild().(awsiam.CfnRole).SetAssumeRolePolicyDocument(map[string]any{"Fn::Sub": []any{irsaTrust, map[string]any{
		"Provider": provider.OpenIdConnectProviderArn(), "Issuer": p.Cluster.issuer(),
		"Namespace": p.Namespace, "ServiceAccount": p.ServiceAccount,
	}}})
	return role
}

// issuer returns the cluster's OpenID Connect issuer without "https://".
func (c *Cluster) issuer() *string {
	if c.facts.existing != nil {
		return awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("oidc-provider/"), &c.facts.existing.OpenIdConnectProviderArn, nil))
	}
	url := c.Cluster.(awseksv2.Cluster).ClusterOpenIdConnectIssuerUrl()
	return awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("//"), url, nil))
}

const irsaTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",` +
	`"Principal":{"Federated":"${Provider}"},"Condition":{"StringEquals":{"${Issuer}:aud":"sts.amazonaws.com",` +
	`"${Issuer}:sub":"system:serviceaccount:${Namespace}:${ServiceAccount}"}}}]}`

func (r *PodRole) newServiceAccount(p *PodRoleProps) awseksv2.KubernetesManifest {
	metadata := map[string]any{"name": p.ServiceAccount, "namespace": p.Namespace}
	if r.usesIrsa {
		metadata["annotations"] = r.Annotations()
	}
	return p.Cluster.apply(r, "ServiceAccount", map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
}

// Arn returns the role's ARN.
func (r *PodRole) Arn() string { return *r.Role.RoleArn() }

// GrantPrincipal returns the role, so that grants of the CDK take the PodRole itself.
func (r *PodRole) GrantPrincipal() awsiam.IPrincipal { return r.Role }

// Annotations returns what a service account of your own must carry: nothing with Pod Identity, the role's ARN with IRSA.
func (r *PodRole) Annotations() map[string]string {
	if !r.usesIrsa {
		return nil
	}
	return map[string]string{roleAnnotation: *r.Role.RoleArn()}
}

// PodRole returns the role of a service account's pods, and creates it, below the cluster, at the first use:
// table.GrantReadData(cluster.PodRole("shop", "api")). In a namespace on Fargate the service account must carry the role's Annotations;
// NewPodRole can apply it. It panics with *invalid.Error if the names are invalid.
func (c *Cluster) PodRole(namespace, serviceAccount string) *PodRole {
	id := "PodRole-" + namespace + ":" + serviceAccount
	var bad invalid.Problems
	for _, argument := range [][2]string{{"namespace", namespace}, {"serviceAccount", serviceAccount}} {
		if problem := check.Literal(argument[0], argument[1], "it becomes part of a construct ID", &bad); problem != nil {
			problem.Advise("use NewPodRole")
		}
	}
	check.Arguments(c, "PodRole", bad)
	if c.roles.podRoles[id] == nil {
		role := NewPodRole(c, id, &PodRoleProps{Cluster: c, Namespace: namespace, ServiceAccount: serviceAccount})
		record(&c.roles.podRoles, id, role)
	}
	return c.roles.podRoles[id]
}

var (
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
	dnsLabel     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	dnsSubdomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
)

const (
	dnsLabelForm     = "up to 63 lowercase letters, digits and hyphens"
	dnsSubdomainForm = "up to 253 lowercase letters, digits, hyphens and dots"
)

// Validate returns all problems of the props, or nil. NewPodRole also checks that the service account has no role yet.
func (p *PodRoleProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *PodRoleProps) setDefaults() { p.Irsa = p.Irsa || p.Cluster.isOnFargate(p.Namespace) }

func (p *PodRoleProps) validate() error {
	var bad invalid.Problems
	requireCluster(p.Cluster, &bad)
	if invalid.IsMade(p.Cluster) {
		var attributes []attribute
		if p.Irsa {
			attributes = append(attributes, attributeOpenIdConnect)
		}
		if p.CreateServiceAccount {
			attributes = append(attributes, attributeKubectl)
		}
		p.Cluster.requireAttributes("Cluster", &bad, attributes...)
	}
	check.Required("Namespace", p.Namespace, dnsLabel, dnsLabelForm, &bad)
	check.Required("ServiceAccount", p.ServiceAccount, dnsSubdomain, dnsSubdomainForm, &bad)
	if p.CreateServiceAccount && p.ServiceAccount == "default" {
		bad.Add("CreateServiceAccount", `is not compatible with ServiceAccount "default", which every namespace has`).
			Advise("use another ServiceAccount, or annotate that one yourself")
	}
	return bad.Err()
}

// validateIn judges what the cluster's other constructs tell.
func (p *PodRoleProps) validateIn() error {
	var bad invalid.Problems
	if p.Cluster != nil {
		if path := p.Cluster.roles.owner(p.Namespace, p.ServiceAccount); path != "" {
			bad.Add("ServiceAccount", "must not have another role in namespace %q, because EKS accepts only one", p.Namespace).
				Given(p.ServiceAccount).
				Advise("use the role of %s", path)
		}
	}
	return bad.Err()
}
