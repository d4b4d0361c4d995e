package awscontainers

import rego.v1

# METADATA
# title: A Fargate profile has a public subnet
# description: "EKS refuses the profile: pods on Fargate run in private subnets alone, those without a route to an internet gateway."
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
# custom:
#   id: AWSC-EKS-005
violation contains make_diag_at("AWSC-EKS-005", "ERROR", profile, path, message) if {
	some profile, keys in eks_fargate_profiles
	subnets := {id | some value in list(profile, keys.subnets); id := refers(value, "AWS::EC2::Subnet"); subnet_routed_to_gateway(id)}
	count(subnets) > 0
	path := dotted(keys.subnets)
	message := sprintf(
		"Fargate profile %v has public subnets (%v), with a route to an internet gateway; use private subnets, with a NAT gateway or endpoints",
		[profile, listed(subnets)],
	)
}

# METADATA
# title: A Fargate profile has more than five selectors
# description: EKS refuses the profile.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
# custom:
#   id: AWSC-EKS-006
violation contains make_diag_at("AWSC-EKS-006", "ERROR", profile, path, message) if {
	some profile, keys in eks_fargate_profiles
	selectors := [selector | some selector in list(profile, keys.selectors); not opaque(selector)]
	count(selectors) > 5
	path := dotted(keys.selectors)
	message := sprintf(
		"Fargate profile %v has %v selectors, and EKS takes five; use wildcards (* and ?) in the namespaces, or a second profile",
		[profile, count(selectors)],
	)
}

# The CDK's first module for EKS makes profiles by a custom resource.
eks_fargate_profiles[profile] := keys if {
	some type, keys in {
		"AWS::EKS::FargateProfile": {"selectors": ["Selectors"], "subnets": ["Subnets"]},
		"Custom::AWSCDK-EKS-FargateProfile": {"selectors": ["Config", "selectors"], "subnets": ["Config", "subnets"]},
	}
	some profile in resources_of_type(type)
}
