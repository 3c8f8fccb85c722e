// Bench measures the service against what it should keep up with, and writes REPORT.md. Everything that is measured runs in
// a process of its own, the load generator too; both sides of a row take turns in the same run on the same cores.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/customer-momentum/cmi/bench/target"
)

const (
	roleTarget = "target"
	roleLoad   = "load"
)

// options are what the flags say.
type options struct {
	rounds                 int
	seconds, warmup        float64
	rows                   string
	report                 string
	dir                    string
	foreign                float64
	patience               time.Duration
	cpuProfile, memProfile string
	postgres               string

	role, kind, home string
}

func flags() options {
	var o options
	flag.IntVar(&o.rounds, "rounds", 9, "how many rounds are measured; each side has one turn in each")
	flag.Float64Var(&o.seconds, "seconds", 1, "how long a turn is")
	flag.Float64Var(&o.warmup, "warmup", 0.7, "how long each side runs before the first round")
	flag.StringVar(&o.rows, "rows", "", "measure only these rows, such as 1,4 (others of the same experiment come along); empty: all")
	flag.StringVar(&o.report, "report", "REPORT.md", "write the report here; empty: only print it. A run of some rows only prints it")
	flag.StringVar(&o.dir, "data", "", "keep the databases in this folder while measuring; empty: the folder for temporary files")
	flag.Float64Var(&o.foreign, "foreign", 0.15, "measure a round again when others used more than this part of the cores, up to rounds/3 times")
	flag.DurationVar(&o.patience, "patience", 8*time.Second, "wait as long, for each experiment, for moments in which others use less")
	flag.StringVar(&o.cpuProfile, "cpuprofile", "", "after the rounds, write CPU profiles of the servers to files that begin with this")
	flag.StringVar(&o.memProfile, "memprofile", "", "after the rounds, write allocation profiles of the servers to files that begin with this")
	flag.StringVar(&o.postgres, "postgres", "", "measure on this PostgreSQL too, in schemas that are dropped afterwards; empty: without the rows that need one")
	flag.StringVar(&o.role, "role", "", "what a child process does; not for you")
	flag.StringVar(&o.kind, "kind", "", "which target a child process is; not for you")
	flag.StringVar(&o.home, "dir", "", "where a child process keeps its files; not for you")
	flag.Parse()
	return o
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o := flags()
	var err error
	switch o.role {
	case roleTarget:
		err = playTarget(ctx, o.kind, target.Place{Dir: o.home, Postgres: o.postgres})
	case roleLoad:
		err = playLoad(ctx)
	default:
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // stop only unhooks signals
	}
}

// run measures and reports.
func run(ctx context.Context, o options) error {
	var results []result
	for _, e := range experiments() {
		if !e.wanted(o.rows) || e.postgres && o.postgres == "" {
			continue
		}
		fmt.Fprint(os.Stderr, e.rows[0].what, " ")
		rounds, err := conduct(ctx, e, o)
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return fmt.Errorf("row %s: %w", e.rows[0].number, err)
		}
		results = append(results, result{e, rounds})
	}
	if len(results) == 0 {
		return fmt.Errorf("there is no row %s", o.rows)
	}
	text, err := render(results, o)
	if err != nil {
		return err
	}
	fmt.Print(text)
	if o.report == "" || o.rows != "" {
		return nil
	}
	return os.WriteFile(o.report, []byte(text), 0o644)
}

// conduct runs one experiment in a folder that is gone afterwards.
func conduct(ctx context.Context, e experiment, o options) (_ [][]measurement, err error) {
	dir, err := os.MkdirTemp(o.dir, "cmi-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := set(ctx, e, o, dir)
	if err != nil {
		return nil, err
	}
	rounds, err := s.run()
	return rounds, errors.Join(err, s.end())
}

// wanted says whether any of the rows is asked for.
func (e experiment) wanted(rows string) bool {
	if rows == "" {
		return true
	}
	asked := strings.Split(rows, ",")
	return slices.ContainsFunc(e.rows, func(r row) bool { return slices.Contains(asked, r.number) })
}
