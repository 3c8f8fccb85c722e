package drivers

import "testing"

// AnalyzeSmall is Analyze of a table that may be too small for a report.
func AnalyzeSmall(t *testing.T, table Table, method Method) *Analysis {
	t.Helper()
	a, unsaid := table.moments().model(method)
	if unsaid != nil {
		t.Fatal(unsaid)
	}
	return a
}

// Counts are how often a draw takes each of some rows.
func Counts(rows int, seed uint64, draw int) []uint32 {
	counts := make([]uint32, rows)
	count(counts, seed, draw)
	return counts
}

// Quantile is that of sorted figures.
var Quantile = quantile
