// Package secretarn reads the ARNs by which containers refer to secrets. Start with [Check].
package secretarn
