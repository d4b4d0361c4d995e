package kubernetes_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/internal/kubernetes"
)

func TestVersions(t *testing.T) {
	versions := kubernetes.Versions()
	assert.Contains(t, versions, kubernetes.KubectlVersion)
	assert.Equal(t, kubernetes.DefaultVersion, versions[len(versions)-1], "the default is the newest")
	assert.False(t, kubernetes.IsInExtendedSupport(kubernetes.DefaultVersion), "a new cluster would cost more by the hour")
	versions[0] = "changed"
	assert.NotContains(t, kubernetes.Versions(), "changed", "the list is a copy")
	assert.True(t, kubernetes.IsInExtendedSupport("1.33"))
}
