package awscontainers

import rego.v1

# What CloudFormation makes after each of these resources, because it depends on it, directly or by way of others. Undefined
# for chains longer than this looks along: the engine has no function for it, and Rego no recursion.
order_made_after[name] := dependents if {
	some kind in ["AWS::ECS::ClusterCapacityProviderAssociations", "AWS::EFS::MountTarget"]
	some name in resources_of_type(kind)
	dependents := order_four_further(order_four_further(order_four_further({name})))
	order_further(dependents) == dependents
}

order_four_further(names) := order_further(order_further(order_further(order_further(names))))

order_further(names) := names | {ref.source | some name in names; some ref in input.resources[name].incomingRefs}
