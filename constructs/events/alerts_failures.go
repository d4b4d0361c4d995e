package events

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"awscontainers/constructs/ecs"
)

// Failure is a kind of failure. Their patterns are disjoint: who is told of all kinds is told once of each. How a task stopped is known from
// the one event with which it has: its stop code, what ECS says of the reason, and the exit codes of its containers.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
type Failure string

// The kinds.
const (
	// NonZeroExit is a task that ended since a container ended with an error: an exit code other than 0, and other than 137 and 143, with which
	// a container ends that ECS stops, as it stops all others once an essential one has ended, be it with 0. For a task with a single container
	// out of Services or Tasks, these two count as well.
	NonZeroExit Failure = "NON_ZERO_EXIT"
	// OutOfMemory is a task that ended since a container took more memory than it may.
	OutOfMemory Failure = "OUT_OF_MEMORY"
	// HealthCheck is a task of a service that ECS stopped and replaces since it failed its own health check or its load balancer's.
	HealthCheck Failure = "HEALTH_CHECK"
	// ImagePull is a task that did not start since an image could not be pulled.
	ImagePull Failure = "IMAGE_PULL"
	// TaskStart is a task that did not start for another reason: a secret that it may not read, files that it cannot mount, no way to the logs.
	TaskStart Failure = "TASK_START"
	// SpotInterruption is a task on Fargate Spot whose capacity AWS took back. On EC2 it is the instance that ends: HostTerminated.
	SpotInterruption Failure = "SPOT_INTERRUPTION"
	// HostTerminated is a task whose instance ended or fell ill below it. One that drains first ends its tasks as any deployment does.
	HostTerminated Failure = "HOST_TERMINATED"
	// DeploymentFailed is a deployment that a circuit breaker or an alarm has stopped.
	DeploymentFailed Failure = "DEPLOYMENT_FAILED"
	// DeploymentRolledBack is the deployment that then takes the service back to its last version.
	DeploymentRolledBack Failure = "DEPLOYMENT_ROLLED_BACK"
	// TaskPlacement is a service for whose next task there is no room, or whose configuration lets none start.
	TaskPlacement Failure = "TASK_PLACEMENT"
	// ServiceImpaired is a service whose tasks do not stay up, one after the other.
	ServiceImpaired Failure = "SERVICE_IMPAIRED"
)

// Failures are all kinds.
func Failures() []Failure {
	return []Failure{
		NonZeroExit, OutOfMemory, HealthCheck, ImagePull, TaskStart, SpotInterruption, HostTerminated, DeploymentFailed, DeploymentRolledBack,
		TaskPlacement, ServiceImpaired,
	}
}

// kind is what there is to know of a Failure.
type kind struct {
	id, what   string // of the construct, and in its description
	detailType string
	detail     func(w *watched) map[string]any
	notice     func(w *watched) *notice
}

// The types of events.
const (
	taskState       = "ECS Task State Change"
	serviceAction   = "ECS Service Action"
	deploymentState = "ECS Deployment State Change"
)

func (k *kind) ofServices() bool { return k.detailType != taskState }

// pattern is what the rule lets through.
func (k *kind) pattern(w *watched) map[string]any {
	pattern := map[string]any{"source": []any{"aws.ecs"}, "detail-type": []any{k.detailType}}
	detail := k.detail(w)
	if k.ofServices() {
		// An event of a deployment names the service, and the cluster only as a part of the service's ARN.
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
		if resources := w.serviceArns(); resources != nil {
			pattern["resources"] = resources
		}
	} else {
		detail["lastStatus"] = []any{"STOPPED"} // once for each task, and when all is known
		if w.cluster != nil {
			detail["clusterArn"] = []any{new(w.cluster.Arn())}
		}
		if groups := w.groups(); groups != nil {
			detail["group"] = groups
		}
	}
	pattern["detail"] = detail
	return pattern
}

// everyEvent is what the log keeps.
func everyEvent(all []watched) map[string]any {
	pattern := map[string]any{"source": []any{"aws.ecs"}, "detail-type": []any{taskState, serviceAction, deploymentState}}
	if all[0].cluster == nil {
		return pattern
	}
	var arns, prefixes []any
	for i := range all {
		arns = append(arns, new(all[i].cluster.Arn()))
		prefixes = append(prefixes, all[i].anyService())
	}
	pattern["$or"] = []any{
		map[string]any{"detail": map[string]any{"clusterArn": arns}},
		map[string]any{"resources": prefixes}, // for events of deployments
	}
	return pattern
}

// Operators of patterns.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func prefix(texts ...string) []any {
	var all []any
	for _, text := range texts {
		all = append(all, map[string]any{"prefix": text})
	}
	return all
}

func notPrefix(texts ...string) []any {
	return []any{map[string]any{"anything-but": map[string]any{"prefix": texts}}}
}

func wildcard(text string) []any { return []any{map[string]any{"wildcard": text}} }

func not(values ...any) []any { return []any{map[string]any{"anything-but": values}} }

func absent() any { return map[string]any{"exists": false} }

// The stop codes.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
const (
	essentialContainerExited  = "EssentialContainerExited"
	serviceSchedulerInitiated = "ServiceSchedulerInitiated"
	taskFailedToStart         = "TaskFailedToStart"
	spotInterruption          = "SpotInterruption"
	terminationNotice         = "TerminationNotice" // of Fargate Spot once, and of instances
	infrastructureHealth      = "InfrastructureHealth"
)

// What reasons begin with.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
const (
	outOfMemory  = "OutOfMemory" // "OutOfMemoryError: Container killed due to memory usage"
	cannotPull   = "CannotPull"  // CannotPullContainerError, CannotPullImageManifestError
	failedStart  = "Task failed to start"
	failedElb    = "Task failed ELB health checks"
	failedCheck  = "Task failed container health checks"
	spotReturned = "Your Spot Task was interrupted"
)

// Exit codes of a container that was stopped: 128 and the signal, KILL or TERM.
const (
	killed     = 137
	terminated = 143
)

var kinds = map[Failure]*kind{
	NonZeroExit: {
		id: "NonZeroExit", what: "Tasks that end with an error", detailType: taskState, detail: nonZeroExit,
		notice: stopped("a container ended with an error", "Read the last lines of the task's output; it says what went wrong before the program ended.", exits),
	},
	OutOfMemory: {
		id: "OutOfMemory", what: "Tasks out of memory", detailType: taskState,
		detail: func(*watched) map[string]any {
			return map[string]any{"stopCode": []any{essentialContainerExited}, "$or": []any{
				map[string]any{"stoppedReason": prefix(outOfMemory)}, map[string]any{"containers": map[string]any{"reason": prefix(outOfMemory)}},
			}}
		},
		notice: stopped("a container took more memory than it may", "Give the task or the container more memory, or look for a leak: the metric MemoryUtilization shows how it grew.", exits),
	},
	HealthCheck: {
		id: "HealthCheck", what: "Tasks that fail health checks", detailType: taskState,
		detail: func(*watched) map[string]any {
			return map[string]any{"stopCode": []any{serviceSchedulerInitiated}, "stoppedReason": prefix(failedElb, failedCheck)}
		},
		notice: stopped("it failed its health check", "See whether the program answers where the check asks, and in time; at a slow start give it a longer grace period.", noExits),
	},
	ImagePull: {
		id: "ImagePull", what: "Tasks whose image cannot be pulled", detailType: taskState,
		detail: func(*watched) map[string]any {
			return map[string]any{"stopCode": []any{taskFailedToStart}, "$or": []any{
				map[string]any{"stoppedReason": prefix(cannotPull)},
				map[string]any{"stoppedReason": prefix(failedStart), "containers": map[string]any{"reason": prefix(cannotPull)}},
			}}
		},
		notice: stopped("its image could not be pulled", "See whether the image exists under that tag, for that processor, whether the execution role may pull it, and whether the subnet has a way to the registry.", noExits),
	},
	TaskStart: {
		id: "TaskStart", what: "Tasks that do not start", detailType: taskState,
		detail: func(*watched) map[string]any {
			return map[string]any{"stopCode": []any{taskFailedToStart}, "$or": []any{
				map[string]any{"stoppedReason": notPrefix(cannotPull, failedStart)},
				map[string]any{"stoppedReason": prefix(failedStart), "containers": map[string]any{"reason": append(notPrefix(cannotPull), absent())}},
			}}
		},
		notice: stopped("it did not start", "The reason names what it lacks, most often a secret that the execution role may not read, files that cannot be mounted, or a subnet without a way to AWS.", noExits),
	},
	SpotInterruption: {
		id: "SpotInterruption", what: "Tasks whose Spot capacity is taken back", detailType: taskState,
		detail: func(*watched) map[string]any {
			return map[string]any{"$or": []any{
				map[string]any{"stopCode": []any{spotInterruption}},
				map[string]any{"stopCode": []any{terminationNotice}, "stoppedReason": prefix(spotReturned)},
			}}
		},
		notice: stopped("AWS took its Spot capacity back", "A service starts another one by itself; a task that somebody started must be started again. If it happens too often, give Fargate a greater share.", noExits),
	},
	HostTerminated: {
		id: "HostTerminated", what: "Tasks whose instance ends", detailType: taskState,
		detail: func(*watched) map[string]any {
			return map[string]any{"$or": []any{
				map[string]any{"stopCode": []any{infrastructureHealth}},
				map[string]any{"stopCode": []any{terminationNotice}, "stoppedReason": notPrefix(spotReturned)},
			}}
		},
		notice: stopped("its instance ended below it or is not healthy", "The Auto Scaling group's activity says why; a service starts another task by itself as soon as there is room.", noExits),
	},
	DeploymentFailed: {
		id: "DeploymentFailed", what: "Deployments that fail", detailType: deploymentState,
		detail: func(*watched) map[string]any {
			return map[string]any{"eventName": []any{"SERVICE_DEPLOYMENT_FAILED"}}
		},
		notice: deployed("failed", "See why its tasks stopped, or which alarm went off, and deploy a version that is mended."),
	},
	DeploymentRolledBack: {
		id: "DeploymentRolledBack", what: "Deployments that go back", detailType: deploymentState,
		detail: func(*watched) map[string]any {
			// "ECS deployment circuit breaker: rolling back to deploymentId ...", and whatever alarms say instead.
			return map[string]any{"eventName": []any{"SERVICE_DEPLOYMENT_IN_PROGRESS"}, "reason": wildcard("*roll*back*")}
		},
		notice: deployed("is rolled back", "The service keeps running its last version. See why the tasks of the new one stopped, or which alarm went off."),
	},
	TaskPlacement: {
		id: "TaskPlacement", what: "Services without room for a task", detailType: serviceAction,
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
		detail: func(*watched) map[string]any {
			return map[string]any{"eventName": []any{"SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_TASK_CONFIGURATION_FAILURE"}}
		},
		notice: acted("cannot place a task", true, "The reason names the resource that is short: add instances or zones, or another capacity provider; for a configuration, see the service's events."),
	},
	ServiceImpaired: {
		id: "ServiceImpaired", what: "Services whose tasks do not stay up", detailType: serviceAction,
		detail: func(*watched) map[string]any {
			return map[string]any{"eventName": []any{"SERVICE_TASK_START_IMPAIRED"}}
		},
		notice: acted("cannot start its tasks: one after the other fails", false, "See why they stop; ECS waits longer and longer before it tries again."),
	},
}

// nonZeroExit leaves out what has run out of memory.
func nonZeroExit(w *watched) map[string]any {
	detail := map[string]any{"stopCode": []any{essentialContainerExited}, "stoppedReason": notPrefix(outOfMemory)}
	failed := map[string]any{"exitCode": not(0, killed, terminated)}
	groups, names := w.singleContainers()
	if groups == nil {
		detail["containers"] = failed
		return detail
	}
	detail["$or"] = []any{
		map[string]any{"containers": failed},
		// By its name, for ECS adds containers of its own: of Service Connect, of GuardDuty.
		map[string]any{"group": groups, "containers": map[string]any{
			"name": names, "exitCode": []any{killed, terminated}, "reason": append(notPrefix(outOfMemory), absent()),
		}},
	}
	return detail
}

// watched is a cluster, or all of them, and what to look at there.
type watched struct {
	cluster  *ecs.Cluster // nil for all of them
	services []*ecs.Service
	tasks    []*ecs.Task
	narrowed bool // to the services and tasks
}

func (p *TaskAlertsProps) watched() []watched {
	if len(p.Clusters) == 0 {
		return []watched{{}}
	}
	var all []watched
	for _, c := range p.Clusters {
		w := watched{cluster: c, tasks: p.Tasks, narrowed: len(p.Services)+len(p.Tasks) > 0}
		for _, s := range p.Services {
			if s.Cluster() == c {
				w.services = append(w.services, s)
			}
		}
		all = append(all, w)
	}
	return all
}

func (w *watched) hasNoServices() bool { return w.narrowed && len(w.services) == 0 }

// groups are what tasks belong to: the service's name, or for one of its own the definition's; nil for any.
func (w *watched) groups() []any {
	var groups []any
	for _, s := range w.services {
		groups = append(groups, "service:"+s.Name())
	}
	for _, t := range w.tasks {
		groups = append(groups, "family:"+t.Family())
	}
	return groups
}

// singleContainers are the groups whose tasks have one container, and the names of these.
func (w *watched) singleContainers() (groups, names []any) {
	var one watched
	single := func(t *ecs.Task) bool {
		if t == nil || len(t.ContainerNames()) != 1 {
			return false
		}
		if name := t.ContainerNames()[0]; !slices.Contains(names, any(name)) {
			names = append(names, name)
		}
		return true
	}
	for _, s := range w.services {
		if single(s.Task) {
			one.services = append(one.services, s)
		}
	}
	for _, t := range w.tasks {
		if single(t) {
			one.tasks = append(one.tasks, t)
		}
	}
	return one.groups(), names
}

// serviceArns are what the resources of an event must be; nil for any.
func (w *watched) serviceArns() []any {
	switch {
	case w.cluster == nil:
		return nil
	case !w.narrowed:
		return []any{w.anyService()}
	}
	var arns []any
	for _, s := range w.services {
		arns = append(arns, s.Arn())
	}
	return arns
}

// anyService fits every service of the cluster: ARNs of services name it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids
func (w *watched) anyService() any {
	stack := awscdk.Stack_Of(w.cluster.Cluster)
	return map[string]any{"prefix": "arn:" + *stack.Partition() + ":ecs:" + *stack.Region() + ":" + *stack.Account() + ":service/" + *w.cluster.Cluster.ClusterName() + "/"}
}
