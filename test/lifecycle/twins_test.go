//go:build lifecycle

package lifecycle_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"awscontainers/test/cdktest"
)

// identities are what AWS has one of: the properties of a type that no two resources share. A name that ends with ! is one that
// CloudFormation makes up unless it is given.
var identities = map[string]string{
	"AWS::ApplicationAutoScaling::ScalableTarget": "ResourceId ScalableDimension",
	"AWS::ApplicationAutoScaling::ScalingPolicy":  "PolicyName ScalingTargetId ResourceId",
	"AWS::AppRunner::Service":                     "ServiceName!",
	"AWS::AutoScaling::AutoScalingGroup":          "AutoScalingGroupName!",
	"AWS::CloudWatch::Alarm":                      "AlarmName!",
	"AWS::CloudWatch::Dashboard":                  "DashboardName!",
	"AWS::DynamoDB::Table":                        "TableName!",
	"AWS::EC2::FlowLog":                           "ResourceId LogGroupName LogDestination",
	"AWS::EC2::LaunchTemplate":                    "LaunchTemplateName!",
	"AWS::EC2::Route":                             "RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId",
	"AWS::EC2::SecurityGroup":                     "GroupName! VpcId",
	"AWS::EC2::SecurityGroupEgress": "GroupId IpProtocol FromPort ToPort CidrIp DestinationSecurityGroupId " +
		"DestinationPrefixListId",
	"AWS::EC2::SecurityGroupIngress":                "GroupId IpProtocol FromPort ToPort CidrIp SourceSecurityGroupId SourcePrefixListId",
	"AWS::EC2::Subnet":                              "VpcId CidrBlock",
	"AWS::EC2::SubnetRouteTableAssociation":         "SubnetId",
	"AWS::EC2::VPCEndpoint":                         "VpcId ServiceName",
	"AWS::EC2::VPCGatewayAttachment":                "VpcId",
	"AWS::ECR::PublicRepository":                    "RepositoryName!",
	"AWS::ECR::PullThroughCacheRule":                "EcrRepositoryPrefix!",
	"AWS::ECR::RegistryPolicy":                      "",
	"AWS::ECR::RegistryScanningConfiguration":       "",
	"AWS::ECR::ReplicationConfiguration":            "",
	"AWS::ECR::Repository":                          "RepositoryName!",
	"AWS::ECR::RepositoryCreationTemplate":          "Prefix!",
	"AWS::ECS::CapacityProvider":                    "Name!",
	"AWS::ECS::Cluster":                             "ClusterName!",
	"AWS::ECS::ClusterCapacityProviderAssociations": "Cluster",
	"AWS::ECS::ExpressGatewayService":               "ServiceName!",
	"AWS::ECS::Gateway":                             "GatewayName!",
	"AWS::ECS::GatewayClusterAssociations":          "Cluster Gateway",
	"AWS::ECS::Service":                             "ServiceName! Cluster",
	"AWS::EFS::MountTarget":                         "FileSystemId SubnetId",
	"AWS::EKS::AccessEntry":                         "ClusterName PrincipalArn",
	"AWS::EKS::Addon":                               "ClusterName AddonName",
	"AWS::EKS::Cluster":                             "Name!",
	"AWS::EKS::FargateProfile":                      "FargateProfileName! ClusterName",
	"AWS::EKS::Nodegroup":                           "NodegroupName! ClusterName",
	"AWS::EKS::PodIdentityAssociation":              "ClusterName Namespace ServiceAccount",
	"AWS::ElasticLoadBalancingV2::Listener":         "LoadBalancerArn Port",
	"AWS::ElasticLoadBalancingV2::ListenerRule":     "ListenerArn Priority",
	"AWS::ElasticLoadBalancingV2::LoadBalancer":     "Name!",
	"AWS::ElasticLoadBalancingV2::TargetGroup":      "Name!",
	"AWS::Events::Rule":                             "Name!",
	"AWS::FSx::StorageVirtualMachine":               "Name! FileSystemId",
	"AWS::IAM::InstanceProfile":                     "InstanceProfileName!",
	"AWS::IAM::ManagedPolicy":                       "ManagedPolicyName!",
	"AWS::IAM::Policy":                              "PolicyName! Roles",
	"AWS::IAM::Role":                                "RoleName!",
	"AWS::KMS::Alias":                               "AliasName!",
	"AWS::Lambda::Function":                         "FunctionName!",
	"AWS::Logs::LogGroup":                           "LogGroupName!",
	"AWS::Logs::ResourcePolicy":                     "PolicyName!",
	"AWS::Route53::RecordSet":                       "HostedZoneId HostedZoneName Name Type",
	"AWS::S3::Bucket":                               "BucketName!",
	"AWS::S3::BucketPolicy":                         "Bucket",
	"AWS::SNS::Subscription":                        "TopicArn Endpoint Protocol",
	"AWS::SNS::Topic":                               "TopicName!",
	"AWS::SNS::TopicPolicy":                         "Topics",
	"AWS::SQS::Queue":                               "QueueName!",
	"AWS::SQS::QueuePolicy":                         "Queues",
	"AWS::SSM::Parameter":                           "Name!",
	"AWS::Scheduler::Schedule":                      "Name! GroupName",
	"AWS::SecretsManager::Secret":                   "Name!",
	"AWS::ServiceDiscovery::PrivateDnsNamespace":    "Vpc Name",
	"AWS::ServiceDiscovery::Service":                "NamespaceId Name",
	"AWS::StepFunctions::StateMachine":              "StateMachineName!",
	"AWS::WAFv2::WebACL":                            "Name!",
	"AWS::WAFv2::WebACLAssociation":                 "ResourceArn",
	"Custom::AWSCDK-EKS-HelmChart":                  "ClusterName Namespace Release",
}

// twins are new resources that AWS takes for one that goes: it refuses to create the new one, or the deletion of the old one at the end of
// the update takes both.
func (o *outcome) twins() (found []danger) {
	old := map[string]string{}
	for _, e := range o.inOrder() {
		if e.goes() {
			for _, identity := range o.identities(e.old, "old") {
				old[identity] = e.place()
			}
		}
	}
	for _, e := range o.inOrder() {
		if !e.isNew() || e.does == mayReplace {
			continue
		}
		for _, identity := range o.identities(e.now, "new") {
			if before := old[identity]; before != "" {
				found = append(found, danger{isRefused, e.place(), "is created while `" + before + "` exists, which AWS takes for the same"})
			}
		}
	}
	return found
}

// stays are resources that leave the stack and stay in the account under a name of their own, so that the stack can't create them again.
func (o *outcome) stays() (found []danger) {
	for _, e := range o.inOrder() {
		if e.does != retains || !strings.Contains(identities[e.kind()], "!") {
			continue
		}
		for _, identity := range o.identities(e.old, "old") {
			if !strings.Contains(identity, `{"`) { // nor is it part of something that will be another one then
				found = append(found, danger{isRefused, e.place(), "stays, and its name is taken if you set the key again"})
			}
		}
	}
	return found
}

// identities returns what a resource is to AWS. References to resources that others take the place of differ by age.
func (o *outcome) identities(r *cdktest.Resource, age string) (found []string) {
	if r.Type == cdktest.KubernetesManifest {
		for _, object := range r.Objects() {
			namespace, name := cdktest.Dig(object, "metadata.namespace"), cdktest.Dig(object, "metadata.name")
			found = append(found, fmt.Sprint("object ", object["kind"], namespace, name, o.aged(r.Properties["ClusterName"], age)))
		}
		return found
	}
	properties, hasIdentity := identities[r.Type]
	if !hasIdentity { // by any name that it has
		var given []string
		for _, name := range names {
			if r.Properties[name] != nil {
				given = append(given, name)
			}
		}
		if len(given) == 0 {
			return nil
		}
		properties = strings.Join(given, " ")
	}
	identity := r.Type
	for _, property := range strings.Fields(properties) {
		property, isName := strings.CutSuffix(property, "!")
		if isName && r.Properties[property] == nil {
			return nil // CloudFormation names it
		}
		text, _ := json.Marshal(o.aged(r.Properties[property], age))
		identity += " " + string(text)
	}
	return []string{identity}
}

func (o *outcome) aged(value any, age string) any {
	switch v := value.(type) {
	case map[string]any:
		all := map[string]any{}
		for key, inner := range v {
			all[key] = o.aged(inner, age)
		}
		id, _ := v["Ref"].(string)
		if attribute, isList := v["Fn::GetAtt"].([]any); isList {
			id, _ = attribute[0].(string)
		}
		if e := o.effects[id]; e != nil && e.does == replaces {
			all["age"] = age
		}
		return all
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = o.aged(v[i], age)
		}
		return all
	}
	return value
}
