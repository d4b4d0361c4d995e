package balancer

import (
	"regexp"
	"strings"

	"awscontainers/constructs/invalid"
)

// certificateArn is the form of an ACM certificate's ARN.
// https://docs.aws.amazon.com/acm/latest/userguide/security_iam_service-with-iam.html
var certificateArn = regexp.MustCompile(`^arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate/[A-Za-z0-9-]+$`)

// CheckCertificate accepts the empty ARN.
func CheckCertificate(arn string, bad *invalid.Problems) {
	if arn != "" && !invalid.IsToken(arn) && !certificateArn.MatchString(arn) {
		bad.Add("CertificateArn", `must be the ARN of an ACM certificate such as "arn:aws:acm:<region>:<account>:certificate/<id>"`).Given(arn)
	}
}

// CheckCertificateRegion takes the load balancer's Region, or a token where that is open.
func CheckCertificateRegion(arn, region string, bad *invalid.Problems) {
	parts := certificateArn.FindStringSubmatch(arn)
	if parts != nil && !invalid.IsToken(region) && parts[1] != region {
		bad.Add("CertificateArn", "must be in the load balancer's Region, %s", region).Given(arn).Advise("request a certificate there")
	}
}

// IsInZone reports whether a domain name is in a hosted zone; true if one of them is a token.
func IsInZone(domain, zone string) bool {
	if invalid.IsToken(domain) || invalid.IsToken(zone) {
		return true
	}
	domain, zone = strings.ToLower(domain), strings.ToLower(zone)
	return domain == zone || strings.HasSuffix(domain, "."+zone)
}
