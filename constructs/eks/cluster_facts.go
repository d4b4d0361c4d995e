package eks

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
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

// fixServiceCidr sets the range of Kubernetes services: nodes must be told it, and what EKS takes by itself CloudFormation cannot read.
// A cluster that runs keeps its range for good, and would be replaced for another.
func (c *Cluster) fixServiceCidr() {
	c.Cluster.Node().DefaultChild().(awseksv2.CfnCluster).AddPropertyOverride(ptr("KubernetesNetworkConfig.ServiceIpv4Cidr"), c.serviceCidr().String())
}

func (c *Cluster) serviceCidr() netip.Prefix { return serviceCidrBeside(cidrOf(c.vpc())) }

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

func ptr[T any](v T) *T { return &v }
