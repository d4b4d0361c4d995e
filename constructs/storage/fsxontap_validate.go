package storage

import (
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/subnettype"
)

// What FSx for NetApp ONTAP offers.
// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemOntapConfiguration.html
var ontapThroughput = map[OntapDeploymentType][]int{
	OntapSingleAz1: {128, 256, 512, 1024, 2048, 4096},
	OntapSingleAz2: {1536, 3072, 6144},
	OntapMultiAz1:  {128, 256, 512, 1024, 2048, 4096},
	OntapMultiAz2:  {384, 768, 1536, 3072, 6144},
}

const (
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-fsx-filesystem.html
	ontapLeastGiB, ontapMostGiB, ontapMostTogetherGiB = 1024, 524288, 1048576
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-ontapconfiguration.html
	ontapMostPairs = 12
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-diskiopsconfiguration.html
	ontapIopsPerGiB, ontapMostIops = 3, 200000
	// FSx's own default.
	ontapBackupDays = 30
)

func (p *OntapProps) setDefaults() {
	if p.Subnets == "" {
		p.Subnets = network.Private
	}
	if p.DeploymentType == "" {
		p.DeploymentType = OntapSingleAz1
	}
	if p.HaPairs == 0 {
		p.HaPairs = 1
	}
	if p.StorageCapacityGiB == 0 {
		p.StorageCapacityGiB = ontapLeastGiB * p.HaPairs
	}
	if offered := ontapThroughput[p.DeploymentType]; p.ThroughputCapacityPerHaPair == 0 && len(offered) > 0 {
		p.ThroughputCapacityPerHaPair = offered[0]
	}
	if p.SvmName == "" {
		p.SvmName = "svm"
	}
	if p.BackupRetentionDays == 0 && !p.DisableBackups {
		p.BackupRetentionDays = ontapBackupDays
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
}

func (p *OntapProps) multiAz() bool {
	return p.DeploymentType == OntapMultiAz1 || p.DeploymentType == OntapMultiAz2
}

// serverSubnets are the first subnet, and for several zones the first of another zone, too.
func (p *OntapProps) serverSubnets() []awsec2.ISubnet {
	all := p.Subnets.Of(p.Vpc)
	if !p.multiAz() {
		return all[:1]
	}
	for _, subnet := range all[1:] {
		if *subnet.AvailabilityZone() != *all[0].AvailabilityZone() {
			return []awsec2.ISubnet{all[0], subnet}
		}
	}
	return all[:1]
}

// routeTables gives those of the subnets, unless others are named; none if the VPC does not know them all.
func (p *OntapProps) routeTables() (ids []string) {
	if len(p.RouteTableIds) > 0 {
		return p.RouteTableIds
	}
	for _, subnet := range p.Subnets.Of(p.Vpc) {
		id := routeTableOf(subnet)
		if id == "" {
			return nil
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// routeTableOf is "" for an imported subnet that does not know its route table: asked for it, the CDK's interface panics.
func routeTableOf(subnet awsec2.ISubnet) (id string) {
	defer func() {
		if recover() != nil {
			id = ""
		}
	}()
	return *subnet.RouteTable().RouteTableId()
}

func (p *OntapProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC in which the files are to be reached")
	}
	subnettype.Check("Subnets", p.Subnets, &bad)
	subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, &bad)
	p.validateZones(&bad)
	p.validateSize(&bad)
	if !invalid.IsToken(p.SvmName) && !svmName.MatchString(p.SvmName) {
		bad.Add("SvmName", "%q is no name of an SVM; use up to 47 letters, digits, - and _, and a letter or _ first", p.SvmName)
	}
	checkBackups(p.BackupRetentionDays, p.DailyBackupStart, p.DisableBackups, &bad)
	checkWeekly(p.WeeklyMaintenance, &bad)
	checkRemoval(p.RemovalPolicy, &bad)
	checkName(p.FileSystemName, &bad)
	return bad.Err()
}

var (
	// What FSx takes of https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateStorageVirtualMachine.html, and ONTAP of
	// https://docs.netapp.com/us-en/ontap-restapi/post-svm-svms.html
	svmName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,46}$`)
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemOntapConfiguration.html
	routeTableID = regexp.MustCompile(`^rtb-([0-9a-f]{8}|[0-9a-f]{17})$`)
)

// validateZones notes what only servers in two zones have, and what these lack.
func (p *OntapProps) validateZones(bad *invalid.Problems) {
	if _, known := ontapThroughput[p.DeploymentType]; !known {
		return
	}
	if !p.multiAz() {
		if len(p.RouteTableIds) > 0 {
			bad.Add("RouteTableIds", "stand beside DeploymentType %q, which needs no routes; leave them out", p.DeploymentType)
		}
		if p.EndpointIpAddressRange != "" {
			bad.Add("EndpointIpAddressRange", "%q stands beside DeploymentType %q, whose endpoints are in its subnet; leave it out",
				p.EndpointIpAddressRange, p.DeploymentType)
		}
		return
	}
	for i, id := range p.RouteTableIds {
		if !invalid.IsToken(id) && !routeTableID.MatchString(id) {
			bad.Add("RouteTableIds", `%q is not the id of a route table; write it as "rtb-0123456789abcdef0"`, id)
		}
		if slices.Index(p.RouteTableIds, id) < i {
			bad.Add("RouteTableIds", "name %q twice; name each once", id)
		}
	}
	given, err := netip.ParsePrefix(p.EndpointIpAddressRange)
	if text := p.EndpointIpAddressRange; text != "" && !invalid.IsToken(text) && (err != nil || !given.Addr().Is4() || given != given.Masked()) {
		bad.Add("EndpointIpAddressRange", `%q is not an IPv4 range; write it as "198.19.10.0/26"`, text)
	}
	if p.Vpc == nil || len(p.Subnets.Of(p.Vpc)) == 0 {
		return
	}
	if len(p.serverSubnets()) < 2 {
		bad.Add("Subnets", "%q are in one Availability Zone, and DeploymentType %q needs two; use a VPC with more, or %q",
			p.Subnets, p.DeploymentType, OntapSingleAz1)
	}
	if len(p.RouteTableIds) == 0 && p.routeTables() == nil {
		bad.Add("RouteTableIds", "is missing, and the VPC does not know those of its subnets; name the route tables of all subnets in which clients are")
	}
}

func (p *OntapProps) validateSize(bad *invalid.Problems) {
	offered, known := ontapThroughput[p.DeploymentType]
	switch {
	case !known:
		bad.Add("DeploymentType", "%q is unknown; use %q, %q, %q or %q", p.DeploymentType, OntapSingleAz1, OntapSingleAz2, OntapMultiAz1, OntapMultiAz2)
		return
	case p.HaPairs < 1 || p.HaPairs > ontapMostPairs:
		bad.Add("HaPairs", "%d is out of range; use 1 to %d", p.HaPairs, ontapMostPairs)
		return
	case p.HaPairs > 1 && p.DeploymentType != OntapSingleAz2:
		bad.Add("HaPairs", "%d stands beside DeploymentType %q, which has 1; leave it out or use %q", p.HaPairs, p.DeploymentType, OntapSingleAz2)
		return
	}
	if !slices.Contains(offered, p.ThroughputCapacityPerHaPair) {
		bad.Add("ThroughputCapacityPerHaPair", "%d is not offered with DeploymentType %q; use %s", p.ThroughputCapacityPerHaPair, p.DeploymentType, check.OneOf(offered))
	}
	least, most := ontapLeastGiB*p.HaPairs, min(ontapMostGiB*p.HaPairs, ontapMostTogetherGiB)
	if p.StorageCapacityGiB < least || p.StorageCapacityGiB > most {
		bad.Add("StorageCapacityGiB", "%d is out of range for HaPairs %d; use %d to %d", p.StorageCapacityGiB, p.HaPairs, least, most)
		return
	}
	if least, most := ontapIopsPerGiB*p.StorageCapacityGiB, ontapMostIops*p.HaPairs; p.Iops != 0 && (p.Iops < least || p.Iops > most) {
		bad.Add("Iops", "%d are out of range for StorageCapacityGiB %d and HaPairs %d; use %d to %d, or leave it out for %d", p.Iops, p.StorageCapacityGiB,
			p.HaPairs, min(least, most), most, ontapIopsPerGiB*p.StorageCapacityGiB)
	}
}
