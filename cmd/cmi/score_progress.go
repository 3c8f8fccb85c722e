package main

import (
	"fmt"
	"io"
	"time"

	"github.com/customer-momentum/cmi/cmd/cmi/tables"
)

// scoreBar shows on a terminal how far the scoring of a table is.
type scoreBar struct {
	*bar
	since time.Time
}

func newScoreBar(w io.Writer) scoreBar { return scoreBar{newBar(w, "Scoring", ""), time.Now()} }

// reach shows how far it is.
func (b scoreBar) reach(p tables.Progress) {
	b.say(func() string { return scorePace(p, time.Since(b.since)) })
	b.bar.reach(p.Done, p.Total)
}

// scorePace says how many rows are done, how fast, and how long the rest will take, by the part of the file that was read.
func scorePace(p tables.Progress, took time.Duration) string {
	text := plural(int(p.Rows), "row")
	if took <= 0 {
		return text
	}
	text += fmt.Sprintf(", %.0f a second", float64(p.Rows)/took.Seconds())
	if p.Total <= 0 || p.Done <= 0 || p.Done > p.Total {
		return text
	}
	left := time.Duration(float64(took) * float64(p.Total-p.Done) / float64(p.Done)).Round(time.Second)
	return text + fmt.Sprintf(", %s left", left)
}
