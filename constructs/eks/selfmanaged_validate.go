package eks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/instancetype"
)

func (p *SelfManagedNodesProps) setDefaults() {
	p.InstanceTypes, p.UserData, p.Labels, p.Taints = slices.Clone(p.InstanceTypes), slices.Clone(p.UserData), maps.Clone(p.Labels), slices.Clone(p.Taints)
	if p.OperatingSystem == "" {
		p.OperatingSystem = AmazonLinux2023
	}
	if p.OnDemandPercentageAboveBaseCapacity == nil {
		p.OnDemandPercentageAboveBaseCapacity = new(100)
	}
	if p.MinSize == nil {
		p.MinSize = new(1)
	}
	if p.MaxSize == 0 {
		p.MaxSize = max(3, *p.MinSize+1)
	}
	if p.MinInService == nil {
		there := *p.MinSize
		if p.DesiredSize != nil {
			there = *p.DesiredSize
		}
		p.MinInService = new(max(0, min(there, p.MaxSize-1)))
	}
	if p.MaxBatchSize == 0 {
		p.MaxBatchSize = 1
	}
	if p.DiskSizeGiB == 0 {
		p.DiskSizeGiB = defaultDiskGiB
	}
	if p.Subnets == "" {
		p.Subnets = network.Private
	}
}

// instances is what the types have in common; validate has seen to it that they do.
func (p *SelfManagedNodesProps) instances() instancetype.Type {
	var ignored invalid.Problems
	return checkInstanceTypes(p.InstanceTypes, &ignored)
}

func architectureOf(t instancetype.Type) Architecture {
	if t.Arm {
		return Arm64
	}
	return X86_64
}

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
var imageID = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)

const (
	// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplate.html
	maxGroupTypes = 40
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
	maxUserData = 16 * 1024
	// https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
	maxPods = 250
	// Of the five of a network interface, one is the cluster's.
	// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
	maxFurtherGroups = 4
)

// largest stands for the coordinates of a cluster of which only CloudFormation knows how long they are: a certificate is 1.5 KiB, and
// while one replaces another there are two.
var largest = coordinates{strings.Repeat("n", 100), strings.Repeat("e", 100), strings.Repeat("c", 4096), serviceCidrs[0]}

func (p *SelfManagedNodesProps) validate() error {
	var bad invalid.Problems
	checkCluster(p.Cluster, p.Subnets, &bad)
	p.validateInstances(&bad)
	if p.OnDemandBaseCapacity < 0 {
		bad.Add("OnDemandBaseCapacity", "%d is negative; use 0 or more", p.OnDemandBaseCapacity)
	}
	if share := *p.OnDemandPercentageAboveBaseCapacity; share < 0 || share > 100 {
		bad.Add("OnDemandPercentageAboveBaseCapacity", "%d is out of range; use 0 to 100", share)
	}
	checkSizes(p.MinSize, p.DesiredSize, p.MaxSize, &bad)
	switch kept := *p.MinInService; {
	case kept < 0:
		bad.Add("MinInService", "%d is negative; use 0 or more", kept)
	case kept >= p.MaxSize && p.MaxSize > 0:
		bad.Add("MinInService", "%d is not below MaxSize %d, so that an update could replace no node; lower it or raise MaxSize", kept, p.MaxSize)
	}
	if p.MaxBatchSize < 0 {
		bad.Add("MaxBatchSize", "%d is negative; use 1 or more", p.MaxBatchSize)
	}
	checkDisk(p.DiskSizeGiB, &bad)
	if len(p.SecurityGroups) > maxFurtherGroups {
		bad.Add("SecurityGroups", "are %d; EC2 takes %d beside the cluster's", len(p.SecurityGroups), maxFurtherGroups)
	}
	for i, group := range p.SecurityGroups {
		if group == nil {
			bad.Add(fmt.Sprintf("SecurityGroups[%d]", i), "is nil; leave it out or give a security group")
		}
	}
	checkLabels(p.Labels, &bad)
	checkTaints(p.Taints, &bad)
	if p.MaxPods < 0 || p.MaxPods > maxPods {
		bad.Add("MaxPods", "%d is out of range; use 1 to %d", p.MaxPods, maxPods)
	}
	p.validateUserData(&bad)
	if p.HasAccessEntry && p.Role == nil {
		bad.Add("HasAccessEntry", "is for a Role of other nodes, and a new one has none; leave it out or give the Role")
	}
	if !p.HasAccessEntry && p.Role != nil && p.Cluster != nil && len(p.Cluster.nodeRoles) > 0 && p.Cluster.nodeRoles[*p.Role.Node().Path()] != nil {
		bad.Add("Role", "%s is that of ManagedNodes, for which EKS has made an access entry, and takes no second; set HasAccessEntry, or give a role of its own", *p.Role.Node().Path())
	}
	return bad.Err()
}

// validateInstances asks for types that one AMI serves, and for one that there is.
func (p *SelfManagedNodesProps) validateInstances(bad *invalid.Problems) {
	if len(p.InstanceTypes) == 0 || len(p.InstanceTypes) > maxGroupTypes {
		bad.Add("InstanceTypes", `are %d; give 1 to %d, such as "m7g.large"`, len(p.InstanceTypes), maxGroupTypes)
	}
	common := checkInstanceTypes(p.InstanceTypes, bad)
	known := slices.ContainsFunc(p.InstanceTypes, func(name string) bool { _, ok := instancetype.Parse(name); return ok })
	switch {
	case p.OperatingSystem != AmazonLinux2023 && p.OperatingSystem != Bottlerocket:
		bad.Add("OperatingSystem", "%q is unknown; use %q or %q", p.OperatingSystem, AmazonLinux2023, Bottlerocket)
	case p.ImageId == "" && amiType(p.OperatingSystem, common) == "":
		bad.Add("OperatingSystem", "%q has no AMI for %s with %s; use other InstanceTypes, or an ImageId of your own", p.OperatingSystem, architecture(common), common.Accelerator.OrNone())
	}
	if p.ImageId != "" && !invalid.IsToken(p.ImageId) && !imageID.MatchString(p.ImageId) {
		bad.Add("ImageId", `%q is not the id of an AMI; write it as "ami-0123456789abcdef0"`, p.ImageId)
	}
	switch {
	case p.Architecture == "" && p.ImageId != "":
		bad.Add("Architecture", "is missing beside ImageId %q, whose processors cannot be seen; use %q or %q", p.ImageId, X86_64, Arm64)
	case p.Architecture == "":
	case p.Architecture != X86_64 && p.Architecture != Arm64:
		bad.Add("Architecture", "%q is unknown; use %q or %q", p.Architecture, X86_64, Arm64)
	case known && p.Architecture != architectureOf(common):
		bad.Add("Architecture", "%q is not that of the InstanceTypes, %q; use others, or another AMI", p.Architecture, architectureOf(common))
	}
}

// settings are the tables of TOML that are written here, and may not stand there twice.
var settings = regexp.MustCompile(`^\s*\[\s*settings\s*\.\s*kubernetes\s*(\.\s*node-(labels|taints)\s*)?\]`)

func (p *SelfManagedNodesProps) validateUserData(bad *invalid.Problems) {
	for i, line := range strings.Split(strings.Join(p.UserData, "\n"), "\n") {
		switch {
		case p.OperatingSystem == Bottlerocket && settings.MatchString(line):
			bad.Add("UserData", "has %q in line %d, which stands there already, and TOML takes it once; use Labels, Taints and MaxPods", strings.TrimSpace(line), i+1)
		case p.OperatingSystem != Bottlerocket && strings.HasPrefix(line, "--"+boundary):
			bad.Add("UserData", "has the boundary of its parts in line %d, %q; write it otherwise", i+1, line)
		}
	}
	if size := len(p.userData(largest)); size > maxUserData {
		bad.Add("UserData", "are %d bytes with what joins the node, and an instance takes %d; keep a script in Amazon S3, and fetch it here", size, maxUserData)
	}
}
