package storage

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/secretarn"
	"awscontainers/internal/source"
)

// OntapAttributes identify an existing file system of FSx for NetApp ONTAP and one of its SVMs, in the account and Region of
// the stack. `aws fsx describe-storage-virtual-machines` shows them.
type OntapAttributes struct {
	// FileSystemId is the file system's ID, such as "fs-0123456789abcdef0". Required.
	FileSystemId string
	// SvmId is the ID of the SVM, such as "svm-0123456789abcdef0". Required.
	SvmId string
	// SvmName is the name of the SVM. Required.
	SvmName string
	// SvmAdminSecretArn is the complete ARN of the secret with user name and password of vsadmin, as
	// {"username": ..., "password": ...}. Required.
	SvmAdminSecretArn string
	// SecurityGroupId is the ID of one of its security groups, such as "sg-0123456789abcdef0". AllowFrom adds rules to it.
	// Required.
	SecurityGroupId string
	// ImmutableSecurityGroup leaves the rules of this group as they are: it must already let clients in. Default: false.
	ImmutableSecurityGroup bool
}

// OntapFrom uses an existing file system and SVM. It panics with *invalid.Error if the attributes are invalid.
func OntapFrom(scope constructs.Construct, id string, attributes *OntapAttributes) *Ontap {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())

	o := &Ontap{id: a.FileSystemId, svmId: a.SvmId, svmName: a.SvmName}
	source.Create(o, scope, id)
	secretarn.Warn(o, a.SvmAdminSecretArn)
	o.SvmAdminSecret = awssecretsmanager.Secret_FromSecretCompleteArn(o, jsii.String("SvmAdminSecret"), &a.SvmAdminSecretArn)
	o.access = a.existing().access(o)
	o.SecurityGroup = o.access.servers[0]
	return o
}

func (a *OntapAttributes) existing() *fsxExisting {
	return &fsxExisting{fileSystemId: a.FileSystemId, securityGroupId: a.SecurityGroupId, isImmutable: a.ImmutableSecurityGroup}
}

var (
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_StorageVirtualMachine.html
	svmId = regexp.MustCompile(`^svm-[0-9a-f]{17,}$`)
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_StorageVirtualMachine.html
	existingSvmName = regexp.MustCompile(`^.{1,47}$`)
	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
	secretArn = regexp.MustCompile(`^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$`)
)

// Validate returns all problems of the attributes, or nil.
func (a *OntapAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	a.existing().validate(&bad)
	check.Required("SvmId", a.SvmId, svmId, `an SVM ID such as "svm-0123456789abcdef0"`, &bad)
	check.Required("SvmName", a.SvmName, existingSvmName, "the SVM's name of 1 to 47 characters", &bad)
	const arn = `the complete ARN of the secret of vsadmin, such as "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf"`
	switch {
	case a.SvmAdminSecretArn == "":
		bad.Add("SvmAdminSecretArn", "is required: %s", arn)
	case !invalid.IsToken(a.SvmAdminSecretArn) && !secretArn.MatchString(a.SvmAdminSecretArn):
		bad.Add("SvmAdminSecretArn", "must be %s", arn) // not repeated: it may be the password itself
	}
	return bad.Err()
}
