// Package cdktest tests CDK apps in Go by what their templates mean. Start with [Main] in TestMain, [Stack] and [Synth]:
//
//	func TestMain(m *testing.M) { cdktest.Main(m) }
//
//	func TestWeb(t *testing.T) {
//		stack := cdktest.Stack(t)
//		newWeb(stack)
//		tpl := cdktest.Synth(t, stack)
//		cdktest.Has(t, tpl.Only("AWS::ECS::Service"), map[string]any{"DesiredCount": 2}, "one task is not enough")
//	}
//
// Templates are read in Go: references are followed by meaning, never by hashed logical ids, and a question costs no call
// to the CDK's Node process. jsii is not safe for goroutines: don't call t.Parallel in tests that use the CDK.
package cdktest
