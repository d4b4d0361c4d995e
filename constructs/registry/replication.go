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
	"awscontainers/internal/opt"
)

// ReplicationProps describe where a registry copies its images to.
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

// NewReplication sets where the registry copies its images to. There is one such setting for each account and Region: it
// replaces what was set before. So it belongs into one stack alone. It panics with *invalid.Error when the props are wrong.
func NewReplication(scope constructs.Construct, id string, props *ReplicationProps) *Replication {
	var p ReplicationProps
	if props != nil {
		p = *props
	}
	stack := awscdk.Stack_Of(scope)
	invalid.Refuse(scope, id, p.validate(*stack.Account(), *stack.Region()))

	r := &Replication{}
	constructs.NewConstruct_Override(r, scope, &id)
	rules := make([]any, len(p.Rules))
	for i, rule := range p.Rules {
		rules[i] = rule.cdk(stack)
	}
	r.Configuration = awsecr.NewCfnReplicationConfiguration(r, jsii.String("Configuration"), &awsecr.CfnReplicationConfigurationProps{
		ReplicationConfiguration: &awsecr.CfnReplicationConfiguration_ReplicationConfigurationProperty{Rules: rules},
	})
	return r
}

// RegistryId is the account whose registry it is, for an output.
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
	mostReplicationRules        = 10
	mostReplicationDestinations = 25
)

var (
	// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
	regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d$`)
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecr-replicationconfiguration-repositoryfilter.html
	namePrefix = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]*)*/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$`)
)

// IsRegion tells whether a text has the form of a Region's name.
func IsRegion(name string) bool { return regionName.MatchString(name) }

// validate takes the account and the Region of the registry, which may be tokens.
func (p *ReplicationProps) validate(account, region string) error {
	var bad invalid.Problems
	if n := len(p.Rules); n == 0 || n > mostReplicationRules {
		bad.Add("Rules", "are %d; give 1 to %d", n, mostReplicationRules)
	}
	destinations := map[ReplicationDestination]bool{}
	for i, rule := range p.Rules {
		bad.Nest(fmt.Sprintf("Rules[%d]", i), rule.check(account, region))
		for _, d := range rule.Destinations {
			destinations[d] = true
		}
	}
	if len(destinations) > mostReplicationDestinations {
		bad.Add("Rules", "have %d destinations together; use up to %d", len(destinations), mostReplicationDestinations)
	}
	return bad.Err()
}

func (r *ReplicationRule) check(account, region string) error {
	var bad invalid.Problems
	if len(r.Destinations) == 0 {
		bad.Add("Destinations", "is empty; name the Regions to copy to")
	}
	for i, d := range r.Destinations {
		field := fmt.Sprintf("Destinations[%d]", i)
		if !invalid.IsToken(d.Region) && !IsRegion(d.Region) {
			bad.Add(field+".Region", `%q is no Region; write it as "eu-west-1"`, d.Region)
		}
		if d.Account != "" {
			checkAccount(field+".Account", d.Account, &bad)
		}
		if d.Region == region && (d.Account == "" || d.Account == account) {
			bad.Add(field+".Region", "%q is that of the registry itself; name others", d.Region)
		}
		if slices.Index(r.Destinations, d) < i {
			bad.Add(field, "is named twice; leave one out")
		}
	}
	checkPrefixes("RepositoryPrefixes", r.RepositoryPrefixes, &bad)
	return bad.Err()
}

func checkAccount(field, account string, bad *invalid.Problems) {
	if !invalid.IsToken(account) && !IsAccountId(account) {
		bad.Add(field, `%q is not the id of an account; write its twelve digits, "111122223333"`, account)
	}
}

func checkPrefixes(field string, prefixes []string, bad *invalid.Problems) {
	if len(prefixes) > mostFilters {
		bad.Add(field, "are %d; use up to %d", len(prefixes), mostFilters)
	}
	for i, p := range prefixes {
		if !invalid.IsToken(p) && (len(p) < 2 || len(p) > 256 || !namePrefix.MatchString(p)) {
			bad.Add(fmt.Sprintf("%s[%d]", field, i), `%q is not what a repository's name can begin with; use 2 characters or more of it, "team/"`, p)
		}
	}
}

// ReplicationPermissionProps describe who may copy images into a registry.
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
// repositories for them. There is one policy for each account and Region: it replaces what was set before. So it belongs into
// one stack alone. It panics with *invalid.Error when the props are wrong.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-examples.html
func NewReplicationPermission(scope constructs.Construct, id string, props *ReplicationPermissionProps) *ReplicationPermission {
	var p ReplicationPermissionProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())

	r := &ReplicationPermission{}
	constructs.NewConstruct_Override(r, scope, &id)
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

// RegistryId is the account whose registry it is, for an output.
func (r *ReplicationPermission) RegistryId() string { return *r.Policy.AttrRegistryId() }

func (p *ReplicationPermissionProps) validate() error {
	var bad invalid.Problems
	if len(p.SourceAccounts) == 0 {
		bad.Add("SourceAccounts", "is empty; name the accounts that copy their images here")
	}
	checkAccounts("SourceAccounts", p.SourceAccounts, &bad)
	checkPrefixes("RepositoryPrefixes", p.RepositoryPrefixes, &bad)
	return bad.Err()
}

// repositoryArn is the ARN of a repository in a stack's account and Region.
func repositoryArn(stack awscdk.Stack, name string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("ecr"), Resource: jsii.String("repository"), ResourceName: &name})
}
