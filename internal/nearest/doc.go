// Package nearest finds the known name that was probably meant by a mistyped one. Start with [Of].
package nearest
