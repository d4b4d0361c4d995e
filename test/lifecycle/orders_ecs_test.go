package lifecycle_test

import "awscontainers/test/cdktest"

var ecsOrders = []order{
	{
		first: "AWS::ElasticLoadBalancingV2::Listener AWS::ElasticLoadBalancingV2::ListenerRule", then: "AWS::ECS::Service",
		when: func(s *stack, listener, service *cdktest.Resource) bool {
			return s.share("AWS::ElasticLoadBalancingV2::TargetGroup", listener, service, "")
		},
		because: "ECS refuses a target group that belongs to no load balancer",
		page:    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html",
	},
	{
		first: policies, then: starters + " AWS::AppRunner::Service", when: hasRole,
		because: "tasks that can't pull, log or mount stop, also those that are being stopped", page: dependsOn,
	},
	{
		first: policies, then: "AWS::ECS::Service",
		when: func(s *stack, policy, service *cdktest.Resource) bool {
			return s.share("AWS::IAM::Role", policy, service, "AWS::Lambda::Function")
		},
		because: "a deployment calls the functions of its hooks before the first task, and those must be allowed what they do",
		page:    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html",
	},
	{
		first: policies, then: "AWS::AutoScaling::AutoScalingGroup AWS::ECS::CapacityProvider", when: hasRole,
		because: "instances that can't register never join the cluster, and can't drain without it", page: dependsOn,
	},
	{
		first: "AWS::EFS::MountTarget", then: starters,
		when: func(s *stack, target, r *cdktest.Resource) bool {
			return isStarter(r) && s.share("AWS::EFS::FileSystem", target, r, launches)
		},
		because: "a task that finds no mount target in its Availability Zone stops",
		page:    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-best-practices.html",
	},
	{
		first: "AWS::ECS::ClusterCapacityProviderAssociations", then: starters,
		when: func(s *stack, association, r *cdktest.Resource) bool {
			return isStarter(r) && s.share("AWS::ECS::Cluster", association, r, launches)
		},
		because: "a service needs its capacity provider in the cluster, and one that is in use can't be removed",
		page:    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html",
	},
	{
		first: "AWS::ECS::GatewayClusterAssociations", then: "AWS::ECS::Service",
		when: func(s *stack, association, service *cdktest.Resource) bool {
			return service.Get("GatewayConnectors") != nil && s.share("AWS::ECS::Cluster", association, service, "")
		},
		because: "ECS refuses a connector in a cluster without a gateway, and keeps an association until the last service has left",
		page:    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-connect-service.html",
	},
	{
		first: "AWS::AutoScaling::AutoScalingGroup", then: "AWS::ECS::ClusterCapacityProviderAssociations",
		when: func(s *stack, group, association *cdktest.Resource) bool {
			return s.uses(association, group, "AWS::ECS::CapacityProvider")
		},
		because: "the cluster lets go of a provider before it is deleted, and that comes before the group in which it would start instances",
		page:    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCapacityProvider.html",
	},
	{
		first: "AWS::CloudWatch::Alarm", then: "AWS::ECS::Service",
		when:    func(s *stack, alarm, service *cdktest.Resource) bool { return s.uses(service, alarm, "") },
		because: "the deployment alarms of a service must exist",
		page:    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html",
	},
	{
		first: "AWS::ECR::RepositoryCreationTemplate", then: "AWS::ECR::PullThroughCacheRule",
		when: func(_ *stack, template, rule *cdktest.Resource) bool {
			return template.Get("Prefix") == rule.Get("EcrRepositoryPrefix")
		},
		because: "the first pull creates a repository as the template says",
		page:    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html",
	},
	{
		first: policies, then: "AWS::ECR::RepositoryCreationTemplate", when: hasRole,
		because: "a pull fails whose repository ECR may not create with the role of the template",
		page:    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html",
	},
	{
		first: "AWS::ECS::Service", then: "AWS::ECS::Service",
		when: func(s *stack, called, caller *cdktest.Resource) bool {
			const offered = "ServiceConnectConfiguration.Services"
			return len(cdktest.List(called.Get(offered))) > 0 && len(cdktest.List(caller.Get(offered))) == 0 &&
				caller.Get("ServiceConnectConfiguration") != nil && s.share("AWS::ECS::Cluster", called, caller, "")
		},
		because: "tasks know only the endpoints that exist when they start",
		page:    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html",
	},
	{
		first: "AWS::ECS::Service", then: "AWS::CloudWatch::Alarm",
		when: func(s *stack, service, alarm *cdktest.Resource) bool {
			return alarm.Get("TreatMissingData") == "breaching" && s.share("AWS::ElasticLoadBalancingV2::TargetGroup", alarm, service, "")
		},
		because: "an alarm that takes missing data for a fault goes off while the service starts",
		page:    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
	},
}
