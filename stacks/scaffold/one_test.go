//go:build !recipes

package main

// scaffolded are the apps that TestScaffold writes: one of them, because each takes a while. `make test-recipes` writes all.
var scaffolded = []wanted{{stack: "FargateWeb", constructs: constructsCopied}}
