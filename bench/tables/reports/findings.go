package main

import (
	"fmt"
	"math"
	"slices"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring/uncertainty"
)

// agreement is how far two figures may lie apart, of figures beyond 1 as a part of them.
const agreement = 1e-6

// findings are what an answer says, by name. What cannot be said is not there.
type findings map[string]float64

func (f findings) put(key, name string, x float64) {
	if !math.IsNaN(x) {
		f[key+name] = x
	}
}

// mean puts in a mean, and the standard deviation that its interval says.
func (f findings) mean(key, name string, of *cmiv1.Estimate, n int32) {
	if of == nil || of.Value == nil {
		return
	}
	f.put(key, name, of.GetValue())
	if of.High != nil {
		f.put(key, name+" spread", (of.GetHigh()-of.GetValue())*math.Sqrt(float64(n))/uncertainty.T(of.GetLevel(), float64(n-1)))
	}
}

// key names a group.
func key(parts ...float64) string {
	text := ""
	for _, part := range parts {
		text += fmt.Sprintf("%.0f ", part)
	}
	return text
}

// agree tells where two answers differ, the service's and DuckDB's.
func agree(ours, theirs findings) error {
	var differ []string
	for name, x := range ours {
		y, there := theirs[name]
		near := math.Abs(x-y) <= agreement*max(1, math.Abs(y)) // false of what is no number
		if !there || !near {
			differ = append(differ, fmt.Sprintf("%s: %v, not %v", name, x, y))
		}
	}
	for name := range theirs {
		if _, there := ours[name]; !there {
			differ = append(differ, name+": nothing")
		}
	}
	if len(differ) == 0 && len(ours) > 0 {
		return nil
	}
	slices.Sort(differ)
	return fmt.Errorf("%d of %d figures differ from DuckDB's: %q", len(differ), len(theirs), differ[:min(5, len(differ))])
}
