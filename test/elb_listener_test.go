package test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	elbv2targets "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2targets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/internal/balancer"
	"awscontainers/internal/ids"
	"awscontainers/test/cdktest"
)

const (
	listenerType     = "AWS::ElasticLoadBalancingV2::Listener"
	listenerRuleType = "AWS::ElasticLoadBalancingV2::ListenerRule"
	targetGroupType  = "AWS::ElasticLoadBalancingV2::TargetGroup"
)

// exposed makes a service, and its task beside it.
func (s shop) exposed(id string, exposure ecs.Exposure) *ecs.Service {
	task := ecs.NewTask(s.stack, id+"Task", &ecs.TaskProps{Containers: []ecs.Container{web()}})
	return ecs.NewService(s.stack, id, &ecs.ServiceProps{Cluster: s.cluster, Task: task, Exposure: exposure})
}

// onPath is a rule without a priority.
func (s shop) onPath(path string) ecs.Exposure {
	return ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: s.alb, Conditions: elb.Conditions{PathPatterns: []string{path}}}}}
}

func TestAllRequestsAreTheDefaultAction(t *testing.T) {
	s := newShop(t, nil)
	s.exposed("Web", ecs.AllRequests(s.alb))
	s.exposed("Api", s.onPath("/api/*"))
	assert.Equal(t, []string{"Test/Second: Exposure.Alb[0].Conditions is required, because Test/Web already gets all requests that " +
		`match no rule of the listener; set Conditions, such as elb.Conditions{PathPatterns: []string{"/api/*"}}`},
		cdktest.Refused(t, func() { s.exposed("Second", ecs.AllRequests(s.alb)) }))
	tpl := cdktest.Synth(t, s.stack)

	listener, service := tpl.At(listenerType, "/Https/"), tpl.At("AWS::ECS::Service", "Test/Web/")
	assert.Equal(t, []any{map[string]any{"Type": "forward", "TargetGroupArn": map[string]any{"Ref": groupOf(tpl, "Web").Id}}},
		listener.Get("DefaultActions"), "the 404 is left, or something besides")
	assert.Same(t, groupOf(tpl, "Web"), service.Ref("LoadBalancers.0.TargetGroupArn"))
	assert.Contains(t, service.Dependencies(), listener.Id, "ECS refuses a target group without a load balancer")
	assert.Contains(t, tpl.Only(listenerRuleType).Path(), "Test/Api/", "the default action made a rule besides")
	assert.Equal(t, "redirect", tpl.At(listenerType, "/Http/").Get("DefaultActions.0.Type"))
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		assert.Equal(t, 8080.0, rule.Get("FromPort"))
	}
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupIngress"), 2, "the load balancer may not reach the tasks of both")
}

// The service alone on a load balancer without TLS: the first thing that everybody tries.
func TestAllRequestsWithoutTls(t *testing.T) {
	s := newShop(t, func(p *elb.ApplicationLoadBalancerProps) { p.CertificateArn = "" })
	service := s.exposed("Web", ecs.AllRequests(s.alb))
	ecs.NewAlarms(s.stack, "Alarms", &ecs.AlarmsProps{Service: service})
	tpl := cdktest.Synth(t, s.stack)
	assert.Same(t, groupOf(tpl, "Web"), tpl.Only(listenerType).Ref("DefaultActions.0.TargetGroupArn"))
	assert.Empty(t, tpl.All(listenerRuleType))
}

func TestDefaultActionIsShared(t *testing.T) {
	s := newShop(t, nil)
	old := s.exposed("Old", s.onPath("/old"))
	s.exposed("New", ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: s.alb, Weight: 1,
		ShareWith: []elb.WeightedTargetGroup{{TargetGroup: old.TargetGroups[0], Weight: 9}}}}})
	tpl := cdktest.Synth(t, s.stack)
	listener := tpl.At(listenerType, "/Https/")
	assert.Equal(t, []any{1.0, 9.0}, weights(tpl, listener.Get("DefaultActions.0"), groupOf(tpl, "New"), groupOf(tpl, "Old")))
	for _, service := range []string{"Old", "New"} {
		assert.Contains(t, tpl.At("AWS::ECS::Service", "Test/"+service+"/").Dependencies(), listener.Id, service)
	}
}

func TestDefaultActionOfNoService(t *testing.T) {
	s := newShop(t, nil)
	moved := elb.NewListenerRule(s.stack, "Moved", &elb.ListenerRuleProps{LoadBalancer: s.alb,
		Redirect: &elb.Redirect{Host: "www.example.com"}})
	assert.Nil(t, moved.ListenerRule)
	assert.Empty(t, moved.Arn())
	tpl := cdktest.Synth(t, s.stack)
	assert.Equal(t, "www.example.com", tpl.At(listenerType, "/Https/").Get("DefaultActions.0.RedirectConfig.Host"))
	assert.Empty(t, tpl.All(listenerRuleType))
}

// The listener's stack would need the service's, for its target group, and the service's the listener's.
func TestDefaultActionOfAnotherStackIsRefused(t *testing.T) {
	s := newShop(t, nil)
	other := awscdk.NewStack(awscdk.App_Of(s.stack), jsii.String("Other"), nil)
	task := ecs.NewTask(other, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()}})
	assert.Equal(t, []string{"Other/Web: Exposure.Alb[0].Conditions is required, because the listener is in another stack (Test): " +
		"without Conditions the two stacks would depend on each other; set Conditions, such as elb.Conditions{PathPatterns: " +
		`[]string{"/*"}}`},
		cdktest.Refused(t, func() {
			ecs.NewService(other, "Web", &ecs.ServiceProps{Cluster: s.cluster, Task: task, Exposure: ecs.AllRequests(s.alb)})
		}))
	ecs.NewService(other, "Web", &ecs.ServiceProps{Cluster: s.cluster, Task: task, Exposure: s.onPath("/*")})
	cdktest.Synth(t, s.stack)
}

// A rule's number depends on its path only: the other rules may come and go.
func TestDerivedPrioritiesDoNotMoveEachOther(t *testing.T) {
	priorities := func(services ...string) map[string]any {
		s := newShop(t, nil)
		for _, id := range services {
			s.exposed(id, s.onPath("/"+id+"/*"))
		}
		tpl, found := cdktest.Synth(t, s.stack), map[string]any{}
		for _, id := range services {
			found[id] = tpl.At(listenerRuleType, "Test/"+id+"/").Get("Priority")
		}
		return found
	}
	three, two := priorities("Web", "Api", "Hook"), priorities("Hook", "Web")
	assert.Equal(t, float64(balancer.DerivePriority("Test/Web/ListenerRule")), three["Web"])
	assert.Equal(t, three["Web"], two["Web"])
	assert.Equal(t, three["Hook"], two["Hook"])
	assert.Len(t, map[any]bool{three["Web"]: true, three["Api"]: true, three["Hook"]: true}, 3)
}

// Nor does it depend on where the stack stands in the app, as logical IDs don't: CloudFormation would change the rules one by one.
func TestDerivedPrioritiesStayWhereTheStackMoves(t *testing.T) {
	priority := func(scope constructs.Construct, id string) any {
		stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{StackName: jsii.String("web")})
		vpc := importedVpc(stack)
		rule := elb.NewListenerRule(stack, "Rule", &elb.ListenerRuleProps{
			LoadBalancer:  elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc}),
			Conditions:    elb.Conditions{PathPatterns: []string{"/old/*"}},
			FixedResponse: &elb.FixedResponse{StatusCode: 410}})
		return *rule.ListenerRule.Node().DefaultChild().(elbv2.CfnListenerRule).Priority()
	}
	atRoot := priority(cdktest.App(t), "Web")
	assert.Equal(t, float64(balancer.DerivePriority("web/Rule")), atRoot)
	assert.Equal(t, atRoot, priority(awscdk.NewStage(cdktest.App(t), jsii.String("Prod"), nil), "Other"))
}

func TestRulesWhoseOrderMattersNeedAPriority(t *testing.T) {
	s := newShop(t, nil)
	s.exposed("Web", s.onPath("/*"))
	const want = "Priority is required, because a request can match both this rule and the rule of Test/Web (path \"/*\"), and neither " +
		"has a Priority " +
		"on the listener; set Priority, from 1 to 999, on the rule to try first"
	assert.Equal(t, []string{"Test/Api: Exposure.Alb[0]." + want}, cdktest.Refused(t, func() { s.exposed("Api", s.onPath("/api/*")) }))
	gone := elb.ListenerRuleProps{LoadBalancer: s.alb, Conditions: elb.Conditions{PathPatterns: []string{"/old/*"}},
		FixedResponse: &elb.FixedResponse{StatusCode: 410}}
	assert.Equal(t, []string{"Test/Gone: " + want}, cdktest.Refused(t, func() { elb.NewListenerRule(s.stack, "Gone", &gone) }))
	gone.Priority = 5
	elb.NewListenerRule(s.stack, "Gone", &gone)
	orders := s.onPath("/orders/*")
	orders.Alb[0].Priority = 10
	s.exposed("Orders", orders)
	tpl := cdktest.Synth(t, s.stack)
	assert.Less(t, tpl.At(listenerRuleType, "Test/Orders/").Get("Priority"), tpl.At(listenerRuleType, "Test/Web/").Get("Priority"))
}

func TestDerivedPriorityThatIsTakenIsRefused(t *testing.T) {
	s := newShop(t, nil)
	taken := balancer.DerivePriority("Test/Web/ListenerRule")
	elb.NewListenerRule(s.stack, "Gone", &elb.ListenerRuleProps{LoadBalancer: s.alb, Priority: taken,
		Conditions: elb.Conditions{PathPatterns: []string{"/old/*"}}, FixedResponse: &elb.FixedResponse{StatusCode: 410}})
	lines := cdktest.Refused(t, func() { s.exposed("Web", s.onPath("/web/*")) })
	assert.Equal(t,
		[]string{fmt.Sprintf("Test/Web: Exposure.Alb[0].Priority is required, because the number derived from the construct's path, %d, is "+
			"already used on the listener, by Test/Gone; set Priority to a number from 1 to 999", taken)}, lines)
}

// The number is derived before the construct is there.
func TestPathsAreKnownBeforehand(t *testing.T) {
	stack := cdktest.Stack(t)
	for _, id := range []string{"Web", "a/b", "ä ö"} {
		want := ids.Path(stack, id)
		got := *constructs.NewConstruct(stack, &id).Node().Path()
		assert.Equal(t, want, got)
	}
	app := cdktest.App(t)
	assert.Equal(t, *awscdk.NewStack(app, jsii.String("Top"), nil).Node().Path(), ids.Path(app, "Top"))
}

// A listener that the CDK made elsewhere in the app.
func TestServiceAtAListenerOfTheCdk(t *testing.T) {
	s := newShop(t, nil)
	theirs := elbv2.NewApplicationLoadBalancer(s.stack, jsii.String("Theirs"), &elbv2.ApplicationLoadBalancerProps{Vpc: s.cluster.Vpc()})
	listener := elb.ListenerFrom(s.stack, "Listener", &elb.ListenerAttributes{
		Listener: theirs.AddListener(jsii.String("Http"), &elbv2.BaseApplicationListenerProps{Port: jsii.Number(80), Open: jsii.Bool(false)}),
		Protocol: elbv2.ApplicationProtocol_HTTP, Port: 80,
	})
	s.exposed("Web", ecs.Exposure{Alb: []ecs.AlbRule{{Listener: listener}}})
	elb.NewListenerRule(s.stack, "Moved", &elb.ListenerRuleProps{Listener: listener,
		Conditions: elb.Conditions{PathPatterns: []string{"/old"}},
		Redirect:   &elb.Redirect{Path: "/new"}})
	tpl := cdktest.Synth(t, s.stack)
	http := tpl.At(listenerType, "/Theirs/")
	assert.Same(t, groupOf(tpl, "Web"), http.Ref("DefaultActions.0.TargetGroupArn"))
	assert.Same(t, http, tpl.Only(listenerRuleType).Ref("ListenerArn"))
}

// Whichever construct stands for a listener, it has one default action, and each priority once.
func TestListenerTakenTwiceHasOneListOfRules(t *testing.T) {
	s := newShop(t, nil)
	again := func(id string) *elb.Listener {
		return elb.ListenerFrom(s.stack, id, &elb.ListenerAttributes{Listener: s.alb.Listener.Listener})
	}
	first, second := again("First"), again("Second")
	s.exposed("Web", ecs.AllRequests(s.alb))
	s.exposed("Api", ecs.Exposure{Alb: []ecs.AlbRule{{Listener: first, Priority: 7,
		Conditions: elb.Conditions{PathPatterns: []string{"/api"}}}}})

	assert.Equal(t, []string{"Test/Other: Exposure.Alb[0].Conditions is required, because Test/Web already gets all requests that " +
		`match no rule of the listener; set Conditions, such as elb.Conditions{PathPatterns: []string{"/api/*"}}`},
		cdktest.Refused(t, func() { s.exposed("Other", ecs.Exposure{Alb: []ecs.AlbRule{{Listener: second}}}) }))
	assert.Equal(t, []string{"Test/Moved: Priority is already used on the listener, by Test/Api; got 7; use another number from 1 to 999, " +
		"or remove it"},
		cdktest.Refused(t, func() {
			elb.NewListenerRule(s.stack, "Moved", &elb.ListenerRuleProps{Listener: second, Priority: 7,
				Conditions: elb.Conditions{PathPatterns: []string{"/old"}}, Redirect: &elb.Redirect{Path: "/new"}})
		}))
}

func TestListenerImportedTwiceHasOneListOfRules(t *testing.T) {
	s := newShop(t, nil)
	imported := func(id string) *elb.Listener {
		group := awsec2.SecurityGroup_FromSecurityGroupId(s.stack, jsii.String("Group"+id), jsii.String("sg-0123456789abcdef0"), nil)
		listener := elbv2.ApplicationListener_FromApplicationListenerAttributes(s.stack, jsii.String("Imported"+id),
			&elbv2.ApplicationListenerAttributes{SecurityGroup: group, ListenerArn: jsii.String(
				"arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/theirs/0123456789abcdef/0123456789abcdef")})
		return elb.ListenerFrom(s.stack, id, &elb.ListenerAttributes{Listener: listener})
	}
	rule := func(id string, listener *elb.Listener) {
		elb.NewListenerRule(s.stack, id, &elb.ListenerRuleProps{Listener: listener, Priority: 7,
			Conditions: elb.Conditions{PathPatterns: []string{"/old"}}, Redirect: &elb.Redirect{Path: "/new"}})
	}
	rule("Rule", imported("A"))
	assert.Equal(t, []string{"Test/Again: Priority is already used on the listener, by Test/Rule; got 7; use another number from 1 to 999, " +
		"or remove it"},
		cdktest.Refused(t, func() { rule("Again", imported("B")) }))
}

// An import of a listener of this app is that listener, whichever came first.
func TestListenerOfTheAppImported(t *testing.T) {
	for name, ownComesFirst := range map[string]bool{"own first": true, "import first": false} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, nil)
			theirs := elbv2.NewApplicationLoadBalancer(s.stack, jsii.String("Theirs"), &elbv2.ApplicationLoadBalancerProps{Vpc: s.cluster.Vpc()})
			own := theirs.AddListener(jsii.String("Http"), &elbv2.BaseApplicationListenerProps{Port: jsii.Number(80), Open: jsii.Bool(false)})
			imported := elbv2.ApplicationListener_FromApplicationListenerAttributes(s.stack, jsii.String("Imported"),
				&elbv2.ApplicationListenerAttributes{ListenerArn: own.ListenerArn(),
					SecurityGroup: awsec2.SecurityGroup_FromSecurityGroupId(s.stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil)})
			listeners := []elbv2.IApplicationListener{imported, own}
			if ownComesFirst {
				listeners = []elbv2.IApplicationListener{own, imported}
			}
			elb.ListenerFrom(s.stack, "First", &elb.ListenerAttributes{Listener: listeners[0], Protocol: elbv2.ApplicationProtocol_HTTP, Port: 80})
			assert.Equal(t, []string{
				`Test/Wrong: Protocol must be HTTP, as Test/First has it, which is the same listener; got "HTTPS"`,
				`Test/Wrong: Port must be 80, as Test/First has it, which is the same listener; got 443`,
			}, cdktest.Refused(t, func() {
				elb.ListenerFrom(s.stack, "Wrong", &elb.ListenerAttributes{Listener: listeners[1], Protocol: elbv2.ApplicationProtocol_HTTPS,
					Port: 443})
			}))
			second := elb.ListenerFrom(s.stack, "Second", &elb.ListenerAttributes{Listener: listeners[1]})
			s.exposed("Web", ecs.Exposure{Alb: []ecs.AlbRule{{Listener: second}}})
			tpl := cdktest.Synth(t, s.stack)
			assert.Same(t, groupOf(tpl, "Web"), tpl.At(listenerType, "/Theirs/").Ref("DefaultActions.0.TargetGroupArn"))
		})
	}
}

// A target group that a deployment owns stays its own, whichever construct stands for it.
func TestTargetGroupTakenAgainIsStillOfItsService(t *testing.T) {
	s := newShop(t, nil)
	task := ecs.NewTask(s.stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()}})
	canary := ecs.NewService(s.stack, "Canary", &ecs.ServiceProps{Cluster: s.cluster, Task: task, Exposure: s.onPath("/a"),
		Deployment: ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, RollbackOnErrors: true}})
	again := elb.TargetGroupFrom(s.stack, "Again", canary.TargetGroups[0].TargetGroup)
	assert.Equal(t, []string{"Test/Rule: Forward[0].TargetGroup must not belong to Test/Canary, whose deployments move its tasks to " +
		"another target " +
		"group; use Strategy ROLLING there, or give that service another AlbRule"},
		cdktest.Refused(t, func() {
			elb.NewListenerRule(s.stack, "Rule",
				&elb.ListenerRuleProps{LoadBalancer: s.alb, Conditions: elb.Conditions{PathPatterns: []string{"/b"}},
					Forward: []elb.WeightedTargetGroup{{TargetGroup: again, Weight: 1}}})
		}))
}

// Its rules are told apart by their ids, so that one more or less replaces none of the others.
func TestRulesOfAServiceDontDependOnTheirOrder(t *testing.T) {
	rules := func(ids ...string) map[string]any {
		s := newShop(t, nil)
		var exposure ecs.Exposure
		for _, id := range ids {
			exposure.Alb = append(exposure.Alb, ecs.AlbRule{Id: id, LoadBalancer: s.alb,
				Conditions: elb.Conditions{PathPatterns: []string{"/" + id}}})
		}
		s.exposed("Web", exposure)
		tpl := cdktest.Synth(t, s.stack)
		found := map[string]any{}
		for _, rule := range tpl.All(listenerRuleType) {
			found[tpl.At(listenerRuleType, rule.Path()).Id] = []any{rule.Get("Priority"), rule.Get("Conditions"),
				rule.Ref("Actions.0.TargetGroupArn").Id}
		}
		return found
	}
	all, fewer := rules("", "A", "B"), rules("B", "")
	assert.Len(t, all, 3)
	assert.Len(t, fewer, 2)
	for id, rule := range fewer {
		assert.Equal(t, all[id], rule)
	}
}

func TestListenerFromNothingIsRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	assert.Equal(t, []string{"Test/Listener: Listener is required; use a listener of the CDK, such as " +
		"elbv2.ApplicationListener_FromApplicationListenerAttributes"}, cdktest.Refused(t, func() { elb.ListenerFrom(stack, "Listener", nil) }))
	assert.Equal(t, []string{"Test/Group: group must not be nil; pass a target group such as one of " +
		"elbv2.ApplicationTargetGroup_FromTargetGroupAttributes"}, cdktest.Refused(t, func() { elb.TargetGroupFrom(stack, "Group", nil) }))
}

// Load balancers for targets that are not tasks of ECS, and target groups of somebody else.
func TestTargetsThatAreNoTasks(t *testing.T) {
	s := newShop(t, nil)
	group := elb.NewTargetGroup(s.stack, "Legacy", &elb.TargetGroupProps{Vpc: s.cluster.Vpc(), Port: 8080,
		HealthCheck: elb.TargetHealthCheck{Path: "/up"}})
	theirs := elb.TargetGroupFrom(s.stack, "Theirs", elbv2.NewApplicationTargetGroup(s.stack, jsii.String("TheirGroup"),
		&elbv2.ApplicationTargetGroupProps{Vpc: s.cluster.Vpc(), Port: jsii.Number(80), TargetType: elbv2.TargetType_IP}))
	elb.NewListenerRule(s.stack, "Rule", &elb.ListenerRuleProps{LoadBalancer: s.alb,
		Conditions: elb.Conditions{PathPatterns: []string{"/legacy/*"}},
		Forward:    []elb.WeightedTargetGroup{{TargetGroup: group, Weight: 9}, {TargetGroup: theirs, Weight: 1}}})
	group.TargetGroup.AddTarget(elbv2targets.NewIpTarget(jsii.String("10.0.2.10"), nil, nil))

	nlb := elb.NewNetworkLoadBalancer(s.stack, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: s.cluster.Vpc()})
	smtp := elb.NewNetworkTargetGroup(s.stack, "Smtp", &elb.NetworkTargetGroupProps{Vpc: s.cluster.Vpc(), Port: 25})
	elb.NewNetworkListener(s.stack, "SmtpListener", &elb.NetworkListenerProps{LoadBalancer: nlb, Port: 25,
		IngressCidrs: []string{"203.0.113.0/24"},
		Forward:      []elb.WeightedNetworkTargetGroup{{TargetGroup: smtp}}})
	assert.Equal(t, []string{`Test/Again: Port must not be the port of Test/SmtpListener on the load balancer; got 25; ` +
		`use another port, or Protocol "TCP_UDP" for TCP and UDP on one port`},
		cdktest.Refused(t, func() {
			elb.NewNetworkListener(s.stack, "Again", &elb.NetworkListenerProps{LoadBalancer: nlb, Port: 25,
				Forward: []elb.WeightedNetworkTargetGroup{{TargetGroup: smtp}}})
		}))
	tpl := cdktest.Synth(t, s.stack)

	legacy := tpl.At(targetGroupType, "Test/Legacy/")
	cdktest.Has(t, legacy, map[string]any{
		"HealthCheckPath": "/up",
		"Targets.0.Id":    "10.0.2.10",
	})
	assert.Equal(t,
		[]any{9.0, 1.0}, weights(tpl, tpl.Only(listenerRuleType).Get("Actions.0"), legacy, tpl.At(targetGroupType, "Test/TheirGroup")))
	listener := tpl.At(listenerType, "Test/SmtpListener/")
	assert.Same(t, tpl.At(targetGroupType, "Test/Smtp/"), listener.Ref("DefaultActions.0.TargetGroupArn"))
	in := tpl.At("AWS::EC2::SecurityGroup", "Test/Nlb/").Get("SecurityGroupIngress.1")
	cdktest.HasAt(t, in, map[string]any{
		"CidrIp":     "203.0.113.0/24",
		"FromPort":   25.0,
		"IpProtocol": "tcp",
	})
}

// The CDK's own constructs take load balancers and listeners for what they connect to.
func TestLoadBalancersAreConnectable(t *testing.T) {
	s := newShop(t, nil)
	nlb := elb.NewNetworkLoadBalancer(s.stack, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: s.cluster.Vpc()})
	endpoint := awsec2.NewInterfaceVpcEndpoint(s.stack, jsii.String("Endpoint"), &awsec2.InterfaceVpcEndpointProps{
		Vpc: s.cluster.Vpc(), Service: awsec2.InterfaceVpcEndpointAwsService_SQS(), Open: jsii.Bool(false),
	})
	for port, connectable := range map[float64]awsec2.IConnectable{1001: s.alb, 1002: nlb, 1003: s.alb.Listener} {
		endpoint.Connections().AllowFrom(connectable, awsec2.Port_Tcp(&port), nil)
	}
	tpl := cdktest.Synth(t, s.stack)
	group := func(path string) *cdktest.Resource { return tpl.At("AWS::EC2::SecurityGroup", path) }
	sources := map[any]*cdktest.Resource{}
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		assert.Same(t, group("Test/Endpoint/"), rule.Ref("GroupId"))
		sources[rule.Get("FromPort")] = rule.Ref("SourceSecurityGroupId")
	}
	assert.Equal(t, map[any]*cdktest.Resource{1001.0: group("Test/Alb/"), 1002.0: group("Test/Nlb/"), 1003.0: group("Test/Alb/")}, sources)
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupEgress"), 3, "the load balancers may not connect to it")
}

// CloudFormation makes new listeners before it deletes old ones, and a port takes one: with another id, a certificate could not be
// added to a load balancer without.
func TestListenerOnPort80KeepsItsId(t *testing.T) {
	id := func(certificate string) string {
		s := newShop(t, func(p *elb.ApplicationLoadBalancerProps) { p.CertificateArn = certificate })
		for _, listener := range cdktest.Synth(t, s.stack).All(listenerType) {
			if listener.Get("Port") == 80.0 {
				return listener.Id
			}
		}
		return ""
	}
	assert.NotEmpty(t, id(""))
	assert.Equal(t, id(""), id(certificateArn))
}
