package eks

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/instancetype"
)

// coordinates are what a node must know to find its cluster.
type coordinates struct {
	name, endpoint, certificate string
	services                    netip.Prefix
}

func (c *Cluster) coordinates() coordinates {
	return coordinates{c.name, *c.Cluster.ClusterEndpoint(), *c.Cluster.ClusterCertificateAuthorityData(), c.services}
}

// imageParameter is the public SSM parameter with the newest AMI for a version of Kubernetes, "" where AWS makes none for the instances.
// https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
// https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id-bottlerocket.html
func imageParameter(os OperatingSystem, version string, t instancetype.Type) string {
	arch := string(architectureOf(t))
	if amiType(os, t) == "" {
		return ""
	}
	if os == Bottlerocket {
		if t.Accelerator == instancetype.Gpu {
			version += "-nvidia"
		}
		return "/aws/service/bottlerocket/aws-k8s-" + version + "/" + arch + "/latest/image_id"
	}
	variant := "standard"
	switch t.Accelerator {
	case instancetype.Gpu:
		variant = "nvidia"
	case instancetype.Neuron:
		variant = "neuron"
	}
	return "/aws/service/eks/optimized-ami/" + version + "/amazon-linux-2023/" + arch + "/" + variant + "/recommended/image_id"
}

// imageId is an AMI of one's own, or AWS's newest: CloudFormation looks it up at each deployment, and a new one replaces the nodes.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
func (p *SelfManagedNodesProps) imageId(scope constructs.Construct) *string {
	if p.ImageId != "" {
		return &p.ImageId
	}
	return awsssm.StringParameter_ValueForTypedStringParameterV2(scope, jsii.String(imageParameter(p.OperatingSystem, p.Cluster.version, p.instances())),
		awsssm.ParameterValueType_AWS_EC2_IMAGE_ID, nil)
}

// userData tells a node how to join.
func (p *SelfManagedNodesProps) userData(c coordinates) string {
	if p.OperatingSystem == Bottlerocket {
		return lines(append(p.bottlerocket(c), p.UserData...))
	}
	return p.multipart(c)
}

func lines(l []string) string { return strings.Join(l, "\n") + "\n" }

// boundary stands between the parts, and in none of them.
const boundary = "==awscontainers-node=="

// multipart is what nodeadm reads, and the user's script, which cloud-init runs before nodeadm starts the kubelet.
// https://docs.aws.amazon.com/eks/latest/userguide/al2023.html
func (p *SelfManagedNodesProps) multipart(c coordinates) string {
	parts := []part{{"application/node.eks.aws", p.nodeConfig(c)}}
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
	return lines(append(text, "--"+boundary+"--"))
}

// nodeConfig is nodeadm's configuration, in YAML.
// https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/api/
func (p *SelfManagedNodesProps) nodeConfig(c coordinates) []string {
	config := []string{
		"apiVersion: node.eks.aws/v1alpha1",
		"kind: NodeConfig",
		"spec:",
		"  cluster:",
		"    name: " + quoted(c.name),
		"    apiServerEndpoint: " + quoted(c.endpoint),
		"    certificateAuthority: " + quoted(c.certificate),
		"    cidr: " + quoted(c.services.String()),
	}
	flags := p.kubeletFlags()
	if p.MaxPods == 0 && len(flags) == 0 {
		return config
	}
	config = append(config, "  kubelet:")
	if p.MaxPods > 0 {
		config = append(config, "    config:", fmt.Sprintf("      maxPods: %d", p.MaxPods))
	}
	if len(flags) > 0 {
		config = append(config, "    flags:")
	}
	for _, flag := range flags {
		config = append(config, "    - "+quoted(flag))
	}
	return config
}

// quoted is a text in YAML's and TOML's double quotes, which nothing here needs to be escaped in: names, addresses and base64.
func quoted(text string) string { return `"` + text + `"` }

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
func (p *SelfManagedNodesProps) bottlerocket(c coordinates) []string {
	settings := []string{
		"[settings.kubernetes]",
		"cluster-name = " + quoted(c.name),
		"api-server = " + quoted(c.endpoint),
		"cluster-certificate = " + quoted(c.certificate),
		"cluster-dns-ip = " + quoted(dnsAddress(c.services).String()),
	}
	if p.MaxPods > 0 {
		settings = append(settings, fmt.Sprintf("max-pods = %d", p.MaxPods))
	}
	if len(p.Labels) > 0 {
		settings = append(settings, "[settings.kubernetes.node-labels]")
	}
	for _, key := range slices.Sorted(maps.Keys(p.Labels)) {
		settings = append(settings, quoted(key)+" = "+quoted(p.Labels[key]))
	}
	if len(p.Taints) > 0 {
		settings = append(settings, "[settings.kubernetes.node-taints]")
	}
	// A key may have several.
	effects := map[string][]string{}
	for _, t := range p.Taints {
		effects[t.Key] = append(effects[t.Key], quoted(t.Value+":"+string(t.Effect)))
	}
	for _, key := range slices.Sorted(maps.Keys(effects)) {
		settings = append(settings, quoted(key)+" = ["+strings.Join(effects[key], ", ")+"]")
	}
	return settings
}
