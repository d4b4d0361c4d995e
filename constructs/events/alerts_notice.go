package events

import (
	"maps"
	"slices"

	"awscontainers/internal/notice"
)

// Which values of the event say something.
const (
	withExitCodes, withoutExitCodes = true, false
	withReason, withoutReason       = true, false
)

// taskNotice reports a task that stopped. Its group is "service:web", or "family:job" for a task without a service.
func taskNotice(cause, advice string, hasExitCodes bool) func(*alertScope) *notice.Notice {
	return func(s *alertScope) *notice.Notice {
		n := &notice.Notice{
			Title:  "A task of <group> in cluster " + s.clusterName() + " stopped: " + cause + ".",
			Reason: "<reason>", Advice: advice, Link: s.link("tasks"), Thread: "<group>",
			Facts: []string{"Stop code: <code>, at <time>.", "Task: <task>, of <definition>."},
			Values: map[string]string{
				"cluster": "$.detail.clusterArn", "group": "$.detail.group", "reason": "$.detail.stoppedReason", "code": "$.detail.stopCode",
				"time": "$.time", "region": "$.region", "task": "$.detail.taskArn", "definition": "$.detail.taskDefinitionArn",
			},
		}
		if hasExitCodes {
			n.Facts = slices.Concat([]string{"Exit codes: <exits>, of containers among <containers>."}, n.Facts)
			maps.Copy(n.Values, map[string]string{"exits": "$.detail.containers[*].exitCode", "containers": "$.detail.containers[*].name"})
		}
		return n
	}
}

// deploymentNotice reports a deployment.
func deploymentNotice(event, advice string) func(*alertScope) *notice.Notice {
	return func(s *alertScope) *notice.Notice {
		return &notice.Notice{
			Title:  "A deployment of <service> " + event + ".",
			Reason: "<reason>", Advice: advice, Link: s.link("services"), Thread: "<service>",
			Facts: []string{"Deployment: <deployment>, at <time>."},
			Values: map[string]string{
				"service": "$.resources[0]", "reason": "$.detail.reason", "deployment": "$.detail.deploymentId",
				"time": "$.time", "region": "$.region",
			},
		}
	}
}

// serviceNotice reports what ECS could not do for a service.
func serviceNotice(event string, hasReason bool, advice string) func(*alertScope) *notice.Notice {
	return func(s *alertScope) *notice.Notice {
		n := &notice.Notice{
			Title:  "The service <service> " + event + ".",
			Reason: "ECS gives none.", Advice: advice, Link: s.link("services"), Thread: "<service>",
			Facts:  []string{"Event: <event>, at <time>."},
			Values: map[string]string{"service": "$.resources[0]", "event": "$.detail.eventName", "time": "$.time", "region": "$.region"},
		}
		if hasReason {
			n.Reason, n.Values["reason"] = "<reason>", "$.detail.reason"
		}
		return n
	}
}
