package settings

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	known = "nown keys: profile, stacks, vpcId, availabilityZones, protect, runtimeMonitoring, tags, FargateWeb.*, Ec2Web.*, NlbService.*, " +
		"GatewayServices.*, " +
		"SharedStorage.*, Registry.*, EventDrivenTask.*, ScheduledTask.*, QueueWorker.*, TaskStateAlerts.*, EksNodes.*, EksStorage.*, " +
		"AppRunnerService.*, " +
		"ExpressService.*"
	knownOfExpress = "nown keys: ExpressService.containerInsights, ExpressService.protect, ExpressService.image, " +
		"ExpressService.imageCredentialsSecret, ExpressService.directory, ExpressService.port, " +
		"ExpressService.healthCheckPath, ExpressService.command, ExpressService.environment, ExpressService.secrets, ExpressService.internal, " +
		"ExpressService.requestsPerTask, ExpressService.serviceName, ExpressService.openTelemetry, " +
		"ExpressService.alarmEmail, ExpressService.natGateways, ExpressService.cpu, " +
		"ExpressService.memoryMiB, " +
		"ExpressService.minTasks, ExpressService.maxTasks"
	quotedStacks = `"FargateWeb", "Ec2Web", "NlbService", "GatewayServices", "SharedStorage", "Registry", "EventDrivenTask", ` +
		`"ScheduledTask", "QueueWorker", ` +
		`"TaskStateAlerts", "EksNodes", "EksStorage", "AppRunnerService" or "ExpressService"`
	isTag = "tags: must have names of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+-@; got "
)

// knownOf lists the keys of a stack as a message does.
func knownOf(stack string) string {
	var names []string
	for _, k := range Keys() {
		if stackOf(k.Name) == stack {
			names = append(names, k.Name)
		}
	}
	return "nown keys: " + strings.Join(names, ", ")
}

// Every line names the key that the user typed.
func TestRefusals(t *testing.T) {
	type context = map[string]any
	for name, c := range map[string]struct {
		context context
		want    string
	}{
		// Unknown keys.
		"typing error":   {context{"profil": "prod"}, "profil: is not a known key; did you mean profile? K" + known},
		"no key like it": {context{"what": "ever"}, "what: is not a known key; k" + known},
		"stack's name": {
			context{"FargetWeb.image": "x"},
			"FargetWeb.image: is not a known key; did you mean FargateWeb.image? K" + knownOf("FargateWeb"),
		},
		"key of a stack": {
			context{"ExpressService.prot": "80"},
			"ExpressService.prot: is not a known key; did you mean ExpressService.port? K" + knownOfExpress,
		},
		"key in an object": {
			context{"ExpressService": context{"imag": "x"}},
			"ExpressService.imag: is not a known key; did you mean ExpressService.image? K" + knownOfExpress,
		},
		"slash for dot": {
			context{"ExpressService/image": "x"},
			"ExpressService/image: is not a known key; did you mean ExpressService.image? K" + knownOfExpress,
		},
		"stack in lower case": {context{"expressservice.PORT": "80"},
			"expressservice.PORT: is not a known key; did you mean ExpressService.port? K" + knownOfExpress},
		"object under a mistyped stack": {context{"ExpresService": context{"port": 80.0}},
			"ExpresService: is not a known key; did you mean ExpressService? K" + knownOfExpress},
		"colon for dot": {context{"ExpressServices:port": "80"},
			"ExpressServices:port: is not a known key; did you mean ExpressService.port? K" + knownOfExpress},
		"without its stack": {context{"requestsPerTask": "80"},
			"requestsPerTask: is not a known key; did you mean ExpressService.requestsPerTask? K" + known},
		"of all stacks": {context{"ExpressService.profile": "prod"},
			"ExpressService.profile: is not a known key; did you mean profile? K" + knownOfExpress},
		"not like any of a stack": {context{"ExpressService.replicas": "2"}, "ExpressService.replicas: is not a known key; k" + knownOfExpress},

		// Types.
		"text":              {context{"profile": true}, "profile: must be a string; got true; write it in quotes"},
		"empty":             {context{"profile": ""}, "profile: must not be empty; remove it for the default, dev"},
		"empty, no default": {context{"vpcId": ""}, "vpcId: must not be empty; remove it for none"},
		"object": {
			context{"FargateWeb": "x"},
			`FargateWeb: must be an object; got "x"; write {"image": "..."} in cdk.json or -c FargateWeb.image=...`,
		},
		"text in an object": {
			context{"FargateWeb": context{"image": 1.0}},
			"FargateWeb.image: must be a string; got 1; write it in quotes",
		},
		"list": {context{"stacks": 1.0}, "stacks: must be a string with commas or an array of strings; got 1"},
		"empty array": {
			context{"FargateWeb": context{"testCidrs": []any{}}},
			"FargateWeb.testCidrs: must not be empty; remove it for none",
		},
		"empty list": {
			context{"FargateWeb.writablePaths": ""},
			"FargateWeb.writablePaths: must not be empty; remove it for the default, /tmp",
		},
		"word for integer": {context{"FargateWeb.port": "eighty"}, `FargateWeb.port: must be an integer from 1 to 65535; got "eighty"`},
		"fraction": {
			context{"FargateWeb": context{"port": 80.5}},
			"FargateWeb.port: must be an integer from 1 to 65535; got 80.5",
		},
		"out of range": {context{"FargateWeb.port": "0"}, "FargateWeb.port: must be an integer from 1 to 65535; got 0"},
		"no default, out of range": {
			context{"NlbService.healthCheckPort": "0"},
			"NlbService.healthCheckPort: must be an integer from 1 to 65535; got 0",
		},
		"flag": {context{"FargateWeb.waf": "yes"}, `FargateWeb.waf: must be true or false; got "yes"`},
		"date": {
			context{"ScheduledTask.endDate": "31.1.2027"},
			`ScheduledTask.endDate: must be a point in time such as "2027-01-31T00:00:00Z"; got "31.1.2027"`,
		},

		// Forms.
		"choice": {context{"profile": "prd"}, `profile: must be "dev" or "prod"; got "prd"`},
		"typed choice": {
			context{"FargateWeb.deploymentStrategy": "blue/green"},
			`FargateWeb.deploymentStrategy: must be "ROLLING", "BLUE_GREEN", "LINEAR" or "CANARY"; got "blue/green"; ` +
				`did you mean "BLUE_GREEN"?`,
		},
		"item":            {context{"stacks": "FargateWeb,Nope"}, `stacks: must be ` + quotedStacks + `; got "Nope"`},
		"item of choices": {context{"EksStorage.drivers": "EBS,S3"}, `EksStorage.drivers: must be "EBS", "EFS", "LUSTRE" or "ONTAP"; got "S3"`},
		"item twice":      {context{"stacks": "FargateWeb,FargateWeb"}, `stacks: must not repeat an item; got "FargateWeb"`},
		"VPC":             {context{"vpcId": "my-vpc"}, `vpcId: must be a VPC ID such as "vpc-0123456789abcdef0"; got "my-vpc"`},
		"hosted zone": {
			context{"FargateWeb.hostedZoneId": "example.com"},
			`FargateWeb.hostedZoneId: must be the ID of a hosted zone such as "Z0123456789ABCDEFGHIJ"; got "example.com"`,
		},
		"AMI": {
			context{"Ec2Web.imageId": "latest"},
			`Ec2Web.imageId: must be an AMI ID such as "ami-0123456789abcdef0"; got "latest"`,
		},
		"account": {
			context{"Registry.pullAccounts": "prod"},
			`Registry.pullAccounts: must be an AWS account ID such as "111122223333"; got "prod"`,
		},
		"email": {
			context{"TaskStateAlerts.emails": "on-call"},
			`TaskStateAlerts.emails: must be an email address such as "on-call@example.com"; got "on-call"`,
		},
		"Slack workspace": {
			context{"TaskStateAlerts.slackWorkspaceId": "acme", "TaskStateAlerts.slackChannelId": "C0123ABCDEF"},
			`TaskStateAlerts.slackWorkspaceId: must be the ID of a Slack workspace such as "T0123ABCDEF"; got "acme"`,
		},
		"principal": {
			context{"EksNodes.adminArns": "arn:aws:sts::111122223333:assumed-role/Me/me"},
			`EksNodes.adminArns: must be the ARN of an IAM role or user such as "arn:aws:iam::111122223333:role/Developers"; got ` +
				`"arn:aws:sts::111122223333:assumed-role/Me/me"`,
		},
		"Kubernetes": {context{"EksNodes.version": "1.32"},
			`EksNodes.version: must be "1.33", "1.34" or "1.35" without EksNodes.kubectlLayer, because the built-in kubectl serves no others; ` +
				`got "1.32"`},
		"no version of Kubernetes": {context{"EksNodes.nodeVersion": "latest"},
			`EksNodes.nodeVersion: must be a version of Kubernetes such as "1.35"; got "latest"`},
		"kubectl of EksStorage": {context{"EksStorage.version": "1.36"},
			`EksStorage.version: must be "1.33", "1.34" or "1.35" without EksStorage.kubectlLayer, because the built-in kubectl serves no ` +
				`others; got "1.36"`},
		"kubectl": {context{"EksNodes.version": "1.36", "EksNodes.kubectlLayer": "nowhere/layer.zip"},
			`EksNodes.kubectlLayer: must be the path of a zip file; got "nowhere/layer.zip"`},

		// Tags.
		"tag without value": {context{"tags": "Owner"}, `tags: must be name=value pairs; got "Owner"; write values with commas in cdk.json`},
		"tag without name":  {context{"tags": "=1"}, isTag + `"=1"`},
		"tag with <":        {context{"tags": "a<b=1"}, isTag + `"a<b=1"`},
		"tag in other case": {
			context{"tags": "profile=1"},
			`tags: must not differ only in case from Profile, a tag of all stacks; got "profile"; use Profile or another name`,
		},
		"tags of AWS": {context{"tags": "aws:y=1,aws:x=2"}, `tags: must not begin with aws:, which AWS reserves; got "aws:x"` + "\n" +
			`tags: must not begin with aws:, which AWS reserves; got "aws:y"`},
		"tags empty":       {context{"tags": ""}, "tags: must not be empty; remove it for none"},
		"tag that is none": {context{"tags": context{"Cost": 42.0}}, "tags.Cost: must be a string; got 42; write it in quotes"},
		"list of tags":     {context{"tags": []any{"a"}}, `tags: must be name=value pairs or an object of strings; got ["a"]`},

		// Keys that belong together.
		"VPC without account": {
			context{"vpcId": "vpc-0123456789abcdef0"},
			"vpcId: requires an account and a Region to look the VPC up; run cdk with credentials (aws sts get-caller-identity shows " +
				"whose) and AWS_REGION",
		},
		"port without api": {
			context{"FargateWeb.apiPort": "9000"},
			"FargateWeb.apiPort: requires apiImage or apiDirectory; got 9000; set one of them or remove apiPort",
		},
		"channel without workspace": {
			context{"TaskStateAlerts.slackChannelId": "C0123ABCDEF"},
			"TaskStateAlerts.slackChannelId: requires TaskStateAlerts.slackWorkspaceId; set TaskStateAlerts.slackWorkspaceId or remove " +
				"TaskStateAlerts.slackChannelId",
		},
		"channel without team": {
			context{"TaskStateAlerts.teamsTenantId": teamsId, "TaskStateAlerts.teamsChannelId": "19%3aabc%40thread.tacv2"},
			"TaskStateAlerts.teamsTenantId: requires TaskStateAlerts.teamsTeamId; set TaskStateAlerts.teamsTeamId or remove " +
				"TaskStateAlerts.teamsTenantId",
		},
		"copies of nothing": {
			context{"Registry.replicationRegions": "eu-west-1"},
			"Registry.replicationRegions: requires Registry.repositoryName; set Registry.repositoryName or remove Registry.replicationRegions",
		},

		// What the props of a stack refuse, in the words of the keys.
		"tests of nothing": {
			context{"FargateWeb.testCidrs": "203.0.113.0/24"},
			`FargateWeb.testCidrs: requires deploymentStrategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"`,
		},
		"steps of a rolling deployment": {
			context{"FargateWeb.migrationCommand": "npm,run,migrate", "FargateWeb.approval": "true"},
			"FargateWeb.approval: requires deploymentStrategy BLUE_GREEN, LINEAR or CANARY; got \"ROLLING\"\n" +
				`FargateWeb.migrationCommand: requires deploymentStrategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"`,
		},
		"an image and a repository": {
			context{"FargateWeb.image": "web:1", "FargateWeb.imageRepository": "team/web"},
			`FargateWeb.imageRepository: must not be set together with image or directory; got "team/web"; remove one of them`,
		},
		"no name of a repository": {
			context{"NlbService.imageRepository": "Team"},
			`NlbService.imageRepository: must be 2 to 256 lowercase letters and digits, separated by . _ - or /, such as "team/web"; got "Team"`,
		},
		"Spot capacity": {context{"Ec2Web.spotWeight": "3"}, "Ec2Web.spotWeight: requires maxSpotInstances; got 3"},
		"checks of UDP": {
			context{"NlbService.protocol": "UDP"},
			"NlbService.protocol: requires healthCheckPort, because health checks don't support UDP; set a TCP port of the image",
		},
		"checks at the port of UDP": {
			context{"NlbService.protocol": "UDP", "NlbService.healthCheckPort": "8080"},
			"NlbService.healthCheckPort: must be a TCP port other than port, because health checks don't support UDP; got 8080",
		},
		"image and source": {
			context{
				"stacks":                         "AppRunnerService",
				"AppRunnerService.repositoryUrl": "https://github.com/example/shop", "AppRunnerService.connectionArn": "arn",
				"AppRunnerService.image": "web:1",
			},
			`AppRunnerService.image: must not be set together with repositoryUrl; got "web:1"; remove one of them`,
		},
		"namespaces without Fargate": {
			context{"EksNodes.fargateNamespaces": "shop"},
			`EksNodes.fargateNamespaces: requires nodes with FARGATE; got "shop"`,
		},
		"insights of Fargate": {
			context{"EksNodes.nodes": "FARGATE", "EksNodes.containerInsights": "true"},
			"EksNodes.containerInsights: requires nodes other than FARGATE",
		},
		"disks of Fargate": {
			context{"EksNodes.nodes": "FARGATE", "EksNodes.ebs": "true"},
			"EksNodes.ebs: requires nodes other than FARGATE",
		},
		"six selectors": {
			context{"EksNodes.nodes": "FARGATE", "EksNodes.fargateNamespaces": "a,b,c,d,e"},
			"EksNodes.fargateNamespaces: must have at most 4 elements besides kube-system if nodes is only FARGATE; got 5",
		},
		"alarms of nothing": {
			context{"EksNodes.alarmEmail": "on-call@example.com"},
			`EksNodes.alarmEmail: requires containerInsights, which measures what the alarms watch; got "on-call@example.com"`,
		},
		"nodes of Auto Mode": {context{"EksNodes.autoMode": "true", "EksNodes.spot": "true", "EksNodes.instanceTypes": "t3.medium"},
			"EksNodes.instanceTypes: must not be set together with autoMode, in which EKS decides this\n" +
				"EksNodes.spot: must not be set together with autoMode, in which EKS decides this"},

		"all at once, by key": {context{"profile": "prd", "vpcId": "x", "what": "ever"}, `profile: must be "dev" or "prod"; got "prd"` + "\n" +
			`vpcId: must be a VPC ID such as "vpc-0123456789abcdef0"; got "x"` + "\n" +
			"what: is not a known key; k" + known},
	} {
		t.Run(name, func(t *testing.T) {
			at := ""
			if name == "VPC" || strings.HasPrefix(name, "all") {
				at = account // is not what they lack
			}
			_, err := Parse(c.context, at, region)
			assert.EqualError(t, err, c.want)
		})
	}
}
