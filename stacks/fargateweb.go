package stacks

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/cdn"
	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

// FargateWebProps configure the stack of NewFargateWeb.
type FargateWebProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets. It requires Env, to look it up. Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. With network.NatNone, which is not compatible with VpcId, tasks are in
	// public subnets and have public addresses, at which only the load balancer can reach them. Default: network.NatSingle.
	NatGateways network.NatGateways
	// ContainerInsights sets how closely CloudWatch monitors the cluster: see ecs.ClusterProps. Default:
	// awsecs.ContainerInsights_ENHANCED.
	ContainerInsights awsecs.ContainerInsights
	// Protect turns on termination protection for the stack and deletion protection for the load balancer.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs are deleted with the stack. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy
	// RuntimeMonitoring lets GuardDuty Runtime Monitoring add its agent to the tasks on Fargate. Default: false.
	RuntimeMonitoring bool

	// Image is the image of a web server for x86. Required without Directory and ImageRepository.
	Image string
	// ImageCredentialsSecretArn is the complete ARN of a secret with the user name and the password of the registry of Image, as
	// {"username": "...", "password": "..."}. It requires Image. Default: none.
	ImageCredentialsSecretArn string
	// Directory is the directory of a Dockerfile, from which `cdk deploy` builds the image, for x86. It is relative to where cdk runs.
	// Required without Image and ImageRepository.
	Directory string
	// ImageRepository is the name of an ECR repository in the stack's account and Region that exists already. Which of its images runs
	// is the stack's parameter ImageDigest, which a pipeline changes and a deployment of the stack keeps: see
	// registry.FromDigestParameter. Required without Image and Directory.
	ImageRepository string
	// Port is the port that the image listens on. Above 1023 it doesn't have to run as root. Default: 8080.
	Port int
	// HealthCheckPath is the path that the load balancer requests; 200 is healthy. Default: "/".
	HealthCheckPath string
	// HealthCheckPort is the port of the image for HealthCheckPath, if it is another than Port. Default: Port.
	HealthCheckPort int
	// TargetProtocol is what the load balancer speaks to the web service: elbv2.ApplicationProtocol_HTTP, or _HTTPS with any certificate of
	// the image's, which it doesn't verify. Changing it interrupts the service. Default: HTTP.
	TargetProtocol elbv2.ApplicationProtocol
	// LoadBalancingAlgorithm chooses the task of each request. Default: AWS's,
	// elbv2.TargetGroupLoadBalancingAlgorithmType_ROUND_ROBIN.
	LoadBalancingAlgorithm elbv2.TargetGroupLoadBalancingAlgorithmType
	// Command is the command that the web container runs. Default: the image's own.
	Command []string
	// Environment holds variables of the web container that everybody who can read its task definition sees. Default: none.
	Environment map[string]string
	// SecretArns holds variables whose values ECS reads when a task starts: the complete ARN of a Secrets Manager secret, followed by ":"
	// and a key of its JSON for that key's value, or the ARN of an SSM parameter. Default: none.
	SecretArns map[string]string
	// Cpu and MemoryLimitMiB are the size of a task of the web service, in CPU units, 1024 to a vCPU, and MiB: a pair that Fargate
	// offers. Default: 256 CPU units, or 512 with an API, and the least memory that Fargate offers with them.
	Cpu, MemoryLimitMiB int

	// ApiImage is the image of a second service, which serves /api/* and which the first reaches as http://api:<ApiPort>.
	// Default: none.
	ApiImage string
	// ApiDirectory is the directory of a Dockerfile, from which the image of the second service is built. Default: none.
	ApiDirectory string
	// ApiPort is the port that the second service listens on. Default: 8080.
	ApiPort int
	// ApiHealthCheckPath is the path that the load balancer requests from the second service. Default: "/".
	ApiHealthCheckPath string
	// WritablePaths are the directories that the images can write to; the rest of their file systems is read-only.
	// Default: "/tmp".
	WritablePaths []string
	// MinTasks and MaxTasks are the minimum and maximum number of tasks of each service. Default: 2 and 10, or what the other allows.
	MinTasks, MaxTasks int

	// CertificateArn is an ACM certificate for HTTPS, in the stack's Region, or in us-east-1 with CloudFront, where it requires
	// DomainName. Default: none; without it, DomainName, and CloudFront the site serves plain HTTP.
	CertificateArn string
	// DomainName is the site's domain name; the stack creates its certificate and DNS record. It requires HostedZoneId and
	// HostedZoneName. With CloudFront it also requires CertificateArn, unless the Region of Env is us-east-1. Default: none.
	DomainName string
	// AlternativeDomainNames are further names of the site in the same zone, such as "example.com". Each gets a DNS record, and is on the
	// certificate that the stack creates. Default: none.
	AlternativeDomainNames []string
	// RedirectToDomainName sends visitors of AlternativeDomainNames to DomainName. Default: false, the site answers under all names.
	RedirectToDomainName bool
	// AdditionalCertificateArns are ACM certificates for further names, beside CertificateArn or DomainName's. Default: none.
	AdditionalCertificateArns []string
	// HostedZoneId and HostedZoneName identify the public Route 53 hosted zone of DomainName. Default: none.
	HostedZoneId, HostedZoneName string
	// OidcIssuer makes visitors sign in by an identity provider that speaks OpenID Connect, "https://login.example.com", before they reach
	// either service; the second service answers 401 without a session. It requires HTTPS without CloudFront, the DeploymentStrategy
	// ROLLING, and the other props that begin with Oidc. Allow <Url>/oauth2/idpresponse as a redirect URL at the provider. Waf then lets
	// long queries and cookies pass, which signing in can take. Default: none, everybody may visit.
	OidcIssuer string
	// OidcAuthorizationEndpoint, OidcTokenEndpoint and OidcUserInfoEndpoint are the provider's, as its document
	// .well-known/openid-configuration has them. Default: none.
	OidcAuthorizationEndpoint, OidcTokenEndpoint, OidcUserInfoEndpoint string
	// OidcClientId is the load balancer's identifier at the provider. Default: none.
	OidcClientId string
	// OidcClientSecretArn is the complete ARN of a Secrets Manager secret with the load balancer's secret at the provider. Default: none.
	OidcClientSecretArn string
	// OidcClientSecretKey is a key of that secret's JSON. Default: none, the secret is the whole text.
	OidcClientSecretKey string
	// CloudFront puts a CloudFront distribution in front of the load balancer, which then has no public address: the site has an https://
	// address without a domain, and nothing is cached. Default: false.
	CloudFront bool
	// Waf puts AWS WAF with managed rules in front of the load balancer, or of CloudFront, for which it requires Env with the Region
	// us-east-1. Default: false.
	Waf bool
	// SecurityHeaders adds headers to all answers that tell browsers to guess no content types, to show the site in no other site's frames
	// and, with HTTPS, to use only HTTPS for a year; it also removes the header Server. Default: false.
	SecurityHeaders bool
	// ConnectionLogs keeps a log of the connections beside the access logs. Default: false.
	ConnectionLogs bool
	// WafBlockedCountries are the countries whose requests Waf blocks, by their codes of ISO 3166-1 alpha-2, such as "AQ". Default: none.
	WafBlockedCountries []string
	// WafLogs logs the requests that Waf inspects, without the values of the headers authorization and cookie. Default: false.
	WafLogs bool
	// WebAclArn is a web ACL of AWS WAF that exists already, in place of Waf: a regional one of the stack's Region, or one for CloudFront.
	// Default: none.
	WebAclArn string

	// DeploymentStrategy is how a new version replaces the old one. Default: awsecs.DeploymentStrategy_ROLLING.
	DeploymentStrategy awsecs.DeploymentStrategy
	// MaxFailedTasks is the number of failed tasks after which ECS rolls a deployment back, with DeploymentStrategy ROLLING or BLUE_GREEN.
	// Default: half of the desired count, at least 3.
	MaxFailedTasks int
	// DeploymentNonce starts a new deployment of each service whenever it changes. Default: none.
	DeploymentNonce string
	// RollbackOnErrors rolls a deployment back if too many of its requests fail. Default: false; strategies other than ROLLING,
	// for which AWS promises no circuit breaker, always do.
	RollbackOnErrors bool
	// RollbackErrorPercent is the percentage of failed requests to a target group that rolls a deployment back, 0.1 to 100. It requires
	// RollbackOnErrors, or a DeploymentStrategy
	// other than ROLLING. Default: 5.
	RollbackErrorPercent float64
	// RollbackMinRequests is the number of requests in five minutes that RollbackErrorPercent refers to when there are fewer. It requires
	// the same. Default: 50.
	RollbackMinRequests int
	// MigrationCommand is a command of the web service's image that must succeed, once in each deployment, before the first task of a new
	// version starts, such as one that migrates a database; it runs with the service's variables and security groups. It requires a
	// DeploymentStrategy other than ROLLING. Default: none.
	MigrationCommand []string
	// Approval pauses each deployment of a service before the new version serves, until somebody continues it, for up to 24 hours; then it
	// is rolled back. It requires a DeploymentStrategy other than ROLLING. Default: false.
	Approval bool
	// TestCidrs are the IPv4 ranges that can send requests to a new version before its traffic shifts, at port 8443, or 8081
	// without HTTPS. They require a DeploymentStrategy other than ROLLING. Default: none.
	TestCidrs []string

	// Alarms creates alarms, a topic that they notify, and a dashboard. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
	// ExecuteCommand allows ECS Exec sessions, which makes the containers' file systems writable, and starts the images under an init
	// process. Default: false.
	ExecuteCommand bool
	// OpenTelemetry adds a collector of traces and metrics to each task. Default: false.
	OpenTelemetry bool
}

const (
	fargateWebContainer, fargateWebApiContainer = "web", "api"
	fargateWebMigrationContainer                = "migration"
	// The load balancer evaluates the rule with the lower number first, so the web service never gets requests for /api.
	fargateWebPriority, fargateWebApiPriority = 100, 50
	// The load balancer's security group takes 60 rules: CloudFront's addresses count as 55, and the VPC's as one.
	// https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
	fargateWebMaxCloudFrontTesters = 4
	// The proxy of Service Connect takes 256 CPU units of the task's.
	fargateWebCpuWithProxy = 512
)

// NewFargateWeb creates a stack with a web service on Fargate behind an internet-facing Application Load Balancer, and
// optionally a second service for its API. It panics with *invalid.Error if the props are invalid.
func NewFargateWeb(scope constructs.Construct, id string, props *FargateWebProps) awscdk.Stack {
	var p FargateWebProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("Web service on Fargate behind an Application Load Balancer"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	vpc := p.vpc(stack)
	cluster := ecs.NewCluster(stack, "Cluster", p.cluster(id, vpc))
	alb := elb.NewApplicationLoadBalancer(stack, p.loadBalancerId(), p.loadBalancer(stack, vpc))
	url := alb.Url()
	if p.CloudFront {
		distribution := p.distribution(stack, alb)
		url = distribution.Url()
		output.New(stack, "DistributionId", distribution.Id())
		output.New(stack, "CloudFrontLogBucketName", *distribution.AccessLogBucket.BucketName())
	}

	var api *ecs.Service
	if p.hasApi() {
		task := ecs.NewTask(stack, "ApiTask", p.task(fargateWebApiContainer, p.image(p.ApiImage, p.ApiDirectory), p.ApiPort))
		api = ecs.NewService(stack, "ApiService", p.service(cluster, task, p.apiExposure(alb)))
	}
	image := p.webImage(stack)
	task := ecs.NewTask(stack, "Task", p.webTask(image))
	service := p.service(cluster, task, p.webExposure(alb, api))
	if len(p.MigrationCommand) > 0 {
		migration := ecs.NewTask(stack, "MigrationTask", p.migrationTask(image))
		service.Deployment.Migration = &ecs.DeploymentTask{Task: migration}
		output.New(stack, "MigrationLogGroupName", *migration.LogGroup.LogGroupName())
	}
	web := ecs.NewService(stack, "Service", service)
	if p.hasAlarms() {
		p.addMonitoring(stack, web, api)
	}

	output.New(stack, "Url", url)
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "ServiceName", web.Name())
	output.New(stack, "LogGroupName", *web.Task.LogGroup.LogGroupName())
	if api != nil {
		output.New(stack, "ApiServiceName", api.Name())
		output.New(stack, "ApiLogGroupName", *api.Task.LogGroup.LogGroupName())
	}
	output.New(stack, "AccessLogBucketName", *alb.AccessLogBucket.BucketName())
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *FargateWebProps) Validate() error {
	if p == nil {
		p = &FargateWebProps{}
	}
	var bad invalid.Problems
	if p.ImageCredentialsSecretArn != "" && p.Image == "" {
		bad.Add("ImageCredentialsSecretArn", "requires Image")
	}
	if p.Image == "" && p.Directory == "" && p.ImageRepository == "" {
		bad.Add("Image", "is required without Directory and ImageRepository")
	}
	if p.ImageRepository != "" && (p.Image != "" || p.Directory != "") {
		bad.Add("ImageRepository", "must not be set together with Image or Directory").Given(p.ImageRepository).Advise("remove one of them")
	}
	p.validateImage("Image", p.Image, "Directory", p.Directory, &bad)
	p.validateImage("ApiImage", p.ApiImage, "ApiDirectory", p.ApiDirectory, &bad)
	if !p.hasApi() && p.ApiPort != 0 {
		bad.Add("ApiPort", "requires ApiImage or ApiDirectory").Given(p.ApiPort).Advise("set one of them or remove ApiPort")
	}
	if !p.hasApi() && p.ApiHealthCheckPath != "" {
		bad.Add("ApiHealthCheckPath", "requires ApiImage or ApiDirectory").Given(p.ApiHealthCheckPath).
			Advise("set one of them or remove ApiHealthCheckPath")
	}
	if p.MaxTasks != 0 && p.MinTasks > p.MaxTasks {
		bad.Add("MinTasks", "must not be greater than MaxTasks (%d)", p.MaxTasks).Given(p.MinTasks)
	}
	if s := p.DeploymentStrategy; p.MaxFailedTasks != 0 &&
		(s == awsecs.DeploymentStrategy_LINEAR || s == awsecs.DeploymentStrategy_CANARY) {
		bad.Add("MaxFailedTasks", "requires DeploymentStrategy ROLLING or BLUE_GREEN").Given(s)
	}
	if len(p.TestCidrs) > 0 && !p.shiftsTraffic() {
		bad.Add("TestCidrs", "requires DeploymentStrategy BLUE_GREEN, LINEAR or CANARY").
			Given(cmp.Or(p.DeploymentStrategy, awsecs.DeploymentStrategy_ROLLING))
	}
	p.validateWaf(&bad)
	if p.CloudFront {
		p.validateCloudFront(&bad)
	}
	if p.VpcId != "" && p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q with VpcId, whose NAT gateways exist", network.NatNone).Advise("remove one of them")
	}
	for _, step := range []struct {
		field string
		isSet bool
	}{{"MigrationCommand", len(p.MigrationCommand) > 0}, {"Approval", p.Approval}} {
		if step.isSet && !p.shiftsTraffic() {
			bad.Add(step.field, "requires DeploymentStrategy BLUE_GREEN, LINEAR or CANARY").
				Given(cmp.Or(p.DeploymentStrategy, awsecs.DeploymentStrategy_ROLLING))
		}
	}
	p.validateOidc(&bad)
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	return bad.Err()
}

// validateCloudFront judges what a distribution asks for, in us-east-1 wherever the stack is.
func (p *FargateWebProps) validateCloudFront(bad *invalid.Problems) {
	region := p.region()
	if region != "" && !slices.Contains(cdn.Regions(), region) {
		bad.Add("CloudFront", "must be off in a Region other than %s", strings.Join(cdn.Regions(), ", ")).Given(region).
			Advise("use DomainName with a public load balancer, or copy the stack and see cdn.DistributionProps.OriginFacingPrefixListId")
	}
	if p.Waf && region != waf.CloudFrontRegion {
		bad.Add("Waf", "requires the Region %s with CloudFront, the only one where AWS WAF has web ACLs for distributions", waf.CloudFrontRegion).
			Given(cmp.Or(region, "no Region")).Advise("set WebAclArn to a global web ACL that exists there")
	}
	switch isThere := strings.Contains(p.CertificateArn, ":acm:"+waf.CloudFrontRegion+":") || invalid.IsToken(p.CertificateArn); {
	case p.CertificateArn != "" && p.DomainName == "":
		bad.Add("CertificateArn", "requires DomainName with CloudFront: a distribution has a certificate for its own name").
			Given(p.CertificateArn).Advise("set DomainName or remove CertificateArn")
	case p.CertificateArn != "" && !isThere:
		bad.Add("CertificateArn", "must be in %s with CloudFront, wherever the stack is", waf.CloudFrontRegion).Given(p.CertificateArn).
			Advise("request a certificate there")
	case p.DomainName != "" && p.CertificateArn == "" && region != waf.CloudFrontRegion:
		bad.Add("DomainName", "requires CertificateArn with CloudFront, unless the stack's Region is %s", waf.CloudFrontRegion).
			Given(p.DomainName).Advise("request a certificate in %s", waf.CloudFrontRegion)
	}
	if len(p.AlternativeDomainNames) > 0 {
		bad.Add("AlternativeDomainNames", "is not compatible with CloudFront, which this stack gives one name").Given(p.AlternativeDomainNames)
	}
	if len(p.AdditionalCertificateArns) > 0 {
		bad.Add("AdditionalCertificateArns", "is not compatible with CloudFront, which takes one certificate").Given(p.AdditionalCertificateArns)
	}
	if p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q with CloudFront: the internal load balancer needs private subnets", network.NatNone).
			Advise("remove one of them")
	}
	if len(p.TestCidrs) > fargateWebMaxCloudFrontTesters {
		bad.Add("TestCidrs", "must be at most %d with CloudFront, whose addresses take 55 of the 60 rules of a security group",
			fargateWebMaxCloudFrontTesters).Given(p.TestCidrs)
	}
	for _, cidr := range p.TestCidrs {
		if testers, err := netip.ParsePrefix(cidr); err == nil && !testers.Addr().IsPrivate() {
			bad.Add("TestCidrs", "must be private with CloudFront: the test port of an internal load balancer is reachable from the VPC and "+
				"networks connected to it only").Given(cidr)
		}
	}
}

// validateWaf judges what goes with AWS WAF, and the kind of a web ACL that exists.
func (p *FargateWebProps) validateWaf(bad *invalid.Problems) {
	if len(p.WafBlockedCountries) > 0 && !p.Waf {
		bad.Add("WafBlockedCountries", "requires Waf").Given(p.WafBlockedCountries).Advise("set Waf or remove WafBlockedCountries")
	}
	if p.WafLogs && !p.Waf {
		bad.Add("WafLogs", "requires Waf").Advise("set Waf or remove WafLogs")
	}
	isGlobal, isRegional := strings.Contains(p.WebAclArn, ":global/"), strings.Contains(p.WebAclArn, ":regional/")
	switch {
	case p.WebAclArn == "":
	case p.Waf:
		bad.Add("WebAclArn", "must not be set together with Waf, which creates a web ACL").Given(p.WebAclArn).Advise("remove one of them")
	case p.CloudFront && isRegional:
		bad.Add("WebAclArn", "must be a global web ACL, of %s, with CloudFront", waf.CloudFrontRegion).Given(p.WebAclArn)
	case !p.CloudFront && isGlobal:
		bad.Add("WebAclArn", "must be a regional web ACL without CloudFront").Given(p.WebAclArn)
	}
}

// validateOidc judges what signing in requires of the rest of the stack.
func (p *FargateWebProps) validateOidc(bad *invalid.Problems) {
	if p.OidcIssuer == "" {
		for _, option := range []struct{ field, value string }{
			{"OidcAuthorizationEndpoint", p.OidcAuthorizationEndpoint}, {"OidcTokenEndpoint", p.OidcTokenEndpoint},
			{"OidcUserInfoEndpoint", p.OidcUserInfoEndpoint}, {"OidcClientId", p.OidcClientId},
			{"OidcClientSecretArn", p.OidcClientSecretArn}, {"OidcClientSecretKey", p.OidcClientSecretKey},
		} {
			if option.value != "" {
				bad.Add(option.field, "requires OidcIssuer")
			}
		}
		return
	}
	switch {
	case p.CloudFront:
		bad.Add("OidcIssuer", "is not compatible with CloudFront, which speaks HTTP to the load balancer").Given(p.OidcIssuer).
			Advise("remove one of them")
	case !p.hasHttps():
		bad.Add("OidcIssuer", "requires HTTPS").Given(p.OidcIssuer).Advise("set CertificateArn, or DomainName with its hosted zone")
	}
	if p.shiftsTraffic() {
		bad.Add("OidcIssuer", "requires DeploymentStrategy ROLLING, because ECS fails others where a rule does more than forward").
			Given(p.DeploymentStrategy)
	}
	for _, required := range []struct{ field, value string }{
		{"OidcAuthorizationEndpoint", p.OidcAuthorizationEndpoint}, {"OidcTokenEndpoint", p.OidcTokenEndpoint},
		{"OidcUserInfoEndpoint", p.OidcUserInfoEndpoint}, {"OidcClientId", p.OidcClientId}, {"OidcClientSecretArn", p.OidcClientSecretArn},
	} {
		if required.value == "" {
			bad.Add(required.field, "is required with OidcIssuer")
		}
	}
}

// authenticate is nil unless visitors must sign in.
func (p *FargateWebProps) authenticate() *elb.Authenticate {
	if p.OidcIssuer == "" {
		return nil
	}
	return &elb.Authenticate{Oidc: &elb.Oidc{
		Issuer:                p.OidcIssuer,
		AuthorizationEndpoint: p.OidcAuthorizationEndpoint,
		TokenEndpoint:         p.OidcTokenEndpoint,
		UserInfoEndpoint:      p.OidcUserInfoEndpoint,
		ClientId:              p.OidcClientId,
		ClientSecretArn:       p.OidcClientSecretArn,
		ClientSecretKey:       p.OidcClientSecretKey,
	}}
}

func (p *FargateWebProps) validateImage(imageField, image, directoryField, directory string, bad *invalid.Problems) {
	if image != "" && directory != "" {
		bad.Add(directoryField, "must not be set together with %s", imageField).Given(directory).Advise("remove one of them")
	}
	if directory != "" {
		bad.Nest(directoryField, registry.FromAsset(directory, nil).Validate())
	}
}

func (p *FargateWebProps) setDefaults() {
	p.Port = cmp.Or(p.Port, 8080)
	p.ApiPort = cmp.Or(p.ApiPort, 8080)
	p.MinTasks = cmp.Or(p.MinTasks, min(2, cmp.Or(p.MaxTasks, 2)))
	p.MaxTasks = cmp.Or(p.MaxTasks, max(10, p.MinTasks))
	if p.WritablePaths == nil {
		p.WritablePaths = []string{"/tmp"}
	}
}

func (p *FargateWebProps) hasApi() bool { return p.ApiImage != "" || p.ApiDirectory != "" }

// hasHttps reports whether the load balancer has a certificate.
func (p *FargateWebProps) hasHttps() bool {
	return !p.CloudFront && (p.CertificateArn != "" || p.DomainName != "")
}

// region is that of the stack, or "" if it is open.
func (p *FargateWebProps) region() string {
	if p.Env == nil || p.Env.Region == nil || invalid.IsToken(*p.Env.Region) {
		return ""
	}
	return *p.Env.Region
}

func (p *FargateWebProps) hasAlarms() bool { return p.Alarms || len(p.AlarmEmails) > 0 }

// shiftsTraffic reports whether a new version runs beside the old one until the traffic moves to it.
func (p *FargateWebProps) shiftsTraffic() bool {
	return p.DeploymentStrategy != "" && p.DeploymentStrategy != awsecs.DeploymentStrategy_ROLLING
}

func (p *FargateWebProps) vpc(stack awscdk.Stack) awsec2.IVpc {
	if p.VpcId != "" {
		return network.VpcFromLookup(stack, "Vpc", p.VpcId).Vpc
	}
	return network.NewVpc(stack, "Vpc", &network.VpcProps{
		AvailabilityZoneNames: p.AvailabilityZoneNames,
		NatGateways:           p.NatGateways,
		FlowLogRetention:      p.LogRetention,
		RemovalPolicy:         p.RemovalPolicy,
	}).Vpc
}

func (p *FargateWebProps) cluster(id string, vpc awsec2.IVpc) *ecs.ClusterProps {
	cluster := &ecs.ClusterProps{Vpc: vpc, ContainerInsights: p.ContainerInsights}
	if p.hasApi() {
		cluster.Namespace = strings.ToLower(id) + ".internal" // unique in its VPC
	}
	if p.ExecuteCommand {
		cluster.ExecuteCommand = &ecs.ExecuteCommand{LogRetention: p.LogRetention, RemovalPolicy: p.RemovalPolicy}
	}
	return cluster
}

func (p *FargateWebProps) loadBalancer(stack awscdk.Stack, vpc awsec2.IVpc) *elb.ApplicationLoadBalancerProps {
	alb := &elb.ApplicationLoadBalancerProps{Vpc: vpc, DeletionProtection: p.Protect, ConnectionLogs: p.ConnectionLogs}
	if !p.CloudFront {
		alb.InternetFacing, alb.CertificateArn, alb.WebAcl = true, p.CertificateArn, p.webAcl(stack)
		alb.DomainName, alb.HostedZoneId, alb.HostedZoneName = p.DomainName, p.HostedZoneId, p.HostedZoneName
		alb.AlternativeDomainNames, alb.RedirectToDomainName = p.AlternativeDomainNames, p.RedirectToDomainName
		alb.AdditionalCertificateArns = p.AdditionalCertificateArns
	}
	if p.SecurityHeaders {
		alb.ResponseHeaders = &elb.ResponseHeaders{NoSniff: true, XFrameOptions: "SAMEORIGIN", HideServer: true}
		if p.hasHttps() {
			alb.ResponseHeaders.StrictTransportSecurity = "max-age=31536000"
		}
	}
	if len(p.TestCidrs) > 0 {
		alb.TestListener = &elb.TestListener{Port: 8443, IngressCidrs: p.TestCidrs}
		if !p.hasHttps() {
			alb.TestListener.Port = 8081
		}
	}
	return alb
}

// loadBalancerId differs with CloudFront: a running load balancer can't become internal, and the new one serves before the old one goes.
func (p *FargateWebProps) loadBalancerId() string {
	if p.CloudFront {
		return "InternalLoadBalancer"
	}
	return "LoadBalancer"
}

// webAcl is nil without AWS WAF.
func (p *FargateWebProps) webAcl(stack awscdk.Stack) *waf.WebAcl {
	switch {
	case p.WebAclArn != "":
		return waf.WebAclFromArn(stack, "WebAcl", p.WebAclArn)
	case p.Waf:
		props := &waf.WebAclProps{CloudFront: p.CloudFront, BlockedCountries: p.WafBlockedCountries}
		if p.OidcIssuer != "" {
			// Identity providers send users back with long queries, and the load balancer keeps sessions in up to 16 KB of cookies.
			// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
			props.CountRules = map[string][]string{
				"AWSManagedRulesCommonRuleSet": {"SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER"},
			}
		}
		if p.WafLogs {
			props.Logs = &waf.Logs{Retention: p.LogRetention, RemovalPolicy: p.RemovalPolicy}
		}
		return waf.NewWebAcl(stack, "WebAcl", props)
	default:
		return nil
	}
}

func (p *FargateWebProps) distribution(stack awscdk.Stack, alb *elb.ApplicationLoadBalancer) *cdn.Distribution {
	return cdn.NewDistribution(stack, "Distribution", &cdn.DistributionProps{
		LoadBalancer:   alb,
		DomainName:     p.DomainName,
		CertificateArn: p.CertificateArn,
		HostedZoneId:   p.HostedZoneId,
		HostedZoneName: p.HostedZoneName,
		WebAcl:         p.webAcl(stack),
	})
}

// image is the one that is given or built.
func (p *FargateWebProps) image(image, directory string) registry.Image {
	if image != "" {
		return registry.FromRegistry(image)
	}
	return registry.FromAsset(directory, nil)
}

// webImage is that of the web service, from a pipeline if there is an ImageRepository.
func (p *FargateWebProps) webImage(stack awscdk.Stack) registry.Image {
	if p.ImageRepository == "" {
		image := p.image(p.Image, p.Directory)
		if p.ImageCredentialsSecretArn != "" {
			image = image.WithCredentialsArn(p.ImageCredentialsSecretArn)
		}
		return image
	}
	repository := awsecr.Repository_FromRepositoryName(stack, jsii.String("ImageRepository"), &p.ImageRepository)
	return registry.FromDigestParameter(repository, "ImageDigest")
}

func (p *FargateWebProps) webTask(image registry.Image) *ecs.TaskProps {
	task := p.task(fargateWebContainer, image, p.Port)
	task.Cpu, task.MemoryLimitMiB = cmp.Or(p.Cpu, task.Cpu), p.MemoryLimitMiB
	container := &task.Containers[0]
	container.Command, container.Environment, container.SecretArns = p.Command, p.Environment, p.SecretArns
	if p.HealthCheckPort != 0 && p.HealthCheckPort != p.Port {
		container.PortMappings = append(container.PortMappings, ecs.PortMapping{ContainerPort: p.HealthCheckPort})
	}
	return task
}

// migrationTask is the web service's container with another command, which serves nobody.
func (p *FargateWebProps) migrationTask(image registry.Image) *ecs.TaskProps {
	task := p.webTask(image)
	container := &task.Containers[0]
	container.Name, container.Command, container.PortMappings = fargateWebMigrationContainer, p.MigrationCommand, nil
	task.OpenTelemetry = nil
	return task
}

func (p *FargateWebProps) task(container string, image registry.Image, port int) *ecs.TaskProps {
	task := &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name:                   container,
			Image:                  image,
			PortMappings:           []ecs.PortMapping{{ContainerPort: port}},
			WritablePaths:          p.writablePaths(),
			WritableRootFilesystem: p.ExecuteCommand,
			InitProcess:            p.ExecuteCommand, // reaps what sessions leave behind
		}},
		LogRetention:      p.LogRetention,
		RemovalPolicy:     p.RemovalPolicy,
		RuntimeMonitoring: p.RuntimeMonitoring,
	}
	if p.OpenTelemetry {
		task.OpenTelemetry = &ecs.OpenTelemetry{}
	}
	if p.hasApi() {
		task.Cpu = fargateWebCpuWithProxy
		port := &task.Containers[0].PortMappings[0]
		port.Name, port.AppProtocol = container, ecs.AppProtocolHttp
	}
	return task
}

func (p *FargateWebProps) writablePaths() (paths []ecs.WritablePath) {
	for _, path := range p.WritablePaths {
		paths = append(paths, ecs.WritablePath{ContainerPath: path})
	}
	return paths
}

// webExposure is how the web service is reached, and how it reaches the API, which is nil if there is none.
func (p *FargateWebProps) webExposure(alb *elb.ApplicationLoadBalancer, api *ecs.Service) ecs.Exposure {
	rule := p.rule(alb, fargateWebPriority, p.HealthCheckPath, "/*")
	rule.Protocol, rule.HealthCheck.Port = p.TargetProtocol, p.HealthCheckPort
	exposure := ecs.Exposure{Alb: []ecs.AlbRule{rule}}
	if api != nil {
		exposure.ServiceConnect = &ecs.ServiceConnect{Calls: []*ecs.Service{api}}
	}
	return exposure
}

func (p *FargateWebProps) apiExposure(alb *elb.ApplicationLoadBalancer) ecs.Exposure {
	rule := p.rule(alb, fargateWebApiPriority, p.ApiHealthCheckPath, "/api", "/api/*")
	if rule.Authenticate != nil {
		rule.Authenticate.OnUnauthenticatedRequest = elbv2.UnauthenticatedAction_DENY // scripts can't sign in
	}
	return ecs.Exposure{
		Alb: []ecs.AlbRule{rule},
		ServiceConnect: &ecs.ServiceConnect{
			Services: []ecs.ServiceConnectService{{PortMappingName: fargateWebApiContainer}},
		},
	}
}

func (p *FargateWebProps) rule(alb *elb.ApplicationLoadBalancer, priority int, healthCheckPath string, paths ...string) ecs.AlbRule {
	id := ""
	if p.CloudFront {
		id = "Internal" // a target group belongs to one load balancer
	}
	return ecs.AlbRule{
		Id:           id,
		LoadBalancer: alb,
		TestListener: alb.TestListener, // nil without TestCidrs
		Priority:     priority,
		Conditions:   elb.Conditions{PathPatterns: paths},
		HealthCheck:  elb.TargetHealthCheck{Path: healthCheckPath},

		Authenticate: p.authenticate(),

		LoadBalancingAlgorithm: p.LoadBalancingAlgorithm,
	}
}

func (p *FargateWebProps) service(cluster *ecs.Cluster, task *ecs.Task, exposure ecs.Exposure) *ecs.ServiceProps {
	props := &ecs.ServiceProps{
		Cluster:        cluster,
		Task:           task,
		Exposure:       exposure,
		Subnets:        p.NatGateways.TaskSubnets(),
		AssignPublicIp: p.NatGateways == network.NatNone,
		ExecuteCommand: p.ExecuteCommand,
		Deployment: ecs.Deployment{
			Strategy: p.DeploymentStrategy, RollbackOnErrors: p.RollbackOnErrors || p.shiftsTraffic(),
			CircuitBreaker: ecs.CircuitBreaker{MaxFailedTasks: p.MaxFailedTasks}, Nonce: p.DeploymentNonce,
			ErrorRate: ecs.ErrorRate{Percent: p.RollbackErrorPercent, MinRequests: p.RollbackMinRequests},
		},
		Scaling: &ecs.Scaling{MinCapacity: p.MinTasks, MaxCapacity: p.MaxTasks, TargetCpuUtilizationPercent: 60},
	}
	if p.Approval {
		props.Deployment.Approval = &ecs.Approval{}
	}
	return props
}

// addMonitoring creates the alarms of both services, with one topic, and their dashboard. The API is nil if there is none.
func (p *FargateWebProps) addMonitoring(stack awscdk.Stack, web, api *ecs.Service) {
	services := []*ecs.Service{web}
	alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: web, Emails: p.AlarmEmails})
	if api != nil {
		services = []*ecs.Service{api, web}
		ecs.NewAlarms(stack, "ApiAlarms", &ecs.AlarmsProps{Service: api, Topic: alarms.Topic})
	}
	dashboard := ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: services})
	output.New(stack, "AlarmTopicArn", alarms.TopicArn())
	output.New(stack, "DashboardName", dashboard.Name())
}
