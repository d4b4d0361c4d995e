// Command scaffold writes a new app with one of the reference architectures: its stack as a plain file with its props filled in, the
// constructs that it needs, a snapshot test, documentation and CI. Start with [main]; in the root of a checkout:
//
//	go run ./stacks/scaffold FargateWeb -to ../shop -module example.com/shop -name Shop
//
// The app is a module of its own. By default the constructs are copied into it, below internal, so that it builds anywhere, and a team
// can change them. With -constructs replace it requires this module instead, from this checkout.
package main
