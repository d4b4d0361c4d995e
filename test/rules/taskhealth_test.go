package rules_test

import "fmt"

// healthCases change the health check's command of the task's container.
func healthCases() (cases []ruleCase) {
	command := func(text string) map[string]string {
		return map[string]string{pathContainer + ".HealthCheck": fmt.Sprintf(`{"Command": %s}`, text)}
	}
	for name, text := range map[string]string{
		"Empty":                  `[]`,
		"WithoutPrefix":          `["curl", "-f", "http://localhost/"]`,
		"OneStringOfAll":         `["CMD-SHELL curl -f http://localhost/ || exit 1"]`,
		"WithoutCommand":         `["CMD-SHELL"]`,
		"ShellOfWords":           `["CMD-SHELL", "curl", "-f", "http://localhost:8080/"]`,
		"ShellOfUnknowns":        `["CMD-SHELL", {"Ref": "Param"}, {"Ref": "Param"}]`,
		"ShellOfNothing":         `["CMD-SHELL", " "]`,
		"ShellThatFails":         `["CMD-SHELL", "exit 1"]`,
		"ProgramThatFails":       `["CMD", "false"]`,
		"ProgramAndBlanks":       `["CMD", "curl -f http://localhost/ || exit 1"]`,
		"ProgramAndOr":           `["CMD", "curl", "-f", "http://localhost/", "||", "exit", "1"]`,
		"ProgramAndPipe":         `["CMD", "cat", "/tmp/state", "|", "grep", "ok"]`,
		"ProgramAndOutput":       `["CMD", "curl", "http://localhost/", ">/dev/null", "2>&1"]`,
		"ProgramAndSetting":      `["CMD", "pg_isready", "-U", "$POSTGRES_USER"]`,
		"ProgramOfAShell":        `["CMD", "exit", "0"]`,
		"ProgramAndOrInOne":      `["CMD", "curl", "-f", "http://localhost/", "|| exit 1"]`,
		"ProgramAndOrWithin":     `["CMD", "curl", "-f", "http://localhost/ || exit 1"]`,
		"ProgramAndJoined":       `["CMD", "curl", "-f http://localhost/"]`,
		"ProgramAndHome":         `["CMD", "cat", "~/ready"]`,
		"ClientAndOr":            `["CMD", "redis-cli", "-c", "ping", "|", "grep", "PONG"]`,
		"ShellByNameOfWords":     `["CMD", "sh", "-c", "curl", "-f", "http://localhost/"]`,
		"ShellByNameOfFile":      `["CMD", "/bin/sh", "curl -f http://localhost/ || exit 1"]`,
		"ShellByNameOfNothing":   `["CMD", "bash", "-e", "-c"]`,
		"ShellThatFailsInTheEnd": `["CMD-SHELL", "curl -f http://localhost/ | exit 1"]`,
		"ShellThatEndsOpen":      `["CMD-SHELL", "curl -f http://localhost/ ||"]`,
		"ShellOfDockerfile":      `["CMD-SHELL", "CMD curl -f http://localhost/ || exit 1"]`,
		"PrefixTwice":            `["CMD", "CMD-SHELL", "curl -f http://localhost/"]`,
	} {
		cases = append(cases, ruleCase{name: "Health" + name, changes: command(text), want: []string{"AWSC-TASK-005 Task"}})
	}
	for name, text := range map[string]string{
		"Shell":           `["CMD-SHELL", "curl -f http://localhost:$PORT/ || exit 1"]`,
		"Program":         `["CMD", "curl", "-f", "http://localhost/?a=1&b=2"]`,
		"ProgramAlone":    `["CMD", "/healthcheck"]`,
		"ShellByName":     `["CMD", "sh", "-c", "curl -f http://localhost:$PORT/ || exit 1"]`,
		"Interpreter":     `["CMD", "node", "-e", "fetch(process.env.URL)"]`,
		"WindowsProgram":  `["CMD", "C:\\\\Program Files\\\\check.exe"]`,
		"EndOfALine":      `["CMD", "grep", "ok$", "/tmp/state"]`,
		"ShellAndScript":  `["CMD", "sh", "-e", "/check.sh", "--all"]`,
		"ShellAndWords":   `["CMD", "sh", "-c", "curl -f \"$0\"", "http://localhost/"]`,
		"ShellReplaced":   `["CMD-SHELL", "exec curl -f http://localhost/; exit 1"]`,
		"ShellTest":       `["CMD-SHELL", "[ -f /tmp/ready ]"]`,
		"ProgramOfItsOwn": `["CMD", "awk", "$1 > 3 && $2 { exit 1 }", "/tmp/state"]`,
		"UnknownScript":   `["CMD", "sh", "-c", {"Ref": "Param"}, "x"]`,
		"UnknownOption":   `["CMD", "sh", {"Ref": "Param"}, "a b"]`,
		"Unknown":         valueUnknown,
		"UnknownPrefix":   `[{"Ref": "Param"}, "curl", "-f", "x"]`,
		"UnknownProgram":  `["CMD", {"Ref": "Param"}]`,
		"GuessedProgram":  `["CMD-SHELL", {"Ref": "Defaulted"}]`,
		"ConditionalWord": `["CMD", "curl", {"Fn::If": ["Condition", "||", "-f"]}]`,
	} {
		cases = append(cases, ruleCase{name: "Health" + name, changes: command(text)})
	}
	return cases
}
