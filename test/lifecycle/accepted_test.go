//go:build lifecycle

package lifecycle_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// acceptance is a danger that AWS leaves no way around. The page says what happens, and what to do instead.
type acceptance struct {
	// stack is a name, or "" for all.
	stack string
	// change matches the name of the update, and place the whole place of the resource.
	change, place string
	// kinds are those of the danger, separated by spaces.
	kinds string
	// because says what happens, and instead what to do, in words for the page.
	because, instead string
	page             string
}

func (a acceptance) fits(o *outcome, d danger) bool {
	return (a.stack == "" || a.stack == o.stack) && slices.Contains(strings.Fields(a.kinds), d.kind) &&
		regexp.MustCompile(a.change).MatchString(o.name) && regexp.MustCompile("^(?:"+a.place+")$").MatchString(d.place)
}

// note is what the page says.
func (a acceptance) note() string {
	return fmt.Sprintf("- %s %s ([AWS](%s))\n", a.because, a.instead, a.page)
}

var accepted = []acceptance{
	{
		"ExpressService", "^`openTelemetry`$|^from the defaults to all options$", "Service/LogGroup", "data",
		"`openTelemetry`: the output goes to the log group of a task definition of the stack. In `dev` the former log group is deleted with " +
			"its contents; in `prod` it is retained.",
		"Export what you need first.",
		"https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html",
	},
	{
		"", "`vpcId`$", ".*", "data traffic refused",
		"`vpcId`: load balancers, clusters, and file systems can't move to another VPC. AWS refuses the update or replaces what holds data.",
		"Deploy a second stack in the other VPC, move the data and the DNS record, and then delete the first stack.",
		"https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSubnets.html",
	},
	{
		"", "^(back: )?`availabilityZones` of a stack that was", ".*", "data traffic refused",
		"`availabilityZones`: a subnet can't change its zone, and the one that would replace it needs the same CIDR block, so the update fails " +
			"and rolls back.",
		"Set the key before the first deployment, and only append zones later.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html",
	},
	{
		"FargateWeb", "`cloudFront`( with a `domainName` as it was)?$", "(Internal)?LoadBalancer.*|Distribution.*", "data traffic refused",
		"`cloudFront`: a public load balancer can't become internal, so another one takes its place, with another address. The former address " +
			"responds with 503 once the tasks are replaced, and is gone at the end of the update; the former access logs stay in their bucket. " +
			"With `domainName` the update fails, because the domain has its record already.",
		"Set the key before the first deployment. Otherwise deploy a second stack with it, move the clients or the DNS record, and delete the " +
			"first.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html",
	},
	{
		"FargateWeb", "`hostedZoneId`", "LoadBalancer/AliasRecord", "traffic",
		"`hostedZoneId`: the DNS record moves to the other hosted zone.", "Delegate the domain to that zone first.",
		"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/migrate-dns-domain-in-use.html",
	},
	{
		"FargateWeb", "without `api(Image|Directory)`|to the defaults", "Cluster/DefaultServiceDiscoveryNamespace", "refused",
		"`apiImage` and `apiDirectory`: the namespace of the two services may outlive the update, because ECS removes the names in it later.",
		"Delete it with `aws servicediscovery delete-namespace` before you set the key again.",
		"https://docs.aws.amazon.com/cloud-map/latest/dg/deleting-namespaces.html",
	},
	{
		"FargateWeb", "without `executeCommand`|to the defaults", "Cluster/ExecuteCommand(Key|LogGroup)", "data",
		"`executeCommand`: if you turn it off, the logs of the sessions are deleted; in `prod` they are retained.", "Export what you need first.",
		"https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
	},
	{
		"FargateWeb", "without `wafLogs`|to the defaults", "WebAcl/LogGroup", "data",
		"`wafLogs`: if you turn it off, the log is deleted; in `prod` it is retained.", "Export what you need first.",
		"https://docs.aws.amazon.com/waf/latest/developerguide/logging-management.html",
	},
	{
		"Ec2Web", "`networkMode`|all options", "Service/ListenerRule", "traffic",
		"`networkMode`: a target group can't change its target type. The new one is empty until new tasks are healthy, and the load balancer " +
			"responds with 503 for minutes.",
		"To keep serving, deploy a second stack with the other mode, move the DNS record, and then delete the first stack.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html",
	},
	{
		"Ec2Web", "all options", "(Service|Worker|Spot)/SecurityGroup", "traffic",
		"`networkMode`: in `BRIDGE` mode tasks have the security group of their instances instead of their own.",
		"Before the update, allow the instances' group wherever other stacks allow the tasks' group.",
		"https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-networkmode.html",
	},
	{
		"Ec2Web", "^back: `maxSpotInstances`|to the defaults", "Cluster/CapacityProviders", "refused",
		"`maxSpotInstances`: ECS keeps a capacity provider in the cluster while a service uses it, so removing it with `spotWeight` fails.",
		"Remove `spotWeight` and deploy, and then remove `maxSpotInstances`.", "https://github.com/aws/containers-roadmap/issues/631",
	},
	{
		"Ec2Web", "`managedInstances`", "Cluster/CapacityProviders|(OnDemand|Managed)/SecurityGroup", "refused traffic",
		"`managedInstances`: ECS keeps a capacity provider in the cluster while a service uses it, so the change fails.",
		"Set the key before the first deployment. Later, deploy a second stack, move the DNS record, and then delete the first stack.",
		"https://github.com/aws/containers-roadmap/issues/631",
	},
	{
		"NlbService", "without `certificateArn`|to the defaults", "LoadBalancer/AccessLogs", "data",
		"`certificateArn`: only TLS listeners have access logs. Without the certificate, the bucket with the logs stays in your account.",
		"Delete it when you no longer need the logs.",
		"https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html",
	},
	{
		"GatewayServices", "`internal`|`availabilityZones` changes|to all options|to the defaults", "Gateway", "refused traffic",
		"`internal` and `availabilityZones`: a gateway can't change its scheme or its subnets, and another one can't have its name, so the " +
			"update fails and rolls back.",
		"Set both before the first deployment. Otherwise add a second gateway to the stack, or deploy a second stack, and move the clients.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-gateway.html",
	},
	{
		"FargateWeb", "`targetProtocol`|(to|from) all options|to the defaults", "Service/ListenerRule", "traffic",
		"`targetProtocol`: a target group can't change its protocol. CloudFormation replaces it, and visitors get 503 until the new tasks are " +
			"registered with the new one.",
		"Deploy a second stack, move the DNS record, and then delete the first stack; or deploy when few visitors come.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html",
	},
	{
		"QueueWorker", "without `encryptionKey`|to the defaults", "Key", "data",
		"Without `encryptionKey`: messages that wait were encrypted with the key, which in `dev` is deleted. They can't be received any more.",
		"Wait until both queues are empty. A key that is scheduled for deletion can be kept with `aws kms cancel-key-deletion` for 30 days.",
		"https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
	},
	{
		"Registry", "`repositoryName`|`encryptionKey`|(to|from) all options", "Repository|Repository/Key", "data refused",
		"`repositoryName` and `encryptionKey`: a repository can't change its name or its key. CloudFormation replaces it by an empty one, or " +
			"fails if it has a name of yours.",
		"Set both before you push images. To change them later, deploy a second stack and copy the images.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html",
	},
	{
		"Registry", "without `publicRepositoryName`", "PublicRepository/Repository", "data",
		"`publicRepositoryName`: if you remove it, the repository is deleted with its images; in `prod` it is retained.",
		"Copy what you need first.",
		"https://docs.aws.amazon.com/AmazonECR/latest/public/public-repository-delete.html",
	},
	{
		"EksNodes", "`clusterName`|all options", "Cluster|Cluster/LogGroup", "data traffic",
		"`clusterName`: a cluster can't change its name. CloudFormation creates a new one, and nothing moves there.",
		"Deploy a second stack, move the workloads, and then delete the first stack.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-cluster.html",
	},
	{
		"EksNodes", "to the defaults in `prod`", "Insights/.*Logs", "refused",
		"`containerInsights`: in `prod` its log groups are retained when you turn it off. Their names are taken if you turn it on again.",
		"Delete them first with `aws logs delete-log-group`.",
		"https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-setup-EKS-quickstart.html",
	},
	{
		"EksNodes", "without `nodes`|to the defaults", "Cluster/FargateLogGroup", "data",
		"`nodes`: without `FARGATE`, the logs of pods on Fargate are deleted; in `prod` they are retained.", "Export what you need first.",
		"https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html",
	},
	{
		"EksNodes", "`(version|amiRelease)` with|`amiRelease=LATEST`|all options with", "Nodes/Nodegroup", "refused",
		"`version`, `nodeVersion`, and `amiRelease`: CloudFormation refuses a new version or release of a node group together with any other " +
			"change of the group or its launch template.",
		"Change them in a deployment of their own, with the `profile`, the `tags`, and all other keys as they were. `LATEST` changes whenever " +
			"AWS releases an AMI: deploy without another change first.",
		"https://github.com/aws/aws-cdk/issues/13602",
	},
	{
		"EksNodes", "`version` with", "Cluster", "refused",
		"`version`: EKS makes one kind of change to a cluster at a time.", "Change access, logs, and support in another deployment.",
		"https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html",
	},
	{
		"EksStorage", "without `drivers`|to the defaults", "(Ontap|Nas|San)/.*", "data",
		"`drivers`: if you remove a driver, its file systems and claims are deleted with their data; in `prod` the file systems are retained.",
		"Back up what you need, and delete the claims first.", "https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/using-backups.html",
	},
	{
		"EksStorage", "all options with `profile`", "Ontap/(FileSystem|Svm)", "data traffic",
		"`profile` with the driver `ONTAP`: `prod` runs the file system in two zones, and a file system can't change that. CloudFormation " +
			"replaces it by an empty one.",
		"Choose the profile before you store data. To change it later, deploy a second stack and copy the data with SnapMirror.",
		"https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/high-availability-AZ.html",
	},
	{
		"EksStorage", "`profile`", "Fast/FileSystem", "data traffic",
		"`profile`: a file system of FSx for Lustre can't change its deployment type. CloudFormation replaces it by an empty one.",
		"Choose the profile before you store data, or copy the files first.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-lustreconfiguration.html",
	},
	{
		"EksStorage", "`profile`", "(Disks|Lustre|Trident)/Class-.*|Disk/Claim", "refused",
		"`profile`: `dev` deletes a volume with its claim, and `prod` retains it. Kubernetes refuses to change that in a StorageClass, and " +
			"CloudFormation rolls the update back.",
		"Choose the profile before the first deployment, or delete the pods, the claims, and the classes first.",
		"https://kubernetes.io/docs/concepts/storage/storage-classes/#reclaim-policy",
	},
	{
		"AppRunnerService", "`tags`", "Service|Service/VpcIngressConnection", "traffic",
		"`tags`: App Runner can't change the tags of a service. CloudFormation replaces it, and its URL changes.",
		"Set them before the first deployment. To change them later, deploy a second stack and move the clients.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apprunner-service.html",
	},
	{
		"ExpressService", "`tags`|`serviceName`|all options", "Service", "traffic refused",
		"`tags` and `serviceName`: an Express Mode service can't change its tags or its name. CloudFormation replaces it, and its URL changes; " +
			"with `serviceName` set, a change of `tags` fails because the name is taken.",
		"Set both before the first deployment. To change them later, deploy a second stack and move the clients.",
		"https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-expressgatewayservice.html",
	},
}
