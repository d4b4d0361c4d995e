// Package peer lets a construct stand for security groups that are not its own children. Start with [Connectable].
package peer
