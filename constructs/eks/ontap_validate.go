package eks

import (
	"slices"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

func (p *OntapStorageProps) setDefaults() {
	p.Classes = slices.Clone(p.Classes)
	for i := range p.Classes {
		opt.Default(&p.Classes[i].ReclaimPolicy, ReclaimDelete)
		opt.Default(&p.Classes[i].Protocol, ProtocolNfs)
	}
}

// Validate returns all problems of the props, or nil. NewOntapStorage also checks what else the cluster has.
func (p *OntapStorageProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *OntapStorageProps) validate() error {
	var bad invalid.Problems
	requireCluster(p.Cluster, &bad)
	if invalid.IsMade(p.Cluster) {
		p.Cluster.requireAttributes("Cluster", &bad, attributeSecurityGroup, attributeKubectl)
	}
	if !invalid.IsMade(p.FileSystem) {
		bad.Add("FileSystem", "is required").Advise("use storage.NewOntap or storage.OntapFrom")
	}
	if len(p.Classes) == 0 {
		bad.Add("Classes", "is required, because otherwise no pod can use Trident")
	}
	for i := range p.Classes {
		bad.Nest(check.Index("Classes", i), p.Classes[i].validate(p))
	}
	checkClasses(p.specs(), &bad)
	minTridentVersion.check("AddOnVersion", p.AddOnVersion, &bad)
	return bad.Err()
}

func (p *OntapStorageProps) specs() (specs []classSpec) {
	for i := range p.Classes {
		specs = append(specs, p.Classes[i].spec())
	}
	return specs
}

// validateIn judges what the cluster's other constructs tell.
func (p *OntapStorageProps) validateIn() error {
	var bad invalid.Problems
	p.Cluster.checkDriver(ontapNfs, tridentNamespace, []string{tridentController, tridentOperator}, &bad)
	p.Cluster.checkNewClasses(p.specs(), &bad)
	return bad.Err()
}

func (k *OntapClass) validate(p *OntapStorageProps) error {
	var bad invalid.Problems
	check.Known("Protocol", k.Protocol, []OntapProtocol{ProtocolNfs, ProtocolIscsi}, &bad)
	if k.Protocol == ProtocolIscsi {
		switch {
		case invalid.IsMade(p.FileSystem) && !p.FileSystem.HasIscsi():
			bad.Add("Protocol", "must be %q with a FileSystem of more than 6 HaPairs", ProtocolNfs).Given(k.Protocol)
		case p.Cluster != nil && p.Cluster.facts.autoMode:
			bad.Add("Protocol", "must be %q in Auto Mode, whose nodes lack the iSCSI tools", ProtocolNfs).Given(k.Protocol).
				Advise("use it, or nodes of your own with IscsiUserData")
		}
	}
	checkMountOptions(k.MountOptions, &bad)
	return bad.Err()
}
