// File systems of aws-fsx and aws-efs by themselves.
import * as cdk from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as fsx from 'aws-cdk-lib/aws-fsx';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { instances, network, sample } from './network.mjs';

export default {
  'storage-lustre-ec2-instance': (stack) => {
    const vpc = network(stack);
    const fileSystem = new fsx.LustreFileSystem(stack, 'Lustre', {
      vpc,
      vpcSubnet: vpc.privateSubnets[0],
      storageCapacityGiB: 1200,
      fileSystemTypeVersion: fsx.FileSystemTypeVersion.V_2_15,
      lustreConfiguration: {
        deploymentType: fsx.LustreDeploymentType.SCRATCH_2,
        weeklyMaintenanceStartTime: new fsx.LustreMaintenanceTime({ day: fsx.Weekday.SUNDAY, hour: 2, minute: 0 }),
      },
    });
    const instance = new ec2.Instance(stack, 'Instance', {
      vpc,
      instanceType: new ec2.InstanceType('m7i.large'),
      machineImage: ec2.MachineImage.latestAmazonLinux2023(),
      vpcSubnets: { subnets: [vpc.privateSubnets[0]] },
    });
    fileSystem.connections.allowDefaultPortFrom(instance);
  },

  'storage-lustre-persistent': (stack) => {
    const vpc = network(stack);
    const clients = new ec2.SecurityGroup(stack, 'Clients', { vpc });
    const fileSystem = new fsx.LustreFileSystem(stack, 'Lustre', {
      vpc,
      vpcSubnet: vpc.privateSubnets[1],
      storageCapacityGiB: 2400,
      fileSystemTypeVersion: fsx.FileSystemTypeVersion.V_2_15,
      lustreConfiguration: {
        deploymentType: fsx.LustreDeploymentType.PERSISTENT_2,
        perUnitStorageThroughput: 125,
        dataCompressionType: fsx.LustreDataCompressionType.LZ4,
        automaticBackupRetention: cdk.Duration.days(7),
      },
      removalPolicy: cdk.RemovalPolicy.RETAIN,
    });
    fileSystem.connections.allowFrom(clients, ec2.Port.tcpRange(988, 1023));
  },

  'storage-ontap': (stack) => {
    const vpc = network(stack);
    const clients = new ec2.SecurityGroup(stack, 'Clients', { vpc });
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc });
    for (const port of [111, 443, 635, 2049, 4045, 4046]) group.addIngressRule(clients, ec2.Port.tcp(port));
    for (const port of [111, 635, 2049, 4045, 4046]) group.addIngressRule(clients, ec2.Port.udp(port));
    const password = new secretsmanager.Secret(stack, 'Password', { generateSecretString: { excludePunctuation: true } });
    const fileSystem = new fsx.CfnFileSystem(stack, 'Ontap', {
      fileSystemType: 'ONTAP',
      subnetIds: vpc.privateSubnets.map((subnet) => subnet.subnetId),
      securityGroupIds: [group.securityGroupId],
      storageCapacity: 1024,
      storageType: 'SSD',
      ontapConfiguration: {
        deploymentType: 'MULTI_AZ_1',
        throughputCapacity: 128,
        preferredSubnetId: vpc.privateSubnets[0].subnetId,
        routeTableIds: vpc.privateSubnets.map((subnet) => subnet.routeTable.routeTableId),
        fsxAdminPassword: password.secretValue.unsafeUnwrap(),
        automaticBackupRetentionDays: 7,
      },
    });
    const machine = new fsx.CfnStorageVirtualMachine(stack, 'Svm', { name: 'shop', fileSystemId: fileSystem.ref });
    new fsx.CfnVolume(stack, 'Volume', {
      name: 'shop',
      volumeType: 'ONTAP',
      ontapConfiguration: {
        storageVirtualMachineId: machine.ref,
        sizeInMegabytes: '102400',
        junctionPath: '/shop',
        storageEfficiencyEnabled: 'true',
        securityStyle: 'UNIX',
      },
    });
  },

  'storage-efs': (stack) => {
    const vpc = network(stack);
    const fileSystem = new efs.FileSystem(stack, 'Files', {
      vpc,
      lifecyclePolicy: efs.LifecyclePolicy.AFTER_14_DAYS,
      performanceMode: efs.PerformanceMode.GENERAL_PURPOSE,
      throughputMode: efs.ThroughputMode.ELASTIC,
      outOfInfrequentAccessPolicy: efs.OutOfInfrequentAccessPolicy.AFTER_1_ACCESS,
      transitionToArchivePolicy: efs.LifecyclePolicy.AFTER_90_DAYS,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    });
    const group = new autoscaling.AutoScalingGroup(stack, 'Group', {
      vpc,
      instanceType: new ec2.InstanceType('t3.medium'),
      machineImage: ec2.MachineImage.latestAmazonLinux2023(),
    });
    fileSystem.connections.allowDefaultPortFrom(group);
    fileSystem.grantReadWrite(group.role);
  },

  // One Zone storage has one mount target, in the zone of the instances.
  'storage-efs-one-zone': (stack) => {
    const vpc = network(stack);
    const zone = { subnets: [vpc.privateSubnets[0]] };
    const fileSystem = new efs.FileSystem(stack, 'Files', { vpc, oneZone: true, allowAnonymousAccess: true });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    const group = instances(cluster, { vpcSubnets: zone });
    fileSystem.connections.allowDefaultPortFrom(group);
    const task = new ecs.Ec2TaskDefinition(stack, 'Task', {
      volumes: [{ name: 'data', efsVolumeConfiguration: { fileSystemId: fileSystem.fileSystemId } }],
    });
    task
      .addContainer('job', { image: sample, memoryLimitMiB: 512 })
      .addMountPoints({ containerPath: '/data', sourceVolume: 'data', readOnly: false });
    new ecs.Ec2Service(stack, 'Service', { cluster, taskDefinition: task, minHealthyPercent: 0 }).node.addDependency(
      fileSystem.mountTargetsAvailable,
    );
  },
};
