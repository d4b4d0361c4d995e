package awscontainers

import rego.v1

# What must exist before what: CloudFormation must make the first before the second, and delete it after.
#   first, next   the logical ids
#   kind          what the second is
# Rules say what comes of it if nothing orders them.
order_needs contains need if {
	some association in resources_of_type("AWS::ECS::ClusterCapacityProviderAssociations")
	cluster := capacity_cluster(association)
	some run in order_runs
	refers(run_property(run, "cluster"), "AWS::ECS::Cluster") == cluster
	capacity_runs_on_providers_of(run.name, association)
	need := {"first": association, "next": run.name, "kind": run.kind, "cluster": cluster}
}

order_needs contains need if {
	some mount in efs_mounts
	mount.run in order_runs
	some target in efs_targets[mount.files]
	not efs_remote(mount.run, target)
	need := {"first": target, "next": mount.run.name, "kind": mount.run.kind, "files": mount.files}
}

order_needs contains need if {
	some use in gateway_services
	need := {"first": use.association, "next": use.service, "kind": "service", "gateway": use.gateway}
}

# What starts tasks while the stack is made. Rules, schedules and pipes wait for something.
order_runs contains run if {
	some run in run_all
	run.kind in {"service", "task set"}
}

# The needs that nothing in the template meets.
order_missing contains need if {
	some need in order_needs
	exists_with(need.first, need.next)
	dependents := order_made_after[need.first]
	not need.next in dependents
}

# What CloudFormation makes after each resource that must come first, because it depends on it, directly or by way of others. Undefined
# for chains longer than this looks along: the engine has no function for it, and Rego no recursion.
order_made_after[first] := dependents if {
	some first in {need.first | some need in order_needs}
	dependents := order_four_further(order_four_further(order_four_further({first})))
	order_further(dependents) == dependents
}

order_four_further(names) := order_further(order_further(order_further(order_further(names))))

order_further(names) := names | {ref.source | some name in names; some ref in input.resources[name].incomingRefs}
