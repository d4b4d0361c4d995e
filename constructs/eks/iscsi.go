package eks

import (
	"slices"
	"strings"

	"awscontainers/internal/annotate"
)

// addNodes records whether nodes with this user data, or of this AMI unless it is "", may have the tools for iSCSI.
func (s *storageState) addNodes(userData []string, imageId string) {
	s.hasNodes = true
	if imageId != "" || slices.ContainsFunc(userData, func(line string) bool { return strings.Contains(line, "iscsi") }) {
		s.hasIscsi = true
	}
}

// warnOfIscsi says of a class whose disks no node of the cluster can use.
func (o *OntapStorage) warnOfIscsi(p *OntapStorageProps) {
	if c := p.Cluster; !p.hasProtocol(ProtocolIscsi) || c.facts.existing != nil || !c.storage.hasNodes || c.storage.hasIscsi {
		return
	}
	annotate.Warning(o, "no-iscsi-tools", "No nodes of the cluster install the tools for iSCSI, without which pods with a disk of a class "+
		"with ProtocolIscsi never start. Set UserData of nodes on Amazon Linux 2023 to eks.IscsiUserData(); Bottlerocket can't have the tools")
}

// IscsiUserData prepares nodes on Amazon Linux 2023 for block devices by iSCSI, as volumes of an OntapClass with protocol
// ProtocolIscsi are: give it as UserData of ManagedNodes or SelfManagedNodes. Of several paths to a device it makes one, but leaves
// the disks of Amazon EBS alone, or neither the node nor volumes of EBS would find theirs.
// https://docs.netapp.com/us-en/trident/trident-use/worker-node-prep.html
func IscsiUserData() []string {
	return []string{
		"dnf install -y iscsi-initiator-utils device-mapper-multipath",
		"cat > /etc/multipath.conf <<'END'",
		"defaults {",
		"  find_multipaths no",
		"}",
		"blacklist {",
		"  device {",
		`    vendor "NVME"`,
		`    product "Amazon Elastic Block Store"`,
		"  }",
		"}",
		"END",
		"systemctl enable --now iscsid multipathd",
	}
}
