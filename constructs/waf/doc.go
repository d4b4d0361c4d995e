// Package waf puts AWS WAF in front of load balancers, App Runner services, and CloudFront distributions. Start with [NewWebAcl], or
// [WebAclFromArn] for a web ACL that exists already, and pass the result as WebAcl in elb.ApplicationLoadBalancerProps,
// apprunner.ServiceProps, or cdn.DistributionProps. One web ACL can protect several of them.
package waf
