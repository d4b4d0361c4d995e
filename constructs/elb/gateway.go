package elb

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
)

// GatewayIngress is for this library's packages: it creates what an Application Load Balancer with these props has, which must be valid. It
// panics with *invalid.Error if the scope is nil.
func (p *ApplicationLoadBalancerProps) GatewayIngress(scope constructs.Construct) balancer.GatewayIngress {
	var bad invalid.Problems
	check.NotNil("scope", scope, "the construct below which to create the resources", &bad)
	check.Arguments(nil, "GatewayIngress", bad)
	q := *p
	q.setDefaults()
	p = &q
	subnets := p.Vpc.SelectSubnets(onePerZone(p.Subnets))
	in := balancer.GatewayIngress{Subnets: subnets.SubnetIds, AccessLogBucket: newAccessLogBucket(scope, p.AccessLogRetentionDays)}
	if p.InternetFacing {
		in.Internet = subnets.InternetConnectivityEstablished
	}
	in.SecurityGroup = awsec2.NewSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              p.Vpc,
		Description:      describe.Of("Clients of", *scope.Node().Path()),
		AllowAllOutbound: jsii.Bool(false),
	})
	clients := clientPeers(in.SecurityGroup, p.Vpc, p.InternetFacing, p.IngressCidrs)
	allowIngress(in.SecurityGroup, "Clients", clients, awsec2.Port_Tcp(jsii.Number(443)))
	return in
}

// WithDefaults is for this library's packages: it returns a health check by HTTP with its defaults.
func (h TargetHealthCheck) WithDefaults() TargetHealthCheck {
	h.setDefaults(false)
	return h
}
