package main

import (
	"fmt"
	"io"
	"time"
)

// simulateBar shows on a terminal how far a population is, one of its parts after the other.
type simulateBar struct {
	*bar
	customers int
	since     time.Time
}

func newSimulateBar(w io.Writer, customers int) *simulateBar {
	return &simulateBar{bar: newBar(w, "Simulating", ""), customers: customers}
}

// begin starts to show something else.
func (b *simulateBar) begin(what string) {
	b.do(what)
	b.since = time.Now()
	b.reach(0)
}

// reach says that so many customers are done.
func (b *simulateBar) reach(done int) {
	since := b.since
	b.say(func() string { return simulatePace(done, b.customers, time.Since(since)) })
	b.bar.reach(int64(done), int64(b.customers))
}

// simulatePace says how many customers are done in a time, how fast, and how long the rest will take.
func simulatePace(done, customers int, took time.Duration) string {
	return fmt.Sprintf("%d of %s", done, plural(customers, "customer")) + pace(int64(done), int64(customers-done), took)
}
