package ecs

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// HealthCheck is a command that ECS runs inside the container.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
type HealthCheck struct {
	// Command begins with "CMD" for a program and its arguments, one by one and as they are, or with "CMD-SHELL" for one line for the
	// image's shell. Exit code 0 is healthy. Required.
	Command []string
	// Interval is the time between two checks, 5 to 300 s. Default: 30 s.
	Interval time.Duration
	// Timeout is how long one check may take, 2 to 60 s. Default: 5 s.
	Timeout time.Duration
	// Retries is how many failures in a row make the container unhealthy, 1 to 10. Default: 3.
	Retries int
	// StartPeriod is a time at the start in which failures do not count, up to 300 s. Default: none.
	StartPeriod time.Duration
}

func (h *HealthCheck) validate() error {
	var bad invalid.Problems
	h.checkCommand(&bad)
	check.Seconds("Interval", h.Interval, 5*time.Second, 300*time.Second, &bad)
	check.Seconds("Timeout", h.Timeout, 2*time.Second, 60*time.Second, &bad)
	check.Seconds("StartPeriod", h.StartPeriod, 0, 300*time.Second, &bad)
	if h.Retries != 0 {
		check.Range("Retries", h.Retries, 1, 10, &bad)
	}
	return bad.Err()
}

var (
	// Beginnings that a shell runs itself, rather than a program of the image.
	shellWord = regexp.MustCompile(`^(?:[A-Za-z_]\w*=.*|\.|!|cd|eval|exec|exit|export|if|set|source|while)$`)
	// What only a shell understands: a command of its own between or after two programs, a redirection, a home directory, a variable.
	shellSyntax = regexp.MustCompile(`^(?:(?:\|\|?|&&|;)(?:\s.*)?|&|<|\d?>>?(?:&\d|\s*/\S*)?|&>\s*\S*|~/\S*)$|\s(?:\|\||&&)\s*exit\b|` +
		`^[^\s'"();]*\$(?:\{?[A-Za-z_]|\()[^\s'"]*$`)
	// The options after which a shell, or another interpreter, takes a program as a text.
	scriptOption = regexp.MustCompile(`^-[a-z]*[cer]$|^--?(?:eval|command|exec)$|^-Command$`)
	// Programs whose options of these names are others.
	noInterpreter = regexp.MustCompile(`^(?:.*/)?(?:curl|wget|redis-cli|valkey-cli|nc|pg_isready|mysqladmin)$`)
	// Programs that take several arguments in one word for one argument that they don't know.
	client      = regexp.MustCompile(`^(?:.*/)?(?:curl|wget)$`)
	joinedWords = regexp.MustCompile(`^-\S+\s+(?:https?://|--[a-z])`)
	// A shell by its name, and its option for a command.
	shellName   = regexp.MustCompile(`^(?:.*/)?(?:ba|da|a|k|z)?sh$`)
	shellOption = regexp.MustCompile(`^-[a-z]*c[a-z]*$`)
	// What is never healthy, whatever the container does.
	failing = regexp.MustCompile(`^\s*(?:exit\s+[1-9]\d*|(?:/bin/|/usr/bin/)?false)\s*;?\s*$`)
	// A failure after one command, whether that command succeeds or not, unless it ends the shell itself.
	failingEnd = regexp.MustCompile("^[^|&;(){}\"'`\n]*(?:\\||;|&&)\\s*(?:exit\\s+[1-9]\\d*|false)\\s*;?\\s*$")
	endsShell  = regexp.MustCompile(`^\s*(?:exec|exit|return)\b`)
	// What no shell can read: an operator at one of the ends, the instruction of a Dockerfile, a list in JSON.
	unreadable = regexp.MustCompile(`(?:\|\|?|&&)\s*$|^\s*(?:\||&|;)|^\s*(?:HEALTHCHECK|CMD|CMD-SHELL)[\s,]|^\s*\[\s*"`)
	// Keywords of the shell, which are not programs.
	keyword = regexp.MustCompile(`^(?:HEALTHCHECK|CMD|CMD-SHELL)$`)
)

// neverSucceeds reports whether a command line fails whatever the container does.
func neverSucceeds(line string) bool {
	return failing.MatchString(line) || failingEnd.MatchString(line) && !endsShell.MatchString(line)
}

// checkCommand refuses commands that can't succeed: the container would be unhealthy, and its task replaced, without end.
func (h *HealthCheck) checkCommand(bad *invalid.Problems) {
	const example = `write []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}`
	if len(h.Command) < 2 || !slices.Contains([]string{"CMD", "CMD-SHELL"}, h.Command[0]) {
		bad.Add("Command", `must begin with "CMD" or "CMD-SHELL", followed by a command`).Given(h.Command).Advise(example)
		return
	}
	program, isShell := h.Command[1], h.Command[0] == "CMD-SHELL"
	isKnown := !invalid.IsToken(program)
	switch {
	case strings.TrimSpace(program) == "":
		bad.Add("Command[1]", "must be a command").Given(program).Advise(example)
	case isShell && len(h.Command) > 2:
		bad.Add("Command", `must have one string after "CMD-SHELL", because the shell runs only the first of several`).Given(h.Command).
			Advise(`write []string{"CMD-SHELL", %q}, or begin with "CMD"`, strings.Join(h.Command[1:], " "))
	case isKnown && (failing.MatchString(program) || isShell && neverSucceeds(program)):
		bad.Add("Command", "must be able to succeed").Given(h.Command)
	case isKnown && (isShell && unreadable.MatchString(program) || keyword.MatchString(program)):
		bad.Add("Command[1]", "must be a command that can run").Given(program).Advise(example)
	case isShell:
	case isKnown && strings.ContainsAny(program, " \t\n") && !strings.Contains(program, `\`):
		bad.Add("Command[1]", `must be a program without its arguments after "CMD", which starts it as it is`).Given(program).
			Advise(`give each argument a string of its own, or begin with "CMD-SHELL"`)
	case isKnown && shellName.MatchString(program):
		h.checkShell(bad)
	default:
		h.checkWords(bad)
	}
}

// checkShell refuses commands of a shell by its name that it doesn't run: more than the string after -c, or a command line that it takes
// for the name of a script.
func (h *HealthCheck) checkShell(bad *invalid.Problems) {
	i := 2
	for i < len(h.Command) && strings.HasPrefix(h.Command[i], "-") && !shellOption.MatchString(h.Command[i]) {
		i++
	}
	switch {
	case i == len(h.Command) || invalid.IsToken(h.Command[i]):
	case !shellOption.MatchString(h.Command[i]):
		if strings.ContainsAny(h.Command[i], " \t") && !strings.Contains(h.Command[i], `\`) {
			bad.Add(check.Index("Command", i), `must be the name of a script, or a command after "-c"`).Given(h.Command[i]).
				Advise(`write []string{"CMD-SHELL", %q}`, h.Command[i])
		}
	case i+1 == len(h.Command):
		bad.Add(check.Index("Command", i), "requires a command after it").Given(h.Command[i])
	case invalid.IsToken(h.Command[i+1]):
	case neverSucceeds(h.Command[i+1]):
		bad.Add("Command", "must be able to succeed").Given(h.Command)
	case i+2 < len(h.Command) && !strings.ContainsAny(h.Command[i+1], " \t\n$"): // with a $, the command may take what follows
		bad.Add("Command", `must have the command in one string after %q, because the shell runs only the first of several`, h.Command[i]).
			Given(h.Command).Advise(`write []string{"CMD-SHELL", %q}`, strings.Join(h.Command[i+1:], " "))
	}
}

// checkWords refuses syntax of a shell in what no shell sees.
func (h *HealthCheck) checkWords(bad *invalid.Problems) {
	program := h.Command[1]
	for i, word := range h.Command[1:] {
		if scriptOption.MatchString(word) && !noInterpreter.MatchString(program) {
			return // another program's, that is judged by itself
		}
		switch {
		case invalid.IsToken(word):
		case client.MatchString(program) && joinedWords.MatchString(word) && !shellSyntax.MatchString(word):
			bad.Add(check.Index("Command", i+1), `must be one argument after "CMD", which passes it as it is`).Given(word).
				Advise(`give each argument a string of its own, or begin with "CMD-SHELL"`)
			return
		case shellSyntax.MatchString(word) || i == 0 && shellWord.MatchString(word):
			bad.Add(check.Index("Command", i+1), `must not be syntax of a shell after "CMD", which starts a program without one`).Given(word).
				Advise(`write []string{"CMD-SHELL", %q}`, strings.Join(h.Command[1:], " "))
			return
		}
	}
}
