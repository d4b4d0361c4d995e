// Package nag records, where a resource is made, why it may differ from a cdk-nag rule. The record is template
// metadata, the form that cdk-nag reads, so that a user's own nag run is clean too while the constructs need no
// cdk-nag. Start with [Suppress].
package nag
