package shared

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// Weights are those of the groups in a forward action.
func Weights(tpl *cdktest.Template, action any, groups ...*cdktest.Resource) (weights []any) {
	for _, group := range groups {
		for _, share := range cdktest.List(cdktest.Dig(action, "ForwardConfig.TargetGroups")) {
			if tpl.Follow(cdktest.Dig(share, "TargetGroupArn")) == group {
				weights = append(weights, cdktest.Dig(share, "Weight"))
			}
		}
	}
	return weights
}

// AddOn is the add-on of a name, or nil.
func AddOn(tpl *cdktest.Template, name string) *cdktest.Resource {
	for _, a := range tpl.All("AWS::EKS::Addon") {
		if a.Get("AddonName") == name {
			return a
		}
	}
	return nil
}

// Subnets are those of a kind, such as "Private".
func Subnets(tpl *cdktest.Template, kind string) (found []*cdktest.Resource) {
	for _, tag := range tpl.All("AWS::EC2::Subnet") {
		if HasTag(tag, "aws-cdk:subnet-name", kind) {
			found = append(found, tag)
		}
	}
	return found
}

// DefaultRoute is the subnet's route to everywhere, or nil.
func DefaultRoute(t *testing.T, tpl *cdktest.Template, subnet *cdktest.Resource) *cdktest.Resource {
	t.Helper()
	for _, association := range tpl.All("AWS::EC2::SubnetRouteTableAssociation") {
		if association.Ref("SubnetId") != subnet {
			continue
		}
		for _, route := range tpl.All("AWS::EC2::Route") {
			if route.Ref("RouteTableId") == association.Ref("RouteTableId") && route.Get("DestinationCidrBlock") == "0.0.0.0/0" {
				return route
			}
		}
	}
	return nil
}

// HasTag reports whether a resource has a tag.
func HasTag(r *cdktest.Resource, key, value string) bool {
	tags, _ := r.Get("Tags").([]any)
	for _, tag := range tags {
		if cdktest.Dig(tag, "Key") == key && cdktest.Dig(tag, "Value") == value {
			return true
		}
	}
	return false
}

// Attribute is an attribute of a load balancer, or nil.
func Attribute(r *cdktest.Resource, key string) any {
	for _, a := range cdktest.List(r.Get("LoadBalancerAttributes")) {
		if cdktest.Dig(a, "Key") == key {
			return cdktest.Dig(a, "Value")
		}
	}
	return nil
}

// LaunchTemplate is the data of the launch template below a path.
func LaunchTemplate(tpl *cdktest.Template, path string) *cdktest.Resource {
	return tpl.At("AWS::EC2::LaunchTemplate", path)
}

// Lifecycle reads a lifecycle policy: "tagged v* imageCountMoreThan 9", in the order in which ECR applies its rules.
func Lifecycle(t *testing.T, text any) (rules []string) {
	t.Helper()
	require.IsType(t, "", text)
	var policy struct {
		Rules []struct {
			RulePriority int
			Selection    struct {
				TagStatus, CountType string
				TagPatternList       []string
				CountNumber          int
			}
			Action struct{ Type string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text.(string)), &policy))
	for i, r := range policy.Rules {
		require.Equal(t, i+1, r.RulePriority)
		require.Equal(t, "expire", r.Action.Type)
		rules = append(rules, fmt.Sprint(r.Selection.TagStatus, " ", strings.Join(r.Selection.TagPatternList, ","), " ", r.Selection.CountType,
			" ", r.Selection.CountNumber))
	}
	return rules
}

// MayLog is what it takes to write to one log group.
func MayLog(group *cdktest.Resource) cdktest.Grant {
	return cdktest.Allow("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents").On(group)
}
