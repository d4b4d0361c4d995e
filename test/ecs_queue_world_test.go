package test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

// world is a queue, a service and its scaling, minute by minute, by what AWS documents: a policy's alarms need three minutes above the
// target, or fifteen below nine tenths of it; target tracking sets the tasks by the ratio, rounds up, and from zero adds one; a step adds
// what it says, once in its cooldown; several policies want what the greediest wants. The newest minutes have no data yet.
// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
type world struct {
	// By name, from the template: the last of the expressions is the result.
	backlogPerTask, firstMessage []query
	target                       float64
	maximum, outCooldown         int
	// How many minutes late the metrics of the queue and of the tasks are.
	queueLag, tasksLag int
	arrivals           map[int]int // by minute
	minutesOfWork      int         // for a message, of which a task works on one
	protects           bool        // tasks protect themselves while they work

	waiting            int
	working            []int // for each running task, the minutes until it is done; 0 idles
	starting           []int // the minutes at which tasks run
	used, reports      int   // the minutes at which the queue was used last, and from which on it reports
	visible, inFlight  shared.Series
	running            shared.Series
	done, cut, most    int
	scaledOut, stepped int
	atZero             []int
}

type query struct{ id, expression string }

// newWorld takes the expressions from the template.
func newWorld(t *testing.T) *world {
	t.Helper()
	tpl, _ := newWorker(t, nil)
	expressions := func(r *cdktest.Resource, list string) (queries []query) {
		var result query
		for _, q := range cdktest.List(r.Get(list)) {
			text, isMath := cdktest.Dig(q, "Expression").(string)
			named := query{cdktest.Dig(q, "Id").(string), text}
			switch {
			case isMath && cdktest.Dig(q, "ReturnData") != false:
				result = named
			case isMath:
				queries = append(queries, named)
			}
		}
		return append(queries, result)
	}
	policy := tpl.At("AWS::ApplicationAutoScaling::ScalingPolicy", "/QueueBacklog")
	alarm := tpl.At("AWS::CloudWatch::Alarm", "/QueueFirstMessage/UpperAlarm")
	cdktest.Has(t, alarm, map[string]any{"EvaluationPeriods": 2.0, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold"})
	cdktest.Has(t, alarm.Ref("AlarmActions.0"), map[string]any{
		"StepScalingPolicyConfiguration.Cooldown": 300.0, "StepScalingPolicyConfiguration.AdjustmentType": "ChangeInCapacity",
		"StepScalingPolicyConfiguration.StepAdjustments": []any{map[string]any{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1.0}}})
	return &world{
		backlogPerTask: expressions(policy, "TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics"),
		firstMessage:   expressions(alarm, "Metrics"),
		target:         policy.Get("TargetTrackingScalingPolicyConfiguration.TargetValue").(float64),
		maximum:        int(tpl.Only("AWS::ApplicationAutoScaling::ScalableTarget").Get("MaxCapacity").(float64)),
		outCooldown:    int(policy.Get("TargetTrackingScalingPolicyConfiguration.ScaleOutCooldown").(float64)) / 60,
		queueLag:       1, tasksLag: 1, minutesOfWork: 1, scaledOut: -60, stepped: -60,
	}
}

// history is how many minutes an alarm looks back: more than it needs, as CloudWatch does.
const history = 20

// known are the newest minutes of a series, of which the last ones haven't come yet.
func known(s shared.Series, lag int) shared.Series {
	window := append(make(shared.Series, 0, history), s[max(0, len(s)-history):]...)
	for i := max(0, len(window)-lag); i < len(window); i++ {
		window[i] = math.NaN()
	}
	return window
}

// newest are the last values of an expression that there are.
func (w *world) newest(t *testing.T, queries []query, count int) []float64 {
	t.Helper()
	named := map[string]shared.Series{
		"visible": known(w.visible, w.queueLag), "inFlight": known(w.inFlight, w.queueLag), "running": known(w.running, w.tasksLag)}
	var result shared.Series
	for _, q := range queries {
		var err error
		result, err = shared.EvaluateMetricMath(q.expression, named)
		require.NoError(t, err)
		named[q.id] = result
	}
	var values []float64
	for i := len(result) - 1; i >= 0 && len(values) < count; i-- {
		if !math.IsNaN(result[i]) {
			values = append(values, result[i])
		}
	}
	return values
}

func all(values []float64, count int, holds func(v float64) bool) bool {
	if len(values) < count {
		return false // insufficient data
	}
	for _, v := range values {
		if !holds(v) {
			return false
		}
	}
	return true
}

func (w *world) live(t *testing.T, minutes int) *world {
	t.Helper()
	for range minutes {
		w.work()
		w.measure()
		w.scale(t)
	}
	return w
}

func (w *world) work() {
	now := len(w.visible)
	w.waiting += w.arrivals[now]
	for len(w.starting) > 0 && w.starting[0] <= now {
		w.starting, w.working = w.starting[1:], append(w.working, 0)
	}
	for i := range w.working {
		if w.working[i] > 0 {
			if w.working[i]--; w.working[i] == 0 {
				w.done++
			}
		}
		if w.working[i] == 0 && w.waiting > 0 {
			w.waiting--
			w.working[i] = w.minutesOfWork
		}
	}
}

func (w *world) measure() {
	inFlight := 0
	for _, left := range w.working {
		if left > 0 {
			inFlight++
		}
	}
	ifAny := func(n int) float64 {
		if n == 0 {
			return math.NaN()
		}
		return float64(n)
	}
	visible := float64(w.waiting)
	if !w.reportsNow() {
		visible = math.NaN()
	}
	w.visible, w.inFlight = append(w.visible, visible), append(w.inFlight, ifAny(inFlight))
	w.running = append(w.running, ifAny(len(w.working)))
	w.most = max(w.most, len(w.working))
	if len(w.working) == 0 {
		w.atZero = append(w.atZero, len(w.visible)-1)
	}
}

// reportsNow is false for a queue that nobody has used for six hours, and for 15 minutes after it is used again.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
func (w *world) reportsNow() bool {
	const quiet, delay = 6 * 60, 15
	now := len(w.visible)
	if w.waiting > 0 || len(w.working) > 0 {
		if now-w.used > quiet {
			w.reports = now + delay
		}
		w.used = now
	}
	return now-w.used <= quiet && now >= w.reports
}

func (w *world) scale(t *testing.T) {
	t.Helper()
	now, current := len(w.visible), len(w.working)+len(w.starting)
	wanted, out := current, false
	values := w.newest(t, w.backlogPerTask, 3)
	if all(values, 3, func(v float64) bool { return v > w.target }) && now-w.scaledOut > w.outCooldown {
		out = true
		wanted = max(1, int(math.Ceil(float64(len(w.working))*values[0]/w.target)))
	}
	first := w.newest(t, w.firstMessage, 2)
	if all(first, 2, func(v float64) bool { return v >= 1 }) && now-w.stepped >= 5 {
		out, w.stepped = true, now
		wanted = max(wanted, current+1)
	}
	if out {
		w.scaledOut = now
		for len(w.working)+len(w.starting) < min(wanted, w.maximum) {
			w.starting = append(w.starting, now+1)
		}
		return
	}
	values = w.newest(t, w.backlogPerTask, 15)
	if all(values, 15, func(v float64) bool { return v < w.target*0.9 }) && now-w.scaledOut >= 5 {
		keep := int(math.Ceil(float64(current) * values[0] / w.target))
		for len(w.working) > keep {
			taken := len(w.working) - 1 // ECS may take any; the worst is one at work
			if w.protects {
				taken = slices.Index(w.working, 0)
			}
			if taken < 0 {
				break
			}
			if w.working[taken] > 0 {
				w.cut, w.waiting = w.cut+1, w.waiting+1
			}
			w.working = slices.Delete(w.working, taken, taken+1)
		}
	}
}

func (w *world) hasEmptied() bool {
	return w.waiting == 0 && len(w.working) == 0 && len(w.starting) == 0
}

func TestQueueWorkerInTheWorld(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(w *world)
		minutes int
		holds   func(t *testing.T, w *world)
	}{
		"one message starts one task, and then there is none again": {func(w *world) { w.arrivals = map[int]int{30: 1} }, 70,
			func(t *testing.T, w *world) {
				assert.Equal(t, 1, w.done)
				assert.Equal(t, 1, w.most)
				assert.True(t, w.hasEmptied())
				assert.Contains(t, w.atZero, 29)
				assert.NotContains(t, w.atZero, 30+5, "the first task runs within five minutes")
			}},
		"as many as are within the target": {func(w *world) { w.arrivals = map[int]int{30: 10} }, 100, func(t *testing.T, w *world) {
			assert.Equal(t, 10, w.done)
			assert.LessOrEqual(t, w.most, 2)
			assert.True(t, w.hasEmptied())
		}},
		"many start as many tasks as may be": {func(w *world) { w.arrivals = map[int]int{30: 200} }, 150, func(t *testing.T, w *world) {
			assert.Equal(t, 200, w.done)
			assert.Equal(t, 5, w.most)
			assert.True(t, w.hasEmptied())
		}},
		"an hour's work is not cut": {func(w *world) { w.arrivals, w.minutesOfWork = map[int]int{30: 1}, 60 }, 130, func(t *testing.T, w *world) {
			assert.Equal(t, 1, w.done)
			assert.Zero(t, w.cut)
			assert.True(t, w.hasEmptied())
		}},
		"the count of tasks comes late": {func(w *world) {
			w.arrivals, w.tasksLag, w.minutesOfWork, w.maximum = map[int]int{30: 35}, 4, 4, 50
		}, 120,
			func(t *testing.T, w *world) {
				assert.Equal(t, 35, w.done)
				assert.LessOrEqual(t, w.most, 5, "tasks that run away")
				assert.True(t, w.hasEmptied())
			}},
		"the queue's metrics come late": {func(w *world) { w.arrivals, w.queueLag = map[int]int{30: 200}, 5 }, 160, func(t *testing.T, w *world) {
			assert.Equal(t, 200, w.done)
			assert.Equal(t, 5, w.most)
			assert.True(t, w.hasEmptied())
		}},
		"tasks that protect themselves are not cut as the backlog falls": {func(w *world) {
			w.arrivals, w.minutesOfWork, w.protects = map[int]int{30: 60}, 30, true
		}, 600, func(t *testing.T, w *world) {
			assert.Equal(t, 60, w.done)
			assert.Zero(t, w.cut)
			assert.True(t, w.hasEmptied())
		}},
		"after a quiet night the first message waits for the queue's metrics": {func(w *world) { w.arrivals = map[int]int{500: 1} }, 560,
			func(t *testing.T, w *world) {
				assert.Equal(t, 1, w.done)
				assert.Equal(t, 1, w.most)
				assert.True(t, w.hasEmptied())
				assert.True(t, math.IsNaN(w.visible[499]), "the queue isn't quiet")
				assert.Contains(t, w.atZero, 500+10, "sooner than its metrics")
				assert.NotContains(t, w.atZero, 500+15+5, "the first task runs five minutes after its metrics")
			}},
		"nothing": {func(*world) {}, 100, func(t *testing.T, w *world) { assert.Zero(t, w.most) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.change(w)
			c.holds(t, w.live(t, c.minutes))
		})
	}
}

// Each part of the expressions has its reason: simpler ones starve, cut work or run away in the same world.
func TestSimplerQueueExpressionsFailInTheWorld(t *testing.T) {
	simply := func(w *world, text string) { w.backlogPerTask = []query{{"result", text}} }
	never := []query{{"result", "0 * visible"}}
	for name, c := range map[string]struct {
		change  func(w *world)
		minutes int
		fails   func(w *world) bool
	}{
		"a division has no value without tasks, so that nothing starts": {func(w *world) {
			simply(w, "visible / running")
			w.firstMessage, w.arrivals = never, map[int]int{30: 200}
		}, 100, func(w *world) bool { return w.done == 0 }},
		"without the step for the first message, a backlog within the target waits for ever": {func(w *world) {
			w.firstMessage, w.arrivals = never, map[int]int{30: 10}
		}, 200, func(w *world) bool { return w.done == 0 }},
		"without messages in flight, long work is cut": {func(w *world) {
			simply(w, "IF(FILL(running, 0) > 0, visible / running, visible)")
			w.arrivals, w.minutesOfWork = map[int]int{30: 1}, 60
		}, 130, func(w *world) bool { return w.cut > 0 && w.done == 0 }},
		"without protection, the last messages are cut as the backlog falls": {func(w *world) {
			w.arrivals, w.minutesOfWork = map[int]int{30: 60}, 30
		}, 600, func(w *world) bool { return w.cut > 0 }},
		"a queue filled with 0 holds the alarm down while its metrics come late": {func(w *world) {
			simply(w, "FILL(visible, 0) / FILL(running, REPEAT)")
			w.arrivals, w.queueLag, w.minutesOfWork = map[int]int{30: 200}, 2, 1
		}, 100, func(w *world) bool { return w.most < 5 }},
		"tasks filled with 0 run away while their count comes late": {func(w *world) {
			simply(w, "IF(FILL(running, 0) > 0, (visible + inFlight) / running, visible + inFlight)")
			w.arrivals, w.tasksLag, w.minutesOfWork, w.maximum = map[int]int{30: 35}, 4, 4, 50
		}, 120, func(w *world) bool { return w.most > 10 }},
	} {
		w := newWorld(t)
		c.change(w)
		assert.True(t, c.fails(w.live(t, c.minutes)), "%s: %d done, %d cut, at most %d tasks", name, w.done, w.cut, w.most)
	}
}
