package eks

import (
	"slices"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/storage"
	"awscontainers/internal/check"
	"awscontainers/internal/lustre"
	"awscontainers/internal/opt"
)

func (p *LustreStorageProps) setDefaults() {
	p.Classes, p.Volumes = slices.Clone(p.Classes), slices.Clone(p.Volumes)
	for i := range p.Classes {
		k := &p.Classes[i]
		opt.Default(&k.ReclaimPolicy, ReclaimDelete)
		opt.Default(&k.DeploymentType, storage.LustrePersistent2)
		opt.Default(&k.PerUnitThroughput, lustre.MinThroughput(k.DeploymentType))
		if len(k.MountOptions) == 0 {
			k.MountOptions = []string{"flock"}
		}
	}
	for i := range p.Volumes {
		v := &p.Volumes[i]
		opt.Default(&v.Namespace, "default")
		opt.Default(&v.SizeGiB, lustre.MinCapacityGiB)
		if len(v.MountOptions) == 0 {
			v.MountOptions = []string{"flock"}
		}
	}
}

// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemLustreConfiguration.html
const maxLustreBackupDays = 90

var lustreTypes = []storage.LustreDeploymentType{storage.LustreScratch2, storage.LustrePersistent1, storage.LustrePersistent2}

// Validate returns all problems of the props, or nil. NewLustreStorage also checks what else the cluster has.
func (p *LustreStorageProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *LustreStorageProps) validate() error {
	var bad invalid.Problems
	requireCluster(p.Cluster, &bad)
	if invalid.IsMade(p.Cluster) {
		attributes := []attribute{attributeSecurityGroup, attributeKubectl}
		if len(p.Classes) > 0 {
			attributes = append([]attribute{attributeVpc}, attributes...)
		}
		p.Cluster.requireAttributes("Cluster", &bad, attributes...)
	}
	checkAddOnVersion("AddOnVersion", p.AddOnVersion, &bad)
	if len(p.Classes)+len(p.Volumes) == 0 {
		bad.Add("Classes", "is required unless Volumes is set, because otherwise no pod can use the driver")
	}
	for i := range p.Classes {
		bad.Nest(check.Index("Classes", i), p.Classes[i].validate())
	}
	checkClasses(p.specs(), &bad)
	claims := make([][2]string, len(p.Volumes))
	for i, v := range p.Volumes {
		bad.Nest(check.Index("Volumes", i), v.validate())
		claims[i] = [2]string{v.Namespace, v.ClaimName}
	}
	checkClaimNames(claims, &bad)
	return bad.Err()
}

func (p *LustreStorageProps) specs() (specs []classSpec) {
	for i := range p.Classes {
		specs = append(specs, p.Classes[i].spec())
	}
	return specs
}

// validateIn judges what the cluster's other constructs tell.
func (p *LustreStorageProps) validateIn() error {
	var bad invalid.Problems
	p.Cluster.checkDriver(lustreDriver, kubeSystem, []string{lustreAccount}, &bad)
	p.Cluster.checkNewClasses(p.specs(), &bad)
	return bad.Err()
}

func (v *LustreVolume) validate() error {
	var bad invalid.Problems
	if !invalid.IsMade(v.FileSystem) {
		bad.Add("FileSystem", "is required").Advise("use storage.NewLustre or storage.LustreFrom")
	}
	checkClaim(v.Namespace, v.ClaimName, v.SizeGiB, &bad)
	checkMountOptions(v.MountOptions, &bad)
	if v.ReadOnly && slices.Contains(v.MountOptions, "rw") {
		bad.Add("MountOptions", `must not contain "rw" with ReadOnly`).Advise("remove one of them")
	}
	return bad.Err()
}

func (k *LustreClass) validate() error {
	var bad invalid.Problems
	check.Known("DeploymentType", k.DeploymentType, lustreTypes, &bad)
	offered, isKnown := lustre.Throughputs(k.DeploymentType)
	switch {
	case !isKnown:
	case len(offered) == 0 && k.PerUnitThroughput != 0:
		bad.Add("PerUnitThroughput", "must not be set with DeploymentType %s, whose throughput is fixed", k.DeploymentType).
			Given(k.PerUnitThroughput).Advise("remove it")
	case len(offered) > 0 && !slices.Contains(offered, k.PerUnitThroughput):
		bad.Add("PerUnitThroughput", "must be %s with DeploymentType %s", check.OneOf(offered), k.DeploymentType).Given(k.PerUnitThroughput)
	}
	switch days := k.BackupRetentionDays; {
	case days < 0 || days > maxLustreBackupDays:
		bad.Add("BackupRetentionDays", "must be an integer from 1 to %d, or 0 for no backups", maxLustreBackupDays).Given(days)
	case days > 0 && k.DeploymentType == storage.LustreScratch2:
		bad.Add("BackupRetentionDays", "must not be set with DeploymentType %s, which has no backups", k.DeploymentType).
			Given(days).Advise("remove it")
	}
	checkMountOptions(k.MountOptions, &bad)
	return bad.Err()
}
