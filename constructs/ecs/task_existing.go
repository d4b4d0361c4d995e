package ecs

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// TaskAttributes identify an existing task definition.
type TaskAttributes struct {
	// TaskDefinition is one of the CDK's own classes, which serves runs and services, or an imported one, which serves runs only:
	// awsecs.TaskDefinition_FromTaskDefinitionAttributes. An imported one must know its NetworkMode. Give it the roles that the
	// task definition has too: ECS starts a task only for who may pass them. Required.
	TaskDefinition awsecs.ITaskDefinition
	// ContainerNames are the names of the containers, the first being the one that is meant where no name is given. Default:
	// those of TaskDefinition; required for an imported one, which doesn't know them.
	ContainerNames []string
}

// TaskFrom uses an existing task definition. What the CDK doesn't tell of it (size, processors, files) is not validated, and
// files must be reachable already. It panics with *invalid.Error if the attributes are invalid.
func TaskFrom(scope constructs.Construct, id string, attributes *TaskAttributes) *Task {
	a := opt.Value(attributes)
	t := &Task{definition: a.TaskDefinition, isExisting: true}
	invalid.Refuse(scope, id, a.Validate(), t.read(a.ContainerNames))
	constructs.NewConstruct_Override(t, scope, &id)
	return t
}

// Validate returns all problems of the attributes, or nil, except those that only TaskFrom finds, in the task definition.
func (a *TaskAttributes) Validate() error {
	var bad invalid.Problems
	if a.TaskDefinition == nil {
		bad.Add("TaskDefinition", "is required").Advise("use awsecs.TaskDefinition_FromTaskDefinitionAttributes")
	}
	for i, name := range a.ContainerNames {
		check.RequiredEcsName(check.Index("ContainerNames", i), name, &bad)
		check.Once("ContainerNames", a.ContainerNames, i, &bad)
	}
	return bad.Err()
}

// The family in the ARN of a task definition, whose revision may be missing.
var familyOfArn = regexp.MustCompile(`:task-definition/([A-Za-z0-9_-]+)(:\d+)?$`)

// read takes over what the task definition knows of itself.
func (t *Task) read(containerNames []string) error {
	if t.definition == nil {
		return nil // refused
	}
	var bad invalid.Problems
	t.TaskDefinition, _ = t.definition.(awsecs.TaskDefinition)
	t.props.Compatibility = t.definition.Compatibility()
	if t.kinds() == nil {
		bad.Add("TaskDefinition", "must run on Fargate, EC2 or Managed Instances").Given(t.props.Compatibility)
	}
	if t.TaskDefinition != nil {
		t.readDefinition(containerNames, &bad)
	} else {
		t.readImport(containerNames, &bad)
	}
	t.props.TaskRole, t.props.ExecutionRole = t.TaskRole, t.ExecutionRole
	return bad.Err()
}

// readDefinition reads a task definition of the CDK's, which belongs to this app.
func (t *Task) readDefinition(containerNames []string, bad *invalid.Problems) {
	t.family, t.TaskRole = *t.TaskDefinition.Family(), t.TaskDefinition.TaskRole()
	t.ExecutionRole = t.TaskDefinition.ObtainExecutionRole() // a container that is added later may need one
	t.props.NetworkMode = t.TaskDefinition.NetworkMode()
	for _, definition := range *t.TaskDefinition.Containers() {
		c := Container{Name: *definition.ContainerName(), NonEssential: !*definition.Essential()}
		for _, m := range *definition.PortMappings() {
			c.PortMappings = append(c.PortMappings, readPort(m))
		}
		t.props.Containers = append(t.props.Containers, c)
	}
	if len(containerNames) > 0 {
		bad.Add("ContainerNames", "must not be set for a task definition of the CDK's, which knows its own").Given(containerNames)
	}
	if len(t.props.Containers) == 0 {
		bad.Add("TaskDefinition", "must have a container").Advise("call AddContainer before TaskFrom")
	}
}

func readPort(m *awsecs.PortMapping) PortMapping {
	port := PortMapping{ContainerPort: int(*m.ContainerPort), Protocol: m.Protocol}
	if m.HostPort != nil {
		port.HostPort = int(*m.HostPort)
	}
	if m.Name != nil {
		port.Name = *m.Name
	}
	if m.AppProtocol != nil {
		port.AppProtocol = AppProtocol(*m.AppProtocol.Value())
	}
	return port
}

// readImport reads an imported task definition. The CDK throws where it doesn't know the answer.
func (t *Task) readImport(containerNames []string, bad *invalid.Problems) {
	t.ExecutionRole = t.definition.ExecutionRole()
	t.TaskRole = orZero(t.definition.TaskRole)
	t.props.NetworkMode = orZero(t.definition.NetworkMode)
	if t.props.NetworkMode == "" {
		bad.Add("TaskDefinition", "must know its NetworkMode").Advise("use awsecs.TaskDefinition_FromTaskDefinitionAttributes")
	}
	arn := *t.definition.TaskDefinitionArn()
	if parts := familyOfArn.FindStringSubmatch(arn); parts != nil {
		t.family = parts[1]
	} else {
		bad.Add("TaskDefinition", "must have a literal ARN with the family").Given(arn)
	}
	if len(containerNames) == 0 {
		bad.Add("ContainerNames", "is required for an imported task definition")
	}
	for _, name := range containerNames {
		t.props.Containers = append(t.props.Containers, Container{Name: name})
	}
}

// orZero returns the zero value if the CDK throws.
func orZero[T any](ask func() T) (answer T) {
	defer func() { _ = recover() }()
	return ask()
}
