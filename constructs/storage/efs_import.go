package storage

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// ImportedEfsFileSystemProps name a file system that exists, in the account and Region of the stack. Its own policy stays as it
// is: one that lets anonymous clients in still does, and one of the console or of the CDK may let everybody who mounts write.
type ImportedEfsFileSystemProps struct {
	// FileSystemId is its id, "fs-0123456789abcdef0". Required.
	FileSystemId string
	// SecurityGroupIds are those of its mount targets, each "sg-0123456789abcdef0". What mounts the file system adds a rule to
	// each. Required.
	SecurityGroupIds []string
	// ImmutableSecurityGroups leaves them as they are: they must let in what mounts the file system. Default: false.
	ImmutableSecurityGroups bool
	// Vpc is where its mount targets are. Default: nil, not known; then nobody notices that a cluster is in another VPC.
	Vpc awsec2.IVpc
	// AvailabilityZones are the names of those with a mount target, "eu-west-1a". Default: none, not known; then nobody notices
	// that tasks may start where there is none.
	AvailabilityZones []string
}

// ImportEfsFileSystem gives a file system that exists the form in which constructs take it. Nothing is created. It panics with
// *invalid.Error when the props are wrong.
func ImportEfsFileSystem(scope constructs.Construct, id string, props *ImportedEfsFileSystemProps) *EfsFileSystem {
	var p ImportedEfsFileSystemProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())

	f := &EfsFileSystem{vpc: p.Vpc, zones: slices.Clone(p.AvailabilityZones), immutable: p.ImmutableSecurityGroups}
	constructs.NewConstruct_Override(f, scope, &id)
	f.path = *f.Node().Path()
	for i, groupId := range p.SecurityGroupIds {
		f.SecurityGroups = append(f.SecurityGroups, awsec2.SecurityGroup_FromSecurityGroupId(f, jsii.String("SecurityGroup"+strconv.Itoa(i)),
			&groupId, &awsec2.SecurityGroupImportOptions{Mutable: jsii.Bool(!p.ImmutableSecurityGroups)}))
	}
	f.FileSystem = awsefs.FileSystem_FromFileSystemAttributes(f, jsii.String("FileSystem"), &awsefs.FileSystemAttributes{
		FileSystemId: &p.FileSystemId, SecurityGroup: f.SecurityGroups[0],
	})
	return f
}

// ImportedEfsAccessPointProps name an access point that exists.
type ImportedEfsAccessPointProps struct {
	// FileSystem is where it leads. Required.
	FileSystem *EfsFileSystem
	// AccessPointId is its id, "fsap-0123456789abcdef0". Required.
	AccessPointId string
}

// ImportEfsAccessPoint gives an access point that exists the form in which constructs take it. Nothing is created. It panics
// with *invalid.Error when the props are wrong.
func ImportEfsAccessPoint(scope constructs.Construct, id string, props *ImportedEfsAccessPointProps) *EfsAccessPoint {
	var p ImportedEfsAccessPointProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())

	a := &EfsAccessPoint{FileSystem: p.FileSystem}
	constructs.NewConstruct_Override(a, scope, &id)
	a.AccessPoint = awsefs.AccessPoint_FromAccessPointAttributes(a, jsii.String("AccessPoint"), &awsefs.AccessPointAttributes{
		AccessPointId: &p.AccessPointId, FileSystem: p.FileSystem.FileSystem,
	})
	return a
}

var (
	// https://docs.aws.amazon.com/efs/latest/ug/API_DescribeFileSystems.html
	fileSystemID = regexp.MustCompile(`^fs-[0-9a-f]{8,40}$`)
	// https://docs.aws.amazon.com/efs/latest/ug/API_DescribeAccessPoints.html
	accessPointID = regexp.MustCompile(`^fsap-[0-9a-f]{8,40}$`)
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
	securityGroupID = regexp.MustCompile(`^sg-([0-9a-f]{8}|[0-9a-f]{17})$`)
)

func (p *ImportedEfsFileSystemProps) validate() error {
	var bad invalid.Problems
	if !invalid.IsToken(p.FileSystemId) && !fileSystemID.MatchString(p.FileSystemId) {
		bad.Add("FileSystemId", `%q is not the id of a file system; write it as "fs-0123456789abcdef0"`, p.FileSystemId)
	}
	if len(p.SecurityGroupIds) == 0 {
		bad.Add("SecurityGroupIds", "is empty; name the security groups of the mount targets, which aws efs describe-mount-target-security-groups tells")
	}
	for i, id := range p.SecurityGroupIds {
		if !invalid.IsToken(id) && !securityGroupID.MatchString(id) {
			bad.Add("SecurityGroupIds", `%q is not the id of a security group; write it as "sg-0123456789abcdef0"`, id)
		}
		if slices.Index(p.SecurityGroupIds, id) < i {
			bad.Add("SecurityGroupIds", "name %q twice; name each once", id)
		}
	}
	for i, zone := range p.AvailabilityZones {
		if zone == "" || slices.Index(p.AvailabilityZones, zone) < i {
			bad.Add("AvailabilityZones", "%q at index %d is empty or named twice; name each zone once", zone, i)
		}
	}
	return bad.Err()
}

func (p *ImportedEfsAccessPointProps) validate() error {
	var bad invalid.Problems
	if p.FileSystem == nil || p.FileSystem.FileSystem == nil {
		bad.Add("FileSystem", "is missing; make it with storage.NewEfsFileSystem or storage.ImportEfsFileSystem")
	}
	if !invalid.IsToken(p.AccessPointId) && !accessPointID.MatchString(p.AccessPointId) {
		bad.Add("AccessPointId", `%q is not the id of an access point; write it as "fsap-0123456789abcdef0"`, p.AccessPointId)
	}
	return bad.Err()
}
