package test

import (
	"testing"

	"github.com/stretchr/testify/assert"
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
			"profile":                      "prod",
			"SharedStorage.throughputMode": "PROVISIONED",
			"SharedStorage.provisionedThroughputMiBps": "64",
			"SharedStorage.alarmEmail":                 "on-call@example.com",
			"SharedStorage.imageId":                    "ami-0123456789abcdef0",
		},
		stateful: []string{
			"AlarmsKey3C2381B3", "FilesFileSystemCB06EB6B", "ReaderTaskLogGroupE33C3E2C", "VpcFlowLogGroupBF601037", "WriterTaskLogGroupF1E92271",
		},
	},
}

// Both services see the same files, and one of them can only look.
func TestSharedStorageInProd(t *testing.T) {
	stack := buildStack(t, "SharedStorage", map[string]any{"profile": "prod", "SharedStorage.throughputMode": "BURSTING"})
	assert.True(t, *stack.TerminationProtection())
	tpl := synth(t, stack)

	files := tpl.only("AWS::EFS::FileSystem")
	assert.Equal(t, "RetainExceptOnCreate", files.DeletionPolicy)
	assert.Equal(t, "Retain", files.UpdateReplacePolicy)
	assert.Equal(t, "ENABLED", files.get("BackupPolicy.Status"))
	assert.Equal(t, "bursting", files.get("ThroughputMode"))
	assert.Equal(
		t,
		[]any{map[string]any{"TransitionToIA": "AFTER_30_DAYS"}},
		files.get("LifecyclePolicies"),
		"bursting file systems have no archive",
	)
	assert.Len(t, tpl.all("AWS::EFS::MountTarget"), 3, "an AZ without mount target")

	point := tpl.only("AWS::EFS::AccessPoint")
	assert.Same(t, files, point.ref("FileSystemId"))
	writes := map[string]bool{}
	for _, service := range tpl.all("AWS::ECS::Service") {
		assert.Equal(t, 2.0, service.get("DesiredCount"))
		task := service.ref("TaskDefinition")
		assert.Same(t, files, task.ref("Volumes.0.EFSVolumeConfiguration.FilesystemId"))
		assert.Same(t, point, task.ref("Volumes.0.EFSVolumeConfiguration.AuthorizationConfig.AccessPointId"))
		name := task.get("ContainerDefinitions.0.Name").(string)
		_, writes[name] = allowed(t, task.ref("TaskRoleArn"))["elasticfilesystem:ClientWrite"]
		assert.Equal(t, name == "reader", task.get("ContainerDefinitions.0.MountPoints.0.ReadOnly"))
		assert.Equal(t, map[string]any{"writer": "FARGATE", "reader": "EC2"}[name], task.get("RequiresCompatibilities.0"))
	}
	assert.Contains(
		t,
		tpl.at("AWS::ECS::Service", "/ReaderService/").dependsOn(),
		tpl.at("AWS::ECS::Service", "/WriterService/").id,
		"nobody has made the directory yet",
	)
	reader := tpl.at("AWS::ECS::Service", "/ReaderService/").ref("CapacityProviderStrategy.0.CapacityProvider")
	assert.Equal(t, "2", reader.ref("AutoScalingGroupProvider.AutoScalingGroupArn").get("MinSize"), "one instance is all there is")
	assert.Equal(t, map[string]bool{"writer": true, "reader": false}, writes)
}

func TestSharedStorageIsRefused(t *testing.T) {
	assert.Equal(t, []string{
		`SharedStorage/Files: TransitionToArchiveDays requires ThroughputMode "ELASTIC"; got 90`,
	}, refusal(t, func() {
		buildStack(t, "SharedStorage", map[string]any{"SharedStorage.throughputMode": "BURSTING", "SharedStorage.transitionToArchiveDays": "90"})
	}))
}
