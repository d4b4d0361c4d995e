package awscontainers

import rego.v1

# How scaling policies read Container Insights' counts of the tasks of a service, such as RunningTaskCount.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html

# METADATA
# title: Scaling goes by the number of tasks of another service or cluster
# description: It adds tasks for ever or none at all, because the tasks that it adds do not change the metric.
# related_resources:
# - https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
# custom:
#   id: AWSC-SCALING-005
violation contains make_diag_at("AWSC-SCALING-005", severity, holder, dotted(metric.keys), message) if {
	some holder, service in scaling_counts_holders
	severity := scaling_counts_severity(holder)
	metrics := scaling_counts_of(holder)
	some metric in metrics

	# Of several, one may be what the service's own is compared with.
	every other in metrics {
		scaling_counts_other_service(other.service, service)
	}
	message := sprintf(
		"%v scales service %v by the %v of another service; name %v in its dimension ServiceName",
		[holder, service, metric.name, service],
	)
}

violation contains make_diag_at("AWSC-SCALING-005", "ERROR", holder, dotted(metric.keys), message) if {
	some holder, service in scaling_counts_holders
	some metric in scaling_counts_of(holder)
	refers(metric.service, "AWS::ECS::Service") == service
	cluster := refers(metric.cluster, "AWS::ECS::Cluster")
	own := refers(property(service, ["Cluster"]), "AWS::ECS::Cluster")
	cluster != own
	message := sprintf(
		"%v scales service %v by its %v in cluster %v, where it is not; name cluster %v in the dimension ClusterName",
		[holder, service, metric.name, cluster, own],
	)
}

# METADATA
# title: Scaling goes by the number of tasks in a cluster without Container Insights
# description: Only Container Insights counts them. Without it the metric has no values, and the policy adds no task.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
# custom:
#   id: AWSC-SCALING-006
violation contains make_diag_at("AWSC-SCALING-006", severity, holder, dotted(metric.keys), message) if {
	some holder, service in scaling_counts_holders
	some metric in scaling_counts_of(holder)
	cluster := refers(metric.cluster, "AWS::ECS::Cluster")
	state := scaling_counts_insights(cluster)
	severity := {"disabled": "ERROR", "absent": "WARN"}[state]
	message := sprintf(
		"%v scales service %v by %v, which only Container Insights reports; set containerInsights of cluster %v to enabled or enhanced (%v)",
		[holder, service, metric.name, cluster, {"disabled": "it is disabled", "absent": "without a setting, that of the account decides"}[state]],
	)
}

# METADATA
# title: Scaling from zero divides by the number of running tasks
# description: "While no task runs, the metric has no value: CloudWatch drops what is divided by zero. So nothing starts the first task."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
# custom:
#   id: AWSC-SCALING-007
violation contains make_diag_at("AWSC-SCALING-007", "WARN", policy, dotted(keys), message) if {
	some policy, service in scaling_counts_policies
	target := refers(property(policy, ["ScalingTargetId"]), "AWS::ApplicationAutoScaling::ScalableTarget")
	scaling_limits(target).min == 0
	scaling_counts_only_policy(policy, target)
	some keys in scaling_counts_quotients(policy)
	message := sprintf(
		"policy %v divides by the RunningTaskCount of service %v, which may be 0 (%v); divide only if it is above 0, as in IF(tasks > 0, backlog / tasks, backlog)",
		[policy, service, target],
	)
}

# Target tracking does nothing without data.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
# The expressions that a policy goes by and that are no more than a division by RunningTaskCount.
scaling_counts_quotients(policy) := [keys |
	metrics := array.concat(scaling_counts_base["AWS::ApplicationAutoScaling::ScalingPolicy"], ["Metrics"])
	counts := {id |
		some metric in scaling_counts_of(policy)
		metric.name == "RunningTaskCount"
		id := literal(policy, array.concat(array.slice(metric.keys, 0, count(metrics) + 1), ["Id"]))
	}
	some i, _ in list(policy, metrics)
	setting(policy, array.concat(metrics, [i, "ReturnData"]), true) == true
	keys := array.concat(metrics, [i, "Expression"])
	text := literal(policy, keys)
	regex.match(`^\s*([a-z]\w*|\([^()]*\))\s*/\s*[a-z]\w*\s*$`, text)
	parts := split(text, "/")
	trim_space(parts[count(parts) - 1]) in counts
]

# True if nothing else in the template scales the target.
scaling_counts_only_policy(policy, target) if {
	whole_template
	every ref in input.resources[target].incomingRefs {
		ref.source == policy
	}
	every other in resources_of_type("AWS::ApplicationAutoScaling::ScalingPolicy") {
		property(other, ["ScalingTargetId"]) != null
	}
}

scaling_counts := {"DeploymentCount", "DesiredTaskCount", "PendingTaskCount", "RunningTaskCount", "TaskSetCount"}

# The policies, and the alarms that call one, by which a known service is scaled.
scaling_counts_holders[policy] := service if {
	some policy, service in scaling_counts_policies
}

scaling_counts_holders[alarm] := service if {
	some alarm in resources_of_type("AWS::CloudWatch::Alarm")
	services := {scaling_counts_policies[policy] |
		some action in list(alarm, ["AlarmActions"])
		policy := refers(action, "AWS::ApplicationAutoScaling::ScalingPolicy")
	}
	count(services) == 1
	some service in services
}

scaling_counts_policies[policy] := service if {
	some policy in resources_of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
	target := refers(property(policy, ["ScalingTargetId"]), "AWS::ApplicationAutoScaling::ScalableTarget")
	services := {service | some service, targets in scaling_targets; target in targets}
	count(services) == 1
	some service in services
}

# The metrics of a policy or an alarm that are counts of tasks.
scaling_counts_of(holder) := [metric |
	some keys in scaling_counts_places(holder)
	literal(holder, array.concat(keys, ["Namespace"])) == "ECS/ContainerInsights"
	name := literal(holder, array.concat(keys, ["MetricName"]))
	name in scaling_counts
	metric := {
		"keys": keys,
		"name": name,
		"service": scaling_counts_dimension(holder, keys, "ServiceName"),
		"cluster": scaling_counts_dimension(holder, keys, "ClusterName"),
	}
]

scaling_counts_places(holder) := array.concat([base], places) if {
	base := scaling_counts_base[input.resources[holder].resourceType]
	metrics := array.concat(base, ["Metrics"])
	places := [place | some i, _ in list(holder, metrics); place := array.concat(metrics, [i, "MetricStat", "Metric"])]
}

scaling_counts_base := {
	"AWS::ApplicationAutoScaling::ScalingPolicy": ["TargetTrackingScalingPolicyConfiguration", "CustomizedMetricSpecification"],
	"AWS::CloudWatch::Alarm": [],
}

# The value of a dimension, or null if it is unknown or a default.
scaling_counts_dimension(holder, keys, name) := value if {
	values := scaling_counts_dimensions(holder, keys, name)
	count(values) == 1
	value := values[0]
}

scaling_counts_dimension(holder, keys, name) := null if count(scaling_counts_dimensions(holder, keys, name)) != 1

scaling_counts_dimensions(holder, keys, name) := [value |
	dimensions := array.concat(keys, ["Dimensions"])
	some i, _ in list(holder, dimensions)
	literal(holder, array.concat(dimensions, [i, "Name"])) == name
	value := scaling_counts_known(holder, array.concat(dimensions, [i, "Value"]))
]

scaling_counts_known(holder, keys) := property(holder, keys) if is_object(property(holder, keys))

scaling_counts_known(holder, keys) := literal(holder, keys)

# True if a dimension surely names another service.
scaling_counts_other_service(value, service) if refers(value, "AWS::ECS::Service") != service

scaling_counts_other_service(value, service) if {
	is_string(value)
	value != literal(service, ["ServiceName"])
}

# Target tracking needs a metric that its own tasks change. Steps may go by anything, but a backlog is divided among those who work on it.
# Undefined for other alarms.
scaling_counts_severity(holder) := "ERROR" if input.resources[holder].resourceType == "AWS::ApplicationAutoScaling::ScalingPolicy"

scaling_counts_severity(holder) := "WARN" if {
	input.resources[holder].resourceType == "AWS::CloudWatch::Alarm"
	some keys in scaling_counts_places(holder)
	literal(holder, array.concat(keys, ["Namespace"])) == "AWS/SQS"
}

# What a cluster's own setting says of Container Insights. Undefined if it is on, or unknown.
scaling_counts_insights(cluster) := "absent" if {
	settings := list(cluster, ["ClusterSettings"])
	every i, _ in settings {
		literal(cluster, ["ClusterSettings", i, "Name"]) != "containerInsights"
	}
}

scaling_counts_insights(cluster) := "disabled" if {
	some i, _ in list(cluster, ["ClusterSettings"])
	literal(cluster, ["ClusterSettings", i, "Name"]) == "containerInsights"
	literal(cluster, ["ClusterSettings", i, "Value"]) == "disabled"
}
