package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressSaysRateAndTimeLeft(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	at := time.Unix(1000, 0)
	p := &progress{to: &to, total: 1000, now: func() time.Time { return at }}
	p.begin("responses")
	at = at.Add(between - 1)
	p.reach(10) // too soon
	at = at.Add(2*time.Second - between + 1)
	p.reach(100)
	// 100 in 2 seconds: the other 900 take 18.
	if want := "\rresponses: 100 of 1000 customers, 50 a second, 18s left\x1b[K"; to.String() != want {
		t.Errorf("it shows %q, want %q", to.String(), want)
	}
	p.end()
	if !strings.HasSuffix(to.String(), "\r\x1b[K") {
		t.Errorf("in the end it leaves %q", to.String())
	}
}

func TestProgressIsQuietWithoutATerminal(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	p := newProgress(&to, 10)
	p.begin("responses")
	p.shown = p.shown.Add(-time.Hour)
	p.reach(5)
	p.end()
	if to.Len() > 0 {
		t.Errorf("it writes %q", to.String())
	}
}
