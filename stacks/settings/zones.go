package settings

import (
	"fmt"
	"strings"

	"awscontainers/internal/check"
	"awscontainers/internal/kubernetes"
)

// readZones reads the zones of new VPCs.
func (r *reader) readZones() {
	const name = "availabilityZones"
	before := len(r.bad)
	zones := r.list(key{
		Name: name, Prop: "AvailabilityZoneNames", Check: check.Zone,
		Doc: "the Availability Zones of new VPCs, `eu-west-1a,eu-west-1b`; otherwise the first three that CloudFormation names, which may " +
			"lack Amazon EKS, Arm on Fargate or App Runner. Their names differ from account to account: `aws ec2 " +
			"describe-availability-zones`. Once deployed, only append zones",
	})
	if len(zones) > 0 && r.vpcId != "" {
		r.bad.Add(name, "must not be set together with vpcId, whose subnets are in its own zones").Advise("remove one of them")
	}
	if n := len(zones); len(r.bad) == before && (n == 1 || n > maxZones) {
		r.bad.Add(name, "must be two to six zones: load balancers and Amazon EKS require two, and a Region has six at most").Given(zones)
	}
	check.ZonesOf(r.region, name, zones, &r.bad)
	for i := before; i < len(r.bad); i++ {
		r.bad[i].Field = name // without the index
	}
	if len(r.bad) == before {
		r.zones = zones
	}
}

const maxZones = 6

// zonal is a service that some zones lack. Zones are told by ID here: their names differ from account to account.
type zonal struct {
	name string
	// lacking are zones without the service by Region, and only the zones with it, where AWS lists these.
	lacking func(region string) string
	only    map[string][]string
}

var (
	amazonEks = zonal{"Amazon EKS", kubernetes.ZoneWithout, nil}
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
	onFargate = zonal{"AWS Fargate", noZone, map[string][]string{
		"us-west-1": {"usw1-az1", "usw1-az3"}, "cn-north-1": {"cnn1-az1", "cnn1-az2"},
	}}
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html
	armOnFargate = zonal{"AWS Fargate for Arm", armZone, onFargate.only}
)

func noZone(string) string { return "" }

func armZone(region string) string { return map[string]string{"us-east-1": "use1-az3"}[region] }

const lookUpZones = `aws ec2 describe-availability-zones --region %s --output text --query "AvailabilityZones[%s].[ZoneName,ZoneId]"`

// noteZones says so if CloudFormation may choose zones for a new VPC of the stack that lack a service. Without credentials the
// Region is unknown.
func (r *reader) noteZones(z zonal) {
	if r.region == "" || r.vpcId != "" || len(r.zones) > 0 {
		return
	}
	var lacks, filter string
	if id := z.lacking(r.region); id != "" {
		lacks, filter = "is not available in the zone "+id, "?ZoneId!='"+id+"'"
	} else if ids := z.only[r.region]; ids != nil {
		lacks, filter = "is available only in the zones "+strings.Join(ids, " and "), "?ZoneId=='"+strings.Join(ids, "'||ZoneId=='")+"'"
	} else {
		return
	}
	r.note(fmt.Sprintf("%s %s, and CloudFormation may choose others for the VPC; set availabilityZones to two or more that "+
		lookUpZones+" prints", z.name, lacks, r.region, filter))
}

// noteConnectorZones says so of a VPC connector of App Runner: AWS names no zone that lacks it.
// https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html
func (r *reader) noteConnectorZones() {
	if r.region == "" || r.vpcId != "" || len(r.zones) > 0 {
		return
	}
	r.note(fmt.Sprintf("App Runner does not support VPC access in a few zones, which AWS does not list, and CloudFormation may choose them "+
		"for the VPC; if the deployment fails because of subnets, set availabilityZones to other zones that "+lookUpZones+" prints",
		r.region, ""))
}
