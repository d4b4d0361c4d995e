package network

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLookupsAreRefused(t *testing.T) {
	require.NoError(t, validateLookup("vpc-0123456789abcdef0"))
	require.EqualError(t, validateLookup("my-vpc"), `VpcId must be a VPC ID such as "vpc-0123456789abcdef0"; got "my-vpc"`)
	require.EqualError(t, validateLookup("${Token[TOKEN.1]}"), "VpcId must be known at synthesis to look the VPC up; use network.VpcFrom")
}
