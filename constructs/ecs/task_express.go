package ecs

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
)

// expressContainer is the name of the container that the requests to an Express service go to.
const expressContainer = "Main"

// CheckExpress is for this library's packages: it returns what keeps a service of ECS Express Mode from running the task, as problems of a
// field. AWS's own integration for .NET Aspire says what such a task definition must have.
// https://aws.amazon.com/about-aws/whats-new/2026/07/amazon-ecs-express-mode-task-def/
// https://github.com/aws/integrations-on-dotnet-aspire-for-aws/pull/219
func (t *Task) CheckExpress(field string) (bad invalid.Problems) {
	if !slices.Contains(t.kinds(), onFargate) {
		bad.Add(field, "must be able to run on Fargate, the only capacity of Express Mode").Given(t.props.Compatibility)
	}
	if len(t.fileSystems()) > 0 {
		bad.Add(field, "must not mount EFS file systems, because only ECS knows the security group of Express Mode's tasks").
			Advise("use ecs.NewService")
	}
	if slices.ContainsFunc(t.props.Volumes, func(v Volume) bool { return v.Ebs != nil }) {
		bad.Add(field, "must not have EBS volumes, which Express Mode does not attach").Advise("use ecs.NewService")
	}
	i := slices.IndexFunc(t.props.Containers, func(c Container) bool { return c.Name == expressContainer })
	if i < 0 {
		bad.Add(field, "must have a container named %q, which gets the requests", expressContainer).Given(t.ContainerNames())
		return bad
	}
	if t.TaskDefinition == nil && t.isExisting {
		return bad // an import, whose ports aren't known
	}
	isNamed := func(m PortMapping) bool {
		return m.Name != "" && (m.Protocol == "" || m.Protocol == awsecs.Protocol_TCP)
	}
	if ports := t.props.Containers[i].PortMappings; len(ports) != 1 || !isNamed(ports[0]) {
		bad.Add(field, "must have one port mapping with a Name, by TCP, in its container %q", expressContainer)
	}
	return bad
}
