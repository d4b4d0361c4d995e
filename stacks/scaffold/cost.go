package main

import (
	"fmt"
	"slices"
	"strings"
)

// charge is a row of the README's table of costs.
type charge struct {
	// What is charged, and how: "by the hour".
	What, How string
	// Page is the price list.
	Page string
}

// How things are charged. What is charged by the hour or by the month costs money whether it is used or not.
const (
	byHour  = "by the hour"
	byMonth = "by the month"
	byUse   = "by use"
)

// priced describes the types of resources that cost money: what they are called if there are n of them, and how they are charged.
type priced struct {
	kind, one, many, how, page string
}

const (
	vpcPrices        = "https://aws.amazon.com/vpc/pricing/"
	cloudWatchPrices = "https://aws.amazon.com/cloudwatch/pricing/"
	fargatePrices    = "https://aws.amazon.com/fargate/pricing/"
	ec2Prices        = "https://aws.amazon.com/ec2/pricing/on-demand/"
	kmsPrices        = "https://aws.amazon.com/kms/pricing/"
	balancerPrices   = "https://aws.amazon.com/elasticloadbalancing/pricing/"
)

var pricedKinds = []priced{
	{"AWS::EC2::NatGateway", "NAT gateway, with its public IPv4 address and the data it processes",
		"NAT gateways, with their public IPv4 addresses and the data they process", byHour, vpcPrices},
	{"AWS::EKS::Cluster", "Amazon EKS cluster", "Amazon EKS clusters", byHour, "https://aws.amazon.com/eks/pricing/"},
	{"AWS::CloudFront::Distribution", "CloudFront distribution: requests and data transfer",
		"CloudFront distributions: requests and data transfer", byUse, "https://aws.amazon.com/cloudfront/pricing/"},
	{"AWS::WAFv2::WebACL", "AWS WAF web ACL, with its rules and the requests it inspects",
		"AWS WAF web ACLs, with their rules and the requests they inspect", byMonth, "https://aws.amazon.com/waf/pricing/"},
	{"AWS::KMS::Key", "AWS KMS key", "AWS KMS keys", byMonth, kmsPrices},
	{"AWS::SecretsManager::Secret", "secret", "secrets", byMonth, "https://aws.amazon.com/secrets-manager/pricing/"},
	{"AWS::CloudWatch::Alarm", "CloudWatch alarm", "CloudWatch alarms", byMonth, cloudWatchPrices},
	{"AWS::CloudWatch::Dashboard", "CloudWatch dashboard", "CloudWatch dashboards", byMonth, cloudWatchPrices},
	{"AWS::DynamoDB::Table", "DynamoDB table: requests, what it stores, and its backups", "DynamoDB tables: requests, what they store, and " +
		"their backups", byUse, "https://aws.amazon.com/dynamodb/pricing/"},
	{"AWS::S3::Bucket", "S3 bucket: what it stores, and requests", "S3 buckets: what they store, and requests", byUse,
		"https://aws.amazon.com/s3/pricing/"},
	{"AWS::ECR::Repository", "ECR repository: what it stores, and data transfer", "ECR repositories: what they store, and data transfer",
		byUse,
		"https://aws.amazon.com/ecr/pricing/"},
	{"AWS::ECR::PullThroughCacheRule", "ECR pull through cache: what it stores", "ECR pull through caches: what they store", byUse,
		"https://aws.amazon.com/ecr/pricing/"},
	{"AWS::Logs::LogGroup", "log group: what it ingests and stores", "log groups: what they ingest and store", byUse, cloudWatchPrices},
	{"AWS::SNS::Topic", "SNS topic: notifications", "SNS topics: notifications", byUse, "https://aws.amazon.com/sns/pricing/"},
	{"AWS::SQS::Queue", "SQS queue: requests", "SQS queues: requests", byUse, "https://aws.amazon.com/sqs/pricing/"},
	{"AWS::Scheduler::Schedule", "EventBridge schedule: invocations", "EventBridge schedules: invocations", byUse,
		"https://aws.amazon.com/eventbridge/pricing/"},
	{"AWS::StepFunctions::StateMachine", "state machine: state transitions", "state machines: state transitions", byUse,
		"https://aws.amazon.com/step-functions/pricing/"},
	{"AWS::EKS::FargateProfile", "Fargate profile: the CPU and memory of its pods, while they run",
		"Fargate profiles: the CPU and memory of their pods, while they run", byUse, fargatePrices},
}

// charges returns what the stack costs, first what it costs whether it is used or not.
func (t *deployment) charges() (all []charge) {
	all = slices.Concat(t.loadBalancers(), t.tasks(), t.instances(), t.fileSystems(), t.appRunner(), t.expressServices(), t.endpoints())
	for _, p := range pricedKinds {
		if n := len(t.all(p.kind)); n > 0 {
			all = append(all, charge{count(n, p.one, p.many), p.how, p.page})
		}
	}
	for _, cluster := range t.all("AWS::ECS::Cluster") {
		if measured := insightsOf(cluster); measured != "" {
			all = append(all, charge{"CloudWatch Container Insights: " + measured, byUse, cloudWatchPrices})
		}
	}
	order := []string{byHour, byMonth, byUse}
	slices.SortStableFunc(all, func(a, b charge) int { return slices.Index(order, a.How) - slices.Index(order, b.How) })
	return all
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (t *deployment) loadBalancers() (all []charge) {
	for _, lb := range t.all("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		what := "1 Application Load Balancer"
		if lb.get("Type") == "network" {
			what = "1 Network Load Balancer"
		}
		if lb.get("Scheme") == "internet-facing" {
			what += ", with its public IPv4 addresses and the capacity units it uses"
		} else {
			what += ", with the capacity units it uses"
		}
		all = append(all, charge{what, byHour, balancerPrices})
	}
	for _, gateway := range t.all("AWS::ECS::Gateway") {
		what := "1 Application Load Balancer that ECS creates, at least, with "
		if gateway.get("Configuration.HostSharedAlb.Scheme") != "internal" {
			what += "its public IPv4 addresses and "
		}
		all = append(all, charge{what + "the capacity units it uses", byHour, balancerPrices})
	}
	return all
}

// tasks are those on Fargate: tasks of services run always, others by the way.
func (t *deployment) tasks() (all []charge) {
	served := map[string]bool{}
	for _, service := range t.all("AWS::ECS::Service") {
		id := t.referred(service.get("TaskDefinition"))
		task := t.Resources[id]
		served[id] = true
		if task != nil && isFargate(task) {
			all = append(all, charge{fmt.Sprintf("%s on Fargate of %s, at least", count(t.tasksOf(service), "task", "tasks"), size(task)), byHour,
				fargatePrices})
		}
	}
	for _, task := range t.all("AWS::ECS::TaskDefinition") {
		if isFargate(task) && !served[task.id] {
			all = append(all, charge{"tasks on Fargate of " + size(task) + ", while they run", byUse, fargatePrices})
		}
	}
	return all
}

func isFargate(task *resource) bool {
	return strings.Contains(fmt.Sprint(task.get("RequiresCompatibilities")), "FARGATE")
}

// size is that of a task: "0.25 vCPU and 512 MiB".
func size(task *resource) string {
	var units float64
	_, _ = fmt.Sscan(fmt.Sprint(task.get("Cpu")), &units)
	return fmt.Sprintf("%g vCPU and %v MiB", units/1024, task.get("Memory"))
}

// tasksOf is how many tasks a service has, at least.
func (t *deployment) tasksOf(service *resource) int {
	for _, target := range t.all("AWS::ApplicationAutoScaling::ScalableTarget") {
		if strings.Contains(fmt.Sprint(target.get("ResourceId")), service.id) {
			return number(target.get("MinCapacity"))
		}
	}
	return number(service.get("DesiredCount"))
}

// number is a number of a template, which may be a text.
func number(value any) (n int) {
	_, _ = fmt.Sscan(fmt.Sprint(value), &n)
	return n
}

func (t *deployment) instances() (all []charge) {
	for _, group := range t.all("AWS::AutoScaling::AutoScalingGroup") {
		var types []string
		overrides, _ := group.get("MixedInstancesPolicy.LaunchTemplate.Overrides").([]any)
		for _, o := range overrides {
			override, _ := o.(map[string]any)
			types = append(types, fmt.Sprint(override["InstanceType"]))
		}
		all = append(all, instancesOf(number(group.get("MinSize")), types))
	}
	for _, group := range t.all("AWS::EKS::Nodegroup") {
		var types []string
		names, _ := group.get("InstanceTypes").([]any)
		for _, name := range names {
			types = append(types, fmt.Sprint(name))
		}
		all = append(all, instancesOf(number(group.get("ScalingConfig.MinSize")), types))
	}
	return all
}

func instancesOf(n int, types []string) charge {
	what := count(n, "EC2 instance", "EC2 instances")
	if len(types) > 0 {
		what += " (" + strings.Join(types, " or ") + ")"
	}
	return charge{what + ", at least, with disks", byHour, ec2Prices}
}

func (t *deployment) fileSystems() (all []charge) {
	for _, fs := range t.all("AWS::FSx::FileSystem") {
		name, page := "Lustre", "https://aws.amazon.com/fsx/lustre/pricing/"
		if fs.get("FileSystemType") == "ONTAP" {
			name, page = "NetApp ONTAP", "https://aws.amazon.com/fsx/netapp-ontap/pricing/"
		}
		all = append(all, charge{fmt.Sprintf("1 Amazon FSx for %s file system of %v GiB", name, fs.get("StorageCapacity")), byHour, page})
	}
	for _, fs := range t.all("AWS::EFS::FileSystem") {
		what := "1 Amazon EFS file system: what it stores, reads and writes"
		if hasBackups(fs) {
			what += ", and its backups"
		}
		all = append(all, charge{what, byUse, "https://aws.amazon.com/efs/pricing/"})
	}
	return all
}

func (t *deployment) appRunner() (all []charge) {
	for range t.all("AWS::AppRunner::Service") {
		all = append(all, charge{"App Runner: the memory of provisioned instances, and the CPU of those that answer requests", byHour,
			"https://aws.amazon.com/apprunner/pricing/"})
	}
	return all
}

func (t *deployment) expressServices() (all []charge) {
	for _, service := range t.all("AWS::ECS::ExpressGatewayService") {
		n := number(service.get("ScalingTarget.MinTaskCount"))
		all = append(all, charge{fmt.Sprintf("%s on Fargate of %s, at least", count(n, "task", "tasks"), size(service)), byHour, fargatePrices},
			charge{"1 Application Load Balancer, which ECS creates, with its public IPv4 addresses", byHour,
				"https://aws.amazon.com/elasticloadbalancing/pricing/"})
	}
	return all
}

func (t *deployment) endpoints() (all []charge) {
	n := 0
	for _, endpoint := range t.all("AWS::EC2::VPCEndpoint") {
		if endpoint.get("VpcEndpointType") == "Interface" {
			n++
		}
	}
	if n > 0 {
		all = append(all, charge{count(n, "interface endpoint", "interface endpoints") + " in each Availability Zone", byHour,
			"https://aws.amazon.com/privatelink/pricing/"})
	}
	return all
}
