package awscontainers

import rego.v1

# rule: AWSC-NETWORK-001
# title: A Fargate service in subnets without a way out lacks a VPC endpoint
# reason: The task can neither pull its image, read its secrets nor log without them, and stops ("ResourceInitializationError").
# page: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
violation contains make_diag_at("AWSC-NETWORK-001", "ERROR", service, path, message) if {
	some service, task in service_tasks
	runs_on_fargate(service)
	sends_all_through_subnets(service)
	keys := ["NetworkConfiguration", "AwsvpcConfiguration", "Subnets"]
	subnets := references(service, keys, "AWS::EC2::Subnet")
	whole_template
	enclosed := {subnet | some subnet in subnets; isolated(subnet)}
	count(enclosed) > 0
	homes := {home | some subnet in enclosed; home := vpc_of(subnet)}
	some vpc in homes
	not may_get_endpoints(vpc)
	endpoints := endpoint_names(vpc)
	missing := {lack |
		some need in endpoint_needs[task]
		not served(need, endpoints)
		lack := sprintf("an endpoint for %v", [need])
	}
	lacking := missing | {lack | some lack in internet_needs[task]}
	count(lacking) > 0
	path := dotted(keys)
	message := sprintf(
		"service %v runs in subnets without a way out (%v), and VPC %v lacks %v; add what is missing, or use subnets with a route to a NAT gateway",
		[service, listed(enclosed), vpc, listed(lacking)],
	)
}

# True from platform version 1.4.0 on; before, images and secrets came through an interface of Fargate's own.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-version-migration.html
sends_all_through_subnets(service) if setting(service, ["PlatformVersion"], "LATEST") in {"1.4.0", "LATEST"}

# True if the route table of a subnet surely has local routes and gateway endpoints only.
isolated(subnet) if {
	some ref in input.resources[subnet].incomingRefs
	input.resources[ref.source].resourceType == "AWS::EC2::SubnetRouteTableAssociation"
	exists_with(ref.source, subnet)
	refers(property(ref.source, ["SubnetId"]), "AWS::EC2::Subnet") == subnet
	table := refers(property(ref.source, ["RouteTableId"]), "AWS::EC2::RouteTable")
	# Anything else that refers to the table may be a route, or make one.
	every use in input.resources[table].incomingRefs {
		makes_no_route(use)
	}
}

makes_no_route(ref) if ref.kind == "DependsOn"

makes_no_route(ref) if input.resources[ref.source].resourceType in {"AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCEndpoint"}

# True if somebody else may add endpoints to a VPC. What closes its default security group gets hold of no more.
may_get_endpoints(vpc) if exported(vpc)

may_get_endpoints(vpc) if {
	some ref in input.resources[vpc].incomingRefs
	object.get(ref, "attr", "") != "DefaultSecurityGroup"
	regex.match(`^(Custom::|AWS::CloudFormation::CustomResource$)`, input.resources[ref.source].resourceType)
}

# The services whose endpoints a VPC has, or may have. Undefined if one is unknown.
endpoint_names(vpc) := names if {
	endpoints := {endpoint |
		some endpoint in resources_of_type("AWS::EC2::VPCEndpoint")
		not in_another_vpc(endpoint, vpc)
	}
	names := {name | some endpoint in endpoints; name := endpoint_name(endpoint)}
	every endpoint in endpoints {
		endpoint_name(endpoint)
	}
}

in_another_vpc(endpoint, vpc) if refers(property(endpoint, ["VpcId"]), "AWS::EC2::VPC") != vpc

# Mostly a Join with the Region, which the engine fills in.
endpoint_name(endpoint) := name if {
	name := property(endpoint, ["ServiceName"])
	is_string(name)
	not guess_within(endpoint, ["ServiceName"])
}

served(need, endpoints) if {
	some name in endpoints
	regex.match(endpoint_pattern[need], name)
}

# com.amazonaws.eu-west-1.ecr.api, cn.com.amazonaws.cn-north-1.ecr.api, com.amazonaws.us-east-1.ecr-fips.api and the like.
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
endpoint_pattern := {
	"ecr.api": `\.ecr(-fips)?\.api(-fips)?$`,
	"ecr.dkr": `\.ecr(-fips)?\.dkr(-fips)?$`,
	"logs": `\.logs(-fips)?$`,
	"s3": `\.s3(-fips)?$`,
	"secretsmanager": `\.secretsmanager(-fips)?$`,
	"ssm": `\.ssm(-fips)?$`,
}

# What the tasks of each task definition surely call: ECR for an image, and S3 for its layers; logs; secrets.
endpoint_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	private_ecr_image(task, c)
	some need in ["ecr.api", "ecr.dkr", "s3"]
}

endpoint_needs[task] contains "logs" if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	literal(task, ["ContainerDefinitions", c, "LogConfiguration", "LogDriver"]) == "awslogs"
}

endpoint_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	some key in [["Secrets"], ["LogConfiguration", "SecretOptions"]]
	keys := array.concat(["ContainerDefinitions", c], key)
	some i, _ in list(task, keys)
	value_keys := array.concat(keys, [i, "ValueFrom"])
	not guess_within(task, value_keys)
	need := secret_store(property(task, value_keys))
}

secret_store(value) := "secretsmanager" if refers(value, "AWS::SecretsManager::Secret")

secret_store(value) := "ssm" if refers(value, "AWS::SSM::Parameter")

secret_store(value) := store if {
	text := partly_known(value)
	some store in ["secretsmanager", "ssm"]
	regex.match(sprintf(`^(Join:)?arn:[^:]+:%v:`, [store]), text)
}

# One field of a secret: its ARN, joined with the field's name.
secret_store(value) := "secretsmanager" if {
	text := partly_known(value)
	id := regex.find_all_string_submatch_n(`^Join:\{(?:part|ref):([A-Za-z0-9]+)\}:`, text, 1)[0][1]
	input.resources[id].resourceType == "AWS::SecretsManager::Secret"
}

# The images that surely come from a public registry, to which no endpoint leads.
internet_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	image := literal(task, ["ContainerDefinitions", c, "Image"])
	is_string(image)
	public_image(image)
	need := sprintf("a way to the internet for image %v of %v", [image, container(task, c)])
}

public_image(image) if {
	host := split(image, "/")[0]
	host in {
		"docker.io", "gcr.io", "ghcr.io", "index.docker.io", "mcr.microsoft.com", "public.ecr.aws", "quay.io",
		"registry-1.docker.io", "registry.k8s.io",
	}
}

# Without a registry's host, an image comes from Docker Hub.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
public_image(image) if regex.match(`^[a-z0-9][a-z0-9_-]*(/[a-z0-9._/-]+)?(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]+)?$`, image)
