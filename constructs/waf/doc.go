// Package waf puts AWS WAF in front of load balancers and App Runner services. Start with [NewWebAcl], or [WebAclFromArn]
// for a web ACL that exists already, and pass the result as WebAcl in elb.ApplicationLoadBalancerProps or
// apprunner.ServiceProps. One web ACL can protect several of them.
package waf
