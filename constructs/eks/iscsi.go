package eks

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
