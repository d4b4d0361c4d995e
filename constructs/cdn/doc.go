// Package cdn puts Amazon CloudFront in front of an internal Application Load Balancer, which needs no public address: clients get an
// https:// address from the first deployment on, without a domain or a certificate. Start with [NewDistribution].
package cdn
