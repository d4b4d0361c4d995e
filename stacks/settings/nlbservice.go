package settings

import (
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/internal/check"
	"awscontainers/stacks"
)

func nlbService(r *reader) stacks.NlbServiceProps {
	p := stacks.NlbServiceProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.fewerNatGateways("only their load balancer"),
		ContainerInsights:     r.containerInsights(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		RuntimeMonitoring:     r.runtimeMonitoring,
		Alarms:                r.profile.alarms,

		Image:           r.image(key{Name: "image", Default: webImage, Doc: "an image for x86 that listens for connections or packets"}),
		Directory:       r.text(directoryKey),
		ImageRepository: r.text(imageRepositoryKey),
		Port:            r.integer(portKey, 1, maxPort),
		CertificateArn:  r.text(key{Name: "certificateArn", Doc: "an ACM certificate in the same Region, for TLS", Check: isCertificate}),
	}
	p.ImageCredentialsSecretArn = r.text(imageCredentialsKey)
	p.AdditionalCertificateArns = r.list(key{
		Name: "additionalCertificateArns", Doc: "ACM certificates for further names, besides `certificateArn`", Check: isCertificate,
	})
	protocol, listenerPort := elbv2.Protocol_TCP, "80"
	if p.CertificateArn != "" {
		protocol = elbv2.Protocol_TLS
	}
	p.Protocol = choice(r, key{
		Name: "protocol", Default: string(protocol),
		Doc: "what clients speak: `TCP`, `TLS` (the default with a certificate; the load balancer decrypts it), `UDP` or `TCP_UDP`",
	}, elbv2.Protocol_TCP, elbv2.Protocol_TLS, elbv2.Protocol_UDP, elbv2.Protocol_TCP_UDP)
	if p.Protocol == elbv2.Protocol_TLS {
		listenerPort = "443"
	}
	p.ListenerPort = r.integer(key{
		Name: "listenerPort", Default: listenerPort, Doc: "the port that clients connect to; the default for TLS is 443",
	}, 1, maxPort)
	p.HealthCheckPort = r.integer(key{
		Name: "healthCheckPort", Doc: "the TCP port that the load balancer checks, if it is not the image's; required for UDP",
	}, 1, maxPort)
	p.HealthCheckPath = r.text(key{
		Name: "healthCheckPath", Doc: "the path that the load balancer requests over HTTP; otherwise a TCP connection is healthy",
		Check: check.UrlPath,
	})
	p.WritablePaths = r.list(writablePathsKey)
	p.Command, p.Environment, p.SecretArns = r.words(commandKey), r.variables(environmentKey), r.secrets()
	p.Cpu, p.MemoryLimitMiB = r.cpu("256"), r.memory()
	p.MinTasks, p.MaxTasks = r.tasks("", "; the number of Availability Zones, if that is more, without `crossZone` in `prod`")
	r.nlbServiceClients(&p)
	p.AlarmEmails = r.alarmEmails(alarmsDoc)
	if p.StaticIps && p.VpcId == "" {
		// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
		r.note("Takes an Elastic IP in each Availability Zone, and one for each NAT gateway; the default quota of an account is five in a Region")
	}
	r.noteZones(onFargate)
	return p
}

// nlbServiceClients reads how clients reach the service, and which.
func (r *reader) nlbServiceClients(p *stacks.NlbServiceProps) {
	p.PreserveClientIp = r.flag(key{Name: "preserveClientIp", Doc: "the image sees the clients' IP addresses, as it always does with UDP"})
	p.CrossZone = r.flag(key{
		Name: "crossZone",
		Doc: "connections are distributed over the tasks of all Availability Zones, which costs the traffic between them; otherwise `prod` " +
			"has a task in each",
	})
	p.TaskInEachZone = r.profile.isProd() && !p.CrossZone
	p.StaticIps = r.flag(key{
		Name: "staticIps", Doc: "an Elastic IP in each Availability Zone; requires a task in each (`prod`), or `crossZone`",
	})
	p.IngressCidrs = r.list(key{Name: "ingressCidrs", Doc: "the CIDR ranges that may connect, such as `203.0.113.0/24`; otherwise all",
		Check: isCidr})
	p.EndpointPrincipals = r.list(key{
		Name: "endpointPrincipals",
		Doc: "the principals that may connect over AWS PrivateLink, once you accept, such as `arn:aws:iam::111122223333:root`; requires a " +
			"task in each Availability Zone (`prod`), or `crossZone`",
	})
}
