//go:build lifecycle

package lifecycle_test

import (
	"fmt"
	"slices"
	"strings"

	"awscontainers/test/cdktest"
)

// danger is something in an update that loses data, stops requests or is refused by AWS.
type danger struct {
	kind, place, text string
}

const (
	losesData    = "data"    // what it holds goes
	stopsTraffic = "traffic" // requests find nobody
	isRefused    = "refused" // CloudFormation ends the update
)

func (d danger) String() string { return d.kind + ": `" + d.place + "` " + d.text }

// dangers returns those of an update.
func (o *outcome) dangers() []danger {
	found := slices.Concat(o.lostData(), o.lostAddresses(), o.moved(), o.emptyTargetGroups(), o.twins(), o.stays(), o.together(), o.frozen(),
		o.inUse(), o.exports(), o.origins())
	slices.SortFunc(found, func(a, b danger) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(found)
}

// stateful are the types that hold data.
var stateful = []string{
	"AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::KMS::Key", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::EFS::FileSystem",
	"AWS::FSx::FileSystem", "AWS::FSx::StorageVirtualMachine", "AWS::FSx::Volume", "AWS::SecretsManager::Secret", "AWS::ECR::Repository",
	"AWS::ECR::PublicRepository", "AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::Cognito::UserPool", "AWS::SQS::Queue",
	"AWS::EC2::Volume", "AWS::EKS::Cluster",
}

// lostData are the resources with data that another one takes the place of, or that go.
func (o *outcome) lostData() (found []danger) {
	for _, e := range o.inOrder() {
		holds := slices.Contains(stateful, e.kind()) || e.kind() == cdktest.KubernetesManifest && claimsVolumes(e.resource())
		if !holds || !e.goes() || e.kind() == "AWS::KMS::Key" && !o.encrypts(e.old) {
			continue
		}
		if e.kind() == "AWS::Logs::LogGroup" && passive[e.does] == "" && o.goesWith(e) {
			continue // with what logged
		}
		text := map[verb]string{
			removes: "is deleted", retains: "leaves the stack and stays, with its data", replaces: "is replaced by an empty one",
			mayReplace: "may be replaced by an empty one",
		}[e.does]
		found = append(found, danger{losesData, e.place(), text})
	}
	return found
}

// goesWith reports whether the construct of a resource goes as a whole.
func (o *outcome) goesWith(e *effect) bool {
	above := e.old.Path()[:strings.LastIndex(strings.TrimSuffix(e.old.Path(), "/Resource"), "/")+1]
	for id, r := range o.from.Resources {
		if strings.HasPrefix(r.Path(), above) && (o.effects[id] == nil || !o.effects[id].goes()) {
			return false
		}
	}
	return true
}

// encrypts reports whether a key encrypts what holds data.
func (o *outcome) encrypts(key *cdktest.Resource) bool {
	for _, r := range o.from.Resources {
		if slices.Contains(stateful, r.Type) && o.from.uses(r, key, "") {
			return true
		}
	}
	return false
}

func claimsVolumes(manifest *cdktest.Resource) bool {
	return slices.ContainsFunc(manifest.Objects(), func(o map[string]any) bool { return o["kind"] == "PersistentVolumeClaim" })
}

// known are the types whose address others know: clients, tasks that run, rules of other stacks.
var known = []string{
	"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::Listener", "AWS::AppRunner::Service",
	"AWS::AppRunner::VpcIngressConnection", "AWS::ECS::ExpressGatewayService", "AWS::EC2::VPCEndpointService", "AWS::EKS::Cluster",
	"AWS::Route53::RecordSet", "AWS::EFS::MountTarget", "AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::Subnet", "AWS::EC2::VPC",
	"AWS::ECS::Service", "AWS::ECS::Cluster", "AWS::ECS::Gateway", "AWS::SNS::Topic", "AWS::ServiceDiscovery::PrivateDnsNamespace",
	"AWS::ServiceDiscovery::HttpNamespace", "AWS::FSx::FileSystem", "AWS::FSx::StorageVirtualMachine", "AWS::EC2::SecurityGroup",
	"AWS::CloudFront::Distribution",
}

// lostAddresses are the resources whose address changes because another one takes their place, by CloudFormation or by another logical ID.
func (o *outcome) lostAddresses() (found []danger) {
	isCreated := map[string]bool{}
	for _, e := range o.effects {
		if e.does == creates {
			isCreated[e.kind()] = true
		}
	}
	for _, e := range o.inOrder() {
		text := passive[e.does]
		if (e.does == removes || e.does == retains) && isCreated[e.kind()] {
			text = "makes room for another one"
		}
		if text != "" && slices.Contains(known, e.kind()) {
			found = append(found, danger{stopsTraffic, e.place(), text + ", and with it its address"})
		}
	}
	return found
}

var passive = map[verb]string{replaces: "is replaced", mayReplace: "may be replaced"}

// moved finds what stays in its VPC for good, and would have to move to another.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSubnets.html
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
func (o *outcome) moved() (found []danger) {
	for _, e := range o.inOrder() {
		property := map[string]string{"AWS::ElasticLoadBalancingV2::LoadBalancer": "Subnets", "AWS::EKS::Cluster": "ResourcesVpcConfig"}[e.kind()]
		if e.does == updates && e.changes(property) && o.losesVpc() {
			found = append(found, danger{isRefused, e.place(), "can't move to another VPC"})
		}
	}
	return found
}

func (o *outcome) losesVpc() bool {
	for _, r := range o.from.All("AWS::EC2::VPC") {
		if o.of(r) == nil || !o.of(r).goes() {
			return false
		}
	}
	return len(o.from.All("AWS::EC2::VPC"))+len(o.to.All("AWS::EC2::VPC")) == 1
}

// emptyTargetGroups are those that a listener or rule sends requests to before a service, which is updated later, starts its tasks in them.
// CloudFormation updates the listener first, because the service needs it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
func (o *outcome) emptyTargetGroups() (found []danger) {
	const group = "AWS::ElasticLoadBalancingV2::TargetGroup"
	for _, listener := range o.to.of("AWS::ElasticLoadBalancingV2::Listener AWS::ElasticLoadBalancingV2::ListenerRule") {
		before := o.from.Resources[listener.Id]
		if before == nil || !hasNone(o.from, before, group, func(*cdktest.Resource) bool { return false }) {
			continue // it sends no requests yet
		}
		for _, target := range o.to.references[listener] {
			if target.Type != group || !o.isNew(target) || !hasNone(o.to, listener, group, func(r *cdktest.Resource) bool { return !o.isNew(r) }) {
				continue
			}
			for _, service := range o.to.All("AWS::ECS::Service") {
				if o.from.Resources[service.Id] != nil && o.to.uses(service, target, "") && o.to.graph.Needs(service, listener) {
					found = append(found, danger{stopsTraffic, place(listener), fmt.Sprintf(
						"sends requests to `%s`, which is empty until the tasks of `%s` are replaced", place(target), place(service))})
				}
			}
		}
	}
	return found
}

// hasNone reports whether a resource refers to resources of a type, none of which is as asked.
func hasNone(s *stack, r *cdktest.Resource, kind string, is func(*cdktest.Resource) bool) bool {
	some := false
	for _, other := range s.references[r] {
		if other.Type == kind {
			some = true
			if is(other) {
				return false
			}
		}
	}
	return some
}

// exports are outputs that other stacks may import, and so can't go.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
func (o *outcome) exports() (found []danger) {
	for name, output := range o.from.Outputs {
		if output["Export"] != nil && fmt.Sprint(o.to.Outputs[name]["Export"]) != fmt.Sprint(output["Export"]) {
			found = append(found, danger{isRefused, name, "is an export that goes, which another stack may import"})
		}
	}
	return found
}
