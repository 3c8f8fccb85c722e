package main

import (
	"bytes"
	"testing"
	"time"
)

func TestBarShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	b := drawBar(&to, lineWidth, "Counting", "nothing yet")
	b.reach(1, 2)
	b.end()
	says(t, to.String(), "Counting", "nothing yet")
	to.Reset()
	b = drawBar(&to, lineWidth, "Counting", "nothing yet")
	b.do("Adding")
	b.say(func() string { return "one of two" })
	b.end()
	says(t, to.String(), "Adding", "one of two")
}

func TestBarIsQuietWithoutATerminal(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	b := newBar(&to, "Counting", "nothing yet")
	b.do("Adding")
	b.say(func() string { return "one of two" })
	b.reach(1, 2)
	b.end()
	if to.Len() > 0 || b.shows() {
		t.Errorf("it writes %q", to.String())
	}
}

func TestPaceSaysRateAndTimeLeft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		done, left int64
		took       time.Duration
		want       string
	}{
		{0, 900, time.Second, ""},
		{100, 900, 0, ""},
		{100, 900, 2 * time.Second, ", 50 a second, 18s left"},
		{1, 1_000_000, time.Minute, ", 0 a second, 16666h40m0s left"},
	} {
		if got := pace(c.done, c.left, c.took); got != c.want {
			t.Errorf("%d done, %d left, after %s: %q, want %q", c.done, c.left, c.took, got, c.want)
		}
	}
}
