package awscontainers

import rego.v1

# METADATA
# title: A container has a health check that can never succeed
# description: "The container is unhealthy from the first check on: ECS stops its task and starts the next one, until the deployment fails."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
# custom:
#   id: AWSC-TASK-005
violation contains make_diag_at("AWSC-TASK-005", "ERROR", task, path, message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	keys := ["ContainerDefinitions", c, "HealthCheck", "Command"]
	is_array(property(task, keys))
	words := task_health_words(task, keys)
	fault := task_health_faults(words)
	path := dotted(keys)
	message := sprintf("the health check of %v of task definition %v can't succeed: %v", [task_container(task, c), task, fault])
}

# The words of a command by their places, null where one is not known.
task_health_words(task, keys) := [word |
	some i, _ in list(task, keys)
	word := task_health_word(task, array.concat(keys, [i]))
]

task_health_word(task, keys) := literal(task, keys) if is_string(literal(task, keys))

task_health_word(task, keys) := null if not is_string(literal(task, keys))

# What is wrong with a command, the first of all that is.
task_health_faults(words) := "it must begin with CMD or CMD-SHELL, followed by a command" if task_health_bare(words)

task_health_faults(words) := "the shell runs only the first of several strings after CMD-SHELL; write the command in one" if {
	words[0] == "CMD-SHELL"
	count(words) > 2
}

task_health_faults(words) := "its command is empty, or only fails" if {
	task_health_named(words)
	not task_health_several(words)
	regex.match(`^\s*(?:exit\s+[1-9]\d*|(?:/bin/|/usr/bin/)?false)?\s*;?\s*$`, words[1])
}

task_health_faults(words) := "CMD starts a program as it is named, with blanks and all; give each argument a string of its own, or use CMD-SHELL" if {
	words[0] == "CMD"
	task_health_named(words)
	regex.match(`^\s*\S+\s+\S`, words[1])
	not contains(words[1], `\`)
	not regex.match(`^\s*exit\s+[1-9]\d*\s*;?\s*$`, words[1])
}

task_health_faults(words) := sprintf("CMD starts a program without a shell, which alone understands %v; use CMD-SHELL", [listed(syntax)]) if {
	words[0] == "CMD"
	task_health_named(words)
	not regex.match(`\s|^$`, words[1])
	script := {i |
		some i, word in words
		i > 0
		is_string(word)
		regex.match(`^-[a-z]*[cer]$|^--?(?:eval|command|exec)$|^-Command$`, word)
	}
	syntax := {word |
		some i, word in words
		i > 0
		is_string(word)
		count({option | some option in script; option <= i}) == 0
		task_health_needs_shell(i, word)
	}
	count(syntax) > 0
}

task_health_bare(words) if count(words) == 0

task_health_bare(words) if {
	is_string(words[0])
	not words[0] in {"CMD", "CMD-SHELL"}
}

task_health_bare(words) if {
	words[0] in {"CMD", "CMD-SHELL"}
	count(words) == 1
}

task_health_named(words) if {
	words[0] in {"CMD", "CMD-SHELL"}
	is_string(words[1])
}

task_health_several(words) if {
	words[0] == "CMD-SHELL"
	count(words) > 2
}

task_health_needs_shell(_, word) if regex.match(`^(?:\|\|?|&&?|;|<|\d?>>?(?:&\d|/\S*)?|&>\S*)$|^[^\s'"();]*\$(?:\{?[A-Za-z_]|\()[^\s'"]*$`, word)

task_health_needs_shell(1, word) if regex.match(`^(?:[A-Za-z_]\w*=.*|\.|!|cd|eval|exec|exit|export|if|set|source|while)$`, word)
