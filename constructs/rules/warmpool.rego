package awscontainers

import rego.v1

# METADATA
# title: A warm pool belongs to an Auto Scaling group that can't have one
# description: EC2 Auto Scaling refuses a pool beside Spot Instances and instance weights; ECS doesn't support instances that return to the pool.
# related_resources:
# - https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
# custom:
#   id: AWSC-CAPACITY-006
violation contains make_diag_at("AWSC-CAPACITY-006", "ERROR", obstacle.at, path, message) if {
	some obstacle in warmpool_obstacles
	path := dotted(obstacle.keys)
	message := sprintf("Auto Scaling group %v has warm pool %v, but %v", [obstacle.group, obstacle.pool, obstacle.text])
}

# Each pool with its group.
warmpool_pools contains {"pool": pool, "group": group} if {
	some pool in resources_of_type("AWS::AutoScaling::WarmPool")
	group := refers(property(pool, ["AutoScalingGroupName"]), "AWS::AutoScaling::AutoScalingGroup")
}

warmpool_obstacles contains obstacle if {
	some pair in warmpool_pools
	keys := ["MixedInstancesPolicy", "InstancesDistribution", "OnDemandPercentageAboveBaseCapacity"]
	number(literal(pair.group, keys)) < 100
	text := "runs Spot Instances, which can't be stopped; set OnDemandPercentageAboveBaseCapacity to 100, or remove the pool"
	obstacle := {"pool": pair.pool, "group": pair.group, "at": pair.group, "keys": keys, "text": text}
}

warmpool_obstacles contains obstacle if {
	some pair in warmpool_pools
	launch := instances_launch(pair.group)
	keys := array.concat(instances_keys[input.resources[launch].resourceType], ["InstanceMarketOptions", "MarketType"])
	literal(launch, keys) == "spot"
	text := sprintf("its launch template %v requests Spot Instances, which can't be stopped; remove InstanceMarketOptions, or the pool", [launch])
	obstacle := {"pool": pair.pool, "group": pair.group, "at": launch, "keys": keys, "text": text}
}

warmpool_obstacles contains obstacle if {
	some pair in warmpool_pools
	all := ["MixedInstancesPolicy", "LaunchTemplate", "Overrides"]
	some i, _ in list(pair.group, all)
	keys := array.concat(all, [i, "WeightedCapacity"])
	literal(pair.group, keys)
	text := "weights its instance types; remove WeightedCapacity, or the pool"
	obstacle := {"pool": pair.pool, "group": pair.group, "at": pair.group, "keys": keys, "text": text}
}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-warm-pool.html
warmpool_obstacles contains obstacle if {
	some pair in warmpool_pools
	some provider in resources_of_type("AWS::ECS::CapacityProvider")
	instances_group(provider) == pair.group
	keys := ["InstanceReusePolicy", "ReuseOnScaleIn"]
	literal(pair.pool, keys) in [true, "true"]
	text := sprintf("as the capacity of %v its instances can't return to the pool; remove ReuseOnScaleIn", [provider])
	obstacle := {"pool": pair.pool, "group": pair.group, "at": pair.pool, "keys": keys, "text": text}
}

# METADATA
# title: An Auto Scaling group has an order of instance types that requirements select
# description: EC2 Auto Scaling refuses the allocation strategy "prioritized" with InstanceRequirements.
# related_resources:
# - https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
# custom:
#   id: AWSC-CAPACITY-007
violation contains make_diag_at("AWSC-CAPACITY-007", "ERROR", group, path, message) if {
	some group in resources_of_type("AWS::AutoScaling::AutoScalingGroup")
	all := ["MixedInstancesPolicy", "LaunchTemplate", "Overrides"]
	some i, _ in list(group, all)
	is_object(property(group, array.concat(all, [i, "InstanceRequirements"])))
	not opaque(property(group, array.concat(all, [i, "InstanceRequirements"])))
	keys := ["MixedInstancesPolicy", "InstancesDistribution", "OnDemandAllocationStrategy"]
	literal(group, keys) == "prioritized"
	path := dotted(keys)
	message := sprintf(
		"Auto Scaling group %v selects instance types by InstanceRequirements, which have no order; set OnDemandAllocationStrategy to lowest-price",
		[group],
	)
}
