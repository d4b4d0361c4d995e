package registry

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// ReplicationProps configure where a registry copies its images to.
type ReplicationProps struct {
	// Rules are up to ten. Required.
	Rules []ReplicationRule
}

// ReplicationRule copies what is pushed to certain repositories from then on. Tags are copied, settings are not: the copies'
// repositories are made with those of a repository creation template there, if any.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
type ReplicationRule struct {
	// Destinations are up to 25, over all rules. Required.
	Destinations []ReplicationDestination
	// RepositoryPrefixes are what the repositories' names begin with, up to 100 of at least two characters. Default: all repositories.
	RepositoryPrefixes []string
}

// ReplicationDestination is a registry to copy to.
type ReplicationDestination struct {
	// Region is that of the copies. Required.
	Region string
	// Account is the id of another account, which must allow it: see NewReplicationPermission. Default: the registry's own.
	Account string
}

// Replication is the replication configuration of a registry: that of an account in a Region.
type Replication struct {
	constructs.Construct
	// Configuration is the CDK's own.
	Configuration awsecr.CfnReplicationConfiguration
}

// NewReplication sets where the registry copies its images to. There is one such setting for each account and Region, so use it in
// one stack only. If the registry has a replication configuration already, CloudFormation doesn't replace it: the deployment fails with
// "already exists". It panics with *invalid.Error if the props are invalid.
// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-ecr (aws-ecr-replicationconfiguration, CreateHandler)
func NewReplication(scope constructs.Construct, id string, props *ReplicationProps) *Replication {
	p := opt.Value(props)
	invalid.Refuse(scope, id, p.Validate(), p.validateIn(homeOf(scope)))

	r := &Replication{}
	source.Create(r, scope, id)
	stack := awscdk.Stack_Of(r)
	rules := make([]any, len(p.Rules))
	for i, rule := range p.Rules {
		rules[i] = rule.cdk(stack)
	}
	r.Configuration = awsecr.NewCfnReplicationConfiguration(r, jsii.String("Configuration"), &awsecr.CfnReplicationConfigurationProps{
		ReplicationConfiguration: &awsecr.CfnReplicationConfiguration_ReplicationConfigurationProperty{Rules: rules},
	})
	return r
}

// RegistryId returns the account ID of the registry.
func (r *Replication) RegistryId() string { return *r.Configuration.AttrRegistryId() }

func (r *ReplicationRule) cdk(stack awscdk.Stack) *awsecr.CfnReplicationConfiguration_ReplicationRuleProperty {
	var destinations, filters []any
	for _, d := range r.Destinations {
		account := opt.String(d.Account)
		if account == nil {
			account = stack.Account()
		}
		destinations = append(destinations, &awsecr.CfnReplicationConfiguration_ReplicationDestinationProperty{
			Region: jsii.String(d.Region), RegistryId: account,
		})
	}
	for _, prefix := range r.RepositoryPrefixes {
		filters = append(filters, &awsecr.CfnReplicationConfiguration_RepositoryFilterProperty{
			Filter: jsii.String(prefix), FilterType: jsii.String("PREFIX_MATCH"),
		})
	}
	rule := &awsecr.CfnReplicationConfiguration_ReplicationRuleProperty{Destinations: destinations}
	if filters != nil {
		rule.RepositoryFilters = filters
	}
	return rule
}

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
const (
	maxReplicationRules        = 10
	maxReplicationDestinations = 25
)

var (
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecr-replicationconfiguration-repositoryfilter.html
	namePrefix = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]*)*/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$`)
)

// Validate returns all problems of the props, or nil. NewReplication also checks that no destination is the registry itself.
func (p *ReplicationProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	if len(p.Rules) == 0 {
		bad.Add("Rules", "is required: 1 to %d rules", maxReplicationRules)
	}
	check.MaxLen("Rules", len(p.Rules), maxReplicationRules, &bad)
	destinations := map[ReplicationDestination]bool{}
	for i, rule := range p.Rules {
		bad.Nest(check.Index("Rules", i), rule.validate())
		for _, d := range rule.Destinations {
			destinations[d] = true
		}
	}
	if len(destinations) > maxReplicationDestinations {
		bad.Add("Rules", "must have at most %d destinations in total", maxReplicationDestinations).Given(len(destinations))
	}
	return bad.Err()
}

// validateIn judges the props by the registry's account and Region.
func (p *ReplicationProps) validateIn(h home) error {
	var bad invalid.Problems
	for i, rule := range p.Rules {
		for j, d := range rule.Destinations {
			if d.Region == h.region && (d.Account == "" || d.Account == h.account) {
				bad.Add(fmt.Sprintf("Rules[%d].Destinations[%d].Region", i, j), "must not be the registry's own Region").Given(d.Region)
			}
		}
	}
	return bad.Err()
}

func (r *ReplicationRule) validate() error {
	var bad invalid.Problems
	if len(r.Destinations) == 0 {
		bad.Add("Destinations", "is required: the Regions to copy to")
	}
	for i, d := range r.Destinations {
		field := check.Index("Destinations", i)
		check.Region(field+".Region", d.Region, &bad)
		if d.Account != "" {
			check.AccountId(field+".Account", d.Account, &bad)
		}
		if first := slices.Index(r.Destinations, d); first < i {
			bad.Add(field, "must not repeat %s", check.Index("Destinations", first)).Advise("remove one of them")
		}
	}
	checkPrefixes("RepositoryPrefixes", r.RepositoryPrefixes, &bad)
	return bad.Err()
}

func checkPrefixes(field string, prefixes []string, bad *invalid.Problems) {
	check.MaxLen(field, len(prefixes), maxFilters, bad)
	for i, p := range prefixes {
		if !invalid.IsToken(p) && (len(p) < 2 || len(p) > 256 || !namePrefix.MatchString(p)) {
			bad.Add(check.Index(field, i), `must be the first 2 or more characters of repository names, such as "team/"`).Given(p)
		}
	}
}

// ReplicationPermissionProps configure who may copy images into a registry.
type ReplicationPermissionProps struct {
	// SourceAccounts are the ids of the accounts that copy. Required.
	SourceAccounts []string
	// RepositoryPrefixes are what the names of their repositories begin with. Default: all repositories.
	RepositoryPrefixes []string
}

// ReplicationPermission is the policy of a registry that lets other accounts copy images into it.
type ReplicationPermission struct {
	constructs.Construct
	// Policy is the CDK's own.
	Policy awsecr.CfnRegistryPolicy
}

// NewReplicationPermission lets other accounts copy images into the registry of this account and Region, and make the
// repositories for them. There is one policy for each account and Region, so use it in one stack only. If the registry has a policy
// already, CloudFormation doesn't replace it: the deployment fails with "already exists". It panics with *invalid.Error if the props are
// invalid.
// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-ecr (aws-ecr-registrypolicy, CreateHandler)
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-examples.html
func NewReplicationPermission(scope constructs.Construct, id string, props *ReplicationPermissionProps) *ReplicationPermission {
	p := opt.Value(props)
	invalid.Refuse(scope, id, p.Validate())

	r := &ReplicationPermission{}
	source.Create(r, scope, id)
	stack := awscdk.Stack_Of(r)
	var principals, repositories []string
	for _, account := range p.SourceAccounts {
		principals = append(principals, "arn:"+*stack.Partition()+":iam::"+account+":root")
	}
	for _, prefix := range p.RepositoryPrefixes {
		repositories = append(repositories, *repositoryArn(stack, prefix+"*"))
	}
	if len(repositories) == 0 {
		repositories = []string{*repositoryArn(stack, "*")}
	}
	r.Policy = awsecr.NewCfnRegistryPolicy(r, jsii.String("Policy"), &awsecr.CfnRegistryPolicyProps{PolicyText: map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Sid": "Replicate", "Effect": "Allow", "Principal": map[string]any{"AWS": principals},
			"Action": []string{"ecr:CreateRepository", "ecr:ReplicateImage"}, "Resource": repositories,
		}},
	}})
	return r
}

// RegistryId returns the account ID of the registry.
func (r *ReplicationPermission) RegistryId() string { return *r.Policy.AttrRegistryId() }

// Validate returns all problems of the props, or nil.
func (p *ReplicationPermissionProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	if len(p.SourceAccounts) == 0 {
		bad.Add("SourceAccounts", "is required: the accounts that copy their images here")
	}
	checkAccounts("SourceAccounts", p.SourceAccounts, &bad)
	checkPrefixes("RepositoryPrefixes", p.RepositoryPrefixes, &bad)
	return bad.Err()
}
