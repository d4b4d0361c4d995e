package elb

import (
	"regexp"
	"strconv"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// ResponseHeaders are headers that an Application Load Balancer adds to the answers of its listeners, so that not every image must. To
// drop one from a running listener, set it to something harmless, or remove it with `aws elbv2 modify-listener-attributes`:
// CloudFormation leaves an attribute as it was that is no longer written.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-header-modification.html
type ResponseHeaders struct {
	// StrictTransportSecurity tells browsers to use only HTTPS from now on, "max-age=31536000; includeSubDomains". They keep to it for
	// max-age seconds, whatever you deploy: begin with a small number. It requires HTTPS, because browsers ignore it over HTTP. Default:
	// none.
	StrictTransportSecurity string
	// ContentSecurityPolicy limits what a page may load, "default-src 'self'". Default: none.
	ContentSecurityPolicy string
	// NoSniff sets X-Content-Type-Options to nosniff, so that browsers believe the Content-Type. Default: false.
	NoSniff bool
	// XFrameOptions limits which sites may show a page in a frame, "DENY" or "SAMEORIGIN". Default: none.
	XFrameOptions string
	// AccessControlAllowOrigin is the origin whose scripts may read the answers, "https://app.example.com", or "*". Default: none.
	AccessControlAllowOrigin string
	// AccessControlAllowMethods are the methods that these scripts may use, "GET,POST". Default: none.
	AccessControlAllowMethods string
	// AccessControlAllowHeaders are the headers that these scripts may send, "Content-Type". Default: none.
	AccessControlAllowHeaders string
	// AccessControlAllowCredentials lets these scripts send cookies; AccessControlAllowOrigin must then be one origin. Default: false.
	AccessControlAllowCredentials bool
	// AccessControlExposeHeaders are the headers of answers that these scripts may read, "X-Request-Id". Default: none.
	AccessControlExposeHeaders string
	// AccessControlMaxAge is how long browsers remember what these scripts may, in whole seconds. Default: none.
	AccessControlMaxAge time.Duration
	// HideServer removes the header Server, by which the load balancer names itself. Default: false.
	HideServer bool
}

// attribute is the value that ELB has under a key.
type attribute struct{ key, value string }

// attributes are those of a listener, in a fixed order; none for nil.
func (h *ResponseHeaders) attributes() (attributes []attribute) {
	if h == nil {
		return nil
	}
	header := func(name, value string) {
		if value != "" {
			attributes = append(attributes, attribute{"routing.http.response." + name + ".header_value", value})
		}
	}
	header("strict_transport_security", h.StrictTransportSecurity)
	header("content_security_policy", h.ContentSecurityPolicy)
	if h.NoSniff {
		header("x_content_type_options", "nosniff")
	}
	header("x_frame_options", h.XFrameOptions)
	header("access_control_allow_origin", h.AccessControlAllowOrigin)
	header("access_control_allow_methods", h.AccessControlAllowMethods)
	header("access_control_allow_headers", h.AccessControlAllowHeaders)
	if h.AccessControlAllowCredentials {
		header("access_control_allow_credentials", "true")
	}
	header("access_control_expose_headers", h.AccessControlExposeHeaders)
	if h.AccessControlMaxAge != 0 {
		header("access_control_max_age", strconv.Itoa(int(h.AccessControlMaxAge/time.Second)))
	}
	if h.HideServer {
		attributes = append(attributes, attribute{"routing.http.response.server.enabled", "false"})
	}
	return attributes
}

var (
	// https://www.rfc-editor.org/rfc/rfc6797#section-6.1
	strictTransport = regexp.MustCompile(`(?i)^max-age=\d+( *; *(includeSubDomains|preload))*$`)
	headerValue     = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)
	frameOptions    = []string{"DENY", "SAMEORIGIN"}
)

func (h *ResponseHeaders) validate(protocol elbv2.ApplicationProtocol) error {
	var bad invalid.Problems
	if h.StrictTransportSecurity != "" {
		check.Match("StrictTransportSecurity", h.StrictTransportSecurity, strictTransport,
			`seconds, with or without more directives, such as "max-age=31536000; includeSubDomains"`, &bad)
		if protocol != elbv2.ApplicationProtocol_HTTPS {
			bad.Add("StrictTransportSecurity", "requires HTTPS, because browsers ignore it over HTTP").Given(h.StrictTransportSecurity).
				Advise("set a certificate, or remove it")
		}
	}
	check.Known("XFrameOptions", h.XFrameOptions, frameOptions, &bad)
	for _, header := range []struct{ field, value string }{
		{"ContentSecurityPolicy", h.ContentSecurityPolicy}, {"AccessControlAllowOrigin", h.AccessControlAllowOrigin},
		{"AccessControlAllowMethods", h.AccessControlAllowMethods}, {"AccessControlAllowHeaders", h.AccessControlAllowHeaders},
		{"AccessControlExposeHeaders", h.AccessControlExposeHeaders},
	} {
		if header.value != "" {
			check.Match(header.field, header.value, headerValue, "printable ASCII characters without spaces at the ends", &bad)
		}
	}
	if h.AccessControlAllowCredentials && (h.AccessControlAllowOrigin == "" || h.AccessControlAllowOrigin == "*") {
		// https://fetch.spec.whatwg.org/#cors-protocol-and-credentials
		bad.Add("AccessControlAllowCredentials", "requires one origin in AccessControlAllowOrigin, because browsers don't take \"*\" with it")
	}
	check.Seconds("AccessControlMaxAge", h.AccessControlMaxAge, time.Second, 24*time.Hour, &bad)
	return bad.Err()
}
