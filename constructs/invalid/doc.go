// Package invalid is how constructs refuse props: every problem of a props struct at once, each with the construct path,
// the field, what is allowed and the value given. Start with [Problems] in a Validate method, and with [Refuse] in a constructor.
//
// A constructor panics with *[Error], before it creates anything. Run the body of main by [Exit] to print the problems instead of a
// stack trace.
//
// To check props without constructing anything, call their Validate method.
package invalid
