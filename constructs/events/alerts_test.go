package events

import (
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/notify"
	"awscontainers/internal/fake"
)

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	anyCluster struct{ awsecs.ICluster }
	anyService struct{ awsecs.BaseService }
	anyTask    struct{ awsecs.TaskDefinition }
)

func TestTaskAlertsPropsAreValidated(t *testing.T) {
	newCluster := func() *ecs.Cluster { return &ecs.Cluster{Construct: fake.Construct{}, Cluster: anyCluster{}} }
	service := &ecs.Service{Construct: fake.Construct{}, Service: anyService{}}
	cluster, task := newCluster(), &ecs.Task{Construct: fake.Construct{}, TaskDefinition: anyTask{}}
	const (
		notACluster = " must be a cluster of ecs.NewCluster or ecs.ClusterFrom"
		notAService = " must be a service of ecs.NewService or ecs.ServiceFrom"
		notATask    = " must be a task of ecs.NewTask or ecs.TaskFrom"
	)
	for name, c := range map[string]struct {
		props TaskAlertsProps
		want  []string
	}{
		"zero": {},
		"all": {TaskAlertsProps{
			Clusters: []*ecs.Cluster{cluster, newCluster()}, Tasks: []*ecs.Task{task},
			Failures: []Failure{FailureOutOfMemory, FailureNonZeroExit}, Topic: &notify.Topic{Construct: fake.Construct{}},
			LogRetention:  awslogs.RetentionDays_ONE_WEEK,
			EncryptionKey: fake.Key{}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		}, nil},
		"every kind": {TaskAlertsProps{Failures: Failures()}, nil},
		"services": {TaskAlertsProps{
			Services: []*ecs.Service{service}, Emails: []string{"on-call@example.com", "${Token[Mail.1]}"}, DisableLog: true,
		}, nil},
		"nil cluster": {TaskAlertsProps{Clusters: []*ecs.Cluster{nil}}, []string{"Clusters[0]" + notACluster}},
		"cluster twice": {
			TaskAlertsProps{Clusters: []*ecs.Cluster{cluster, cluster}}, []string{"Clusters[1] must not repeat Clusters[0]; remove one of them"},
		},
		"service of another cluster": {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster}, Services: []*ecs.Service{service}}, []string{
			"Clusters[0] must be a cluster of one of Services, because Services limits the alerts; remove the cluster, or create separate " +
				"alerts for it",
			"Services[0] must belong to one of Clusters; add its cluster, or remove Clusters"}},
		"nil service": {TaskAlertsProps{Services: []*ecs.Service{nil}}, []string{"Services[0]" + notAService}},
		"service twice": {TaskAlertsProps{Services: []*ecs.Service{service, service}}, []string{
			"Services[1] must not repeat Services[0]; remove one of them"}},
		"nil task": {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster}, Tasks: []*ecs.Task{nil}}, []string{"Tasks[0]" + notATask}},
		"task twice": {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster}, Tasks: []*ecs.Task{task, task}}, []string{
			"Tasks[1] must not repeat Tasks[0]; remove one of them"}},
		"task without a cluster": {TaskAlertsProps{Tasks: []*ecs.Task{task}}, []string{
			"Clusters is required with Tasks, because a task can be started in any cluster"}},
		"failures": {TaskAlertsProps{
			Clusters: []*ecs.Cluster{cluster}, Tasks: []*ecs.Task{task},
			Failures: []Failure{"non_zero_exit", FailureOutOfMemory, FailureOutOfMemory, FailureDeploymentFailed},
		}, []string{
			`Failures[0] must be "NON_ZERO_EXIT", "OUT_OF_MEMORY", "HEALTH_CHECK", "IMAGE_PULL", "TASK_START", "SPOT_INTERRUPTION", ` +
				`"HOST_TERMINATED", "DEPLOYMENT_FAILED", "DEPLOYMENT_ROLLED_BACK", "TASK_PLACEMENT" or "SERVICE_IMPAIRED"; got "non_zero_exit"`,
			`Failures[2] must not repeat Failures[1]; got "OUT_OF_MEMORY"`,
			"Failures[3] must not be a service's failure, because Tasks limits the alerts to tasks without a service; " +
				`got "DEPLOYMENT_FAILED"; remove it, or set Services`}},
		"emails of a topic": {TaskAlertsProps{Topic: &notify.Topic{Construct: fake.Construct{}}, Emails: []string{"on-call"}}, []string{
			`Emails must not be set together with Topic; got "on-call"; subscribe them to the topic`,
			`Emails[0] must be an email address such as "on-call@example.com"; got "on-call"`}},
		"no log": {TaskAlertsProps{DisableLog: true, EncryptionKey: fake.Key{}}, []string{
			"DisableLog must not be set together with LogRetention, EncryptionKey or RemovalPolicy, which configure the log; " +
				"remove DisableLog or the others"}},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.props.Validate(), c.want...) })
	}
}

// The README's table of failures is that of the code.
func TestFailuresOfTheReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	table := "| `Failure` | value | what it is |\n| --- | --- | --- |\n"
	ids := map[string]bool{}
	for _, k := range failureKinds {
		table += fmt.Sprintf("| `Failure%s` | `%s` | %s |\n", k.id, k.failure, k.summary)
		assert.False(t, ids[k.id], "two rules would be called %s", k.id)
		ids[k.id] = true
		assert.Equal(t, k.id, kindOf(k.failure).id)
	}
	assert.Contains(t, string(readme), table+"\n")
}
