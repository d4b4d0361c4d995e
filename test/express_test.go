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
)

const expressType = "AWS::ECS::ExpressGatewayService"

func TestExpressServiceWithDefaults(t *testing.T) {
	stack := newStack(t)
	service := express.NewService(stack, "Web", &express.ServiceProps{Image: registry.FromRegistry(publicImage)})
	awss3.NewBucket(stack, jsii.String("Data"), nil).GrantRead(service, nil)
	output.New(stack, "Url", service.Url())
	output.New(stack, "Arn", service.Arn())
	output.New(stack, "LoadBalancer", service.LoadBalancerArn())
	tpl := synth(t, stack)

	s, logs := tpl.only(expressType), tpl.only("AWS::Logs::LogGroup")
	assert.Equal(t, []any{"1024", "2048", "/"},
		[]any{s.get("Cpu"), s.get("Memory"), s.get("HealthCheckPath")}, "AWS documents several defaults")
	assert.Equal(t,
		map[string]any{"MinTaskCount": 1.0, "MaxTaskCount": 20.0, "AutoScalingMetric": "AVERAGE_CPU", "AutoScalingTargetValue": 60.0},
		s.get("ScalingTarget"))
	assert.Equal(t, map[string]any{"Image": publicImage, "ContainerPort": 8080.0,
		"AwsLogsConfiguration": map[string]any{"LogGroup": map[string]any{"Ref": logs.id}, "LogStreamPrefix": "ecs"}}, s.get("PrimaryContainer"))
	for _, left := range []string{"Cluster", "NetworkConfiguration", "ServiceName"} {
		assert.Nil(t, s.get(left), left)
	}
	assert.Equal(t, 30.0, logs.get("RetentionInDays"))
	assert.Equal(t, "RetainExceptOnCreate", logs.DeletionPolicy)

	role, execution, infrastructure := s.ref("TaskRoleArn"), s.ref("ExecutionRoleArn"), s.ref("InfrastructureRoleArn")
	assert.Len(t, tpl.all("AWS::IAM::Role"), 3)
	bucket := tpl.only("AWS::S3::Bucket")
	assert.Equal(t, map[string][]*resource{"s3:GetObject*": {bucket, nil}, "s3:GetBucket*": {bucket, nil}, "s3:List*": {bucket, nil}},
		allowed(t, role), "what the program may do")
	assert.Equal(t, map[string][]*resource{"logs:CreateLogStream": {logs}, "logs:PutLogEvents": {logs}}, allowed(t, execution),
		"what ECS may do to start it")
	assert.Equal(t, "ecs-tasks.amazonaws.com", execution.get("AssumeRolePolicyDocument.Statement.0.Principal.Service"))
	assert.Equal(t,
		map[string]any{"Ref": "AWS::AccountId"}, role.get("AssumeRolePolicyDocument.Statement.0.Condition.StringEquals.aws:SourceAccount"))
	assert.Equal(t, "ecs.amazonaws.com", infrastructure.get("AssumeRolePolicyDocument.Statement.0.Principal.Service"))
	assert.Equal(t, []any{map[string]any{"Fn::Join": []any{"", []any{"arn:", map[string]any{"Ref": "AWS::Partition"},
		":iam::aws:policy/service-role/AmazonECSInfrastructureRoleforExpressGatewayServices"}}}}, infrastructure.get("ManagedPolicyArns"))

	// Deletion goes the other way: without its role, and the policies of the others, ECS could not clean up.
	for _, kept := range append(tpl.all("AWS::IAM::Role"), tpl.all("AWS::IAM::Policy")...) {
		assert.Contains(t, s.dependsOn(), kept.id, "%s is made too late, and deleted too early", kept.path())
	}
	assert.Equal(t, map[string]any{"Fn::Join": []any{"", []any{"https://",
		map[string]any{"Fn::GetAtt": []any{s.id, "Endpoint"}}}}}, tpl.Outputs["Url"]["Value"])
	assert.Equal(t, map[string]any{"Fn::GetAtt": []any{s.id, "ServiceArn"}}, tpl.Outputs["Arn"]["Value"])
	assert.Equal(t,
		map[string]any{"Fn::GetAtt": []any{s.id, "ECSManagedResourceArns.IngressPath.LoadBalancerArn"}}, tpl.Outputs["LoadBalancer"]["Value"])
}

func TestExpressServiceWithEverything(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	repository := awsecr.NewRepository(stack, jsii.String("Repository"), nil)
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
		LogRetention: awslogs.RetentionDays_ONE_WEEK, LogEncryptionKey: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	tpl := synth(t, stack)

	s, logs := tpl.only(expressType), tpl.only("AWS::Logs::LogGroup")
	assert.Equal(t, []any{"512", "3072", "/up?full=no", "shop"},
		[]any{s.get("Cpu"), s.get("Memory"), s.get("HealthCheckPath"), s.get("ServiceName")})
	assert.Equal(t,
		map[string]any{"MinTaskCount": 2.0, "MaxTaskCount": 30.0, "AutoScalingMetric": "REQUEST_COUNT_PER_TARGET",
			"AutoScalingTargetValue": 500.0},
		s.get("ScalingTarget"))
	assert.Equal(t, []any{"serve", "--all"}, s.get("PrimaryContainer.Command"))
	assert.Equal(t, 9000.0, s.get("PrimaryContainer.ContainerPort"))
	assert.Equal(t, []any{map[string]any{"Name": "COLOR", "Value": "red"},
		map[string]any{"Name": "STAGE", "Value": "test"}}, s.get("PrimaryContainer.Environment"))
	assert.Equal(t, []string{"DB", "TOKEN"}, names(s.get("PrimaryContainer.Secrets")))
	assert.Equal(t,
		map[string]any{"Fn::Join": []any{"", []any{map[string]any{"Ref": tpl.only("AWS::SecretsManager::Secret").id}, ":password::"}}},
		s.get("PrimaryContainer.Secrets.0.ValueFrom"), "the template must hold where the secret is, and no secret")
	assert.Equal(t, []any{"subnet-00000000000000003", "subnet-00000000000000004"}, s.get("NetworkConfiguration.Subnets"))
	assert.Same(t, tpl.only("AWS::EC2::SecurityGroup"), s.ref("NetworkConfiguration.SecurityGroups.0"))
	assert.Same(t, tpl.only("AWS::ECS::Cluster"), s.ref("Cluster"))
	assert.Contains(t, s.dependsOn(), tpl.only("AWS::ECS::ClusterCapacityProviderAssociations").id, "the cluster would let go of FARGATE "+
		"before its tasks are gone")
	assert.Equal(t, []any{7.0, "Delete"}, []any{logs.get("RetentionInDays"), logs.DeletionPolicy})
	assert.Same(t, tpl.only("AWS::KMS::Key"), logs.ref("KmsKeyId"))
	assert.Contains(t, string(tpl.raw), "kms:EncryptionContext:aws:logs:arn", "CloudWatch Logs may not use the key")

	image, at := tpl.only("AWS::ECR::Repository"), tpl.only("AWS::SecretsManager::Secret")
	assert.Contains(t, string(tpl.raw), `":1.4.2"`)
	assert.Equal(t, map[string][]*resource{
		"logs:CreateLogStream": {logs}, "logs:PutLogEvents": {logs},
		"secretsmanager:GetSecretValue": {at}, "secretsmanager:DescribeSecret": {at},
		"ssm:DescribeParameters": {nil}, "ssm:GetParameters": {nil}, "ssm:GetParameter": {nil}, "ssm:GetParameterHistory": {nil},
		"ecr:BatchCheckLayerAvailability": {image}, "ecr:GetDownloadUrlForLayer": {image}, "ecr:BatchGetImage": {image},
		"ecr:GetAuthorizationToken": {nil},
	}, allowed(t, s.ref("ExecutionRoleArn")), "just what is in use")
	assert.Empty(t, allowed(t, s.ref("TaskRoleArn")), "the program may do nothing unasked")
}

// Roles that the caller brings, a VPC of this stack, whose way out comes first, and images from everywhere.
func TestExpressServiceWithWhatTheCallerBrings(t *testing.T) {
	stack := newStack(t)
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
	tpl := synth(t, stack)

	public, isolated, cached := tpl.at(expressType, "/Public/"), tpl.at(expressType, "/Isolated/"), tpl.at(expressType, "/Cached/")
	for _, s := range []*resource{public, isolated, cached} {
		assert.Equal(t, "Test/Own/Resource", s.ref("TaskRoleArn").path())
		assert.Equal(t, "Test/Execution/Resource", s.ref("ExecutionRoleArn").path())
		assert.Equal(t, "Test/Infrastructure/Resource", s.ref("InfrastructureRoleArn").path())
		assert.Contains(t, s.dependsOn(), tpl.at("AWS::IAM::Policy", "Test/Execution/").id)
	}
	assert.Len(t, tpl.all("AWS::IAM::Role"), 5, "roles beside the three, the flow logs' and the one that closes the default security group")
	assert.Contains(t, public.dependsOn(), defaultRoute(t, tpl, public.ref("NetworkConfiguration.Subnets.0")).id,
		"the first task could not pull its image")
	assert.Nil(t, public.get("NetworkConfiguration.SecurityGroups"))
	for _, endpoint := range tpl.all("AWS::EC2::VPCEndpoint") {
		assert.Contains(t, isolated.dependsOn(), endpoint.id, "the only way to the image")
	}
	assert.Equal(t, "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2", isolated.get("PrimaryContainer.Image"))
	assert.Contains(t, cached.dependsOn(), tpl.only("AWS::ECR::PullThroughCacheRule").id)
	grants := allowed(t, tpl.at("AWS::IAM::Role", "Test/Execution/"))
	assert.Contains(t, grants, "ecr:BatchImportUpstreamImage")
	assert.Len(t, grants["ecr:BatchGetImage"], 3, "one for each repository")
}

func TestExpressServiceIsRefusedWithItsPath(t *testing.T) {
	stack := newStack(t)
	assert.Equal(t, []string{
		"Test/Web: Image is required; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset",
	}, refusal(t, func() { express.NewService(stack, "Web", nil) }))
}

func names(items any) (found []string) {
	for _, item := range list(items) {
		name, _ := dig(item, "Name").(string)
		found = append(found, name)
	}
	return found
}
