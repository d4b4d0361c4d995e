// Package settings turns the context of this repository's app, `-c FargateWeb.port=8080` or cdk.json, into stacks. Start with
// [Read]; it knows every context key, and reports all mistakes at once, each by the key that the user typed:
//
//	invalid.Exit(func() {
//		app := awscdk.NewApp(nil)
//		s, err := settings.Read(app)
//		if err != nil {
//			panic(err)
//		}
//		s.Build(app)
//		app.Synth(nil)
//	})
//
// It is the only place that knows the CDK's CLI and the profiles dev and prod: the props of a stack say what the stack does, and
// a profile is a choice of them. To add a stack, write its file in the package stacks, a file here that declares its keys and
// turns them into props, and a row in the table of stacks (table.go). Names, keys, their documentation and the app follow.
package settings
