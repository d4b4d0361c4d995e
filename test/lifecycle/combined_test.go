//go:build lifecycle

package lifecycle_test

import "strings"

// What a stack is before an update: in prod, or a cluster before an upgrade.
var (
	prod  = keys{"profile": "prod"}
	older = keys{"EksNodes.version": "1.34"}
)

// combined are updates of several keys at once. Without a stack they are for all, whose keys begin with "*.".
var combined = []combination{
	{"", "`availabilityZones` of a stack that was deployed without them", nil, keys{"availabilityZones": "eu-west-1a,eu-west-1b,eu-west-1c"}},
	{"", "`protect` in `prod`", prod, prod.with(keys{"protect": "true"})},
	{"", "`tags` with `profile`: `dev` to `prod`", nil, keys{"tags": "CostCenter=42", "profile": "prod"}},

	{"FargateWeb", "`port` with `image`", nil, keys{"FargateWeb.port": "80", "FargateWeb.image": otherImage}},
	{"FargateWeb", "`deploymentStrategy`: `CANARY` to `BLUE_GREEN`", keys{"FargateWeb.deploymentStrategy": "CANARY"},
		keys{"FargateWeb.deploymentStrategy": "BLUE_GREEN"}},
	{"FargateWeb", "`port` with `deploymentStrategy=CANARY`", keys{"FargateWeb.deploymentStrategy": "CANARY"},
		keys{"FargateWeb.deploymentStrategy": "CANARY", "FargateWeb.port": "80"}},
	{"FargateWeb", "`certificateArn`: another", keys{"FargateWeb.certificateArn": certificate},
		keys{"FargateWeb.certificateArn": strings.Replace(certificate, "certificate/1", "certificate/0", 1)}},
	{"FargateWeb", "`tags` with `profile` and `cloudFront=true` as it was", keys{"FargateWeb.cloudFront": "true"},
		keys{"FargateWeb.cloudFront": "true", "tags": "CostCenter=42", "profile": "prod"}},
	{"FargateWeb", "`cloudFront` with a `domainName` as it was", domain, domain.with(keys{"FargateWeb.cloudFront": "true",
		"FargateWeb.certificateArn": strings.Replace(certificate, "eu-west-1", "us-east-1", 1)})},
	{"Ec2Web", "`port` with `image`", nil, keys{"Ec2Web.port": "80", "Ec2Web.image": otherImage}},
	{"Ec2Web", "`maxSpotInstances` with `spotWeight`", nil, keys{"Ec2Web.maxSpotInstances": "6", "Ec2Web.spotWeight": "3"}},
	{"Ec2Web", "`tags` with `imageId`", nil, keys{"tags": "CostCenter=42", "Ec2Web.imageId": "ami-0123456789abcdef0"}},
	{"Ec2Web", "`instanceTypes` with `operatingSystem`", nil,
		keys{"Ec2Web.instanceTypes": "m7i.large,m6i.large", "Ec2Web.operatingSystem": "BOTTLEROCKET"}},
	{"NlbService", "`port` with `image`", nil, keys{"NlbService.port": "80", "NlbService.image": otherImage}},
	{"GatewayServices", "`port` with `image`", nil, keys{"GatewayServices.port": "80", "GatewayServices.image": otherImage}},
	{"ExpressService", "`tags` with `serviceName` set", keys{"ExpressService.serviceName": "shop"},
		keys{"ExpressService.serviceName": "shop", "tags": "CostCenter=42"}},
	{"ExpressService", "`port` with `image`", nil, keys{"ExpressService.port": "80", "ExpressService.image": otherImage}},
	{"EksNodes", "`version` with `profile`: `dev` to `prod`", older,
		keys{"EksNodes.version": "1.35", "profile": "prod"}},
	{"EksNodes", "`version` with `tags`", older,
		keys{"EksNodes.version": "1.35", "tags": "CostCenter=42"}},
	{"EksNodes", "`version` with `instanceTypes`", older,
		keys{"EksNodes.version": "1.35", "EksNodes.instanceTypes": "m7i.large"}},
	{"EksNodes", "`version` with `prefixDelegation`", older,
		keys{"EksNodes.version": "1.35", "EksNodes.prefixDelegation": "true"}},
	{"EksNodes", "`version` with `adminArns` and `publicAccessCidrs`", older,
		keys{"EksNodes.version": "1.35", "EksNodes.adminArns": "arn:aws:iam::111122223333:role/Admins",
			"EksNodes.publicAccessCidrs": "203.0.113.0/24"}},
	{"EksNodes", "`version` with `nodeVersion` as it was", older,
		older.with(keys{"EksNodes.version": "1.35", "EksNodes.nodeVersion": "1.34"})},
	{"EksNodes", "`amiRelease` with `tags`", nil, keys{"EksNodes.amiRelease": "LATEST", "tags": "CostCenter=42"}},
	{"EksNodes", "`amiRelease` with `profile`: `dev` to `prod`", nil, keys{"EksNodes.amiRelease": "LATEST", "profile": "prod"}},
	{"EksNodes", "`tags` with `amiRelease=LATEST` as it was", keys{"EksNodes.amiRelease": "LATEST"},
		keys{"EksNodes.amiRelease": "LATEST", "tags": "CostCenter=42"}},
	{"EksNodes", "`tags` with `operatingSystem`", nil, keys{"tags": "CostCenter=42", "EksNodes.operatingSystem": "BOTTLEROCKET"}},
	{"EksNodes", "`nodes`: `MANAGED` to `SELF_MANAGED`", nil, keys{"EksNodes.nodes": "SELF_MANAGED"}},
}

// combination is an update of several keys.
type combination struct {
	stack, name   string
	before, after keys
}
