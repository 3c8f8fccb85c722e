package drivers

import "math"

// Method is how explained variance is shared out.
type Method int

// The methods. Auto is LMG as long as that is exact, and Johnson beyond.
const (
	Auto Method = iota
	LMG
	Johnson
)

const (
	// MostLMG is how many predictors LMG takes: it looks at each of their sets.
	MostLMG = 12
	// MostPredictors is how many any model takes.
	MostPredictors = 100
)

// Share is what a predictor is associated with.
type Share struct {
	// Share is the part of the target's variance, from 0 to R2 (beyond by rounding alone).
	Share float64
	// Correlation is that with the target alone, from -1 to 1. Its sign is the direction in which the two go together.
	Correlation float64
}

// Analysis is a model.
type Analysis struct {
	// Method is LMG or Johnson.
	Method Method
	// N is how many rows it was made of, and R2 the part of the target's variance that all predictors explain together.
	N  int
	R2 float64
	// Shares are in the order of the predictors, and add up to R2.
	Shares []Share
}

// Analyze makes a model of a table, of which rows with gaps are left out. The error is an [*Unsaid].
func Analyze(t Table, method Method) (*Analysis, error) {
	if unsaid := t.check(); unsaid != nil {
		return nil, unsaid
	}
	return t.moments().Analyze(method)
}

// Analyze makes a model of all rows. The error is an [*Unsaid].
func (m *Moments) Analyze(method Method) (*Analysis, error) {
	return m.AnalyzeFrom(method, PerPredictor)
}

// AnalyzeFrom is Analyze with another number of rows that each predictor needs.
func (m *Moments) AnalyzeFrom(method Method, perPredictor int) (*Analysis, error) {
	k := m.Predictors()
	if k == 0 || k > MostPredictors || method == LMG && k > MostLMG {
		return nil, &Unsaid{Reason: Predictors, Predictor: -1, N: m.n}
	}
	if m.n < Needed(k, perPredictor) {
		return nil, &Unsaid{Reason: TooFew, Predictor: -1, N: m.n}
	}
	a, unsaid := m.model(method.of(k))
	if unsaid != nil {
		return nil, unsaid
	}
	return a, nil
}

func (m Method) of(predictors int) Method {
	switch {
	case m != Auto:
		return m
	case predictors <= MostLMG:
		return LMG
	default:
		return Johnson
	}
}

// model makes a model of however few rows.
func (m *Moments) model(method Method) (*Analysis, *Unsaid) {
	r, unsaid := m.correlate()
	if unsaid != nil {
		return nil, unsaid
	}
	shares, ok := r.share(method)
	if !ok {
		return nil, &Unsaid{Reason: Collinear, Predictor: m.Predictors() - 1, N: m.n}
	}
	a := &Analysis{Method: method, N: m.n, Shares: make([]Share, len(shares))}
	for j, share := range shares {
		a.Shares[j] = Share{Share: share, Correlation: max(-1, min(1, r[j][len(shares)]))}
		a.R2 += share
	}
	a.R2 = math.Min(1, a.R2)
	return a, nil
}

func (r correlations) share(method Method) ([]float64, bool) {
	if method == Johnson {
		return r.johnson()
	}
	return r.lmg(), true
}
