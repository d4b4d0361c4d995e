package events

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/notify"
)

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	anyKey   struct{ awskms.IKey }
	anyQueue struct {
		awssqs.IQueue
		encryption awssqs.QueueEncryption
	}
	anyCluster struct{ awsecs.ICluster }
	anyService struct{ awsecs.BaseService }
	anyTask    struct{ awsecs.TaskDefinition }
)

func (q *anyQueue) EncryptionType() awssqs.QueueEncryption { return q.encryption }

// refused compares every line of what is refused.
func refused(t *testing.T, name string, err error, want []string) {
	t.Helper()
	if len(want) == 0 {
		assert.NoError(t, err, name)
		return
	}
	assert.EqualError(t, err, strings.Join(want, "\n"), name)
}

func TestAlerts(t *testing.T) {
	cluster, service, task := &ecs.Cluster{Cluster: anyCluster{}}, &ecs.Service{Service: anyService{}}, &ecs.Task{TaskDefinition: anyTask{}}
	for name, c := range map[string]struct {
		props TaskAlertsProps
		want  []string
	}{
		"least": {TaskAlertsProps{}, nil},
		"all": {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster, &ecs.Cluster{Cluster: anyCluster{}}}, Tasks: []*ecs.Task{task}, Failures: []Failure{OutOfMemory, NonZeroExit},
			Topic: &notify.Topic{}, LogRetention: awslogs.RetentionDays_ONE_WEEK, LogEncryptionKey: anyKey{}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY}, nil},
		"every kind":       {TaskAlertsProps{Failures: Failures()}, nil},
		"services":         {TaskAlertsProps{Services: []*ecs.Service{service}, Emails: []string{"on-call@example.com", "${Token[Mail.1]}"}, DisableLog: true}, nil},
		"no cluster":       {TaskAlertsProps{Clusters: []*ecs.Cluster{nil}}, []string{"Clusters[0] is nil; make it with ecs.NewCluster or ecs.ClusterOf"}},
		"an empty cluster": {TaskAlertsProps{Clusters: []*ecs.Cluster{{}}}, []string{"Clusters[0] is nil; make it with ecs.NewCluster or ecs.ClusterOf"}},
		"a cluster twice":  {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster, cluster}}, []string{"Clusters[1] is named twice; leave one out"}},
		"a service of another cluster": {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster}, Services: []*ecs.Service{service}}, []string{
			"Clusters[0] has none of Services, to which they narrow the alerts; leave it out, or give it alerts of its own",
			"Services[0] belongs to none of Clusters; name its cluster too, or leave Clusters out"}},
		"no service":      {TaskAlertsProps{Services: []*ecs.Service{nil, {}}}, []string{"Services[0] is nil; make it with ecs.NewService", "Services[1] is nil; make it with ecs.NewService"}},
		"a service twice": {TaskAlertsProps{Services: []*ecs.Service{service, service}}, []string{"Services[1] is named twice; leave one out"}},
		"no task":         {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster}, Tasks: []*ecs.Task{nil, {}}}, []string{"Tasks[0] is nil; make it with ecs.NewTask", "Tasks[1] is nil; make it with ecs.NewTask"}},
		"a task twice":    {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster}, Tasks: []*ecs.Task{task, task}}, []string{"Tasks[1] is named twice; leave one out"}},
		"a task anywhere": {TaskAlertsProps{Tasks: []*ecs.Task{task}}, []string{"Clusters are missing, and a task does not know where it is started; name them"}},
		"failures": {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster}, Tasks: []*ecs.Task{task}, Failures: []Failure{"non_zero_exit", OutOfMemory, OutOfMemory, DeploymentFailed}}, []string{
			`Failures[0] "non_zero_exit" is unknown; use NON_ZERO_EXIT, OUT_OF_MEMORY, HEALTH_CHECK, IMAGE_PULL, TASK_START, SPOT_INTERRUPTION, HOST_TERMINATED, DEPLOYMENT_FAILED, DEPLOYMENT_ROLLED_BACK, TASK_PLACEMENT or SERVICE_IMPAIRED`,
			`Failures[2] "OUT_OF_MEMORY" is named twice; leave one out`,
			`Failures[3] "DEPLOYMENT_FAILED" is of services, and Tasks narrow the alerts to tasks without; leave it out, or name Services`}},
		"mail": {TaskAlertsProps{Topic: &notify.Topic{}, Emails: []string{"on-call"}}, []string{
			`Emails[0] "on-call" is not an e-mail address; write it as "on-call@example.com"`,
			`Emails ["on-call"] stand beside a Topic of your own; give them to that`}},
		"no log": {TaskAlertsProps{DisableLog: true, LogEncryptionKey: anyKey{}}, []string{
			"DisableLog is true beside LogRetention, LogEncryptionKey or RemovalPolicy, which say something of the log; leave it or them out"}},
	} {
		refused(t, name, c.props.validate(), c.want)
	}
}

func TestEveryFailureIsKnown(t *testing.T) {
	assert.Len(t, kinds, len(Failures()))
	ids := map[string]bool{}
	for _, f := range Failures() {
		assert.Contains(t, kinds, f)
		assert.NotContains(t, ids, kinds[f].id)
		ids[kinds[f].id] = true
	}
}
