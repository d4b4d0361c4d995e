package eks

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/kubernetes"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// ClusterAttributes describe an existing EKS cluster. Only ClusterName is always required: each construct that uses the cluster
// refuses it with a message if it needs more. `aws eks describe-cluster --name NAME` shows all of it.
type ClusterAttributes struct {
	// ClusterName is the cluster's name. Required.
	ClusterName string
	// Version is the version of Kubernetes, "1.35". NewSelfManagedNodes needs it to find the AMI; NewManagedNodes keeps its nodes at it.
	// Default: unknown.
	Version string
	// Vpc is the cluster's VPC, such as that of network.VpcFrom, with the private subnets in which nodes run. Nodes, Fargate profiles, a new
	// kubectl provider and classes of NewLustreStorage need it. Default: unknown.
	Vpc awsec2.IVpc
	// SecurityGroupId is the cluster security group, which EKS created: resourcesVpcConfig.clusterSecurityGroupId. NewSelfManagedNodes,
	// Connections, a new kubectl provider and storage other than EBS need it. Default: unknown.
	// https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
	SecurityGroupId string
	// Endpoint is the URL of the Kubernetes API. NewSelfManagedNodes needs it. Default: unknown.
	Endpoint string
	// CertificateAuthorityData is the cluster's certificate, in Base64. NewSelfManagedNodes needs it. Default: unknown.
	CertificateAuthorityData string
	// ServiceIpv4Cidr is the range of Kubernetes services: kubernetesNetworkConfig.serviceIpv4Cidr. It must be a
	// literal such as "172.20.0.0/16", not a CDK token. NewSelfManagedNodes needs it. Default: unknown.
	ServiceIpv4Cidr string
	// OpenIdConnectProviderArn is the ARN of the IAM OpenID Connect provider for the cluster's issuer. Roles by IRSA need it.
	// Default: none.
	// https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
	OpenIdConnectProviderArn string
	// AutoMode says that EKS manages the cluster's nodes. Default: false.
	AutoMode bool
	// RoleArn is the ARN of the cluster's IAM role. In Auto Mode, NewEbsStorage with an EncryptionKey needs it. Default: unknown.
	RoleArn string
	// Kubectl applies Kubernetes objects: storage, claims, service accounts, and the configuration of Fargate's logging. Default: nil, none.
	Kubectl *Kubectl
}

// Kubectl determines what applies Kubernetes objects to an existing cluster. The zero value creates a function, which needs Vpc and
// SecurityGroupId.
type Kubectl struct {
	// Provider is an existing one, such as that of awseksv2.KubectlProvider_FromKubectlProviderAttributes. Default: a new one in the private
	// subnets of the VPC.
	Provider awseksv2.IKubectlProvider
	// RoleArn is the ARN of an existing IAM role for the new provider's function. It must trust lambda.amazonaws.com, have the policy
	// AWSLambdaVPCAccessExecutionRole and the permission eks:DescribeCluster, and an access entry with PolicyClusterAdmin. Default: a new
	// role with all of this; the cluster's authentication mode must then be API or API_AND_CONFIG_MAP.
	// https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html
	RoleArn string
	// Layer holds kubectl and Helm for the new provider's function, as ClusterProps.KubectlLayer does. Required unless Version is unknown,
	// "1.33", "1.34" or "1.35". Default: a layer with kubectl 1.34 and Helm 3.
	Layer awslambda.ILayerVersion
}

// ClusterFrom uses an existing EKS cluster. Add-ons that constructs install must not be installed yet, and pods with a PodRole need
// the add-on eks-pod-identity-agent. It panics with *invalid.Error if the attributes are invalid.
func ClusterFrom(scope constructs.Construct, id string, attributes *ClusterAttributes) *Cluster {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())

	c := &Cluster{facts: clusterFacts{name: a.ClusterName, version: a.Version, vpc: a.Vpc, autoMode: a.AutoMode, existing: &a}}
	source.Create(c, scope, id)
	c.Node().SetContext(jsii.String(managedLogGroups), true) // whatever the app's cdk.json says
	if a.ServiceIpv4Cidr != "" {
		c.facts.serviceCidr = netip.MustParsePrefix(a.ServiceIpv4Cidr)
	}
	if a.RoleArn != "" {
		c.facts.role = awsiam.Role_FromRoleArn(c, jsii.String("Role"), &a.RoleArn, nil)
	}
	props := &awseksv2.ClusterAttributes{
		ClusterName: &a.ClusterName, Vpc: a.Vpc, ClusterEndpoint: opt.String(a.Endpoint),
		ClusterCertificateAuthorityData: opt.String(a.CertificateAuthorityData), ClusterSecurityGroupId: opt.String(a.SecurityGroupId),
	}
	if a.OpenIdConnectProviderArn != "" {
		props.OpenIdConnectProvider = awsiam.OpenIdConnectProvider_FromOpenIdConnectProviderArn(c,
			jsii.String("OpenIdConnectProvider"), &a.OpenIdConnectProviderArn)
	}
	if a.Kubectl == nil || a.Kubectl.Provider != nil {
		if a.Kubectl != nil {
			props.KubectlProvider = a.Kubectl.Provider
		}
		c.Cluster = awseksv2.Cluster_FromClusterAttributes(c, jsii.String("Cluster"), props)
		return c
	}
	// A provider needs a cluster, and a cluster its provider: so the CDK gets the cluster twice.
	c.Cluster = awseksv2.Cluster_FromClusterAttributes(c, jsii.String("KubectlCluster"), props)
	props.KubectlProvider = c.newKubectlProvider(&a)
	c.Cluster = awseksv2.Cluster_FromClusterAttributes(c, jsii.String("Cluster"), props)
	return c
}

// newKubectlProvider creates the function that applies Kubernetes objects, its way to the API, and its access entry unless its role
// has one.
func (c *Cluster) newKubectlProvider(a *ClusterAttributes) awseksv2.IKubectlProvider {
	var role awsiam.IRole
	if roleArn := a.Kubectl.RoleArn; roleArn != "" {
		role = awsiam.Role_FromRoleArn(c, jsii.String("KubectlRole"), &roleArn, &awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false)})
	}
	group := newKubectlSecurityGroup(c, c.facts.vpc)
	provider := awseksv2.NewKubectlProvider(c, jsii.String("KubectlProvider"), &awseksv2.KubectlProviderProps{
		Cluster:        c.Cluster,
		KubectlLayer:   kubectlLayer(c, a.Kubectl.Layer),
		PrivateSubnets: privateSubnets(c.facts.vpc),
		SecurityGroups: &[]awsec2.ISecurityGroup{group},
		Role:           role,
	})
	// The function needs the VPC's routes to AWS as long as there are objects, should the VPC be of this app.
	access := []constructs.IDependable{c.allowKubectl(group), c.facts.vpc}
	if role == nil {
		scope := &awseksv2.CfnAccessEntry_AccessScopeProperty{Type: jsii.String("cluster")}
		access = append(access, awseksv2.NewCfnAccessEntry(c, jsii.String("KubectlAccess"), &awseksv2.CfnAccessEntryProps{
			ClusterName: c.Cluster.ClusterName(), PrincipalArn: provider.Role().RoleArn(), Type: jsii.String("STANDARD"),
			AccessPolicies: []any{accessPolicy(PolicyClusterAdmin, scope)},
		}))
	}
	// The CDK's own objects wait for the function that calls the other, and so for all of this.
	descendant(provider, "Provider", "framework-onEvent", "Resource").Node().AddDependency(access...)
	logs := configureKubectlLogs(provider, jsii.Number(kubectlLogDays), awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	c.deps.kubectl = slices.Concat(access, logs)
	suppressKubectlFindings(provider, role)
	return provider
}

// kubectlLogDays is the retention of the logs of a new kubectl provider.
const kubectlLogDays = 30

// attribute is a field of ClusterAttributes that some uses of an existing cluster need.
type attribute string

const (
	attributeVersion       attribute = "Version"
	attributeVpc           attribute = "Vpc"
	attributeSecurityGroup attribute = "SecurityGroupId"
	attributeEndpoint      attribute = "Endpoint"
	attributeCertificate   attribute = "CertificateAuthorityData"
	attributeServiceCidr   attribute = "ServiceIpv4Cidr"
	attributeOpenIdConnect attribute = "OpenIdConnectProviderArn"
	attributeRole          attribute = "RoleArn"
	attributeKubectl       attribute = "Kubectl"
)

func (a *ClusterAttributes) has(name attribute) bool {
	switch name {
	case attributeVersion:
		return a.Version != ""
	case attributeVpc:
		return a.Vpc != nil
	case attributeSecurityGroup:
		return a.SecurityGroupId != ""
	case attributeEndpoint:
		return a.Endpoint != ""
	case attributeCertificate:
		return a.CertificateAuthorityData != ""
	case attributeServiceCidr:
		return a.ServiceIpv4Cidr != ""
	case attributeOpenIdConnect:
		return a.OpenIdConnectProviderArn != ""
	case attributeRole:
		return a.RoleArn != ""
	default:
		return a.Kubectl != nil
	}
}

// requireCluster refuses props without a cluster.
func requireCluster(c *Cluster, bad *invalid.Problems) {
	if !invalid.IsMade(c) {
		bad.Add("Cluster", "is required").Advise("use eks.NewCluster or eks.ClusterFrom")
	}
}

// requireAttributes refuses, under the field that holds it, an existing cluster of which too little is known. NewCluster knows all.
func (c *Cluster) requireAttributes(field string, bad *invalid.Problems, names ...attribute) {
	if c.facts.existing == nil {
		return
	}
	var missing []string
	for _, name := range names {
		if !c.facts.existing.has(name) {
			missing = append(missing, string(name))
		}
	}
	if n := len(missing); n > 0 {
		text := strings.Replace(strings.Join(missing, ", "), ", "+missing[n-1], " and "+missing[n-1], 1)
		bad.Add(field, "must have %s in its ClusterAttributes", text).Advise("set what is missing in eks.ClusterFrom")
	}
}

var (
	clusterVersion = regexp.MustCompile(`^1\.\d{2}$`)
	endpoint       = regexp.MustCompile(`^https://[^/]+$`)
	certificate    = regexp.MustCompile(`^[A-Za-z0-9+/]{4,}=*$`)
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
	openIdConnectArn = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:oidc-provider/.+$`)
	roleArn          = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)
)

const roleArnForm = `the ARN of an IAM role, such as "arn:aws:iam::111122223333:role/Cluster"`

// Validate returns all problems of the attributes, or nil.
func (a *ClusterAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	check.Required("ClusterName", a.ClusterName, clusterName, clusterNameForm, &bad)
	check.Match("Version", a.Version, clusterVersion, `a version of Kubernetes such as "1.35"`, &bad)
	if a.SecurityGroupId != "" {
		check.SecurityGroupId("SecurityGroupId", a.SecurityGroupId, &bad)
	}
	check.Match("Endpoint", a.Endpoint, endpoint,
		`the URL of the Kubernetes API, such as "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"`, &bad)
	check.Match("CertificateAuthorityData", a.CertificateAuthorityData, certificate,
		"a certificate in Base64, as `aws eks describe-cluster` shows it", &bad)
	checkServiceCidr(a.ServiceIpv4Cidr, &bad)
	check.Match("OpenIdConnectProviderArn", a.OpenIdConnectProviderArn, openIdConnectArn,
		`the ARN of an IAM OpenID Connect provider, such as `+
			`"arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF"`, &bad)
	check.Match("RoleArn", a.RoleArn, roleArn, roleArnForm, &bad)
	if a.Kubectl != nil {
		a.checkKubectl(&bad)
	}
	return bad.Err()
}

func (a *ClusterAttributes) checkKubectl(bad *invalid.Problems) {
	if a.Kubectl.Provider != nil {
		if a.Kubectl.RoleArn != "" {
			bad.Add("Kubectl.RoleArn", "must not be set together with Kubectl.Provider, which has its own").Given(a.Kubectl.RoleArn).
				Advise("remove one of them")
		}
		if a.Kubectl.Layer != nil {
			bad.Add("Kubectl.Layer", "must not be set together with Kubectl.Provider, which has its own").Advise("remove one of them")
		}
		return
	}
	if a.Kubectl.Layer == nil && kubernetes.IsVersion(a.Version) && !slices.Contains(kubernetes.Versions(), a.Version) {
		bad.Add("Kubectl.Layer", "is required for Version %s, because the built-in kubectl %s serves %s",
			a.Version, kubernetes.KubectlVersion, check.OneOfQuoted(kubernetes.Versions()))
	}
	check.Match("Kubectl.RoleArn", a.Kubectl.RoleArn, roleArn, roleArnForm, bad)
	const forProvider = "is required with Kubectl, unless Kubectl.Provider is set"
	if a.Vpc == nil {
		bad.Add("Vpc", forProvider)
	}
	if a.SecurityGroupId == "" {
		bad.Add("SecurityGroupId", forProvider)
	}
}
