package awscontainers

import rego.v1

# What the documentation shows of the events, with all that is optional: for each known field that has fields, which these
# are. What is below any other is not judged.
events_shapes := {
	"aws.ecs": {
		"ECS Container Instance State Change": events_shapes_instance,
		"ECS Deployment State Change": events_shapes_service,
		"ECS Service Action": events_shapes_service,
		"ECS Task State Change": events_shapes_task,
	},
	"aws.s3": {type: events_shapes_object |
		some type in [
			"Object Access Tier Changed", "Object ACL Updated", "Object Created", "Object Deleted", "Object Restore Completed",
			"Object Restore Expired", "Object Restore Initiated", "Object Storage Class Changed", "Object Tags Added",
			"Object Tags Deleted",
		]
	},
}

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
events_shapes_object := {
	"detail": {
		"bucket", "deletion-type", "destination-access-tier", "destination-storage-class", "event-version", "object", "reason",
		"request-id", "requester", "restore-expiry-time", "source-ip-address", "source-storage-class", "version",
	},
	"detail.bucket": {"name"},
	"detail.object": {"etag", "key", "sequencer", "size", "version-id"},
}

# It resembles what DescribeTasks gives.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
events_shapes_task := {
	"detail": {
		"attachments", "attributes", "availabilityZone", "availabilityZoneId", "capacityProviderName", "clusterArn", "connectivity",
		"connectivityAt", "containerInstanceArn", "containers", "cpu", "createdAt", "desiredStatus", "enableExecuteCommand",
		"ephemeralStorage", "executionStoppedAt", "fargateEphemeralStorage", "group", "healthStatus", "inferenceAccelerators",
		"lastStatus", "launchType", "memory", "overrides", "platformFamily", "platformVersion", "pullStartedAt", "pullStoppedAt",
		"startedAt", "startedBy", "stopCode", "stoppedAt", "stoppedReason", "stoppingAt", "tags", "taskArn",
		"taskDefinitionArn", "updatedAt", "version",
	},
	"detail.attachments": events_shapes_attachment,
	"detail.containers": {
		"containerArn", "cpu", "exitCode", "gpuIds", "healthStatus", "image", "imageDigest", "lastStatus", "managedAgents", "memory",
		"memoryReservation", "name", "networkBindings", "networkInterfaces", "reason", "runtimeId", "taskArn",
	},
	"detail.containers.networkInterfaces": {"attachmentId", "ipv6Address", "privateIpv4Address"},
}

events_shapes_attachment := {"details", "id", "status", "type"}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html
events_shapes_instance := {
	"detail": {
		"accountType", "agentConnected", "agentUpdateStatus", "attachments", "attributes", "capacityProviderName", "clusterArn",
		"containerInstanceArn", "ec2InstanceId", "healthStatus", "pendingTasksCount", "registeredAt", "registeredResources",
		"remainingResources", "runningTasksCount", "status", "statusReason", "tags", "updatedAt", "version", "versionInfo",
	},
	"detail.attachments": events_shapes_attachment,
	"detail.versionInfo": {"agentHash", "agentVersion", "dockerVersion"},
}

# Both kinds report on deployments by now, and the examples of neither are complete; so the fields of both, and of what
# DescribeServiceDeployments gives.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
events_shapes_service := {"detail": {
	"alarms", "capacityProviderArns", "clusterArn", "containerInstanceArns", "containerPort", "createdAt", "deploymentCircuitBreaker",
	"deploymentConfiguration", "deploymentId", "desiredCount", "ec2InstanceIds", "eventName", "eventType", "finishedAt", "lifecycleStage",
	"reason", "rollback", "service", "serviceArn", "serviceDeploymentArn", "serviceName", "serviceRegistryArns",
	"serviceRevisionArn", "sourceServiceRevisions", "startedAt", "status", "statusReason", "stoppedAt", "targetGroupArns", "targets",
	"targetServiceRevision", "taskArns", "taskSetArns", "updatedAt", "version",
}}
