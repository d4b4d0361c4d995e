package subnettype

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// Type is network.SubnetType, which package network declares for users.
type Type interface {
	~string
	Of(vpc awsec2.IVpc) []awsec2.ISubnet
}

// Check refuses an unknown type. It accepts the empty value, the default.
func Check[T Type](field string, t T, bad *invalid.Problems) {
	check.Known(field, t, []T{"public", "private", "isolated"}, bad)
}

// CheckIn refuses a type of which the VPC has no subnets. The CDK would refuse it too, but without the field, and only after
// it has begun to build. The empty type stands for private. CheckIn says nothing of a nil VPC or an unknown type.
func CheckIn[T Type](field string, t T, vpc awsec2.IVpc, bad *invalid.Problems) {
	if t == "" {
		t = "private"
	}
	var unknown invalid.Problems
	if Check(field, t, &unknown); vpc == nil || len(unknown) > 0 || len(t.Of(vpc)) > 0 {
		return
	}
	public, private, isolated := len(T("public").Of(vpc)), len(T("private").Of(vpc)), len(T("isolated").Of(vpc))
	problem := bad.Add(field, "must be a type of subnets that the VPC has (%d public, %d private, %d isolated)", public, private, isolated).
		Given(string(t))
	switch {
	case t == "isolated" && private > 0:
		problem.Advise("set IsolatedSubnets of network.VpcProps, or use network.Private")
	case t == "isolated":
		problem.Advise("set IsolatedSubnets of network.VpcProps")
	case t == "private" && isolated > 0:
		problem.Advise("use network.Isolated, or a VPC with private subnets such as network.NewVpc makes")
	case private > 0:
		problem.Advise("use network.Private, or a VPC with %s subnets such as network.NewVpc makes", string(t))
	default:
		problem.Advise("use a VPC with %s subnets such as network.NewVpc makes", string(t))
	}
}

// Zones counts the Availability Zones of the VPC's subnets of a type. A nil VPC has none.
func Zones[T Type](t T, vpc awsec2.IVpc) int {
	if vpc == nil {
		return 0
	}
	zones := map[string]bool{}
	for _, subnet := range t.Of(vpc) {
		zones[*subnet.AvailabilityZone()] = true
	}
	return len(zones)
}
