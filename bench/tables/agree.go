package main

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/duckdb/duckdb-go/mapping"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/scoring"
)

// agreement is how far figures may be apart.
const agreement = 1e-9

// agree compares the results of the engine and of DuckDB in every row.
func agree(rows, items int) error {
	ours, err := newKernel(rows, items)
	if err != nil {
		return err
	}
	if err := ours.score(); err != nil {
		return err
	}
	theirs, err := openDuck()
	if err != nil {
		return err
	}
	defer theirs.close()
	if err := theirs.load(rows, items); err != nil {
		return err
	}
	return compare(ours, theirs, items)
}

// compare compares the results of the engine with those that DuckDB comes to.
func compare(ours *kernel, theirs *duck, items int) error {
	row := 0
	err := theirs.query(scoreSQL(items, "answers", false), func(chunk mapping.DataChunk) error {
		v := viewOf(chunk)
		for i := range v.rows {
			if why := v.differs(i, &ours.results[row/batchRows], row%batchRows); why != "" {
				return fmt.Errorf("row %d: %s", row, why)
			}
			row++
		}
		return nil
	})
	if err == nil && row != ours.rows {
		err = fmt.Errorf("DuckDB scored %d rows of %d", row, ours.rows)
	}
	return err
}

// view is a chunk of DuckDB's results.
type view struct {
	rows           int
	status, bucket []int8
	figures        [1 + pillars][]float64
	display        []int32
	valid          [4 + pillars]unsafe.Pointer
}

func viewOf(chunk mapping.DataChunk) view {
	v := view{rows: int(mapping.DataChunkGetSize(chunk))}
	at := func(k int) mapping.Vector {
		vector := mapping.DataChunkGetVector(chunk, mapping.IdxT(k))
		v.valid[k] = mapping.VectorGetValidity(vector)
		return vector
	}
	v.status, v.bucket = vectorOf[int8](at(0), v.rows), vectorOf[int8](at(1), v.rows)
	for k := range v.figures {
		v.figures[k] = vectorOf[float64](at(2+k), v.rows)
	}
	v.display = vectorOf[int32](at(len(v.valid)-1), v.rows)
	return v
}

func (v *view) has(k, i int) bool {
	return v.valid[k] == nil || mapping.ValidityRowIsValid(v.valid[k], mapping.IdxT(i))
}

// differs says what is different in a row; nothing where all is the same.
func (v *view) differs(i int, s *scoring.ColumnScores, at int) string {
	if got := cmiv1.ScoreStatus(v.status[i]); got != s.Status[at] {
		return fmt.Sprintf("status %v, and %v of DuckDB", s.Status[at], got)
	}
	bucket, display := cmiv1.Bucket(0), int32(0)
	if v.has(1, i) {
		bucket = cmiv1.Bucket(v.bucket[i])
	}
	if v.has(len(v.valid)-1, i) {
		display = v.display[i]
	}
	if bucket != s.Bucket[at] || display != s.Display[at] {
		return fmt.Sprintf("%v and %d points, and %v and %d of DuckDB", s.Bucket[at], s.Display[at], bucket, display)
	}
	for k, ours := range [][]float64{s.CMI, s.Pillars[0], s.Pillars[1], s.Pillars[2]} {
		has := !math.IsNaN(ours[at])
		if has != v.has(2+k, i) || has && !(math.Abs(ours[at]-v.figures[k][i]) <= agreement) {
			return fmt.Sprintf("figure %d is %v, and %v of DuckDB", k, ours[at], v.figures[k][i])
		}
	}
	return ""
}
