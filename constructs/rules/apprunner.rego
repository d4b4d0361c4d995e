package awscontainers

import rego.v1

# METADATA
# title: An App Runner service runs an image of private ECR without an access role
# description: "App Runner pulls from private ECR with an access role alone: it refuses the service, and the stack rolls back."
# related_resources:
# - https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html
# custom:
#   id: AWSC-APPRUNNER-001
violation contains make_diag_at("AWSC-APPRUNNER-001", "ERROR", service, path, message) if {
	some service in resources_of_type("AWS::AppRunner::Service")
	literal(service, ["SourceConfiguration", "ImageRepository", "ImageRepositoryType"]) == "ECR"
	absent(service, ["SourceConfiguration", "AuthenticationConfiguration", "AccessRoleArn"])
	path := "Properties.SourceConfiguration"
	message := sprintf(
		"service %v runs an image of private ECR without an access role; set AuthenticationConfiguration.AccessRoleArn to one that build.apprunner.amazonaws.com may assume and that may pull",
		[service],
	)
}

# METADATA
# title: A role of an App Runner service may not be assumed by App Runner
# description: "App Runner can neither pull the image nor give the program credentials: it refuses the service, or its deployment fails, and the stack rolls back."
# related_resources:
# - https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html
# custom:
#   id: AWSC-APPRUNNER-002
violation contains make_diag_at("AWSC-APPRUNNER-002", "ERROR", role, "Properties.AssumeRolePolicyDocument", message) if {
	some service in resources_of_type("AWS::AppRunner::Service")
	some use in assume_uses
	use.by == service
	role := use.role
	count(assume_refused(use)) > 0
	message := sprintf(
		"role %v is the %v of service %v, and its trust policy does not let %v.amazonaws.com assume it; allow that service sts:AssumeRole",
		[role, use.purpose, service, use.principal],
	)
}

# METADATA
# title: An App Runner service is built from source without a connection
# description: "App Runner reads repositories by a connection to GitHub or Bitbucket alone: it refuses the service, and the stack rolls back."
# related_resources:
# - https://docs.aws.amazon.com/apprunner/latest/dg/manage-connections.html
# custom:
#   id: AWSC-APPRUNNER-003
violation contains make_diag_at("AWSC-APPRUNNER-003", "ERROR", service, "Properties.SourceConfiguration", message) if {
	some service in resources_of_type("AWS::AppRunner::Service")
	code := property(service, ["SourceConfiguration", "CodeRepository"])
	is_object(code)
	not opaque(code)
	absent(service, ["SourceConfiguration", "AuthenticationConfiguration", "ConnectionArn"])
	message := sprintf(
		"service %v is built from source without a connection to it; set AuthenticationConfiguration.ConnectionArn",
		[service],
	)
}

# METADATA
# title: A VPC connector of App Runner has a public subnet
# description: "What App Runner puts there has no public address: what it sends to the internet, and to AWS without an endpoint, is lost."
# related_resources:
# - https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html
# custom:
#   id: AWSC-APPRUNNER-004
violation contains make_diag_at("AWSC-APPRUNNER-004", "WARN", connector, "Properties.Subnets", message) if {
	some connector in resources_of_type("AWS::AppRunner::VpcConnector")
	subnets := {id | some value in list(connector, ["Subnets"]); id := refers(value, "AWS::EC2::Subnet"); subnet_routed_to_gateway(id)}
	count(subnets) > 0
	message := sprintf(
		"VPC connector %v has public subnets (%v), with a route to an internet gateway, which its private addresses cannot use; use private subnets, with a NAT gateway or endpoints",
		[connector, listed(subnets)],
	)
}
