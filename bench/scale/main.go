// Scale measures what calls about one customer, and lists of customers, cost when a tenant is a thousand times larger: it fills
// two stores through the service itself, asks both for the same things, and writes SCALE.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// options are what the flags say.
type options struct {
	small, large int
	calls        int
	report       string
	dir          string
	cpuProfile   string
	postgres     string
}

func main() {
	var o options
	flag.IntVar(&o.small, "small", 1_000, "how many customers the small tenant has")
	flag.IntVar(&o.large, "large", 1_000_000, "how many customers the large tenant has; each has 10 scores and 3 interactions")
	flag.IntVar(&o.calls, "calls", 1_000, "how often each call is made")
	flag.StringVar(&o.report, "report", "SCALE.md", "write the report here; empty: only print it")
	flag.StringVar(&o.dir, "data", "", "keep the stores in this folder, and take them from there when they are whole; empty: make them anew and remove them")
	flag.StringVar(&o.postgres, "postgres", "", "measure on this PostgreSQL too, in schemas of its own that are kept; empty: on SQLite alone")
	flag.StringVar(&o.cpuProfile, "cpuprofile", "", "write a CPU profile of the whole run to this file")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1) //nolint:gocritic // stop only unhooks signals
	}
}

func run(ctx context.Context, o options) (err error) {
	dir := o.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "cmi-scale-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if o.cpuProfile != "" {
		file, err := os.Create(o.cpuProfile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return errors.Join(err, file.Close())
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, file.Close())
		}()
	}
	all := sqliteSides(dir, o)
	if o.postgres != "" {
		on, err := postgresSides(ctx, o)
		if err != nil {
			return err
		}
		all = append(all, on...)
	}
	for _, one := range all {
		if err := one.open(ctx); err != nil {
			return fmt.Errorf("%d customers on %s: %w", one.customers, one.driver, err)
		}
		defer func() { err = errors.Join(err, one.service.close()) }()
	}
	if err := callAll(ctx, all, o.calls); err != nil {
		return err
	}
	text := render(all, o)
	fmt.Print(text)
	if o.report == "" {
		return nil
	}
	return os.WriteFile(o.report, []byte(text), 0o644)
}
