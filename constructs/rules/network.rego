package awscontainers

import rego.v1

# METADATA
# title: A task on Fargate in subnets without a way out lacks a VPC endpoint
# description: The task can neither pull its image, read its secrets nor log without them, and stops ("ResourceInitializationError").
# related_resources:
# - https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
# custom:
#   id: AWSC-NETWORK-001
violation contains make_diag_at("AWSC-NETWORK-001", "ERROR", run.name, path, message) if {
	some run in run_all
	task := network_task(run)
	run_on_fargate(run)
	network_sends_all_through_subnets(run)
	subnets := run_references(run, "subnets", "AWS::EC2::Subnet")
	whole_template
	enclosed := {subnet | some subnet in subnets; subnet_isolated(subnet)}
	count(enclosed) > 0
	homes := {home | some subnet in enclosed; home := subnet_vpc(subnet)}
	some vpc in homes
	not network_may_get_endpoints(vpc)
	endpoints := network_endpoint_names(vpc)
	missing := {lack |
		some need in (network_endpoint_needs[task] | network_session_needs(run))
		not network_served(need, endpoints)
		lack := sprintf("an endpoint for %v", [need])
	}
	lacking := missing | {lack | some lack in network_internet_needs[task]}
	count(lacking) > 0
	path := run_path(run, "subnets")
	message := sprintf(
		"%v %v runs in subnets without a way out (%v), and VPC %v lacks %v; add what is missing, or use subnets with a route to a NAT gateway",
		[run.kind, run.name, listed(enclosed), vpc, listed(lacking)],
	)
}

# The task definition, or the Express service that is one itself.
network_task(run) := run_task(run)

network_task(run) := run.name if {
	run.kind == "Express service"
	absent(run.name, ["TaskDefinitionArn"])
	is_object(property(run.name, ["PrimaryContainer"]))
}

# What ECS Exec calls from inside the task: the sessions' service, and KMS if the cluster encrypts sessions with a key of its own.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec-considerations.html
network_session_needs(run) := {need |
	run.kind == "service"
	literal(run.name, ["EnableExecuteCommand"]) in [true, "true"]
	some need in ({"ssmmessages"} | network_session_key(run))
}

network_session_key(run) := {"kms" |
	cluster := refers(run_property(run, "cluster"), "AWS::ECS::Cluster")
	property(cluster, ["Configuration", "ExecuteCommandConfiguration", "KmsKeyId"]) != null
}

# True from platform version 1.4.0 on; before, images and secrets came through an interface of Fargate's own.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-version-migration.html
network_sends_all_through_subnets(run) if run_setting(run, "platform", "LATEST") in {"1.4.0", "LATEST"}

network_sends_all_through_subnets(run) if not run.places.platform

# True if somebody else may add endpoints to a VPC. What closes its default security group gets hold of no more.
network_may_get_endpoints(vpc) if exported(vpc)

network_may_get_endpoints(vpc) if {
	some ref in input.resources[vpc].incomingRefs
	object.get(ref, "attr", "") != "DefaultSecurityGroup"
	regex.match(`^(Custom::|AWS::CloudFormation::CustomResource$)`, input.resources[ref.source].resourceType)
}

# The services whose endpoints a VPC has, or may have. Undefined if one is unknown.
network_endpoint_names(vpc) := names if {
	endpoints := {endpoint |
		some endpoint in resources_of_type("AWS::EC2::VPCEndpoint")
		not network_in_another_vpc(endpoint, vpc)
	}
	names := {name | some endpoint in endpoints; name := network_endpoint_name(endpoint)}
	every endpoint in endpoints {
		network_endpoint_name(endpoint)
	}
}

network_in_another_vpc(endpoint, vpc) if refers(property(endpoint, ["VpcId"]), "AWS::EC2::VPC") != vpc

# Mostly a Join with the Region, which the engine fills in.
network_endpoint_name(endpoint) := name if {
	name := property(endpoint, ["ServiceName"])
	is_string(name)
	not guess_within(endpoint, ["ServiceName"])
}

network_served(need, endpoints) if {
	some name in endpoints
	regex.match(network_endpoint_pattern[need], name)
}

# com.amazonaws.eu-west-1.ecr.api, cn.com.amazonaws.cn-north-1.ecr.api, com.amazonaws.us-east-1.ecr-fips.api and the like.
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
network_endpoint_pattern := {
	"ec2": `\.ec2(-fips)?$`,
	"ecs": `\.ecs(-fips)?$`,
	"ecs-agent": `\.ecs-agent(-fips)?$`,
	"ecs-telemetry": `\.ecs-telemetry(-fips)?$`,
	"eks": `\.eks(-fips)?$`,
	"eks-auth": `\.eks-auth(-fips)?$`,
	"elasticloadbalancing": `\.elasticloadbalancing(-fips)?$`,
	"kms": `\.kms(-fips)?$`,
	"ssmmessages": `\.ssmmessages(-fips)?$`,
	"sts": `\.sts(-fips)?$`,
	"ecr.api": `\.ecr(-fips)?\.api(-fips)?$`,
	"ecr.dkr": `\.ecr(-fips)?\.dkr(-fips)?$`,
	"logs": `\.logs(-fips)?$`,
	"s3": `\.s3(-fips)?$`,
	"secretsmanager": `\.secretsmanager(-fips)?$`,
	"ssm": `\.ssm(-fips)?$`,
}

# What the tasks of each task definition surely call: ECR for an image, and S3 for its layers; logs; secrets.
network_endpoint_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	task_private_ecr_image(task, c)
	some need in ["ecr.api", "ecr.dkr", "s3"]
}

network_endpoint_needs[task] contains "logs" if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	literal(task, ["ContainerDefinitions", c, "LogConfiguration", "LogDriver"]) == "awslogs"
}

network_endpoint_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	some key in [["Secrets"], ["LogConfiguration", "SecretOptions"]]
	keys := array.concat(["ContainerDefinitions", c], key)
	some i, _ in list(task, keys)
	value_keys := array.concat(keys, [i, "ValueFrom"])
	not guess_within(task, value_keys)
	need := network_secret_store(property(task, value_keys))
}

network_endpoint_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	keys := ["ContainerDefinitions", c, "RepositoryCredentials", "CredentialsParameter"]
	not guess_within(task, keys)
	need := network_secret_store(property(task, keys))
}

network_endpoint_needs[task] contains "s3" if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	some _, _ in list(task, ["ContainerDefinitions", c, "EnvironmentFiles"])
}

network_secret_store(value) := "secretsmanager" if refers(value, "AWS::SecretsManager::Secret")

network_secret_store(value) := "ssm" if refers(value, "AWS::SSM::Parameter")

network_secret_store(value) := store if {
	text := partly_known(value)
	some store in ["secretsmanager", "ssm"]
	regex.match(sprintf(`^(Join:)?arn:[^:]+:%v:`, [store]), text)
}

# One field of a secret: its ARN, joined with the field's name.
network_secret_store(value) := "secretsmanager" if {
	text := partly_known(value)
	id := regex.find_all_string_submatch_n(`^Join:\{(?:part|ref):([A-Za-z0-9]+)\}:`, text, 1)[0][1]
	input.resources[id].resourceType == "AWS::SecretsManager::Secret"
}

# The images that surely come from a public registry, to which no endpoint leads.
network_internet_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	image := literal(task, ["ContainerDefinitions", c, "Image"])
	is_string(image)
	network_public_image(image)
	need := sprintf("a way to the internet for image %v of %v", [image, task_container(task, c)])
}

network_public_image(image) if {
	host := split(image, "/")[0]
	host in {
		"docker.io", "gcr.io", "ghcr.io", "index.docker.io", "mcr.microsoft.com", "public.ecr.aws", "quay.io",
		"registry-1.docker.io", "registry.k8s.io",
	}
}

# Without a registry's host, an image comes from Docker Hub.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
network_public_image(image) if regex.match(`^[a-z0-9][a-z0-9_-]*(/[a-z0-9._/-]+)?(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]+)?$`, image)

# Express services, which log to CloudWatch Logs.
network_endpoint_needs[service] contains "logs" if some service in resources_of_type("AWS::ECS::ExpressGatewayService")

network_endpoint_needs[service] contains need if {
	some service in resources_of_type("AWS::ECS::ExpressGatewayService")
	task_is_ecr_image(service, ["PrimaryContainer", "Image"])
	some need in ["ecr.api", "ecr.dkr", "s3"]
}

network_endpoint_needs[service] contains need if {
	some service in resources_of_type("AWS::ECS::ExpressGatewayService")
	some i, _ in list(service, ["PrimaryContainer", "Secrets"])
	keys := ["PrimaryContainer", "Secrets", i, "ValueFrom"]
	not guess_within(service, keys)
	need := network_secret_store(property(service, keys))
}

network_internet_needs[service] contains need if {
	some service in resources_of_type("AWS::ECS::ExpressGatewayService")
	image := literal(service, ["PrimaryContainer", "Image"])
	is_string(image)
	network_public_image(image)
	need := sprintf("a way to the internet for image %v", [image])
}
