package ecs

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
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

// NewDashboard creates a dashboard. It panics with *invalid.Error if the props are invalid.
func NewDashboard(scope constructs.Construct, id string, props *DashboardProps) *Dashboard {
	p := opt.Value(props)
	invalid.Refuse(scope, id, p.Validate())

	d := &Dashboard{}
	source.Create(d, scope, id)
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

// Name returns the dashboard's name.
func (d *Dashboard) Name() string { return *d.Dashboard.Ref() }

// Validate returns all problems of the props, or nil.
func (p *DashboardProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	if len(p.Services) == 0 || len(p.Services) > maxRows {
		bad.Add("Services", "must have 1 to %d services", maxRows).Given(len(p.Services))
	}
	for i, s := range p.Services {
		if !invalid.IsMade(s) {
			bad.Add(check.Index("Services", i), "must be a service of ecs.NewService or ecs.ServiceFrom")
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
	if len(s.albTargets) > 0 {
		rows = append(rows, s.albCharts())
	}
	if len(s.nlbTargets) > 0 {
		rows = append(rows, s.nlbCharts())
	}
	line := func(namespace, name string) []any {
		return []any{namespace, name, "ClusterName", s.cluster.Cluster.ClusterName(), "ServiceName", s.Name(), map[string]any{"stat": "Average"}}
	}
	tasks := []chart{{"CPU and memory (%)", []any{line("AWS/ECS", "CPUUtilization"), line("AWS/ECS", "MemoryUtilization")}}}
	if s.cluster.hasInsights {
		tasks = append(tasks, chart{"Tasks", []any{
			line(containerInsights, "DesiredTaskCount"), line(containerInsights, "RunningTaskCount"), line(containerInsights, "PendingTaskCount"),
		}})
	}
	return append(rows, tasks)
}

// line is a metric of a target group, or with an empty group of the load balancer, as a dashboard names it.
func (m *groupMetrics) line(name, statistic string, group *string) []any {
	line := []any{m.namespace, name, "LoadBalancer", m.loadBalancer}
	if group != nil {
		line = append(line, "TargetGroup", group)
	}
	return append(line, map[string]any{"stat": statistic})
}

// healthLines count healthy and unhealthy tasks.
func (m *groupMetrics) healthLines() (lines []any) {
	for _, group := range m.groups {
		lines = append(lines, m.line("HealthyHostCount", "Minimum", group), m.line("UnHealthyHostCount", "Maximum", group))
	}
	return lines
}

func (s *Service) albCharts() []chart {
	var requests, times, health []any
	for i := range s.albTargets {
		m := s.albTargets[i].metrics()
		for _, group := range m.groups {
			requests = append(requests, m.line("RequestCount", "Sum", group), m.line("HTTPCode_Target_4XX_Count", "Sum", group),
				m.line("HTTPCode_Target_5XX_Count", "Sum", group))
			times = append(times, m.line(responseTime, "p50", group), m.line(responseTime, "p99", group))
		}
		health = append(health, m.healthLines()...)
	}
	return []chart{{"Requests and errors", requests}, {"Response time (s)", times}, {"Healthy and unhealthy tasks", health}}
}

// nlbCharts are those of the service's listeners, and of their load balancers.
func (s *Service) nlbCharts() []chart {
	var flows, resets, health []any
	seen := map[*elb.NetworkLoadBalancer]bool{}
	for i := range s.nlbTargets {
		m := s.nlbTargets[i].metrics()
		health = append(health, m.healthLines()...)
		n := s.nlbTargets[i].listener.LoadBalancer
		if seen[n] {
			continue
		}
		seen[n] = true
		flows = append(flows, m.line("NewFlowCount", "Sum", nil), m.line("ActiveFlowCount", "Average", nil))
		resets = append(resets, m.line("TCP_Target_Reset_Count", "Sum", nil), m.line("TCP_ELB_Reset_Count", "Sum", nil),
			m.line("PortAllocationErrorCount", "Sum", nil))
	}
	return []chart{{"Connections", flows}, {"Resets and refusals", resets}, {"Healthy and unhealthy tasks", health}}
}
