package settings

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks"
)

func TestZonesReachEveryStackWithAVpc(t *testing.T) {
	for form, zones := range map[string]any{"option": "eu-west-1a, eu-west-1c", "cdk.json": []any{"eu-west-1a", "eu-west-1c"}} {
		s, err := Parse(map[string]any{"availabilityZones": zones}, account, region)
		require.NoError(t, err, form)
		assert.Equal(t, []string{"eu-west-1a", "eu-west-1c"}, s.Props("FargateWeb").(*stacks.FargateWebProps).AvailabilityZoneNames)
		for name, c := range s.stacks {
			if name == "Registry" {
				continue
			}
			assert.Equal(t, []string{"eu-west-1a", "eu-west-1c"}, reflect.ValueOf(c.props).Elem().FieldByName("AvailabilityZoneNames").Interface(),
				name)
		}
	}
}

func TestZonesAreRefused(t *testing.T) {
	const isZone = `availabilityZones: must be the name of an Availability Zone such as "eu-west-1a"; got `
	for name, c := range map[string]struct {
		zones string
		other map[string]any
		want  string
	}{
		"a Region": {"eu-west-1", nil, isZone + `"eu-west-1"`},
		"an ID": {"euw1-az1", nil, isZone + `"euw1-az1"; names differ from account to account: run aws ec2 describe-availability-zones ` +
			"--zone-ids euw1-az1 --query AvailabilityZones[].ZoneName"},
		"twice":          {"eu-west-1a,eu-west-1a", nil, `availabilityZones: must not repeat an item; got "eu-west-1a"`},
		"another Region": {"eu-west-1a,us-east-1b", nil, `availabilityZones: must be in eu-west-1, like the rest of the VPC; got "us-east-1b"`},
		"one": {"eu-west-1a", nil, "availabilityZones: must be two to six zones: load balancers and Amazon EKS require two, and a Region has " +
			`six at most; got "eu-west-1a"`},
		"none": {"", nil, "availabilityZones: must not be empty; remove it for none"},
		"with a VPC": {"eu-west-1a,eu-west-1b", map[string]any{"vpcId": "vpc-0123456789abcdef0"},
			"availabilityZones: must not be set together with vpcId, whose subnets are in its own zones; remove one of them"},
	} {
		t.Run(name, func(t *testing.T) {
			context := map[string]any{"availabilityZones": c.zones}
			for key, value := range c.other {
				context[key] = value
			}
			_, err := Parse(context, account, region)
			assert.EqualError(t, err, c.want)
		})
	}
	_, err := Parse(map[string]any{"availabilityZones": "us-east-1a,us-east-1b,eu-west-1a"}, "", "eu-west-1")
	assert.EqualError(t, err, `availabilityZones: must be in us-east-1, like the rest of the VPC; got "eu-west-1a"`, "the Region is open")
}

// Where CloudFormation may choose a zone that lacks what a stack uses, a synth with a known Region says so.
func TestNotesOfZones(t *testing.T) {
	notesOf := func(context map[string]any, account, region string) map[string]string {
		s, err := Parse(context, account, region)
		require.NoError(t, err)
		notes := map[string]string{}
		for name, c := range s.stacks {
			for _, a := range c.annotations {
				if strings.Contains(a.text, "availabilityZones") {
					assert.Empty(t, a.id, "a strict synth fails")
					notes[name], _, _ = strings.Cut(a.text, ", and CloudFormation")
				}
			}
		}
		return notes
	}
	const arm, eks, x86 = "AWS Fargate for Arm is not available in the zone use1-az3", "Amazon EKS is not available in the zone ",
		"AWS Fargate is available only in the zones usw1-az1 and usw1-az3"
	const armToo = "AWS Fargate for Arm is available only in the zones usw1-az1 and usw1-az3"
	none := map[string]any{}
	assert.Equal(t, map[string]string{
		"EksNodes": eks + "use1-az3", "EksStorage": eks + "use1-az3", "EventDrivenTask": arm, "SharedStorage": arm,
	}, notesOf(none, account, "us-east-1"))
	assert.Equal(t, map[string]string{
		"EksNodes": eks + "usw1-az2", "EksStorage": eks + "usw1-az2", "EventDrivenTask": armToo, "SharedStorage": armToo,
		"FargateWeb": x86, "NlbService": x86, "GatewayServices": x86, "ScheduledTask": x86, "QueueWorker": x86,
		"TaskStateAlerts": x86, "ExpressService": x86,
	}, notesOf(none, account, "us-west-1"))
	assert.Len(t, notesOf(none, account, "ca-central-1"), 2)
	assert.Len(t, notesOf(map[string]any{"AppRunnerService.vpcAccess": "true"}, account, region), 1)
	assert.Empty(t, notesOf(none, account, region))
	for _, context := range []map[string]any{none, {"AppRunnerService.vpcAccess": "true"}} {
		assert.Empty(t, notesOf(context, "", "us-east-1"), "without credentials the Region is a guess")
	}
	assert.Empty(t, notesOf(map[string]any{"availabilityZones": "us-east-1a,us-east-1b"}, account, "us-east-1"))
	assert.Empty(t, notesOf(map[string]any{"vpcId": "vpc-0123456789abcdef0"}, account, "us-east-1"))

	s, err := Parse(none, account, "us-west-1")
	require.NoError(t, err)
	assert.Equal(t, "AWS Fargate is available only in the zones usw1-az1 and usw1-az3, and CloudFormation may choose others for the VPC; set "+
		"availabilityZones to two or more that aws ec2 describe-availability-zones --region us-west-1 --output text --query "+
		`"AvailabilityZones[?ZoneId=='usw1-az1'||ZoneId=='usw1-az3'].[ZoneName,ZoneId]" prints`, s.stacks["FargateWeb"].annotations[0].text)
}
