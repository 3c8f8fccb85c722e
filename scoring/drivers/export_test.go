package drivers

import "testing"

// AnalyzeSmall is Analyze of a table that may be too small for a report.
func AnalyzeSmall(t *testing.T, table Table, method Method) *Analysis {
	t.Helper()
	rows := make([]int, len(table.Target))
	for row := range rows {
		rows[row] = row
	}
	a, unsaid := table.analyze(rows, method)
	if unsaid != nil {
		t.Fatal(unsaid)
	}
	return a
}
