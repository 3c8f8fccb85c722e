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
	// listSize is how many customers the lists ask for.
	listSize = 100
)

// render writes the report. sides come in pairs, the small tenant and the large one on each driver.
func render(sides []*side, o options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What size costs\n\nWritten by `go run ./scale` in `bench/`, on %s, %d cores, %s/%s, %s. Not for editing.\n\n",
		time.Now().UTC().Format("2006-01-02"), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	fmt.Fprintf(&b, `Two tenants on each driver, in stores of their own: %s and %s customers, each with a profile, %d interactions and %d scores, written straight
into the store; the standings by the service. The data are in the memory of the system. Then one client makes one call after the
other over gRPC, ten in each store by turns, clients, services and databases on one machine: %d calls about customers drawn at
random, and %d lists of 100 customers, each kind. The goals are a p99 of %s for a call about one customer and of %s for a list, and
at most %.0f times that of the small tenant.

A filter may match fewer than a hundred customers of the small tenant. Then no list of 100 is there to compare with, and the
goal is the p99 alone: the table gives the ratio all the same, and how many customers the shortest list of each tenant had.

Times are in milliseconds, p50 / p99.

`, count(sides[0].customers), count(sides[1].customers), interactions, waves, o.calls, max(1, o.calls/2), oneCustomer, oneList, growth)
	b.WriteString("| call |")
	for i := 0; i < len(sides); i += 2 {
		fmt.Fprintf(&b, " %s, small | large | p99, large / small | listed | goal |", sides[i].driver)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|---|---|---|---|", len(sides)/2) + "\n")
	for _, c := range calls() {
		name, bound := c.name, oneCustomer
		if c.list {
			name, bound = "list: "+c.name, oneList
		}
		fmt.Fprintf(&b, "| %s |", name)
		for i := 0; i < len(sides); i += 2 {
			a, z := sides[i].took[c.name], sides[i+1].took[c.name]
			fmt.Fprintf(&b, " %s | %s | %.2f | %s | %s |", a.millis(), z.millis(), ratio(a, z), lengths(c, a, z), verdict(bound, a, z))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| | customers | on disk | until all standings were computed | CalibrateQuestionnaire over all scores |\n|---|---|---|---|---|\n")
	for _, s := range sides {
		fmt.Fprintf(&b, "| %s | %s | %.0f MB | %s | %s |\n", s.driver, count(s.customers), float64(s.bytes)/1e6, seconds(s.settled), seconds(s.calibrate))
	}
	return b.String()
}

// seconds is a time that may not have been measured: the store was there already, or it would have taken too long.
func seconds(d time.Duration) string {
	if d == 0 {
		return "not measured"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
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
	case small.listed < listSize && small.listed != large.listed:
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

func (t taken) millis() string {
	return fmt.Sprintf("%.2f / %.2f", t.quantile(0.5).Seconds()*1e3, t.quantile(0.99).Seconds()*1e3)
}

func count(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
