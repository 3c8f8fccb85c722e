package report

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// figure is one thing that a report says: a number with what there is to know about it, or words.
type figure struct {
	value, low, high, level *float64
	// n is how many it rests on, where that is not what the row says.
	n *int32
	// statistic, freedom and p are of a test.
	statistic, freedom, p *float64
	words                 string
}

// estimated is an estimate; one that cannot be said is an empty figure.
func estimated(e *cmiv1.Estimate) figure {
	if e == nil {
		return figure{}
	}
	return figure{value: e.Value, low: e.Low, high: e.High, level: e.Level}
}

// estimatedOf is an estimate that rests on so many.
func estimatedOf(e *cmiv1.Estimate, n int32) figure {
	f := estimated(e)
	f.n = &n
	return f
}

// tested is a difference with its test.
func tested(d *cmiv1.Difference) figure {
	if d == nil {
		return figure{}
	}
	f := estimated(d.GetEstimate())
	f.statistic, f.freedom, f.p = d.Statistic, d.Freedom, d.PValue
	return f
}

// counted is a number of people or things.
func counted(n int32) figure {
	v := float64(n)
	return figure{value: &v}
}

// bare is a number of which no more is known.
func bare(v *float64) figure { return figure{value: v} }

// said is words.
func said(words string) figure { return figure{words: words} }

// finite tells whether a number is there and can be written, also in percent.
func finite(v *float64) bool {
	const most = 1e300
	return v != nil && math.Abs(*v) <= most // which NaN is not
}

// drawable tells whether a number can be drawn: beyond some size an axis has no room for its ends.
func drawable(v *float64) bool {
	const most = 1e15
	return finite(v) && math.Abs(*v) < most
}

// absent tells whether there is nothing to say.
func (f figure) absent() bool { return !finite(f.value) && f.words == "" }

// ranged tells whether there is an interval.
func (f figure) ranged() bool { return finite(f.low) && finite(f.high) }
