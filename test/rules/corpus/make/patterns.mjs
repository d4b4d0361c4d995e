// aws-ecs-patterns, as its README shows it.
import * as cdk from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as patterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { fargateCluster, instances, network, sample } from './network.mjs';

export default {
  'patterns-alb-fargate': (stack) => {
    const pattern = new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      cluster: fargateCluster(stack),
      memoryLimitMiB: 1024,
      cpu: 512,
      taskImageOptions: { image: sample, command: ['command'], entryPoint: ['entry', 'point'] },
      containerCpu: 256,
      containerMemoryLimitMiB: 512,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
      healthCheckGracePeriod: cdk.Duration.minutes(2),
    });
    pattern.targetGroup.configureHealthCheck({ path: '/custom-health-path' });
    const scaling = pattern.service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 20 });
    scaling.scaleOnCpuUtilization('CpuScaling', { targetUtilizationPercent: 50 });
    scaling.scaleOnMemoryUtilization('MemoryScaling', { targetUtilizationPercent: 50 });
  },

  // Its own VPC and cluster.
  'patterns-alb-fargate-alone': (stack) => {
    new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      taskImageOptions: { image: sample },
      minHealthyPercent: 100,
    });
  },

  // The README's example of scaling: the count of the service is reset when the service changes, which is a warning.
  'patterns-alb-fargate-desired-count': (stack) => {
    const pattern = new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      cluster: fargateCluster(stack),
      memoryLimitMiB: 1024,
      desiredCount: 1,
      cpu: 512,
      taskImageOptions: { image: sample },
      minHealthyPercent: 100,
    });
    const scaling = pattern.service.autoScaleTaskCount({ minCapacity: 5, maxCapacity: 20 });
    scaling.scaleOnSchedule('DaytimeScaleDown', { schedule: appscaling.Schedule.cron({ hour: '8', minute: '0' }), minCapacity: 1 });
    scaling.scaleOnSchedule('EveningRushScaleUp', { schedule: appscaling.Schedule.cron({ hour: '20', minute: '0' }), minCapacity: 10 });
  },

  'patterns-alb-fargate-https': (stack) => {
    const domainZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      zoneName: 'example.com',
    });
    new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      cluster: fargateCluster(stack),
      minHealthyPercent: 100,
      certificate: acm.Certificate.fromCertificateArn(
        stack,
        'Certificate',
        'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012',
      ),
      sslPolicy: elbv2.SslPolicy.RECOMMENDED,
      domainName: 'api.example.com',
      domainZone,
      redirectHTTP: true,
      taskImageOptions: { image: sample, containerPort: 8080 },
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    });
  },

  // With a dependency that the README's example lacks: CloudFormation may create the service before the cluster has the providers,
  // and may take them from it first when the stack is deleted.
  'patterns-alb-fargate-spot': (stack) => {
    const cluster = fargateCluster(stack);
    cluster.enableFargateCapacityProviders();
    const pattern = new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      cluster,
      taskImageOptions: { image: sample },
      minHealthyPercent: 100,
      capacityProviderStrategies: [
        { capacityProvider: 'FARGATE_SPOT', weight: 2, base: 0 },
        { capacityProvider: 'FARGATE', weight: 1, base: 1 },
      ],
    });
    pattern.service.node.addDependency(cluster);
  },

  'patterns-alb-fargate-internal': (stack) => {
    const cluster = fargateCluster(stack);
    const clients = new ec2.SecurityGroup(stack, 'Clients', { vpc: cluster.vpc });
    const balancer = new ec2.SecurityGroup(stack, 'Balancer', { vpc: cluster.vpc });
    balancer.addIngressRule(clients, ec2.Port.tcp(80));
    new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      cluster,
      minHealthyPercent: 100,
      loadBalancer: new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', {
        vpc: cluster.vpc,
        internetFacing: false,
        securityGroup: balancer,
      }),
      openListener: false,
      taskImageOptions: { image: sample, containerPort: 3000 },
      securityGroups: [new ec2.SecurityGroup(stack, 'Tasks', { vpc: cluster.vpc })],
    });
  },

  'patterns-alb-fargate-public-subnets': (stack) => {
    const vpc = network(stack, { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC }] });
    new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      vpc,
      taskImageOptions: { image: sample },
      minHealthyPercent: 100,
      assignPublicIp: true,
      taskSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    });
  },

  'patterns-alb-fargate-codedeploy': (stack) => {
    const cluster = fargateCluster(stack);
    const pattern = new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      cluster,
      memoryLimitMiB: 1024,
      cpu: 512,
      taskImageOptions: { image: sample },
      minHealthyPercent: 100,
      deploymentController: { type: ecs.DeploymentControllerType.CODE_DEPLOY },
    });
    const green = new elbv2.ApplicationTargetGroup(stack, 'Green', { vpc: cluster.vpc, port: 80, targetType: elbv2.TargetType.IP });
    const testListener = pattern.loadBalancer.addListener('Test', {
      port: 9002,
      protocol: elbv2.ApplicationProtocol.HTTP,
      defaultTargetGroups: [green],
    });
    new codedeploy.EcsDeploymentGroup(stack, 'DeploymentGroup', {
      service: pattern.service,
      deploymentConfig: codedeploy.EcsDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      blueGreenDeploymentConfig: {
        listener: pattern.listener,
        testListener,
        blueTargetGroup: pattern.targetGroup,
        greenTargetGroup: green,
        terminationWaitTime: cdk.Duration.minutes(5),
      },
    });
  },

  'patterns-alb-ec2': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster);
    new patterns.ApplicationLoadBalancedEc2Service(stack, 'Service', {
      cluster,
      memoryLimitMiB: 1024,
      taskImageOptions: {
        image: sample,
        environment: { TEST_ENVIRONMENT_VARIABLE1: 'test environment variable 1 value' },
        command: ['command'],
        entryPoint: ['entry', 'point'],
      },
      desiredCount: 2,
      minHealthyPercent: 100,
      placementStrategies: [ecs.PlacementStrategy.spreadAcrossInstances(), ecs.PlacementStrategy.packedByCpu()],
    });
  },

  // The path is written with a slash, which the README's example has not.
  'patterns-alb-multiple-ec2': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster);
    new patterns.ApplicationMultipleTargetGroupsEc2Service(stack, 'Service', {
      cluster,
      memoryLimitMiB: 256,
      taskImageOptions: { image: sample },
      targetGroups: [{ containerPort: 80 }, { containerPort: 90, pathPattern: '/a/b/c', priority: 10 }],
    });
  },

  'patterns-alb-multiple-fargate': (stack) => {
    new patterns.ApplicationMultipleTargetGroupsFargateService(stack, 'Service', {
      cluster: fargateCluster(stack),
      memoryLimitMiB: 1024,
      cpu: 512,
      taskImageOptions: { image: sample, containerPorts: [80, 90] },
      loadBalancers: [
        { name: 'public', listeners: [{ name: 'web' }] },
        { name: 'internal', publicLoadBalancer: false, listeners: [{ name: 'admin' }] },
      ],
      targetGroups: [
        { containerPort: 80, listener: 'web' },
        { containerPort: 90, listener: 'web', pathPattern: '/a/b/c', priority: 10 },
        { containerPort: 90, listener: 'admin' },
      ],
    });
  },

  // With the security group's rules that the README leaves to the reader.
  'patterns-nlb-fargate': (stack) => {
    const pattern = new patterns.NetworkLoadBalancedFargateService(stack, 'Service', {
      cluster: fargateCluster(stack),
      memoryLimitMiB: 1024,
      cpu: 512,
      taskImageOptions: { image: sample },
      minHealthyPercent: 100,
    });
    pattern.loadBalancer.connections.allowFromAnyIpv4(ec2.Port.tcp(80));
    pattern.service.connections.allowFrom(pattern.loadBalancer, ec2.Port.tcp(80));
  },

  'patterns-nlb-ec2': (stack) => {
    const cluster = fargateCluster(stack);
    const group = instances(cluster);
    const pattern = new patterns.NetworkLoadBalancedEc2Service(stack, 'Service', {
      cluster,
      memoryLimitMiB: 1024,
      taskImageOptions: { image: sample },
      desiredCount: 2,
      minHealthyPercent: 100,
    });
    // In bridge mode the tasks have ports of the instances.
    pattern.loadBalancer.connections.allowFromAnyIpv4(ec2.Port.tcp(80));
    group.connections.allowFrom(pattern.loadBalancer, ec2.Port.tcpRange(32768, 65535));
  },

  'patterns-nlb-multiple-fargate': (stack) => {
    const pattern = new patterns.NetworkMultipleTargetGroupsFargateService(stack, 'Service', {
      cluster: fargateCluster(stack),
      memoryLimitMiB: 512,
      taskImageOptions: { image: sample, containerPorts: [80, 90] },
      loadBalancers: [
        { name: 'lb1', listeners: [{ name: 'listener1' }] },
        { name: 'lb2', listeners: [{ name: 'listener2' }] },
      ],
      targetGroups: [
        { containerPort: 80, listener: 'listener1' },
        { containerPort: 90, listener: 'listener2' },
      ],
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
    });
    for (const [name, port] of [
      ['lb1', 80],
      ['lb2', 90],
    ]) {
      const balancer = pattern.node.findChild(name);
      balancer.connections.allowFromAnyIpv4(ec2.Port.tcp(80));
      pattern.service.connections.allowFrom(balancer, ec2.Port.tcp(port));
    }
  },

  'patterns-nlb-multiple-ec2': (stack) => {
    const cluster = fargateCluster(stack);
    const group = instances(cluster);
    const pattern = new patterns.NetworkMultipleTargetGroupsEc2Service(stack, 'Service', {
      cluster,
      memoryLimitMiB: 256,
      taskImageOptions: { image: sample, containerPorts: [80, 90] },
      loadBalancers: [
        { name: 'lb1', listeners: [{ name: 'listener1' }] },
        { name: 'lb2', listeners: [{ name: 'listener2' }] },
      ],
      targetGroups: [
        { containerPort: 80, listener: 'listener1' },
        { containerPort: 90, listener: 'listener2' },
      ],
    });
    for (const name of ['lb1', 'lb2']) {
      const balancer = pattern.node.findChild(name);
      balancer.connections.allowFromAnyIpv4(ec2.Port.tcp(80));
      group.connections.allowFrom(balancer, ec2.Port.tcpRange(32768, 65535));
    }
  },

  'patterns-queue-fargate': (stack) => {
    new patterns.QueueProcessingFargateService(stack, 'Service', {
      cluster: fargateCluster(stack),
      memoryLimitMiB: 512,
      image: sample,
      command: ['-c', '4', 'amazon.com'],
      environment: { TEST_ENVIRONMENT_VARIABLE1: 'test environment variable 1 value' },
      maxScalingCapacity: 5,
      containerName: 'test',
      minHealthyPercent: 100,
      visibilityTimeout: cdk.Duration.minutes(5),
      cooldown: cdk.Duration.seconds(500),
      healthCheck: { command: ['CMD-SHELL', 'test -f /tmp/alive'], interval: cdk.Duration.seconds(30) },
    });
  },

  'patterns-queue-fargate-spot': (stack) => {
    const cluster = fargateCluster(stack);
    cluster.enableFargateCapacityProviders();
    const dead = new sqs.Queue(stack, 'Dead', { enforceSSL: true });
    const pattern = new patterns.QueueProcessingFargateService(stack, 'Service', {
      cluster,
      memoryLimitMiB: 512,
      image: sample,
      queue: new sqs.Queue(stack, 'Jobs', { enforceSSL: true, deadLetterQueue: { queue: dead, maxReceiveCount: 3 } }),
      maxScalingCapacity: 10,
      disableCpuBasedScaling: true,
      scalingSteps: [
        { upper: 0, change: -1 },
        { lower: 100, change: +1 },
        { lower: 500, change: +5 },
      ],
      minHealthyPercent: 100,
      capacityProviderStrategies: [
        { capacityProvider: 'FARGATE_SPOT', weight: 2 },
        { capacityProvider: 'FARGATE', weight: 1 },
      ],
    });
    pattern.service.node.addDependency(cluster);
  },

  'patterns-queue-ec2': (stack) => {
    const cluster = fargateCluster(stack);
    const provider = new ecs.AsgCapacityProvider(stack, 'Provider', {
      autoScalingGroup: new autoscaling.AutoScalingGroup(stack, 'Group', {
        vpc: cluster.vpc,
        instanceType: new ec2.InstanceType('t3.micro'),
        machineImage: ecs.EcsOptimizedImage.amazonLinux2(),
        minCapacity: 0,
        maxCapacity: 5,
      }),
    });
    cluster.addAsgCapacityProvider(provider);
    const pattern = new patterns.QueueProcessingEc2Service(stack, 'Service', {
      cluster,
      memoryLimitMiB: 512,
      image: sample,
      maxScalingCapacity: 5,
      minHealthyPercent: 100,
      capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
    });
    pattern.service.node.addDependency(cluster);
  },

  'patterns-scheduled-fargate': (stack) => {
    new patterns.ScheduledFargateTask(stack, 'ScheduledTask', {
      cluster: fargateCluster(stack),
      scheduledFargateTaskImageOptions: { image: sample, memoryLimitMiB: 512 },
      schedule: appscaling.Schedule.expression('rate(1 minute)'),
      platformVersion: ecs.FargatePlatformVersion.LATEST,
    });
  },

  'patterns-scheduled-ec2': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster);
    new patterns.ScheduledEc2Task(stack, 'ScheduledTask', {
      cluster,
      scheduledEc2TaskImageOptions: { image: sample, memoryLimitMiB: 256, environment: { name: 'TRIGGER', value: 'CloudWatch Events' } },
      schedule: appscaling.Schedule.expression('rate(1 minute)'),
      enabled: true,
      ruleName: 'sample-scheduled-task-rule',
    });
  },
};
