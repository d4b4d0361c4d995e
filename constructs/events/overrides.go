package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// ContainerOverride changes a container of the tasks that a rule or schedule starts.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html
type ContainerOverride struct {
	// ContainerName is the container's name. Default: the task's first container.
	ContainerName string
	// Command replaces the container's command. Default: the container's own.
	Command []string
	// Environment adds variables, or replaces the container's. Default: none.
	Environment map[string]string
	// Cpu, MemoryLimitMiB and MemoryReservationMiB are the container's share of the task. Default: the container's own.
	Cpu, MemoryLimitMiB, MemoryReservationMiB int
}

const (
	// maxOverrides is the maximum length of a task's overrides as JSON.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
	maxOverrides = 8192
	// maxPaths is how many fields of an event a rule may name.
	// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
	maxPaths = 100
	// minMemory is the minimum of a container.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
	minMemory = 6
)

// Field stands for a text of the event, as a whole word of Command or a whole value of Environment of a TaskRule's overrides:
// Field("detail.object.key"). An event without it starts nothing and goes to the dead-letter queue; let the Pattern require it.
//
// It must be the whole value because EventBridge does not escape what it puts into a text: whoever writes the event, or names
// the object, could end the text with a quote and add overrides of their own. As a whole value it is put in as JSON.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
func Field(path string) string { return "<" + path + ">" }

// NumberField stands for a number of the event, or true or false, which ECS requires as text. Never use it for what others may
// write as text, for the reason that Field gives.
func NumberField(path string) string { return "<" + ofNumber + path + ">" }

const ofNumber = "number:"

var (
	inBrackets = regexp.MustCompile(`<[^<>]*>`)
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
	fieldPath = regexp.MustCompile(`^[A-Za-z0-9_-]+(\[(\d+|\*)\])?(\.[A-Za-z0-9_-]+(\[(\d+|\*)\])?)*$`)
	// What EventBridge fills in by itself, as text.
	predefined = []string{"aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time"}
	// What it fills in as JSON, unescaped, which would end the text around it.
	predefinedJson = []string{"aws.events.event", "aws.events.event.json"}
	// The top-level fields of every event.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
	topFields = []string{"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
	// The fields of an object's event, apart from its one number.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
	objectFields = []string{"detail.version", "detail.bucket.name", "detail.object.key", "detail.object.etag", "detail.object.version-id",
		"detail.object.sequencer", "detail.request-id", "detail.requester", "detail.source-ip-address", "detail.reason"}
	// What EventBridge Scheduler fills in.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
	scheduleAttributes = []string{"aws.scheduler.schedule-arn", "aws.scheduler.scheduled-time", "aws.scheduler.execution-id",
		"aws.scheduler.attempt-number"}
)

// fieldCheck says what is allowed in place of a bracketed part of a text, and the fix, or nothing if the part is fine.
type fieldCheck func(text, bracketed string) (wanted, fix string)

// checkEventField is for rules with a pattern.
func checkEventField(text, bracketed string) (wanted, fix string) {
	path := strings.TrimPrefix(strings.Trim(bracketed, "<>"), ofNumber)
	top, _, _ := strings.Cut(path, ".")
	top, _, _ = strings.Cut(top, "[")
	switch {
	case text != bracketed && !slices.Contains(predefined, path):
		return "must have an event field as its whole value only, because EventBridge does not escape it and a sender could add overrides",
			"pass the field by itself, and let the program build the text"
	case slices.Contains(predefined, path):
		return "", ""
	case slices.Contains(predefinedJson, path):
		return "must not have the event as JSON, which EventBridge does not escape", "pass single fields"
	case !fieldPath.MatchString(path):
		return `must have a valid path such as events.Field("detail.object.key")`, ""
	case path == "detail" || path == "resources" || strings.Contains(path, "[*]"):
		return "must have the path of a single value", "pass single fields"
	case !slices.Contains(topFields, top):
		return "must have a path that begins with " + check.OneOf(topFields), ""
	}
	return "", ""
}

// checkObjectField is for rules with S3.
func checkObjectField(text, bracketed string) (wanted, fix string) {
	if wanted, fix = checkEventField(text, bracketed); wanted != "" {
		return wanted, fix
	}
	path := strings.Trim(bracketed, "<>")
	switch {
	case path == "detail.object.size":
		return "must have the size as text, which is all that ECS accepts", "use events.S3Size"
	case strings.HasPrefix(path, ofNumber) && bracketed != S3Size, strings.HasPrefix(path, "detail.") && !slices.Contains(objectFields, path):
		return "must have a field of S3's object events: " + check.OneOf(objectFields),
			"use events.S3Bucket, events.S3Key, events.S3Size or events.S3Sequencer"
	}
	return "", ""
}

// checkScheduleField is for schedules. A text that nothing takes for a field stays as it is.
func checkScheduleField(_, bracketed string) (wanted, fix string) {
	name := strings.Trim(bracketed, "<>")
	isOfEvent := func(top string) bool { return name == top || strings.HasPrefix(name, top+".") }
	if slices.Contains(scheduleAttributes, name) || !strings.HasPrefix(name, "aws.") && !slices.ContainsFunc(topFields, isOfEvent) {
		return "", ""
	}
	return "must not have an event field, because a schedule has no event",
		"use events.ScheduledTime, or <" + strings.Join(scheduleAttributes, ">, <") + ">"
}

// checkOverrides refuses what ECS would refuse, or what would not be filled in.
func checkOverrides(overrides []ContainerOverride, task *ecs.Task, fields fieldCheck, bad *invalid.Problems) {
	seen := map[string]bool{}
	for i := range overrides {
		o, field := &overrides[i], check.Index("ContainerOverrides", i)
		if task != nil {
			o.checkContainer(field, task, seen, bad)
		}
		if len(o.Command)+len(o.Environment)+o.Cpu+o.MemoryLimitMiB+o.MemoryReservationMiB == 0 {
			bad.Add(field, "must change something").Advise("set Command or Environment, or remove it")
		}
		for j, text := range o.Command {
			checkText(check.Index(field+".Command", j), text, fields, bad)
		}
		for _, name := range slices.Sorted(maps.Keys(o.Environment)) {
			if !invalid.IsToken(name) && !variableName.MatchString(name) {
				bad.Add(field+".Environment", "must have names of letters, digits and _ . - that begin with a letter or _").Given(name)
			}
			checkText(fmt.Sprintf("%s.Environment[%q]", field, name), o.Environment[name], fields, bad)
		}
		o.checkShare(field, task, bad)
	}
	if _, paths := inputTemplate(overrides, task); len(paths) > maxPaths {
		bad.Add("ContainerOverrides", "must use at most %d fields of an event", maxPaths).Given(len(paths))
	}
	if text := toJson(input(overrides, task)); len(text) > maxOverrides && !invalid.IsToken(text) {
		bad.Add("ContainerOverrides", "must have at most %d characters as JSON", maxOverrides).Given(len(text))
	}
}

func (o *ContainerOverride) checkContainer(field string, task *ecs.Task, seen map[string]bool, bad *invalid.Problems) {
	name, names := o.containerName(task), task.ContainerNames()
	switch {
	case len(names) > 0 && !slices.Contains(names, name):
		bad.Add(field+".ContainerName", "must be a container of the task: %s", check.OneOfQuoted(names)).Given(name)
	case seen[name]:
		bad.Add(field+".ContainerName", "must not be overridden twice").Given(name).Advise("merge the overrides")
	}
	seen[name] = true
}

// containerName returns the container's name, or the task's first one.
func (o *ContainerOverride) containerName(task *ecs.Task) string {
	if names := containerNames(task); o.ContainerName == "" && len(names) > 0 {
		return names[0]
	}
	return o.ContainerName
}

func containerNames(task *ecs.Task) []string {
	if task == nil {
		return nil
	}
	return task.ContainerNames()
}

// checkShare compares with the size of the task, which is 0 if it is not known or not limited.
func (o *ContainerOverride) checkShare(field string, task *ecs.Task, bad *invalid.Problems) {
	var cpu, memory int
	if task != nil {
		cpu, memory = task.Cpu(), task.MemoryLimitMiB()
	}
	for _, n := range []struct {
		field      string
		value, min int
		size       int
		limit      string
	}{
		{"Cpu", o.Cpu, 1, cpu, "the task's Cpu"},
		{"MemoryLimitMiB", o.MemoryLimitMiB, minMemory, memory, "the task's MemoryLimitMiB"},
		{"MemoryReservationMiB", o.MemoryReservationMiB, minMemory, memory, "the task's MemoryLimitMiB"},
	} {
		switch {
		case n.value == 0:
		case n.size > 0 && n.value > n.size:
			check.NotGreater(field+"."+n.field, n.value, n.limit, n.size, bad)
		default:
			check.Min(field+"."+n.field, n.value, n.min, bad)
		}
	}
}

// checkForeignFields refuses the CDK's own way to name a field of an event, which only its own targets understand.
func checkForeignFields(run *ecs.Run, overrides []ContainerOverride, bad *invalid.Problems) {
	checkText := func(field, text string) {
		if !invalid.IsToken(text) {
			return
		}
		if path, _ := awscdk.Stack_Of(run).Resolve(text).(string); strings.HasPrefix(path, "$.") {
			bad.Add(field, "must not be awsevents.EventField, which would reach the task literally").Given(path).
				Advise("use events.Field(%q)", strings.TrimPrefix(path, "$."))
		}
	}
	for i, o := range overrides {
		field := check.Index("ContainerOverrides", i)
		for j, text := range o.Command {
			checkText(check.Index(field+".Command", j), text)
		}
		for _, name := range slices.Sorted(maps.Keys(o.Environment)) {
			checkText(fmt.Sprintf("%s.Environment[%q]", field, name), o.Environment[name])
		}
	}
}

// variableName excludes what would let an event choose the name.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

func checkText(field, text string, fields fieldCheck, bad *invalid.Problems) {
	if strings.HasPrefix(text, "$.") {
		bad.Add(field, `must not begin with "$.", which would reach the task literally`).Given(text).
			Advise("use events.Field(%q) in a TaskRule", strings.TrimPrefix(text, "$."))
	}
	for _, bracketed := range inBrackets.FindAllString(text, -1) {
		wanted, fix := fields(text, bracketed)
		if wanted == "" || invalid.IsToken(bracketed) {
			continue
		}
		bad.Add(field, "%s", wanted).Given(bracketed).Fix = fix
	}
}

// input returns what RunTask takes as overrides; nil for none.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
func input(overrides []ContainerOverride, task *ecs.Task) map[string]any {
	if len(overrides) == 0 {
		return nil
	}
	containers := make([]any, len(overrides))
	for i, o := range overrides {
		container := map[string]any{"name": o.containerName(task)}
		if len(o.Command) > 0 {
			container["command"] = o.Command
		}
		var environment []any
		for _, name := range slices.Sorted(maps.Keys(o.Environment)) {
			environment = append(environment, map[string]any{"name": name, "value": o.Environment[name]})
		}
		if len(environment) > 0 {
			container["environment"] = environment
		}
		for key, n := range map[string]int{"cpu": o.Cpu, "memory": o.MemoryLimitMiB, "memoryReservation": o.MemoryReservationMiB} {
			if n != 0 {
				container[key] = n
			}
		}
		containers[i] = container
	}
	return map[string]any{"containerOverrides": containers}
}

// toJson returns the text of an input, as the CDK would write it.
func toJson(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // strings and numbers in lists and maps, which can't fail
	return strings.TrimSpace(text.String())
}

// inputTemplate returns the text of the overrides with a variable for each field of the event that they name, and the path of
// each variable.
func inputTemplate(overrides []ContainerOverride, task *ecs.Task) (template string, paths map[string]*string) {
	paths = map[string]*string{}
	template = wholeField.ReplaceAllStringFunc(toJson(input(overrides, task)), func(quoted string) string {
		path := strings.Trim(quoted, `"<>`)
		switch number := strings.TrimPrefix(path, ofNumber); {
		case slices.Contains(predefined, path) || invalid.IsToken(path):
			return quoted
		case number != path:
			return `"<` + variable(paths, "$."+number) + `>"`
		default:
			return "<" + variable(paths, "$."+path) + ">"
		}
	})
	return template, paths
}

// namesPredefined reports whether the text needs EventBridge to fill in what it knows by itself.
func namesPredefined(template string) bool {
	return slices.ContainsFunc(predefined, func(name string) bool { return strings.Contains(template, "<"+name+">") })
}

// wholeField is a text that is a field and nothing else, as JSON.
var wholeField = regexp.MustCompile(`"<[^<>"]*>"`)

// variable gives a path a name of letters, digits, hyphens and underscores, which is all that EventBridge accepts.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
func variable(paths map[string]*string, path string) string {
	name := strings.Trim(notInNames.ReplaceAllString(path, "-"), "-")
	for paths[name] != nil && *paths[name] != path {
		name += "-"
	}
	paths[name] = &path
	return name
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_-]+`)
