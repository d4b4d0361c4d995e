// Package shared is what the tests of constructs and those of stacks have in common: values, and questions that they ask of a
// template.
package shared
