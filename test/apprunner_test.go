package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

const helloAppRunner = "public.ecr.aws/aws-containers/hello-app-runner:latest"

// The least props: what AWS would choose is said, and nothing is made but the service and a role that may do nothing.
func TestAppRunnerFromAPublicImage(t *testing.T) {
	stack := newStack(t)
	service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner)})
	assert.Nil(t, service.AccessRole)
	output.New(stack, "Url", service.Url())
	output.New(stack, "Arn", service.Arn())
	tpl := synth(t, stack)
	assert.Equal(t, map[string]int{"AWS::AppRunner::Service": 1, "AWS::IAM::Role": 1}, tpl.count())
	s := tpl.only("AWS::AppRunner::Service")
	assert.Equal(t, map[string]any{
		"AutoDeploymentsEnabled": false,
		"ImageRepository": map[string]any{
			"ImageIdentifier": helloAppRunner, "ImageRepositoryType": "ECR_PUBLIC", "ImageConfiguration": map[string]any{"Port": "8080"},
		},
	}, s.get("SourceConfiguration"))
	assert.Equal(t, []any{"1024", "2048"}, []any{s.get("InstanceConfiguration.Cpu"), s.get("InstanceConfiguration.Memory")})
	assert.Equal(
		t, map[string]any{"Protocol": "TCP", "Interval": 5.0, "Timeout": 2.0, "HealthyThreshold": 1.0, "UnhealthyThreshold": 5.0},
		s.get("HealthCheckConfiguration"),
	)
	assert.Equal(t, map[string]any{"IngressConfiguration": map[string]any{"IsPubliclyAccessible": true},
		"EgressConfiguration": map[string]any{"EgressType": "DEFAULT"}}, s.get("NetworkConfiguration"))
	for _, absent := range []string{"ServiceName", "AutoScalingConfigurationArn", "EncryptionConfiguration", "ObservabilityConfiguration"} {
		assert.Nil(t, s.get(absent), absent)
	}
	role := s.ref("InstanceConfiguration.InstanceRoleArn")
	assert.Equal(t, "tasks.apprunner.amazonaws.com", role.get("AssumeRolePolicyDocument.Statement.0.Principal.Service"))
	assert.Empty(t, allowed(t, role))
	assert.Equal(t, []any{"https://", map[string]any{"Fn::GetAtt": []any{s.id, "ServiceUrl"}}}, dig(tpl.Outputs["Url"], "Value.Fn::Join.1"))
	assert.Same(t, s, tpl.follow(tpl.Outputs["Arn"]["Value"]))
}

// All props, and that each of them is there; who pulls, reads and sends may do just that.
func TestAppRunnerWithAllProps(t *testing.T) {
	stack := newStack(t)
	repository := awsecr.NewRepository(stack, jsii.String("Repository"), nil)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Secret"), &awssecretsmanager.SecretProps{EncryptionKey: key})
	parameter := awsssm.StringParameter_FromSecureStringParameterAttributes(stack, jsii.String("Parameter"),
		&awsssm.SecureStringParameterAttributes{
			ParameterName: jsii.String("/shop/token"), EncryptionKey: key,
		})
	service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
		ServiceName: "shop-web", Image: registry.FromEcrRepository(repository, "prod"), AutoDeployments: true, StartCommand: "serve --all",
		Port: 3000, Cpu: 2048, MemoryLimitMiB: 6144, Environment: map[string]string{"MODE": "live", "A": "1"},
		Secrets: map[string]awsecs.Secret{
			"PASSWORD": awsecs.Secret_FromSecretsManager(secret, jsii.String("password")),
			"TOKEN":    awsecs.Secret_FromSsmParameter(parameter),
		},
		HealthCheckPath: "/up", MinSize: 2, MaxConcurrency: 50, EncryptionKey: key, Tracing: true,
		Vpc: importedVpc(stack), WebAcl: waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{RequestsPerFiveMinutes: 1000, CountOnly: true}),
	})
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	bucket.GrantPut(service, nil)
	apprunner.NewAlarms(stack, "Alarms", &apprunner.AlarmsProps{Service: service, Emails: []string{"on-call@example.com"}})
	tpl := synth(t, stack)

	s := tpl.only("AWS::AppRunner::Service")
	source := s.get("SourceConfiguration").(map[string]any)
	assert.Equal(t, "shop-web", s.get("ServiceName"))
	assert.Equal(t, true, source["AutoDeploymentsEnabled"])
	assert.Equal(t, "ECR", dig(source, "ImageRepository.ImageRepositoryType"))
	configuration := dig(source, "ImageRepository.ImageConfiguration")
	assert.Equal(t, []any{"3000", "serve --all"}, []any{dig(configuration, "Port"), dig(configuration, "StartCommand")})
	assert.Equal(
		t, []any{map[string]any{"Name": "A", "Value": "1"}, map[string]any{"Name": "MODE", "Value": "live"}},
		dig(configuration, "RuntimeEnvironmentVariables"),
	)
	assert.Equal(t, "PASSWORD", dig(configuration, "RuntimeEnvironmentSecrets.0.Name"))
	assert.Equal(
		t, []any{map[string]any{"Ref": tpl.only("AWS::SecretsManager::Secret").id}, ":password::"},
		dig(configuration, "RuntimeEnvironmentSecrets.0.Value.Fn::Join.1"),
	)
	assert.Equal(t, "TOKEN", dig(configuration, "RuntimeEnvironmentSecrets.1.Name"))
	assert.Equal(t, []any{"2048", "6144"}, []any{s.get("InstanceConfiguration.Cpu"), s.get("InstanceConfiguration.Memory")})
	assert.Equal(t, []any{"HTTP", "/up"}, []any{s.get("HealthCheckConfiguration.Protocol"), s.get("HealthCheckConfiguration.Path")})
	assert.Equal(t, map[string]any{"MinSize": 2.0, "MaxSize": 25.0, "MaxConcurrency": 50.0}, s.ref("AutoScalingConfigurationArn").Properties)
	assert.Equal(t, "AWS::KMS::Key", s.ref("EncryptionConfiguration.KmsKey").Type)

	// Who pulls: from the one repository.
	access := s.ref("SourceConfiguration.AuthenticationConfiguration.AccessRoleArn")
	assert.Equal(t, "build.apprunner.amazonaws.com", access.get("AssumeRolePolicyDocument.Statement.0.Principal.Service"))
	ecr := tpl.only("AWS::ECR::Repository")
	one := []*resource{ecr}
	assert.Equal(t, map[string][]*resource{
		"ecr:BatchCheckLayerAvailability": one, "ecr:BatchGetImage": one, "ecr:DescribeImages": one, "ecr:GetDownloadUrlForLayer": one,
		"ecr:GetAuthorizationToken": {nil}}, allowed(t, access))
	// Who runs: reads its secrets, uses their key, sends traces, and what it was granted.
	role := s.ref("InstanceConfiguration.InstanceRoleArn")
	may := allowed(t, role)
	assert.Equal(t, []*resource{tpl.only("AWS::SecretsManager::Secret")}, may["secretsmanager:GetSecretValue"])
	assert.Len(t, may["ssm:GetParameters"], 1)
	for _, target := range may["kms:Decrypt"] {
		assert.Same(t, s.ref("EncryptionConfiguration.KmsKey"), target)
	}
	assert.NotEmpty(t, may["kms:Decrypt"])
	assert.Equal(t, []*resource{nil}, may["xray:PutTraceSegments"])
	assert.NotEmpty(t, may["s3:PutObject"])
	assert.Equal(
		t, map[string]any{"Vendor": "AWSXRAY"},
		s.ref("ObservabilityConfiguration.ObservabilityConfigurationArn").get("TraceConfiguration"),
	)
	// Neither an image that may not be pulled yet, nor secrets that may not be read.
	for _, policy := range tpl.all("AWS::IAM::Policy") {
		assert.True(t, s.comesAfter(policy), policy.path())
	}

	// The way into the VPC.
	connector := s.ref("NetworkConfiguration.EgressConfiguration.VpcConnectorArn")
	assert.Equal(t, "VPC", s.get("NetworkConfiguration.EgressConfiguration.EgressType"))
	assert.Equal(t, []any{"subnet-00000000000000003", "subnet-00000000000000004"}, connector.get("Subnets"))
	group := connector.ref("SecurityGroups.0")
	assert.Nil(t, group.get("SecurityGroupIngress"))
	assert.Equal(t, "0.0.0.0/0", group.get("SecurityGroupEgress.0.CidrIp"))

	// WAF and alarms.
	acl := tpl.only("AWS::WAFv2::WebACL")
	assert.Equal(
		t, []any{"REGIONAL", 1000.0, map[string]any{}},
		[]any{acl.get("Scope"), acl.get("Rules.0.Statement.RateBasedStatement.Limit"), acl.get("Rules.0.Action.Count")},
	)
	assert.Equal(t, map[string]any{"Count": map[string]any{}}, acl.get("Rules.1.OverrideAction"))
	assert.Len(t, acl.get("Rules"), 4)
	association := tpl.only("AWS::WAFv2::WebACLAssociation")
	assert.Same(t, s, association.ref("ResourceArn"))
	assert.Same(t, acl, association.ref("WebACLArn"))
	alarms := tpl.all("AWS::CloudWatch::Alarm")
	assert.Len(t, alarms, 4)
	for _, alarm := range alarms {
		topic := alarm.ref("AlarmActions.0")
		assert.Same(t, topic, alarm.ref("OKActions.0"))
		assert.Equal(t, "AWS::KMS::Key", topic.ref("KmsMasterKeyId").Type)
		assert.Equal(t, "AWS/AppRunner", alarm.get("Namespace"))
		assert.Equal(t, "ServiceID", alarm.get("Dimensions.0.Name"))
		assert.Same(t, s, alarm.ref("Dimensions.0.Value"))
		assert.Same(t, s, tpl.follow(dig(alarm.get("Dimensions.1.Value"), "Fn::Select.1.Fn::Split.1")), "its name is in its ARN")
	}
	assert.Equal(t, 2000.0, tpl.at("AWS::CloudWatch::Alarm", "/Latency").get("Threshold"), "App Runner counts milliseconds")
}

// Reached from a VPC alone, and told at another address; an image from a Dockerfile.
func TestAppRunnerPrivate(t *testing.T) {
	stack := newStack(t)
	vpc := importedVpc(stack)
	web := apprunner.NewService(stack, "Web", &apprunner.ServiceProps{
		Image: registry.FromAsset("testdata/web", nil), PrivateIngress: &apprunner.PrivateIngress{Vpc: vpc}, WebAcl: waf.NewWebAcl(
			stack, "WebAcl", &waf.WebAclProps{IgnoreClientAddress: true},
		),
	})
	api := apprunner.NewService(stack, "Api", &apprunner.ServiceProps{
		Image:          registry.FromRegistry("444455556666.dkr.ecr.eu-west-1.amazonaws.com/team/api@sha256:" + strings.Repeat("a", 64)),
		PrivateIngress: &apprunner.PrivateIngress{Vpc: vpc, Endpoint: web.Endpoint},
	})
	output.New(stack, "Url", api.Url())
	tpl := synth(t, stack)
	endpoint := tpl.only("AWS::EC2::VPCEndpoint")
	assert.Equal(t, []any{"Interface", false}, []any{endpoint.get("VpcEndpointType"), endpoint.get("PrivateDnsEnabled")})
	assert.Contains(t, string(tpl.raw), ".apprunner.requests")
	group := endpoint.ref("SecurityGroupIds.0")
	assert.Equal(
		t, map[string]any{"CidrIp": "10.0.0.0/16", "Description": "HTTPS", "FromPort": 443.0, "IpProtocol": "tcp", "ToPort": 443.0},
		group.get("SecurityGroupIngress.0"),
	)
	assert.Len(t, group.get("SecurityGroupIngress"), 1)
	for _, id := range []string{"Web", "Api"} {
		service := tpl.at("AWS::AppRunner::Service", "/"+id+"/")
		assert.Equal(t, false, service.get("NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible"))
		ingress := tpl.at("AWS::AppRunner::VpcIngressConnection", "/"+id+"/")
		assert.Same(t, service, ingress.ref("ServiceArn"))
		assert.Same(t, endpoint, ingress.ref("IngressVpcConfiguration.VpcEndpointId"))
		assert.Equal(t, "vpc-0123456789abcdef0", ingress.get("IngressVpcConfiguration.VpcId"))
	}
	assert.Same(t, tpl.at("AWS::AppRunner::VpcIngressConnection", "/Api/"), tpl.follow(dig(tpl.Outputs["Url"], "Value.Fn::Join.1.1")))
	assert.Len(t, tpl.only("AWS::WAFv2::WebACL").get("Rules"), 2, "nothing that judges addresses")

	// The image is built for what App Runner runs on, and pulled from where it is.
	raw, err := os.ReadFile(filepath.Join(*awscdk.App_Of(stack).Outdir(), "Test.assets.json"))
	require.NoError(t, err)
	assert.Contains(t, string(raw), "linux/amd64")
	api444 := tpl.at("AWS::AppRunner::Service", "/Api/")
	assert.Equal(t, "ECR", api444.get("SourceConfiguration.ImageRepository.ImageRepositoryType"))
	policy := tpl.at("AWS::IAM::Policy", "/Api/AccessRole/")
	assert.Equal(t, "arn:aws:ecr:eu-west-1:444455556666:repository/team/api", policy.get("PolicyDocument.Statement.0.Resource"))
}

// What a caller brings is used, and nothing is made beside it.
func TestAppRunnerWithWhatIsThere(t *testing.T) {
	const (
		connector = "arn:aws:apprunner:eu-west-1:111122223333:vpcconnector/ours/1/0123456789abcdef0123456789abcdef"
		scaling   = "arn:aws:apprunner:eu-west-1:111122223333:autoscalingconfiguration/ours/1/0123456789abcdef0123456789abcdef"
		webAcl    = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/ours/01234567-89ab-cdef-0123-456789abcdef"
	)
	stack := newStack(t)
	role := func(id string) awsiam.IRole {
		return awsiam.Role_FromRoleArn(stack, &id, jsii.String("arn:aws:iam::111122223333:role/"+id), nil)
	}
	service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
		Image: registry.FromRegistry(
			"111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1",
		), InstanceRole: role("instance"), AccessRole: role("access"),
		VpcConnectorArn: connector, AutoScalingConfigurationArn: scaling, WebAcl: waf.WebAclFromArn(stack, "WebAcl", webAcl), Tracing: true,
	})
	grouped := apprunner.NewService(stack, "Grouped", &apprunner.ServiceProps{
		Image: registry.FromRegistry(helloAppRunner), InstanceRole: role("other"), Vpc: importedVpc(stack),
		SecurityGroups: []awsec2.ISecurityGroup{awsec2.SecurityGroup_FromSecurityGroupId(
			stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil,
		)},
	})
	assert.Len(t, *grouped.Connections().SecurityGroups(), 1)
	topic := notify.TopicFrom(
		stack, "Topic",
		&notify.TopicAttributes{Topic: awssns.Topic_FromTopicArn(
			stack, jsii.String("Ours"), jsii.String("arn:aws:sns:eu-west-1:111122223333:ours"),
		)},
	)
	apprunner.NewAlarms(stack, "Alarms", &apprunner.AlarmsProps{Service: service, Topic: topic})
	tpl := synth(t, stack)
	count := tpl.count()
	delete(count, "AWS::IAM::Policy")
	assert.Equal(t, map[string]int{
		"AWS::AppRunner::Service": 2, "AWS::AppRunner::ObservabilityConfiguration": 1, "AWS::AppRunner::VpcConnector": 1,
		"AWS::WAFv2::WebACLAssociation": 1, "AWS::CloudWatch::Alarm": 4}, count)
	s := tpl.at("AWS::AppRunner::Service", "/Service/")
	assert.Equal(t, []any{"arn:aws:iam::111122223333:role/instance", "arn:aws:iam::111122223333:role/access", connector, scaling}, []any{
		s.get("InstanceConfiguration.InstanceRoleArn"), s.get("SourceConfiguration.AuthenticationConfiguration.AccessRoleArn"),
		s.get("NetworkConfiguration.EgressConfiguration.VpcConnectorArn"), s.get("AutoScalingConfigurationArn")})
	assert.Equal(t, webAcl, tpl.only("AWS::WAFv2::WebACLAssociation").get("WebACLArn"))
	assert.Equal(t, []any{"sg-0123456789abcdef0"}, tpl.only("AWS::AppRunner::VpcConnector").get("SecurityGroups"))
	assert.Equal(t, "arn:aws:sns:eu-west-1:111122223333:ours", tpl.at("AWS::CloudWatch::Alarm", "/Cpu").get("AlarmActions.0"))
}

// From source, configured here; and every synth says what to know of App Runner, as information that fails no strict synth.
func TestAppRunnerFromSource(t *testing.T) {
	stack := newStack(t)
	apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
		Source: &apprunner.Source{
			RepositoryUrl: "https://bitbucket.org/example/shop", ConnectionArn: appRunnerConnection, SourceDirectory: "/web",
			Runtime: apprunner.Python311, BuildCommand: "pip install -r requirements.txt"},
		StartCommand: "python app.py", AutoDeployments: true, Environment: map[string]string{"MODE": "live"},
	})
	tpl := synth(t, stack)
	assert.Equal(t, map[string]any{
		"AutoDeploymentsEnabled":      true,
		"AuthenticationConfiguration": map[string]any{"ConnectionArn": appRunnerConnection},
		"CodeRepository": map[string]any{
			"RepositoryUrl": "https://bitbucket.org/example/shop", "SourceDirectory": "/web", "SourceCodeVersion": map[string]any{
				"Type": "BRANCH", "Value": "main",
			},
			"CodeConfiguration": map[string]any{"ConfigurationSource": "API", "CodeConfigurationValues": map[string]any{
				"Runtime": "PYTHON_311", "BuildCommand": "pip install -r requirements.txt", "StartCommand": "python app.py", "Port": "8080",
				"RuntimeEnvironmentVariables": []any{map[string]any{"Name": "MODE", "Value": "live"}},
			}},
		},
	}, tpl.only("AWS::AppRunner::Service").get("SourceConfiguration"))
	dir := *awscdk.App_Of(stack).Outdir()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(raw)
	}
	assert.Contains(t, all.String(), "aws:cdk:info")
	assert.Contains(t, all.String(), "accepted no new customers since 30 April 2026")
	assert.Contains(t, all.String(), "ECS Express Mode")
}

// App Runner looks for an image before it pulls it, and a cache has none before the first pull.
func TestAppRunnerTakesNoImageOfACache(t *testing.T) {
	stack := newStack(t)
	cache := registry.PullThroughCacheFrom(stack, "Cache", &registry.PullThroughCacheAttributes{Upstream: registry.EcrPublic})
	lines := refusal(t, func() {
		apprunner.NewService(stack, "Web", &apprunner.ServiceProps{Image: registry.FromPullThroughCache(cache, "nginx/nginx:1.27")})
	})
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "pull-through cache")
}

// The CDK's constructs take a service: a database lets its connector in, and a queue lets its program send.
func TestAppRunnerConnectsAndIsGranted(t *testing.T) {
	stack := newStack(t)
	vpc := importedVpc(stack)
	service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner), Vpc: vpc})
	database := awsrds.NewDatabaseInstance(stack, jsii.String("Database"), &awsrds.DatabaseInstanceProps{
		Engine: awsrds.DatabaseInstanceEngine_Postgres(&awsrds.PostgresInstanceEngineProps{Version: awsrds.PostgresEngineVersion_VER_16()}), Vpc: vpc,
	})
	database.Connections().AllowDefaultPortFrom(service, nil)
	awssqs.NewQueue(stack, jsii.String("Queue"), nil).GrantSendMessages(service)
	tpl := synth(t, stack)

	rule := tpl.only("AWS::EC2::SecurityGroupIngress")
	assert.Same(t, tpl.at("AWS::EC2::SecurityGroup", "/Service/SecurityGroup/"), rule.ref("SourceSecurityGroupId"))
	assert.Same(t, tpl.at("AWS::EC2::SecurityGroup", "/Database/"), rule.ref("GroupId"))
	role := tpl.only("AWS::AppRunner::Service").ref("InstanceConfiguration.InstanceRoleArn")
	assert.Equal(t, []*resource{tpl.only("AWS::SQS::Queue")}, allowed(t, role)["sqs:SendMessage"])
}

// Without a VPC there is no group that a rule could name, and a rule for nobody would go unnoticed.
func TestAppRunnerWithoutAVpcHasNoConnections(t *testing.T) {
	stack := newStack(t)
	service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner)})
	assert.Equal(t, []string{
		"Test/Service: has no known security groups for Connections; set Vpc, or use the security groups of the VPC connector",
	}, refusal(t, func() { service.Connections() }))
}

func TestAppRunnerServicesAreRefused(t *testing.T) {
	stack := newStack(t)
	assert.Equal(t, []string{
		"Test/Service: Port must be an integer from 1 to 65535; got -1",
		`Test/Service: Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"`,
	}, refusal(t, func() {
		apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
			Image: registry.FromRegistry(helloAppRunner), Port: -1, Vpc: importedVpc(stack), Subnets: network.Isolated,
		})
	}))
	assert.Equal(t, []string{"Test/Alarms: Service is required; use apprunner.NewService"}, refusal(t, func() { apprunner.NewAlarms(stack, "Alarms", nil) }))
}
