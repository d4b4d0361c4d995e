package awscontainers

import rego.v1

# METADATA
# title: The security groups of a load balancer do not let its VPC origin in
# description: CloudFront answers with 504. Requests come from its own addresses or from a security group that it makes, not from the VPC's range.
# related_resources:
# - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
# custom:
#   id: AWSC-CDN-001
violation contains make_diag_at("AWSC-CDN-001", "ERROR", origin, "Properties.VpcOriginEndpointConfig.Arn", message) if {
	whole_template
	some origin in resources_of_type("AWS::CloudFront::VpcOrigin")
	balancer := refers(property(origin, ["VpcOriginEndpointConfig", "Arn"]), cdn_balancer_type)
	groups := references(balancer, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
	reach_complete_groups(groups)
	port := cdn_port(origin)
	every group in groups {
		list(group, ["SecurityGroupIngress"])
		every rule in reach_rules(group, "Ingress") {
			cdn_blocks(rule, port)
		}
	}
	message := sprintf(
		"security groups (%v) of load balancer %v let nothing of VPC origin %v in on port %v; add an ingress rule for the prefix list com.amazonaws.global.cloudfront.origin-facing",
		[listed(groups), balancer, origin, port],
	)
}

cdn_balancer_type := "AWS::ElasticLoadBalancingV2::LoadBalancer"

# Undefined for match-viewer, which uses both.
cdn_port(origin) := number(setting(origin, ["VpcOriginEndpointConfig", "HTTPPort"], 80)) if {
	literal(origin, ["VpcOriginEndpointConfig", "OriginProtocolPolicy"]) == "http-only"
}

cdn_port(origin) := number(setting(origin, ["VpcOriginEndpointConfig", "HTTPSPort"], 443)) if {
	literal(origin, ["VpcOriginEndpointConfig", "OriginProtocolPolicy"]) == "https-only"
}

# True if a rule surely lets nothing of CloudFront in: another port or protocol, a security group of this template, or a private range.
cdn_blocks(rule, port) if reach_blocks(rule, "SourceSecurityGroupId", port, set())

cdn_blocks(rule, _) if refers(property(rule.name, array.concat(rule.keys, ["CidrIp"])), "AWS::EC2::VPC")

cdn_blocks(rule, _) if {
	cidr := literal(rule.name, array.concat(rule.keys, ["CidrIp"]))
	is_string(cidr)
	regex.match(`^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.)`, cidr)
}

# METADATA
# title: Clients can reach a load balancer around the distribution with its web ACL
# description: The load balancer has a public address and lets everyone in, so AWS WAF in front of CloudFront protects nothing.
# related_resources:
# - https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html
# custom:
#   id: AWSC-CDN-002
violation contains make_diag_at("AWSC-CDN-002", "WARN", distribution, path, message) if {
	whole_template
	some distribution in resources_of_type("AWS::CloudFront::Distribution")
	property(distribution, ["DistributionConfig", "WebACLId"]) != null
	some i, _ in list(distribution, ["DistributionConfig", "Origins"])
	at := ["DistributionConfig", "Origins", i]
	balancer := refers(property(distribution, array.concat(at, ["DomainName"])), cdn_balancer_type)
	setting(balancer, ["Scheme"], "internet-facing") == "internet-facing"

	# A secret header that a rule of the listener asks for keeps others out.
	absent(distribution, array.concat(at, ["OriginCustomHeaders"]))
	some group in references(balancer, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
	some rule in reach_rules(group, "Ingress")
	literal(rule.name, array.concat(rule.keys, ["CidrIp"])) == "0.0.0.0/0"
	not cdn_has_web_acl(balancer)
	path := dotted(array.concat(at, ["DomainName"]))
	message := sprintf(
		"load balancer %v of distribution %v lets everyone in (security group %v), so clients can go around its web ACL; make it internal with a VPC origin, or let in only the prefix list com.amazonaws.global.cloudfront.origin-facing",
		[balancer, distribution, group],
	)
}

# A web ACL of its own protects a load balancer too.
cdn_has_web_acl(balancer) if {
	some ref in input.resources[balancer].incomingRefs
	input.resources[ref.source].resourceType == "AWS::WAFv2::WebACLAssociation"
}
