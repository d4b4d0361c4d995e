// aws-events-targets, aws-scheduler-targets, Step Functions and notifications, as their READMEs show them.
import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as pipes from 'aws-cdk-lib/aws-pipes';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as schedulerTargets from 'aws-cdk-lib/aws-scheduler-targets';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { fargateCluster, instances, sample, webTask } from './network.mjs';

export default {
  'events-s3-fargate-task': (stack) => {
    const cluster = fargateCluster(stack);
    const bucket = new s3.Bucket(stack, 'Uploads', { eventBridgeEnabled: true, enforceSSL: true });
    const task = jobTask(stack);
    bucket.grantRead(task.taskRole);
    const rule = new events.Rule(stack, 'Uploaded', {
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [bucket.bucketName] }, object: { key: [{ prefix: 'incoming/' }] } },
      },
    });
    rule.addTarget(
      new targets.EcsTask({
        cluster,
        taskDefinition: task,
        taskCount: 1,
        platformVersion: ecs.FargatePlatformVersion.LATEST,
        containerOverrides: [
          {
            containerName: 'job',
            command: ['convert', events.EventField.fromPath('$.detail.object.key')],
            environment: [{ name: 'BUCKET', value: events.EventField.fromPath('$.detail.bucket.name') }],
          },
        ],
        propagateTags: ecs.PropagatedTagSource.TASK_DEFINITION,
        tags: [{ key: 'my-tag', value: 'my-tag-value' }],
        deadLetterQueue: new sqs.Queue(stack, 'Dead', { enforceSSL: true }),
        maxEventAge: cdk.Duration.hours(2),
        retryAttempts: 5,
        enableExecuteCommand: true,
      }),
    );
  },

  'events-public-fargate-task': (stack) => {
    const cluster = fargateCluster(stack);
    new events.Rule(stack, 'Hourly', {
      schedule: events.Schedule.rate(cdk.Duration.hours(1)),
      targets: [
        new targets.EcsTask({
          cluster,
          taskDefinition: jobTask(stack),
          assignPublicIp: true,
          subnetSelection: { subnetType: ec2.SubnetType.PUBLIC },
        }),
      ],
    });
  },

  'events-ec2-task': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster);
    const task = new ecs.Ec2TaskDefinition(stack, 'Task');
    task.addContainer('TheContainer', {
      image: sample,
      memoryLimitMiB: 256,
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'job', mode: ecs.AwsLogDriverMode.NON_BLOCKING }),
    });
    new events.Rule(stack, 'Night', { schedule: events.Schedule.cron({ minute: '0', hour: '3' }) }).addTarget(
      new targets.EcsTask({
        cluster,
        taskDefinition: task,
        taskCount: 1,
        containerOverrides: [
          { containerName: 'TheContainer', environment: [{ name: 'I_WAS_TRIGGERED', value: 'From CloudWatch Events' }] },
        ],
      }),
    );
    const awsvpc = new ecs.Ec2TaskDefinition(stack, 'AwsvpcTask', { networkMode: ecs.NetworkMode.AWS_VPC });
    awsvpc.addContainer('job', { image: sample, memoryLimitMiB: 256 });
    new events.Rule(stack, 'Weekly', { schedule: events.Schedule.rate(cdk.Duration.days(7)) }).addTarget(
      new targets.EcsTask({
        cluster,
        taskDefinition: awsvpc,
        subnetSelection: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      }),
    );
  },

  'events-other-targets': (stack) => {
    const rule = new events.Rule(stack, 'Stopped', {
      eventPattern: { source: ['aws.ecs'], detailType: ['ECS Task State Change'], detail: { lastStatus: ['STOPPED'] } },
    });
    const dead = new sqs.Queue(stack, 'Dead', { encryption: sqs.QueueEncryption.SQS_MANAGED });
    rule.addTarget(new targets.SqsQueue(new sqs.Queue(stack, 'Queue', { enforceSSL: true }), { deadLetterQueue: dead }));
    rule.addTarget(
      new targets.SnsTopic(new sns.Topic(stack, 'Topic'), {
        deadLetterQueue: dead,
        message: events.RuleTargetInput.fromText(`Stopped: ${events.EventField.fromPath('$.detail.stoppedReason')}`),
      }),
    );
    rule.addTarget(new targets.CloudWatchLogGroup(new logs.LogGroup(stack, 'Log', { logGroupName: '/aws/events/stopped' })));
    const machine = new sfn.StateMachine(stack, 'Machine', {
      definitionBody: sfn.DefinitionBody.fromChainable(new sfn.Pass(stack, 'Pass')),
    });
    rule.addTarget(new targets.SfnStateMachine(machine, { deadLetterQueue: dead, retryAttempts: 2 }));
    rule.addTarget(
      new targets.LambdaFunction(handler(stack), { deadLetterQueue: dead, maxEventAge: cdk.Duration.hours(2), retryAttempts: 2 }),
    );
    const other = new events.Rule(stack, 'Services', {
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Deployment State Change'],
        detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
      },
    });
    other.addTarget(
      new targets.SqsQueue(new sqs.Queue(stack, 'Fifo', { fifo: true, contentBasedDeduplication: true }), {
        messageGroupId: 'deployments',
      }),
    );
    other.addTarget(
      new targets.EventBus(events.EventBus.fromEventBusArn(stack, 'Audit', 'arn:aws:events:eu-west-1:999999999999:event-bus/audit')),
    );
  },

  'events-custom-bus': (stack) => {
    const cluster = fargateCluster(stack);
    const bus = new events.EventBus(stack, 'Bus', { eventBusName: 'shop', description: 'what the shop says' });
    bus.archive('Archive', { eventPattern: { source: ['shop.orders'] }, retention: cdk.Duration.days(30) });
    const task = jobTask(stack);
    new events.Rule(stack, 'Ordered', {
      eventBus: bus,
      eventPattern: { source: ['shop.orders'], detailType: ['Ordered'] },
      targets: [new targets.EcsTask({ cluster, taskDefinition: task })],
    });
    bus.grantPutEventsTo(task.taskRole);
  },

  'events-notifications-kms': (stack) => {
    const key = new kms.Key(stack, 'Key', { enableKeyRotation: true });
    const topic = new sns.Topic(stack, 'Alerts', { masterKey: key, displayName: 'alerts' });
    topic.addSubscription(new subscriptions.EmailSubscription('on-call@example.com'));
    for (const service of ['events.amazonaws.com', 'cloudwatch.amazonaws.com']) {
      key.addToResourcePolicy(
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal(service)],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          resources: ['*'],
        }),
      );
    }
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
      }),
    );
    new events.Rule(stack, 'Failed', {
      eventPattern: { source: ['aws.ecs'], detailType: ['ECS Task State Change'], detail: { stopCode: ['TaskFailedToStart'] } },
      targets: [new targets.SnsTopic(topic)],
    });
    const service = new ecs.FargateService(stack, 'Service', {
      cluster: fargateCluster(stack),
      taskDefinition: webTask(stack),
      minHealthyPercent: 100,
    });
    const alarm = new cloudwatch.Alarm(stack, 'Alarm', { metric: service.metricCpuUtilization(), threshold: 90, evaluationPeriods: 3 });
    alarm.addAlarmAction(new actions.SnsAction(topic));
    alarm.addOkAction(new actions.SnsAction(topic));
  },

  // enforceSSL gives the topic a policy of its own, which only denies: so the alarm needs a statement that the CDK does not add.
  'events-alarm-enforce-ssl': (stack) => {
    const topic = new sns.Topic(stack, 'Alerts', { enforceSSL: true });
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
    const queue = new sqs.Queue(stack, 'Queue');
    queue
      .metricApproximateAgeOfOldestMessage()
      .createAlarm(stack, 'Age', { threshold: 600, evaluationPeriods: 1 })
      .addAlarmAction(new actions.SnsAction(topic));
  },

  // A topic without a policy of its own admits the account's alarms.
  'events-alarm-plain-topic': (stack) => {
    const topic = new sns.Topic(stack, 'Alerts');
    const cluster = fargateCluster(stack);
    new cloudwatch.Alarm(stack, 'Alarm', { metric: cluster.metricCpuReservation(), threshold: 90, evaluationPeriods: 3 }).addAlarmAction(
      new actions.SnsAction(topic),
    );
  },

  'scheduler-fargate-task': (stack) => {
    const cluster = fargateCluster(stack);
    new scheduler.Schedule(stack, 'Schedule', {
      schedule: scheduler.ScheduleExpression.cron({ minute: '0', hour: '3', timeZone: cdk.TimeZone.EUROPE_BERLIN }),
      timeWindow: scheduler.TimeWindow.flexible(cdk.Duration.minutes(15)),
      target: new schedulerTargets.EcsRunFargateTask(cluster, {
        taskDefinition: jobTask(stack),
        vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        deadLetterQueue: new sqs.Queue(stack, 'Dead'),
        maxEventAge: cdk.Duration.hours(1),
        retryAttempts: 3,
        propagateTags: true,
        tags: [{ key: 'team', value: 'shop' }],
      }),
    });
  },

  'scheduler-fargate-spot-task': (stack) => {
    const cluster = fargateCluster(stack, { enableFargateCapacityProviders: true });
    const schedule = new scheduler.Schedule(stack, 'Schedule', {
      schedule: scheduler.ScheduleExpression.rate(cdk.Duration.minutes(10)),
      scheduleGroup: new scheduler.ScheduleGroup(stack, 'Group', { scheduleGroupName: 'jobs' }),
      target: new schedulerTargets.EcsRunFargateTask(cluster, {
        taskDefinition: jobTask(stack),
        assignPublicIp: true,
        vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
        capacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
      }),
    });
    schedule.node.addDependency(cluster);
  },

  'scheduler-ec2-task': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster);
    const task = new ecs.Ec2TaskDefinition(stack, 'Task');
    task.addContainer('job', { image: sample, memoryLimitMiB: 256 });
    new scheduler.Schedule(stack, 'Schedule', {
      schedule: scheduler.ScheduleExpression.rate(cdk.Duration.hours(1)),
      target: new schedulerTargets.EcsRunEc2Task(cluster, { taskDefinition: task }),
    });
  },

  'scheduler-other-targets': (stack) => {
    const every = (id, target) =>
      new scheduler.Schedule(stack, id, { schedule: scheduler.ScheduleExpression.rate(cdk.Duration.hours(1)), target });
    const dead = new sqs.Queue(stack, 'Dead');
    const machine = new sfn.StateMachine(stack, 'Machine', {
      definitionBody: sfn.DefinitionBody.fromChainable(new sfn.Pass(stack, 'Pass')),
    });
    every(
      'Machines',
      new schedulerTargets.StepFunctionsStartExecution(machine, {
        input: scheduler.ScheduleTargetInput.fromObject({ Name: 'MyParameter' }),
        deadLetterQueue: dead,
      }),
    );
    const queue = new sqs.Queue(stack, 'Queue', { fifo: true, contentBasedDeduplication: true });
    every(
      'Queues',
      new schedulerTargets.SqsSendMessage(queue, { input: scheduler.ScheduleTargetInput.fromText('test'), messageGroupId: 'id' }),
    );
    every(
      'Functions',
      new schedulerTargets.LambdaInvoke(handler(stack), { deadLetterQueue: dead, maxEventAge: cdk.Duration.minutes(1), retryAttempts: 3 }),
    );
    every(
      'Topics',
      new schedulerTargets.SnsPublish(new sns.Topic(stack, 'Topic'), {
        input: scheduler.ScheduleTargetInput.fromObject({ message: 'Hello scheduler!' }),
      }),
    );
    every(
      'Calls',
      new schedulerTargets.Universal({
        service: 'ecs',
        action: 'updateService',
        input: scheduler.ScheduleTargetInput.fromObject({ Cluster: 'shop', Service: 'web', DesiredCount: 0 }),
      }),
    );
  },

  'stepfunctions-fargate-task': (stack) => {
    const cluster = fargateCluster(stack);
    const run = new tasks.EcsRunTask(stack, 'Run', {
      integrationPattern: sfn.IntegrationPattern.RUN_JOB,
      cluster,
      taskDefinition: jobTask(stack),
      assignPublicIp: false,
      subnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      containerOverrides: [
        {
          containerDefinition: stack.node.findChild('Task').defaultContainer,
          environment: [{ name: 'SOME_KEY', value: sfn.JsonPath.stringAt('$.SomeKey') }],
        },
      ],
      launchTarget: new tasks.EcsFargateLaunchTarget({ platformVersion: ecs.FargatePlatformVersion.LATEST }),
      propagatedTagSource: ecs.PropagatedTagSource.TASK_DEFINITION,
    });
    run.addRetry({ maxAttempts: 3, backoffRate: 2 });
    const machine = new sfn.StateMachine(stack, 'Machine', {
      definitionBody: sfn.DefinitionBody.fromChainable(run),
      tracingEnabled: true,
      logs: { destination: new logs.LogGroup(stack, 'Logs', { logGroupName: '/aws/vendedlogs/states/jobs' }), level: sfn.LogLevel.ALL },
    });
    new events.Rule(stack, 'Daily', {
      schedule: events.Schedule.rate(cdk.Duration.days(1)),
      targets: [new targets.SfnStateMachine(machine)],
    });
  },

  'stepfunctions-ec2-task': (stack) => {
    const cluster = fargateCluster(stack);
    instances(cluster);
    const task = new ecs.TaskDefinition(stack, 'Task', { compatibility: ecs.Compatibility.EC2 });
    task.addContainer('TheContainer', { image: sample, memoryLimitMiB: 256 });
    const run = new tasks.EcsRunTask(stack, 'Run', {
      integrationPattern: sfn.IntegrationPattern.RUN_JOB,
      cluster,
      taskDefinition: task,
      launchTarget: new tasks.EcsEc2LaunchTarget({
        placementStrategies: [ecs.PlacementStrategy.spreadAcrossInstances(), ecs.PlacementStrategy.packedByCpu()],
        placementConstraints: [ecs.PlacementConstraint.memberOf('attribute:ecs.instance-type =~ t3.*')],
      }),
    });
    const machine = new sfn.StateMachine(stack, 'Machine', {
      definitionBody: sfn.DefinitionBody.fromChainable(run),
      timeout: cdk.Duration.hours(1),
    });
    new scheduler.Schedule(stack, 'Schedule', {
      schedule: scheduler.ScheduleExpression.rate(cdk.Duration.days(1)),
      target: new schedulerTargets.StepFunctionsStartExecution(machine, {}),
    });
  },

  'pipes-fargate-task': (stack) => {
    const cluster = fargateCluster(stack);
    const task = jobTask(stack);
    const queue = new sqs.Queue(stack, 'Queue');
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('pipes.amazonaws.com') });
    queue.grantConsumeMessages(role);
    task.grantRun(role);
    new pipes.CfnPipe(stack, 'Pipe', {
      roleArn: role.roleArn,
      source: queue.queueArn,
      sourceParameters: { sqsQueueParameters: { batchSize: 1 } },
      target: cluster.clusterArn,
      targetParameters: {
        ecsTaskParameters: {
          taskDefinitionArn: task.taskDefinitionArn,
          launchType: 'FARGATE',
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: cluster.vpc.privateSubnets.map((subnet) => subnet.subnetId),
              securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc: cluster.vpc }).securityGroupId],
            },
          },
        },
      },
    });
  },
};

// A task definition for Fargate that runs and ends.
function jobTask(stack) {
  const task = new ecs.FargateTaskDefinition(stack, 'Task', { memoryLimitMiB: 1024, cpu: 512 });
  task.addContainer('job', { image: sample, logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'job' }) });
  return task;
}

function handler(stack) {
  return new lambda.Function(stack, 'Handler', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {};'),
  });
}
