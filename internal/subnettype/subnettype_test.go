package subnettype_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/fake"
	"awscontainers/internal/subnettype"
)

func TestTypesAreChecked(t *testing.T) {
	const lacking = "must be a type of subnets that the VPC has (1 public, 0 private, 0 isolated); got "
	for _, c := range []struct {
		kind network.SubnetType
		vpc  awsec2.IVpc
		want string
	}{
		{network.Public, fake.Vpc{Public: "a"}, ""},
		{"", fake.Vpc{Private: "a"}, ""},
		{network.Isolated, nil, ""},
		{"dmz", fake.Vpc{}, `Subnets must be "public", "private" or "isolated"; got "dmz"`},
		{"", fake.Vpc{Public: "a"}, "Subnets " + lacking + `"private"; use a VPC with private subnets such as network.NewVpc makes`},
		{network.Isolated, fake.Vpc{Public: "a"}, "Subnets " + lacking + `"isolated"; set IsolatedSubnets of network.VpcProps`},
	} {
		var bad invalid.Problems
		subnettype.Check("Subnets", c.kind, &bad)
		subnettype.CheckIn("Subnets", c.kind, c.vpc, &bad)
		if c.want == "" {
			assert.NoError(t, bad.Err())
		} else {
			assert.EqualError(t, bad.Err(), c.want)
		}
	}
}
