package rules_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"awscontainers/constructs/rules"
	"awscontainers/internal/cdkpackage"
)

// finding is what the pack reports of a template.
type finding struct{ Rule, Severity, Resource, Message string }

// findings checks a template with the pack.
func findings(t *testing.T, template any) []finding {
	t.Helper()
	e, err := running()
	require.NoError(t, err)
	found, err := e.check(template)
	require.NoError(t, err)
	return found
}

// running is the engine with the pack, which all tests share because it takes seconds to start. It ends with the tests, which closes
// its input.
var running = sync.OnceValues(func() (*engine, error) {
	var pack []source
	for _, s := range rules.Sources() {
		pack = append(pack, source{*s.Name, *s.Content})
	}
	relations, err := os.ReadFile("relations.rego")
	if err != nil {
		return nil, err
	}
	return start(append(pack, source{"relations.rego", string(relations)}))
})

// source is a Rego file.
type source struct {
	Name    string `json:"name"`
	Content string `json:"content"`
}

// engine is the CDK's template validator in a Node process, with rules, but without those that it brings.
type engine struct {
	templates io.Writer
	answers   *bufio.Reader
	errors    *strings.Builder
	wait      func() error
}

func start(pack []source) (*engine, error) {
	directory, err := cdkpackage.Engine()
	if err != nil {
		return nil, err
	}
	e := &engine{errors: &strings.Builder{}}
	node := exec.Command("node", "engine.mjs", directory)
	node.Stderr = e.errors
	e.wait = node.Wait
	if e.templates, err = node.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := node.StdoutPipe()
	if err != nil {
		return nil, err
	}
	e.answers = bufio.NewReader(out)
	if err := node.Start(); err != nil {
		return nil, err
	}
	return e, e.send(pack)
}

// check gives the findings in a template.
func (e *engine) check(template any) ([]finding, error) {
	text, err := json.Marshal(template)
	if err != nil {
		return nil, err
	}
	if err := e.send(string(text)); err != nil {
		return nil, err
	}
	line, err := e.answers.ReadBytes('\n')
	if err != nil {
		return nil, e.failed(err)
	}
	var answer struct {
		Findings []finding
		Error    string
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return nil, err
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("the engine: %s", answer.Error)
	}
	return answer.Findings, nil
}

func (e *engine) send(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := e.templates.Write(append(line, '\n')); err != nil {
		return e.failed(err)
	}
	return nil
}

// failed adds what Node prints as it fails, which explains why it no longer answers.
func (e *engine) failed(err error) error {
	_ = e.wait()
	return fmt.Errorf("the engine does not answer: %w\n%s", err, e.errors)
}
