package express

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/secretarn"
	"awscontainers/internal/taskrole"
)

// expressPolicy lets ECS make what an Express service needs. The path belongs to its ARN.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRoleforExpressGatewayServices.html
const expressPolicy = "service-role/AmazonECSInfrastructureRoleforExpressGatewayServices"

// newInfrastructureRole creates the role that AWS asks for, in the form in which AWS writes it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
func newInfrastructureRole(scope constructs.Construct, path string) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("InfrastructureRole"), &awsiam.RoleProps{
		Description:     describe.Of("Makes load balancer and scaling of", path),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String(taskrole.Ecs), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(expressPolicy))},
	})
	nag.Suppress(role, "AwsSolutions-IAM4", "The policy that AWS names for this role; it follows what ECS makes in Express Mode",
		"Policy::arn:<AWS::Partition>:iam::aws:policy/"+expressPolicy)
	return role
}

// newService writes each value that has a default, because AWS documents several: 256 and 1024 CPU units, "/ping" and "/".
func (s *Service) newService(p *ServiceProps) awsecs.CfnExpressGatewayService {
	props := &awsecs.CfnExpressGatewayServiceProps{
		ServiceName:           opt.String(p.ServiceName),
		HealthCheckPath:       &p.HealthCheckPath,
		InfrastructureRoleArn: s.InfrastructureRole.RoleArn(),
		ScalingTarget: &awsecs.CfnExpressGatewayService_ExpressGatewayScalingTargetProperty{
			MinTaskCount:           jsii.Number(p.MinSize),
			MaxTaskCount:           jsii.Number(p.MaxSize),
			AutoScalingMetric:      jsii.String(string(p.ScalingMetric)),
			AutoScalingTargetValue: jsii.Number(p.ScalingTargetValue),
		},
	}
	if p.Task != nil {
		props.TaskDefinitionArn = new(p.Task.Arn())
	} else {
		props.Cpu, props.Memory = jsii.String(strconv.Itoa(p.Cpu)), jsii.String(strconv.Itoa(p.MemoryLimitMiB))
		props.TaskRoleArn, props.ExecutionRoleArn = s.TaskRole.RoleArn(), s.ExecutionRole.RoleArn()
		props.PrimaryContainer = s.container(p)
	}
	if p.Cluster != nil {
		props.Cluster = p.Cluster.Cluster.ClusterName()
	}
	if p.Vpc != nil {
		props.NetworkConfiguration = &awsecs.CfnExpressGatewayService_ExpressGatewayServiceNetworkConfigurationProperty{
			Subnets:        p.Vpc.SelectSubnets(p.Subnets.Select()).SubnetIds,
			SecurityGroups: groupIds(p.SecurityGroups),
		}
	}
	return awsecs.NewCfnExpressGatewayService(s, jsii.String("Service"), props)
}

func (s *Service) container(p *ServiceProps) *awsecs.CfnExpressGatewayService_ExpressGatewayContainerProperty {
	var variables, secrets []any
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		variables = append(variables, &awsecs.CfnExpressGatewayService_KeyValuePairProperty{
			Name: jsii.String(name), Value: jsii.String(p.Environment[name]),
		})
	}
	all := secretarn.Join(p.Secrets, p.SecretArns)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		all[name].GrantRead(s.ExecutionRole)
		secrets = append(secrets, &awsecs.CfnExpressGatewayService_SecretProperty{Name: jsii.String(name), ValueFrom: all[name].Arn()})
	}
	uri, credentials := p.Image.ResolveWithCredentials(s, "", awsecrassets.Platform_LINUX_AMD64(), s.ExecutionRole)
	container := &awsecs.CfnExpressGatewayService_ExpressGatewayContainerProperty{
		Image:         &uri,
		Command:       opt.Strings(p.Command),
		ContainerPort: jsii.Number(p.Port),
		AwsLogsConfiguration: &awsecs.CfnExpressGatewayService_ExpressGatewayServiceAwsLogsConfigurationProperty{
			LogGroup: s.LogGroup.LogGroupName(), LogStreamPrefix: jsii.String("ecs"),
		},
	}
	if credentials != nil {
		container.RepositoryCredentials = &awsecs.CfnExpressGatewayService_ExpressGatewayRepositoryCredentialsProperty{
			CredentialsParameter: credentials.SecretArn(),
		}
	}
	if len(variables) > 0 {
		container.Environment = &variables
	}
	if len(secrets) > 0 {
		container.Secrets = &secrets
	}
	return container
}

// checkSecretNames refuses secrets that ECS would not find, once they are granted, and warns of those that it may not find.
func (s *Service) checkSecretNames(p *ServiceProps) {
	var bad invalid.Problems
	all := secretarn.Join(p.Secrets, p.SecretArns)
	secretarn.CheckNames("Secrets", all, s.ExecutionRole, &bad)
	secretarn.Warn(s, secretarn.Arns(all)...)
	invalid.Panic(*s.Node().Path(), bad)
}

// addDependencies adds the dependencies that CloudFormation can't see. ECS deletes the load balancer under the infrastructure role, so
// that this must outlive the service; and the load balancer holds on to the internet gateway.
func (s *Service) addDependencies(p *ServiceProps) {
	var before []constructs.IDependable
	for _, role := range []awsiam.IRole{s.TaskRole, s.ExecutionRole, s.InfrastructureRole} {
		if role != nil {
			before = append(before, role) // with its policies, its children
		}
	}
	if p.Vpc != nil {
		before = append(before, p.Vpc.SelectSubnets(p.Subnets.Select()).InternetConnectivityEstablished)
		if p.Subnets == network.Isolated {
			before = append(before, p.Vpc) // with its interface endpoints, the only way to the image
		}
	}
	if p.Cluster != nil {
		before = append(before, p.Cluster.ServiceDependencies()...) // tasks run on its provider FARGATE
	}
	s.Service.Node().AddDependency(before...)
}

func groupIds(groups []awsec2.ISecurityGroup) *[]*string {
	if len(groups) == 0 {
		return nil
	}
	ids := make([]*string, len(groups))
	for i, group := range groups {
		ids[i] = group.SecurityGroupId()
	}
	return &ids
}
