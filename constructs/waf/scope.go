package waf

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/source"
)

// CloudFrontRegion is the only Region with web ACLs for CloudFront.
// https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
const CloudFrontRegion = "us-east-1"

const scopeRegional, scopeCloudFront = "REGIONAL", "CLOUDFRONT"

func (p *WebAclProps) scope() string {
	if p.CloudFront {
		return scopeCloudFront
	}
	return scopeRegional
}

// validateIn judges what depends on the stack. One whose Region is open may go elsewhere.
func (p *WebAclProps) validateIn(scope constructs.Construct) error {
	var bad invalid.Problems
	if p.CloudFront && invalid.IsMade(scope) {
		if region := *awscdk.Stack_Of(scope).Region(); region != CloudFrontRegion {
			bad.Add("CloudFront", "requires a stack with the Region %s, the only one with web ACLs for CloudFront", CloudFrontRegion).
				Given(shown(region)).Advise("create the web ACL in a stack there, and use waf.WebAclFromArn here")
		}
	}
	return bad.Err()
}

// shown is a Region for people: a token says nothing.
func shown(region string) string {
	if invalid.IsToken(region) {
		return "no Region"
	}
	return region
}

// The parts are the Region, the account, and "regional" or "global".
var webAclArn = regexp.MustCompile(`^arn:aws[a-z-]*:wafv2:([a-z0-9-]+):(\d{12}):(regional|global)/webacl/[A-Za-z0-9_-]+/[0-9a-f-]+$`)

// WebAclFromArn uses a web ACL that exists already: a regional one of the stack's account and Region, or one for CloudFront. Its rules
// are not known here, so nothing checks whether they suit what it protects. An ARN that is a CDK token counts as a regional one. It
// panics with *invalid.Error if the ARN is invalid, or if it is one of another account or Region.
func WebAclFromArn(scope constructs.Construct, id, arn string) *WebAcl {
	var bad invalid.Problems
	check.Required("arn", arn, webAclArn, "the ARN of a web ACL of AWS WAF", &bad)
	parts := webAclArn.FindStringSubmatch(arn)
	if parts != nil && invalid.IsMade(scope) {
		checkPlace(arn, parts, *awscdk.Stack_Of(scope).Region(), *awscdk.Stack_Of(scope).Account(), &bad)
	}
	invalid.Refuse(scope, id, bad.Err())
	w := &WebAcl{arn: arn, isForCloudFront: parts != nil && parts[3] == "global"}
	source.Create(w, scope, id)
	return w
}

// checkPlace compares the parts of an ARN with the Region and account of the stack, where they are known.
func checkPlace(arn string, parts []string, region, account string, bad *invalid.Problems) {
	switch {
	case parts[3] == "global" && parts[1] != CloudFrontRegion:
		bad.Add("arn", "must be in %s, the only Region with web ACLs for CloudFront", CloudFrontRegion).Given(arn)
	case parts[3] == "regional" && !invalid.IsToken(region) && parts[1] != region:
		bad.Add("arn", "must be in the stack's Region, %s", region).Given(arn)
	}
	if !invalid.IsToken(account) && parts[2] != account {
		bad.Add("arn", "must be in the stack's account, %s", account).Given(arn)
	}
}

// CheckRegional is for this library's packages: it returns the problem of a web ACL for CloudFront as the WebAcl of a regional resource. A
// nil one has none.
func (w *WebAcl) CheckRegional() (bad invalid.Problems) {
	if w != nil && w.isForCloudFront {
		bad.Add("WebAcl", "must be a regional web ACL, not one for CloudFront").Advise("create it without CloudFront, in the stack's Region")
	}
	return bad
}
