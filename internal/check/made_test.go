package check_test

import (
	"testing"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/fake"
)

// made is like this library's constructs.
type made struct {
	constructs.Construct
	Name string
}

func TestMade(t *testing.T) {
	assert.False(t, invalid.IsMade((*made)(nil)))
	assert.False(t, invalid.IsMade(&made{Name: "own"}))
	assert.True(t, invalid.IsMade(&made{Construct: fake.Construct{}}))
	assert.False(t, invalid.IsMade(nil))
	assert.True(t, invalid.IsMade(&struct{ Construct constructs.Construct }{}), "a field of the caller's own, not an embedded construct")
	for _, accepted := range []*made{nil, {Construct: fake.Construct{}}} {
		assert.Empty(t, refused(func(b *invalid.Problems) { check.Made("WebAcl", accepted, "waf.NewWebAcl", b) }))
	}
	assert.Equal(t, "WebAcl must be created by waf.NewWebAcl or waf.WebAclFromArn",
		refused(func(b *invalid.Problems) { check.Made("WebAcl", &made{}, "waf.NewWebAcl or waf.WebAclFromArn", b) }))
	assert.Equal(t, "Topic must be created by notify.NewTopic or notify.TopicFrom",
		refused(func(b *invalid.Problems) { check.TopicOrEmails(&made{}, nil, b) }))
}
