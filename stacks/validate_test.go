package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks"
)

// Validate needs no Node, and names what is required.
func TestZeroPropsAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		props interface{ Validate() error }
		want  string
	}{
		"FargateWeb":       {&stacks.FargateWebProps{}, "Image is required"},
		"Ec2Web":           {&stacks.Ec2WebProps{}, "Image is required"},
		"NlbService":       {&stacks.NlbServiceProps{}, "Image is required"},
		"SharedStorage":    {&stacks.SharedStorageProps{}, "Image is required"},
		"EventDrivenTask":  {&stacks.EventDrivenTaskProps{}, "Image is required without ImageDirectory"},
		"TaskStateAlerts":  {&stacks.TaskStateAlertsProps{}, "Image is required"},
		"EksStorage":       {&stacks.EksStorageProps{}, "Image is required"},
		"AppRunnerService": {&stacks.AppRunnerServiceProps{}, "Image is required without RepositoryUrl"},
		"ExpressService":   {&stacks.ExpressServiceProps{}, "Image is required"},
		"ScheduledTask": {&stacks.ScheduledTaskProps{}, "Image is required\n" +
			`ScheduleExpression is required: an expression such as "rate(1 hour)" or "cron(0 3 * * ? *)"`},
	} {
		require.EqualError(t, c.props.Validate(), c.want, name)
	}
	require.NoError(t, (&stacks.RegistryProps{}).Validate())
	assert.NoError(t, (&stacks.EksNodesProps{}).Validate())
}

func TestPropsThatContradictEachOther(t *testing.T) {
	for name, c := range map[string]struct {
		props interface{ Validate() error }
		want  string
	}{
		"port of no API": {&stacks.FargateWebProps{Image: "web:1", ApiPort: 80, ApiHealthCheckPath: "/up"},
			"ApiPort requires ApiImage; got 80; set ApiImage or remove ApiPort\n" +
				`ApiHealthCheckPath requires ApiImage; got "/up"; set ApiImage or remove ApiHealthCheckPath`},
		"source without connection": {&stacks.AppRunnerServiceProps{RepositoryUrl: "https://github.com/example/shop", StartCommand: "run"},
			"ConnectionArn is required with RepositoryUrl; create the connection in the App Runner console\n" +
				`StartCommand requires Runtime, because otherwise only the repository's apprunner.yaml sets it; got "run"`},
		"build of an image": {&stacks.AppRunnerServiceProps{Image: "web:1", Branch: "prod", Runtime: "NODEJS_22"},
			`Branch requires RepositoryUrl; got "prod"; set RepositoryUrl or remove Branch` + "\n" +
				`Runtime requires RepositoryUrl; got "NODEJS_22"; set RepositoryUrl or remove Runtime`},
		"private without NAT": {&stacks.ExpressServiceProps{Image: "web:1", Internal: true, NatGateways: "none"},
			`NatGateways must not be "none" with Internal, whose tasks pull their image through one`},
		"driver": {&stacks.EksStorageProps{Image: "sh:1", Drivers: []stacks.StorageDriver{"S3"}},
			`Drivers must be "EBS", "EFS", "LUSTRE" or "ONTAP"; got "S3"`},
	} {
		require.EqualError(t, c.props.Validate(), c.want, name)
	}
}
