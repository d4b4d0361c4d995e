package test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/storage"
)

// What a main function ends with, by what its body does.
var bodies = map[string]struct {
	body func()
	// code is the exit code, and stderr how standard error begins.
	code   int
	stderr string
}{
	"nothing": {func() {}, 0, ""},
	"a refusal": {func() {
		ecs.NewTask(awscdk.NewStack(awscdk.NewApp(nil), new("Shop"), nil), "Task", &ecs.TaskProps{Cpu: 3, MemoryLimitMiB: -1})
	}, 1, `^exit_test.go:\d+: Shop/Task: Cpu must be .*; got 3\nexit_test.go:\d+: Shop/Task: Containers must have .*\n$`},
	"a refusal of a method": {func() {
		stack := awscdk.NewStack(awscdk.NewApp(nil), new("Shop"), nil)
		storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: importedVpc(stack)}).GrantReadWrite(nil)
	}, 1, `^exit_test.go:\d+: Shop/Files: GrantReadWrite: grantee must not be nil; .*\n$`},
	"several refusals": {func() {
		panic(fmt.Errorf("settings: %w", errors.Join(
			&invalid.Error{Path: "port", Problems: []invalid.Problem{{Wanted: "must be an integer"}}},
			&invalid.Error{Path: "image", Problems: []invalid.Problem{{Wanted: "is required"}}},
		)))
	}, 1, `^settings: port: must be an integer\nimage: is required\n$`},
	"an error of the CDK": {func() {
		app := awscdk.NewApp(nil)
		awscdk.NewStack(app, new("Shop"), nil)
		awscdk.NewStack(app, new("Shop"), nil)
	}, 2, `(?s)^panic: .*There is already a Construct with name 'Shop' in App.*exit_test.go:\d+`},
	"another panic": {func() { panic("on purpose") }, 2, `(?s)^panic: on purpose.*exit_test.go:\d+`},
	"a bug": {func() { _ = *(*int)(nil) }, 2,
		`(?s)^panic: runtime error: invalid memory address.*exit_test.go:\d+`},
}

func TestExit(t *testing.T) {
	const run = "RUN_THE_BODY"
	if c, isChild := bodies[os.Getenv(run)]; isChild {
		func() {
			defer jsii.Close()
			invalid.Exit(c.body)
		}()
		os.Exit(0)
	}
	for name, c := range bodies {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestExit$")
			cmd.Env = append(os.Environ(), run+"="+name)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			err := cmd.Run()
			if exit, failed := errors.AsType[*exec.ExitError](err); failed {
				assert.Equal(t, c.code, exit.ExitCode())
			} else {
				require.NoError(t, err)
				assert.Zero(t, c.code)
			}
			assert.Regexp(t, c.stderr, stderr.String())
		})
	}
}
