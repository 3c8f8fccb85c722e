// Reports measures reports over millions of recorded scores: it fills a SQLite file, a PostgreSQL and a table of DuckDB with the same
// rows, asks all of them the same questions by turns, compares the answers, and writes REPORTS.md.
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
)

// options are what the flags say.
type options struct {
	rows, rounds int
	questions    string
	postgres     string
	report       string
	dir          string
}

func main() {
	var o options
	flag.IntVar(&o.rows, "rows", 200_000, "how many scores there are, ten for each customer; a tenth of them is measured too")
	flag.IntVar(&o.rounds, "rounds", 3, "how many rounds are measured; each side has one turn in each")
	flag.StringVar(&o.questions, "questions", "", "ask only these, such as 1,6, and only print the report; empty: all")
	flag.StringVar(&o.postgres, "postgres", "", "measure on this PostgreSQL too, in schemas of its own that are kept; empty: on SQLite alone")
	flag.StringVar(&o.report, "report", "../REPORTS.md", "write the report here; empty: only print it")
	flag.StringVar(&o.dir, "data", "", "keep the stores in this folder, and take them from there when they are whole; empty: make them anew and remove them")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "reports:", err)
		os.Exit(1) //nolint:gocritic // stop only unhooks signals
	}
}

// fewestRows is with how many scores nothing is left unsaid because a group is too small, of a tenth of them either.
const fewestRows = 20_000

func run(ctx context.Context, o options) (err error) {
	if o.rows < fewestRows || o.rounds < 1 {
		return fmt.Errorf("there must be %d scores or more, and a round", fewestRows)
	}
	dir := o.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "cmi-reports-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	binary, err := buildCommand(ctx, dir)
	if err != nil {
		return err
	}
	var worlds []*world
	for _, rows := range []int{o.rows / 10, o.rows} {
		w, err := openWorld(ctx, dir, binary, rows, o)
		if err != nil {
			return fmt.Errorf("%d scores: %w", rows, err)
		}
		worlds = append(worlds, w)
	}
	for _, w := range worlds {
		if err := w.measure(ctx, binary, o); err != nil {
			return fmt.Errorf("%d scores: %w", w.people.scores(), err)
		}
	}
	text, err := render(worlds[0], worlds[1], o)
	if err != nil {
		return err
	}
	fmt.Print(text)
	if o.report == "" || o.questions != "" {
		return nil
	}
	return os.WriteFile(o.report, []byte(text), 0o644)
}

// asks lists the numbers of the questions that are asked, from 0.
func (o options) asks() (numbers []int) {
	for n := range questions() {
		if o.questions == "" || slices.Contains(strings.Split(o.questions, ","), fmt.Sprint(n+1)) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
