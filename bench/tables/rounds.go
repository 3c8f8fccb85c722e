package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/customer-momentum/cmi/bench/figures"
	"github.com/customer-momentum/cmi/bench/machine"
)

// side is one way to do the work.
type side struct {
	name string
	// turn does it for about as many seconds, or once where that takes longer.
	turn func(ctx context.Context, seconds float64) (measurement, error)
	// profiled gives it a turn with a profile; nil where it has none.
	profiled func(ctx context.Context, seconds float64, cpu, memory string) error
	close    func() error
}

// measurement is what one turn of one side came to.
type measurement struct {
	worked
	peak    float64 // bytes of memory; 0 where that was not looked at
	foreign float64 // how much of the machine others used, 0 to 1
}

func (m measurement) perSecond() float64 { return m.Rows / m.Seconds }

// cpu is in seconds for a row.
func (m measurement) cpu() float64 { return m.CPU / m.Rows }

// result is what the sides of an experiment came to: by round and side.
type result struct {
	sides  []string
	rounds [][]measurement
}

// conduct gives every side its turn in every round.
func conduct(ctx context.Context, name string, sides []side, o options) (r result, err error) {
	defer func() {
		for _, s := range sides {
			if s.close != nil {
				err = errors.Join(err, s.close())
			}
		}
	}()
	fmt.Fprint(os.Stderr, name, " ")
	defer fmt.Fprintln(os.Stderr)
	for _, s := range sides {
		r.sides = append(r.sides, s.name)
		if _, err := s.turn(ctx, o.warmup); err != nil {
			return r, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	patience := o.patience
	for again := o.rounds / 3; len(r.rounds) < o.rounds; {
		patience = machine.AwaitQuiet(patience, o.foreign)
		round, disturbed, err := oneRound(ctx, sides, o)
		if err != nil {
			return r, err
		}
		if disturbed && again > 0 {
			again--
			fmt.Fprint(os.Stderr, "~")
			continue
		}
		r.rounds = append(r.rounds, round)
		fmt.Fprint(os.Stderr, ".")
	}
	return r, writeProfiles(ctx, name, sides, o)
}

func oneRound(ctx context.Context, sides []side, o options) (round []measurement, disturbed bool, err error) {
	for _, s := range sides {
		busy, start := machine.BusySeconds(), time.Now()
		m, err := s.turn(ctx, o.seconds)
		if err != nil {
			return nil, false, fmt.Errorf("%s: %w", s.name, err)
		}
		m.foreign = max(0, machine.BusySeconds()-busy-m.CPU) / (time.Since(start).Seconds() * machine.Cores())
		disturbed = disturbed || m.foreign > o.foreign
		round = append(round, m)
	}
	return round, disturbed, nil
}

// writeProfiles gives every side that can one more turn for each kind of profile, which is not measured.
func writeProfiles(ctx context.Context, name string, sides []side, o options) error {
	for _, s := range sides {
		if s.profiled == nil {
			continue
		}
		end := "." + name + ".prof"
		if o.cpuProfile != "" {
			if err := s.profiled(ctx, o.seconds, o.cpuProfile+end, ""); err != nil {
				return err
			}
		}
		if o.memProfile != "" {
			if err := s.profiled(ctx, o.seconds, "", o.memProfile+end); err != nil {
				return err
			}
		}
	}
	return nil
}

// values reads one value of a side from every round.
func (r result) values(side int, value func(measurement) float64) []float64 {
	var all []float64
	for _, round := range r.rounds {
		all = append(all, value(round[side]))
	}
	return all
}

// figure sums one value of a side up.
func (r result) figure(side int, value func(measurement) float64) figures.Figure {
	return figures.Of(r.values(side, value))
}

// ratio is how many times as many rows a second one side has.
func (r result) ratio(ours, theirs int) figures.Figure {
	return figures.Of(figures.Ratios(r.values(ours, measurement.perSecond), r.values(theirs, measurement.perSecond)))
}

// byCPU is how many times as many rows one side has for a second of CPU time.
func (r result) byCPU(ours, theirs int) float64 {
	return figures.Median(figures.Ratios(r.values(theirs, measurement.cpu), r.values(ours, measurement.cpu)))
}

// fastest is the side with the most rows a second among some.
func (r result) fastest(among ...int) int {
	best := among[0]
	for _, i := range among {
		if r.figure(i, measurement.perSecond).Median > r.figure(best, measurement.perSecond).Median {
			best = i
		}
	}
	return best
}
