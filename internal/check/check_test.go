package check_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

const token = "${Token[TOKEN.12]}"

// refused gives the problems that a check adds, as one text.
func refused(f func(*invalid.Problems)) string {
	var bad invalid.Problems
	f(&bad)
	if err := bad.Err(); err != nil {
		return err.Error()
	}
	return ""
}

func TestChecksRefuse(t *testing.T) {
	form := regexp.MustCompile(`^a+$`)
	for want, f := range map[string]func(*invalid.Problems){
		"Port must be an integer from 1 to 65535; got 0":     func(b *invalid.Problems) { check.Port("Port", 0, b) },
		"Port must be an integer from 1 to 65535; got 65536": func(b *invalid.Problems) { check.Port("Port", 65536, b) },
		"Min must not be greater than Max (2); got 3":        func(b *invalid.Problems) { check.NotGreater("Min", 3, "Max", 2, b) },
		"Max must not be less than Min (2); got 1":           func(b *invalid.Problems) { check.NotLess("Max", 1, "Min", 2, b) },
		"Id must be a literal, not a CDK token, because why": func(b *invalid.Problems) { check.Literal("Id", token, "why", b) },
		"Cpu must be an integer from 1 to 100; got 101":      func(b *invalid.Problems) { check.Percent("Cpu", 101, b) },
		"Days must be 1 or greater; got 0":                   func(b *invalid.Problems) { check.Min("Days", 0, 1, b) },
		"Wait must be whole seconds from 1s to 1m; got 1.5s": func(b *invalid.Problems) {
			check.Seconds("Wait", 1500*time.Millisecond, time.Second, time.Minute, b)
		},
		"Wait must be whole seconds from 1s to 1m; got 3ns; use a time.Duration such as 3 * time.Second": func(b *invalid.Problems) {
			check.Seconds("Wait", 3, time.Second, time.Minute, b)
		},
		"Wait must be whole seconds from 5s to 1m; got 3ns; use a time.Duration such as 5 * time.Second": func(b *invalid.Problems) {
			check.Seconds("Wait", 3, 5*time.Second, time.Minute, b)
		},
		"Wait must be whole seconds from 1s to 1m; got 90ns; use a time.Duration such as 60 * time.Second": func(b *invalid.Problems) {
			check.Seconds("Wait", 90, time.Second, time.Minute, b)
		},
		"Wait must be whole seconds from 1s to 1m; got 1m1s": func(b *invalid.Problems) {
			check.Seconds("Wait", 61*time.Second, time.Second, time.Minute, b)
		},
		`Kind must be "a" or "b"; got "c"`:           func(b *invalid.Problems) { check.Known("Kind", "c", []string{"a", "b"}, b) },
		`Kind must be "a"; got "${Token[TOKEN.12]}"`: func(b *invalid.Problems) { check.Known("Kind", token, []string{"a"}, b) },
		`Logs must be a constant of awslogs.RetentionDays such as "ONE_MONTH"; got "30"`: func(b *invalid.Problems) {
			check.LogRetention("Logs", "30", b)
		},
		`Files must be "RETAIN_ON_UPDATE_OR_DELETE", "RETAIN" or "DESTROY"; got "SNAPSHOT"`: func(b *invalid.Problems) {
			check.RemovalPolicy("Files", awscdk.RemovalPolicy_SNAPSHOT, b)
		},
		`Tls must be a constant of elbv2.SslPolicy such as "TLS13_12_RES_PQ"; got "TLS"`: func(b *invalid.Problems) {
			check.SslPolicy("Tls", "TLS", b)
		},
		`Names[1] must not repeat Names[0]; got "a"`: func(b *invalid.Problems) { check.Once("Names", []string{"a", "a"}, 1, b) },
		`Id must be some a's; got "b"`:               func(b *invalid.Problems) { check.Match("Id", "b", form, "some a's", b) },
		`Email must be an email address such as "on-call@example.com"; got "Me <me@example.com>"`: func(b *invalid.Problems) {
			check.Email("Email", "Me <me@example.com>", b)
		},
		"Groups[1] must be a group; got nil": func(b *invalid.Problems) { check.NoNil("Groups", []*int{new(int), nil}, "a group", b) },
		`Cidrs[0] must be an IPv4 range such as "203.0.113.0/24", ` +
			`or "203.0.113.7/32" for one address; got "2001:db8::/32"`: func(b *invalid.Problems) {
			check.Cidrs("Cidrs", []string{"2001:db8::/32"}, b)
		},
		`Cidrs[0] must begin at the first address of its range; got "10.0.0.1/16"; use "10.0.0.0/16"`: func(b *invalid.Problems) {
			check.Cidrs("Cidrs", []string{"10.0.0.1/16"}, b)
		},
		`Cidrs[1] must not repeat Cidrs[0]; got "10.0.0.0/16"`: func(b *invalid.Problems) {
			check.Cidrs("Cidrs", []string{"10.0.0.0/16", "10.0.0.0/16"}, b)
		},
	} {
		assert.Equal(t, want, refused(f))
	}
}

func TestChecksAcceptDefaultsAndTokens(t *testing.T) {
	form := regexp.MustCompile(`^a+$`)
	for _, f := range []func(*invalid.Problems){
		func(b *invalid.Problems) { check.Port("Port", 1, b) },
		func(b *invalid.Problems) { check.Seconds("Wait", 0, time.Second, time.Minute, b) },
		func(b *invalid.Problems) { check.Known("Kind", "", []string{"a"}, b) },
		func(b *invalid.Problems) { check.LogRetention("Logs", "", b) },
		func(b *invalid.Problems) { check.LogRetention("Logs", awslogs.RetentionDays_TEN_YEARS, b) },
		func(b *invalid.Problems) { check.RemovalPolicy("Files", "", b) },
		func(b *invalid.Problems) { check.SslPolicy("Tls", elbv2.SslPolicy_FORWARD_SECRECY, b) },
		func(b *invalid.Problems) { check.Match("Id", "", form, "some a's", b) },
		func(b *invalid.Problems) { check.Match("Id", token, form, "some a's", b) },
		func(b *invalid.Problems) { check.Match("Id", "aa", form, "some a's", b) },
		func(b *invalid.Problems) { check.Email("Email", "", b) },
		func(b *invalid.Problems) { check.Email("Email", token, b) },
		func(b *invalid.Problems) { check.Email("Email", "me@example.com", b) },
		func(b *invalid.Problems) { check.Cidrs("Cidrs", []string{token, "0.0.0.0/0"}, b) },
	} {
		assert.Empty(t, refused(f))
	}
}

func TestOneOf(t *testing.T) {
	assert.Empty(t, check.OneOf([]int{}))
	assert.Equal(t, "1", check.OneOf([]int{1}))
	assert.Equal(t, "1, 2 or 3", check.OneOf([]int{1, 2, 3}))
	assert.Equal(t, `"a" or "b"`, check.OneOfQuoted([]string{"a", "b"}))
}

func TestIdsAreChecked(t *testing.T) {
	const repository = "must be 2 to 256 lowercase letters and digits, separated by . _ - or /, such as \"team/web\""
	for _, c := range []struct {
		want  string
		check func(*invalid.Problems)
	}{
		{`Id is required: a VPC ID such as "vpc-0123456789abcdef0"`,
			func(b *invalid.Problems) { check.VpcId("Id", "", b) }},
		{`Id must be a VPC ID such as "vpc-0123456789abcdef0"; got "vpc-1"`,
			func(b *invalid.Problems) { check.VpcId("Id", "vpc-1", b) }},
		{`Id must be a subnet ID such as "subnet-0123456789abcdef0"; got "vpc-01234567"`,
			func(b *invalid.Problems) { check.SubnetId("Id", "vpc-01234567", b) }},
		{`Id must be a security group ID such as "sg-0123456789abcdef0"; got "SG-01234567"`,
			func(b *invalid.Problems) { check.SecurityGroupId("Id", "SG-01234567", b) }},
		{`Id must be a route table ID such as "rtb-0123456789abcdef0"; got "main"`,
			func(b *invalid.Problems) { check.RouteTableId("Id", "main", b) }},
		{`Id must be an AWS account ID such as "111122223333"; got "1111-2222-3333"`,
			func(b *invalid.Problems) { check.AccountId("Id", "1111-2222-3333", b) }},
		{`Zones[1] must not repeat Zones[0]; got "eu-west-1a"`,
			func(b *invalid.Problems) { check.Zones("Zones", []string{"eu-west-1a", "eu-west-1a"}, b) }},
		{`Zones[0] must be the name of an Availability Zone such as "eu-west-1a"; got "eu-west-1"`,
			func(b *invalid.Problems) { check.Zones("Zones", []string{"eu-west-1"}, b) }},
		{`Zones[0] must be the name of an Availability Zone such as "eu-west-1a"; got "use1-az3"; names differ from account to account: ` +
			"run aws ec2 describe-availability-zones --zone-ids use1-az3 --query AvailabilityZones[].ZoneName",
			func(b *invalid.Problems) { check.Zones("Zones", []string{"use1-az3"}, b) }},
		{`Zones[1] must be in eu-west-1, like the rest of the VPC; got "us-east-1a"`,
			func(b *invalid.Problems) {
				check.ZonesOf("", "Zones", []string{"eu-west-1a", "us-east-1a", "Zurich"}, b)
			}},
		{`Zones[0] must be in us-east-1, like the rest of the VPC; got "eu-west-1a"`,
			func(b *invalid.Problems) {
				check.ZonesOf("us-east-1", "Zones", []string{"eu-west-1a", "us-east-1a"}, b)
			}},
		{"", func(b *invalid.Problems) {
			zones := []string{"us-gov-west-1a", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1", "${Token[Zone.1]}"}
			check.Zones("Zones", zones, b)
			check.ZonesOf("${Token[Region.1]}", "Zones", []string{"eu-west-1a", "eu-west-1b"}, b)
		}},
		{`Zones[0] must be the name of an Availability Zone such as "eu-west-1a"; got ""`,
			func(b *invalid.Problems) { check.Zones("Zones", []string{""}, b) }},
		{"Name " + repository + `; got "Team"`,
			func(b *invalid.Problems) { check.RepositoryName("Name", "Team", b) }},
	} {
		assert.Equal(t, c.want, refused(c.check))
	}
	for _, good := range []string{"vpc-01234567", "vpc-0123456789abcdef0"} {
		assert.Empty(t, refused(func(b *invalid.Problems) { check.VpcId("Id", good, b) }))
	}
	assert.NotEmpty(t, refused(func(b *invalid.Problems) { check.VpcId("Id", "vpc-0123456789abcdef01", b) }))
	assert.Empty(t, refused(func(b *invalid.Problems) { check.Region("Region", "us-gov-west-1", b) }))
	assert.NotEmpty(t, refused(func(b *invalid.Problems) { check.Region("Region", "Ireland", b) }))
}
