package apprunner

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

const (
	defaultPort                                           = 8080
	defaultCpu                                            = 1024
	defaultMinSize, defaultMaxSize, defaultMaxConcurrency = 1, 25, 100
	maxConcurrency                                        = 200
	defaultInterval, defaultTimeout                       = 5 * time.Second, 2 * time.Second
	defaultHealthyThreshold, defaultUnhealthyThreshold    = 1, 5
	maxThreshold                                          = 20
	minInterval, maxInterval                              = time.Second, 20 * time.Second
	reserved                                              = "AWSAPPRUNNER"
	ecrHostExample                                        = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
)

// memories lists the memory sizes for each size of CPU.
// https://docs.aws.amazon.com/apprunner/latest/dg/architecture.html
var memories = map[int][]int{
	256: {512, 1024}, 512: {1024}, 1024: {2048, 3072, 4096}, 2048: {4096, 6144}, 4096: {8192, 10240, 12288},
}

var (
	// https://docs.aws.amazon.com/apprunner/latest/api/API_CreateService.html
	serviceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{3,39}$`)
	// https://docs.aws.amazon.com/apprunner/latest/api/API_ImageRepository.html
	ecrHost      = regexp.MustCompile(`^\d{12}\.dkr\.ecr\.[a-z-]+-\d\.amazonaws\.com/`)
	connectorArn = regexp.MustCompile(`^arn:aws[a-z-]*:apprunner:[a-z0-9-]+:\d{12}:vpcconnector/`)
	scalingArn   = regexp.MustCompile(`^arn:aws[a-z-]*:apprunner:[a-z0-9-]+:\d{12}:autoscalingconfiguration/`)
)

func (p *ServiceProps) setDefaults() {
	opt.Default(&p.Port, defaultPort)
	opt.Default(&p.Cpu, defaultCpu)
	opt.Default(&p.MemoryLimitMiB, max(2*p.Cpu, 1024))
	opt.Default(&p.HealthCheck.Interval, defaultInterval)
	opt.Default(&p.HealthCheck.Timeout, defaultTimeout)
	opt.Default(&p.HealthCheck.HealthyThreshold, defaultHealthyThreshold)
	opt.Default(&p.HealthCheck.UnhealthyThreshold, defaultUnhealthyThreshold)
	if p.hasOwnScaling() {
		opt.Default(&p.MinSize, defaultMinSize)
		opt.Default(&p.MaxSize, defaultMaxSize)
		opt.Default(&p.MaxConcurrency, defaultMaxConcurrency)
	}
}

// hasOwnScaling reports whether the service has a scaling configuration of its own.
func (p *ServiceProps) hasOwnScaling() bool {
	return p.MinSize != 0 || p.MaxSize != 0 || p.MaxConcurrency != 0
}

// Validate returns all problems of the props, or nil. NewService also judges what depends on the VPC, the account and the Region.
func (p *ServiceProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	check.Match("ServiceName", p.ServiceName, serviceName,
		"4 to 40 letters, digits, hyphens and underscores that begin with a letter or digit", &bad)
	switch {
	case p.Source != nil:
		if !p.Image.IsZero() {
			bad.Add("Source", "must not be set together with Image").Advise("remove one of them")
		}
		bad.Nest("Source", p.Source.validate())
		p.checkCode(&bad)
	case p.Image.IsZero():
		bad.Add("Image", "is required without Source").
			Advise("use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset, or set Source")
	default:
		p.checkImage(&bad)
	}
	p.checkInstances(&bad)
	p.checkVariables(&bad)
	p.checkHealth(&bad)
	p.checkScaling(&bad)
	p.checkNetwork(&bad)
	check.Made("WebAcl", p.WebAcl, "waf.NewWebAcl or waf.WebAclFromArn", &bad)
	bad = append(bad, p.WebAcl.CheckRegional()...)
	if p.WebAcl != nil && p.PrivateIngress != nil && p.WebAcl.JudgesClientAddress() {
		bad.Add("WebAcl", "must not have rules that need client addresses, which App Runner doesn't pass on with PrivateIngress").
			Advise("set IgnoreClientAddress of the web ACL, and limit clients with PrivateIngress.IngressCidrs")
	}
	return bad.Err()
}

// validateIn judges what takes the CDK: the account and the Region of the service, and the VPCs.
func (p *ServiceProps) validateIn(scope constructs.Construct) error {
	if !invalid.IsMade(scope) {
		return nil
	}
	stack := awscdk.Stack_Of(scope)
	return p.validatePlace(*stack.Account(), *stack.Region())
}

// validatePlace takes the account and the Region of the service, which may be tokens.
func (p *ServiceProps) validatePlace(account, region string) error {
	var bad invalid.Problems
	if p.Source != nil {
		p.Source.checkPlace(account, region, &bad)
	}
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-deploy.html
	origin := p.Image.Origin()
	owner := origin.AccountId
	if origin.Repository != nil {
		owner = *origin.Repository.Env().Account
	}
	if p.AutoDeployments && owner != "" && !invalid.IsToken(owner) && !invalid.IsToken(account) && owner != account {
		bad.Add("AutoDeployments", "is not supported for images in another account, which App Runner doesn't watch").
			Given(owner).Advise("remove it")
	}
	p.checkVpcs(&bad)
	return bad.Err()
}

func (p *ServiceProps) checkCode(bad *invalid.Problems) {
	if p.AccessRole != nil {
		bad.Add("AccessRole", "must not be set together with Source, because it pulls images").Advise("remove it")
	}
	if p.Source.Runtime != "" {
		if p.StartCommand == "" {
			bad.Add("StartCommand", `is required with Source.Runtime: the command that starts the program, such as "node server.js"`)
		}
		return
	}
	for _, prop := range []struct {
		field string
		isSet bool
	}{
		{"StartCommand", p.StartCommand != ""}, {"Port", p.Port != 0}, {"Environment", len(p.Environment) > 0}, {"Secrets", len(p.Secrets) > 0},
		{"SecretArns", len(p.SecretArns) > 0},
	} {
		if prop.isSet {
			bad.Add(prop.field, "requires Source.Runtime, because otherwise the repository's apprunner.yaml sets it").Advise(yamlAdvice)
		}
	}
}

func (p *ServiceProps) checkImage(bad *invalid.Problems) {
	if err := p.Image.Validate(); err != nil {
		bad.Nest("Image", err)
		return
	}
	origin := p.Image.Origin()
	written := origin.Reference
	switch {
	case origin.IsCached:
		bad.Add("Image", "must not come from a pull-through cache, because App Runner finds only images that were pulled before").
			Advise("use the cached repository with registry.FromEcrRepository")
	case !origin.InPrivateEcr && !origin.InPublicEcr:
		bad.Add("Image", "must be in public.ecr.aws or private ECR, or be built by registry.FromAsset").Given(written)
	case written != "" && origin.InPrivateEcr && !ecrHost.MatchString(written):
		bad.Add("Image", "must have an ECR host such as %q, the only form that App Runner supports", ecrHostExample).Given(written)
	}
	if p.AccessRole != nil && !origin.InPrivateEcr {
		bad.Add("AccessRole", "must not be set for a public image, because it pulls from private ECR").Advise("remove it")
	}
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-deploy.html
	switch {
	case !p.AutoDeployments:
	case origin.IsImmutable:
		bad.Add("AutoDeployments", "requires an image with a tag, because an image with a digest, or one that is built here, never changes").
			Advise("remove it, or use an image with a tag")
	case origin.InPublicEcr:
		bad.Add("AutoDeployments", "is not supported for images in public ECR, which App Runner doesn't watch").
			Advise("remove it, or copy the image to private ECR")
	}
}

func (p *ServiceProps) checkInstances(bad *invalid.Problems) {
	if p.Port != 0 {
		check.Port("Port", p.Port, bad)
	}
	cpu := p.Cpu
	opt.Default(&cpu, defaultCpu)
	offered, isKnown := memories[cpu]
	switch {
	case !isKnown:
		bad.Add("Cpu", "must be %s", check.OneOf(slices.Sorted(maps.Keys(memories)))).Given(cpu)
	case p.MemoryLimitMiB != 0 && !slices.Contains(offered, p.MemoryLimitMiB):
		bad.Add("MemoryLimitMiB", "must be %s with Cpu %d", check.OneOf(offered), cpu).Given(p.MemoryLimitMiB)
	}
}

func (p *ServiceProps) checkVariables(bad *invalid.Problems) {
	check.Variables(p.Environment, p.Secrets, p.SecretArns, bad)
	checkReserved := func(field string, names []string) {
		for _, name := range names {
			if strings.HasPrefix(strings.ToUpper(name), reserved) {
				bad.Add(field, "must not have names that begin with %s, which App Runner reserves", reserved).Given(name)
			}
		}
	}
	checkReserved("Environment", slices.Sorted(maps.Keys(p.Environment)))
	checkReserved("Secrets", slices.Sorted(maps.Keys(p.Secrets)))
	checkReserved("SecretArns", slices.Sorted(maps.Keys(p.SecretArns)))
}

func (p *ServiceProps) checkHealth(bad *invalid.Problems) {
	if p.HealthCheckPath != "" && !invalid.IsToken(p.HealthCheckPath) && !strings.HasPrefix(p.HealthCheckPath, "/") {
		bad.Add("HealthCheckPath", "must begin with /").Given(p.HealthCheckPath).Advise("use %q", "/"+p.HealthCheckPath)
	}
	h := p.HealthCheck
	check.Seconds("HealthCheck.Interval", h.Interval, minInterval, maxInterval, bad)
	check.Seconds("HealthCheck.Timeout", h.Timeout, minInterval, maxInterval, bad)
	opt.Default(&h.HealthyThreshold, defaultHealthyThreshold)
	opt.Default(&h.UnhealthyThreshold, defaultUnhealthyThreshold)
	check.Range("HealthCheck.HealthyThreshold", h.HealthyThreshold, 1, maxThreshold, bad)
	check.Range("HealthCheck.UnhealthyThreshold", h.UnhealthyThreshold, 1, maxThreshold, bad)
}

func (p *ServiceProps) checkScaling(bad *invalid.Problems) {
	if p.AutoScalingConfigurationArn != "" && p.hasOwnScaling() {
		bad.Add("AutoScalingConfigurationArn",
			"must not be set together with MinSize, MaxSize or MaxConcurrency, for which a configuration is created").
			Advise("remove it or the others")
	}
	check.Match("AutoScalingConfigurationArn", p.AutoScalingConfigurationArn, scalingArn,
		"the ARN of an App Runner scaling configuration", bad)
	minSize, maxSize, concurrency := p.MinSize, p.MaxSize, p.MaxConcurrency
	opt.Default(&minSize, defaultMinSize)
	opt.Default(&maxSize, defaultMaxSize)
	opt.Default(&concurrency, defaultMaxConcurrency)
	check.Min("MinSize", minSize, 1, bad)
	check.Min("MaxSize", maxSize, 1, bad)
	if maxSize > 0 {
		check.NotGreater("MinSize", minSize, "MaxSize", maxSize, bad)
	}
	check.Range("MaxConcurrency", concurrency, 1, maxConcurrency, bad)
}
