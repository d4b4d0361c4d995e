//go:build lifecycle

package lifecycle_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"awscontainers/test/cdktest"
)

// fixed are the fields of objects that Kubernetes refuses to change, so that `kubectl apply` fails, and with it the update. Where a kind
// has exceptions, all other fields of spec are fixed.
// https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/storage/validation/validation.go
// https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/core/validation/validation.go
var fixed = map[string]struct{ fields, exceptions []string }{
	"StorageClass":          {fields: []string{"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"}},
	"VolumeAttributesClass": {fields: []string{"driverName", "parameters"}},
	"PersistentVolume":      {fields: []string{"spec.csi", "spec.volumeMode"}},
	// volumeAttributesClassName can be changed, but not removed from a bound claim.
	"PersistentVolumeClaim": {exceptions: []string{"resources", "volumeAttributesClassName"}},
	"Deployment":            {fields: []string{"spec.selector"}},
	"StatefulSet":           {fields: []string{"spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"}},
	"DaemonSet":             {fields: []string{"spec.selector"}},
	"Job":                   {fields: []string{"spec.selector", "spec.template"}},
}

// frozen are objects whose fixed fields change.
func (o *outcome) frozen() (found []danger) {
	for _, e := range o.inOrder() {
		if e.kind() != cdktest.KubernetesManifest || e.old == nil || e.now == nil {
			continue
		}
		before := map[string]map[string]any{}
		for _, object := range e.old.Objects() {
			before[identity(object)] = object
		}
		for _, object := range e.now.Objects() {
			if old := before[identity(object)]; old != nil {
				for _, field := range changedFixed(old, object) {
					found = append(found, danger{isRefused, e.place(), fmt.Sprintf("can't change %s of a %s", field, object["kind"])})
				}
			}
		}
	}
	return found
}

func identity(object map[string]any) string {
	return fmt.Sprint(object["kind"], cdktest.Dig(object, "metadata.namespace"), cdktest.Dig(object, "metadata.name"))
}

// changedFixed lists the fixed fields in which two states of an object differ.
func changedFixed(old, now map[string]any) (fields []string) {
	row, isKnown := fixed[fmt.Sprint(now["kind"])]
	if !isKnown {
		return nil
	}
	candidates := row.fields
	if len(row.exceptions) > 0 {
		candidates = nil
		for _, spec := range []any{old["spec"], now["spec"]} {
			in, _ := spec.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(in)) {
				if field := "spec." + name; !slices.Contains(row.exceptions, name) && !slices.Contains(candidates, field) {
					candidates = append(candidates, field)
				}
			}
		}
		if cdktest.Dig(old, "spec.volumeAttributesClassName") != nil && cdktest.Dig(now, "spec.volumeAttributesClassName") == nil {
			fields = append(fields, "volumeAttributesClassName")
		}
	}
	for _, field := range candidates {
		if !reflect.DeepEqual(cdktest.Dig(old, field), cdktest.Dig(now, field)) {
			fields = append(fields, strings.TrimPrefix(field, "spec."))
		}
	}
	return fields
}
