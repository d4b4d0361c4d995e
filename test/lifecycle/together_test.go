//go:build lifecycle

package lifecycle_test

import (
	"fmt"
	"slices"
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
			if row.kind == e.kind() && e.changes(row.alone...) && len(others) > 0 {
				text := fmt.Sprintf("can't change %s together with %s", changing(row.alone, e), strings.Join(others, ", "))
				found = append(found, danger{isRefused, e.place(), text})
			}
		}
		if e.kind() == "AWS::DynamoDB::Table" && differing(e, "GlobalSecondaryIndexes", "IndexName") > 1 {
			// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
			found = append(found, danger{isRefused, e.place(), "creates or deletes one global secondary index in an update"})
		}
	}
	return found
}

func changing(properties []string, e *effect) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(properties), func(p string) bool { return !e.changes(p) }), " and ")
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

// inUse are resources that AWS refuses to let go of because another one, which is updated later, still uses them.
func (o *outcome) inUse() (found []danger) {
	// "The specified capacity provider is in use and cannot be removed": https://github.com/aws/containers-roadmap/issues/631
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
