package test

import (
	"encoding/json"
	"fmt"
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
	"awscontainers/test/cdktest"
)

const helloAppRunner = "public.ecr.aws/aws-containers/hello-app-runner:latest"

// The least props: what AWS would choose is said, and nothing is made but the service and a role that may do nothing.
func TestAppRunnerFromAPublicImage(t *testing.T) {
	stack := cdktest.Stack(t)
	service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner)})
	assert.Nil(t, service.AccessRole)
	output.New(stack, "Url", service.Url())
	output.New(stack, "Arn", service.Arn())
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, map[string]int{"AWS::AppRunner::Service": 1, "AWS::IAM::Role": 1}, tpl.Count())
	s := tpl.Only("AWS::AppRunner::Service")
	assert.Equal(t, map[string]any{
		"AutoDeploymentsEnabled": false,
		"ImageRepository": map[string]any{
			"ImageIdentifier": helloAppRunner, "ImageRepositoryType": "ECR_PUBLIC", "ImageConfiguration": map[string]any{"Port": "8080"},
		},
	}, s.Get("SourceConfiguration"))
	cdktest.Has(t, s, map[string]any{
		"InstanceConfiguration.Cpu":    "1024",
		"InstanceConfiguration.Memory": "2048",
	})
	assert.Equal(
		t, map[string]any{"Protocol": "TCP", "Interval": 5.0, "Timeout": 2.0, "HealthyThreshold": 1.0, "UnhealthyThreshold": 5.0},
		s.Get("HealthCheckConfiguration"),
	)
	assert.Equal(t, map[string]any{"IngressConfiguration": map[string]any{"IsPubliclyAccessible": true},
		"EgressConfiguration": map[string]any{"EgressType": "DEFAULT"}}, s.Get("NetworkConfiguration"))
	for _, absent := range []string{"ServiceName", "AutoScalingConfigurationArn", "EncryptionConfiguration", "ObservabilityConfiguration"} {
		assert.Nil(t, s.Get(absent), absent)
	}
	role := s.Ref("InstanceConfiguration.InstanceRoleArn")
	assert.Equal(t, []string{"tasks.apprunner.amazonaws.com"}, cdktest.AssumedBy(t, role))
	cdktest.MayExactly(t, role)
	assert.Equal(t, []any{"https://", map[string]any{"Fn::GetAtt": []any{s.Id, "ServiceUrl"}}},
		cdktest.Dig(tpl.Outputs["Url"], "Value.Fn::Join.1"))
	assert.Same(t, s, tpl.Follow(tpl.Outputs["Arn"]["Value"]))
}

// All props, and that each of them is there; who pulls, reads and sends may do just that.
func TestAppRunnerWithAllProps(t *testing.T) {
	stack := cdktest.Stack(t)
	repository := awsecr.NewRepository(stack, jsii.String("Repository"), nil)
	awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("awscontainers:empty-repository"), nil)
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
	tpl := cdktest.Synth(t, stack)

	s := tpl.Only("AWS::AppRunner::Service")
	source := s.Get("SourceConfiguration").(map[string]any)
	assert.Equal(t, "shop-web", s.Get("ServiceName"))
	assert.Equal(t, true, source["AutoDeploymentsEnabled"])
	assert.Equal(t, "ECR", cdktest.Dig(source, "ImageRepository.ImageRepositoryType"))
	configuration := cdktest.Dig(source, "ImageRepository.ImageConfiguration")
	cdktest.HasAt(t, configuration, map[string]any{
		"Port":         "3000",
		"StartCommand": "serve --all",
	})
	assert.Equal(
		t, []any{map[string]any{"Name": "A", "Value": "1"}, map[string]any{"Name": "MODE", "Value": "live"}},
		cdktest.Dig(configuration, "RuntimeEnvironmentVariables"),
	)
	assert.Equal(t, "PASSWORD", cdktest.Dig(configuration, "RuntimeEnvironmentSecrets.0.Name"))
	assert.Equal(
		t, []any{map[string]any{"Ref": tpl.Only("AWS::SecretsManager::Secret").Id}, ":password::"},
		cdktest.Dig(configuration, "RuntimeEnvironmentSecrets.0.Value.Fn::Join.1"),
	)
	assert.Equal(t, "TOKEN", cdktest.Dig(configuration, "RuntimeEnvironmentSecrets.1.Name"))
	cdktest.Has(t, s, map[string]any{
		"InstanceConfiguration.Cpu":    "2048",
		"InstanceConfiguration.Memory": "6144",
	})
	cdktest.Has(t, s, map[string]any{
		"HealthCheckConfiguration.Protocol": "HTTP",
		"HealthCheckConfiguration.Path":     "/up",
	})
	assert.Equal(t, map[string]any{"MinSize": 2.0, "MaxSize": 25.0, "MaxConcurrency": 50.0}, s.Ref("AutoScalingConfigurationArn").Properties)
	assert.Equal(t, "AWS::KMS::Key", s.Ref("EncryptionConfiguration.KmsKey").Type)

	// Who pulls: from the one repository.
	access := s.Ref("SourceConfiguration.AuthenticationConfiguration.AccessRoleArn")
	assert.Equal(t, []string{"build.apprunner.amazonaws.com"}, cdktest.AssumedBy(t, access))
	ecr := tpl.Only("AWS::ECR::Repository")
	cdktest.MayExactly(t, access,
		cdktest.Allow("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer").On(ecr),
		cdktest.Allow("ecr:GetAuthorizationToken").On("*"),
	)
	// Who runs: reads its secrets, uses their key, sends traces, and what it was granted.
	role := s.Ref("InstanceConfiguration.InstanceRoleArn")
	cdktest.MayExactly(t, role,
		cdktest.Allow("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue").On(tpl.Only("AWS::SecretsManager::Secret")),
		cdktest.Allow("ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters").On(tokenParameter),
		cdktest.Allow("kms:Decrypt").On(s.Ref("EncryptionConfiguration.KmsKey")),
		mayTrace(),
		cdktest.Allow("s3:Abort*", "s3:PutObject", "s3:PutObjectLegalHold", "s3:PutObjectRetention", "s3:PutObjectTagging",
			"s3:PutObjectVersionTagging").On(cdktest.Arn(tpl.Only("AWS::S3::Bucket"), "/*")),
	)
	assert.Equal(
		t, map[string]any{"Vendor": "AWSXRAY"},
		s.Ref("ObservabilityConfiguration.ObservabilityConfigurationArn").Get("TraceConfiguration"),
	)
	// Neither an image that may not be pulled yet, nor secrets that may not be read.
	for _, policy := range tpl.All("AWS::IAM::Policy") {
		assert.True(t, s.ComesAfter(policy), policy.Path())
	}

	// The way into the VPC.
	connector := s.Ref("NetworkConfiguration.EgressConfiguration.VpcConnectorArn")
	assert.Equal(t, "VPC", s.Get("NetworkConfiguration.EgressConfiguration.EgressType"))
	assert.Equal(t, []any{"subnet-00000000000000003", "subnet-00000000000000004"}, connector.Get("Subnets"))
	group := connector.Ref("SecurityGroups.0")
	assert.Nil(t, group.Get("SecurityGroupIngress"))
	assert.Equal(t, "0.0.0.0/0", group.Get("SecurityGroupEgress.0.CidrIp"))

	// WAF and alarms.
	acl := tpl.Only("AWS::WAFv2::WebACL")
	cdktest.Has(t, acl, map[string]any{
		"Scope": "REGIONAL",
		"Rules.0.Statement.RateBasedStatement.Limit": 1000.0,
		"Rules.0.Action.Count":                       map[string]any{},
	})
	assert.Equal(t, map[string]any{"Count": map[string]any{}}, acl.Get("Rules.1.OverrideAction"))
	assert.Len(t, acl.Get("Rules"), 4)
	association := tpl.Only("AWS::WAFv2::WebACLAssociation")
	assert.Same(t, s, association.Ref("ResourceArn"))
	assert.Same(t, acl, association.Ref("WebACLArn"))
	alarms := tpl.All("AWS::CloudWatch::Alarm")
	assert.Len(t, alarms, 4)
	for _, alarm := range alarms {
		topic := alarm.Ref("AlarmActions.0")
		assert.Same(t, topic, alarm.Ref("OKActions.0"))
		assert.Equal(t, "AWS::KMS::Key", topic.Ref("KmsMasterKeyId").Type)
		assert.Equal(t, "AWS/AppRunner", alarm.Get("Namespace"))
		assert.Equal(t, "ServiceID", alarm.Get("Dimensions.0.Name"))
		assert.Same(t, s, alarm.Ref("Dimensions.0.Value"))
		assert.Same(t, s, tpl.Follow(cdktest.Dig(alarm.Get("Dimensions.1.Value"), "Fn::Select.1.Fn::Split.1")), "its name is in its ARN")
	}
	assert.Equal(t, 2000.0, tpl.At("AWS::CloudWatch::Alarm", "/Latency").Get("Threshold"), "App Runner counts milliseconds")
}

// Reached from a VPC alone, and told at another address; an image from a Dockerfile.
func TestAppRunnerPrivate(t *testing.T) {
	stack := cdktest.Stack(t)
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
	tpl := cdktest.Synth(t, stack)
	endpoint := tpl.Only("AWS::EC2::VPCEndpoint")
	cdktest.Has(t, endpoint, map[string]any{
		"VpcEndpointType":   "Interface",
		"PrivateDnsEnabled": false,
	})
	assert.Contains(t, string(tpl.Raw), ".apprunner.requests")
	group := endpoint.Ref("SecurityGroupIds.0")
	assert.Equal(
		t, map[string]any{"CidrIp": "10.0.0.0/16", "Description": "HTTPS", "FromPort": 443.0, "IpProtocol": "tcp", "ToPort": 443.0},
		group.Get("SecurityGroupIngress.0"),
	)
	assert.Len(t, group.Get("SecurityGroupIngress"), 1)
	for _, id := range []string{"Web", "Api"} {
		service := tpl.At("AWS::AppRunner::Service", "/"+id+"/")
		assert.Equal(t, false, service.Get("NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible"))
		ingress := tpl.At("AWS::AppRunner::VpcIngressConnection", "/"+id+"/")
		assert.Same(t, service, ingress.Ref("ServiceArn"))
		assert.Same(t, endpoint, ingress.Ref("IngressVpcConfiguration.VpcEndpointId"))
		assert.Equal(t, "vpc-0123456789abcdef0", ingress.Get("IngressVpcConfiguration.VpcId"))
	}
	assert.Same(t, tpl.At("AWS::AppRunner::VpcIngressConnection", "/Api/"), tpl.Follow(cdktest.Dig(tpl.Outputs["Url"], "Value.Fn::Join.1.1")))
	assert.Len(t, tpl.Only("AWS::WAFv2::WebACL").Get("Rules"), 2, "nothing that judges addresses")

	// The image is built for what App Runner runs on, and pulled from where it is.
	raw, err := os.ReadFile(filepath.Join(*awscdk.App_Of(stack).Outdir(), "Test.assets.json"))
	require.NoError(t, err)
	assert.Contains(t, string(raw), "linux/amd64")
	api444 := tpl.At("AWS::AppRunner::Service", "/Api/")
	assert.Equal(t, "ECR", api444.Get("SourceConfiguration.ImageRepository.ImageRepositoryType"))
	policy := tpl.At("AWS::IAM::Policy", "/Api/AccessRole/")
	assert.Equal(t, "arn:aws:ecr:eu-west-1:444455556666:repository/team/api", policy.Get("PolicyDocument.Statement.0.Resource"))
}

// What a caller brings is used, and nothing is made beside it.
func TestAppRunnerWithWhatIsThere(t *testing.T) {
	const (
		connector = "arn:aws:apprunner:eu-west-1:111122223333:vpcconnector/ours/1/0123456789abcdef0123456789abcdef"
		scaling   = "arn:aws:apprunner:eu-west-1:111122223333:autoscalingconfiguration/ours/1/0123456789abcdef0123456789abcdef"
		webAcl    = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/ours/01234567-89ab-cdef-0123-456789abcdef"
	)
	stack := cdktest.Stack(t)
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
	tpl := cdktest.Synth(t, stack)
	count := tpl.Count()
	delete(count, "AWS::IAM::Policy")
	assert.Equal(t, map[string]int{
		"AWS::AppRunner::Service": 2, "AWS::AppRunner::ObservabilityConfiguration": 1, "AWS::AppRunner::VpcConnector": 1,
		"AWS::WAFv2::WebACLAssociation": 1, "AWS::CloudWatch::Alarm": 4, "AWS::Events::Rule": 1}, count)
	s := tpl.At("AWS::AppRunner::Service", "/Service/")
	cdktest.Has(t, s, map[string]any{
		"InstanceConfiguration.InstanceRoleArn":                         "arn:aws:iam::111122223333:role/instance",
		"SourceConfiguration.AuthenticationConfiguration.AccessRoleArn": "arn:aws:iam::111122223333:role/access",
		"NetworkConfiguration.EgressConfiguration.VpcConnectorArn":      connector,
		"AutoScalingConfigurationArn":                                   scaling,
	})
	assert.Equal(t, webAcl, tpl.Only("AWS::WAFv2::WebACLAssociation").Get("WebACLArn"))
	assert.Equal(t, []any{"sg-0123456789abcdef0"}, tpl.Only("AWS::AppRunner::VpcConnector").Get("SecurityGroups"))
	assert.Equal(t, "arn:aws:sns:eu-west-1:111122223333:ours", tpl.At("AWS::CloudWatch::Alarm", "/Cpu").Get("AlarmActions.0"))
}

// CloudFormation reports success after a rollback, so an event tells of it. The samples are those of
// https://docs.aws.amazon.com/apprunner/latest/dg/monitor-ev.html, with other names.
func TestAppRunnerTellsOfFailedOperations(t *testing.T) {
	stack := cdktest.Stack(t)
	service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner)})
	topic := notify.NewTopic(
		stack, "Topic", &notify.TopicProps{Slack: []notify.SlackChannel{{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}}},
	)
	apprunner.NewAlarms(stack, "Alarms", &apprunner.AlarmsProps{Service: service, Topic: topic})
	tpl := cdktest.Synth(t, stack)
	rule := tpl.Only("AWS::Events::Rule")
	assert.Same(t, tpl.Only("AWS::AppRunner::Service"), rule.Ref("EventPattern.resources.0"))

	const arn = "arn:aws:apprunner:us-east-2:111122223333:service/shop/8fe1e10304f84fd2b0df550fe98a71fa"
	pattern := rule.Get("EventPattern").(map[string]any)
	pattern["resources"] = []any{arn}
	event := func(status, resource string) map[string]any {
		return map[string]any{
			"detail-type": "AppRunner Service Operation Status Change", "source": "aws.apprunner", "account": "111122223333",
			"time": "2027-04-29T18:43:48Z", "region": "us-east-2", "resources": []any{resource},
			"detail": map[string]any{"operationStatus": status, "ServiceName": "shop", "Severity": "INFO"},
		}
	}
	for _, status := range []string{
		"CreateServiceFailed", "DeleteServiceFailed", "UpdateServiceFailed", "DeploymentFailed", "PauseServiceFailed", "ResumeServiceFailed",
	} {
		assert.True(t, cdktest.Matches(t, pattern, event(status, arn)), status)
	}
	assert.False(t, cdktest.Matches(t, pattern, event("UpdateServiceCompletedSuccessfully", arn)))
	assert.False(t, cdktest.Matches(t, pattern, event("UpdateServiceFailed", arn+"0")), "another service")

	targets := cdktest.List(rule.Get("Targets"))
	require.Len(t, targets, 2)
	said := cdktest.Transform(t, targets[0], event("UpdateServiceFailed", arn))
	assert.Contains(t, said, "An operation of the App Runner service "+arn+" failed: UpdateServiceFailed.")
	assert.Contains(t, said, "the last version keeps running, although CloudFormation reports success")
	assert.True(t, json.Valid([]byte(cdktest.Transform(t, targets[1], event("UpdateServiceFailed", arn)))))
	for _, policy := range tpl.All("AWS::SNS::TopicPolicy") {
		assert.Contains(t, fmt.Sprint(policy.Get("PolicyDocument")), "events.amazonaws.com", "EventBridge may publish")
	}
}

// From source, configured here; and every synth says what to know of App Runner, as information that fails no strict synth.
func TestAppRunnerFromSource(t *testing.T) {
	stack := cdktest.Stack(t)
	apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
		Source: &apprunner.Source{
			RepositoryUrl: "https://bitbucket.org/example/shop", ConnectionArn: appRunnerConnection, SourceDirectory: "/web",
			Runtime: apprunner.Python311, BuildCommand: "pip install -r requirements.txt"},
		StartCommand: "python app.py", AutoDeployments: true, Environment: map[string]string{"MODE": "live"},
	})
	tpl := cdktest.Synth(t, stack)
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
	}, tpl.Only("AWS::AppRunner::Service").Get("SourceConfiguration"))
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
	stack := cdktest.Stack(t)
	cache := registry.PullThroughCacheFrom(stack, "Cache", &registry.PullThroughCacheAttributes{Upstream: registry.EcrPublic})
	lines := cdktest.Refused(t, func() {
		apprunner.NewService(stack, "Web", &apprunner.ServiceProps{Image: registry.FromPullThroughCache(cache, "nginx/nginx:1.27")})
	})
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "pull-through cache")
}

// The CDK's constructs take a service: a database lets its connector in, and a queue lets its program send.
func TestAppRunnerConnectsAndIsGranted(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner), Vpc: vpc})
	database := awsrds.NewDatabaseInstance(stack, jsii.String("Database"), &awsrds.DatabaseInstanceProps{
		Engine: awsrds.DatabaseInstanceEngine_Postgres(&awsrds.PostgresInstanceEngineProps{Version: awsrds.PostgresEngineVersion_VER_16()}),
		Vpc:    vpc,
	})
	database.Connections().AllowDefaultPortFrom(service, nil)
	awssqs.NewQueue(stack, jsii.String("Queue"), nil).GrantSendMessages(service)
	tpl := cdktest.Synth(t, stack)

	rule := tpl.Only("AWS::EC2::SecurityGroupIngress")
	assert.Same(t, tpl.At("AWS::EC2::SecurityGroup", "/Service/SecurityGroup/"), rule.Ref("SourceSecurityGroupId"))
	assert.Same(t, tpl.At("AWS::EC2::SecurityGroup", "/Database/"), rule.Ref("GroupId"))
	role := tpl.Only("AWS::AppRunner::Service").Ref("InstanceConfiguration.InstanceRoleArn")
	cdktest.May(t, role, cdktest.Allow("sqs:SendMessage").On(tpl.Only("AWS::SQS::Queue")))
}

// Without a VPC there is no group that a rule could name, and a rule for nobody would go unnoticed.
func TestAppRunnerWithoutAVpcHasNoConnections(t *testing.T) {
	stack := cdktest.Stack(t)
	service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: registry.FromRegistry(helloAppRunner)})
	assert.Equal(t, []string{
		"Test/Service: has no known security groups for Connections; set Vpc, or use the security groups of the VPC connector",
	}, cdktest.Refused(t, func() { service.Connections() }))
}

// AWS takes public subnets, and what is in the VPC is reached from them.
func TestAppRunnerWarnsOfAConnectorInPublicSubnets(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	warnings := func(id string, subnets network.SubnetType) (all []string) {
		service := apprunner.NewService(stack, id, &apprunner.ServiceProps{
			Image: registry.FromRegistry(helloAppRunner), Vpc: vpc, Subnets: subnets,
		})
		for _, m := range *service.Node().Metadata() {
			if *m.Type == "aws:cdk:warning" {
				all = append(all, m.Data.(string))
			}
		}
		return all
	}
	assert.Equal(t, []string{"the instances have no public address in public subnets, so they reach the VPC, but not the internet; " +
		"use private subnets with a NAT gateway, or acknowledge this warning [ack: awscontainers:public-connector]"},
		warnings("Public", network.Public))
	assert.Empty(t, warnings("Private", network.Private))
}

func TestAppRunnerServicesAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	assert.Equal(t, []string{
		"Test/Service: Port must be an integer from 1 to 65535; got -1",
		`Test/Service: Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"; ` +
			`set IsolatedSubnets of network.VpcProps, or use network.Private`,
	}, cdktest.Refused(t, func() {
		apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
			Image: registry.FromRegistry(helloAppRunner), Port: -1, Vpc: importedVpc(stack), Subnets: network.Isolated,
		})
	}))
	assert.Equal(t, []string{"Test/Alarms: Service is required; use apprunner.NewService"},
		cdktest.Refused(t, func() { apprunner.NewAlarms(stack, "Alarms", nil) }))
}
