package eks

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/platform"
	"awscontainers/internal/instancetype"
)

// joinData is what a node must know to join its cluster.
type joinData struct {
	name, endpoint, certificate string
	serviceCidr                 netip.Prefix
}

func (c *Cluster) joinData() joinData {
	return joinData{c.facts.name, *c.Cluster.ClusterEndpoint(), *c.Cluster.ClusterCertificateAuthorityData(), c.facts.serviceCidr}
}

// amiFact is what a public SSM parameter tells of the newest AMI.
type amiFact struct{ amazonLinux, bottlerocket string }

// The facts, as the parameters spell them.
var (
	amiId      = amiFact{"image_id", "image_id"}
	amiRelease = amiFact{"release_version", "image_version"}
)

// amiParameter returns the public SSM parameter of the newest AMI for a version of Kubernetes, or "" if AWS publishes none for the
// instances.
// https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
// https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id-bottlerocket.html
func amiParameter(os platform.OperatingSystem, version string, t instancetype.Type, fact amiFact) string {
	arch := strings.ToLower(string(t.CpuArchitecture()))
	if amiType(os, t) == "" {
		return ""
	}
	if os == platform.Bottlerocket {
		if t.Accelerator == instancetype.Gpu {
			version += "-nvidia"
		}
		return "/aws/service/bottlerocket/aws-k8s-" + version + "/" + arch + "/latest/" + fact.bottlerocket
	}
	variant := "standard"
	switch t.Accelerator {
	case instancetype.Gpu:
		variant = "nvidia"
	case instancetype.Neuron:
		variant = "neuron"
	}
	return "/aws/service/eks/optimized-ami/" + version + "/amazon-linux-2023/" + arch + "/" + variant + "/recommended/" + fact.amazonLinux
}

// imageId returns the given AMI, or AWS's newest: CloudFormation looks it up at each deployment, and a new one replaces the nodes.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
func (p *SelfManagedNodesProps) imageId(scope constructs.Construct) *string {
	if p.ImageId != "" {
		return &p.ImageId
	}
	version := p.Version
	if version == "" {
		version = p.Cluster.facts.version
	}
	parameter := amiParameter(p.OperatingSystem, version, commonType(p.InstanceTypes), amiId)
	return awsssm.StringParameter_ValueForTypedStringParameterV2(scope, &parameter, awsssm.ParameterValueType_AWS_EC2_IMAGE_ID, nil)
}

// userData returns what tells a node how to join.
func (p *SelfManagedNodesProps) userData(d joinData) string {
	if p.OperatingSystem == platform.Bottlerocket {
		return joinLines(append(p.bottlerocket(d), p.UserData...))
	}
	return p.multipart(d)
}

func joinLines(l []string) string { return strings.Join(l, "\n") + "\n" }

// boundary separates the parts, and must not occur in them.
const boundary = "==awscontainers-node=="

// multipart is what nodeadm reads, and the user's script, which cloud-init runs before nodeadm starts the kubelet.
// https://docs.aws.amazon.com/eks/latest/userguide/al2023.html
func (p *SelfManagedNodesProps) multipart(d joinData) string {
	parts := []part{{"application/node.eks.aws", p.nodeConfig(d)}}
	if len(p.UserData) > 0 {
		parts = append(parts, script(p.UserData))
	}
	return mime(parts...)
}

// part is one of the documents in user data.
type part struct {
	kind  string
	lines []string
}

func script(of []string) part {
	return part{`text/x-shellscript; charset="us-ascii"`, append([]string{"#!/bin/bash"}, of...)}
}

func mime(parts ...part) string {
	text := []string{"MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="` + boundary + `"`, ""}
	for _, p := range parts {
		text = append(text, "--"+boundary, "Content-Type: "+p.kind, "")
		text = append(text, p.lines...)
	}
	return joinLines(append(text, "--"+boundary+"--"))
}

// nodeConfig is nodeadm's configuration, in YAML.
// https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/api/
func (p *SelfManagedNodesProps) nodeConfig(d joinData) []string {
	config := []string{
		"apiVersion: node.eks.aws/v1alpha1",
		"kind: NodeConfig",
		"spec:",
		"  cluster:",
		"    name: " + quote(d.name),
		"    apiServerEndpoint: " + quote(d.endpoint),
		"    certificateAuthority: " + quote(d.certificate),
		"    cidr: " + quote(d.serviceCidr.String()),
	}
	flags := p.kubeletFlags()
	if p.MaxPods == 0 && len(flags) == 0 {
		return config
	}
	config = append(config, "  kubelet:")
	if p.MaxPods > 0 {
		// nodeadm reserves memory for the pods that this expression gives, not for the maxPods of the kubelet's own configuration.
		// https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/examples/#defining-a-max-pods-expression
		config = append(config, "    maxPodsExpression: "+quote(strconv.Itoa(p.MaxPods)))
	}
	if len(flags) > 0 {
		config = append(config, "    flags:")
	}
	for _, flag := range flags {
		config = append(config, "    - "+quote(flag))
	}
	return config
}

// quote adds the double quotes of YAML and TOML. Nothing here needs escapes: names, addresses and base64.
func quote(text string) string { return `"` + text + `"` }

// kubeletFlags are how a node registers itself.
// https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/
func (p *SelfManagedNodesProps) kubeletFlags() (flags []string) {
	var labels, taints []string
	for _, key := range slices.Sorted(maps.Keys(p.Labels)) {
		labels = append(labels, key+"="+p.Labels[key])
	}
	for _, t := range p.Taints {
		taints = append(taints, t.Key+"="+t.Value+":"+string(t.Effect))
	}
	if len(labels) > 0 {
		flags = append(flags, "--node-labels="+strings.Join(labels, ","))
	}
	if len(taints) > 0 {
		flags = append(flags, "--register-with-taints="+strings.Join(taints, ","))
	}
	return flags
}

// bottlerocket is the same as its settings, in TOML.
// https://bottlerocket.dev/en/os/latest/#/api/settings/kubernetes/
func (p *SelfManagedNodesProps) bottlerocket(d joinData) []string {
	settings := []string{
		"[settings.kubernetes]",
		"cluster-name = " + quote(d.name),
		"api-server = " + quote(d.endpoint),
		"cluster-certificate = " + quote(d.certificate),
		"cluster-dns-ip = " + quote(dnsAddress(d.serviceCidr).String()),
	}
	if p.MaxPods > 0 {
		settings = append(settings, fmt.Sprintf("max-pods = %d", p.MaxPods))
	}
	if len(p.Labels) > 0 {
		settings = append(settings, "[settings.kubernetes.node-labels]")
	}
	for _, key := range slices.Sorted(maps.Keys(p.Labels)) {
		settings = append(settings, quote(key)+" = "+quote(p.Labels[key]))
	}
	if len(p.Taints) > 0 {
		settings = append(settings, "[settings.kubernetes.node-taints]")
	}
	// A key may have several.
	effects := map[string][]string{}
	for _, t := range p.Taints {
		effects[t.Key] = append(effects[t.Key], quote(t.Value+":"+string(t.Effect)))
	}
	for _, key := range slices.Sorted(maps.Keys(effects)) {
		settings = append(settings, quote(key)+" = ["+strings.Join(effects[key], ", ")+"]")
	}
	return settings
}
