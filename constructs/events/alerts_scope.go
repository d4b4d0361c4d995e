package events

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"awscontainers/constructs/ecs"
)

// alertScope is a cluster, or every cluster, with the services and tasks that alerts are about.
type alertScope struct {
	cluster    *ecs.Cluster // nil for every cluster
	services   []*ecs.Service
	tasks      []*ecs.Task
	isNarrowed bool // to the services and tasks
}

func (p *TaskAlertsProps) scopes() []alertScope {
	if len(p.Clusters) == 0 {
		return []alertScope{{}}
	}
	var all []alertScope
	for _, c := range p.Clusters {
		s := alertScope{cluster: c, tasks: p.Tasks, isNarrowed: len(p.Services)+len(p.Tasks) > 0}
		for _, service := range p.Services {
			if service.Cluster() == c {
				s.services = append(s.services, service)
			}
		}
		all = append(all, s)
	}
	return all
}

// hasServices reports whether events of services are in the scope.
func (s *alertScope) hasServices() bool { return !s.isNarrowed || len(s.services) > 0 }

// pattern returns what a rule for a kind of failure matches.
func (s *alertScope) pattern(k *failureKind) map[string]any {
	pattern := map[string]any{"source": anyOf("aws.ecs"), "detail-type": anyOf(k.detailType)}
	detail := k.detail(s)
	if k.isOfServices() {
		// An event of a deployment names the service, and the cluster only as a part of the service's ARN.
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
		if resources := s.serviceArns(); resources != nil {
			pattern["resources"] = resources
		}
	} else {
		detail["lastStatus"] = anyOf("STOPPED") // once for each task, when everything is known
		if s.cluster != nil {
			detail["clusterArn"] = anyOf(s.cluster.Arn())
		}
		if groups := s.groups(); groups != nil {
			limit(detail, "group", groups)
		}
	}
	pattern["detail"] = detail
	return pattern
}

// logPattern returns what the log group keeps.
func logPattern(scopes []alertScope) map[string]any {
	pattern := map[string]any{"source": anyOf("aws.ecs"), "detail-type": anyOf(taskState, serviceAction, deploymentState)}
	if scopes[0].cluster == nil {
		return pattern
	}
	var arns, services []any
	for i := range scopes {
		arns = append(arns, scopes[i].cluster.Arn())
		services = append(services, scopes[i].everyService())
	}
	pattern[or] = anyOf(
		map[string]any{"detail": map[string]any{"clusterArn": arns}},
		map[string]any{"resources": services}, // for events of deployments
	)
	return pattern
}

// groups lists what tasks belong to: a service's name, or the task definition's for a task without a service; nil for any.
func (s *alertScope) groups() []any {
	var groups []any
	for _, service := range s.services {
		groups = append(groups, "service:"+service.Name())
	}
	for _, t := range s.tasks {
		groups = append(groups, "family:"+t.Family())
	}
	return groups
}

// singleContainers returns the groups whose tasks have one container, and the names of these containers.
func (s *alertScope) singleContainers() (groups, names []any) {
	var single alertScope
	isSingle := func(t *ecs.Task) bool {
		if t == nil || len(t.ContainerNames()) != 1 {
			return false
		}
		if name := t.ContainerNames()[0]; !slices.Contains(names, any(name)) {
			names = append(names, name)
		}
		return true
	}
	for _, service := range s.services {
		if isSingle(service.Task) {
			single.services = append(single.services, service)
		}
	}
	for _, t := range s.tasks {
		if isSingle(t) {
			single.tasks = append(single.tasks, t)
		}
	}
	return single.groups(), names
}

// serviceArns returns what the resources of an event must match; nil for any.
func (s *alertScope) serviceArns() []any {
	switch {
	case s.cluster == nil:
		return nil
	case !s.isNarrowed:
		return anyOf(s.everyService())
	}
	var arns []any
	for _, service := range s.services {
		arns = append(arns, service.Arn())
	}
	return arns
}

// everyService matches every service of the cluster, whose name is in their ARNs.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids
func (s *alertScope) everyService() any {
	stack := awscdk.Stack_Of(s.cluster.Cluster)
	return prefix("arn:" + *stack.Partition() + ":ecs:" + *stack.Region() + ":" + *stack.Account() + ":service/" + s.clusterName() + "/")
}

// clusterName is an ARN if the scope is every cluster: EventBridge can't cut a name out of a field.
func (s *alertScope) clusterName() string {
	if s.cluster == nil {
		return "<cluster>"
	}
	return s.cluster.Name()
}

// link returns the console's page of the cluster's tasks or services, in AWS's commercial Regions.
func (s *alertScope) link(page string) string {
	console := "https://<region>.console.aws.amazon.com/ecs/v2/clusters"
	if s.cluster == nil {
		return console + "?region=<region>"
	}
	return console + "/" + s.clusterName() + "/" + page + "?region=<region>"
}
