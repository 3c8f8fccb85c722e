// Package load calls what is measured, as leanly as it can: requests are encoded beforehand and answers are not decoded, so
// that on shared cores most of the work is the server's.
package load

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// The ways to call.
const (
	GRPC   = "grpc"   // ScoreCustomer by gRPC
	HTTP   = "http"   // POST /v1/scores by HTTP/1.1
	Stream = "stream" // StreamScores by gRPC
	Tables = "tables" // DoExchange of Arrow Flight
)

// Order says what to do.
type Order struct {
	Way     string
	Address string
	Key     string
	DryRun  bool
	// Callers is how many calls are in flight at once; for streams and tables, how many of these.
	Callers int
	// Connections is over how many connections; HTTP/1.1 has one for each caller.
	Connections int
	// Chunk is how many responses a chunk of a stream has, or a batch of a table; Window how many of them wait for an answer.
	Chunk, Window int
	// Seconds ends the run, or Responses where above 0.
	Seconds   float64
	Responses int
	// Rate is how many calls start in a second, however long they take; 0: as many as can be.
	Rate float64
}

// Report says what came of it.
type Report struct {
	// Responses is how many were answered.
	Responses int
	Seconds   float64
	// P50 and P99 are in seconds, where Rate was set.
	P50, P99 float64
}

// Generator calls. It keeps its connections from run to run, and never sends an id twice.
type Generator struct {
	next    atomic.Uint64
	callers map[string]caller
	streams map[string]*streamer
	tables  map[string]*tables
}

// caller makes unary calls. Each slot has one call in flight at most.
type caller interface {
	call(ctx context.Context, slot int, n uint64) error
	close() error
}

// New makes a generator without connections.
func New() *Generator {
	return &Generator{callers: map[string]caller{}, streams: map[string]*streamer{}, tables: map[string]*tables{}}
}

// Run does what the order says.
func (g *Generator) Run(ctx context.Context, o Order) (Report, error) {
	switch o.Way {
	case Stream:
		s, err := g.streamer(o)
		if err != nil {
			return Report{}, err
		}
		return s.run(ctx, o, &g.next)
	case Tables:
		t, err := g.table(o)
		if err != nil {
			return Report{}, err
		}
		return t.run(ctx, o, &g.next)
	}
	c, err := g.caller(ctx, o)
	if err != nil {
		return Report{}, err
	}
	if o.Rate > 0 {
		return open(ctx, c, o, &g.next)
	}
	return closed(ctx, c, o, &g.next)
}

// Close ends the connections.
func (g *Generator) Close() error {
	var all []error
	for _, c := range g.callers {
		all = append(all, c.close())
	}
	for _, s := range g.streams {
		all = append(all, s.close())
	}
	for _, t := range g.tables {
		all = append(all, t.close())
	}
	return errors.Join(all...)
}

func (g *Generator) caller(ctx context.Context, o Order) (caller, error) {
	name := fmt.Sprint(o.Way, o.Address, o.DryRun, o.Callers)
	if c, ok := g.callers[name]; ok {
		return c, nil
	}
	var c caller
	var err error
	switch o.Way {
	case GRPC:
		c, err = newGRPC(o)
	case HTTP:
		c, err = newHTTP(ctx, o)
	default:
		err = fmt.Errorf("there is no way %q", o.Way)
	}
	if err != nil {
		return nil, err
	}
	g.callers[name] = c
	return c, nil
}

func (g *Generator) streamer(o Order) (*streamer, error) {
	if s, ok := g.streams[o.Address]; ok {
		return s, nil
	}
	s, err := newStreamer(o)
	if err != nil {
		return nil, err
	}
	g.streams[o.Address] = s
	return s, nil
}

func (g *Generator) table(o Order) (*tables, error) {
	if t, ok := g.tables[o.Address]; ok {
		return t, nil
	}
	t, err := newTables(o)
	if err != nil {
		return nil, err
	}
	g.tables[o.Address] = t
	return t, nil
}

func since(start time.Time) float64 { return time.Since(start).Seconds() }
