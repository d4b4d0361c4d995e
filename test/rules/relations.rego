package awscontainers

import rego.v1

# Shows the relations of a template that has a resource of type Custom::Relations, as findings of their own, so that a test can read what
# the pack's helpers answer. constructs/rules/relations.md describes them.
violation contains make_diag_at(sprintf("TEST-%v", [relation]), "INFO", "Relations", "", message) if {
	count(resources_of_type("Custom::Relations")) > 0
	some relation, rows in relations
	some row in rows
	message := concat(" ", [part | some part in row; part != ""])
}

relations := {
	"run": {[run.kind, run.name, task, place, groups, fargate] |
		some run in run_all
		task := said("task", {task | task := run_task(run)})
		place := said("subnets", {id | some value in run_list(run, "subnets"); id := refers(value, "AWS::EC2::Subnet")})
		groups := said("groups", {id | some value in run_list(run, "groups"); id := refers(value, "AWS::EC2::SecurityGroup")})
		fargate := said("on", run_fargate_by(run))
	},
	"assume": {[use.by, use.purpose, use.role, "for", use.principal, concat("+", sort(use.actions))] | some use in assume_uses},
	"call": {[need.role, need.action, "for", need.kind, need.by] | some need in call_needs},
	"pass": {[pass.kind, pass.by, "passes", pass.role, pass.key, "of", pass.task] | some pass in call_passes},
	"send": {[way.from, "to", way.to, "as", way.principal] | some way in send_ways},
	"reach": {[way.from, listed(way.from_groups), "to", way.to, listed(way.to_groups), sprintf("%v", [way.port])] | some way in reach_ways},
	"order": {[need.next, "after", need.first] | some need in order_needs},
	"name": {[use.by, use.what, sprintf("%v", [use.given]), "of", listed(use.names)] | some use in name_uses},
}

said(_, values) := "" if count(values) == 0

said(what, values) := sprintf("%v=%v", [what, concat("+", sort(values))]) if count(values) > 0
