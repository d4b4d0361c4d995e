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
	startswith(entry.propertyPath, "Properties.")
	not contains(entry.propertyPath, ".Fn::")
	spelling_source(entry.source)
	keys := [key | some part in split(trim_prefix(entry.propertyPath, "Properties."), "."); key := spelling_key(part)]
	given := object.get(input.resources[entry.resourceId].properties, keys, {}).__dynamic
	spelling_is_other(given)
	text := {"path": entry.propertyPath, "keys": keys, "given": given}
}

spelling_source(source) if source in {"Intrinsic/Join", "Intrinsic/Select", "Intrinsic/Sub"}

spelling_source(source) if startswith(source, "Parameters/")

spelling_key(part) := to_number(part) if spelling_is_index(part)

spelling_key(part) := part if not spelling_is_index(part)

spelling_is_index(part) if {
	part != ""
	count(part) < 6
	trim(part, "0123456789") == ""
}

# There are many texts, so this and what follows takes no text apart by regular expressions, which is slow here; regex.match is not.
spelling_is_other(given) if startswith(given, "Sub:")

spelling_is_other(given) if startswith(given, "Select with ")

spelling_is_other(given) if regex.match(`^Join:(arn:[^{]*)?\{ref:[A-Za-z0-9]+\}$`, given)

# Not a long text, such as that of a dashboard, in which no rule looks for a name.
spelling_is_other(given) if {
	startswith(given, "Join:")
	count(split(given, "{dynamic}")) in numbers.range(2, 8)
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

# A reference and nothing else.
spelling_value(name, text, references) := {"__ref": target, "__kind": kind} if {
	whole := spelling_text(name, text, references)
	regex.match(`^Join:\{(part|ref):[A-Za-z0-9]+\}$`, whole)
	target := trim_suffix(split(whole, ":")[2], "}")
	kinds := {ref.kind | some ref in references; ref.target == target}
	count(kinds) == 1
	some kind in kinds
}

# An ARN whose last part is the name of a resource.
spelling_value(name, text, references) := {"__ref": target, "__kind": "getatt:Arn"} if {
	whole := spelling_text(name, text, references)
	target := spelling_target_of_arn(whole)
}

# A parameter and nothing else, as the engine has it for a Ref.
spelling_value(name, text, references) := {"__dynamic": sprintf("parameter %v value unknown", [parameter])} if {
	whole := spelling_text(name, text, references)
	regex.match(`^Join:\{parameter:[A-Za-z0-9]+\}$`, whole)
	parameter := trim_suffix(split(whole, ":")[2], "}")
}

spelling_value(name, text, references) := {"__dynamic": plain} if {
	whole := spelling_text(name, text, references)
	not regex.match(`^Join:\{(parameter|part|ref):[A-Za-z0-9]+\}$`, whole)
	not spelling_target_of_arn(whole)
	unknown := {mark: "{dynamic}" | some ref in references; mark := sprintf("{parameter:%v}", [ref.target])}
	plain := strings.replace_n(unknown, whole)
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

# Whose name it is that an ARN ends with. What Ref gives is the name, for these.
spelling_target_of_arn(whole) := target if {
	startswith(whole, "Join:arn:")
	regex.match(`^Join:arn:[^{]*\{(part|ref):[A-Za-z0-9]+\}$`, whole)
	target := trim_suffix(split(split(whole, "{")[1], ":")[1], "}")
	some begin in spelling_arns[input.resources[target].resourceType]
	regex.match(concat("", ["^Join:arn:[^:]*:", begin, "\\{"]), whole)
}

spelling_arns := {
	"AWS::ECS::Cluster": ["ecs:[^:]*:[^:]*:cluster/"],
	"AWS::EKS::Cluster": ["eks:[^:]*:[^:]*:cluster/"],
	"AWS::IAM::InstanceProfile": ["iam::[^:]*:instance-profile/"],
	"AWS::IAM::Role": ["iam::[^:]*:role/"],
	"AWS::S3::Bucket": ["s3:::"],
	"AWS::SNS::Topic": ["sns:[^:]*:[^:]*:"],
	"AWS::SQS::Queue": ["sqs:[^:]*:[^:]*:"],
}

# A text with a mark for each reference in it: {ref:Role}, {part:Role}, {parameter:Name}, or {dynamic} for one that is not known.
spelling_text(name, text, references) := marked if {
	startswith(text.given, "Join:")
	pieces := split(text.given, "{dynamic}")
	marks := spelling_hidden(name, text, references)
	count(marks) == count(pieces) - 1
	marked := concat("", array.concat([pieces[0]], [piece | some i, mark in marks; piece := concat("", [mark, pieces[i + 1]])]))
}

# Something else is hidden in it, too.
spelling_text(name, text, references) := text.given if {
	startswith(text.given, "Join:")
	count(spelling_hidden(name, text, references)) != count(split(text.given, "{dynamic}")) - 1
}

spelling_text(name, text, references) := marked if {
	startswith(text.given, "Sub:")
	pieces := split(trim_prefix(text.given, "Sub:"), "${")
	shown := {variable: mark |
		some i, piece in pieces
		i > 0
		variable := split(piece, "}")[0]
		mark := spelling_shown(name, text, variable, references)
	}
	hidden := {variable | some i, piece in pieces; i > 0; variable := split(piece, "}")[0]; not shown[variable]}
	known := object.union(shown, spelling_only(text, hidden, shown, references))
	rest := [concat("", [mark, substring(piece, count(variable) + 1, -1)]) |
		some i, piece in pieces
		i > 0
		variable := split(piece, "}")[0]
		mark := object.get(known, variable, "{dynamic}")
	]
	marked := concat("", array.concat(["Join:", pieces[0]], rest))
}

# The marks for what an Fn::Join hides, in the order of its list: the engine writes {dynamic} for each element that is not a Ref or
# Fn::GetAtt of a resource.
spelling_hidden(name, text, references) := [mark |
	hidden := {[place, hides] | some ref in references; place := spelling_element(text, ref); hides := spelling_hides(name, text, place, ref)}
	some n in sort({place | some [place, _] in hidden})
	mark := spelling_one({hides | some [place, hides] in hidden; place == n})
]

spelling_one(marks) := mark if {
	count(marks) == 1
	some mark in marks
}

spelling_one(marks) := "{dynamic}" if count(marks) > 1

# The place in the list of an Fn::Join that a reference is in.
spelling_element(text, ref) := n if {
	list_path := concat("", [text.path, ".Fn::Join.1."])
	startswith(ref.path, list_path)
	n := spelling_key(split(trim_prefix(ref.path, list_path), ".")[0])
	is_number(n)
}

spelling_hides(_, text, n, ref) := "{dynamic}" if ref.path != spelling_element_path(text, n)

spelling_hides(name, text, n, ref) := mark if {
	ref.path == spelling_element_path(text, n)
	some source in ["Intrinsic/Join", "Intrinsic/Select", "Intrinsic/Sub", concat("", ["Parameters/", ref.target])]
	{"path": ref.path, "source": source} in object.get(guesses, name, set())
	mark := spelling_of_source(name, ref, source)
}

spelling_element_path(text, n) := sprintf("%v.Fn::Join.1.%v", [text.path, n])

spelling_of_source(_, ref, "Intrinsic/Select") := sprintf("{part:%v}", [ref.target]) if input.resources[ref.target]

spelling_of_source(name, ref, "Intrinsic/Sub") := sprintf("{ref:%v}", [ref.target]) if spelling_simple(name, ref.path)

spelling_of_source(name, ref, source) := "{dynamic}" if {
	source in {"Intrinsic/Join", "Intrinsic/Sub"}
	not spelling_simple(name, ref.path)
}

spelling_of_source(_, ref, source) := sprintf("{parameter:%v}", [ref.target]) if startswith(source, "Parameters/")

# True if a value is an Fn::Sub of one reference that has no variables of its own.
spelling_simple(name, path) if {
	some simple in input.resources[name].simpleSubs
	simple.path == path
}

# The mark for what the text of an Fn::Sub shows by its name. It may have a variable of its own with the name of a resource, which means
# a part of it, or something else: then there is no such reference.
spelling_shown(name, text, variable, references) := mark if {
	target := split(variable, ".")[0]

	# Not in another function that the variable has for its value.
	targets := {ref.target | some ref in references; ref.path == text.path}
	target in targets
	mark := sprintf("{%v:%v}", [spelling_certainty(name, text, variable, target), target])
}

# ${!Name} is a text, ${Name}.
spelling_shown(_, _, variable, _) := sprintf("${%v}", [trim_prefix(variable, "!")]) if startswith(variable, "!")

spelling_certainty(_, _, _, target) := "parameter" if not input.resources[target]

spelling_certainty(name, text, variable, target) := "ref" if {
	input.resources[target]
	spelling_is_itself(name, text, variable)
}

spelling_certainty(name, text, variable, target) := "part" if {
	input.resources[target]
	not spelling_is_itself(name, text, variable)
}

spelling_is_itself(_, _, variable) if contains(variable, ".")

spelling_is_itself(name, text, variable) if {
	text.given == concat("", ["Sub:${", variable, "}"])
	spelling_simple(name, text.path)
}

# The mark for the only variable whose reference an Fn::Sub hides, if there is one reference for it.
spelling_only(text, hidden, shown, references) := {variable: mark |
	count(hidden) == 1
	some variable in hidden
	named := {trim_suffix(split(mark, ":")[1], "}") | some mark in shown; contains(mark, ":")}
	others := {ref.target | some ref in references; ref.path == text.path} - named
	count(others) == 1
	some other in others
	mark := sprintf("{%v:%v}", [spelling_hidden_certainty(other), other])
}

spelling_hidden_certainty(target) := "part" if input.resources[target]

spelling_hidden_certainty(target) := "parameter" if not input.resources[target]

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
