package storage

import (
	"regexp"

	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// LustreAttributes identify an existing file system of FSx for Lustre in the account and Region of the stack.
// `aws fsx describe-file-systems` shows them.
type LustreAttributes struct {
	// FileSystemId is the file system's ID, such as "fs-0123456789abcdef0". Required.
	FileSystemId string
	// MountName is the name that clients mount, such as "fsx" or "a1b2c3d4". Required.
	MountName string
	// DnsName is the DNS name that clients mount. Default: the one that FSx gives: the ID, ".fsx.", the Region and
	// ".amazonaws.com".
	DnsName string
	// SecurityGroupId is the ID of one of its security groups, such as "sg-0123456789abcdef0". AllowFrom adds rules to it.
	// Required.
	SecurityGroupId string
	// ImmutableSecurityGroup leaves the rules of this group as they are: it must already let clients in. Default: false.
	ImmutableSecurityGroup bool
}

// LustreFrom uses an existing file system. It panics with *invalid.Error if the attributes are invalid.
func LustreFrom(scope constructs.Construct, id string, attributes *LustreAttributes) *Lustre {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())

	l := &Lustre{id: a.FileSystemId, mountName: a.MountName, dnsName: a.DnsName}
	source.Create(l, scope, id)
	if l.dnsName == "" {
		l.dnsName = fsxDomain(l, a.FileSystemId)
	}
	l.access = a.existing().access(l)
	l.access.isMutual = true
	l.SecurityGroup = l.access.servers[0]
	return l
}

func (a *LustreAttributes) existing() *fsxExisting {
	return &fsxExisting{fileSystemId: a.FileSystemId, securityGroupId: a.SecurityGroupId, isImmutable: a.ImmutableSecurityGroup}
}

// https://docs.aws.amazon.com/fsx/latest/APIReference/API_LustreFileSystemConfiguration.html
var lustreMountName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,8}$`)

// Validate returns all problems of the attributes, or nil.
func (a *LustreAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	a.existing().validate(&bad)
	check.Required("MountName", a.MountName, lustreMountName, `1 to 8 letters, digits, hyphens and underscores, such as "a1b2c3d4"`, &bad)
	return bad.Err()
}
