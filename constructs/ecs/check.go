package ecs

import (
	"awscontainers/internal/check"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
)

func checkGroups(groups []awsec2.ISecurityGroup, bad *invalid.Problems) {
	for i, group := range groups {
		if group == nil {
			bad.Add(check.Index("SecurityGroups", i), "is nil; leave it out or give a security group")
		}
	}
}
