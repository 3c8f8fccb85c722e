// Scale measures what calls about one customer, and lists of customers, cost when a tenant is a thousand times larger: it fills
// two stores through the service itself, asks both for the same things, and writes SCALE.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"
)

// options are what the flags say.
type options struct {
	small, large int
	calls        int
	report       string
	dir          string
	cpuProfile   string
}

func main() {
	var o options
	flag.IntVar(&o.small, "small", 1_000, "how many customers the small tenant has")
	flag.IntVar(&o.large, "large", 1_000_000, "how many customers the large tenant has; each has 10 scores and 3 interactions")
	flag.IntVar(&o.calls, "calls", 1_000, "how often each call is made")
	flag.StringVar(&o.report, "report", "SCALE.md", "write the report here; empty: only print it")
	flag.StringVar(&o.dir, "data", "", "keep the stores in this folder, and take them from there when they are whole; empty: make them anew and remove them")
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
	var sides []*side
	for _, customers := range []int{o.small, o.large} {
		one := &side{customers: customers, took: make(map[string]taken)}
		sides = append(sides, one)
		if err := one.open(ctx, filepath.Join(dir, fmt.Sprintf("scale-%d.db", customers))); err != nil {
			return fmt.Errorf("%d customers: %w", customers, err)
		}
		defer func() { err = errors.Join(err, one.service.close()) }()
	}
	if err := callAll(ctx, sides, o.calls); err != nil {
		return err
	}
	text := render(sides, o)
	fmt.Print(text)
	if o.report == "" {
		return nil
	}
	return os.WriteFile(o.report, []byte(text), 0o644)
}

// side is a store and what was measured on it.
type side struct {
	customers int
	service   *service
	settled   time.Duration // until every standing was computed; 0 where the store was there already
	calibrate time.Duration
	bytes     int64
	took      map[string]taken // by call
}

// open starts a service on a store, which it fills unless it is there.
func (s *side) open(ctx context.Context, file string) error {
	if _, missing := os.Stat(file + ".whole"); missing != nil {
		// What an interrupted run left is no base to measure on.
		for _, end := range []string{"", "-wal", "-shm", ".lock"} {
			if err := os.Remove(file + end); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		if err := s.fill(ctx, file); err != nil {
			return err
		}
		if err := os.WriteFile(file+".whole", nil, 0o600); err != nil {
			return err
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	s.bytes = info.Size()
	if err := warm(file); err != nil {
		return err
	}
	s.service, err = start(ctx, file)
	return err
}

// warm reads a file once, so that the system has it in memory, as it has after a day of work.
func warm(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, file)
	return errors.Join(err, file.Close())
}
