// Package invalid is how constructs refuse props: every problem of a props struct at once, each with the construct path,
// the field, the value given and what is allowed.
//
// A constructor panics with *[Error]. To handle it rather than let the program end, recover it:
//
//	defer func() {
//		if e, ok := recover().(*invalid.Error); ok {
//			fmt.Fprintln(os.Stderr, e)
//			os.Exit(1)
//		}
//	}()
package invalid
