package ecs

import (
	"regexp"

	"awscontainers/internal/check"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
)

// ecsName is what ECS takes as the name of a cluster, service, family, container or volume.
var ecsName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// checkName accepts the empty name, which lets CloudFormation make one.
func checkName(field, name string, bad *invalid.Problems) {
	if name != "" && !invalid.IsToken(name) && !ecsName.MatchString(name) {
		bad.Add(field, "%q is no name for ECS; use 1 to 255 letters, digits, hyphens and underscores", name)
	}
}

func checkGroups(groups []awsec2.ISecurityGroup, bad *invalid.Problems) {
	for i, group := range groups {
		if group == nil {
			bad.Add(check.Index("SecurityGroups", i), "is nil; leave it out or give a security group")
		}
	}
}
