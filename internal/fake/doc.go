// Package fake has stand-ins for CDK objects in tests of validation, which reach no CDK. Their other methods panic.
// Start with [TwoZones].
package fake
