package elb

import (
	"fmt"
	"slices"
	"strings"

	acm "github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
)

// certificate is the one that clients get who ask for a name that no other certificate has.
func (a *ApplicationLoadBalancer) certificate(p *ApplicationLoadBalancerProps, zone awsroute53.IHostedZone) elbv2.IListenerCertificate {
	if p.CertificateArn != "" {
		return elbv2.ListenerCertificate_FromArn(&p.CertificateArn)
	}
	return elbv2.ListenerCertificate_FromCertificateManager(acm.NewCertificate(a, jsii.String("Certificate"), &acm.CertificateProps{
		DomainName:              &p.DomainName,
		SubjectAlternativeNames: opt.Strings(p.AlternativeDomainNames),
		Validation:              acm.CertificateValidation_FromDns(zone),
	}))
}

// addCertificates adds further certificates to a listener, each a resource whose ID is derived from the ARN: a list in one resource would
// be replaced when it changes, and CloudFormation would take away the certificates of the old list, which the new one has too.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenercertificate.html
func addCertificates(scope constructs.Construct, listenerArn *string, arns []string) {
	for _, arn := range arns {
		elbv2.NewCfnListenerCertificate(scope, jsii.String(ids.Named(scope, "Certificate", arn)), &elbv2.CfnListenerCertificateProps{
			ListenerArn:  listenerArn,
			Certificates: &[]*elbv2.CfnListenerCertificate_CertificateProperty{{CertificateArn: &arn}},
		})
	}
}

// addRecords gives the load balancer its names.
func (a *ApplicationLoadBalancer) addRecords(p *ApplicationLoadBalancerProps, zone awsroute53.IHostedZone) {
	record := func(id, name string) {
		awsroute53.NewARecord(a, &id, &awsroute53.ARecordProps{
			Zone:       zone,
			RecordName: jsii.String(name + "."),
			Target:     awsroute53.RecordTarget_FromAlias(awsroute53targets.NewLoadBalancerTarget(a.LoadBalancer, nil)),
		})
	}
	record("AliasRecord", p.DomainName)
	for _, name := range p.AlternativeDomainNames {
		record(ids.Named(a, "AliasRecord", name), name)
	}
}

// addRedirects sends clients that ask for another name to DomainName. A rule has at most five names: further ones are in further rules.
func (a *ApplicationLoadBalancer) addRedirects(p *ApplicationLoadBalancerProps) {
	if !p.RedirectToDomainName {
		return
	}
	for i, names := range slices.Collect(slices.Chunk(p.AlternativeDomainNames, maxConditionValues)) {
		NewListenerRule(a, "RedirectToDomainName"+ids.Suffix(i), &ListenerRuleProps{
			LoadBalancer: a,
			Priority:     i + 1,
			Conditions:   Conditions{HostHeaders: names},
			Redirect:     &Redirect{Host: p.DomainName, Permanent: true},
		})
	}
}

// maxAlternativeNames is what AWS raises the quota of a certificate to, without its first name.
// https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
const maxAlternativeNames = 99

func (p *ApplicationLoadBalancerProps) validateAlternatives(bad *invalid.Problems) {
	const field = "AlternativeDomainNames"
	switch {
	case len(p.AlternativeDomainNames) == 0:
		if p.RedirectToDomainName {
			bad.Add("RedirectToDomainName", "requires %s", field).Advise("set the names to redirect from")
		}
		return
	case p.DomainName == "":
		bad.Add(field, "requires DomainName, with its hosted zone").Given(p.AlternativeDomainNames)
		return
	}
	if p.RedirectToDomainName && !p.hasTls() {
		bad.Add("RedirectToDomainName", "requires HTTPS").Advise("remove Protocol")
	}
	check.MaxLen(field, len(p.AlternativeDomainNames), maxAlternativeNames, bad)
	for i, name := range p.AlternativeDomainNames {
		at := check.Index(field, i)
		switch {
		case invalid.IsToken(name):
		case !check.IsDomainName(name):
			check.DomainName(at, name, bad)
		case strings.EqualFold(name, p.DomainName):
			bad.Add(at, "must not be DomainName").Given(name)
		case slices.ContainsFunc(p.AlternativeDomainNames[:i], func(other string) bool { return strings.EqualFold(name, other) }):
			bad.Add(at, "must not repeat another of the names").Given(name)
		case !balancer.IsInZone(name, p.HostedZoneName):
			// As with DomainName, the certificate would wait for its DNS record.
			bad.Add(at, "must be in the hosted zone, %q", p.HostedZoneName).Given(name).
				Advise("set CertificateArn or AdditionalCertificateArns for names of other zones, and their records there")
		}
	}
}

func (p *ApplicationLoadBalancerProps) hasTls() bool {
	return p.Protocol == elbv2.ApplicationProtocol_HTTPS
}

// checkCertificates judges further certificates of a listener, beside its first.
func checkCertificates(first string, arns []string, hasTls bool, bad *invalid.Problems) {
	const field = "AdditionalCertificateArns"
	if len(arns) > 0 && !hasTls {
		bad.Add(field, "requires a first certificate").Advise("set CertificateArn")
	}
	for i, arn := range arns {
		var found invalid.Problems
		if arn == "" {
			bad.Add(check.Index(field, i), "is required: the ARN of an ACM certificate")
			continue
		}
		balancer.CheckCertificate(arn, &found)
		rename(found, check.Index(field, i), bad)
		if arn == first {
			bad.Add(check.Index(field, i), "must not be CertificateArn").Given(arn)
		} else {
			check.Once(field, arns, i, bad)
		}
	}
}

// checkCertificateRegions takes the load balancer's Region, or a token where that is open.
func checkCertificateRegions(first string, arns []string, region string, bad *invalid.Problems) {
	balancer.CheckCertificateRegion(first, region, bad)
	for i, arn := range arns {
		var found invalid.Problems
		balancer.CheckCertificateRegion(arn, region, &found)
		rename(found, fmt.Sprintf("AdditionalCertificateArns[%d]", i), bad)
	}
}

// rename adds problems under the name of another field.
func rename(found invalid.Problems, field string, bad *invalid.Problems) {
	for _, p := range found {
		p.Field = field
		*bad = append(*bad, p)
	}
}
