package registry

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// LifecycleRule says how long images of certain tags are kept: the newest ones, or for some days. ECR deletes the others,
// with all their tags, within a day.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
type LifecycleRule struct {
	// TagPattern selects the tags, with up to four wildcards: "ci-*", "*" for all. It is one pattern, because ECR would take several
	// to mean images that have them all. Required.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
	TagPattern string
	// KeepLast is how many images to keep, the newest by when they were pushed. For tags that are deployed it is 3 or more: what
	// runs, what to go back to, and what is pushed next; better more than you ever push between two deployments. Default: any
	// number, with KeepDays.
	KeepLast int
	// KeepDays is for how many days after their push images are kept; not for tags that are deployed, for what runs grows old
	// as well. Default: forever, with KeepLast.
	KeepDays int
}

// anyTag is the pattern of all tags.
const anyTag = "*"

const (
	minDeployed = 3 // see LifecycleRule.KeepLast
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
	keepAll      = 100_000 // more images than a repository may hold
	maxRules     = 50
	maxWildcards = 4
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
	maxMutableTags = 5
)

// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html
var tagPattern = regexp.MustCompile(`^[0-9a-zA-Z._*-]{1,128}$`)

// hasAllTags reports whether a pattern has all tags of another, of which a plain tag is the simplest kind.
func hasAllTags(pattern, tags string) bool {
	// A wildcard of the other stands for text that no pattern spells out: only a wildcard can have it.
	text := strings.ReplaceAll(tags, "*", "\x00")
	parts := strings.Split(pattern, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`^(?s:` + strings.Join(parts, ".*") + `)$`).MatchString(text)
}

// hasCommonTag reports whether there is a tag that two patterns both have.
func hasCommonTag(a, b string) bool {
	switch {
	case a == "" && b == "":
		return true
	case strings.HasPrefix(a, "*"):
		return hasCommonTag(a[1:], b) || b != "" && hasCommonTag(a, b[1:])
	case strings.HasPrefix(b, "*"):
		return hasCommonTag(b, a)
	default:
		return a != "" && b != "" && a[0] == b[0] && hasCommonTag(a[1:], b[1:])
	}
}

func anyMatches(patterns []string, tags string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return hasAllTags(p, tags) })
}

// order puts the rules so that none expires what may run. An image that a rule of higher priority selects, ECR does not let
// a later one expire; and it selects an image by any of its tags, of which "v1.4.2" and "ci-77" may be two. So deployed tags come
// first: those without a rule of their own by one that keeps them all.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
func order(deployed []string, rules []LifecycleRule) []LifecycleRule {
	var ofDeployed, others, first, last []LifecycleRule
	for _, r := range rules {
		if anyMatches(deployed, r.TagPattern) {
			ofDeployed = append(ofDeployed, r)
		} else {
			others = append(others, r)
		}
	}
	for _, tags := range deployed {
		guard := LifecycleRule{TagPattern: tags, KeepLast: keepAll}
		within := func(r LifecycleRule) bool { return hasAllTags(tags, r.TagPattern) }
		same := func(r LifecycleRule) bool { return r.TagPattern == tags }
		switch {
		case len(rules) == 0 || slices.ContainsFunc(ofDeployed, same):
		case !slices.ContainsFunc(ofDeployed, within):
			first = append(first, guard)
		case len(others) > 0:
			last = append(last, guard)
		}
	}
	return slices.Concat(first, ofDeployed, last, others)
}

// expiring is the index of the rule that would expire an image of this one tag while it runs, or -1.
func expiring(deployed []string, rules []LifecycleRule, tag string) int {
	if anyMatches(deployed, tag) {
		return -1
	}
	return slices.IndexFunc(rules, func(r LifecycleRule) bool { return hasAllTags(r.TagPattern, tag) })
}

// description is what the console and the CLI show.
func (r LifecycleRule) description() string {
	switch {
	case r.KeepLast == keepAll:
		return fmt.Sprintf("Never expire %s, which may run", r.TagPattern)
	case r.KeepLast > 0:
		return fmt.Sprintf("Keep the last %d of %s", r.KeepLast, r.TagPattern)
	default:
		return fmt.Sprintf("Keep %s for %d days", r.TagPattern, r.KeepDays)
	}
}

func untaggedDescription(days int) string {
	return fmt.Sprintf("Keep images without a tag for %d days", days)
}

// cdkRules are the rules as awsecr.Repository takes them; untaggedDays is 0 for none about images without a tag.
func cdkRules(rules []LifecycleRule, untaggedDays int) *[]*awsecr.LifecycleRule {
	var rendered []*awsecr.LifecycleRule
	for i, r := range rules {
		rule := &awsecr.LifecycleRule{
			RulePriority: jsii.Number(i + 1), Description: jsii.String(r.description()),
			TagStatus: awsecr.TagStatus_TAGGED, TagPatternList: jsii.Strings(r.TagPattern),
		}
		if r.KeepLast > 0 {
			rule.MaxImageCount = jsii.Number(r.KeepLast)
		} else {
			rule.MaxImageAge = awscdk.Duration_Days(jsii.Number(r.KeepDays))
		}
		rendered = append(rendered, rule)
	}
	if untaggedDays > 0 {
		rendered = append(rendered, &awsecr.LifecycleRule{
			RulePriority: jsii.Number(len(rules) + 1), Description: jsii.String(untaggedDescription(untaggedDays)),
			TagStatus: awsecr.TagStatus_UNTAGGED, MaxImageAge: awscdk.Duration_Days(jsii.Number(untaggedDays)),
		})
	}
	if rendered == nil {
		return nil
	}
	return &rendered
}

// untaggedPolicy is the one rule about images without a tag, as a creation template takes it.
func untaggedPolicy(days int) *string {
	type selection struct {
		TagStatus   string `json:"tagStatus"`
		CountType   string `json:"countType"`
		CountUnit   string `json:"countUnit"`
		CountNumber int    `json:"countNumber"`
	}
	type rule struct {
		RulePriority int               `json:"rulePriority"`
		Description  string            `json:"description"`
		Selection    selection         `json:"selection"`
		Action       map[string]string `json:"action"`
	}
	text, err := json.Marshal(map[string][]rule{"rules": {{
		RulePriority: 1, Description: untaggedDescription(days),
		Selection: selection{"untagged", "sinceImagePushed", "days", days},
		Action:    map[string]string{"type": "expire"},
	}}})
	if err != nil {
		panic(err) // no such value can be made above
	}
	return jsii.String(string(text))
}

func checkTagPatterns(field string, patterns []string, bad *invalid.Problems) {
	for i, p := range patterns {
		checkTagPattern(check.Index(field, i), p, bad)
		check.Once(field, patterns, i, bad)
	}
}

func checkTagPattern(field, p string, bad *invalid.Problems) {
	switch {
	case invalid.IsToken(p):
		check.Literal(field, p, "lifecycle rules are ordered by it", bad)
	case p == "":
		bad.Add(field, `is required: tags such as "ci-*", or "*" for all`)
	case !tagPattern.MatchString(p):
		bad.Add(field, "must be 1 to 128 letters, digits and . _ - *").Given(p)
	case strings.Count(p, "*") > maxWildcards:
		bad.Add(field, "must have at most %d wildcards", maxWildcards).Given(p)
	}
}

// checkRules refuses rules that would expire what is deployed, and those that ECR would refuse or never apply.
func checkRules(deployed []string, rules []LifecycleRule, bad *invalid.Problems) {
	before := len(*bad)
	for i, r := range rules {
		bad.Nest(check.Index("LifecycleRules", i), r.validate(deployed))
	}
	if len(*bad) > before {
		return // the order of rules that are wrong tells nothing
	}
	if n := len(order(deployed, rules)); n >= maxRules { // one more is for images without a tag
		bad.Add("LifecycleRules", "must have at most %d elements, including the rules that protect DeployedTags", maxRules-1).Given(n)
	}
	for i, r := range rules {
		for j, earlier := range rules {
			// Each is among its like: those of deployed tags come first anyhow.
			isLike := anyMatches(deployed, r.TagPattern) == anyMatches(deployed, earlier.TagPattern)
			if j < i && isLike && hasAllTags(earlier.TagPattern, r.TagPattern) {
				bad.Add(check.Index("LifecycleRules", i)+".TagPattern",
					"must not be covered by the pattern %q of LifecycleRules[%d], which matches all of its images", earlier.TagPattern, j).
					Given(r.TagPattern).Advise("put it first or remove it")
				break
			}
		}
	}
}

func (r *LifecycleRule) validate(deployed []string) error {
	var bad invalid.Problems
	checkTagPattern("TagPattern", r.TagPattern, &bad)
	isDeployed := anyMatches(deployed, r.TagPattern)
	switch {
	case r.KeepLast < 0:
		check.Min("KeepLast", r.KeepLast, 1, &bad)
	case r.KeepDays < 0:
		check.Min("KeepDays", r.KeepDays, 1, &bad)
	case (r.KeepLast == 0) == (r.KeepDays == 0):
		bad.Add("", "must have exactly one of KeepLast and KeepDays")
	case isDeployed && r.KeepDays > 0:
		bad.Add("KeepDays", "must not be set for tags among DeployedTags (%s), because age doesn't show what is deployed",
			strings.Join(deployed, ", ")).Given(r.KeepDays).Advise("use KeepLast, or list in DeployedTags only the tags that are deployed")
	case isDeployed && r.KeepLast < minDeployed:
		bad.Add("KeepLast", "must be %d or greater for tags among DeployedTags (%s): what runs, what to roll back to, and what is pushed next",
			minDeployed, strings.Join(deployed, ", ")).Given(r.KeepLast)
	}
	return bad.Err()
}
