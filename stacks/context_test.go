package stacks

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/events"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/platform"
)

const (
	teamsId               = "01234567-89ab-cdef-0123-456789abcdef"
	roleArn, otherRoleArn = "arn:aws:iam::111122223333:role/Developers", "arn:aws:iam::111122223333:role/teams/Support"
	userArn               = "arn:aws:iam::111122223333:user/me"
)

func TestContextDefaults(t *testing.T) {
	settings, err := ReadContext(map[string]any{
		"@aws-cdk/core:checkSecretUsage": true, "aws:cdk:bundling-stacks": []any{"**"}, "cli-telemetry": false, "vpcId": nil, "acknowledged-issue-numbers": []any{1.0},
		"availability-zones:account=111122223333:region=eu-west-1": []any{},
	})
	require.NoError(t, err, "the CDK's own keys are none of ours")
	assert.Equal(t, Settings{
		Profile: Dev, Stacks: Names, Tags: map[string]string{},
		FargateWeb: FargateWebSettings{Image: "public.ecr.aws/nginx/nginx-unprivileged:stable", Port: 8080, HealthCheckPath: "/", WritablePaths: []string{"/tmp"},
			ApiPort: 8080, ApiHealthCheckPath: "/", DeploymentStrategy: awsecs.DeploymentStrategy_ROLLING},
		Ec2Web: Ec2WebSettings{Image: "public.ecr.aws/nginx/nginx-unprivileged:stable", Port: 8080, HealthCheckPath: "/", WritablePaths: []string{"/tmp"},
			InstanceTypes: []string{"t3.medium"}, MachineImage: platform.AmazonLinux2023, NetworkMode: awsecs.NetworkMode_AWS_VPC},
		Registry:        RegistrySettings{KeepLast: 100},
		TaskStateAlerts: TaskStateAlertsSettings{Image: "public.ecr.aws/docker/library/busybox:stable"},
		SharedStorage: SharedStorageSettings{Image: "public.ecr.aws/docker/library/busybox:stable", ThroughputMode: awsefs.ThroughputMode_ELASTIC,
			TransitionToIADays: 30, TransitionToArchiveDays: 90},
		NlbService:      NlbServiceSettings{Image: "public.ecr.aws/nginx/nginx-unprivileged:stable", Port: 8080, Protocol: "TCP", ListenerPort: 80, WritablePaths: []string{"/tmp"}},
		EventDrivenTask: EventDrivenTaskSettings{KeyPrefix: "incoming/"},
		ScheduledTask:   ScheduledTaskSettings{Image: "public.ecr.aws/docker/library/busybox:stable", Command: []string{"date"}, ScheduleExpression: "rate(1 hour)", TimeZone: "UTC"},
		EksNodes:        EksNodesSettings{Version: "1.35", Nodes: []string{"MANAGED"}, FargateNamespaces: []string{"default"}, InstanceTypes: []string{"t3.medium"}, OperatingSystem: eks.AmazonLinux2023},
		EksStorage:      EksStorageSettings{Drivers: []string{"EBS", "EFS", "LUSTRE"}, InstanceTypes: []string{"t3.large"}, Image: "public.ecr.aws/docker/library/busybox:stable"},
		AppRunnerService: AppRunnerServiceSettings{Image: "public.ecr.aws/aws-containers/hello-app-runner:latest", Branch: "main", SourceDirectory: "/", Port: 8000,
			HealthCheckPath: "/", Cpu: 1024, MaxConcurrency: 100},
		ExpressService: ExpressServiceSettings{Image: "public.ecr.aws/nginx/nginx-unprivileged:stable", Port: 8080, HealthCheckPath: "/"},
	}, settings)
}

func TestContextInFull(t *testing.T) {
	want := Settings{
		Profile: Prod, VpcId: "vpc-0123456789abcdef0", Stacks: []string{"FargateWeb"}, Tags: map[string]string{"Owner": "me", "Cost": "42"},
		FargateWeb: FargateWebSettings{
			Image: "nginx:1", Port: 80, HealthCheckPath: "/up", WritablePaths: []string{"/run", "/tmp"}, CertificateArn: "arn", DomainName: "www.example.com", HostedZoneId: "Z1234",
			HostedZoneName: "example.com", AlarmEmail: "on-call@example.com", ApiImage: "api:1", ApiPort: 81, ApiHealthCheckPath: "/api/up",
			DeploymentStrategy: awsecs.DeploymentStrategy_CANARY, TestCidrs: []string{"203.0.113.0/24"}, Waf: true, ExecuteCommand: true, OpenTelemetry: true,
		},
		Ec2Web: Ec2WebSettings{
			Image: "nginx:1", Port: 80, HealthCheckPath: "/up", WritablePaths: []string{"/run"}, CertificateArn: "arn", AlarmEmail: "on-call@example.com",
			InstanceTypes: []string{"m7g.large", "m6g.large"}, MachineImage: platform.Bottlerocket, NetworkMode: awsecs.NetworkMode_BRIDGE, SpotWeight: 3, SpotMaxCapacity: 6,
			ImageId: "ami-0123456789abcdef0", ManagedTerminationProtection: true,
		},
		Registry: RegistrySettings{
			RepositoryName: "team/web", KeepLast: 30, RunningTags: []string{"v*", "prod"}, MovingTags: []string{"latest"}, PullAccounts: []string{"111122223333"}, EnhancedScanning: true,
			ReplicationRegions: []string{"eu-west-1"}, CachePrefix: "team", DockerHubSecretArn: "hub", GitHubSecretArn: "git", PublicRepositoryName: "web",
		},
		TaskStateAlerts: TaskStateAlertsSettings{Image: "sample:1", AllClusters: true, Failures: []events.Failure{events.FailureOutOfMemory, events.FailureDeploymentFailed},
			Emails: []string{"on-call@example.com", "team@example.com"}, HttpsEndpoints: []string{"https://example.com/hook"},
			Slack: []notify.SlackChannel{{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}},
			Teams: []notify.TeamsChannel{{TenantId: teamsId, TeamId: teamsId, ChannelId: "19%3aabc%40thread.tacv2"}}},
		SharedStorage: SharedStorageSettings{Image: "files:1", ThroughputMode: awsefs.ThroughputMode_PROVISIONED, ProvisionedThroughputMiBps: 8,
			TransitionToIADays: 7, ImageId: "ami-01234567", AlarmEmail: "on-call@example.com"},
		NlbService: NlbServiceSettings{
			Image: "dns:1", Port: 53, Protocol: "UDP", ListenerPort: 5353, CertificateArn: "arn", HealthCheckPort: 8081, HealthCheckPath: "/up",
			WritablePaths: []string{"/run"}, PreserveClientIp: true, CrossZone: true, StaticIps: true, IngressCidrs: []string{"203.0.113.0/24"},
			EndpointPrincipals: []string{"arn:aws:iam::111122223333:root"}, AlarmEmail: "on-call@example.com",
		},
		EventDrivenTask: EventDrivenTaskSettings{Image: "digest:1", KeyPrefix: "in/", KeySuffix: ".jpg", AlarmEmail: "on-call@example.com"},
		ScheduledTask: ScheduledTaskSettings{
			Image: "job:1", Command: []string{"run", "all"}, ScheduleExpression: "cron(0 3 * * ? *)", TimeZone: "Europe/Berlin", FlexibleWindowMinutes: 15,
			StartDate: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), EndDate: time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC), PreventOverlap: true, AlarmEmail: "on-call@example.com",
		},
		EksNodes: EksNodesSettings{
			Version: "1.34", ClusterName: "shop", AdminArns: []string{roleArn, userArn}, ViewerArns: []string{otherRoleArn}, PublicAccessCidrs: []string{"203.0.113.0/24"}, PrivateAccessCidrs: []string{"10.0.0.0/16"},
			InstanceTypes: []string{"m7g.large", "m6g.large"}, OperatingSystem: eks.Bottlerocket, Spot: true, AlbController: true, PrefixDelegation: true,
			NetworkPolicy: true, ExtendedSupport: true, Nodes: []string{"MANAGED", "FARGATE"}, FargateNamespaces: []string{"shop", "team-*"}, ContainerInsights: true,
			AlarmEmail: "on-call@example.com",
		},
		EksStorage: EksStorageSettings{
			AdminArns: []string{roleArn, userArn}, PublicAccessCidrs: []string{"203.0.113.0/24"}, Drivers: []string{"EFS", "ONTAP"}, InstanceTypes: []string{"m7g.large"},
			Image: "public.ecr.aws/docker/library/alpine:3",
		},
		AppRunnerService: AppRunnerServiceSettings{
			Image: "web:1", AutoDeployments: true, RepositoryUrl: "https://github.com/example/shop", ConnectionArn: "arn", Branch: "prod", SourceDirectory: "/web",
			Runtime: "NODEJS_22", BuildCommand: "npm ci", StartCommand: "npm start", Port: 3000, HealthCheckPath: "/up", Cpu: 256, MemoryMiB: 512, MaxConcurrency: 50,
			VpcAccess: true, PrivateIngress: true, Waf: true, Tracing: true, AlarmEmail: "on-call@example.com",
		},
		ExpressService: ExpressServiceSettings{Image: "web:1", Port: 80, HealthCheckPath: "/up", Internal: true, RequestsPerTask: 100, ServiceName: "shop"},
	}
	for name, context := range map[string]map[string]any{
		"cdk.json": {
			"profile": "prod", "vpcId": "vpc-0123456789abcdef0", "stacks": []any{"FargateWeb"},
			"tags": map[string]any{"Owner": "me", "Cost": "42"},
			"FargateWeb": map[string]any{
				"image": "nginx:1", "port": 80.0, "healthCheckPath": "/up", "writablePaths": []any{"/run", "/tmp"}, "certificateArn": "arn", "domainName": "www.example.com", "hostedZoneId": "Z1234",
				"hostedZoneName": "example.com", "alarmEmail": "on-call@example.com", "apiImage": "api:1", "apiPort": 81.0, "apiHealthCheckPath": "/api/up",
				"deploymentStrategy": "CANARY", "testCidrs": []any{"203.0.113.0/24"}, "waf": true, "executeCommand": true, "openTelemetry": true,
			},
			"Ec2Web": map[string]any{
				"image": "nginx:1", "port": 80.0, "healthCheckPath": "/up", "writablePaths": []any{"/run"}, "certificateArn": "arn", "alarmEmail": "on-call@example.com",
				"instanceTypes": []any{"m7g.large", "m6g.large"}, "machineImage": "BOTTLEROCKET", "networkMode": "BRIDGE", "spotWeight": 3.0, "spotMaxCapacity": 6.0,
				"imageId": "ami-0123456789abcdef0", "managedTerminationProtection": true,
			},
			"Registry": map[string]any{
				"repositoryName": "team/web", "keepLast": 30.0, "runningTags": []any{"v*", "prod"}, "movingTags": []any{"latest"}, "pullAccounts": []any{"111122223333"},
				"enhancedScanning": true, "replicationRegions": []any{"eu-west-1"}, "cachePrefix": "team", "dockerHubSecretArn": "hub", "gitHubSecretArn": "git", "publicRepositoryName": "web",
			},
			"TaskStateAlerts": map[string]any{"image": "sample:1", "allClusters": true, "failures": []any{"OUT_OF_MEMORY", "DEPLOYMENT_FAILED"},
				"emails": []any{"on-call@example.com", "team@example.com"}, "httpsEndpoints": []any{"https://example.com/hook"}, "slackWorkspaceId": "T0123ABCDEF",
				"slackChannelId": "C0123ABCDEF", "teamsTenantId": teamsId, "teamsTeamId": teamsId, "teamsChannelId": "19%3aabc%40thread.tacv2"},
			"SharedStorage": map[string]any{"image": "files:1", "throughputMode": "PROVISIONED", "provisionedThroughputMiBps": 8.0,
				"transitionToIADays": 7.0, "transitionToArchiveDays": 0.0, "imageId": "ami-01234567", "alarmEmail": "on-call@example.com"},
			"NlbService": map[string]any{
				"image": "dns:1", "port": 53.0, "protocol": "UDP", "listenerPort": 5353.0, "certificateArn": "arn", "healthCheckPort": 8081.0,
				"healthCheckPath": "/up", "writablePaths": []any{"/run"}, "preserveClientIp": true, "crossZone": true, "staticIps": true,
				"ingressCidrs": []any{"203.0.113.0/24"}, "endpointPrincipals": []any{"arn:aws:iam::111122223333:root"}, "alarmEmail": "on-call@example.com",
			},
			"EventDrivenTask": map[string]any{"image": "digest:1", "keyPrefix": "in/", "keySuffix": ".jpg", "alarmEmail": "on-call@example.com"},
			"ScheduledTask": map[string]any{
				"image": "job:1", "command": []any{"run", "all"}, "schedule": "cron(0 3 * * ? *)", "timeZone": "Europe/Berlin", "flexibleWindowMinutes": 15.0,
				"startDate": "2027-01-31T00:00:00Z", "endDate": "2027-12-31T00:00:00Z", "preventOverlap": true, "alarmEmail": "on-call@example.com",
			},
			"EksNodes": map[string]any{
				"version": "1.34", "clusterName": "shop", "adminArns": []any{roleArn, userArn}, "viewerArns": []any{otherRoleArn},
				"publicAccessCidrs": []any{"203.0.113.0/24"}, "privateAccessCidrs": []any{"10.0.0.0/16"}, "instanceTypes": []any{"m7g.large", "m6g.large"}, "operatingSystem": "BOTTLEROCKET", "spot": true,
				"albController": true, "prefixDelegation": true, "networkPolicy": true, "extendedSupport": true,
				"nodes": []any{"MANAGED", "FARGATE"}, "fargateNamespaces": []any{"shop", "team-*"}, "containerInsights": true, "alarmEmail": "on-call@example.com",
			},
			"EksStorage": map[string]any{
				"adminArns": []any{roleArn, userArn}, "publicAccessCidrs": []any{"203.0.113.0/24"}, "drivers": []any{"EFS", "ONTAP"}, "instanceTypes": []any{"m7g.large"},
				"image": "public.ecr.aws/docker/library/alpine:3",
			},
			"AppRunnerService": map[string]any{
				"image": "web:1", "autoDeployments": true, "repositoryUrl": "https://github.com/example/shop", "connectionArn": "arn", "branch": "prod", "sourceDirectory": "/web",
				"runtime": "NODEJS_22", "buildCommand": "npm ci", "startCommand": "npm start", "port": 3000.0, "healthCheckPath": "/up", "cpu": 256.0, "memoryMiB": 512.0,
				"maxConcurrency": 50.0, "vpcAccess": true, "privateIngress": true, "waf": true, "tracing": true, "alarmEmail": "on-call@example.com",
			},
			"ExpressService": map[string]any{"image": "web:1", "port": 80.0, "healthCheckPath": "/up", "internal": true, "requestsPerTask": 100.0, "serviceName": "shop"},
		},
		"command line over cdk.json": {
			"profile": "prod", "vpcId": "vpc-0123456789abcdef0", "stacks": " FargateWeb", "tags": "Owner=me, Cost=42",
			"FargateWeb.image": "nginx:1", "FargateWeb.port": "80", "FargateWeb.healthCheckPath": "/up", "FargateWeb.writablePaths": "/run,/tmp", "FargateWeb.certificateArn": "arn", "FargateWeb.domainName": "www.example.com",
			"FargateWeb.hostedZoneId": "Z1234", "FargateWeb.hostedZoneName": "example.com",
			"FargateWeb.alarmEmail": "on-call@example.com",
			"FargateWeb.apiImage":   "api:1", "FargateWeb.apiPort": "81", "FargateWeb.apiHealthCheckPath": "/api/up",
			"FargateWeb.deploymentStrategy": "CANARY", "FargateWeb.testCidrs": "203.0.113.0/24", "FargateWeb.waf": "true",
			"FargateWeb.executeCommand": "true", "FargateWeb.openTelemetry": "true",
			"FargateWeb":   map[string]any{"image": "from-cdk.json:1", "waf": false},
			"Ec2Web.image": "nginx:1", "Ec2Web.port": "80", "Ec2Web.healthCheckPath": "/up", "Ec2Web.writablePaths": "/run", "Ec2Web.certificateArn": "arn",
			"Ec2Web.alarmEmail": "on-call@example.com", "Ec2Web.instanceTypes": "m7g.large, m6g.large", "Ec2Web.machineImage": "BOTTLEROCKET", "Ec2Web.networkMode": "BRIDGE",
			"Ec2Web.spotWeight": "3", "Ec2Web.spotMaxCapacity": "6", "Ec2Web.imageId": "ami-0123456789abcdef0", "Ec2Web.managedTerminationProtection": "true",
			"Registry.repositoryName": "team/web", "Registry.keepLast": "30", "Registry.runningTags": "v*,prod", "Registry.movingTags": "latest", "Registry.pullAccounts": "111122223333",
			"Registry.enhancedScanning": "true", "Registry.replicationRegions": "eu-west-1", "Registry.cachePrefix": "team", "Registry.dockerHubSecretArn": "hub",
			"Registry.gitHubSecretArn": "git", "Registry.publicRepositoryName": "web",
			"TaskStateAlerts.image": "sample:1", "TaskStateAlerts.allClusters": "true", "TaskStateAlerts.failures": "OUT_OF_MEMORY, DEPLOYMENT_FAILED",
			"TaskStateAlerts.emails": "on-call@example.com,team@example.com", "TaskStateAlerts.httpsEndpoints": "https://example.com/hook",
			"TaskStateAlerts.slackWorkspaceId": "T0123ABCDEF", "TaskStateAlerts.slackChannelId": "C0123ABCDEF", "TaskStateAlerts.teamsTenantId": teamsId,
			"TaskStateAlerts.teamsTeamId": teamsId, "TaskStateAlerts.teamsChannelId": "19%3aabc%40thread.tacv2",
			"SharedStorage.image": "files:1", "SharedStorage.throughputMode": "PROVISIONED", "SharedStorage.provisionedThroughputMiBps": "8",
			"SharedStorage.transitionToIADays": "7", "SharedStorage.transitionToArchiveDays": "0", "SharedStorage.imageId": "ami-01234567",
			"SharedStorage.alarmEmail": "on-call@example.com",
			"NlbService.image":         "dns:1", "NlbService.port": "53", "NlbService.protocol": "UDP", "NlbService.listenerPort": "5353", "NlbService.certificateArn": "arn",
			"NlbService.healthCheckPort": "8081", "NlbService.healthCheckPath": "/up", "NlbService.writablePaths": "/run", "NlbService.preserveClientIp": "true",
			"NlbService.crossZone": "true", "NlbService.staticIps": "true", "NlbService.ingressCidrs": "203.0.113.0/24",
			"NlbService.endpointPrincipals": "arn:aws:iam::111122223333:root", "NlbService.alarmEmail": "on-call@example.com",
			"EventDrivenTask.image": "digest:1", "EventDrivenTask.keyPrefix": "in/", "EventDrivenTask.keySuffix": ".jpg", "EventDrivenTask.alarmEmail": "on-call@example.com",
			"ScheduledTask.image": "job:1", "ScheduledTask.command": "run,all", "ScheduledTask.schedule": "cron(0 3 * * ? *)", "ScheduledTask.timeZone": "Europe/Berlin",
			"ScheduledTask.flexibleWindowMinutes": "15", "ScheduledTask.startDate": "2027-01-31T00:00:00Z", "ScheduledTask.endDate": "2027-12-31T00:00:00Z",
			"ScheduledTask.preventOverlap": "true", "ScheduledTask.alarmEmail": "on-call@example.com",
			"ExpressService.image": "web:1", "ExpressService.port": "80", "ExpressService.healthCheckPath": "/up", "ExpressService.internal": "true",
			"ExpressService.requestsPerTask": "100", "ExpressService.serviceName": "shop",
			"EksNodes.version": "1.34", "EksNodes.clusterName": "shop", "EksNodes.adminArns": roleArn + "," + userArn, "EksNodes.viewerArns": otherRoleArn,
			"EksNodes.publicAccessCidrs": "203.0.113.0/24", "EksNodes.privateAccessCidrs": "10.0.0.0/16", "EksNodes.instanceTypes": "m7g.large,m6g.large", "EksNodes.operatingSystem": "BOTTLEROCKET",
			"EksNodes.spot": "true", "EksNodes.albController": "true", "EksNodes.prefixDelegation": "true", "EksNodes.networkPolicy": "true",
			"EksNodes.extendedSupport": "true", "EksNodes.nodes": "MANAGED,FARGATE", "EksNodes.fargateNamespaces": "shop,team-*", "EksNodes.containerInsights": "true",
			"EksNodes.alarmEmail":  "on-call@example.com",
			"EksStorage.adminArns": roleArn + "," + userArn, "EksStorage.publicAccessCidrs": "203.0.113.0/24", "EksStorage.drivers": "EFS,ONTAP",
			"EksStorage.instanceTypes": "m7g.large", "EksStorage.image": "public.ecr.aws/docker/library/alpine:3",
			"AppRunnerService.image": "web:1", "AppRunnerService.autoDeployments": "true", "AppRunnerService.repositoryUrl": "https://github.com/example/shop",
			"AppRunnerService.connectionArn": "arn", "AppRunnerService.branch": "prod", "AppRunnerService.sourceDirectory": "/web", "AppRunnerService.runtime": "NODEJS_22",
			"AppRunnerService.buildCommand": "npm ci", "AppRunnerService.startCommand": "npm start", "AppRunnerService.port": "3000", "AppRunnerService.healthCheckPath": "/up",
			"AppRunnerService.cpu": "256", "AppRunnerService.memoryMiB": "512", "AppRunnerService.maxConcurrency": "50", "AppRunnerService.vpcAccess": "true",
			"AppRunnerService.privateIngress": "true", "AppRunnerService.waf": "true", "AppRunnerService.tracing": "true", "AppRunnerService.alarmEmail": "on-call@example.com",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadContext(context)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestContextIsRefused(t *testing.T) {
	const known = "known are profile, stacks, vpcId, tags, FargateWeb.*, Ec2Web.*, NlbService.*, SharedStorage.*, Registry.*, EventDrivenTask.*, ScheduledTask.*, TaskStateAlerts.*, EksNodes.*, EksStorage.*, AppRunnerService.*, ExpressService.*"
	const knownOfFargateWeb = "known are FargateWeb.image, FargateWeb.port, FargateWeb.healthCheckPath, FargateWeb.writablePaths, " +
		"FargateWeb.certificateArn, FargateWeb.domainName, FargateWeb.hostedZoneId, FargateWeb.hostedZoneName, FargateWeb.alarmEmail, " +
		"FargateWeb.apiImage, FargateWeb.apiPort, FargateWeb.apiHealthCheckPath, FargateWeb.deploymentStrategy, FargateWeb.testCidrs, " +
		"FargateWeb.waf, FargateWeb.executeCommand, FargateWeb.openTelemetry"
	for name, c := range map[string]struct {
		context map[string]any
		want    string
	}{
		"unknown key":         {map[string]any{"profil": "prod"}, "context: profil is unknown; " + known},
		"unknown stack":       {map[string]any{"FargetWeb.image": "x"}, "context: FargetWeb.image is unknown; " + known},
		"unknown setting":     {map[string]any{"FargateWeb": map[string]any{"imag": "x"}}, "context: FargateWeb.imag is unknown; " + knownOfFargateWeb},
		"profile":             {map[string]any{"profile": "prd"}, `context: profile "prd" is unknown; use dev or prod`},
		"profile of no text":  {map[string]any{"profile": true}, "context: profile true is no string; write it in quotes"},
		"empty":               {map[string]any{"profile": ""}, "context: profile is empty; leave it out for the default (dev)"},
		"empty, no default":   {map[string]any{"vpcId": ""}, "context: vpcId is empty; leave it out for the default (none)"},
		"VPC id":              {map[string]any{"vpcId": "my-vpc"}, `context: vpcId "my-vpc" has not the right form; write it as vpc-0123456789abcdef0`},
		"stack to build":      {map[string]any{"stacks": "FargateWeb,Nope"}, `context: stacks "Nope" is unknown; use FargateWeb, Ec2Web, NlbService, SharedStorage, Registry, EventDrivenTask, ScheduledTask, TaskStateAlerts, EksNodes, EksStorage, AppRunnerService or ExpressService`},
		"stacks of no text":   {map[string]any{"stacks": 1.0}, "context: stacks 1 is no list; write a string with commas or an array of strings"},
		"settings, no object": {map[string]any{"FargateWeb": "x"}, `context: FargateWeb x is no object; write {"image": "..."} in cdk.json or -c FargateWeb.image=...`},
		"image of no text":    {map[string]any{"FargateWeb": map[string]any{"image": 1.0}}, "context: FargateWeb.image 1 is no string; write it in quotes"},
		"port":                {map[string]any{"FargateWeb.port": "http"}, "context: FargateWeb.port http is no whole number; use 1 to 65535"},
		"port in parts":       {map[string]any{"FargateWeb": map[string]any{"port": 80.5}}, "context: FargateWeb.port 80.5 is no whole number; use 1 to 65535"},
		"port 0":              {map[string]any{"FargateWeb.port": "0"}, "context: FargateWeb.port 0 is out of range; use 1 to 65535"},
		"strategy":            {map[string]any{"FargateWeb.deploymentStrategy": "blue/green"}, `context: FargateWeb.deploymentStrategy "blue/green" is unknown; use ROLLING, BLUE_GREEN, LINEAR or CANARY`},
		"no account":          {map[string]any{"Registry.pullAccounts": "prod"}, `context: Registry.pullAccounts "prod" has not the right form; write it as 111122223333`},
		"no Region":           {map[string]any{"Registry": map[string]any{"repositoryName": "web", "replicationRegions": []any{"Ireland"}}}, `context: Registry.replicationRegions "Ireland" has not the right form; write it as eu-west-1`},
		"copies of nothing":   {map[string]any{"Registry.replicationRegions": "eu-west-1"}, "context: Registry.replicationRegions says something of Registry.repositoryName, which is not given; give that or leave this out"},
		"too few images":      {map[string]any{"Registry.keepLast": "2"}, "context: Registry.keepLast 2 is out of range; use 3 to 10000"},
		"port of no api":      {map[string]any{"FargateWeb.apiPort": "9000"}, "context: FargateWeb.apiPort says something of FargateWeb.apiImage, which is not given; give that or leave this out"},
		"neither nor":         {map[string]any{"FargateWeb.waf": "yes"}, `context: FargateWeb.waf "yes" is neither true nor false; use one of them`},
		"testers empty":       {map[string]any{"FargateWeb.testCidrs": ""}, "context: FargateWeb.testCidrs is empty; leave it out for the default (none)"},
		"stack twice":         {map[string]any{"stacks": "FargateWeb,FargateWeb"}, `context: stacks name "FargateWeb" twice`},
		"no stack":            {map[string]any{"stacks": []any{}}, "context: stacks is empty; leave it out for the default (FargateWeb,Ec2Web,NlbService,SharedStorage,Registry,EventDrivenTask,ScheduledTask,TaskStateAlerts,EksNodes,EksStorage,AppRunnerService,ExpressService)"},
		"operating system":    {map[string]any{"Ec2Web.machineImage": "AL2"}, `context: Ec2Web.machineImage "AL2" is unknown; use AMAZON_LINUX_2023 or BOTTLEROCKET`},
		"AMI":                 {map[string]any{"Ec2Web.imageId": "latest"}, `context: Ec2Web.imageId "latest" has not the right form; write it as ami-0123456789abcdef0`},
		"network":             {map[string]any{"Ec2Web.networkMode": "host"}, `context: Ec2Web.networkMode "host" is unknown; use AWS_VPC or BRIDGE`},
		"slash for dot":       {map[string]any{"FargateWeb/image": "x"}, "context: FargateWeb/image is unknown; " + knownOfFargateWeb},
		"tag without name":    {map[string]any{"tags": "=1"}, `context: tags ""="1" is no tag; use a name of 1 to 128 and a value of up to 256 letters, digits, blanks and _.:/=+-@`},
		"tag with <":          {map[string]any{"tags": "a<b=1"}, `context: tags "a<b"="1" is no tag; use a name of 1 to 128 and a value of up to 256 letters, digits, blanks and _.:/=+-@`},
		"tag in other case":   {map[string]any{"tags": "profile=1"}, `context: tags "profile" is "Profile" in other letters, which the stacks have; write it so or choose another name`},
		"tags in their order": {map[string]any{"tags": "aws:y=1,aws:x=2"}, `context: tags "aws:x" begins with aws:, which AWS keeps to itself; choose another name` + "\n" + `context: tags "aws:y" begins with aws:, which AWS keeps to itself; choose another name`},
		"tags empty":          {map[string]any{"tags": ""}, "context: tags is empty; leave it out for the default (none)"},
		"stacks empty":        {map[string]any{"stacks": ""}, "context: stacks is empty; leave it out for the default (FargateWeb,Ec2Web,NlbService,SharedStorage,Registry,EventDrivenTask,ScheduledTask,TaskStateAlerts,EksNodes,EksStorage,AppRunnerService,ExpressService)"},
		"tag of AWS":          {map[string]any{"tags": "aws:x=1"}, `context: tags "aws:x" begins with aws:, which AWS keeps to itself; choose another name`},
		"hosted zone":         {map[string]any{"FargateWeb.hostedZoneId": "example.com"}, `context: FargateWeb.hostedZoneId "example.com" has not the right form; write it as Z0123456789ABCDEFGHIJ`},
		"tags":                {map[string]any{"tags": "Owner"}, `context: tags "Owner" is no pair; write name=value`},
		"tags of no text":     {map[string]any{"tags": map[string]any{"Cost": 42.0}}, "context: tags.Cost 42 is no string; write it in quotes"},
		"tags, a list":        {map[string]any{"tags": []any{"a"}}, "context: tags [a] are no pairs; write name=value pairs or an object of strings"},
		"throughput mode":     {map[string]any{"SharedStorage.throughputMode": "elastic"}, `context: SharedStorage.throughputMode "elastic" is unknown; use ELASTIC, BURSTING or PROVISIONED`},
		"throughput":          {map[string]any{"SharedStorage.provisionedThroughputMiBps": "4000"}, "context: SharedStorage.provisionedThroughputMiBps 4000 is out of range; use 0 to 3414"},
		"protocol":            {map[string]any{"NlbService.protocol": "tcp"}, `context: NlbService.protocol "tcp" is unknown; use TCP, TLS, UDP or TCP_UDP`},
		"no address":          {map[string]any{"TaskStateAlerts.emails": "on-call"}, `context: TaskStateAlerts.emails "on-call" has not the right form; write it as on-call@example.com`},
		"no failure": {map[string]any{"TaskStateAlerts.failures": "CRASH"}, `context: TaskStateAlerts.failures "CRASH" is unknown; use NON_ZERO_EXIT, OUT_OF_MEMORY, HEALTH_CHECK, ` +
			`IMAGE_PULL, TASK_START, SPOT_INTERRUPTION, HOST_TERMINATED, DEPLOYMENT_FAILED, DEPLOYMENT_ROLLED_BACK, TASK_PLACEMENT or SERVICE_IMPAIRED`},
		"no workspace": {map[string]any{"TaskStateAlerts.slackWorkspaceId": "acme", "TaskStateAlerts.slackChannelId": "C0123ABCDEF"},
			`context: TaskStateAlerts.slackWorkspaceId "acme" has not the right form; write it as T0123ABCDEF`},
		"channel of no workspace": {map[string]any{"TaskStateAlerts.slackChannelId": "C0123ABCDEF"},
			"context: TaskStateAlerts.slackChannelId says something of TaskStateAlerts.slackWorkspaceId, which is not given; give that or leave this out"},
		"channel of no team": {map[string]any{"TaskStateAlerts.teamsTenantId": teamsId, "TaskStateAlerts.teamsChannelId": "19%3aabc%40thread.tacv2"},
			"context: TaskStateAlerts.teamsTenantId says something of TaskStateAlerts.teamsTeamId, which is not given; give that or leave this out"},
		"optional number":     {map[string]any{"NlbService.healthCheckPort": "0"}, "context: NlbService.healthCheckPort 0 is out of range; use 1 to 65535"},
		"Kubernetes":          {map[string]any{"EksNodes.version": "1.32"}, `context: EksNodes.version "1.32" is unknown; use 1.33, 1.34 or 1.35`},
		"Kubernetes of old":   {map[string]any{"EksNodes.version": "1.33"}, `context: EksNodes.version "1.33" is in extended support; set EksNodes.extendedSupport, or use a later one`},
		"a session":           {map[string]any{"EksNodes.adminArns": "arn:aws:sts::111122223333:assumed-role/Developers/me"}, `context: EksNodes.adminArns "arn:aws:sts::111122223333:assumed-role/Developers/me" has not the right form; write it as arn:aws:iam::111122223333:role/Developers`},
		"kind of nodes":       {map[string]any{"EksNodes.nodes": "WINDOWS"}, `context: EksNodes.nodes "WINDOWS" is unknown; use MANAGED, SELF_MANAGED or FARGATE`},
		"driver":              {map[string]any{"EksStorage.drivers": "EBS,S3"}, `context: EksStorage.drivers "S3" is unknown; use EBS, EFS, LUSTRE or ONTAP`},
		"six selectors":       {map[string]any{"EksNodes.nodes": "FARGATE", "EksNodes.fargateNamespaces": "a,b,c,d,e"}, "context: EksNodes.fargateNamespaces are 5, and with kube-system, which FARGATE alone needs, a profile takes 5; leave some out"},
		"namespaces":          {map[string]any{"EksNodes.fargateNamespaces": "shop"}, "context: EksNodes.fargateNamespaces stands beside EksNodes.nodes without FARGATE; add that"},
		"Fargate alone":       {map[string]any{"EksNodes.nodes": "FARGATE", "EksNodes.containerInsights": "true"}, "context: EksNodes.containerInsights needs nodes, and EksNodes.nodes is FARGATE alone; add MANAGED, or leave it out"},
		"policies on Fargate": {map[string]any{"EksNodes.nodes": "FARGATE", "EksNodes.networkPolicy": "true"}, "context: EksNodes.networkPolicy needs nodes, and EksNodes.nodes is FARGATE alone; add MANAGED, or leave it out"},
		"alarms of nothing":   {map[string]any{"EksNodes.alarmEmail": "on-call@example.com"}, "context: EksNodes.alarmEmail is told by EksNodes.containerInsights; set that too"},
		"nodes of Auto Mode": {map[string]any{"EksNodes.autoMode": "true", "EksNodes.spot": "true", "EksNodes.instanceTypes": "t3.medium"},
			"context: EksNodes.instanceTypes stands beside EksNodes.autoMode, which sees to this by itself; leave one of them out\n" +
				"context: EksNodes.spot stands beside EksNodes.autoMode, which sees to this by itself; leave one of them out"},
		"all at once": {map[string]any{"profile": "prd", "vpcId": "x", "what": "ever"}, `context: profile "prd" is unknown; use dev or prod` + "\n" +
			`context: vpcId "x" has not the right form; write it as vpc-0123456789abcdef0` + "\n" +
			"context: what is unknown; " + known},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadContext(c.context)
			assert.EqualError(t, err, c.want)
		})
	}
}

// A certificate asks for TLS, and TLS for its port, unless told otherwise.
// What is asked for of Infrequent Access decides, where nobody asked for the archive.
func TestArchiveFollowsInfrequentAccess(t *testing.T) {
	for days, want := range map[string]int{"0": 0, "60": 90, "90": 0, "365": 0} {
		got, err := ReadContext(map[string]any{"SharedStorage.transitionToIADays": days})
		require.NoError(t, err)
		assert.Equal(t, want, got.SharedStorage.TransitionToArchiveDays, days)
	}
}

func TestNlbServiceFollowsItsCertificate(t *testing.T) {
	for name, c := range map[string]struct {
		context map[string]any
		want    string
		port    int
	}{
		"certificate": {map[string]any{"NlbService.certificateArn": "arn"}, "TLS", 443},
		"all given":   {map[string]any{"NlbService.certificateArn": "arn", "NlbService.protocol": "TLS", "NlbService.listenerPort": "8443"}, "TLS", 8443},
		"UDP":         {map[string]any{"NlbService.protocol": "UDP"}, "UDP", 80},
	} {
		t.Run(name, func(t *testing.T) {
			settings, err := ReadContext(c.context)
			require.NoError(t, err)
			assert.Equal(t, []any{c.want, c.port}, []any{string(settings.NlbService.Protocol), settings.NlbService.ListenerPort})
		})
	}
}
