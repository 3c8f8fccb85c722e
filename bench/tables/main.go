// Tables measures the scoring of whole tables against DuckDB: in memory, from file to file and over Arrow Flight. It writes
// TABLES.md, which the report of the parent folder copies. Both sides of a row take turns in the same run on the same cores.
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
	memory, most, files    int
	huge                   int

	role             string
	tableRows, items int
	statement        string
	home             string
	address, key     string
}

func flags() options {
	var o options
	flag.IntVar(&o.rounds, "rounds", 7, "how many rounds are measured; each side has one turn in each")
	flag.Float64Var(&o.seconds, "seconds", 1, "how long a turn is, at least; a file is scored once")
	flag.Float64Var(&o.warmup, "warmup", 0.5, "how long each side runs before the first round")
	flag.StringVar(&o.rows, "rows", "", "measure only these rows, such as 1,3; empty: all")
	flag.StringVar(&o.report, "report", "../TABLES.md", "write the report here; empty: only print it. A run of some rows only prints it")
	flag.StringVar(&o.dir, "data", "", "keep the files in this folder while measuring; empty: the folder for temporary files")
	flag.Float64Var(&o.foreign, "foreign", 0.15, "measure a round again when others used more than this part of the cores, up to rounds/3 times")
	flag.DurationVar(&o.patience, "patience", 8*time.Second, "wait as long, for each experiment, for moments in which others use less")
	flag.StringVar(&o.cpuProfile, "cpuprofile", "", "after the rounds, write CPU profiles of our sides to files that begin with this")
	flag.StringVar(&o.memProfile, "memprofile", "", "after the rounds, write allocation profiles of our sides to files that begin with this")
	flag.IntVar(&o.memory, "memory", 4_000_000, "how many rows the table in memory has")
	flag.IntVar(&o.most, "most", 10_000_000, "up to how many rows the table grows, from ten thousand on")
	flag.IntVar(&o.files, "files", 1_000_000, "how many rows the files have")
	flag.IntVar(&o.huge, "huge", 0, "score files and a stream of so many rows too, to see the memory; 100000000 takes 15 GB of disk and some minutes")
	flag.StringVar(&o.role, "role", "", "what a child process does; not for you")
	flag.IntVar(&o.tableRows, "table", 0, "how many rows a child process makes; not for you")
	flag.IntVar(&o.items, "items", ratings, "how many items they have; not for you")
	flag.StringVar(&o.statement, "statement", "", "what a child process asks DuckDB; not for you")
	flag.StringVar(&o.home, "home", "", "where a child process keeps its files; not for you")
	flag.StringVar(&o.address, "address", "", "where the service listens that a child process calls; not for you")
	flag.StringVar(&o.key, "key", "", "its key; not for you")
	flag.Parse()
	return o
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o := flags()
	var err error
	switch o.role {
	case roleKernel:
		err = playKernel(o)
	case roleDuck:
		err = playDuck(o)
	case roleCopy:
		err = playCopy(o)
	case roleServe:
		err = playService(ctx, o)
	case roleClient:
		err = playClient(ctx, o)
	case roleAgree:
		err = agree(o.tableRows, o.items)
	case "":
		err = run(ctx, o)
	default:
		err = fmt.Errorf("there is no role %s", o.role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tables:", err)
		os.Exit(1) //nolint:gocritic // stop only unhooks signals
	}
}

// run measures and reports.
func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp(o.dir, "cmi-tables-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var found findings
	for _, one := range []struct {
		row     string
		measure func(context.Context, string, options, *findings) error
	}{{"1", measureMemory}, {"2", measureGrowth}, {"3", measureFiles}, {"4", measureFlight}} {
		if !o.wants(one.row) {
			continue
		}
		if err := one.measure(ctx, dir, o, &found); err != nil {
			return fmt.Errorf("row %s: %w", one.row, err)
		}
	}
	text, err := render(found, o)
	if err != nil {
		return err
	}
	fmt.Print(text)
	if o.report == "" || o.rows != "" {
		return nil
	}
	return os.WriteFile(o.report, []byte(text), 0o644)
}

// wants says whether a row is asked for.
func (o options) wants(row string) bool {
	return o.rows == "" || slices.Contains(strings.Split(o.rows, ","), row)
}
