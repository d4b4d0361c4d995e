package awscontainers

import rego.v1

# METADATA
# title: A capacity provider strategy names a provider that is not associated with the cluster
# description: ECS refuses the service or the default strategy ("cannot contain a capacity provider that is not associated with the cluster").
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
# custom:
#   id: AWSC-CAPACITY-001
violation contains make_diag_at("AWSC-CAPACITY-001", "ERROR", use.user, path, message) if {
	whole_template
	some use in capacity_uses
	not handed_on(use.cluster)
	lists := [providers | some holder in use.holders; providers := capacity_listed[holder]]
	count(lists) == count(use.holders)
	members := {provider | some providers in lists; some provider in providers}
	capacity_unassociated(use.provider, members)
	path := dotted(use.keys)
	message := sprintf(
		"%v runs tasks on capacity provider %v, which is not among those of cluster %v (%v); add it to the CapacityProviders of the cluster's AWS::ECS::ClusterCapacityProviderAssociations",
		[use.user, use.provider, use.cluster, listed(members)],
	)
}

# Each provider in the strategy of a service, and in the default strategy of a cluster, with what must list it.
capacity_uses contains use if {
	some service in resources_of_type("AWS::ECS::Service")
	cluster := refers(property(service, ["Cluster"]), "AWS::ECS::Cluster")
	some i, _ in list(service, ["CapacityProviderStrategy"])
	keys := ["CapacityProviderStrategy", i, "CapacityProvider"]
	provider := capacity_provider(service, keys)
	holders := capacity_associations(cluster) | {cluster}
	use := {"user": service, "cluster": cluster, "keys": keys, "provider": provider, "holders": holders}
}

capacity_uses contains use if {
	some kind in ["AWS::ECS::Cluster", "AWS::ECS::ClusterCapacityProviderAssociations"]
	some user in resources_of_type(kind)
	cluster := capacity_cluster(user)
	some i, _ in list(user, ["DefaultCapacityProviderStrategy"])
	keys := ["DefaultCapacityProviderStrategy", i, "CapacityProvider"]
	provider := capacity_provider(user, keys)
	use := {"user": user, "cluster": cluster, "keys": keys, "provider": provider, "holders": {user}}
}

capacity_cluster(name) := name if input.resources[name].resourceType == "AWS::ECS::Cluster"

capacity_cluster(name) := refers(property(name, ["Cluster"]), "AWS::ECS::Cluster")

# A provider by its logical id, or by its name if that is written out.
capacity_provider(name, keys) := refers(property(name, keys), "AWS::ECS::CapacityProvider")

capacity_provider(name, keys) := literal(name, keys)

# The providers that a cluster or an association lists. Undefined unless all are known.
capacity_listed[holder] := providers if {
	some kind in ["AWS::ECS::Cluster", "AWS::ECS::ClusterCapacityProviderAssociations"]
	some holder in resources_of_type(kind)
	elements := list(holder, ["CapacityProviders"])
	providers := {provider | some i, _ in elements; provider := capacity_provider(holder, ["CapacityProviders", i])}
	every i, _ in elements {
		capacity_provider(holder, ["CapacityProviders", i])
	}
}

# The associations of a cluster, and those that may be.
capacity_associations(cluster) := {association |
	some association in resources_of_type("AWS::ECS::ClusterCapacityProviderAssociations")
	not capacity_of_another_cluster(association, cluster)
}

capacity_of_another_cluster(association, cluster) if capacity_cluster(association) != cluster

capacity_unassociated(provider, members) if {
	provider in capacity_fargate_providers
	not provider in members
}

# A provider for Managed Instances belongs to its cluster from the start. Others that are known by name only may be such.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
capacity_unassociated(provider, members) if {
	absent(provider, ["ManagedInstancesProvider"])
	not provider in members
	name := setting(provider, ["Name"], provider)
	not name in members
}

capacity_fargate_providers := {"FARGATE", "FARGATE_SPOT"}

# METADATA
# title: A service on capacity providers does not depend on their association with the cluster
# description: "CloudFormation may create the service first, which ECS refuses, and deletes the association first, which fails: the providers are in use."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html
# custom:
#   id: AWSC-CAPACITY-002
violation contains make_diag_at("AWSC-CAPACITY-002", "ERROR", service, "DependsOn", message) if {
	some need in order_missing
	service := need.next
	association := need.first
	message := sprintf(
		"%v %v runs on capacity providers of cluster %v, but may be created before and deleted after their association %v; add %v to its DependsOn",
		[need.kind, service, need.cluster, association, association],
	)
}

capacity_runs_on_providers_of(service, association) if {
	some i, _ in list(service, ["CapacityProviderStrategy"])
	provider := capacity_provider(service, ["CapacityProviderStrategy", i, "CapacityProvider"])
	some j, _ in list(association, ["CapacityProviders"])
	provider == capacity_provider(association, ["CapacityProviders", j])
}

capacity_runs_on_providers_of(service, association) if {
	capacity_takes_default_strategy(service)
	count(list(association, ["DefaultCapacityProviderStrategy"])) > 0
}

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
capacity_takes_default_strategy(service) if {
	absent(service, ["LaunchType"])
	list(service, ["CapacityProviderStrategy"]) == []
	setting(service, ["DeploymentController", "Type"], "ECS") != "EXTERNAL"
}

# METADATA
# title: A capacity provider protects its instances from termination, but what that needs is switched off
# description: ECS refuses managed termination protection without scale-in protection; without managed scaling it does not work.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-termination-protection.html
# custom:
#   id: AWSC-CAPACITY-003
violation contains make_diag_at("AWSC-CAPACITY-003", "ERROR", group, "Properties.NewInstancesProtectedFromScaleIn", message) if {
	some provider in capacity_protecting_providers
	group := instances_group(provider)
	setting(group, ["NewInstancesProtectedFromScaleIn"], false) in [false, "false"]
	message := sprintf(
		"capacity provider %v has managed termination protection, but its Auto Scaling group %v does not protect new instances from scale-in; set NewInstancesProtectedFromScaleIn to true, or ManagedTerminationProtection to DISABLED",
		[provider, group],
	)
}

violation contains make_diag_at("AWSC-CAPACITY-003", "ERROR", provider, path, message) if {
	some provider in capacity_protecting_providers
	keys := ["AutoScalingGroupProvider", "ManagedScaling", "Status"]
	literal(provider, keys) == "DISABLED"
	path := dotted(keys)
	message := sprintf(
		"capacity provider %v has managed termination protection, which does nothing without managed scaling; set ManagedScaling.Status to ENABLED, or ManagedTerminationProtection to DISABLED",
		[provider],
	)
}

capacity_protecting_providers contains provider if {
	some provider in resources_of_type("AWS::ECS::CapacityProvider")
	literal(provider, ["AutoScalingGroupProvider", "ManagedTerminationProtection"]) == "ENABLED"
}
