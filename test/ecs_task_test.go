package test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/express"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

func TestTaskWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()}})
	tpl := cdktest.Synth(t, stack)

	task := tpl.Only("AWS::ECS::TaskDefinition")
	assert.Equal(t, "256", task.Get("Cpu"))
	assert.Equal(t, "512", task.Get("Memory"))
	assert.Equal(t, "awsvpc", task.Get("NetworkMode"))
	assert.Equal(t, []any{"FARGATE"}, task.Get("RequiresCompatibilities"))
	assert.Equal(t, "X86_64", task.Get("RuntimePlatform.CpuArchitecture"))
	assert.Len(t, task.Get("ContainerDefinitions"), 1)
	assert.Equal(t, publicImage, task.Get("ContainerDefinitions.0.Image"))
	assert.Equal(t, true, task.Get("ContainerDefinitions.0.Essential"))
	assert.Equal(t, true, task.Get("ContainerDefinitions.0.ReadonlyRootFilesystem"), "the root file system is writable unasked")
	assert.Equal(t, "non-blocking", task.Get("ContainerDefinitions.0.LogConfiguration.Options.mode"))
	assert.Equal(t, "web", task.Get("ContainerDefinitions.0.LogConfiguration.Options.awslogs-stream-prefix"))

	logs := tpl.Only("AWS::Logs::LogGroup")
	assert.Equal(t, 30.0, logs.Get("RetentionInDays"))
	assert.Equal(t, "RetainExceptOnCreate", logs.DeletionPolicy)
}

func TestTaskRoleAndExecutionRoleDiffer(t *testing.T) {
	stack := cdktest.Stack(t)
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()}})
	awss3.NewBucket(stack, jsii.String("Data"), nil).GrantRead(task.TaskRole, nil)
	tpl := cdktest.Synth(t, stack)

	definition := tpl.Only("AWS::ECS::TaskDefinition")
	taskRole, executionRole := definition.Ref("TaskRoleArn"), definition.Ref("ExecutionRoleArn")
	assert.NotSame(t, taskRole, executionRole)
	assert.Equal(t, []string{`ecs-tasks.amazonaws.com if {"ArnLike":{"aws:SourceArn":"arn:<AWS::Partition>:ecs:<AWS::Region>:` +
		`<AWS::AccountId>:*"},"StringEquals":{"aws:SourceAccount":"<AWS::AccountId>"}}`}, cdktest.AssumedBy(t, taskRole),
		"ECS could use the task role for another account")
	assert.Equal(t, []string{"ecs-tasks.amazonaws.com"}, cdktest.AssumedBy(t, executionRole))

	bucket, logs := tpl.Only("AWS::S3::Bucket"), tpl.Only("AWS::Logs::LogGroup")
	cdktest.MayExactly(t, taskRole, // the program
		cdktest.Allow("s3:GetObject*", "s3:GetBucket*", "s3:List*").On(bucket, cdktest.Arn(bucket, "/*")))
	cdktest.MayExactly(t, executionRole, // ECS
		cdktest.Allow("logs:CreateLogStream", "logs:PutLogEvents").On(logs))
}

func TestTaskWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Secret"), nil)
	parameter := awsssm.NewStringParameter(stack, jsii.String("Parameter"), &awsssm.StringParameterProps{StringValue: jsii.String("x")})
	ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Containers: []ecs.Container{
			{
				Name:                 "app",
				Image:                registry.FromRegistry(publicImage),
				PortMappings:         []ecs.PortMapping{{ContainerPort: 8080, Name: "http"}, {ContainerPort: 8125, Protocol: awsecs.Protocol_UDP}},
				Cpu:                  512,
				MemoryLimitMiB:       1024,
				MemoryReservationMiB: 512,
				EntryPoint:           []string{"/bin/app"},
				Command:              []string{"serve", "-v"},
				WorkingDirectory:     "/srv",
				User:                 "1000:1000",
				Environment:          map[string]string{"MODE": "test"},
				Secrets: map[string]awsecs.Secret{
					"TOKEN":   awsecs.Secret_FromSecretsManager(secret, jsii.String("token")),
					"SETTING": awsecs.Secret_FromSsmParameter(parameter),
				},
				WritablePaths: []ecs.WritablePath{{ContainerPath: "/tmp"}, {ContainerPath: "/run", SizeMiB: 8}},
				MountPoints:   []ecs.MountPoint{{SourceVolume: "shared", ContainerPath: "/shared", ReadOnly: true}},
				HealthCheck: &ecs.HealthCheck{
					Command: []string{"CMD-SHELL", "true"}, Interval: 10 * time.Second, Timeout: 3 * time.Second, Retries: 2,
					StartPeriod: 20 * time.Second,
				},
				DependsOn: []ecs.ContainerDependency{
					{ContainerName: "proxy"},
					{ContainerName: "migrate", Condition: awsecs.ContainerDependencyCondition_SUCCESS},
				},
				StopTimeout: 90 * time.Second,
				InitProcess: true,
				Ulimits:     []ecs.Ulimit{{Name: awsecs.UlimitName_NOFILE, SoftLimit: 4096, HardLimit: 8192}},
			},
			{Name: "proxy", Image: registry.FromRegistry(publicImage), WritableRootFilesystem: true},
			{Name: "migrate", Image: registry.FromRegistry(publicImage), NonEssential: true},
		},
		Cpu:                 1024,
		MemoryLimitMiB:      3072,
		EphemeralStorageGiB: 50,
		CpuArchitecture:     platform.Arm64,
		Volumes:             []ecs.Volume{{Name: "shared"}},
		LogRetention:        awslogs.RetentionDays_ONE_YEAR,
		RemovalPolicy:       awscdk.RemovalPolicy_DESTROY,
		Family:              "everything",
	})
	tpl := cdktest.Synth(t, stack)

	task := tpl.Only("AWS::ECS::TaskDefinition")
	assert.Equal(t, "1024", task.Get("Cpu"))
	assert.Equal(t, "3072", task.Get("Memory"))
	assert.Equal(t, 50.0, task.Get("EphemeralStorage.SizeInGiB"))
	assert.Equal(t, "ARM64", task.Get("RuntimePlatform.CpuArchitecture"))
	assert.Equal(t, "everything", task.Get("Family"))
	assert.Equal(t, []any{map[string]any{"Name": "shared"}}, task.Get("Volumes"))

	app := task.Get("ContainerDefinitions.0")
	for path, want := range map[string]any{
		"Name": "app",
		"PortMappings": []any{
			map[string]any{"ContainerPort": 8080.0, "Name": "http", "Protocol": "tcp"},
			map[string]any{"ContainerPort": 8125.0, "Protocol": "udp"},
		},
		"Cpu":                                512.0,
		"Memory":                             1024.0,
		"MemoryReservation":                  512.0,
		"EntryPoint":                         []any{"/bin/app"},
		"Command":                            []any{"serve", "-v"},
		"WorkingDirectory":                   "/srv",
		"User":                               "1000:1000",
		"Environment":                        []any{map[string]any{"Name": "MODE", "Value": "test"}},
		"LinuxParameters.InitProcessEnabled": true,
		"LinuxParameters.Tmpfs": []any{
			map[string]any{"ContainerPath": "/tmp", "Size": 64.0}, map[string]any{"ContainerPath": "/run", "Size": 8.0},
		},
		"MountPoints": []any{map[string]any{"SourceVolume": "shared", "ContainerPath": "/shared", "ReadOnly": true}},
		"HealthCheck": map[string]any{
			"Command": []any{"CMD-SHELL", "true"}, "Interval": 10.0, "Timeout": 3.0, "Retries": 2.0, "StartPeriod": 20.0,
		},
		"DependsOn": []any{
			map[string]any{"ContainerName": "proxy", "Condition": "START"}, map[string]any{"ContainerName": "migrate", "Condition": "SUCCESS"},
		},
		"StopTimeout":            90.0,
		"Ulimits":                []any{map[string]any{"Name": "nofile", "SoftLimit": 4096.0, "HardLimit": 8192.0}},
		"ReadonlyRootFilesystem": true,
	} {
		assert.Equal(t, want, cdktest.Dig(app, path), path)
	}
	assert.Equal(t, false, task.Get("ContainerDefinitions.1.ReadonlyRootFilesystem"))
	assert.Nil(t, task.Get("ContainerDefinitions.1.LinuxParameters"))
	assert.Equal(t, false, task.Get("ContainerDefinitions.2.Essential"))

	logs := tpl.Only("AWS::Logs::LogGroup")
	assert.Equal(t, 365.0, logs.Get("RetentionInDays"))
	assert.Equal(t, "Delete", logs.DeletionPolicy)

	cdktest.MayExactly(t, task.Ref("ExecutionRoleArn"),
		cdktest.Allow("logs:CreateLogStream", "logs:PutLogEvents").On(logs),
		cdktest.Allow("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue").On(tpl.Only("AWS::SecretsManager::Secret")),
		cdktest.Allow("ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters").
			On(tpl.Only("AWS::SSM::Parameter")),
	)
	cdktest.MayExactly(t, task.Ref("TaskRoleArn")) // the program doesn't read its secrets' store
}

// A program that isn't root needs no capability.
func TestDroppedCapabilities(t *testing.T) {
	stack := cdktest.Stack(t)
	container := web()
	container.DropCapabilities = true
	ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{container}})
	parameters := cdktest.Synth(t, stack).Only("AWS::ECS::TaskDefinition").Get("ContainerDefinitions.0.LinuxParameters")
	assert.Equal(t, map[string]any{"Drop": []any{"ALL"}}, cdktest.Dig(parameters, "Capabilities"))
}

// mayPullGuardDuty is what it takes to pull the agent that GuardDuty adds to tasks, from an account of AWS's.
func mayPullGuardDuty() []cdktest.Grant {
	return []cdktest.Grant{
		cdktest.Allow("ecr:GetAuthorizationToken").On("*"),
		cdktest.Allow("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer").
			On("arn:<AWS::Partition>:ecr:<AWS::Region>:*:repository/aws-guardduty-agent-fargate"),
	}
}

// Without the right to pull it, GuardDuty's agent fails in silence and the task runs on unmonitored.
func TestTasksPullTheAgentOfGuardDuty(t *testing.T) {
	stack := cdktest.Stack(t)
	role := awsiam.NewRole(stack, jsii.String("Starter"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)})
	ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()}, RuntimeMonitoring: true})
	ecs.NewTask(stack, "Theirs", &ecs.TaskProps{Containers: []ecs.Container{web()}, RuntimeMonitoring: true, ExecutionRole: role})
	express.NewService(stack, "Express", &express.ServiceProps{Image: registry.FromRegistry(publicImage), RuntimeMonitoring: true})
	tpl := cdktest.Synth(t, stack)
	for path, logs := range map[string]string{"Test/Task/ExecutionRole/": "Test/Task/", "Test/Starter/": "Test/Theirs/",
		"Test/Express/ExecutionRole/": "Test/Express/"} {
		cdktest.MayExactly(t, tpl.At("AWS::IAM::Role", path), append(mayPullGuardDuty(),
			cdktest.Allow("logs:CreateLogStream", "logs:PutLogEvents").On(tpl.At("AWS::Logs::LogGroup", logs)))...)
	}
	// The service starts tasks at once.
	policy := tpl.At("AWS::IAM::Policy", "Test/Express/ExecutionRole/")
	assert.True(t, tpl.Only("AWS::ECS::ExpressGatewayService").ComesAfter(policy))
}

func TestImagesOfPrivateEcrArePulledWithJustThatRight(t *testing.T) {
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	stack := cdktest.Stack(t)
	repository := awsecr.NewRepository(stack, jsii.String("Repository"), nil)
	for id, image := range map[string]registry.Image{
		"Own":       registry.FromEcrRepository(repository, "1.4.2"),
		"Digest":    registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1@" + digest),
		"DualStack": registry.FromRegistry("111122223333.dkr-ecr.eu-west-1.on.aws/team/web:1"),
		"Fips":      registry.FromRegistry("111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/web:1"),
		"China":     registry.FromRegistry("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web:1"),
		"Built":     registry.FromAsset("testdata/web", nil),
	} {
		ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: image}}, CpuArchitecture: platform.Arm64})
	}
	tpl := cdktest.Synth(t, stack)

	const inAccount = ":<AWS::Region>:<AWS::AccountId>:repository/"
	for id, repository := range map[string]any{
		"Own":       tpl.Only("AWS::ECR::Repository"),
		"Digest":    "arn:aws:ecr:eu-west-1:111122223333:repository/team/web",
		"DualStack": "arn:aws:ecr:eu-west-1:111122223333:repository/team/web",
		"Fips":      "arn:aws-us-gov:ecr:us-gov-west-1:111122223333:repository/web",
		"China":     "arn:aws-cn:ecr:cn-north-1:111122223333:repository/web",
		// The bootstrap stack's repository.
		"Built": "arn:<AWS::Partition>:ecr" + inAccount + "cdk-hnb659fds-container-assets-<AWS::AccountId>-<AWS::Region>",
	} {
		cdktest.MayExactly(t, tpl.At("AWS::IAM::Role", "Test/"+id+"/ExecutionRole/"),
			cdktest.Allow("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer").On(repository),
			cdktest.Allow("ecr:GetAuthorizationToken").On("*"),
			cdktest.Allow("logs:CreateLogStream", "logs:PutLogEvents").On(tpl.At("AWS::Logs::LogGroup", "Test/"+id+"/")),
		)
	}

	// Rewritten, a reference would lose its digest or leave its host.
	for id, want := range map[string]string{
		"Digest":    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1@" + digest,
		"DualStack": "111122223333.dkr-ecr.eu-west-1.on.aws/team/web:1",
		"Fips":      "111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/web:1",
	} {
		assert.Equal(t, want, tpl.At("AWS::ECS::TaskDefinition", "/"+id+"/").Get("ContainerDefinitions.0.Image"))
	}
}

func TestTaskTakesRolesOfTheCaller(t *testing.T) {
	stack := cdktest.Stack(t)
	role := func(name string) awsiam.IRole {
		return awsiam.Role_FromRoleArn(stack, jsii.String(name), jsii.String("arn:aws:iam::111122223333:role/"+name),
			&awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false)})
	}
	ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Containers: []ecs.Container{web()}, TaskRole: role("program"), ExecutionRole: role("starter"),
	})
	tpl := cdktest.Synth(t, stack)
	task := tpl.Only("AWS::ECS::TaskDefinition")
	assert.Equal(t, "arn:aws:iam::111122223333:role/program", task.Get("TaskRoleArn"))
	assert.Equal(t, "arn:aws:iam::111122223333:role/starter", task.Get("ExecutionRoleArn"))
	assert.Empty(t, tpl.All("AWS::IAM::Role"))
	assert.Empty(t, tpl.All("AWS::IAM::Policy"))
}

func TestTaskIsRefusedWithItsPath(t *testing.T) {
	stack := cdktest.Stack(t)
	lines := cdktest.Refused(t, func() {
		ecs.NewTask(stack, "Task", &ecs.TaskProps{Cpu: 300, Containers: []ecs.Container{{Name: "web"}}})
	})
	assert.Equal(t, []string{
		"Test/Task: Cpu must be a Fargate size: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768; got 300",
		"Test/Task: Containers[0].Image is required; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset",
	}, lines)
	assert.Empty(t, *stack.Node().Children(), "something was made before the refusal")
}
