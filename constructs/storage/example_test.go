package storage_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/network"
	"awscontainers/constructs/storage"
)

// A file system in every zone of the VPC, whose files move to cheaper storage when nobody reads them.
func ExampleNewEfsFileSystem() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Files"), nil)
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{
		Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, TransitionToIADays: 30, TransitionToArchiveDays: 90,
	})
	awscdk.NewCfnOutput(stack, jsii.String("FileSystemId"), &awscdk.CfnOutputProps{Value: files.FileSystemId()})
	app.Synth(nil)
}

// A directory that belongs to user 1000, and a virtual machine that may write there.
func ExampleNewEfsAccessPoint() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Uploads"), nil)
	vpc := network.NewVpc(stack, "Vpc", nil).Vpc
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	uploads := storage.NewEfsAccessPoint(stack, "Uploads", &storage.EfsAccessPointProps{
		FileSystem: files, Path: "/uploads", PosixUser: &storage.EfsPosixUser{Uid: 1000, Gid: 1000},
	})
	machine := awsec2.NewInstance(stack, jsii.String("Machine"), &awsec2.InstanceProps{
		Vpc: vpc, InstanceType: awsec2.NewInstanceType(jsii.String("t4g.small")),
		MachineImage: awsec2.MachineImage_LatestAmazonLinux2023(&awsec2.AmazonLinux2023ImageSsmParameterProps{CpuType: awsec2.AmazonLinuxCpuType_ARM_64}),
	})
	files.Grant(machine.Role(), storage.EfsGrant{AccessPoint: uploads, Write: true})
	machine.Node().AddDependency(files.AllowFrom(stack, *machine.Connections().SecurityGroups()...)...)
	app.Synth(nil)
}

// Files that another stack or another tool made, which a role may read.
func ExampleImportEfsFileSystem() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Reports"), nil)
	files := storage.ImportEfsFileSystem(stack, "Files", &storage.ImportedEfsFileSystemProps{
		FileSystemId: "fs-0123456789abcdef0", SecurityGroupIds: []string{"sg-0123456789abcdef0"},
	})
	files.Grant(awsiam.Role_FromRoleName(stack, jsii.String("Reader"), jsii.String("reader"), nil), storage.EfsGrant{})
	app.Synth(nil)
}

// A way into such files that exists, too.
func ExampleImportEfsAccessPoint() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Reports"), nil)
	files := storage.ImportEfsFileSystem(stack, "Files", &storage.ImportedEfsFileSystemProps{
		FileSystemId: "fs-0123456789abcdef0", SecurityGroupIds: []string{"sg-0123456789abcdef0"},
	})
	reports := storage.ImportEfsAccessPoint(stack, "Reports", &storage.ImportedEfsAccessPointProps{
		FileSystem: files, AccessPointId: "fsap-0123456789abcdef0",
	})
	files.Grant(awsiam.Role_FromRoleName(stack, jsii.String("Writer"), jsii.String("writer"), nil), storage.EfsGrant{AccessPoint: reports, Write: true})
	app.Synth(nil)
}
