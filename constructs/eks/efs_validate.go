package eks

import (
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

func (p *EfsStorageProps) setDefaults() {
	if p.Cluster != nil && p.Cluster.isFargateOnly() {
		p.DisableDriver = true
	}
	p.Classes, p.Volumes = slices.Clone(p.Classes), slices.Clone(p.Volumes)
	for i := range p.Classes {
		c := &p.Classes[i]
		opt.Default(&c.BasePath, "/")
		opt.Default(&c.DirectoryPermissions, "700")
		if c.GidRangeStart == 0 && c.GidRangeEnd == 0 {
			c.GidRangeStart, c.GidRangeEnd = defaultGidStart, defaultGidEnd
		}
		opt.Default(&c.ReclaimPolicy, ReclaimDelete)
	}
	for i := range p.Volumes {
		p.Volumes[i].setDefaults(p.Cluster)
	}
}

func (v *EfsVolume) setDefaults(c *Cluster) {
	opt.Default(&v.Namespace, "default")
	opt.Default(&v.SizeGiB, 1)
	opt.Default(&v.AccessMode, ReadWriteMany)
	v.OnFargate = v.OnFargate || c.isOnFargate(v.Namespace)
}

// Validate returns all problems of the props, or nil. NewEfsStorage also checks the VPC and what else the cluster has.
func (p *EfsStorageProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *EfsStorageProps) validate() error {
	var bad invalid.Problems
	requireCluster(p.Cluster, &bad)
	if invalid.IsMade(p.Cluster) {
		p.Cluster.requireAttributes("Cluster", &bad, attributeSecurityGroup, attributeKubectl)
	}
	if p.DisableDriver {
		const needsDriver = "requires the driver, which is not installed if DisableDriver is set or if the cluster has only Fargate " +
			"profiles so far"
		if p.AddOnVersion != "" {
			bad.Add("AddOnVersion", needsDriver).Given(p.AddOnVersion).Advise("create the cluster's nodes first, or remove it")
		}
		if len(p.Classes) > 0 {
			bad.Add("Classes", needsDriver).Advise("create the cluster's nodes first, or use Volumes")
		}
	} else {
		minEfsVersion.check("AddOnVersion", p.AddOnVersion, &bad)
	}
	if !invalid.IsMade(p.FileSystem) {
		bad.Add("FileSystem", "is required").Advise("use storage.NewEfsFileSystem or storage.EfsFileSystemFrom")
	}
	if len(p.Classes)+len(p.Volumes) == 0 {
		bad.Add("Classes", "is required unless Volumes is set, because otherwise no pod can use the file system")
	}
	for i := range p.Classes {
		bad.Nest(check.Index("Classes", i), p.Classes[i].validate())
	}
	checkClasses(p.specs(), &bad)
	claims := make([][2]string, len(p.Volumes))
	for i, v := range p.Volumes {
		bad.Nest(check.Index("Volumes", i), v.validate(p))
		claims[i] = [2]string{v.Namespace, v.ClaimName}
	}
	checkClaimNames(claims, &bad)
	return bad.Err()
}

func (p *EfsStorageProps) specs() (specs []classSpec) {
	for i := range p.Classes {
		specs = append(specs, p.Classes[i].spec())
	}
	return specs
}

// validateIn judges what only the CDK's objects and the cluster's other constructs tell.
func (p *EfsStorageProps) validateIn() error {
	var bad invalid.Problems
	if p.Cluster == nil {
		return nil
	}
	var accounts []string
	if !p.DisableDriver {
		accounts = []string{efsControllerAccount, efsNodeAccount}
	}
	p.Cluster.checkDriver(efsDriver, kubeSystem, accounts, &bad)
	p.Cluster.checkNewClasses(p.specs(), &bad)
	if p.Cluster.facts.vpc != nil && invalid.IsMade(p.FileSystem) {
		bad.Nest("FileSystem", p.FileSystem.CheckReach(p.Cluster.facts.vpc, network.Private))
	}
	return bad.Err()
}

func (c *EfsClass) validate() error {
	var bad invalid.Problems
	isAbsolute := strings.HasPrefix(c.BasePath, "/") && !strings.Contains(c.BasePath, "//") && !strings.ContainsAny(c.BasePath, " \t\n")
	if !invalid.IsToken(c.BasePath) && !isAbsolute {
		bad.Add("BasePath", `must be an absolute path such as "/shop"`).Given(c.BasePath)
	}
	check.Match("DirectoryPermissions", c.DirectoryPermissions, efsPermissions, `an octal number of 3 or 4 digits, such as "700"`, &bad)
	check.Range("GidRangeStart", c.GidRangeStart, 1, maxGid-1, &bad)
	switch start, end := c.GidRangeStart, c.GidRangeEnd; {
	case end > maxGid:
		bad.Add("GidRangeEnd", "must be at most %d", maxGid).Given(end)
	case start >= end:
		bad.Add("GidRangeEnd", "must be greater than GidRangeStart (%d)", start).Given(end)
	}
	return bad.Err()
}

func (v *EfsVolume) validate(p *EfsStorageProps) error {
	var bad invalid.Problems
	checkClaim(v.Namespace, v.ClaimName, v.SizeGiB, &bad)
	efsDriver.checkMode("AccessMode", v.AccessMode, &bad)
	switch a := v.AccessPoint; {
	case !invalid.IsMade(a):
		bad.Add("AccessPoint", "is required").Advise("use storage.NewEfsAccessPoint or storage.EfsAccessPointFrom")
	case a.FileSystem != p.FileSystem:
		bad.Add("AccessPoint", "must be one of FileSystem").Given(a.Node().Path())
	case v.OnFargate && a.PosixUser.IsRoot():
		bad.Add("AccessPoint", "must not make its clients root with OnFargate, because EFS allows that only to clients with a role").
			Advise("use an access point with another PosixUser")
	}
	if p.DisableDriver && !v.OnFargate {
		bad.Add("OnFargate", "must be set without the driver, because then only pods on Fargate can mount the volume").
			Advise("set it, or create the cluster's nodes first")
	}
	return bad.Err()
}
