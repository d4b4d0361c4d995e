// The JavaScript side of the benchmark: what somebody would write by hand to get the resources of ../app/main.go.
// The runner, ../main.go, puts it beside a node_modules with the aws-cdk-lib that the Go bindings carry.
//
//	node app.js <services> [default|pack <directory of Rego files>]
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const ecs = require('aws-cdk-lib/aws-ecs');
const elb = require('aws-cdk-lib/aws-elasticloadbalancingv2');
const iam = require('aws-cdk-lib/aws-iam');
const logs = require('aws-cdk-lib/aws-logs');
const s3 = require('aws-cdk-lib/aws-s3');

const [services, validation, regoDirectory] = process.argv.slice(2);

const app = new cdk.App();
const stack = new cdk.Stack(app, 'Bench');
const vpc = network();
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENHANCED });
const providers = new ecs.CfnClusterCapacityProviderAssociations(stack, 'CapacityProviders', {
  cluster: cluster.clusterName,
  capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
  defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
});
const listener = loadBalancer();
for (let i = 0; i < Number(services); i++) {
  service(i, task(i));
}
if (validation) {
  // Fifty services are more resources than a stack may have. No other finding is expected.
  cdk.Validations.of(app).acknowledge({ id: 'CloudFormation-Validate::F0007', reason: 'Nobody deploys this' });
  cdk.Validations.of(app).addPlugins(new cdk.CloudFormationValidatePlugin({
    includeDefaultRules: true,
    regoRules: validation === 'pack' ? regoRules() : undefined,
  }));
}
app.synth();

function network() {
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'),
    availabilityZones: [0, 1, 2].map((i) => cdk.Fn.select(i, cdk.Fn.getAzs())),
    natGateways: 1,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 22, mapPublicIpOnLaunch: false },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 19 },
    ],
    restrictDefaultSecurityGroup: true,
    gatewayEndpoints: {
      S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
      DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
    },
  });
  const logGroup = new logs.LogGroup(stack, 'FlowLogGroup', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const role = new iam.Role(stack, 'FlowLogRole', {
    assumedBy: new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: {
          'aws:SourceArn': stack.formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*' }),
        },
      },
    }),
  });
  new ec2.FlowLog(stack, 'FlowLog', {
    resourceType: ec2.FlowLogResourceType.fromVpc(vpc),
    destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup, role),
  });
  return vpc;
}

function loadBalancer() {
  const securityGroup = new ec2.SecurityGroup(stack, 'LoadBalancerSecurityGroup', {
    vpc,
    description: 'Clients of the load balancer',
    allowAllOutbound: false,
  });
  securityGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(80), 'Clients');
  const loadBalancer = new elb.ApplicationLoadBalancer(stack, 'LoadBalancer', {
    vpc,
    internetFacing: true,
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC, onePerAz: true },
    securityGroup,
    deletionProtection: false,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: elb.DesyncMitigationMode.DEFENSIVE,
  });
  const bucket = accessLogBucket();
  loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
  loadBalancer.setAttribute('access_logs.s3.bucket', bucket.bucketName);
  loadBalancer.node.defaultChild.node.addDependency(bucket.policy);
  return loadBalancer.addListener('Http', {
    protocol: elb.ApplicationProtocol.HTTP,
    open: false,
    defaultAction: elb.ListenerAction.fixedResponse(404, { contentType: 'text/plain', messageBody: 'Not found' }),
  });
}

function accessLogBucket() {
  const bucket = new s3.Bucket(stack, 'AccessLogs', {
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    lifecycleRules: [{
      expiration: cdk.Duration.days(90),
      abortIncompleteMultipartUploadAfter: cdk.Duration.days(1),
    }],
    removalPolicy: cdk.RemovalPolicy.RETAIN,
  });
  bucket.addToResourcePolicy(new iam.PolicyStatement({
    actions: ['s3:PutObject'],
    principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
    resources: [bucket.arnForObjects(`AWSLogs/${stack.account}/*`)],
  }));
  return bucket;
}

function task(i) {
  const taskRole = new iam.Role(stack, `TaskRole${i}`, {
    description: `Task role ${i}`,
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': cdk.Fn.sub('arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:*') },
      },
    }),
  });
  const executionRole = new iam.Role(stack, `ExecutionRole${i}`, {
    description: `Execution role ${i}`,
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
  });
  const task = new ecs.FargateTaskDefinition(stack, `Task${i}`, {
    cpu: 256,
    memoryLimitMiB: 512,
    runtimePlatform: {
      cpuArchitecture: ecs.CpuArchitecture.X86_64,
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
    taskRole,
    executionRole,
  });
  const linuxParameters = new ecs.LinuxParameters(stack, `LinuxParameters${i}`, { initProcessEnabled: false });
  linuxParameters.addTmpfs({ containerPath: '/tmp', size: 64 });
  task.addContainer('web', {
    image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:stable'),
    readonlyRootFilesystem: true,
    linuxParameters,
    portMappings: [{ containerPort: 8080 }],
    logging: ecs.LogDrivers.awsLogs({
      logGroup: new logs.LogGroup(stack, `LogGroup${i}`, {
        retention: logs.RetentionDays.ONE_MONTH,
        removalPolicy: cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      }),
      streamPrefix: 'web',
      mode: ecs.AwsLogDriverMode.NON_BLOCKING,
      maxBufferSize: cdk.Size.mebibytes(25),
    }),
  });
  return task;
}

function service(i, taskDefinition) {
  const service = new ecs.FargateService(stack, `Service${i}`, {
    cluster,
    taskDefinition,
    capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    assignPublicIp: false,
    securityGroups: [new ec2.SecurityGroup(stack, `SecurityGroup${i}`, { vpc, description: `Tasks of service ${i}` })],
    healthCheckGracePeriod: cdk.Duration.seconds(60),
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { enable: true, rollback: true },
    availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
    enableECSManagedTags: true,
    propagateTags: ecs.PropagatedTagSource.SERVICE,
  });
  service.node.defaultChild.addPropertyDeletionOverride('DeploymentController');
  // What CloudFormation cannot see, for the first tasks to start.
  service.node.defaultChild.node.addDependency(
    taskDefinition.taskRole,
    taskDefinition.executionRole,
    vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }).internetConnectivityEstablished,
    providers,
  );
  const targetGroup = new elb.ApplicationTargetGroup(stack, `TargetGroup${i}`, {
    vpc,
    targetType: elb.TargetType.IP,
    protocol: elb.ApplicationProtocol.HTTP,
    port: 80,
    deregistrationDelay: cdk.Duration.seconds(60),
    healthCheck: {
      path: '/',
      healthyHttpCodes: '200',
      interval: cdk.Duration.seconds(15),
      timeout: cdk.Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
  });
  new elb.ApplicationListenerRule(stack, `ListenerRule${i}`, {
    listener,
    priority: i + 1,
    conditions: [elb.ListenerCondition.pathPatterns([`/service${i}/*`])],
    action: elb.ListenerAction.forward([targetGroup]),
  });
  targetGroup.addTarget(service.loadBalancerTarget({ containerName: 'web', containerPort: 8080 }));
  waitForRules(service);
  service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 4 }).scaleOnCpuUtilization('Cpu', {
    targetUtilizationPercent: 60,
    scaleOutCooldown: cdk.Duration.seconds(60),
    scaleInCooldown: cdk.Duration.seconds(300),
  });
}

// waitForRules lets the service wait for the rules between its security group and that of the load balancer.
function waitForRules(service) {
  const tasks = service.connections.securityGroups[0];
  const balancer = listener.connections.securityGroups[0];
  const rules = [
    ...tasks.node.children.filter((c) => c instanceof ec2.CfnSecurityGroupIngress
      && c.sourceSecurityGroupId === balancer.securityGroupId),
    ...balancer.node.children.filter((c) => c instanceof ec2.CfnSecurityGroupEgress
      && c.destinationSecurityGroupId === tasks.securityGroupId),
  ];
  service.node.defaultChild.node.addDependency(...rules);
}

function regoRules() {
  return fs.readdirSync(regoDirectory).filter((file) => file.endsWith('.rego')).sort().map((file) => ({
    name: `awscontainers/${file}`,
    content: fs.readFileSync(path.join(regoDirectory, file), 'utf8'),
  }));
}
