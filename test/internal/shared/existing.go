package shared

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
)

// ImportedVpc is a VPC of somebody else: cheap, and it shows that nothing is made for it.
func ImportedVpc(stack awscdk.Stack) awsec2.IVpc {
	return network.VpcFrom(stack, "ImportedVpc", &network.VpcAttributes{
		VpcId:             "vpc-0123456789abcdef0",
		CidrBlock:         "10.0.0.0/16",
		AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"},
		PublicSubnetIds:   []string{"subnet-00000000000000001", "subnet-00000000000000002"},
		PrivateSubnetIds:  []string{"subnet-00000000000000003", "subnet-00000000000000004"},
	}).Vpc
}

// ExistingProvider is the OIDC provider of ExistingCluster.
const ExistingProvider = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF"

// ExistingVpc is the VPC of ExistingCluster, which has private subnets only.
func ExistingVpc(scope constructs.Construct) awsec2.IVpc {
	return network.VpcFrom(scope, "Vpc", &network.VpcAttributes{
		VpcId: "vpc-0123456789abcdef0", CidrBlock: "10.0.0.0/16", AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"},
		PrivateSubnetIds: []string{"subnet-0000000000000000a", "subnet-0000000000000000b"},
	}).Vpc
}

// ExistingCluster is a cluster that somebody else created, of which all is known.
func ExistingCluster(scope constructs.Construct, change func(a *eks.ClusterAttributes)) *eks.Cluster {
	a := eks.ClusterAttributes{
		ClusterName: "shop", Version: "1.34", Vpc: ExistingVpc(scope), SecurityGroupId: "sg-0123456789abcdef0",
		Endpoint:                 "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
		CertificateAuthorityData: "LS0tLS1CRUdJTg==", ServiceIpv4Cidr: "10.100.0.0/16",
		OpenIdConnectProviderArn: "arn:aws:iam::111122223333:oidc-provider/" + ExistingProvider,
	}
	if change != nil {
		change(&a)
	}
	return eks.ClusterFrom(scope, "Cluster", &a)
}
