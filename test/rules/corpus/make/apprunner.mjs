// @aws-cdk/aws-apprunner-alpha, as its README shows it, and ECS Express Mode, which has an L1 only.
import * as apprunner from '@aws-cdk/aws-apprunner-alpha';
import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { network } from './network.mjs';

const hello = (imageConfiguration = { port: 8000 }) =>
  apprunner.Source.fromEcrPublic({
    imageConfiguration,
    imageIdentifier: 'public.ecr.aws/aws-containers/hello-app-runner:latest',
  });

export default {
  'apprunner-public-image': (stack) => {
    const service = new apprunner.Service(stack, 'Service', {
      source: hello(),
      healthCheck: apprunner.HealthCheck.http({
        healthyThreshold: 5,
        interval: cdk.Duration.seconds(10),
        path: '/',
        timeout: cdk.Duration.seconds(10),
        unhealthyThreshold: 10,
      }),
      ipAddressType: apprunner.IpAddressType.DUAL_STACK,
      cpu: apprunner.Cpu.QUARTER_VCPU,
      memory: apprunner.Memory.HALF_GB,
    });
    service.addToRolePolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));
  },

  'apprunner-ecr': (stack) => {
    new apprunner.Service(stack, 'Imported', {
      source: apprunner.Source.fromEcr({
        imageConfiguration: { port: 80 },
        repository: ecr.Repository.fromRepositoryName(stack, 'NginxRepository', 'nginx'),
        tagOrDigest: 'latest',
      }),
      autoDeploymentsEnabled: true,
    });
    new apprunner.Service(stack, 'Encrypted', {
      source: apprunner.Source.fromEcr({
        imageConfiguration: { port: 8080 },
        repository: ecr.Repository.fromRepositoryArn(stack, 'Repository', 'arn:aws:ecr:us-east-1:111122223333:repository/team/web'),
        tagOrDigest: 'prod',
      }),
      kmsKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
    });
  },

  'apprunner-source': (stack) => {
    const connection = apprunner.GitHubConnection.fromConnectionArn(
      'arn:aws:apprunner:us-east-1:111122223333:connection/github/0123456789abcdef0123456789abcdef',
    );
    new apprunner.Service(stack, 'Repository', {
      source: apprunner.Source.fromGitHub({
        repositoryUrl: 'https://github.com/aws-containers/hello-app-runner',
        branch: 'main',
        configurationSource: apprunner.ConfigurationSourceType.REPOSITORY,
        connection,
      }),
    });
    new apprunner.Service(stack, 'Api', {
      source: apprunner.Source.fromGitHub({
        repositoryUrl: 'https://github.com/aws-containers/hello-app-runner',
        branch: 'main',
        configurationSource: apprunner.ConfigurationSourceType.API,
        codeConfigurationValues: {
          runtime: apprunner.Runtime.PYTHON_3,
          port: '8000',
          startCommand: 'python app.py',
          buildCommand: 'yum install -y pycairo && pip install -r requirements.txt',
        },
        connection,
      }),
    });
  },

  'apprunner-vpc': (stack) => {
    const vpc = network(stack);
    const vpcConnector = new apprunner.VpcConnector(stack, 'VpcConnector', {
      vpc,
      vpcSubnets: vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }),
    });
    new apprunner.Service(stack, 'Service', {
      source: hello(),
      vpcConnector,
      autoScalingConfiguration: new apprunner.AutoScalingConfiguration(stack, 'Scaling', {
        autoScalingConfigurationName: 'MyAutoScalingConfiguration',
        maxConcurrency: 150,
        maxSize: 20,
        minSize: 5,
      }),
    });
  },

  // The README's example: what is in the VPC is reached, the internet is not. A warning.
  'apprunner-vpc-public-subnets': (stack) => {
    const vpc = network(stack);
    const vpcConnector = new apprunner.VpcConnector(stack, 'VpcConnector', {
      vpc,
      vpcSubnets: vpc.selectSubnets({ subnetType: ec2.SubnetType.PUBLIC }),
      vpcConnectorName: 'MyVpcConnector',
    });
    new apprunner.Service(stack, 'Service', { source: hello(), vpcConnector });
  },

  'apprunner-private': (stack) => {
    const vpc = network(stack);
    const interfaceVpcEndpoint = new ec2.InterfaceVpcEndpoint(stack, 'Endpoint', {
      vpc,
      service: ec2.InterfaceVpcEndpointAwsService.APP_RUNNER_REQUESTS,
      privateDnsEnabled: false,
    });
    const service = new apprunner.Service(stack, 'Service', { source: hello(), isPubliclyAccessible: false });
    new apprunner.VpcIngressConnection(stack, 'Ingress', { vpc, interfaceVpcEndpoint, service });
  },

  'apprunner-secrets': (stack) => {
    const secret = new secretsmanager.Secret(stack, 'Secret');
    const parameter = ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'Parameter', { parameterName: '/name' });
    const service = new apprunner.Service(stack, 'Service', {
      source: hello({
        port: 8000,
        environmentVariables: { LOG_LEVEL: 'info' },
        environmentSecrets: {
          SECRET: apprunner.Secret.fromSecretsManager(secret),
          PARAMETER: apprunner.Secret.fromSsmParameter(parameter),
          SECRET_STAGE: apprunner.Secret.fromSecretsManagerVersion(secret, { versionStage: 'AWSCURRENT' }),
        },
      }),
      observabilityConfiguration: new apprunner.ObservabilityConfiguration(stack, 'Observability', {
        observabilityConfigurationName: 'MyObservabilityConfiguration',
        traceConfigurationVendor: apprunner.TraceConfigurationVendor.AWSXRAY,
      }),
    });
    service.addSecret('LATER_SECRET', apprunner.Secret.fromSecretsManager(secret, 'field'));
    service.grantPrincipal.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: [
          'xray:PutTraceSegments',
          'xray:PutTelemetryRecords',
          'xray:GetSamplingRules',
          'xray:GetSamplingTargets',
          'xray:GetSamplingStatisticSummaries',
        ],
        resources: ['*'],
      }),
    );
  },

  express: (stack) => {
    const vpc = network(stack);
    const execution = new iam.Role(stack, 'Execution', {
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonECSTaskExecutionRolePolicy')],
    });
    const infrastructure = new iam.Role(stack, 'Infrastructure', {
      assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonECSInfrastructureRoleforExpressGatewayServices')],
    });
    const secret = new secretsmanager.Secret(stack, 'Secret');
    secret.grantRead(execution);
    const logGroup = new logs.LogGroup(stack, 'Logs');
    new ecs.CfnExpressGatewayService(stack, 'Service', {
      serviceName: 'shop',
      executionRoleArn: execution.roleArn,
      infrastructureRoleArn: infrastructure.roleArn,
      taskRoleArn: new iam.Role(stack, 'TaskRole', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }).roleArn,
      cpu: '512',
      memory: '1024',
      healthCheckPath: '/up',
      primaryContainer: {
        image: 'public.ecr.aws/nginx/nginx-unprivileged:stable',
        containerPort: 8080,
        environment: [{ name: 'LOG_LEVEL', value: 'info' }],
        secrets: [{ name: 'TOKEN', valueFrom: secret.secretArn }],
        awsLogsConfiguration: { logGroup: logGroup.logGroupName, logStreamPrefix: 'web' },
      },
      networkConfiguration: {
        subnets: vpc.publicSubnets.map((subnet) => subnet.subnetId),
        securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc }).securityGroupId],
      },
      scalingTarget: { minTaskCount: 1, maxTaskCount: 5, autoScalingMetric: 'AVERAGE_CPU', autoScalingTargetValue: 60 },
    }).node.addDependency(infrastructure);
  },

  // In the default VPC and the default cluster.
  'express-defaults': (stack) => {
    new ecs.CfnExpressGatewayService(stack, 'Service', {
      executionRoleArn: new iam.Role(stack, 'Execution', {
        assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
        managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonECSTaskExecutionRolePolicy')],
      }).roleArn,
      infrastructureRoleArn: 'arn:aws:iam::111122223333:role/ecsInfrastructureRoleForExpressServices',
      primaryContainer: { image: 'public.ecr.aws/nginx/nginx:stable' },
    });
  },
};
