package check_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/fake"
)

func TestIdsOfChats(t *testing.T) {
	const teamsChannel = "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"
	for name, c := range map[string]struct {
		check     func(field, id string, bad *invalid.Problems)
		good, bad []string
	}{
		"workspace": {check.SlackWorkspaceId, []string{"T0123ABCDEF", "E0123ABCDEF"}, []string{"", "TEAM", "acme", "C0123ABCDEF"}},
		"channel":   {check.SlackChannelId, []string{"C0123ABCDEF", "G0123ABCDEF"}, []string{"", "ops", "#alerts", "T0123ABCDEF"}},
		"team":      {check.TeamsId, []string{"01234567-89AB-cdef-0123-456789abcdef"}, []string{"", "ops", "01234567-89ab-cdef-0123"}},
		"Teams channel": {
			check.TeamsChannelId, []string{teamsChannel}, []string{"", "19:abc@thread.tacv2", strings.Repeat("a", 240) + teamsChannel},
		},
	} {
		for _, id := range c.good {
			assert.Empty(t, refused(func(b *invalid.Problems) { c.check("Id", id, b) }), "%s %q", name, id)
		}
		for _, id := range c.bad {
			assert.NotEmpty(t, refused(func(b *invalid.Problems) { c.check("Id", id, b) }), "%s %q", name, id)
		}
	}
	assert.Contains(t, refused(func(b *invalid.Problems) { check.TeamsChannelId("ChannelId", strings.Repeat("a", 240)+teamsChannel, b) }),
		"ChannelId must have at most 255 characters")
}

func TestEmailsAndObjects(t *testing.T) {
	assert.Equal(t, `Emails must not be set together with Topic; got "a@example.com"; subscribe them to the topic`,
		refused(func(b *invalid.Problems) {
			check.TopicOrEmails(&made{Construct: fake.Construct{}}, []string{"a@example.com"}, b)
		}))
	assert.Empty(t, refused(func(b *invalid.Problems) { check.TopicOrEmails[made](nil, []string{"a@example.com"}, b) }))
	assert.Empty(t, refused(func(b *invalid.Problems) { check.TopicOrEmails(&made{Construct: fake.Construct{}}, nil, b) }))
	x, y := new(1), new(1)
	for i, want := range []string{"", "", "List[2] must not repeat List[0]; remove one of them", "", ""} {
		assert.Equal(t, want, refused(func(b *invalid.Problems) { check.OnceObject("List", []*int{x, y, x, nil, nil}, i, b) }))
	}
}
