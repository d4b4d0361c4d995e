package events

import "awscontainers/internal/notice"

// Failure is a kind of failure. Alerts on all kinds report a failure once, except where two containers of a task failed in two ways. How a
// task stopped is known from the event that reports its stop: its stop code, the reason that ECS gives, and the exit codes of
// its containers.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
type Failure string

// The kinds of failure.
const (
	// FailureNonZeroExit is a task that ended because a container exited with an error: an exit code other than 0, 137 and 143.
	// Containers exit with 137 and 143 when ECS stops them, as it stops all others once an essential one has ended, even with
	// 0. For a task with a single container that is in Services or Tasks, these two count as well.
	FailureNonZeroExit Failure = "NON_ZERO_EXIT"
	// FailureOutOfMemory is a task that ended because a container used more memory than it may.
	FailureOutOfMemory Failure = "OUT_OF_MEMORY"
	// FailureHealthCheck is a task of a service that ECS stopped and replaces, because it failed its health check or its load
	// balancer's.
	FailureHealthCheck Failure = "HEALTH_CHECK"
	// FailureImagePull is a task that did not start because an image could not be pulled.
	FailureImagePull Failure = "IMAGE_PULL"
	// FailureTaskStart is a task that did not start for another reason: a secret that it may not read, files that it can't
	// mount, no route to the logs.
	FailureTaskStart Failure = "TASK_START"
	// FailureSpotInterruption is a task on Fargate Spot whose capacity AWS took back. On EC2 the instance ends instead:
	// FailureHostTerminated.
	FailureSpotInterruption Failure = "SPOT_INTERRUPTION"
	// FailureHostTerminated is a task whose instance ended or became unhealthy. An instance that drains first ends its tasks as
	// a deployment does.
	FailureHostTerminated Failure = "HOST_TERMINATED"
	// FailureDeploymentFailed is a deployment that a circuit breaker or an alarm stopped.
	FailureDeploymentFailed Failure = "DEPLOYMENT_FAILED"
	// FailureDeploymentRolledBack is the deployment that then rolls the service back to its last version.
	FailureDeploymentRolledBack Failure = "DEPLOYMENT_ROLLED_BACK"
	// FailureTaskPlacement is a service that has no room for its next task, or whose configuration prevents tasks from starting.
	FailureTaskPlacement Failure = "TASK_PLACEMENT"
	// FailureServiceImpaired is a service whose tasks fail one after the other.
	FailureServiceImpaired Failure = "SERVICE_IMPAIRED"
)

// Failures returns all kinds of failure.
func Failures() []Failure {
	all := make([]Failure, len(failureKinds))
	for i := range failureKinds {
		all[i] = failureKinds[i].failure
	}
	return all
}

// failureKind holds what is known of a Failure.
type failureKind struct {
	failure         Failure
	id, description string // of the rule; the id is also the end of the constant's name
	summary         string // in the README
	detailType      string
	detail          func(s *alertScope) map[string]any
	notice          func(s *alertScope) *notice.Notice
}

func (k *failureKind) isOfServices() bool { return k.detailType != taskState }

// kindOf returns nil for an unknown failure.
func kindOf(f Failure) *failureKind {
	for i := range failureKinds {
		if failureKinds[i].failure == f {
			return &failureKinds[i]
		}
	}
	return nil
}

// The types of events.
const (
	taskState       = "ECS Task State Change"
	serviceAction   = "ECS Service Action"
	deploymentState = "ECS Deployment State Change"
)

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

// The beginnings of reasons.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
const (
	outOfMemory  = "OutOfMemory" // "OutOfMemoryError: Container killed due to memory usage"
	cannotPull   = "CannotPull"  // CannotPullContainerError, CannotPullImageManifestError
	failedStart  = "Task failed to start"
	failedElb    = "Task failed ELB health checks"
	failedCheck  = "Task failed container health checks"
	spotReturned = "Your Spot Task was interrupted"
)

// The exit codes of a container that was stopped: 128 and the signal, KILL or TERM.
const (
	killed     = 137
	terminated = 143
)

var failureKinds = []failureKind{
	{
		failure: FailureNonZeroExit, id: "NonZeroExit", description: "Tasks that end with an error",
		summary:    "a container exited with an error, which ended the task",
		detailType: taskState, detail: nonZeroExit,
		notice: taskNotice("a container exited with an error",
			"Read the last lines of the task's log, which say what went wrong before the program ended.", withExitCodes),
	},
	{
		failure: FailureOutOfMemory, id: "OutOfMemory", description: "Tasks out of memory",
		summary:    "a container was killed because it used too much memory",
		detailType: taskState,
		detail: func(*alertScope) map[string]any {
			return map[string]any{"stopCode": anyOf(essentialContainerExited), or: anyOf(
				map[string]any{"stoppedReason": anyOf(prefix(outOfMemory))},
				map[string]any{"containers": map[string]any{"reason": anyOf(prefix(outOfMemory))}},
			)}
		},
		notice: taskNotice("a container used more memory than it may",
			"Give the task or the container more memory, or look for a leak: the metric MemoryUtilization shows how its use grew.", withExitCodes),
	},
	{
		failure: FailureHealthCheck, id: "HealthCheck", description: "Tasks that fail health checks",
		summary:    "a service's task failed its health check, or its load balancer's",
		detailType: taskState,
		detail: func(*alertScope) map[string]any {
			return map[string]any{
				"stopCode": anyOf(serviceSchedulerInitiated), "stoppedReason": anyOf(prefix(failedElb), prefix(failedCheck)),
			}
		},
		notice: taskNotice("it failed its health check",
			"Check that the program answers at the health check's path and port, and in time. If it starts slowly, set a longer grace period.",
			withoutExitCodes),
	},
	{
		failure: FailureImagePull, id: "ImagePull", description: "Tasks whose image cannot be pulled",
		summary:    "the image could not be pulled",
		detailType: taskState,
		detail: func(*alertScope) map[string]any {
			return map[string]any{"stopCode": anyOf(taskFailedToStart), or: anyOf(
				map[string]any{"stoppedReason": anyOf(prefix(cannotPull))},
				map[string]any{"stoppedReason": anyOf(prefix(failedStart)), "containers": map[string]any{"reason": anyOf(prefix(cannotPull))}},
			)}
		},
		notice: taskNotice("its image could not be pulled",
			"Check that the image exists with that tag and for that processor, that the execution role may pull it, "+
				"and that the subnet has a route to the registry.", withoutExitCodes),
	},
	{
		failure: FailureTaskStart, id: "TaskStart", description: "Tasks that do not start",
		summary:    "the task did not start for another reason: secrets, files, logs, network",
		detailType: taskState,
		detail: func(*alertScope) map[string]any {
			return map[string]any{"stopCode": anyOf(taskFailedToStart), or: anyOf(
				map[string]any{"stoppedReason": anyOf(notPrefix(cannotPull, failedStart))},
				map[string]any{
					"stoppedReason": anyOf(prefix(failedStart)),
					"containers":    map[string]any{"reason": anyOf(notPrefix(cannotPull), absent())},
				},
			)}
		},
		notice: taskNotice("it did not start",
			"Fix what the reason names: most often a secret that the execution role may not read, files that can't be mounted, "+
				"or a subnet without a route to AWS.", withoutExitCodes),
	},
	{
		failure: FailureSpotInterruption, id: "SpotInterruption", description: "Tasks whose Spot capacity is taken back",
		summary:    "Fargate Spot took the task's capacity back",
		detailType: taskState,
		detail: func(*alertScope) map[string]any {
			return map[string]any{or: anyOf(
				map[string]any{"stopCode": anyOf(spotInterruption)},
				map[string]any{"stopCode": anyOf(terminationNotice), "stoppedReason": anyOf(prefix(spotReturned))},
			)}
		},
		notice: taskNotice("AWS took its Spot capacity back",
			"A service starts a replacement by itself; start any other task again. If this happens too often, give Fargate a larger share.",
			withoutExitCodes),
	},
	{
		failure: FailureHostTerminated, id: "HostTerminated", description: "Tasks whose instance ends",
		summary:    "the task's instance ended, or is not healthy",
		detailType: taskState,
		detail: func(*alertScope) map[string]any {
			return map[string]any{or: anyOf(
				map[string]any{"stopCode": anyOf(infrastructureHealth)},
				map[string]any{"stopCode": anyOf(terminationNotice), "stoppedReason": anyOf(notPrefix(spotReturned))},
			)}
		},
		notice: taskNotice("its instance ended or is not healthy",
			"See the activity of the Auto Scaling group for the cause. A service starts a replacement as soon as there is room.", withoutExitCodes),
	},
	{
		failure: FailureDeploymentFailed, id: "DeploymentFailed", description: "Deployments that fail",
		summary:    "a circuit breaker or an alarm stopped a deployment",
		detailType: deploymentState, detail: eventNamed("SERVICE_DEPLOYMENT_FAILED"),
		notice: deploymentNotice("failed", "Check why the tasks stopped or which alarm fired, fix the cause, and redeploy."),
	},
	{
		failure: FailureDeploymentRolledBack, id: "DeploymentRolledBack", description: "Deployments that roll back",
		summary:    "the service then rolls back to its last version",
		detailType: deploymentState,
		detail: func(*alertScope) map[string]any {
			// "ECS deployment circuit breaker: rolling back to deploymentId ...", and whatever alarms say instead.
			return map[string]any{"eventName": anyOf("SERVICE_DEPLOYMENT_IN_PROGRESS"), "reason": anyOf(wildcard("*roll*back*"))}
		},
		notice: deploymentNotice("is rolled back",
			"The service keeps running its last version. Check why the tasks of the new one stopped or which alarm fired."),
	},
	{
		failure: FailureTaskPlacement, id: "TaskPlacement", description: "Services without room for a task",
		summary:    "there is no room for a service's task, or its configuration prevents tasks from starting",
		detailType: serviceAction,
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
		detail: eventNamed("SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_TASK_CONFIGURATION_FAILURE"),
		notice: serviceNotice("cannot place a task", withReason,
			"Add what the reason names: instances, zones or another capacity provider. If it names a configuration, see the service's events."),
	},
	{
		failure: FailureServiceImpaired, id: "ServiceImpaired", description: "Services whose tasks do not stay up",
		summary:    "a service's tasks fail one after the other",
		detailType: serviceAction, detail: eventNamed("SERVICE_TASK_START_IMPAIRED"),
		notice: serviceNotice("cannot start its tasks: one after the other fails", withoutReason,
			"Check why they stop, fix the cause, and redeploy. ECS waits longer and longer before it tries again."),
	},
}

func eventNamed(names ...any) func(*alertScope) map[string]any {
	return func(*alertScope) map[string]any { return map[string]any{"eventName": anyOf(names...)} }
}

// nonZeroExit excludes what ran out of memory.
func nonZeroExit(s *alertScope) map[string]any {
	detail := map[string]any{"stopCode": anyOf(essentialContainerExited), "stoppedReason": anyOf(notPrefix(outOfMemory))}
	failed := map[string]any{"exitCode": anyOf(not(0, killed, terminated))}
	groups, names := s.singleContainers()
	if groups == nil {
		detail["containers"] = failed
		return detail
	}
	detail[or] = anyOf(
		map[string]any{"containers": failed},
		// By its name, because ECS adds containers of its own: of Service Connect, of GuardDuty.
		map[string]any{"group": groups, "containers": map[string]any{
			"name": names, "exitCode": anyOf(killed, terminated), "reason": anyOf(notPrefix(outOfMemory), absent()),
		}},
	)
	return detail
}
