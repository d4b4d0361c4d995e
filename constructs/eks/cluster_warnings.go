package eks

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/annotate"
	"awscontainers/internal/clock"
	"awscontainers/internal/kubernetes"
)

// NoAccessWarning is the id, after "awscontainers:", of the warning of a cluster that nobody may use.
const NoAccessWarning = "no-access"

// NoAccessNote is the id, after "awscontainers:", of the note that stacks give in place of that warning.
const NoAccessNote = "no-access-note"

// ZonesNote is the id, after "awscontainers:", of the note that one of the VPC's zones may lack EKS.
const ZonesNote = "eks-zones"

// warnOfSupportEnd says what EKS does when the support of the version ends. It refuses nothing: the stack must be deployed, and destroyed,
// on any day.
func (p *ClusterProps) warnOfSupportEnd(c *Cluster) {
	isExtended := p.SupportType == SupportExtended
	notice := kubernetes.SupportEnd(p.Version, isExtended, clock.Today(c))
	if notice == "" {
		return
	}
	fix := "; raise Version, or set SupportType to EXTENDED to keep the version for another year at a higher price"
	if isExtended {
		fix = "; raise Version"
	}
	annotate.Warning(c, "kubernetes-version", notice+fix)
}

// warnOfEndpoint says so if nodes, and the function that applies Kubernetes objects, may have no way to the API: they leave the VPC by its
// NAT gateways, whose addresses are unknown until they are created.
func (p *ClusterProps) warnOfEndpoint(c *Cluster) {
	isOpen := func(cidr string) bool {
		prefix, err := netip.ParsePrefix(cidr)
		return invalid.IsToken(cidr) || err == nil && prefix.Bits() == 0
	}
	if p.EndpointAccess != EndpointPublic || slices.ContainsFunc(p.PublicAccessCidrs, isOpen) {
		return
	}
	annotate.Warning(c, "public-endpoint", "Nodes and the function that applies Kubernetes objects reach a public endpoint by the "+
		"addresses of the VPC's NAT gateways, which PublicAccessCidrs must contain, or nodes never join; use EndpointAccess PUBLIC_AND_PRIVATE, "+
		"or acknowledge this warning if they do")
}

// noteZones says so if the VPC may have a subnet in the zone of the Region that lacks EKS, which refuses the cluster then. Zones are told
// by ID: their names differ from account to account.
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
func (p *ClusterProps) noteZones(c *Cluster) {
	region := *awscdk.Stack_Of(c).Region()
	without := kubernetes.ZoneWithout(region)
	if without == "" {
		return
	}
	zones := zonesOf(network.Private.Of(p.Vpc))
	which := "CloudFormation chooses the zones of the VPC, and may choose it; set AvailabilityZoneNames of network.VpcProps to others"
	if !slices.ContainsFunc(zones, invalid.IsToken) {
		which = "make sure that none of " + strings.Join(zones, ", ") + " is it"
	}
	annotate.NoteWithId(c, ZonesNote, "Amazon EKS refuses subnets in the zone "+without+": "+which+
		". `aws ec2 describe-availability-zones --region "+region+"` shows the IDs of zones")
}

// warnOfNoAccess says so if no access entry lets anybody use the cluster: whoever deploys it is no administrator. It is no error, because
// entries may be created elsewhere.
func (c *Cluster) warnOfNoAccess() {
	for _, child := range *awscdk.Stack_Of(c).Node().FindAll(constructs.ConstructOrder_PREORDER) {
		entry, isEntry := child.(awseksv2.CfnAccessEntry)
		if !isEntry || entry.Type() != nil && *entry.Type() != "STANDARD" || c.isOfAnother(entry) {
			continue
		}
		path := *entry.Node().Path()
		if !strings.HasSuffix(path, "/ClusterAdminRoleAccess/Resource") && !strings.HasSuffix(path, "/KubectlAccess") {
			return // neither that of kubectl's function nor of nodes
		}
	}
	annotate.Warning(c, NoAccessWarning, "Nobody may use the cluster, not even who creates it; set AccessEntries, or acknowledge this "+
		"warning if access entries are created elsewhere")
}

// isOfAnother reports whether an access entry is surely one of another cluster of the stack.
func (c *Cluster) isOfAnother(entry awseksv2.CfnAccessEntry) bool {
	stack := awscdk.Stack_Of(c)
	its, isReference := stack.Resolve(entry.ClusterName()).(map[string]any)
	ours, isOurs := stack.Resolve(c.Cluster.ClusterName()).(map[string]any)
	return isReference && isOurs && its["Ref"] != nil && ours["Ref"] != nil && its["Ref"] != ours["Ref"]
}
