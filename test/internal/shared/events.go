package shared

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// The samples of events are those of AWS's documentation, with other names:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html, and ecs_service_events.html and
// ecs_service_deployment_events.html there.
const (
	TaskEvent       = "task"
	ServiceEvent    = "service"
	DeploymentEvent = "deployment"
)

//go:embed testdata/events
var samples embed.FS

// SampleEvent is one of the samples with other details.
func SampleEvent(t *testing.T, sample string, detail map[string]any) map[string]any {
	t.Helper()
	var event map[string]any
	raw, err := samples.ReadFile("testdata/events/" + sample + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &event))
	maps.Copy(event["detail"].(map[string]any), detail)
	return event
}

// StoppedContainer is a container in the details of an event. Its exit code may be nil, and the reason empty.
func StoppedContainer(name string, exitCode any, reason string) map[string]any {
	c := map[string]any{"name": name, "lastStatus": "STOPPED"}
	if exitCode != nil {
		c["exitCode"] = exitCode
	}
	if reason != "" {
		c["reason"] = reason
	}
	return c
}

// Ended are the details of a task whose containers stopped.
func Ended(containers ...map[string]any) map[string]any {
	return map[string]any{"containers": containers}
}

// MatchingRules are the rules, by their ids, that let an event through.
func MatchingRules(t *testing.T, tpl *cdktest.Template, event any) (ids []string) {
	t.Helper()
	for _, rule := range tpl.All("AWS::Events::Rule") {
		if cdktest.Matches(t, Deployed(t, tpl, rule.Get("EventPattern")), event) {
			path := strings.Split(rule.Path(), "/")
			ids = append(ids, path[len(path)-1])
		}
	}
	return ids
}

// Deployed is what CloudFormation makes of a value: here a cluster is called "web", or by its construct where there are more, and a
// service "api".
func Deployed(t *testing.T, tpl *cdktest.Template, value any) any {
	t.Helper()
	switch v := value.(type) {
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = Deployed(t, tpl, v[i])
		}
		return all
	case map[string]any:
		if pseudo, ok := map[any]string{"AWS::Partition": "aws", "AWS::Region": "us-west-2", "AWS::AccountId": "111122223333"}[v["Ref"]]; ok {
			return pseudo
		}
		if join, ok := v["Fn::Join"].([]any); ok {
			var text strings.Builder
			for i, part := range join[1].([]any) {
				if i > 0 {
					text.WriteString(join[0].(string))
				}
				fmt.Fprint(&text, Deployed(t, tpl, part))
			}
			return text.String()
		}
		if r := tpl.Follow(v); r != nil {
			return deployedName(t, r, v)
		}
		all := map[string]any{}
		for key, inner := range v {
			all[key] = Deployed(t, tpl, inner)
		}
		return all
	}
	return value
}

func deployedName(t *testing.T, r *cdktest.Resource, reference map[string]any) string {
	t.Helper()
	arn := "arn:aws:ecs:us-west-2:111122223333:"
	attribute, _ := cdktest.Dig(reference, "Fn::GetAtt.1").(string)
	name := "web"
	if strings.Contains(r.Path(), "/Jobs/") {
		name = "jobs"
	}
	switch r.Type + " " + attribute {
	case "AWS::ECS::Cluster ":
		return name
	case "AWS::ECS::Cluster Arn":
		return arn + "cluster/" + name
	case "AWS::ECS::Service Name":
		return "api"
	case "AWS::ECS::Service ":
		return arn + "service/web/api"
	}
	require.Fail(t, "an unknown reference", "%s %s", r.Type, attribute)
	return ""
}

// Notices are what a rule sends for an event, by the ids of its targets.
func Notices(t *testing.T, tpl *cdktest.Template, rule string, event any) map[string]string {
	t.Helper()
	r := tpl.At("AWS::Events::Rule", "Alerts/"+rule)
	require.True(t, cdktest.Matches(t, Deployed(t, tpl, r.Get("EventPattern")), event), "the event does not get there")
	sent := map[string]string{}
	for _, target := range cdktest.List(r.Get("Targets")) {
		plain := map[string]any{"InputTransformer": Deployed(t, tpl, cdktest.Dig(target, "InputTransformer"))}
		sent[cdktest.Dig(target, "Id").(string)] = cdktest.Transform(t, plain, event)
	}
	return sent
}

// Bucket stands for what a Ref of the template's bucket is once it is deployed.
const Bucket = "amzn-s3-demo-bucket1"

// ObjectCreated is the event of https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, for a bucket and a key.
func ObjectCreated(bucket, key string) map[string]any {
	return map[string]any{
		"version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "Object Created", "source": "aws.s3",
		"account": "111122223333", "time": "2021-11-12T00:00:00Z", "region": "ca-central-1",
		"resources": []any{"arn:aws:s3:::" + bucket},
		"detail": map[string]any{
			"version": "0", "bucket": map[string]any{"name": bucket},
			"object": map[string]any{
				"key": key, "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184", "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
				"sequencer": "617f08299329d189",
			},
			"request-id": "N4N7GDK58NMKJ12R", "requester": "123456789012", "source-ip-address": "1.2.3.4", "reason": "PutObject",
		},
	}
}

// Pattern is a rule's EventPattern with the bucket's name in it.
func Pattern(t *testing.T, rule *cdktest.Resource) any {
	t.Helper()
	assert.Equal(t, "AWS::S3::Bucket", rule.Ref("EventPattern.detail.bucket.name.0").Type)
	assert.Len(t, rule.Get("EventPattern.detail.bucket.name"), 1)
	rule.Get("EventPattern.detail.bucket").(map[string]any)["name"] = []any{Bucket}
	return rule.Get("EventPattern")
}

// VariablesFor are the variables that a task would get for an event, by container.
func VariablesFor(t *testing.T, rule *cdktest.Resource, event any) map[string]map[string]string {
	t.Helper()
	var overrides struct {
		ContainerOverrides []struct {
			Name        string
			Environment []struct{ Name, Value string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(cdktest.Transform(t, rule.Get("Targets.0"), event)), &overrides))
	variables := map[string]map[string]string{}
	for _, c := range overrides.ContainerOverrides {
		variables[c.Name] = map[string]string{}
		for _, v := range c.Environment {
			variables[c.Name][v.Name] = v.Value
		}
	}
	return variables
}

// StateMachine is a definition with names in the place of what CloudFormation fills in.
func StateMachine(t *testing.T, machine *cdktest.Resource) (definition map[string]any) {
	t.Helper()
	var text strings.Builder
	for _, part := range machine.Get("DefinitionString.Fn::Join").([]any)[1].([]any) {
		if s, ok := part.(string); ok {
			text.WriteString(s)
		} else if target := machine.Template.Follow(part); target != nil {
			text.WriteString(target.Type)
		} else {
			text.WriteString("aws") // the partition
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text.String()), &definition))
	return definition
}
