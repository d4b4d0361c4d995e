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
	cluster, service, task := ecs.ClusterOf(anyCluster{}), &ecs.Service{Service: anyService{}}, &ecs.Task{TaskDefinition: anyTask{}}
	for name, c := range map[string]struct {
		props TaskAlertsProps
		want  []string
	}{
		"least": {TaskAlertsProps{}, nil},
		"all": {TaskAlertsProps{Clusters: []*ecs.Cluster{cluster, ecs.ClusterOf(anyCluster{})}, Tasks: []*ecs.Task{task}, Failures: []Failure{OutOfMemory, NonZeroExit},
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

func TestTopics(t *testing.T) {
	queue := &anyQueue{}
	teams := notify.TeamsChannel{TenantId: "01234567-89ab-cdef-0123-456789abcdef", TeamId: "01234567-89AB-CDEF-0123-456789ABCDEF", ChannelId: "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"}
	slack := notify.SlackChannel{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}
	for name, c := range map[string]struct {
		props notify.TopicProps
		want  []string
	}{
		"least": {notify.TopicProps{}, nil},
		"all": {notify.TopicProps{Emails: []string{"a@example.com", "b@example.com"}, HttpsEndpoints: []string{"https://example.com/hook?x=1", "https://example.com:8443"}, Queues: []awssqs.IQueue{queue},
			Slack: []notify.SlackChannel{slack, {WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEG"}}, Teams: []notify.TeamsChannel{teams}, EncryptionKey: anyKey{}}, nil},
		"open": {notify.TopicProps{Emails: []string{"${Token[A.1]}"}, HttpsEndpoints: []string{"${Token[A.2]}"}, Slack: []notify.SlackChannel{{WorkspaceId: "${Token[A.3]}", ChannelId: "${Token[A.4]}"}},
			Teams: []notify.TeamsChannel{{TenantId: "${Token[A.5]}", TeamId: "${Token[A.6]}", ChannelId: "${Token[A.7]}"}}}, nil},
		"emails": {notify.TopicProps{Emails: []string{"", "on-call", "On Call <on-call@example.com>", "a@example.com", "a@example.com", "a@example.com, b@example.com"}}, []string{
			`Emails[0] "" is not an e-mail address; write it as "on-call@example.com"`,
			`Emails[1] "on-call" is not an e-mail address; write it as "on-call@example.com"`,
			`Emails[2] "On Call <on-call@example.com>" is not an e-mail address; write it as "on-call@example.com"`,
			`Emails[4] "a@example.com" is named twice; leave one out`,
			`Emails[5] "a@example.com, b@example.com" is not an e-mail address; write it as "on-call@example.com"`}},
		"endpoints": {notify.TopicProps{HttpsEndpoints: []string{"http://example.com", "example.com", "https://", "https://a.example.com", "https://a.example.com", "https://me:secret@example.com/"}}, []string{
			`HttpsEndpoints[0] "http://example.com" is not the address of an HTTPS endpoint; write it as "https://example.com/hook"`,
			`HttpsEndpoints[1] "example.com" is not the address of an HTTPS endpoint; write it as "https://example.com/hook"`,
			`HttpsEndpoints[2] "https:" is not the address of an HTTPS endpoint; write it as "https://example.com/hook"`,
			`HttpsEndpoints[4] "https://a.example.com" is named twice; leave one out`,
			`HttpsEndpoints[5] "https://me:xxxxx@example.com/" holds a name or a password, which would stand in the template for everybody to read; have the endpoint check the signature of SNS instead`}},
		"queues": {notify.TopicProps{Queues: []awssqs.IQueue{nil, queue, queue}}, []string{"Queues[0] is nil; give a queue, or leave it out", "Queues[2] is named twice; leave one out"}},
		"queue that gets nothing": {notify.TopicProps{Queues: []awssqs.IQueue{&anyQueue{encryption: awssqs.QueueEncryption_KMS_MANAGED}}}, []string{
			"Queues[0] is encrypted with alias/aws/sqs, a key that SNS may not use, so that it would get nothing; use SQS_MANAGED, or a key of your own"}},
		"webhooks": {notify.TopicProps{HttpsEndpoints: []string{"https://hooks.slack.com/services/T/B/x", "https://acme.webhook.office.com/x"}}, []string{
			`HttpsEndpoints[0] "https://hooks.slack.com/services/T/B/x" is the webhook of a chat, which cannot confirm a subscription of SNS; use Slack or Teams`,
			`HttpsEndpoints[1] "https://acme.webhook.office.com/x" is the webhook of a chat, which cannot confirm a subscription of SNS; use Slack or Teams`}},
		"names for ids": {notify.TopicProps{Slack: []notify.SlackChannel{{WorkspaceId: "TEAM", ChannelId: "ops"}}}, []string{
			`Slack[0].WorkspaceId "TEAM" is not the id of a workspace; write it as "T0123ABCDEF"`,
			`Slack[0].ChannelId "ops" is not the id of a channel, which is not its name; write it as "C0123ABCDEF"`}},
		"slack": {notify.TopicProps{Slack: []notify.SlackChannel{{WorkspaceId: "acme", ChannelId: "#alerts"}, slack, slack, {}}}, []string{
			`Slack[0].WorkspaceId "acme" is not the id of a workspace; write it as "T0123ABCDEF"`,
			`Slack[0].ChannelId "#alerts" is not the id of a channel, which is not its name; write it as "C0123ABCDEF"`,
			"Slack[2] is named twice; leave one out",
			`Slack[3].WorkspaceId "" is not the id of a workspace; write it as "T0123ABCDEF"`,
			`Slack[3].ChannelId "" is not the id of a channel, which is not its name; write it as "C0123ABCDEF"`}},
		"teams": {notify.TopicProps{Teams: []notify.TeamsChannel{{TenantId: "acme", TeamId: "ops", ChannelId: "19:abc@thread.tacv2"}, teams, teams}}, []string{
			`Teams[0].TenantId "acme" has not the right form; write it as "01234567-89ab-cdef-0123-456789abcdef"`,
			`Teams[0].TeamId "ops" has not the right form; write it as "01234567-89ab-cdef-0123-456789abcdef"`,
			`Teams[0].ChannelId "19:abc@thread.tacv2" is not the id of a channel, encoded as in the link to it; write it as "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"`,
			"Teams[2] is named twice; leave one out"}},
	} {
		refused(t, name, c.props.Validate(), c.want)
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
