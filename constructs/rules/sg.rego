package awscontainers

import rego.v1

# METADATA
# title: The security groups of a service do not let its Application Load Balancer in
# description: Health checks time out, tasks are replaced over and over, and the deployment fails or hangs.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-service-load-balancers.html
# custom:
#   id: AWSC-SG-001
violation contains make_diag_at("AWSC-SG-001", "ERROR", way.to, path, message) if {
	some way in reach_ways
	input.resources[way.from].resourceType == "AWS::ElasticLoadBalancingV2::LoadBalancer"
	reach_shut_in(way.to_groups, way.port, way.from_groups)
	path := "Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups"
	message := sprintf(
		"security groups (%v) of service %v admit nothing to %v %v from security groups (%v) of load balancer %v; add an ingress rule for tcp %v from the load balancer's security group",
		[listed(way.to_groups), way.to, way.at, way.port, listed(way.from_groups), way.from, way.port],
	)
}

# METADATA
# title: The security groups of an Application Load Balancer do not let it out to a service
# description: Health checks time out, tasks are replaced over and over, and the deployment fails or hangs.
# related_resources:
# - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html
# custom:
#   id: AWSC-SG-002
violation contains make_diag_at("AWSC-SG-002", "ERROR", way.from, "Properties.SecurityGroups", message) if {
	some way in reach_ways
	input.resources[way.from].resourceType == "AWS::ElasticLoadBalancingV2::LoadBalancer"
	reach_shut_out(way.from_groups, way.port, way.to_groups)
	message := sprintf(
		"security groups (%v) of load balancer %v let nothing out to %v %v of service %v with security groups (%v); add an egress rule for tcp %v to the service's security group",
		[listed(way.from_groups), way.from, way.at, way.port, way.to, listed(way.to_groups), way.port],
	)
}
