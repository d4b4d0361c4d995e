package awscontainers

import rego.v1

# What the rules share. All files of this folder are one package, because the engine lets no custom package import
# another.
#
# The engine gives the template with everything it can know filled in. What it cannot, and what it guessed, must keep a
# rule silent, since a finding fails somebody's synth:
#   {"__ref": id, "__kind": ...}  a Ref or Fn::GetAtt of a resource in this template: followed by refers()
#   {"__dynamic": text}           known at deployment only: a parameter, an import, a Join of these
#   {"__conditional": ...}        Fn::If; the engine's own resolve() would take one branch for the whole truth
#   null                          Ref of AWS::NoValue
#   a plain value                 written so, or guessed: a parameter's default, a mapping for us-east-1, a stack name;
#                                 resolutionSources tells the two apart
# An error in Rego fails every finding of the app, the CDK's own too. So nothing is iterated or calculated before its type
# is sure. And a comprehension stands in the body of a rule, if the rule has a body: the engine does not order it right in
# the head.

# The raw value at a path such as ["Volumes", 0, "Name"], or null.
property(name, keys) := object.get(spelling_properties[name], keys, null)

# True for what stands in the place of a value.
opaque(value) if {
	is_object(value)
	some marker in ["__ref", "__dynamic", "__conditional"]
	marker in object.keys(value)
}

# Where the engine's values come from, when not written out in the template: resource -> {path, source}.
guesses[entry.resourceId] contains {"path": entry.propertyPath, "source": entry.source} if {
	some entry in input.resolutionSources
	not entry.source in {"Intrinsic/Join", "Intrinsic/Sub"}
}

# An Fn::Sub without variables and an Fn::Join of texts are only another way to write a text.
guesses[entry.resourceId] contains {"path": entry.propertyPath, "source": entry.source} if {
	some entry in input.resolutionSources
	entry.source == "Intrinsic/Sub"
	not concat("", [entry.propertyPath, ".Fn::Sub"]) in input.resources[entry.resourceId].redundantSubs
}

guesses[entry.resourceId] contains {"path": entry.propertyPath, "source": entry.source} if {
	some entry in input.resolutionSources
	entry.source == "Intrinsic/Join"
	[entry.resourceId, entry.propertyPath] in joins_of_unknown
}

joins_of_unknown contains [entry.resourceId, join] if {
	some entry in input.resolutionSources
	contains(entry.propertyPath, ".Fn::Join.")
	not concat("", [entry.propertyPath, ".Fn::Sub"]) in input.resources[entry.resourceId].redundantSubs
	join := split(entry.propertyPath, ".Fn::Join.")[0]
}

# The sources of the value at a path: its own intrinsic function, one inside it, or one that made what it lies in.
sources(name, keys) := {guess.source |
	path := dotted(keys)
	some guess in object.get(guesses, name, set())
	at_or_around(guess.path, path)
}

at_or_around(guessed, path) if guessed == path

at_or_around(guessed, path) if startswith(guessed, concat("", [path, ".Fn::"]))

at_or_around(guessed, path) if startswith(path, concat("", [guessed, "."]))

# True if anything below a path is a parameter's default or a mapping's value.
guess_within(name, keys) if {
	some guess in object.get(guesses, name, set())
	startswith(guess.path, dotted(keys))
	depends_on_deployment(guess.source)
}

depends_on_deployment(source) if startswith(source, "Parameters/")

depends_on_deployment(source) if source == "Intrinsic/FindInMap"

dotted(keys) := concat(".", array.concat(["Properties"], [sprintf("%v", [key]) | some key in keys]))

# A string, number or boolean that is written out in the template. Undefined for anything else.
literal(name, keys) := value if {
	value := property(name, keys)
	is_scalar(value)
	count(sources(name, keys)) == 0
}

is_scalar(value) if is_string(value)

is_scalar(value) if is_number(value)

is_scalar(value) if is_boolean(value)

# A number, also when written as a string. Undefined for anything else.
number(value) := value if is_number(value)

number(value) := to_number(value) if {
	is_string(value)
	regex.match(`^(0|[1-9][0-9]*)$`, value)
}

# True if a property is surely not set: nothing around it is unknown either.
absent(name, keys) if {
	property(name, keys) == null
	every depth in numbers.range(0, count(keys)) {
		not opaque(property(name, array.slice(keys, 0, depth)))
	}
}

# A literal, or the service's default if the property is absent. Undefined if unknown.
setting(name, keys, _) := literal(name, keys)

setting(name, keys, otherwise) := otherwise if absent(name, keys)

# The elements of a list property, [] if absent. Undefined if the list as a whole is unknown; its elements may be.
list(name, keys) := value if {
	value := property(name, keys)
	is_array(value)
	count(sources(name, keys)) == 0
}

list(name, keys) := [] if absent(name, keys)

# The values of one literal property of every element of a list. Undefined unless all are known.
every_literal(name, keys, key) := values if {
	elements := list(name, keys)
	values := [value | some i, _ in elements; value := literal(name, array.concat(keys, [i, key]))]
	count(values) == count(elements)
}

# The logical id of the resource of this template that a value refers to, if it has the type.
refers(value, kind) := value.__ref if input.resources[value.__ref].resourceType == kind

# The logical ids that a list refers to. Undefined unless all are of this template and of the type, or if there are none.
references(name, keys, kind) := ids if {
	values := list(name, keys)
	ids := {id | some value in values; id := refers(value, kind)}
	count(values) > 0
	every value in values {
		refers(value, kind)
	}
}

# The path of the value that a reference is in, however it is written there.
value_path(ref) := split(split(split(split(ref.sourcePath, ".Fn::Join")[0], ".Fn::Select")[0], ".Fn::Split")[0], ".Fn::Sub")[0]

# True if another template may use the resource, and so may add to it what this one does not show.
exported(name) if {
	some ref in input.resources[name].incomingRefs
	startswith(ref.source, "__output__")
}

exported(name) if {
	some ref in input.resources[name].incomingRefs
	input.resources[ref.source].resourceType == "AWS::CloudFormation::Stack"
}

# True if code of somebody's own gets hold of the resource.
in_custom_resource(name) if {
	some ref in input.resources[name].incomingRefs
	strings.any_prefix_match(input.resources[ref.source].resourceType, ["Custom::", "AWS::CloudFormation::CustomResource"])
}

# True if something gets hold of the resource that may add to it before the services of this template: code of somebody's
# own or a nested stack. An output does not count: who reads it comes later.
handed_on(name) if in_custom_resource(name)

handed_on(name) if {
	some ref in input.resources[name].incomingRefs
	input.resources[ref.source].resourceType == "AWS::CloudFormation::Stack"
}

# True if no macro and no hook can add resources: rules that find something missing ask this first.
whole_template if {
	count(input.template.transforms) == 0
	not "Hooks" in input.template.rawTopLevelKeys
}

# "a, b, c" for a message.
listed(values) := "none" if count(values) == 0

listed(values) := joined(sorted) if {
	count(values) > 0
	sorted := sort([value | some value in values])
}

# The same in the order given.
joined(values) := concat(", ", [sprintf("%v", [value]) | some value in values])

# True if two resources exist together wherever the second does: the first has no condition, or the same.
exists_with(first, second) if input.resources[first].condition in [null, input.resources[second].condition]

# A list of strings that are all written out, as a set. Undefined for any other, and if there is none.
known_strings(name, keys) := values if {
	elements := list(name, keys)
	values := {value | some i, _ in elements; value := literal(name, array.concat(keys, [i])); is_string(value)}
	count(elements) > 0
	every i, _ in elements {
		is_string(literal(name, array.concat(keys, [i])))
	}
}

keys_at(name, keys) := object.keys(property(name, keys)) if is_object(property(name, keys))

partly_known(value) := value if is_string(value)

partly_known(value) := value.__dynamic if is_string(value.__dynamic)

every_known(values) if {
	every value in values {
		is_string(value)
	}
}
