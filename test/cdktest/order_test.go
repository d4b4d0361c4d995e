package cdktest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

const ordered = `{"Resources": {
	"Cluster": {"Type": "Cluster"},
	"Role": {"Type": "Role"},
	"Policy": {"Type": "Policy", "Properties": {"Roles": [{"Ref": "Role"}]}},
	"Task": {"Type": "Task", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
	"Service": {"Type": "Service", "DependsOn": ["Policy"], "Properties": {
		"Cluster": {"Fn::Sub": "${Cluster}"}, "Task": {"Fn::If": ["C", {"Ref": "Task"}, {"Ref": "AWS::NoValue"}]}}},
	"Alarm": {"Type": "Alarm", "DependsOn": "Service"},
	"Instance": {"Type": "Instance", "Metadata": {"AWS::CloudFormation::Init": {"x": {"Ref": "Cluster"}}}}
}}`

func TestOrder(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(ordered))
	r := func(id string) *cdktest.Resource { return tpl.Resources[id] }
	assert.True(t, cdktest.CreatedInOrder(t, r("Role"), r("Policy"), r("Service"), r("Alarm")))
	assert.True(t, cdktest.CreatedInOrder(t, r("Role"), r("Task"), r("Alarm")), "over other resources")
	assert.True(t, cdktest.CreatedInOrder(t, r("Cluster"), r("Instance")), "by metadata")
	assert.True(t, cdktest.DeletedInOrder(t, r("Alarm"), r("Service"), r("Cluster")))
	assert.True(t, r("Alarm").ComesAfter(r("Cluster")))
	assert.False(t, r("Cluster").ComesAfter(r("Alarm")))
	assert.False(t, r("Cluster").ComesAfter(r("Cluster")))

	for want, check := range map[string]func(t testing.TB){
		"CloudFormation creates Service Service before Alarm Alarm, not after: Alarm Alarm needs Service Service": func(t testing.TB) {
			cdktest.CreatedInOrder(t, r("Alarm"), r("Service"))
		},
		"CloudFormation creates Cluster Cluster and Policy Policy at the same time: " +
			"Policy Policy neither depends on Cluster Cluster nor refers to it": func(t testing.TB) {
			cdktest.CreatedInOrder(t, r("Role"), r("Cluster"), r("Policy"))
		},
		"CloudFormation deletes Alarm Alarm before Role Role, not after: Alarm Alarm needs Service Service": func(t testing.TB) {
			cdktest.DeletedInOrder(t, r("Role"), r("Alarm"))
		},
		"CloudFormation deletes Task Task and Policy Policy at the same time: " +
			"Task Task neither depends on Policy Policy nor refers to it": func(t testing.TB) {
			cdktest.DeletedInOrder(t, r("Task"), r("Policy"))
		},
		"an order takes two resources": func(t testing.TB) { cdktest.CreatedInOrder(t, r("Alarm")) },
		"no resource":                  func(t testing.TB) { cdktest.DeletedInOrder(t, r("Alarm"), r("Nothing")) },
	} {
		assert.Contains(t, failure(t, check), want)
	}
}

// Resources that need each other are a mistake that CloudFormation refuses; the question ends nevertheless.
func TestOrderOfACircle(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(`{"Resources": {
		"A": {"Type": "A", "DependsOn": "B"}, "B": {"Type": "B", "Properties": {"A": {"Ref": "A"}}}, "C": {"Type": "C"}}}`))
	assert.True(t, tpl.Resources["A"].ComesAfter(tpl.Resources["B"]))
	assert.True(t, tpl.Resources["B"].ComesAfter(tpl.Resources["A"]))
	assert.False(t, tpl.Resources["A"].ComesAfter(tpl.Resources["C"]))
	said := failure(t, func(t testing.TB) { cdktest.CreatedInOrder(t, tpl.Resources["A"], tpl.Resources["B"]) })
	assert.Equal(t, "CloudFormation refuses resources that need each other: B B needs A A, A A needs B B\n", said)
}
