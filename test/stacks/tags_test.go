package stacks_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

// notTagged are the resources that carry no tags, though the CDK knows tags of their types, and why.
var notTagged = map[string]string{
	"AWS::EKS::Nodegroup": "EKS doesn't hand its tags on, and refuses to change them together with what replaces nodes: its launch template " +
		"has them",
	"AWS::CloudFront::VpcOrigin":                  "CloudFront refuses to change them while a distribution uses the VPC origin",
	"AWS::ElasticLoadBalancingV2::Listener":       noTagsInSchema,
	"AWS::ElasticLoadBalancingV2::ListenerRule":   noTagsInSchema,
	"AWS::CloudWatch::Dashboard":                  noTagsInSchema,
	"AWS::ApplicationAutoScaling::ScalableTarget": noTagsInSchema + "; it costs nothing",
}

const noTagsInSchema = "CloudFormation's published schema lacks them, so cfn-lint refuses them"

// replacedByTags are the types whose tags can't change without a new address: the profile, which may change, isn't one of them.
var replacedByTags = []string{"AWS::AppRunner::Service", "AWS::AppRunner::VpcIngressConnection", "AWS::ECS::ExpressGatewayService"}

// Whoever pays asks for tags on everything: each resource whose type can have tags carries those of the app, in every variant.
func TestTagsReachEveryResource(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range variants {
		tpl := v.synth(t)
		for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
			r := tpl.Resources[id]
			property := tagProperty(t, r.Type)
			if property == "" {
				continue
			}
			seen[r.Type] = true
			text, err := json.Marshal(r.Properties[property])
			require.NoError(t, err)
			isTagged := strings.Contains(string(text), `"Project"`) &&
				strings.Contains(string(text), `"Profile"`) != slices.Contains(replacedByTags, r.Type)
			if notTagged[r.Type] != "" {
				assert.Nil(t, r.Properties[property], "%s: %s carries tags: take its type out of notTagged", v.name, id)
			} else {
				assert.True(t, isTagged, "%s: %s %s has no tags in %s", v.name, r.Type, id, property)
			}
		}
	}
	for kind := range notTagged {
		assert.True(t, seen[kind], "%s is in no template, or has no tags in the CDK either", kind)
	}
	assert.Greater(t, len(seen), 40, "the types were not found in the CDK's source")
}

// What launch templates and controllers create has the tags too.
func TestTagsReachWhatNoTemplateHolds(t *testing.T) {
	type settings struct {
		Env        map[string]string
		Controller struct{ ExtraVolumeTags map[string]string }
	}
	for _, v := range variants {
		tpl := v.synth(t)
		for _, template := range tpl.All("AWS::EC2::LaunchTemplate") {
			var tagged []string
			for _, specification := range cdktest.List(template.Get("LaunchTemplateData.TagSpecifications")) {
				assert.Contains(t, keysOf(specification.(map[string]any)["Tags"]), "Project", v.name)
				tagged = append(tagged, specification.(map[string]any)["ResourceType"].(string))
			}
			assert.Equal(t, []string{"instance", "volume", "network-interface"}, tagged, v.name)
		}
		for _, addOn := range tpl.All("AWS::EKS::Addon") {
			var of settings
			text, _ := addOn.Get("ConfigurationValues").(string)
			switch addOn.Get("AddonName") {
			case "vpc-cni":
				require.NoError(t, json.Unmarshal([]byte(text), &of))
				assert.Contains(t, of.Env["ADDITIONAL_ENI_TAGS"], `"Project":"awscontainers"`, v.name)
			case "aws-ebs-csi-driver":
				require.NoError(t, json.Unmarshal([]byte(text), &of))
				assert.Equal(t, "awscontainers", of.Controller.ExtraVolumeTags["Project"], v.name)
			}
		}
		for _, chart := range tpl.All("Custom::AWSCDK-EKS-HelmChart") {
			text, err := json.Marshal(chart.Properties["Values"])
			require.NoError(t, err)
			assert.Regexp(t, `defaultTags[^}]*Project[^}]*awscontainers`, string(text), v.name)
		}
		for _, template := range tpl.All("AWS::ECR::RepositoryCreationTemplate") {
			assert.NotNil(t, template.Properties["CustomRoleArn"], "ECR's own role gives no tags")
		}
	}
}

// Tags that somebody adds to the app, before or after the stack, reach the nodes as those of the app's settings do.
func TestTagsOfTheAppReachNodesInAnyOrder(t *testing.T) {
	for _, isFirst := range []bool{true, false} {
		app := cdktest.App(t)
		add := func() { awscdk.Tags_Of(app).Add(jsii.String("CostCenter"), jsii.String("42"), nil) }
		if isFirst {
			add()
		}
		stack := variantNamed(t, "EksNodes-kinds").build(t, app, "EksNodes")
		if !isFirst {
			add()
		}
		tpl := cdktest.Synth(t, stack)
		assert.Nil(t, tpl.Only("AWS::EKS::Nodegroup").Properties["Tags"])
		for _, template := range tpl.All("AWS::EC2::LaunchTemplate") {
			for _, specification := range cdktest.List(template.Get("LaunchTemplateData.TagSpecifications")) {
				assert.Contains(t, keysOf(specification.(map[string]any)["Tags"]), "CostCenter")
			}
		}
		assert.Contains(t, shared.AddOn(tpl, "vpc-cni").Get("ConfigurationValues"), "CostCenter")
		function := tpl.At("AWS::Lambda::Function", "/Custom::VpcRestrictDefaultSGCustomResourceProvider/")
		assert.Contains(t, keysOf(function.Properties["Tags"]), "CostCenter")
	}
}

// keysOf gives the keys of a list of tags.
func keysOf(tags any) (keys []string) {
	for _, tag := range cdktest.List(tags) {
		keys = append(keys, tag.(map[string]any)["Key"].(string))
	}
	return keys
}

var (
	tagField      = regexp.MustCompile("(?m)^\t((?:\\w+)?Tags|TagSpecifications) (?:interface|\\*\\[\\]|\\*map).* json:\"(\\w+)\"")
	tagProperties = map[string]string{} // by resource type; "" has none
	cdkSource     string
)

// tagProperty gives the property with the tags of a resource type, as the CDK's Go source has it, or "".
func tagProperty(t *testing.T, resourceType string) string {
	t.Helper()
	parts := strings.Split(resourceType, "::")
	if len(parts) != 3 {
		return "" // a custom resource
	}
	property, isKnown := tagProperties[resourceType]
	if isKnown {
		return property
	}
	if cdkSource == "" {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-cdk-go/awscdk/v2").Output()
		require.NoError(t, err)
		cdkSource = strings.TrimSpace(string(out))
	}
	source, err := os.ReadFile(filepath.Join(cdkSource, "aws"+strings.ToLower(parts[1]), "Cfn"+parts[2]+"Props.go"))
	require.NoError(t, err, "the CDK has no %s", resourceType)
	for _, m := range tagField.FindAllStringSubmatch(string(source), -1) {
		if !strings.HasSuffix(m[1], "ManagedTags") { // a switch
			property = strings.ToUpper(m[2][:1]) + m[2][1:]
		}
	}
	tagProperties[resourceType] = property
	return property
}
