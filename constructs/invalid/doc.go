// Package invalid is how constructs refuse props: every problem of a props struct at once, each with the construct path,
// the field, what is allowed and the value given. Start with [Problems] in a Validate method, and with [Refuse] in a constructor.
//
// A constructor panics with *[Error], before it creates anything. To print the problems instead of a stack trace, recover it in
// main, and let every other panic through: an error of the CDK must not vanish.
//
//	defer func() {
//		switch e := recover().(type) {
//		case nil:
//		case *invalid.Error:
//			fmt.Fprintln(os.Stderr, e)
//			os.Exit(1)
//		default:
//			panic(e)
//		}
//	}()
//
// To check props without constructing anything, call their Validate method.
package invalid
