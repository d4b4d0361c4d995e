// What most apps need.
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';

export const sample = ecs.ContainerImage.fromRegistry('public.ecr.aws/ecs-sample-image/amazon-ecs-sample:latest');

export function network(scope, props) {
  return new ec2.Vpc(scope, 'Vpc', { maxAzs: 2, natGateways: 1, restrictDefaultSecurityGroup: false, ...props });
}

export function fargateCluster(scope, props) {
  return new ecs.Cluster(scope, 'Cluster', { vpc: network(scope), ...props });
}

// A task definition for Fargate with one container that listens on a port.
export function webTask(scope, id = 'Task', props = {}) {
  const task = new ecs.FargateTaskDefinition(scope, id, { cpu: 256, memoryLimitMiB: 512, ...props });
  task.addContainer('web', {
    image: sample,
    portMappings: [{ containerPort: 80, name: 'http' }],
    logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'web' }),
  });
  return task;
}

// Gives a cluster an Auto Scaling group of instances, without a capacity provider.
export function instances(cluster, props = {}) {
  return cluster.addCapacity('Capacity', {
    instanceType: new ec2.InstanceType('t3.large'),
    machineImage: ecs.EcsOptimizedImage.amazonLinux2023(),
    minCapacity: 2,
    maxCapacity: 4,
    ...props,
  });
}
