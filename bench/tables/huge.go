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

// huge is what one very long table came to.
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
	if err := child.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	h, err := watch(child.Process.Pid, rows, ended)
	if err != nil {
		return nil, errors.Join(err, errors.New(said.String()))
	}
	return h, nil
}

// measureStream sends a very long table to a service of its own over one stream, and looks at the memory of the service.
func measureStream(ctx context.Context, dir string, rows int) (_ *huge, err error) {
	service, err := spawn(ctx, roleServe, "-home", dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, service.end()) }()
	client, err := spawn(ctx, roleClient, "-table", min(rows, 16*batchRows), "-address", service.ready.Address, "-key", service.ready.Key)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, client.end()) }()
	ended := make(chan error, 1)
	go func() {
		_, err := client.ask(question{Way: fmt.Sprint(rows)})
		ended <- err
	}()
	return watch(service.command.Process.Pid, rows, ended)
}

// watch looks at the memory of a process until something ended.
func watch(pid, rows int, ended <-chan error) (*huge, error) {
	var samples []float64
	start, tick := time.Now(), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			h := &huge{rows: rows, seconds: time.Since(start).Seconds()}
			h.early, h.late = split(samples)
			return h, err
		case <-tick.C:
			samples = append(samples, resident(pid))
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
