package eks

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

func (p *ManagedNodesProps) setDefaults() {
	p.InstanceTypes, p.UserData = slices.Clone(p.InstanceTypes), slices.Clone(p.UserData)
	p.Labels, p.Taints = maps.Clone(p.Labels), slices.Clone(p.Taints)
	opt.Default(&p.OperatingSystem, platform.AmazonLinux2023)
	opt.Default(&p.MinSize, new(1))
	opt.Default(&p.MaxSize, max(3, *p.MinSize))
	opt.Default(&p.DiskSizeGiB, defaultDiskGiB)
	opt.Default(&p.Subnets, network.Private)
	if p.MaxUnavailablePercentage == 0 {
		opt.Default(&p.MaxUnavailable, 1)
	}
}

const (
	// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
	maxManagedTypes = 20
	// Kubernetes accepts longer ones: https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html
	maxTaintKey = 63
	// eksUserDataSize is room for the part with which nodes of a group join: a certificate of 1.5 KiB and some lines.
	eksUserDataSize = 4096
)

// releaseForms are the forms of AmiRelease: the version of Kubernetes and a date, or Bottlerocket's own version and a commit.
// https://docs.aws.amazon.com/eks/latest/userguide/eks-linux-ami-versions.html
// https://github.com/bottlerocket-os/bottlerocket/releases
var releaseForms = map[platform.OperatingSystem]struct {
	form    *regexp.Regexp
	example string
}{
	platform.AmazonLinux2023: {regexp.MustCompile(`^(\d+\.\d+)\.\d+-\d{8}$`), "1.35.7-20260827"},
	platform.Bottlerocket:    {regexp.MustCompile(`^\d+\.\d+\.\d+-[0-9a-f]{8}$`), "1.64.0-0123abcd"},
}

// Validate returns all problems of the props, or nil. NewManagedNodes also checks the subnets of the VPC and the stack.
func (p *ManagedNodesProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *ManagedNodesProps) validate() error {
	var bad invalid.Problems
	checkNodeCluster(p.Cluster, p.Subnets, &bad)
	if p.Subnets == network.Public {
		bad.Add("Subnets", "must be %q or %q, because EKS refuses node groups in public subnets that assign no public addresses",
			network.Private, network.Isolated).Given(network.Public).Advise("use one of them, or NewSelfManagedNodes")
	}
	common := checkInstanceTypes(p.InstanceTypes, maxManagedTypes, &bad)
	checkOperatingSystem(p.OperatingSystem, &bad)
	checkAmi(p.OperatingSystem, common, &bad)
	checkSizes(p.MinSize, p.DesiredSize, p.MaxSize, &bad)
	check.Range("DiskSizeGiB", p.DiskSizeGiB, minDiskGiB, maxDiskGiB, &bad)
	checkLabels(p.Labels, &bad)
	checkTaints(p.Taints, &bad)
	for i, t := range p.Taints {
		if len(t.Key) > maxTaintKey && !invalid.IsToken(t.Key) {
			bad.Add(check.Index("Taints", i)+".Key", "must have at most %d characters in a managed node group", maxTaintKey).Given(t.Key)
		}
	}
	switch {
	case p.MaxUnavailable != 0 && p.MaxUnavailablePercentage != 0:
		bad.Add("MaxUnavailablePercentage", "must not be set together with MaxUnavailable").
			Given(p.MaxUnavailablePercentage).Advise("remove one of them")
	case p.MaxUnavailablePercentage != 0:
		check.Percent("MaxUnavailablePercentage", p.MaxUnavailablePercentage, &bad)
	default:
		check.Range("MaxUnavailable", p.MaxUnavailable, 1, 100, &bad)
	}
	checkNodeVersion(p.Cluster, p.Version, &bad)
	p.checkRelease(&bad)
	p.checkUserData(&bad)
	return bad.Err()
}

// validateIn judges what only the CDK's objects tell.
func (p *ManagedNodesProps) validateIn(scope constructs.Construct) error {
	var bad invalid.Problems
	if p.Subnets != network.Public { // which validate refuses
		p.Cluster.checkNodePlace(scope, p.Subnets, &bad)
	}
	return bad.Err()
}

func (p *ManagedNodesProps) checkUserData(bad *invalid.Problems) {
	if len(p.UserData) == 0 {
		return
	}
	if p.OperatingSystem == platform.Bottlerocket {
		bad.Add("UserData", "is not compatible with OperatingSystem %s, which has no shell", platform.Bottlerocket).Advise("remove it")
	}
	if strings.Contains(joinLines(p.UserData), boundary) {
		bad.Add("UserData", "must not contain the MIME boundary %s", boundary)
	}
	if size, limit := len(mime(script(p.UserData))), maxUserData-eksUserDataSize; size > limit {
		bad.Add("UserData", "must have at most %d bytes, because an instance takes %d with what EKS adds", limit, maxUserData).Given(size).
			Advise("keep the script in Amazon S3 and fetch it here")
	}
}

// checkRelease refuses an AMI of another operating system, or of another version than the nodes'.
func (p *ManagedNodesProps) checkRelease(bad *invalid.Problems) {
	release, isKnown := releaseForms[p.OperatingSystem]
	given, version := p.AmiRelease, p.version()
	if given == AmiReleaseLatest {
		if p.Cluster != nil && version == "" {
			bad.Add("AmiRelease", "requires a version of Kubernetes to look up the newest release").Given(given).
				Advise("set Version here or in eks.ClusterFrom")
		}
		return
	}
	if given == "" || invalid.IsToken(given) || !isKnown {
		return
	}
	m := release.form.FindStringSubmatch(given)
	switch {
	case m == nil:
		bad.Add("AmiRelease", "must be %q or a release of the AMI for %s such as %q", AmiReleaseLatest, p.OperatingSystem, release.example).
			Given(given)
	case len(m) > 1 && version != "" && !invalid.IsToken(version) && m[1] != version:
		bad.Add("AmiRelease", "must be a release for Kubernetes %s, the nodes' version", version).Given(given)
	}
}
