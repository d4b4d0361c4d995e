package events

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/fake"
)

func TestPatternsAreValidated(t *testing.T) {
	const (
		comparisons = `comparisons, []any{">", 100} or []any{">=", 0, "<", 10}; got `
		objectTypes = `"Object Access Tier Changed", "Object ACL Updated", "Object Created", "Object Deleted", "Object Restore Completed", ` +
			`"Object Restore Expired", "Object Restore Initiated", "Object Storage Class Changed", "Object Tags Added" or "Object Tags Deleted"`
	)
	const twice = `must not be named both in an alternative of "$or" and beside it, because EventBridge uses only one of the two; ` +
		`put it into every alternative of "$or", and remove it beside it`
	detail := func(d map[string]any) Pattern { return Pattern{Source: []any{"shop"}, Detail: d} }
	field := func(alternatives ...any) Pattern { return detail(map[string]any{"a": alternatives}) }
	for name, c := range map[string]struct {
		pattern Pattern
		want    []string
	}{
		"zero": {Pattern{}, []string{
			`must not match every event of an account, which includes those that the rule causes; set Source, such as []any{"aws.s3"}`}},
		"everything in the account": {Pattern{Account: []any{"111122223333"}}, []string{
			`must not match every event of an account, which includes those that the rule causes; set Source, such as []any{"aws.s3"}`}},
		"values":       {field(nil, true, 1, int64(2), 1.5, "x", "", "${Token[X.1]}"), nil},
		"empty source": {Pattern{Source: []any{""}}, []string{"Source[0] must not be empty, because no event has an empty value"}},
		"no list": {detail(map[string]any{"state": "paid"}), []string{
			`Detail["state"] must be a list of alternatives, []any{…}, or a map of the fields below it; got "paid"`}},
		"pointer": {field(new("x")), []string{`Detail["a"][0] must be a string, a number, true, false, nil or a matcher; got a *string`}},
		"no alternative": {detail(map[string]any{"state": []any{}, "kind": []string{}, "order": map[string]any{}}), []string{
			`Detail["kind"] must have at least one alternative, because an empty list matches nothing; add one, or remove the field`,
			`Detail["order"] must not be empty; add the fields that an event must have, or remove it`,
			`Detail["state"] must have at least one alternative, because an empty list matches nothing; add one, or remove the field`}},
		"list in a list": {field([]any{"x"}), []string{
			`Detail["a"][0] must be a string, a number, true, false, nil or a matcher; got []interface {}{"x"}`}},
		"half an or": {detail(map[string]any{"$or": []any{"x"}}), []string{
			`Detail["$or"] must have two or more alternatives; got 1`, `Detail["$or"][0] must be a map of fields, map[string]any{…}; got "x"`}},
		"field beside or and within it": {detail(map[string]any{
			"group": []any{"x"}, "state": []any{"new"},
			"$or": []any{map[string]any{"group": []any{"y"}}, map[string]any{"code": []any{1}}},
		}), []string{`Detail["group"] ` + twice}},
		"field of an object beside or and within it": {detail(map[string]any{
			"containers": map[string]any{"name": []string{"x"}, "code": []any{1}},
			"$or":        []any{map[string]any{"containers": map[string]any{"name": []any{"y"}}}, map[string]any{"a": []any{1}}},
		}), []string{`Detail["containers"]["name"] ` + twice}},
		"fields in an or below and above": {detail(map[string]any{
			"a": map[string]any{"$or": []any{map[string]any{"b": []any{1}}, map[string]any{"c": []any{1}}}},
			"$or": []any{
				map[string]any{"a": map[string]any{"c": []any{2}}},
				map[string]any{"d": []any{1}, "$or": []any{map[string]any{"d": []any{2}}, map[string]any{"e": []any{1}}}},
			},
		}), []string{`Detail["d"] ` + twice, `Detail["a"]["c"] ` + twice}},
		"or that shares no field": {detail(map[string]any{
			"containers": map[string]any{"name": []any{"x"}}, "state": []any{"new"},
			"$or": []any{
				map[string]any{"group": []any{"y"}, "containers": map[string]any{"code": []any{1}}}, map[string]any{"group": []any{"z"}},
			},
		}), nil},
		"or without a dollar": {
			detail(map[string]any{"or": []any{1}}), []string{`Detail["or"] must be "$or", because "or" is a field like any other`},
		},

		"misspelled matcher": {field(map[string]any{"prefx": "p"}), []string{
			`Detail["a"][0] must be one of the matchers anything-but, cidr, equals-ignore-case, exists, numeric, prefix, suffix or wildcard; ` +
				`got "prefx"`}},
		"matcher without a list": {detail(map[string]any{"h": map[string]any{"prefix": "x"}}), []string{
			`Detail["h"] must be a list of matchers; write []any{map[string]any{"prefix": …}}`}},
		"field named like a matcher": {detail(map[string]any{"d": map[string]any{"prefix": []any{"x"}}}), nil},
		"numbers": {field(
			matcher("numeric", []any{">", 0, "<=", 5.5}), matcher("numeric", "> 100"), matcher("numeric", []any{"==", 1}),
		), []string{
			`Detail["a"][1] must give "numeric" ` + comparisons + `"> 100"`,
			`Detail["a"][2] must give "numeric" ` + comparisons + `[]interface {}{"==", 1}`}},
		"texts": {field(
			prefix("x"), matcher("prefix", matcher("equals-ignore-case", "x")), suffix("x"), matcher("prefix", []any{"x", "y"}),
		), []string{
			`Detail["a"][3] must give "prefix" a single string, with an alternative for each further one; got []interface {}{"x", "y"}`}},
		"wildcards": {field(wildcard("a*b*"), wildcard("a**b")), []string{
			`Detail["a"][1] must give "wildcard" a string without consecutive wildcards; got "a**b"`}},
		"addresses": {field(matcher("cidr", "10.0.0.0/8"), matcher("cidr", "${Token[X.1]}"), matcher("cidr", "10.0.0.0")), []string{
			`Detail["a"][2] must give "cidr" an address range such as "203.0.113.0/24"; got "10.0.0.0"`}},
		"existence": {field(absent(), matcher("exists", "true")), []string{`Detail["a"][1] must give "exists" true or false; got "true"`}},
		"anything but": {field(not("x", 1), notPrefix("x"), matcher("anything-but", "x"), not(), matcher("anything-but", []string{}), not(true),
			matcher("anything-but", matcher("numeric", 1)), matcher("anything-but", nil)), []string{
			`Detail["a"][3] must give "anything-but" at least one value; got []interface {}(nil)`,
			`Detail["a"][4] must give "anything-but" at least one value; got []string{}`,
			`Detail["a"][5] must give "anything-but" strings or numbers; got []interface {}{true}`,
			`Detail["a"][6] must give "anything-but" values, or one of equals-ignore-case, prefix, suffix and wildcard; ` +
				`got map[string]interface {}{"numeric":1}`,
			`Detail["a"][7] must give "anything-but" values, or one of equals-ignore-case, prefix, suffix and wildcard; got <nil>`}},

		"sources": {Pattern{Source: []any{"s3.amazonaws.com", "AWS.S3", "shop.*", prefix("shop."), "${Token[X.1]}"}}, []string{
			`Source[0] must be the name of a source, not a service principal; got "s3.amazonaws.com"; use "aws.s3"`,
			`Source[1] must be in lower case; got "AWS.S3"; use "aws.s3"`,
			`Source[2] must not contain *, because it is compared literally; got "shop.*"; use map[string]any{"wildcard": "shop.*"}`}},
		"types": {Pattern{
			Source: []any{"aws.s3"}, DetailType: []any{"AWS API Call via CloudTrail", prefix("Object"), "ObjectCreated:Put"},
		}, []string{
			"DetailType[2] must be a type that aws.s3 sends: " + objectTypes + `; got "ObjectCreated:Put"`}},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.pattern.validate(), c.want...) })
	}
}

func TestS3ObjectsAreValidated(t *testing.T) {
	loop := func(prefix, output string) string {
		return fmt.Sprintf("OutputPrefix must not overlap KeyPrefix %q, because each object that the task writes would start another task; "+
			`got %q; use separate prefixes such as "incoming/" and "results/"`, prefix, output)
	}
	for name, c := range map[string]struct {
		objects S3Objects
		want    []string
	}{
		"least":               {S3Objects{Bucket: fake.Bucket{}}, nil},
		"all":                 {S3Objects{Bucket: fake.Bucket{}, KeyPrefix: "data/in", KeySuffix: "/x", OutputPrefix: "data/out"}, nil},
		"known when deployed": {S3Objects{Bucket: fake.Bucket{}, KeyPrefix: "${Token[X.1]}"}, nil},
		"zero":                {S3Objects{}, []string{"Bucket is required"}},
		"loop": {
			S3Objects{Bucket: fake.Bucket{}, KeyPrefix: "data/", OutputPrefix: "data/results/"}, []string{loop("data/", "data/results/")},
		},
		"loop the other way": {
			S3Objects{Bucket: fake.Bucket{}, KeyPrefix: "data/in/", OutputPrefix: "data/"}, []string{loop("data/in/", "data/")},
		},
		"loop without a prefix": {S3Objects{Bucket: fake.Bucket{}, OutputPrefix: "results/"}, []string{
			"KeyPrefix is required with OutputPrefix, because each object that the task writes would start another task; " +
				`use separate prefixes such as "incoming/" and "results/"`}},
		"keys": {S3Objects{Bucket: fake.Bucket{}, KeyPrefix: "/incoming/", KeySuffix: "*.jpg", OutputPrefix: "s3://results/"}, []string{
			`KeyPrefix must be part of an object key, without the bucket and a leading slash, such as "incoming/"; got "/incoming/"`,
			`KeySuffix must not contain *, because it is compared literally; got "*.jpg"; remove the *`,
			`OutputPrefix must be part of an object key, without the bucket and a leading slash, such as "incoming/"; got "s3://results/"`}},
		"long key": {
			S3Objects{Bucket: fake.Bucket{}, KeyPrefix: strings.Repeat("x", 1025)},
			[]string{"KeyPrefix must have at most 1024 bytes; got 1025"},
		},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.objects.validate(), c.want...) })
	}
}

// override sets a variable.
func override(text string) ContainerOverride {
	return ContainerOverride{Environment: map[string]string{"X": text}}
}

func TestOverridesAreValidated(t *testing.T) {
	const (
		variable  = `ContainerOverrides[0].Environment["X"] `
		names     = "ContainerOverrides[0].Environment must have names of letters, digits and _ . - that begin with a letter or _; got "
		wholeOnly = "must have an event field as its whole value only, because EventBridge does not escape it and a sender could add " +
			"overrides; got "
		noEvent = "must not have an event field, because a schedule has no event; got "
		useTime = "; use events.ScheduledTime, or <aws.scheduler.schedule-arn>, <aws.scheduler.scheduled-time>, " +
			"<aws.scheduler.execution-id>, " +
			"<aws.scheduler.attempt-number>"
		objects = "must have a field of S3's object events: detail.version, detail.bucket.name, detail.object.key, detail.object.etag, " +
			"detail.object.version-id, detail.object.sequencer, detail.request-id, detail.requester, detail.source-ip-address or detail.reason; got "
		useS3 = "; use events.S3Bucket, events.S3Key, events.S3Size or events.S3Sequencer"
	)
	var many []string
	for i := range maxPaths + 1 {
		many = append(many, Field(fmt.Sprintf("detail.f%d", i)))
	}
	for name, c := range map[string]struct {
		check     fieldCheck
		overrides []ContainerOverride
		want      []string
	}{
		"none": {checkEventField, nil, nil},
		"fields": {checkEventField, []ContainerOverride{{Command: []string{
			"a < b", Field("detail.a_b"), Field("detail.a-b[0].c"), NumberField("detail.n"), "by <aws.events.rule-arn>", Field("time"),
		}}}, nil},
		"nothing": {checkEventField, []ContainerOverride{{}}, []string{
			"ContainerOverrides[0] must change something; set Command or Environment, or remove it"}},
		"names and sizes": {checkEventField, []ContainerOverride{{
			Environment: map[string]string{"A=B": "x", "": "y", "<detail.name>": "z"}, Cpu: -1, MemoryLimitMiB: 5, MemoryReservationMiB: 5,
		}}, []string{
			names + `""`, names + `"<detail.name>"`, names + `"A=B"`,
			"ContainerOverrides[0].Cpu must be 1 or greater; got -1", "ContainerOverrides[0].MemoryLimitMiB must be 6 or greater; got 5",
			"ContainerOverrides[0].MemoryReservationMiB must be 6 or greater; got 5"}},
		"long": {checkEventField, []ContainerOverride{override(strings.Repeat("<", 8116))}, nil},
		"too long": {
			checkEventField, []ContainerOverride{override(strings.Repeat("x", 8192))},
			[]string{"ContainerOverrides must have at most 8192 characters as JSON; got 8268"},
		},
		"field on top": {
			checkEventField, []ContainerOverride{override("<key>")},
			[]string{
				variable + "must have a path that begins with version, id, detail-type, source, account, time, region, resources or " +
					"detail; " + `got "<key>"`,
			},
		},
		"no path": {
			checkEventField, []ContainerOverride{override("<$.detail>")},
			[]string{variable + `must have a valid path such as events.Field("detail.object.key"); got "<$.detail>"`},
		},
		"in a text": {
			checkEventField, []ContainerOverride{override("s3://" + S3Bucket)},
			[]string{variable + wholeOnly + `"<detail.bucket.name>"; pass the field by itself, and let the program build the text`},
		},
		"JSONPath": {
			checkEventField, []ContainerOverride{override("$.detail.id")},
			[]string{
				variable + `must not begin with "$.", which would reach the task literally; got "$.detail.id"; use events.Field("detail.id") in a ` +
					`TaskRule`,
			},
		},
		"list": {
			checkEventField, []ContainerOverride{override(Field("detail.items[*].id"))},
			[]string{variable + `must have the path of a single value; got "<detail.items[*].id>"; pass single fields`},
		},
		"whole detail": {
			checkEventField, []ContainerOverride{override(Field("detail"))},
			[]string{variable + `must have the path of a single value; got "<detail>"; pass single fields`},
		},
		"JSON": {
			checkEventField, []ContainerOverride{override("<aws.events.event.json>")},
			[]string{
				variable + `must not have the event as JSON, which EventBridge does not escape; got "<aws.events.event.json>"; pass single fields`,
			},
		},
		"too many": {
			checkEventField, []ContainerOverride{{Command: many}},
			[]string{"ContainerOverrides must use at most 100 fields of an event; got 101"},
		},
		"object": {
			checkObjectField,
			[]ContainerOverride{{Command: []string{S3Bucket, S3Key, S3Size, S3Sequencer, Field("detail.reason"), Field("time")}}}, nil,
		},
		"other event": {
			checkObjectField, []ContainerOverride{override(Field("detail.key"))}, []string{variable + objects + `"<detail.key>"` + useS3},
		},
		"size": {
			checkObjectField, []ContainerOverride{override(Field("detail.object.size"))},
			[]string{variable + `must have the size as text, which is all that ECS accepts; got "<detail.object.size>"; use events.S3Size`},
		},
		"other number": {
			checkObjectField, []ContainerOverride{override(NumberField("detail.object.etag"))},
			[]string{variable + objects + `"<number:detail.object.etag>"` + useS3},
		},
		"schedule": {checkScheduleField, []ContainerOverride{{Command: []string{"<b>", "at " + ScheduledTime}}}, nil},
		"no event": {
			checkScheduleField, []ContainerOverride{override(S3Key)}, []string{variable + noEvent + `"<detail.object.key>"` + useTime},
		},
		"other service": {
			checkScheduleField, []ContainerOverride{override("<aws.events.rule-arn>")},
			[]string{variable + noEvent + `"<aws.events.rule-arn>"` + useTime},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var bad invalid.Problems
			checkOverrides(c.overrides, nil, c.check, &bad)
			fake.Refused(t, bad.Err(), c.want...)
		})
	}
}

func TestTaskRulePropsAreValidated(t *testing.T) {
	shop := Pattern{Source: []any{"shop"}}
	for name, c := range map[string]struct {
		change func(p *TaskRuleProps)
		want   []string
	}{
		"least": {func(*TaskRuleProps) {}, nil},
		"zero": {func(p *TaskRuleProps) { *p = TaskRuleProps{} }, []string{
			"Run is required; use ecs.NewRun", `Pattern is required without S3, such as events.Pattern{Source: []any{"aws.s3"}}`}},
		"run without a task": {func(p *TaskRuleProps) { p.Run = &ecs.Run{} }, []string{"Run is required; use ecs.NewRun"}},
		"S3":                 {func(p *TaskRuleProps) { p.Pattern, p.S3 = Pattern{}, &S3Objects{Bucket: fake.Bucket{}} }, nil},
		"S3 with a pattern and a bus": {func(p *TaskRuleProps) { p.S3, p.EventBus = &S3Objects{}, fake.EventBus{} }, []string{
			"S3.Bucket is required",
			"Pattern must not be set together with S3, which is a pattern already; create two rules",
			"EventBus must not be set together with S3, whose events arrive on the default bus; " +
				"remove it, or set Pattern instead of S3 for events that are forwarded"}},
		"pattern": {func(p *TaskRuleProps) { p.Pattern = Pattern{Region: []any{"eu-west-1"}} }, []string{
			`Pattern must not match every event of an account, which includes those that the rule causes; set Source, such as []any{"aws.s3"}`}},
		"edges": {func(p *TaskRuleProps) {
			p.RetryAttempts, p.MaximumEventAge, p.RuleName = new(0), 24*time.Hour, strings.Repeat("x", 64)
		}, nil},
		"retries and name": {func(p *TaskRuleProps) {
			p.RetryAttempts, p.MaximumEventAge, p.RuleName = new(186), 30*time.Second, "a rule"
		}, []string{
			"RetryAttempts must be an integer from 0 to 185; got 186", "MaximumEventAge must be whole seconds from 1m to 24h; got 30s",
			`RuleName must be 1 to 64 letters, digits and . _ -; got "a rule"`}},
		"override": {func(p *TaskRuleProps) { p.ContainerOverrides = []ContainerOverride{override("1"), override("2")} }, []string{
			`ContainerOverrides[1].ContainerName must not be overridden twice; got ""; merge the overrides`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := TaskRuleProps{Run: &ecs.Run{Construct: fake.Construct{}, Task: &ecs.Task{Construct: fake.Construct{}}}, Pattern: shop}
			c.change(&p)
			fake.Refused(t, p.Validate(), c.want...)
		})
	}
}

func TestSchedulePropsAreValidated(t *testing.T) {
	noon := time.Date(2190, 1, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(p *ScheduleProps)
		want   []string
	}{
		"least": {func(*ScheduleProps) {}, nil},
		"zero": {func(p *ScheduleProps) { *p = ScheduleProps{} }, []string{
			"Run is required; use ecs.NewRun",
			`ScheduleExpression is required: a schedule such as "cron(0 8 ? * MON-FRI *)", "rate(12 hours)" or "at(2027-01-31T08:00:00)"`}},
		"both days": {func(p *ScheduleProps) { p.ScheduleExpression = "cron(0 8 1 * MON *)" }, []string{
			`ScheduleExpression must have ? in exactly one of the day-of-month and day-of-week fields; got "cron(0 8 1 * MON *)"`}},
		"zone": {func(p *ScheduleProps) { p.TimeZone = "Europe/Bonn" }, []string{
			`TimeZone must be a time zone of the IANA database such as "Europe/Berlin" or "UTC"; got "Europe/Bonn"`}},
		"window": {func(p *ScheduleProps) { p.FlexibleTimeWindow = 90 * time.Second }, []string{
			"FlexibleTimeWindow must be whole minutes from 1m to 24h; got 1m30s"}},
		"start after end": {func(p *ScheduleProps) { p.StartDate, p.EndDate = noon, noon.Add(-time.Hour) }, []string{
			"StartDate must be before EndDate 2190-01-01T11:00:00Z; got 2190-01-01T12:00:00Z"}},
		"dates of what is once": {func(p *ScheduleProps) { p.ScheduleExpression, p.EndDate = "at(2190-01-31T08:00:00)", noon }, []string{
			"EndDate must not be set together with an at expression, which starts once; got 2190-01-01T12:00:00Z"}},
		"retries and name": {func(p *ScheduleProps) {
			p.RetryAttempts, p.MaximumEventAge, p.ScheduleName = new(-1), 25*time.Hour, strings.Repeat("x", 65)
		}, []string{
			"RetryAttempts must be an integer from 0 to 185; got -1", "MaximumEventAge must be whole seconds from 1m to 24h; got 25h",
			`ScheduleName must be 1 to 64 letters, digits and . _ -; got "` + strings.Repeat("x", 65) + `"`}},
		"override": {func(p *ScheduleProps) { p.ContainerOverrides = []ContainerOverride{{}} }, []string{
			"ContainerOverrides[0] must change something; set Command or Environment, or remove it"}},
		"known when deployed": {func(p *ScheduleProps) {
			p.ScheduleExpression, p.TimeZone, p.ScheduleName = "${Token[X.1]}", "${Token[X.2]}", "${Token[X.3]}"
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			run := &ecs.Run{Construct: fake.Construct{}, Task: &ecs.Task{}}
			p := ScheduleProps{Run: run, ScheduleExpression: "rate(1 hour)"}
			c.change(&p)
			fake.Refused(t, p.Validate(), c.want...)
		})
	}
}
