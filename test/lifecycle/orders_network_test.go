package lifecycle_test

import (
	"fmt"
	"slices"

	"awscontainers/test/cdktest"
)

var networkOrders = []order{
	{
		first: "AWS::EC2::VPCGatewayAttachment", then: "AWS::EC2::Route",
		when: func(s *stack, attachment, route *cdktest.Resource) bool {
			return s.share("AWS::EC2::InternetGateway", route, attachment, "")
		},
		because: "AWS refuses a route to an internet gateway that isn't attached", page: dependsOn,
	},
	{
		first: "AWS::EC2::Route AWS::EC2::SubnetRouteTableAssociation",
		then: starters + " " + nodes + " AWS::EKS::Cluster AWS::Lambda::Function AWS::AppRunner::VpcConnector AWS::EC2::NatGateway " +
			"AWS::ElasticLoadBalancingV2::LoadBalancer",
		when:    isRouteOf,
		because: "without the route nothing leaves the subnet: tasks, nodes and functions don't start, and don't finish when they are deleted",
		page:    dependsOn,
	},
	{
		first: "AWS::EC2::Route AWS::EC2::SubnetRouteTableAssociation", then: "AWS::ECS::Gateway",
		when: func(s *stack, route, gateway *cdktest.Resource) bool {
			return gateway.Get("Configuration.HostSharedAlb.Scheme") != "internal" && isRouteOf(s, route, gateway)
		},
		because: "AWS refuses to create a public load balancer without the route, and to detach the internet gateway while there is one",
		page:    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html",
	},
	{
		first: sgRules, then: starters + " AWS::EKS::Nodegroup",
		when: func(s *stack, rule, r *cdktest.Resource) bool {
			const instances = " AWS::ECS::CapacityProvider AWS::AutoScaling::AutoScalingGroup"
			if !isStarter(r) || !s.share("AWS::EC2::SecurityGroup", rule, r, launches+instances) {
				return false
			}
			peers := s.of("AWS::ElasticLoadBalancingV2::LoadBalancer AWS::ECS::Gateway AWS::EFS::MountTarget")
			return slices.ContainsFunc(peers, func(peer *cdktest.Resource) bool {
				return s.graph.Needs(r, peer) && s.share("AWS::EC2::SecurityGroup", rule, peer, "")
			})
		},
		because: "health checks and mounts fail until the rule is there",
		page:    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html",
	},
	{
		first: sgRules, then: "AWS::FSx::FileSystem",
		when: func(s *stack, rule, files *cdktest.Resource) bool {
			return len(s.references[rule]) == 1 && s.share("AWS::EC2::SecurityGroup", rule, files, "")
		},
		because: "FSx for Lustre refuses a security group that doesn't let its servers reach one another",
		page:    "https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html",
	},
	{
		first: "AWS::ElasticLoadBalancingV2::Listener", then: "AWS::ElasticLoadBalancingV2::Listener",
		when: func(s *stack, listener, redirect *cdktest.Resource) bool {
			return s.share("AWS::ElasticLoadBalancingV2::LoadBalancer", listener, redirect, "") &&
				slices.ContainsFunc(cdktest.List(redirect.Get("DefaultActions")), func(action any) bool {
					port := cdktest.Dig(action, "RedirectConfig.Port")
					return port != nil && port == fmt.Sprint(listener.Get("Port"))
				})
		},
		because: "clients that are redirected find nobody, also in the update that adds the listener",
		page:    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html",
	},
	{
		first: "AWS::S3::BucketPolicy", then: "AWS::ElasticLoadBalancingV2::LoadBalancer AWS::ECS::Gateway",
		when: func(s *stack, policy, balancer *cdktest.Resource) bool {
			return s.share("AWS::S3::Bucket", policy, balancer, "")
		},
		because: "a load balancer writes a test object as soon as its logs are turned on, and fails if it may not",
		page:    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html",
	},
	{
		first: policies, then: "AWS::Lambda::Function", when: hasRole,
		because: "the function of a custom resource fails without its permissions, also when the stack is deleted", page: dependsOn,
	},
	{
		first: "AWS::Logs::LogGroup", then: cdktest.KubernetesManifest + " Custom::AWSCDK-EKS-HelmChart",
		when: func(s *stack, group, custom *cdktest.Resource) bool {
			return slices.ContainsFunc(s.references[group], func(r *cdktest.Resource) bool {
				return r.Type == "AWS::Lambda::Function" && s.graph.Needs(custom, r)
			})
		},
		because: "a function that runs before its log group exists creates the group itself, and one that runs afterwards creates it again",
		page:    "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",
	},
}

// isRouteOf holds for a route in the table of a subnet that a resource is in, and for the association of that table with the subnet.
func isRouteOf(s *stack, first, then *cdktest.Resource) bool {
	switch {
	case !isStarter(then), then.Get("Scheme") == "internal": // an internal load balancer calls nobody outside the VPC
		return false
	case then.Type == "AWS::Lambda::Function" && then.Get("VpcConfig") == nil: // which names subnets of tasks that it starts
		return false
	case first.Type == "AWS::EC2::SubnetRouteTableAssociation":
		return s.share("AWS::EC2::Subnet", first, then, launches)
	}
	return slices.ContainsFunc(s.All("AWS::EC2::SubnetRouteTableAssociation"), func(association *cdktest.Resource) bool {
		return s.share("AWS::EC2::RouteTable", first, association, "") && s.share("AWS::EC2::Subnet", association, then, launches)
	})
}
