package kubernetes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/kubernetes"
)

func TestVersions(t *testing.T) {
	assert.Equal(t, []string{"1.33", "1.34", "1.35"}, kubernetes.Versions(), "what the kubectl of 1.34 serves")
	assert.Equal(t, kubernetes.DefaultVersion, kubernetes.Versions()[2], "the default is the newest")
	assert.Equal(t, []string{"1.36", "1.35", "1.34", "1.33"}, kubernetes.NodeVersions("1.36"))
	for text, want := range map[string]bool{"1.36": true, "1.9": false, "1.36.1": false, "v1.36": false, "2.36": false, "": false} {
		assert.Equal(t, want, kubernetes.IsVersion(text), text)
	}
}

// Nothing is said before the sixty days, and from then on the same at any time: an old stack must still be deployed and destroyed.
func TestSupportEnd(t *testing.T) {
	const then = ", and EKS upgrades the cluster by itself then, but neither its add-ons nor its nodes"
	for _, c := range []struct {
		version    string
		isExtended bool
		today      string
		want       string
	}{
		{"1.35", false, "2027-01-25", ""},
		{"1.35", false, "2027-01-26", "Standard support of Kubernetes 1.35 ends on 2027-03-27" + then},
		{"1.35", false, "2027-03-26", "Standard support of Kubernetes 1.35 ends on 2027-03-27" + then},
		{"1.35", false, "2027-03-27",
			"Standard support of Kubernetes 1.35 ended on 2027-03-27, and EKS upgrades the cluster by itself at any time, but neither its " +
				"add-ons nor its nodes"},
		{"1.35", true, "2027-03-27", ""},
		{"1.35", true, "2028-02-01", "Extended support of Kubernetes 1.35 ends on 2028-03-27" + then},
		{"1.33", false, "2040-01-01",
			"Standard support of Kubernetes 1.33 ended on 2026-07-29, and EKS upgrades the cluster by itself at any time, but neither its " +
				"add-ons nor its nodes"},
		{"1.34", false, "2026-10-02", ""},
		{"1.34", false, "2026-10-03", "Standard support of Kubernetes 1.34 ends on 2026-12-02" + then},
		{"1.36", false, "2027-06-02", ""},
		{"1.36", false, "2027-06-03", "Standard support of Kubernetes 1.36 ends on 2027-08-02" + then},
		{"1.99", false, "2100-01-01", ""},
		{"<token>", false, "2100-01-01", ""},
	} {
		today, err := time.Parse(time.DateOnly, c.today)
		require.NoError(t, err)
		assert.Equal(t, c.want, kubernetes.SupportEnd(c.version, c.isExtended, today), "%s on %s", c.version, c.today)
	}
}
