package elb

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// ListenerRuleProps describe a rule of an Application Load Balancer's listener that belongs to no single service: it
// redirects, answers by itself, or shares requests out between target groups. A service's own rules are Exposure.Alb.
type ListenerRuleProps struct {
	// Listener is the listener that gets the rule, ApplicationLoadBalancer.Listener or one of your own. Required.
	Listener elbv2.IApplicationListener
	// Priority is the rule's place among the listener's, 1 (first) to 50000, each taken once. Required.
	Priority int
	// Conditions are what a request must fit. Required: at least one.
	Conditions AlbConditions

	// Redirect sends the client elsewhere. Default: none; Redirect, FixedResponse or Forward is required.
	Redirect *Redirect
	// FixedResponse is what the load balancer answers by itself. Default: none.
	FixedResponse *FixedResponse
	// Forward are target groups that share the requests by weight, up to five, such as TargetGroups of services that have rules
	// of their own at the same load balancer and a ROLLING deployment. Default: none.
	Forward []WeightedTargetGroup
	// StickinessDuration is how long Forward sends a client to the same target group, by a cookie, 1 s to 7 days. Required
	// where one of the groups is sticky itself (AlbRule.StickinessDuration). Default: none.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
	StickinessDuration time.Duration
}

// Redirect sends a client elsewhere. What it leaves out stays as it was asked for; at least one of Protocol, Host, Port and Path
// must change. HTTPS cannot become HTTP.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
type Redirect struct {
	// Protocol is "HTTP" or "HTTPS". Default: the request's.
	Protocol string
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
	// TargetGroup is who gets them. Required.
	TargetGroup elbv2.IApplicationTargetGroup
	// Weight is the share against the other groups', 0 to 999. Default: 0; at least one share of a rule needs more.
	Weight int
}

// ListenerRule is a rule of an Application Load Balancer's listener.
type ListenerRule struct {
	constructs.Construct
	// ListenerRule is what the CDK's own constructs take.
	ListenerRule elbv2.ApplicationListenerRule
}

const (
	maxPriority   = 50000
	MaxElbWeight  = 999
	MaxForward    = 5
	maxFixedBytes = 1024
	MaxStickiness = 7 * 24 * time.Hour
)

// NewListenerRule makes a rule. It panics with *invalid.Error when the props are wrong.
func NewListenerRule(scope constructs.Construct, id string, props *ListenerRuleProps) *ListenerRule {
	var p ListenerRuleProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())

	r := &ListenerRule{}
	constructs.NewConstruct_Override(r, scope, &id)
	r.ListenerRule = NewRule(r, "ListenerRule", *r.Node().Path(), p.Listener, elbv2.ApplicationListenerRuleProps{
		Priority: jsii.Number(p.Priority), Conditions: p.Conditions.Cdk(), Action: p.action(),
	})
	return r
}

// Arn is the rule's ARN, for an output.
func (r *ListenerRule) Arn() string { return *r.ListenerRule.ListenerRuleArn() }

// newRule makes a rule and notes that its priority is taken, by the construct at a path.
func NewRule(scope constructs.Construct, id, path string, listener elbv2.IApplicationListener, props elbv2.ApplicationListenerRuleProps) elbv2.ApplicationListenerRule {
	props.Listener = listener
	FactsOf(listener).Priorities[int(*props.Priority)] = path
	return elbv2.NewApplicationListenerRule(scope, &id, &props)
}

// listeners is what is known of listeners, for the CDK tells neither a listener's protocol nor the rules that it has. Not
// safe for goroutines, as jsii is not.
var Listeners = map[elbv2.IApplicationListener]*listenerFacts{}

type listenerFacts struct {
	Priorities map[int]string           // the constructs whose rules have them
	Balancer   *ApplicationLoadBalancer // nil for a listener that was not made here, as are the next two
	Protocol   elbv2.ApplicationProtocol
	Port       int
	Alarmed    map[*notify.Topic]bool // who hears of the load balancer's own errors
}

func FactsOf(listener elbv2.IApplicationListener) *listenerFacts {
	if Listeners[listener] == nil {
		Listeners[listener] = &listenerFacts{Priorities: map[int]string{}, Alarmed: map[*notify.Topic]bool{}}
	}
	return Listeners[listener]
}

// sameBalancer is false only for listeners that are known to be of two load balancers.
func SameBalancer(a, b elbv2.IApplicationListener) bool {
	first, second := Listeners[a], Listeners[b]
	return first == nil || second == nil || first.Balancer == second.Balancer || first.Balancer == nil || second.Balancer == nil
}

// targetGroups is what is known of the target groups of services.
var TargetGroups = map[elbv2.IApplicationTargetGroup]GroupFacts{}

type GroupFacts struct {
	Owner    string // the service's path
	Shifts   bool   // its deployments move its tasks to another group, and back
	Listener elbv2.IApplicationListener
}

// checkPriority notes a priority that is none or that another construct's rule has. The rules of other stacks, and of
// listeners imported twice, are only seen in the template: see rule AWSC-ELB-003.
func CheckPriority(listener elbv2.IApplicationListener, priority int, bad *invalid.Problems) {
	if priority < 1 || priority > maxPriority {
		bad.Add("Priority", "%d is out of range; use 1 to %d", priority, maxPriority)
	}
	if facts := Listeners[listener]; facts != nil && facts.Priorities[priority] != "" {
		bad.Add("Priority", "%d is taken by %s on the same listener; give each rule its own", priority, facts.Priorities[priority])
	}
}

func (p *ListenerRuleProps) Validate() error {
	var bad invalid.Problems
	if p.Listener == nil {
		bad.Add("Listener", "is missing; give the Listener of an ApplicationLoadBalancer")
	}
	CheckPriority(p.Listener, p.Priority, &bad)
	bad.Nest("Conditions", p.Conditions.Validate())
	actions := 0
	if p.Redirect != nil {
		actions++
		bad.Nest("Redirect", p.Redirect.validate(Listeners[p.Listener]))
	}
	if p.FixedResponse != nil {
		actions++
		bad.Nest("FixedResponse", p.FixedResponse.validate())
	}
	if len(p.Forward) > 0 {
		actions++
		ValidateWeights("Forward", p.Forward, p.Listener, &bad)
		if !slices.ContainsFunc(p.Forward, func(g WeightedTargetGroup) bool { return g.Weight != 0 }) {
			bad.Add("Forward", "has no weight above 0, so that no request could be sent; give at least one target group a Weight")
		}
	}
	if p.StickinessDuration != 0 && len(p.Forward) == 0 {
		bad.Add("StickinessDuration", "%v belongs to Forward; leave it out", p.StickinessDuration)
	}
	check.Seconds("StickinessDuration", p.StickinessDuration, time.Second, MaxStickiness, &bad)
	if actions != 1 {
		bad.Add("", "has %d of Redirect, FixedResponse and Forward; give exactly one", actions)
	}
	return bad.Err()
}

// validateWeights takes the listener whose rule shares requests out among the groups.
func ValidateWeights(field string, groups []WeightedTargetGroup, listener elbv2.IApplicationListener, bad *invalid.Problems) {
	seen := map[elbv2.IApplicationTargetGroup]bool{}
	for i, g := range groups {
		at := check.Index(field, i)
		facts := TargetGroups[g.TargetGroup]
		switch {
		case g.TargetGroup == nil:
			bad.Add(at+".TargetGroup", "is missing; give one of a Service's TargetGroups")
		case seen[g.TargetGroup]:
			bad.Add(at+".TargetGroup", "is named twice; give each target group one share")
		case facts.Shifts:
			bad.Add(at+".TargetGroup", "is of %s, whose Deployment.Strategy moves its tasks to another target group; use ROLLING there, or give that service an AlbRule more", facts.Owner)
		case facts.Owner != "" && !SameBalancer(listener, facts.Listener):
			bad.Add(at+".TargetGroup", "is of %s, behind another load balancer, and a target group takes one; use a service behind this one", facts.Owner)
		}
		seen[g.TargetGroup] = true
		CheckWeight(at+".Weight", g.Weight, bad)
	}
	if len(groups) > MaxForward {
		bad.Add(field, "has %d target groups; a rule takes %d", len(groups), MaxForward)
	}
}

func CheckWeight(field string, weight int, bad *invalid.Problems) {
	if weight < 0 || weight > MaxElbWeight {
		bad.Add(field, "%d is not a weight; use 0 to %d", weight, MaxElbWeight)
	}
}

// port is 0 for the request's own.
func (r *Redirect) port() int {
	switch {
	case r.Port != 0:
		return r.Port
	case r.Protocol == "HTTPS":
		return 443
	case r.Protocol == "HTTP":
		return 80
	default:
		return 0
	}
}

// validate takes what is known of the listener, or nil.
func (r *Redirect) validate(listener *listenerFacts) error {
	var bad invalid.Problems
	samePlace := (r.Host == "" || r.Host == "#{host}") && (r.Path == "" || r.Path == "/#{path}")
	switch {
	case samePlace && r.Protocol == "" && r.Port == 0:
		bad.Add("", "changes nothing but the Query at most, which would go in a circle; give Protocol, Host, Port or Path")
	case listener == nil || listener.Protocol == "":
	case listener.Protocol == elbv2.ApplicationProtocol_HTTPS && r.Protocol == "HTTP":
		bad.Add("Protocol", `"HTTP" cannot be reached from an HTTPS listener by a redirect; leave it out`)
	case samePlace && (r.Protocol == "" || r.Protocol == string(listener.Protocol)) && (r.port() == 0 || r.port() == listener.Port):
		bad.Add("", "leads to where the request came from (%s, port %d), and would go in a circle; change Host or Path", listener.Protocol, listener.Port)
	}
	if strings.ContainsAny(r.Host, "/:") && !invalid.IsToken(r.Host) {
		bad.Add("Host", `%q is no host name; write it as "www.example.com", and give Protocol, Port and Path beside it`, r.Host)
	}
	if strings.HasPrefix(r.Query, "?") {
		bad.Add("Query", `%q begins with "?", which the load balancer adds; leave it out`, r.Query)
	}
	if r.Protocol != "" && r.Protocol != "HTTP" && r.Protocol != "HTTPS" {
		bad.Add("Protocol", `%q is unknown; use "HTTP" or "HTTPS"`, r.Protocol)
	}
	if r.Port != 0 {
		check.Port("Port", r.Port, &bad)
	}
	if r.Path != "" && !invalid.IsToken(r.Path) && r.Path[0] != '/' {
		bad.Add("Path", "%q is no path; begin it with /", r.Path)
	}
	for _, part := range []struct{ field, value string }{{"Host", r.Host}, {"Path", r.Path}, {"Query", r.Query}} {
		if len(part.value) > maxConditionLength && !invalid.IsToken(part.value) {
			bad.Add(part.field, "%q has %d characters; use up to %d", part.value, len(part.value), maxConditionLength)
		}
	}
	return bad.Err()
}

var fixedTypes = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}

var fixedCode = regexp.MustCompile(`^[245]\d\d$`)

func (f *FixedResponse) validate() error {
	var bad invalid.Problems
	if !fixedCode.MatchString(fmt.Sprint(f.StatusCode)) {
		bad.Add("StatusCode", "%d is no code that a load balancer may answer; use 200 to 299 or 400 to 599", f.StatusCode)
	}
	if f.ContentType != "" && !invalid.IsToken(f.ContentType) && !slices.Contains(fixedTypes, f.ContentType) {
		bad.Add("ContentType", "%q is unknown; use %s", f.ContentType, check.OneOf(fixedTypes))
	}
	if len(f.MessageBody) > maxFixedBytes && !invalid.IsToken(f.MessageBody) {
		bad.Add("MessageBody", "has %d bytes; use up to %d", len(f.MessageBody), maxFixedBytes)
	}
	return bad.Err()
}

func (p *ListenerRuleProps) action() elbv2.ListenerAction {
	switch {
	case p.Redirect != nil:
		options := &elbv2.RedirectOptions{
			Protocol: opt.String(p.Redirect.Protocol), Host: opt.String(p.Redirect.Host), Path: opt.String(p.Redirect.Path),
			Query: opt.String(p.Redirect.Query), Permanent: &p.Redirect.Permanent,
		}
		if port := p.Redirect.port(); port != 0 {
			options.Port = jsii.String(fmt.Sprint(port))
		}
		return elbv2.ListenerAction_Redirect(options)
	case p.FixedResponse != nil:
		contentType := p.FixedResponse.ContentType
		if contentType == "" {
			contentType = fixedTypes[0]
		}
		return elbv2.ListenerAction_FixedResponse(jsii.Number(p.FixedResponse.StatusCode), &elbv2.FixedResponseOptions{
			ContentType: &contentType, MessageBody: opt.String(p.FixedResponse.MessageBody),
		})
	default:
		return Forward(p.Forward, p.StickinessDuration)
	}
}

// forward shares requests out, and keeps a client with the group that it came to for as long as it is told.
func Forward(groups []WeightedTargetGroup, stickiness time.Duration) elbv2.ListenerAction {
	weighted := make([]*elbv2.WeightedTargetGroup, len(groups))
	for i, g := range groups {
		weighted[i] = &elbv2.WeightedTargetGroup{TargetGroup: g.TargetGroup, Weight: jsii.Number(g.Weight)}
	}
	return elbv2.ListenerAction_WeightedForward(&weighted, &elbv2.ForwardOptions{StickinessDuration: opt.Duration(stickiness)})
}
