package check

import (
	"fmt"
	"regexp"
	"strings"

	"awscontainers/constructs/invalid"
)

var (
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
	resourceIdEnd = regexp.MustCompile(`^-([0-9a-f]{8}|[0-9a-f]{17})$`)

	accountId = regexp.MustCompile(`^\d{12}$`)
	// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
	region = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d$`)
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
	repositoryName = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)
)

// IsRepositoryName reports whether a text is a valid name of an ECR repository.
func IsRepositoryName(name string) bool {
	return len(name) >= 2 && len(name) <= 256 && repositoryName.MatchString(name)
}

// Required refuses the empty value and values that do not fit a form. The text says what the form is, as for Match.
func Required(field, value string, form *regexp.Regexp, wanted string, bad *invalid.Problems) {
	if value == "" {
		bad.Add(field, "is required: %s", wanted)
	}
	Match(field, value, form, wanted, bad)
}

// VpcId refuses what is not a VPC ID, as well as the empty value.
func VpcId(field, id string, bad *invalid.Problems) { resourceId(field, id, "vpc", "a VPC ID", bad) }

// SubnetId refuses what is not a subnet ID, as well as the empty value.
func SubnetId(field, id string, bad *invalid.Problems) {
	resourceId(field, id, "subnet", "a subnet ID", bad)
}

// SecurityGroupId refuses what is not a security group ID, as well as the empty value.
func SecurityGroupId(field, id string, bad *invalid.Problems) {
	resourceId(field, id, "sg", "a security group ID", bad)
}

// RouteTableId refuses what is not a route table ID, as well as the empty value.
func RouteTableId(field, id string, bad *invalid.Problems) {
	resourceId(field, id, "rtb", "a route table ID", bad)
}

// ImageId refuses what is not the ID of an AMI. It accepts the empty value.
func ImageId(field, id string, bad *invalid.Problems) {
	if id != "" {
		resourceId(field, id, "ami", "an AMI ID", bad)
	}
}

// AccountId refuses what is not an AWS account ID, as well as the empty value.
func AccountId(field, id string, bad *invalid.Problems) {
	Required(field, id, accountId, `an AWS account ID such as "111122223333"`, bad)
}

// RepositoryName refuses what ECR does not accept as the name of a repository. It accepts the empty value.
func RepositoryName(field, name string, bad *invalid.Problems) {
	if name != "" && !invalid.IsToken(name) && !IsRepositoryName(name) {
		bad.Add(field, `must be 2 to 256 lowercase letters and digits, separated by . _ - or /, such as "team/web"`).Given(name)
	}
}

// zone matches a Region's own zone, and a Local Zone or Wavelength Zone of it: "us-west-2a", "us-west-2-lax-1a".
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html
var zone = regexp.MustCompile(`^([a-z]{2,}(?:-[a-z]+)+-\d)(?:[a-z]|(?:-[a-z0-9]+)+)$`)

// Zones refuses what is not the name of an Availability Zone, and a zone named twice.
func Zones(field string, zones []string, bad *invalid.Problems) {
	for i, name := range zones {
		if Zone(Index(field, i), name, bad); zone.MatchString(name) {
			Once(field, zones, i, bad)
		}
	}
}

// Zone refuses what is not the name of an Availability Zone, as well as the empty value.
func Zone(field, name string, bad *invalid.Problems) {
	if !invalid.IsToken(name) && !zone.MatchString(name) {
		problem := bad.Add(field, `must be the name of an Availability Zone such as "eu-west-1a"`).Given(name)
		if zoneId.MatchString(name) {
			problem.Advise("names differ from account to account: run aws ec2 describe-availability-zones --zone-ids %s "+
				"--query AvailabilityZones[].ZoneName", name)
		}
	}
}

// zoneId matches what is the same zone in all accounts: "use1-az3".
var zoneId = regexp.MustCompile(`^[a-z]+\d-[a-z0-9]*az\d+$`)

// ZonesOf refuses zones that are not in a Region, and without a Region, or with a token for it, zones that are not all in one.
func ZonesOf(region, field string, zones []string, bad *invalid.Problems) {
	for i, name := range zones {
		m := zone.FindStringSubmatch(name)
		switch {
		case m == nil:
		case region == "" || invalid.IsToken(region):
			region = m[1]
		case m[1] != region:
			bad.Add(Index(field, i), "must be in %s, like the rest of the VPC", region).Given(name)
		}
	}
}

func isResourceId(id, prefix string) bool {
	rest, ok := strings.CutPrefix(id, prefix)
	return ok && resourceIdEnd.MatchString(rest)
}

func resourceId(field, id, prefix, kind string, bad *invalid.Problems) {
	wanted := fmt.Sprintf("%s such as %q", kind, prefix+"-0123456789abcdef0")
	switch {
	case id == "":
		bad.Add(field, "is required: %s", wanted)
	case !invalid.IsToken(id) && !isResourceId(id, prefix):
		bad.Add(field, "must be %s", wanted).Given(id)
	}
}

// Region refuses what is not the name of a Region, as well as the empty value.
func Region(field, name string, bad *invalid.Problems) {
	Required(field, name, region, `a Region such as "eu-west-1"`, bad)
}
