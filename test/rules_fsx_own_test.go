//go:build recipes

package test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/storage"
)

// fsxOwnCases are file systems as this library writes them.
var fsxOwnCases = []ruleCase{
	{name: "FsxByOurs", adjust: func(stack awscdk.Stack) { newOurFsx(stack) }},
	{
		name: "FsxByOursBroken",
		adjust: func(stack awscdk.Stack) {
			lustre, ontap := newOurFsx(stack)
			lustre.FileSystem.AddPropertyOverride(jsii.String("StorageCapacity"), 1300)
			ontap.Svm.SetSvmAdminPassword(jsii.String("hunter22"))
			storage.NewLustre(stack, "Lonely", &storage.LustreProps{Vpc: importedVpc(awscdk.NewStack(awscdk.App_Of(stack), jsii.String("FsxVpc"),
				nil))})
		},
		want: []string{"AWSC-FSX-001 Lustre/FileSystem", "AWSC-FSX-005 Ontap/Svm", "AWSC-FSX-003 Lonely/FileSystem"},
	},
}

func newOurFsx(stack awscdk.Stack) (*storage.Lustre, *storage.Ontap) {
	vpc := importedVpc(stack)
	clients := awsec2.NewSecurityGroup(stack, jsii.String("Clients"), &awsec2.SecurityGroupProps{Vpc: vpc})
	lustre := storage.NewLustre(stack, "Lustre", &storage.LustreProps{Vpc: vpc})
	lustre.AllowFrom(clients)
	ontap := storage.NewOntap(stack, "Ontap", &storage.OntapProps{Vpc: vpc})
	ontap.AllowFrom(clients, storage.OntapNfs)
	return lustre, ontap
}
