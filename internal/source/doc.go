// Package source finds where in the user's program a construct of the library is created, because jsii carries no Go stack traces.
// Start with [Create], by which every constructor of the library creates its construct.
package source
