package main

import (
	_ "embed"
	"fmt"
	"os"
	"runtime"
	"strings"
	"text/template"
	"time"

	"github.com/customer-momentum/cmi/bench/figures"
	"github.com/customer-momentum/cmi/bench/machine"
)

//go:embed report.md.tmpl
var page string

// findings are what people saw in the profiles; the numbers in the tables are written anew by every run.
//
//go:embed findings.md
var findings string

// tablesPage is what the program in tables/ wrote.
//
//go:embed TABLES.md
var tablesPage string

// reportsPage is what the program in tables/reports/ wrote.
//
//go:embed REPORTS.md
var reportsPage string

// result is an experiment and what was measured.
type result struct {
	experiment
	rounds [][]measurement
}

// render writes the report.
func render(results []result, o options) (string, error) {
	t, err := template.New("report").Parse(page)
	if err != nil {
		return "", err
	}
	var summary, detail strings.Builder
	for _, r := range results {
		for _, row := range r.rows {
			summary.WriteString(r.summary(row, o))
		}
		for i := range r.sides {
			detail.WriteString(r.detail(i))
		}
	}
	dir := o.dir
	if dir == "" {
		dir = os.TempDir()
	}
	var out strings.Builder
	err = t.Execute(&out, map[string]any{
		"Summary": summary.String(), "Detail": detail.String(), "Findings": findings, "Tables": tablesPage, "Reports": reportsPage,
		"Command": command(o), "Rounds": o.rounds, "Seconds": o.seconds, "Foreign": fmt.Sprintf("%.0f %%", 100*o.foreign),
		"Date": time.Now().UTC().Format("2006-01-02"), "Cores": runtime.NumCPU(), "CPU": machine.Processor(),
		"Go": runtime.Version(), "System": machine.System(), "Sync": machine.SyncTime(dir).Round(10 * time.Microsecond),
		"GRPC": machine.Version("google.golang.org/grpc"), "Protobuf": machine.Version("google.golang.org/protobuf"),
		"SQLite": machine.Version("modernc.org/sqlite"), "OTel": machine.Version("go.opentelemetry.io/otel/sdk"),
		"Callers": callers, "Connections": connections, "Streams": streams, "Chunk": chunk, "BulkChunk": bulkChunk, "Window": window,
		"TableCallers": tables, "TableBatch": tableBatch, "TableWindow": tableWindow,
	})
	return out.String(), err
}

// command is what repeats this run, without the names of files.
func command(o options) string {
	text := fmt.Sprintf("go run . -rounds %d -seconds %g", o.rounds, o.seconds)
	if o.rows != "" {
		text += " -rows " + o.rows
	}
	if o.postgres != "" {
		text += " -postgres URL"
	}
	return text
}

// summary is the line of a row.
func (r result) summary(row row, o options) string {
	value := func(m measurement) float64 { return m.perSecond }
	show := func(f figures.Figure) string {
		return fmt.Sprintf("%s (%s..%s)", count(f.Median), count(f.Least), count(f.Most))
	}
	goal := "≥ %.2f"
	if row.latency {
		value = func(m measurement) float64 { return m.p99 }
		show = func(f figures.Figure) string {
			return fmt.Sprintf("%.2f ms (%.2f..%.2f)", 1e3*f.Median, 1e3*f.Least, 1e3*f.Most)
		}
		goal = "≤ %.2f"
	}
	ratio := figures.Of(ratios(r.rounds, row.ours, row.theirs, value))
	verdict := "met"
	if row.latency && ratio.Median > row.goal || !row.latency && ratio.Median < row.goal {
		verdict = "**missed**"
	}
	if others := r.others(row); others > o.foreign {
		verdict += fmt.Sprintf(", but others used %.0f %% of the cores: measure again", 100*others)
	}
	asked := fmt.Sprintf(goal, row.goal)
	if row.aside {
		asked, verdict = "", ""
	}
	all, alone := r.byCPU(row, func(m measurement) float64 { return m.cpu + m.clientCPU }), r.byCPU(row, func(m measurement) float64 { return m.cpu })
	return fmt.Sprintf("| %s | %s | %s | %s | %s | **%.2f** (%.2f..%.2f) | %s | %s | %s | %s |\n", row.number, row.what, row.against,
		show(figures.Of(pick(r.rounds, row.ours, value))), show(figures.Of(pick(r.rounds, row.theirs, value))),
		ratio.Median, ratio.Least, ratio.Most, asked, verdict, all, alone)
}

// byCPU is how many times the answers come for the same CPU time, of client and server together or of the server alone.
func (r result) byCPU(row row, seconds func(measurement) float64) string {
	if r.postgres {
		return ""
	}
	return fmt.Sprintf("%.2f", figures.Median(ratios(r.rounds, row.theirs, row.ours, seconds)))
}

// others is how much of the machine others used while the sides of a row were measured.
func (r result) others(row row) float64 {
	of := func(side int) float64 {
		return figures.Median(pick(r.rounds, side, func(m measurement) float64 { return m.foreign }))
	}
	return max(of(row.ours), of(row.theirs))
}

// detail is the line of a side.
func (r result) detail(i int) string {
	of := func(value func(measurement) float64) float64 { return figures.Median(pick(r.rounds, i, value)) }
	latency := "|"
	if r.half {
		latency = fmt.Sprintf("%.2f / %.2f |", 1e3*of(func(m measurement) float64 { return m.p50 }), 1e3*of(func(m measurement) float64 { return m.p99 }))
	}
	return fmt.Sprintf("| %s | %s | %s %s/s | %.2f | %.2f | %.1f | %s %.0f %% |\n", r.rows[0].number, r.sides[i].name,
		count(of(func(m measurement) float64 { return m.perSecond })), r.unit,
		1e6*of(func(m measurement) float64 { return m.cpu }), 1e6*of(func(m measurement) float64 { return m.clientCPU }),
		of(func(m measurement) float64 { return m.allocations }), latency,
		100*of(func(m measurement) float64 { return m.foreign }))
}

// count writes a number as people read it.
func count(n float64) string {
	if n >= 10_000 {
		return fmt.Sprintf("%.1f k", n/1000)
	}
	return fmt.Sprintf("%.0f", n)
}
