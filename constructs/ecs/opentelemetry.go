package ecs

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/registry"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// OpenTelemetry adds a container to the task that takes traces and metrics from the others, by OTLP on localhost:4317 (gRPC)
// and localhost:4318 (HTTP), where OpenTelemetry's SDKs send them unless told otherwise: traces go to X-Ray, metrics to
// CloudWatch through the task's log group. The task goes on when it stops. It takes CPU and memory of the task's.
// https://aws-otel.github.io/docs/setup/ecs
type OpenTelemetry struct {
	// Image is the AWS Distro for OpenTelemetry Collector, or another that reads its configuration from the variable
	// AOT_CONFIG_CONTENT. In isolated subnets it must come from a private ECR. Default:
	// registry.FromRegistry("public.ecr.aws/aws-observability/aws-otel-collector:v0.48.0").
	Image *registry.Image
	// MetricNamespace is where CloudWatch shows the metrics: up to 255 letters, digits and .-_/#:. Default: "OpenTelemetry".
	MetricNamespace string
	// MemoryReservationMiB is the memory set aside for it. Default: 64.
	MemoryReservationMiB int
}

const (
	collectorName    = "otel-collector"
	collectorImage   = "public.ecr.aws/aws-observability/aws-otel-collector:v0.48.0"
	collectorMiB     = 64
	collectorStream  = "opentelemetry" // of the metrics in the task's log group
	collectorVar     = "AOT_CONFIG_CONTENT"
	defaultNamespace = "OpenTelemetry"
)

// container is the collector, whose configuration comes when the log group is there.
func (o *OpenTelemetry) container() Container {
	image := registry.FromRegistry(collectorImage)
	if o.Image != nil {
		image = *o.Image
	}
	memory := collectorMiB
	if o.MemoryReservationMiB >= minMemoryMiB { // less is refused
		memory = o.MemoryReservationMiB
	}
	return Container{
		Name:                 collectorName,
		Image:                image,
		MemoryReservationMiB: memory,
		Command:              []string{"--config=env:" + collectorVar},
		NonEssential:         true,
		// The image has no shell; this program of its own asks the extension health_check.
		HealthCheck: &HealthCheck{Command: []string{"CMD", "/healthcheck"}, StartPeriod: 10 * time.Second},
	}
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
var metricNamespace = regexp.MustCompile(`^[A-Za-z0-9._/#-][A-Za-z0-9._/#:-]{0,254}$`)

func (o *OpenTelemetry) validate() error {
	var bad invalid.Problems
	if strings.HasPrefix(o.MetricNamespace, "AWS/") {
		bad.Add("MetricNamespace", "must not begin with AWS/").Given(o.MetricNamespace)
	}
	check.Match("MetricNamespace", o.MetricNamespace, metricNamespace, "up to 255 letters, digits and .-_/#:, not beginning with :", &bad)
	if o.MemoryReservationMiB != 0 {
		check.Min("MemoryReservationMiB", o.MemoryReservationMiB, minMemoryMiB, &bad)
	}
	return bad.Err()
}

// configureCollector gives the collector its configuration, and the task role what that takes and no more: the traces' actions know
// no resources.
// https://docs.aws.amazon.com/xray/latest/devguide/security_iam_id-based-policy-examples.html
func (t *Task) configureCollector(o *OpenTelemetry) {
	for i := range t.props.Containers {
		if c := &t.props.Containers[i]; c.Name == collectorName {
			c.Environment = map[string]string{collectorVar: o.config(*t.LogGroup.LogGroupName())}
		}
	}
	t.TaskRole.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
			"xray:GetSamplingStatisticSummaries"),
		Resources: jsii.Strings("*"),
	}))
	t.LogGroup.GrantWrite(t.TaskRole)
}

// config is the collector's, as JSON, which is YAML too.
// https://github.com/aws-observability/aws-otel-collector/tree/main/config/ecs
func (o *OpenTelemetry) config(logGroup string) string {
	namespace := o.MetricNamespace
	opt.Default(&namespace, defaultNamespace)
	type object = map[string]any
	config, err := json.Marshal(object{
		"extensions": object{"health_check": object{}},
		"receivers": object{"otlp": object{"protocols": object{
			"grpc": object{"endpoint": "localhost:4317"}, "http": object{"endpoint": "localhost:4318"},
		}}},
		"processors": object{
			"resourcedetection": object{"detectors": []string{"env", "ecs"}},
			"batch/traces":      object{"timeout": "1s", "send_batch_size": 50},
			"batch/metrics":     object{"timeout": "60s"},
		},
		"exporters": object{
			"awsxray": object{},
			"awsemf":  object{"namespace": namespace, "log_group_name": logGroup, "log_stream_name": collectorStream},
		},
		"service": object{
			"extensions": []string{"health_check"},
			"pipelines": object{
				"traces": object{
					"receivers": []string{"otlp"}, "processors": []string{"resourcedetection", "batch/traces"}, "exporters": []string{"awsxray"},
				},
				"metrics": object{
					"receivers": []string{"otlp"}, "processors": []string{"resourcedetection", "batch/metrics"}, "exporters": []string{"awsemf"},
				},
			},
		},
	})
	if err != nil {
		panic(err) // strings and numbers: it cannot be
	}
	return string(config)
}
