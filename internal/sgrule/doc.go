// Package sgrule keeps the rules of security groups unique, because EC2 refuses the second of two equal rules. Start with [Stand].
package sgrule
