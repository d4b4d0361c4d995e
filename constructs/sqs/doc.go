// Package sqs creates queues whose messages wait for a worker: encrypted, with a dead-letter queue for messages that fail again and again.
// Start with [NewQueue], and let a service of package ecs follow its backlog with ecs.QueueScaling.
package sqs
