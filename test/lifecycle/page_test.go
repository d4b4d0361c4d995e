//go:build lifecycle

package lifecycle_test

import (
	_ "embed" // pageHead
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"awscontainers/stacks/settings"
)

// interruptions are what an update of some properties does to what runs.
var interruptions = []struct {
	kind, properties, text string
}{
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
	{"AWS::ECS::Service", "TaskDefinition CapacityProviderStrategy PlatformVersion NetworkConfiguration ServiceConnectConfiguration " +
		"VolumeConfigurations LoadBalancers ServiceRegistries ForceNewDeployment", "starts new tasks of %s"},
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html
	{"AWS::ECS::ExpressGatewayService", "PrimaryContainer Cpu Memory TaskRoleArn ExecutionRoleArn NetworkConfiguration HealthCheckPath",
		"starts new tasks of %s"},
	// https://docs.aws.amazon.com/apprunner/latest/dg/manage-deploy.html
	{"AWS::AppRunner::Service", "SourceConfiguration InstanceConfiguration HealthCheckConfiguration NetworkConfiguration " +
		"AutoScalingConfigurationArn ObservabilityConfiguration", "deploys %s again"},
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
	{"AWS::AutoScaling::AutoScalingGroup", "LaunchTemplate MixedInstancesPolicy VPCZoneIdentifier",
		"replaces the instances of %s one after another"},
	// https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
	{"AWS::EKS::Nodegroup", "Version ReleaseVersion LaunchTemplate", "replaces the nodes of %s one after another"},
	// https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
	{"AWS::EKS::Cluster", "Version", "upgrades the control plane of %s"},
	// https://docs.aws.amazon.com/eks/latest/userguide/updating-an-add-on.html
	{"AWS::EKS::Addon", "AddonVersion ConfigurationValues PodIdentityAssociations ServiceAccountRoleArn", "restarts the pods of %s"},
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRoute.html
	{"AWS::EC2::Route", "NatGatewayId GatewayId", "breaks the connections through %s"},
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
	{"AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckPath HealthCheckPort HealthCheckProtocol Matcher",
		"applies the new health check of %s to the running tasks"},
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
	{"AWS::ElasticLoadBalancingV2::Listener", "Port Protocol", "closes the former port of %s"},
}

// replacements are what it means for what runs that another resource takes the place of one. EKS drains the nodes of a group that is
// deleted, which CloudFormation does after those of the new group are ready.
// https://docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html
var replacements = map[string]string{"AWS::EKS::Nodegroup": "moves the pods of %s to new nodes"}

// removals are what it means for what runs that a resource goes without another in its place.
var removals = map[string]string{
	"AWS::EKS::Nodegroup": "moves the pods of %s to other nodes", "AWS::AutoScaling::AutoScalingGroup": "ends the instances of %s",
}

// interruption says what an effect does to what runs, or "".
func (e effect) interruption() string {
	switch e.does {
	case replaces:
		return replacements[e.kind()]
	case removes:
		return removals[e.kind()]
	case updates:
	default:
		return ""
	}
	for _, i := range interruptions {
		if i.kind == e.kind() && e.changes(strings.Fields(i.properties)...) {
			return i.text
		}
	}
	return ""
}

// revisions are the types whose every change is another resource: a new revision, which nothing runs until what uses it is updated.
var revisions = []string{"AWS::ECS::TaskDefinition", "AWS::Lambda::Version", "AWS::Lambda::LayerVersion",
	"AWS::AppRunner::AutoScalingConfiguration", "AWS::AppRunner::ObservabilityConfiguration"}

// page is docs/updates.md.
func page(outcomes []*outcome) string {
	var text strings.Builder
	text.WriteString(pageHead)
	for _, stack := range settings.Names() {
		text.WriteString("\n## " + stack + "\n| Change | Replaces | Interrupts | Updates | Adds | Removes |\n" + strings.Repeat("| --- ", 6) +
			"|\n")
		var notes []string
		var there columns
		for _, o := range outcomes {
			if o.stack != stack {
				continue
			}
			cells := o.columns()
			if o.isBack && cells == there.reversed() {
				continue
			}
			there = cells
			text.WriteString(cells.row(o.name))
			for _, d := range o.dangers() {
				for _, a := range accepted {
					if note := a.note(); a.fits(o, d) && !slices.Contains(notes, note) {
						notes = append(notes, note)
					}
				}
			}
		}
		if len(notes) > 0 {
			text.WriteString("\nBefore you change these:\n" + strings.Join(notes, ""))
		}
	}
	return text.String()
}

// pageHead is what stands above the tables.
//
//go:embed updates.md
var pageHead string

// columns are the cells of a row.
type columns struct{ replaces, interrupts, updates, adds, removes string }

// reversed is the row of the update that takes this one back.
func (c columns) reversed() columns {
	c.adds, c.removes = c.removes, c.adds
	return c
}

func (c columns) row(name string) string {
	row := "| " + name
	for _, cell := range []string{c.replaces, c.interrupts, c.updates, c.adds, c.removes} {
		row += strings.TrimRight(" | "+cell, " ")
	}
	return row + " |\n"
}

func (o *outcome) columns() columns {
	names, interrupted := map[verb][]string{}, map[string][]string{}
	for _, e := range o.inOrder() {
		does, interruption := e.does, e.interruption()
		if does == replaces && slices.Contains(revisions, e.kind()) {
			does = updates
		}
		if interruption != "" {
			interrupted[interruption] = append(interrupted[interruption], e.place())
		}
		if does != updates || interruption == "" {
			names[does] = append(names[does], e.place())
		}
	}
	var interrupts []string
	for _, interruption := range slices.Sorted(maps.Keys(interrupted)) {
		interrupts = append(interrupts, fmt.Sprintf(interruption, listed(interrupted[interruption], few)))
	}
	return columns{
		replaces:   both(listed(names[replaces], many), "perhaps ", listed(names[mayReplace], many)),
		interrupts: strings.Join(interrupts, "; "),
		updates:    listed(names[updates], few),
		adds:       listed(names[creates], few),
		removes:    both(listed(names[removes], few), "retains ", listed(names[retains], many)),
	}
}

func both(first, word, second string) string {
	switch {
	case second == "":
		return first
	case first == "":
		return word + second
	}
	return first + "; " + word + second
}

// How many resources of a construct stand in a cell by their own names.
const few, many = 2, 6

// listed writes places, those below one construct as "`Vpc` (12)" if they are many.
func listed(places []string, most int) string {
	count := map[string]int{}
	for _, place := range places {
		count[construct(place)]++
	}
	var all []string
	for _, place := range places {
		c := construct(place)
		text := "`" + hash.ReplaceAllString(place, "$1") + "`"
		if count[c] > most {
			text = fmt.Sprintf("`%s` (%d)", c, count[c])
		}
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}

// hash is what the CDK appends to a name so that it is unique.
var hash = regexp.MustCompile(`([a-z])[0-9A-F]{8}\b`)

// construct is the first part of a place.
func construct(place string) string {
	if strings.HasPrefix(place, "Custom::VpcRestrictDefaultSG") {
		return "Vpc" // whose it is, though it stands beside
	}
	first, _, _ := strings.Cut(place, "/")
	return first
}
