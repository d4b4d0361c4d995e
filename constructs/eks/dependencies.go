package eks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
)

// dependencyOrder keeps the order in which the parts of a cluster are created, and deleted in reverse: add-ons without which no node
// becomes ready, nodes, and what runs on nodes.
type dependencyOrder struct {
	prerequisites []constructs.IDependable // nodes wait for these
	nodes         []constructs.IDependable // node groups, Auto Scaling groups and Fargate profiles
	dependents    []constructs.IConstruct  // these wait for nodes
	kubectl       []constructs.IDependable // Kubernetes objects wait for these
	hasUsualNodes bool                     // whether there are nodes from the start on which CoreDNS, which tolerates little, can run
}

// addNodes records what runs pods, also after its dependents.
func (d *dependencyOrder) addNodes(nodes constructs.IConstruct) {
	nodes.Node().AddDependency(d.prerequisites...)
	d.nodes = append(d.nodes, nodes)
	for _, pods := range d.dependents {
		pods.Node().AddDependency(nodes)
	}
}

// addDependent records something that is ready only once its pods run. It comes after all nodes, also those that are created later.
func (d *dependencyOrder) addDependent(pods constructs.IConstruct) {
	pods.Node().AddDependency(d.nodes...)
	d.dependents = append(d.dependents, pods)
}

// addSize records whether nodes of this number and with these taints run CoreDNS.
func (d *dependencyOrder) addSize(size int, taints []Taint) {
	if size > 0 && !slices.ContainsFunc(taints, func(t Taint) bool { return t.Effect != PreferNoSchedule }) {
		d.hasUsualNodes = true
	}
}

// serviceAccounts records which construct gives a service account its role: EKS accepts one for each.
type serviceAccounts struct {
	owners        map[string]string   // construct paths, by namespace and service account
	podRoles      map[string]*PodRole // those of Cluster.PodRole, by their ids
	podIdentities []podIdentity
}

// podIdentity is a construct whose pods have their role by EKS Pod Identity, which does not reach Fargate.
type podIdentity struct{ namespace, path string }

func (s *serviceAccounts) assign(namespace, account, path string) {
	record(&s.owners, namespace+"/"+account, path)
}

// owner returns the path of the construct that gives a service account its role, or "".
func (s *serviceAccounts) owner(namespace, account string) string {
	return s.owners[namespace+"/"+account]
}

func (s *serviceAccounts) addPodIdentity(namespace, path string) {
	s.podIdentities = append(s.podIdentities, podIdentity{namespace, path})
}

// nodeRoles records what lets nodes into the cluster, by the paths of their roles: EKS accepts one access entry for each.
type nodeRoles struct {
	groups  map[string]constructs.IConstruct // managed node groups, for which EKS creates the entry
	entries map[string]constructs.IConstruct // the access entries of self-managed nodes
}

// group returns the managed node group of a role, or nil.
func (n *nodeRoles) group(role awsiam.IRole) constructs.IConstruct {
	return n.groups[*role.Node().Path()]
}

// entry returns the access entry of self-managed nodes with a role, or nil.
func (n *nodeRoles) entry(role awsiam.IRole) constructs.IConstruct {
	return n.entries[*role.Node().Path()]
}

// record adds to a map that may be nil.
func record[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}
