package thresholds

import (
	"time"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// Of are the fields of props that hold the thresholds.
type Of struct {
	ErrorsPerMinute                                 *int
	ResponseTime                                    *time.Duration
	CpuUtilizationPercent, MemoryUtilizationPercent *int
}

const (
	// ErrorsPerMinute is the default.
	ErrorsPerMinute = 10

	minResponseTime = time.Millisecond
)

// SetDefaults sets the thresholds that are not set.
func (t Of) SetDefaults() {
	opt.Default(t.ErrorsPerMinute, ErrorsPerMinute)
	opt.Default(t.ResponseTime, 2*time.Second)
	opt.Default(t.CpuUtilizationPercent, 85)
	opt.Default(t.MemoryUtilizationPercent, 90)
}

// Check refuses thresholds that are out of range.
func (t Of) Check(bad *invalid.Problems) {
	check.Min("ErrorsPerMinute", *t.ErrorsPerMinute, 1, bad)
	if *t.ResponseTime < minResponseTime {
		bad.Add("ResponseTime", "must be %v or longer", minResponseTime).Given(*t.ResponseTime)
	}
	check.Percent("CpuUtilizationPercent", *t.CpuUtilizationPercent, bad)
	check.Percent("MemoryUtilizationPercent", *t.MemoryUtilizationPercent, bad)
}
