package awscontainers

import rego.v1

# METADATA
# title: The security groups of a service do not let its Application Load Balancer in
# description: Health checks time out, tasks are replaced over and over, and the deployment fails or hangs.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-service-load-balancers.html
# custom:
#   id: AWSC-SG-001
violation contains make_diag_at("AWSC-SG-001", "ERROR", way.service, path, message) if {
	some way in reach_from_balancers
	reach_shut_in(way.service_groups, way.port, way.balancer_groups)
	path := "Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups"
	message := sprintf(
		"security groups (%v) of service %v admit nothing to container port %v from security groups (%v) of load balancer %v; add an ingress rule for tcp %v from the load balancer's security group",
		[listed(way.service_groups), way.service, way.port, listed(way.balancer_groups), way.balancer, way.port],
	)
}

# METADATA
# title: The security groups of an Application Load Balancer do not let it out to a service
# description: Health checks time out, tasks are replaced over and over, and the deployment fails or hangs.
# related_resources:
# - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html
# custom:
#   id: AWSC-SG-002
violation contains make_diag_at("AWSC-SG-002", "ERROR", way.balancer, "Properties.SecurityGroups", message) if {
	some way in reach_from_balancers
	reach_shut_out(way.balancer_groups, way.port, way.service_groups)
	message := sprintf(
		"security groups (%v) of load balancer %v let nothing out to container port %v of service %v with security groups (%v); add an egress rule for tcp %v to the service's security group",
		[listed(way.balancer_groups), way.balancer, way.port, way.service, listed(way.service_groups), way.port],
	)
}
