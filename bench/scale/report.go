package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// goals: what a call may take at its 99th percentile, and how much more than in the small tenant.
const (
	oneCustomer = 10 * time.Millisecond
	oneList     = 50 * time.Millisecond
	growth      = 2.0
)

// render writes the report.
func render(sides []*side, o options) string {
	small, large := sides[0], sides[1]
	var b strings.Builder
	fmt.Fprintf(&b, "# What size costs\n\nWritten by `go run ./scale` in `bench/`, on %s, %d cores, %s/%s, %s. Not for editing.\n\n",
		time.Now().UTC().Format("2006-01-02"), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	fmt.Fprintf(&b, "Two tenants, each on a SQLite store of its own: %s and %s customers, each with a profile, %d interactions and %d\n"+
		"scores, written straight into the file; the standings by the service. The file is in the memory of the system. Then one client makes one\n"+
		"call after the other over gRPC, ten in the one tenant and ten in the other by turns, clients and services in one process: %d calls about customers drawn at random, and %d lists of 100 customers, each kind. The goals are a p99 of %s for a call about one customer and of %s\n"+
		"for a list, and at most %.0f times that of the small tenant.\n\n",
		count(small.customers), count(large.customers), interactions, waves, o.calls, max(1, o.calls/2), oneCustomer, oneList, growth)
	fmt.Fprintf(&b, "A filter may match fewer than a hundred customers of the small tenant. Then no list of 100 is there to compare with, and the\n"+
		"goal is the p99 alone: the table gives the ratio all the same, and how many customers the shortest list of each tenant had.\n\n")
	fmt.Fprintf(&b, "| call | p50, small | p99, small | p50, large | p99, large | p99, large / small | customers listed | goal |\n|---|---|---|---|---|---|---|---|\n")
	for _, c := range calls() {
		name, bound := c.name, oneCustomer
		if c.list {
			name, bound = "list: "+c.name, oneList
		}
		a, z := small.took[c.name], large.took[c.name]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %.2f | %s | %s |\n", name, millis(a.quantile(0.5)), millis(a.quantile(0.99)),
			millis(z.quantile(0.5)), millis(z.quantile(0.99)), ratio(a, z), lengths(c, a, z), verdict(bound, a, z))
	}
	fmt.Fprintf(&b, "\n| | small | large |\n|---|---|---|\n| file | %.1f MB | %.0f MB |\n", float64(small.bytes)/1e6, float64(large.bytes)/1e6)
	if large.settled > 0 && small.settled > 0 {
		fmt.Fprintf(&b, "| until all standings were computed | %.1f s | %.0f s |\n| CalibrateQuestionnaire over all scores | %.1f s | not tried |\n",
			small.settled.Seconds(), large.settled.Seconds(), small.calibrate.Seconds())
	}
	return b.String()
}

// ratio is how much more a call takes in the large tenant.
func ratio(small, large taken) float64 {
	return large.quantile(0.99).Seconds() / small.quantile(0.99).Seconds()
}

// verdict says whether a call takes no more than it may.
func verdict(bound time.Duration, small, large taken) string {
	switch grown := ratio(small, large); {
	case large.quantile(0.99) > bound:
		return "missed: p99"
	case small.listed < large.listed:
		return "met, by p99 alone"
	case grown > growth:
		return fmt.Sprintf("missed: %.1f times", grown)
	}
	return "met"
}

func lengths(c call, small, large taken) string {
	if !c.list {
		return ""
	}
	return fmt.Sprintf("%d, %d", small.listed, large.listed)
}

func (t taken) quantile(q float64) time.Duration {
	return t.each[min(len(t.each)-1, int(q*float64(len(t.each))))]
}

func millis(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1e3) }

func count(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
