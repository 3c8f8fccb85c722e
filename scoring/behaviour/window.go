// Package behaviour measures what a customer does from the interactions that are recorded of them: how often, how evenly
// over the kinds, and how lately.
//
// The measures are pure functions of the interactions and an explicit time. Times are microseconds since 1970 UTC, within
// the years 1 to 9999.
package behaviour

import (
	"math"
	"sort"
)

// day is in microseconds.
const day = 24 * 60 * 60 * 1_000_000

// What is taken for granted, in days.
const (
	defaultWindow   = 180
	defaultHalfLife = 90
)

// Window says which interactions count, and how much.
type Window struct {
	// WindowDays is how far back it reaches, above 0.
	WindowDays float64
	// HalfLifeDays is the age at which an interaction weighs half as much as a present one, above 0.
	HalfLifeDays float64
}

// DefaultWindow gives the usual one: 180 days, with a half-life of 90.
func DefaultWindow() Window { return Window{WindowDays: defaultWindow, HalfLifeDays: defaultHalfLife} }

// span finds the n times, given in order, that lie in the window (at-window, at]: they are the ones from start up to, and
// without, end.
func (w Window) span(n int, time func(k int) int64, at int64) (start, end int) {
	end = sort.Search(n, func(k int) bool { return time(k) > at })
	reach := float64(w.WindowDays * day)
	start = sort.Search(end, func(k int) bool { return float64(at-time(k)) < reach })
	return start, end
}

// weight is that of one interaction by its age: 0.5^(age / half-life).
func (w Window) weight(time, at int64) float64 {
	return math.Exp2(-float64(at-time) / day / w.HalfLifeDays)
}
