// Package cdktest tests CDK apps in Go. A team's first snapshot test is three lines. Start with [Snapshot]:
//
//	func TestShop(t *testing.T) {
//		app := cdktest.App(t)
//		stack := NewShop(app, "Shop", &ShopProps{Port: 8080})
//		cdktest.Snapshot(t, cdktest.Synth(t, stack))
//	}
//
// Run `go test . -update` once, read testdata/TestShop.json, and commit it. From then on a change of the template fails the test with a
// diff, until you run -update again. The flag, and tests that don't wait for the CDK's validation, take one line in the package:
//
//	func TestMain(m *testing.M) { cdktest.Main(m) }
//
// A snapshot shows that something changed. These say what must hold, whatever else changes:
//   - [Has] checks properties of a resource, that [Template.Only], [Template.At] or [Template.All] finds.
//   - [Template.Follow], [Resource.Ref] and [Template.Refers] follow references, in all spellings.
//   - [MayExactly], [May], [Permissions] and [AssumedBy] say what a role may do, and who may assume it.
//   - [CreatedInOrder] and [DeletedInOrder] say what CloudFormation does first, and [Template.Graph] what needs what.
//   - [Matches] and [Transform] say which events a rule takes, and what its target gets.
//   - [Refused] says why a construct refuses its props.
//   - [Strict] says that neither the CDK's rules nor those of constructs/rules find anything, and that nothing warns.
//
// References are followed by meaning: no test contains a hashed logical ID. Templates are read in Go, so a question costs no call to the
// CDK's Node process. Each check takes a testing.TB and fails it; those that return a bool let the test go on.
//
// jsii is not safe for goroutines: don't call t.Parallel in tests that use the CDK.
package cdktest
