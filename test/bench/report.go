package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// result is what both sides took for a number of services.
type result struct {
	lane               validation
	services           int
	golang, javascript samples
}

type samples []sample

// The goals: what Go may take at most, as a multiple of what JavaScript takes, and how far the cost of a service may grow
// with their number.
const (
	goalOff       = 1.3
	goalValidated = 1.1
	goalLinear    = 1.3
)

func (r result) ratio() float64 { return r.golang.seconds() / r.javascript.seconds() }

// seconds is the median.
func (s samples) seconds() float64 {
	return s.median(func(one sample) float64 { return one.seconds })
}

// mebi is the median, 0 where it was not measured.
func (s samples) mebi() float64 {
	return s.median(func(one sample) float64 { return one.mebi })
}

func (s samples) median(of func(sample) float64) float64 {
	values := make([]float64, len(s))
	for i, one := range s {
		values[i] = of(one)
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

func (s samples) span() string {
	minSeconds, maxSeconds := s[0].seconds, s[0].seconds
	for _, one := range s {
		minSeconds, maxSeconds = min(minSeconds, one.seconds), max(maxSeconds, one.seconds)
	}
	return fmt.Sprintf("%.2f-%.2f", minSeconds, maxSeconds)
}

const explanation = `
Seconds are from the start of the process to its end, the median of the runs, with their range; the sides take turns. The
Go program is built before. MiB are the most that the process and its children hold at the same time, looked at every
%v; what two processes share counts twice. "CDK's rules" adds the validation plugin, "and ours" the pack of
constructs/rules to it. A stack of fifty services is beyond CloudFormation's limit of 500 resources, which is lifted here.

`

func printTable(w io.Writer, results []result) {
	_, _ = fmt.Fprintf(w, explanation, lookEvery)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "validation\tservices\tGo s\trange\tJS s\trange\tratio\tGo MiB\tJS MiB\tratio\t")
	for _, r := range results {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%.2f\t%s\t%.2f\t%s\t%.2f\t%s\t\n", r.lane, r.services,
			r.golang.seconds(), r.golang.span(), r.javascript.seconds(), r.javascript.span(), r.ratio(), r.memory())
	}
	_ = table.Flush()
}

func (r result) memory() string {
	golang, javascript := r.golang.mebi(), r.javascript.mebi()
	if golang == 0 || javascript == 0 {
		return "n/a\tn/a\tn/a"
	}
	return fmt.Sprintf("%.0f\t%.0f\t%.2f", golang, javascript, golang/javascript)
}

// printGoals gives the number of goals missed.
func printGoals(w io.Writer, results []result) (missed int) {
	verdict := func(met bool) string {
		if met {
			return "met"
		}
		missed++
		return "MISSED"
	}
	steps := steps(results)
	printSteps(w, steps)

	_, _ = fmt.Fprintln(w, "\nGoals")
	for _, r := range results {
		goal := goalValidated
		if r.lane == off {
			goal = goalOff
		}
		_, _ = fmt.Fprintf(w, "  %-6s  validation: %s, %d services: Go takes %.2f x JavaScript, at most %.1f\n",
			verdict(r.ratio() <= goal), r.lane, r.services, r.ratio(), goal)
	}
	for i, s := range steps {
		if i == 0 || steps[i-1].lane != s.lane {
			continue
		}
		growth := s.golang / steps[i-1].golang
		_, _ = fmt.Fprintf(w, "  %-6s  validation: %s, linear: from %d to %d a service costs %.2f x what it costs from %d to %d, at most %.1f\n",
			verdict(growth <= goalLinear), s.lane, s.from, s.to, growth, steps[i-1].from, steps[i-1].to, goalLinear)
	}
	return missed
}

// printSteps prints nothing for a single number of services.
func printSteps(w io.Writer, steps []step) {
	if len(steps) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "\nvalidation\tservices\tGo ms/service\tJS ms/service\tratio\t")
	for _, s := range steps {
		_, _ = fmt.Fprintf(table, "%s\t%d -> %d\t%.1f\t%.1f\t%.2f\t\n", s.lane, s.from, s.to, s.golang, s.javascript, s.golang/s.javascript)
	}
	_ = table.Flush()
}

// step is what one more service costs between two numbers of them, in milliseconds.
type step struct {
	lane               validation
	from, to           int
	golang, javascript float64
}

func steps(results []result) (all []step) {
	for i := 1; i < len(results); i++ {
		a, b := results[i-1], results[i]
		if a.lane != b.lane {
			continue
		}
		more := float64(b.services-a.services) / 1000
		all = append(all, step{a.lane, a.services, b.services,
			(b.golang.seconds() - a.golang.seconds()) / more, (b.javascript.seconds() - a.javascript.seconds()) / more})
	}
	return all
}
