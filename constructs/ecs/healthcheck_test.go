package ecs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHealthChecksThatCanSucceed(t *testing.T) {
	for _, command := range [][]string{
		{"CMD-SHELL", "curl -f http://localhost/ || exit 1"},
		{"CMD-SHELL", "test -f /tmp/ready && ! grep -q $MODE /etc/x"},
		{"CMD-SHELL", "${Token[TOKEN.12]}"},
		{"CMD", "/healthcheck"},
		{"CMD", "curl", "--fail", "--silent", "http://localhost:8080/up?a=1&b=2"},
		{"CMD", "sh", "-c", "curl -f http://localhost:$PORT/ || exit 1"},
		{"CMD", "/bin/bash", "-ec", "a | b"},
		{"CMD", "python", "-c", "import os; os.environ['PORT']"},
		{"CMD", "node", "-e", "fetch(`http://localhost:${process.env.PORT}`)"},
		{"CMD", "grep", "-q", "ok$", "/tmp/state"},
		{"CMD", "grep", "-q", "a = 1 > 0", "/tmp/state"},
		{"CMD", `C:\Program Files\App\check.exe`},
		{"CMD", "${Token[TOKEN.12]}", "${Token[TOKEN.13]}"},
		{"CMD", "test", "-f", "/tmp/ready"},
		{"CMD", "[", "-f", "/tmp/ready", "]"},
		{"CMD", "sh", "/check.sh", "--all"}, {"CMD", "sh", "-c", `curl -f "$0"`, "http://localhost/"}, {"CMD", "bash", "-e", "/check.sh"},
		{"CMD", "awk", "$1 > 3 && $2 { exit 1 }", "/tmp/state"}, {"CMD", "python", "-c", "print(1)", "||", "exit", "1"},
		{"CMD", "curl", "-f", "-H", "Host: example.com", "http://localhost/"},
		{"CMD-SHELL", "exec curl -f http://localhost/; exit 1"}, {"CMD-SHELL", "curl -f http://localhost/ && exit 0; exit 1"},
		{"CMD-SHELL", "if curl -f http://localhost/; then exit 0; fi; exit 1"}, {"CMD-SHELL", "[ -f /tmp/ready ]"},
		{"CMD-SHELL", "curl -f http://localhost/;"}, {"CMD-SHELL", "curl -f http://localhost/ | grep -q exit 1"},
	} {
		assert.NoError(t, (&HealthCheck{Command: command}).validate(), "%q", command)
	}
}

func TestHealthChecksThatCannotSucceed(t *testing.T) {
	for want, commands := range map[string][][]string{
		`Command must begin with "CMD" or "CMD-SHELL", followed by a command`: {
			nil, {}, {"CMD"}, {"CMD-SHELL"}, {"curl -f http://localhost/"}, {"curl", "-f", "http://localhost/"}, {"cmd", "curl"}, {"NONE", "x"},
			{"CMD-SHELL curl -f http://localhost/ || exit 1"}, {"CMD-SHELL, curl -f http://localhost/ || exit 1"},
		},
		`Command[1] must be a command`: {{"CMD-SHELL", ""}, {"CMD", " ", "x"}},
		`Command must have one string after "CMD-SHELL", because the shell runs only the first of several`: {
			{"CMD-SHELL", "curl", "-f", "http://localhost:8080/"}, {"CMD-SHELL", "curl -f http://localhost/", "|| exit 1"},
		},
		`Command must be able to succeed`: {{"CMD-SHELL", "exit 1"}, {"CMD-SHELL", " false "}, {"CMD", "/bin/false"},
			{"CMD-SHELL", "curl -f http://localhost/ | exit 1"}, {"CMD-SHELL", "curl -f http://localhost/; exit 1"},
			{"CMD-SHELL", "curl -f http://localhost/ && exit 1"}, {"CMD", "sh", "-c", "curl -f http://localhost/; false"}},
		`Command[1] must be a command that can run`: {
			{"CMD-SHELL", "curl -f http://localhost/ ||"}, {"CMD-SHELL", "|| exit 1"}, {"CMD-SHELL", "CMD curl -f http://localhost/ || exit 1"},
			{"CMD-SHELL", `["curl", "-f", "http://localhost/"]`}, {"CMD", "CMD-SHELL", "curl -f http://localhost/"},
		},
		`Command must have the command in one string after "-c", because the shell runs only the first of several`: {
			{"CMD", "sh", "-c", "curl", "-f", "http://localhost/"}, {"CMD", "/bin/bash", "-e", "-c", "curl", "-f", "http://localhost/"},
		},
		`Command[2] must be the name of a script, or a command after "-c"`: {{"CMD", "/bin/sh", "curl -f http://localhost/ || exit 1"}},
		`Command[2] requires a command after it`:                           {{"CMD", "sh", "-c"}},
		`Command[2] must be one argument after "CMD", which passes it as it is`: {
			{"CMD", "curl", "-f http://localhost/"}, {"CMD", "/usr/bin/wget", "-q --spider", "http://localhost/"},
		},
		`Command[2] must not be syntax of a shell after "CMD", which starts a program without one`: {
			{"CMD", "curl", "-f http://localhost/ || exit 1"}, {"CMD", "cat", "~/ready"},
		},
		`Command[3] must not be syntax of a shell after "CMD", which starts a program without one`: {
			{"CMD", "curl", "-f", "http://localhost/ || exit 1"}, {"CMD", "redis-cli", "ping", "| grep PONG"},
		},
		`Command[1] must be a program without its arguments after "CMD", which starts it as it is`: {
			{"CMD", "curl -f http://localhost/ || exit 1"}, {"CMD", "curl -f", "http://localhost/"},
		},
		`Command[4] must not be syntax of a shell after "CMD", which starts a program without one`: {
			{"CMD", "curl", "-f", "http://localhost/", "||", "exit", "1"}, {"CMD", "curl", "-f", "http://localhost/", "&&", "true"},
			{"CMD", "cat", "-n", "/tmp/state", "|", "grep", "ok"}, {"CMD", "curl", "-s", "http://localhost/", ">/dev/null"},
			{"CMD", "curl", "-s", "http://localhost/", "2>&1"}, {"CMD", "curl", "-f", "-s", "http://localhost:$PORT/"},
			{"CMD", "pg_isready", "-q", "-U", "${POSTGRES_USER}"}, {"CMD", "ping", "-n", "1", "$(hostname)"},
			{"CMD", "curl", "-f", "http://localhost/", "|| exit 1"}, {"CMD", "curl", "-f", "http://localhost/", "> /dev/null"},
			{"CMD", "redis-cli", "-c", "ping", "|", "grep", "PONG"}, {"CMD", "curl", "-sfe", "http://localhost/", "||", "exit", "1"},
			{"CMD", "psql", "-q", "-U", "$POSTGRES_USER", "-c", "select 1"},
		},
		`Command[1] must not be syntax of a shell after "CMD", which starts a program without one`: {
			{"CMD", "exit", "0"}, {"CMD", "!", "grep", "x", "/tmp/y"}, {"CMD", "PORT=80", "check"}, {"CMD", "$CHECK"},
		},
	} {
		for _, command := range commands {
			err := (&HealthCheck{Command: command}).validate()
			if assert.Error(t, err, "%q", command) {
				assert.Contains(t, fmt.Sprint(err), want, "%q", command)
			}
		}
	}
}
