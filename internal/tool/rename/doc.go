// Command rename gives this repository another module path. Start with [main]; in the root of a checkout:
//
//	go run ./internal/tool/rename -module github.com/you/awscontainers
//
// `make rename MODULE=github.com/you/awscontainers` is the same. It changes go.mod, imports, documentation and configuration. It leaves
// what isn't an import path: the package of the rules and their identifiers, the identifiers of warnings, and the Project tag.
package main
