package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// deployment is the template of the app, as far as the README describes it.
type deployment struct {
	Description string
	Resources   map[string]*resource
	Outputs     map[string]struct{ Value any }
}

type resource struct {
	id             string
	Type           string
	Properties     map[string]any
	DeletionPolicy string
}

func readTemplate(raw []byte) (*deployment, error) {
	var t deployment
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, err
	}
	for id, r := range t.Resources {
		r.id = id
	}
	return &t, nil
}

// all returns the resources of a type, in the order of their logical ids.
func (t *deployment) all(kind string) (found []*resource) {
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if t.Resources[id].Type == kind {
			found = append(found, t.Resources[id])
		}
	}
	return found
}

// get returns the value at a path of names with dots between them, or nil.
func (r *resource) get(path string) any {
	var value any = r.Properties
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// referred returns the logical id of the resource that a value refers to, by Ref, by Fn::GetAtt or in a longer text; or "".
func (t *deployment) referred(value any) string {
	switch v := value.(type) {
	case map[string]any:
		if id, isRef := v["Ref"].(string); isRef && t.Resources[id] != nil {
			return id
		}
		for _, inner := range v {
			if id := t.referred(inner); id != "" {
				return id
			}
		}
	case []any:
		for _, inner := range v {
			if id := t.referred(inner); id != "" {
				return id
			}
		}
	case string:
		if id, _, _ := strings.Cut(v, "."); t.Resources[id] != nil { // Fn::GetAtt
			return id
		}
	}
	return ""
}

// outputOf returns the output whose value refers to a resource, or "".
func (t *deployment) outputOf(id string) string {
	for _, name := range slices.Sorted(maps.Keys(t.Outputs)) {
		if t.referred(t.Outputs[name].Value) == id {
			return name
		}
	}
	return ""
}

// retained lists what is left when the stack is deleted, by its logical id.
func (t *deployment) retained() (ids []string) {
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if strings.HasPrefix(t.Resources[id].DeletionPolicy, "Retain") {
			ids = append(ids, id)
		}
	}
	return ids
}

// remains lists what is left when the stack is deleted, by type, with the command that deletes it.
func (t *deployment) remains() (all []string) {
	named := func(id, fallback string) string {
		if output := t.outputOf(id); output != "" {
			return "`$(out " + output + ")`, which you read before you delete the stack"
		}
		return fallback
	}
	for _, id := range t.retained() {
		switch kind := t.Resources[id].Type; kind {
		case "AWS::S3::Bucket":
			all = append(all, "an S3 bucket with its objects: `aws s3 rb --force s3://<bucket>`. Its name is "+named(id, "in the console")+".")
		default:
			all = append(all, "the resource `"+id+"`, of type `"+kind+"`. Its name is "+named(id, "in the console")+".")
		}
	}
	if len(t.all("AWS::Lambda::Function")) > 0 {
		all = append(all, "the log groups of Lambda functions, whose names begin with `/aws/lambda/` and the stack's name.")
	}
	for _, fs := range t.all("AWS::EFS::FileSystem") {
		if hasBackups(fs) {
			all = append(all, "the backups of the EFS file system, for 35 days. `aws backup delete-recovery-point` deletes one sooner.")
		}
	}
	for _, cluster := range t.all("AWS::ECS::Cluster") {
		if insightsOf(cluster) != "" {
			all = append(all, "the log group of Container Insights, `/aws/ecs/containerinsights/<cluster>/performance`.")
		}
	}
	return append(all, "the CDK's bootstrap stack, which the other CDK apps in the account use too.")
}

func hasBackups(fileSystem *resource) bool { return fileSystem.get("BackupPolicy.Status") == "ENABLED" }

// insightsOf returns what Container Insights measures in a cluster; "" if it is off.
func insightsOf(cluster *resource) string {
	switch settings := fmt.Sprint(cluster.get("ClusterSettings")); {
	case strings.Contains(settings, "enhanced"):
		return "metrics of services, tasks and containers"
	case strings.Contains(settings, "enabled"):
		return "metrics of services"
	}
	return ""
}
