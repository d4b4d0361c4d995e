// Package rules is a validation pack for container infrastructure: rules that look across the resources of a synthesized
// template and find what would fail, or hang, only once it is deployed. Start with [Register]. The README lists the rules.
//
// They run in the CDK's own validator, on what CloudFormation would get, so they see L1s, escape hatches and included
// templates as well as this library's constructs. A rule that meets something unknown (a parameter, an import, an Fn::If)
// stays silent.
package rules
