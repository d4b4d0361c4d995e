package storage_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/storage"
)

// A file system in every zone of the VPC, whose files move to cheaper storage when nobody reads them.
func ExampleNewEfsFileSystem() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Files"), nil)
		files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{
			Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, TransitionToIADays: 30, TransitionToArchiveDays: 90,
		})
		output.New(stack, "FileSystemId", files.Id())
		app.Synth(nil)
	})
}

// A directory that belongs to user 1000, and a virtual machine that may write there.
func ExampleNewEfsAccessPoint() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Uploads"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
		uploads := storage.NewEfsAccessPoint(stack, "Uploads", &storage.EfsAccessPointProps{
			FileSystem: files, Path: "/uploads", PosixUser: &storage.EfsPosixUser{Uid: 1000, Gid: 1000},
		})
		machine := awsec2.NewInstance(stack, jsii.String("Machine"), &awsec2.InstanceProps{
			Vpc: vpc, InstanceType: awsec2.NewInstanceType(jsii.String("t4g.small")),
			MachineImage: awsec2.MachineImage_LatestAmazonLinux2023(&awsec2.AmazonLinux2023ImageSsmParameterProps{
				CpuType: awsec2.AmazonLinuxCpuType_ARM_64,
			}),
		})
		uploads.GrantReadWrite(machine)
		machine.Instance().Node().AddDependency(files.AllowFrom(machine)...)
		app.Synth(nil)
	})
}

// Files that another stack or another tool made, which a role may read.
func ExampleEfsFileSystemFrom() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Reports"), nil)
		files := storage.EfsFileSystemFrom(stack, "Files", &storage.EfsFileSystemAttributes{
			FileSystemId: "fs-0123456789abcdef0", SecurityGroupIds: []string{"sg-0123456789abcdef0"},
		})
		files.GrantRead(awsiam.Role_FromRoleName(stack, jsii.String("Reader"), jsii.String("reader"), nil))
		app.Synth(nil)
	})
}

// An existing access point of such files, through which a role may write.
func ExampleEfsAccessPointFrom() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Reports"), nil)
		files := storage.EfsFileSystemFrom(stack, "Files", &storage.EfsFileSystemAttributes{
			FileSystemId: "fs-0123456789abcdef0", SecurityGroupIds: []string{"sg-0123456789abcdef0"},
		})
		reports := storage.EfsAccessPointFrom(stack, "Reports", &storage.EfsAccessPointAttributes{
			FileSystem: files, AccessPointId: "fsap-0123456789abcdef0",
		})
		reports.GrantReadWrite(awsiam.Role_FromRoleName(stack, jsii.String("Writer"), jsii.String("writer"), nil))
		app.Synth(nil)
	})
}

// A file system for data that exists in a bucket, too, and a security group whose instances may mount it.
func ExampleNewLustre() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Training"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		files := storage.NewLustre(stack, "Files", &storage.LustreProps{
			Vpc: vpc, DeploymentType: storage.LustreScratch2, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
			DataRepositories: []storage.LustreDataRepository{{
				Bucket: awss3.Bucket_FromBucketName(stack, jsii.String("Samples"), jsii.String("samples")), FileSystemPath: "/samples",
				AutoImport: []storage.LustreEvent{storage.LustreNew, storage.LustreChanged},
			}},
		})
		files.AllowFrom(awsec2.NewSecurityGroup(stack, jsii.String("Workers"), &awsec2.SecurityGroupProps{Vpc: vpc}))
		output.New(stack, "DnsName", files.DnsName())
		output.New(stack, "MountName", files.MountName())
		app.Synth(nil)
	})
}

// One that another tool made.
func ExampleLustreFrom() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Training"), nil)
		files := storage.LustreFrom(stack, "Files", &storage.LustreAttributes{
			FileSystemId: "fs-0123456789abcdef0", MountName: "a1b2c3d4", SecurityGroupId: "sg-0123456789abcdef0",
		})
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		files.AllowFrom(awsec2.NewSecurityGroup(stack, jsii.String("Workers"), &awsec2.SecurityGroupProps{Vpc: vpc}))
		app.Synth(nil)
	})
}

// Files and block devices in two Availability Zones, for clients by NFS, and for who administers them.
func ExampleNewOntap() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shared"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		files := storage.NewOntap(stack, "Files", &storage.OntapProps{
			Vpc: vpc, DeploymentType: storage.OntapMultiAz1, ThroughputCapacityPerHaPair: 256, WeeklyMaintenanceStartTime: "7:02:30",
		})
		clients := awsec2.NewSecurityGroup(stack, jsii.String("Clients"), &awsec2.SecurityGroupProps{Vpc: vpc})
		files.AllowFrom(clients, storage.OntapNfs)
		files.AllowFrom(clients, storage.OntapManagement)
		output.New(stack, "NfsDnsName", files.NfsDnsName())
		app.Synth(nil)
	})
}

// Those that another tool made.
func ExampleOntapFrom() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shared"), nil)
		files := storage.OntapFrom(stack, "Files", &storage.OntapAttributes{
			FileSystemId: "fs-0123456789abcdef0", SvmId: "svm-0123456789abcdef0", SvmName: "svm", SecurityGroupId: "sg-0123456789abcdef0",
			SvmAdminSecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf",
		})
		files.SvmAdminSecret.GrantRead(awsiam.Role_FromRoleName(stack, jsii.String("Operator"), jsii.String("operator"), nil), nil)
		app.Synth(nil)
	})
}
