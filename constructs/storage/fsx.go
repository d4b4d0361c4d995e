package storage

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/describe"
)

// maxBackupDays is how long FSx keeps an automatic backup at most.
// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemLustreConfiguration.html
const maxBackupDays = 90

var (
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemLustreConfiguration.html
	weeklyTime = regexp.MustCompile(`^[1-7]:([01]\d|2[0-3]):[0-5]\d$`)
	dailyTime  = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_FileSystem.html
	fsxFileSystemID = regexp.MustCompile(`^fs-[0-9a-f]{8,}$`)
)

// checkWeekly and the others note what all file systems of Amazon FSx have in common.
func checkWeekly(at string, bad *invalid.Problems) {
	if at != "" && !invalid.IsToken(at) && !weeklyTime.MatchString(at) {
		bad.Add("WeeklyMaintenance", `%q is no time of the week; write the day, from 1, Monday, to 7, Sunday, and the time in UTC, as "7:02:30"`, at)
	}
}

func checkDaily(at string, bad *invalid.Problems) {
	if at != "" && !invalid.IsToken(at) && !dailyTime.MatchString(at) {
		bad.Add("DailyBackupStart", `%q is no time of the day; write hours and minutes in UTC, as "05:00"`, at)
	}
}

// checkBackups notes settings of backups that are out of range, or that nothing would use.
func checkBackups(days int, start string, disabled bool, bad *invalid.Problems) {
	checkDaily(start, bad)
	switch {
	case disabled && days != 0:
		bad.Add("BackupRetentionDays", "%d stands beside DisableBackups; leave one of them out", days)
	case days < 0 || days > maxBackupDays:
		bad.Add("BackupRetentionDays", "%d is out of range; use 1 to %d, or DisableBackups for none", days, maxBackupDays)
	}
	if disabled && start != "" {
		bad.Add("DailyBackupStart", "%q stands beside DisableBackups; leave one of them out", start)
	}
}

// checkRemoval refuses what the CDK would refuse later and without the field: CloudFormation takes no snapshots of FSx.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
func checkRemoval(policy awscdk.RemovalPolicy, bad *invalid.Problems) {
	if policy == awscdk.RemovalPolicy_SNAPSHOT {
		bad.Add("RemovalPolicy", "%q is not for FSx, of which CloudFormation takes no snapshots; use %q, %q or %q", policy,
			awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	}
}

func checkName(name string, bad *invalid.Problems) {
	if !invalid.IsToken(name) && !tagValue.MatchString(name) {
		bad.Add("FileSystemName", "%q is no value of a tag; use up to 256 letters, digits, blanks and _.:/=+-@", name)
	}
}

func checkFsxIDs(fileSystem, group string, bad *invalid.Problems) {
	if !invalid.IsToken(fileSystem) && !fsxFileSystemID.MatchString(fileSystem) {
		bad.Add("FileSystemId", `%q is not the id of a file system; write it as "fs-0123456789abcdef0"`, fileSystem)
	}
	if !invalid.IsToken(group) && !securityGroupID.MatchString(group) {
		bad.Add("SecurityGroupId", `%q is not the id of a security group; write it as "sg-0123456789abcdef0"`, group)
	}
}

// nameTag is the tag by which the console shows a file system.
func nameTag(name, path string) *[]*awscdk.CfnTag {
	if name == "" {
		name = path[:min(len(path), 256)]
	}
	return &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: &name}}
}

// ports are some that FSx listens on, as a rule of a security group has them.
type ports struct {
	protocol string
	from, to int
}

// doors are what is open between the security group of a file system and those of its clients.
type doors struct {
	owner     constructs.Construct
	server    awsec2.ISecurityGroup
	immutable bool // its rules are left as they are
	opened    map[string]constructs.IDependable
}

// open lets what has the given security groups in at the ports, and with back the servers at the same ports of the clients, too. It gives
// what somebody who mounts should wait for. Asked twice for a group, it opens once: EC2 refuses a second rule that says the same. Rules stand
// below the client's group, where they stay when one of several users of that group goes; or below scope, where they would otherwise make a
// third stack wait for one that waits for it.
func (d *doors) open(scope constructs.Construct, clients []awsec2.ISecurityGroup, what string, back bool, at ...ports) (before []constructs.IDependable) {
	for _, client := range clients {
		key := what + " " + *client.SecurityGroupId()
		if d.opened[key] == nil {
			rules := constructs.NewDependencyGroup()
			home, name := scope, *awscdk.Names_NodeUniqueId(d.server.Node())
			if d.atHome(scope, client) {
				jsii.UnsafeCast(client, &home) // a construct, which the interface of imported ones does not say
			} else {
				name += *awscdk.Names_NodeUniqueId(client.Node()) // one of several below the scope
			}
			for _, p := range at {
				d.pass(rules, home, name, p, client, d.server, d.immutable, false)
				if back {
					d.pass(rules, home, name+"Back", p, d.server, client, false, d.immutable)
				}
			}
			d.remember(key, rules)
		}
		before = append(before, d.opened[key])
	}
	return before
}

// pass lets one group through to another, on both sides but those whose rules are not to be touched.
func (d *doors) pass(rules constructs.DependencyGroup, home constructs.Construct, name string, p ports, from, to awsec2.ISecurityGroup, keepTo, keepFrom bool) {
	id := fmt.Sprintf("%s%s%d", name, p.protocol, p.from)
	description := describe.Of("Files of", *d.owner.Node().Path())
	if !keepTo {
		rules.Add(awsec2.NewCfnSecurityGroupIngress(home, jsii.String("Into"+id), &awsec2.CfnSecurityGroupIngressProps{
			GroupId: to.SecurityGroupId(), SourceSecurityGroupId: from.SecurityGroupId(), Description: description,
			IpProtocol: jsii.String(p.protocol), FromPort: jsii.Number(p.from), ToPort: jsii.Number(p.to),
		}))
	}
	if !keepFrom && !*from.AllowAllOutbound() {
		rules.Add(awsec2.NewCfnSecurityGroupEgress(home, jsii.String("OutTo"+id), &awsec2.CfnSecurityGroupEgressProps{
			GroupId: from.SecurityGroupId(), DestinationSecurityGroupId: to.SecurityGroupId(), Description: description,
			IpProtocol: jsii.String(p.protocol), FromPort: jsii.Number(p.from), ToPort: jsii.Number(p.to),
		}))
	}
}

func (d *doors) remember(key string, rules constructs.IDependable) {
	if d.opened == nil {
		d.opened = map[string]constructs.IDependable{}
	}
	d.opened[key] = rules
}

func (d *doors) atHome(scope constructs.Construct, client awsec2.ISecurityGroup) bool {
	of := func(c constructs.IConstruct) string { return *awscdk.Stack_Of(c).Node().Path() }
	stack := of(client)
	return stack == of(scope) || stack == of(d.owner)
}
