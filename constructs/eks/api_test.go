package eks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/invalid"
)

// Props are judged without the CDK, and stay as they were.
func TestPropsAreValidatedWithoutTheCdk(t *testing.T) {
	for want, props := range map[string]interface{ Validate() error }{
		"Vpc is required; use network.NewVpc or network.VpcFrom": &eks.ClusterProps{}, "ClusterName is required": &eks.ClusterAttributes{},
		"InstanceTypes is required": &eks.ManagedNodesProps{},
		"OperatingSystem must be":   &eks.SelfManagedNodesProps{OperatingSystem: "WINDOWS"}, "Selectors is required": &eks.FargateProfileProps{},
		"ServiceAccount is required": &eks.PodRoleProps{}, "Cluster is required": &eks.ContainerInsightsProps{},
		"Iops must be": &eks.EbsStorageProps{
			Classes: []eks.EbsClass{{Name: "gp3", Iops: 1}}},
		"FileSystem is required": &eks.EfsStorageProps{}, "Classes is required unless": &eks.LustreStorageProps{},
		"Classes is required, because": &eks.OntapStorageProps{}, "Class is required": &eks.VolumeClaimProps{},
	} {
		err := props.Validate()
		require.Error(t, err, want)
		var refused *invalid.Error
		require.ErrorAs(t, err, &refused)
		assert.Contains(t, err.Error(), want)
	}
	props := eks.ManagedNodesProps{InstanceTypes: []string{"m7g.large"}}
	require.Error(t, props.Validate())
	assert.Equal(t, eks.ManagedNodesProps{InstanceTypes: []string{"m7g.large"}}, props, "defaults are set on a copy")
}
