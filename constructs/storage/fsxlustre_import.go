package storage

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// ImportedLustreProps name a file system of FSx for Lustre that exists, in the account and Region of the stack.
type ImportedLustreProps struct {
	// FileSystemId is its id, "fs-0123456789abcdef0". Required.
	FileSystemId string
	// MountName is what clients mount, such as "fsx" or "a1b2c3d4", as aws fsx describe-file-systems tells it. Required.
	MountName string
	// DnsName is where clients find it. Default: the one that FSx gives: the id, ".fsx.", the Region and ".amazonaws.com".
	DnsName string
	// SecurityGroupId is one of its security groups, "sg-0123456789abcdef0". AllowFrom adds rules to it. Required.
	SecurityGroupId string
	// ImmutableSecurityGroup leaves it as it is: it must let in what mounts the file system. Default: false.
	ImmutableSecurityGroup bool
}

// ImportLustre gives a file system that exists the form in which constructs take it. Nothing is created. It panics with *invalid.Error when the
// props are wrong.
func ImportLustre(scope constructs.Construct, id string, props *ImportedLustreProps) *Lustre {
	var p ImportedLustreProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())

	l := &Lustre{id: &p.FileSystemId, mountName: &p.MountName, dns: &p.DnsName}
	constructs.NewConstruct_Override(l, scope, &id)
	if p.DnsName == "" {
		l.dns = fsxDomain(l, p.FileSystemId)
	}
	l.SecurityGroup = awsec2.SecurityGroup_FromSecurityGroupId(l, jsii.String("SecurityGroup"), &p.SecurityGroupId,
		&awsec2.SecurityGroupImportOptions{Mutable: jsii.Bool(!p.ImmutableSecurityGroup)})
	l.doors = doors{owner: l, server: l.SecurityGroup, immutable: p.ImmutableSecurityGroup}
	return l
}

// fsxDomain is the name that FSx gives what is called so.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/mounting-ec2-instance.html
func fsxDomain(scope constructs.Construct, name string) *string {
	stack := awscdk.Stack_Of(scope)
	return jsii.String(fmt.Sprintf("%s.fsx.%s.%s", name, *stack.Region(), *stack.UrlSuffix()))
}

// https://docs.aws.amazon.com/fsx/latest/APIReference/API_LustreFileSystemConfiguration.html
var lustreMountName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,8}$`)

func (p *ImportedLustreProps) validate() error {
	var bad invalid.Problems
	checkFsxIDs(p.FileSystemId, p.SecurityGroupId, &bad)
	if !invalid.IsToken(p.MountName) && !lustreMountName.MatchString(p.MountName) {
		bad.Add("MountName", `%q is no mount name; use the 1 to 8 characters that aws fsx describe-file-systems tells`, p.MountName)
	}
	return bad.Err()
}
