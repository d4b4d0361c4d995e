// Package taskrole creates what every ECS task has, whether ECS, EventBridge or Express Mode starts it: its two roles
// and its log group. Start with [New].
package taskrole
