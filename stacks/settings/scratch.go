package settings

import (
	"maps"
	"os"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
)

// scratch returns a trial that builds a stack in an app of its own, which has the context of another app and is thrown away, and
// a function to call when all trials are done.
func scratch(app constructs.IConstruct) (try trial, done func()) {
	// What the CLI gives reaches every app through the environment. The rest comes along but for objects, which jsii would wrap.
	context, _ := app.Node().GetAllContext(nil).(map[string]any)
	maps.DeleteFunc(context, func(_ string, value any) bool { _, isObject := value.(map[string]any); return isObject })
	dir, err := os.MkdirTemp("", "trial")
	if err != nil {
		panic(err)
	}
	try = func(name string, c configured) (o outcome) {
		// As AppProps say, and not as the environment of the CLI does, or it would write into the app's own output.
		app := awscdk.NewApp(&awscdk.AppProps{
			AnalyticsReporting: new(false), AutoSynth: new(false), TreeMetadata: new(false), Outdir: &dir, Context: &context,
		})
		o.isBuilt = func(path string) bool { return find(app, path) != nil }
		defer func() {
			if problem := recover(); problem != nil {
				refused, isRefusal := problem.(*invalid.Error)
				o.refused, o.isBroken = refused, !isRefusal
			}
		}()
		c.build(app, name)
		return o
	}
	return try, func() { _ = os.RemoveAll(dir) }
}

// find returns the construct with a path, or nil.
func find(app constructs.IConstruct, path string) constructs.IConstruct {
	for id := range strings.SplitSeq(path, "/") {
		if app = app.Node().TryFindChild(&id); app == nil {
			return nil
		}
	}
	return app
}

// refusalOf returns what a function refuses, if it does; other panics go on.
func refusalOf(f func()) (refused *invalid.Error) {
	defer func() {
		if problem := recover(); problem != nil {
			var isRefusal bool
			if refused, isRefusal = problem.(*invalid.Error); !isRefusal {
				panic(problem)
			}
		}
	}()
	f()
	return nil
}
