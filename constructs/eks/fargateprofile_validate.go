package eks

import (
	"maps"
	"regexp"
	"slices"

	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

func (p *FargateProfileProps) setDefaults() { opt.Default(&p.Subnets, network.Private) }

// Names and labels of Kubernetes, with the wildcards of EKS.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html#fargate-profile-wildcards
var (
	selectorNamespace  = regexp.MustCompile(`^[a-z0-9*?]([a-z0-9*?-]{0,61}[a-z0-9*?])?$`)
	selectorLabelKey   = regexp.MustCompile(`^([a-z0-9*?]([a-z0-9.*?-]{0,251}[a-z0-9*?])?/)?` + selectorName + `$`)
	selectorLabelValue = regexp.MustCompile(`^(` + selectorName + `)?$`)
)

const selectorName = `[A-Za-z0-9*?]([A-Za-z0-9_.*?-]{0,61}[A-Za-z0-9*?])?`

// Validate returns all problems of the props, or nil. NewFargateProfile also checks the subnets of the VPC, the stack, and the cluster's
// other profiles and roles.
func (p *FargateProfileProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *FargateProfileProps) validate() error {
	var bad invalid.Problems
	p.checkCluster(&bad)
	switch n := len(p.Selectors); {
	case n == 0:
		bad.Add("Selectors", `is required: 1 to %d selectors such as {Namespace: "shop"}`, maxSelectors)
	case n > maxSelectors:
		bad.Add("Selectors", "must have at most %d elements", maxSelectors).Given(n).Advise("create another profile for the rest")
	}
	for i := range p.Selectors {
		p.checkSelector(i, &bad)
	}
	if p.DisableLogging {
		for _, o := range []struct {
			field string
			isSet bool
		}{{"LogRetention", p.LogRetention != ""}, {"EncryptionKey", p.EncryptionKey != nil}, {"RemovalPolicy", p.RemovalPolicy != ""}} {
			if o.isSet {
				bad.Add(o.field, "must not be set together with DisableLogging").Advise("remove one of them")
			}
		}
	}
	check.LogRetention("LogRetention", p.LogRetention, &bad)
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	return bad.Err()
}

// checkCluster refuses a cluster that takes no profiles.
func (p *FargateProfileProps) checkCluster(bad *invalid.Problems) {
	subnettype.Check("Subnets", p.Subnets, bad)
	if p.Subnets == network.Public {
		bad.Add("Subnets", "must be %q or %q, because pods on Fargate get no public addresses", network.Private, network.Isolated).
			Given(p.Subnets)
	}
	requireCluster(p.Cluster, bad)
	if !invalid.IsMade(p.Cluster) {
		return
	}
	if p.Cluster.facts.autoMode {
		// https://docs.aws.amazon.com/eks/latest/userguide/auto-networking.html
		bad.Add("Cluster", "must not be in Auto Mode, whose CoreDNS serves only its own nodes, so pods on Fargate couldn't resolve names").
			Advise("remove AutoMode there, or this profile")
		return
	}
	attributes := []attribute{attributeVpc}
	if !p.DisableLogging {
		attributes = append(attributes, attributeKubectl)
	}
	p.Cluster.requireAttributes("Cluster", bad, attributes...)
}

func (p *FargateProfileProps) checkSelector(i int, bad *invalid.Problems) {
	field, s := check.Index("Selectors", i), &p.Selectors[i]
	check.Required(field+".Namespace", s.Namespace, selectorNamespace, dnsLabelForm+`, with "*" for any characters and "?" for one`, bad)
	if s.Namespace == loggingNamespace {
		bad.Add(field+".Namespace", "must not be %q, which is reserved for the logging configuration", loggingNamespace).Advise("remove it")
	}
	for j := range i {
		if p.Selectors[j].Namespace == s.Namespace && maps.Equal(p.Selectors[j].Labels, s.Labels) && s.Namespace != "" {
			bad.Add(field, "must not repeat %s", check.Index("Selectors", j)).Advise("remove one of them")
		}
	}
	check.MaxLen(field+".Labels", len(s.Labels), maxSelectorLabels, bad)
	for _, key := range slices.Sorted(maps.Keys(s.Labels)) {
		if !invalid.IsToken(key) && !selectorLabelKey.MatchString(key) {
			bad.Add(field+".Labels", "must have keys such as %s", labelKeyForm).Given(key)
		}
		check.Match(labelField(field+".Labels", key), s.Labels[key], selectorLabelValue, labelValueForm, bad)
	}
}

// validateIn judges what only the CDK's objects and the cluster's other constructs tell.
func (p *FargateProfileProps) validateIn(scope constructs.Construct) error {
	var bad invalid.Problems
	if p.Subnets != network.Public { // which validate refuses
		p.Cluster.checkNodePlace(scope, p.Subnets, &bad)
	}
	if p.Cluster == nil {
		return bad.Err()
	}
	for i := range p.Selectors {
		for _, role := range p.Cluster.roles.podIdentities {
			if p.Selectors[i].matches(role.namespace) {
				bad.Add(check.Index("Selectors", i)+".Namespace",
					"must not select the pods of %s, whose role needs EKS Pod Identity, which Fargate doesn't support", role.path).
					Given(p.Selectors[i].Namespace).
					Advise("create this profile first, set Irsa there (AddOns.CoreDnsOnFargate for AlbController), or select fewer pods")
			}
		}
	}
	if logging := p.Cluster.fargate.logging; logging != nil && !p.DisableLogging {
		p.checkLogging(logging, &bad)
	}
	return bad.Err()
}

// checkLogging refuses settings that differ from those of the first profile.
func (p *FargateProfileProps) checkLogging(first *fargateLogging, bad *invalid.Problems) {
	const oneGroup = "because all profiles of a cluster share one log group"
	const advice = "remove it, or set it on the first profile"
	if p.LogRetention != "" && p.LogRetention != first.retention {
		bad.Add("LogRetention", "must be %q as in the first profile, %s", first.retention, oneGroup).Given(p.LogRetention).Advise(advice)
	}
	if p.EncryptionKey != nil && p.EncryptionKey != first.encryptionKey {
		bad.Add("EncryptionKey", "must be the key of the first profile, %s", oneGroup).Advise(advice)
	}
	if p.RemovalPolicy != "" && p.RemovalPolicy != first.removalPolicy {
		bad.Add("RemovalPolicy", "must be %q as in the first profile, %s", first.removalPolicy, oneGroup).Given(p.RemovalPolicy).Advise(advice)
	}
}
