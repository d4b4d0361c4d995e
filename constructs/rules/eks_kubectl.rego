package awscontainers

import rego.v1

# METADATA
# title: The kubectl that applies Kubernetes objects is too old or too new for the cluster
# description: kubectl serves clusters of its own minor version, one older and one newer; beyond that, applying an object may fail or drop fields.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/install-kubectl.html
# custom:
#   id: AWSC-EKS-010
violation contains make_diag_at("AWSC-EKS-010", "ERROR", cluster, path, message) if {
	some [cluster, layer] in eks_kubectl_layers
	version := eks_literal(cluster, "version")
	minor := eks_kubectl_minor_of(`^1\.([0-9]+)$`, sprintf("%v", [version]))
	given := eks_kubectl_minor_of(`/kubectl 1\.([0-9]+)\.`, literal(layer, ["Description"]))
	abs(minor - given) > 1
	path := dotted(eks_path(cluster, "version"))
	message := sprintf(
		"cluster %v has Kubernetes %v, but layer %v of its kubectl provider has kubectl 1.%v, which serves 1.%v to 1.%v; use the layer of the cluster's version, or of one next to it",
		[cluster, version, layer, given, given - 1, given + 1],
	)
}

eks_kubectl_minor_of(pattern, text) := to_number(regex.find_all_string_submatch_n(pattern, text, 1)[0][1])

# The clusters to which the CDK's kubectl provider applies something, with the layers of its function: one that it calls, or one in a
# nested stack.
eks_kubectl_layers contains [cluster, layer] if {
	some cluster, providers in eks_kubectl_providers
	some provider in providers
	keys := ["Environment", "Variables", "USER_ON_EVENT_FUNCTION_ARN"]
	function := refers(property(provider, keys), "AWS::Lambda::Function")
	some value in list(function, ["Layers"])
	layer := refers(value, "AWS::Lambda::LayerVersion")
}

eks_kubectl_layers contains [cluster, layer] if {
	some cluster, providers in eks_kubectl_providers
	some provider in providers
	input.resources[provider].resourceType == "AWS::CloudFormation::Stack"
	some value in property(provider, ["Parameters"])
	layer := refers(value, "AWS::Lambda::LayerVersion")
}

eks_kubectl_providers[cluster] contains provider if {
	some name in eks_kubectl_applied
	some cluster in eks_cluster(name, ["ClusterName"])
	provider := property(name, ["ServiceToken"]).__ref
}

# What the CDK applies by kubectl and helm.
eks_kubectl_applied contains name if {
	some type in [
		"Custom::AWSCDK-EKS-HelmChart", "Custom::AWSCDK-EKS-KubernetesObjectValue", "Custom::AWSCDK-EKS-KubernetesPatch",
		"Custom::AWSCDK-EKS-KubernetesResource",
	]
	some name in resources_of_type(type)
}

# True if something that is applied to a cluster says so.
eks_kubectl_applied_text(cluster, pattern) if {
	some name in eks_kubectl_applied
	not eks_of_other_cluster(name, cluster)
	regex.match(pattern, json.marshal(input.resources[name].properties))
}
