package storage

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// ImportedOntapProps name a file system of FSx for NetApp ONTAP and an SVM of it that exist, in the account and Region of the stack.
type ImportedOntapProps struct {
	// FileSystemId is the file system's id, "fs-0123456789abcdef0". Required.
	FileSystemId string
	// SvmId is that of the SVM, "svm-0123456789abcdef0". Required.
	SvmId string
	// SvmName is the name of the SVM. Required.
	SvmName string
	// SvmAdminSecretArn is the whole ARN of the secret with user name and password of vsadmin, as {"username": ..., "password": ...}. Required.
	SvmAdminSecretArn string
	// SecurityGroupId is one of its security groups, "sg-0123456789abcdef0". The methods add rules to it. Required.
	SecurityGroupId string
	// ImmutableSecurityGroup leaves it as it is: it must let in what uses the file system. Default: false.
	ImmutableSecurityGroup bool
}

// ImportOntap gives a file system and an SVM that exist the form in which constructs take them. Nothing is created. It panics with
// *invalid.Error when the props are wrong.
func ImportOntap(scope constructs.Construct, id string, props *ImportedOntapProps) *Ontap {
	var p ImportedOntapProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())

	o := &Ontap{id: &p.FileSystemId, svmID: &p.SvmId, svmNamed: &p.SvmName}
	constructs.NewConstruct_Override(o, scope, &id)
	o.SvmAdminSecret = awssecretsmanager.Secret_FromSecretCompleteArn(o, jsii.String("SvmAdminSecret"), &p.SvmAdminSecretArn)
	o.SecurityGroup = awsec2.SecurityGroup_FromSecurityGroupId(o, jsii.String("SecurityGroup"), &p.SecurityGroupId,
		&awsec2.SecurityGroupImportOptions{Mutable: jsii.Bool(!p.ImmutableSecurityGroup)})
	o.doors = doors{owner: o, server: o.SecurityGroup, immutable: p.ImmutableSecurityGroup}
	return o
}

var (
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_StorageVirtualMachine.html
	svmID = regexp.MustCompile(`^svm-[0-9a-f]{17,}$`)
	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
	secretArn = regexp.MustCompile(`^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$`)
)

func (p *ImportedOntapProps) validate() error {
	var bad invalid.Problems
	checkFsxIDs(p.FileSystemId, p.SecurityGroupId, &bad)
	if !invalid.IsToken(p.SvmId) && !svmID.MatchString(p.SvmId) {
		bad.Add("SvmId", `%q is not the id of an SVM; write it as "svm-0123456789abcdef0"`, p.SvmId)
	}
	if !invalid.IsToken(p.SvmName) && (p.SvmName == "" || len(p.SvmName) > 47) {
		bad.Add("SvmName", "%q is no name of an SVM; use its 1 to 47 characters", p.SvmName)
	}
	switch {
	case p.SvmAdminSecretArn == "":
		bad.Add("SvmAdminSecretArn", "is missing; give the ARN of the secret with the password of vsadmin")
	case !invalid.IsToken(p.SvmAdminSecretArn) && !secretArn.MatchString(p.SvmAdminSecretArn): // not repeated: it may be the password itself
		bad.Add("SvmAdminSecretArn", `is not the ARN of a secret; write it as "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf"`)
	}
	return bad.Err()
}
