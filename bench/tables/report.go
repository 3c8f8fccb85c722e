package main

import (
	_ "embed"
	"fmt"
	"runtime"
	"strings"
	"text/template"
	"time"

	"github.com/customer-momentum/cmi/bench/figures"
	"github.com/customer-momentum/cmi/bench/machine"
)

//go:embed tables.md.tmpl
var page string

// findings are what was measured; what was not asked for is nil.
type findings struct {
	memory        *result
	flight        *result
	longer, wider []grown
	files         []filed
	stream        *huge
}

// row is a line of the summary.
type row struct {
	number, what, against string
	ours, theirs          int
	goal                  float64
	result
}

// rows are the lines of the summary.
func (f findings) rows() (all []row) {
	if f.memory != nil {
		best := f.memory.fastest(1, 2)
		all = append(all,
			row{"7", "columns kernel, in process", f.memory.sides[best], 0, best, 5, *f.memory},
			row{"7b", "the same", f.memory.sides[3], 0, 3, 0, *f.memory})
	}
	if f.flight != nil {
		best := f.flight.fastest(1, 2)
		all = append(all, row{"8", "Arrow Flight, dry run, client and service", f.flight.sides[best] + ", in process", 0, best, 3, *f.flight})
	}
	for k, one := range f.files {
		goal := map[string]float64{"parquet": 1.5, "csv": 1}[one.format]
		all = append(all, row{fmt.Sprint(9 + k), one.sides[0] + " to " + one.format, one.sides[1], 0, 1, goal, one.result})
	}
	return all
}

// render writes the report.
func render(f findings, o options) (string, error) {
	t, err := template.New("tables").Parse(page)
	if err != nil {
		return "", err
	}
	var summary, detail strings.Builder
	for _, r := range f.rows() {
		summary.WriteString(r.line(o))
	}
	for _, r := range f.results() {
		for i := range r.sides {
			detail.WriteString(r.detail(i))
		}
	}
	var out strings.Builder
	err = t.Execute(&out, map[string]any{
		"Summary": summary.String(), "Detail": detail.String(), "SQL": scoreSQL(ratings, "answers", false),
		"Longer": lines(f.longer), "Wider": lines(f.wider), "Sizes": f.sizes(),
		"Memory": count(float64(o.memory)), "Files": count(float64(o.files)), "Missing": 100 / missingOf,
		"Command": fmt.Sprintf("go run . -rounds %d -seconds %g -memory %d -files %d -huge %d", o.rounds, o.seconds, o.memory, o.files, o.huge),
		"Rounds":  o.rounds, "Seconds": o.seconds, "Foreign": fmt.Sprintf("%.0f %%", 100*o.foreign),
		"Date": time.Now().UTC().Format("2006-01-02"), "Cores": runtime.NumCPU(), "CPU": machine.Processor(),
		"Go": runtime.Version(), "System": machine.System(), "DuckDB": duckVersion(),
		"Arrow": machine.Version("github.com/apache/arrow-go/v18"),
	})
	return out.String(), err
}

// results are all whose sides are listed one by one.
func (f findings) results() (all []result) {
	if f.memory != nil {
		all = append(all, *f.memory)
	}
	if f.flight != nil {
		all = append(all, *f.flight)
	}
	for _, one := range f.files {
		all = append(all, one.result)
	}
	return all
}

// line is a row of the summary.
func (r row) line(o options) string {
	ratio := r.ratio(r.ours, r.theirs)
	asked, verdict := "", ""
	if r.goal > 0 {
		asked, verdict = fmt.Sprintf("≥ %.2g", r.goal), "met"
		if ratio.Median < r.goal {
			verdict = "**missed**"
		}
		if others := max(r.others(r.ours), r.others(r.theirs)); others > o.foreign {
			verdict += fmt.Sprintf(", but others used %.0f %% of the cores: measure again", 100*others)
		}
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | **%.2f** (%.2f..%.2f) | %s | %s | %.2f |\n", r.number, r.what, r.against,
		r.speed(r.ours), r.speed(r.theirs), ratio.Median, ratio.Least, ratio.Most, asked, verdict, r.byCPU(r.ours, r.theirs))
}

// speed is how many rows a second a side has.
func (r result) speed(side int) string {
	f := r.figure(side, measurement.perSecond)
	return fmt.Sprintf("%s (%s..%s)", count(f.Median), count(f.Least), count(f.Most))
}

// others is how much of the machine others used while a side was measured.
func (r result) others(side int) float64 {
	return figures.Median(r.values(side, func(m measurement) float64 { return m.foreign }))
}

// detail is the line of a side.
func (r result) detail(side int) string {
	of := func(value func(measurement) float64) float64 { return r.figure(side, value).Median }
	allocations, peak := "", ""
	if n := of(func(m measurement) float64 { return m.Allocations }); n > 0 {
		allocations = fmt.Sprintf("%.4f", of(func(m measurement) float64 { return m.Allocations / m.Rows }))
	}
	if n := of(func(m measurement) float64 { return m.peak }); n > 0 {
		peak = fmt.Sprintf("%.0f MB", n/1e6)
	}
	seconds := ""
	if peak != "" {
		seconds = fmt.Sprintf("%.2f s", of(func(m measurement) float64 { return m.Seconds }))
	}
	return fmt.Sprintf("| %s | %s rows/s | %s | %.0f | %s | %s | %.0f %% |\n", r.sides[side], r.speed(side), seconds,
		1e9*of(measurement.cpu), allocations, peak, 100*r.others(side))
}

// lines are the rows of a table of growth.
func lines(all []grown) string {
	var b strings.Builder
	for _, g := range all {
		best := g.fastest(1, 2)
		ratio := g.ratio(0, best)
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %.1f | %s | **%.2f** (%.2f..%.2f) | %.2f |\n", count(float64(g.rows)), g.items, g.speed(0),
			g.speed(best), 1e9*g.figure(0, measurement.cpu).Median/float64(g.items), strings.TrimPrefix(g.sides[best], "DuckDB, "),
			ratio.Median, ratio.Least, ratio.Most, g.byCPU(0, best))
	}
	return b.String()
}

// sizes are the rows of the table of results on disk, and of very long tables.
func (f findings) sizes() string {
	var b strings.Builder
	for _, one := range f.files {
		fmt.Fprintf(&b, "| `cmi score`, %s | %.1f MB | %.1f MB |%s\n", one.format, float64(one.ours)/1e6, float64(one.theirs)/1e6, one.huge)
	}
	if f.stream != nil {
		fmt.Fprintf(&b, "| the service, one stream of Arrow Flight | | |%s\n", f.stream)
	}
	return b.String()
}

// String answers cells of a table, empty for nil.
func (h *huge) String() string {
	if h == nil {
		return " | |"
	}
	return fmt.Sprintf(" %s rows in %.1f s | %.0f MB, then %.0f MB |", count(float64(h.rows)), h.seconds, h.early/1e6, h.late/1e6)
}

// count writes a number as people read it.
func count(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.2f M", n/1e6)
	case n >= 1e4:
		return fmt.Sprintf("%.0f k", n/1e3)
	}
	return fmt.Sprintf("%.0f", n)
}
