package network

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLookupsAreRefused(t *testing.T) {
	assert.NoError(t, validateLookup("vpc-0123456789abcdef0"))
	assert.EqualError(t, validateLookup("my-vpc"), `VpcId must be a VPC ID such as "vpc-0123456789abcdef0"; got "my-vpc"`)
	assert.EqualError(t, validateLookup("${Token[TOKEN.1]}"), "VpcId must be known at synthesis to look the VPC up; use network.VpcFrom")
}
