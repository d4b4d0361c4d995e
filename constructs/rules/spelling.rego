package awscontainers

import rego.v1

# One spelling for every reference. A template can say the same thing in many ways:
#   {"Ref": "Role"}, {"Fn::Sub": "${Role}"}, {"Fn::Sub": ["${R}", {"R": {"Ref": "Role"}}]}, {"Fn::Join": ["", [{"Ref": "Role"}]]}
#   {"Fn::GetAtt": ["Role", "Arn"]}, {"Fn::GetAtt": "Role.Arn"}, {"Fn::Sub": "${Role.Arn}"}, …
# The engine follows only Ref, Fn::GetAtt and an Fn::Select of a list, and gives the rest as text ("Sub:${Role.Arn}"), with a list of
# the references of each resource. Here both are put together, so that rules see
#   {"__ref": "Role", "__kind": "getatt:Arn"}              for a value that is a reference and nothing else
#   {"__dynamic": "Join:arn:aws:s3:::{ref:Bucket}/*"}      for a text with references in it, as if it were an Fn::Join; {part:Bucket}
#                                                          where it may be a part of it
# What can't be known for sure stays as the engine gives it, and keeps rules silent.
#
# An Fn::Select of an Fn::Split takes a part of a value, such as the name out of an ARN. If there is one reference in it, that is what
# it names: {"__ref": "Cluster", "__kind": "part"}.

# The properties of each resource in that spelling. Rules read them by property() and what builds on it.
spelling_properties[name] := properties if {
	some name, changes in spelling_changes
	properties := spelling_applied(input.resources[name].properties, changes)
}

spelling_properties[name] := resource.properties if {
	some name, resource in input.resources
	not spelling_changes[name]
}

# The values of a resource that have another spelling: {"keys", "value"}.
spelling_changes[name] := changes if {
	some name, texts in spelling_texts
	changes := [change |
		some text in texts
		references := spelling_references(name, text)
		count(references) > 0
		change := {"keys": text.keys, "value": spelling_value(name, text, references)}
	]
	count(changes) > 0
}

# The values of each resource that the engine gives as a text in which there may be a reference, but not in that spelling.
spelling_texts[entry.resourceId] contains text if {
	some entry in input.resolutionSources
	entry.source in {"Intrinsic/Join", "Intrinsic/Select", "Intrinsic/Sub"}
	startswith(entry.propertyPath, "Properties.")
	not contains(entry.propertyPath, ".Fn::")
	keys := [key | some part in split(trim_prefix(entry.propertyPath, "Properties."), "."); key := spelling_key(part)]
	given := object.get(input.resources[entry.resourceId].properties, keys, {}).__dynamic
	spelling_is_other(given)
	text := {"path": entry.propertyPath, "keys": keys, "given": given}
}

# No regular expressions here, since there are many texts, and the engine compiles an expression anew each time.
spelling_is_other(given) if startswith(given, "Sub:")

spelling_is_other(given) if startswith(given, "Select with ")

spelling_is_other(given) if {
	startswith(given, "Join:{ref:")
	indexof(given, "}") == count(given) - 1
}

# Of several places that hide a name, none can be told from the others.
spelling_is_other(given) if {
	startswith(given, "Join:")
	count(split(given, "{dynamic}")) == 2
}

# The references in a text.
spelling_references(name, text) := [found |
	some ref in input.resources[name].outgoingRefs
	startswith(ref.sourcePath, text.path)
	regex.match(`^($|\.Fn::|\.[0-9]+$)`, trim_prefix(ref.sourcePath, text.path))
	found := {"path": ref.sourcePath, "target": ref.target, "kind": spelling_kind(ref)}
]

spelling_kind(ref) := "resource" if object.get(ref, "attr", null) == null

spelling_kind(ref) := concat(":", ["getatt", ref.attr]) if object.get(ref, "attr", null) != null

spelling_key(part) := to_number(part) if regex.match(`^(0|[1-9][0-9]*)$`, part)

spelling_key(part) := part if not regex.match(`^(0|[1-9][0-9]*)$`, part)

# A reference and nothing else.
spelling_value(name, text, references) := {"__ref": target, "__kind": kind} if {
	whole := spelling_text(name, text, references)
	target := regex.find_all_string_submatch_n(`^Join:\{(?:part|ref):([A-Za-z0-9]+)\}$`, whole, 1)[0][1]
	kinds := {ref.kind | some ref in references; ref.target == target}
	count(kinds) == 1
	some kind in kinds
}

spelling_value(name, text, references) := {"__dynamic": whole} if {
	whole := spelling_text(name, text, references)
	not regex.match(`^Join:\{(part|ref):[A-Za-z0-9]+\}$`, whole)
}

spelling_value(_, text, references) := {"__ref": target, "__kind": "part"} if {
	startswith(text.given, "Select ")
	targets := {ref.target | some ref in references}
	count(targets) == 1
	some target in targets

	# Otherwise it selects from a list, by an index that the engine can't read.
	every ref in references {
		not regex.match(`\.[0-9]+$`, trim_prefix(ref.path, text.path))
	}
}

# The text of an Fn::Join or Fn::Sub as that of an Fn::Join.
spelling_text(name, text, references) := marked if {
	not startswith(text.given, "Select ")
	parts := regex.find_n(`\$\{[^}]*\}|\{dynamic\}|\{ref:[A-Za-z0-9]+\}`, text.given, -1)
	shown := {part: mark | some part in parts; mark := spelling_mark(part, references)}
	hidden := [part | some part in parts; not shown[part]]
	targets := spelling_targets(shown)

	# The only one whose name is hidden, in the only place that hides one.
	others := {ref.target |
		some ref in references
		input.resources[ref.target]
		not ref.target in targets
		spelling_alone(name, text, ref)
	}
	found := {part: mark | some part in hidden; count(hidden) == 1; count(others) == 1; some other in others; mark := sprintf("{part:%v}", [other])}
	known := object.union(shown, found)
	marks := {part: mark | some part in parts; mark := object.get(known, part, "{dynamic}")}
	marked := concat("", ["Join:", strings.replace_n(marks, regex.replace(text.given, `^(Join|Sub):`, ""))])
}

# What stands in the text for a reference that shows its name.
spelling_mark(part, _) := part if startswith(part, "{ref:")

spelling_mark(part, references) := sprintf("{ref:%v}", [variable.target]) if {
	variable := spelling_variable(part)
	variable.attribute != ""
	some ref in references
	ref.target == variable.target
}

# An Fn::Sub may have a variable of its own with the name of a resource, which means a part of it, or something else.
spelling_mark(part, references) := sprintf("{part:%v}", [variable.target]) if {
	variable := spelling_variable(part)
	variable.attribute == ""
	some ref in references
	ref.target == variable.target
}

spelling_variable(part) := {"target": found[1], "attribute": found[2]} if {
	found := regex.find_all_string_submatch_n(`^\$\{([A-Za-z0-9]+)((?:\.[A-Za-z0-9.]+)?)\}$`, part, 1)[0]
	input.resources[found[1]]
}

spelling_targets(marks) := {target |
	some mark in marks
	target := regex.replace(mark, `^\{[a-z]+:|\}$`, "")
}

# True if a reference stands in a text with nothing around it that the engine hides: as a variable of an Fn::Sub, as an Fn::Sub of
# itself in an Fn::Join, or as an Fn::Select of its parts there.
spelling_alone(_, text, ref) if ref.path == text.path

spelling_alone(name, _, ref) if {
	some simple in input.resources[name].simpleSubs
	simple.path == ref.path
}

spelling_alone(name, _, ref) if {"path": ref.path, "source": "Intrinsic/Select"} in object.get(guesses, name, set())

# Properties with changes in them. Rego has no recursion, so each step takes the deepest changes one level up.
spelling_applied(properties, changes) := lifted if {
	last := spelling_lifted_4(properties, spelling_lifted_4(properties, spelling_lifted_4(properties, changes)))
	last[0].keys == []
	lifted := last[0].value
}

spelling_applied(properties, changes) := properties if {
	some change in changes
	count(change.keys) > 12
}

spelling_lifted_4(properties, changes) := spelling_lifted(properties, spelling_lifted(properties, spelling_lifted(properties, spelling_lifted(properties, changes))))

spelling_lifted(properties, changes) := array.concat(lifted, others) if {
	depth := max([count(change.keys) | some change in changes])
	depth > 0
	others := [change | some change in changes; count(change.keys) < depth]
	parents := {array.slice(change.keys, 0, depth - 1) | some change in changes; count(change.keys) == depth}
	lifted := [{"keys": parent, "value": value} |
		some parent in parents
		replaced := {key: change.value |
			some change in changes
			count(change.keys) == depth
			array.slice(change.keys, 0, depth - 1) == parent
			key := change.keys[depth - 1]
		}
		value := spelling_replaced(spelling_at(properties, parent), replaced)
	]
}

spelling_lifted(_, changes) := changes if max([count(change.keys) | some change in changes]) == 0

spelling_at(properties, keys) := properties if keys == []

spelling_at(properties, keys) := object.get(properties, keys, null) if keys != []

spelling_replaced(parent, replaced) := list_of if {
	is_array(parent)
	list_of := [value | some key, old in parent; value := object.get(replaced, key, old)]
}

# object.union would keep parts of what is replaced.
spelling_replaced(parent, replaced) := object_of if {
	is_object(parent)
	object_of := {key: value | some key, old in parent; value := object.get(replaced, key, old)}
}
