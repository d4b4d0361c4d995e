// Package events tells people what becomes of tasks.
package events
