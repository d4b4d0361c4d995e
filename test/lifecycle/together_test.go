//go:build lifecycle

package lifecycle_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"awscontainers/test/cdktest"
)

// apart are the properties that AWS refuses to change together with others of the same resource.
var apart = []struct {
	kind string
	// alone are properties that change in a deployment without any other.
	alone []string
	// beside are the properties that may change with them.
	beside []string
	page   string
}{
	// "Version and ReleaseVersion updates cannot be combined with other updates."
	{"AWS::EKS::Nodegroup", []string{"Version", "ReleaseVersion"}, []string{"ForceUpdateEnabled", "DependsOn", "Metadata"},
		"https://github.com/aws/aws-cdk/issues/13602"},
	// Tags can't be updated with the launch template either.
	{"AWS::EKS::Nodegroup", []string{"Tags"}, []string{"DependsOn", "Metadata", "Labels", "Taints", "ScalingConfig", "UpdateConfig"},
		"https://github.com/awsdocs/aws-cloudformation-user-guide/pull/1181"},
	// EKS takes one kind of update at a time.
	{"AWS::EKS::Cluster", []string{"Version"}, []string{"DependsOn", "Metadata", "Tags", "Force", "RollbackConfig", "DeletionProtection"},
		"https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html"},
}

// together are the resources of which properties change that AWS changes only by themselves.
func (o *outcome) together() (found []danger) {
	for _, e := range o.inOrder() {
		if e.does != updates {
			continue
		}
		for _, row := range apart {
			others := slices.DeleteFunc(slices.Clone(e.properties), func(p string) bool {
				return slices.Contains(row.alone, p) || slices.Contains(row.beside, p)
			})
			if row.kind == e.kind() && changing(o, row.alone, e) != "" && len(others) > 0 {
				text := fmt.Sprintf("can't change %s together with %s", changing(o, row.alone, e), strings.Join(others, ", "))
				found = append(found, danger{isRefused, e.place(), text})
			}
		}
		if e.kind() == "AWS::EKS::Cluster" && e.changes("Version") && steps(e.old.Get("Version"), e.now.Get("Version")) != 1 {
			// https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
			found = append(found, danger{isRefused, e.place(), fmt.Sprintf("goes from %v to %v, and EKS takes one minor version at a time",
				e.old.Get("Version"), e.now.Get("Version"))})
		}
		if e.kind() == "AWS::DynamoDB::Table" && differing(e, "GlobalSecondaryIndexes", "IndexName") > 1 {
			// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
			found = append(found, danger{isRefused, e.place(), "creates or deletes one global secondary index in an update"})
		}
	}
	return found
}

// changing returns those of the properties that change, and those that a parameter of Systems Manager may change at any deployment.
func changing(o *outcome, properties []string, e *effect) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(properties), func(p string) bool {
		kind, _ := o.to.Parameter(e.now.Properties[p])["Type"].(string)
		return !e.changes(p) && !strings.HasPrefix(kind, "AWS::SSM::Parameter::Value")
	}), " and ")
}

// differing counts the items of a list that only one of the two templates has, by a name.
func differing(e *effect, property, name string) int {
	count := map[any]int{}
	for _, r := range []*cdktest.Resource{e.old, e.now} {
		for _, item := range cdktest.List(r.Get(property)) {
			count[cdktest.Dig(item, name)]++
		}
	}
	n := 0
	for _, times := range count {
		if times == 1 {
			n++
		}
	}
	return n
}

// steps counts the minor versions from one version of Kubernetes to another.
func steps(from, to any) int {
	minor := func(version any) int {
		_, text, _ := strings.Cut(fmt.Sprint(version), ".")
		n, _ := strconv.Atoi(text)
		return n
	}
	return minor(to) - minor(from)
}

// inUse are resources that AWS doesn't let go of because something still uses them.
func (o *outcome) inUse() []danger {
	return slices.Concat(o.usedProviders(), o.usedGroups(), o.usedNamespaces())
}

// usedProviders are capacity providers that the cluster lets go of before a service does, which is updated later.
// "The specified capacity provider is in use and cannot be removed": https://github.com/aws/containers-roadmap/issues/631
func (o *outcome) usedProviders() (found []danger) {
	for _, association := range o.to.All("AWS::ECS::ClusterCapacityProviderAssociations") {
		before := o.from.Resources[association.Id]
		if before == nil {
			continue
		}
		for _, provider := range cdktest.List(before.Get("CapacityProviders")) {
			if o.keepsProvider(association, provider) {
				continue
			}
			for _, service := range o.from.All("AWS::ECS::Service") {
				if uses(o.from, service, provider) && o.from.graph.Needs(service, before) {
					found = append(found, danger{isRefused, place(association), fmt.Sprintf(
						"lets go of the capacity provider %s while `%s` still uses it", providerName(o.from, provider), place(service))})
				}
			}
		}
	}
	return found
}

// usedGroups are security groups of instances that run on, because their Auto Scaling group doesn't replace them in an update.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
func (o *outcome) usedGroups() (found []danger) {
	for _, e := range o.inOrder() {
		if e.kind() != "AWS::EC2::SecurityGroup" || !e.goes() {
			continue
		}
		for _, instances := range o.to.All("AWS::AutoScaling::AutoScalingGroup") {
			before := o.from.Resources[instances.Id]
			if before != nil && o.from.uses(before, e.old, "AWS::EC2::LaunchTemplate") && len(instances.UpdatePolicy) == 0 {
				found = append(found, danger{isRefused, e.place(), "goes while the instances of `" + place(instances) + "` still use it"})
			}
		}
	}
	return found
}

// usedNamespaces are namespaces that go together with a service of Service Connect, whose names ECS removes later.
// https://docs.aws.amazon.com/cloud-map/latest/dg/deleting-namespaces.html
func (o *outcome) usedNamespaces() (found []danger) {
	for _, e := range o.inOrder() {
		if !strings.HasPrefix(e.kind(), "AWS::ServiceDiscovery::") || !strings.HasSuffix(e.kind(), "Namespace") || !e.goes() {
			continue
		}
		for _, service := range o.from.All("AWS::ECS::Service") {
			if service.Get("ServiceConnectConfiguration.Services") != nil && o.from.graph.Needs(service, e.old) {
				found = append(found, danger{isRefused, e.place(), "goes while the names of `" + place(service) + "` are still in it"})
			}
		}
	}
	return found
}

// keepsProvider reports whether the associations still have a provider, and that is the same one.
func (o *outcome) keepsProvider(association *cdktest.Resource, provider any) bool {
	for _, kept := range cdktest.List(association.Get("CapacityProviders")) {
		r := o.to.Follow(kept)
		if providerName(o.to, kept) == providerName(o.from, provider) && (r == nil || !o.isNew(r)) {
			return true
		}
	}
	return false
}

func providerName(s *stack, provider any) string {
	if r := s.Follow(provider); r != nil {
		return "`" + place(r) + "`"
	}
	return fmt.Sprint(provider)
}

// uses reports whether a service's strategy has a capacity provider.
func uses(s *stack, service *cdktest.Resource, provider any) bool {
	return slices.ContainsFunc(cdktest.List(service.Get("CapacityProviderStrategy")), func(item any) bool {
		return providerName(s, cdktest.Dig(item, "CapacityProvider")) == providerName(s, provider)
	})
}
