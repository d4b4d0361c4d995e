package awscontainers

import rego.v1

# METADATA
# title: A service runs an image of a repository that the same template creates
# description: The repository is still empty when the service starts, so that no task can pull its image and the first deployment fails.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html
# custom:
#   id: AWSC-SERVICE-006
violation contains make_diag_at("AWSC-SERVICE-006", "WARN", service, path, message) if {
	some repository in resources_of_type("AWS::ECR::Repository")
	whole_template
	not in_custom_resource(repository)
	some ref in input.resources[repository].incomingRefs
	some service, path in service_image_users(ref)
	message := sprintf(
		"%v runs an image of repository %v, which is created with it and still empty then; create the repository in an earlier stack, or begin with no tasks",
		[service, repository],
	)
}

# The services that run what a reference is the image of, with the path of the setting.
service_image_users(ref) := users if {
	input.resources[ref.source].resourceType == "AWS::ECS::TaskDefinition"
	regex.match(`^Properties\.ContainerDefinitions\.\d+\.Image`, ref.sourcePath)
	users := {run.name: run_path(run, "task") |
		some run in run_all
		run.kind == "service"
		run_task(run) == ref.source
		service_image_starts(run.name)
	}
}

service_image_users(ref) := {ref.source: value_path(ref)} if {
	input.resources[ref.source].resourceType == "AWS::ECS::ExpressGatewayService"
	startswith(ref.sourcePath, "Properties.PrimaryContainer.Image")
}

service_image_users(ref) := {ref.source: value_path(ref)} if {
	input.resources[ref.source].resourceType == "AWS::AppRunner::Service"
	startswith(ref.sourcePath, "Properties.SourceConfiguration.ImageRepository.ImageIdentifier")
}

# True if a service surely begins with tasks: one is the default.
service_image_starts(name) if absent(name, ["DesiredCount"])

service_image_starts(name) if number(literal(name, ["DesiredCount"])) > 0
