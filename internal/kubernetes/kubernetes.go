package kubernetes

import "slices"

const (
	// KubectlVersion is the version of the kubectl that applies objects.
	KubectlVersion = "1.34"
	// DefaultVersion is the version of a cluster that names none: the newest that kubectl serves.
	DefaultVersion = "1.35"
)

// kubectl serves one minor version older and one newer than its own.
// https://kubernetes.io/releases/version-skew-policy/#kubectl
var versions = []string{"1.33", "1.34", "1.35"}

// Those whose standard support has ended: 1.33's ended on 29 July 2026.
// https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
var extended = []string{"1.33"}

// Versions lists the versions that a cluster may have, oldest first.
func Versions() []string { return slices.Clone(versions) }

// IsInExtendedSupport reports whether the standard support of a version has ended.
func IsInExtendedSupport(version string) bool { return slices.Contains(extended, version) }
