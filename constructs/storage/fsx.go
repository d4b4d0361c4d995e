package storage

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// This file has what Lustre and ONTAP, the file systems of Amazon FSx, have in common.

// maxBackupDays is how long FSx keeps an automatic backup at most.
// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemLustreConfiguration.html
const maxBackupDays = 90

var (
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemLustreConfiguration.html
	weeklyTime = regexp.MustCompile(`^[1-7]:([01]\d|2[0-3]):[0-5]\d$`)
	dailyTime  = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_FileSystem.html
	fsxFileSystemId = regexp.MustCompile(`^fs-[0-9a-f]{8,}$`)
)

// fsxSettings are the props that do not depend on the kind of file system.
type fsxSettings struct {
	vpc                    awsec2.IVpc
	weeklyTime, backupTime string
	backupDays             int
	hasNoBackups           bool
	removalPolicy          awscdk.RemovalPolicy
	name                   string
}

func (s *fsxSettings) validate(bad *invalid.Problems) {
	checkVpc(s.vpc, bad)
	check.Match("WeeklyMaintenanceStartTime", s.weeklyTime, weeklyTime,
		`the day from 1 (Monday) to 7 (Sunday) and the time in UTC, such as "7:02:30"`, bad)
	s.validateBackups(bad)
	check.RemovalPolicy("RemovalPolicy", s.removalPolicy, bad)
	checkName(s.name, bad)
}

func (s *fsxSettings) validateBackups(bad *invalid.Problems) {
	check.Match("DailyBackupStartTime", s.backupTime, dailyTime, `hours and minutes in UTC, such as "05:00"`, bad)
	switch {
	case s.hasNoBackups && s.backupDays != 0:
		bad.Add("BackupRetentionDays", "must not be set together with DisableBackups").Given(s.backupDays).Advise("remove one of them")
	case s.backupDays < 0 || s.backupDays > maxBackupDays:
		bad.Add("BackupRetentionDays", "must be an integer from 1 to %d", maxBackupDays).Given(s.backupDays).Advise("set DisableBackups for none")
	}
	if s.hasNoBackups && s.backupTime != "" {
		bad.Add("DailyBackupStartTime", "must not be set together with DisableBackups").Given(s.backupTime).Advise("remove one of them")
	}
}

// fsxExisting identifies an existing file system.
type fsxExisting struct {
	fileSystemId, securityGroupId string
	isImmutable                   bool // the security group
}

func (e *fsxExisting) validate(bad *invalid.Problems) {
	check.Required("FileSystemId", e.fileSystemId, fsxFileSystemId, fileSystemIdForm, bad)
	check.SecurityGroupId("SecurityGroupId", e.securityGroupId, bad)
}

// access makes the security group known below its owner.
func (e *fsxExisting) access(owner constructs.Construct) access {
	group := awsec2.SecurityGroup_FromSecurityGroupId(owner, jsii.String("SecurityGroup"), &e.securityGroupId,
		&awsec2.SecurityGroupImportOptions{Mutable: jsii.Bool(!e.isImmutable)})
	return access{owner: owner, servers: []awsec2.ISecurityGroup{group}}
}

// newServerAccess is for servers with the caller's security group, or with one of their own, which stays with the file system:
// EC2 deletes no group that is in use.
func newServerAccess(
	owner constructs.Construct, group awsec2.ISecurityGroup, own *awsec2.SecurityGroupProps, policy awscdk.RemovalPolicy,
) access {
	if group == nil {
		made := awsec2.NewSecurityGroup(owner, jsii.String("SecurityGroup"), own)
		made.ApplyRemovalPolicy(policy)
		group = made
	}
	return access{owner: owner, servers: []awsec2.ISecurityGroup{group}}
}

// nameTag is the tag by which the console shows a file system.
func nameTag(name, path string) *[]*awscdk.CfnTag {
	if name == "" {
		name = path[:min(len(path), 256)]
	}
	return &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: &name}}
}

// arnOf is nil for no key.
func arnOf(key awskms.IKey) *string {
	if key == nil {
		return nil
	}
	return key.KeyArn()
}

// fsxDomain is the name that FSx gives what is called so.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/mounting-ec2-instance.html
func fsxDomain(scope constructs.Construct, name string) string {
	stack := awscdk.Stack_Of(scope)
	return name + ".fsx." + *stack.Region() + "." + *stack.UrlSuffix()
}
