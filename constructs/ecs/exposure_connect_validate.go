package ecs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectClientAlias.html
var aliasName = regexp.MustCompile(`^[a-z0-9_.][a-z0-9_.-]{0,126}$`)

func (c *ServiceConnect) validate(task *Task, cluster *Cluster) error {
	var bad invalid.Problems
	if c.Namespace == "" && !cluster.hasNamespace() {
		bad.Add("Namespace", "is required, because the cluster has none").Advise("set Namespace of the cluster, or set it here")
	}
	for i, callee := range c.Calls {
		switch {
		case callee == nil || len(callee.connection.ports) == 0:
			bad.Add(check.Index("Calls", i), "must be a service with ServiceConnect.Services").
				Advise("set them, or use AllowFrom and another way to find the service")
		case (&connection{cluster: cluster, namespace: c.Namespace}).isApartFrom(&callee.connection):
			bad.Add(check.Index("Calls", i), "must be a service of the same namespace").Given(callee.path).
				Advise("set one Namespace for both services")
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
				bad.Add(field+"."+name.field, "must not be the %s of %s, in the same namespace", name.kind, owner).Given(name.value)
			}
			seen[name.key()] = field
		}
	}
	return bad.Err()
}

// serviceName is a name that one service of a namespace can have.
type serviceName struct{ field, kind, value string }

func (n serviceName) key() string { return n.kind + " " + strings.ToLower(n.value) }

const nameInCloudMap = "name in Cloud Map"

func (s *ServiceConnectService) names() []serviceName {
	if s.PortMappingName == "" {
		return nil // refused, and the others come from it
	}
	return []serviceName{
		{"DnsName", "alias", fmt.Sprintf("%s:%d", s.DnsName, s.Port)},
		{"DiscoveryName", nameInCloudMap, s.DiscoveryName},
	}
}

func (s *ServiceConnectService) validate(task *Task) error {
	var bad invalid.Problems
	switch m := task.portMapping(s.PortMappingName); {
	case m == nil:
		if names := task.portNames(); len(names) > 0 {
			bad.Add("PortMappingName", "must be a Name of the task's PortMappings: %s", check.OneOfQuoted(names)).Given(s.PortMappingName)
		} else {
			bad.Add("PortMappingName", "must be a Name of the task's PortMappings, which have none").Given(s.PortMappingName).
				Advise(`set one, such as PortMapping{ContainerPort: 80, Name: "api"}`)
		}
		return bad.Err() // the other names come from it
	case m.Protocol == awsecs.Protocol_UDP:
		bad.Add("PortMappingName", "must be a TCP port").Given(s.PortMappingName)
	case m.AppProtocol == "" && s.PerRequestTimeout != 0:
		bad.Add("PerRequestTimeout", "requires an AppProtocol for port %q", s.PortMappingName).Given(s.PerRequestTimeout)
	}
	check.Match("DnsName", s.DnsName, aliasName, "up to 127 lowercase letters, digits, dots, hyphens and underscores", &bad)
	check.Port("Port", s.Port, &bad)
	check.Match("DiscoveryName", s.DiscoveryName, portName, "up to 64 lowercase letters, digits, hyphens and underscores", &bad)
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

func (d *ServiceDiscovery) name() serviceName {
	return serviceName{"Name", nameInCloudMap, d.Name}
}

// validate takes the same service's Service Connect, or nil: the two share what names there are.
// https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html
func (d *ServiceDiscovery) validate(cluster *Cluster, c *ServiceConnect) error {
	var bad invalid.Problems
	switch owner := d.nameOwner(cluster, c); {
	case d.Name == "":
		bad.Add("Name", "is required")
	case owner != "":
		bad.Add("Name", "must not be the %s of %s, in the same namespace", nameInCloudMap, owner).Given(d.Name)
	default:
		check.Match("Name", d.Name, discoveryName, "up to 63 letters, digits and hyphens", &bad)
	}
	if !cluster.hasNamespace() {
		bad.Add("Name", "requires a cluster with a Namespace").Given(d.Name)
	}
	check.Seconds("DnsTtl", d.DnsTtl, time.Second, maxCooldown, &bad)
	return bad.Err()
}

// nameOwner is who has the name already: another service, or Service Connect of this one; empty if nobody has.
func (d *ServiceDiscovery) nameOwner(cluster *Cluster, c *ServiceConnect) string {
	isName := func(s ServiceConnectService) bool { return strings.EqualFold(s.DiscoveryName, d.Name) }
	if c != nil && c.Namespace == "" && slices.ContainsFunc(c.Services, isName) {
		return "this service's ServiceConnect"
	}
	return cluster.nameOwner("", d.name().key())
}
