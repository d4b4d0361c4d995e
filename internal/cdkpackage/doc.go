// Package cdkpackage unpacks the npm packages of the CDK, which its Go modules carry for jsii: the same code as the CDK runs, without a
// download. Start with [Unpack].
package cdkpackage
