package storage

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/describe"
)

// EfsPort is where mount targets listen, with and without encryption: NFS.
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

// EfsGrant is how far the right to mount a file system goes.
type EfsGrant struct {
	// AccessPoint is the only way in. Default: nil, the whole file system.
	AccessPoint *EfsAccessPoint
	// Write adds the right to change files to that to read them. Default: false.
	Write bool
	// RootAccess leaves root what it is. Default: false, the client's root is nobody to the file system.
	RootAccess bool
}

// Grant lets a role mount the file system, over encrypted connections only.
func (f *EfsFileSystem) Grant(to awsiam.IGrantable, how EfsGrant) {
	actions := []string{clientMount}
	if how.Write {
		actions = append(actions, clientWrite)
	}
	if how.RootAccess {
		actions = append(actions, clientRootAccess)
	}
	grant := &awsiam.GrantOnPrincipalOptions{
		Grantee: to, Actions: jsii.Strings(actions...), ResourceArns: &[]*string{f.FileSystem.FileSystemArn()},
	}
	if how.AccessPoint != nil {
		grant.Conditions = &map[string]*map[string]any{
			"StringEquals": {accessPointArn: how.AccessPoint.AccessPoint.AccessPointArn()},
		}
	}
	awsiam.Grant_AddToPrincipal(grant)
}

// AllowFrom opens port 2049 between what has the given security groups and the mount targets, in both of their groups where
// both need it, and gives what somebody who mounts should wait for. Asked twice for a group, it opens once: EC2 refuses a
// second rule that says the same. Rules stand below the group, or below scope where that would make stacks wait for each other.
func (f *EfsFileSystem) AllowFrom(scope constructs.Construct, groups ...awsec2.ISecurityGroup) (before []constructs.IDependable) {
	for _, client := range groups {
		for _, target := range f.SecurityGroups {
			key := *client.SecurityGroupId() + " " + *target.SecurityGroupId()
			if f.doors[key] == nil {
				if f.doors == nil {
					f.doors = map[string]constructs.IDependable{}
				}
				f.doors[key] = f.open(scope, client, target)
			}
			before = append(before, f.doors[key])
		}
	}
	return before
}

// Immutable tells whether its security groups are left as they are, so that AllowFrom opens nothing there.
func (f *EfsFileSystem) Immutable() bool { return f.immutable }

func (f *EfsFileSystem) open(scope constructs.Construct, client, target awsec2.ISecurityGroup) constructs.IDependable {
	home, name := scope, *awscdk.Names_NodeUniqueId(target.Node())
	if f.atHome(scope, client) {
		jsii.UnsafeCast(client, &home) // a construct, which the interface of imported ones does not say
	} else {
		name += *awscdk.Names_NodeUniqueId(client.Node()) // one of several below the scope
	}
	description := describe.Of("Files of", f.path)
	rules := constructs.NewDependencyGroup()
	if !f.immutable {
		rules.Add(awsec2.NewCfnSecurityGroupIngress(home, jsii.String("Into"+name), &awsec2.CfnSecurityGroupIngressProps{
			GroupId: target.SecurityGroupId(), SourceSecurityGroupId: client.SecurityGroupId(), Description: description,
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(EfsPort), ToPort: jsii.Number(EfsPort),
		}))
	}
	if !*client.AllowAllOutbound() {
		rules.Add(awsec2.NewCfnSecurityGroupEgress(home, jsii.String("OutTo"+name), &awsec2.CfnSecurityGroupEgressProps{
			GroupId: client.SecurityGroupId(), DestinationSecurityGroupId: target.SecurityGroupId(), Description: description,
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(EfsPort), ToPort: jsii.Number(EfsPort),
		}))
	}
	return rules
}

// atHome tells whether the rules of a client can stand below its security group, where they stay what they are when one of
// several services with that group goes. They name the file system's group: in a third stack, which neither has the files nor
// mounts them, they would make that stack wait for one that may wait for it already, as for its VPC.
func (f *EfsFileSystem) atHome(scope constructs.Construct, client awsec2.ISecurityGroup) bool {
	of := func(c constructs.IConstruct) string { return *awscdk.Stack_Of(c).Node().Path() }
	stack := of(client)
	return stack == of(scope) || stack == of(f)
}

// CheckReach notes, under the field that asks for it, when tasks in the subnets could not mount the file system: those of
// another VPC never, and others only in AZs with a mount target. What is not known is not judged.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
func (f *EfsFileSystem) CheckReach(field string, vpc awsec2.IVpc, subnets network.SubnetType, bad *invalid.Problems) {
	if f.vpc != nil && *f.vpc.VpcId() != *vpc.VpcId() && known(f.vpc) && known(vpc) {
		bad.Add(field, "mounts the files of %s, which are in another VPC; use a file system in the VPC of the cluster", f.path)
		return
	}
	if f.zones == nil || f.vpc == nil {
		return
	}
	same := *f.vpc.Node().Addr() == *vpc.Node().Addr() // only then is a token a name
	var without []string
	for _, zone := range zonesOf(subnets.Of(vpc)) {
		if !slices.Contains(f.zones, zone) && (same || !invalid.IsToken(zone) && !slices.ContainsFunc(f.zones, invalid.IsToken)) {
			without = append(without, zone)
		}
	}
	if len(without) > 0 {
		bad.Add(field, "mounts the files of %s, which have no mount target in %s, where its tasks may start; give the file system Subnets in those zones too",
			f.path, strings.Join(without, ", "))
	}
}

// known tells whether a VPC's id stands for just that VPC: one that is made here, or one by its name.
func known(vpc awsec2.IVpc) bool {
	_, made := vpc.(awsec2.Vpc)
	return made || !invalid.IsToken(*vpc.VpcId())
}
