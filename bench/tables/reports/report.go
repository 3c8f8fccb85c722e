package main

import (
	_ "embed"
	"fmt"
	"runtime"
	"strings"
	"text/template"
	"time"

	"github.com/duckdb/duckdb-go/mapping"

	"github.com/customer-momentum/cmi/bench/figures"
	"github.com/customer-momentum/cmi/bench/machine"
)

//go:embed reports.md.tmpl
var page string

// render writes the report of a small world and a large one.
func render(small, large *world, o options) (string, error) {
	paper, err := template.New("").Parse(page)
	if err != nil {
		return "", err
	}
	compared := 0
	for _, m := range large.found {
		compared += m.compared
	}
	var b strings.Builder
	err = paper.Execute(&b, map[string]any{
		"Date": time.Now().UTC().Format(time.DateOnly), "Cores": runtime.NumCPU(), "CPU": machine.Processor(), "System": machine.System(),
		"Go": runtime.Version(), "DuckDB": mapping.LibraryVersion(), "Command": command(o),
		"SQLite": machine.Version("modernc.org/sqlite"), "Rounds": o.rounds, "Compared": compared, "Agreement": fmt.Sprint(agreement),
		"Rows": count(large.people.scores()), "Customers": count(large.people.customers), "Tenth": count(small.people.scores()),
		"Summary": summary(large, o), "Growth": growth(small, large, o), "Places": places(small, large), "SQL": statements(o),
	})
	return b.String(), err
}

// command is what repeats the report, wherever things are kept.
func command(o options) string {
	text := fmt.Sprintf("go run ./reports -rows %d -rounds %d", o.rows, o.rounds)
	if o.postgres != "" {
		text += " -postgres URL"
	}
	if o.dir != "" {
		text += " -data DIR"
	}
	return text
}

// summary has a line for each question: the seconds of each place, their ratios to DuckDB's, and the most memory.
func summary(w *world, o options) string {
	var b strings.Builder
	last := len(w.places) - 1
	b.WriteString("| | question |")
	for _, p := range w.places {
		fmt.Fprintf(&b, " %s, s |", p.name)
	}
	for _, p := range w.places[:last] {
		fmt.Fprintf(&b, " %s / DuckDB |", p.name)
	}
	for k, p := range w.places {
		if k < last {
			fmt.Fprintf(&b, " service on %s, MB |", p.name)
		} else {
			fmt.Fprintf(&b, " %s, MB |", p.name)
		}
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", 3*len(w.places)-1) + "\n")
	for _, n := range o.asks() {
		m := w.found[n]
		fmt.Fprintf(&b, "| %d | %s |", n+1, questions()[n].name)
		for k := range w.places {
			f := figures.Of(m.seconds[k])
			fmt.Fprintf(&b, " **%s** (%s..%s) |", seconds(f.Median), seconds(f.Least), seconds(f.Most))
		}
		for k := range w.places[:last] {
			fmt.Fprintf(&b, " %s |", times(figures.Median(figures.Ratios(m.seconds[k], m.seconds[last]))))
		}
		for k := range w.places {
			fmt.Fprintf(&b, " %.0f |", m.peaks[k]/1e6)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// growth sets seconds and memory of the service at a tenth of the scores beside those of all.
func growth(small, large *world, o options) string {
	var b strings.Builder
	stores := large.places[:len(large.places)-1]
	b.WriteString("| | question |")
	for _, p := range stores {
		fmt.Fprintf(&b, " %[1]s, s: a tenth, all | times | service on %[1]s, MB: a tenth, all | times |", p.name)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|---|---|---|", len(stores)) + "\n")
	for _, n := range o.asks() {
		a, z := small.found[n], large.found[n]
		fmt.Fprintf(&b, "| %d | %s |", n+1, questions()[n].name)
		for k := range stores {
			few, many := figures.Median(a.seconds[k]), figures.Median(z.seconds[k])
			fmt.Fprintf(&b, " %s, %s | %s | %.0f, %.0f | %s |", seconds(few), seconds(many), times(many/few), a.peaks[k]/1e6, z.peaks[k]/1e6,
				times(z.peaks[k]/a.peaks[k]))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func places(small, large *world) string {
	var b strings.Builder
	for k, p := range large.places {
		fmt.Fprintf(&b, "| %s | %.0f MB | %.0f MB |\n", p.name, float64(small.places[k].bytes)/1e6, float64(p.bytes)/1e6)
	}
	return b.String()
}

// statements are what DuckDB is asked, each once.
func statements(o options) string {
	var b strings.Builder
	before := ""
	for _, n := range o.asks() {
		if q := questions()[n]; q.sql != before {
			fmt.Fprintf(&b, "-- %d. %s\n%s;\n\n", n+1, q.name, q.sql)
			before = q.sql
		}
	}
	return strings.TrimSpace(b.String())
}

func seconds(s float64) string {
	switch {
	case s < 0.1:
		return fmt.Sprintf("%.4f", s)
	case s < 10:
		return fmt.Sprintf("%.2f", s)
	}
	return fmt.Sprintf("%.1f", s)
}

func times(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

func count(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
