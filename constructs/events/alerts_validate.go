package events

import (
	"slices"
	"strings"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

func (p *TaskAlertsProps) validate() error {
	var bad invalid.Problems
	for i, c := range p.Clusters {
		switch {
		case c == nil:
			bad.Add(check.Index("Clusters", i), "is nil; make it with ecs.NewCluster or ecs.ClusterFrom")
		case slices.Index(p.Clusters, c) < i:
			bad.Add(check.Index("Clusters", i), "is named twice; leave one out")
		case len(p.Services) > 0 && len(p.Tasks) == 0 && !slices.ContainsFunc(p.Services, func(s *ecs.Service) bool { return s != nil && s.Cluster() == c }):
			bad.Add(check.Index("Clusters", i), "has none of Services, to which they narrow the alerts; leave it out, or give it alerts of its own")
		}
	}
	for i, s := range p.Services {
		switch {
		case s == nil:
			bad.Add(check.Index("Services", i), "is nil; make it with ecs.NewService")
		case slices.Index(p.Services, s) < i:
			bad.Add(check.Index("Services", i), "is named twice; leave one out")
		case len(p.Clusters) > 0 && !slices.Contains(p.Clusters, s.Cluster()):
			bad.Add(check.Index("Services", i), "belongs to none of Clusters; name its cluster too, or leave Clusters out")
		}
	}
	for i, t := range p.Tasks {
		switch {
		case t == nil:
			bad.Add(check.Index("Tasks", i), "is nil; make it with ecs.NewTask")
		case slices.Index(p.Tasks, t) < i:
			bad.Add(check.Index("Tasks", i), "is named twice; leave one out")
		}
	}
	if len(p.Tasks) > 0 && len(p.Clusters) == 0 {
		bad.Add("Clusters", "are missing, and a task does not know where it is started; name them")
	}
	p.validateFailures(&bad)
	check.TopicOrEmails(p.Topic != nil, p.Emails, &bad)
	if p.DisableLog && (p.LogRetention != "" || p.LogEncryptionKey != nil || p.RemovalPolicy != "") {
		bad.Add("DisableLog", "is true beside LogRetention, LogEncryptionKey or RemovalPolicy, which say something of the log; leave it or them out")
	}
	return bad.Err()
}

func (p *TaskAlertsProps) validateFailures(bad *invalid.Problems) {
	for i, f := range p.Failures {
		k, known := kinds[f]
		switch {
		case !known:
			bad.Add(check.Index("Failures", i), "%q is unknown; use %s", f, failureNames())
		case slices.Index(p.Failures, f) < i:
			bad.Add(check.Index("Failures", i), "%q is named twice; leave one out", f)
		case k.ofServices() && len(p.Tasks) > 0 && len(p.Services) == 0:
			bad.Add(check.Index("Failures", i), "%q is of services, and Tasks narrow the alerts to tasks without; leave it out, or name Services", f)
		}
	}
}

// failureNames are all kinds, as a sentence names them: "A, B or C".
func failureNames() string {
	var names []string
	for _, f := range Failures() {
		names = append(names, string(f))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
