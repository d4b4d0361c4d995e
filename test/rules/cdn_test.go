package rules_test

const (
	pathFromCloudFront = "FromCloudFront.Properties"
	pathEndpoint       = "Origin.Properties.VpcOriginEndpointConfig"
	pathFirstOrigin    = "Distribution.Properties.DistributionConfig.Origins.0"
	everyone           = `[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}]`
	ofTemplate         = `{"Fn::GetAtt": ["Group", "GroupId"]}`
	publicOrigin       = `{"HTTPPort": 80, "OriginProtocolPolicy": "http-only"}`
)

// public makes the load balancer one that everyone reaches, as an origin over the internet, with further changes.
func public(changes map[string]string) map[string]string {
	all := map[string]string{
		"Origin": "", pathFirstOrigin + ".VpcOriginConfig": "", pathFirstOrigin + ".CustomOriginConfig": publicOrigin,
		"Balancer.Properties.Scheme": `"internet-facing"`, "Group.Properties.SecurityGroupIngress": everyone,
	}
	for path, value := range changes {
		all[path] = value
	}
	return all
}

var cdnCases = []ruleCase{
	// A VPC origin's way in.
	{name: "OriginShut", changes: map[string]string{"FromCloudFront": ""}, want: []string{"AWSC-CDN-001 Origin"}},
	{
		name: "OriginShutToPrivateRanges",
		changes: map[string]string{"FromCloudFront": "", "Group.Properties.SecurityGroupIngress": `[
			{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "10.0.0.0/8"},
			{"IpProtocol": "-1", "CidrIp": "172.31.0.0/16"}, {"IpProtocol": "-1", "CidrIp": "192.168.0.0/16"}]`},
		want: []string{"AWSC-CDN-001 Origin"},
	},
	{name: "OriginOnAnotherPort", changes: map[string]string{pathEndpoint + ".HTTPPort": `8080`}, want: []string{"AWSC-CDN-001 Origin"}},
	{
		name:    "OriginOnHttps",
		changes: map[string]string{pathEndpoint + ".OriginProtocolPolicy": `"https-only"`},
		want:    []string{"AWSC-CDN-001 Origin"},
	},
	{
		name: "OriginFromGroupOfTemplate",
		changes: map[string]string{pathFromCloudFront + ".SourcePrefixListId": "",
			pathFromCloudFront + ".SourceSecurityGroupId": ofTemplate},
		want: []string{"AWSC-CDN-001 Origin"},
	},
	{name: "OriginFromImportedGroup", changes: map[string]string{pathFromCloudFront + ".SourcePrefixListId": "",
		pathFromCloudFront + ".SourceSecurityGroupId": `"sg-0123456789abcdef0"`}},
	{name: "OriginFromUnknownGroup", changes: map[string]string{pathFromCloudFront + ".SourcePrefixListId": "",
		pathFromCloudFront + ".SourceSecurityGroupId": valueUnknown}},
	{name: "OriginFromEveryone", changes: map[string]string{"FromCloudFront": "", "Group.Properties.SecurityGroupIngress": everyone}},
	{name: "OriginFromUnknownRange", changes: map[string]string{"FromCloudFront": "",
		"Group.Properties.SecurityGroupIngress.0.CidrIp": valueUnknown}},
	{name: "OriginAsViewer", changes: map[string]string{"FromCloudFront": "", pathEndpoint + ".OriginProtocolPolicy": `"match-viewer"`}},
	{name: "OriginOfImportedBalancer", changes: map[string]string{"FromCloudFront": "",
		pathEndpoint + ".Arn": `"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/x/0123456789abcdef"`}},
	{name: "OriginOfGroupForAnotherStack", changes: map[string]string{"FromCloudFront": ""}, outside: output(ofTemplate)},

	// Around the distribution.
	{name: "AroundTheWebAcl", changes: public(nil), want: []string{"AWSC-CDN-002 Distribution"}},
	{name: "AroundWithoutScheme", changes: public(map[string]string{"Balancer.Properties.Scheme": ""}),
		want: []string{"AWSC-CDN-002 Distribution"}},
	{name: "AroundWithoutWebAcl", changes: public(map[string]string{"Distribution.Properties.DistributionConfig.WebACLId": ""})},
	{name: "NotAroundThePrefixList", changes: public(map[string]string{"Group.Properties.SecurityGroupIngress": `[]`})},
	{name: "NotAroundTheHeader", changes: public(map[string]string{
		pathFirstOrigin + ".OriginCustomHeaders": `[{"HeaderName": "X-Origin", "HeaderValue": "x"}]`})},
	{name: "NotAroundAnotherWebAcl", changes: public(map[string]string{"Association.Properties.ResourceArn": `{"Ref": "Balancer"}`})},
	{name: "InternalIsNotAround", changes: map[string]string{"Group.Properties.SecurityGroupIngress": everyone}},

	// Scopes of web ACLs.
	{
		name:    "RegionalWebAclOfDistribution",
		changes: map[string]string{"Acl.Properties.Scope": `"REGIONAL"`},
		want:    []string{"AWSC-WAF-001 Distribution"},
	},
	{
		name:    "GlobalWebAclOfRegionalResource",
		changes: map[string]string{"Regional.Properties.Scope": `"CLOUDFRONT"`},
		want:    []string{"AWSC-WAF-001 Association"},
	},
	{name: "WebAclOfUnknownScope", changes: map[string]string{"Acl.Properties.Scope": valueUnknown}},
	{name: "ImportedWebAcl", changes: map[string]string{"Association.Properties.WebACLArn": `"arn:aws:wafv2:x"`}},
}
