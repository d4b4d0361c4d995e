package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// twoServices are two services with a task each, described in words of their own.
const twoServices = `{
	"TaskA": {"Type": "Task", "Properties": {"Cpu": "256", "Family": "A", "Tags": [{"Key": "Name", "Value": "A"}]}, "Metadata": {"a": 1}},
	"TaskB": {"Type": "Task", "Properties": {"Cpu": "512", "Family": "B"}},
	"First": {"Type": "Service", "Properties": {"Task": {"Ref": "TaskA"}}, "DependsOn": ["TaskA", "TaskB"]},
	"Second": {"Type": "Service", "Properties": {"Task": {"Fn::GetAtt": ["TaskB", "Arn"]}, "In": {"Ref": "AWS::Region"}}}
}`

func TestSameResources(t *testing.T) {
	for name, c := range map[string]struct{ other, difference string }{
		"other ids, texts and order": {other: `{
			"S2": {"Type": "Service", "Properties": {"Task": {"Fn::GetAtt": "T2.Arn"}, "In": {"Ref": "AWS::Region"}}},
			"S1": {"Type": "Service", "Properties": {"Task": {"Ref": "T1"}}, "DependsOn": ["T2", "T1"]},
			"T2": {"Type": "Task", "Properties": {"Cpu": "512", "Family": "T2"}},
			"T1": {"Type": "Task", "Properties": {"Cpu": "256", "Family": "T1", "Tags": [{"Key": "Name", "Value": "T1"}]}}
		}`},
		"another value": {difference: `{"Cpu":"1024","Family":"..."}`, other: `{
			"S2": {"Type": "Service", "Properties": {"Task": {"Fn::GetAtt": "T2.Arn"}, "In": {"Ref": "AWS::Region"}}},
			"S1": {"Type": "Service", "Properties": {"Task": {"Ref": "T1"}}, "DependsOn": ["T2", "T1"]},
			"T2": {"Type": "Task", "Properties": {"Cpu": "1024", "Family": "T2"}},
			"T1": {"Type": "Task", "Properties": {"Cpu": "256", "Family": "T1", "Tags": [{"Key": "Name", "Value": "T1"}]}}
		}`},
		"the wrong task": {difference: "refer to others", other: `{
			"S2": {"Type": "Service", "Properties": {"Task": {"Fn::GetAtt": "T1.Arn"}, "In": {"Ref": "AWS::Region"}}},
			"S1": {"Type": "Service", "Properties": {"Task": {"Ref": "T2"}}, "DependsOn": ["T2", "T1"]},
			"T2": {"Type": "Task", "Properties": {"Cpu": "512", "Family": "T2"}},
			"T1": {"Type": "Task", "Properties": {"Cpu": "256", "Family": "T1", "Tags": [{"Key": "Name", "Value": "T1"}]}}
		}`},
		"one too few": {difference: "Go         Second", other: `{
			"S1": {"Type": "Service", "Properties": {"Task": {"Ref": "T1"}}, "DependsOn": ["T2", "T1"]},
			"T2": {"Type": "Task", "Properties": {"Cpu": "512", "Family": "T2"}},
			"T1": {"Type": "Task", "Properties": {"Cpu": "256", "Family": "T1", "Tags": [{"Key": "Name", "Value": "T1"}]}}
		}`},
	} {
		t.Run(name, func(t *testing.T) {
			err := sameResources(parse(t, twoServices), parse(t, c.other))
			if c.difference == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.difference)
		})
	}
}

func parse(t *testing.T, raw string) (resources map[string]resource) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(raw), &resources))
	return resources
}

func TestGrowthIsMeasuredByTheService(t *testing.T) {
	at := func(services int, golang, javascript float64) result {
		return result{services: services, golang: samples{{seconds: 9}, {seconds: golang}, {}}, javascript: samples{{seconds: javascript}}}
	}
	got := steps([]result{at(1, 1, 0.5), at(11, 1.2, 0.6), {lane: pack, services: 1}})
	require.Len(t, got, 1)
	assert.InDelta(t, 20, got[0].golang, 1e-9)
	assert.InDelta(t, 10, got[0].javascript, 1e-9)
}
