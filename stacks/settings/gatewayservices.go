package settings

import (
	"awscontainers/internal/check"
	"awscontainers/stacks"
)

func gatewayServices(r *reader) stacks.GatewayServicesProps {
	p := stacks.GatewayServicesProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.fewerNatGateways("only their load balancers"),
		ContainerInsights:     r.containerInsights(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		RuntimeMonitoring:     r.runtimeMonitoring,
		Alarms:                r.profile.alarms,

		Image:           r.image(key{Name: "image", Default: webImage, Doc: "the image of a web server, for x86"}),
		Directory:       r.text(directoryKey),
		Port:            r.integer(portKey, 1, maxPort),
		HealthCheckPath: r.text(healthCheckPathKey),
		WritablePaths:   r.list(writablePathsKey),
		Command:         r.words(commandKey),
		Environment:     r.variables(environmentKey),
		SecretArns:      r.secrets(),
		Cpu:             r.cpu("256"),
		MemoryLimitMiB:  r.memory(),
		ApiImage: r.text(key{
			Name: "apiImage", Doc: "the image of the second service, with an address of its own; otherwise the first one's", Check: isImage,
		}),
		ApiPort: r.integer(key{Name: "apiPort", Default: "8080", Doc: "the port that the second service listens on"}, 1, maxPort),
		ApiHealthCheckPath: r.text(key{
			Name: "apiHealthCheckPath", Default: "/", Doc: "the path that the load balancer requests from it; 200 is healthy",
			Check: check.UrlPath,
		}),
		Internal: r.flag(key{
			Name: "internal", Doc: "load balancers in private subnets, reached only from the VPC; otherwise they face the internet. AWS can't " +
				"change it: such an update fails",
		}),
		IngressCidrs: r.list(key{
			Name: "ingressCidrs", Doc: "the CIDR ranges that can connect, such as `203.0.113.0/24`; otherwise all, or with `internal` the VPC",
			Check: isCidr,
		}),
		Waf:         r.flag(key{Name: "waf", Doc: "AWS WAF with managed rules in front of the gateway"}),
		AlarmEmails: r.alarmEmails(alarmsDoc),
	}
	p.MinTasks, p.MaxTasks = r.tasks(" of each service", "")
	r.noteZones(onFargate)
	return p
}
