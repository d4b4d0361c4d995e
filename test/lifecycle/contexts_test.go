//go:build lifecycle

package lifecycle_test

import "regexp"

// values are what the matrix sets of the keys that CI's synths with `make synth` don't set.
var values = map[string]string{
	"vpcId":   "vpc-0123456789abcdef0",
	"protect": "true",
	"tags":    "CostCenter=42",

	"FargateWeb.imageRepository":    "team/web",
	"FargateWeb.migrationCommand":   "npm,run,migrate",
	"FargateWeb.approval":           "true",
	"FargateWeb.port":               "80",
	"FargateWeb.healthCheckPath":    "/up",
	"FargateWeb.writablePaths":      "/run,/tmp",
	"FargateWeb.certificateArn":     certificate,
	"FargateWeb.apiDirectory":       "test/testdata/web",
	"FargateWeb.apiPort":            "9000",
	"FargateWeb.apiHealthCheckPath": "/api/up",
	"FargateWeb.cloudFront":         "true",
	"FargateWeb.webAclArn":          "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/01234567-89ab-cdef-0123-456789abcdef",

	"FargateWeb.alternativeDomainNames":    "example.com",
	"FargateWeb.redirectToDomainName":      "true",
	"FargateWeb.additionalCertificateArns": otherCertificate,
	"FargateWeb.targetProtocol":            "HTTPS",

	"FargateWeb.oidcIssuer":                "https://login.example.com",
	"FargateWeb.oidcAuthorizationEndpoint": "https://login.example.com/authorize",
	"FargateWeb.oidcTokenEndpoint":         "https://login.example.com/token",
	"FargateWeb.oidcUserInfoEndpoint":      "https://login.example.com/userinfo",
	"FargateWeb.oidcClientId":              "shop",
	"FargateWeb.oidcClientSecretArn":       "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3",
	"FargateWeb.oidcClientSecretKey":       "secret",

	"Ec2Web.image":           otherImage,
	"Ec2Web.imageRepository": "team/web",
	"Ec2Web.port":            "80",
	"Ec2Web.healthCheckPath": "/up",
	"Ec2Web.writablePaths":   "/run,/tmp",
	"Ec2Web.imageId":         "ami-0123456789abcdef0",

	"Ec2Web.warmPool":          "true",
	"Ec2Web.instanceVCpus":     "2",
	"Ec2Web.instanceMemoryMiB": "8192",
	"Ec2Web.cpuArchitecture":   "ARM64",
	"Ec2Web.managedInstances":  "true",
	"Ec2Web.gpuCount":          "1",

	"NlbService.additionalCertificateArns": otherCertificate,

	"NlbService.image":           otherImage,
	"NlbService.imageRepository": "team/web",
	"NlbService.port":            "80",
	"NlbService.listenerPort":    "8443",
	"NlbService.healthCheckPort": "8081",
	"NlbService.healthCheckPath": "/up",
	"NlbService.writablePaths":   "/run,/tmp",
	"NlbService.cpu":             "512",
	"NlbService.ingressCidrs":    "203.0.113.0/24",

	"GatewayServices.image":              otherImage,
	"GatewayServices.port":               "80",
	"GatewayServices.healthCheckPath":    "/up",
	"GatewayServices.writablePaths":      "/run,/tmp",
	"GatewayServices.cpu":                "512",
	"GatewayServices.apiImage":           otherImage,
	"GatewayServices.apiPort":            "81",
	"GatewayServices.apiHealthCheckPath": "/up",
	"GatewayServices.internal":           "true",
	"GatewayServices.ingressCidrs":       "203.0.113.0/24",
	"GatewayServices.waf":                "true",

	"SharedStorage.image":              otherImage,
	"SharedStorage.imageId":            "ami-0123456789abcdef0",
	"SharedStorage.alarmEmail":         "on-call@example.com",
	"SharedStorage.transitionToIADays": "7",

	"Registry.keepLast":             "30",
	"Registry.gitHubSecretArn":      "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/github-a1b2c3",
	"Registry.publicRepositoryName": "web",

	"EventDrivenTask.image":         otherImage,
	"EventDrivenTask.writablePaths": "/run,/tmp",
	"EventDrivenTask.cpu":           "512",
	"EventDrivenTask.keyPrefix":     "in/",

	"ScheduledTask.image":     otherImage,
	"ScheduledTask.memoryMiB": "2048",

	"QueueWorker.image":         otherImage,
	"QueueWorker.writablePaths": "/run,/tmp",

	"TaskStateAlerts.image":       otherImage,
	"TaskStateAlerts.allClusters": "true",
	"TaskStateAlerts.failures":    "OUT_OF_MEMORY",

	"EksNodes.autoMode": "true",

	"AppRunnerService.repositoryUrl":   "https://github.com/example/shop",
	"AppRunnerService.connectionArn":   "arn:aws:apprunner:eu-west-1:111122223333:connection/github/0123456789abcdef0123456789abcdef",
	"AppRunnerService.branch":          "prod",
	"AppRunnerService.sourceDirectory": "/web",
	"AppRunnerService.runtime":         "NODEJS_22",
	"AppRunnerService.buildCommand":    "npm ci",
	"AppRunnerService.directory":       "test/testdata/web",
	"AppRunnerService.autoDeployments": "true",
	"AppRunnerService.startCommand":    "npm start",
	"AppRunnerService.port":            "3000",
	"AppRunnerService.healthCheckPath": "/up",
	"AppRunnerService.memoryMiB":       "2048",
	"AppRunnerService.maxConcurrency":  "50",

	"ExpressService.image": otherImage,
	"ExpressService.port":  "80",

	"FargateWeb.imageCredentialsSecret":      registrySecret,
	"Ec2Web.imageCredentialsSecret":          registrySecret,
	"NlbService.imageCredentialsSecret":      registrySecret,
	"EventDrivenTask.imageCredentialsSecret": registrySecret,
	"ScheduledTask.imageCredentialsSecret":   registrySecret,
	"ExpressService.imageCredentialsSecret":  registrySecret,
	"QueueWorker.imageCredentialsSecret":     registrySecret,

	"FargateWeb.maxFailedTasks":  "5",
	"FargateWeb.deploymentNonce": "2027-01-31",

	// Where most stacks have the same keys.
	"FargateWeb.natGateways":            "none",
	"Ec2Web.natGateways":                "per-az",
	"NlbService.natGateways":            "none",
	"GatewayServices.natGateways":       "none",
	"SharedStorage.natGateways":         "per-az",
	"EventDrivenTask.natGateways":       "none",
	"ScheduledTask.natGateways":         "none",
	"QueueWorker.natGateways":           "none",
	"EksNodes.natGateways":              "per-az",
	"EksStorage.natGateways":            "per-az",
	"ExpressService.natGateways":        "per-az",
	"FargateWeb.containerInsights":      "off",
	"Ec2Web.containerInsights":          "off",
	"NlbService.containerInsights":      "off",
	"GatewayServices.containerInsights": "off",
	"SharedStorage.containerInsights":   "enhanced",
	"EventDrivenTask.containerInsights": "enhanced",
	"ScheduledTask.containerInsights":   "off",
	"QueueWorker.containerInsights":     "enhanced",
	"TaskStateAlerts.containerInsights": "off",
	"ExpressService.containerInsights":  "off",
}

const (
	otherImage  = "public.ecr.aws/nginx/nginx-unprivileged:1.29"
	certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"

	outsideImage   = "ghcr.io/acme/private:1.0"
	registrySecret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3"

	otherCertificate = "arn:aws:acm:eu-west-1:111122223333:certificate/87654321-1234-1234-1234-123456789012"
)

// bases are the keys that a key requires: they are set before it is and afterwards.
var bases = map[string]keys{
	"FargateWeb.hostedZoneId":              domain,
	"FargateWeb.hostedZoneName":            domain,
	"FargateWeb.apiPort":                   {"FargateWeb.apiImage": otherImage},
	"FargateWeb.apiHealthCheckPath":        {"FargateWeb.apiImage": otherImage},
	"FargateWeb.alternativeDomainNames":    domain,
	"FargateWeb.redirectToDomainName":      domain.with(keys{"FargateWeb.alternativeDomainNames": "example.com"}),
	"FargateWeb.additionalCertificateArns": {"FargateWeb.certificateArn": certificate},
	"FargateWeb.oidcIssuer":                {"FargateWeb.certificateArn": certificate},
	"FargateWeb.oidcAuthorizationEndpoint": oidc,
	"FargateWeb.oidcTokenEndpoint":         oidc,
	"FargateWeb.oidcUserInfoEndpoint":      oidc,
	"FargateWeb.oidcClientId":              oidc,
	"FargateWeb.oidcClientSecretArn":       oidc,
	"FargateWeb.oidcClientSecretKey":       oidc,

	"FargateWeb.imageCredentialsSecret":      {"FargateWeb.image": outsideImage},
	"Ec2Web.imageCredentialsSecret":          {"Ec2Web.image": outsideImage},
	"NlbService.imageCredentialsSecret":      {"NlbService.image": outsideImage},
	"EventDrivenTask.imageCredentialsSecret": {"EventDrivenTask.image": outsideImage},
	"ScheduledTask.imageCredentialsSecret":   {"ScheduledTask.image": outsideImage},
	"ExpressService.imageCredentialsSecret":  {"ExpressService.image": outsideImage},
	"QueueWorker.imageCredentialsSecret":     {"QueueWorker.image": outsideImage},

	"FargateWeb.testCidrs":           {"FargateWeb.deploymentStrategy": "CANARY"},
	"FargateWeb.migrationCommand":    {"FargateWeb.deploymentStrategy": "CANARY"},
	"FargateWeb.approval":            {"FargateWeb.deploymentStrategy": "CANARY"},
	"FargateWeb.wafBlockedCountries": {"FargateWeb.waf": "true"},
	"FargateWeb.wafLogs":             {"FargateWeb.waf": "true"},

	"Ec2Web.managedTerminationProtection": {"protect": "true"},
	"Ec2Web.spotWeight":                   {"Ec2Web.maxSpotInstances": "6"},
	"Ec2Web.instanceMemoryMiB":            {"Ec2Web.instanceVCpus": "2"},
	"Ec2Web.cpuArchitecture":              {"Ec2Web.instanceVCpus": "2"},
	"Ec2Web.gpuCount":                     {"Ec2Web.instanceTypes": "g5.xlarge"},

	"NlbService.protocol": {"NlbService.certificateArn": certificate},

	"NlbService.additionalCertificateArns": {"NlbService.certificateArn": certificate},

	"NlbService.staticIps":          {"NlbService.crossZone": "true"},
	"NlbService.endpointPrincipals": {"NlbService.crossZone": "true"},

	"SharedStorage.provisionedThroughputMiBps": {"SharedStorage.throughputMode": "PROVISIONED"},

	"Registry.replicationRegions": {"Registry.repositoryName": "team/web"},

	"TaskStateAlerts.slackChannelId": {"TaskStateAlerts.slackWorkspaceId": "T0123ABCDEF"},
	"TaskStateAlerts.teamsTeamId":    teams,
	"TaskStateAlerts.teamsChannelId": teams,

	"EksNodes.alarmEmail":        {"EksNodes.containerInsights": "true"},
	"EksNodes.fargateNamespaces": {"EksNodes.nodes": "MANAGED,FARGATE"},

	"AppRunnerService.autoDeployments": {"AppRunnerService.image": privateImage},
	"AppRunnerService.connectionArn":   source,
	"AppRunnerService.branch":          source,
	"AppRunnerService.sourceDirectory": source,
	"AppRunnerService.runtime":         program,
	"AppRunnerService.buildCommand":    program,

	"ExpressService.natGateways": {"ExpressService.internal": "true"},
}

var (
	domain = keys{"FargateWeb.domainName": "www.example.com", "FargateWeb.hostedZoneId": "Z0123456789ABCDEFGHIJ",
		"FargateWeb.hostedZoneName": "example.com"}
	oidc = keys{"FargateWeb.certificateArn": certificate, "FargateWeb.oidcIssuer": "https://login.example.com",
		"FargateWeb.oidcAuthorizationEndpoint": "https://login.example.com/authorize",
		"FargateWeb.oidcTokenEndpoint":         "https://login.example.com/token",
		"FargateWeb.oidcUserInfoEndpoint":      "https://login.example.com/userinfo", "FargateWeb.oidcClientId": "shop",
		"FargateWeb.oidcClientSecretArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3"}
	teams = keys{"TaskStateAlerts.teamsTenantId": "01234567-89ab-cdef-0123-456789abcdef",
		"TaskStateAlerts.teamsTeamId":    "76543210-89ab-cdef-0123-456789abcdef",
		"TaskStateAlerts.teamsChannelId": "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"}
	source = keys{"AppRunnerService.repositoryUrl": "https://github.com/example/shop",
		"AppRunnerService.connectionArn": "arn:aws:apprunner:eu-west-1:111122223333:connection/github/0123456789abcdef0123456789abcdef"}
	program = source.with(keys{"AppRunnerService.runtime": "NODEJS_22", "AppRunnerService.startCommand": "node server.js"})
)

// with are the keys that are set and removed together with a key, because one is nothing without the other.
var with = map[string]keys{
	"FargateWeb.domainName":            domain,
	"FargateWeb.oidcIssuer":            oidc,
	"SharedStorage.throughputMode":     {"SharedStorage.provisionedThroughputMiBps": "64"},
	"TaskStateAlerts.slackWorkspaceId": {"TaskStateAlerts.slackChannelId": "C0123ABCDEF"},
	"TaskStateAlerts.teamsTenantId":    teams,
	"AppRunnerService.repositoryUrl":   source,
}

// starts are the values that keys have before they are set, where that isn't the default.
var starts = map[string]string{
	"availabilityZones":                        "eu-west-1a,eu-west-1b",
	"FargateWeb.hostedZoneId":                  "Z0123456789ABCDEFGHIX",
	"FargateWeb.hostedZoneName":                "www.example.com",
	"FargateWeb.oidcAuthorizationEndpoint":     "https://id.example.com/authorize",
	"FargateWeb.oidcTokenEndpoint":             "https://id.example.com/token",
	"FargateWeb.oidcUserInfoEndpoint":          "https://id.example.com/userinfo",
	"FargateWeb.oidcClientId":                  "site",
	"FargateWeb.oidcClientSecretArn":           "arn:aws:secretsmanager:eu-west-1:111122223333:secret:id-a1b2c3",
	"SharedStorage.provisionedThroughputMiBps": "32",
	"TaskStateAlerts.slackChannelId":           "C0123ABCDEX",
	"TaskStateAlerts.teamsTeamId":              "06543210-89ab-cdef-0123-456789abcdef",
	"TaskStateAlerts.teamsChannelId":           "19%3aa6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2",
	"EksNodes.version":                         "1.34",
	"EksStorage.version":                       "1.34",
	"AppRunnerService.connectionArn":           "arn:aws:apprunner:eu-west-1:111122223333:connection/other/0123456789abcdef0123456789abcdef",
	"AppRunnerService.runtime":                 "PYTHON_311",
}

// oneWay matches the names of updates that can't be taken back.
var oneWay = regexp.MustCompile("^`version`")

const privateImage = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:prod"
