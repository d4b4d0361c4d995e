package eks

import (
	"net/netip"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"

	"awscontainers/constructs/invalid"
)

// Of these EKS takes one by itself, and does not tell CloudFormation which.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
var serviceCidrs = []netip.Prefix{netip.MustParsePrefix("172.20.0.0/16"), netip.MustParsePrefix("10.100.0.0/16")}

// serviceCidrBeside gives the range of Kubernetes services in a cluster whose VPC has the given range, "" for one that nobody knows yet:
// it must be no part of the VPC's.
func serviceCidrBeside(vpc string) netip.Prefix {
	taken, err := netip.ParsePrefix(vpc)
	for _, cidr := range serviceCidrs {
		if err != nil || !cidr.Overlaps(taken) {
			return cidr
		}
	}
	return serviceCidrs[0] // which EKS refuses; no VPC is so large
}

// private are the ranges of https://datatracker.ietf.org/doc/html/rfc1918, of which EKS takes a part.
var private = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16")}

func checkServiceCidr(cidr string, vpc awsec2.IVpc, bad *invalid.Problems) {
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil || prefix.Masked() != prefix || prefix.Bits() < 12 || prefix.Bits() > 24 || !slices.ContainsFunc(private, func(r netip.Prefix) bool { return r.Contains(prefix.Addr()) }):
		bad.Add("ServiceIpv4Cidr", `%q is no range for services; use a /24 to a /12 of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as "172.20.0.0/16"`, cidr)
	case vpc != nil:
		if taken, err := netip.ParsePrefix(cidrOf(vpc)); err == nil && taken.Overlaps(prefix) {
			bad.Add("ServiceIpv4Cidr", "%q overlaps the VPC's range %q; use another", cidr, taken)
		}
	}
}

// fixServiceCidr sets the range of Kubernetes services: nodes must be told it, and what EKS takes by itself CloudFormation cannot read.
func (c *Cluster) fixServiceCidr(given string) {
	c.services = serviceCidrBeside(cidrOf(c.vpc()))
	if given != "" {
		c.services = netip.MustParsePrefix(given)
	}
	c.Cluster.Node().DefaultChild().(awseksv2.CfnCluster).AddPropertyOverride(new("KubernetesNetworkConfig.ServiceIpv4Cidr"), c.services.String())
}

// dnsAddress is CoreDNS's, the tenth of the range of services.
// https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
func dnsAddress(services netip.Prefix) netip.Addr {
	address := services.Addr()
	for range 10 {
		address = address.Next()
	}
	return address
}

// cidrOf gives a VPC's range, "" where it is not known before the deployment. One that was imported without panics when it is asked.
func cidrOf(vpc awsec2.IVpc) (cidr string) {
	defer func() { _ = recover() }()
	if made, ok := vpc.Node().DefaultChild().(awsec2.CfnVPC); ok {
		if literal := made.CidrBlock(); literal != nil {
			return *literal
		}
		return ""
	}
	return *vpc.VpcCidrBlock()
}
