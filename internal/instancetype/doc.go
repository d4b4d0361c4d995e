// Package instancetype reads the names of EC2's instance types. Start with [Parse].
package instancetype
