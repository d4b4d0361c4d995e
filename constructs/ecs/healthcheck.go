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
	// Starts by which a shell knows that what follows is no program of the image.
	shellWord = regexp.MustCompile(`^(?:[A-Za-z_]\w*=.*|\.|!|cd|eval|exec|exit|export|if|set|source|while)$`)
	// What only a shell understands: a command of its own between two programs, a redirection, a variable.
	shellSyntax = regexp.MustCompile(`^(?:\|\|?|&&?|;|<|\d?>>?(?:&\d|/\S*)?|&>\S*)$|^[^\s'"();]*\$(?:\{?[A-Za-z_]|\()[^\s'"]*$`)
	// The options after which a shell, or another interpreter, takes a program as a text.
	scriptOption = regexp.MustCompile(`^-[a-z]*[cer]$|^--?(?:eval|command|exec)$|^-Command$`)
	// What is never healthy, whatever the container does.
	failing = regexp.MustCompile(`^\s*(?:exit\s+[1-9]\d*|(?:/bin/|/usr/bin/)?false)\s*;?\s*$`)
)

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
	case isKnown && failing.MatchString(program):
		bad.Add("Command", "must be able to succeed").Given(h.Command)
	case isShell:
	case isKnown && strings.ContainsAny(program, " \t\n") && !strings.Contains(program, `\`):
		bad.Add("Command[1]", `must be a program without its arguments after "CMD", which starts it as it is`).Given(program).
			Advise(`give each argument a string of its own, or begin with "CMD-SHELL"`)
	default:
		h.checkWords(bad)
	}
}

// checkWords refuses syntax of a shell in what no shell sees.
func (h *HealthCheck) checkWords(bad *invalid.Problems) {
	for i, word := range h.Command[1:] {
		if scriptOption.MatchString(word) {
			return // a shell's, or another program's that is judged by itself
		}
		if invalid.IsToken(word) || !shellSyntax.MatchString(word) && (i > 0 || !shellWord.MatchString(word)) {
			continue
		}
		bad.Add(check.Index("Command", i+1), `must not be syntax of a shell after "CMD", which starts a program without one`).Given(word).
			Advise(`write []string{"CMD-SHELL", %q}`, strings.Join(h.Command[1:], " "))
		return
	}
}
