// aws-ecs, as its README shows it and as teams write it.
import * as cdk from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { fargateCluster, instances, network, sample, webTask } from './network.mjs';

export default {
  'ecs-fargate-spot': (stack) => {
    const cluster = fargateCluster(stack, { enableFargateCapacityProviders: true });
    cluster.addDefaultCapacityProviderStrategy([
      { capacityProvider: 'FARGATE', base: 1, weight: 50 },
      { capacityProvider: 'FARGATE_SPOT', weight: 50 },
    ]);
    const service = new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: webTask(stack),
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
      capacityProviderStrategies: [
        { capacityProvider: 'FARGATE_SPOT', weight: 2 },
        { capacityProvider: 'FARGATE', weight: 1 },
      ],
    });
    service.node.addDependency(cluster); // without it, as in the README, the service may come before the cluster has the providers
  },

  // A service without a strategy and launch type takes the cluster's default strategy.
  'ecs-default-strategy': (stack) => {
    const cluster = new ecs.CfnCluster(stack, 'Cluster', {
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [
        { capacityProvider: 'FARGATE', base: 1, weight: 1 },
        { capacityProvider: 'FARGATE_SPOT', weight: 4 },
      ],
      clusterSettings: [{ name: 'containerInsights', value: 'enhanced' }],
    });
    const vpc = network(stack);
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc });
    new ecs.CfnService(stack, 'Service', {
      cluster: cluster.ref,
      taskDefinition: webTask(stack).taskDefinitionArn,
      desiredCount: 2,
      networkConfiguration: {
        awsvpcConfiguration: { subnets: vpc.privateSubnets.map((subnet) => subnet.subnetId), securityGroups: [group.securityGroupId] },
      },
    });
  },

  'ecs-asg-capacity-provider': (stack) => {
    const cluster = fargateCluster(stack);
    const provider = new ecs.AsgCapacityProvider(stack, 'Provider', {
      autoScalingGroup: new autoscaling.AutoScalingGroup(stack, 'Group', {
        vpc: cluster.vpc,
        instanceType: new ec2.InstanceType('m7i.large'),
        machineImage: ecs.EcsOptimizedImage.amazonLinux2023(),
        minCapacity: 0,
        maxCapacity: 10,
      }),
      instanceWarmupPeriod: 300,
    });
    cluster.addAsgCapacityProvider(provider);
    const task = new ecs.Ec2TaskDefinition(stack, 'Task', { networkMode: ecs.NetworkMode.AWS_VPC });
    task.addContainer('web', { image: sample, memoryReservationMiB: 256, portMappings: [{ containerPort: 80 }] });
    const service = new ecs.Ec2Service(stack, 'Service', {
      cluster,
      taskDefinition: task,
      minHealthyPercent: 100,
      capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
      placementStrategies: [ecs.PlacementStrategy.spreadAcross('attribute:ecs.availability-zone')],
      placementConstraints: [ecs.PlacementConstraint.memberOf('attribute:ecs.instance-type =~ m7i.*')],
    });
    service.node.addDependency(cluster); // as in ecs-fargate-spot
  },

  'ecs-bottlerocket-spot': (stack) => {
    const cluster = fargateCluster(stack);
    const launchTemplate = new ec2.LaunchTemplate(stack, 'Template', {
      machineImage: new ecs.BottleRocketImage({ architecture: ec2.InstanceArchitecture.ARM_64 }),
      instanceType: new ec2.InstanceType('m7g.large'),
      userData: ec2.UserData.custom(''),
      requireImdsv2: true,
      securityGroup: new ec2.SecurityGroup(stack, 'Instances', { vpc: cluster.vpc }),
      role: new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
    });
    const provider = new ecs.AsgCapacityProvider(stack, 'Provider', {
      autoScalingGroup: new autoscaling.AutoScalingGroup(stack, 'Group', {
        vpc: cluster.vpc,
        mixedInstancesPolicy: {
          launchTemplate,
          instancesDistribution: { onDemandPercentageAboveBaseCapacity: 0 },
          launchTemplateOverrides: [
            { instanceType: new ec2.InstanceType('m7g.large') },
            { instanceType: new ec2.InstanceType('m6g.large') },
          ],
        },
        minCapacity: 0,
        maxCapacity: 6,
      }),
      machineImageType: ecs.MachineImageType.BOTTLEROCKET,
      enableManagedTerminationProtection: false,
      spotInstanceDraining: true,
    });
    cluster.addAsgCapacityProvider(provider, { machineImageType: ecs.MachineImageType.BOTTLEROCKET });
    const task = new ecs.Ec2TaskDefinition(stack, 'Task');
    task.addContainer('worker', { image: sample, memoryLimitMiB: 256 });
    const service = new ecs.Ec2Service(stack, 'Service', {
      cluster,
      taskDefinition: task,
      minHealthyPercent: 50,
      capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
    });
    service.node.addDependency(cluster); // as in ecs-fargate-spot
  },

  'ecs-managed-instances': (stack) => {
    const cluster = fargateCluster(stack);
    const provider = new ecs.ManagedInstancesCapacityProvider(stack, 'Provider', {
      capacityOptionType: ecs.CapacityOptionType.SPOT,
      subnets: cluster.vpc.privateSubnets,
      securityGroups: [new ec2.SecurityGroup(stack, 'Instances', { vpc: cluster.vpc })],
      instanceRequirements: { vCpuCountMin: 1, memoryMin: cdk.Size.gibibytes(2) },
    });
    provider.connections.allowFrom(ec2.Peer.ipv4(cluster.vpc.vpcCidrBlock), ec2.Port.tcp(80));
    cluster.addManagedInstancesCapacityProvider(provider);
    const task = new ecs.TaskDefinition(stack, 'Task', {
      memoryMiB: '512',
      cpu: '256',
      networkMode: ecs.NetworkMode.AWS_VPC,
      compatibility: ecs.Compatibility.MANAGED_INSTANCES,
    });
    task.addContainer('web', { image: sample, memoryReservationMiB: 256 });
    new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: task,
      minHealthyPercent: 100,
      capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }], // the provider itself names the cluster
    });
  },

  'ecs-daemon': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster);
    const task = new ecs.Ec2TaskDefinition(stack, 'Task', {
      networkMode: ecs.NetworkMode.HOST,
      volumes: [{ name: 'docker', host: { sourcePath: '/var/run/docker.sock' } }],
    });
    const agent = task.addContainer('agent', { image: sample, memoryLimitMiB: 128, privileged: true, user: '0' });
    agent.addMountPoints({ containerPath: '/var/run/docker.sock', sourceVolume: 'docker', readOnly: true });
    new ecs.Ec2Service(stack, 'Service', { cluster, taskDefinition: task, daemon: true });
  },

  'ecs-gpu': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster, {
      instanceType: new ec2.InstanceType('g5.xlarge'),
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(ecs.AmiHardwareType.GPU),
    });
    const task = new ecs.Ec2TaskDefinition(stack, 'Task');
    task.addContainer('model', { image: sample, memoryLimitMiB: 8192, gpuCount: 1 });
    new ecs.Ec2Service(stack, 'Service', { cluster, taskDefinition: task, desiredCount: 1, minHealthyPercent: 0 });
  },

  'ecs-graviton-ec2': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster, {
      instanceType: new ec2.InstanceType('c7g.large'),
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(ecs.AmiHardwareType.ARM),
    });
    const task = new ecs.Ec2TaskDefinition(stack, 'Task');
    task.addContainer('web', { image: sample, memoryLimitMiB: 512, portMappings: [{ containerPort: 8080, hostPort: 8080 }] });
    const service = new ecs.Ec2Service(stack, 'Service', {
      cluster,
      taskDefinition: task,
      minHealthyPercent: 50,
      maxHealthyPercent: 100,
      desiredCount: 2,
    });
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: cluster.vpc, internetFacing: true });
    balancer
      .addListener('Listener', { port: 80 })
      .addTargets('Web', { port: 8080, protocol: elbv2.ApplicationProtocol.HTTP, targets: [service] });
  },

  'ecs-windows-fargate': (stack) => {
    const cluster = fargateCluster(stack);
    const task = new ecs.FargateTaskDefinition(stack, 'Task', {
      runtimePlatform: {
        operatingSystemFamily: ecs.OperatingSystemFamily.WINDOWS_SERVER_2022_CORE,
        cpuArchitecture: ecs.CpuArchitecture.X86_64,
      },
      cpu: 1024,
      memoryLimitMiB: 2048,
    });
    task.addContainer('iis', {
      image: ecs.ContainerImage.fromRegistry('mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022'),
      portMappings: [{ containerPort: 80 }],
      logging: ecs.LogDriver.awsLogs({ streamPrefix: 'iis' }),
    });
    new ecs.FargateService(stack, 'Service', { cluster, taskDefinition: task, minHealthyPercent: 100 });
  },

  'ecs-windows-ec2': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster, {
      instanceType: new ec2.InstanceType('m6i.xlarge'),
      machineImage: ecs.EcsOptimizedImage.windows(ecs.WindowsOptimizedVersion.SERVER_2022),
    });
    const task = new ecs.Ec2TaskDefinition(stack, 'Task', { networkMode: ecs.NetworkMode.NAT });
    task.addContainer('iis', {
      image: ecs.ContainerImage.fromRegistry('mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022'),
      memoryLimitMiB: 2048,
      cpu: 1024,
      portMappings: [{ containerPort: 80, hostPort: 8080 }],
    });
    new ecs.Ec2Service(stack, 'Service', { cluster, taskDefinition: task, minHealthyPercent: 0, maxHealthyPercent: 100 });
  },

  'ecs-anywhere': (stack) => {
    const cluster = fargateCluster(stack);
    const task = new ecs.ExternalTaskDefinition(stack, 'Task');
    task.addContainer('web', { image: sample, memoryLimitMiB: 512, logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'edge' }) });
    new ecs.ExternalService(stack, 'Service', { cluster, taskDefinition: task, desiredCount: 1, minHealthyPercent: 100 });
  },

  'ecs-efs-fargate': (stack) => {
    const cluster = fargateCluster(stack);
    const files = new efs.FileSystem(stack, 'Files', { vpc: cluster.vpc, encrypted: true });
    const uploads = files.addAccessPoint('Uploads', {
      path: '/uploads',
      createAcl: { ownerGid: '1000', ownerUid: '1000', permissions: '750' },
      posixUser: { gid: '1000', uid: '1000' },
    });
    const task = webTask(stack);
    task.addVolume({
      name: 'uploads',
      efsVolumeConfiguration: {
        fileSystemId: files.fileSystemId,
        transitEncryption: 'ENABLED',
        authorizationConfig: { accessPointId: uploads.accessPointId, iam: 'ENABLED' },
      },
    });
    task.defaultContainer.addMountPoints({ containerPath: '/srv/uploads', sourceVolume: 'uploads', readOnly: false });
    files.grantReadWrite(task.taskRole);
    const service = new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: task,
      minHealthyPercent: 100,
      platformVersion: ecs.FargatePlatformVersion.VERSION1_4,
    });
    files.connections.allowDefaultPortFrom(service);
    service.node.addDependency(files.mountTargetsAvailable);
  },

  // The volume's root, by the root of the tasks: no access point, no IAM.
  'ecs-efs-ec2': (stack) => {
    const cluster = fargateCluster(stack);
    const group = instances(cluster);
    const files = new efs.FileSystem(stack, 'Files', {
      vpc: cluster.vpc,
      allowAnonymousAccess: true,
      lifecyclePolicy: efs.LifecyclePolicy.AFTER_30_DAYS,
    });
    const task = new ecs.Ec2TaskDefinition(stack, 'Task');
    task.addVolume({
      name: 'media',
      efsVolumeConfiguration: { fileSystemId: files.fileSystemId, rootDirectory: '/', transitEncryption: 'ENABLED' },
    });
    task
      .addContainer('media', { image: sample, memoryLimitMiB: 512 })
      .addMountPoints({ containerPath: '/media', sourceVolume: 'media', readOnly: true });
    const service = new ecs.Ec2Service(stack, 'Service', { cluster, taskDefinition: task, minHealthyPercent: 50 });
    files.connections.allowDefaultPortFrom(group);
    service.node.addDependency(files.mountTargetsAvailable);
  },

  'ecs-ebs-volume': (stack) => {
    const cluster = fargateCluster(stack);
    const task = webTask(stack);
    const volume = new ecs.ServiceManagedVolume(stack, 'Volume', {
      name: 'ebs1',
      managedEBSVolume: {
        size: cdk.Size.gibibytes(15),
        encrypted: true,
        volumeType: ec2.EbsDeviceVolumeType.GP3,
        fileSystemType: ecs.FileSystemType.XFS,
        tagSpecifications: [{ tags: { purpose: 'production' }, propagateTags: ecs.EbsPropagatedTagSource.SERVICE }],
      },
    });
    volume.mountIn(task.defaultContainer, { containerPath: '/var/lib', readOnly: false });
    task.addVolume(volume);
    new ecs.FargateService(stack, 'Service', { cluster, taskDefinition: task, minHealthyPercent: 100 }).addVolume(volume);
  },

  'ecs-service-connect': (stack) => {
    const cluster = fargateCluster(stack, {
      defaultCloudMapNamespace: { name: 'shop.internal', useForServiceConnect: true, type: cloudmap.NamespaceType.HTTP },
    });
    const server = new ecs.FargateService(stack, 'Api', {
      cluster,
      taskDefinition: webTask(stack, 'ApiTask'),
      minHealthyPercent: 100,
      serviceConnectConfiguration: {
        services: [{ portMappingName: 'http', dnsName: 'api', port: 8080, idleTimeout: cdk.Duration.minutes(5) }],
        logDriver: ecs.LogDrivers.awsLogs({ streamPrefix: 'connect' }),
      },
    });
    const client = new ecs.FargateService(stack, 'Web', {
      cluster,
      taskDefinition: webTask(stack, 'WebTask'),
      minHealthyPercent: 100,
      serviceConnectConfiguration: {},
    });
    server.connections.allowFrom(client, ec2.Port.tcp(80));
    client.node.defaultChild.addResourceDependency(server.node.defaultChild);
  },

  'ecs-cloud-map': (stack) => {
    const cluster = fargateCluster(stack, { containerInsightsV2: ecs.ContainerInsights.ENHANCED });
    cluster.addDefaultCloudMapNamespace({ name: 'shop.internal' });
    new ecs.FargateService(stack, 'Api', {
      cluster,
      taskDefinition: webTask(stack),
      minHealthyPercent: 100,
      cloudMapOptions: { name: 'api', dnsRecordType: cloudmap.DnsRecordType.A },
    });
    instances(cluster);
    const task = new ecs.Ec2TaskDefinition(stack, 'Ec2Task');
    const container = task.addContainer('cache', { image: sample, memoryLimitMiB: 512, portMappings: [{ containerPort: 6379 }] });
    new ecs.Ec2Service(stack, 'Cache', {
      cluster,
      taskDefinition: task,
      minHealthyPercent: 0,
      cloudMapOptions: { name: 'cache', dnsRecordType: cloudmap.DnsRecordType.SRV, container, containerPort: 6379 },
    });
  },

  'ecs-deployment-alarms': (stack) => {
    const cluster = fargateCluster(stack);
    const elbAlarm = new cloudwatch.Alarm(stack, 'Alarm', {
      alarmName: 'shop-5xx',
      metric: new cloudwatch.Metric({ namespace: 'AWS/ApplicationELB', metricName: 'HTTPCode_Target_5XX_Count' }),
      evaluationPeriods: 2,
      threshold: 80,
    });
    new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: webTask(stack),
      minHealthyPercent: 100,
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
      circuitBreaker: { rollback: true },
      deploymentAlarms: { alarmNames: [elbAlarm.alarmName], behavior: ecs.AlarmBehavior.ROLLBACK_ON_ALARM },
    });
  },

  'ecs-blue-green': (stack) => {
    const { cluster, blue, green, balancer, rule } = twoTargetGroups(stack);
    const testListener = balancer.addListener('Test', {
      port: 9090,
      protocol: elbv2.ApplicationProtocol.HTTP,
      open: false,
      defaultAction: elbv2.ListenerAction.fixedResponse(404),
    });
    testListener.connections.allowDefaultPortFrom(ec2.Peer.ipv4('203.0.113.0/24'));
    const testRule = new elbv2.ApplicationListenerRule(stack, 'TestRule', {
      listener: testListener,
      priority: 1,
      conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])],
      action: elbv2.ListenerAction.weightedForward([
        { targetGroup: blue, weight: 0 },
        { targetGroup: green, weight: 100 },
      ]),
    });
    const service = new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: webTask(stack),
      deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN,
      bakeTime: cdk.Duration.minutes(10),
    });
    const hook = new lambda.Function(stack, 'Hook', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => ({ hookStatus: "SUCCEEDED" });'),
    });
    service.addLifecycleHook(
      new ecs.DeploymentLifecycleLambdaTarget(hook, 'PreScaleHook', { lifecycleStages: [ecs.DeploymentLifecycleStage.PRE_SCALE_UP] }),
    );
    service
      .loadBalancerTarget({
        containerName: 'web',
        containerPort: 80,
        protocol: ecs.Protocol.TCP,
        alternateTarget: new ecs.AlternateTarget('AlternateTarget', {
          alternateTargetGroup: green,
          productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(rule),
          testListener: ecs.ListenerRuleConfiguration.applicationListenerRule(testRule),
        }),
      })
      .attachToApplicationTargetGroup(blue);
    service.connections.allowFrom(balancer, ec2.Port.tcp(80));
  },

  'ecs-canary': (stack) => {
    const { cluster, blue, green, balancer, rule } = twoTargetGroups(stack);
    const service = new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: webTask(stack),
      minHealthyPercent: 100,
      deploymentStrategy: ecs.DeploymentStrategy.CANARY,
      canaryConfiguration: { stepPercent: 5.0, stepBakeTime: cdk.Duration.minutes(10) },
    });
    service
      .loadBalancerTarget({
        containerName: 'web',
        containerPort: 80,
        alternateTarget: new ecs.AlternateTarget('AlternateTarget', {
          alternateTargetGroup: green,
          productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(rule),
        }),
      })
      .attachToApplicationTargetGroup(blue);
    service.connections.allowFrom(balancer, ec2.Port.tcp(80));
  },

  'ecs-scaling': (stack) => {
    const cluster = fargateCluster(stack);
    const service = new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: webTask(stack),
      minHealthyPercent: 100,
      circuitBreaker: { enable: true },
    });
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: cluster.vpc, internetFacing: true });
    const targets = balancer.addListener('Listener', { port: 80 }).addTargets('Web', {
      port: 80,
      targets: [service.loadBalancerTarget({ containerName: 'web', containerPort: 80 })],
      deregistrationDelay: cdk.Duration.seconds(60),
      healthCheck: { path: '/', healthyHttpCodes: '200-399' },
    });
    const scaling = service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 20 });
    scaling.scaleOnRequestCount('Requests', { requestsPerTarget: 1000, targetGroup: targets });
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60, scaleInCooldown: cdk.Duration.minutes(5) });
    scaling.scaleOnSchedule('Morning', { schedule: appscaling.Schedule.cron({ hour: '7', minute: '0' }), minCapacity: 6 });
    scaling.scaleOnSchedule('Evening', { schedule: appscaling.Schedule.cron({ hour: '20', minute: '0' }), minCapacity: 2 });
    scaling.scaleOnMetric('Steps', {
      metric: new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Backlog', period: cdk.Duration.minutes(1) }),
      scalingSteps: [
        { upper: 10, change: -1 },
        { lower: 50, change: +1 },
        { lower: 200, change: +4 },
      ],
      adjustmentType: appscaling.AdjustmentType.CHANGE_IN_CAPACITY,
    });
    scaling.scaleToTrackCustomMetric('Custom', {
      metric: new cloudwatch.Metric({ namespace: 'Shop', metricName: 'BacklogPerTask' }),
      targetValue: 10,
    });
  },

  'ecs-secrets': (stack) => {
    const cluster = fargateCluster(stack);
    const secret = new secretsmanager.Secret(stack, 'Database', {
      generateSecretString: { secretStringTemplate: '{"username":"shop"}', generateStringKey: 'password' },
    });
    const parameter = ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'Token', {
      parameterName: '/shop/token',
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'),
    });
    const plain = new ssm.StringParameter(stack, 'Level', { parameterName: '/shop/level', stringValue: 'info' });
    const config = new s3.Bucket(stack, 'Config', { enforceSSL: true });
    const repository = ecr.Repository.fromRepositoryName(stack, 'Repository', 'team/web');
    const task = new ecs.FargateTaskDefinition(stack, 'Task', { runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64 } });
    task.addContainer('web', {
      image: ecs.ContainerImage.fromEcrRepository(repository, '1.4.2'),
      secrets: {
        DB_PASSWORD: ecs.Secret.fromSecretsManager(secret, 'password'),
        DB: ecs.Secret.fromSecretsManagerVersion(secret, { versionStage: 'AWSCURRENT' }),
        TOKEN: ecs.Secret.fromSsmParameter(parameter),
        LEVEL: ecs.Secret.fromSsmParameter(plain),
      },
      environment: { AWS_REGION: stack.region },
      environmentFiles: [ecs.EnvironmentFile.fromBucket(config, 'web.env')],
      logging: ecs.LogDrivers.awsLogs({
        streamPrefix: 'web',
        logGroup: new logs.LogGroup(stack, 'Logs', { retention: logs.RetentionDays.ONE_MONTH }),
        mode: ecs.AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: cdk.Size.mebibytes(25),
      }),
      readonlyRootFilesystem: true,
      stopTimeout: cdk.Duration.seconds(30),
    });
    new ecs.FargateService(stack, 'Service', { cluster, taskDefinition: task, minHealthyPercent: 100 });
  },

  'ecs-exec': (stack) => {
    const key = new kms.Key(stack, 'Key', { enableKeyRotation: true });
    const logGroup = new logs.LogGroup(stack, 'Sessions', { encryptionKey: key });
    const bucket = new s3.Bucket(stack, 'Recordings', { encryptionKey: key, enforceSSL: true });
    const cluster = fargateCluster(stack, {
      executeCommandConfiguration: {
        kmsKey: key,
        logConfiguration: {
          cloudWatchLogGroup: logGroup,
          cloudWatchEncryptionEnabled: true,
          s3Bucket: bucket,
          s3EncryptionEnabled: true,
          s3KeyPrefix: 'exec',
        },
        logging: ecs.ExecuteCommandLogging.OVERRIDE,
      },
    });
    new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: webTask(stack),
      minHealthyPercent: 100,
      enableExecuteCommand: true,
      enableECSManagedTags: true,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
    });
  },

  'ecs-firelens': (stack) => {
    const cluster = fargateCluster(stack);
    const task = new ecs.FargateTaskDefinition(stack, 'Task', { memoryLimitMiB: 1024, cpu: 512 });
    task.addFirelensLogRouter('router', {
      image: ecs.obtainDefaultFluentBitECRImage(task, ecs.LogDrivers.firelens({ options: { Name: 'cloudwatch' } }).logConfiguration),
      essential: true,
      firelensConfig: { type: ecs.FirelensLogRouterType.FLUENTBIT },
      memoryReservationMiB: 50,
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'router' }),
    });
    task.addContainer('web', {
      image: sample,
      portMappings: [{ containerPort: 80 }],
      logging: ecs.LogDrivers.firelens({
        options: { Name: 'cloudwatch', region: stack.region, log_group_name: 'shop', auto_create_group: 'true', log_stream_prefix: 'web-' },
      }),
    });
    task.addToTaskRolePolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        resources: ['*'],
      }),
    );
    new ecs.FargateService(stack, 'Service', { cluster, taskDefinition: task, minHealthyPercent: 100 });
  },

  'ecs-sidecars': (stack) => {
    const cluster = fargateCluster(stack);
    const task = new ecs.FargateTaskDefinition(stack, 'Task', {
      cpu: 1024,
      memoryLimitMiB: 2048,
      ephemeralStorageGiB: 50,
      volumes: [{ name: 'tmp' }, { name: 'shared' }],
      pidMode: ecs.PidMode.TASK,
      runtimePlatform: { operatingSystemFamily: ecs.OperatingSystemFamily.LINUX, cpuArchitecture: ecs.CpuArchitecture.X86_64 },
    });
    const migrate = task.addContainer('migrate', { image: sample, essential: false, command: ['migrate'] });
    const proxy = task.addContainer('proxy', {
      image: sample,
      portMappings: [{ containerPort: 8080, name: 'proxy', appProtocol: ecs.AppProtocol.http2 }],
      healthCheck: {
        command: ['CMD-SHELL', 'curl -f http://localhost:8080/up || exit 1'],
        interval: cdk.Duration.seconds(10),
        retries: 5,
        startPeriod: cdk.Duration.seconds(20),
        timeout: cdk.Duration.seconds(3),
      },
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'proxy' }),
    });
    const collector = task.addContainer('collector', {
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/aws-observability/aws-otel-collector:latest'),
      essential: false,
      cpu: 128,
      memoryLimitMiB: 256,
    });
    const web = task.addContainer('web', {
      image: sample,
      readonlyRootFilesystem: true,
      user: '1000:1000',
      linuxParameters: new ecs.LinuxParameters(stack, 'Linux', { initProcessEnabled: true }),
      ulimits: [{ name: ecs.UlimitName.NOFILE, softLimit: 65536, hardLimit: 65536 }],
      enableRestartPolicy: true,
      restartAttemptPeriod: cdk.Duration.seconds(120),
    });
    web.addMountPoints(
      { containerPath: '/tmp', sourceVolume: 'tmp', readOnly: false },
      { containerPath: '/shared', sourceVolume: 'shared', readOnly: false },
    );
    proxy.addMountPoints({ containerPath: '/shared', sourceVolume: 'shared', readOnly: true });
    web.addContainerDependencies(
      { container: migrate, condition: ecs.ContainerDependencyCondition.SUCCESS },
      { container: proxy, condition: ecs.ContainerDependencyCondition.HEALTHY },
      { container: collector, condition: ecs.ContainerDependencyCondition.START },
    );
    task.taskRole.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AWSXRayDaemonWriteAccess'));
    const service = new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: task,
      minHealthyPercent: 100,
      healthCheckGracePeriod: cdk.Duration.minutes(1),
    });
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: cluster.vpc, internetFacing: true });
    service.registerLoadBalancerTargets({
      containerName: 'proxy',
      containerPort: 8080,
      newTargetGroupId: 'Proxy',
      listener: ecs.ListenerConfig.applicationListener(balancer.addListener('Listener', { port: 80 }), {
        protocol: elbv2.ApplicationProtocol.HTTP,
        deregistrationDelay: cdk.Duration.seconds(30),
      }),
    });
  },

  'ecs-isolated-vpc': (stack) => {
    const vpc = network(stack, {
      natGateways: 0,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    for (const [id, service] of Object.entries({
      Api: ec2.InterfaceVpcEndpointAwsService.ECR,
      Docker: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
      Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
      Secrets: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    }))
      vpc.addInterfaceEndpoint(id, { service });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    const task = new ecs.FargateTaskDefinition(stack, 'Task');
    task.addContainer('web', {
      image: ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Repository', 'team/web'), 'prod'),
      portMappings: [{ containerPort: 8080 }],
      secrets: { TOKEN: ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret')) },
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'web' }),
    });
    const service = new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: task,
      minHealthyPercent: 100,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    });
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
    balancer
      .addListener('Listener', { port: 80 })
      .addTargets('Web', { port: 8080, protocol: elbv2.ApplicationProtocol.HTTP, targets: [service] });
  },

  'ecs-path-routing': (stack) => {
    const cluster = fargateCluster(stack);
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: cluster.vpc, internetFacing: true });
    const listener = balancer.addListener('Listener', { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(404) });
    for (const [priority, name] of ['Shop', 'Cart', 'Admin'].entries()) {
      const service = new ecs.FargateService(stack, name, {
        cluster,
        taskDefinition: webTask(stack, `${name}Task`),
        minHealthyPercent: 100,
      });
      listener.addTargets(name, {
        port: 80,
        targets: [service],
        priority: priority + 1,
        conditions: [elbv2.ListenerCondition.pathPatterns([`/${name.toLowerCase()}/*`])],
      });
    }
  },

  'ecs-nlb-tls': (stack) => {
    const cluster = fargateCluster(stack);
    const service = new ecs.FargateService(stack, 'Service', { cluster, taskDefinition: webTask(stack), minHealthyPercent: 100 });
    const group = new ec2.SecurityGroup(stack, 'Balancer', { vpc: cluster.vpc });
    group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443));
    const balancer = new elbv2.NetworkLoadBalancer(stack, 'LoadBalancer', {
      vpc: cluster.vpc,
      internetFacing: true,
      crossZoneEnabled: true,
      securityGroups: [group],
    });
    const listener = balancer.addListener('Listener', {
      port: 443,
      certificates: [
        elbv2.ListenerCertificate.fromArn('arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012'),
      ],
    });
    listener.addTargets('Web', {
      port: 80,
      targets: [service],
      healthCheck: { protocol: elbv2.Protocol.HTTP, path: '/up' },
      preserveClientIp: false,
    });
    service.connections.allowFrom(balancer, ec2.Port.tcp(80));
  },

  // The cluster, its VPC, the load balancer and its listener belong to others.
  'ecs-imported': (stack) => {
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['us-east-1a', 'us-east-1b'],
      privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    });
    const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'shared', vpc, securityGroups: [] });
    const listener = elbv2.ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
      listenerArn: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/shared/50dc6c495c0c9188/f2f7dc8efc522ab2',
      securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'Balancer', 'sg-0123456789abcdef0'),
    });
    const service = new ecs.FargateService(stack, 'Service', {
      cluster,
      taskDefinition: webTask(stack),
      minHealthyPercent: 100,
      capacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    });
    const targets = new elbv2.ApplicationTargetGroup(stack, 'Targets', { vpc, port: 80, targets: [service] });
    listener.addTargetGroups('Web', {
      targetGroups: [targets],
      priority: 10,
      conditions: [elbv2.ListenerCondition.hostHeaders(['shop.example.com'])],
    });
    service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 4 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
  },

  'ecs-named-zones': (app, stackProps) => {
    const stack = new cdk.Stack(app, 'Stack', stackProps({ env: { account: '111122223333', region: 'eu-west-1' } }));
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      natGateways: 1,
      restrictDefaultSecurityGroup: false,
    });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    const files = new efs.FileSystem(stack, 'Files', { vpc, allowAnonymousAccess: true });
    const task = webTask(stack);
    task.addVolume({ name: 'media', efsVolumeConfiguration: { fileSystemId: files.fileSystemId } });
    task.defaultContainer.addMountPoints({ containerPath: '/media', sourceVolume: 'media', readOnly: true });
    const service = new ecs.FargateService(stack, 'Service', { cluster, taskDefinition: task, minHealthyPercent: 100 });
    files.connections.allowDefaultPortFrom(service);
    service.node.addDependency(files.mountTargetsAvailable);
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
    balancer.logAccessLogs(new s3.Bucket(stack, 'AccessLogs', { enforceSSL: true }));
    balancer.addListener('Listener', { port: 80 }).addTargets('Web', { port: 80, targets: [service] });
  },

  'ecs-dual-stack': (stack) => {
    const vpc = network(stack, { ipProtocol: ec2.IpProtocol.DUAL_STACK });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    const service = new ecs.FargateService(stack, 'Service', { cluster, taskDefinition: webTask(stack), minHealthyPercent: 100 });
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', {
      vpc,
      internetFacing: true,
      ipAddressType: elbv2.IpAddressType.DUAL_STACK,
    });
    balancer.addListener('Listener', { port: 80 }).addTargets('Web', { port: 80, targets: [service] });
  },

  // As teams write CloudFormation: what differs is a parameter, a mapping or a condition.
  'ecs-parameters': (stack) => {
    const { value: number } = new cdk.CfnParameter(stack, 'DesiredCount', { type: 'Number', default: 2 });
    const image = new cdk.CfnParameter(stack, 'Image', { default: 'public.ecr.aws/nginx/nginx:stable' }).valueAsString;
    const port = new cdk.CfnParameter(stack, 'Port', { type: 'Number', default: 80 }).valueAsNumber;
    const vpcId = new cdk.CfnParameter(stack, 'VpcId', { type: 'AWS::EC2::VPC::Id' }).valueAsString;
    const subnets = new cdk.CfnParameter(stack, 'Subnets', { type: 'List<AWS::EC2::Subnet::Id>' }).valueAsList;
    const certificate = new cdk.CfnParameter(stack, 'Certificate', { default: '' }).valueAsString;
    const stage = new cdk.CfnParameter(stack, 'Stage', { default: 'dev', allowedValues: ['dev', 'prod'] }).valueAsString;
    const secure = new cdk.CfnCondition(stack, 'Secure', { expression: cdk.Fn.conditionNot(cdk.Fn.conditionEquals(certificate, '')) });
    const sizes = new cdk.CfnMapping(stack, 'Sizes', {
      mapping: { dev: { cpu: '256', memory: '512' }, prod: { cpu: '1024', memory: '2048' } },
    });
    const cluster = new ecs.CfnCluster(stack, 'Cluster');
    const role = new iam.CfnRole(stack, 'ExecutionRole', {
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } }],
      },
      managedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'],
    });
    const logGroup = new logs.CfnLogGroup(stack, 'Logs', { retentionInDays: 30 });
    const task = new ecs.CfnTaskDefinition(stack, 'Task', {
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: sizes.findInMap(stage, 'cpu'),
      memory: sizes.findInMap(stage, 'memory'),
      executionRoleArn: role.attrArn,
      containerDefinitions: [
        {
          name: 'web',
          image,
          portMappings: [{ containerPort: port }],
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': logGroup.ref, 'awslogs-region': stack.region, 'awslogs-stream-prefix': 'web' },
          },
        },
      ],
    });
    const open = (from) => ({ ipProtocol: 'tcp', fromPort: from, toPort: from, cidrIp: '0.0.0.0/0' });
    const balancerGroup = new ec2.CfnSecurityGroup(stack, 'BalancerGroup', {
      groupDescription: 'load balancer',
      vpcId,
      securityGroupIngress: [open(80), open(443)],
    });
    const taskGroup = new ec2.CfnSecurityGroup(stack, 'TaskGroup', {
      groupDescription: 'tasks',
      vpcId,
      securityGroupIngress: [{ ipProtocol: 'tcp', fromPort: port, toPort: port, sourceSecurityGroupId: balancerGroup.attrGroupId }],
    });
    const balancer = new elbv2.CfnLoadBalancer(stack, 'LoadBalancer', { subnets, securityGroups: [balancerGroup.attrGroupId] });
    const targets = new elbv2.CfnTargetGroup(stack, 'Targets', { vpcId, port, protocol: 'HTTP', targetType: 'ip' });
    const listener = new elbv2.CfnListener(stack, 'Listener', {
      loadBalancerArn: balancer.ref,
      port: cdk.Token.asNumber(cdk.Fn.conditionIf('Secure', 443, 80)),
      protocol: cdk.Fn.conditionIf('Secure', 'HTTPS', 'HTTP').toString(),
      certificates: cdk.Fn.conditionIf('Secure', [{ CertificateArn: certificate }], cdk.Aws.NO_VALUE),
      defaultActions: [{ type: 'forward', targetGroupArn: targets.ref }],
    });
    const redirect = new elbv2.CfnListener(stack, 'Redirect', {
      loadBalancerArn: balancer.ref,
      port: 80,
      protocol: 'HTTP',
      defaultActions: [{ type: 'redirect', redirectConfig: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' } }],
    });
    redirect.cfnOptions.condition = secure;
    const service = new ecs.CfnService(stack, 'Service', {
      cluster: cluster.ref,
      launchType: 'FARGATE',
      taskDefinition: task.ref,
      desiredCount: cdk.Token.asNumber(number),
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: true, rollback: true },
        minimumHealthyPercent: 100,
        maximumPercent: 200,
      },
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups: [taskGroup.attrGroupId], assignPublicIp: 'ENABLED' } },
      loadBalancers: [{ containerName: 'web', containerPort: port, targetGroupArn: targets.ref }],
    });
    service.addResourceDependency(listener);
  },

  'ecs-two-stacks': twoStacks,

  'ecs-two-stacks-exports': (app, stackProps) => {
    app.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');
    twoStacks(app, stackProps);
  },

  'ecs-nested-stack': (app, stackProps) => {
    const parent = new cdk.Stack(app, 'Stack', stackProps());
    const cluster = fargateCluster(parent);
    const nested = new cdk.NestedStack(parent, 'Worker');
    new ecs.FargateService(nested, 'Service', { cluster, taskDefinition: webTask(nested), minHealthyPercent: 100 });
  },
};

// A load balancer whose listener's rule shifts traffic between two target groups.
function twoTargetGroups(stack) {
  const cluster = fargateCluster(stack);
  const [blue, green] = ['Blue', 'Green'].map(
    (id) =>
      new elbv2.ApplicationTargetGroup(stack, id, {
        vpc: cluster.vpc,
        port: 80,
        protocol: elbv2.ApplicationProtocol.HTTP,
        targetType: elbv2.TargetType.IP,
        healthCheck: { path: '/up' },
      }),
  );
  const balancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: cluster.vpc, internetFacing: true });
  const listener = balancer.addListener('Listener', { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(404) });
  const rule = new elbv2.ApplicationListenerRule(stack, 'Rule', {
    listener,
    priority: 1,
    conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])],
    action: elbv2.ListenerAction.weightedForward([
      { targetGroup: blue, weight: 100 },
      { targetGroup: green, weight: 0 },
    ]),
  });
  return { cluster, blue, green, balancer, rule };
}

// A platform stack with the cluster, the file system and the load balancer, and one with the service.
function twoStacks(app, stackProps) {
  const platform = new cdk.Stack(app, 'StackPlatform', stackProps());
  const cluster = fargateCluster(platform);
  const files = new efs.FileSystem(platform, 'Files', { vpc: cluster.vpc, allowAnonymousAccess: true });
  files.connections.allowDefaultPortFrom(ec2.Peer.ipv4(cluster.vpc.vpcCidrBlock));
  const balancer = new elbv2.ApplicationLoadBalancer(platform, 'LoadBalancer', { vpc: cluster.vpc, internetFacing: true });
  const shop = new cdk.Stack(app, 'StackShop', stackProps());
  const task = webTask(shop);
  task.addVolume({ name: 'media', efsVolumeConfiguration: { fileSystemId: files.fileSystemId, transitEncryption: 'ENABLED' } });
  task.defaultContainer.addMountPoints({ containerPath: '/media', sourceVolume: 'media', readOnly: false });
  const service = new ecs.FargateService(shop, 'Service', { cluster, taskDefinition: task, minHealthyPercent: 100 });
  const listener = new elbv2.ApplicationListener(shop, 'Listener', {
    loadBalancer: balancer,
    port: 80,
    open: false,
    protocol: elbv2.ApplicationProtocol.HTTP,
  });
  listener.addTargets('Web', { port: 80, targets: [service] });
  shop.addStackDependency(platform);
  balancer.connections.allowFromAnyIpv4(ec2.Port.tcp(80));
}
