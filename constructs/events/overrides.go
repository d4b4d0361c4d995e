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
)

// ContainerOverride changes, for the tasks that are started so, what a container of the task says.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html
type ContainerOverride struct {
	// ContainerName is the container. Default: the task's first.
	ContainerName string
	// Command are the program's arguments in place of the container's. Default: those of the container.
	Command []string
	// Environment are variables beside those of the container, or in their place. Default: none.
	Environment map[string]string
	// Cpu, MemoryLimitMiB and MemoryReservationMiB are the container's share of the task. Default: those of the container.
	Cpu, MemoryLimitMiB, MemoryReservationMiB int
}

// maxOverrides is how long the overrides of a task may be as JSON.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
const maxOverrides = 8192

// maxPaths is how many fields of an event a rule may name: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
const maxPaths = 100

// Field stands for a text of the event, as a whole word of Command or value of Environment of a TaskRule's overrides:
// Field("detail.object.key"). An event that lacks it starts nothing and goes to the dead letters; let the Pattern ask for it.
//
// It stands alone because EventBridge does not escape what it puts into a text: whoever writes the event, or names the object, could end
// the text with a quote and go on with overrides of his own. Alone, it is put in as the JSON that it is.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
func Field(path string) string { return "<" + path + ">" }

// NumberField stands for a number of the event, or true or false, which ECS wants as text. Never take it for what others may write as
// text, for the reason that Field gives.
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
	// The fields on top of every event.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
	topFields = []string{"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
)

// checkField says what is wrong with what stands in brackets in a text, as the rest of a sentence that begins with it, or nothing.
func checkField(text, bracketed string) string {
	path := strings.TrimPrefix(strings.Trim(bracketed, "<>"), ofNumber)
	switch {
	case text != bracketed && !slices.Contains(predefined, path):
		return "stands inside a text, where EventBridge does not escape it, so that who writes the event could add overrides; give it alone, and let the program put texts together"
	case slices.Contains(predefined, path):
		return ""
	case slices.Contains(predefinedJson, path):
		return "is JSON, which EventBridge does not escape, so that it would break the text around it; take single fields"
	case !fieldPath.MatchString(path):
		return `is no path into an event; write it as events.Field("detail.object.key")`
	case path == "detail" || path == "resources" || strings.Contains(path, "[*]"):
		return "is no text, which is all that a variable takes; take single fields"
	case !slices.Contains(topFields, strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' })[0]):
		return "begins with no field of an event; use " + strings.Join(topFields, ", ")
	}
	return ""
}

// objectFields are those of an object's event, apart from its one number.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
var objectFields = []string{"detail.version", "detail.bucket.name", "detail.object.key", "detail.object.etag", "detail.object.version-id", "detail.object.sequencer",
	"detail.request-id", "detail.requester", "detail.source-ip-address", "detail.reason"}

// checkObjectField does so for the events of an S3 rule.
func checkObjectField(text, bracketed string) string {
	path := strings.Trim(bracketed, "<>")
	switch wrong := checkField(text, bracketed); {
	case wrong != "":
		return wrong
	case path == "detail.object.size":
		return "is a number, which ECS would not take for a text; use events.S3Size"
	case strings.HasPrefix(path, ofNumber) && bracketed != S3Size || strings.HasPrefix(path, "detail.") && !slices.Contains(objectFields, path):
		return "is no such field of an object's event; use events.S3Bucket, S3Key, S3Size, S3Sequencer, or " + strings.Join(objectFields, ", ")
	}
	return ""
}

// checkScheduled does the same for what EventBridge Scheduler fills in.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
func checkScheduled(_, bracketed string) string {
	name := strings.Trim(bracketed, "<>")
	known := []string{"aws.scheduler.schedule-arn", "aws.scheduler.scheduled-time", "aws.scheduler.execution-id", "aws.scheduler.attempt-number"}
	if slices.Contains(known, name) || !strings.HasPrefix(name, "aws.") && !slices.ContainsFunc(topFields, func(top string) bool { return strings.HasPrefix(name, top+".") || name == top }) {
		return "" // or plain text, which nothing takes for anything else
	}
	return "is nothing that a schedule knows, for it has no event; use events.ScheduledTime, or <" + strings.Join(known, ">, <") + ">"
}

// checkOverrides notes what ECS would refuse, or what would not be filled in.
func checkOverrides(overrides []ContainerOverride, task *ecs.Task, check func(text, bracketed string) string, bad *invalid.Problems) {
	seen := map[string]bool{}
	for i, o := range overrides {
		field := fmt.Sprintf("ContainerOverrides[%d]", i)
		if task != nil {
			names := task.ContainerNames()
			if o.ContainerName == "" {
				o.ContainerName = names[0]
			}
			if !slices.Contains(names, o.ContainerName) {
				bad.Add(field+".ContainerName", "%q is no container of the task; use %s", o.ContainerName, strings.Join(names, ", "))
			}
			if seen[o.ContainerName] {
				bad.Add(field+".ContainerName", "%q is overridden twice; put both into one", o.ContainerName)
			}
			seen[o.ContainerName] = true
		}
		if task != nil {
			cpu, memory := task.Cpu(), task.MemoryLimitMiB() // 0 for a task of which they aren't known
			for _, n := range []struct {
				field       string
				value, most int
			}{{"Cpu", o.Cpu, cpu}, {"MemoryLimitMiB", o.MemoryLimitMiB, memory}, {"MemoryReservationMiB", o.MemoryReservationMiB, memory}} {
				if n.most > 0 && n.value > n.most {
					bad.Add(field+"."+n.field, "%d is more than the task has, %d; lower it, or give the task more", n.value, n.most)
				}
			}
		}
		if len(o.Command)+len(o.Environment)+o.Cpu+o.MemoryLimitMiB+o.MemoryReservationMiB == 0 {
			bad.Add(field, "changes nothing; leave it out, or give a Command or Environment")
		}
		for j, text := range o.Command {
			checkText(fmt.Sprintf("%s.Command[%d]", field, j), text, check, bad)
		}
		for _, name := range slices.Sorted(maps.Keys(o.Environment)) {
			if !invalid.IsToken(name) && !variableName.MatchString(name) {
				bad.Add(field+".Environment", "%q is no name of a variable; use letters, digits and _.-, and begin with a letter or _", name)
			}
			checkText(fmt.Sprintf("%s.Environment[%q]", field, name), o.Environment[name], check, bad)
		}
		for _, n := range []struct {
			field        string
			value, least int
		}{{"Cpu", o.Cpu, 1}, {"MemoryLimitMiB", o.MemoryLimitMiB, leastMemory}, {"MemoryReservationMiB", o.MemoryReservationMiB, leastMemory}} {
			if n.value != 0 && n.value < n.least {
				bad.Add(field+"."+n.field, "%d is out of range; use %d or more", n.value, n.least)
			}
		}
	}
	if _, paths := inputTemplate(overrides, task); len(paths) > maxPaths {
		bad.Add("ContainerOverrides", "take %d fields of an event; EventBridge takes %d", len(paths), maxPaths)
	}
	if text := toJson(input(overrides, task)); len(text) > maxOverrides && !invalid.IsToken(text) {
		bad.Add("ContainerOverrides", "are %d characters as JSON; ECS takes %d", len(text), maxOverrides)
	}
}

// checkForeignFields notes the CDK's own way to name a field of an event, which only its own targets understand.
func checkForeignFields(run *ecs.Run, overrides []ContainerOverride, bad *invalid.Problems) {
	check := func(field, text string) {
		if !invalid.IsToken(text) {
			return
		}
		if path, _ := awscdk.Stack_Of(run).Resolve(text).(string); strings.HasPrefix(path, "$.") {
			bad.Add(field, "is awsevents.EventField %q, which would reach the task as these letters; write events.Field(%q)", path, strings.TrimPrefix(path, "$."))
		}
	}
	for i, o := range overrides {
		for j, text := range o.Command {
			check(fmt.Sprintf("ContainerOverrides[%d].Command[%d]", i, j), text)
		}
		for _, name := range slices.Sorted(maps.Keys(o.Environment)) {
			check(fmt.Sprintf("ContainerOverrides[%d].Environment[%q]", i, name), o.Environment[name])
		}
	}
}

// variableName leaves out what would let an event choose the name.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// leastMemory is that of a container: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const leastMemory = 6

func checkText(field, text string, check func(text, bracketed string) string, bad *invalid.Problems) {
	if strings.HasPrefix(text, "$.") {
		bad.Add(field, "%q would reach the task as these letters; in a TaskRule write events.Field(%q)", text, strings.TrimPrefix(text, "$."))
	}
	for _, bracketed := range inBrackets.FindAllString(text, -1) {
		if wrong := check(text, bracketed); wrong != "" && !invalid.IsToken(bracketed) {
			bad.Add(field, "has %q, which %s", bracketed, wrong)
		}
	}
}

// input is what RunTask takes as overrides; nil for none.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
func input(overrides []ContainerOverride, task *ecs.Task) map[string]any {
	if len(overrides) == 0 {
		return nil
	}
	containers := make([]any, len(overrides))
	for i, o := range overrides {
		container := map[string]any{"name": o.ContainerName}
		if o.ContainerName == "" && task != nil {
			container["name"] = task.ContainerNames()[0]
		}
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

// toJson is the text of what input made, as the CDK would write it.
func toJson(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // texts and numbers in lists and maps, which cannot fail
	return strings.TrimSpace(text.String())
}

// inputTemplate is the text of the overrides with a variable for each field of the event that they name, and the path of each variable.
func inputTemplate(overrides []ContainerOverride, task *ecs.Task) (template string, paths map[string]*string) {
	paths = map[string]*string{}
	template = lone.ReplaceAllStringFunc(toJson(input(overrides, task)), func(quoted string) string {
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

// namesPredefined tells whether the text needs EventBridge to fill in what it knows by itself.
func namesPredefined(template string) bool {
	return slices.ContainsFunc(predefined, func(name string) bool { return strings.Contains(template, "<"+name+">") })
}

// lone is a text that is a field and nothing else, as JSON.
var lone = regexp.MustCompile(`"<[^<>"]*>"`)

// variable gives a path a name of letters, digits, hyphens and underscores, which is all that EventBridge takes.
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
