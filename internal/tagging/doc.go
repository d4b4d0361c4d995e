// Package tagging gives the tags of a construct, those of awscdk.Tags, to what the CDK doesn't tag: what a launch template launches, what
// controllers create, and resources that the CDK creates without tags. Start with [Launched].
package tagging
