package settings

import (
	"strings"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/storage"
	"awscontainers/stacks"
)

func eksStorage(r *reader) stacks.EksStorageProps {
	p := stacks.EksStorageProps{
		Env:                   r.env(),
		VpcId:                 r.vpcId,
		AvailabilityZoneNames: r.zones,
		NatGateways:           r.natGateways(),
		Protect:               r.protect(),
		LogRetention:          r.profile.logRetention,
		RemovalPolicy:         r.profile.removalPolicy,
		MinNodes:              r.profile.minInstances,
		MaxNodes:              r.profile.maxInstances,
		DisableBackups:        !r.profile.isProd(), // they would outlive the stack

		LustreDeploymentType: storage.LustreScratch2,
		OntapDeploymentType:  storage.OntapSingleAz1,
		ReclaimPolicy:        eks.ReclaimDelete,

		AdminArns: r.list(key{
			Name: "adminArns", Doc: "the IAM roles or users that can do everything in the cluster", Check: isPrincipal,
		}),
		PublicAccessCidrs: r.list(key{
			Name: "publicAccessCidrs", Doc: "who reaches the Kubernetes API over the internet, `203.0.113.0/24`; otherwise nobody",
			Check: isCidr,
		}),
		Drivers: choices(r, key{
			Name: "drivers", Default: strings.Join(plain([]stacks.StorageDriver{stacks.EbsDriver, stacks.EfsDriver, stacks.LustreDriver}), ","),
			Doc: "the kinds of volumes that pods use, one or more of `EBS`, `EFS`, `LUSTRE` and `ONTAP`, which requires a subscription to " +
				"Trident in the AWS Marketplace",
		}, stacks.EbsDriver, stacks.EfsDriver, stacks.LustreDriver, stacks.OntapDriver),
		InstanceTypes: r.list(key{
			Name: "instanceTypes", Default: "t3.large",
			Doc:   "the instance types of nodes, x86 or Arm, separated by commas: each driver runs pods on every node",
			Check: isInstanceType,
		}),
		Image: r.text(key{Name: "image", Default: shellImage, Doc: "the image of the pods that write to the volumes", Check: isImage}),
	}
	p.Version, p.KubectlLayer = r.kubernetesVersion()
	p.NodeVersion = r.nodeVersion()
	if r.profile.isProd() {
		p.LustreDeploymentType, p.OntapDeploymentType, p.ReclaimPolicy = storage.LustrePersistent2, storage.OntapMultiAz1, eks.ReclaimRetain
	}
	r.noteZones(amazonEks)
	r.noteAccess(p.AdminArns)
	return p
}
