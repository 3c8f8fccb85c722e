package drivers

// Quadrant is what to do about a predictor, by its importance and its performance (J. A. Martilla and J. C. James, Importance-performance
// analysis, Journal of Marketing 41, 1977).
type Quadrant int

// The quadrants: important and good, important and not good, neither, and good without being important.
const (
	KeepUp Quadrant = iota + 1
	ConcentrateHere
	LowPriority
	PossibleOverkill
)

// Place says where a predictor stands. The lines between the quadrants are the means of all predictors' importance and performance;
// who is on a line is above it, but for what rounding leaves.
func Place(importance, performance, meanImportance, meanPerformance float64) Quadrant {
	const near = 1e-12
	important := importance >= meanImportance-near*max(1, meanImportance)
	good := performance >= meanPerformance-near*max(1, meanPerformance)
	switch {
	case important && good:
		return KeepUp
	case important:
		return ConcentrateHere
	case good:
		return PossibleOverkill
	default:
		return LowPriority
	}
}
