package eks_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/eks"
	"awscontainers/test/cdktest"
)

// An app without the feature flag tags its stacks, and CloudFormation then tags node groups, which the template can't prevent.
func TestTagsOfTheStackItselfAreWarnedOf(t *testing.T) {
	for flag, want := range map[bool]int{true: 0, false: 1} {
		app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"@aws-cdk/core:explicitStackTags": flag}})
		stack := awscdk.NewStack(app, jsii.String("Test"), nil)
		eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: newEksShop(stack, nil), InstanceTypes: []string{"m7g.large"}})
		awscdk.Tags_Of(app).Add(jsii.String("CostCenter"), jsii.String("42"), nil)
		_, annotations := cdktest.SynthAnnotated(t, stack)
		assert.Equal(t, want, strings.Count(strings.Join(annotations, "\n"), "explicitStackTags"), "flag %v: %q", flag, annotations)
	}
}

// Controllers in Kubernetes take tags as one argument: a comma would end it, and the controller.
func TestTagsThatControllersCannotTakeAreLeftOut(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newEksShop(stack, nil)
	disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster})
	awscdk.Tags_Of(stack).Add(jsii.String("Owners"), jsii.String("a,b"), nil)
	awscdk.Tags_Of(stack).Add(jsii.String("Stack"), stack.StackName(), nil)
	awscdk.Tags_Of(disks).Add(jsii.String("Team"), jsii.String("the shop = 1"), nil)
	tpl, annotations := cdktest.SynthAnnotated(t, stack)
	assert.JSONEq(t, `{"controller":{"extraVolumeTags":{"Stack":"Test","Team":"the shop = 1"}},"node":{"reservedVolumeAttachments":5}}`,
		addOn(tpl, "aws-ebs-csi-driver").Get("ConfigurationValues").(string))
	assert.JSONEq(t, `{"env":{"ADDITIONAL_ENI_TAGS":"{\"Owners\":\"a,b\",\"Stack\":\"Test\"}"}}`,
		addOn(tpl, "vpc-cni").Get("ConfigurationValues").(string), "JSON takes all characters")
	assert.Contains(t, strings.Join(annotations, "\n"), `The tag "Owners"="a,b" reaches nothing that Kubernetes creates`)
}
