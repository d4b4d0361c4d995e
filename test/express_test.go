package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/express"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

const expressType = shared.ExpressType

func TestExpressServiceWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	service := express.NewService(stack, "Web", &express.ServiceProps{Image: registry.FromRegistry(publicImage)})
	awss3.NewBucket(stack, jsii.String("Data"), nil).GrantRead(service, nil)
	output.New(stack, "Url", service.Url())
	output.New(stack, "Arn", service.Arn())
	output.New(stack, "LoadBalancer", service.LoadBalancerArn())
	tpl := cdktest.Synth(t, stack)

	s, logs := tpl.Only(expressType), tpl.Only("AWS::Logs::LogGroup")
	cdktest.Has(t, s, map[string]any{
		"Cpu":             "1024",
		"Memory":          "2048",
		"HealthCheckPath": "/",
	}, "AWS documents several defaults")
	assert.Equal(t,
		map[string]any{"MinTaskCount": 1.0, "MaxTaskCount": 20.0, "AutoScalingMetric": "AVERAGE_CPU", "AutoScalingTargetValue": 60.0},
		s.Get("ScalingTarget"))
	assert.Equal(t, map[string]any{"Image": publicImage, "ContainerPort": 8080.0,
		"AwsLogsConfiguration": map[string]any{"LogGroup": map[string]any{"Ref": logs.Id}, "LogStreamPrefix": "ecs"}}, s.Get("PrimaryContainer"))
	for _, left := range []string{"Cluster", "NetworkConfiguration", "ServiceName"} {
		assert.Nil(t, s.Get(left), left)
	}
	assert.Equal(t, 30.0, logs.Get("RetentionInDays"))
	assert.Equal(t, "RetainExceptOnCreate", logs.DeletionPolicy)

	role, execution, infrastructure := s.Ref("TaskRoleArn"), s.Ref("ExecutionRoleArn"), s.Ref("InfrastructureRoleArn")
	assert.Len(t, tpl.All("AWS::IAM::Role"), 3)
	bucket := tpl.Only("AWS::S3::Bucket")
	cdktest.MayExactly(t, role, // the program
		cdktest.Allow("s3:GetObject*", "s3:GetBucket*", "s3:List*").On(bucket, cdktest.Arn(bucket, "/*")))
	cdktest.MayExactly(t, execution, // ECS, to start it
		cdktest.Allow("logs:CreateLogStream", "logs:PutLogEvents").On(logs))
	assert.Equal(t, []string{"ecs-tasks.amazonaws.com"}, cdktest.AssumedBy(t, execution))
	assert.Equal(t,
		map[string]any{"Ref": "AWS::AccountId"}, role.Get("AssumeRolePolicyDocument.Statement.0.Condition.StringEquals.aws:SourceAccount"))
	assert.Equal(t, []string{"ecs.amazonaws.com"}, cdktest.AssumedBy(t, infrastructure))
	assert.Equal(t, []any{map[string]any{"Fn::Join": []any{"", []any{"arn:", map[string]any{"Ref": "AWS::Partition"},
		":iam::aws:policy/service-role/AmazonECSInfrastructureRoleforExpressGatewayServices"}}}}, infrastructure.Get("ManagedPolicyArns"))

	// Deletion goes the other way: without its role, and the policies of the others, ECS could not clean up.
	for _, kept := range append(tpl.All("AWS::IAM::Role"), tpl.All("AWS::IAM::Policy")...) {
		assert.Contains(t, s.Dependencies(), kept.Id, "%s is made too late, and deleted too early", kept.Path())
	}
	endpoint := map[string]any{"Fn::GetAtt": []any{s.Id, "Endpoint"}}
	assert.Equal(t, map[string]any{"Fn::Join": []any{"", []any{"https://",
		map[string]any{"Fn::Join": []any{"", map[string]any{"Fn::Split": []any{"https://", endpoint}}}}}}}, tpl.Outputs["Url"]["Value"],
		"one scheme, whether or not the endpoint has it")
	assert.Equal(t, map[string]any{"Fn::GetAtt": []any{s.Id, "ServiceArn"}}, tpl.Outputs["Arn"]["Value"])
	assert.Equal(t,
		map[string]any{"Fn::GetAtt": []any{s.Id, "ECSManagedResourceArns.IngressPath.LoadBalancerArn"}}, tpl.Outputs["LoadBalancer"]["Value"])
}

func TestExpressServiceWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	repository := awsecr.NewRepository(stack, jsii.String("Repository"), nil)
	awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("awscontainers:empty-repository"), nil)
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Secret"), nil)
	parameter := awsssm.StringParameter_FromSecureStringParameterAttributes(stack, jsii.String("Parameter"),
		&awsssm.SecureStringParameterAttributes{
			ParameterName: jsii.String("/shop/token")})
	group := awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: cluster.Cluster.Vpc()})
	express.NewService(stack, "Web", &express.ServiceProps{
		Image: registry.FromEcrRepository(repository, "1.4.2"), Command: []string{"serve", "--all"}, Port: 9000, Cpu: 512, MemoryLimitMiB: 3072,
		Environment: map[string]string{"STAGE": "test", "COLOR": "red"},
		Secrets: map[string]awsecs.Secret{"DB": awsecs.Secret_FromSecretsManager(secret, jsii.String("password")),
			"TOKEN": awsecs.Secret_FromSsmParameter(parameter)},
		HealthCheckPath: "/up?full=no", MinSize: 2, MaxSize: 30, ScalingMetric: express.RequestCountPerTarget, ScalingTargetValue: 500,
		Cluster: cluster, Subnets: network.Private, SecurityGroups: []awsec2.ISecurityGroup{group}, ServiceName: "shop",
		LogRetention: awslogs.RetentionDays_ONE_WEEK, EncryptionKey: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	tpl := cdktest.Synth(t, stack)

	s, logs := tpl.Only(expressType), tpl.Only("AWS::Logs::LogGroup")
	cdktest.Has(t, s, map[string]any{
		"Cpu":             "512",
		"Memory":          "3072",
		"HealthCheckPath": "/up?full=no",
		"ServiceName":     "shop",
	})
	assert.Equal(t,
		map[string]any{"MinTaskCount": 2.0, "MaxTaskCount": 30.0, "AutoScalingMetric": "REQUEST_COUNT_PER_TARGET",
			"AutoScalingTargetValue": 500.0},
		s.Get("ScalingTarget"))
	assert.Equal(t, []any{"serve", "--all"}, s.Get("PrimaryContainer.Command"))
	assert.Equal(t, 9000.0, s.Get("PrimaryContainer.ContainerPort"))
	assert.Equal(t, []any{map[string]any{"Name": "COLOR", "Value": "red"},
		map[string]any{"Name": "STAGE", "Value": "test"}}, s.Get("PrimaryContainer.Environment"))
	assert.Equal(t, []string{"DB", "TOKEN"}, names(s.Get("PrimaryContainer.Secrets")))
	assert.Equal(t,
		map[string]any{"Fn::Join": []any{"", []any{map[string]any{"Ref": tpl.Only("AWS::SecretsManager::Secret").Id}, ":password::"}}},
		s.Get("PrimaryContainer.Secrets.0.ValueFrom"), "the template must hold where the secret is, and no secret")
	assert.Equal(t, []any{"subnet-00000000000000003", "subnet-00000000000000004"}, s.Get("NetworkConfiguration.Subnets"))
	assert.Same(t, tpl.Only("AWS::EC2::SecurityGroup"), s.Ref("NetworkConfiguration.SecurityGroups.0"))
	assert.Same(t, tpl.Only("AWS::ECS::Cluster"), s.Ref("Cluster"))
	assert.Contains(t, s.Dependencies(), tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations").Id, "the cluster would let go of FARGATE "+
		"before its tasks are gone")
	assert.Equal(t, 7.0, logs.Get("RetentionInDays"))
	assert.Equal(t, "Delete", logs.DeletionPolicy)
	assert.Same(t, tpl.Only("AWS::KMS::Key"), logs.Ref("KmsKeyId"))
	assert.Contains(t, string(tpl.Raw), "kms:EncryptionContext:aws:logs:arn", "CloudWatch Logs may not use the key")

	image, at := tpl.Only("AWS::ECR::Repository"), tpl.Only("AWS::SecretsManager::Secret")
	assert.Contains(t, string(tpl.Raw), `":1.4.2"`)
	cdktest.MayExactly(t, s.Ref("ExecutionRoleArn"), // what is in use
		cdktest.Allow("logs:CreateLogStream", "logs:PutLogEvents").On(logs),
		cdktest.Allow("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret").On(at),
		cdktest.Allow("ssm:DescribeParameters", "ssm:GetParameters", "ssm:GetParameter", "ssm:GetParameterHistory").On(tokenParameter),
		cdktest.Allow("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage").On(image),
		cdktest.Allow("ecr:GetAuthorizationToken").On("*"),
	)
	cdktest.MayExactly(t, s.Ref("TaskRoleArn")) // nothing, unasked
}

// Roles that the caller brings, a VPC of this stack, whose way out comes first, and images from everywhere.
func TestExpressServiceWithWhatTheCallerBrings(t *testing.T) {
	stack := cdktest.Stack(t)
	role := func(id, service string) awsiam.IRole {
		return awsiam.NewRole(stack, &id, &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(&service, nil)})
	}
	own, execution, infrastructure := role("Own", "ecs-tasks.amazonaws.com"), role("Execution", "ecs-tasks.amazonaws.com"),
		role("Infrastructure", "ecs.amazonaws.com")
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{NatGateways: network.NatNone, IsolatedSubnets: true,
		InterfaceEndpoints: network.EcsTaskEndpoints()}).Vpc
	cache := registry.NewPullThroughCache(stack, "Cache", &registry.PullThroughCacheProps{Upstream: registry.EcrPublic})
	for id, p := range map[string]express.ServiceProps{
		"Public":   {Image: registry.FromAsset("testdata/web", nil)},
		"Isolated": {Image: registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2"), Subnets: network.Isolated},
		"Cached":   {Image: registry.FromPullThroughCache(cache, "nginx/nginx:stable")},
	} {
		p.Vpc, p.TaskRole, p.ExecutionRole, p.InfrastructureRole = vpc, own, execution, infrastructure
		express.NewService(stack, id, &p)
	}
	tpl := cdktest.Synth(t, stack)

	public, isolated, cached := tpl.At(expressType, "/Public/"), tpl.At(expressType, "/Isolated/"), tpl.At(expressType, "/Cached/")
	for _, s := range []*cdktest.Resource{public, isolated, cached} {
		assert.Equal(t, "Test/Own/Resource", s.Ref("TaskRoleArn").Path())
		assert.Equal(t, "Test/Execution/Resource", s.Ref("ExecutionRoleArn").Path())
		assert.Equal(t, "Test/Infrastructure/Resource", s.Ref("InfrastructureRoleArn").Path())
		assert.Contains(t, s.Dependencies(), tpl.At("AWS::IAM::Policy", "Test/Execution/").Id)
	}
	assert.Len(t, tpl.All("AWS::IAM::Role"), 6,
		"roles beside the three, the cache's, the flow logs' and the one that closes the default security group")
	assert.Contains(t, public.Dependencies(), defaultRoute(t, tpl, public.Ref("NetworkConfiguration.Subnets.0")).Id,
		"the first task could not pull its image")
	assert.Nil(t, public.Get("NetworkConfiguration.SecurityGroups"))
	for _, endpoint := range tpl.All("AWS::EC2::VPCEndpoint") {
		assert.Contains(t, isolated.Dependencies(), endpoint.Id, "the only way to the image")
	}
	assert.Equal(t, "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2", isolated.Get("PrimaryContainer.Image"))
	assert.Contains(t, cached.Dependencies(), tpl.Only("AWS::ECR::PullThroughCacheRule").Id)
	const repository = "arn:<AWS::Partition>:ecr:<AWS::Region>:<AWS::AccountId>:repository/"
	upstream := repository + "ecr-public/nginx/nginx"
	cdktest.May(t, tpl.At("AWS::IAM::Role", "Test/Execution/"),
		cdktest.Allow("ecr:BatchImportUpstreamImage").On(upstream),
		cdktest.Allow("ecr:BatchGetImage").On(upstream, "arn:aws:ecr:eu-west-1:111122223333:repository/team/web",
			repository+"cdk-hnb659fds-container-assets-<AWS::AccountId>-<AWS::Region>"))
}

func TestExpressServiceIsRefusedWithItsPath(t *testing.T) {
	stack := cdktest.Stack(t)
	assert.Equal(t, []string{
		"Test/Web: Image is required; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset",
	}, cdktest.Refused(t, func() { express.NewService(stack, "Web", nil) }))
}

func names(items any) (found []string) {
	for _, item := range cdktest.List(items) {
		name, _ := cdktest.Dig(item, "Name").(string)
		found = append(found, name)
	}
	return found
}
