package storage

import (
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
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
	opt.Default(&p.Subnets, network.Private)
	opt.Default(&p.ThroughputMode, awsefs.ThroughputMode_ELASTIC)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
}

// Validate returns all problems of the props, or nil. NewEfsFileSystem also checks that the VPC has such subnets.
func (p *EfsFileSystemProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *EfsFileSystemProps) validate() error {
	var bad invalid.Problems
	checkVpc(p.Vpc, &bad)
	subnettype.Check("Subnets", p.Subnets, &bad)
	p.validateThroughput(&bad)
	p.validateLifecycle(&bad)
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	checkName(p.FileSystemName, &bad)
	return bad.Err()
}

// validateIn judges the props by the VPC.
func (p *EfsFileSystemProps) validateIn() error {
	var bad invalid.Problems
	subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, &bad)
	return bad.Err()
}

func (p *EfsFileSystemProps) validateThroughput(bad *invalid.Problems) {
	check.Known("ThroughputMode", p.ThroughputMode, throughputModes, bad)
	isProvisioned := p.ThroughputMode == awsefs.ThroughputMode_PROVISIONED
	switch throughput := p.ProvisionedThroughputMiBps; {
	case isProvisioned && throughput == 0:
		bad.Add("ProvisionedThroughputMiBps", "is required with ThroughputMode %q: 1 to %d", p.ThroughputMode, maxProvisionedMiBps)
	case isProvisioned:
		check.Range("ProvisionedThroughputMiBps", throughput, 1, maxProvisionedMiBps, bad)
	case throughput != 0 && slices.Contains(throughputModes, p.ThroughputMode):
		bad.Add("ProvisionedThroughputMiBps", "requires ThroughputMode %q", awsefs.ThroughputMode_PROVISIONED).Given(throughput)
	}
}

func (p *EfsFileSystemProps) validateLifecycle(bad *invalid.Problems) {
	ia, archive := p.TransitionToIADays, p.TransitionToArchiveDays
	checkDays("TransitionToIADays", ia, bad)
	checkDays("TransitionToArchiveDays", archive, bad)
	if archive != 0 && p.ThroughputMode != awsefs.ThroughputMode_ELASTIC && slices.Contains(throughputModes, p.ThroughputMode) {
		bad.Add("TransitionToArchiveDays", "requires ThroughputMode %q", awsefs.ThroughputMode_ELASTIC).Given(archive)
	}
	switch {
	case archive != 0 && ia == 0:
		bad.Add("TransitionToArchiveDays", "requires TransitionToIADays, because files reach Archive through Infrequent Access").Given(archive)
	case archive != 0 && archive <= ia:
		bad.Add("TransitionToArchiveDays", "must be greater than TransitionToIADays (%d)", ia).Given(archive)
	case p.TransitionToPrimaryStorageClass && ia == 0:
		bad.Add("TransitionToPrimaryStorageClass", "requires TransitionToIADays")
	}
}

func checkDays(field string, days int, bad *invalid.Problems) {
	if days != 0 && !slices.Contains(lifecycleDays, days) {
		bad.Add(field, "must be %s, or 0 for never", check.OneOf(lifecycleDays)).Given(days)
	}
}

func checkVpc(vpc awsec2.IVpc, bad *invalid.Problems) {
	if vpc == nil {
		bad.Add("Vpc", "is required: the VPC of the clients")
	}
}

func checkName(name string, bad *invalid.Problems) {
	check.Match("FileSystemName", name, tagValue, "up to 256 letters, digits, spaces and _.:/=+-@", bad)
}
