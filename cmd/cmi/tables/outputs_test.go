package tables

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
)

// TestEveryOutputOfText writes what comes as text in every format: the memory of a piece is used again for another one, and what a
// sink has taken must not change with it.
func TestEveryOutputOfText(t *testing.T) {
	t.Parallel()
	s := airlineSurvey(t, 140_000) // more than a row group
	for row := range s.rows {
		if row%500 != 0 {
			s.rows[row] = s.rows[row%500]
		}
	}
	want := make([]scored, len(s.rows))
	for row := range s.rows {
		if row < 500 || row%500 == 0 {
			want[row] = s.want(row)
			continue
		}
		id := s.response(row).GetResponseId()
		want[row] = want[row%500]
		want[row].id = id
	}
	in := Place{File: s.write(t, CSV), Format: CSV}
	for _, format := range []Format{Parquet, ArrowFile} {
		job := &Job{Questionnaire: s.q, Scorer: s.scorer, In: in, Out: Place{File: filepath.Join(t.TempDir(), "out"), Format: format}}
		if _, err := job.Run(t.Context()); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		table := readTable(t, job.Out)
		got := make([]scored, len(table))
		for row := range table {
			got[row] = result(table[row])
		}
		compare(t, format, got, want)
		if format == Parquet {
			checkBounds(t, job.Out.File, table)
		}
	}
}

// checkBounds holds what a Parquet file says of the ids in each row group, which readers trust, to the ids.
func checkBounds(t *testing.T, name string, table [][]string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if r.NumRowGroups() < 2 {
		t.Errorf("%d rows are in %d row group", len(table), r.NumRowGroups())
	}
	from := 0
	for k := range r.NumRowGroups() {
		group := r.MetaData().RowGroup(k)
		chunk, err := group.ColumnChunk(0)
		if err != nil {
			t.Fatal(err)
		}
		known, err := chunk.Statistics()
		if err != nil {
			t.Fatal(err)
		}
		low, high := table[from][0], table[from][0]
		for _, cells := range table[from : from+int(group.NumRows())] {
			low, high = min(low, cells[0]), max(high, cells[0])
		}
		of, ok := known.(*metadata.ByteArrayStatistics)
		if !ok || string(of.Min()) != low || string(of.Max()) != high {
			t.Errorf("row group %d runs from %s to %s; it says %v", k, low, high, known)
		}
		from += int(group.NumRows())
	}
}
