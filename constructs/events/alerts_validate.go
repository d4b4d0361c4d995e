package events

import (
	"slices"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// Validate returns all problems of the props, or nil.
func (p *TaskAlertsProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	p.checkClusters(&bad)
	p.checkServices(&bad)
	for i, t := range p.Tasks {
		if !invalid.IsMade(t) {
			bad.Add(check.Index("Tasks", i), "must be a task of ecs.NewTask or ecs.TaskFrom")
			continue
		}
		check.OnceObject("Tasks", p.Tasks, i, &bad)
	}
	if len(p.Tasks) > 0 && len(p.Clusters) == 0 {
		bad.Add("Clusters", "is required with Tasks, because a task can be started in any cluster")
	}
	p.checkFailures(&bad)
	check.TopicOrEmails(p.Topic, p.Emails, &bad)
	if p.DisableLog && (p.LogRetention != "" || p.EncryptionKey != nil || p.RemovalPolicy != "") {
		bad.Add("DisableLog", "must not be set together with LogRetention, EncryptionKey or RemovalPolicy, which configure the log").
			Advise("remove DisableLog or the others")
	}
	check.LogRetention("LogRetention", p.LogRetention, &bad)
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	return bad.Err()
}

func (p *TaskAlertsProps) checkClusters(bad *invalid.Problems) {
	for i, c := range p.Clusters {
		hasService := func(s *ecs.Service) bool { return s != nil && s.Cluster() == c }
		switch {
		case !invalid.IsMade(c):
			bad.Add(check.Index("Clusters", i), "must be a cluster of ecs.NewCluster or ecs.ClusterFrom")
		case len(p.Services) > 0 && len(p.Tasks) == 0 && !slices.ContainsFunc(p.Services, hasService):
			bad.Add(check.Index("Clusters", i), "must be a cluster of one of Services, because Services limits the alerts").
				Advise("remove the cluster, or create separate alerts for it")
		default:
			check.OnceObject("Clusters", p.Clusters, i, bad)
		}
	}
}

func (p *TaskAlertsProps) checkServices(bad *invalid.Problems) {
	for i, s := range p.Services {
		switch {
		case !invalid.IsMade(s):
			bad.Add(check.Index("Services", i), "must be a service of ecs.NewService or ecs.ServiceFrom")
		case len(p.Clusters) > 0 && !slices.Contains(p.Clusters, s.Cluster()):
			bad.Add(check.Index("Services", i), "must belong to one of Clusters").Advise("add its cluster, or remove Clusters")
		default:
			check.OnceObject("Services", p.Services, i, bad)
		}
	}
}

func (p *TaskAlertsProps) checkFailures(bad *invalid.Problems) {
	for i, f := range p.Failures {
		k := kindOf(f)
		switch {
		case k == nil:
			bad.Add(check.Index("Failures", i), "must be %s", check.OneOfQuoted(Failures())).Given(f)
		case k.isOfServices() && len(p.Tasks) > 0 && len(p.Services) == 0:
			bad.Add(check.Index("Failures", i), "must not be a service's failure, because Tasks limits the alerts to tasks without a service").
				Given(f).Advise("remove it, or set Services")
		default:
			check.Once("Failures", p.Failures, i, bad)
		}
	}
}
