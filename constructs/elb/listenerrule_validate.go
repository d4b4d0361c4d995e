package elb

import (
	"slices"
	"strings"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
)

// Validate returns all problems of the props, or nil. NewListenerRule also compares the rule with the listener's others.
func (p *ListenerRuleProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	switch {
	case p.Listener != nil && p.LoadBalancer != nil:
		bad.Add("Listener", "must not be set together with LoadBalancer").Advise("remove one of them")
	case p.Listener != nil && !invalid.IsMade(p.Listener):
		bad.Add("Listener", "must be created by elb.ListenerFrom or elb.NewApplicationLoadBalancer")
	case p.listener() == nil || p.LoadBalancer != nil && !invalid.IsMade(p.LoadBalancer):
		bad.Add("LoadBalancer", "is required").Advise("use elb.NewApplicationLoadBalancer, or set Listener to one of elb.ListenerFrom")
	}
	switch {
	case p.Priority == 0:
	case p.Conditions.isEmpty():
		bad.Add("Priority", "requires Conditions, because the default action comes last").Given(p.Priority).Advise("remove it or set Conditions")
	default:
		check.Range("Priority", p.Priority, 1, balancer.MaxPriority, &bad)
	}
	bad.Nest("Conditions", p.Conditions.Validate())
	if p.Authenticate != nil {
		bad.Nest("Authenticate", p.Authenticate.validate(p.listener().Internal()))
		balancer.CheckGrpc(false, p.shares(), &bad)
	}
	p.validateAction(&bad)
	return bad.Err()
}

// validateIn judges what depends on where the rule stands: the listener's other rules, and what is known of the target groups.
func (p *ListenerRuleProps) validateIn(scope constructs.Construct, id string) error {
	if !invalid.IsMade(scope) {
		return nil
	}
	return p.validateAt(*scope.Node().Path(), ids.StackPath(scope), p.rule(ids.Path(scope, id), ids.Lasting(scope, id)))
}

// validateAt judges the rule, made in a scope and stack of these paths.
func (p *ListenerRuleProps) validateAt(scope, stack string, rule balancer.Rule) error {
	var bad invalid.Problems
	if p.Listener != nil && !invalid.IsMade(p.Listener) {
		return nil // refused
	}
	if listener := p.listener().Internal(); listener != nil {
		listener.Check(rule, stack, "the listener", &bad)
		listener.Rules.CheckSession(rule, &bad)
		balancer.CheckSharesAt("Forward", p.shares(), listener, scope, &bad)
	}
	return bad.Err()
}

func (p *ListenerRuleProps) validateAction(bad *invalid.Problems) {
	actions := 0
	if p.Redirect != nil {
		actions++
		bad.Nest("Redirect", p.Redirect.validate(p.listener().Internal()))
	}
	if p.FixedResponse != nil {
		actions++
		bad.Nest("FixedResponse", p.FixedResponse.validate())
	}
	if len(p.Forward) > 0 {
		actions++
		p.validateForward(bad)
	}
	if p.StickinessDuration != 0 && len(p.Forward) == 0 {
		bad.Add("StickinessDuration", "requires Forward").Given(p.StickinessDuration)
	} else {
		check.Seconds("StickinessDuration", p.StickinessDuration, time.Second, maxStickiness, bad)
	}
	if actions != 1 {
		bad.Add("", "must have exactly one of Redirect, FixedResponse and Forward").Given(actions)
	}
}

func (p *ListenerRuleProps) validateForward(bad *invalid.Problems) {
	balancer.CheckShares("Forward", p.shares(), bad)
	if len(p.Forward) > balancer.MaxShares {
		bad.Add("Forward", "must have at most %d target groups", balancer.MaxShares).Given(len(p.Forward))
	}
	if !slices.ContainsFunc(p.Forward, func(g WeightedTargetGroup) bool { return g.Weight != 0 }) {
		bad.Add("Forward", "must have a Weight above 0 for at least one target group")
	}
}

// validate takes what is known of the listener, or nil.
func (r *Redirect) validate(listener *balancer.Listener) error {
	var bad invalid.Problems
	isSamePlace := (r.Host == "" || r.Host == "#{host}") && (r.Path == "" || r.Path == "/#{path}")
	switch {
	case isSamePlace && r.Protocol == "" && r.Port == 0:
		bad.Add("", "must change Protocol, Host, Port or Path, because otherwise it redirects to itself")
	case listener == nil || listener.Protocol == "":
	case listener.Protocol == elbv2.ApplicationProtocol_HTTPS && r.Protocol == elbv2.ApplicationProtocol_HTTP:
		bad.Add("Protocol", "must not be HTTP on an HTTPS listener").Advise("remove it")
	case isSamePlace && (r.Protocol == "" || r.Protocol == listener.Protocol) && (r.port() == 0 || r.port() == listener.Port):
		bad.Add("", "must not redirect to the listener itself (%s, port %d)", listener.Protocol, listener.Port).Advise("change Host or Path")
	}
	check.Known("Protocol", r.Protocol, listenerProtocols, &bad)
	if strings.ContainsAny(r.Host, "/:") && !invalid.IsToken(r.Host) {
		bad.Add("Host", `must be a host name such as "www.example.com"`).Given(r.Host).Advise("set Protocol, Port and Path for the rest")
	}
	if strings.HasPrefix(r.Query, "?") {
		bad.Add("Query", `must not begin with "?", which the load balancer adds`).Given(r.Query)
	}
	if r.Port != 0 {
		check.Port("Port", r.Port, &bad)
	}
	if r.Path != "" && !invalid.IsToken(r.Path) && r.Path[0] != '/' {
		bad.Add("Path", "must begin with /").Given(r.Path)
	}
	for _, part := range []struct{ field, value string }{{"Host", r.Host}, {"Path", r.Path}, {"Query", r.Query}} {
		if len(part.value) > maxConditionLength && !invalid.IsToken(part.value) {
			bad.Add(part.field, "must have at most %d characters", maxConditionLength).Given(len(part.value))
		}
	}
	return bad.Err()
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_FixedResponseActionConfig.html
const maxMessageBytes = 1024

var contentTypes = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}

func (f *FixedResponse) validate() error {
	var bad invalid.Problems
	if class := f.StatusCode / 100; class != 2 && class != 4 && class != 5 {
		bad.Add("StatusCode", "must be an integer from 200 to 299 or 400 to 599").Given(f.StatusCode)
	}
	check.Known("ContentType", f.ContentType, contentTypes, &bad)
	if len(f.MessageBody) > maxMessageBytes && !invalid.IsToken(f.MessageBody) {
		bad.Add("MessageBody", "must have at most %d bytes", maxMessageBytes).Given(len(f.MessageBody))
	}
	return bad.Err()
}
