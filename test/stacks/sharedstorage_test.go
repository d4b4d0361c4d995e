package stacks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

var sharedStorageVariants = []variant{
	{
		name: "SharedStorage",
		stateful: []string{
			"FilesFileSystemCB06EB6B", "ReaderTaskLogGroupE33C3E2C", "VpcFlowLogGroupBF601037", "WriterTaskLogGroupF1E92271",
		},
	},
	{
		name: "SharedStorage-prod",
		context: map[string]any{
			"profile":                                  "prod",
			"runtimeMonitoring":                        "true",
			"SharedStorage.throughputMode":             "PROVISIONED",
			"SharedStorage.provisionedThroughputMiBps": "64",
			"SharedStorage.alarmEmail":                 "on-call@example.com",
			"SharedStorage.imageId":                    "ami-0123456789abcdef0",
		},
		stateful: []string{
			"AlarmsTopicKey8C8D9492", "FilesFileSystemCB06EB6B", "ReaderTaskLogGroupE33C3E2C", "VpcFlowLogGroupBF601037",
			"WriterTaskLogGroupF1E92271",
		},
	},
}

// Both services see the same files, and one of them can only look.
func TestSharedStorageInProd(t *testing.T) {
	stack := buildStack(t, "SharedStorage", map[string]any{"profile": "prod", "SharedStorage.throughputMode": "BURSTING"})
	tpl := cdktest.Synth(t, stack)

	files := tpl.Only("AWS::EFS::FileSystem")
	assert.Equal(t, "RetainExceptOnCreate", files.DeletionPolicy)
	assert.Equal(t, "Retain", files.UpdateReplacePolicy)
	assert.Equal(t, "ENABLED", files.Get("BackupPolicy.Status"))
	assert.Equal(t, "bursting", files.Get("ThroughputMode"))
	assert.Equal(
		t,
		[]any{map[string]any{"TransitionToIA": "AFTER_30_DAYS"}},
		files.Get("LifecyclePolicies"),
		"bursting file systems have no archive",
	)
	assert.Len(t, tpl.All("AWS::EFS::MountTarget"), 3, "an AZ without mount target")

	point := tpl.Only("AWS::EFS::AccessPoint")
	assert.Same(t, files, point.Ref("FileSystemId"))
	writes := map[string]bool{}
	for _, service := range tpl.All("AWS::ECS::Service") {
		assert.Equal(t, 2.0, service.Get("DesiredCount"))
		task := service.Ref("TaskDefinition")
		assert.Same(t, files, task.Ref("Volumes.0.EFSVolumeConfiguration.FilesystemId"))
		assert.Same(t, point, task.Ref("Volumes.0.EFSVolumeConfiguration.AuthorizationConfig.AccessPointId"))
		name := task.Get("ContainerDefinitions.0.Name").(string)
		writes[name] = strings.Contains(fmt.Sprint(cdktest.Permissions(t, task.Ref("TaskRoleArn"))), "elasticfilesystem:ClientWrite")
		assert.Equal(t, name == "reader", task.Get("ContainerDefinitions.0.MountPoints.0.ReadOnly"))
		assert.Equal(t, map[string]any{"writer": "FARGATE", "reader": "EC2"}[name], task.Get("RequiresCompatibilities.0"))
	}
	assert.Contains(
		t,
		tpl.At("AWS::ECS::Service", "/ReaderService/").Dependencies(),
		tpl.At("AWS::ECS::Service", "/WriterService/").Id,
		"nobody has made the directory yet",
	)
	reader := tpl.At("AWS::ECS::Service", "/ReaderService/").Ref("CapacityProviderStrategy.0.CapacityProvider")
	assert.Equal(t, "2", reader.Ref("AutoScalingGroupProvider.AutoScalingGroupArn").Get("MinSize"), "one instance is all there is")
	assert.Equal(t, map[string]bool{"writer": true, "reader": false}, writes)
}

func TestSharedStorageIsRefused(t *testing.T) {
	assert.Equal(t, []string{
		`SharedStorage/Files: TransitionToArchiveDays requires ThroughputMode "ELASTIC"; got 90`,
	}, cdktest.Refused(t, func() {
		buildStack(t, "SharedStorage", map[string]any{"SharedStorage.throughputMode": "BURSTING", "SharedStorage.transitionToArchiveDays": "90"})
	}))
}
