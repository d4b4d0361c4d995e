// Package platform names the operating systems and the processors that containers run on, for ECS and EKS alike. Start with
// [Arm64] and [X86_64], for ecs.TaskProps.CpuArchitecture, and with [AmazonLinux2023] and [Bottlerocket], for instances and
// nodes.
package platform
