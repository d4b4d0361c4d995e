package eks

import (
	"net/netip"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/kubernetes"
	"awscontainers/internal/opt"
)

func (p *ClusterProps) setDefaults() {
	opt.Default(&p.Version, kubernetes.DefaultVersion)
	if len(p.PublicAccessCidrs) > 0 {
		opt.Default(&p.EndpointAccess, EndpointPublicAndPrivate)
	}
	opt.Default(&p.EndpointAccess, EndpointPrivate)
	opt.Default(&p.SupportType, SupportStandard)
	opt.Default(&p.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
}

// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
var clusterName = regexp.MustCompile(`^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$`)

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-eks-cluster-rollbackconfig.html
const minRollback, maxRollback = 2 * time.Hour, 7 * 24 * time.Hour

const clusterNameForm = "1 to 100 letters, digits, hyphens and underscores, beginning with a letter or digit"

// Validate returns all problems of the props, or nil. NewCluster also checks the subnets and the range of the VPC.
func (p *ClusterProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *ClusterProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is required").Advise("use network.NewVpc or network.VpcFrom")
	}
	switch versions := kubernetes.Versions(); {
	case p.KubectlLayer != nil && !kubernetes.IsVersion(p.Version) && !invalid.IsToken(p.Version):
		bad.Add("Version", `must be a version of Kubernetes such as "1.36"`).Given(p.Version)
	case p.KubectlLayer == nil && !slices.Contains(versions, p.Version):
		bad.Add("Version", "must be %s without KubectlLayer, because the built-in kubectl %s serves no others", check.OneOfQuoted(versions),
			kubernetes.KubectlVersion).Given(p.Version).Advise("use one of them or set KubectlLayer")
	}
	if t := p.RollbackTimeout; t != 0 && (t < minRollback || t > maxRollback || t%time.Minute != 0) {
		bad.Add("RollbackTimeout", "must be 2 hours to 7 days, in whole minutes").Given(t)
	}
	check.Match("ClusterName", p.ClusterName, clusterName, clusterNameForm, &bad)
	checkServiceCidr(p.ServiceIpv4Cidr, &bad)
	p.checkEndpoint(&bad)
	check.Known("SupportType", p.SupportType, []SupportType{SupportStandard, SupportExtended}, &bad)
	if p.AlbController && p.AutoMode {
		bad.Add("AlbController", "must not be set together with AutoMode, which creates load balancers itself").Advise("remove one of them")
	}
	checkAccess(p.AccessEntries, &bad)
	bad.Nest("AddOns", p.AddOns.validate(p.AutoMode))
	check.LogRetention("LogRetention", p.LogRetention, &bad)
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	return bad.Err()
}

// checkEndpoint refuses ranges that don't fit how the Kubernetes API is reached.
func (p *ClusterProps) checkEndpoint(bad *invalid.Problems) {
	check.Known("EndpointAccess", p.EndpointAccess, []EndpointAccess{EndpointPrivate, EndpointPublicAndPrivate, EndpointPublic}, bad)
	switch access := p.EndpointAccess; {
	case access == EndpointPrivate && len(p.PublicAccessCidrs) > 0:
		bad.Add("PublicAccessCidrs", "is not compatible with EndpointAccess %s", access).Given(p.PublicAccessCidrs).
			Advise("use EndpointAccess %s or remove PublicAccessCidrs", EndpointPublicAndPrivate)
	case (access == EndpointPublic || access == EndpointPublicAndPrivate) && len(p.PublicAccessCidrs) == 0:
		bad.Add("PublicAccessCidrs", "is required with EndpointAccess %s", access).
			Advise(`list the ranges that may connect, such as "203.0.113.0/24", or "0.0.0.0/0" for all`)
	}
	check.Cidrs("PublicAccessCidrs", p.PublicAccessCidrs, bad)
	for i, cidr := range p.PublicAccessCidrs {
		if prefix, err := netip.ParsePrefix(cidr); err == nil && isReserved(prefix.Addr()) && prefix.Bits() > 0 {
			bad.Add(check.Index("PublicAccessCidrs", i), "must be a range of public addresses, because EKS refuses others").Given(cidr).
				Advise("use PrivateAccessCidrs for clients in the VPC and in networks connected to it")
		}
	}
	check.Cidrs("PrivateAccessCidrs", p.PrivateAccessCidrs, bad)
	if p.EndpointAccess == EndpointPublic && len(p.PrivateAccessCidrs) > 0 {
		bad.Add("PrivateAccessCidrs", "is not compatible with EndpointAccess %s, which has no private endpoint", EndpointPublic).
			Given(p.PrivateAccessCidrs).Advise("use EndpointAccess %s or remove PrivateAccessCidrs", EndpointPublicAndPrivate)
	}
}

// validateVpc judges what only the CDK's VPC tells.
func (p *ClusterProps) validateVpc() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		return nil
	}
	if zones := zonesOf(network.Private.Of(p.Vpc)); len(zones) < 2 {
		bad.Add("Vpc", "must have private subnets in at least two Availability Zones").Given(zones)
	}
	if prefix, err := netip.ParsePrefix(p.ServiceIpv4Cidr); err == nil {
		if taken, err := netip.ParsePrefix(vpcCidr(p.Vpc)); err == nil && taken.Overlaps(prefix) {
			bad.Add("ServiceIpv4Cidr", "must not overlap the VPC's range %s", taken).Given(p.ServiceIpv4Cidr)
		}
	}
	return bad.Err()
}

var carrierGradeNat = netip.MustParsePrefix("100.64.0.0/10")

func isReserved(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || carrierGradeNat.Contains(a)
}

// zonesOf returns the Availability Zones of subnets, each once.
func zonesOf(subnets []awsec2.ISubnet) (zones []string) {
	for _, subnet := range subnets {
		if zone := *subnet.AvailabilityZone(); !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	return zones
}
