// Package ids makes construct ids and paths. Start with [Suffix].
package ids
