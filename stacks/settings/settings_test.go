package settings

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/eks"
	"awscontainers/constructs/events"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/storage"
	"awscontainers/stacks"
)

const (
	account, region = "111122223333", "eu-west-1"
	teamsId         = "01234567-89ab-cdef-0123-456789abcdef"
	onCall          = "on-call@example.com"
	nginx           = "public.ecr.aws/nginx/nginx-unprivileged:stable"
	builtDirectory  = "testdata/web"
	registrySecret  = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3"
	secretArn       = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3:password"
	certificate     = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
	busybox         = "public.ecr.aws/docker/library/busybox:stable"
)

// defaults are the props of each stack with an empty context, without what the profile sets in all stacks.
var defaults = map[string]any{
	"FargateWeb": &stacks.FargateWebProps{
		Image: nginx, Port: 8080, HealthCheckPath: "/", WritablePaths: []string{"/tmp"}, DeploymentStrategy: awsecs.DeploymentStrategy_ROLLING,
		TargetProtocol: elbv2.ApplicationProtocol_HTTP,
	},
	"Ec2Web": &stacks.Ec2WebProps{
		Image: nginx, Port: 8080, HealthCheckPath: "/", WritablePaths: []string{"/tmp"}, InstanceTypes: []string{"t3.medium"},
		Cpu: 256, MemoryLimitMiB: 512,
		OperatingSystem: platform.AmazonLinux2023, NetworkMode: awsecs.NetworkMode_AWS_VPC,
	},
	"NlbService": &stacks.NlbServiceProps{
		Image: nginx, Port: 8080, Protocol: elbv2.Protocol_TCP, ListenerPort: 80, WritablePaths: []string{"/tmp"},
	},
	"GatewayServices": &stacks.GatewayServicesProps{
		Image: nginx, Port: 8080, HealthCheckPath: "/", ApiPort: 8080, ApiHealthCheckPath: "/", WritablePaths: []string{"/tmp"},
	},
	"SharedStorage": &stacks.SharedStorageProps{
		Image: busybox, DesiredCount: 1, ThroughputMode: awsefs.ThroughputMode_ELASTIC, TransitionToIADays: 30, TransitionToArchiveDays: 90,
		DisableBackups: true,
	},
	"Registry": &stacks.RegistryProps{KeepLast: 100},
	"EventDrivenTask": &stacks.EventDrivenTaskProps{
		Directory: "stacks/objectdigest", KeyPrefix: "incoming/", WritablePaths: []string{"/tmp"},
	},
	"ScheduledTask": &stacks.ScheduledTaskProps{
		Image: busybox, Command: []string{"date"}, ScheduleExpression: "rate(1 hour)", TimeZone: "UTC", WritablePaths: []string{"/tmp"},
	},
	"QueueWorker": &stacks.QueueWorkerProps{
		Directory: "stacks/primecount", WritablePaths: []string{"/tmp"}, MessagesPerTask: 10, SpotPercent: new(75),
		VisibilityTimeout: time.Minute, MaxReceiveCount: 5,
	},
	"TaskStateAlerts": &stacks.TaskStateAlertsProps{Image: busybox},
	"EksNodes": &stacks.EksNodesProps{
		Version: "1.35", Nodes: []stacks.NodeKind{stacks.ManagedNodes}, InstanceTypes: []string{"t3.medium"},
		OperatingSystem: platform.AmazonLinux2023,
	},
	"EksStorage": &stacks.EksStorageProps{
		Version:       "1.35",
		Drivers:       []stacks.StorageDriver{stacks.EbsDriver, stacks.EfsDriver, stacks.LustreDriver},
		InstanceTypes: []string{"t3.large"}, Image: busybox, DisableBackups: true,
		LustreDeploymentType: storage.LustreScratch2, OntapDeploymentType: storage.OntapSingleAz1, ReclaimPolicy: eks.ReclaimDelete,
	},
	"AppRunnerService": &stacks.AppRunnerServiceProps{
		Image: "public.ecr.aws/aws-containers/hello-app-runner:latest", Port: 8000, HealthCheckPath: "/",
		Cpu: 1024, MaxConcurrency: 100,
	},
	"ExpressService": &stacks.ExpressServiceProps{Image: nginx, Port: 8080, HealthCheckPath: "/", Cpu: 256},
}

// full are the props of each stack with testdata/every-key.json, without what the profile sets in all stacks.
var full = map[string]any{
	"FargateWeb": &stacks.FargateWebProps{
		Directory: builtDirectory, ImageRepository: "team/web", Command: []string{"run", "-v", "-v"},
		Environment:    map[string]string{"LOG_LEVEL": "debug", "QUERY": "a=b"},
		MaxFailedTasks: 5, DeploymentNonce: "2027-01-31",
		ImageCredentialsSecretArn: registrySecret,
		SecretArns:                map[string]string{"DB_PASSWORD": secretArn}, Cpu: 512, MemoryLimitMiB: 2048,
		Image: "nginx:1", Port: 80, HealthCheckPath: "/up", WritablePaths: []string{"/run", "/tmp"}, CertificateArn: certificate,
		DomainName: "www.example.com", HostedZoneId: "Z1234", HostedZoneName: "example.com", AlarmEmails: []string{onCall},
		ApiImage: "api:1", ApiDirectory: builtDirectory, ApiPort: 81, ApiHealthCheckPath: "/api/up",
		AlternativeDomainNames: []string{"example.com"}, RedirectToDomainName: true,
		AdditionalCertificateArns: []string{"arn:aws:acm:eu-west-1:111122223333:certificate/87654321-1234-1234-1234-123456789012"},
		SecurityHeaders:           true, ConnectionLogs: true, HealthCheckPort: 8081, TargetProtocol: elbv2.ApplicationProtocol_HTTPS,
		LoadBalancingAlgorithm: elbv2.TargetGroupLoadBalancingAlgorithmType_LEAST_OUTSTANDING_REQUESTS,
		OidcIssuer:             "https://login.example.com", OidcAuthorizationEndpoint: "https://login.example.com/authorize",
		OidcTokenEndpoint: "https://login.example.com/token", OidcUserInfoEndpoint: "https://login.example.com/userinfo", OidcClientId: "shop",
		OidcClientSecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3", OidcClientSecretKey: "secret",
		DeploymentStrategy: awsecs.DeploymentStrategy_CANARY, MigrationCommand: []string{"npm", "run", "migrate"}, Approval: true,
		TestCidrs: []string{"203.0.113.0/24"}, Waf: true, ExecuteCommand: true, OpenTelemetry: true, RollbackOnErrors: true,
		WafBlockedCountries: []string{"AQ", "BV"}, WafLogs: true,
		CloudFront: true, WebAclArn: "arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop/01234567-89ab-cdef-0123-456789abcdef",
	},
	"Ec2Web": &stacks.Ec2WebProps{
		Directory: builtDirectory, ImageRepository: "team/web", Command: []string{"run", "-v", "-v"},
		Environment:               map[string]string{"LOG_LEVEL": "debug", "QUERY": "a=b"},
		ImageCredentialsSecretArn: registrySecret,
		SecretArns:                map[string]string{"DB_PASSWORD": secretArn}, Cpu: 512, MemoryLimitMiB: 2048,
		Image: "nginx:1", Port: 80, HealthCheckPath: "/up", WritablePaths: []string{"/run"}, CertificateArn: certificate,
		AlarmEmails: []string{onCall}, InstanceTypes: []string{"m7g.large", "m6g.large"}, OperatingSystem: platform.Bottlerocket,
		NetworkMode: awsecs.NetworkMode_BRIDGE, SpotWeight: 3, MaxSpotInstances: 6, ImageId: "ami-0123456789abcdef0",
		ManagedTerminationProtection: true, RollbackOnErrors: true, InstanceVCpus: 2, InstanceMemoryMiB: 4096, GpuCount: 1,
		CpuArchitecture: platform.Arm64, ManagedInstances: true, WarmPool: true, DetailedMonitoring: true,
	},
	"NlbService": &stacks.NlbServiceProps{
		Directory: builtDirectory, ImageRepository: "team/web", Command: []string{"run", "-v", "-v"},
		Environment:               map[string]string{"LOG_LEVEL": "debug", "QUERY": "a=b"},
		ImageCredentialsSecretArn: registrySecret,
		SecretArns:                map[string]string{"DB_PASSWORD": secretArn}, Cpu: 512, MemoryLimitMiB: 2048,
		Image: "dns:1", Port: 53, Protocol: elbv2.Protocol_UDP, ListenerPort: 5353, CertificateArn: certificate, HealthCheckPort: 8081,
		AdditionalCertificateArns: []string{"arn:aws:acm:eu-west-1:111122223333:certificate/87654321-1234-1234-1234-123456789012"},
		HealthCheckPath:           "/up", WritablePaths: []string{"/run"}, PreserveClientIp: true, CrossZone: true, StaticIps: true,
		IngressCidrs: []string{"203.0.113.0/24"}, EndpointPrincipals: []string{"arn:aws:iam::111122223333:root"}, AlarmEmails: []string{onCall},
	},
	"GatewayServices": &stacks.GatewayServicesProps{
		Directory: builtDirectory, Command: []string{"run", "-v", "-v"}, Environment: map[string]string{"LOG_LEVEL": "debug", "QUERY": "a=b"},
		SecretArns: map[string]string{"DB_PASSWORD": secretArn}, Cpu: 512, MemoryLimitMiB: 2048,
		Image: "web:1", Port: 80, HealthCheckPath: "/up", WritablePaths: []string{"/run"}, ApiImage: "api:1", ApiPort: 81,
		ApiHealthCheckPath: "/api/up", Internal: true, IngressCidrs: []string{"203.0.113.0/24"}, Waf: true, AlarmEmails: []string{onCall},
	},
	"SharedStorage": &stacks.SharedStorageProps{
		Image: "files:1", DesiredCount: 2, ImageId: "ami-01234567", ThroughputMode: awsefs.ThroughputMode_PROVISIONED,
		ProvisionedThroughputMiBps: 8, TransitionToIADays: 7, AlarmEmails: []string{onCall},
	},
	"Registry": &stacks.RegistryProps{
		RepositoryName: "team/web", CreateEncryptionKey: true, KeepLast: 30, DeployedTags: []string{"v*", "prod"},
		MutableTags:  []string{"latest"},
		PullAccounts: []string{account}, EnhancedScanning: true, ReplicationRegions: []string{region}, CachePrefix: "team",
		DockerHubSecretArn: "hub", GitHubSecretArn: "git", PublicRepositoryName: "web",
	},
	"EventDrivenTask": &stacks.EventDrivenTaskProps{
		Directory: builtDirectory, Command: []string{"run", "-v", "-v"}, Environment: map[string]string{"LOG_LEVEL": "debug", "QUERY": "a=b"},
		ImageCredentialsSecretArn: registrySecret,
		SecretArns:                map[string]string{"DB_PASSWORD": secretArn}, Cpu: 512, MemoryLimitMiB: 2048,
		WritablePaths: []string{"/run"}, Image: "digest:1", KeyPrefix: "in/", KeySuffix: ".jpg", AlarmEmails: []string{onCall},
		VersionedBucket: true,
	},
	"ScheduledTask": &stacks.ScheduledTaskProps{
		Directory: builtDirectory, Command: []string{"run", "-v", "-v"}, Environment: map[string]string{"LOG_LEVEL": "debug", "QUERY": "a=b"},
		ImageCredentialsSecretArn: registrySecret,
		SecretArns:                map[string]string{"DB_PASSWORD": secretArn}, Cpu: 512, MemoryLimitMiB: 2048,
		WritablePaths: []string{"/run"}, Image: "job:1", ScheduleExpression: "cron(0 3 * * ? *)", TimeZone: "Europe/Berlin",
		FlexibleTimeWindow: 15 * time.Minute, StartDate: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC),
		EndDate: time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC), PreventOverlap: true, AlarmEmails: []string{onCall},
	},
	"QueueWorker": &stacks.QueueWorkerProps{
		Directory: builtDirectory, Command: []string{"run", "-v", "-v"}, Environment: map[string]string{"LOG_LEVEL": "debug", "QUERY": "a=b"},
		ImageCredentialsSecretArn: registrySecret,
		SecretArns:                map[string]string{"DB_PASSWORD": secretArn}, Cpu: 512, MemoryLimitMiB: 2048,
		WritablePaths: []string{"/run"}, Image: "worker:1", MinTasks: 1, MaxTasks: 20, MessagesPerTask: 30, SpotPercent: new(0),
		VisibilityTimeout: 90 * time.Second, MaxReceiveCount: 2, CreateEncryptionKey: true, AlarmEmails: []string{onCall},
	},
	"TaskStateAlerts": &stacks.TaskStateAlertsProps{
		Image: "sample:1", AllClusters: true, Failures: []events.Failure{"OUT_OF_MEMORY", "DEPLOYMENT_FAILED"},
		Emails: []string{onCall, "team@example.com"}, HttpsEndpoints: []string{"https://example.com/hook"},
		Slack: []notify.SlackChannel{{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}},
		Teams: []notify.TeamsChannel{{TenantId: teamsId, TeamId: teamsId, ChannelId: "19%3aabc%40thread.tacv2"}},
	},
	"EksNodes": &stacks.EksNodesProps{
		Version: "1.34", ClusterName: "shop", KubectlLayer: "testdata/layer.zip", ForceUpgrade: true,
		NodeVersion: "1.33", AmiRelease: "1.64.0-0123abcd", ForceNodeUpdate: true,
		AdminArns:         []string{"arn:aws:iam::111122223333:role/Developers", "arn:aws:iam::111122223333:user/me"},
		ViewerArns:        []string{"arn:aws:iam::111122223333:role/teams/Support"},
		PublicAccessCidrs: []string{"203.0.113.0/24"}, PrivateAccessCidrs: []string{"10.0.0.0/16"},
		Nodes: []stacks.NodeKind{stacks.ManagedNodes, stacks.FargateNodes}, FargateNamespaces: []string{"shop", "team-*"},
		InstanceTypes: []string{"m7g.large", "m6g.large"}, OperatingSystem: platform.Bottlerocket, Spot: true, AlbController: true,
		PrefixDelegation: true, NetworkPolicy: true, ExtendedSupport: true, Ebs: true, ContainerInsights: true, AlarmEmails: []string{onCall},
	},
	"EksStorage": &stacks.EksStorageProps{
		Version: "1.34", KubectlLayer: "testdata/layer.zip", NodeVersion: "1.33",
		AdminArns:         []string{"arn:aws:iam::111122223333:role/Developers", "arn:aws:iam::111122223333:user/me"},
		PublicAccessCidrs: []string{"203.0.113.0/24"}, InstanceTypes: []string{"m7g.large"},
		Drivers: []stacks.StorageDriver{stacks.EfsDriver, stacks.OntapDriver},
		Image:   "public.ecr.aws/docker/library/alpine:3", LustreDeploymentType: storage.LustrePersistent2,
		OntapDeploymentType: storage.OntapMultiAz1, ReclaimPolicy: eks.ReclaimRetain,
	},
	"AppRunnerService": &stacks.AppRunnerServiceProps{
		Directory: builtDirectory, Environment: map[string]string{"LOG_LEVEL": "debug", "QUERY": "a=b"},
		SecretArns: map[string]string{"DB_PASSWORD": secretArn},
		Image:      "web:1", AutoDeployments: true, RepositoryUrl: "https://github.com/example/shop", ConnectionArn: "arn", Branch: "prod",
		SourceDirectory: "/web", Runtime: apprunner.Runtime("NODEJS_22"), BuildCommand: "npm ci", StartCommand: "npm start", Port: 3000,
		HealthCheckPath: "/up", Cpu: 256, MemoryLimitMiB: 512, MaxConcurrency: 50, VpcAccess: true, PrivateIngress: true, Waf: true,
		Tracing: true, AlarmEmails: []string{onCall},
	},
	"ExpressService": &stacks.ExpressServiceProps{
		Directory: builtDirectory, Command: []string{"run", "-v", "-v"}, Environment: map[string]string{"LOG_LEVEL": "debug", "QUERY": "a=b"},
		SecretArns: map[string]string{"DB_PASSWORD": secretArn}, Cpu: 512, MemoryLimitMiB: 2048,
		Image: "web:1", Port: 80, HealthCheckPath: "/up", Internal: true, RequestsPerTask: 100, ServiceName: "shop",
		NatGateways: network.NatPerAz, ImageCredentialsSecretArn: registrySecret,
		OpenTelemetry: true, AlarmEmails: []string{onCall},
	},
}

// decided are the values of a profile by the fields that it sets wherever a stack has them.
func decided(minimum, maximum, maxInstances int, profile map[string]any) map[string]any {
	profile["MinTasks"], profile["MaxTasks"] = minimum, maximum
	for _, field := range []string{"MinInstances", "MinNodes"} {
		profile[field] = minimum
	}
	for _, field := range []string{"MaxInstances", "MaxNodes"} {
		profile[field] = maxInstances
	}
	return profile
}

var (
	inDev = decided(1, 2, 3, map[string]any{
		"NatGateways": network.NatSingle, "ContainerInsights": awsecs.ContainerInsights_ENABLED,
		"Protect": false, "RuntimeMonitoring": false, "Alarms": false,
		"LogRetention":  awslogs.RetentionDays_ONE_WEEK,
		"RemovalPolicy": awscdk.RemovalPolicy_DESTROY,
	})
	inProd = decided(2, 10, 10, map[string]any{
		"NatGateways": network.NatPerAz,
		// As testdata/every-key.json says.
		"ContainerInsights": awsecs.ContainerInsights_DISABLED, "Protect": true, "RuntimeMonitoring": true,
		"Alarms": true, "LogRetention": awslogs.RetentionDays_SIX_MONTHS,
		"RemovalPolicy": awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, "VpcId": "vpc-0123456789abcdef0",
		"Env": &awscdk.Environment{Account: new(account), Region: new(region)},
	})
	// Where a stack differs from what a profile decides elsewhere.
	exceptions = map[string]map[string]any{
		"SharedStorage-dev":    {"MinInstances": 0, "MaxInstances": 2}, // an instance runs two of the reader's tasks
		"SharedStorage-prod":   {"MaxInstances": 4},
		"AppRunnerService-dev": {"MaxInstances": 2},
		"ExpressService-dev":   {"NatGateways": network.NatNone}, // in public subnets
		"QueueWorker-dev":      {"MinTasks": 0},                  // none while the queue is empty
		// What testdata/every-key.json says.
		"FargateWeb-prod":      {"MinTasks": 3, "MaxTasks": 12},
		"Ec2Web-prod":          {"MinTasks": 3, "MaxTasks": 12, "MaxInstances": 12},
		"NlbService-prod":      {"MinTasks": 3, "MaxTasks": 12},
		"GatewayServices-prod": {"MinTasks": 3, "MaxTasks": 12},
		"ExpressService-prod":  {"MinTasks": 3, "MaxTasks": 12},
		"QueueWorker-prod":     {"MinTasks": 1, "MaxTasks": 20, "ContainerInsights": awsecs.ContainerInsights_ENHANCED},
	}
)

// assertProps compares the props of all stacks, of which those of want lack what the profile sets.
func assertProps(t *testing.T, want map[string]any, byProfile map[string]any, s *Settings) {
	t.Helper()
	require.Len(t, want, len(table))
	for name, props := range want {
		fields := reflect.New(reflect.TypeOf(props).Elem())
		fields.Elem().Set(reflect.ValueOf(props).Elem()) // a copy
		for _, values := range []map[string]any{byProfile, exceptions[name+"-"+s.profile.name]} {
			for field, value := range values {
				if f := fields.Elem().FieldByName(field); f.IsValid() && reflect.TypeOf(value).AssignableTo(f.Type()) {
					f.Set(reflect.ValueOf(value))
				}
			}
		}
		assert.Equal(t, fields.Interface(), s.Props(name), name)
	}
}

func TestDefaults(t *testing.T) {
	s, err := Parse(map[string]any{
		"@aws-cdk/core:checkSecretUsage": true, "aws:cdk:bundling-stacks": []any{"**"}, "cli-telemetry": false, "vpcId": nil,
		"acknowledged-issue-numbers": []any{1.0}, "availability-zones:account=111122223333:region=eu-west-1": []any{},
	}, "", "us-east-1")
	require.NoError(t, err, "the CDK's own keys are refused")
	assertProps(t, defaults, inDev, s)
	assert.Equal(t, []string{
		"FargateWeb", "Ec2Web", "NlbService", "GatewayServices", "SharedStorage", "Registry", "EventDrivenTask", "ScheduledTask",
		"QueueWorker", "TaskStateAlerts", "EksNodes",
		"EksStorage", "ExpressService",
	}, s.Stacks, "App Runner accepts no new customers")
	assert.Empty(t, s.tags)
	for name, c := range s.stacks {
		require.NoError(t, c.validate(), name)
		// These notify nobody, or let nobody in, unless they are told whom.
		if !slices.Contains([]string{"EventDrivenTask", "ScheduledTask", "QueueWorker", "TaskStateAlerts", "EksNodes", "EksStorage"}, name) {
			assert.Empty(t, c.annotations, name)
		}
	}
}

// Nothing is protected from birth, in prod either: a first deployment that fails must roll back by itself.
func TestProtect(t *testing.T) {
	protected := func(context map[string]any) (names []string) {
		context["stacks"] = strings.Join(Names(), ",")
		s, err := Parse(context, "", "")
		require.NoError(t, err)
		var unprotected []string
		for _, name := range Names() {
			if reflect.ValueOf(s.Props(name)).Elem().FieldByName("Protect").Bool() {
				names = append(names, name)
			} else {
				unprotected = append(unprotected, name)
			}
		}
		if !s.profile.isProd() || len(unprotected) == 0 {
			assert.NotContains(t, strings.Join(s.Notes(), "\n"), "protect", context)
			return names
		}
		assert.Contains(t, s.Notes(), "Nothing protects "+strings.Join(unprotected, ", ")+" from deletion yet. "+
			"Once a stack's first deployment has succeeded, set protect=true, or "+unprotected[0]+".protect=true for one stack, and deploy again")
		return names
	}
	assert.Empty(t, protected(map[string]any{}))
	assert.Empty(t, protected(map[string]any{"profile": "prod"}))
	assert.Equal(t, Names(), protected(map[string]any{"profile": "prod", "protect": "true"}))
	assert.Equal(t, Names(), protected(map[string]any{"protect": true}), "in dev, too")
	assert.Equal(t, []string{"Registry"}, protected(map[string]any{"profile": "prod", "Registry": map[string]any{"protect": true}}))
	assert.Equal(t, slices.DeleteFunc(Names(), func(name string) bool { return name == "Registry" }),
		protected(map[string]any{"profile": "prod", "protect": "true", "Registry.protect": "false"}), "one that isn't deployed yet")
}

// everyKey is a context that sets every key, as cdk.json gives it.
func everyKey(t *testing.T) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("testdata/every-key.json")
	require.NoError(t, err)
	var context map[string]any
	require.NoError(t, json.Unmarshal(raw, &context))
	return context
}

// asOptions turns a context of cdk.json into that of -c options.
func asOptions(context map[string]any) map[string]any {
	options := map[string]any{}
	for name, value := range context {
		object, isObject := value.(map[string]any)
		if !isObject || !slices.Contains(Names(), name) {
			options[name] = asOption(value)
			continue
		}
		for below, v := range object {
			options[name+"."+below] = asOption(v)
		}
	}
	return options
}

func asOption(value any) string {
	var items []string
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			items = append(items, asOption(item))
		}
		return strings.Join(items, ", ")
	case map[string]any:
		for name, item := range v {
			items = append(items, name+" = "+asOption(item))
		}
		return strings.Join(items, ",")
	default:
		return fmt.Sprint(value)
	}
}

func TestEveryKeyAsItIsWritten(t *testing.T) {
	for form, context := range map[string]map[string]any{"cdk.json": everyKey(t), "options": asOptions(everyKey(t))} {
		t.Run(form, func(t *testing.T) {
			s, err := Parse(context, account, region)
			require.NoError(t, err)
			assertProps(t, full, inProd, s)
			assert.Equal(t, []string{"Registry"}, s.Stacks)
			assert.Equal(t, map[string]string{"Owner": "me", "Cost": "42"}, s.tags)
		})
	}
	isSet := asOptions(everyKey(t))
	isSet["availabilityZones"] = "eu-west-1a" // not together with vpcId
	for _, k := range Keys() {
		if strings.HasSuffix(k.Name, ".natGateways") {
			isSet[k.Name] = "single" // not together with vpcId either
		}
		assert.Contains(t, isSet, k.Name, "testdata/every-key.json lacks a key")
		assert.NotEmpty(t, k.Doc, k.Name)
		assert.NotEmpty(t, k.Type, k.Name)
	}
	assert.Len(t, isSet, len(Keys()))
}

func TestOptionsTakePrecedence(t *testing.T) {
	s, err := Parse(map[string]any{
		"FargateWeb": map[string]any{"image": "of-cdk.json:1", "waf": true}, "FargateWeb.image": "of-option:1",
	}, "", "")
	require.NoError(t, err)
	props := s.Props("FargateWeb").(*stacks.FargateWebProps)
	assert.Equal(t, "of-option:1", props.Image)
	assert.True(t, props.Waf, "the object's other keys are lost")
}

// Some defaults follow other keys.
func TestDefaultsThatFollow(t *testing.T) {
	for name, c := range map[string]struct {
		context map[string]any
		of      string
		fields  map[string]any
	}{
		"a certificate is for TLS": {map[string]any{"NlbService.certificateArn": certificate}, "NlbService",
			map[string]any{"Protocol": elbv2.Protocol_TLS, "ListenerPort": 443}},
		"a protocol and port that are set": {map[string]any{
			"NlbService.certificateArn": certificate, "NlbService.protocol": "TCP", "NlbService.listenerPort": "8443",
		}, "NlbService", map[string]any{"Protocol": elbv2.Protocol_TCP, "ListenerPort": 8443}},
		"never to Infrequent Access": {map[string]any{"SharedStorage.transitionToIADays": "0"}, "SharedStorage",
			map[string]any{"TransitionToArchiveDays": 0}},
		"Infrequent Access before the archive": {map[string]any{"SharedStorage.transitionToIADays": "60"}, "SharedStorage",
			map[string]any{"TransitionToArchiveDays": 90}},
		"Infrequent Access as late as the archive": {map[string]any{"SharedStorage.transitionToIADays": "90"}, "SharedStorage",
			map[string]any{"TransitionToArchiveDays": 0}},
		"throughput without archive": {map[string]any{"SharedStorage.throughputMode": "BURSTING"}, "SharedStorage",
			map[string]any{"TransitionToArchiveDays": 0}},
		"source code has no image": {map[string]any{
			"AppRunnerService.repositoryUrl": "https://github.com/example/shop", "AppRunnerService.connectionArn": "arn",
		}, "AppRunnerService", map[string]any{"Image": "", "Port": 0}},
		"source code with a runtime": {map[string]any{
			"AppRunnerService.repositoryUrl": "https://github.com/example/shop", "AppRunnerService.connectionArn": "arn",
			"AppRunnerService.runtime": "NODEJS_22", "AppRunnerService.startCommand": "npm start",
		}, "AppRunnerService", map[string]any{"Image": "", "Port": 8000}},
		"a directory has no image": {map[string]any{"FargateWeb.directory": builtDirectory}, "FargateWeb",
			map[string]any{"Image": "", "Directory": builtDirectory}},
		"a pipeline's image is no default": {map[string]any{"FargateWeb.imageRepository": "team/web"}, "FargateWeb",
			map[string]any{"Image": "", "ImageRepository": "team/web"}},
		"a directory for events": {map[string]any{"EventDrivenTask.directory": builtDirectory}, "EventDrivenTask",
			map[string]any{"Image": "", "Directory": builtDirectory}},
		"an image for events": {map[string]any{"EventDrivenTask.image": "digest:1"}, "EventDrivenTask", map[string]any{"Directory": ""}},
		"an API that is built": {map[string]any{"FargateWeb.apiDirectory": builtDirectory}, "FargateWeb",
			map[string]any{"ApiImage": "", "ApiPort": 8080, "ApiHealthCheckPath": "/"}},
		"a job has its own command": {map[string]any{"ScheduledTask.image": "job:1"}, "ScheduledTask",
			map[string]any{"Command": []string(nil)}},
		"a job that is built has its own command": {map[string]any{"ScheduledTask.directory": builtDirectory}, "ScheduledTask",
			map[string]any{"Image": "", "Command": []string(nil)}},
		"a command with commas": {map[string]any{"FargateWeb": map[string]any{"command": []any{"sh", "-c", "echo a, b"}}}, "FargateWeb",
			map[string]any{"Command": []string{"sh", "-c", "echo a, b"}}},
		"more tasks than the profile's maximum": {map[string]any{"FargateWeb.minTasks": "5"}, "FargateWeb",
			map[string]any{"MinTasks": 5, "MaxTasks": 5}},
		"fewer tasks than the profile's minimum": {map[string]any{"profile": "prod", "ExpressService.maxTasks": "1"}, "ExpressService",
			map[string]any{"MinTasks": 1, "MaxTasks": 1}},
		"instances for all tasks":         {map[string]any{"Ec2Web.maxTasks": "20"}, "Ec2Web", map[string]any{"MinTasks": 1, "MaxInstances": 20}},
		"memory that 256 units offer":     {map[string]any{"ExpressService.memoryMiB": "2048"}, "ExpressService", map[string]any{"Cpu": 256}},
		"memory that more units offer":    {map[string]any{"ExpressService.memoryMiB": "4096"}, "ExpressService", map[string]any{"Cpu": 512}},
		"memory that the default follows": {map[string]any{"FargateWeb.memoryMiB": "4096"}, "FargateWeb", map[string]any{"Cpu": 0}},
		"Auto Mode has no nodes": {map[string]any{"EksNodes.autoMode": "true"}, "EksNodes",
			map[string]any{"Nodes": []stacks.NodeKind(nil), "InstanceTypes": []string(nil), "OperatingSystem": platform.OperatingSystem("")}},
		"Fargate has no instances": {map[string]any{"EksNodes.nodes": "FARGATE"}, "EksNodes",
			map[string]any{"FargateNamespaces": []string{"default"}, "InstanceTypes": []string(nil)}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(c.context, "", "")
			require.NoError(t, err)
			for field, want := range c.fields {
				assert.Equal(t, want, reflect.ValueOf(s.Props(c.of)).Elem().FieldByName(field).Interface(), field)
			}
		})
	}
}

// In dev there are no alarms, and a task that fails by itself at night leaves no trace but its log.
func TestFailedTasksThatNobodyHearsOf(t *testing.T) {
	noted := func(context map[string]any) (texts []string) {
		s, err := Parse(context, "", "")
		require.NoError(t, err)
		for _, name := range []string{"EventDrivenTask", "ScheduledTask", "QueueWorker"} {
			for _, a := range s.stacks[name].annotations {
				texts = append(texts, a.text)
			}
		}
		return texts
	}
	assert.Equal(t, []string{
		"Nobody is notified of tasks that fail, and no event of them is kept; set EventDrivenTask.alarmEmail",
		"Nobody is notified of tasks that fail, and no event of them is kept; set ScheduledTask.alarmEmail",
		"Nobody is notified of tasks that fail, and no event of them is kept; set QueueWorker.alarmEmail",
	}, noted(nil))
	assert.Empty(t, noted(map[string]any{"EventDrivenTask.alarmEmail": onCall, "ScheduledTask.alarmEmail": onCall,
		"QueueWorker.alarmEmail": onCall}))
}

// In prod every stack has alarms, except those without anything to watch, and EksNodes, whose alarms are for an address.
func TestAlarmsThatNobodyHears(t *testing.T) {
	notes := func(context map[string]any) string {
		s, err := Parse(context, "", "")
		require.NoError(t, err)
		return strings.Join(s.Notes(), "\n")
	}
	assert.Empty(t, notes(map[string]any{}))
	all := map[string]any{"profile": "prod", "protect": "true", "stacks": strings.Join(Names(), ",")}
	assert.Equal(t, "Nobody is notified of alarms in FargateWeb, Ec2Web, NlbService, GatewayServices, SharedStorage, EventDrivenTask, "+
		"ScheduledTask, QueueWorker, "+
		"AppRunnerService, ExpressService; set FargateWeb.alarmEmail, or subscribe to the topic (output AlarmTopicArn or TopicArn)", notes(all))
	assert.Empty(t, notes(map[string]any{"profile": "prod", "protect": "true", "stacks": "NlbService", "NlbService.alarmEmail": onCall}))
}

func TestAnnotations(t *testing.T) {
	s, err := Parse(map[string]any{"profile": "prod", "NlbService.staticIps": "true"}, "", "")
	require.NoError(t, err)
	var warned, noted []string
	for name, c := range s.stacks {
		for _, a := range c.annotations {
			if a.id != "" {
				warned = append(warned, name+": "+a.text)
			} else {
				noted = append(noted, name+": "+a.text)
			}
		}
	}
	assert.ElementsMatch(t, []string{
		"FargateWeb: FargateWeb serves plain HTTP to the internet; set FargateWeb.certificateArn, or FargateWeb.domainName with its hosted " +
			"zone. Without a domain, set FargateWeb.cloudFront, or use the stack GatewayServices or ExpressService",
		"Ec2Web: Ec2Web serves plain HTTP to the internet; set Ec2Web.certificateArn. Without a domain, use FargateWeb with " +
			"FargateWeb.cloudFront, or the stack GatewayServices or ExpressService",
	}, warned)
	const noAccess = "Nobody may use the cluster, not even who deploys it; set %s.adminArns to your IAM role or user, which " +
		"`aws sts get-caller-identity` shows"
	const unpinned = "Each deployment takes AWS's newest AMI and first replaces the instances; to decide when, set "
	assert.ElementsMatch(t, []string{
		"Ec2Web: " + unpinned + "Ec2Web.imageId", "SharedStorage: " + unpinned + "SharedStorage.imageId",
		"EksNodes: " + fmt.Sprintf(noAccess, "EksNodes"),
		"EksStorage: " + fmt.Sprintf(noAccess, "EksStorage"),
		"NlbService: Takes an Elastic IP in each Availability Zone, and one for each NAT gateway; the default quota of an account is five " +
			"in a Region",
		"TaskStateAlerts: Nobody is notified of failures; set TaskStateAlerts.emails, or subscribe to the topic (output TopicArn)",
	}, noted)

	for name, context := range map[string]map[string]any{
		"an AMI":            {"profile": "prod", "Ec2Web.imageId": "ami-0123456789abcdef0"},
		"Managed Instances": {"profile": "prod", "Ec2Web.managedInstances": "true"},
		"dev":               {},
	} {
		s, err := Parse(context, "", "")
		require.NoError(t, err)
		for _, a := range s.stacks["Ec2Web"].annotations {
			assert.NotContains(t, a.text, unpinned, name)
		}
	}
}
