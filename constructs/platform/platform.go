package platform

// OperatingSystem is what EC2 instances run. Its variants (Arm, GPU, Neuron) follow from the instance types.
type OperatingSystem string

// The operating systems for which AWS publishes AMIs for ECS and for EKS.
const (
	// AmazonLinux2023 is the AMI optimized for ECS or EKS, with Amazon Linux 2023.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-optimized_AMI.html
	// https://docs.aws.amazon.com/eks/latest/userguide/eks-optimized-ami.html
	AmazonLinux2023 OperatingSystem = "AMAZON_LINUX_2023"
	// Bottlerocket contains only what containers need: it has no shell, no package manager, and a read-only root.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-bottlerocket.html
	// https://docs.aws.amazon.com/eks/latest/userguide/eks-optimized-ami-bottlerocket.html
	Bottlerocket OperatingSystem = "BOTTLEROCKET"
)

// OperatingSystems lists the operating systems.
func OperatingSystems() []OperatingSystem { return []OperatingSystem{AmazonLinux2023, Bottlerocket} }

// CpuArchitecture is the kind of processor that images are built for and that instances have.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
type CpuArchitecture string

// The CPU architectures of Linux containers on AWS.
const (
	// X86_64 is Intel's and AMD's.
	X86_64 CpuArchitecture = "X86_64"
	// Arm64 is that of AWS Graviton.
	Arm64 CpuArchitecture = "ARM64"
)

// CpuArchitectures lists the architectures.
func CpuArchitectures() []CpuArchitecture { return []CpuArchitecture{X86_64, Arm64} }
