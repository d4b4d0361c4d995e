package eks

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/opt"
)

func (p *SelfManagedNodesProps) setDefaults() {
	p.InstanceTypes, p.UserData = slices.Clone(p.InstanceTypes), slices.Clone(p.UserData)
	p.Labels, p.Taints = maps.Clone(p.Labels), slices.Clone(p.Taints)
	opt.Default(&p.OperatingSystem, platform.AmazonLinux2023)
	opt.Default(&p.OnDemandPercentageAboveBaseCapacity, new(100))
	opt.Default(&p.MinSize, new(1))
	opt.Default(&p.MaxSize, max(3, *p.MinSize+1))
	opt.Default(&p.MinInstancesInService, new(max(0, min(p.initialSize(), p.MaxSize-1))))
	opt.Default(&p.MaxBatchSize, 1)
	opt.Default(&p.DiskSizeGiB, defaultDiskGiB)
	opt.Default(&p.Subnets, network.Private)
}

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
var imageId = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)

const (
	// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplate.html
	maxSelfManagedTypes = 40
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
	maxUserData = 16 * 1024
	// https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
	maxPods = 250
	// Of the five of a network interface, one is the cluster's.
	// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
	maxFurtherGroups = 4
)

// longestJoinData stands for the data of a cluster of which only CloudFormation knows how long they are: a certificate is 1.5 KiB, and
// while one replaces another there are two.
var longestJoinData = joinData{strings.Repeat("n", 100), strings.Repeat("e", 100), strings.Repeat("c", 4096), defaultServiceCidrs[0]}

// Validate returns all problems of the props, or nil. NewSelfManagedNodes also checks the subnets of the VPC, the stack and other nodes
// with the same Role.
func (p *SelfManagedNodesProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *SelfManagedNodesProps) validate() error {
	var bad invalid.Problems
	attributes := []attribute{attributeEndpoint, attributeCertificate, attributeSecurityGroup, attributeServiceCidr}
	if p.ImageId == "" && p.Version == "" {
		attributes = append(attributes, attributeVersion) // which determines the AMI
	}
	checkNodeCluster(p.Cluster, p.Subnets, &bad, attributes...)
	checkNodeVersion(p.Cluster, p.Version, &bad)
	if p.Version != "" && p.ImageId != "" {
		bad.Add("Version", "must not be set together with ImageId, which has its own").Given(p.Version).Advise("remove one of them")
	}
	p.checkInstances(&bad)
	p.checkNumbers(&bad)
	check.Range("DiskSizeGiB", p.DiskSizeGiB, minDiskGiB, maxDiskGiB, &bad)
	if len(p.SecurityGroups) > maxFurtherGroups {
		bad.Add("SecurityGroups", "must have at most %d elements, because EC2 accepts 5 and one is the cluster's", maxFurtherGroups).
			Given(len(p.SecurityGroups))
	}
	check.NoNil[awsec2.ISecurityGroup]("SecurityGroups", p.SecurityGroups, "a security group", &bad)
	checkLabels(p.Labels, &bad)
	checkTaints(p.Taints, &bad)
	p.checkUserData(&bad)
	if p.HasAccessEntry && p.Role == nil {
		bad.Add("HasAccessEntry", "requires Role, because a new role has no access entry").Advise("set Role or remove HasAccessEntry")
	}
	return bad.Err()
}

// validateIn judges what only the CDK's objects and the cluster's other nodes tell.
func (p *SelfManagedNodesProps) validateIn(scope constructs.Construct) error {
	var bad invalid.Problems
	p.Cluster.checkNodePlace(scope, p.Subnets, &bad)
	needsEntry := p.Cluster != nil && p.Role != nil && !p.HasAccessEntry
	if needsEntry && len(p.Cluster.nodeRoles.groups) > 0 && p.Cluster.nodeRoles.group(p.Role) != nil {
		bad.Add("Role", "must not be the role of ManagedNodes: EKS has created its access entry, and a role can have only one").
			Given(p.Role.Node().Path()).Advise("set HasAccessEntry, or use a role of its own")
	}
	return bad.Err()
}

func (p *SelfManagedNodesProps) checkNumbers(bad *invalid.Problems) {
	check.Min("OnDemandBaseCapacity", p.OnDemandBaseCapacity, 0, bad)
	check.Range("OnDemandPercentageAboveBaseCapacity", *p.OnDemandPercentageAboveBaseCapacity, 0, 100, bad)
	checkSizes(p.MinSize, p.DesiredSize, p.MaxSize, bad)
	check.Min("MinInstancesInService", *p.MinInstancesInService, 0, bad)
	if *p.MinInstancesInService >= p.MaxSize && p.MaxSize > 0 {
		bad.Add("MinInstancesInService", "must be less than MaxSize (%d), because otherwise an update couldn't replace a node", p.MaxSize).
			Given(p.MinInstancesInService)
	}
	check.Min("MaxBatchSize", p.MaxBatchSize, 1, bad)
	if p.MaxPods != 0 {
		check.Range("MaxPods", p.MaxPods, 1, maxPods, bad)
	}
}

// checkInstances refuses types that no one AMI serves, and an AMI that does not fit them.
func (p *SelfManagedNodesProps) checkInstances(bad *invalid.Problems) {
	common := checkInstanceTypes(p.InstanceTypes, maxSelfManagedTypes, bad)
	checkOperatingSystem(p.OperatingSystem, bad)
	if p.ImageId == "" {
		checkAmi(p.OperatingSystem, common, bad)
	}
	check.Match("ImageId", p.ImageId, imageId, `the ID of an AMI, such as "ami-0123456789abcdef0"`, bad)
	isKnown := slices.ContainsFunc(p.InstanceTypes, func(name string) bool { _, isType := instancetype.Parse(name); return isType })
	architectures := platform.CpuArchitectures()
	check.Known("CpuArchitecture", p.CpuArchitecture, architectures, bad)
	switch {
	case p.CpuArchitecture == "" && p.ImageId != "":
		bad.Add("CpuArchitecture", "is required with ImageId, because the ID does not show it: %s", check.OneOfQuoted(architectures))
	case isKnown && slices.Contains(architectures, p.CpuArchitecture) && p.CpuArchitecture != common.CpuArchitecture():
		bad.Add("CpuArchitecture", "must be %q, the architecture of InstanceTypes", common.CpuArchitecture()).Given(p.CpuArchitecture).
			Advise("use other InstanceTypes or another AMI")
	}
}

// generatedTables are the tables of TOML that bottlerocket writes, and that may not occur twice.
var generatedTables = regexp.MustCompile(`^\s*\[\s*settings\s*\.\s*kubernetes\s*(\.\s*node-(labels|taints)\s*)?\]`)

func (p *SelfManagedNodesProps) checkUserData(bad *invalid.Problems) {
	for i, line := range strings.Split(strings.Join(p.UserData, "\n"), "\n") {
		switch {
		case p.OperatingSystem == platform.Bottlerocket && generatedTables.MatchString(line):
			bad.Add("UserData", "must not repeat a generated table in line %d, because TOML accepts each table only once", i+1).
				Given(strings.TrimSpace(line)).Advise("use Labels, Taints and MaxPods")
		case p.OperatingSystem != platform.Bottlerocket && strings.HasPrefix(line, "--"+boundary):
			bad.Add("UserData", "must not contain the MIME boundary in line %d", i+1).Given(line)
		}
	}
	if size := len(p.userData(longestJoinData)); size > maxUserData {
		bad.Add("UserData", "must have at most %d bytes with the generated part", maxUserData).Given(size).
			Advise("keep the script in Amazon S3 and fetch it here")
	}
}
