package scoring

import (
	"math"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// count is a number of times or things, without an upper end.
type count struct {
	logSaturation float64 // ln(1 + saturation), above 0
}

// score gives 100 min(1, ln(1 + x) / ln(1 + saturation)): equal steps in ratio, not in number. It answers false for a
// number that is negative or not finite.
func (c *count) score(x float64) (float64, bool) {
	if !(x >= 0) || math.IsInf(x, 1) {
		return 0, false
	}
	return logShare(x, c.logSaturation), true
}

func (c *count) allowed() string { return "numbers of 0 or more are" }

// logShare gives 100 min(1, ln(1 + x) / logSaturation) for an x of 0 or more.
func logShare(x, logSaturation float64) float64 {
	return 100 * min(1, math.Log1p(x)/logSaturation)
}

// compileCount checks the saturation.
func compileCount(m *cmiv1.Count, at string, f *faults) *count {
	f.positive(at, ".saturation", m.GetSaturation())
	return &count{logSaturation: math.Log1p(m.GetSaturation())}
}
