package kubernetes

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const (
	// KubectlVersion is the version of the kubectl that applies objects, unless the cluster is given another.
	KubectlVersion = "1.34"
	// DefaultVersion is the version of a cluster that names none: the newest that this kubectl serves.
	DefaultVersion = "1.35"
)

// release is a version on Amazon EKS.
type release struct {
	version      string
	standardEnds time.Time // the day on which standard support ends
}

func day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// releases are the versions whose dates were known on 30 November 2026, oldest first. Newer ones may be used too, without a warning.
// https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html#kubernetes-release-calendar
var releases = []release{
	{"1.33", day(2026, time.July, 29)},
	{"1.34", day(2026, time.December, 2)},
	{"1.35", day(2027, time.March, 27)},
	{"1.36", day(2027, time.August, 2)},
}

// Versions lists the versions of a cluster that the kubectl of KubectlVersion serves, oldest first: its own, one older and one newer.
// https://kubernetes.io/releases/version-skew-policy/#kubectl
func Versions() (versions []string) {
	own := minor(KubectlVersion)
	for n := own - 1; n <= own+1; n++ {
		versions = append(versions, fmt.Sprintf("1.%d", n))
	}
	return versions
}

var versionForm = regexp.MustCompile(`^1\.([1-9]\d{1,2})$`)

// IsVersion reports whether a text is a minor version, such as "1.36".
func IsVersion(text string) bool { return versionForm.MatchString(text) }

// minor returns the second number of a version, or 0.
func minor(version string) int {
	m := versionForm.FindStringSubmatch(version)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// ZoneWithout returns the ID of the Availability Zone of a Region that EKS does not support, or "".
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
func ZoneWithout(region string) string {
	return map[string]string{"us-east-1": "use1-az3", "us-west-1": "usw1-az2", "ca-central-1": "cac1-az3"}[region]
}

// maxSkew is how many minor versions a kubelet may be older than the API server.
// https://kubernetes.io/releases/version-skew-policy/#kubelet
const maxSkew = 3

// NodeVersions lists the versions that nodes of a cluster may have, newest first: the cluster's, and those as old as a kubelet may be.
func NodeVersions(cluster string) (versions []string) {
	for n := minor(cluster); n >= minor(cluster)-maxSkew; n-- {
		versions = append(versions, fmt.Sprintf("1.%d", n))
	}
	return versions
}

// noticeDays is how long before the end of a version's support a warning begins, as AWS's own notices do.
const noticeDays = 60

// SupportEnd says, from 60 days before the support of a version ends that a cluster has, what happens then, or returns "". Extended support
// takes a year more.
// https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
func SupportEnd(version string, isExtended bool, today time.Time) string {
	i := slices.IndexFunc(releases, func(r release) bool { return r.version == version })
	if i < 0 {
		return ""
	}
	kind, end := "Standard", releases[i].standardEnds
	if isExtended {
		kind, end = "Extended", end.AddDate(1, 0, 0)
	}
	if today.Before(end.AddDate(0, 0, -noticeDays)) {
		return ""
	}
	verb, then := "ends", "then"
	if !today.Before(end) {
		verb, then = "ended", "at any time"
	}
	return fmt.Sprintf("%s support of Kubernetes %s %s on %s, and EKS upgrades the cluster by itself %s, but neither its add-ons nor its "+
		"nodes", kind, version, verb, end.Format(time.DateOnly), then)
}
