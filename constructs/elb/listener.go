package elb

import (
	"cmp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// Listener is a listener of an Application Load Balancer: ApplicationLoadBalancer.Listener, or one of [ListenerFrom].
type Listener struct {
	constructs.Construct
	// Listener is what the CDK's own constructs take.
	Listener elbv2.IApplicationListener

	known *balancer.Listener // shared by all that ListenerFrom makes of one listener
}

var _ awsec2.IConnectable = (*Listener)(nil)

// ListenerAttributes describe a listener that exists already.
type ListenerAttributes struct {
	// Listener is the listener: one that the CDK made, or one that it imported, with its SecurityGroup, by
	// elbv2.ApplicationListener_FromApplicationListenerAttributes. Required.
	Listener elbv2.IApplicationListener
	// Protocol is elbv2.ApplicationProtocol_HTTP or _HTTPS. With it, rules that the listener could not serve are refused. Default:
	// not known.
	Protocol elbv2.ApplicationProtocol
	// Port is the port on which it listens, 1 to 65535, which tells whether a redirect would lead back to it. Default: not known.
	Port int
}

// ListenerFrom uses a listener that wasn't made by NewApplicationLoadBalancer. Taken twice in an app, a listener still has one list
// of rules: the same CDK listener, or imports of the same ARN. It panics with *invalid.Error if the attributes are invalid.
func ListenerFrom(scope constructs.Construct, id string, attributes *ListenerAttributes) *Listener {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())

	arn := *a.Listener.ListenerArn()
	first := find(scope, func(l *Listener) bool { return l.Arn() == arn && !strings.HasSuffix(arn, dummyListener) })
	invalid.Refuse(scope, id, a.validateBeside(first))

	l := newListener(scope, id, balancer.Listener{IsImported: true})
	l.Listener = a.Listener
	if first != nil {
		l.known = first.known
	}
	l.known.Protocol, l.known.Port = cmp.Or(l.known.Protocol, a.Protocol), cmp.Or(l.known.Port, a.Port)
	own, isOwn := a.Listener.(elbv2.ApplicationListener)
	switch {
	case isOwn && l.known.IsImported:
		l.known.Stack, l.known.IsImported, l.known.Vpc = ids.StackPath(own), false, own.LoadBalancer().Vpc()
	case isOwn:
	case !l.known.IsImported:
		l.Listener = first.Listener // an import of a listener of this app, which can do less
	case first == nil:
		l.known.Stack = ids.StackPath(a.Listener)
	}
	return l
}

// validateBeside judges what was said of the same listener before, if it was.
func (a *ListenerAttributes) validateBeside(first *Listener) error {
	var bad invalid.Problems
	if first == nil {
		return nil
	}
	if was := first.known.Protocol; was != "" && a.Protocol != "" && a.Protocol != was {
		bad.Add("Protocol", "must be %s, as %s has it, which is the same listener", was, *first.Node().Path()).Given(a.Protocol)
	}
	if was := first.known.Port; was != 0 && a.Port != 0 && a.Port != was {
		bad.Add("Port", "must be %d, as %s has it, which is the same listener", was, *first.Node().Path()).Given(a.Port)
	}
	return bad.Err()
}

// dummyListener ends the ARN that the CDK gives every listener that its CLI is yet to look up: aws-elasticloadbalancingv2/lib/shared/
// base-listener.ts.
const dummyListener = "/my-load-balancer/50dc6c495c0c9188/f2f7dc8efc522ab2"

// newListener makes the construct without its CDK listener.
func newListener(scope constructs.Construct, id string, known balancer.Listener) *Listener {
	l := &Listener{known: &known}
	source.Create(l, scope, id)
	return l
}

// Arn returns the listener's ARN.
func (l *Listener) Arn() string { return *l.Listener.ListenerArn() }

// Connections returns the security groups of the listener's load balancer.
func (l *Listener) Connections() awsec2.Connections { return l.Listener.Connections() }

// Internal is for this library's packages.
func (l *Listener) Internal() *balancer.Listener {
	if l == nil {
		return nil
	}
	if l.known == nil { // a stand-in of a test
		l.known = &balancer.Listener{}
	}
	return l.known
}

// setDefaultAction replaces the listener's default action.
func (l *Listener) setDefaultAction(action elbv2.ListenerAction) {
	if l.known.LoadBalancer != "" {
		// Of the 404 that NewApplicationLoadBalancer sets, which this replaces on purpose.
		awscdk.Annotations_Of(l.Listener).AcknowledgeWarning(jsii.String("@aws-cdk/aws-elbv2:listenerExistingDefaultActionReplaced"), nil)
	}
	l.Listener.AddAction(jsii.String("Default"), &elbv2.AddApplicationActionProps{Action: action})
}

var listenerProtocols = []elbv2.ApplicationProtocol{elbv2.ApplicationProtocol_HTTP, elbv2.ApplicationProtocol_HTTPS}

// Validate returns all problems of the props, or nil.
func (a *ListenerAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	if a.Listener == nil {
		bad.Add("Listener", "is required").Advise("use a listener of the CDK, such as " +
			"elbv2.ApplicationListener_FromApplicationListenerAttributes")
	}
	check.Known("Protocol", a.Protocol, listenerProtocols, &bad)
	if a.Port != 0 {
		check.Port("Port", a.Port, &bad)
	}
	return bad.Err()
}
