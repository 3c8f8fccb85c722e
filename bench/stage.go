package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/customer-momentum/cmi/bench/figures"
	"github.com/customer-momentum/cmi/bench/machine"
	"github.com/customer-momentum/cmi/bench/target"
)

// stage is an experiment with its processes.
type stage struct {
	experiment
	options options
	targets []*child // one a side; sides of the same target share one
	load    *child
	rate    float64
}

// set starts the processes of an experiment; end ends them.
func set(ctx context.Context, e experiment, o options, dir string) (*stage, error) {
	s := &stage{experiment: e, options: o}
	shared := map[string]*child{}
	for _, side := range e.sides {
		if shared[side.target] == nil {
			home := filepath.Join(dir, side.target)
			if err := os.Mkdir(home, 0o700); err != nil {
				return nil, err
			}
			c, err := spawn(ctx, roleTarget, side.target, target.Place{Dir: home, Postgres: o.postgres})
			if err != nil {
				return nil, err
			}
			shared[side.target] = c
		}
		s.targets = append(s.targets, shared[side.target])
	}
	var err error
	s.load, err = spawn(ctx, roleLoad, "", target.Place{})
	return s, err
}

func (s *stage) end() error {
	err := s.load.end()
	ended := map[*child]bool{}
	for _, t := range s.targets {
		if !ended[t] {
			ended[t] = true
			if failed := t.end(); err == nil {
				err = failed
			}
		}
	}
	return err
}

// run warms every side up, then measures the rounds: in each, every side has its turn.
func (s *stage) run() ([][]measurement, error) {
	for i := range s.sides {
		if _, err := s.measure(i, s.options.warmup); err != nil {
			return nil, fmt.Errorf("%s: %w", s.sides[i].name, err)
		}
	}
	if s.half {
		if err := s.findRate(); err != nil {
			return nil, err
		}
	}
	var rounds [][]measurement
	patience := s.options.patience
	for again := s.options.rounds / 3; len(rounds) < s.options.rounds; {
		patience = machine.AwaitQuiet(patience, s.options.foreign)
		round := make([]measurement, len(s.sides))
		disturbed := false
		for i := range s.sides {
			var err error
			if round[i], err = s.measure(i, s.options.seconds*s.length()); err != nil {
				return nil, fmt.Errorf("%s: %w", s.sides[i].name, err)
			}
			disturbed = disturbed || round[i].foreign > s.options.foreign
		}
		if disturbed && again > 0 {
			again--
			fmt.Fprint(os.Stderr, "~")
			continue
		}
		rounds = append(rounds, round)
		fmt.Fprint(os.Stderr, ".")
	}
	return rounds, s.profile()
}

// length is how many times as long a turn is as others: of few calls, the slowest hundredth says little.
func (s *stage) length() float64 {
	if s.half {
		return 3
	}
	return 1
}

// findRate finds half of what the last side, which is ours and the slower one, can do.
func (s *stage) findRate() error {
	var found []float64
	for range 3 {
		m, err := s.measure(len(s.sides)-1, s.options.warmup)
		if err != nil {
			return err
		}
		found = append(found, m.perSecond)
	}
	s.rate = figures.Median(found) / 2
	return nil
}
