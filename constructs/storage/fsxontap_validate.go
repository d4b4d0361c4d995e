package storage

import (
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
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
	ontapMinGiB, ontapMaxGiB, ontapMaxTotalGiB = 1024, 524288, 1048576
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-ontapconfiguration.html
	ontapMaxPairs = 12
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-diskiopsconfiguration.html
	ontapIopsPerGiB, ontapMaxIops = 3, 200000
	// FSx's own default.
	ontapBackupDays = 30
)

func (p *OntapProps) setDefaults() {
	opt.Default(&p.Subnets, network.Private)
	opt.Default(&p.DeploymentType, OntapSingleAz1)
	opt.Default(&p.HaPairs, 1)
	opt.Default(&p.StorageCapacityGiB, ontapMinGiB*p.HaPairs)
	if offered := ontapThroughput[p.DeploymentType]; len(offered) > 0 {
		opt.Default(&p.ThroughputCapacityPerHaPair, offered[0])
	}
	opt.Default(&p.SvmName, "svm")
	if !p.DisableBackups {
		opt.Default(&p.BackupRetentionDays, ontapBackupDays)
	}
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
}

func (p *OntapProps) isMultiAz() bool {
	return p.DeploymentType == OntapMultiAz1 || p.DeploymentType == OntapMultiAz2
}

// serverSubnets are the first subnet, and for several zones the first of another zone, too.
func (p *OntapProps) serverSubnets() []awsec2.ISubnet {
	all := p.Subnets.Of(p.Vpc)
	if !p.isMultiAz() {
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

// Validate returns all problems of the props, or nil. NewOntap also checks that the VPC has such subnets and route tables.
func (p *OntapProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *OntapProps) validate() error {
	var bad invalid.Problems
	settings := fsxSettings{
		vpc: p.Vpc, weeklyTime: p.WeeklyMaintenanceStartTime, backupTime: p.DailyBackupStartTime, backupDays: p.BackupRetentionDays,
		hasNoBackups: p.DisableBackups, removalPolicy: p.RemovalPolicy, name: p.FileSystemName,
	}
	settings.validate(&bad)
	subnettype.Check("Subnets", p.Subnets, &bad)
	check.Known("DeploymentType", p.DeploymentType, []OntapDeploymentType{OntapSingleAz1, OntapSingleAz2, OntapMultiAz1, OntapMultiAz2}, &bad)
	if _, isKnown := ontapThroughput[p.DeploymentType]; isKnown {
		p.validateRoutes(&bad)
		p.validateSize(&bad)
	}
	check.Match("SvmName", p.SvmName, svmName,
		"up to 47 letters, digits, hyphens and underscores, and begin with a letter or underscore", &bad)
	return bad.Err()
}

var (
	// What FSx takes of https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateStorageVirtualMachine.html, and ONTAP of
	// https://docs.netapp.com/us-en/ontap-restapi/post-svm-svms.html
	svmName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,46}$`)
)

// validateRoutes judges what only servers in two zones have.
func (p *OntapProps) validateRoutes(bad *invalid.Problems) {
	if !p.isMultiAz() {
		if len(p.RouteTableIds) > 0 {
			bad.Add("RouteTableIds", "requires DeploymentType %q or %q", OntapMultiAz1, OntapMultiAz2).Given(p.RouteTableIds)
		}
		if p.EndpointIpAddressRange != "" {
			bad.Add("EndpointIpAddressRange", "requires DeploymentType %q or %q", OntapMultiAz1, OntapMultiAz2).Given(p.EndpointIpAddressRange)
		}
		return
	}
	for i, id := range p.RouteTableIds {
		check.RouteTableId(check.Index("RouteTableIds", i), id, bad)
		check.Once("RouteTableIds", p.RouteTableIds, i, bad)
	}
	check.Cidr("EndpointIpAddressRange", p.EndpointIpAddressRange, "198.19.10.0/26", bad)
}

// validateIn judges the props by the VPC.
func (p *OntapProps) validateIn() error {
	var bad invalid.Problems
	subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, &bad)
	if !p.isMultiAz() || p.Vpc == nil || len(p.Subnets.Of(p.Vpc)) == 0 {
		return bad.Err()
	}
	if len(p.serverSubnets()) < 2 {
		bad.Add("Subnets", "must be in two Availability Zones with DeploymentType %q", p.DeploymentType).Given(p.Subnets).
			Advise("use a VPC with more zones, or DeploymentType %q", OntapSingleAz1)
	}
	if len(p.RouteTableIds) == 0 && p.routeTables() == nil {
		bad.Add("RouteTableIds", "is required with a VPC whose subnets' route tables are not known").
			Advise("set it to the route tables of all subnets that clients are in")
	}
	return bad.Err()
}

func (p *OntapProps) validateSize(bad *invalid.Problems) {
	before := len(*bad)
	check.Range("HaPairs", p.HaPairs, 1, ontapMaxPairs, bad)
	if len(*bad) > before {
		return
	}
	if p.HaPairs > 1 && p.DeploymentType != OntapSingleAz2 {
		bad.Add("HaPairs", "must be 1 with DeploymentType %q", p.DeploymentType).Given(p.HaPairs).
			Advise("use DeploymentType %q for more", OntapSingleAz2)
		return
	}
	if offered := ontapThroughput[p.DeploymentType]; !slices.Contains(offered, p.ThroughputCapacityPerHaPair) {
		bad.Add("ThroughputCapacityPerHaPair", "must be %s with DeploymentType %q", check.OneOf(offered), p.DeploymentType).
			Given(p.ThroughputCapacityPerHaPair)
	}
	minGiB, maxGiB := ontapMinGiB*p.HaPairs, min(ontapMaxGiB*p.HaPairs, ontapMaxTotalGiB)
	if p.StorageCapacityGiB < minGiB || p.StorageCapacityGiB > maxGiB {
		bad.Add("StorageCapacityGiB", "must be an integer from %d to %d with HaPairs %d", minGiB, maxGiB, p.HaPairs).Given(p.StorageCapacityGiB)
		return
	}
	included, maxIops := ontapIopsPerGiB*p.StorageCapacityGiB, ontapMaxIops*p.HaPairs
	if p.Iops != 0 && (p.Iops < included || p.Iops > maxIops) {
		bad.Add("Iops", "must be an integer from %d to %d with StorageCapacityGiB %d and HaPairs %d", min(included, maxIops), maxIops,
			p.StorageCapacityGiB, p.HaPairs).Given(p.Iops).Advise("remove it for %d", included)
	}
}
