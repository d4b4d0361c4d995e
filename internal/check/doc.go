// Package check holds the validators that several packages share. Each adds its problem to a list and accepts CDK
// tokens, which are known only when CloudFormation deploys. Start with [Range], [Known] and [Match].
package check
