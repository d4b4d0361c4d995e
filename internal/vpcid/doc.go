// Package vpcid compares VPCs by their ids. Start with [AreApart].
package vpcid
