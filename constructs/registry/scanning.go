package registry

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// ScanningProps configure how the images of a registry are scanned.
type ScanningProps struct {
	// Enhanced lets Amazon Inspector scan, also the packages of programming languages, at a price for each image. Default: false,
	// basic scanning of the operating system's packages, free of charge.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html
	Enhanced bool
	// OnPush are the repositories whose new images are scanned once: a part of the name, or a pattern with wildcards, "prod/*".
	// Default: all, "*"; none with Enhanced.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
	OnPush []string
	// Continuous are the repositories whose images are scanned again whenever a new vulnerability becomes known, which takes
	// Enhanced. Default: none; all, "*", with Enhanced and no OnPush.
	Continuous []string
}

// Scanning is the scanning configuration of a registry: that of an account in a Region.
type Scanning struct {
	constructs.Construct
	// Configuration is the CDK's own.
	Configuration awsecr.CfnRegistryScanningConfiguration
}

// NewScanning sets how the registry scans. There is one such setting for each account and Region: it replaces what
// was set before, wins over what repositories say, and reverts to basic scanning by hand when it is deleted. So use it
// in one stack only. It panics with *invalid.Error if the props are invalid.
func NewScanning(scope constructs.Construct, id string, props *ScanningProps) *Scanning {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	s := &Scanning{}
	source.Create(s, scope, id)
	scanType := "BASIC"
	if p.Enhanced {
		scanType = "ENHANCED"
	}
	rules := []any{}
	for _, r := range []struct {
		frequency string
		filters   []string
	}{{"SCAN_ON_PUSH", p.OnPush}, {"CONTINUOUS_SCAN", p.Continuous}} {
		if len(r.filters) == 0 {
			continue
		}
		var filters []any
		for _, f := range r.filters {
			filters = append(filters, &awsecr.CfnRegistryScanningConfiguration_RepositoryFilterProperty{
				Filter: jsii.String(f), FilterType: jsii.String("WILDCARD"),
			})
		}
		rules = append(rules, &awsecr.CfnRegistryScanningConfiguration_ScanningRuleProperty{
			ScanFrequency: jsii.String(r.frequency), RepositoryFilters: filters,
		})
	}
	s.Configuration = awsecr.NewCfnRegistryScanningConfiguration(s, jsii.String("Configuration"),
		&awsecr.CfnRegistryScanningConfigurationProps{ScanType: &scanType, Rules: rules})
	return s
}

// RegistryId returns the account ID of the registry.
func (s *Scanning) RegistryId() string { return *s.Configuration.AttrRegistryId() }

func (p *ScanningProps) setDefaults() {
	if len(p.OnPush) > 0 || len(p.Continuous) > 0 {
		return
	}
	if p.Enhanced {
		p.Continuous = []string{anyTag}
	} else {
		p.OnPush = []string{anyTag}
	}
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecr-registryscanningconfiguration-repositoryfilter.html
var scanFilter = regexp.MustCompile(`^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$`)

const maxFilters = 100

// Validate returns all problems of the props, or nil.
func (p *ScanningProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *ScanningProps) validate() error {
	var bad invalid.Problems
	if len(p.Continuous) > 0 && !p.Enhanced {
		bad.Add("Continuous", "requires Enhanced").Given(p.Continuous)
	}
	checkScanFilters("OnPush", p.OnPush, &bad)
	checkScanFilters("Continuous", p.Continuous, &bad)
	return bad.Err()
}

func checkScanFilters(field string, filters []string, bad *invalid.Problems) {
	check.MaxLen(field, len(filters), maxFilters, bad)
	for i, f := range filters {
		if !invalid.IsToken(f) && (len(f) > 255 || !scanFilter.MatchString(f)) {
			bad.Add(check.Index(field, i), `must be part of a repository name, or a pattern such as "prod/*"`).Given(f)
		}
	}
}
