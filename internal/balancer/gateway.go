package balancer

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
)

// GatewayIngress holds what a gateway of Amazon ECS hands to the load balancers that ECS manages.
type GatewayIngress struct {
	// Subnets are the load balancers' subnets, one for each zone.
	Subnets *[]*string
	// Internet must exist before a load balancer that faces the internet; nil for an internal one.
	Internet constructs.IDependable
	// SecurityGroup admits the clients, and lets nothing out.
	SecurityGroup awsec2.SecurityGroup
	// AccessLogBucket holds the access logs.
	AccessLogBucket awss3.Bucket
}
