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
task_health_faults(words) := faults[0] if {
	faults := [fault |
		some kind in ["bare", "several", "failing", "unreadable", "blanks", "shell", "joined", "syntax"]
		fault := task_health_fault(kind, words)
	]
	count(faults) > 0
}

task_health_fault("bare", words) := "it must begin with CMD or CMD-SHELL, followed by a command" if task_health_bare(words)

task_health_fault("several", words) := "the shell runs only the first of several strings after CMD-SHELL; write the command in one" if {
	words[0] == "CMD-SHELL"
	count(words) > 2
}

task_health_fault("failing", words) := "its command is empty, or only fails" if {
	task_health_named(words)
	task_health_fails(words[0], words[1])
}

task_health_fault("unreadable", words) := "no shell or program can be started so; write the command line alone" if {
	task_health_named(words)
	task_health_unreadable(words[0], words[1])
}

task_health_fault("blanks", words) := "CMD starts a program as it is named, with blanks and all; give each argument a string of its own, or use CMD-SHELL" if {
	words[0] == "CMD"
	task_health_named(words)
	regex.match(`^\s*\S+\s+\S`, words[1])
	not contains(words[1], `\`)
}

task_health_fault("shell", words) := "the shell runs only the first string after -c, and takes one without -c for a script's name; use CMD-SHELL" if {
	words[0] == "CMD"
	task_health_named(words)
	task_health_is_shell(words[1])
	task_health_misread(words)
}

task_health_fault("joined", words) := "CMD passes each string as one argument; give each argument a string of its own, or use CMD-SHELL" if {
	words[0] == "CMD"
	task_health_named(words)
	regex.match(`^(?:.*/)?(?:curl|wget)$`, words[1])
	some i, word in words
	i > 1
	is_string(word)
	regex.match(`^-\S+\s+(?:https?://|--[a-z])`, word)
}

task_health_fault("syntax", words) := fault if {
	words[0] == "CMD"
	task_health_named(words)
	not regex.match(`\s|^$`, words[1])
	not task_health_is_shell(words[1])
	script := {i |
		some i, word in words
		i > 0
		is_string(word)
		not regex.match(`^(?:.*/)?(?:curl|wget|redis-cli|valkey-cli|nc|pg_isready|mysqladmin)$`, words[1])
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
	fault := sprintf("CMD starts a program without a shell, which alone understands %v; use CMD-SHELL", [listed(syntax)])
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

task_health_fails(_, line) if regex.match(`^\s*(?:exit\s+[1-9]\d*|(?:/bin/|/usr/bin/)?false)?\s*;?\s*$`, line)

# A failure after one command, whether that command succeeds or not, unless it ends the shell itself.
task_health_fails("CMD-SHELL", line) if {
	regex.match("^[^|&;(){}\"'`\\n]*(?:\\||;|&&)\\s*(?:exit\\s+[1-9]\\d*|false)\\s*;?\\s*$", line)
	not regex.match(`^\s*(?:exec|exit|return)\b`, line)
}

# An operator at one of the ends, the instruction of a Dockerfile, a list in JSON.
task_health_unreadable(_, line) if regex.match(`^(?:HEALTHCHECK|CMD|CMD-SHELL)$`, line)

task_health_unreadable("CMD-SHELL", line) if {
	regex.match(`(?:\|\|?|&&)\s*$|^\s*(?:\||&|;)|^\s*(?:HEALTHCHECK|CMD|CMD-SHELL)[\s,]|^\s*\[\s*"`, line)
}

task_health_is_shell(program) if regex.match(`^(?:.*/)?(?:ba|da|a|k|z)?sh$`, program)

# Where the options of a shell end that take no command.
task_health_after_options(words) := min({i |
	some i, word in words
	i > 1
	not task_health_plain_option(word)
})

task_health_plain_option(word) if {
	is_string(word)
	startswith(word, "-")
	not regex.match(`^-[a-z]*c[a-z]*$`, word)
}

task_health_misread(words) if {
	i := task_health_after_options(words)
	word := words[i]
	is_string(word)
	not startswith(word, "-")
	regex.match(`\s`, word)
	not contains(word, `\`)
}

task_health_misread(words) if {
	i := task_health_after_options(words)
	is_string(words[i])
	startswith(words[i], "-")
	count(words) == i + 1
}

task_health_misread(words) if {
	i := task_health_after_options(words)
	is_string(words[i])
	startswith(words[i], "-")
	count(words) > i + 2
	is_string(words[i + 1])
	not regex.match(`[\s$]`, words[i + 1]) # with a $, the command may take what follows
}

task_health_needs_shell(_, word) if regex.match(`^(?:(?:\|\|?|&&|;)(?:\s.*)?|&|<|\d?>>?(?:&\d|\s*/\S*)?|&>\s*\S*|~/\S*)$`, word)

task_health_needs_shell(_, word) if regex.match(`\s(?:\|\||&&)\s*exit\b|^[^\s'"();]*\$(?:\{?[A-Za-z_]|\()[^\s'"]*$`, word)

task_health_needs_shell(1, word) if regex.match(`^(?:[A-Za-z_]\w*=.*|\.|!|cd|eval|exec|exit|export|if|set|source|while)$`, word)
