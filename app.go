// The app of reference architectures: `cdk synth <stack>`, `cdk deploy <stack>`. README.md says how.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/rules"
	"awscontainers/stacks"
)

func main() {
	exitCode := run(os.Stderr)
	closeJsii()
	os.Exit(exitCode)
}

// run builds the stacks that the context asks for. A mistake of the user, or an error out of the CDK, is printed without
// a Go stack trace, and the exit code is 1.
func run(stderr io.Writer) (exitCode int) {
	defer func() {
		if problem := recover(); problem != nil {
			if _, isBug := problem.(runtime.Error); isBug {
				panic(problem) // ours, and the stack trace is what finds it
			}
			report(stderr, problem)
			exitCode = 1
		}
	}()
	app := awscdk.NewApp(nil)
	context, _ := app.Node().GetAllContext(nil).(map[string]any)
	settings, err := stacks.ReadContext(context)
	if err != nil {
		report(stderr, err)
		return 1
	}
	build(app, settings)
	rules.Register(app) // starts the validator, which takes seconds: only once nothing was refused
	app.Synth(nil)
	return 0
}

// builders make the stacks, by their names.
var builders = map[string]func(awscdk.App, string, stacks.Common, stacks.Settings){
	"FargateWeb": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewFargateWeb(app, name, &stacks.FargateWebProps{Common: c, FargateWebSettings: s.FargateWeb})
	},
	"Ec2Web": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewEc2Web(app, name, &stacks.Ec2WebProps{Common: c, Ec2WebSettings: s.Ec2Web})
	},
	"Registry": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewRegistry(app, name, &stacks.RegistryProps{Common: c, RegistrySettings: s.Registry})
	},
	"NlbService": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewNlbService(app, name, &stacks.NlbServiceProps{Common: c, NlbServiceSettings: s.NlbService})
	},
	"EventDrivenTask": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewEventDrivenTask(app, name, &stacks.EventDrivenTaskProps{Common: c, EventDrivenTaskSettings: s.EventDrivenTask})
	},
	"ScheduledTask": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewScheduledTask(app, name, &stacks.ScheduledTaskProps{Common: c, ScheduledTaskSettings: s.ScheduledTask})
	},
	"SharedStorage": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewSharedStorage(app, name, &stacks.SharedStorageProps{Common: c, SharedStorageSettings: s.SharedStorage})
	},
	"TaskStateAlerts": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewTaskStateAlerts(app, name, &stacks.TaskStateAlertsProps{Common: c, TaskStateAlertsSettings: s.TaskStateAlerts})
	},
	"EksNodes": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewEksNodes(app, name, &stacks.EksNodesProps{Common: c, EksNodesSettings: s.EksNodes})
	},
	"EksStorage": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewEksStorage(app, name, &stacks.EksStorageProps{Common: c, EksStorageSettings: s.EksStorage})
	},
	"AppRunnerService": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewAppRunnerService(app, name, &stacks.AppRunnerServiceProps{Common: c, AppRunnerServiceSettings: s.AppRunnerService})
	},
	"ExpressService": func(app awscdk.App, name string, c stacks.Common, s stacks.Settings) {
		stacks.NewExpressService(app, name, &stacks.ExpressServiceProps{Common: c, ExpressServiceSettings: s.ExpressService})
	},
}

func build(app awscdk.App, settings stacks.Settings) {
	common := stacks.Common{
		Profile: settings.Profile,
		Account: os.Getenv("CDK_DEFAULT_ACCOUNT"),
		Region:  os.Getenv("CDK_DEFAULT_REGION"),
		VpcId:   settings.VpcId,
	}
	if common.Account == "" {
		// No credentials: then the Region is what the CLI guesses, us-east-1, not where anybody wants to deploy.
		common.Region = ""
	}
	for _, name := range settings.Stacks {
		builders[name](app, name, common, settings)
	}
	stacks.Tag(app, settings)
}

// report prints a line a problem. What comes out of jsii is an error whose text is the CDK's own.
func report(w io.Writer, problem any) {
	if refused, ok := problem.(*invalid.Error); ok {
		_, _ = fmt.Fprintln(w, refused)
		return
	}
	_, _ = fmt.Fprintln(w, "error:", strings.TrimPrefix(fmt.Sprint(problem), "Error: "))
}

// closeJsii ends the Node process and passes on what it still had to say. When it is closed, jsii-runtime-go waits for the
// process in two places; whichever comes second says so on os.Stderr, where it would look like a failure. After this,
// os.Stderr leads nowhere.
func closeJsii() {
	stderr := os.Stderr
	read, write, err := os.Pipe()
	if err != nil {
		jsii.Close()
		return
	}
	os.Stderr = write
	done := make(chan struct{})
	go func() {
		defer close(done)
		said, _ := io.ReadAll(read)
		noise := []byte("Runtime process exited abnormally: waitid: no child processes")
		_, _ = stderr.Write(bytes.ReplaceAll(said, noise, nil))
	}()
	jsii.Close()
	_ = write.Close()
	<-done
}
