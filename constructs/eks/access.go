package eks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// AccessPolicy is what somebody may do in a cluster, as AWS has defined it for Kubernetes.
// https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
type AccessPolicy string

// The access policies.
const (
	// ClusterAdmin may do everything, in the whole cluster alone.
	ClusterAdmin AccessPolicy = "AmazonEKSClusterAdminPolicy"
	// Admin may do most, also give others permissions in a namespace.
	Admin AccessPolicy = "AmazonEKSAdminPolicy"
	// Edit may change what runs, and read secrets.
	Edit AccessPolicy = "AmazonEKSEditPolicy"
	// View may look at what runs, but not at secrets.
	View AccessPolicy = "AmazonEKSViewPolicy"
	// AdminView may look at everything, also at secrets.
	AdminView AccessPolicy = "AmazonEKSAdminViewPolicy"
)

// AccessEntry is who may use the Kubernetes API of a cluster, and how far. Nobody may who has no entry, not even who made the cluster.
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
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
	principalArn = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$`)
	assumedArn   = regexp.MustCompile(`^arn:aws[a-z-]*:sts::`)
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
	// https://docs.aws.amazon.com/eks/latest/APIReference/API_AccessScope.html
	namespacePattern = regexp.MustCompile(`^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$`)

	accessPolicies = []AccessPolicy{ClusterAdmin, Admin, Edit, View, AdminView}
)

// IsPrincipalArn tells ARNs of roles and users from other text.
func IsPrincipalArn(s string) bool { return principalArn.MatchString(s) }

func checkAccess(entries []AccessEntry, bad *invalid.Problems) {
	seen := map[string]int{}
	for i, e := range entries {
		field := fmt.Sprintf("AccessEntries[%d]", i)
		switch {
		case invalid.IsToken(e.PrincipalArn):
		case assumedArn.MatchString(e.PrincipalArn):
			bad.Add(field+".PrincipalArn", "%q is a session, which has no entry; give the ARN of its role, arn:aws:iam::<account>:role/<name>", e.PrincipalArn)
		case strings.Contains(e.PrincipalArn, ":role/aws-service-role/"):
			bad.Add(field+".PrincipalArn", "%q is a service-linked role, which has no entry; give the role or user that connects", e.PrincipalArn)
		case !principalArn.MatchString(e.PrincipalArn):
			bad.Add(field+".PrincipalArn", "%q is no ARN of a role or user; write it as %q", e.PrincipalArn, "arn:aws:iam::111122223333:role/Developers")
		}
		if first, again := seen[e.PrincipalArn]; again && e.PrincipalArn != "" {
			bad.Add(field+".PrincipalArn", "%q has AccessEntries[%d] already, and EKS takes one for a principal; put the two together, or give one to another role", e.PrincipalArn, first)
		} else {
			seen[e.PrincipalArn] = i
		}
		if !slices.Contains(accessPolicies, e.Policy) {
			bad.Add(field+".Policy", "%q is unknown; use one of %q", e.Policy, accessPolicies)
		}
		if len(e.Namespaces) > 0 && e.Policy == ClusterAdmin {
			bad.Add(field+".Namespaces", "%q narrow %s, which is for the whole cluster; leave them out, or use %s", e.Namespaces, e.Policy, Admin)
		}
		for _, n := range e.Namespaces {
			if !invalid.IsToken(n) && !namespacePattern.MatchString(n) {
				bad.Add(field+".Namespaces", `%q is no name of a namespace; use up to 63 small letters, digits and hyphens, and "*" for any`, n)
			}
		}
	}
}

// letIn makes the access entries.
func (c *Cluster) letIn(entries []AccessEntry) {
	for i, e := range entries {
		scope := &awseksv2.CfnAccessEntry_AccessScopeProperty{Type: jsii.String("cluster")}
		if len(e.Namespaces) > 0 {
			scope.Type, scope.Namespaces = jsii.String("namespace"), jsii.Strings(e.Namespaces...)
		}
		awseksv2.NewCfnAccessEntry(c, jsii.String(entryId(e, i)), &awseksv2.CfnAccessEntryProps{
			ClusterName:  c.Cluster.ClusterName(),
			PrincipalArn: jsii.String(e.PrincipalArn),
			Type:         jsii.String("STANDARD"),
			AccessPolicies: []any{&awseksv2.CfnAccessEntry_AccessPolicyProperty{
				PolicyArn: jsii.String("arn:" + *awscdk.Aws_PARTITION() + ":eks::aws:cluster-access-policy/" + string(e.Policy)), AccessScope: scope,
			}},
		})
	}
}

// entryId is the same wherever the entry stands in the list: CloudFormation makes the new entry before it deletes the old one, and EKS
// takes one for a principal. An ARN that is not known yet has its place in the list.
func entryId(e AccessEntry, i int) string {
	if invalid.IsToken(e.PrincipalArn) {
		return fmt.Sprintf("Access%d", i+1)
	}
	_, principal, _ := strings.Cut(e.PrincipalArn, ":iam::")
	return "Access-" + strings.ReplaceAll(strings.ReplaceAll(principal, ".", ".."), "/", ".")
}
