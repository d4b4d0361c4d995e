// aws-eks-v2, aws-eks and their L1s, as the READMEs show them and as teams write them.
import * as cdk from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as eksv1 from 'aws-cdk-lib/aws-eks';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { network } from './network.mjs';

const version = eks.KubernetesVersion.V1_35;
const kubectl = (stack) => ({ kubectlProviderOptions: { kubectlLayer: new KubectlV35Layer(stack, 'Kubectl') } });
const managed = { version, defaultCapacityType: eks.DefaultCapacityType.NODEGROUP };
const privateSubnets = [{ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }];

export default {
  'eks-auto-mode': (stack) => {
    new eks.Cluster(stack, 'Cluster', { version, vpc: network(stack) });
  },

  'eks-auto-mode-workload': (stack) => {
    const cluster = new eks.Cluster(stack, 'Cluster', {
      version,
      vpc: network(stack),
      compute: { nodePools: ['system', 'general-purpose'] },
      ...kubectl(stack),
      secretsEncryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
      clusterLogging: [eks.ClusterLoggingTypes.API, eks.ClusterLoggingTypes.AUDIT],
    });
    cluster.addManifest('Storage', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'auto', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'ebs.csi.eks.amazonaws.com',
      volumeBindingMode: 'WaitForFirstConsumer',
      parameters: { type: 'gp3', encrypted: 'true' },
    });
    const table = new dynamodb.TableV2(stack, 'Table', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
    const account = cluster.addServiceAccount('Account', { name: 'shop', identityType: eks.IdentityType.POD_IDENTITY });
    table.grantReadWriteData(account);
    cluster.addHelmChart('Nginx', { chart: 'nginx-ingress', repository: 'https://helm.nginx.com/stable', namespace: 'kube-system' });
  },

  // No node pools of EKS: they are of the team's own, with a role that the cluster must know.
  'eks-auto-mode-own-node-role': (stack) => {
    const cluster = new eks.Cluster(stack, 'Cluster', { version, vpc: network(stack), compute: { nodePools: [] } });
    const role = new iam.Role(stack, 'NodeRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'].map((name) =>
        iam.ManagedPolicy.fromAwsManagedPolicyName(name),
      ),
    });
    cluster.grantAccess(
      'NodeAccess',
      role.roleArn,
      [eks.AccessPolicy.fromAccessPolicyName('AmazonEKSAutoNodePolicy', { accessScopeType: eks.AccessScopeType.CLUSTER })],
      { accessEntryType: eks.AccessEntryType.EC2 },
    );
  },

  'eks-managed-nodes': (stack) => {
    const cluster = new eks.Cluster(stack, 'Cluster', {
      ...managed,
      vpc: network(stack),
      vpcSubnets: privateSubnets,
      defaultCapacity: 3,
      defaultCapacityInstance: ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.LARGE),
      mastersRole: new iam.Role(stack, 'Masters', { assumedBy: new iam.AccountRootPrincipal() }),
      bootstrapClusterCreatorAdminPermissions: false,
    });
    cluster.addNodegroupCapacity('Graviton', {
      instanceTypes: [new ec2.InstanceType('m7g.large')],
      minSize: 1,
      maxSize: 3,
      labels: { arch: 'arm64' },
      taints: [{ effect: eks.TaintEffect.NO_SCHEDULE, key: 'arch', value: 'arm64' }],
    });
    cluster.addNodegroupCapacity('Spot', {
      instanceTypes: ['m5.large', 'm5a.large', 'm6i.large'].map((type) => new ec2.InstanceType(type)),
      capacityType: eks.CapacityType.SPOT,
      minSize: 0,
      maxSize: 10,
    });
    cluster.addNodegroupCapacity('Gpu', {
      instanceTypes: [new ec2.InstanceType('g5.xlarge')],
      amiType: eks.NodegroupAmiType.AL2023_X86_64_NVIDIA,
      minSize: 0,
      maxSize: 2,
    });
    cluster.addNodegroupCapacity('Bottlerocket', {
      instanceTypes: [new ec2.InstanceType('c7g.xlarge')],
      amiType: eks.NodegroupAmiType.BOTTLEROCKET_ARM_64,
      minSize: 1,
      maxSize: 2,
      enableNodeAutoRepair: true,
    });
  },

  'eks-managed-nodes-addons': (stack) => {
    const cluster = new eks.Cluster(stack, 'Cluster', { ...managed, vpc: network(stack), defaultCapacity: 2 });
    new eks.Addon(stack, 'CoreDns', { cluster, addonName: 'coredns', preserveOnDelete: false, configurationValues: { replicaCount: 2 } });
    new eks.Addon(stack, 'Cni', { cluster, addonName: 'vpc-cni' });
    const agent = new eks.Addon(stack, 'PodIdentity', { cluster, addonName: 'eks-pod-identity-agent' });
    for (const [id, addonName, serviceAccount, policy] of [
      ['Ebs', 'aws-ebs-csi-driver', 'ebs-csi-controller-sa', 'service-role/AmazonEBSCSIDriverPolicy'],
      ['Efs', 'aws-efs-csi-driver', 'efs-csi-controller-sa', 'service-role/AmazonEFSCSIDriverPolicy'],
    ]) {
      const role = new iam.Role(stack, `${id}Role`, {
        assumedBy: new iam.SessionTagsPrincipal(new iam.ServicePrincipal('pods.eks.amazonaws.com')),
        managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName(policy)],
      });
      new eks.CfnAddon(stack, id, {
        clusterName: cluster.clusterName,
        addonName,
        podIdentityAssociations: [{ roleArn: role.roleArn, serviceAccount }],
      }).node.addDependency(agent);
    }
  },

  // The drivers' roles by OpenID Connect, and what they mount.
  'eks-irsa-storage': (stack) => {
    const vpc = network(stack);
    const cluster = new eks.Cluster(stack, 'Cluster', { ...managed, vpc, defaultCapacity: 2, ...kubectl(stack) });
    for (const [id, addonName, account, policy] of [
      ['Ebs', 'aws-ebs-csi-driver', 'ebs-csi-controller-sa', 'service-role/AmazonEBSCSIDriverPolicy'],
      ['Efs', 'aws-efs-csi-driver', 'efs-csi-controller-sa', 'service-role/AmazonEFSCSIDriverPolicy'],
    ]) {
      const issuer = cluster.openIdConnectProvider.openIdConnectProviderIssuer;
      const condition = new cdk.CfnJson(stack, `${id}Condition`, {
        value: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: `system:serviceaccount:kube-system:${account}` },
      });
      const role = new iam.Role(stack, `${id}Role`, {
        assumedBy: new iam.OpenIdConnectPrincipal(cluster.openIdConnectProvider, { StringEquals: condition }),
        managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName(policy)],
      });
      new eks.CfnAddon(stack, id, {
        clusterName: cluster.clusterName,
        addonName,
        serviceAccountRoleArn: role.roleArn,
        resolveConflicts: 'OVERWRITE',
      });
    }
    const files = new efs.FileSystem(stack, 'Files', { vpc, allowAnonymousAccess: true });
    files.connections.allowDefaultPortFrom(cluster.clusterSecurityGroup);
    cluster.addManifest(
      'Classes',
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'gp3', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'ebs.csi.aws.com',
        volumeBindingMode: 'WaitForFirstConsumer',
        parameters: { type: 'gp3', encrypted: 'true' },
      },
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'efs' },
        provisioner: 'efs.csi.aws.com',
        parameters: { provisioningMode: 'efs-ap', fileSystemId: files.fileSystemId, directoryPerms: '700' },
      },
    );
  },

  'eks-alb-controller': (stack) => {
    const cluster = new eks.Cluster(stack, 'Cluster', {
      ...managed,
      vpc: network(stack),
      defaultCapacity: 2,
      ...kubectl(stack),
      albController: { version: eks.AlbControllerVersion.V2_8_2 },
    });
    const bucket = new s3.Bucket(stack, 'Bucket', { enforceSSL: true });
    const account = cluster.addServiceAccount('Account', { name: 'shop' });
    bucket.grantReadWrite(account);
    const labels = { app: 'shop' };
    const manifest = cluster.addManifest(
      'Shop',
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'shop' },
        spec: {
          replicas: 3,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              serviceAccountName: account.serviceAccountName,
              containers: [{ name: 'shop', image: 'public.ecr.aws/nginx/nginx:stable', ports: [{ containerPort: 80 }] }],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'shop' },
        spec: { type: 'NodePort', ports: [{ port: 80, targetPort: 80 }], selector: labels },
      },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: {
          name: 'shop',
          annotations: { 'alb.ingress.kubernetes.io/scheme': 'internet-facing', 'alb.ingress.kubernetes.io/target-type': 'ip' },
        },
        spec: {
          ingressClassName: 'alb',
          rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'shop', port: { number: 80 } } } }] } }],
        },
      },
    );
    manifest.node.addDependency(cluster.albController, account);
  },

  'eks-access-entries': (stack) => {
    const cluster = new eks.Cluster(stack, 'Cluster', { version, vpc: network(stack), bootstrapClusterCreatorAdminPermissions: false });
    const people = (id) => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() }).roleArn;
    cluster.grantClusterAdmin('Admins', people('AdminRole'));
    cluster.grantAccess('Developers', people('DeveloperRole'), [
      eks.AccessPolicy.fromAccessPolicyName('AmazonEKSAdminPolicy', {
        accessScopeType: eks.AccessScopeType.NAMESPACE,
        namespaces: ['foo', 'bar'],
      }),
    ]);
    new eks.CfnAccessEntry(stack, 'Auditors', {
      clusterName: cluster.clusterName,
      principalArn: people('AuditorRole'),
      kubernetesGroups: ['auditors'],
      username: 'auditor:{{SessionName}}',
    });
  },

  'eks-fargate': (stack) => {
    const cluster = new eks.FargateCluster(stack, 'Cluster', {
      version,
      vpc: network(stack),
      ...kubectl(stack),
      secretsEncryptionKey: new kms.Key(stack, 'Key'),
    });
    cluster.addFargateProfile('Shop', { selectors: [{ namespace: 'shop' }, { namespace: 'jobs', labels: { size: 'small' } }] });
  },

  'eks-managed-and-fargate': (stack) => {
    const vpc = network(stack);
    const cluster = new eks.Cluster(stack, 'Cluster', { ...managed, vpc });
    cluster.addFargateProfile('Profile', {
      selectors: [{ namespace: 'default' }],
      subnetSelection: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      vpc,
    });
  },

  // Amazon Linux 2023 starts by nodeadm. The access entry is what the README's example of self-managed nodes lacks.
  'eks-self-managed': (stack) => {
    const vpc = network(stack);
    const cluster = new eks.Cluster(stack, 'Cluster', { ...managed, vpc, defaultCapacity: 0 });
    const userData = ec2.UserData.custom(
      [
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary="//"',
        '',
        '--//',
        'Content-Type: application/node.eks.aws',
        '',
        '---',
        'apiVersion: node.eks.aws/v1alpha1',
        'kind: NodeConfig',
        'spec:',
        '  cluster:',
        `    name: ${cluster.clusterName}`,
        `    apiServerEndpoint: ${cluster.clusterEndpoint}`,
        `    certificateAuthority: ${cluster.clusterCertificateAuthorityData}`,
        '    cidr: 172.20.0.0/16',
        '',
        '--//--',
      ].join('\n'),
    );
    const group = new autoscaling.AutoScalingGroup(stack, 'Nodes', {
      vpc,
      instanceType: new ec2.InstanceType('m7i.large'),
      machineImage: ec2.MachineImage.fromSsmParameter(
        '/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id',
        { userData },
      ),
      userData,
      minCapacity: 1,
      maxCapacity: 5,
      requireImdsv2: true,
    });
    cluster.connectAutoScalingGroupCapacity(group, { bootstrapEnabled: false });
    knownAsNode(stack, cluster, group);
  },

  'eks-self-managed-bottlerocket': (stack) => {
    const cluster = new eks.Cluster(stack, 'Cluster', { ...managed, vpc: network(stack), defaultCapacity: 0 });
    const group = cluster.addAutoScalingGroupCapacity('Nodes', {
      instanceType: new ec2.InstanceType('m7i.large'),
      minCapacity: 2,
      machineImageType: eks.MachineImageType.BOTTLEROCKET,
    });
    knownAsNode(stack, cluster, group);
  },

  // Without a way to the internet: the nodes reach AWS by endpoints.
  'eks-isolated': (stack) => {
    const vpc = network(stack, {
      natGateways: 0,
      subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    const { EC2, ECR, ECR_DOCKER, STS, EKS, EKS_AUTH, CLOUDWATCH_LOGS, ELASTIC_LOAD_BALANCING } = ec2.InterfaceVpcEndpointAwsService;
    for (const [id, service] of Object.entries({ EC2, ECR, ECR_DOCKER, STS, EKS, EKS_AUTH, CLOUDWATCH_LOGS, ELASTIC_LOAD_BALANCING }))
      vpc.addInterfaceEndpoint(id, { service });
    const cluster = new eks.Cluster(stack, 'Cluster', {
      ...managed,
      vpc,
      vpcSubnets: [{ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      endpointAccess: eks.EndpointAccess.PRIVATE,
      defaultCapacity: 0,
    });
    cluster.addNodegroupCapacity('Nodes', { subnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }, minSize: 2, maxSize: 4 });
  },

  'eks-private-kubectl': (stack) => {
    const cluster = new eks.Cluster(stack, 'Cluster', {
      version,
      vpc: network(stack),
      vpcSubnets: privateSubnets,
      endpointAccess: eks.EndpointAccess.PRIVATE,
      kubectlProviderOptions: { kubectlLayer: new KubectlV35Layer(stack, 'Kubectl'), memory: cdk.Size.gibibytes(2) },
    });
    cluster.addManifest('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  },

  'eks-imported': (stack) => {
    const provider = eks.OidcProviderNative.fromOidcProviderArn(
      stack,
      'Provider',
      'arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/AB123456ABC',
    );
    const cluster = eks.Cluster.fromClusterAttributes(stack, 'Cluster', {
      clusterName: 'shared',
      openIdConnectProvider: provider,
      kubectlProvider: eks.KubectlProvider.fromKubectlProviderAttributes(stack, 'KubectlProvider', {
        serviceToken: 'arn:aws:lambda:us-east-1:111122223333:function:ProviderframeworkonEvent-XXX',
        role: iam.Role.fromRoleArn(stack, 'HandlerRole', 'arn:aws:iam::111122223333:role/lambda-role'),
      }),
      vpc: network(stack),
    });
    const account = cluster.addServiceAccount('Account');
    new s3.Bucket(stack, 'Bucket').grantReadWrite(account);
    new eks.CfnAddon(stack, 'Snapshots', { clusterName: 'shared', addonName: 'snapshot-controller' });
    new eks.CfnAddon(stack, 'Ebs', {
      clusterName: 'shared',
      addonName: 'aws-ebs-csi-driver',
      serviceAccountRoleArn: 'arn:aws:iam::111122223333:role/ebs',
    });
  },

  'eks-l1-auto-mode': (stack) => {
    const vpc = network(stack);
    const policies = (names) => names.map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name));
    const role = new iam.Role(stack, 'Role', {
      assumedBy: new iam.SessionTagsPrincipal(new iam.ServicePrincipal('eks.amazonaws.com')),
      managedPolicies: policies([
        'AmazonEKSClusterPolicy',
        'AmazonEKSComputePolicy',
        'AmazonEKSBlockStoragePolicy',
        'AmazonEKSLoadBalancingPolicy',
        'AmazonEKSNetworkingPolicy',
      ]),
    });
    const nodeRole = new iam.Role(stack, 'NodeRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: policies(['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly']),
    });
    new eks.CfnCluster(stack, 'Cluster', {
      version: '1.35',
      roleArn: role.roleArn,
      resourcesVpcConfig: {
        subnetIds: vpc.privateSubnets.map((subnet) => subnet.subnetId),
        endpointPrivateAccess: true,
        endpointPublicAccess: true,
      },
      accessConfig: { authenticationMode: 'API' },
      bootstrapSelfManagedAddons: false,
      computeConfig: { enabled: true, nodePools: ['general-purpose', 'system'], nodeRoleArn: nodeRole.roleArn },
      kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
      storageConfig: { blockStorage: { enabled: true } },
    });
  },

  'eks-l1-managed-nodes': (stack) => {
    const vpc = network(stack);
    const policies = (names) => names.map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name));
    const role = new iam.Role(stack, 'Role', {
      assumedBy: new iam.ServicePrincipal('eks.amazonaws.com'),
      managedPolicies: policies(['AmazonEKSClusterPolicy']),
    });
    const nodeRole = new iam.Role(stack, 'NodeRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: policies([
        'AmazonEKSWorkerNodePolicy',
        'AmazonEC2ContainerRegistryReadOnly',
        'AmazonEKS_CNI_Policy',
        'AmazonSSMManagedInstanceCore',
      ]),
    });
    const subnetIds = vpc.privateSubnets.map((subnet) => subnet.subnetId);
    const cluster = new eks.CfnCluster(stack, 'Cluster', {
      version: '1.35',
      roleArn: role.roleArn,
      resourcesVpcConfig: { subnetIds },
      accessConfig: { authenticationMode: 'API_AND_CONFIG_MAP' },
      logging: { clusterLogging: { enabledTypes: [{ type: 'audit' }] } },
    });
    const template = new ec2.CfnLaunchTemplate(stack, 'Template', {
      launchTemplateData: {
        metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 2 },
        blockDeviceMappings: [{ deviceName: '/dev/xvda', ebs: { volumeSize: 50, volumeType: 'gp3', encrypted: true } }],
      },
    });
    new eks.CfnNodegroup(stack, 'Nodes', {
      clusterName: cluster.ref,
      nodeRole: nodeRole.roleArn,
      subnets: subnetIds,
      amiType: 'AL2023_ARM_64_STANDARD',
      instanceTypes: ['m7g.large', 'm6g.large'],
      scalingConfig: { minSize: 2, desiredSize: 2, maxSize: 6 },
      launchTemplate: { id: template.ref, version: template.attrLatestVersionNumber },
    });
    new eks.CfnAddon(stack, 'Agent', { clusterName: cluster.ref, addonName: 'eks-pod-identity-agent' });
    const podRole = new iam.Role(stack, 'PodRole', {
      assumedBy: new iam.SessionTagsPrincipal(new iam.ServicePrincipal('pods.eks.amazonaws.com')),
    });
    new eks.CfnPodIdentityAssociation(stack, 'Pods', {
      clusterName: cluster.ref,
      namespace: 'shop',
      serviceAccount: 'shop',
      roleArn: podRole.roleArn,
    });
    const fargate = new iam.Role(stack, 'FargateRole', {
      assumedBy: new iam.ServicePrincipal('eks-fargate-pods.amazonaws.com'),
      managedPolicies: policies(['AmazonEKSFargatePodExecutionRolePolicy']),
    });
    new eks.CfnFargateProfile(stack, 'Jobs', {
      clusterName: cluster.ref,
      podExecutionRoleArn: fargate.roleArn,
      subnets: subnetIds,
      selectors: [{ namespace: 'jobs' }],
    });
  },

  'eksv1-managed-nodes': (stack) => {
    const cluster = new eksv1.Cluster(stack, 'Cluster', {
      version: eksv1.KubernetesVersion.V1_35,
      vpc: network(stack),
      vpcSubnets: privateSubnets,
      kubectlLayer: new KubectlV35Layer(stack, 'Kubectl'),
      defaultCapacity: 2,
      defaultCapacityInstance: new ec2.InstanceType('m5.large'),
      authenticationMode: eksv1.AuthenticationMode.API_AND_CONFIG_MAP,
    });
    const account = cluster.addServiceAccount('Account', { name: 'shop' });
    new s3.Bucket(stack, 'Bucket').grantRead(account);
    cluster.grantAccess('Admins', new iam.Role(stack, 'AdminRole', { assumedBy: new iam.AccountRootPrincipal() }).roleArn, [
      eksv1.AccessPolicy.fromAccessPolicyName('AmazonEKSClusterAdminPolicy', { accessScopeType: eksv1.AccessScopeType.CLUSTER }),
    ]);
  },

  // In the mode CONFIG_MAP, the CDK writes the nodes' role into aws-auth.
  'eksv1-self-managed': (stack) => {
    const cluster = new eksv1.Cluster(stack, 'Cluster', {
      version: eksv1.KubernetesVersion.V1_35,
      vpc: network(stack),
      kubectlLayer: new KubectlV35Layer(stack, 'Kubectl'),
      defaultCapacity: 0,
    });
    cluster.addAutoScalingGroupCapacity('Nodes', {
      instanceType: new ec2.InstanceType('m5.large'),
      minCapacity: 2,
      machineImageType: eksv1.MachineImageType.BOTTLEROCKET,
    });
    cluster.awsAuth.addMastersRole(new iam.Role(stack, 'Admins', { assumedBy: new iam.AccountRootPrincipal() }));
  },

  'eksv1-fargate-alb': (stack) => {
    const cluster = new eksv1.FargateCluster(stack, 'Cluster', {
      version: eksv1.KubernetesVersion.V1_35,
      vpc: network(stack),
      kubectlLayer: new KubectlV35Layer(stack, 'Kubectl'),
      albController: { version: eksv1.AlbControllerVersion.V2_8_2 },
    });
    cluster.addFargateProfile('Shop', { selectors: [{ namespace: 'shop' }] });
  },
};

// The cluster knows a group's role as one of nodes.
function knownAsNode(stack, cluster, group) {
  new eks.AccessEntry(stack, 'NodeAccess', {
    cluster,
    principal: group.role.roleArn,
    accessPolicies: [],
    accessEntryType: eks.AccessEntryType.EC2_LINUX,
  });
}
