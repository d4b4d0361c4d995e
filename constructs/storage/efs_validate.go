package storage

import (
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/subnettype"
)

// maxProvisionedMiBps is what the API takes: https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html
const maxProvisionedMiBps = 3414

var (
	// https://docs.aws.amazon.com/efs/latest/ug/API_LifecyclePolicy.html
	lifecycleDays = []int{1, 7, 14, 30, 60, 90, 180, 270, 365}

	throughputModes = []awsefs.ThroughputMode{
		awsefs.ThroughputMode_ELASTIC, awsefs.ThroughputMode_BURSTING, awsefs.ThroughputMode_PROVISIONED,
	}

	// https://docs.aws.amazon.com/efs/latest/ug/API_Tag.html
	tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$`)
)

func (p *EfsFileSystemProps) setDefaults() {
	if p.Subnets == "" {
		p.Subnets = network.Private
	}
	if p.ThroughputMode == "" {
		p.ThroughputMode = awsefs.ThroughputMode_ELASTIC
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
}

func (p *EfsFileSystemProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC in which the files are to be reached")
	}
	subnettype.Check("Subnets", p.Subnets, &bad)
	subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, &bad)
	p.validateThroughput(&bad)
	p.validateLifecycle(&bad)
	if !invalid.IsToken(p.FileSystemName) && !tagValue.MatchString(p.FileSystemName) {
		bad.Add("FileSystemName", "%q is no value of a tag; use up to 256 letters, digits, blanks and _.:/=+-@", p.FileSystemName)
	}
	return bad.Err()
}

func (p *EfsFileSystemProps) validateThroughput(bad *invalid.Problems) {
	provisioned := p.ThroughputMode == awsefs.ThroughputMode_PROVISIONED
	throughput := p.ProvisionedThroughputMiBps
	switch {
	case !slices.Contains(throughputModes, p.ThroughputMode):
		bad.Add("ThroughputMode", "%q is unknown; use %q, %q or %q", p.ThroughputMode, throughputModes[0], throughputModes[1], throughputModes[2])
	case provisioned && throughput == 0:
		bad.Add("ProvisionedThroughputMiBps", "is missing beside ThroughputMode %q; give 1 to %d", p.ThroughputMode, maxProvisionedMiBps)
	case provisioned && (throughput < 1 || throughput > maxProvisionedMiBps):
		bad.Add("ProvisionedThroughputMiBps", "%d is out of range; use 1 to %d", throughput, maxProvisionedMiBps)
	case !provisioned && throughput != 0:
		bad.Add("ProvisionedThroughputMiBps", "%d stands beside ThroughputMode %q, which provisions nothing; leave it out or use %q",
			throughput, p.ThroughputMode, awsefs.ThroughputMode_PROVISIONED)
	}
}

func (p *EfsFileSystemProps) validateLifecycle(bad *invalid.Problems) {
	ia, archive := p.TransitionToIADays, p.TransitionToArchiveDays
	checkDays("TransitionToIADays", ia, bad)
	checkDays("TransitionToArchiveDays", archive, bad)
	if archive != 0 && p.ThroughputMode != awsefs.ThroughputMode_ELASTIC && slices.Contains(throughputModes, p.ThroughputMode) {
		bad.Add("TransitionToArchiveDays", "%d needs ThroughputMode %q, for EFS archives in no other; it is %q", archive, awsefs.ThroughputMode_ELASTIC, p.ThroughputMode)
	}
	switch {
	case archive != 0 && ia == 0:
		bad.Add("TransitionToArchiveDays", "%d stands without TransitionToIADays, through which files go to the archive; give that a smaller number", archive)
	case archive != 0 && archive <= ia:
		bad.Add("TransitionToArchiveDays", "%d is not more than TransitionToIADays %d; archive later", archive, ia)
	case p.TransitionToPrimaryStorageClass && ia == 0:
		bad.Add("TransitionToPrimaryStorageClass", "has nothing to bring back; give TransitionToIADays, or leave it out")
	}
}

func checkDays(field string, days int, bad *invalid.Problems) {
	if days != 0 && !slices.Contains(lifecycleDays, days) {
		bad.Add(field, "%d is no number of days that EFS knows; use 1, 7, 14, 30, 60, 90, 180, 270 or 365, or leave it out for never", days)
	}
}
