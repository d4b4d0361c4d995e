package storage

import (
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// EfsFileSystemAttributes identify an existing file system in the account and Region of the stack. Its own policy stays as it
// is: one that lets anonymous clients in still does, and one of the console or of the CDK may let everybody who mounts write.
type EfsFileSystemAttributes struct {
	// FileSystemId is the file system's ID, such as "fs-0123456789abcdef0". Required.
	FileSystemId string
	// SecurityGroupIds are the IDs of its mount targets' security groups, such as "sg-0123456789abcdef0". AllowFrom adds rules to
	// each. `aws efs describe-mount-target-security-groups` shows them. Required.
	SecurityGroupIds []string
	// ImmutableSecurityGroups leaves the rules of these groups as they are: they must already let clients in. Default: false.
	ImmutableSecurityGroups bool
	// Vpc is the VPC of its mount targets. Default: nil, unknown; then a cluster in another VPC is not refused.
	Vpc awsec2.IVpc
	// AvailabilityZones are the names of the zones that have a mount target, such as "eu-west-1a". Default: none, unknown; then
	// tasks that may start in a zone without one are not refused.
	AvailabilityZones []string
}

// EfsFileSystemFrom uses an existing file system. It panics with *invalid.Error if the attributes are invalid.
func EfsFileSystemFrom(scope constructs.Construct, id string, attributes *EfsFileSystemAttributes) *EfsFileSystem {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())

	f := &EfsFileSystem{vpc: a.Vpc, zones: slices.Clone(a.AvailabilityZones), ImmutableSecurityGroups: a.ImmutableSecurityGroups}
	source.Create(f, scope, id)
	for _, groupId := range a.SecurityGroupIds {
		id := jsii.String(ids.Named(f, "SecurityGroup", groupId))
		f.SecurityGroups = append(f.SecurityGroups, awsec2.SecurityGroup_FromSecurityGroupId(f, id, &groupId,
			&awsec2.SecurityGroupImportOptions{Mutable: jsii.Bool(!a.ImmutableSecurityGroups)}))
	}
	f.FileSystem = awsefs.FileSystem_FromFileSystemAttributes(f, jsii.String("FileSystem"), &awsefs.FileSystemAttributes{
		FileSystemId: &a.FileSystemId, SecurityGroup: f.SecurityGroups[0],
	})
	f.setAccess()
	return f
}

// EfsAccessPointAttributes identify an existing access point.
type EfsAccessPointAttributes struct {
	// FileSystem is the access point's file system. Required.
	FileSystem *EfsFileSystem
	// AccessPointId is the access point's ID, such as "fsap-0123456789abcdef0". Required.
	AccessPointId string
}

// EfsAccessPointFrom uses an existing access point. It panics with *invalid.Error if the attributes are invalid.
func EfsAccessPointFrom(scope constructs.Construct, id string, attributes *EfsAccessPointAttributes) *EfsAccessPoint {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())

	point := &EfsAccessPoint{FileSystem: a.FileSystem}
	source.Create(point, scope, id)
	point.AccessPoint = awsefs.AccessPoint_FromAccessPointAttributes(point, jsii.String("AccessPoint"), &awsefs.AccessPointAttributes{
		AccessPointId: &a.AccessPointId, FileSystem: a.FileSystem.FileSystem,
	})
	return point
}

var (
	// https://docs.aws.amazon.com/efs/latest/ug/API_DescribeFileSystems.html
	efsFileSystemId = regexp.MustCompile(`^fs-[0-9a-f]{8,40}$`)
	// https://docs.aws.amazon.com/efs/latest/ug/API_DescribeAccessPoints.html
	efsAccessPointId = regexp.MustCompile(`^fsap-[0-9a-f]{8,40}$`)
)

// Validate returns all problems of the attributes, or nil.
func (a *EfsFileSystemAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	check.Required("FileSystemId", a.FileSystemId, efsFileSystemId, fileSystemIdForm, &bad)
	if len(a.SecurityGroupIds) == 0 {
		bad.Add("SecurityGroupIds", "is required: the security groups of the mount targets")
	}
	for i, id := range a.SecurityGroupIds {
		check.SecurityGroupId(check.Index("SecurityGroupIds", i), id, &bad)
		check.Once("SecurityGroupIds", a.SecurityGroupIds, i, &bad)
	}
	check.Zones("AvailabilityZones", a.AvailabilityZones, &bad)
	return bad.Err()
}

// Validate returns all problems of the attributes, or nil.
func (a *EfsAccessPointAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	checkFileSystem(a.FileSystem, &bad)
	check.Required("AccessPointId", a.AccessPointId, efsAccessPointId, `an access point ID such as "fsap-0123456789abcdef0"`, &bad)
	return bad.Err()
}

const fileSystemIdForm = `a file system ID such as "fs-0123456789abcdef0"`

func checkFileSystem(f *EfsFileSystem, bad *invalid.Problems) {
	if !invalid.IsMade(f) {
		bad.Add("FileSystem", "is required").Advise("use storage.NewEfsFileSystem or storage.EfsFileSystemFrom")
	}
}
