package registry

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/internal/expect"
	"awscontainers/internal/fake"
)

func TestRepositories(t *testing.T) {
	last := func(pattern string, n int) LifecycleRule { return LifecycleRule{TagPattern: pattern, KeepLast: n} }
	days := func(pattern string, n int) LifecycleRule { return LifecycleRule{TagPattern: pattern, KeepDays: n} }
	const badName = `RepositoryName must be 2 to 256 lowercase letters and digits, separated by . _ - or /, such as "team/web"; got `
	const byCount = "use KeepLast, or list in DeployedTags only the tags that are deployed"
	untagged := func(mutable string, days int) string {
		return fmt.Sprintf("KeepUntaggedDays must not be set if MutableTags (%s) may be deployed: a tag that moves leaves its image "+
			"untagged, and ECS keeps starting it by digest; got %d; remove it, or list in DeployedTags only tags that don't move", mutable, days)
	}
	for name, c := range map[string]struct {
		props RepositoryProps
		want  []string
	}{
		"minimum": {RepositoryProps{}, nil},
		"all": {RepositoryProps{RepositoryName: "team/web", MutableTags: []string{"latest", "main-*"}, EncryptionKey: fake.Key{},
			DeployedTags:   []string{"v*", "prod"},
			LifecycleRules: []LifecycleRule{last("v*", 20), days("ci-*", 14), last("*", 50)}, KeepUntaggedDays: 3,
			PullAccounts: []string{"111122223333"}, PullOrganizations: []string{"o-exampleorgid"}}, nil},
		"open": {RepositoryProps{RepositoryName: "${Token[P.4]}", PullAccounts: []string{"${Token[P.5]}"},
			PullOrganizations: []string{"${Token[P.6]}"}}, nil},
		"all tags move":   {RepositoryProps{MutableTags: []string{"*"}}, nil},
		"last of all":     {RepositoryProps{LifecycleRules: []LifecycleRule{last("*", 3)}}, nil},
		"last of builds":  {RepositoryProps{DeployedTags: []string{"v*"}, LifecycleRules: []LifecycleRule{last("ci-*", 1)}}, nil},
		"days of others":  {RepositoryProps{DeployedTags: []string{"v*"}, LifecycleRules: []LifecycleRule{days("*", 14)}}, nil},
		"narrower, wider": {RepositoryProps{LifecycleRules: []LifecycleRule{last("v1*", 5), last("v*", 5)}}, nil},
		"untagged, what moves is not run": {RepositoryProps{MutableTags: []string{"latest"}, DeployedTags: []string{"v*"}, KeepUntaggedDays: 1},
			nil},
		"name":       {RepositoryProps{RepositoryName: "Team/Web"}, []string{badName + `"Team/Web"`}},
		"short name": {RepositoryProps{RepositoryName: "w"}, []string{badName + `"w"`}},
		"two keys": {RepositoryProps{CreateEncryptionKey: true, EncryptionKey: fake.Key{}},
			[]string{"CreateEncryptionKey must not be set together with EncryptionKey; remove one of them"}},

		// What would expire what is deployed.
		"any tag, by age": {RepositoryProps{LifecycleRules: []LifecycleRule{days("*", 30)}}, []string{
			"LifecycleRules[0].KeepDays must not be set for tags among DeployedTags (*), because age doesn't show what is deployed; got 30; " +
				byCount}},
		"releases, by age": {RepositoryProps{DeployedTags: []string{"v*", "prod"}, LifecycleRules: []LifecycleRule{days("v1.*", 365)}}, []string{
			"LifecycleRules[0].KeepDays must not be set for tags among DeployedTags (v*, prod), because age doesn't show what is deployed; got " +
				"365; " + byCount}},
		"too few to go back": {RepositoryProps{LifecycleRules: []LifecycleRule{last("*", 2)}}, []string{
			"LifecycleRules[0].KeepLast must be 3 or greater for tags among DeployedTags (*): what runs, what to roll back to, and what is " +
				"pushed next; got 2"}},
		"untagged, what runs moves": {RepositoryProps{MutableTags: []string{"latest"}, KeepUntaggedDays: 7}, []string{untagged("latest", 7)}},
		"untagged, patterns meet": {RepositoryProps{MutableTags: []string{"*-latest"}, DeployedTags: []string{"prod-*"}, KeepUntaggedDays: 90},
			[]string{untagged("*-latest", 90)}},

		"no pattern": {RepositoryProps{LifecycleRules: []LifecycleRule{last("", 5)}},
			[]string{`LifecycleRules[0].TagPattern is required: tags such as "ci-*", or "*" for all`}},
		"no tag": {RepositoryProps{LifecycleRules: []LifecycleRule{last("ci/*", 5)}},
			[]string{`LifecycleRules[0].TagPattern must be 1 to 128 letters, digits and . _ - *; got "ci/*"`}},
		"open pattern": {RepositoryProps{DeployedTags: []string{"${Token[P.4]}"}},
			[]string{"DeployedTags[0] must be a literal, not a CDK token, because lifecycle rules are ordered by it"}},
		"wildcards": {RepositoryProps{LifecycleRules: []LifecycleRule{last("*a*b*c*d*", 5)}},
			[]string{`LifecycleRules[0].TagPattern must have at most 4 wildcards; got "*a*b*c*d*"`}},
		"neither": {RepositoryProps{LifecycleRules: []LifecycleRule{{TagPattern: "ci-*"}}},
			[]string{"LifecycleRules[0] must have exactly one of KeepLast and KeepDays"}},
		"both": {RepositoryProps{DeployedTags: []string{"v*"}, LifecycleRules: []LifecycleRule{{TagPattern: "ci-*", KeepLast: 3, KeepDays: 3}}},
			[]string{"LifecycleRules[0] must have exactly one of KeepLast and KeepDays"}},
		"negative": {RepositoryProps{KeepUntaggedDays: -1, LifecycleRules: []LifecycleRule{last("a*", -1), days("b*", -2)}},
			[]string{"LifecycleRules[0].KeepLast must be 1 or greater; got -1", "LifecycleRules[1].KeepDays must be 1 or greater; got -2",
				"KeepUntaggedDays must be 1 or greater; got -1"}},
		"in the shadow": {RepositoryProps{LifecycleRules: []LifecycleRule{last("v*", 5), last("v1*", 5)}},
			[]string{`LifecycleRules[1].TagPattern must not be covered by the pattern "v*" of LifecycleRules[0], which matches all of its images; ` +
				`got "v1*"; put it first or remove it`}},
		"untagged twice": {RepositoryProps{KeepUntagged: true, KeepUntaggedDays: 7},
			[]string{"KeepUntaggedDays must not be set together with KeepUntagged; got 7; remove one of them"}},
		"too many that move": {RepositoryProps{MutableTags: []string{"a", "b", "c", "d", "e", "f"}},
			[]string{"MutableTags must have at most 5 elements; got 6"}},
		"twice": {RepositoryProps{MutableTags: []string{"a", "a"}, PullAccounts: []string{"111122223333", "111122223333"}},
			[]string{`MutableTags[1] must not repeat MutableTags[0]; got "a"`, "PullAccounts[1] must not repeat PullAccounts[0]; got " +
				`"111122223333"`}},
		"pullers": {RepositoryProps{PullAccounts: []string{"1111-2222-3333"}, PullOrganizations: []string{"example"}},
			[]string{`PullAccounts[0] must be an AWS account ID such as "111122223333"; got "1111-2222-3333"`,
				`PullOrganizations[0] must be an organization ID such as "o-exampleorgid"; got "example"`}},
	} {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, c.props.Validate(), c.want...)
		})
	}
	many := RepositoryProps{DeployedTags: []string{"v*"}}
	for i := range 49 {
		many.LifecycleRules = append(many.LifecycleRules, last(fmt.Sprintf("b%02d*", i), 5))
	}
	expect.Problems(t, many.Validate(), "LifecycleRules must have at most 49 elements, including the rules that protect DeployedTags; got 50")
}

// An image of several tags is expired with all of them: those that run come first, and no later rule then touches them.
func TestRulesOfDeployedTagsComeFirst(t *testing.T) {
	last := func(pattern string, n int) LifecycleRule { return LifecycleRule{TagPattern: pattern, KeepLast: n} }
	for name, c := range map[string]struct {
		deployed    []string
		rules, want []LifecycleRule
	}{
		"no rules":   {[]string{"v*"}, nil, nil},
		"any tag":    {[]string{"*"}, []LifecycleRule{last("ci-*", 5), last("*", 9)}, []LifecycleRule{last("ci-*", 5), last("*", 9)}},
		"protected":  {[]string{"v*"}, []LifecycleRule{last("*", 9)}, []LifecycleRule{last("v*", keepAll), last("*", 9)}},
		"own rule":   {[]string{"v*"}, []LifecycleRule{last("ci-*", 5), last("v*", 9)}, []LifecycleRule{last("v*", 9), last("ci-*", 5)}},
		"one of two": {[]string{"v*", "prod"}, []LifecycleRule{last("v*", 9)}, []LifecycleRule{last("prod", keepAll), last("v*", 9)}},
		"narrower first": {[]string{"v*"}, []LifecycleRule{last("*", 5), last("v1*", 9)},
			[]LifecycleRule{last("v1*", 9), last("v*", keepAll), last("*", 5)}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, order(c.deployed, c.rules)) })
	}
}

func TestTagPatterns(t *testing.T) {
	for _, c := range []struct {
		a, b             string
		matches, overlap bool
	}{
		{"*", "v1", true, true}, {"v*", "v1.4.2", true, true}, {"v*", "v*", true, true}, {"v*", "v1*", true, true}, {"v1*", "v*", false, true},
		{"v*", "*", false, true}, {"v.", "vx", false, false}, {"prod", "production", false, false}, {"*-rc", "v*", false, true},
		{"a*b", "ab", true, true},
		{"a*b", "a*c", false, false}, {"v*", "ci-*", false, false}, {"*a*", "b", false, false}, {"*", "", true, true},
	} {
		assert.Equal(t, c.matches, hasAllTags(c.a, c.b), "%s has all of %s", c.a, c.b)
		assert.Equal(t, c.overlap, hasCommonTag(c.a, c.b), "%s and %s", c.a, c.b)
		assert.Equal(t, c.overlap, hasCommonTag(c.b, c.a), "%s and %s", c.b, c.a)
	}
}

func TestUntaggedImages(t *testing.T) {
	for name, c := range map[string]struct {
		props RepositoryProps
		want  int
	}{
		"default":              {RepositoryProps{}, 7},
		"given":                {RepositoryProps{KeepUntaggedDays: 30}, 30},
		"kept":                 {RepositoryProps{KeepUntagged: true}, 0},
		"may run":              {RepositoryProps{MutableTags: []string{"latest"}}, 0},
		"moves but is not run": {RepositoryProps{MutableTags: []string{"latest"}, DeployedTags: []string{"v*"}}, 7},
	} {
		c.props.setDefaults()
		assert.Equal(t, c.want, c.props.untaggedDays(), name)
	}
}
