package storage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	lustrefacts "awscontainers/internal/lustre"
	"awscontainers/internal/subnettype"
)

const (
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-fsx-datarepositoryassociation.html
	maxRepositories = 8
	// That of FSx's console.
	lustreBackupDays = 7
)

func (p *LustreProps) setDefaults() {
	if p.Subnets == "" && p.Subnet == nil {
		p.Subnets = network.Private
	}
	if p.DeploymentType == "" {
		p.DeploymentType = LustrePersistent2
	}
	if p.StorageCapacityGiB == 0 {
		p.StorageCapacityGiB = 1200
	}
	if p.PerUnitThroughput == 0 {
		p.PerUnitThroughput = lustrefacts.MinThroughput(p.DeploymentType)
	}
	if p.BackupRetentionDays == 0 && p.canBackUp() && !p.DisableBackups {
		p.BackupRetentionDays = lustreBackupDays
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
}

// canBackUp tells whether FSx makes backups of such a file system.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/using-backups-fsx.html
func (p *LustreProps) canBackUp() bool {
	return p.DeploymentType != LustreScratch2 && len(p.DataRepositories) == 0
}

func (p *LustreProps) subnet() awsec2.ISubnet {
	if p.Subnet != nil {
		return p.Subnet
	}
	return p.Subnets.Of(p.Vpc)[0]
}

func (p *LustreProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC in which the files are to be reached")
	}
	if p.Subnet == nil {
		subnettype.Check("Subnets", p.Subnets, &bad)
		subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, &bad)
	} else if p.Subnets != "" {
		bad.Add("Subnets", "%q stands beside Subnet; leave one of them out", p.Subnets)
	}
	p.validateSize(&bad)
	p.validateBackups(&bad)
	p.validateRepositories(&bad)
	checkWeekly(p.WeeklyMaintenance, &bad)
	if p.Key != nil && p.DeploymentType == LustreScratch2 {
		bad.Add("Key", "stands beside DeploymentType %q, which FSx encrypts with a key of its own; leave it out or use %q", p.DeploymentType, LustrePersistent2)
	}
	checkRemoval(p.RemovalPolicy, &bad)
	checkName(p.FileSystemName, &bad)
	return bad.Err()
}

func (p *LustreProps) validateSize(bad *invalid.Problems) {
	if size := p.StorageCapacityGiB; size != 1200 && (size <= 0 || size%2400 != 0) {
		bad.Add("StorageCapacityGiB", "%d is no size of FSx for Lustre; use 1200, 2400 or a multiple of 2400", size)
	}
	offered, known := lustrefacts.Throughputs(p.DeploymentType)
	switch {
	case !known:
		bad.Add("DeploymentType", "%q is unknown; use %q, %q or %q", p.DeploymentType, LustreScratch2, LustrePersistent1, LustrePersistent2)
	case offered == nil && p.PerUnitThroughput != 0:
		bad.Add("PerUnitThroughput", "%d stands beside DeploymentType %q, which has 200 MB/s for each TiB; leave it out", p.PerUnitThroughput, p.DeploymentType)
	case offered != nil && !slices.Contains(offered, p.PerUnitThroughput):
		bad.Add("PerUnitThroughput", "%d is not offered with DeploymentType %q; use %s", p.PerUnitThroughput, p.DeploymentType, check.OneOf(offered))
	}
}

func (p *LustreProps) validateBackups(bad *invalid.Problems) {
	checkBackups(p.BackupRetentionDays, p.DailyBackupStart, p.DisableBackups, bad)
	if p.canBackUp() {
		return
	}
	why := fmt.Sprintf("DeploymentType %q", p.DeploymentType)
	if len(p.DataRepositories) > 0 {
		why = "DataRepositories"
	}
	if p.BackupRetentionDays != 0 {
		bad.Add("BackupRetentionDays", "%d stands beside %s, of which FSx makes no backups; leave it out", p.BackupRetentionDays, why)
	}
	if p.DailyBackupStart != "" {
		bad.Add("DailyBackupStart", "%q stands beside %s, of which FSx makes no backups; leave it out", p.DailyBackupStart, why)
	}
}

var (
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateDataRepositoryAssociation.html
	lustrePath   = regexp.MustCompile(`^/([^/\x00\r\n]+(/[^/\x00\r\n]+)*/?)?$`)
	lustreEvents = []LustreEvent{LustreNew, LustreChanged, LustreDeleted}
)

func (p *LustreProps) validateRepositories(bad *invalid.Problems) {
	if n := len(p.DataRepositories); n > maxRepositories {
		bad.Add("DataRepositories", "are %d; use up to %d", n, maxRepositories)
	}
	for i, r := range p.DataRepositories {
		field := fmt.Sprintf("DataRepositories[%d].", i)
		if r.Bucket == nil {
			bad.Add(field+"Bucket", "is missing; give the bucket that holds the objects")
		}
		if strings.HasPrefix(r.Prefix, "/") || strings.HasPrefix(r.Prefix, "s3:") {
			bad.Add(field+"Prefix", `%q is no prefix of objects; write it without the bucket and a / at the beginning, as "team/data"`, r.Prefix)
		}
		switch {
		case r.FileSystemPath == "":
			bad.Add(field+"FileSystemPath", `is missing; give the directory, such as "/data", or "/" for the whole file system`)
		case !invalid.IsToken(r.FileSystemPath) && !lustrePath.MatchString(r.FileSystemPath):
			bad.Add(field+"FileSystemPath", `%q is no directory of the file system; write it as "/data"`, r.FileSystemPath)
		}
		for j, other := range p.DataRepositories[:i] {
			if within(r.FileSystemPath, other.FileSystemPath) || within(other.FileSystemPath, r.FileSystemPath) {
				bad.Add(field+"FileSystemPath", "%q and that of DataRepositories[%d], %q, are a part of each other; use directories beside each other",
					r.FileSystemPath, j, other.FileSystemPath)
			}
		}
		checkEvents(field+"AutoImport", r.AutoImport, bad)
		checkEvents(field+"AutoExport", r.AutoExport, bad)
	}
}

// within tells whether a directory is another or lies below it.
func within(path, directory string) bool {
	if path == "" || directory == "" {
		return false
	}
	slashed := func(s string) string { return strings.TrimSuffix(s, "/") + "/" }
	return strings.HasPrefix(slashed(path), slashed(directory))
}

func checkEvents(field string, events []LustreEvent, bad *invalid.Problems) {
	for i, e := range events {
		switch {
		case !slices.Contains(lustreEvents, e):
			bad.Add(field, "%q is unknown; use %q, %q or %q", e, LustreNew, LustreChanged, LustreDeleted)
		case slices.Index(events, e) < i:
			bad.Add(field, "name %q twice; name each once", e)
		}
	}
}
