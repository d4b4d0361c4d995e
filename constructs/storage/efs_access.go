package storage

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/vpcid"
)

// EfsPort is the port of mount targets: NFS, with and without encryption.
// https://docs.aws.amazon.com/efs/latest/ug/network-access.html
const EfsPort = 2049

// The actions of a client.
// https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
const (
	clientMount      = "elasticfilesystem:ClientMount"
	clientWrite      = "elasticfilesystem:ClientWrite"
	clientRootAccess = "elasticfilesystem:ClientRootAccess"
	accessPointArn   = "elasticfilesystem:AccessPointArn"
)

// GrantRead allows a role to mount the file system, over encrypted connections, and to read files. It panics
// with *invalid.Error, as the other grants do, if the grantee is nil.
func (f *EfsFileSystem) GrantRead(grantee awsiam.IGrantable) awsiam.Grant {
	return f.grant("GrantRead", grantee, nil, clientMount)
}

// GrantReadWrite allows a role to mount the file system, over encrypted connections, and to read and change files.
func (f *EfsFileSystem) GrantReadWrite(grantee awsiam.IGrantable) awsiam.Grant {
	return f.grant("GrantReadWrite", grantee, nil, clientMount, clientWrite)
}

// GrantRootAccess lets the client's root user be root for the file system, in addition to GrantRead or GrantReadWrite. Without
// it, EFS treats root as an anonymous user.
func (f *EfsFileSystem) GrantRootAccess(grantee awsiam.IGrantable) awsiam.Grant {
	return f.grant("GrantRootAccess", grantee, nil, clientRootAccess)
}

// GrantRead allows a role to mount the file system through the access point, over encrypted connections, and to read files.
func (a *EfsAccessPoint) GrantRead(grantee awsiam.IGrantable) awsiam.Grant {
	return a.FileSystem.grant("GrantRead", grantee, a, clientMount)
}

// GrantReadWrite allows a role to mount the file system through the access point, over encrypted connections, and to read and
// change files.
func (a *EfsAccessPoint) GrantReadWrite(grantee awsiam.IGrantable) awsiam.Grant {
	return a.FileSystem.grant("GrantReadWrite", grantee, a, clientMount, clientWrite)
}

// GrantRootAccess lets a client of the access point be root for the file system, in addition to GrantRead or GrantReadWrite.
// An access point whose PosixUser is root needs it.
func (a *EfsAccessPoint) GrantRootAccess(grantee awsiam.IGrantable) awsiam.Grant {
	return a.FileSystem.grant("GrantRootAccess", grantee, a, clientRootAccess)
}

func (f *EfsFileSystem) grant(method string, grantee awsiam.IGrantable, through *EfsAccessPoint, actions ...string) awsiam.Grant {
	var owner constructs.Construct = f
	if through != nil {
		owner = through
	}
	check.Grantee(owner, method, grantee)
	options := &awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings(actions...), ResourceArns: &[]*string{f.FileSystem.FileSystemArn()},
	}
	if through != nil {
		options.Conditions = &map[string]*map[string]any{
			"StringEquals": {accessPointArn: through.AccessPoint.AccessPointArn()},
		}
	}
	return awsiam.Grant_AddToPrincipal(options)
}

// Connections makes the file system an awsec2.IConnectable, whose default port is EfsPort. Rules that it adds belong to the
// file system's stack; those of AllowFrom belong to the client's. To let a client mount, use AllowFrom. A service, a run or an EKS
// cluster that mounts the file system has access already.
func (f *EfsFileSystem) Connections() awsec2.Connections { return f.access.connectable() }

// AllowFrom lets a client connect to the mount targets. It returns what a mount should wait for. The rules belong to the
// client's security groups, or to the client's stack if these are imported or in a third stack. Groups that were imported with
// Mutable false get none.
func (f *EfsFileSystem) AllowFrom(client awsec2.IConnectable) []constructs.IDependable {
	return f.access.allowFrom(client, "efs", portRange{"tcp", EfsPort, EfsPort})
}

// CheckReach is for this library's packages: it returns an error if tasks or nodes in the given subnets cannot mount the file
// system, because it is in another VPC or has no mount target in one of their Availability Zones. It accepts what is not known at
// synthesis.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
func (f *EfsFileSystem) CheckReach(vpc awsec2.IVpc, subnets network.SubnetType) error {
	var bad invalid.Problems
	if check.NotNil("vpc", vpc, "the VPC of the tasks or nodes", &bad); len(bad) > 0 {
		return bad.Err()
	}
	if vpcid.AreApart(f.vpc, vpc) {
		bad.Add("", "requires a file system in its own VPC, and %s is in another one", f.path)
		return bad.Err()
	}
	if f.zones == nil || f.vpc == nil || vpcid.IsDummy(f.vpc) || vpcid.IsDummy(vpc) {
		return nil
	}
	isSame := *f.vpc.Node().Addr() == *vpc.Node().Addr() // only then is a token a name
	var without []string
	for _, zone := range zonesOf(subnets.Of(vpc)) {
		isKnown := isSame || !invalid.IsToken(zone) && !slices.ContainsFunc(f.zones, invalid.IsToken)
		if isKnown && !slices.Contains(f.zones, zone) {
			without = append(without, zone)
		}
	}
	if len(without) > 0 {
		bad.Add("", "requires mount targets of %s in %s, where its tasks may start", f.path, strings.Join(without, ", ")).
			Advise("give the file system Subnets in those zones too")
	}
	return bad.Err()
}
