package tables

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/customer-momentum/cmi/server/columnar"
)

// parcel is what a lane has for the service: the rows whose cells are answers. Whether those are allowed is for the service to say;
// what the engine says of them here tells which item and value it was.
type parcel struct {
	in    *answers
	batch arrow.RecordBatch
	rows  []int // which rows of the lane the batch has
	got   int   // how many of them were answered
	said  map[int]string

	// refused are the rows that would be refused here, with what is wrong with each: rejects up to its end, and why.
	refused []int
	rejects []Reject
	ends    []int
	why     []string
}

// pack makes a parcel of a lane that was scored here.
func (l *lane) pack(in *answers) error {
	p := l.parcel
	p.release()
	p.in, p.got = in, 0
	clear(p.said)
	p.refused = append(p.refused[:0], l.scores.Refused...)
	p.rejects, l.rejects = l.rejects, p.rejects
	p.why, l.why = l.why, p.why
	p.ends, l.ends = l.ends, p.ends
	p.rows = p.rows[:0]
	for row := range l.rows {
		if len(l.bad[row]) == 0 {
			p.rows = append(p.rows, row)
		}
	}
	l.scores.Reset(l.rows)
	var err error
	p.batch, err = gather(in.batch, p.rows)
	return err
}

func (p *parcel) release() {
	if p.batch != nil {
		p.batch.Release()
		p.batch = nil
	}
}

// settle makes the output of a lane whose parcel was answered.
func (l *lane) settle() {
	p := l.parcel
	unsent := make([]int, 0, len(l.bad))
	for row := range l.bad {
		unsent = append(unsent, row)
	}
	l.scores.Refuse(unsent...)
	l.rejects, l.why = l.rejects[:0], l.why[:0]
	for _, row := range l.scores.Refused {
		if k, known := slices.BinarySearch(p.refused, row); known {
			from := 0
			if k > 0 {
				from = p.ends[k-1]
			}
			l.rejects = append(l.rejects, p.rejects[from:p.ends[k]]...)
			l.why = append(l.why, p.why[k])
			continue
		}
		l.rejects = append(l.rejects, l.refusedThere(row, p.said[row]))
		l.why = append(l.why, p.said[row])
	}
	l.count()
	l.output(p.in)
}

// refusedThere is a row that only the service refused.
func (l *lane) refusedThere(row int, said string) Reject {
	kind, _, _ := strings.Cut(said, ":")
	r := Reject{Row: int64(row), Reason: said, kind: kind}
	if at, there := l.refusals.places[columnar.ResponseID]; there && kind == "RESPONSE_EXISTS" {
		r.Item, r.Value = columnar.ResponseID, strings.Clone(l.decoder.cell(row, l.refusals.plan.fields[at].column))
	}
	return r
}

// gather makes a batch of some rows of another, by rising number.
func gather(batch arrow.RecordBatch, rows []int) (arrow.RecordBatch, error) {
	if int64(len(rows)) == batch.NumRows() || len(rows) == 0 {
		return batch.NewSlice(0, int64(len(rows))), nil
	}
	columns := make([]arrow.Array, 0, batch.NumCols())
	defer func() {
		for _, c := range columns {
			c.Release()
		}
	}()
	for _, column := range batch.Columns() {
		var parts []arrow.Array
		for from := 0; from < len(rows); {
			to := from + 1
			for to < len(rows) && rows[to] == rows[to-1]+1 {
				to++
			}
			parts = append(parts, array.NewSlice(column, int64(rows[from]), int64(rows[to-1]+1)))
			from = to
		}
		whole, err := array.Concatenate(parts, memory.DefaultAllocator)
		for _, part := range parts {
			part.Release()
		}
		if err != nil {
			return nil, fmt.Errorf("the rows cannot be put together: %w", err)
		}
		columns = append(columns, whole)
	}
	return array.NewRecordBatch(batch.Schema(), columns, int64(len(rows))), nil
}
