package network

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLookupsAreRefused(t *testing.T) {
	require.NoError(t, validateLookup("vpc-0123456789abcdef0"))
	require.EqualError(t, validateLookup("my-vpc"), `vpcId must be a VPC ID such as "vpc-0123456789abcdef0"; got "my-vpc"`)
	require.EqualError(t, validateLookup("${Token[TOKEN.1]}"), "vpcId must be a literal, not a CDK token, because the VPC is looked up "+
		"when the app is synthesized; use network.VpcFrom")
}
