package ecs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
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
	// Name is the service's name in the namespace, which no other service of it has: "api" is found as api.<namespace>. Required.
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

// called tells whether others may call the service by Service Connect.
func (e *Exposure) called() bool {
	return e.ServiceConnect != nil && len(e.ServiceConnect.Services) > 0
}

// takesTests tells whether requests can ask the proxies for a new version: by a header, so not in plain TCP.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html
func (c *ServiceConnect) takesTests(task *Task) bool {
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

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectClientAlias.html
var aliasName = regexp.MustCompile(`^[a-z0-9_.][a-z0-9_.-]{0,126}$`)

func (c *ServiceConnect) validate(task *Task, cluster *Cluster) error {
	var bad invalid.Problems
	if c.Namespace == "" && !cluster.hasNamespace() {
		bad.Add("Namespace", "is missing and the cluster has none; give the cluster a Namespace, or name one here")
	}
	for i, callee := range c.Calls {
		switch {
		case callee == nil || len(callee.connection.ports) == 0:
			bad.Add(check.Index("Calls", i), "offers no port by Service Connect; give it ServiceConnect.Services, or use AllowFrom and another way to find it")
		case (&connection{cluster: cluster, namespace: c.Namespace}).apartFrom(&callee.connection):
			bad.Add(check.Index("Calls", i), "is %s, in another namespace, where it is not found; give both services one Namespace", callee.path)
		}
	}
	seen := map[string]string{}
	for i := range c.Services {
		s, field := &c.Services[i], check.Index("Services", i)
		bad.Nest(field, s.validate(task))
		for _, name := range s.names() {
			owner := seen[name.key()]
			if owner == "" {
				owner = cluster.nameOwner(c.Namespace, name.key())
			}
			if owner != "" && name.value != "" {
				bad.Add(field+"."+name.field, "%q is the %s of %s too; give each service of a namespace its own", name.value, name.kind, owner)
			}
			seen[name.key()] = field
		}
	}
	return bad.Err()
}

// takenName is a name that one service of a namespace may have.
type takenName struct{ field, kind, value string }

func (n takenName) key() string { return n.kind + " " + strings.ToLower(n.value) }

const nameInCloudMap = "name in Cloud Map"

func (s *ServiceConnectService) names() []takenName {
	if s.PortMappingName == "" {
		return nil // refused, and the others come from it
	}
	return []takenName{
		{"DnsName", "alias", fmt.Sprintf("%s:%d", s.DnsName, s.Port)},
		{"DiscoveryName", nameInCloudMap, s.DiscoveryName},
	}
}

func (s *ServiceConnectService) validate(task *Task) error {
	var bad invalid.Problems
	switch m := task.portMapping(s.PortMappingName); {
	case m == nil:
		if names := task.portNames(); len(names) > 0 {
			bad.Add("PortMappingName", "%q is no Name of the task's PortMappings; use %s", s.PortMappingName, check.OneOf(names))
		} else {
			bad.Add("PortMappingName", `%q is no Name of the task's PortMappings, which have none; write PortMapping{ContainerPort: 80, Name: "api"}`, s.PortMappingName)
		}
		return bad.Err() // the other names come from it
	case m.Protocol == awsecs.Protocol_UDP:
		bad.Add("PortMappingName", "%q is for UDP, which Service Connect does not carry; use a port for TCP", s.PortMappingName)
	case m.AppProtocol == "" && s.PerRequestTimeout != 0:
		bad.Add("PerRequestTimeout", "%v is for HTTP and gRPC; give port %q an AppProtocol", s.PerRequestTimeout, s.PortMappingName)
	}
	if !invalid.IsToken(s.DnsName) && !aliasName.MatchString(s.DnsName) {
		bad.Add("DnsName", "%q is no name to call; use up to 127 lower-case letters, digits, dots, hyphens and underscores", s.DnsName)
	}
	check.Port("Port", s.Port, &bad)
	if !invalid.IsToken(s.DiscoveryName) && !portName.MatchString(s.DiscoveryName) {
		bad.Add("DiscoveryName", "%q is no name in Cloud Map; use up to 64 lower-case letters, digits, hyphens and underscores", s.DiscoveryName)
	}
	check.Seconds("PerRequestTimeout", s.PerRequestTimeout, time.Second, maxCooldown, &bad)
	check.Seconds("IdleTimeout", s.IdleTimeout, time.Second, maxCooldown, &bad)
	return bad.Err()
}

func (t *Task) portNames() (names []string) {
	for _, c := range t.props.Containers {
		for _, m := range c.PortMappings {
			if m.Name != "" {
				names = append(names, m.Name)
			}
		}
	}
	return names
}

var discoveryName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`)

func (d *ServiceDiscovery) taken() takenName { return takenName{"Name", nameInCloudMap, d.Name} }

// validate takes the same service's Service Connect, or nil: the two share what names there are.
// https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html
func (d *ServiceDiscovery) validate(cluster *Cluster, c *ServiceConnect) error {
	var bad invalid.Problems
	if !invalid.IsToken(d.Name) && !discoveryName.MatchString(d.Name) {
		bad.Add("Name", "%q is no part of a domain name; use up to 63 letters, digits and hyphens", d.Name)
	}
	owner := cluster.nameOwner("", d.taken().key())
	if c != nil && c.Namespace == "" && slices.ContainsFunc(c.Services, func(s ServiceConnectService) bool { return strings.EqualFold(s.DiscoveryName, d.Name) }) {
		owner = "this service's ServiceConnect"
	}
	if owner != "" {
		bad.Add("Name", "%q is the %s of %s too; give each service of a namespace its own", d.Name, nameInCloudMap, owner)
	}
	if !cluster.hasNamespace() {
		bad.Add("Name", "%q has no namespace to stand in; give the cluster a Namespace", d.Name)
	}
	check.Seconds("DnsTtl", d.DnsTtl, time.Second, maxCooldown, &bad)
	return bad.Err()
}

// The proxy writes to the task's logs.
func (c *ServiceConnect) cdk(task *Task, cluster *Cluster) *awsecs.ServiceConnectProps {
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

// apartFrom is true for namespaces that are known to be two.
func (c *connection) apartFrom(other *connection) bool {
	if c.namespace == "" && other.namespace == "" {
		return c.cluster != other.cluster && c.cluster != nil && c.cluster.namespace && other.cluster.namespace
	}
	isArn := func(s string) bool { return strings.HasPrefix(s, "arn:") }
	return c.namespace != other.namespace && c.namespace != "" && other.namespace != "" && isArn(c.namespace) == isArn(other.namespace) &&
		!invalid.IsToken(c.namespace) && !invalid.IsToken(other.namespace)
}

// connect notes what this service offers and opens the way to those that it calls.
func (s *Service) connect(c *ServiceConnect) {
	s.connection = connection{cluster: s.cluster, namespace: c.Namespace}
	for i := range c.Services {
		offer := &c.Services[i]
		s.connection.ports = append(s.connection.ports, s.Task.portMapping(offer.PortMappingName).ContainerPort)
		for _, name := range offer.names() {
			s.cluster.reserveName(c.Namespace, name.key(), s.path)
		}
	}
	for _, callee := range c.Calls {
		for _, port := range callee.connection.ports {
			callee.letIn(s, port)
		}
		s.Service.Node().DefaultChild().Node().AddDependency(callee.Service.Node().DefaultChild())
	}
}

// letIn is AllowFrom for a service deployed after this one: the rule stands with the caller, so that the caller's stack, if
// it is another, needs this one's and not each the other.
func (s *Service) letIn(caller *Service, containerPort int) {
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

func (d *ServiceDiscovery) cdk() *awsecs.CloudMapOptions {
	if d == nil {
		return nil
	}
	return &awsecs.CloudMapOptions{
		Name: &d.Name, DnsRecordType: awsservicediscovery.DnsRecordType_A, DnsTtl: opt.Duration(d.DnsTtl),
		FailureThreshold: jsii.Number(1),
	}
}
