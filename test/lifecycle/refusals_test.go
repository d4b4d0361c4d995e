package lifecycle_test

import (
	"fmt"
	"regexp"
	"strings"

	"awscontainers/test/cdktest"
)

// refusal is a reason for which AWS refuses to delete a resource.
type refusal struct {
	why, page string
	refuses   func(f failure, r *cdktest.Resource) bool
	// fires are changes of variants that it finds.
	fires []breakage
}

// breakage is a change of a variant's template, by the places of resources, and the resource that can't be deleted then.
type breakage struct {
	variant string
	change  func(at func(path string) map[string]any)
	refuses string
}

// knownRefusals are what the rollback of a first deployment can't delete, by variant and by place.
var knownRefusals = map[string]map[string]string{
	"Ec2Web-spot": {
		// The variant with the context key protect, which is off for a first deployment, and managedTerminationProtection, which requires it.
		"LoadBalancer": protected, "Table": protected,
		"OnDemand/AutoScalingGroup": protectedInstances, "Spot/AutoScalingGroup": protectedInstances,
	},
	"EksStorage-prod":       knownAnywhere.at("Ontap/Svm"),
	"FargateWeb-two":        knownAnywhere.at("Cluster/DefaultServiceDiscoveryNamespace"),
	"FargateWeb-cloudfront": knownAnywhere.at("Cluster/DefaultServiceDiscoveryNamespace"),
	"FargateWeb-oidc":       knownAnywhere.at("Cluster/DefaultServiceDiscoveryNamespace"),
	"FargateWeb-public":     knownAnywhere.at("Cluster/DefaultServiceDiscoveryNamespace"),
}

// knownAnywhere are those of every variant.
var knownAnywhere = places{
	"Ontap/Svm": holdsVolumes,
	// constructs/ecs/README.md, "How to tear it down": the second attempt deletes it.
	"Cluster/DefaultServiceDiscoveryNamespace": holdsServices,
}

// places are reasons by place.
type places map[string]string

func (p places) at(place string) map[string]string { return map[string]string{place: p[place]} }

const (
	protected          = "it is protected against deletion from the beginning"
	protectedInstances = "its instances are protected from scale-in"
	holdsObjects       = "it isn't empty: something writes into the bucket as soon as it exists"
	holdsImages        = "it isn't empty: something pushes into the repository as soon as it exists"
	holdsServices      = "it isn't empty: ECS deletes the services of Service Connect after its own"
	holdsVolumes       = "it isn't empty: nothing waits until the volumes of the claims are deleted"
	holdsRecords       = "it isn't empty: the record that validates a certificate stays in the zone"
)

// refusals is the table of what keeps CloudFormation from deleting a resource.
var refusals = []refusal{
	{
		// ELB: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
		// DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html
		// EKS: https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html
		// EC2: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html
		// Logs: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protecting-log-groups-from-deletion.html
		why: protected, page: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
		refuses: func(_ failure, r *cdktest.Resource) bool { return isProtected(r) },
		fires: []breakage{
			{"FargateWeb", set("LoadBalancer", "LoadBalancerAttributes", []any{
				map[string]any{"Key": "deletion_protection.enabled", "Value": "true"}}), "LoadBalancer"},
			{"Ec2Web", set("Table", "DeletionProtectionEnabled", true), "Table"},
			{"EksNodes", set("Cluster", "DeletionProtection", true), "Cluster"},
			{"FargateWeb", set("Task/LogGroup", "DeletionProtectionEnabled", "true"), "Task/LogGroup"},
			{"Ec2Web", set("OnDemand/AutoScalingGroup", "DeletionProtection", "prevent-all-deletion"), "OnDemand/AutoScalingGroup"},
			{"Registry", add("Host", "AWS::EC2::Instance", map[string]any{"DisableApiTermination": true}), "Host"},
			{"Registry", add("Users", "AWS::Cognito::UserPool", map[string]any{"DeletionProtection": "ACTIVE"}), "Users"},
			{"Registry", add("Database", "AWS::RDS::DBInstance", map[string]any{"DeletionProtection": map[string]any{
				"Fn::If": []any{"IsProd", true, false}}}), "Database"},
			{"Registry", add("Global", "AWS::DynamoDB::GlobalTable", map[string]any{"Replicas": []any{
				map[string]any{"Region": "eu-west-1", "DeletionProtectionEnabled": true}}}), "Global"},
			{"Registry", add("Gateway", "AWS::ECS::Gateway", map[string]any{"GatewayName": "web"}), "Gateway"},
		},
	},
	{
		why: protectedInstances, page: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-protection.html",
		refuses: func(_ failure, r *cdktest.Resource) bool {
			return r.Type == "AWS::AutoScaling::AutoScalingGroup" && isTrue(r.Get("NewInstancesProtectedFromScaleIn"))
		},
		fires: []breakage{{"Ec2Web", set("OnDemand/AutoScalingGroup", "NewInstancesProtectedFromScaleIn", true), "OnDemand/AutoScalingGroup"}},
	},
	{
		why: holdsObjects, page: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html",
		refuses: func(f failure, r *cdktest.Resource) bool {
			if r.Type != "AWS::S3::Bucket" {
				return false
			}
			for _, writer := range f.makes(bucketWriters...) {
				if writer != r && writer.Refers(r) && !f.isEmptied(r, writer) {
					return true
				}
			}
			return false
		},
		fires: []breakage{
			{"FargateWeb", policy("LoadBalancer/AccessLogs", "RetainExceptOnCreate"), "LoadBalancer/AccessLogs"},
			{"NlbService-prod", policy("LoadBalancer/AccessLogs", "Delete"), "LoadBalancer/AccessLogs"},
			{"EventDrivenTask", func(at func(string) map[string]any) {
				add("Logs", "AWS::S3::Bucket", nil)(at)
				add("FlowLog", "AWS::EC2::FlowLog", map[string]any{"LogDestination": map[string]any{"Fn::Sub": "${Logs.Arn}/flows/"}})(at)
			}, "Logs"},
		},
	},
	{
		why: holdsImages, page: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html",
		refuses: func(f failure, r *cdktest.Resource) bool {
			if r.Type != "AWS::ECR::Repository" || isTrue(r.Get("EmptyOnDelete")) {
				return false
			}
			for _, writer := range f.makes("Custom::CDKECRDeployment", "AWS::CodeBuild::Project", "AWS::ImageBuilder::Image") {
				if writer.Refers(r) {
					return true
				}
			}
			return false
		},
		fires: []breakage{{"Registry-prod", func(at func(string) map[string]any) {
			add("Images", "AWS::ECR::Repository", nil)(at)
			add("Push", "Custom::CDKECRDeployment", map[string]any{"DestImage": map[string]any{"Fn::GetAtt": "Images.RepositoryUri"}})(at)
		}, "Images"}},
	},
	{
		why: holdsServices, page: "https://docs.aws.amazon.com/cloud-map/latest/dg/deleting-namespaces.html",
		refuses: func(f failure, r *cdktest.Resource) bool {
			if !strings.HasPrefix(r.Type, "AWS::ServiceDiscovery::") || !strings.HasSuffix(r.Type, "Namespace") {
				return false
			}
			for _, service := range f.makes("AWS::ECS::Service") {
				// Whether it names the namespace or takes that of its cluster.
				if service.Get("ServiceConnectConfiguration.Services") != nil && f.graph.Needs(service, r) {
					return true
				}
			}
			return false
		},
		fires: []breakage{{"FargateWeb-two", func(at func(string) map[string]any) {
			add("Spaces", "AWS::ServiceDiscovery::HttpNamespace", map[string]any{"Name": "x"})(at)
			add("Called", "AWS::ECS::Service", map[string]any{"ServiceConnectConfiguration": map[string]any{
				"Enabled": true, "Namespace": map[string]any{"Fn::GetAtt": []any{"Spaces", "Arn"}},
				"Services": []any{map[string]any{"PortName": "http"}}}})(at)
		}, "Spaces"}},
	},
	{
		why: holdsVolumes, page: "https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/managing-svms.html",
		refuses: func(f failure, r *cdktest.Resource) bool {
			return r.Type == "AWS::FSx::StorageVirtualMachine" && len(f.claimsOf("csi.trident.netapp.io")) > 0
		},
		fires: []breakage{{"EksStorage", func(at func(string) map[string]any) {
			add("Svm", "AWS::FSx::StorageVirtualMachine", map[string]any{})(at)
			add("Class", cdktest.KubernetesManifest, map[string]any{"Manifest": `[{"kind": "StorageClass",
				"metadata": {"name": "nas"}, "provisioner": "csi.trident.netapp.io"}]`})(at)
			add("Claim", cdktest.KubernetesManifest, map[string]any{"Manifest": `[{"kind": "PersistentVolumeClaim",
				"metadata": {"name": "files"}, "spec": {"storageClassName": "nas"}}]`})(at)
		}, "Svm"}},
	},
	{
		why: holdsRecords, page: "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DeleteHostedZone.html",
		refuses: func(f failure, r *cdktest.Resource) bool {
			if r.Type != "AWS::Route53::HostedZone" {
				return false
			}
			for _, certificate := range f.makes("AWS::CertificateManager::Certificate") {
				if certificate.Refers(r) {
					return true
				}
			}
			return false
		},
		fires: []breakage{{"FargateWeb-prod", func(at func(string) map[string]any) {
			add("Zone", "AWS::Route53::HostedZone", map[string]any{"Name": "example.com"})(at)
			set("LoadBalancer/Certificate", "DomainValidationOptions", []any{map[string]any{
				"DomainName": "www.example.com", "HostedZoneId": map[string]any{"Ref": "Zone"}}})(at)
		}, "Zone"}},
	},
}

// claimsOf returns the objects that claim volumes of a driver, which creates them outside the stack.
func (f failure) claimsOf(provisioner string) (claims []*cdktest.Resource) {
	classes := map[any]bool{}
	for _, manifest := range f.makes(cdktest.KubernetesManifest) {
		for _, object := range manifest.Objects() {
			if object["kind"] == "StorageClass" && object["provisioner"] == provisioner {
				classes[cdktest.Dig(object, "metadata.name")] = true
			}
		}
	}
	for _, manifest := range f.makes(cdktest.KubernetesManifest) {
		for _, object := range manifest.Objects() {
			if object["kind"] == "PersistentVolumeClaim" && classes[cdktest.Dig(object, "spec.storageClassName")] {
				claims = append(claims, manifest)
			}
		}
	}
	return claims
}

// bucketWriters are the types that write into a bucket as soon as they exist, those that log above all.
var bucketWriters = []string{
	"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer", "AWS::ECS::Gateway", "AWS::EC2::FlowLog",
	"AWS::S3::Bucket",
	"AWS::WAFv2::LoggingConfiguration", "AWS::CloudTrail::Trail", "AWS::CloudFront::Distribution", "AWS::KinesisFirehose::DeliveryStream",
	"AWS::Logs::DeliveryDestination", "AWS::Config::DeliveryChannel", "Custom::CDKBucketDeployment",
}

// isEmptied reports whether the CDK's custom resource empties a bucket after what writes into it is deleted.
func (f failure) isEmptied(bucket, writer *cdktest.Resource) bool {
	for _, r := range f.makes("Custom::S3AutoDeleteObjects") {
		if r.Refers(bucket) && f.graph.Needs(writer, r) {
			return true
		}
	}
	return false
}

// protection matches the properties that protect a resource, in whatever service.
var protection = regexp.MustCompile(
	`^(Delet(e|ion)|Termination)Protection(Enabled)?$|^DisableApiTermination$|^deletion_protection\.enabled$`)

// protectedByDefault are the types that are protected unless the property says otherwise.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-gateway.html
var protectedByDefault = map[string]string{"AWS::ECS::Gateway": "DeletionProtection"}

func isProtected(r *cdktest.Resource) bool {
	if property := protectedByDefault[r.Type]; property != "" && r.Properties[property] == nil {
		return true
	}
	return hasProtection(r.Properties)
}

// hasProtection looks for properties such as DeletionProtection, and for attributes that are a list of keys and values.
func hasProtection(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		if key, isText := v["Key"].(string); isText && protection.MatchString(key) && isTrue(v["Value"]) {
			return true
		}
		for name, inner := range v {
			if protection.MatchString(name) && isTrue(inner) || hasProtection(inner) {
				return true
			}
		}
	case []any:
		for _, inner := range v {
			if hasProtection(inner) {
				return true
			}
		}
	}
	return false
}

// isTrue reports whether a property may turn something on: what only the deployment knows may.
func isTrue(value any) bool {
	switch strings.ToLower(fmt.Sprint(value)) {
	case "<nil>", "false", "inactive", "disabled", "none":
		return false
	}
	return true
}

// set sets a property.
func set(path, property string, value any) func(at func(string) map[string]any) {
	return func(at func(string) map[string]any) {
		properties, exists := at(path)["Properties"].(map[string]any)
		if !exists {
			panic("no resource at " + path)
		}
		properties[property] = value
	}
}

// policy sets the deletion policy.
func policy(path, value string) func(at func(string) map[string]any) {
	return func(at func(string) map[string]any) { at(path)["DeletionPolicy"] = value }
}

// add adds a resource.
func add(path, kind string, properties map[string]any) func(at func(string) map[string]any) {
	return func(at func(string) map[string]any) {
		r := at(path)
		r["Type"], r["Properties"] = kind, properties
	}
}
