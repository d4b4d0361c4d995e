package ecs

import (
	"slices"

	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/network"
)

// isImported reports whether the cluster is of ClusterFrom: its capacity providers are not known, and another stack manages them.
func (c *Cluster) isImported() bool { return c.capacityProviders == nil }

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
	known := []string{"ecs.Fargate", "ecs.FargateSpot"}
	for _, e := range c.ec2 {
		known = append(known, "the Provider() of "+e.path)
	}
	for _, m := range c.managed {
		known = append(known, "the Provider() of "+m.path)
	}
	return known
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
	return c != nil && (c.namespace || c.theirNamespace)
}

// logsSessions reports whether the sessions of ECS Exec are logged somewhere.
func (c *Cluster) logsSessions() bool {
	return c.ExecuteCommandLogGroup != nil || c.sessionLog
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
