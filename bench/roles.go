package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/customer-momentum/cmi/bench/load"
	"github.com/customer-momentum/cmi/bench/profile"
	"github.com/customer-momentum/cmi/bench/target"
	"github.com/customer-momentum/cmi/server"
)

// question is a line that a child process is sent, answer the line that it sends back. Exactly one field of a question is
// set.
type question struct {
	Load    *load.Order    `json:",omitempty"` // to the load generator
	Insert  int            `json:",omitempty"` // to a target that inserts
	Usage   bool           `json:",omitempty"`
	Profile *profile.Order `json:",omitempty"` // ends with the next Profile without paths
}

type answer struct {
	Fault  string `json:",omitempty"`
	Report load.Report
	Usage  target.Usage
}

// playTarget runs a target until stdin ends.
func playTarget(ctx context.Context, kind string, at target.Place) error {
	// Both sides of a row collect garbage as `cmi serve` does: a ratio is of what they do, not of how their process is set.
	server.RelaxCollector()
	t, err := target.Start(ctx, kind, at)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(t); err != nil {
		return err
	}
	p := &profile.Writer{}
	err = converse(func(q question) (a answer, err error) {
		switch {
		case q.Insert > 0:
			start := time.Now()
			err = t.Insert(ctx, q.Insert)
			a.Report = load.Report{Responses: q.Insert, Seconds: time.Since(start).Seconds()}
		case q.Profile != nil:
			err = p.Turn(*q.Profile)
		case q.Usage:
			a.Usage = target.Used()
		}
		return a, err
	})
	return errors.Join(err, t.Close())
}

// playLoad runs the load generator until stdin ends.
func playLoad(ctx context.Context) error {
	g := load.New()
	if _, err := fmt.Println("{}"); err != nil {
		return err
	}
	err := converse(func(q question) (a answer, err error) {
		if q.Load != nil {
			a.Report, err = g.Run(ctx, *q.Load)
		}
		a.Usage = target.Used()
		return a, err
	})
	return errors.Join(err, g.Close())
}

// converse answers the questions on stdin.
func converse(reply func(question) (answer, error)) error {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var q question
		if err := in.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a, err := reply(q)
		if err != nil {
			a.Fault = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}
