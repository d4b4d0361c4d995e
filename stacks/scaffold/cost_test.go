package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks/settings"
)

// free are the types of resources that cost nothing themselves.
var free = []string{
	"AWS::ApplicationAutoScaling::", "AWS::AppRunner::AutoScalingConfiguration", "AWS::EC2::EIP", "AWS::EC2::FlowLog",
	"AWS::EC2::InternetGateway",
	"AWS::EC2::LaunchTemplate", "AWS::EC2::Route", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPC",
	"AWS::EC2::VPCGatewayAttachment", "AWS::ECR::RepositoryCreationTemplate", "AWS::ECS::CapacityProvider",
	"AWS::ECS::ClusterCapacityProvider", "AWS::ECS::GatewayClusterAssociations",
	"AWS::EFS::AccessPoint", "AWS::EFS::MountTarget", "AWS::EKS::AccessEntry", "AWS::EKS::Addon", "AWS::ElasticLoadBalancingV2::Listener",
	"AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::Events::Rule", "AWS::IAM::", "AWS::Lambda::", "AWS::Logs::ResourcePolicy",
	"AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::SSM::Parameter", "Custom::",
}

// notByKind are the types of resources for whose costs there is code.
var notByKind = []string{
	"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::AutoScaling::AutoScalingGroup",
	"AWS::EKS::Nodegroup", "AWS::FSx::FileSystem", "AWS::AppRunner::Service", "AWS::ECS::ExpressGatewayService", "AWS::ECS::Gateway",
	"AWS::EC2::VPCEndpoint",
	"AWS::ECS::Cluster", "AWS::EFS::FileSystem",
}

// snapshotOf is the template of a stack in dev.
func snapshotOf(t *testing.T, stack string) *deployment {
	t.Helper()
	raw, err := os.ReadFile("../../test/snapshots/" + stack + ".template.json")
	require.NoError(t, err)
	d, err := readTemplate(raw)
	require.NoError(t, err)
	return d
}

// A resource that is new in a stack, and that costs something, is not forgotten in the README of an app.
func TestCostsOfEveryResourceAreKnown(t *testing.T) {
	for _, stack := range settings.Names() {
		for id, r := range snapshotOf(t, stack).Resources {
			known := slices.ContainsFunc(pricedKinds, func(p priced) bool { return p.kind == r.Type }) || slices.Contains(notByKind, r.Type) ||
				slices.ContainsFunc(free, func(kind string) bool { return strings.HasPrefix(r.Type, kind) })
			assert.True(t, known, "%s: what does %s, of type %s, cost?", stack, id, r.Type)
		}
	}
}

func TestCosts(t *testing.T) {
	for stack, want := range map[string][]string{
		"FargateWeb": {
			"by the hour: 1 Application Load Balancer, with its public IPv4 addresses and the capacity units it uses",
			"by the hour: 1 task on Fargate of 0.25 vCPU and 512 MiB, at least",
			"by the hour: 1 NAT gateway, with its public IPv4 address and the data it processes",
			"by use: 1 S3 bucket: what it stores, and requests",
			"by use: 2 log groups: what they ingest and store",
			"by use: CloudWatch Container Insights: metrics of services",
		},
		"GatewayServices": {
			"by the hour: 1 Application Load Balancer that ECS creates, at least, with its public IPv4 addresses and the capacity units it uses",
			"by the hour: 1 task on Fargate of 0.25 vCPU and 512 MiB, at least",
			"by the hour: 1 task on Fargate of 0.25 vCPU and 512 MiB, at least",
			"by the hour: 1 NAT gateway, with its public IPv4 address and the data it processes",
			"by use: 1 S3 bucket: what it stores, and requests",
			"by use: 3 log groups: what they ingest and store",
			"by use: CloudWatch Container Insights: metrics of services",
		},
		"Registry": {
			"by use: 1 ECR repository: what it stores, and data transfer",
			"by use: 3 ECR pull through caches: what they store",
		},
		"EksStorage": {
			"by the hour: 1 EC2 instance (t3.large), at least, with disks",
			"by the hour: 1 Amazon FSx for Lustre file system of 1200 GiB",
			"by the hour: 1 NAT gateway, with its public IPv4 address and the data it processes",
			"by the hour: 1 Amazon EKS cluster",
			"by the month: 1 AWS KMS key",
			"by use: 1 Amazon EFS file system: what it stores, reads and writes",
			"by use: 5 log groups: what they ingest and store",
			"by use: 1 Fargate profile: the CPU and memory of its pods, while they run",
		},
	} {
		var got []string
		for _, c := range snapshotOf(t, stack).charges() {
			got = append(got, c.How+": "+c.What)
			assert.Regexp(t, `^https://aws\.amazon\.com/[a-z0-9/-]+/pricing/([a-z-]+/)?$`, c.Page)
		}
		assert.Equal(t, want, got, stack)
	}
}

func TestBackupsCostAndRemain(t *testing.T) {
	raw, err := os.ReadFile("../../test/snapshots/SharedStorage-prod.template.json")
	require.NoError(t, err)
	d, err := readTemplate(raw)
	require.NoError(t, err)
	assert.Contains(t, d.charges(), charge{
		"1 Amazon EFS file system: what it stores, reads and writes, and its backups", byUse, "https://aws.amazon.com/efs/pricing/",
	})
	assert.Contains(t, d.remains(), "the backups of the EFS file system, for 35 days. `aws backup delete-recovery-point` deletes one sooner.")
}

func TestWhatRemains(t *testing.T) {
	assert.Equal(t, []string{
		"an S3 bucket with its objects: `aws s3 rb --force s3://<bucket>`. Its name is `$(out AccessLogBucketName)`, which you read before you " +
			"delete the stack.",
		"the log groups of Lambda functions, whose names begin with `/aws/lambda/` and the stack's name.",
		"the log group of Container Insights, `/aws/ecs/containerinsights/<cluster>/performance`.",
		"the CDK's bootstrap stack, which the other CDK apps in the account use too.",
	}, snapshotOf(t, "FargateWeb").remains())
}

var outputs = regexp.MustCompile(`\$\(out (\w+)\)`)

// Each stack has a guide, and the guide asks for outputs that the stack has.
func TestGuides(t *testing.T) {
	for _, stack := range settings.Names() {
		guide, err := templates.ReadFile("templates/guides/" + stack + ".md.tmpl")
		require.NoError(t, err)
		deployed, found := snapshotOf(t, stack), outputs.FindAllStringSubmatch(string(guide), -1)
		assert.NotEmpty(t, found, stack)
		for _, output := range found {
			assert.Contains(t, deployed.Outputs, output[1], stack)
		}
	}
}
