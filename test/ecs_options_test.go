package test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

const (
	registryImage  = "ghcr.io/acme/private:1.0"
	registrySecret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3"
)

// mayLog is what every execution role of these tests may do.
func mayLog(logs *cdktest.Resource) cdktest.Grant {
	return cdktest.Allow("logs:CreateLogStream", "logs:PutLogEvents").On(logs)
}

func TestImagesOfPrivateRegistriesArePulledWithTheirCredentials(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Secret"), &awssecretsmanager.SecretProps{EncryptionKey: key})
	for id, image := range map[string]registry.Image{
		"Own":   registry.FromRegistry(registryImage).WithCredentials(secret),
		"ByArn": registry.FromRegistry(registryImage).WithCredentialsArn(registrySecret),
	} {
		ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: image}}})
	}
	tpl := cdktest.Synth(t, stack)
	own, byArn := tpl.At("AWS::ECS::TaskDefinition", "Test/Own/"), tpl.At("AWS::ECS::TaskDefinition", "Test/ByArn/")
	assert.Equal(t, registryImage, own.Get("ContainerDefinitions.0.Image"))
	const parameter = "ContainerDefinitions.0.RepositoryCredentials.CredentialsParameter"
	assert.Same(t, tpl.Only("AWS::SecretsManager::Secret"), own.Ref(parameter))
	assert.Equal(t, registrySecret, byArn.Get(parameter))
	read := cdktest.Allow("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue")
	cdktest.MayExactly(t, byArn.Ref("ExecutionRoleArn"), mayLog(tpl.At("AWS::Logs::LogGroup", "Test/ByArn/")), read.On(registrySecret))
	cdktest.MayExactly(t, own.Ref("ExecutionRoleArn"), mayLog(tpl.At("AWS::Logs::LogGroup", "Test/Own/")),
		read.On(tpl.Only("AWS::SecretsManager::Secret")))
	decrypt := tpl.Only("AWS::KMS::Key").Get("KeyPolicy.Statement.2") // of this app's keys, the policy says who decrypts
	assert.Contains(t, cdktest.Dig(decrypt, "Action"), "kms:Decrypt")
	assert.Same(t, own.Ref("ExecutionRoleArn"), tpl.Only("AWS::KMS::Key").Ref("KeyPolicy.Statement.2.Principal.AWS"))
}

func TestPartialSecretsOfRegistriesAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	secret := awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Secret"), jsii.String("ghcr"))
	lines := cdktest.Refused(t, func() {
		ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
			Name: "web", Image: registry.FromRegistry(registryImage).WithCredentials(secret),
		}}})
	})
	assert.Equal(t, []string{"Test/Task: Containers[0].Image.Credentials must be a secret by its complete ARN, because the execution role " +
		"may read only that; use awssecretsmanager.Secret_FromSecretCompleteArn"}, lines)
}

func TestLinesThatBelongTogetherAreOneEvent(t *testing.T) {
	stack := cdktest.Stack(t)
	lines, dates, splunk := web(), web(), web()
	lines.Logging = &ecs.Logging{MultilinePattern: `^\S`}
	dates.Name, dates.PortMappings, dates.Logging = "dates", nil, &ecs.Logging{DatetimeFormat: "%Y-%m-%d %H:%M:%S"}
	splunk.Name, splunk.PortMappings = "splunk", nil
	splunk.Logging = &ecs.Logging{
		Driver: ecs.LogDriverSplunk, Options: map[string]string{"splunk-url": "https://splunk.example.com:8088"},
		SecretOptionArns: map[string]string{"splunk-token": registrySecret + ":token"},
	}
	ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{lines, dates, splunk}})
	tpl := cdktest.Synth(t, stack)
	task := tpl.Only("AWS::ECS::TaskDefinition")
	assert.Equal(t, `^\S`, task.Get("ContainerDefinitions.0.LogConfiguration.Options.awslogs-multiline-pattern"))
	assert.Equal(t, "non-blocking", task.Get("ContainerDefinitions.0.LogConfiguration.Options.mode"))
	assert.Equal(t, "%Y-%m-%d %H:%M:%S", task.Get("ContainerDefinitions.1.LogConfiguration.Options.awslogs-datetime-format"))
	assert.Equal(t, map[string]any{
		"LogDriver": "splunk", "Options": map[string]any{"splunk-url": "https://splunk.example.com:8088"},
		"SecretOptions": []any{map[string]any{"Name": "splunk-token", "ValueFrom": registrySecret + ":token::"}},
	}, task.Get("ContainerDefinitions.2.LogConfiguration"))
	cdktest.MayExactly(t, task.Ref("ExecutionRoleArn"), mayLog(tpl.Only("AWS::Logs::LogGroup")),
		cdktest.Allow("secretsmanager:GetSecretValue").On(registrySecret))
}

// routed is a container whose output goes through FireLens.
func routed() ecs.Container {
	c := web()
	c.Logging = &ecs.Logging{Driver: ecs.LogDriverFireLens, Options: map[string]string{"Name": "kinesis_firehose", "delivery_stream": "logs"}}
	return c
}

func TestFireLensRoutesOutput(t *testing.T) {
	stack := cdktest.Stack(t)
	ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{routed()}, FireLens: &ecs.FireLens{OmitEcsMetadata: true}})
	tpl := cdktest.Synth(t, stack)
	task := tpl.Only("AWS::ECS::TaskDefinition")
	assert.Len(t, task.Get("ContainerDefinitions"), 2)
	assert.Equal(t, map[string]any{
		"LogDriver": "awsfirelens", "Options": map[string]any{"Name": "kinesis_firehose", "delivery_stream": "logs"},
	}, task.Get("ContainerDefinitions.0.LogConfiguration"))
	assert.Equal(t, []any{map[string]any{"ContainerName": "log_router", "Condition": "START"}}, task.Get("ContainerDefinitions.0.DependsOn"),
		"the router starts later than what it routes, and ends before")
	assert.Equal(t, map[string]any{"Type": "fluentbit", "Options": map[string]any{"enable-ecs-log-metadata": "false"}},
		task.Get("ContainerDefinitions.1.FirelensConfiguration"))
	for path, want := range map[string]any{
		"Name": "log_router", "Essential": true, "User": "0", "ReadonlyRootFilesystem": true, "MemoryReservation": 64.0,
		"Image":                         "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.17",
		"LogConfiguration.LogDriver":    "awslogs",
		"LinuxParameters.Tmpfs":         []any{map[string]any{"ContainerPath": "/tmp", "Size": 64.0}},
		"FirelensConfiguration.Type":    "fluentbit",
		"LogConfiguration.Options.mode": "non-blocking",
	} {
		assert.Equal(t, want, task.Get("ContainerDefinitions.1."+path), path)
	}
	cdktest.MayExactly(t, task.Ref("ExecutionRoleArn"), mayLog(tpl.Only("AWS::Logs::LogGroup")))
	cdktest.MayExactly(t, task.Ref("TaskRoleArn")) // where the output goes, the caller grants
}

func TestFireLensReadsItsConfigurationFromS3(t *testing.T) {
	stack := cdktest.Stack(t)
	bucket := awss3.NewBucket(stack, jsii.String("Config"), &awss3.BucketProps{Encryption: awss3.BucketEncryption_KMS})
	ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Compatibility: awsecs.Compatibility_EC2, Containers: []ecs.Container{routed()},
		FireLens: &ecs.FireLens{ConfigBucket: bucket, ConfigKey: "fluent-bit.conf", WritableRootFilesystem: true},
	})
	tpl := cdktest.Synth(t, stack)
	task, config := tpl.Only("AWS::ECS::TaskDefinition"), tpl.Only("AWS::S3::Bucket")
	assert.Equal(t, "s3", task.Get("ContainerDefinitions.1.FirelensConfiguration.Options.config-file-type"))
	assert.Nil(t, task.Get("ContainerDefinitions.1.LinuxParameters"))
	cdktest.MayExactly(t, task.Ref("ExecutionRoleArn"), mayLog(tpl.Only("AWS::Logs::LogGroup")),
		cdktest.Allow("s3:GetObject").On(cdktest.Arn(config, "/fluent-bit.conf")), cdktest.Allow("s3:GetBucketLocation").On(config),
		cdktest.Allow("kms:Decrypt").On(tpl.Only("AWS::KMS::Key")))
}

func TestVolumesAreAttachedToTasks(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
	container := web()
	container.MountPoints = []ecs.MountPoint{{SourceVolume: "scratch", ContainerPath: "/scratch"}}
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Containers: []ecs.Container{container}, Volumes: []ecs.Volume{{Name: "scratch", Ebs: &ecs.EbsVolume{
			SizeGiB: 100, Iops: 4000, ThroughputMiB: 250, FileSystemType: awsecs.FileSystemType_EXT4, EncryptionKey: key,
		}}},
	})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task})
	tpl := cdktest.Synth(t, stack)

	service, definition := tpl.Only("AWS::ECS::Service"), tpl.Only("AWS::ECS::TaskDefinition")
	assert.Equal(t, []any{map[string]any{"Name": "scratch", "ConfiguredAtLaunch": true}}, definition.Get("Volumes"))
	assert.Len(t, service.Get("VolumeConfigurations"), 1)
	assert.Equal(t, definition.Get("Volumes.0.Name"), service.Get("VolumeConfigurations.0.Name"), "ECS would not find the volume")
	for path, want := range map[string]any{
		"Encrypted": true, "SizeInGiB": 100.0, "VolumeType": "gp3", "Iops": 4000.0, "Throughput": 250.0, "FilesystemType": "ext4",
		"TagSpecifications": []any{map[string]any{"ResourceType": "volume", "PropagateTags": "SERVICE"}},
	} {
		assert.Equal(t, want, service.Get("VolumeConfigurations.0.ManagedEBSVolume."+path), path)
	}
	assert.Same(t, tpl.Only("AWS::KMS::Key"), service.Ref("VolumeConfigurations.0.ManagedEBSVolume.KmsKeyId"))
	role := service.Ref("VolumeConfigurations.0.ManagedEBSVolume.RoleArn")
	assert.Equal(t, []string{"ecs.amazonaws.com"}, cdktest.AssumedBy(t, role))
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("service-role/AmazonECSInfrastructureRolePolicyForVolumes"),
		cdktest.Allow("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo").
			On(tpl.Only("AWS::KMS::Key")),
		cdktest.Allow("kms:CreateGrant").On(tpl.Only("AWS::KMS::Key")).
			If(map[string]any{"Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}}))
	assert.True(t, service.ComesAfter(tpl.At("AWS::IAM::Policy", "Test/Task/VolumeRole/")), "the first tasks could not use the key")
}

func TestRunsHaveNoVolumes(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
	container := web()
	container.MountPoints = []ecs.MountPoint{{SourceVolume: "scratch", ContainerPath: "/scratch"}}
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Containers: []ecs.Container{container}, Volumes: []ecs.Volume{{Name: "scratch", Ebs: &ecs.EbsVolume{SizeGiB: 1}}},
	})
	assert.Equal(t, []string{"Test/Run: Task must not have a volume with Ebs, because rules and schedules can't configure one; set " +
		"EphemeralStorageGiB, or use a volume with Efs"}, cdktest.Refused(t, func() {
		ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: task})
	}))
}

// withOptions has what few containers have.
func withOptions(bucket awss3.IBucket) ecs.Container {
	c := web()
	c.User, c.DropCapabilities, c.AddCapabilities = "101", true, []awsecs.Capability{awsecs.Capability_SYS_PTRACE}
	c.RestartPolicy = &ecs.RestartPolicy{AttemptPeriod: 2 * time.Minute, IgnoredExitCodes: []int{0, 143}}
	c.SystemControls = []ecs.SystemControl{{Namespace: "net.core.somaxconn", Value: "1024"}}
	c.EnvironmentFiles = []ecs.EnvironmentFile{{Bucket: bucket, Key: "web/prod.env"}}
	c.DockerLabels = map[string]string{"com.example.team": "shop"}
	c.WritablePaths = []ecs.WritablePath{
		{ContainerPath: "/tmp"}, {ContainerPath: "/plugins", MountOptions: []string{"exec", "uid=101", "mode=1770"}},
	}
	return c
}

func TestContainerOptions(t *testing.T) {
	stack := cdktest.Stack(t)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	slow := web()
	slow.Name, slow.PortMappings, slow.StartTimeout = "slow", nil, 90*time.Second
	container := withOptions(bucket)
	container.DependsOn = []ecs.ContainerDependency{{ContainerName: "slow"}}
	ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{container, slow}})
	tpl := cdktest.Synth(t, stack)
	task := tpl.Only("AWS::ECS::TaskDefinition")
	for path, want := range map[string]any{
		"0.RestartPolicy":                map[string]any{"Enabled": true, "RestartAttemptPeriod": 120.0, "IgnoredExitCodes": []any{0.0, 143.0}},
		"0.LinuxParameters.Capabilities": map[string]any{"Drop": []any{"ALL"}, "Add": []any{"SYS_PTRACE"}},
		"0.LinuxParameters.Tmpfs": []any{map[string]any{"ContainerPath": "/tmp", "Size": 64.0}, map[string]any{
			"ContainerPath": "/plugins", "Size": 64.0, "MountOptions": []any{"exec", "uid=101", "mode=1770"},
		}},
		"0.SystemControls":          []any{map[string]any{"Namespace": "net.core.somaxconn", "Value": "1024"}},
		"0.DockerLabels":            map[string]any{"com.example.team": "shop"},
		"0.EnvironmentFiles.0.Type": "s3",
		"1.StartTimeout":            90.0,
	} {
		assert.Equal(t, want, task.Get("ContainerDefinitions."+path), path)
	}
	file := tpl.Only("AWS::S3::Bucket")
	cdktest.MayExactly(t, task.Ref("ExecutionRoleArn"), mayLog(tpl.Only("AWS::Logs::LogGroup")),
		cdktest.Allow("s3:GetObject").On(cdktest.Arn(file, "/web/prod.env")), cdktest.Allow("s3:GetBucketLocation").On(file))
}

func TestNeuronDevices(t *testing.T) {
	stack := cdktest.Stack(t)
	container := web()
	container.NeuronDevices = []int{0, 1}
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Compatibility: awsecs.Compatibility_EC2, Containers: []ecs.Container{container}})
	cluster := newCluster(stack)
	for name, isRefused := range map[string]bool{"inf2.xlarge": false, "m7i.large": true} {
		capacity := ecs.NewEc2Capacity(stack, name[:2], &ecs.Ec2CapacityProps{Cluster: cluster, MaxSize: 1, InstanceTypes: []string{name}})
		run := func() {
			ecs.NewRun(stack, name[:2]+"Run", &ecs.RunProps{Cluster: cluster, Task: task, Capacity: []ecs.CapacityProviderStrategy{{
				CapacityProvider: capacity.Provider(), Weight: 1,
			}}})
		}
		if isRefused {
			assert.Len(t, cdktest.Refused(t, run), 1, "the task would wait for devices that %s doesn't have", name)
		} else {
			run()
		}
	}
	parameters := cdktest.Synth(t, stack).Only("AWS::ECS::TaskDefinition").Get("ContainerDefinitions.0.LinuxParameters")
	device := func(path string) map[string]any {
		return map[string]any{"HostPath": path, "ContainerPath": path, "Permissions": []any{"read", "write"}}
	}
	assert.Equal(t, []any{device("/dev/neuron0"), device("/dev/neuron1")}, cdktest.Dig(parameters, "Devices"))
	assert.Equal(t, []any{"IPC_LOCK"}, cdktest.Dig(parameters, "Capabilities.Add"))
}

// What sessions leave behind is reaped where they can be, unless the image does so.
func TestSessionsRunBesideAnInitProcess(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{
		Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, ExecuteCommand: &ecs.ExecuteCommand{},
	})
	open, closed, own := web(), web(), web()
	open.WritableRootFilesystem, open.WritablePaths = true, nil
	closed.Name, closed.PortMappings, closed.Logging = "closed", nil, routed().Logging
	own.Name, own.PortMappings, own.WritableRootFilesystem, own.OwnInit = "own", nil, true, true
	for id, exec := range map[string]bool{"With": true, "Without": false} {
		task := ecs.NewTask(stack, id+"Task", &ecs.TaskProps{Containers: []ecs.Container{open, closed, own},
			FireLens: &ecs.FireLens{WritableRootFilesystem: true}})
		ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: task, ExecuteCommand: exec})
	}
	tpl := cdktest.Synth(t, stack)
	const init = ".LinuxParameters.InitProcessEnabled"
	with, without := tpl.At("AWS::ECS::TaskDefinition", "Test/WithTask/"), tpl.At("AWS::ECS::TaskDefinition", "Test/WithoutTask/")
	assert.Equal(t, true, with.Get("ContainerDefinitions.0"+init))
	assert.NotEqual(t, true, with.Get("ContainerDefinitions.1"+init), "no session can be there")
	assert.NotEqual(t, true, with.Get("ContainerDefinitions.2"+init), "the image's own would not be process 1")
	assert.NotEqual(t, true, with.Get("ContainerDefinitions.3"+init), "nobody runs commands in the router")
	assert.NotEqual(t, true, without.Get("ContainerDefinitions.0"+init))
}

func TestDisksOfFargateAreEncryptedWithAKey(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", nil).Vpc
	for id, name := range map[string]string{"Named": "shop", "Unnamed": ""} {
		key := awskms.NewKey(stack, jsii.String(id+"Key"), nil)
		ecs.NewCluster(stack, id, &ecs.ClusterProps{Vpc: vpc, ClusterName: name, EphemeralStorageKey: key})
	}
	tpl := cdktest.Synth(t, stack)
	for id, conditions := range map[string]map[string]any{
		"Named": {"kms:EncryptionContext:aws:ecs:clusterAccount": []any{map[string]any{"Ref": "AWS::AccountId"}},
			"kms:EncryptionContext:aws:ecs:clusterName": []any{"shop"}},
		"Unnamed": {"kms:EncryptionContext:aws:ecs:clusterAccount": []any{map[string]any{"Ref": "AWS::AccountId"}}},
	} {
		cluster := tpl.At("AWS::ECS::Cluster", "Test/"+id+"/")
		key := cluster.Ref("Configuration.ManagedStorageConfiguration.FargateEphemeralStorageKmsKeyId")
		require.Same(t, tpl.At("AWS::KMS::Key", "Test/"+id+"Key/"), key)
		for i, action := range map[string]string{"1": "kms:GenerateDataKeyWithoutPlaintext", "2": "kms:CreateGrant"} {
			statement := key.Get("KeyPolicy.Statement." + i)
			assert.Equal(t, action, cdktest.Dig(statement, "Action"), id)
			assert.Equal(t, "fargate.amazonaws.com", cdktest.Dig(statement, "Principal.Service"), id)
			assert.Equal(t, any(conditions), cdktest.Dig(statement, "Condition.StringEquals"), id)
		}
		assert.Equal(t, []any{"Decrypt"}, key.Get("KeyPolicy.Statement.2.Condition.ForAllValues:StringEquals.kms:GrantOperations"))
	}
}

// A Dockerfile that names no user, and a user who needs no capabilities, are noted; nothing else is.
func TestUsersAreNoted(t *testing.T) {
	write := func(dockerfile string) registry.Image {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o600))
		return registry.FromAsset(dir, nil)
	}
	const noUser = `Neither container "web" nor its Dockerfile names a user other than root, so that it runs as that of its base image. Add ` +
		`USER to the Dockerfile or set User of the container, and DropCapabilities`
	for name, c := range map[string]struct {
		change func(c *ecs.Container)
		want   []string
	}{
		"no user in the Dockerfile": {func(c *ecs.Container) { c.Image = write("FROM a\nUSER app\nFROM b\n") }, []string{noUser}},
		"root in the Dockerfile":    {func(c *ecs.Container) { c.Image = write("FROM a\nUSER root:root\n") }, []string{noUser}},
		"user in the Dockerfile":    {func(c *ecs.Container) { c.Image = write("FROM a\nuser 65532:65532\n") }, nil},
		"user in the task":          {func(c *ecs.Container) { c.Image, c.User, c.DropCapabilities = write("FROM a\n"), "101", true }, nil},
		"image that nobody reads":   {func(*ecs.Container) {}, nil},
		"capabilities to drop": {func(c *ecs.Container) { c.User = "101:101" }, []string{`Container "web" runs as "101:101", who needs none ` +
			`of Docker's default Linux capabilities unless the image says otherwise. Set DropCapabilities`}},
		"root": {func(c *ecs.Container) { c.User = "0:0" }, nil},
		"capabilities that were asked for": {func(c *ecs.Container) {
			c.User, c.AddCapabilities = "101", []awsecs.Capability{awsecs.Capability_SYS_PTRACE}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			container := web()
			c.change(&container)
			task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{container}})
			var got []string
			for _, entry := range *task.Node().Metadata() {
				if *entry.Type == "aws:cdk:info" {
					got = append(got, entry.Data.(string))
				}
			}
			require.Len(t, got, len(c.want))
			for i := range got {
				assert.Contains(t, got[i], c.want[i])
			}
		})
	}
}

// everyOption has all of the options of this file in stacks that pass the checks.
func everyOption(stack awscdk.Stack) {
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	bucket := awss3.Bucket_FromBucketName(stack, jsii.String("Bucket"), jsii.String("shop-settings"))
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{
		Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, ClusterName: "shop", EphemeralStorageKey: key, ExecuteCommand: &ecs.ExecuteCommand{},
	})
	container := withOptions(bucket)
	container.Image = registry.FromRegistry(registryImage).WithCredentialsArn(registrySecret)
	container.Logging = routed().Logging
	container.WritableRootFilesystem = true
	container.MountPoints = []ecs.MountPoint{{SourceVolume: "scratch", ContainerPath: "/scratch"}}
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Containers: []ecs.Container{container}, FireLens: &ecs.FireLens{},
		Volumes: []ecs.Volume{{Name: "scratch", Ebs: &ecs.EbsVolume{
			SnapshotId: "snap-0123456789abcdef0", VolumeType: awsec2.EbsDeviceVolumeType_IO2, Iops: 5000, EncryptionKey: key,
		}}},
	})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task, ExecuteCommand: true})
}
