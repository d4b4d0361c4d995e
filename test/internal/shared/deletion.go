package shared

import (
	"fmt"
	"slices"
	"strings"

	"awscontainers/test/cdktest"
)

// DeletionFaults returns what CloudFormation deletes from a stack with a Kubernetes cluster too early, or leaves in somebody's way:
// "claim data needs CoreDNS until it is deleted". Deletion is creation backwards, so what needs something must come after it.
//
//   - Whoever deletes a volume must be there until it is gone: its claim, its VolumeAttributesClass (which waits for the volume), its
//     class, the driver, the driver's roles with their policies and associations, the snapshot controller, CoreDNS, the nodes, the
//     add-ons without which nodes have no network, and the routes to the internet, as the AWS APIs are there.
//   - Whoever deletes Kubernetes objects must be there until they are gone: the function, its log groups, its way to the API, and its
//     access entry.
//   - No rule that stays names the cluster security group, which EKS could not delete then.
func DeletionFaults(tpl *cdktest.Template) (faults []string) {
	d := deletion{tpl: tpl, addOns: map[string]*cdktest.Resource{}, objects: map[string]*cdktest.Resource{}}
	for _, addOn := range tpl.All("AWS::EKS::Addon") {
		d.addOns[addOn.Get("AddonName").(string)] = addOn
	}
	for _, manifest := range tpl.All(cdktest.KubernetesManifest) {
		for _, object := range manifest.Objects() {
			d.objects[nameOf(object)] = manifest
		}
	}
	for _, kind := range []string{"AWS::EKS::Nodegroup", "AWS::AutoScaling::AutoScalingGroup", "AWS::EKS::FargateProfile"} {
		d.nodes = append(d.nodes, tpl.All(kind)...)
	}
	d.checkObjects()
	d.checkDrivers()
	d.checkNetwork()
	d.checkRetained()
	return d.faults
}

// deletion is the check of one template.
type deletion struct {
	tpl     *cdktest.Template
	addOns  map[string]*cdktest.Resource // by their names
	objects map[string]*cdktest.Resource // manifests, by kind and name of what is in them
	nodes   []*cdktest.Resource
	faults  []string
}

// need says that one resource must be there as long as another one.
func (d *deletion) need(user *cdktest.Resource, what string, needed ...*cdktest.Resource) {
	for _, r := range needed {
		if user != nil && r != nil && user != r && !user.ComesAfter(r) {
			d.faults = append(d.faults, fmt.Sprintf("%s needs %s until it is deleted: %s", user.Path(), what, r.Path()))
		}
	}
}

// drivers are the add-ons whose pods create and delete volumes, by the names that classes have for them.
var drivers = map[string]string{
	"ebs.csi.aws.com": "aws-ebs-csi-driver", "efs.csi.aws.com": "aws-efs-csi-driver", "fsx.csi.aws.com": "aws-fsx-csi-driver",
	"csi.trident.netapp.io": "netapp_trident-operator",
}

func nameOf(object map[string]any) string {
	return object["kind"].(string) + " " + object["metadata"].(map[string]any)["name"].(string)
}

// checkObjects checks the objects by which pods have volumes, and what applies all objects.
func (d *deletion) checkObjects() {
	for _, manifest := range d.tpl.All(cdktest.KubernetesManifest) {
		for _, object := range manifest.Objects() {
			d.checkObject(manifest, object)
		}
		for _, kind := range []string{"AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::IAM::Policy", "AWS::IAM::Role"} {
			for _, part := range d.tpl.All(kind) {
				if strings.Contains(part.Path(), "/KubectlProvider/") {
					d.need(manifest, "the function that deletes objects", part)
				}
			}
		}
		for _, kind := range []string{"AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress", "AWS::EKS::AccessEntry"} {
			for _, part := range d.tpl.All(kind) {
				if isKubectls(part) {
					d.need(manifest, "kubectl's way to the API", part)
				}
			}
		}
	}
}

// isKubectls reports whether a rule or an access entry is that of the function which applies objects.
func isKubectls(r *cdktest.Resource) bool {
	return strings.Contains(r.Path(), "Kubectl") || strings.Contains(r.Path(), "ClusterAdminRoleAccess")
}

func (d *deletion) checkObject(manifest *cdktest.Resource, object map[string]any) {
	spec, _ := object["spec"].(map[string]any)
	var driver string
	switch object["kind"] {
	case "PersistentVolumeClaim":
		if name, ok := spec["volumeAttributesClassName"].(string); ok {
			d.need(manifest, "what waits for its volume", d.objects["VolumeAttributesClass "+name])
		}
		class, _ := spec["storageClassName"].(string)
		d.need(manifest, "its class", d.objects["StorageClass "+class])
		driver = d.provisioner(class)
	case "StorageClass":
		driver, _ = object["provisioner"].(string)
	case "VolumeAttributesClass":
		driver, _ = object["driverName"].(string)
		d.need(manifest, "the class of the volumes", d.objects["StorageClass "+object["metadata"].(map[string]any)["name"].(string)])
	case "VolumeSnapshotClass":
		driver, _ = object["driver"].(string)
		d.need(manifest, "the snapshot controller", d.addOns["snapshot-controller"])
	case "PersistentVolume":
		driver, _ = spec["csi"].(map[string]any)["driver"].(string)
	case "Deployment":
		for _, v := range cdktest.List(cdktest.Dig(spec, "template.spec.volumes")) {
			claim, _ := cdktest.Dig(v, "persistentVolumeClaim.claimName").(string)
			d.need(manifest, "its claim", d.claim(claim, cdktest.Dig(object, "metadata.namespace")))
		}
	}
	if addOn := d.addOns[drivers[driver]]; addOn != nil {
		d.need(manifest, "the driver", addOn)
	}
	if driver != "" {
		d.need(manifest, "CoreDNS", d.addOns["coredns"])
		d.need(manifest, "nodes", d.nodes...)
	}
}

func (d *deletion) claim(name string, namespace any) *cdktest.Resource {
	for _, manifest := range d.tpl.All(cdktest.KubernetesManifest) {
		if slices.ContainsFunc(manifest.Objects(), func(o map[string]any) bool {
			return nameOf(o) == "PersistentVolumeClaim "+name && cdktest.Dig(o, "metadata.namespace") == namespace
		}) {
			return manifest
		}
	}
	return nil
}

// provisioner returns the driver of a class, or "".
func (d *deletion) provisioner(class string) string {
	if manifest := d.objects["StorageClass "+class]; manifest != nil {
		for _, object := range manifest.Objects() {
			if nameOf(object) == "StorageClass "+class {
				return object["provisioner"].(string)
			}
		}
	}
	return ""
}

// checkDrivers checks what the pods of drivers need.
func (d *deletion) checkDrivers() {
	for _, name := range drivers {
		driver := d.addOns[name]
		if driver == nil {
			continue
		}
		d.need(driver, "CoreDNS, by which it finds AWS", d.addOns["coredns"])
		d.need(driver, "nodes", d.nodes...)
		d.need(driver, "its credentials", d.addOns["eks-pod-identity-agent"])
		if name == "netapp_trident-operator" || slices.ContainsFunc(d.tpl.All(cdktest.KubernetesManifest), isSnapshotClassOf(name)) {
			d.need(driver, "the kinds of snapshots", d.addOns["snapshot-controller"])
		}
		for _, role := range d.rolesOf(driver) {
			d.need(driver, "its role", role)
			for _, policy := range d.tpl.All("AWS::IAM::Policy") {
				if !strings.Contains(policy.Path(), "/KeyPolicy/") && policy.Refers(role) { // what is deleted needs no key
					d.need(driver, "its permissions", policy)
				}
			}
			for _, association := range d.tpl.All("AWS::EKS::PodIdentityAssociation") {
				if association.Refers(role) {
					d.need(driver, "its credentials", association)
				}
			}
		}
	}
}

func isSnapshotClassOf(addOn string) func(manifest *cdktest.Resource) bool {
	return func(manifest *cdktest.Resource) bool {
		return slices.ContainsFunc(manifest.Objects(), func(o map[string]any) bool {
			driver, _ := o["driver"].(string)
			return o["kind"] == "VolumeSnapshotClass" && drivers[driver] == addOn
		})
	}
}

// rolesOf returns the roles of a driver's pods: those that its add-on names, and those below the same construct.
func (d *deletion) rolesOf(driver *cdktest.Resource) (roles []*cdktest.Resource) {
	below := strings.TrimSuffix(driver.Path(), "AddOn")
	for _, role := range d.tpl.All("AWS::IAM::Role") {
		if driver.Refers(role) || strings.HasPrefix(role.Path(), below) {
			roles = append(roles, role)
		}
	}
	return roles
}

// checkNetwork checks what nodes need to detach volumes and to leave, and what pods need to reach AWS.
func (d *deletion) checkNetwork() {
	for _, user := range append(slices.Clone(d.nodes), d.addOns["coredns"]) {
		for _, name := range []string{"vpc-cni", "kube-proxy", "eks-pod-identity-agent"} {
			d.need(user, "the network of pods", d.addOns[name])
		}
		for _, kind := range []string{"AWS::EC2::Route", "AWS::EC2::NatGateway", "AWS::EC2::SubnetRouteTableAssociation",
			"AWS::EC2::VPCGatewayAttachment"} {
			d.need(user, "the way to AWS", d.tpl.All(kind)...)
		}
	}
	d.need(d.addOns["coredns"], "nodes", d.nodes...)
	for _, group := range d.tpl.All("AWS::AutoScaling::AutoScalingGroup") {
		for _, entry := range d.tpl.All("AWS::EKS::AccessEntry") {
			if entry.Get("Type") == "EC2_LINUX" && group.Template.Refers(entry.Properties, group) {
				d.need(group, "its access entry", entry)
			}
		}
	}
}

// checkRetained finds rules that stay and name the cluster security group.
func (d *deletion) checkRetained() {
	for _, kind := range []string{"AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"} {
		for _, rule := range d.tpl.All(kind) {
			text := fmt.Sprint(rule.Properties)
			if strings.HasPrefix(rule.DeletionPolicy, "Retain") && strings.Contains(text, "ClusterSecurityGroupId") {
				d.faults = append(d.faults, "EKS can't delete the cluster security group while a retained rule names it: "+rule.Path())
			}
		}
	}
}
