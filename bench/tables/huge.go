package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// huge is what one very long file came to.
type huge struct {
	rows    int
	seconds float64
	// early and late are the most memory while the first tenth of the time went by, and in the rest, in bytes.
	early, late float64
}

// measureHuge scores a very long file once, and looks at the memory all the time.
func measureHuge(ctx context.Context, command []string, at filesOf, rows int) (_ *huge, err error) {
	in, out := at.in+".huge"+ending(at.in), at.ours+".huge"+ending(at.in)
	defer func() { err = errors.Join(err, removeAll(in, out)) }()
	if err := makeFile(ctx, in, rows); err != nil {
		return nil, err
	}
	child := exec.CommandContext(ctx, command[0], append(command[1:], in, out)...) //nolint:gosec // our own command
	var said bytes.Buffer
	child.Stderr = &said
	start := time.Now()
	if err := child.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	var samples []float64
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case err := <-ended:
			tick.Stop()
			if err != nil {
				return nil, errors.Join(err, errors.New(said.String()))
			}
			h := &huge{rows: rows, seconds: time.Since(start).Seconds()}
			h.early, h.late = split(samples)
			return h, nil
		case <-tick.C:
			samples = append(samples, resident(child.Process.Pid))
		}
	}
}

// split answers the largest of the first tenth, and of the others.
func split(samples []float64) (early, late float64) {
	for k, bytes := range samples {
		if k <= len(samples)/10 {
			early = max(early, bytes)
		} else {
			late = max(late, bytes)
		}
	}
	return early, late
}

// resident is how much memory a process has, in bytes; 0 where the system does not tell.
func resident(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0
	}
	return kib * 1024
}

func ending(name string) string { return name[strings.LastIndexByte(name, '.'):] }

func removeAll(names ...string) error {
	var failed []error
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
