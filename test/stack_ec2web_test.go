package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks"
)

var ec2WebVariants = []variant{
	{
		name:  "Ec2Web",
		build: ec2Web(nil),
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TableCD117FA1", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037", "WorkerTaskLogGroupA8133127",
		},
	},
	{
		name: "Ec2Web-spot",
		build: ec2Web(map[string]any{
			"profile": "prod", "Ec2Web.certificateArn": certificateArn, "Ec2Web.alarmEmail": "on-call@example.com",
			"Ec2Web.instanceTypes": "m7g.large,m6g.large", "Ec2Web.machineImage": "BOTTLEROCKET", "Ec2Web.networkMode": "BRIDGE",
			"Ec2Web.spotWeight": "3", "Ec2Web.spotMaxCapacity": "6", "Ec2Web.managedTerminationProtection": "true",
		}),
		stateful: []string{
			"AlarmsKey3C2381B3", "LoadBalancerAccessLogsB27DFC85", "TableCD117FA1", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037", "WorkerTaskLogGroupA8133127",
		},
	},
}

func ec2Web(context map[string]any) func(*testing.T, awscdk.App, string) awscdk.Stack {
	return func(t *testing.T, app awscdk.App, id string) awscdk.Stack {
		t.Helper()
		settings, err := stacks.ReadContext(context)
		require.NoError(t, err)
		stack := stacks.NewEc2Web(app, id, &stacks.Ec2WebProps{Common: stacks.Common{Profile: settings.Profile}, Ec2WebSettings: settings.Ec2Web})
		stacks.Tag(stack, settings)
		return stack
	}
}

func TestEc2WebIsRefused(t *testing.T) {
	app := newApp(t, nil)
	assert.Equal(t, []string{"Ec2Web: SpotWeight 3 has no Spot capacity; give SpotMaxCapacity, the greatest number of Spot instances"}, refusal(t, func() {
		stacks.NewEc2Web(app, "Ec2Web", &stacks.Ec2WebProps{Ec2WebSettings: stacks.Ec2WebSettings{SpotWeight: 3}})
	}))
	assert.Equal(t, []string{"Other: SpotMaxCapacity 3 would get no task; give SpotWeight, the share of tasks on Spot against one on On-Demand"}, refusal(t, func() {
		stacks.NewEc2Web(app, "Other", &stacks.Ec2WebProps{Ec2WebSettings: stacks.Ec2WebSettings{SpotMaxCapacity: 3}})
	}))
	assert.Equal(t, []string{`Mixed/OnDemand: InstanceTypes[1] "t4g.medium" is ARM64, and "t3.medium" is X86_64; one AMI serves one architecture, so make a capacity for each`}, refusal(t, func() {
		stacks.NewEc2Web(app, "Mixed", &stacks.Ec2WebProps{Ec2WebSettings: stacks.Ec2WebSettings{Image: publicImage, InstanceTypes: []string{"t3.medium", "t4g.medium"}}})
	}))
}
