package check_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/fake"
)

func TestNotNil(t *testing.T) {
	for _, refusedAsNil := range []any{nil, (*made)(nil)} {
		assert.Equal(t, "client must not be nil; pass a service",
			refused(func(b *invalid.Problems) { check.NotNil("client", refusedAsNil, "a service", b) }))
	}
	assert.Equal(t, "client must be created by a constructor; pass a service",
		refused(func(b *invalid.Problems) { check.NotNil("client", &made{}, "a service", b) }))
	for _, accepted := range []any{&made{Construct: fake.Construct{}}, fake.SecurityGroup{}, new(1)} {
		assert.Empty(t, refused(func(b *invalid.Problems) { check.NotNil("client", accepted, "a service", b) }))
	}
}

func TestArguments(t *testing.T) {
	var bad invalid.Problems
	assert.NotPanics(t, func() { check.Arguments(fake.Construct{}, "AllowFrom", bad) })
	bad.Add("port", "is required")
	assert.PanicsWithError(t, "Stack/Fake: AllowFrom: port is required", func() { check.Arguments(fake.Construct{}, "AllowFrom", bad) })
	bad = nil
	bad.Add("vpc", "must not be nil")
	assert.PanicsWithError(t, "SubnetType.Of: vpc must not be nil", func() { check.Arguments(nil, "SubnetType.Of", bad) })
	assert.PanicsWithError(t, "Stack/Fake: GrantRead: grantee must not be nil; pass a role, a user or a construct with a role",
		func() { check.Grantee(fake.Construct{}, "GrantRead", nil) })
}
