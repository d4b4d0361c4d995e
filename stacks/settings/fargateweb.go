package settings

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/internal/check"
	"awscontainers/stacks"
)

func fargateWeb(r *reader) stacks.FargateWebProps {
	p := stacks.FargateWebProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.fewerNatGateways("only their load balancer"),
		ContainerInsights:     r.containerInsights(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		RuntimeMonitoring:     r.runtimeMonitoring,
		RollbackOnErrors:      r.profile.isProd(),
		Alarms:                r.profile.alarms,

		Image:           r.image(key{Name: "image", Default: webImage, Doc: "the image of a web server, for x86"}),
		Directory:       r.text(directoryKey),
		ImageRepository: r.text(imageRepositoryKey),
		Port:            r.integer(portKey, 1, maxPort),
		HealthCheckPath: r.text(healthCheckPathKey),
		WritablePaths:   r.list(writablePathsKey),
		Command:         r.words(commandKey),
		Environment:     r.variables(environmentKey),
		SecretArns:      r.secrets(),
		Cpu:             r.cpu("256, or 512 with a second service"),
		MemoryLimitMiB:  r.memory(),
		CertificateArn: r.text(key{
			Name: certificateKey.Name, Doc: certificateKey.Doc + "; with `cloudFront` in us-east-1 instead", Check: certificateKey.Check,
		}),
		CloudFront: r.flag(key{
			Name: "cloudFront", Doc: "Amazon CloudFront in front of the load balancer, which then has no public address: the site has an https:// " +
				"address without a domain, and nothing is cached. With `domainName`, `certificateArn` must be in us-east-1. Set it before the " +
				"first deployment",
		}),
		DomainName: r.text(key{
			Name: "domainName", Doc: "the domain name of the site, for HTTPS and a DNS record; requires the hosted zone", Check: check.DomainName,
		}),
		HostedZoneId: r.text(key{
			Name: "hostedZoneId", Doc: "the ID of the domain's public Route 53 hosted zone",
			Check: check.HostedZoneId,
		}),
		HostedZoneName: r.text(key{Name: "hostedZoneName", Doc: "the name of that hosted zone, `example.com`", Check: check.DomainName}),
		AlarmEmails:    r.alarmEmails(alarmsDoc),
	}
	p.ImageCredentialsSecretArn = r.text(imageCredentialsKey)
	r.fargateWebBalancer(&p)
	r.fargateWebOidc(&p)
	r.fargateWebApi(&p)
	r.fargateWebDeployment(&p)
	p.MinTasks, p.MaxTasks = r.tasks(" of each service", "")
	if r.profile.isProd() && p.CertificateArn == "" && p.DomainName == "" && !p.CloudFront {
		r.warn("plain-http", "FargateWeb serves plain HTTP to the internet; set FargateWeb.certificateArn, or FargateWeb.domainName with "+
			"its hosted zone. Without a domain, set FargateWeb.cloudFront, or use "+httpsWithoutDomain)
	}
	r.noteZones(onFargate)
	return p
}

// fargateWebApi reads the second service.
func (r *reader) fargateWebApi(p *stacks.FargateWebProps) {
	p.ApiImage = r.text(key{
		Name:  "apiImage",
		Doc:   "a second service behind the same load balancer, at `/api/*`, which the first reaches as `http://api:<port>`",
		Check: isImage,
	})
	p.ApiDirectory = r.text(key{
		Name: "apiDirectory", Doc: "the directory of a Dockerfile to build it from, in place of `apiImage`", Check: isDirectory,
	})
	p.ApiPort = r.integer(key{Name: "apiPort", Default: "8080", Doc: "the port that the second service listens on"}, 1, maxPort)
	p.ApiHealthCheckPath = r.text(key{
		Name: "apiHealthCheckPath", Default: "/", Doc: "the path that the load balancer requests from it; 200 is healthy", Check: check.UrlPath,
	})
	if p.ApiImage == "" && p.ApiDirectory == "" {
		if !r.isSet("apiPort") {
			p.ApiPort = 0
		}
		if !r.isSet("apiHealthCheckPath") {
			p.ApiHealthCheckPath = ""
		}
	}
}

// fargateWebDeployment reads how versions replace each other, and what is around the services.
func (r *reader) fargateWebDeployment(p *stacks.FargateWebProps) {
	p.DeploymentStrategy = choice(r, key{
		Name: "deploymentStrategy", Default: string(awsecs.DeploymentStrategy_ROLLING),
		Doc: "how a new version replaces the old one: `ROLLING`, a few tasks at a time, or `BLUE_GREEN`, `LINEAR` or `CANARY`, which start it " +
			"beside the old one and then shift the traffic",
	},
		awsecs.DeploymentStrategy_ROLLING, awsecs.DeploymentStrategy_BLUE_GREEN,
		awsecs.DeploymentStrategy_LINEAR, awsecs.DeploymentStrategy_CANARY)
	p.MaxFailedTasks = r.integer(key{
		Name: "maxFailedTasks",
		Doc: "the number of failed tasks after which ECS rolls a deployment back, with `ROLLING` and `BLUE_GREEN`; otherwise half of the " +
			"desired count, at least 3",
	}, 1, maxTasks)
	p.DeploymentNonce = r.text(key{
		Name: "deploymentNonce",
		Doc:  "any text, such as a date: changing it deploys the services anew, even if nothing else changes",
	})
	p.MigrationCommand = r.words(key{
		Name: "migrationCommand",
		Doc: "a command of the web service's image that must succeed before a new version starts, once in each deployment: `npm,run,migrate`. " +
			"It requires another `deploymentStrategy` than `ROLLING`",
	})
	p.Approval = r.flag(key{
		Name: "approval",
		Doc: "each deployment pauses before the new version serves, until somebody continues it, for up to 24 hours. " +
			"It requires another `deploymentStrategy` than `ROLLING`",
	})
	p.TestCidrs = r.list(key{
		Name: "testCidrs",
		Doc: "the CIDR ranges that may test a new version before its traffic shifts, such as `203.0.113.0/24`: at port 8443, or 8081 " +
			"without HTTPS",
		Check: isCidr,
	})
	p.Waf = r.flag(key{
		Name: "waf", Doc: "AWS WAF with managed rules in front of the load balancer, or of CloudFront, which requires the Region us-east-1",
	})
	p.WafBlockedCountries = r.list(key{
		Name: "wafBlockedCountries",
		Doc:  "the countries whose requests `waf` blocks, by their codes of ISO 3166-1 alpha-2, such as `AQ,BV`",
	})
	p.WafLogs = r.flag(key{Name: "wafLogs", Doc: "a log of the requests that `waf` inspects, without authorization and cookie headers"})
	p.WebAclArn = r.text(key{
		Name: "webAclArn",
		Doc:  "the ARN of a web ACL of AWS WAF that exists, in place of `waf`: with `cloudFront` one for CloudFront, in us-east-1",
	})
	p.ExecuteCommand = r.flag(key{
		Name: "executeCommand",
		Doc:  "ECS Exec sessions in the containers, whose file systems are then writable, and which run an init process",
	})
	p.OpenTelemetry = r.flag(key{Name: "openTelemetry", Doc: "a collector of traces and metrics in each task"})
}
