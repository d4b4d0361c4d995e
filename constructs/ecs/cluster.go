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
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
)

// ClusterProps describe a cluster.
type ClusterProps struct {
	// Vpc is where the cluster's tasks run. Required.
	Vpc awsec2.IVpc
	// ClusterName is the physical name. Default: CloudFormation makes one, so that the cluster can be replaced.
	ClusterName string
	// ContainerInsights is how closely CloudWatch watches the cluster, charged by the metric. Default:
	// awsecs.ContainerInsights_ENHANCED, down to the single container.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
	ContainerInsights awsecs.ContainerInsights
	// Namespace is the name of a private DNS namespace to make in the VPC, "internal" or "prod.internal", in which services
	// find each other: see Exposure.ServiceConnect and Exposure.ServiceDiscovery. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/interconnecting-services.html
	Namespace string
	// ExecuteCommand keeps what is typed and shown in sessions of ECS Exec, encrypted with a key of its own. Services opt in by
	// ServiceProps.ExecuteCommand. Default: nil, no service may have sessions.
	ExecuteCommand *ExecuteCommand
}

// ExecuteCommand is how sessions of ECS Exec are kept.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
type ExecuteCommand struct {
	// LogRetention is how long sessions are kept in CloudWatch Logs. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy is what becomes of them, and of the key that reads them, when the stack is deleted. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which keeps them but for those of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
}

// Cluster is an ECS cluster whose tasks may run on Fargate and Fargate Spot, and on what NewEc2Capacity and NewManagedInstances add.
type Cluster struct {
	constructs.Construct
	// Cluster is what the CDK's own constructs take.
	Cluster awsecs.ICluster

	// ExecuteCommandLogGroup holds the sessions of ECS Exec; nil without ClusterProps.ExecuteCommand.
	ExecuteCommandLogGroup awslogs.LogGroup

	capacityProviders awsecs.CfnClusterCapacityProviderAssociations // nil for a cluster made elsewhere
	associated        []*string                                     // its capacity providers
	ec2               []*Ec2Capacity
	managed           []*ManagedInstances
	namespace         bool
	insights          bool
	owners            map[string]string // of names in namespaces
	daemon            string            // the path of one that runs on every instance
	daemonPorts       map[int]string    // what daemons take of every instance

	// What its services ask for again and again; each question is a call to Node.
	itsVpc  awsec2.IVpc
	waysOut map[network.SubnetType]constructs.IDependable
}

// NewCluster makes a cluster. It panics with *invalid.Error when the props are wrong.
func NewCluster(scope constructs.Construct, id string, props *ClusterProps) *Cluster {
	var p ClusterProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())
	if p.ContainerInsights == "" {
		p.ContainerInsights = awsecs.ContainerInsights_ENHANCED
	}

	c := &Cluster{
		namespace: p.Namespace != "", insights: p.ContainerInsights != awsecs.ContainerInsights_DISABLED,
		associated: []*string{jsii.String(Fargate), jsii.String(FargateSpot)},
	}
	constructs.NewConstruct_Override(c, scope, &id)
	c.Cluster = awsecs.NewCluster(c, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                         p.Vpc,
		ClusterName:                 opt.String(p.ClusterName),
		ContainerInsightsV2:         p.ContainerInsights,
		DefaultCloudMapNamespace:    p.namespace(),
		ExecuteCommandConfiguration: c.keepSessions(p.ExecuteCommand),
	})
	// Made here and not by the CDK, which makes it while synthesizing: nothing could depend on it then, and a service that
	// does not is deleted too late, so that deleting the stack fails on a capacity provider still in use.
	// https://github.com/aws/aws-cdk/issues/19275
	c.capacityProviders = awsecs.NewCfnClusterCapacityProviderAssociations(c, jsii.String("CapacityProviders"),
		&awsecs.CfnClusterCapacityProviderAssociationsProps{
			Cluster:           c.Cluster.ClusterName(),
			CapacityProviders: new([]any{jsii.String(Fargate), jsii.String(FargateSpot)}),
			DefaultCapacityProviderStrategy: []any{&awsecs.CfnClusterCapacityProviderAssociations_CapacityProviderStrategyProperty{
				CapacityProvider: jsii.String(Fargate),
				Weight:           jsii.Number(1),
			}},
		})
	return c
}

// ClusterOf takes a cluster that was not made by NewCluster and knows its VPC, as from
// awsecs.Cluster_FromClusterAttributes. A service in it without Capacity has the launch type FARGATE, which every cluster
// offers, or EC2 for a task of EC2. Capacity providers that a service names must be associated with the cluster already, by another stack: a CDK
// cluster of the same stack associates them too late for its services to wait.
func ClusterOf(cluster awsecs.ICluster) *Cluster {
	return &Cluster{Cluster: cluster}
}

// associate adds EC2 capacity. The association is the one resource that every service in the cluster waits for, so that deletion goes
// the other way: services, association, capacity provider, instances, cluster.
func (c *Cluster) associate(e *Ec2Capacity) {
	c.ec2 = append(c.ec2, e)
	c.associated = append(c.associated, &e.name)
	c.capacityProviders.SetCapacityProviders(&c.associated)
}

// ec2Capacity is the one with a provider's name, or nil.
func (c *Cluster) ec2Capacity(provider string) *Ec2Capacity {
	for _, e := range c.ec2 {
		if e.name == provider {
			return e
		}
	}
	return nil
}

// kindOf is what a capacity provider is made of, "" where that is not known.
func (c *Cluster) kindOf(provider string) capacityKind {
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

// providers say how to name the capacity providers of the cluster; nil where they are not known.
func (c *Cluster) providers() []string {
	if c == nil || c.capacityProviders == nil {
		return nil
	}
	known := []string{Fargate, FargateSpot}
	for _, e := range c.ec2 {
		known = append(known, "the Name of "+e.path)
	}
	for _, m := range c.managed {
		known = append(known, "the Name of "+m.path)
	}
	return known
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

// keepSessions makes the log group of ECS Exec and the key for it and for the sessions themselves.
func (c *Cluster) keepSessions(e *ExecuteCommand) *awsecs.ExecuteCommandConfiguration {
	if e == nil {
		return nil
	}
	kept := *e
	opt.Default(&kept.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	opt.Default(&kept.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	key := awskms.NewKey(c, jsii.String("ExecuteCommandKey"), &awskms.KeyProps{
		Description: describe.Of("Sessions of ECS Exec in", *c.Node().Path()), EnableKeyRotation: jsii.Bool(true), RemovalPolicy: kept.RemovalPolicy,
	})
	policy.LetLogsUse(c, key) // as the CDK does too, but only once a service has sessions: the log group comes before
	c.ExecuteCommandLogGroup = awslogs.NewLogGroup(c, jsii.String("ExecuteCommandLogGroup"), &awslogs.LogGroupProps{
		EncryptionKey: key, Retention: kept.LogRetention, RemovalPolicy: kept.RemovalPolicy,
	})
	return &awsecs.ExecuteCommandConfiguration{
		KmsKey:  key,
		Logging: awsecs.ExecuteCommandLogging_OVERRIDE,
		LogConfiguration: &awsecs.ExecuteCommandLogConfiguration{
			CloudWatchLogGroup: c.ExecuteCommandLogGroup, CloudWatchEncryptionEnabled: jsii.Bool(true),
		},
	}
}

// Vpc returns the cluster's VPC, or nil for a cluster that was imported without one.
func (c *Cluster) Vpc() (vpc awsec2.IVpc) {
	if c.itsVpc == nil {
		// The CDK tells a cluster that was imported by its ARN only by throwing.
		defer func() {
			if recover() != nil {
				vpc = nil
			}
		}()
		c.itsVpc = c.Cluster.Vpc()
	}
	return c.itsVpc
}

// ServiceDependencies lists what must exist before the cluster's services and outlive them: ECS refuses to take a capacity
// provider away from a cluster whose services use it.
func (c *Cluster) ServiceDependencies() []constructs.IDependable {
	if c.capacityProviders == nil {
		return nil
	}
	return []constructs.IDependable{c.capacityProviders}
}

// wayOut is what there must be before something in the subnets reaches the internet.
func (c *Cluster) wayOut(subnets network.SubnetType) constructs.IDependable {
	if c.waysOut[subnets] == nil {
		if c.waysOut == nil {
			c.waysOut = map[network.SubnetType]constructs.IDependable{}
		}
		c.waysOut[subnets] = c.Vpc().SelectSubnets(subnets.Select()).InternetConnectivityEstablished
	}
	return c.waysOut[subnets]
}

// hasNamespace tells whether services can find each other in the cluster's own namespace.
func (c *Cluster) hasNamespace() bool {
	return c != nil && c.Cluster != nil && (c.namespace || c.capacityProviders == nil && c.Cluster.DefaultCloudMapNamespace() != nil)
}

// keepsSessions tells whether the sessions of ECS Exec are kept somewhere.
func (c *Cluster) keepsSessions() bool {
	return c.ExecuteCommandLogGroup != nil || c.capacityProviders == nil && c.Cluster.ExecuteCommandConfiguration() != nil
}

// own notes that a name is taken in a namespace, "" for the cluster's.
func (c *Cluster) own(namespace, name, owner string) {
	if c.owners == nil {
		c.owners = map[string]string{}
	}
	c.owners[namespace+" "+name] = owner
}

// ownerOf is the path of the service that has the name, or "".
func (c *Cluster) ownerOf(namespace, name string) string {
	if c == nil {
		return ""
	}
	return c.owners[namespace+" "+name]
}

// Name returns the cluster's name.
func (c *Cluster) Name() string { return *c.Cluster.ClusterName() }

// Arn returns the cluster's ARN.
func (c *Cluster) Arn() string { return *c.Cluster.ClusterArn() }

func (p *ClusterProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC in which the tasks run")
	}
	check.EcsName("ClusterName", p.ClusterName, &bad)
	if p.Namespace != "" && !invalid.IsToken(p.Namespace) && !namespaceName.MatchString(p.Namespace) {
		bad.Add("Namespace", `%q is no domain name; write it as "internal" or "prod.internal"`, p.Namespace)
	}
	return bad.Err()
}

// https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html
var namespaceName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$`)
