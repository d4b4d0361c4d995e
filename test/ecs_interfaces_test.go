package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/express"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

// The CDK's own constructs take ours where they take something with security groups.
func TestDatabaseAllowsTasks(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	vpc := cluster.Vpc()
	database := awsrds.NewDatabaseInstance(stack, jsii.String("Database"), &awsrds.DatabaseInstanceProps{
		Vpc: vpc, Engine: awsrds.DatabaseInstanceEngine_Postgres(&awsrds.PostgresInstanceEngineProps{
			Version: awsrds.PostgresEngineVersion_VER_16(),
		}),
	})
	own := awsec2.NewSecurityGroup(stack, jsii.String("ExpressTasks"), &awsec2.SecurityGroupProps{Vpc: vpc})
	capacity := newCapacity(stack, "Instances", cluster, nil)
	managed := ecs.NewManagedInstances(stack, "Managed", &ecs.ManagedInstancesProps{Cluster: cluster})
	for _, from := range []awsec2.IConnectable{
		ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack)}),
		ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: ecs.NewTask(stack, "RunTask",
			&ecs.TaskProps{Containers: []ecs.Container{web()}})}),
		express.NewService(stack, "Express", &express.ServiceProps{Image: registry.FromRegistry("nginx:stable"), Cluster: cluster,
			Subnets: network.Private, SecurityGroups: []awsec2.ISecurityGroup{own}}),
		capacity, managed,
	} {
		database.Connections().AllowDefaultPortFrom(from, nil)
	}
	tpl := cdktest.Synth(t, stack)
	group := tpl.Only("AWS::RDS::DBInstance").Ref("VPCSecurityGroups.0")
	var from []string
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		if rule.Ref("GroupId") == group {
			from = append(from, rule.Ref("SourceSecurityGroupId").Path())
		}
	}
	assert.ElementsMatch(t, []string{"Test/Service/SecurityGroup/Resource", "Test/Run/SecurityGroup/Resource", "Test/ExpressTasks/Resource",
		"Test/Instances/SecurityGroup/Resource", "Test/Managed/SecurityGroup/Resource"}, from)
}

// In bridge mode tasks have the network interfaces of their instances.
func TestConnectionsInBridgeModeAreTheInstances(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	capacity := newCapacity(stack, "Instances", cluster, nil)
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: ec2Task(stack, "Task", awsecs.NetworkMode_BRIDGE)})
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: ec2Task(stack, "RunTask", awsecs.NetworkMode_BRIDGE)})
	for _, c := range []awsec2.IConnectable{service, run} {
		groups := *c.Connections().SecurityGroups()
		assert.Len(t, groups, 1)
		assert.Equal(t, *capacity.SecurityGroups[0].SecurityGroupId(), *groups[0].SecurityGroupId())
	}
	assert.Empty(t, run.SecurityGroups)

	theirs := ecs.ClusterFrom(stack, "Theirs", awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Import"), &awsecs.ClusterAttributes{
		ClusterName: jsii.String("theirs"), Vpc: cluster.Vpc(),
	}))
	unknown := ecs.NewRun(stack, "Unknown", &ecs.RunProps{Cluster: theirs, Task: ec2Task(stack, "UnknownTask", awsecs.NetworkMode_BRIDGE)})
	assert.Equal(t, []string{"Test/Unknown: has no known security groups for Connections; use the security groups of its tasks or instances"},
		cdktest.Refused(t, func() { unknown.Connections() }))
}

func TestExpressServiceWithoutGroupsRefusesConnections(t *testing.T) {
	stack := cdktest.Stack(t)
	service := express.NewService(stack, "Express", &express.ServiceProps{Image: registry.FromRegistry("nginx:stable")})
	assert.Equal(t,
		[]string{"Test/Express: has no known security groups for Connections; create a security group in Vpc and set it in SecurityGroups"},
		cdktest.Refused(t, func() { service.Connections() }))
}

// The CDK's own constructs take ours where they grant permissions.
func TestGrantsGoToTheTaskRole(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	task := newTask(stack)
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: ecs.NewTask(stack, "RunTask",
		&ecs.TaskProps{Containers: []ecs.Container{web()}})})
	service := express.NewService(stack, "Express", &express.ServiceProps{Image: registry.FromRegistry("nginx:stable")})
	queue, bucket := awssqs.NewQueue(stack, jsii.String("Queue"), nil), awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	queue.GrantSendMessages(task)
	bucket.GrantRead(run, nil)
	queue.GrantConsumeMessages(service)
	tpl := cdktest.Synth(t, stack)
	role := func(path string) *cdktest.Resource { return tpl.At("AWS::IAM::Role", path) }
	messages, objects := tpl.Only("AWS::SQS::Queue"), tpl.Only("AWS::S3::Bucket")
	cdktest.May(t, role("Test/Task/TaskRole"), cdktest.Allow("sqs:SendMessage").On(messages))
	cdktest.May(t, role("RunTask/TaskRole"), cdktest.Allow("s3:GetObject").On(cdktest.Arn(objects, "/*")))
	cdktest.May(t, role("Express/TaskRole"), cdktest.Allow("sqs:ReceiveMessage").On(messages))
}

func TestGrantToATaskWithoutRoleIsRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	task := ecs.TaskFrom(stack, "Task", &ecs.TaskAttributes{ContainerNames: []string{"report"},
		TaskDefinition: importTask(stack, awsecs.TaskDefinitionAttributes{NetworkMode: awsecs.NetworkMode_AWS_VPC})})
	assert.Equal(t, []string{"Test/Task: has no known TaskRole to grant to; import the task definition with its TaskRole"},
		cdktest.Refused(t, func() { task.GrantPrincipal() }))
}

// Two of ours take each other, as two of the CDK's do.
func TestOursAllowEachOther(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	newRun := func(id string) *ecs.Run {
		return ecs.NewRun(stack, id, &ecs.RunProps{Cluster: cluster, Task: ecs.NewTask(stack, id+"Task",
			&ecs.TaskProps{Containers: []ecs.Container{web()}})})
	}
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack)})
	job, capacity := newRun("Job"), newCapacity(stack, "Instances", cluster, nil)
	service.AllowFrom(job, 8080)
	job.Connections().AllowFrom(capacity, awsec2.Port_Tcp(jsii.Number(9000)), nil)
	capacity.Connections().AllowFrom(service, awsec2.Port_Tcp(jsii.Number(9100)), nil)
	tpl := cdktest.Synth(t, stack)
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupIngress"), 3)
	assert.Empty(t, tpl.All("AWS::EC2::SecurityGroupEgress"))
}

// Whoever may start a run may do just that.
func TestUserMayStartARun(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: newTask(stack)})
	user := awsiam.NewUser(stack, jsii.String("Operator"), nil)
	assert.True(t, *run.GrantStart(user).Success())
	tpl := cdktest.Synth(t, stack)
	policy := tpl.At("AWS::IAM::Policy", "Operator/DefaultPolicy")
	var actions []any
	for _, statement := range cdktest.List(policy.Get("PolicyDocument.Statement")) {
		actions = append(actions, cdktest.Dig(statement, "Action"))
		assert.NotNil(t, cdktest.Dig(statement, "Condition"), "%v", cdktest.Dig(statement, "Action"))
	}
	assert.Equal(t, []any{"ecs:RunTask", "ecs:TagResource", "iam:PassRole"}, actions)
}
