package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/customer-momentum/cmi/bench/profile"
	"github.com/customer-momentum/cmi/bench/target"
)

// question is a line that a child process is sent, answer the line that it sends back.
type question struct {
	// Way is how the child is to score its table again and again, for some seconds.
	Way     string
	Seconds float64
	// Profile is what to write from now on; without paths, what was begun is ended. It is nil beside a Way.
	Profile *profile.Order `json:",omitempty"`
	// Usage asks what the process has used so far, instead.
	Usage bool `json:",omitempty"`
}

type answer struct {
	Fault string `json:",omitempty"`
	worked
	// Address and Key are those of a service, in its first answer.
	Address, Key string `json:",omitempty"`
}

// worked is what a turn came to.
type worked struct {
	Rows, Seconds, CPU, Allocations float64
}

// child is this program again in another role, which keeps its table from turn to turn. It ends when its stdin does.
type child struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	in      *json.Decoder
	out     *json.Encoder
	ready   answer
}

// spawn starts a child with flags of its own, and waits until it is ready.
func spawn(ctx context.Context, role string, flags ...any) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	words := []string{"-role", role}
	for _, flag := range flags {
		words = append(words, fmt.Sprint(flag))
	}
	c := &child{command: exec.CommandContext(ctx, self, words...)} //nolint:gosec // it is this program
	c.command.Stderr = os.Stderr
	if c.stdin, err = c.command.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.out = json.NewDecoder(bufio.NewReader(stdout)), json.NewEncoder(c.stdin)
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	if err := c.in.Decode(&c.ready); err != nil {
		return nil, errors.Join(fmt.Errorf("%s did not start: %w", role, err), c.end())
	}
	return c, nil
}

func (c *child) ask(q question) (worked, error) {
	if err := c.out.Encode(q); err != nil {
		return worked{}, err
	}
	var a answer
	if err := c.in.Decode(&a); err != nil {
		return worked{}, err
	}
	if a.Fault != "" {
		return worked{}, errors.New(a.Fault)
	}
	return a.worked, nil
}

func (c *child) end() error { return errors.Join(c.stdin.Close(), c.command.Wait()) }

// play says that it is ready, and answers the questions on stdin until it ends; score scores all rows once.
func play(ready answer, rows int, score func(way string) error) error {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	if err := out.Encode(ready); err != nil {
		return err
	}
	profiles := &profile.Writer{}
	for {
		var q question
		if err := in.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a, err := answer{}, error(nil)
		switch {
		case q.Profile != nil:
			err = profiles.Turn(*q.Profile)
		case q.Usage:
			used := target.Used()
			a.worked = worked{CPU: used.CPU, Allocations: float64(used.Allocations)}
		default:
			a.worked, err = work(rows, q, score)
		}
		if err != nil {
			a.Fault = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

// work scores all rows as often as it can in the time, at least once.
func work(rows int, q question, score func(way string) error) (w worked, err error) {
	before, start := target.Used(), time.Now()
	for w.Seconds == 0 || w.Seconds < q.Seconds {
		if err := score(q.Way); err != nil {
			return w, err
		}
		w.Rows += float64(rows)
		w.Seconds = time.Since(start).Seconds()
	}
	after := target.Used()
	w.CPU, w.Allocations = after.CPU-before.CPU, float64(after.Allocations-before.Allocations)
	return w, nil
}
