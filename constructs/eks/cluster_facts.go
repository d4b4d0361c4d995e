package eks

import (
	"net/netip"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"

	"awscontainers/constructs/invalid"
)

// EKS chooses one of these, and doesn't tell CloudFormation which.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
var defaultServiceCidrs = []netip.Prefix{netip.MustParsePrefix("172.20.0.0/16"), netip.MustParsePrefix("10.100.0.0/16")}

// defaultServiceCidr returns a range for Kubernetes services that does not overlap the VPC's, which is "" if it is unknown at synth time.
func defaultServiceCidr(vpcCidr string) netip.Prefix {
	taken, err := netip.ParsePrefix(vpcCidr)
	for _, cidr := range defaultServiceCidrs {
		if err != nil || !cidr.Overlaps(taken) {
			return cidr
		}
	}
	return defaultServiceCidrs[0] // which EKS refuses; no VPC is so large
}

// EKS accepts parts of these ranges: https://datatracker.ietf.org/doc/html/rfc1918
var rfc1918 = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
}

// checkServiceCidr refuses what EKS doesn't take as the range of services. It accepts "".
func checkServiceCidr(cidr string, bad *invalid.Problems) {
	if cidr == "" {
		return
	}
	prefix, err := netip.ParsePrefix(cidr)
	isPrivate := slices.ContainsFunc(rfc1918, func(r netip.Prefix) bool { return r.Contains(prefix.Addr()) })
	if err != nil || prefix.Masked() != prefix || prefix.Bits() < 12 || prefix.Bits() > 24 || !isPrivate {
		bad.Add("ServiceIpv4Cidr", `must be a /24 to /12 range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, such as "172.20.0.0/16"`).
			Given(cidr)
	}
}

// setServiceCidr sets the range of Kubernetes services: nodes must know it, and CloudFormation can't read what EKS chooses.
func (c *Cluster) setServiceCidr(given string) {
	c.facts.serviceCidr = defaultServiceCidr(vpcCidr(c.facts.vpc))
	if given != "" {
		c.facts.serviceCidr = netip.MustParsePrefix(given)
	}
	cluster := c.Cluster.Node().DefaultChild().(awseksv2.CfnCluster)
	cluster.AddPropertyOverride(new("KubernetesNetworkConfig.ServiceIpv4Cidr"), c.facts.serviceCidr.String())
}

// dnsAddress returns CoreDNS's address, the tenth of the range of services.
// https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
func dnsAddress(services netip.Prefix) netip.Addr {
	address := services.Addr()
	for range 10 {
		address = address.Next()
	}
	return address
}

// vpcCidr returns a VPC's range, or "" if it is unknown at synth time. An imported VPC without one panics when it is asked.
func vpcCidr(vpc awsec2.IVpc) (cidr string) {
	defer func() { _ = recover() }()
	if own, isOwn := vpc.Node().DefaultChild().(awsec2.CfnVPC); isOwn {
		if literal := own.CidrBlock(); literal != nil {
			return *literal
		}
		return ""
	}
	return *vpc.VpcCidrBlock()
}
