package elb

import (
	"fmt"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// ListenerRuleProps describe a rule of an Application Load Balancer's listener that belongs to no single service: it
// redirects, answers by itself, or shares requests out between target groups. A service's own rules are Exposure.Alb.
type ListenerRuleProps struct {
	// LoadBalancer is the load balancer whose Listener gets the rule. Default: none; LoadBalancer or Listener is required.
	LoadBalancer *ApplicationLoadBalancer
	// Listener is the listener that gets the rule, in place of LoadBalancer: one of ListenerFrom, or a load balancer's TestListener.
	// Default: the LoadBalancer's Listener.
	Listener *Listener
	// Priority is the rule's place among the listener's, each taken once: 1 (first) to 50000; rules without Priority get numbers from
	// 1000, so use 1 to 999. Default: a number from 1000 to 50000 derived from the construct's path, which other rules don't change;
	// required if another rule has that number, or if a request may fit both this rule and another one without Priority. To swap two
	// priorities, deploy once with a number that is free: CloudFormation changes rules one by one.
	Priority int
	// Conditions are what a request must fit. Default: none, the rule is the listener's default action, for requests that fit no
	// rule; a listener has one.
	Conditions Conditions
	// Authenticate checks who sends a request before the rule does what it does; it requires an HTTPS listener. Default: nil, everybody
	// may.
	Authenticate *Authenticate

	// Redirect sends the client elsewhere. Default: none; Redirect, FixedResponse or Forward is required.
	Redirect *Redirect
	// FixedResponse is what the load balancer answers by itself. Default: none.
	FixedResponse *FixedResponse
	// Forward are target groups that share the requests by weight, up to five, such as TargetGroups of services that have rules
	// of their own at the same load balancer and a ROLLING deployment. Default: none.
	Forward []WeightedTargetGroup
	// StickinessDuration is how long Forward sends a client to the same target group, by a cookie, 1 s to 7 days. Required
	// where one of several groups is sticky itself (AlbRule.StickinessDuration). Default: none.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
	StickinessDuration time.Duration
}

// Redirect sends a client elsewhere. What it leaves out stays as it was asked for; at least one of Protocol, Host, Port and Path
// must change. HTTPS cannot become HTTP.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
type Redirect struct {
	// Protocol is elbv2.ApplicationProtocol_HTTP or _HTTPS. Default: the request's.
	Protocol elbv2.ApplicationProtocol
	// Host is a name, which may hold #{host}. Default: the request's.
	Host string
	// Port is the port, 1 to 65535. Default: 443 or 80 with a Protocol, else the request's.
	Port int
	// Path begins with / and may hold #{host}, #{path} and #{port}. Default: the request's.
	Path string
	// Query is the part after the "?", without it, and may hold #{query}. Default: the request's.
	Query string
	// Permanent answers 301, which browsers remember, not 302. Default: false.
	Permanent bool
}

// FixedResponse is an answer of the load balancer itself.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
type FixedResponse struct {
	// StatusCode is a code of 2xx, 4xx or 5xx. Required.
	StatusCode int
	// ContentType is "text/plain", "text/css", "text/html", "application/javascript" or "application/json". Default:
	// "text/plain".
	ContentType string
	// MessageBody is the answer's text, up to 1024 bytes. Default: none.
	MessageBody string
}

// WeightedTargetGroup is a share of a rule's requests.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
type WeightedTargetGroup struct {
	// TargetGroup gets the share: one of a service's TargetGroups, of NewTargetGroup or of TargetGroupFrom. Required.
	TargetGroup *TargetGroup
	// Weight is the share against the other groups', 0 to 999. Default: 0; at least one share of a rule needs more.
	Weight int
}

// ListenerRule is a rule of an Application Load Balancer's listener, or its default action.
type ListenerRule struct {
	constructs.Construct
	// ListenerRule is what the CDK's own constructs take; nil for a default action.
	ListenerRule elbv2.ApplicationListenerRule
}

// NewListenerRule creates a rule. It panics with *invalid.Error if the props are invalid.
func NewListenerRule(scope constructs.Construct, id string, props *ListenerRuleProps) *ListenerRule {
	p := opt.Value(props)
	invalid.Refuse(scope, id, p.Validate(), p.validateIn(scope, id))

	r := &ListenerRule{}
	source.Create(r, scope, id)
	listener := p.listener()
	rule := p.rule(ids.Path(scope, id), ids.Lasting(scope, id))
	listener.known.Rules = listener.known.Rules.With(rule)
	for _, share := range p.Forward {
		if g := share.TargetGroup.known; g.Listener == nil {
			g.Listener = listener.known
		}
	}
	p.Authenticate.reach(r, listener)
	p.Authenticate.warnOfLostCallback(r, listener, &p.Conditions)
	if rule.IsDefault {
		listener.setDefaultAction(p.Authenticate.before(p.action()))
		return r
	}
	r.ListenerRule = elbv2.NewApplicationListenerRule(r, jsii.String("ListenerRule"), &elbv2.ApplicationListenerRuleProps{
		Listener: listener.Listener, Priority: jsii.Number(rule.Priority), Conditions: p.Conditions.render(),
		Action: p.Authenticate.before(p.action()),
	})
	return r
}

// Arn returns the rule's ARN; a default action has none.
func (r *ListenerRule) Arn() string {
	if r.ListenerRule == nil {
		return ""
	}
	return *r.ListenerRule.ListenerRuleArn()
}

// listener is nil if neither Listener nor LoadBalancer is set.
func (p *ListenerRuleProps) listener() *Listener {
	if p.Listener == nil && p.LoadBalancer != nil {
		return p.LoadBalancer.Listener
	}
	return p.Listener
}

// rule is the rule as its listener remembers it, under the path of its construct.
func (p *ListenerRuleProps) rule(path, key string) balancer.Rule {
	rule := balancer.NewRule(path, path, key, p.Priority, p.Conditions.Internal())
	rule.Session = p.Authenticate.session()
	return rule
}

// shares are those of Forward.
func (p *ListenerRuleProps) shares() []balancer.Share {
	shares := make([]balancer.Share, len(p.Forward))
	for i, g := range p.Forward {
		shares[i] = balancer.Share{Group: g.TargetGroup.Internal(), Weight: g.Weight}
	}
	return shares
}

// port is 0 for the request's own.
func (r *Redirect) port() int {
	switch {
	case r.Port != 0:
		return r.Port
	case r.Protocol == elbv2.ApplicationProtocol_HTTPS:
		return 443
	case r.Protocol == elbv2.ApplicationProtocol_HTTP:
		return 80
	default:
		return 0
	}
}

func (p *ListenerRuleProps) action() elbv2.ListenerAction {
	switch {
	case p.Redirect != nil:
		options := &elbv2.RedirectOptions{
			Protocol: opt.String(string(p.Redirect.Protocol)), Host: opt.String(p.Redirect.Host), Path: opt.String(p.Redirect.Path),
			Query: opt.String(p.Redirect.Query), Permanent: &p.Redirect.Permanent,
		}
		if port := p.Redirect.port(); port != 0 {
			options.Port = jsii.String(fmt.Sprint(port))
		}
		return elbv2.ListenerAction_Redirect(options)
	case p.FixedResponse != nil:
		contentType := p.FixedResponse.ContentType
		if contentType == "" {
			contentType = contentTypes[0]
		}
		return elbv2.ListenerAction_FixedResponse(jsii.Number(p.FixedResponse.StatusCode), &elbv2.FixedResponseOptions{
			ContentType: &contentType, MessageBody: opt.String(p.FixedResponse.MessageBody),
		})
	default:
		return p.forward()
	}
}

// forward shares requests out, and keeps a client with the group that it came to for StickinessDuration.
func (p *ListenerRuleProps) forward() elbv2.ListenerAction {
	if len(p.Forward) == 1 {
		groups := []elbv2.IApplicationTargetGroup{p.Forward[0].TargetGroup.TargetGroup}
		return elbv2.ListenerAction_Forward(&groups, &elbv2.ForwardOptions{StickinessDuration: opt.Duration(p.StickinessDuration)})
	}
	weighted := make([]*elbv2.WeightedTargetGroup, len(p.Forward))
	for i, g := range p.Forward {
		weighted[i] = &elbv2.WeightedTargetGroup{TargetGroup: g.TargetGroup.TargetGroup, Weight: jsii.Number(g.Weight)}
	}
	return elbv2.ListenerAction_WeightedForward(&weighted, &elbv2.ForwardOptions{StickinessDuration: opt.Duration(p.StickinessDuration)})
}
