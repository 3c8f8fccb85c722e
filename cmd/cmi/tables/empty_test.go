package tables

import (
	"os"
	"path/filepath"
	"testing"
)

// TestTablesWithoutRows makes tables without rows of such.
func TestTablesWithoutRows(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 0)
	for _, from := range []Format{CSV, Parquet, Arrow, ArrowFile} {
		in := Place{File: s.write(t, from), Format: from}
		for _, format := range []Format{CSV, JSONLines, Parquet, Arrow, ArrowFile} {
			job := &Job{Questionnaire: s.q, Scorer: s.scorer, In: in, Out: Place{File: filepath.Join(t.TempDir(), "out"), Format: format}}
			summary, err := job.Run(t.Context())
			if err != nil {
				t.Errorf("%s to %s: %v", from, format, err)
				continue
			}
			if rows := readTable(t, job.Out); len(rows) != 0 || summary.Rows != 0 {
				t.Errorf("%s to %s: there are %d rows", from, format, len(rows))
			}
		}
	}
}

// TestParquetThroughAPipe copies what comes, and leaves nothing behind.
func TestParquetThroughAPipe(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	s := airlineSurvey(t, 100)
	data, err := os.ReadFile(s.write(t, Parquet))
	if err != nil {
		t.Fatal(err)
	}
	for _, long := range []*Long{nil, {"@response_id", "status", "none"}} {
		job, _ := smallJob(t, string(data), Parquet)
		job.Questionnaire, job.Scorer, job.Long = s.q, s.scorer, long
		if _, err := job.Run(t.Context()); (err == nil) != (long == nil) {
			t.Errorf("the error is %v", err)
		}
	}
	left, err := filepath.Glob(filepath.Join(folder, "cmi-score-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left (%v)", left, err)
	}
}
