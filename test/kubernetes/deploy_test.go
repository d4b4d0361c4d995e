package kubernetes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// report is what has been applied of a stack, and what goes into its cluster besides.
type report struct {
	stack    string
	applied  map[string]int // by kind
	pods     int            // admitted, of workloads
	bound    int            // volumes with their claims
	unproven []string
}

func (r report) String() string {
	var kinds []string
	n := 0
	for _, kind := range slices.Sorted(maps.Keys(r.applied)) {
		kinds = append(kinds, fmt.Sprintf("%d %s", r.applied[kind], kind))
		n += r.applied[kind]
	}
	text := fmt.Sprintf("%s: %d objects applied", r.stack, n)
	if n > 0 {
		text += fmt.Sprintf(" (%s), Pods of %d admitted", strings.Join(kinds, ", "), r.pods)
	}
	if r.bound > 0 {
		text += fmt.Sprintf(", %d PersistentVolume bound", r.bound)
	}
	if len(r.unproven) > 0 {
		text += "; not proven: " + strings.Join(r.unproven, ", ")
	}
	return text
}

// deploy applies the objects of a stack in the order in which CloudFormation makes its resources, and reports all that is
// refused. start gives a cluster for it; a stack without objects needs none.
func deploy(stack *template, start func() *cluster) (report, error) {
	r := report{stack: stack.path, applied: map[string]int{}}
	var errs []error
	fail := func(n node, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", n, err))
		}
	}
	var manifests []manifest
	versions := map[node]string{}
	for _, n := range stack.nodes() {
		switch n.resource().Type {
		case manifestType:
			m, err := n.manifest()
			fail(n, err)
			manifests = append(manifests, m)
		case chartType, patchType:
			what, err := n.unproven()
			fail(n, err)
			r.unproven = append(r.unproven, what)
		case clusterType, oldClusterType:
			version, err := n.version()
			fail(n, err)
			versions[n] = version
		}
	}
	if len(manifests) == 0 {
		return r, errors.Join(errs...)
	}
	c := start()
	for n, version := range versions {
		if version != c.version {
			fail(n, fmt.Errorf("its objects are for Kubernetes %s, and this server is of %s; README.md says how to change it", version, c.version))
		}
	}
	makers := map[string]node{}
	for _, m := range manifests {
		for _, object := range m.objects {
			makers[provides(object)] = m.node
		}
	}
	for _, m := range manifests {
		earlier := m.after()
		for _, object := range m.objects {
			maker, ok := makers["Namespace "+object.GetNamespace()]
			if ok && maker != m.node && !earlier[maker] {
				fail(m.node, fmt.Errorf("%s: no dependency on %s, which makes its namespace: CloudFormation may be there later", title(object),
					maker.id))
			}
			maker, ok = makers["kind "+object.GroupVersionKind().GroupKind().String()]
			if ok && !earlier[maker] {
				fail(m.node, fmt.Errorf("%s: no dependency on %s, which defines its kind: kubectl must find it when it starts", title(object),
					maker.id))
			}
			err := c.apply(object, m.overwrite)
			for _, text := range c.warn.take() {
				fail(m.node, fmt.Errorf("%s: the server warns: %s", title(object), text))
			}
			if err != nil {
				fail(m.node, err)
				continue
			}
			r.applied[object.GetKind()]++
		}
	}
	// Last, for a controller tries again until there is the ServiceAccount.
	for _, m := range manifests {
		for _, object := range m.objects {
			admitted, err := c.tryPod(object)
			fail(m.node, err)
			if admitted {
				r.pods++
			}
		}
	}
	if len(errs) > 0 { // what has been refused is not bound, however long one waits
		return r, errors.Join(errs...)
	}
	end := time.Now().Add(c.bindWithin)
	for _, m := range manifests {
		for _, object := range m.objects {
			bound, err := c.awaitBound(object, end)
			fail(m.node, err)
			if bound {
				r.bound++
			}
		}
	}
	return r, errors.Join(errs...)
}

// provides names what others must wait for: a namespace, or the kind that a definition defines.
func provides(object *unstructured.Unstructured) string {
	switch object.GroupVersionKind().GroupKind() {
	case namespaceKind:
		return "Namespace " + object.GetName()
	case definitionKind:
		return "kind " + defines(object).String()
	}
	return ""
}
