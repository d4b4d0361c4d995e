package awscontainers

import rego.v1

# METADATA
# title: A secret is given by a name that ends like the suffix of Secrets Manager
# description: "Secrets Manager takes a hyphen and six characters at the end for the suffix that it adds to names, finds no secret, and no task starts."
# related_resources:
# - https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html
# custom:
#   id: AWSC-SECRET-001
violation contains make_diag_at("AWSC-SECRET-001", "ERROR", name, path, message) if {
	some name, all in secret_places
	some keys in all
	not guess_within(name, keys)
	text := partly_known(property(name, keys))
	secret := regex.find_all_string_submatch_n(`:secret:([^:{}]+-[A-Za-z0-9]{6})(?::|$)`, text, 1)[0][1]
	secret in secret_names
	path := dotted(keys)
	message := sprintf(
		"%v reads secret \"%v\" by its name, whose end Secrets Manager takes for a suffix; write the complete ARN, or refer to the secret",
		[name, secret],
	)
}

# The places of a resource's settings that are the ARN of a secret.
secret_places[name] contains keys if {
	some name in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(name, ["ContainerDefinitions"])
	some where in [["Secrets"], ["LogConfiguration", "SecretOptions"]]
	list_keys := array.concat(["ContainerDefinitions", c], where)
	some i, _ in list(name, list_keys)
	keys := array.concat(list_keys, [i, "ValueFrom"])
}

secret_places[name] contains keys if {
	some name in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(name, ["ContainerDefinitions"])
	keys := ["ContainerDefinitions", c, "RepositoryCredentials", "CredentialsParameter"]
}

secret_places[name] contains keys if {
	some name in resources_of_type("AWS::ECS::ExpressGatewayService")
	some i, _ in list(name, ["PrimaryContainer", "Secrets"])
	keys := ["PrimaryContainer", "Secrets", i, "ValueFrom"]
}

secret_places[name] contains keys if {
	some name in resources_of_type("AWS::AppRunner::Service")
	some where in [
		["ImageRepository", "ImageConfiguration"],
		["CodeRepository", "CodeConfiguration", "CodeConfigurationValues"],
	]
	list_keys := array.concat(array.concat(["SourceConfiguration"], where), ["RuntimeEnvironmentSecrets"])
	some i, _ in list(name, list_keys)
	keys := array.concat(list_keys, [i, "Value"])
}

secret_places[name] contains ["CredentialArn"] if {
	some name in resources_of_type("AWS::ECR::PullThroughCacheRule")
}

# The names of secrets without their suffix, as far as the template surely shows them: of its own secrets, and of those that a policy
# admits with whatever suffix they have.
secret_names contains name if {
	some secret in resources_of_type("AWS::SecretsManager::Secret")
	name := literal(secret, ["Name"])
	is_string(name)
}

secret_names contains name if {
	some kind, key in {"AWS::IAM::Policy": "PolicyDocument", "AWS::IAM::ManagedPolicy": "PolicyDocument", "AWS::IAM::Role": "Policies"}
	some policy in resources_of_type(kind)
	some found in regex.find_all_string_submatch_n(`:secret:([^:"{}]+)-(?:\?{6}|\*)"`, json.marshal(property(policy, [key])), -1)
	name := found[1]
}
