package ecs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/opt"
	"awscontainers/constructs/invalid"
)

// Scaling lets the number of a service's tasks follow the load by target tracking.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
type Scaling struct {
	// MinCapacity is the least number of tasks. Default: 1.
	MinCapacity int
	// MaxCapacity is the greatest number of tasks. Required.
	MaxCapacity int
	// TargetCpuUtilizationPercent is the average CPU use, 1 to 100 % of the task's Cpu, that tasks are added or removed
	// to keep. Required.
	TargetCpuUtilizationPercent int
	// ScaleOutCooldown is how long to wait after adding tasks before adding more. Default: 60 s.
	ScaleOutCooldown time.Duration
	// ScaleInCooldown is how long to wait after removing tasks before removing more. Default: 300 s.
	ScaleInCooldown time.Duration
}

const (
	defaultScaleOutCooldown = 60 * time.Second
	defaultScaleInCooldown  = 300 * time.Second
	maxCooldown             = 24 * time.Hour
)

func (s *Scaling) setDefaults() {
	if s.MinCapacity == 0 {
		s.MinCapacity = 1
	}
	if s.ScaleOutCooldown == 0 {
		s.ScaleOutCooldown = defaultScaleOutCooldown
	}
	if s.ScaleInCooldown == 0 {
		s.ScaleInCooldown = defaultScaleInCooldown
	}
}

func (s *Scaling) validate() error {
	var bad invalid.Problems
	if s.MinCapacity < 1 {
		bad.Add("MinCapacity", "%d is out of range; use 1 or more", s.MinCapacity)
	}
	if s.MaxCapacity < s.MinCapacity {
		bad.Add("MaxCapacity", "%d is below MinCapacity %d; use %d or more", s.MaxCapacity, s.MinCapacity, s.MinCapacity)
	}
	if s.TargetCpuUtilizationPercent < 1 || s.TargetCpuUtilizationPercent > 100 {
		bad.Add("TargetCpuUtilizationPercent", "%d is out of range; use 1 to 100", s.TargetCpuUtilizationPercent)
	}
	checkSeconds("ScaleOutCooldown", s.ScaleOutCooldown, time.Second, maxCooldown, &bad)
	checkSeconds("ScaleInCooldown", s.ScaleInCooldown, time.Second, maxCooldown, &bad)
	return bad.Err()
}

func (s *Service) scale(scaling *Scaling) {
	s.ScalableTaskCount = s.Service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(scaling.MinCapacity),
		MaxCapacity: jsii.Number(scaling.MaxCapacity),
	})
	s.ScalableTaskCount.ScaleOnCpuUtilization(jsii.String("Cpu"), &awsecs.CpuUtilizationScalingProps{
		TargetUtilizationPercent: jsii.Number(scaling.TargetCpuUtilizationPercent),
		ScaleOutCooldown:         opt.Duration(scaling.ScaleOutCooldown),
		ScaleInCooldown:          opt.Duration(scaling.ScaleInCooldown),
	})
}
