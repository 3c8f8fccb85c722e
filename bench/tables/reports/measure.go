package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// world is a population, and the places that have its scores: the stores of the service, and last DuckDB's.
type world struct {
	people *population
	places []*place
	found  map[int]measured // by question
}

// measured is what a question came to, by place.
type measured struct {
	seconds  [][]float64 // of each round
	peaks    []float64   // bytes
	compared int         // figures
}

// side is one of those who are asked.
type side struct {
	ask  func(context.Context) (findings, error)
	peak func() (float64, error)
	stop func() error
}

func openWorld(ctx context.Context, dir, binary string, rows int, o options) (*world, error) {
	people, err := newPopulation(rows / waves)
	if err != nil {
		return nil, err
	}
	w := &world{people: people, found: make(map[int]measured), places: []*place{sqlitePlace(dir, binary, people.scores())}}
	if o.postgres != "" {
		p, err := postgresPlace(o.postgres, binary, people.scores())
		if err != nil {
			return nil, err
		}
		w.places = append(w.places, p)
	}
	w.places = append(w.places, duckPlace(dir, people.scores()))
	for _, p := range w.places {
		if err := p.ready(ctx, people); err != nil {
			return nil, fmt.Errorf("fill %s: %w", p.name, err)
		}
	}
	return w, nil
}

// measure asks the questions, each of sides that were started for it alone: so their memory is that of one question.
func (w *world) measure(ctx context.Context, binary string, o options) error {
	for _, n := range o.asks() {
		q := questions()[n]
		fmt.Fprintf(os.Stderr, "%d scores, %s:", w.people.scores(), q.name)
		sides, err := w.sides(ctx, binary, q)
		var m measured
		if err == nil {
			m, err = conduct(ctx, sides, o.rounds)
		}
		for _, s := range sides {
			err = errors.Join(err, s.stop())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		w.found[n] = m
		fmt.Fprintln(os.Stderr)
	}
	return nil
}

// sides answers those that were started, also where one of them was not.
func (w *world) sides(ctx context.Context, binary string, q question) (sides []side, err error) {
	last := len(w.places) - 1
	for _, p := range w.places[:last] {
		s, err := serve(ctx, binary, p.url)
		if err != nil {
			return sides, fmt.Errorf("%s: %w", p.name, err)
		}
		sides = append(sides, side{
			ask: func(ctx context.Context) (findings, error) { return q.ask(ctx, s) }, peak: s.peak, stop: s.stop,
		})
		// Since a kept store was filled, time has changed some standings.
		if err := s.settle(ctx); err != nil {
			return sides, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	if err := forgetPeak(); err != nil {
		return sides, err
	}
	d, err := openDuck(w.places[last].url)
	if err != nil {
		return sides, err
	}
	return append(sides, side{
		ask:  func(context.Context) (findings, error) { return q.theirs(d) },
		peak: func() (float64, error) { return peakOf("self") },
		stop: func() error {
			d.close()
			return nil
		},
	}), nil
}

// forgetPeak has the system forget how much memory this process had, which is DuckDB's for the most part.
func forgetPeak() error { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// conduct asks all sides once and compares what they say, which also brings into memory what they read, and then measures rounds.
func conduct(ctx context.Context, sides []side, rounds int) (m measured, err error) {
	answers := make([]findings, len(sides))
	for k, s := range sides {
		if answers[k], err = s.ask(ctx); err != nil {
			return m, err
		}
	}
	theirs := answers[len(sides)-1]
	m.compared, m.seconds = len(theirs), make([][]float64, len(sides))
	for k := range answers[:len(sides)-1] {
		if err := agree(answers[k], theirs); err != nil {
			return m, fmt.Errorf("store %d: %w", k+1, err)
		}
	}
	for range rounds {
		for k, s := range sides {
			began := time.Now()
			if _, err := s.ask(ctx); err != nil {
				return m, err
			}
			m.seconds[k] = append(m.seconds[k], time.Since(began).Seconds())
			fmt.Fprintf(os.Stderr, " %.2f", m.seconds[k][len(m.seconds[k])-1])
		}
	}
	for _, s := range sides {
		peak, err := s.peak()
		if err != nil {
			return m, err
		}
		m.peaks = append(m.peaks, peak)
	}
	return m, nil
}
