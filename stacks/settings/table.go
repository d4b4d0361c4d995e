package settings

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/stacks"
)

// table lists the stacks in the order of the documentation. Each row holds the name, which is the stack's name in CloudFormation
// and the first part of its context keys, the constructor, and the function that reads the keys into its props.
var table = []definition{
	define("FargateWeb", stacks.NewFargateWeb, fargateWeb),
	define("Ec2Web", stacks.NewEc2Web, ec2Web),
	define("NlbService", stacks.NewNlbService, nlbService),
	define("GatewayServices", stacks.NewGatewayServices, gatewayServices),
	define("SharedStorage", stacks.NewSharedStorage, sharedStorage),
	define("Registry", stacks.NewRegistry, registryOf),
	define("EventDrivenTask", stacks.NewEventDrivenTask, eventDrivenTask),
	define("ScheduledTask", stacks.NewScheduledTask, scheduledTask),
	define("QueueWorker", stacks.NewQueueWorker, queueWorker),
	define("TaskStateAlerts", stacks.NewTaskStateAlerts, taskStateAlerts),
	define("EksNodes", stacks.NewEksNodes, eksNodes),
	define("EksStorage", stacks.NewEksStorage, eksStorage),
	define("AppRunnerService", stacks.NewAppRunnerService, appRunnerService),
	define("ExpressService", stacks.NewExpressService, expressService),
}

// definition is a row of the table.
type definition struct {
	name string
	read func(*reader) configured
}

// configured is a stack whose props are known.
type configured struct {
	props       any // a pointer, such as *stacks.FargateWebProps
	validate    func() error
	build       func(scope constructs.Construct, id string) awscdk.Stack
	annotations []annotation
}

// annotation is a warning, or without an id a note, that the CDK prints about a stack.
type annotation struct{ id, text string }

// propsOf holds for pointers to props.
type propsOf[T any] interface {
	*T
	Validate() error
}

func define[T any, P propsOf[T]](
	name string, build func(constructs.Construct, string, P) awscdk.Stack, read func(*reader) T,
) definition {
	return definition{name, func(r *reader) configured {
		r.begin(name)
		props := P(new(read(r)))
		return configured{
			props:       props,
			validate:    props.Validate,
			build:       func(scope constructs.Construct, id string) awscdk.Stack { return build(scope, id, props) },
			annotations: r.annotations,
		}
	}}
}

// optIn are the stacks that are not built by default, because not every account can deploy them: App Runner has accepted no new
// customers since 30 April 2026.
var optIn = []string{"AppRunnerService"}

// defaultNames returns the names of the stacks that are built by default.
func defaultNames() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return slices.Contains(optIn, name) })
}

// Names returns the names of all stacks, in the order of the documentation.
func Names() []string {
	names := make([]string, len(table))
	for i, d := range table {
		names[i] = d.name
	}
	return names
}
