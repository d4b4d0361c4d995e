package registry

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/stretchr/testify/assert"
)

// anyKey stands for one where only its presence counts.
type anyKey struct{ awskms.IKey }

// refused compares every line of what is refused.
func refused(t *testing.T, err error, want []string) {
	t.Helper()
	if len(want) == 0 {
		assert.NoError(t, err)
		return
	}
	assert.EqualError(t, err, strings.Join(want, "\n"))
}

func TestRepositories(t *testing.T) {
	last := func(pattern string, n int) LifecycleRule { return LifecycleRule{TagPattern: pattern, KeepLast: n} }
	days := func(pattern string, n int) LifecycleRule { return LifecycleRule{TagPattern: pattern, KeepDays: n} }
	for name, c := range map[string]struct {
		props RepositoryProps
		want  []string
	}{
		"least": {RepositoryProps{}, nil},
		"all": {RepositoryProps{RepositoryName: "team/web", MovingTags: []string{"latest", "main-*"}, EncryptionKey: anyKey{}, RunningTags: []string{"v*", "prod"},
			LifecycleRules: []LifecycleRule{last("v*", 20), days("ci-*", 14), last("*", 50)}, KeepUntaggedDays: 3,
			PullAccounts: []string{"111122223333"}, PullOrganizations: []string{"o-exampleorgid"}}, nil},
		"open":                            {RepositoryProps{RepositoryName: "${Token[P.4]}", PullAccounts: []string{"${Token[P.5]}"}, PullOrganizations: []string{"${Token[P.6]}"}}, nil},
		"all tags move":                   {RepositoryProps{MovingTags: []string{"*"}}, nil},
		"last of all":                     {RepositoryProps{LifecycleRules: []LifecycleRule{last("*", 3)}}, nil},
		"last of builds":                  {RepositoryProps{RunningTags: []string{"v*"}, LifecycleRules: []LifecycleRule{last("ci-*", 1)}}, nil},
		"days of others":                  {RepositoryProps{RunningTags: []string{"v*"}, LifecycleRules: []LifecycleRule{days("*", 14)}}, nil},
		"narrower, wider":                 {RepositoryProps{LifecycleRules: []LifecycleRule{last("v1*", 5), last("v*", 5)}}, nil},
		"untagged, what moves is not run": {RepositoryProps{MovingTags: []string{"latest"}, RunningTags: []string{"v*"}, KeepUntaggedDays: 1}, nil},
		"name": {RepositoryProps{RepositoryName: "Team/Web"},
			[]string{`RepositoryName "Team/Web" is not the name of a repository; use 2 to 256 lower-case letters and digits with ._-/ between them, such as "team/web"`}},
		"short name": {RepositoryProps{RepositoryName: "w"},
			[]string{`RepositoryName "w" is not the name of a repository; use 2 to 256 lower-case letters and digits with ._-/ between them, such as "team/web"`}},
		"two keys": {RepositoryProps{OwnKey: true, EncryptionKey: anyKey{}},
			[]string{"OwnKey is true beside an EncryptionKey; a repository has one key, give one of them"}},

		// What would expire what is running.
		"any tag, by age": {RepositoryProps{LifecycleRules: []LifecycleRule{days("*", 30)}},
			[]string{`LifecycleRules[0].KeepDays 30 would expire "*" while it runs, for age does not tell what is deployed, and RunningTags are ["*"]; use KeepLast, or name in RunningTags only the tags that are deployed`}},
		"releases, by age": {RepositoryProps{RunningTags: []string{"v*"}, LifecycleRules: []LifecycleRule{days("v1.*", 365)}},
			[]string{`LifecycleRules[0].KeepDays 365 would expire "v1.*" while it runs, for age does not tell what is deployed, and RunningTags are ["v*"]; use KeepLast, or name in RunningTags only the tags that are deployed`}},
		"too few to go back": {RepositoryProps{LifecycleRules: []LifecycleRule{last("*", 2)}},
			[]string{`LifecycleRules[0].KeepLast 2 would expire "*" while it runs or is to be rolled back to, and RunningTags are ["*"]; use 3 or more: what runs, what to go back to, and what is pushed next`}},
		"untagged, what runs moves": {RepositoryProps{MovingTags: []string{"latest"}, KeepUntaggedDays: 7},
			[]string{`KeepUntaggedDays 7 would expire what is running: a tag of MovingTags ["latest"] that moves on leaves its image without a tag, and ECS goes on starting it by digest; leave it out, or name in RunningTags only tags that do not move`}},
		"untagged, patterns meet": {RepositoryProps{MovingTags: []string{"*-latest"}, RunningTags: []string{"prod-*"}, KeepUntaggedDays: 90},
			[]string{`KeepUntaggedDays 90 would expire what is running: a tag of MovingTags ["*-latest"] that moves on leaves its image without a tag, and ECS goes on starting it by digest; leave it out, or name in RunningTags only tags that do not move`}},

		"no pattern": {RepositoryProps{LifecycleRules: []LifecycleRule{last("", 5)}},
			[]string{`LifecycleRules[0].TagPattern is empty; name the tags, such as "ci-*", or "*" for all`}},
		"no tag": {RepositoryProps{LifecycleRules: []LifecycleRule{last("ci/*", 5)}},
			[]string{`LifecycleRules[0].TagPattern "ci/*" is no pattern for tags; use up to 128 letters, digits and ._-*`}},
		"open pattern": {RepositoryProps{RunningTags: []string{"${Token[P.4]}"}},
			[]string{"RunningTags[0] is known only when the stack is deployed; write the tags out, for the rules are put in order by them"}},
		"wildcards": {RepositoryProps{LifecycleRules: []LifecycleRule{last("*a*b*c*d*", 5)}},
			[]string{`LifecycleRules[0].TagPattern "*a*b*c*d*" has 5 wildcards; use up to 4`}},
		"neither": {RepositoryProps{LifecycleRules: []LifecycleRule{{TagPattern: "ci-*"}}},
			[]string{"LifecycleRules[0] keeps 0 images and 0 days; give one of KeepLast and KeepDays"}},
		"both": {RepositoryProps{RunningTags: []string{"v*"}, LifecycleRules: []LifecycleRule{{TagPattern: "ci-*", KeepLast: 3, KeepDays: 3}}},
			[]string{"LifecycleRules[0] keeps 3 images and 3 days; give one of KeepLast and KeepDays"}},
		"negative": {RepositoryProps{KeepUntaggedDays: -1, LifecycleRules: []LifecycleRule{last("a*", -1), days("b*", -2)}},
			[]string{"LifecycleRules[0].KeepLast -1 is no number of images; use 1 or more", "LifecycleRules[1].KeepDays -2 is no number of days; use 1 or more",
				"KeepUntaggedDays -1 is no number of days; use 1 or more"}},
		"in the shadow": {RepositoryProps{LifecycleRules: []LifecycleRule{last("v*", 5), last("v1*", 5)}},
			[]string{`LifecycleRules[1].TagPattern "v1*" would have no effect after LifecycleRules[0], whose "v*" has all of its images; put it first or leave it out`}},
		"untagged twice": {RepositoryProps{KeepUntagged: true, KeepUntaggedDays: 7},
			[]string{"KeepUntaggedDays is 7 beside KeepUntagged, which keeps them forever; give one of them"}},
		"too many that move": {RepositoryProps{MovingTags: []string{"a", "b", "c", "d", "e", "f"}},
			[]string{"MovingTags are 6 patterns; use up to 5"}},
		"twice": {RepositoryProps{MovingTags: []string{"a", "a"}, PullAccounts: []string{"111122223333", "111122223333"}},
			[]string{`MovingTags[1] "a" is named twice; leave one out`, `PullAccounts[1] "111122223333" is named twice; leave one out`}},
		"pullers": {RepositoryProps{PullAccounts: []string{"1111-2222-3333"}, PullOrganizations: []string{"example"}},
			[]string{`PullAccounts[0] "1111-2222-3333" is not the id of an account; write its twelve digits, "111122223333"`,
				`PullOrganizations[0] "example" is not the id of an organization; write it as "o-exampleorgid"`}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refused(t, c.props.validate(), c.want)
		})
	}
	many := RepositoryProps{RunningTags: []string{"v*"}}
	for i := range 49 {
		many.LifecycleRules = append(many.LifecycleRules, last(fmt.Sprintf("b%02d*", i), 5))
	}
	refused(t, many.validate(), []string{"LifecycleRules make 50 rules with those that protect RunningTags, and one is for images without a tag; use fewer, up to 50 together"})
}

// An image of several tags is expired with all of them: those that run come first, and no later rule then touches them.
func TestRulesOfRunningTagsComeFirst(t *testing.T) {
	last := func(pattern string, n int) LifecycleRule { return LifecycleRule{TagPattern: pattern, KeepLast: n} }
	for name, c := range map[string]struct {
		running     []string
		rules, want []LifecycleRule
	}{
		"no rules":       {[]string{"v*"}, nil, nil},
		"any tag":        {[]string{"*"}, []LifecycleRule{last("ci-*", 5), last("*", 9)}, []LifecycleRule{last("ci-*", 5), last("*", 9)}},
		"protected":      {[]string{"v*"}, []LifecycleRule{last("*", 9)}, []LifecycleRule{last("v*", keepAll), last("*", 9)}},
		"own rule":       {[]string{"v*"}, []LifecycleRule{last("ci-*", 5), last("v*", 9)}, []LifecycleRule{last("v*", 9), last("ci-*", 5)}},
		"one of two":     {[]string{"v*", "prod"}, []LifecycleRule{last("v*", 9)}, []LifecycleRule{last("prod", keepAll), last("v*", 9)}},
		"narrower first": {[]string{"v*"}, []LifecycleRule{last("*", 5), last("v1*", 9)}, []LifecycleRule{last("v1*", 9), last("v*", keepAll), last("*", 5)}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, order(c.running, c.rules)) })
	}
}

func TestTagPatterns(t *testing.T) {
	for _, c := range []struct {
		a, b             string
		matches, overlap bool
	}{
		{"*", "v1", true, true}, {"v*", "v1.4.2", true, true}, {"v*", "v*", true, true}, {"v*", "v1*", true, true}, {"v1*", "v*", false, true},
		{"v*", "*", false, true}, {"v.", "vx", false, false}, {"prod", "production", false, false}, {"*-rc", "v*", false, true}, {"a*b", "ab", true, true},
		{"a*b", "a*c", false, false}, {"v*", "ci-*", false, false}, {"*a*", "b", false, false}, {"*", "", true, true},
	} {
		assert.Equal(t, c.matches, matches(c.a, c.b), "%s has all of %s", c.a, c.b)
		assert.Equal(t, c.overlap, overlap(c.a, c.b), "%s and %s", c.a, c.b)
		assert.Equal(t, c.overlap, overlap(c.b, c.a), "%s and %s", c.b, c.a)
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
		"may run":              {RepositoryProps{MovingTags: []string{"latest"}}, 0},
		"moves but is not run": {RepositoryProps{MovingTags: []string{"latest"}, RunningTags: []string{"v*"}}, 7},
	} {
		c.props.setDefaults()
		assert.Equal(t, c.want, c.props.untaggedDays(), name)
	}
}
