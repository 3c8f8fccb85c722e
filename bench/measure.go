package main

import (
	"github.com/customer-momentum/cmi/bench/load"
	"github.com/customer-momentum/cmi/bench/machine"
)

// measurement is what one turn of one side came to.
type measurement struct {
	perSecond   float64
	cpu         float64 // of the server, in seconds for one answer
	clientCPU   float64
	allocations float64 // of the server, for one answer
	p50, p99    float64 // in seconds
	foreign     float64 // how much of the machine others used, 0 to 1
}

// measure gives one side its turn.
func (s *stage) measure(i int, seconds float64) (measurement, error) {
	t, side := s.targets[i], s.sides[i]
	before, err := t.used()
	if err != nil {
		return measurement{}, err
	}
	client, err := s.load.used()
	if err != nil {
		return measurement{}, err
	}
	busy := machine.BusySeconds()
	report, err := s.turn(t, side, seconds)
	if err != nil {
		return measurement{}, err
	}
	busy = machine.BusySeconds() - busy
	after, err := t.used()
	if err != nil {
		return measurement{}, err
	}
	clientAfter, err := s.load.used()
	if err != nil {
		return measurement{}, err
	}
	n := float64(report.Responses)
	ours := after.CPU - before.CPU + clientAfter.CPU - client.CPU
	foreign := max(0, busy-ours) / (report.Seconds * machine.Cores())
	if s.postgres {
		foreign = 0
	}
	return measurement{
		perSecond:   n / report.Seconds,
		cpu:         (after.CPU - before.CPU) / n,
		clientCPU:   (clientAfter.CPU - client.CPU) / n,
		allocations: float64(after.Allocations-before.Allocations) / n,
		p50:         report.P50, p99: report.P99,
		foreign: foreign,
	}, nil
}

func (s *stage) turn(t *child, side side, seconds float64) (load.Report, error) {
	responses := int(float64(side.responses) * seconds)
	if side.order.Way == "" {
		a, err := t.ask(question{Insert: responses})
		return a.Report, err
	}
	o := side.order
	o.Address, o.Key, o.Seconds, o.Responses, o.Rate = t.target.GRPC, t.target.Key, seconds, responses, s.rate
	if o.Way == load.HTTP {
		o.Address = t.target.HTTP
	}
	a, err := s.load.ask(question{Load: &o})
	return a.Report, err
}
