//go:build lifecycle

package lifecycle_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
)

// keys are context keys with their values, as -c gives them.
type keys map[string]string

func (k keys) with(others ...keys) keys {
	all := maps.Clone(k)
	if all == nil {
		all = keys{}
	}
	for _, other := range others {
		maps.Copy(all, other)
	}
	return all
}

// synthesizer synthesizes each stack with some keys once, and writes its template to a file.
type synthesizer struct {
	dir       string
	templates map[string]*synthesized
}

type synthesized struct {
	file string
	*cdktest.Template
}

func newSynthesizer(t *testing.T) *synthesizer {
	t.Helper()
	return &synthesizer{t.TempDir(), map[string]*synthesized{}}
}

// synth returns the template of a stack, or an error for keys that it refuses.
func (s *synthesizer) synth(t *testing.T, stack string, context keys) (*synthesized, error) {
	t.Helper()
	text, err := json.Marshal(context)
	require.NoError(t, err)
	name := stack + string(text)
	if done := s.templates[name]; done != nil {
		return done, nil
	}
	all := map[string]any{}
	for key, value := range context {
		all[key] = value
	}
	account, region := "", ""
	if context["vpcId"] != "" {
		account, region = "111122223333", "eu-west-1"
	}
	if context["Registry.publicRepositoryName"] != "" {
		account, region = "111122223333", "us-east-1"
	}
	parsed, err := settings.Parse(all, account, region)
	if err != nil {
		return nil, err
	}
	var tpl *cdktest.Template
	if err := try(func() { tpl, _ = cdktest.SynthAnnotated(t, parsed.New(cdktest.App(t), stack, stack)) }); err != nil {
		return nil, err
	}
	done := &synthesized{filepath.Join(s.dir, fmt.Sprintf("%d.json", len(s.templates))), tpl}
	require.NoError(t, os.WriteFile(done.file, tpl.Raw, 0o600))
	s.templates[name] = done
	return done, nil
}

// try returns what a constructor refuses.
func try(build func()) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v", problem)
		}
	}()
	build()
	return nil
}

// change is what CloudFormation does to a resource in an update.
type change struct {
	Id, Impact string
	// Properties are those that change, and other attributes, with what the change of each does.
	Properties map[string]string
}

// diff returns the changes of each update. The code behind `cdk diff` says what they are.
func diff(t *testing.T, from, to []*synthesized) (changes [][]change) {
	t.Helper()
	require.Len(t, to, len(from))
	var pairs []map[string]string
	for i := range from {
		pairs = append(pairs, map[string]string{"from": from[i].file, "to": to[i].file})
	}
	input, err := json.Marshal(pairs)
	require.NoError(t, err)
	cmd := exec.Command("node", "test/lifecycle/diff.mjs")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	output, err := cmd.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(output, &changes))
	require.Len(t, changes, len(from))
	return changes
}

// makeKeys returns the keys that a variable of the Makefile sets with -c.
func makeKeys(t *testing.T, variable string) keys {
	t.Helper()
	output, err := exec.Command("make", "-s", "print-"+variable).Output()
	require.NoError(t, err)
	found := keys{}
	for _, argument := range strings.Split(" "+strings.TrimSpace(string(output)), " -c ")[1:] {
		key, value, isPair := strings.Cut(strings.Trim(strings.TrimSpace(argument), `"`), "=")
		require.True(t, isPair, argument)
		found[key] = value
	}
	require.NotEmpty(t, found, variable)
	return found
}
