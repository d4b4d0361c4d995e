package network

// EcsTaskEndpoints are the interface endpoints that let ECS tasks on Fargate run without a way to the internet: image
// pulls from ECR (its layers come from S3, whose gateway endpoint is always there), logs, secrets and ECS Exec, whose sessions are
// encrypted with a KMS key. What the program itself calls comes in addition, such as "sqs".
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec-considerations.html
func EcsTaskEndpoints() []string {
	return []string{"ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "ssm", "ssmmessages"}
}

// EcsInstanceEndpoints are those that let tasks run on EC2 instances there, your own or ECS Managed Instances: the agent's own besides.
// The SSM agent, for sessions on the instance, needs no others: it uses "ssmmessages" in place of the older "ec2messages".
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
// https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html
func EcsInstanceEndpoints() []string {
	return append(EcsTaskEndpoints(), "ecs", "ecs-agent", "ecs-telemetry")
}

// EksNodeEndpoints are the interface endpoints that let nodes of an EKS cluster run without a way to the internet: to look
// themselves up, pull images from ECR, give pods addresses and credentials, and log. Images of other registries must be in ECR. Add
// "elasticloadbalancing" for the AWS Load Balancer Controller, "autoscaling" for Cluster Autoscaler, "elasticfilesystem" or "fsx" for
// the drivers of these, and what the programs call.
// https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
func EksNodeEndpoints() []string {
	return []string{"ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "logs", "sts"}
}

// EksFargateEndpoints are those that let pods on Fargate run there: images, logs, and credentials by IAM roles for service accounts.
// https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
func EksFargateEndpoints() []string {
	return []string{"ecr.api", "ecr.dkr", "logs", "sts"}
}
