// Package stacks holds the reference architectures, one file each, made to be read top to bottom and copied. Each deploys
// on its own.
package stacks
