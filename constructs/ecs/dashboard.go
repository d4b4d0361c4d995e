package ecs

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// DashboardProps describe a dashboard of services.
type DashboardProps struct {
	// Services are what to show, a row each. Required: at least one, up to 50.
	Services []*Service
	// DashboardName is the physical name. Default: CloudFormation makes one.
	DashboardName string
}

// Dashboard shows services in CloudWatch: requests, errors, latency, health, CPU, memory and, where Container Insights counts
// them, tasks.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
type Dashboard struct {
	constructs.Construct
	// Dashboard is the resource.
	Dashboard awscloudwatch.CfnDashboard
}

// maxRows keeps the dashboard below the 500 widgets that CloudWatch takes.
const maxRows = 50

// NewDashboard makes a dashboard. It panics with *invalid.Error when the props are wrong.
func NewDashboard(scope constructs.Construct, id string, props *DashboardProps) *Dashboard {
	var p DashboardProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())

	d := &Dashboard{}
	constructs.NewConstruct_Override(d, scope, &id)
	body, err := json.Marshal(map[string]any{"widgets": p.widgets(*awscdk.Stack_Of(d).Region())})
	if err != nil {
		panic(err) // strings and numbers: it cannot be
	}
	d.Dashboard = awscloudwatch.NewCfnDashboard(d, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardBody: jsii.String(string(body)),
		DashboardName: opt.String(p.DashboardName),
	})
	return d
}

// Name is the dashboard's name, for an output.
func (d *Dashboard) Name() string { return *d.Dashboard.Ref() }

func (p *DashboardProps) validate() error {
	var bad invalid.Problems
	if len(p.Services) == 0 || len(p.Services) > maxRows {
		bad.Add("Services", "are %d; give 1 to %d", len(p.Services), maxRows)
	}
	for i, s := range p.Services {
		if s == nil {
			bad.Add(check.Index("Services", i), "is missing; leave it out or make it with ecs.NewService")
		}
	}
	check.EcsName("DashboardName", p.DashboardName, &bad)
	return bad.Err()
}

// The size of a chart: three fill the 24 columns that a dashboard has.
const widgetWidth, widgetHeight = 8, 6

// widgets are those of all services, in CloudWatch's own form.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
func (p *DashboardProps) widgets(region string) []any {
	widgets := []any{}
	y := 0
	for _, s := range p.Services {
		widgets = append(widgets, map[string]any{"type": "text", "x": 0, "y": y, "width": 24, "height": 1,
			"properties": map[string]any{"markdown": "## " + *s.Node().Path()}})
		y++
		for _, row := range s.charts() {
			for i, chart := range row {
				widgets = append(widgets, map[string]any{
					"type": "metric", "x": i * widgetWidth, "y": y, "width": widgetWidth, "height": widgetHeight,
					"properties": map[string]any{"title": chart.title, "view": "timeSeries", "region": region, "period": 60, "metrics": chart.metrics,
						"yAxis": map[string]any{"left": map[string]any{"min": 0}}},
				})
			}
			y += widgetHeight
		}
	}
	return widgets
}

type chart struct {
	title   string
	metrics []any
}

// charts are the service's, in rows: of its load balancers, if it has any, and of its tasks.
func (s *Service) charts() (rows [][]chart) {
	if len(s.targets) > 0 {
		rows = append(rows, s.trafficCharts())
	}
	if len(s.nlbTargets) > 0 {
		rows = append(rows, s.nlbCharts())
	}
	line := func(namespace, name string) []any {
		return []any{namespace, name, "ClusterName", s.cluster.Cluster.ClusterName(), "ServiceName", s.Name(), map[string]any{"stat": "Average"}}
	}
	tasks := []chart{{"CPU and memory (%)", []any{line("AWS/ECS", "CPUUtilization"), line("AWS/ECS", "MemoryUtilization")}}}
	if s.cluster.insights {
		tasks = append(tasks, chart{"Tasks", []any{
			line(containerInsights, "DesiredTaskCount"), line(containerInsights, "RunningTaskCount"), line(containerInsights, "PendingTaskCount"),
		}})
	}
	return append(rows, tasks)
}

func (s *Service) trafficCharts() []chart {
	var requests, times, health []any
	for i := range s.targets {
		for _, d := range s.targets[i].dimensions() {
			line := func(name, statistic string) []any {
				return []any{"AWS/ApplicationELB", name, "LoadBalancer", d["LoadBalancer"], "TargetGroup", d["TargetGroup"], map[string]any{"stat": statistic}}
			}
			requests = append(requests, line("RequestCount", "Sum"), line("HTTPCode_Target_4XX_Count", "Sum"), line("HTTPCode_Target_5XX_Count", "Sum"))
			times = append(times, line("TargetResponseTime", "p50"), line("TargetResponseTime", "p99"))
			health = append(health, line("HealthyHostCount", "Minimum"), line("UnHealthyHostCount", "Maximum"))
		}
	}
	return []chart{{"Requests and errors", requests}, {"Response time (s)", times}, {"Healthy and unhealthy tasks", health}}
}
