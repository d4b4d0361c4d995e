package test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/test/cdktest"
)

// minuteOf holds what a load balancer counts in one: by the metric's name, and the target group's id or "" for the load balancer.
type minuteOf map[[2]string]float64

// missing is a value that CloudWatch doesn't have.
var missing = math.NaN()

// valueOf evaluates an alarm's metric math as CloudWatch does, which takes a missing value for 0 in arithmetic and comparisons, drops
// what is divided by 0, and drops IF's missing third argument, but takes its missing second one for 0.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func valueOf(t *testing.T, alarm *cdktest.Resource, counts minuteOf) float64 {
	t.Helper()
	queries := map[string]any{}
	var watched string
	for _, query := range cdktest.List(alarm.Get("Metrics")) {
		id := cdktest.Dig(query, "Id").(string)
		queries[id] = query
		if cdktest.Dig(query, "ReturnData") != false {
			require.Empty(t, watched, "an alarm watches one value")
			watched = id
		}
	}
	var eval func(e ast.Expr) float64
	byId := func(id string) float64 {
		query := queries[id]
		require.NotNil(t, query, "%s is no metric of the alarm", id)
		if text, ok := cdktest.Dig(query, "Expression").(string); ok {
			expression, err := parser.ParseExpr(text) // CloudWatch's syntax is Go's, as far as it is used here
			require.NoError(t, err, text)
			return eval(expression)
		}
		assert.Equal(t, "Sum", cdktest.Dig(query, "MetricStat.Stat"))
		group := ""
		for _, d := range cdktest.List(cdktest.Dig(query, "MetricStat.Metric.Dimensions")) {
			if cdktest.Dig(d, "Name") == "TargetGroup" {
				group = alarm.Template.Follow(cdktest.Dig(d, "Value")).Id
			}
		}
		value, ok := counts[[2]string{cdktest.Dig(query, "MetricStat.Metric.MetricName").(string), group}]
		if !ok {
			return missing
		}
		return value
	}
	eval = func(e ast.Expr) float64 {
		switch e := e.(type) {
		case *ast.ParenExpr:
			return eval(e.X)
		case *ast.Ident:
			return byId(e.Name)
		case *ast.BasicLit:
			number, err := strconv.ParseFloat(e.Value, 64)
			require.NoError(t, err)
			return number
		case *ast.BinaryExpr:
			x, y := eval(e.X), eval(e.Y)
			if isNumber(e.X) && math.IsNaN(y) || isNumber(e.Y) && math.IsNaN(x) {
				return missing // a number has no value of its own at a time
			}
			return binary(t, e.Op, x, y)
		case *ast.CallExpr:
			require.Equal(t, "IF", e.Fun.(*ast.Ident).Name)
			require.Len(t, e.Args, 3)
			condition := eval(e.Args[0])
			switch {
			case math.IsNaN(condition):
				return missing
			case condition == 0:
				return eval(e.Args[2])
			default:
				return orZero(eval(e.Args[1]))
			}
		}
		require.Failf(t, "not known", "%T", e)
		return missing
	}
	return byId(watched)
}

func isNumber(e ast.Expr) bool {
	_, ok := e.(*ast.BasicLit)
	return ok
}

func binary(t *testing.T, op token.Token, x, y float64) float64 {
	t.Helper()
	if math.IsNaN(x) && math.IsNaN(y) {
		return missing
	}
	x, y = orZero(x), orZero(y)
	truth := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	switch op {
	case token.ADD:
		return x + y
	case token.SUB:
		return x - y
	case token.MUL:
		return x * y
	case token.QUO:
		if y == 0 {
			return missing
		}
		return x / y
	case token.LSS:
		return truth(x < y)
	case token.GTR:
		return truth(x > y)
	}
	require.Failf(t, "not known", "%s", op)
	return missing
}

func orZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

// The ways in which requests fail, and what counts them: how many of a target group's requests in a minute.
var failures = map[string]func(counts minuteOf, group string, n float64){
	"answers with 500": func(counts minuteOf, group string, n float64) {
		counts[[2]string{"HTTPCode_Target_5XX_Count", group}] += n
	},
	// 502 of the load balancer.
	"refused connections": func(counts minuteOf, group string, n float64) {
		counts[[2]string{"TargetConnectionErrorCount", group}] += n
		counts[[2]string{"HTTPCode_ELB_5XX_Count", ""}] += n
	},
	// 502 of the load balancer, and 504: a task that dies while it works, or never answers.
	"no answer": func(counts minuteOf, _ string, n float64) { counts[[2]string{"HTTPCode_ELB_5XX_Count", ""}] += n },
}

// serve counts the requests of a target group, of which a share fails, and another share is given up by clients.
func (counts minuteOf) serve(group string, requests, failing, givenUp float64, way string) {
	if requests == 0 {
		return // a group without requests has no metrics
	}
	add := func(name string, n float64) {
		if n > 0 {
			counts[[2]string{name, group}] += n
		}
	}
	good := requests * (1 - failing - givenUp)
	add("RequestCount", requests)
	add("HTTPCode_Target_2XX_Count", good*0.8)
	add("HTTPCode_Target_3XX_Count", good*0.1)
	add("HTTPCode_Target_4XX_Count", good*0.1)
	if failing > 0 {
		failures[way](counts, group, requests*failing)
	}
}

// times is what is counted in several minutes alike.
func (counts minuteOf) times(minutes float64) minuteOf {
	sum := minuteOf{}
	for key, n := range counts {
		sum[key] = n * minutes
	}
	return sum
}

// A canary of 5 % is ended if all its requests fail, within the ten minutes that it lasts by default, however few they are, and in
// whichever way they fail. It isn't ended by the errors that always happen.
func TestGuardOfCanaries(t *testing.T) {
	s := newShop(t, nil)
	s.service("Web", aRule(), func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, RollbackOnErrors: true}
	})
	tpl := cdktest.Synth(t, s.stack)
	service := tpl.Only("AWS::ECS::Service")
	blue := service.Ref("LoadBalancers.0.TargetGroupArn").Id
	green := service.Ref("LoadBalancers.0.AdvancedConfiguration.AlternateTargetGroupArn").Id
	var alarms []*cdktest.Resource
	for _, name := range cdktest.List(service.Get("DeploymentConfiguration.Alarms.AlarmNames")) {
		alarms = append(alarms, tpl.Follow(name))
	}
	require.Len(t, alarms, 2, "one for each target group, whose roles ECS swaps at each deployment")
	for _, alarm := range alarms {
		cdktest.Has(t, alarm, map[string]any{
			"ComparisonOperator": "GreaterThanOrEqualToThreshold",
			"EvaluationPeriods":  1.0,
			"Threshold":          5.0,
			"TreatMissingData":   "notBreaching",
			"AlarmActions":       nil,
		})
		metrics := 0
		for _, query := range cdktest.List(alarm.Get("Metrics")) {
			if period := cdktest.Dig(query, "MetricStat.Period"); period != nil {
				assert.Equal(t, 300.0, period)
				metrics++
			}
		}
		assert.LessOrEqual(t, metrics, 10, "CloudWatch takes no more in an alarm")
	}
	const share, window, canary = 0.05, 5, 10
	// endsIt reports after how many minutes an alarm goes off, 0 if it never does.
	endsIt := func(counts, before minuteOf) int {
		for minute := 1; minute <= canary; minute++ {
			now := float64(min(minute, window))
			seen := counts.times(now)
			for key, n := range before.times(window - now) {
				seen[key] += n
			}
			for _, alarm := range alarms {
				if valueOf(t, alarm, seen) >= 5 {
					return minute
				}
			}
		}
		return 0
	}
	for _, perMinute := range []float64{30, 200, 20_000} {
		for _, roles := range [][2]string{{blue, green}, {green, blue}} {
			old, next := roles[0], roles[1]
			before := minuteOf{}
			before.serve(old, perMinute, 0, 0.01, "")
			for way := range failures {
				name := fmt.Sprintf("%v a minute, %s", perMinute, way)
				counts := minuteOf{}
				counts.serve(old, perMinute*(1-share), 0, 0.01, "")
				counts.serve(next, perMinute*share, 1, 0, way)
				want := map[float64]int{30: 2, 200: 1, 20_000: 1}[perMinute] // as the package's README says
				assert.Equal(t, want, endsIt(counts, before), "%s: all requests of the new version fail", name)

				noise := minuteOf{}
				noise.serve(old, perMinute*(1-share), 0.001, 0.01, way)
				noise.serve(next, perMinute*share, 0.001, 0.01, way)
				assert.Zero(t, endsIt(noise, before), "%s: one error in a thousand ends it", name)

				// The old version fails, and with it the service: the new one is no worse, but who deploys should know.
				broken := minuteOf{}
				broken.serve(old, perMinute*(1-share), 1, 0, way)
				broken.serve(next, perMinute*share, 0, 0, "")
				assert.NotZero(t, endsIt(broken, before), "%s: the other target group", name)
			}
			fine := minuteOf{}
			fine.serve(old, perMinute*(1-share), 0, 0.01, "")
			fine.serve(next, perMinute*share, 0, 0.01, "")
			assert.Zero(t, endsIt(fine, before), "%v a minute, no failure", perMinute)

			// Another service of the load balancer fails altogether.
			fine[[2]string{"HTTPCode_ELB_5XX_Count", ""}] = 5000
			assert.Zero(t, endsIt(fine, before), "%v a minute, errors of another service", perMinute)
		}
	}
	// One error among a handful of requests, and silence.
	one := minuteOf{}
	one.serve(green, 7, 1.0/7, 0, "answers with 500")
	silence := minuteOf{}
	for _, alarm := range alarms {
		assert.Less(t, orZero(valueOf(t, alarm, one)), 5.0)
		assert.True(t, math.IsNaN(valueOf(t, alarm, silence)), "silence is no error")
	}
}

func aRule() ecs.AlbRule { return ecs.AlbRule{Priority: 10} }

// What a team sets by itself.
func TestGuardWithItsOwnThresholds(t *testing.T) {
	s := newShop(t, nil)
	s.service("Web", aRule(), func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{RollbackOnErrors: true,
			ErrorRate: ecs.ErrorRate{Percent: 0.5, MinRequests: 1000, Period: 2 * time.Minute, EvaluationPeriods: 3}}
	})
	tpl := cdktest.Synth(t, s.stack)
	alarm := tpl.Only("AWS::CloudWatch::Alarm")
	cdktest.Has(t, alarm, map[string]any{"Threshold": 0.5, "EvaluationPeriods": 3.0, "DatapointsToAlarm": 3.0})
	for _, query := range cdktest.List(alarm.Get("Metrics")) {
		if period := cdktest.Dig(query, "MetricStat.Period"); period != nil {
			assert.Equal(t, 120.0, period)
		}
	}
	counts := minuteOf{}
	counts.serve(groupOf(tpl, "Web").Id, 500, 0.01, 0, "answers with 500")
	assert.InDelta(t, 0.5, valueOf(t, alarm, counts), 1e-9, "five of a thousand")
	counts.serve(groupOf(tpl, "Web").Id, 1500, 0.01, 0, "answers with 500")
	assert.InDelta(t, 1, valueOf(t, alarm, counts), 1e-9)
}

// An alarm that hears of errors when the deployment is over guards nothing.
func TestGuardsThatHearTooLate(t *testing.T) {
	const ofService = "/Test/Web: Deployment.%s of Test/Web is over before an alarm can hear of errors, which takes 3m0s; set it to 3m0s " +
		"or longer, or add LifecycleHooks [ack: awscontainers:blind-alarms]"
	late := func(field string) []string { return []string{fmt.Sprintf(ofService, field)} }
	none, three, long := new(time.Duration(0)), new(3*time.Minute), new(18*time.Minute)
	fourPeriods := ecs.ErrorRate{EvaluationPeriods: 4} // fifteen minutes more
	for name, c := range map[string]struct {
		deployment ecs.Deployment
		want       []string
	}{
		"rolling":    {ecs.Deployment{}, nil},
		"canary":     {ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, StepBakeTime: three, BakeTime: none}, nil},
		"late":       {ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, StepBakeTime: none}, late("StepBakeTime")},
		"blue/green": {ecs.Deployment{Strategy: awsecs.DeploymentStrategy_BLUE_GREEN, BakeTime: none}, late("BakeTime")},
		"linear":     {ecs.Deployment{Strategy: awsecs.DeploymentStrategy_LINEAR, StepBakeTime: none, BakeTime: three}, nil},
		"at once":    {ecs.Deployment{Strategy: awsecs.DeploymentStrategy_LINEAR, StepBakeTime: none, BakeTime: none}, late("BakeTime")},
		"periods":    {ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, StepBakeTime: long, ErrorRate: fourPeriods}, nil},
		"late by periods": {ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, ErrorRate: fourPeriods},
			[]string{strings.ReplaceAll(late("StepBakeTime")[0], "3m0s", "18m0s")}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, nil)
			s.service("Web", aRule(), func(p *ecs.ServiceProps) {
				p.Deployment = c.deployment
				p.Deployment.RollbackOnErrors = true
			})
			_, found := cdktest.SynthAnnotated(t, s.stack)
			assert.Equal(t, c.want, found)
		})
	}
}
