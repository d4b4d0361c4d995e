package ecs

import (
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
	"awscontainers/internal/source"
)

// ClusterProps are the props of a cluster.
type ClusterProps struct {
	// Vpc is the VPC that the cluster's tasks run in. Required.
	Vpc awsec2.IVpc
	// ClusterName is the physical name. Default: CloudFormation generates one, so that the cluster can be replaced.
	ClusterName string
	// ContainerInsights sets how closely CloudWatch monitors the cluster; you pay by the metric. _ENHANCED adds metrics of each task and
	// container, which are new with each task: take _ENABLED for tasks that end within minutes. With _DISABLED nothing counts tasks, so
	// Alarms has no alarm of missing ones. Default: awsecs.ContainerInsights_ENHANCED.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
	ContainerInsights awsecs.ContainerInsights
	// Namespace is the name of a private DNS namespace to create in the VPC, "internal" or "prod.internal", in which services
	// find each other: see Exposure.ServiceConnect and Exposure.ServiceDiscovery. Changing it replaces the namespace: services don't
	// find each other until all of them have been updated. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/interconnecting-services.html
	Namespace string
	// ExecuteCommand logs sessions of ECS Exec, encrypted with a key of its own. Services opt in by
	// ServiceProps.ExecuteCommand. Default: nil, no service may have sessions.
	ExecuteCommand *ExecuteCommand
	// EphemeralStorageKey encrypts the disks of tasks on Fargate, those of EphemeralStorageGiB included. The key must be symmetric and of
	// this Region only. A key of this app gets the statements in its policy that let Fargate use it; any other must have them. With a
	// ClusterName they name the cluster. Tasks started before keep the key that they have. Default: one that AWS owns.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-storage-encryption.html
	EphemeralStorageKey awskms.IKey
}

// ExecuteCommand sets how sessions of ECS Exec are logged.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
type ExecuteCommand struct {
	// LogRetention is how long CloudWatch Logs retains sessions. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether the log group and its key are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE: they are retained, except when their initial creation is rolled back.
	RemovalPolicy awscdk.RemovalPolicy
}

// Cluster is an ECS cluster. Its tasks run on Fargate, on Fargate Spot, and on the capacity that NewEc2Capacity and
// NewManagedInstances add.
type Cluster struct {
	constructs.Construct
	// Cluster is the CDK's cluster, for the CDK's own constructs.
	Cluster awsecs.ICluster

	// ExecuteCommandLogGroup holds the sessions of ECS Exec; nil without ClusterProps.ExecuteCommand.
	ExecuteCommandLogGroup awslogs.LogGroup

	capacityProviders    awsecs.CfnClusterCapacityProviderAssociations // nil for a cluster of ClusterFrom
	associated           []*string                                     // the names of its capacity providers
	ec2                  []*Ec2Capacity
	managed              []*ManagedInstances
	hasOwnNamespace      bool              // of NewCluster
	hasInsights          bool              // known to be on
	hasSessionLog        bool              // of ClusterFrom
	hasExistingNamespace bool              // of ClusterFrom
	nameOwners           map[string]string // the paths of services, by the names that they have in namespaces
	daemon               string            // the path of one that runs on every instance
	daemonPorts          map[int]string    // the paths of daemons, by the ports that they take of every instance
	gateways             []*Gateway
	connectedServices    map[string]string // the paths of services, by the access types of their gateways

	// Caches: each answer takes a call to Node.
	vpc                  awsec2.IVpc
	internetDependencies map[network.SubnetType]constructs.IDependable // of subnets that the VPC is known to have
}

// NewCluster creates a cluster. It panics with *invalid.Error if the props are invalid.
func NewCluster(scope constructs.Construct, id string, props *ClusterProps) *Cluster {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	c := &Cluster{
		hasOwnNamespace: p.Namespace != "", hasInsights: p.ContainerInsights != awsecs.ContainerInsights_DISABLED,
		associated: []*string{Fargate.name(), FargateSpot.name()},
	}
	source.Create(c, scope, id)
	c.Cluster = awsecs.NewCluster(c, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                         p.Vpc,
		ClusterName:                 opt.String(p.ClusterName),
		ContainerInsightsV2:         p.ContainerInsights,
		DefaultCloudMapNamespace:    p.namespace(),
		ExecuteCommandConfiguration: c.newSessionLog(p.ExecuteCommand),
		ManagedStorageConfiguration: p.managedStorage(),
	})
	if !c.hasInsights {
		nag.Suppress(c.Cluster, "AwsSolutions-ECS4", "ContainerInsights turns them off; CPU and memory of services are measured without them")
	}
	// Created here and not by the CDK, which creates it while synthesizing: nothing could depend on it then, and a service that
	// does not is deleted too late, so that deleting the stack fails on a capacity provider still in use.
	// https://github.com/aws/aws-cdk/issues/19275
	c.capacityProviders = awsecs.NewCfnClusterCapacityProviderAssociations(c, jsii.String("CapacityProviders"),
		&awsecs.CfnClusterCapacityProviderAssociationsProps{
			Cluster:           c.Cluster.ClusterName(),
			CapacityProviders: new([]any{Fargate.name(), FargateSpot.name()}),
			DefaultCapacityProviderStrategy: []any{&awsecs.CfnClusterCapacityProviderAssociations_CapacityProviderStrategyProperty{
				CapacityProvider: Fargate.name(),
				Weight:           jsii.Number(1),
			}},
		})
	return c
}

// ClusterFrom uses an existing cluster that knows its VPC, as from awsecs.Cluster_FromClusterAttributes. A service in it without
// Capacity has the launch type FARGATE, which every cluster offers, or EC2 for a task of EC2. Capacity providers that a service
// names must be associated with the cluster already, by another stack: a CDK cluster of the same stack associates them too late
// for its services to wait. Tasks in bridge and host network mode use the security groups of the cluster's instances, which
// awsecs.ClusterAttributes.SecurityGroups lists; a CDK cluster with AddAsgCapacityProvider learns them by
// cluster.Connections().AddSecurityGroup. It panics with *invalid.Error if the cluster is nil.
func ClusterFrom(scope constructs.Construct, id string, cluster awsecs.ICluster) *Cluster {
	var bad invalid.Problems
	check.NotNil("cluster", cluster, "a cluster such as one of awsecs.Cluster_FromClusterAttributes", &bad)
	invalid.Refuse(scope, id, bad.Err())
	c := &Cluster{
		Cluster:              cluster,
		hasExistingNamespace: cluster.DefaultCloudMapNamespace() != nil,
		hasSessionLog:        cluster.ExecuteCommandConfiguration() != nil,
	}
	source.Create(c, scope, id)
	return c
}

// Name returns the cluster's name.
func (c *Cluster) Name() string { return *c.Cluster.ClusterName() }

// Arn returns the cluster's ARN.
func (c *Cluster) Arn() string { return *c.Cluster.ClusterArn() }

// Vpc returns the cluster's VPC, or nil for a cluster that was imported without one.
func (c *Cluster) Vpc() (vpc awsec2.IVpc) {
	if c.vpc == nil {
		// The CDK tells a cluster that was imported by its ARN only by throwing.
		defer func() {
			if recover() != nil {
				vpc = nil
			}
		}()
		c.vpc = c.Cluster.Vpc()
	}
	return c.vpc
}

// ServiceDependencies is for this library's packages: it lists what must exist before the cluster's services and outlive them.
// ECS refuses to take a capacity provider away from a cluster whose services use it.
func (c *Cluster) ServiceDependencies() []constructs.IDependable {
	if c.isImported() {
		return nil
	}
	return []constructs.IDependable{c.capacityProviders}
}

// namespace is private DNS, the one kind that serves Service Connect and service discovery both.
func (p *ClusterProps) namespace() *awsecs.CloudMapNamespaceOptions {
	if p.Namespace == "" {
		return nil
	}
	return &awsecs.CloudMapNamespaceOptions{
		Name: &p.Namespace, Type: awsservicediscovery.NamespaceType_DNS_PRIVATE, Vpc: p.Vpc, UseForServiceConnect: jsii.Bool(true),
	}
}

// newSessionLog creates the log group of ECS Exec and the key for it and for the sessions themselves.
func (c *Cluster) newSessionLog(e *ExecuteCommand) *awsecs.ExecuteCommandConfiguration {
	if e == nil {
		return nil
	}
	key := awskms.NewKey(c, jsii.String("ExecuteCommandKey"), &awskms.KeyProps{
		Description:       describe.Of("Sessions of ECS Exec in", *c.Node().Path()),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     e.RemovalPolicy,
	})
	policy.LetLogsUse(c, key)
	c.ExecuteCommandLogGroup = awslogs.NewLogGroup(c, jsii.String("ExecuteCommandLogGroup"), &awslogs.LogGroupProps{
		EncryptionKey: key, Retention: e.LogRetention, RemovalPolicy: e.RemovalPolicy,
	})
	return &awsecs.ExecuteCommandConfiguration{
		// An import of the key, whose policy the CDK can't extend: it would let CloudWatch Logs use the key for more than log groups.
		KmsKey:  awskms.Key_FromKeyArn(c, jsii.String("ExecuteCommandKeyImport"), key.KeyArn()),
		Logging: awsecs.ExecuteCommandLogging_OVERRIDE,
		LogConfiguration: &awsecs.ExecuteCommandLogConfiguration{
			CloudWatchLogGroup: c.ExecuteCommandLogGroup, CloudWatchEncryptionEnabled: jsii.Bool(true),
		},
	}
}

func (p *ClusterProps) setDefaults() {
	opt.Default(&p.ContainerInsights, awsecs.ContainerInsights_ENHANCED)
	if p.ExecuteCommand != nil {
		sessions := *p.ExecuteCommand
		opt.Default(&sessions.LogRetention, awslogs.RetentionDays_ONE_MONTH)
		opt.Default(&sessions.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
		p.ExecuteCommand = &sessions
	}
}

// Validate returns all problems of the props, or nil.
func (p *ClusterProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

var insightsModes = []awsecs.ContainerInsights{
	awsecs.ContainerInsights_ENHANCED, awsecs.ContainerInsights_ENABLED, awsecs.ContainerInsights_DISABLED,
}

// https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html
var namespaceName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$`)

func (p *ClusterProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is required").Advise("use network.NewVpc or network.VpcFrom")
	}
	check.EcsName("ClusterName", p.ClusterName, &bad)
	check.Known("ContainerInsights", p.ContainerInsights, insightsModes, &bad)
	check.Match("Namespace", p.Namespace, namespaceName, `a domain name such as "internal" or "prod.internal"`, &bad)
	if p.ExecuteCommand != nil {
		check.LogRetention("ExecuteCommand.LogRetention", p.ExecuteCommand.LogRetention, &bad)
		check.RemovalPolicy("ExecuteCommand.RemovalPolicy", p.ExecuteCommand.RemovalPolicy, &bad)
	}
	p.validateStorage(&bad)
	return bad.Err()
}

// isImported reports whether the cluster is of ClusterFrom: its capacity providers are not known, and another stack manages them.
func (c *Cluster) isImported() bool { return c.capacityProviders == nil }

// importedGroups returns the security groups of the instances of a cluster of ClusterFrom, as far as the CDK knows them.
func (c *Cluster) importedGroups() (groups []awsec2.ISecurityGroup) {
	if c == nil || !c.isImported() {
		return nil
	}
	// The CDK tells a cluster that was imported by its ARN only by throwing.
	defer func() {
		if recover() != nil {
			groups = nil
		}
	}()
	return *c.Cluster.Connections().SecurityGroups()
}

// associate adds EC2 capacity. The association is the one resource that every service in the cluster waits for, so that
// deletion goes the other way: services, association, capacity provider, instances, cluster.
func (c *Cluster) associate(e *Ec2Capacity) {
	c.ec2 = append(c.ec2, e)
	c.associated = append(c.associated, e.name.name())
	c.capacityProviders.SetCapacityProviders(&c.associated)
}

// ec2Capacity returns the EC2 capacity with a provider's name, or nil.
func (c *Cluster) ec2Capacity(provider CapacityProvider) *Ec2Capacity {
	for _, e := range c.ec2 {
		if e.name == provider {
			return e
		}
	}
	return nil
}

// kindOf returns what a capacity provider consists of, "" if that is not known.
func (c *Cluster) kindOf(provider CapacityProvider) capacityKind {
	switch {
	case provider == Fargate || provider == FargateSpot:
		return onFargate
	case c == nil:
		return ""
	case c.ec2Capacity(provider) != nil:
		return onEc2
	case slices.ContainsFunc(c.managed, func(m *ManagedInstances) bool { return m.name == provider }):
		return onManagedInstances
	}
	return ""
}

// providers says how to name the capacity providers of the cluster; nil if they are not known.
func (c *Cluster) providers() []string {
	if c == nil || c.isImported() {
		return nil
	}
	return slices.Concat([]string{"ecs.Fargate", "ecs.FargateSpot"}, c.providersOf(onEc2), c.providersOf(onManagedInstances))
}

// providersOf says how to name the capacity providers of a kind that were added to the cluster.
func (c *Cluster) providersOf(kind capacityKind) (names []string) {
	if kind == onEc2 {
		for _, e := range c.ec2 {
			names = append(names, "the Provider() of "+e.path)
		}
	}
	if kind == onManagedInstances {
		for _, m := range c.managed {
			names = append(names, "the Provider() of "+m.path)
		}
	}
	return names
}

// internetDependency returns what must exist before something in the subnets reaches the internet.
func (c *Cluster) internetDependency(subnets network.SubnetType) constructs.IDependable {
	if c.internetDependencies[subnets] == nil {
		if c.internetDependencies == nil {
			c.internetDependencies = map[network.SubnetType]constructs.IDependable{}
		}
		c.internetDependencies[subnets] = c.Vpc().SelectSubnets(subnets.Select()).InternetConnectivityEstablished
	}
	return c.internetDependencies[subnets]
}

// isKnownToHave reports whether the VPC was found to have the subnets before.
func (c *Cluster) isKnownToHave(subnets network.SubnetType) bool {
	return c.internetDependencies[subnets] != nil
}

// hasNamespace reports whether services can find each other in the cluster's own namespace.
func (c *Cluster) hasNamespace() bool {
	return c != nil && (c.hasOwnNamespace || c.hasExistingNamespace)
}

// logsSessions reports whether the sessions of ECS Exec are logged somewhere.
func (c *Cluster) logsSessions() bool {
	return c.ExecuteCommandLogGroup != nil || c.hasSessionLog
}

// reserveName notes that a name is taken in a namespace, "" for the cluster's.
func (c *Cluster) reserveName(namespace, name, owner string) {
	if c.nameOwners == nil {
		c.nameOwners = map[string]string{}
	}
	c.nameOwners[namespace+" "+name] = owner
}

// nameOwner returns the path of the service that has the name, or "".
func (c *Cluster) nameOwner(namespace, name string) string {
	if c == nil {
		return ""
	}
	return c.nameOwners[namespace+" "+name]
}

// registerDaemon notes a daemon and, if it runs on every instance, the ports that it takes of each.
func (c *Cluster) registerDaemon(daemon *Service, everywhere bool) {
	c.daemon = daemon.path
	if !everywhere {
		return
	}
	if c.daemonPorts == nil {
		c.daemonPorts = map[int]string{}
	}
	for _, port := range daemon.Task.hostPorts() {
		c.daemonPorts[port] = daemon.path
	}
}
