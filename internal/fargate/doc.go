// Package fargate knows the task sizes that AWS Fargate offers. Start with [CheckSize].
package fargate
