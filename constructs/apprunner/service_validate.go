package apprunner

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

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
	minCheck, maxCheck, shortestCheck, longestCheck       = 1, 20, time.Second, 20 * time.Second
	reserved                                              = "AWSAPPRUNNER"
	ecrHostExample                                        = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
	minName, maxName                                      = 4, 40
)

// memories are what can be had with so much CPU.
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
	opt.Default(&p.MemoryMiB, max(2*p.Cpu, 1024))
	opt.Default(&p.HealthCheck.Interval, defaultInterval)
	opt.Default(&p.HealthCheck.Timeout, defaultTimeout)
	opt.Default(&p.HealthCheck.HealthyThreshold, defaultHealthyThreshold)
	opt.Default(&p.HealthCheck.UnhealthyThreshold, defaultUnhealthyThreshold)
	if p.scales() {
		opt.Default(&p.MinSize, defaultMinSize)
		opt.Default(&p.MaxSize, defaultMaxSize)
		opt.Default(&p.MaxConcurrency, defaultMaxConcurrency)
	}
}

// scales tells whether the service has a scaling configuration of its own.
func (p *ServiceProps) scales() bool {
	return p.MinSize != 0 || p.MaxSize != 0 || p.MaxConcurrency != 0
}

// inRepository tells whether the repository says how to run the service.
func (p *ServiceProps) inRepository() bool { return p.Source != nil && p.Source.Runtime == "" }

// validate takes the account and the Region of the service, which may be tokens, and the props as they were given.
func (p *ServiceProps) validate(account, region string) error {
	var bad invalid.Problems
	if p.ServiceName != "" && !invalid.IsToken(p.ServiceName) && !serviceName.MatchString(p.ServiceName) {
		bad.Add("ServiceName", "%q is no name for App Runner; use %d to %d letters, digits, hyphens and underscores, a letter or digit first", p.ServiceName, minName, maxName)
	}
	switch {
	case p.Source != nil && !p.Image.IsZero():
		bad.Add("Source", "stands beside Image; give one of them")
	case p.Source != nil:
		bad.Nest("Source", p.Source.validate(account, region))
		p.checkCode(&bad)
	case p.Image.IsZero():
		bad.Add("Image", "is missing, and so is Source; give one of them: registry.FromRegistry, registry.FromEcrRepository, registry.FromAsset or &apprunner.Source{}")
	default:
		p.checkImage(account, &bad)
	}
	p.checkInstances(&bad)
	p.checkVariables(&bad)
	p.checkHealth(&bad)
	p.checkScaling(&bad)
	p.checkNetwork(&bad)
	if p.WebAcl != nil && p.PrivateIngress != nil && p.WebAcl.JudgesClientAddress() {
		bad.Add("WebAcl", "must not judge client addresses, which App Runner doesn't pass on with PrivateIngress").
			Advise("set IgnoreClientAddress of the web ACL, and limit clients by PrivateIngress.IngressCidrs")
	}
	return bad.Err()
}

func (p *ServiceProps) checkCode(bad *invalid.Problems) {
	if p.AccessRole != nil {
		bad.Add("AccessRole", "pulls images, and there is a Source; leave it out")
	}
	if !p.inRepository() {
		if p.StartCommand == "" {
			bad.Add("StartCommand", `is empty, and a Runtime starts nothing by itself; write what starts the program, such as "node server.js"`)
		}
		return
	}
	for _, set := range []struct {
		field string
		given bool
	}{
		{"StartCommand", p.StartCommand != ""}, {"Port", p.Port != 0}, {"Environment", len(p.Environment) > 0}, {"Secrets", len(p.Secrets) > 0},
	} {
		if set.given {
			bad.Add(set.field, "stands beside a Source without Runtime, whose apprunner.yaml alone says this; give Source.Runtime, or write it there")
		}
	}
}

func (p *ServiceProps) checkImage(account string, bad *invalid.Problems) {
	if err := p.Image.Validate(); err != nil {
		bad.Nest("Image", err)
		return
	}
	origin := p.Image.Origin()
	written := origin.Reference
	switch {
	case origin.IsCached:
		bad.Add("Image", "comes through a pull-through cache, where App Runner, which looks for an image before it pulls it, finds none until something else has pulled it; use the cached repository by registry.FromEcrRepository")
	case !origin.InPrivateEcr && !origin.InPublicEcr:
		bad.Add("Image", `%q is in no registry that App Runner pulls from; use one of public.ecr.aws, of private ECR, or registry.FromAsset`, written)
	case written != "" && origin.InPrivateEcr && !ecrHost.MatchString(written):
		bad.Add("Image", "%q has a host of ECR that App Runner does not know; use that of the form %q", written, ecrHostExample)
	}
	if p.AccessRole != nil && !origin.InPrivateEcr {
		bad.Add("AccessRole", "pulls from private ECR, and the image is public; leave it out")
	}
	if !p.AutoDeployments {
		return
	}
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-deploy.html
	owner := origin.AccountId
	if origin.Repository != nil {
		owner = *origin.Repository.Env().Account
	}
	switch {
	case origin.IsImmutable:
		bad.Add("AutoDeployments", "waits for a tag that moves, and the image is always the same one; leave it out, or give an image by tag")
	case origin.InPublicEcr:
		bad.Add("AutoDeployments", "cannot be had for an image of public ECR, which App Runner does not watch; leave it out, or copy the image to private ECR")
	case owner != "" && !invalid.IsToken(owner) && !invalid.IsToken(account) && owner != account:
		bad.Add("AutoDeployments", "cannot be had for an image of another account, %s, which App Runner does not watch; leave it out", owner)
	}
}

func (p *ServiceProps) checkInstances(bad *invalid.Problems) {
	if p.Port != 0 && (p.Port < 1 || p.Port > 65535) {
		bad.Add("Port", "%d is not a port; use 1 to 65535", p.Port)
	}
	cpu := p.Cpu
	opt.Default(&cpu, defaultCpu)
	offered, known := memories[cpu]
	switch {
	case !known:
		bad.Add("Cpu", "%d is no size of App Runner; use %s", cpu, check.OneOf(slices.Sorted(maps.Keys(memories))))
	case p.MemoryMiB != 0 && !slices.Contains(offered, p.MemoryMiB):
		bad.Add("MemoryMiB", "%d cannot be had with Cpu %d; use %s", p.MemoryMiB, cpu, check.OneOf(offered))
	}
}

func (p *ServiceProps) checkVariables(bad *invalid.Problems) {
	check := func(field, name string) {
		switch {
		case name == "" || strings.ContainsAny(name, "=\x00"):
			bad.Add(field, "%q is no name of a variable; use one or more characters, none of them =", name)
		case strings.HasPrefix(strings.ToUpper(name), reserved):
			bad.Add(field, "%q begins with %s, which is for App Runner's own variables; choose another name", name, reserved)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		check("Environment", name)
		if _, twice := p.Secrets[name]; twice {
			bad.Add("Environment", "%q is also one of the Secrets; give the variable one value, the secret if it is one", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		check("Secrets", name)
		if p.Secrets[name] == nil {
			bad.Add("Secrets", "%q is nil; use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter", name)
		}
	}
}

func (p *ServiceProps) checkHealth(bad *invalid.Problems) {
	if p.HealthCheckPath != "" && !invalid.IsToken(p.HealthCheckPath) && !strings.HasPrefix(p.HealthCheckPath, "/") {
		bad.Add("HealthCheckPath", "%q does not begin with /; write %q", p.HealthCheckPath, "/"+p.HealthCheckPath)
	}
	h := p.HealthCheck
	for _, d := range []struct {
		field string
		value time.Duration
	}{{"Interval", h.Interval}, {"Timeout", h.Timeout}} {
		if d.value != 0 && (d.value < shortestCheck || d.value > longestCheck || d.value%time.Second != 0) {
			bad.Add("HealthCheck."+d.field, "%v is out of range; use whole seconds from %v to %v", d.value, shortestCheck, longestCheck)
		}
	}
	for _, n := range []struct {
		field string
		value int
	}{{"HealthyThreshold", h.HealthyThreshold}, {"UnhealthyThreshold", h.UnhealthyThreshold}} {
		if n.value != 0 && (n.value < minCheck || n.value > maxCheck) {
			bad.Add("HealthCheck."+n.field, "%d is out of range; use %d to %d", n.value, minCheck, maxCheck)
		}
	}
}

func (p *ServiceProps) checkScaling(bad *invalid.Problems) {
	if p.AutoScalingConfigurationArn != "" && p.scales() {
		bad.Add("AutoScalingConfigurationArn", "stands beside MinSize, MaxSize or MaxConcurrency, which would make another; give one of them")
	}
	checkArn("AutoScalingConfigurationArn", p.AutoScalingConfigurationArn, "a scaling configuration of App Runner", scalingArn, bad)
	if p.MaxConcurrency != 0 && (p.MaxConcurrency < 1 || p.MaxConcurrency > maxConcurrency) {
		bad.Add("MaxConcurrency", "%d is out of range; use 1 to %d", p.MaxConcurrency, maxConcurrency)
	}
	if p.MinSize < 0 || p.MaxSize < 0 {
		bad.Add("MinSize", "%d or MaxSize %d is negative; use 1 or more", p.MinSize, p.MaxSize)
		return
	}
	least, most := p.MinSize, p.MaxSize
	opt.Default(&least, defaultMinSize)
	opt.Default(&most, defaultMaxSize)
	if least > most {
		bad.Add("MinSize", "%d is above MaxSize %d; lower it, or raise MaxSize", least, most)
	}
}

// checkArn accepts the empty ARN and tokens.
func checkArn(field, arn, what string, form *regexp.Regexp, bad *invalid.Problems) {
	if arn != "" && !invalid.IsToken(arn) && !form.MatchString(arn) {
		bad.Add(field, "%q is not the ARN of %s", arn, what)
	}
}
