// Package network makes the VPC that containers run in: public, private and isolated subnets, NAT gateways, endpoints and
// flow logs. Every construct of this library takes an awsec2.IVpc, so a VPC of your own does as well.
package network
