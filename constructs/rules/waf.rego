package awscontainers

import rego.v1

# METADATA
# title: A web ACL is used where its scope does not belong
# description: AWS refuses a REGIONAL web ACL for a distribution, and a CLOUDFRONT one for any other resource.
# related_resources:
# - https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
# custom:
#   id: AWSC-WAF-001
violation contains make_diag_at("AWSC-WAF-001", "ERROR", user, dotted(keys), message) if {
	some [kind, keys, scope] in waf_uses
	some user in resources_of_type(kind)
	acl := refers(property(user, keys), "AWS::WAFv2::WebACL")
	given := literal(acl, ["Scope"])
	given != scope
	message := sprintf("%v uses web ACL %v, whose scope is %v; give it one with the scope %v", [user, acl, given, scope])
}

waf_uses := [
	["AWS::CloudFront::Distribution", ["DistributionConfig", "WebACLId"], "CLOUDFRONT"],
	["AWS::WAFv2::WebACLAssociation", ["WebACLArn"], "REGIONAL"],
]
