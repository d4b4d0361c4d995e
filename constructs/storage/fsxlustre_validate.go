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
	"awscontainers/internal/lustre"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

const (
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-fsx-datarepositoryassociation.html
	maxRepositories = 8
	// That of FSx's console.
	lustreBackupDays = 7
)

func (p *LustreProps) setDefaults() {
	if p.Subnet == nil {
		opt.Default(&p.Subnets, network.Private)
	}
	opt.Default(&p.DeploymentType, LustrePersistent2)
	opt.Default(&p.StorageCapacityGiB, 1200)
	opt.Default(&p.PerUnitThroughput, lustre.MinThroughput(p.DeploymentType))
	if p.canBackUp() && !p.DisableBackups {
		opt.Default(&p.BackupRetentionDays, lustreBackupDays)
	}
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
}

// canBackUp reports whether FSx makes backups of such a file system.
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

// Validate returns all problems of the props, or nil. NewLustre also checks that the VPC has such subnets.
func (p *LustreProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *LustreProps) validate() error {
	var bad invalid.Problems
	settings := fsxSettings{
		vpc: p.Vpc, weeklyTime: p.WeeklyMaintenanceStartTime, backupTime: p.DailyBackupStartTime, backupDays: p.BackupRetentionDays,
		hasNoBackups: p.DisableBackups, removalPolicy: p.RemovalPolicy, name: p.FileSystemName,
	}
	settings.validate(&bad)
	if p.Subnet != nil && p.Subnets != "" {
		bad.Add("Subnets", "must not be set together with Subnet").Given(p.Subnets).Advise("remove one of them")
	} else {
		subnettype.Check("Subnets", p.Subnets, &bad)
	}
	p.validateSize(&bad)
	p.validateBackups(&bad)
	p.validateRepositories(&bad)
	if p.EncryptionKey != nil && p.DeploymentType == LustreScratch2 {
		bad.Add("EncryptionKey", "is not supported with DeploymentType %q, which FSx encrypts with its own key", p.DeploymentType).
			Advise("remove it or use %q", LustrePersistent2)
	}
	return bad.Err()
}

// validateIn judges the props by the VPC.
func (p *LustreProps) validateIn() error {
	var bad invalid.Problems
	if p.Subnet == nil {
		subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, &bad)
	}
	return bad.Err()
}

func (p *LustreProps) validateSize(bad *invalid.Problems) {
	if size := p.StorageCapacityGiB; size != 1200 && (size <= 0 || size%2400 != 0) {
		bad.Add("StorageCapacityGiB", "must be 1200, 2400 or a multiple of 2400").Given(size)
	}
	offered, isKnown := lustre.Throughputs(p.DeploymentType)
	switch {
	case !isKnown:
		check.Known("DeploymentType", p.DeploymentType, []LustreDeploymentType{LustreScratch2, LustrePersistent1, LustrePersistent2}, bad)
	case offered == nil && p.PerUnitThroughput != 0:
		bad.Add("PerUnitThroughput", "is not supported with DeploymentType %q, which has 200 MB/s per TiB", p.DeploymentType).
			Given(p.PerUnitThroughput).Advise("remove it")
	case offered != nil && !slices.Contains(offered, p.PerUnitThroughput):
		bad.Add("PerUnitThroughput", "must be %s with DeploymentType %q", check.OneOf(offered), p.DeploymentType).Given(p.PerUnitThroughput)
	}
}

// validateBackups refuses settings of backups that FSx does not make.
func (p *LustreProps) validateBackups(bad *invalid.Problems) {
	if p.canBackUp() || p.DisableBackups {
		return // or refused
	}
	reason := fmt.Sprintf("with DeploymentType %q", p.DeploymentType)
	if len(p.DataRepositories) > 0 {
		reason = "together with DataRepositories"
	}
	if p.BackupRetentionDays != 0 {
		bad.Add("BackupRetentionDays", "must not be set %s, because FSx then makes no backups", reason).
			Given(p.BackupRetentionDays).Advise("remove it")
	}
	if p.DailyBackupStartTime != "" {
		bad.Add("DailyBackupStartTime", "must not be set %s, because FSx then makes no backups", reason).
			Given(p.DailyBackupStartTime).Advise("remove it")
	}
}

var (
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateDataRepositoryAssociation.html
	lustrePath   = regexp.MustCompile(`^/([^/\x00\r\n]+(/[^/\x00\r\n]+)*/?)?$`)
	lustreEvents = []LustreEvent{LustreNew, LustreChanged, LustreDeleted}
)

func (p *LustreProps) validateRepositories(bad *invalid.Problems) {
	check.MaxLen("DataRepositories", len(p.DataRepositories), maxRepositories, bad)
	for i, r := range p.DataRepositories {
		field := check.Index("DataRepositories", i)
		bad.Nest(field, r.validate())
		for j, other := range p.DataRepositories[:i] {
			if isWithin(r.FileSystemPath, other.FileSystemPath) || isWithin(other.FileSystemPath, r.FileSystemPath) {
				bad.Add(field+".FileSystemPath", "must not contain or be in the path %q of %s",
					other.FileSystemPath, check.Index("DataRepositories", j)).Given(r.FileSystemPath)
			}
		}
	}
}

func (r *LustreDataRepository) validate() error {
	var bad invalid.Problems
	if r.Bucket == nil {
		bad.Add("Bucket", "is required")
	}
	if strings.HasPrefix(r.Prefix, "/") || strings.HasPrefix(r.Prefix, "s3:") {
		bad.Add("Prefix", `must be an object prefix without the bucket and a leading /, such as "team/data"`).Given(r.Prefix)
	}
	check.Required("FileSystemPath", r.FileSystemPath, lustrePath, `a directory such as "/data", or "/" for the whole file system`, &bad)
	checkEvents("AutoImport", r.AutoImport, &bad)
	checkEvents("AutoExport", r.AutoExport, &bad)
	return bad.Err()
}

// isWithin reports whether a directory is another or lies below it.
func isWithin(path, directory string) bool {
	if path == "" || directory == "" {
		return false
	}
	slashed := func(s string) string { return strings.TrimSuffix(s, "/") + "/" }
	return strings.HasPrefix(slashed(path), slashed(directory))
}

func checkEvents(field string, events []LustreEvent, bad *invalid.Problems) {
	for i, e := range events {
		if !slices.Contains(lustreEvents, e) {
			bad.Add(check.Index(field, i), "must be %s", check.OneOfQuoted(lustreEvents)).Given(e)
			continue
		}
		check.Once(field, events, i, bad)
	}
}
