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

	"github.com/customer-momentum/cmi/bench/target"
)

// child is this program again, in a process of its own and another role. It ends when its stdin does, so none is left behind
// when this one dies.
type child struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	in      *json.Decoder
	out     *json.Encoder
	// target is where it listens, where it is a target.
	target target.Target
}

// spawn starts a child and waits until it is ready.
func spawn(ctx context.Context, role, kind string, at target.Place) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{command: exec.CommandContext(ctx, self, "-role", role, "-kind", kind, "-dir", at.Dir, "-postgres", at.Postgres)} //nolint:gosec // it is this program
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
	if err := c.in.Decode(&c.target); err != nil {
		return nil, errors.Join(fmt.Errorf("the %s %s did not start: %w", role, kind, err), c.end())
	}
	return c, nil
}

func (c *child) ask(q question) (answer, error) {
	if err := c.out.Encode(q); err != nil {
		return answer{}, err
	}
	var a answer
	if err := c.in.Decode(&a); err != nil {
		return answer{}, err
	}
	if a.Fault != "" {
		return answer{}, errors.New(a.Fault)
	}
	return a, nil
}

func (c *child) used() (target.Usage, error) {
	a, err := c.ask(question{Usage: true})
	return a.Usage, err
}

func (c *child) end() error { return errors.Join(c.stdin.Close(), c.command.Wait()) }
