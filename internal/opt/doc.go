// Package opt turns plain Go values into the pointers that jsii takes. The zero value becomes nil, which leaves the
// choice to the CDK: "zero means the default" holds for every prop of this library. Start with [Default] and [String].
package opt
