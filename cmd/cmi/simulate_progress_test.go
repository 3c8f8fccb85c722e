package main

import (
	"bytes"
	"testing"
	"time"
)

func TestSimulateBarShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	// 100 in 2 seconds: the other 900 take 18.
	if got, want := simulatePace(100, 1000, 2*time.Second), "100 of 1000 customers, 50 a second, 18s left"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	var to bytes.Buffer
	b := &simulateBar{bar: drawBar(&to, lineWidth, "", ""), customers: 1000}
	b.begin("responses")
	b.reach(100)
	b.end()
	says(t, to.String(), "responses", "100 of 1000 customers")
}
