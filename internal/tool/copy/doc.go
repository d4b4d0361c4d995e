// Command copy copies packages of this repository into a module of their own, with all that they import of it and with their tests.
// Start with [main]; in the root of a checkout:
//
//	go run ./internal/tool/copy -pkg ecs -to ../mine -module example.com/mine
//
// `make copy PKG=ecs TO=../mine MODULE=example.com/mine` is the same.
package main
