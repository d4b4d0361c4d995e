package eks

import (
	"awscontainers/internal/annotate"
	"awscontainers/internal/clock"
	"awscontainers/internal/kubernetes"
)

// warnOfSupportEnd says what EKS does when the support of the version ends. It refuses nothing: the stack must be deployed, and destroyed,
// on any day.
func (p *ClusterProps) warnOfSupportEnd(c *Cluster) {
	isExtended := p.SupportType == SupportExtended
	notice := kubernetes.SupportEnd(p.Version, isExtended, clock.Today(c))
	if notice == "" {
		return
	}
	fix := "; raise Version, or set SupportType to EXTENDED to keep the version for another year at a higher price"
	if isExtended {
		fix = "; raise Version"
	}
	annotate.Warning(c, "kubernetes-version", notice+fix)
}
