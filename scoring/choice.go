package scoring

import (
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// choice is one option of several. Without points it is nominal: kept, not scored.
type choice struct {
	options options
	points  []float64 // of each option; nil: nominal
}

// score gives the points of the option, 0..100, and 0 for an option of a nominal choice. It answers false for a value that
// is no option.
func (c *choice) score(value string) (float64, bool) {
	k, ok := c.options.find(value)
	if !ok || c.points == nil {
		return 0, ok
	}
	return c.points[k], true
}

func (c *choice) allowed() string { return "one of " + listed(c.options.values) + " is" }

// compileChoice checks the options and their points.
func compileChoice(m *cmiv1.Choice, at string, f *faults) *choice {
	list := m.GetOptions()
	c := &choice{options: compileOptions(list, 2, at, f)}
	points := 0
	for _, o := range list {
		if o != nil && o.Points != nil {
			points++
		}
	}
	switch {
	case points == 0:
		return c
	case points < len(list):
		f.add(at, ".options", "points on %d of %d options are not allowed; on all of them, or on none for a choice that is not scored, they are",
			points, len(list))
	}
	c.points = make([]float64, len(list))
	for k, o := range list {
		c.points[k] = o.GetPoints()
		if !(c.points[k] >= 0 && c.points[k] <= 100) && k < maxOptions {
			f.add(at, index(".options", k)+".points", "%s is not allowed; numbers from 0 to 100 are", number(c.points[k]))
		}
		if c.points[k] == 0 {
			c.points[k] = 0 // -0 is allowed, and is 0
		}
	}
	return c
}

// nominal reports whether the options leave a choice unscored.
func nominal(m *cmiv1.Choice) bool {
	for _, o := range m.GetOptions() {
		if o != nil && o.Points != nil {
			return false
		}
	}
	return true
}
