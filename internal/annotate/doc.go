// Package annotate attaches warnings and notes to constructs. Every one goes through here, so that a change of the
// CDK's signatures (2.277 changed AddWarningV2) is one change. Start with [Warning] and [Note].
package annotate
