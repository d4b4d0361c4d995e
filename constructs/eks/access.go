package eks

import (
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/ids"
)

// AccessPolicy determines what a principal may do in a cluster. AWS defines these policies in terms of Kubernetes.
// https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
type AccessPolicy string

// The access policies.
const (
	// PolicyClusterAdmin allows everything, always in the whole cluster.
	PolicyClusterAdmin AccessPolicy = "AmazonEKSClusterAdminPolicy"
	// PolicyAdmin allows most things, and to give others permissions in a namespace.
	PolicyAdmin AccessPolicy = "AmazonEKSAdminPolicy"
	// PolicyEdit allows changing workloads and reading secrets.
	PolicyEdit AccessPolicy = "AmazonEKSEditPolicy"
	// PolicyView allows reading workloads, but not secrets.
	PolicyView AccessPolicy = "AmazonEKSViewPolicy"
	// PolicyAdminView allows reading everything, including secrets.
	PolicyAdminView AccessPolicy = "AmazonEKSAdminViewPolicy"
)

var accessPolicies = []AccessPolicy{PolicyClusterAdmin, PolicyAdmin, PolicyEdit, PolicyView, PolicyAdminView}

// AccessEntry lets a principal use the Kubernetes API of a cluster. Nobody can without an entry, not even whoever created the cluster.
// https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
type AccessEntry struct {
	// PrincipalArn is the ARN of an IAM role or user: "arn:aws:iam::111122223333:role/Developers". One of a role that somebody assumes
	// is no principal. Required.
	PrincipalArn string
	// Policy is what they may do. Required.
	Policy AccessPolicy
	// Namespaces are where: "shop", "team-*". Default: the whole cluster.
	Namespaces []string
}

var (
	assumedArn = regexp.MustCompile(`^arn:aws[a-z-]*:sts::`)
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
	// https://docs.aws.amazon.com/eks/latest/APIReference/API_AccessScope.html
	namespacePattern = regexp.MustCompile(`^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$`)
)

func checkAccess(entries []AccessEntry, bad *invalid.Problems) {
	seen := map[string]int{}
	for i, e := range entries {
		field := check.Index("AccessEntries", i)
		checkPrincipal(field+".PrincipalArn", e.PrincipalArn, bad)
		if first, again := seen[e.PrincipalArn]; again && e.PrincipalArn != "" {
			bad.Add(field+".PrincipalArn", "must not repeat AccessEntries[%d].PrincipalArn, because EKS accepts one access entry for each principal",
				first).Given(e.PrincipalArn).Advise("merge the entries, or use another role for one of them")
		} else {
			seen[e.PrincipalArn] = i
		}
		check.RequiredKnown(field+".Policy", e.Policy, accessPolicies, bad)
		if len(e.Namespaces) > 0 && e.Policy == PolicyClusterAdmin {
			bad.Add(field+".Namespaces", "is not compatible with Policy %s, which applies to the whole cluster", e.Policy).Given(e.Namespaces).
				Advise("use Policy %s or remove Namespaces", PolicyAdmin)
		}
		for j, n := range e.Namespaces {
			if !invalid.IsToken(n) && !namespacePattern.MatchString(n) {
				bad.Add(check.Index(field+".Namespaces", j), `must be %s, with "*" for any characters`, dnsLabelForm).Given(n)
			}
		}
	}
}

// checkPrincipal refuses what can't have an access entry.
func checkPrincipal(field, arn string, bad *invalid.Problems) {
	switch {
	case arn == "":
		bad.Add(field, "is required: the ARN of an IAM role or user")
	case invalid.IsToken(arn):
	case assumedArn.MatchString(arn):
		bad.Add(field, "must be the ARN of an IAM role or user, not of a session").Given(arn).
			Advise(`use the role's, "arn:aws:iam::<account>:role/<name>"`)
	case strings.Contains(arn, ":role/aws-service-role/"):
		bad.Add(field, "must not be a service-linked role, for which EKS refuses an access entry").Given(arn).
			Advise("use the role or user that connects")
	case !check.IsPrincipalArn(arn):
		bad.Add(field, `must be the ARN of an IAM role or user, such as "arn:aws:iam::111122223333:role/Developers"`).Given(arn)
	}
}

func (c *Cluster) createAccessEntries(entries []AccessEntry) {
	for _, e := range entries {
		scope := &awseksv2.CfnAccessEntry_AccessScopeProperty{Type: jsii.String("cluster")}
		if len(e.Namespaces) > 0 {
			scope.Type, scope.Namespaces = jsii.String("namespace"), jsii.Strings(e.Namespaces...)
		}
		awseksv2.NewCfnAccessEntry(c, jsii.String(c.entryId(e)), &awseksv2.CfnAccessEntryProps{
			ClusterName:    c.Cluster.ClusterName(),
			PrincipalArn:   jsii.String(e.PrincipalArn),
			Type:           jsii.String("STANDARD"),
			AccessPolicies: []any{accessPolicy(e.Policy, scope)},
		})
	}
}

func accessPolicy(policy AccessPolicy, scope *awseksv2.CfnAccessEntry_AccessScopeProperty) any {
	return &awseksv2.CfnAccessEntry_AccessPolicyProperty{
		PolicyArn: jsii.String("arn:" + *awscdk.Aws_PARTITION() + ":eks::aws:cluster-access-policy/" + string(policy)), AccessScope: scope,
	}
}

// inIds writes each principal in its own way: "a/.b" and "a./b" are two.
var inIds = strings.NewReplacer("/", ".", ".", "%2E", "%", "%25")

// entryId is the same wherever the entry stands in the list: CloudFormation creates the new entry before it deletes the old one, and EKS
// accepts one for a principal.
func (c *Cluster) entryId(e AccessEntry) string {
	if invalid.IsToken(e.PrincipalArn) {
		return ids.Named(c, "Access", e.PrincipalArn)
	}
	_, principal, _ := strings.Cut(e.PrincipalArn, ":iam::")
	return "Access-" + inIds.Replace(principal)
}
