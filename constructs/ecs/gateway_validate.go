package ecs

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

const (
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateGateway.html
	maxGatewayName = 255
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AssociateGatewayWithCluster.html
	maxGateways = 5
	// maxTestValues leaves room for the host name among the five values of a listener rule.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
	maxTestValues = 4
)

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-gateway.html
var gatewayName = regexp.MustCompile(`^[A-Za-z0-9-]{1,255}$`)

const gatewayNameForm = "1 to 255 letters, digits and hyphens"

func (p *GatewayProps) setDefaults() {
	p.Cluster = check.MadeOrNil(p.Cluster)
	if p.InternetFacing {
		opt.Default(&p.Subnets, network.Public)
	}
	opt.Default(&p.Subnets, network.Private)
}

// balancer gives the settings that the gateway's load balancers have in common with any Application Load Balancer.
func (p *GatewayProps) balancer(vpc awsec2.IVpc) *elb.ApplicationLoadBalancerProps {
	return &elb.ApplicationLoadBalancerProps{
		Vpc: vpc, InternetFacing: p.InternetFacing, Subnets: p.Subnets, IngressCidrs: p.IngressCidrs, WebAcl: p.WebAcl,
		AccessLogRetentionDays: p.AccessLogRetentionDays,
	}
}

// Validate returns all problems of the props, or nil, except those that only NewGateway finds, in the cluster's VPC.
func (p *GatewayProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *GatewayProps) validate() error {
	var bad invalid.Problems
	switch {
	case p.Cluster == nil:
		bad.Add("Cluster", "is required").Advise(useCluster)
	case len(p.Cluster.gateways) >= maxGateways:
		bad.Add("Cluster", "must have fewer than %d gateways already", maxGateways).Given(len(p.Cluster.gateways))
	}
	p.Cluster.refuseAfterServices(p.InternetFacing, &bad)
	bad.Nest("", except(p.balancer(nil).Validate(), "Vpc"))
	p.validateTestHeader(&bad)
	if p.MaxAlbCount != 0 {
		check.Min("MaxAlbCount", p.MaxAlbCount, 1, &bad)
	}
	check.Match("GatewayName", p.GatewayName, gatewayName, gatewayNameForm, &bad)
	isTaken := func(g *Gateway) bool { return g.name == p.GatewayName }
	if p.Cluster != nil && p.GatewayName != "" && slices.ContainsFunc(p.Cluster.gateways, isTaken) {
		bad.Add("GatewayName", "must not be the name of another gateway").Given(p.GatewayName)
	}
	return bad.Err()
}

// validateTestHeader refuses what a listener rule can't compare a request with: ECS makes such rules.
func (p *GatewayProps) validateTestHeader(bad *invalid.Problems) {
	if p.TestHeader == nil {
		return
	}
	var found invalid.Problems
	found.Nest("", (&elb.Conditions{HttpHeaders: []elb.HttpHeader{*p.TestHeader}}).Validate())
	for _, problem := range found {
		if problem.Field == "" {
			continue // the number of values, which is judged below
		}
		problem.Field = "TestHeader" + strings.TrimPrefix(problem.Field, "HttpHeaders[0]")
		*bad = append(*bad, problem)
	}
	if n := len(p.TestHeader.Values); n > maxTestValues {
		bad.Add("TestHeader.Values", "must have at most %d values", maxTestValues).Given(n)
	}
}

// validateInVpc judges what takes the cluster's VPC, and so the CDK.
func (p *GatewayProps) validateInVpc() error {
	var bad invalid.Problems
	switch {
	case p.Cluster == nil: // refused
	case p.Cluster.Vpc() == nil:
		bad.Add("Cluster", "must have a known VPC").Advise("use awsecs.Cluster_FromClusterAttributes with its Vpc")
	default:
		var before, found invalid.Problems
		before.Nest("", p.balancer(nil).Validate())
		found.Nest("", p.balancer(p.Cluster.Vpc()).Validate())
		for _, problem := range found {
			if !slices.ContainsFunc(before, func(b invalid.Problem) bool { return b.String() == problem.String() }) {
				bad = append(bad, problem)
			}
		}
	}
	return bad.Err()
}

// Validate returns all problems of the attributes, or nil.
func (a *GatewayAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	if !invalid.IsMade(a.Cluster) {
		bad.Add("Cluster", "is required").Advise(useCluster)
	}
	check.Required("GatewayName", a.GatewayName, gatewayName, gatewayNameForm, &bad)
	check.MadeOrNil(a.Cluster).refuseAfterServices(a.InternetFacing, &bad)
	return bad.Err()
}

// refuseAfterServices refuses a gateway that ECS would connect earlier services to: they wouldn't wait for it, nor admit its load
// balancers, and its association would be deleted before them.
func (c *Cluster) refuseAfterServices(isPublic bool, bad *invalid.Problems) {
	if c == nil {
		return // refused
	}
	if service, isConnected := c.connectedServices[accessType(isPublic)]; isConnected {
		bad.Add("Cluster", "must not have services of gateways with access type %s yet, because ECS connects them to this one too",
			accessType(isPublic)).Given(service).Advise("create the gateway before them, and add it to their Exposure.Gateway.Gateways")
	}
}
