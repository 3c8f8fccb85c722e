// Package keyweight computes Key Weights: how sure the figures of a customer are, by how long and how often they have
// experienced the company. A Key Weight says nothing of how important a customer is.
//
// All is a pure function of its inputs and an explicit time. Times are microseconds since 1970 UTC, within the years 1 to
// 9999.
package keyweight

import (
	"fmt"
	"math"
	"strconv"

	"github.com/customer-momentum/cmi/scoring/behaviour"
)

// What is taken for granted.
const (
	defaultHalfMonths = 12
	defaultSaturation = 30.0 / 7 // per 30 days: once a week
)

// Constants are what Key Weights depend on beside the customer. Weights by different constants do not compare.
type Constants struct {
	// HalfMonths is the tenure, in months, that is worth half; above 0.
	HalfMonths float64
	// Saturation is the rate, in interactions per 30 days, from which on more of them add nothing; above 0.
	Saturation float64
	// Window says which interactions make up the rate.
	Window behaviour.Window
}

// Default gives the usual constants: 12 months, once a week, and the usual window.
func Default() Constants {
	return Constants{HalfMonths: defaultHalfMonths, Saturation: defaultSaturation, Window: behaviour.DefaultWindow()}
}

// Validate names the first constant that is out of range.
func (c Constants) Validate() error {
	for _, of := range []struct {
		name string
		x    float64
	}{
		{"months that are worth half", c.HalfMonths},
		{"interactions per 30 days that are enough", c.Saturation},
		{"days that the window reaches back", c.Window.WindowDays},
		{"days that halve an interaction's weight", c.Window.HalfLifeDays},
	} {
		if !(of.x > 0) || math.IsInf(of.x, 1) {
			return fmt.Errorf("the number of %s cannot be %v; numbers above 0 are allowed", of.name, of.x)
		}
	}
	return nil
}

// String tells the constants in full, which is also their version: two sets that read the same weigh the same.
func (c Constants) String() string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	return "half " + number(c.HalfMonths) + " months, saturation " + number(c.Saturation) +
		", window " + number(c.Window.WindowDays) + " days, half-life " + number(c.Window.HalfLifeDays) + " days"
}
