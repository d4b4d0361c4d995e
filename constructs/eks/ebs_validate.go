package eks

import (
	"slices"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

func (p *EbsStorageProps) setDefaults() {
	if len(p.Classes) == 0 {
		p.Classes = []EbsClass{{Name: "gp3", Default: p.Cluster != nil && p.Cluster.storage.defaultClass == ""}}
	}
	p.Classes = slices.Clone(p.Classes)
	for i := range p.Classes {
		c := &p.Classes[i]
		opt.Default(&c.VolumeType, VolumeGp3)
		opt.Default(&c.FileSystem, FileSystemExt4)
		opt.Default(&c.ReclaimPolicy, ReclaimDelete)
	}
	if p.driver() == ebsDriver {
		opt.Default(&p.ReservedVolumeAttachments, defaultReservedAttachments)
	}
	if p.Snapshots {
		opt.Default(&p.SnapshotClassName, "ebs")
		opt.Default(&p.SnapshotReclaimPolicy, ReclaimDelete)
	}
}

// Validate returns all problems of the props, or nil. NewEbsStorage also checks what else the cluster has.
func (p *EbsStorageProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *EbsStorageProps) validate() error {
	var bad invalid.Problems
	requireCluster(p.Cluster, &bad)
	if invalid.IsMade(p.Cluster) {
		attributes := []attribute{attributeKubectl}
		if p.Cluster.facts.autoMode && p.EncryptionKey != nil {
			attributes = append(attributes, attributeRole) // which must be allowed to use the key
		}
		p.Cluster.requireAttributes("Cluster", &bad, attributes...)
	}
	if p.AddOnVersion != "" && p.driver() == ebsAutoDriver {
		bad.Add("AddOnVersion", "must not be set with a Cluster in Auto Mode, which has the driver built in").Given(p.AddOnVersion).
			Advise("remove it")
	} else {
		checkAddOnVersion("AddOnVersion", p.AddOnVersion, &bad)
	}
	switch reserved := p.ReservedVolumeAttachments; {
	case p.driver() == ebsDriver:
		check.Range("ReservedVolumeAttachments", reserved, 1, maxReservedAttachments, &bad)
	case reserved != 0:
		bad.Add("ReservedVolumeAttachments", "must not be set with a Cluster in Auto Mode, which has the driver built in").Given(reserved).
			Advise("remove it")
	}
	for i := range p.Classes {
		bad.Nest(check.Index("Classes", i), p.Classes[i].validate())
	}
	checkClasses(p.specs(), &bad)
	p.checkSnapshots(&bad)
	return bad.Err()
}

func (p *EbsStorageProps) specs() (specs []classSpec) {
	for i := range p.Classes {
		specs = append(specs, p.Classes[i].spec())
	}
	return specs
}

// validateIn judges what the cluster's other constructs tell.
func (p *EbsStorageProps) validateIn() error {
	var bad invalid.Problems
	if p.Cluster == nil {
		return nil
	}
	if p.driver() == ebsAutoDriver {
		p.Cluster.checkDriver(ebsAutoDriver, "", nil, &bad)
	} else {
		p.Cluster.checkDriver(ebsDriver, kubeSystem, []string{ebsAccount}, &bad)
	}
	p.Cluster.checkNewClasses(p.specs(), &bad)
	if path := p.Cluster.storage.snapshotsPath; path != "" && p.Snapshots && p.SnapshotAddOnVersion != "" {
		bad.Add("SnapshotAddOnVersion", "must not be set after %s has installed the snapshot controller", path).Given(p.SnapshotAddOnVersion).
			Advise("create this construct first")
	}
	return bad.Err()
}

func (p *EbsStorageProps) checkSnapshots(bad *invalid.Problems) {
	if !p.Snapshots {
		for _, o := range []struct{ field, value string }{
			{"SnapshotClassName", p.SnapshotClassName}, {"SnapshotReclaimPolicy", string(p.SnapshotReclaimPolicy)},
			{"SnapshotAddOnVersion", p.SnapshotAddOnVersion},
		} {
			if o.value != "" {
				bad.Add(o.field, "requires Snapshots").Given(o.value).Advise("set Snapshots or remove it")
			}
		}
		return
	}
	check.Match("SnapshotClassName", p.SnapshotClassName, dnsLabel, dnsLabelForm, bad)
	check.Known("SnapshotReclaimPolicy", p.SnapshotReclaimPolicy, []ReclaimPolicy{ReclaimDelete, ReclaimRetain}, bad)
	checkAddOnVersion("SnapshotAddOnVersion", p.SnapshotAddOnVersion, bad)
}

func (c *EbsClass) validate() error {
	var bad invalid.Problems
	check.Known("VolumeType", c.VolumeType, []EbsVolumeType{VolumeGp3, VolumeIo2}, &bad)
	switch iops, isKnown := ebsIops[c.VolumeType]; {
	case !isKnown:
	case c.Iops == 0 && c.VolumeType == VolumeIo2:
		bad.Add("Iops", "is required with VolumeType %s: an integer from %d to %d", VolumeIo2, iops.min, iops.max)
	case c.Iops != 0 && (c.Iops < iops.min || c.Iops > iops.max):
		bad.Add("Iops", "must be an integer from %d to %d with VolumeType %s", iops.min, iops.max, c.VolumeType).Given(c.Iops)
	}
	if c.ThroughputMiBps != 0 {
		c.checkThroughput(&bad)
	}
	check.Known("FileSystem", c.FileSystem, []EbsFileSystem{FileSystemExt4, FileSystemXfs}, &bad)
	checkMountOptions(c.MountOptions, &bad)
	return bad.Err()
}

func (c *EbsClass) checkThroughput(bad *invalid.Problems) {
	iops := max(c.Iops, defaultIops)
	switch t := c.ThroughputMiBps; {
	case c.VolumeType == VolumeIo2:
		bad.Add("ThroughputMiBps", "must not be set with VolumeType %s, whose throughput follows from its IOPS", VolumeIo2).Given(t).
			Advise("remove it")
	case t < minThroughput || t > maxThroughput:
		check.Range("ThroughputMiBps", t, minThroughput, maxThroughput, bad)
	case t*iopsPerMiBps > iops:
		bad.Add("ThroughputMiBps", "must be at most %d with %d IOPS", iops/iopsPerMiBps, iops).Given(t).
			Advise("lower it, or set Iops to %d or more", t*iopsPerMiBps)
	}
}
