package ecs

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
)

// ServiceConnect puts a proxy beside each task that finds the other services of a namespace by name, spreads requests over
// their tasks, tries again and measures. The proxy takes CPU and memory of the task's: AWS advises 256 CPU units and 64 MiB
// more. Security groups stay in force: see Calls.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
type ServiceConnect struct {
	// Namespace is the ARN or name of an AWS Cloud Map namespace. That a name of Services is taken in it is noticed among the
	// services of one cluster. Default: the cluster's, which it then must have.
	Namespace string
	// Services are the ports that others reach by name. Default: none, the service only calls others.
	Services []ServiceConnectService
	// Calls are the services of the same namespace that this one calls: they let it in at the ports that they offer, and it is
	// deployed after them, for a proxy knows the names that there were when its task started. Default: none.
	Calls []*Service
}

// ServiceConnectService is a port of the service under a name.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html
type ServiceConnectService struct {
	// PortMappingName is the Name of one of the task's PortMappings. Required.
	PortMappingName string
	// DnsName is the name that others call, "api" or "api.internal", which no other service of the namespace has with the same
	// Port. Default: PortMappingName.
	DnsName string
	// Port is the port that others call, 1 to 65535. Default: the container's.
	Port int
	// DiscoveryName is the name in Cloud Map, which no other service of the namespace has. Default: PortMappingName.
	DiscoveryName string
	// PerRequestTimeout is how long a request may take, 1 s to 24 h; not for plain TCP. Default: 15 s.
	PerRequestTimeout time.Duration
	// IdleTimeout is how long a connection stays open unused, 1 s to 24 h. Default: 5 min for HTTP, 1 h for TCP.
	IdleTimeout time.Duration
}

// ServiceDiscovery registers the tasks' addresses in the DNS of the cluster's Namespace. Clients reach tasks straight, as
// long as their resolvers believe a task to be there; between services of ECS, prefer ServiceConnect.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html
type ServiceDiscovery struct {
	// Name is the service's name in the namespace, which no other service of it has: "api" is found as api.<namespace>. Changing it
	// replaces the name: callers find the service by the new one only. Required.
	Name string
	// DnsTtl is how long resolvers keep an answer, 1 s to 24 h. Default: 60 s.
	DnsTtl time.Duration
}

func (c *ServiceConnect) setDefaults(task *Task) {
	services := make([]ServiceConnectService, len(c.Services))
	for i, s := range c.Services {
		opt.Default(&s.DnsName, s.PortMappingName)
		opt.Default(&s.DiscoveryName, s.PortMappingName)
		if m := task.portMapping(s.PortMappingName); m != nil {
			opt.Default(&s.Port, m.ContainerPort)
		}
		services[i] = s
	}
	c.Services = services
}

// isCallable reports whether others may call the service by Service Connect.
func (e *Exposure) isCallable() bool {
	return e.ServiceConnect != nil && len(e.ServiceConnect.Services) > 0
}

// hasTestTraffic reports whether requests can ask the proxies for a new version: by a header, so not in plain TCP.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html
func (c *ServiceConnect) hasTestTraffic(task *Task) bool {
	return c != nil && slices.ContainsFunc(c.Services, func(s ServiceConnectService) bool {
		m := task.portMapping(s.PortMappingName)
		return m != nil && m.AppProtocol != ""
	})
}

// portMapping gives one of the task's by name, or nil.
func (t *Task) portMapping(name string) *PortMapping {
	if t == nil || name == "" {
		return nil
	}
	for i := range t.props.Containers {
		for j := range t.props.Containers[i].PortMappings {
			if m := &t.props.Containers[i].PortMappings[j]; m.Name == name {
				return m
			}
		}
	}
	return nil
}

// render has the proxy write to the task's logs.
func (c *ServiceConnect) render(task *Task, cluster *Cluster) *awsecs.ServiceConnectProps {
	if c == nil {
		return nil
	}
	namespace := &c.Namespace
	if c.Namespace == "" {
		// Not by its name, as the CDK would: the account may have others of the same name, in other VPCs.
		namespace = cluster.Cluster.DefaultCloudMapNamespace().NamespaceArn()
	}
	services := make([]*awsecs.ServiceConnectService, len(c.Services))
	for i, s := range c.Services {
		services[i] = &awsecs.ServiceConnectService{
			PortMappingName: &s.PortMappingName, DnsName: &s.DnsName, Port: opt.Number(s.Port), DiscoveryName: opt.String(s.DiscoveryName),
			PerRequestTimeout: opt.Duration(s.PerRequestTimeout), IdleTimeout: opt.Duration(s.IdleTimeout),
		}
	}
	return &awsecs.ServiceConnectProps{
		Namespace: namespace,
		Services:  &services,
		LogDriver: task.logDriver("service-connect"),
	}
}

// connection is what a service offers by Service Connect, and where.
type connection struct {
	cluster   *Cluster
	namespace string // "" for the cluster's
	ports     []int  // of containers
}

// isApartFrom reports whether two namespaces are known to differ.
func (c *connection) isApartFrom(other *connection) bool {
	if c.namespace == "" && other.namespace == "" {
		return c.cluster != other.cluster && c.cluster != nil && c.cluster.hasOwnNamespace && other.cluster.hasOwnNamespace
	}
	isArn := func(s string) bool { return strings.HasPrefix(s, "arn:") }
	return c.namespace != other.namespace && c.namespace != "" && other.namespace != "" && isArn(c.namespace) == isArn(other.namespace) &&
		!invalid.IsToken(c.namespace) && !invalid.IsToken(other.namespace)
}

// addServiceConnect reserves the names of what this service offers, and opens the way to the services that it calls.
func (s *Service) addServiceConnect(c *ServiceConnect) {
	s.connection = connection{cluster: s.cluster, namespace: c.Namespace}
	for i := range c.Services {
		offered := &c.Services[i]
		s.connection.ports = append(s.connection.ports, s.Task.portMapping(offered.PortMappingName).ContainerPort)
		for _, name := range offered.names() {
			s.cluster.reserveName(c.Namespace, name.key(), s.path)
		}
	}
	for _, callee := range c.Calls {
		for _, port := range callee.connection.ports {
			callee.allowCaller(s, port)
		}
		s.Service.Node().DefaultChild().Node().AddDependency(callee.Service.Node().DefaultChild())
	}
}

// allowCaller is AllowFrom for a service deployed after this one: the rule belongs to the caller, so that the caller's stack, if
// it is another, needs this one's and not each the other.
func (s *Service) allowCaller(caller *Service, containerPort int) {
	port := s.Task.port(containerPort)
	for _, group := range *s.Service.Connections().SecurityGroups() {
		for _, from := range *caller.Service.Connections().SecurityGroups() {
			group.AddIngressRule(from, port, describe.Of("Callers of", s.path), jsii.Bool(true))
			if !*from.AllowAllOutbound() {
				from.AddEgressRule(group, port, describe.Of("Callers of", s.path), nil)
			}
		}
	}
}

func (d *ServiceDiscovery) render() *awsecs.CloudMapOptions {
	if d == nil {
		return nil
	}
	return &awsecs.CloudMapOptions{
		Name: &d.Name, DnsRecordType: awsservicediscovery.DnsRecordType_A, DnsTtl: opt.Duration(d.DnsTtl),
		FailureThreshold: jsii.Number(1),
	}
}
