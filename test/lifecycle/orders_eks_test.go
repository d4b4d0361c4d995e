package lifecycle_test

import (
	"maps"
	"slices"
	"strings"

	"awscontainers/test/cdktest"
)

const (
	objects  = cdktest.KubernetesManifest
	charts   = "Custom::AWSCDK-EKS-HelmChart"
	accessTo = "https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html"
	addOnsOf = "https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html"
)

// onNodes are the add-ons that nodes need to become ready. Those of all others run as pods that nodes must have room for.
var onNodes = []string{"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}

// addOnOf are the add-ons of drivers, by the names that classes have for them. Trident is in its operator's add-on.
var addOnOf = map[string]string{
	"ebs.csi.aws.com": "aws-ebs-csi-driver", "efs.csi.aws.com": "aws-efs-csi-driver", "fsx.csi.aws.com": "aws-fsx-csi-driver",
	"csi.trident.netapp.io": operator,
}

// insights is the add-on of Container Insights.
const insights = "amazon-cloudwatch-observability"

// operator is the add-on whose pods get their roles by associations beside it, in a namespace of their own.
const operator, operatorNamespace = "netapp_trident-operator", "trident"

var drivers = slices.Collect(maps.Values(addOnOf))

var eksOrders = []order{
	{
		first: "AWS::Logs::LogGroup", then: "AWS::EKS::Cluster",
		when: func(_ *stack, group, _ *cdktest.Resource) bool {
			name, isText := group.Get("LogGroupName").(string)
			return isText && strings.HasPrefix(name, "/aws/eks/")
		},
		because: "EKS creates the group itself otherwise, and the stack can't",
		page:    "https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
	},
	{
		first: "AWS::Logs::LogGroup", then: "AWS::EKS::Addon",
		when: func(_ *stack, group, addOn *cdktest.Resource) bool {
			name, isText := group.Get("LogGroupName").(string)
			return isText && strings.HasPrefix(name, "/aws/containerinsights/") && isAddOn(addOn, insights)
		},
		because: "the agent creates the group itself otherwise, and again when the stack has deleted it",
		page:    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-setup-logs-FluentBit.html",
	},
	{
		first: "AWS::EKS::Addon", then: "AWS::CloudWatch::Alarm",
		when: func(s *stack, addOn, alarm *cdktest.Resource) bool {
			return isAddOn(addOn, insights) && alarm.Get("TreatMissingData") == "breaching" && s.sameCluster(addOn, alarm)
		},
		because: "an alarm that takes missing data for a fault goes off until the agent runs",
		page:    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
	},
	{
		first: "AWS::EKS::Addon", then: nodes,
		when: func(s *stack, addOn, group *cdktest.Resource) bool {
			return isAddOn(addOn, onNodes...) && s.sameCluster(addOn, group)
		},
		because: "nodes aren't ready without a network, and pods that start before the agent get no roles", page: addOnsOf,
	},
	{
		first: nodes, then: "AWS::EKS::Addon",
		when: func(s *stack, group, addOn *cdktest.Resource) bool {
			return !isAddOn(addOn, onNodes...) && s.sameCluster(group, addOn)
		},
		because: "an add-on whose pods find no node ends DEGRADED, and one whose nodes are gone doesn't clean up", page: addOnsOf,
	},
	{
		first: "AWS::EKS::Addon", then: "AWS::EKS::Addon " + charts,
		when: func(s *stack, dns, pods *cdktest.Resource) bool {
			finds := pods.Type == charts || isAddOn(pods, drivers...) || isAddOn(pods, insights)
			return isAddOn(dns, "coredns") && finds && s.sameCluster(dns, pods)
		},
		because: "pods find AWS by CoreDNS: without it drivers and controllers can't delete their volumes and load balancers",
		page:    "https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html",
	},
	{
		first: "AWS::EKS::Addon", then: "AWS::EKS::Addon",
		when: func(s *stack, snapshots, driver *cdktest.Resource) bool {
			return isAddOn(snapshots, "snapshot-controller") && isAddOn(driver, operator) && s.sameCluster(snapshots, driver)
		},
		because: "Trident creates a class of snapshots, whose kind the controller brings",
		page:    "https://docs.aws.amazon.com/eks/latest/userguide/csi-snapshot-controller.html",
	},
	{
		first: objects, then: objects,
		when: func(s *stack, attributes, claim *cdktest.Resource) bool {
			return slices.ContainsFunc(s.objects[attributes], func(o map[string]any) bool {
				return o["kind"] == "VolumeAttributesClass" && slices.ContainsFunc(s.objects[claim], func(c map[string]any) bool {
					return cdktest.Dig(c, "spec.volumeAttributesClassName") == cdktest.Dig(o, "metadata.name")
				})
			})
		},
		because: "its deletion waits for the volume, once the claim is deleted",
		page:    "https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/",
	},
	{
		first: "AWS::EKS::Addon", then: objects,
		when: func(s *stack, driver, custom *cdktest.Resource) bool {
			return slices.ContainsFunc(s.objects[custom], func(o map[string]any) bool {
				name, _ := o["provisioner"].(string)
				return isAddOn(driver, addOnOf[name])
			})
		},
		because: "volumes of a class are deleted by its driver", page: addOnsOf,
	},
	{
		first: objects, then: objects,
		when: func(s *stack, class, claim *cdktest.Resource) bool {
			return slices.ContainsFunc(s.objects[class], func(o map[string]any) bool {
				return o["kind"] == "StorageClass" && slices.ContainsFunc(s.objects[claim], func(c map[string]any) bool {
					return cdktest.Dig(c, "spec.storageClassName") == cdktest.Dig(o, "metadata.name")
				})
			})
		},
		because: "a claim needs its class, and its volume the driver behind it",
		page:    "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming",
	},
	{
		first: policies, then: nodes + " AWS::EKS::Addon", when: hasRole,
		because: "nodes that can't pull or register never join, and a driver without its permissions can't delete its volumes", page: dependsOn,
	},
	{
		first: "AWS::EKS::AccessEntry", then: "AWS::AutoScaling::AutoScalingGroup",
		when: func(s *stack, entry, group *cdktest.Resource) bool {
			return s.share("AWS::IAM::Role", entry, group, launches)
		},
		because: "self-managed nodes join only with an access entry for their role", page: accessTo,
	},
	{
		first: "AWS::EKS::AccessEntry", then: objects + " " + charts,
		when: func(s *stack, entry, custom *cdktest.Resource) bool {
			return slices.ContainsFunc(s.All("AWS::Lambda::Function"), func(function *cdktest.Resource) bool {
				return s.share("AWS::IAM::Role", entry, function, "") && s.graph.Needs(custom, function)
			})
		},
		because: "kubectl can neither create nor delete anything without its access entry", page: accessTo,
	},
	{
		first: sgRules, then: objects + " " + charts,
		when: func(s *stack, rule, custom *cdktest.Resource) bool {
			return s.uses(rule, s.clusterOf(custom), "") &&
				slices.ContainsFunc(s.All("AWS::Lambda::Function"), func(function *cdktest.Resource) bool {
					return s.share("AWS::EC2::SecurityGroup", rule, function, "") && s.graph.Needs(custom, function)
				})
		},
		because: "kubectl reaches a private endpoint only by this rule",
		page:    "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
	},
	{
		first: nodes, then: objects + " " + charts,
		when: func(s *stack, group, custom *cdktest.Resource) bool {
			return s.sameCluster(group, custom) && (custom.Type == charts || s.runsPods(custom))
		},
		because: "pods that lose their nodes before they are deleted don't clean up",
		page:    "https://docs.aws.amazon.com/eks/latest/userguide/delete-cluster.html",
	},
	{
		first: "AWS::EKS::PodIdentityAssociation", then: charts + " AWS::EKS::Addon", when: (*stack).gives,
		because: "a pod gets the role that its service account has when it starts",
		page:    "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html",
	},
	{
		first: policies, then: charts + " AWS::EKS::Addon",
		when: func(s *stack, policy, pods *cdktest.Resource) bool {
			return slices.ContainsFunc(s.All("AWS::EKS::PodIdentityAssociation"), func(association *cdktest.Resource) bool {
				return s.share("AWS::IAM::Role", policy, association, "") && s.gives(association, pods)
			})
		},
		because: "controllers without their permissions can't delete their load balancers and volumes", page: dependsOn,
	},
	{
		first: objects, then: "AWS::EKS::FargateProfile",
		when: func(s *stack, logging, profile *cdktest.Resource) bool {
			return s.sameCluster(logging, profile) && slices.ContainsFunc(s.objects[logging], func(o map[string]any) bool {
				return cdktest.Dig(o, "metadata.namespace") == "aws-observability"
			})
		},
		because: "pods that start before the settings of their logs write none",
		page:    "https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html",
	},
	{
		first: sgRules, then: objects,
		when: func(s *stack, rule, custom *cdktest.Resource) bool {
			const via = "AWS::EFS::AccessPoint AWS::FSx::StorageVirtualMachine AWS::FSx::FileSystem"
			return s.share("AWS::EC2::SecurityGroup", rule, custom, via) ||
				slices.ContainsFunc(s.All("AWS::EFS::MountTarget"), func(target *cdktest.Resource) bool {
					return s.share("AWS::EC2::SecurityGroup", rule, target, "") && s.share("AWS::EFS::FileSystem", target, custom, via)
				})
		},
		because: "nodes can't mount or unmount the files without the rules, and FSx refuses file systems that claims ask for",
		page:    "https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html",
	},
	{
		first: objects, then: objects,
		when: func(s *stack, namespace, other *cdktest.Resource) bool {
			return slices.ContainsFunc(s.objects[namespace], func(o map[string]any) bool {
				return o["kind"] == "Namespace" && slices.ContainsFunc(s.objects[other], func(in map[string]any) bool {
					return cdktest.Dig(in, "metadata.namespace") == cdktest.Dig(o, "metadata.name")
				})
			})
		},
		because: "an object needs its namespace, whose deletion takes it along",
		page:    "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
	},
	{
		first: "AWS::EFS::MountTarget", then: objects,
		when: func(s *stack, target, custom *cdktest.Resource) bool {
			return s.share("AWS::EFS::FileSystem", target, custom, "AWS::EFS::AccessPoint")
		},
		because: "a pod can't mount the volume, and can't unmount it",
		page:    "https://docs.aws.amazon.com/eks/latest/userguide/efs-csi.html",
	},
}

func isAddOn(r *cdktest.Resource, names ...string) bool {
	name, _ := r.Get("AddonName").(string)
	return r.Type == "AWS::EKS::Addon" && slices.Contains(names, name)
}

// gives reports whether an association gives a role to the pods of a chart or an add-on.
func (s *stack) gives(association, pods *cdktest.Resource) bool {
	if !s.sameCluster(association, pods) {
		return false
	}
	namespace := association.Get("Namespace")
	return pods.Type == charts && namespace == pods.Get("Namespace") || isAddOn(pods, operator) && namespace == operatorNamespace
}

// runsPods reports whether a manifest has objects that run pods.
func (s *stack) runsPods(manifest *cdktest.Resource) bool {
	return slices.ContainsFunc(s.objects[manifest], func(object map[string]any) bool {
		kind, _ := object["kind"].(string)
		return slices.Contains([]string{"Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"}, kind)
	})
}

// clusterOf returns the cluster that a resource belongs to, or nil.
func (s *stack) clusterOf(r *cdktest.Resource) *cdktest.Resource {
	for _, cluster := range s.All("AWS::EKS::Cluster") {
		if s.uses(r, cluster, launches) {
			return cluster
		}
	}
	return nil
}

func (s *stack) sameCluster(r, other *cdktest.Resource) bool {
	cluster := s.clusterOf(r)
	return cluster != nil && cluster == s.clusterOf(other)
}
