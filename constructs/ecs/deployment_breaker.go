package ecs

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// CircuitBreaker sets after how many failed tasks the circuit breaker ends a deployment and rolls it back. A task fails if it doesn't start
// or doesn't pass its health checks. The zero value is AWS's default: half of the desired count, from 3 to 200 tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html
type CircuitBreaker struct {
	// MaxFailedTasks is the number of failed tasks that ends a deployment, 1 or more. Default: none, see MaxFailedPercent.
	MaxFailedTasks int
	// MaxFailedPercent is the number of failed tasks that ends a deployment, as a percentage of the desired count, 1 or more. AWS raises the
	// result to 3 and lowers it to 200. Not with MaxFailedTasks. Default: 50.
	MaxFailedPercent int
	// CountsAll counts all failed tasks of a deployment. Default: false, a task that becomes healthy resets the count to 0.
	CountsAll bool
}

const defaultFailedPercent = 50

func (c CircuitBreaker) isSet() bool { return c != CircuitBreaker{} }

// validateBreaker refuses thresholds that no circuit breaker has.
func (d *Deployment) validateBreaker(bad *invalid.Problems) {
	c := d.CircuitBreaker
	switch {
	case c.isSet() && d.DisableCircuitBreaker:
		bad.Add("CircuitBreaker", "must not be set together with DisableCircuitBreaker").Advise("remove one of them")
	case c.isSet() && d.hasSteps():
		bad.Add("CircuitBreaker", "must not be set with Strategy LINEAR or CANARY, which have no circuit breaker").Given(d.Strategy)
	}
	if c.MaxFailedTasks != 0 {
		check.Min("CircuitBreaker.MaxFailedTasks", c.MaxFailedTasks, 1, bad)
	}
	if c.MaxFailedPercent != 0 {
		check.Min("CircuitBreaker.MaxFailedPercent", c.MaxFailedPercent, 1, bad)
	}
	if c.MaxFailedTasks != 0 && c.MaxFailedPercent != 0 {
		bad.Add("CircuitBreaker.MaxFailedPercent", "must not be set together with MaxFailedTasks").Given(c.MaxFailedPercent).
			Advise("remove one of them")
	}
}

// renderResource sets what the CDK's services have no props for.
func (d *Deployment) renderResource(service awsecs.BaseService) {
	resource := service.Node().DefaultChild().(awsecs.CfnService)
	if c := d.CircuitBreaker; c.isSet() {
		const breaker = "DeploymentConfiguration.DeploymentCircuitBreaker."
		threshold := map[string]any{"Type": "BOUNDED_PERCENT", "Value": cmp.Or(c.MaxFailedPercent, defaultFailedPercent)}
		if c.MaxFailedTasks != 0 {
			threshold = map[string]any{"Type": "COUNT", "Value": c.MaxFailedTasks}
		}
		resource.AddPropertyOverride(jsii.String(breaker+"ThresholdConfiguration"), threshold)
		if c.CountsAll {
			resource.AddPropertyOverride(jsii.String(breaker+"ResetOnHealthyTask"), false)
		}
	}
	if d.Nonce != "" {
		resource.SetForceNewDeployment(&awsecs.CfnService_ForceNewDeploymentProperty{
			EnableForceNewDeployment: jsii.Bool(true), ForceNewDeploymentNonce: &d.Nonce,
		})
	}
}
