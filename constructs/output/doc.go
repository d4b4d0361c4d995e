// Package output writes stack outputs from plain values, as the getters of the other packages return them. Start with [New].
package output
