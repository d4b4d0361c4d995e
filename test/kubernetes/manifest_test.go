package kubernetes

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// What the CDK's aws-eks-v2, and aws-eks before it, make of a cluster and of what goes into it.
const (
	clusterType    = "AWS::EKS::Cluster"
	oldClusterType = "Custom::AWSCDK-EKS-Cluster"
	manifestType   = "Custom::AWSCDK-EKS-KubernetesResource"
	chartType      = "Custom::AWSCDK-EKS-HelmChart"
	patchType      = "Custom::AWSCDK-EKS-KubernetesPatch"
	nestedType     = "AWS::CloudFormation::Stack"
)

// manifest is what a KubernetesManifest hands to kubectl: objects, in this order.
type manifest struct {
	node
	objects []*unstructured.Unstructured
	// overwrite is for objects that may be there already: kubectl creates without it, and fails at them.
	overwrite bool
}

// manifest reads the objects of a manifest's resource. SkipValidation is not asked: the server would leave out a field
// that it does not know and say nothing, which is a mistake whoever looks.
func (n node) manifest() (manifest, error) {
	m := manifest{node: n}
	text, err := n.text(n.resource().Properties["Manifest"])
	if err != nil {
		return m, err
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return m, fmt.Errorf("the Manifest is no JSON of a list of objects: %w", err)
	}
	overwrite, err := n.value(n.resource().Properties["Overwrite"])
	if err != nil {
		return m, err
	}
	m.overwrite = fmt.Sprint(overwrite) == "true" // CloudFormation makes texts of booleans
	label, _ := n.resource().Properties["PruneLabel"].(string)
	for _, content := range list {
		object := &unstructured.Unstructured{Object: content}
		if object.GetName() == "" {
			return m, fmt.Errorf("%s has no name, by which kubectl would find it at the next update", object.GetKind())
		}
		if _, ok := object.GetLabels()[label]; label != "" && !ok {
			return m, fmt.Errorf("%s has no label %s: kubectl applies just what has it at an update (PruneLabel)", title(object), label)
		}
		m.objects = append(m.objects, object)
	}
	if len(m.objects) == 0 {
		return m, fmt.Errorf("the Manifest has no object")
	}
	return m, nil
}

// version gives the Kubernetes version of a cluster's resource.
func (n node) version() (string, error) {
	properties := n.resource().Properties
	if n.resource().Type == oldClusterType {
		properties, _ = properties["Config"].(map[string]any)
		return n.text(properties["version"])
	}
	return n.text(properties["Version"])
}

// unproven tells of what goes into the cluster, but is not in the template or not whole.
func (n node) unproven() (string, error) {
	properties := n.resource().Properties
	switch n.resource().Type {
	case chartType:
		chart := properties["Chart"]
		if chart == nil {
			chart = properties["ChartAssetURL"]
		}
		name, err := n.text(chart)
		return "Helm chart " + name, err
	case patchType:
		name, err := n.text(properties["ResourceName"])
		return "patch of " + name, err
	}
	return "", nil
}

func title(object *unstructured.Unstructured) string {
	if object.GetNamespace() == "" {
		return object.GetKind() + " " + object.GetName()
	}
	return object.GetKind() + " " + object.GetNamespace() + "/" + object.GetName()
}
